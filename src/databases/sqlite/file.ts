/**
 * The files of a SQLite source as our own fixed statements read them, each by itself: a lazy read-only handle in this process, opened anew when another file
 * took the name (an open handle would serve the old one for ever). Statements over several of them run in child processes (`children.ts`).
 */

import { statSync } from "node:fs";
import Database from "better-sqlite3";
import { SextantError } from "../../issue.js";
import type { AttachedFile } from "../settings.js";
import { openFailure } from "./errors.js";

export class SqliteFile {
  private open: { readonly db: Database.Database; readonly file: string } | undefined;
  private readonly attachedAs: string | undefined;

  /** `schema`: by which name statements call its tables; `main` is the source's own file. */
  constructor(
    readonly path: string,
    readonly schema: string,
  ) {
    this.attachedAs = schema === "main" ? undefined : schema;
  }

  /** `dev:inode` of the file that has the name now. @throws SextantError `file_missing`, … */
  identity(): string {
    try {
      const stat = statSync(this.path, { bigint: true });
      if (stat.isDirectory())
        throw new SextantError("not_a_database", "The path of this source is a folder.", { help: "Name a file." });
      return `${stat.dev}:${stat.ino}`;
    } catch (cause) {
      this.close();
      throw openFailure(cause, this.attachedAs);
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
      throw openFailure(cause, this.attachedAs);
    }
  }

  close(): void {
    this.open?.db.close();
    this.open = undefined;
  }
}

/** A source's own file and those attached to it, in the order in which an unqualified name is looked for. */
export class SqliteFiles {
  readonly all: readonly SqliteFile[];
  constructor(path: string, attached: readonly AttachedFile[]) {
    this.all = [new SqliteFile(path, "main"), ...attached.map((a) => new SqliteFile(a.path, a.schema))];
  }

  /** Tells apart any other set of files under the same names. @throws SextantError */
  identity(): string {
    return this.all.map((file) => file.identity()).join("+");
  }

  close(): void {
    for (const file of this.all) file.close();
  }
}
