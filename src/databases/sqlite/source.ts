/** What the calls of one SQLite source share. */

import type { Limits } from "../settings.js";
import type { Children } from "./children.js";
import type { SqliteFiles } from "./file.js";

export interface SqliteSource {
  /** For stamps: never inside a transaction. */
  readonly files: SqliteFiles;
  /** For inspections, one after another, each in a transaction of its own. */
  readonly catalog: SqliteFiles;
  readonly children: Children;
  readonly limits: Limits;
}
