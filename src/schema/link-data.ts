/** What rows say about a candidate link, as numbers beside those of names. Pure: profiles and inclusion checks are arguments. */

import type { Candidate, LinkColumn } from "./link-candidates.js";
import type { LinkEvidence } from "./link-evidence.js";
import type { Signals } from "./link-signals.js";
import { tableKey } from "./names.js";
import type { ColumnStatistics } from "./statistics.js";

export const dataSignals = [
  "checked",
  "all_found",
  "most_found",
  "some_missing",
  "none_found",
  "text_found",
  "many_found",
  "few_values",
  "covers_target",
  "dense_target",
  "key_to_key_found",
  "repeats",
  "found_without_name",
  "found_text_without_name",
  "found_key_like",
  "only_one_holds_all",
] as const;

export type InclusionOf = (candidate: Candidate) => number | undefined;

/** The inclusion answers as a lookup. */
export function inclusionLookup(evidence: LinkEvidence): InclusionOf {
  const known = new Map<string, number>();
  for (const { from, to, share } of evidence.inclusions) {
    if (share !== undefined)
      known.set(pairKey(tableKey(from.table), from.columns, tableKey(to.table), to.columns), share);
  }
  return ({ from, to }) => known.get(pairKey(from.table.key, [from.column.name], to.table.key, [to.column.name]));
}

/** Data signals of the rivals of one column; `named` are their name signals. */
export function dataSignalsOf(
  rivals: readonly Candidate[],
  named: readonly Signals[],
  evidence: LinkEvidence,
  inclusionOf: InclusionOf,
): readonly Signals[] {
  const shares = rivals.map((r) => inclusionOf(r));
  const holders = shares.filter((s) => s === 1).length;
  return rivals.map((rival, i): Signals => {
    const share = shares[i];
    const from = statisticsOf(rival.from, evidence);
    const to = statisticsOf(rival.to, evidence);
    // An empty target holds nothing of anything: no evidence against.
    if (share === undefined || (share === 0 && (to?.distinct ?? 0) === 0)) return {};
    const distinct = from?.distinct ?? 0;
    const all = share === 1;
    const most = share >= 0.95 && !all;
    const text = rival.to.type === "text" && rival.from.type === "text";
    const nameless = named[i]?.no_name_evidence === 1;
    const dense = isDense(to);
    return {
      checked: 1,
      all_found: flag(all),
      most_found: flag(most),
      some_missing: share < 0.95 ? 1 - share : 0,
      none_found: flag(share === 0),
      text_found: flag(all && text && distinct >= 3),
      many_found: all ? Math.min(1, distinct / 20) : 0,
      few_values: flag(distinct > 0 && distinct <= 2),
      covers_target: all ? Math.min(1, distinct / Math.max(1, to?.distinct ?? 1)) : 0,
      dense_target: flag(all && dense),
      key_to_key_found: flag(all && rival.from.primary === "sole"),
      repeats: flag(all && rival.from.primary !== "sole" && distinct > 0 && repeats(from)),
      found_without_name: flag(all && nameless),
      found_text_without_name: flag(all && nameless && text && distinct >= 3),
      found_key_like: flag(all && rival.from.keyLike),
      only_one_holds_all: flag(all && holders === 1),
    };
  });
}

export function pairKey(
  from: string,
  fromColumns: readonly string[],
  to: string,
  toColumns: readonly string[],
): string {
  return JSON.stringify([from, fromColumns, to, toColumns]);
}

function statisticsOf(column: LinkColumn, evidence: LinkEvidence): ColumnStatistics | undefined {
  return evidence.statistics.tables[column.table.key]?.columns[column.column.name];
}

/** Keys 1, 2, 3, … hold any small number: that a column is found among them says little. */
function isDense(to: ColumnStatistics | undefined): boolean {
  if (typeof to?.min !== "number" || typeof to.max !== "number" || to.distinct === undefined) return false;
  return to.distinct >= 0.9 * (to.max - to.min + 1);
}

function repeats(from: ColumnStatistics | undefined): boolean {
  const first = from?.values?.[0];
  return first !== undefined && first.count > 1;
}

function flag(value: boolean): number {
  return value ? 1 : 0;
}
