/**
 * The sets of tables that a question may need: the likeliest were its tables independent of each other, each as it is and with the tables that join it, and
 * what the probabilities of whole sets say of tables and of the columns they join on. What a set is worth is judged by `set-features.ts`. Pure.
 */

import { joinTables, likeliest, linksOf } from "./join-tree.js";
import type { TermIndex } from "./term-index.js";

export interface TableSet {
  /** Tables, ascending. */
  readonly tables: readonly number[];
  /** Log of its probability were tables independent, over the tables that may be needed at all. */
  readonly logLikelihood: number;
}

/** What the sets, weighed, say. */
export interface WeighedSets {
  /** The likeliest set, and its probability. */
  readonly best: ReadonlySet<number>;
  readonly bestWeight: number;
  /** Probability of each table: that of the sets which hold it. */
  readonly tables: Float32Array;
  /** Probability of each column that it joins two tables of the set; those without are 0. */
  readonly joins: ReadonlyMap<number, number>;
  /** Expected number of tables. */
  readonly size: number;
}

/** Tables that sets are made of: so many of the likeliest, each at least so probable. */
const maxTables = 10;
const leastProbability = 0.02;
/** Sets looked at before what joins them is added, and tables of one. */
const maxSets = 20;
const maxTablesInSet = 6;
/** The likeliest tables are looked at alone as well. */
const maxAlone = 6;
/** No table is certain. */
const surest = 0.999;

/** `probability`: of each table. Sets, likeliest first; one at least where there is a table. */
export function tableSets(index: TermIndex, probability: Float32Array): readonly TableSet[] {
  const likely = likeliest(probability, leastProbability).slice(0, maxTables);
  const known = new Map<string, TableSet>();
  const note = (tables: readonly number[]) => {
    const sorted = tables.toSorted((a, b) => a - b);
    const key = sorted.join(" ");
    if (!known.has(key)) known.set(key, { tables: sorted, logLikelihood: logLikelihood(probability, likely, sorted) });
  };
  for (const tables of likeliestSubsets(probability, likely)) {
    note(tables);
    if (countParts(index, tables) > 1) note([...joinTables(index, probability, tables).tables]);
  }
  for (const table of likely.slice(0, maxAlone)) note([table]);
  return [...known.values()].sort((a, b) => b.logLikelihood - a.logLikelihood);
}

function likeliestSubsets(probability: Float32Array, likely: readonly number[]): readonly (readonly number[])[] {
  const odds = likely.map((t) => Math.log(clamped(probability, t) / (1 - clamped(probability, t))));
  // By subset, bit by bit: log-odds and number of its tables, each from the subset without its last one.
  const sums = new Float64Array(1 << likely.length);
  const sizes = new Uint8Array(sums.length);
  const subsets: number[] = [];
  for (let bits = 1; bits < sums.length; bits += 1) {
    const last = 31 - Math.clz32(bits);
    const without = bits & ~(1 << last);
    sums[bits] = (sums[without] as number) + (odds[last] as number);
    sizes[bits] = (sizes[without] as number) + 1;
    if ((sizes[bits] as number) <= maxTablesInSet) subsets.push(bits);
  }
  return subsets
    .sort((a, b) => (sums[b] as number) - (sums[a] as number) || a - b)
    .slice(0, maxSets)
    .map((bits) => likely.filter((_, i) => (bits & (1 << i)) !== 0));
}

function clamped(probability: Float32Array, table: number): number {
  return Math.min(surest, Math.max(1 - surest, probability[table] as number));
}

function logLikelihood(probability: Float32Array, likely: readonly number[], tables: readonly number[]): number {
  const of = (t: number) => clamped(probability, t);
  let sum = 0;
  for (const t of likely) sum += Math.log(tables.includes(t) ? of(t) : 1 - of(t));
  for (const t of tables) if (!likely.includes(t)) sum += Math.log(of(t));
  return sum;
}

/** How many parts the tables fall into where only what keys join is together. */
export function countParts(index: TermIndex, tables: readonly number[]): number {
  const links = linksOf(index);
  const left = new Set(tables);
  let parts = 0;
  for (const first of tables) {
    if (!left.delete(first)) continue;
    parts += 1;
    const part = [first];
    for (const table of part)
      for (const link of links.get(table) ?? []) if (left.delete(link.table)) part.push(link.table);
  }
  return parts;
}

/** `logs`: log-odds of each set; they are made to sum to 1. */
export function weighSets(index: TermIndex, sets: readonly TableSet[], logs: ArrayLike<number>): WeighedSets {
  const most = sets.reduce((m, _, i) => Math.max(m, logs[i] as number), Number.NEGATIVE_INFINITY);
  const raw = sets.map((_, i) => Math.exp((logs[i] as number) - most));
  const sum = raw.reduce((a, b) => a + b, 0);
  const tables = new Float32Array(index.tables.length);
  const joins = new Map<number, number>();
  let [size, best, bestWeight] = [0, 0, 0];
  for (const [i, set] of sets.entries()) {
    const weight = (raw[i] as number) / sum;
    size += weight * set.tables.length;
    if (weight > bestWeight) [best, bestWeight] = [i, weight];
    for (const t of set.tables) tables[t] = (tables[t] as number) + weight;
    for (const key of joinsWithin(index, set.tables)) joins.set(key, (joins.get(key) ?? 0) + weight);
  }
  return { best: new Set(sets[best]?.tables), bestWeight, tables, joins, size };
}

/** Columns of the tables that refer to another of them, or are referred to. */
export function joinsWithin(index: TermIndex, tables: readonly number[]): ReadonlySet<number> {
  const links = linksOf(index);
  const keys = new Set<number>();
  for (const table of tables)
    for (const link of links.get(table) ?? []) if (tables.includes(link.table)) keys.add(link.own);
  return keys;
}
