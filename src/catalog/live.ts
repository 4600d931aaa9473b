/** A source's schema as it is served now, with where it came from and how fresh it is. */

import type { ChangeStamp } from "../databases/connector.js";
import type { Issue } from "../issue.js";
import type { SchemaIdentity } from "../schema/statistics.js";
import type { SchemaView } from "../schema/view.js";

export interface LiveSchema extends SchemaView {
  readonly source: string;
  readonly serverVersion: string;
  readonly identity: SchemaIdentity;
  /** The stamp of the look behind it: in SQLite it proves renames. */
  readonly stamp?: ChangeStamp;
  /** When the database was last seen to have this schema: ISO 8601, UTC. */
  readonly asOf: string;
  readonly origin: "live" | "cache" | "static";
  /** True when the database could not be asked within the freshness bound. */
  readonly stale: boolean;
  /** Words in a column's name that close it, as configured: such columns are told as secret. */
  readonly closedWords?: readonly string[];
  /** Stored values are to be looked at and have not been yet: what only they tell is not known. */
  readonly valuesPending?: true;
  /** What could not be read, what is held back. */
  readonly issues: readonly Issue[];
}
