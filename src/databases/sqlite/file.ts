/**
 * The file of a SQLite source as our own fixed statements read it: a lazy read-only handle in this process, opened anew when another file
 * took the name (an open handle would serve the old one for ever).
 */

import { statSync } from "node:fs";
import Database from "better-sqlite3";
import { SextantError } from "../../issue.js";
import { openFailure } from "./errors.js";

export class SqliteFile {
  private open: { readonly db: Database.Database; readonly file: string } | undefined;
  constructor(readonly path: string) {}

  /** `dev:inode` of the file that has the name now. @throws SextantError `file_missing`, … */
  identity(): string {
    try {
      const stat = statSync(this.path, { bigint: true });
      if (stat.isDirectory())
        throw new SextantError("not_a_database", "The path of this source is a folder.", { help: "Name a file." });
      return `${stat.dev}:${stat.ino}`;
    } catch (cause) {
      this.close();
      throw openFailure(cause);
    }
  }

  /** @throws SextantError */
  handle(): Database.Database {
    const file = this.identity();
    if (this.open?.file === file) return this.open.db;
    this.close();
    try {
      const db = new Database(this.path, { readonly: true, fileMustExist: true, timeout: 2_000 });
      db.pragma("trusted_schema = 0");
      db.pragma("schema_version"); // reads the header: a file that is no database is found here
      this.open = { db, file };
      return db;
    } catch (cause) {
      throw openFailure(cause);
    }
  }

  close(): void {
    this.open?.db.close();
    this.open = undefined;
  }
}
