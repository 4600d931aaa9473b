/**
 * Composite keys that nobody declared: a table that holds, under the same names and types, every column of another's composite primary key.
 * Pure. Proposed only where the shared columns are more than a meeting of the same single keys: the target must own one of them.
 */

import type { LinkColumn, LinkTable } from "./link-candidates.js";
import { mapInSteps, type Steps } from "./steps.js";

export interface CompositeCandidate {
  readonly from: readonly LinkColumn[];
  readonly to: readonly LinkColumn[];
  readonly confidence: number;
}

/** With a part of the key that only the target can own, and without; after a check that found all rows, and one that did not. */
const confidences = { owned: 0.8, shared: 0.35, found: 0.95, missing: 0.05 } as const;

/** All rows found is a finding only where chance explains it less often than this. */
const maxChance = 0.01;

export interface CompositeFacts {
  /** Whether a column leads to some single key. */
  isLinked(column: LinkColumn): boolean;
  /** What an inclusion check found: the share of rows, undefined where none was asked. */
  shareOf(from: readonly LinkColumn[], to: readonly LinkColumn[]): number | undefined;
  /** The chance of finding all rows by accident, 0 to 1; undefined where nothing is known. */
  chanceOf(from: readonly LinkColumn[], to: readonly LinkColumn[]): number | undefined;
}

/** Tables worked through between two stops. */
const tablesAStep = 5;

export function* compositeLinks(
  tables: readonly LinkTable[],
  facts: CompositeFacts,
): Steps<readonly CompositeCandidate[]> {
  const targets = tables.flatMap((table) => {
    const key = table.columns.filter((c) => c.primary === "part");
    return key.length >= 2 ? [{ table, key }] : [];
  });
  // A table holds a whole key only if it holds its first column.
  const byFirst = new Map<string, typeof targets>();
  for (const target of targets) {
    const first = (target.key[0] as LinkColumn).name;
    byFirst.set(first, [...(byFirst.get(first) ?? []), target]);
  }
  if (targets.length === 0) return [];
  const found = yield* mapInSteps(tables, tablesAStep, (table) => {
    const byName = new Map(table.columns.map((c) => [c.name, c]));
    const near = [...byName.keys()].flatMap((name) => byFirst.get(name) ?? []);
    const held = near.flatMap((target): CompositeCandidate[] => {
      const from = target.table === table ? [] : target.key.flatMap((k) => byName.get(k.name) ?? []);
      return mayHold(from, target.key)
        ? [{ from, to: target.key, confidence: confidenceOf(from, target.key, facts) }]
        : [];
    });
    return withoutOverlaps(held);
  });
  return found.flat();
}

function mayHold(from: readonly LinkColumn[], key: readonly LinkColumn[]): boolean {
  if (from.length < key.length || from.some((c, i) => c.type !== key[i]?.type || c.declared)) return false;
  // The same key on both sides: the one with more columns in its key is the detail, else neither is.
  const own = from[0]?.table.columns.filter((c) => c.primary === "part").length ?? 0;
  return from.some((c) => c.primary !== "part") || own > from.length;
}

/** Of several composite keys of a table over the same columns the longest stands; equals cancel each other, for nothing tells them apart. */
function withoutOverlaps(found: readonly CompositeCandidate[]): readonly CompositeCandidate[] {
  return found.filter((mine) =>
    found.every((other) => other === mine || !mine.from.every((c) => other.from.includes(c))),
  );
}

function confidenceOf(from: readonly LinkColumn[], to: readonly LinkColumn[], facts: CompositeFacts): number {
  const { isLinked } = facts;
  const share = facts.shareOf(from, to);
  if (share !== undefined && share < 0.98) return confidences.missing;
  const owned = to.some((k, i) => k.keyLike && !isLinked(k) && from[i] !== undefined && !isLinked(from[i]));
  if (share === undefined) return owned ? confidences.owned : confidences.shared;
  const meant = (facts.chanceOf(from, to) ?? 1) <= maxChance;
  return owned || meant ? confidences.found : confidences.shared;
}
