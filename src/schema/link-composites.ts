/**
 * Composite keys that nobody declared: a table that holds, under the same names and types, every column of another's composite primary key.
 * Pure. Proposed only where the shared columns are more than a meeting of the same single keys: the target must own one of them.
 */

import type { LinkColumn, LinkTable } from "./link-candidates.js";

export interface CompositeCandidate {
  readonly from: readonly LinkColumn[];
  readonly to: readonly LinkColumn[];
  readonly confidence: number;
}

/** With a part of the key that only the target can own, and without; after a check that found all rows, and one that did not. */
const confidences = { owned: 0.8, shared: 0.35, found: 0.95, missing: 0.05 } as const;

/** `isLinked` says whether a column leads to some single key; `shareOf` what an inclusion check found. */
export function compositeLinks(
  tables: readonly LinkTable[],
  isLinked: (column: LinkColumn) => boolean,
  shareOf: (from: readonly LinkColumn[], to: readonly LinkColumn[]) => number | undefined,
): readonly CompositeCandidate[] {
  const targets = tables.flatMap((table) => {
    const key = table.columns.filter((c) => c.primary === "part");
    return key.length >= 2 ? [{ table, key }] : [];
  });
  const found: CompositeCandidate[] = [];
  for (const table of tables) {
    const byName = new Map(table.columns.map((c) => [c.words.join(" "), c]));
    for (const target of targets) {
      if (target.table === table) continue;
      const from = target.key.flatMap((k) => byName.get(k.words.join(" ")) ?? []);
      if (from.length < target.key.length || from.some((c, i) => c.type !== target.key[i]?.type || c.declared))
        continue;
      // The same key on both sides: the one with more columns in its key is the detail, else neither is.
      if (
        from.every((c) => c.primary === "part") &&
        table.columns.filter((c) => c.primary === "part").length <= from.length
      )
        continue;
      found.push({
        from,
        to: target.key,
        confidence: confidenceOf(from, target.key, isLinked, shareOf(from, target.key)),
      });
    }
  }
  return withoutOverlaps(found);
}

/** Of several composite keys over the same columns the longest stands; equals cancel each other, for nothing tells them apart. */
function withoutOverlaps(found: readonly CompositeCandidate[]): readonly CompositeCandidate[] {
  return found.filter((mine) =>
    found.every((other) => {
      if (other === mine || other.from[0]?.table !== mine.from[0]?.table) return true;
      const within = mine.from.every((c) => other.from.includes(c));
      return !within;
    }),
  );
}

function confidenceOf(
  from: readonly LinkColumn[],
  to: readonly LinkColumn[],
  isLinked: (column: LinkColumn) => boolean,
  share: number | undefined,
): number {
  if (share !== undefined && share < 0.98) return confidences.missing;
  const owned = to.some((k, i) => k.keyLike && !isLinked(k) && from[i] !== undefined && !isLinked(from[i]));
  if (share === undefined) return owned ? confidences.owned : confidences.shared;
  return owned ? confidences.found : confidences.shared;
}
