/** Public questions as intents of build_query, with the rows of their gold SQL to compare with. Reads the data directory; writes nothing. */

import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import type { TermResolver } from "../src/query/answer.js";
import type { Intent } from "../src/query/intent.js";

export interface IntentLine {
  readonly id: string;
  readonly db_id: string;
  readonly question: string;
  readonly gold_sql: string;
  readonly shape: "rows" | "grouped" | "aggregate";
  readonly select_distinct: boolean;
  readonly measures: readonly {
    readonly id: string;
    readonly agg: string;
    readonly distinct: boolean;
    readonly term: string;
    readonly term_qualified?: string;
    readonly gold: string;
  }[];
  readonly dimensions: readonly {
    readonly id: string;
    readonly term: string;
    readonly term_qualified?: string;
    readonly gold: string;
    readonly selected: boolean;
    readonly grouped: boolean;
  }[];
  readonly filters: readonly {
    readonly term: string;
    readonly term_qualified?: string;
    readonly gold: string;
    readonly op: string;
    readonly value: string | number | null | readonly (string | number)[];
  }[];
  readonly having: readonly { readonly ref: string; readonly op: string; readonly value: number | readonly number[] }[];
  readonly order_by: readonly { readonly ref: string; readonly dir: "asc" | "desc" }[];
  readonly limit: number | null;
  readonly select_order: readonly string[];
  readonly gold_tables: readonly string[];
  readonly gold_joins: readonly (readonly [string, string])[];
  readonly join_class: string;
  readonly extra_tables: readonly { readonly term: string; readonly gold: string }[];
  readonly count_star_grain: string | null;
  readonly gold_judge?: string | null;
  /** How many smallest trees of declared keys join the tables that the terms name, and whether the gold's joins are one of them. */
  readonly join_inference?: {
    readonly n_minimal_trees: number;
    readonly gold_is_a_minimal_tree?: boolean;
    readonly minimal_trees_same_result?: number;
  };
  readonly verify: { readonly gold_exec?: string; readonly limit_tie?: boolean };
  readonly clean: boolean;
  readonly fanout_measures?: readonly string[];
}

/** A resolver that knows nothing: for intents by exact reference. */
export const noTerms: TermResolver = ({ term }) => ({ term, status: "no_match", matches: [], did_you_mean: [] });

export type Wording = "ref" | "term" | "term_qualified";

/** Lines whose gold SQL runs, gives stable rows and reads well. */
export function readLines(path: string): readonly IntentLine[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((l) => l !== "")
    .map((l) => JSON.parse(l) as IntentLine);
}

/** The line as an intent, its terms as Refs or as words. `undefined` where the contract has no such operator. */
export function intentOf(line: IntentLine, wording: Wording, pinJoins = false): Intent | undefined {
  if (line.filters.some((f) => f.op === "not like")) return undefined;
  const say = (x: { readonly term: string; readonly term_qualified?: string; readonly gold: string }) =>
    wording === "ref" ? quoted(x.gold) : wording === "term" ? x.term : (x.term_qualified ?? x.term);
  const filters = line.filters.map((f) => filterOf(f, say));
  const order_by = line.order_by.map((o) => ({ by: o.ref, direction: o.dir }));
  const shared = {
    ...(line.extra_tables.length > 0 ? { tables: line.extra_tables.map(say) } : {}),
    ...(filters.length > 0 ? { filters } : {}),
    ...(line.limit === null ? {} : { limit: line.limit }),
    ...(pinJoins && line.gold_joins.length > 0
      ? { joins: line.gold_joins.map(([from, to]) => ({ from: quoted(from), to: quoted(to) })) }
      : {}),
  };
  // One row has no order, and a column that only orders it makes it several.
  const dimensions =
    line.shape === "aggregate" ? line.dimensions.filter((d) => d.selected || d.grouped) : line.dimensions;
  if (line.shape === "rows") {
    const shown = line.dimensions.filter((d) => d.selected);
    const terms = new Map(line.dimensions.map((d) => [d.id, say(d)]));
    const asked = new Set(shown.map((d) => d.id));
    return {
      columns: shown.map((d) => ({ term: say(d), as: d.id })),
      ...(line.select_distinct ? { distinct: true } : {}),
      ...(order_by.length > 0
        ? { order_by: order_by.map((o) => ({ ...o, by: asked.has(o.by) ? o.by : (terms.get(o.by) ?? o.by) })) }
        : {}),
      ...shared,
    } as Intent;
  }
  return {
    measures: line.measures.map((m) => measureOf(m, wording, say)),
    ...(dimensions.length > 0 ? { dimensions: dimensions.map((d) => ({ term: say(d), as: d.id })) } : {}),
    ...(line.having.length > 0
      ? { having: line.having.map((h) => ({ measure: h.ref, op: h.op, value: h.value })) }
      : {}),
    ...(order_by.length > 0 && dimensions.length > 0 ? { order_by } : {}),
    ...shared,
  } as Intent;
}

