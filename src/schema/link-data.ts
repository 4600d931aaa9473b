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
  "one_missing",
  "some_missing",
  "none_found",
  "out_of_range",
  "surprising",
  "surprising_nameless",
  "surprising_text",
  "found_nameless",
  "dense_target",
  "spans_target",
  "covers_target",
  "few_values",
  "key_to_key_found",
  "surprising_key",
  "both_sequences",
  "repeats",
  "rivals_found",
  "surprise_lead",
  "surprise_lead_nameless",
] as const;

/** A finding that would come by chance once in ten to this many times is as surprising as one can be. */
const mostSurprising = 6;
/** What one text value found says, in powers of ten a character, and at most. */
const textSurprise = { perCharacter: 0.4, most: 2 } as const;
const uuidSurprise = 6;
const timeSurprise = 1;

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

/** Data signals of the rivals of one column; `named` are their name signals. Empty where nothing is known of a pair. */
export function dataSignalsOf(
  rivals: readonly Candidate[],
  named: readonly Signals[],
  evidence: LinkEvidence,
  inclusionOf: InclusionOf,
): readonly Signals[] {
  const seen = rivals.map((rival) => lookAt(rival, evidence, inclusionOf(rival)));
  const found = seen.filter((s) => s?.share === 1).length;
  return rivals.map((rival, i): Signals => {
    const look = seen[i];
    if (look === undefined) return {};
    if (look.share === undefined) return look.outside ? { out_of_range: 1 } : {};
    const { share, from, to, surprise } = look;
    const distinct = from?.distinct ?? 0;
    const missing = Math.round((1 - share) * distinct);
    const all = share === 1;
    const lead = surprise - Math.max(0, ...seen.map((s, j) => (i === j ? 0 : (s?.surprise ?? 0))));
    const nameless = named[i]?.no_name_evidence === 1;
    return {
      checked: 1,
      all_found: flag(all),
      most_found: flag(share >= 0.95 && !all),
      one_missing: flag(missing === 1 && distinct >= 3),
      some_missing: share < 0.95 ? 1 - share : 0,
      none_found: flag(share === 0),
      surprising: surprise,
      surprising_nameless: nameless ? surprise : 0,
      surprising_text: rival.to.type === "text" ? surprise : 0,
      found_nameless: flag(all && nameless),
      dense_target: flag(all && surprise < 0.05 && rival.to.type === "int"),
      spans_target: all && surprise < 0.05 ? Math.min(1, spanOf(from) / Math.max(1, spanOf(to))) : 0,
      covers_target: all ? Math.min(1, distinct / Math.max(1, to?.distinct ?? 1)) : 0,
      few_values: flag(all && distinct > 0 && distinct <= 2),
      key_to_key_found: flag(all && rival.from.primary === "sole"),
      surprising_key: rival.from.primary === "sole" && lead > 0 ? surprise : 0,
      both_sequences: flag(all && isSequence(from) && isSequence(to) && isUnique(rival.from, from, evidence)),
      repeats: flag(all && distinct > 0 && !isUnique(rival.from, from, evidence)),
      rivals_found: all ? Math.min(1, (found - 1) / 5) : 0,
      surprise_lead: lead,
      surprise_lead_nameless: nameless ? Math.max(0, lead) : 0,
    };
  });
}

interface LookAtRows {
  readonly from: ColumnStatistics | undefined;
  readonly to: ColumnStatistics | undefined;
  readonly share: number | undefined;
  /** How little chance explains that all was found, 0 to 1. */
  readonly surprise: number;
  /** Whether the ranges alone say that some values are missing. */
  readonly outside: boolean;
}

function lookAt(
  { from: source, to: target }: Candidate,
  evidence: LinkEvidence,
  share: number | undefined,
): LookAtRows | undefined {
  const from = statisticsOf(source, evidence);
  const to = statisticsOf(target, evidence);
  // An empty target holds nothing of anything: no evidence against.
  if (to?.distinct === 0 || from?.distinct === 0) return undefined;
  const surprise = share === 1 ? surpriseOf(source, from, to) : 0;
  return { from, to, share, surprise, outside: isOutside(from, to) };
}

