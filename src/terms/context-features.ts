/**
 * The second look at a question's columns: how each stands among the others after the first (its table, its namesakes, its twins by key, the
 * tables on the way). One row of numbers a column, the same in training and in use. Pure.
 */

import { columnFeatureNames, type QuestionContext } from "./column-features.js";
import { mostOfOthers, namesakes } from "./namesakes.js";

/** Numbers of the first look that the second sees as well. */
const kept = [
  "name.exact", "name.soft", "name.vector", "name.headExact", "name.headSoft", "name.association", "name.span", "name.whole", "name.askedExact", "table.exact", "table.soft", "table.whole",
  "distance", "order", "spanGap", "neighbourTable", "twinTable", "sameName", "sameNameTableGap", "valueWords", "valueLikeness", "valueRivals", "valueSchemaWord",
  "type", "primary", "foreign", "referred", "position", "tableColumns", "nameLike", "idLike", "schemaColumns", "schemaTables", "sharesTableWord", "meaning", "mentionedTables", "junction",
  "before", "after", "tableBefore", "tableAfter", "owner", "ownerGap", "ownerLess", "ownerKind", "tableValue", "valueQuoted", "othersWhole",
  "cue.who", "cue.howMany", "cue.extreme", "cue.asksName", "cue.asksId", "cue.hasQuoted", "cue.hasNumber", "cue.tokens",
  "cue.hasYear", "cue.hasDate", "cue.compares", "cue.negates", "cue.both", "cue.everything", "cue.ordinal", "cue.each", "cue.aggregate",
  "topic", "topicPeers", "topicRivals", "fits", "fitShare", "tableFits", "affinity", "affinityGap", "affinityInTable", "affinityRank", "affinityOwn",
] as const; // biome-ignore format: a list of names

const keptPlaces = kept.map((name) => columnFeatureNames.indexOf(name));

const standing = [
  "log1", "p1", "rank", "rankInTable", "gap", "gapInTable", "tableBest", "tableBestOther", "tableSum", "tableRank", "sameBest", "sameGap", "twinBest", "twinGap",
  "sameSpotBest", "neighbourBest", "neighboursLikely", "referredTable", "referringTable", "likely", "keySupport", "onTheWay",
] as const; // biome-ignore format: a list of names

export const contextFeatureNames: readonly string[] = [...standing, ...kept];

export interface Standings {
  readonly ids: readonly number[];
  /** Probability after the first look, by column id. */
  readonly p: ReadonlyMap<number, number>;
  readonly log: ReadonlyMap<number, number>;
  readonly rank: ReadonlyMap<number, number>;
  /** Rank among the columns of its table, by column id. */
  readonly rankInTable: ReadonlyMap<number, number>;
  readonly tableBest: Float32Array;
  readonly tableSecond: Float32Array;
  readonly tableSum: Float32Array;
  readonly tableRank: Int32Array;
  /** Best column of the tables beside one, and how many of those have a likely column; of tables with a candidate. */
  readonly neighbourBest: Float32Array;
  readonly neighboursLikely: Int32Array;
  readonly bestAtToken: Float32Array;
  readonly likely: number;
  /** Log-odds of the best column. */
  readonly topLog: number;
}

/** A column of a higher probability is likely. */
const likelyAbove = 0.4;

export const probability = (logOdds: number): number => 1 / (1 + Math.exp(-logOdds));

