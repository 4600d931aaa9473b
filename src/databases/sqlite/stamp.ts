/**
 * The stamp of a SQLite source: which files it is, and the sum of their schema_versions, of which every DDL statement raises one by one (and
 * VACUUM, as noise): one step more is one statement more, in whichever file.
 * Source: https://www.sqlite.org/pragma.html#pragma_schema_version
 */

import type { ChangeStamp } from "../connector.js";
import { openFailure } from "./errors.js";
import type { SqliteFiles } from "./file.js";

export function readStamp(files: SqliteFiles): ChangeStamp {
  const versions = files.all.map((file) => {
    const db = file.handle();
    try {
      return Number(db.pragma("schema_version", { simple: true }));
    } catch (cause) {
      throw openFailure(cause);
    }
  });
  return { schema: `${files.identity()}:${versions.reduce((sum, version) => sum + version, 0)}` };
}