/**
 * How unlikely it is that all values of a column lie among a key's by chance: the share of numbers from 1 up to the column's largest that are keys,
 * to the power of its distinct values. Keys 1, 2, 3, … hold any small number: no surprise. Text is judged by its length.
 */
function surpriseOf(source: LinkColumn, from: ColumnStatistics | undefined, to: ColumnStatistics | undefined): number {
  const distinct = from?.distinct ?? 0;
  if (source.type === "uuid") return Math.min(1, (distinct * uuidSurprise) / mostSurprising);
  if (source.type === "time") return Math.min(1, (distinct * timeSurprise) / mostSurprising);
  const [low, high] = rangeOf(to);
  const [, most] = rangeOf(from);
  if (low === undefined || high === undefined || most === undefined) {
    const known = from?.values ?? [];
    const letters = known.reduce((sum, v) => sum + String(v.value).length, 0) / Math.max(1, known.length);
    const each = Math.min(textSurprise.most, letters * textSurprise.perCharacter);
    return Math.min(1, (distinct * each) / mostSurprising);
  }
  const density = Math.min(1, (to?.distinct ?? 1) / (high - low + 1));
  const keys = density * (Math.min(most, high) - low + 1);
  const chance = Math.min(1, Math.max(1e-6, keys / (most - Math.min(1, low) + 1)));
  return Math.min(1, (-Math.log10(chance) * distinct) / mostSurprising);
}

/**
 * The chance that all rows of a composite key are found in another by accident, each column's values being there: the share of the possible
 * combinations that exist, to the power of the rows known to differ. Undefined where the profile does not tell.
 */
export function chanceOfAll(
  from: readonly LinkColumn[],
  to: readonly LinkColumn[],
  evidence: LinkEvidence,
): number | undefined {
  const target = to[0]?.table.key;
  const rows = target === undefined ? undefined : evidence.statistics.tables[target]?.rowEstimate;
  const possible = to.reduce(
    (product, column) => product * (statisticsOf(column, evidence)?.distinct ?? Number.NaN),
    1,
  );
  const differing = Math.max(0, ...from.map((column) => statisticsOf(column, evidence)?.distinct ?? 0));
  if (rows === undefined || !(possible > 0)) return undefined;
  return Math.min(1, rows / possible) ** differing;
}

function isOutside(from: ColumnStatistics | undefined, to: ColumnStatistics | undefined): boolean {
  if (to?.exact !== true) return false;
  const [least, most] = rangeOf(from);
  const [low, high] = rangeOf(to);
  return least !== undefined && most !== undefined && low !== undefined && high !== undefined
    ? most > high || least < low
    : false;
}

/** Least and greatest as numbers; PostgreSQL's profiles hold them as text. */
function rangeOf(column: ColumnStatistics | undefined): readonly [number | undefined, number | undefined] {
  return [numberOf(column?.min), numberOf(column?.max)];
}

function numberOf(value: string | number | undefined): number | undefined {
  if (typeof value === "number") return value;
  return value !== undefined && /^-?\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** How many whole numbers lie between the least and the greatest. */
function spanOf(column: ColumnStatistics | undefined): number {
  const [low, high] = rangeOf(column);
  return low === undefined || high === undefined ? 0 : high - low + 1;
}

function isSequence(column: ColumnStatistics | undefined): boolean {
  const span = spanOf(column);
  return span > 0 && (column?.distinct ?? 0) >= 0.9 * span;
}

/** Whether no value stands twice, as far as the profile says. */
function isUnique(column: LinkColumn, seen: ColumnStatistics | undefined, evidence: LinkEvidence): boolean {
  if (column.primary === "sole" || column.unique) return true;
  const rows = evidence.statistics.tables[column.table.key]?.rowEstimate;
  if (rows === undefined || seen?.distinct === undefined) return false;
  return seen.exact === true && seen.distinct >= Math.floor(rows * (1 - (seen.nullShare ?? 0)));
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

function flag(value: boolean): number {
  return value ? 1 : 0;
}
