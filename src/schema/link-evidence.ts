/** What rows say about links: profiles and the answers of inclusion checks. Types alone. */

import type { TableName } from "./snapshot.js";
import type { SchemaStatistics } from "./statistics.js";

export interface LinkEnd {
  readonly table: TableName;
  readonly columns: readonly string[];
}

/** The answer of an inclusion check: the share of values of `from` found in `to`; undefined where `from` is empty. */
export interface Inclusion {
  readonly from: LinkEnd;
  readonly to: LinkEnd;
  readonly share: number | undefined;
}

/** What rows say. */
export interface LinkEvidence {
  readonly statistics: SchemaStatistics;
  readonly inclusions: readonly Inclusion[];
}
