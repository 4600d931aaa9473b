/** One schema as the thinking rooms see it: the snapshot, its version, what is known beside it, and how its tables relate. */

import type { Relationship } from "./relationships.js";
import type { SchemaSnapshot } from "./snapshot.js";
import type { SchemaStatistics } from "./statistics.js";

export interface SchemaView {
  readonly snapshot: SchemaSnapshot;
  /** `sha256:` + 64 hex, from `fingerprint`. */
  readonly version: string;
  readonly statistics: SchemaStatistics;
  /** Declared, inferred and confirmed links; refused ones are left out. */
  readonly relationships: readonly Relationship[];
}
