/**
 * The tables that matter for a topic, best first, and the link tables between them: a question about two tables needs what joins them.
 * Scores are by words of names and comments; only an order of reading, never a claim about meaning.
 */

import type { LiveSchema } from "../catalog/live.js";
import { nameWords } from "../schema/name-words.js";
import { tableKey } from "../schema/names.js";
import { compareText } from "../schema/normal-form.js";
import type { Table } from "../schema/snapshot.js";

export interface RankedTable {
  readonly table: Table;
  /** Relevance in [0, 1]. */
  readonly score: number;
}

/** At most this many tables matter for one topic, those with less than this share of the best score do not. */
const maxRelevant = 20;
const leastShare = 0.3;
/** Links are sought between this many of the best tables, over at most this many tables in between. */
const maxLinked = 8;
const maxBetween = 2;

export function relevantTables(live: LiveSchema, tables: readonly Table[], about: string): readonly RankedTable[] {
  return withLinkTables(live, tables, rankByWords(tables, about));
}

/** Words of the topic found in a table's name, columns and comments, rarer words counting more. */
function rankByWords(tables: readonly Table[], about: string): readonly RankedTable[] {
  const asked = [...new Set(nameWords(about))].filter((w) => w.length > 1);
  const docs = tables.map((table) => ({ table, fields: fieldsOf(table) }));
  const weight = new Map(
    asked.map((word) => {
      const holds = docs.filter((d) => d.fields.some((f) => wordScore(word, f.words) > 0.5)).length;
      return [word, Math.log(1 + tables.length / (1 + holds))];
    }),
  );
  const full = asked.reduce((sum, w) => sum + (weight.get(w) ?? 0), 0) || 1;
  return docs
    .map(({ table, fields }) => {
      const score = asked.reduce((sum, word) => {
        const best = fields.reduce((max, f) => Math.max(max, f.weight * wordScore(word, f.words)), 0);
        return sum + (weight.get(word) ?? 0) * best;
      }, 0);
      return { table, score: Math.min(1, score / full) };
    })
    .filter((r) => r.score > 0)
    .toSorted((a, b) => b.score - a.score || compareText(tableKey(a.table), tableKey(b.table)));
}

interface Field {
  readonly words: readonly string[];
  readonly weight: number;
}

function fieldsOf(table: Table): readonly Field[] {
  return [
    { words: [...nameWords(table.name), ...nameWords(table.schema)], weight: 1 },
    ...(table.comment === undefined ? [] : [{ words: nameWords(table.comment), weight: 0.6 }]),
    ...table.columns.map((c) => ({ words: nameWords(c.name), weight: 0.5 })),
    ...table.columns.flatMap((c) => (c.comment === undefined ? [] : [{ words: nameWords(c.comment), weight: 0.35 }])),
  ];
}

/** 1 for the word itself, less for one that starts with it or the other way round. */
function wordScore(word: string, words: readonly string[]): number {
  let best = 0;
  for (const other of words) {
    if (other === word) return 1;
    const short = Math.min(other.length, word.length);
    if (short >= 3 && (other.startsWith(word) || word.startsWith(other))) {
      best = Math.max(best, 0.8 * (short / Math.max(other.length, word.length)));
    }
  }
  return best;
}

/** Cuts the ranking where it stops mattering and puts what links the best tables after them. */
function withLinkTables(
  live: LiveSchema,
  tables: readonly Table[],
  ranked: readonly RankedTable[],
): readonly RankedTable[] {
  const top = ranked[0]?.score ?? 0;
  const chosen = ranked.filter((r) => r.score >= top * leastShare).slice(0, maxRelevant);
  const allowed = new Map(tables.map((t) => [tableKey(t), t]));
  const neighbours = new Map<string, string[]>();
  for (const { from, to } of live.relationships) {
    const [a, b] = [tableKey(from.table), tableKey(to.table)];
    if (!allowed.has(a) || !allowed.has(b) || a === b) continue;
    neighbours.set(a, [...(neighbours.get(a) ?? []), b]);
    neighbours.set(b, [...(neighbours.get(b) ?? []), a]);
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
