/** Makes a SQLite database file from a script, once: for the bundled sample. An existing file of the same script is used as it is. */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";

/** The database's path, in a folder below `folder` named after the script's content; complete or absent, never half made. */
export function sampleDatabase(scriptPath: string, folder: string): string {
  const script = readFileSync(scriptPath, "utf8");
  const path = join(
    folder,
    `sextant-sample-${createHash("sha256").update(script).digest("hex").slice(0, 16)}`,
    "ledger.db",
  );
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const making = mkdtempSync(join(dirname(path), "making-"));
  const draft = join(making, "ledger.db");
  const database = new Database(draft);
  try {
    database.exec(script);
  } finally {
    database.close();
  }
  renameSync(draft, path);
  rmSync(making, { recursive: true });
  return path;
}
