/**
 * Which tables a question needs, judged after the first look at its columns: what its columns and its neighbours' columns are worth, how its name is met, and
 * where in the question. One row of numbers a table, the same in training and in use. Pure.
 */

import type { QuestionContext } from "./column-features.js";
import type { Standings } from "./context-features.js";
import { coverageNames } from "./coverage.js";
import { cueNames, wordAfter, wordBefore } from "./cues.js";
import { mostOfOthers, namesakes } from "./namesakes.js";

const standing = [
  "best", "second", "sum", "bestOwn", "value", "rank", "gap", "top", "allSum", "sameBest", "sameGap", "bestIsKey", "bestIsPrimary", "neighbourBest", "neighbourSecond", "neighbours",
  "neighboursLikely", "neighbourExact", "neighboursExact", "besideTop", "likelyTables", "ownTables", "neighbourOwn", "neighboursOwn", "columns", "junction", "isView", "schemaTables", "schemaColumns",
  "mentioned", "before", "after", "at",
] as const; // biome-ignore format: a list of names

export const tableFeatureNames: readonly string[] = [
  ...standing,
  ...coverageNames.map((n) => `name.${n}`),
  ...cueNames.map((n) => `cue.${n}`),
];

const likely = 0.4;

/** What tables share. */
interface TableStandings {
  /** Best probability of a column that is no key. */
  readonly own: Float32Array;
  readonly top: number;
  readonly sum: number;
  readonly likelyTables: number;
  readonly ownTables: number;
}

function tableStandings(context: QuestionContext, standings: Standings): TableStandings {
  const { index } = context;
  const own = new Float32Array(index.tables.length);
  let sum = 0;
  for (const [id, p] of standings.p) {
    sum += p;
    const column = index.columns[id];
    if (column !== undefined && column.twins < 0) own[column.table] = Math.max(own[column.table] ?? 0, p);
  }
  const top = standings.tableRank.indexOf(0);
  const count = (of: Float32Array) => of.reduce((n, p) => n + (p > likely ? 1 : 0), 0);
  return { own, top, sum, likelyTables: count(standings.tableBest), ownTables: count(own) };
}

/** A row for each of `tables`, one after the other. */
export function layTables(context: QuestionContext, standings: Standings, tables: readonly number[]): Float32Array {
  const shared = tableStandings(context, standings);
  const width = tableFeatureNames.length;
  const rows = new Float32Array(tables.length * width);
  for (const [i, id] of tables.entries()) writeTable(context, standings, shared, id, rows, i * width);
  return rows;
}

function writeTable(
  context: QuestionContext,
  standings: Standings,
  shared: TableStandings,
  id: number,
  out: Float32Array,
  offset: number,
): void {
  const { index, tableExact, asked } = context;
  const table = index.tables[id];
  const covered = context.tableCover[id];
  if (table === undefined || covered === undefined) return;
  const { p, tableBest, tableSecond, tableSum, tableRank } = standings;
  let [bestColumn, value, foreign] = [table.from, 0, 0];
  for (let c = table.from; c < table.to; c += 1) {
    if ((p.get(c) ?? 0) > (p.get(bestColumn) ?? 0)) bestColumn = c;
    const hit = context.hits.get(c);
    if (hit !== undefined) value = Math.max(value, hit.to - hit.from);
    if ((index.columns[c]?.refersTo ?? -1) >= 0) foreign += 1;
  }
  const column = index.columns[bestColumn];
  const best = tableBest[id] ?? 0;
  const same = column === undefined ? 0 : mostOfOthers(namesakes(index, column), column.id, (o) => p.get(o) ?? 0);
  const neighbours = table.neighbours.filter((n) => n !== id);
  const bests = neighbours.map((n) => tableBest[n] ?? 0).sort((a, b) => b - a);
  const count = (of: Float32Array, least: number) => neighbours.filter((n) => (of[n] ?? 0) > least).length;
  const most = (of: Float32Array) => Math.max(0, ...neighbours.map((n) => of[n] ?? 0));
  const top = tableBest[shared.top] ?? 0;
  const numbers = [
    best,
    tableSecond[id] ?? 0,
    tableSum[id] ?? 0,
    shared.own[id] ?? 0,
    value,
    Math.min(50, tableRank[id] ?? 50),
    top - best,
    top,
    shared.sum,
    same,
    best - same,
    column !== undefined && column.twins >= 0 ? 1 : 0,
    column?.primary === true ? 1 : 0,
    bests[0] ?? 0,
    bests[1] ?? 0,
    neighbours.length,
    count(tableBest, likely),
    most(tableExact),
    count(tableExact, 0.8),
    neighbours.includes(shared.top) ? 1 : 0,
    shared.likelyTables,
    shared.ownTables,
    most(shared.own),
    count(shared.own, likely),
    table.to - table.from,
    foreign / Math.max(1, table.to - table.from),
    table.view ? 1 : 0,
    Math.log(index.tables.length),
    Math.log(index.columns.length),
    context.mentionedTables,
    wordBefore(asked.tokens, covered.at),
    wordAfter(asked.tokens, covered.at, covered.numbers[11] ?? 1),
    covered.at,
  ];
  out.set(numbers, offset);
  out.set(covered.numbers, offset + numbers.length);
  out.set(context.cues, offset + numbers.length + covered.numbers.length);
}

/** Tables that a question's candidates speak of. */
export function tablesOfCandidates(context: QuestionContext, columns: readonly number[]): readonly number[] {
  return [...new Set(columns.map((c) => context.index.columns[c]?.table ?? 0))].sort((a, b) => a - b);
}