export function standingsOf(context: QuestionContext, ids: readonly number[], logs: ArrayLike<number>): Standings {
  const { index } = context;
  const log = new Map(ids.map((id, i) => [id, logs[i] ?? -9]));
  const p = new Map(ids.map((id, i) => [id, probability(logs[i] ?? -9)]));
  const ordered = ids.toSorted((a, b) => (log.get(b) ?? 0) - (log.get(a) ?? 0) || a - b);
  const tableBest = new Float32Array(index.tables.length);
  const tableSecond = new Float32Array(index.tables.length);
  const tableSum = new Float32Array(index.tables.length);
  const bestAtToken = new Float32Array(context.asked.tokens.length + 1);
  const rankInTable = new Map<number, number>();
  const ranked = new Int32Array(index.tables.length);
  let likely = 0;
  for (const id of ordered) {
    const mine = p.get(id) ?? 0;
    const table = index.columns[id]?.table ?? 0;
    rankInTable.set(id, ranked[table] ?? 0);
    ranked[table] = (ranked[table] ?? 0) + 1;
    if ((tableBest[table] ?? 0) === 0) tableBest[table] = mine;
    else if ((tableSecond[table] ?? 0) === 0) tableSecond[table] = mine;
    tableSum[table] = (tableSum[table] ?? 0) + mine;
    const at = context.columnCover.get(id)?.at ?? -1;
    if (at >= 0) bestAtToken[at] = Math.max(bestAtToken[at] ?? 0, mine);
    if (mine > likelyAbove) likely += 1;
  }
  const neighbourBest = new Float32Array(index.tables.length);
  const neighboursLikely = new Int32Array(index.tables.length);
  for (const { id, neighbours } of index.tables) {
    if (ranked[id] === 0) continue;
    for (const other of neighbours) {
      const best = tableBest[other] as number;
      if (best > (neighbourBest[id] as number)) neighbourBest[id] = best;
      if (best > likelyAbove) neighboursLikely[id] = (neighboursLikely[id] as number) + 1;
    }
  }
  return {
    ids,
    p,
    log,
    rank: new Map(ordered.map((id, i) => [id, i])),
    rankInTable,
    tableBest,
    tableSecond,
    tableSum,
    tableRank: ranksOf(tableBest),
    neighbourBest,
    neighboursLikely,
    bestAtToken,
    likely,
    topLog: log.get(ordered[0] ?? -1) ?? 0,
  };
}

/** Rank of each table, 0 the best; of equals the first. Most have nothing to speak for them and follow in order. */
function ranksOf(best: Float32Array): Int32Array {
  const ranks = new Int32Array(best.length);
  const some: number[] = [];
  for (let t = 0; t < best.length; t += 1) if ((best[t] as number) > 0) some.push(t);
  some.sort((a, b) => (best[b] as number) - (best[a] as number) || a - b);
  for (const [i, t] of some.entries()) ranks[t] = i;
  let next = some.length;
  for (let t = 0; t < best.length; t += 1) {
    if ((best[t] as number) > 0) continue;
    ranks[t] = next;
    next += 1;
  }
  return ranks;
}

/** Writes one column's numbers at `offset`; `first` holds its numbers of the first look at `firstOffset`. */
export function writeContextFeatures(
  context: QuestionContext,
  standings: Standings,
  id: number,
  first: Float32Array,
  firstOffset: number,
  out: Float32Array,
  offset: number,
): void {
  const { index } = context;
  const column = index.columns[id];
  const table = column === undefined ? undefined : index.tables[column.table];
  if (column === undefined || table === undefined) return;
  const { p, log, rank, tableBest, tableSecond, tableSum, tableRank } = standings;
  const mine = p.get(id) ?? 0;
  const best = tableBest[table.id] ?? 0;
  const other = mine >= best ? (tableSecond[table.id] ?? 0) : best;
  const bestOf = (ids: readonly number[]) => mostOfOthers(ids, id, (other) => p.get(other) ?? 0);
  const same = bestOf(namesakes(index, column));
  const twin = column.twins < 0 ? 0 : bestOf(index.twinGroups[column.twins] ?? []);
  const at = context.columnCover.get(id)?.at ?? -1;
  const neighboursLikely = standings.neighboursLikely[table.id] ?? 0;
  const referred = column.refersTo < 0 ? -1 : (index.columns[column.refersTo]?.table ?? -1);
  const referredTable = referred < 0 ? 0 : (tableBest[referred] ?? 0);
  let referringTable = 0;
  if (column.referredBy > 0) {
    for (const t of index.twinGroups[column.twins] ?? []) {
      const there = index.columns[t]?.table ?? table.id;
      if (t !== id && there !== table.id) referringTable = Math.max(referringTable, tableBest[there] ?? 0);
    }
  }
  const numbers = [
    log.get(id) ?? -9,
    mine,
    Math.min(30, rank.get(id) ?? 30),
    standings.rankInTable.get(id) ?? 0,
    (log.get(id) ?? -9) - standings.topLog,
    mine - best,
    best,
    other,
    tableSum[table.id] ?? 0,
    tableRank[table.id] ?? 0,
    same,
    mine - same,
    twin,
    mine - twin,
    at < 0 ? 0 : (standings.bestAtToken[at] ?? 0) - mine,
    standings.neighbourBest[table.id] ?? 0,
    neighboursLikely,
    referredTable,
    referringTable,
    standings.likely,
    Math.min(other, Math.max(referredTable, referringTable)),
    best < likelyAbove && neighboursLikely >= 2 ? 1 : 0,
  ];
  out.set(numbers, offset);
  for (const [i, place] of keptPlaces.entries()) out[offset + numbers.length + i] = first[firstOffset + place] ?? 0;
}
