/**
 * The stamp of a SQLite file: which file it is, and its schema_version, which every DDL statement raises (and VACUUM, as noise).
 * Source: https://www.sqlite.org/pragma.html#pragma_schema_version
 */

import type { ChangeStamp } from "../connector.js";
import { openFailure } from "./errors.js";
import type { SqliteFile } from "./file.js";

export function readStamp(file: SqliteFile): ChangeStamp {
  const db = file.handle();
  try {
    return { schema: `${file.identity()}:${String(db.pragma("schema_version", { simple: true }))}` };
  } catch (cause) {
    throw openFailure(cause);
  }
}
