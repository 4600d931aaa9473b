/** What the calls of one SQLite source share. */

import type { Limits } from "../settings.js";
import type { Children } from "./children.js";
import type { SqliteFile } from "./file.js";

export interface SqliteSource {
  /** For stamps: never inside a transaction. */
  readonly file: SqliteFile;
  /** For inspections, one after another, each in a transaction of its own. */
  readonly catalog: SqliteFile;
  readonly children: Children;
  readonly limits: Limits;
}
