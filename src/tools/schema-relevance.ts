/**
 * The tables that matter for a topic, best first, and the link tables between them: a question about two tables needs what joins them.
 * The ranking is the terms room's; only an order of reading, never a claim about meaning.
 */

import type { LiveSchema } from "../catalog/live.js";
import { metricTables } from "../query/metric-tables.js";
import { printRef, tableKey } from "../schema/names.js";
import type { Table } from "../schema/snapshot.js";
import type { Glossary } from "../terms/glossary.js";
import { metricsIn } from "../terms/glossary-terms.js";
import { rankTables } from "../terms/table-ranker.js";
import { buildTermIndex } from "../terms/term-index.js";

export interface RankedTable {
  readonly table: Table;
  /** Relevance in [0, 1]. */
  readonly score: number;
}

/** At most this many tables matter for one topic, those with less than this share of the best score do not. */
const maxRelevant = 20;
const leastShare = 0.25;
/** So many of the best are told whatever their share: a map that leaves a needed table out costs more than a line. */
const alwaysTold = 5;
/** Below this a table has nothing to do with the topic. */
const leastScore = 0.02;
/** Tables of a metric that the topic names, and of one that it may mean. */
const ofMetric = 0.9;
const ofLikelyMetric = 0.4;
/** Links are sought between this many of the best tables, over at most this many tables in between. */
const maxLinked = 8;
const maxBetween = 2;

export function relevantTables(
  live: LiveSchema,
  glossary: Glossary,
  tables: readonly Table[],
  about: string,
): readonly RankedTable[] {
  const allowed = new Map(tables.map((table) => [printRef(live.snapshot, table), table]));
  const scores = new Map<Table, number>();
  const raise = (table: Table | undefined, score: number): void => {
    if (table !== undefined) scores.set(table, Math.max(scores.get(table) ?? 0, Math.min(1, score)));
  };
  for (const { ref, confidence } of rankTables(buildTermIndex(live, glossary), about))
    raise(allowed.get(ref), confidence);
  for (const { metric, whole } of metricsIn(glossary, about)) {
    for (const table of metricTables(live.snapshot, metric, glossary.metrics))
      raise(allowed.get(printRef(live.snapshot, table)), whole ? ofMetric : ofLikelyMetric);
  }
  const ranked = [...scores].map(([table, score]) => ({ table, score })).filter(({ score }) => score >= leastScore);
  return withLinkTables(
    live,
    tables,
    ranked.sort((a, b) => b.score - a.score),
  );
}

/** Cuts the ranking where it stops mattering and puts what links the best tables after them. */
function withLinkTables(
  live: LiveSchema,
  tables: readonly Table[],
  ranked: readonly RankedTable[],
): readonly RankedTable[] {
  const top = ranked[0]?.score ?? 0;
  const chosen = ranked.filter((r, i) => i < alwaysTold || r.score >= top * leastShare).slice(0, maxRelevant);
  const allowed = new Map(tables.map((t) => [tableKey(t), t]));
  const neighbours = new Map<string, string[]>();
  for (const link of live.relationships) {
    const [a, b] = [tableKey(link.from.table), tableKey(link.to.table)];
    if (!allowed.has(a) || !allowed.has(b) || a === b) continue;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const list = neighbours.get(from);
      if (list === undefined) neighbours.set(from, [to]);
      else list.push(to);
    }
  }
  const have = new Set(chosen.map((r) => tableKey(r.table)));
  const between: RankedTable[] = [];
  const linked = chosen.slice(0, maxLinked);
  for (const [i, a] of linked.entries()) {
    for (const b of linked.slice(i + 1)) {
      const score = Math.min(a.score, b.score) / 2;
      for (const key of pathBetween(neighbours, tableKey(a.table), tableKey(b.table))) {
        const table = allowed.get(key);
        if (table === undefined || have.has(key)) continue;
        have.add(key);
        between.push({ table, score });
      }
    }
  }
  return [...chosen, ...between].toSorted((a, b) => b.score - a.score);
}

/** The tables on the shortest way between two, the ends left out; none where they touch or it is too far. */
function pathBetween(neighbours: ReadonlyMap<string, readonly string[]>, from: string, to: string): readonly string[] {
  const cameFrom = new Map<string, string>([[from, from]]);
  let front = [from];
  for (let step = 0; step <= maxBetween && !cameFrom.has(to); step++) {
    const next: string[] = [];
    for (const key of front) {
      for (const other of neighbours.get(key) ?? []) {
        if (cameFrom.has(other)) continue;
        cameFrom.set(other, key);
        next.push(other);
      }
    }
    front = next;
  }
  const path: string[] = [];
  for (let key = cameFrom.get(to); key !== undefined && key !== from; key = cameFrom.get(key)) path.push(key);
  return path;
}