/** Its `= null` is what the contract calls `is_null`. */
function filterOf(f: IntentLine["filters"][number], say: Say): Record<string, unknown> {
  if (f.value === null)
    return { term: say(f), op: f.op === "!=" || f.op === "is_not_null" ? "is_not_null" : "is_null" };
  return { term: say(f), op: f.op, value: f.value };
}

type Say = (x: { readonly term: string; readonly term_qualified?: string; readonly gold: string }) => string;

function measureOf(m: IntentLine["measures"][number], wording: Wording, say: Say): Record<string, unknown> {
  if (m.gold === "*") return { term: "*", agg: "count", as: m.id };
  if (m.gold.endsWith(".*")) {
    return wording === "ref"
      ? { term: "*", agg: "count", table: quoted(m.gold.slice(0, -2)), as: m.id }
      : { term: m.term, agg: "count", as: m.id };
  }
  return { term: say(m), agg: m.distinct && m.agg === "count" ? "count_distinct" : m.agg, as: m.id };
}

function quoted(ref: string): string {
  return ref
    .split(".")
    .map((p) => (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(p) || p === "*" ? p : `"${p.replaceAll('"', '""')}"`))
    .join(".");
}

/** What the links leave open of a line: nothing, or why its gold SQL is one of several readings of its terms. */
export type LineKind = "fixed" | "other tables" | "several paths" | "no declared path" | "fan-out";

export function kindOf(line: IntentLine): LineKind {
  if ((line.fanout_measures ?? []).length > 0) return "fan-out";
  const { n_minimal_trees: trees = 1, gold_is_a_minimal_tree: minimal = true } = line.join_inference ?? {};
  if (trees === 0) return "no declared path";
  if (trees > 1) return "several paths";
  return minimal ? "fixed" : "other tables";
}

/**
 * Whether `ours` is `gold` and rows without a match beside it: an inner join drops them, the contract keeps them under NULL (its rules 1, 2).
 * `keyed`: places of the columns that may be NULL so.
 */
export function unmatchedKept(
  ours: readonly (readonly unknown[])[],
  gold: readonly (readonly unknown[])[],
  keyed: readonly number[],
): boolean {
  const key = (r: readonly unknown[]) => JSON.stringify(r.map(cell));
  const left = new Map<string, number>();
  for (const r of gold) left.set(key(r), (left.get(key(r)) ?? 0) + 1);
  for (const r of ours) {
    const count = left.get(key(r)) ?? 0;
    if (count > 0) left.set(key(r), count - 1);
    else if (!keyed.some((k) => r[k] === null)) return false;
  }
  return [...left.values()].every((n) => n === 0);
}

/** Every way to take `wanted` of `width` columns in some order. */
export function arrangements(width: number, wanted: number): readonly (readonly number[])[] {
  if (wanted === 0) return [[]];
  return arrangements(width, wanted - 1).flatMap((some) =>
    Array.from({ length: width }, (_, i) => i)
      .filter((i) => !some.includes(i))
      .map((i) => [...some, i]),
  );
}

/** Whether two answers hold the same rows: as bags, or as sets. Numbers agree to nine digits. */
export function sameRows(
  a: readonly (readonly unknown[])[],
  b: readonly (readonly unknown[])[],
  asSets: boolean,
): boolean {
  const key = (rows: readonly (readonly unknown[])[]) => {
    const texts = rows.map((r) => JSON.stringify(r.map(cell)));
    return (asSets ? [...new Set(texts)] : texts).sort();
  };
  const [left, right] = [key(a), key(b)];
  return left.length === right.length && left.every((t, i) => t === right[i]);
}

function cell(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number") return Number(value.toPrecision(9));
  return value;
}

/** All rows of a statement, as arrays. */
export function rowsOf(db: Database.Database, sql: string, params: readonly unknown[] = []): unknown[][] {
  return db
    .prepare(sql)
    .raw()
    .all(...params) as unknown[][];
}
