/**
 * What speaks for a column once the tables are judged, each and as sets: whether its table is needed, whether the joined tables meet on it, and which of the
 * question's words it alone explains. Follows the numbers of `context-features.ts`, the same in training and in use. Pure.
 */

import type { QuestionContext } from "./column-features.js";
import { metByColumn, metByTable } from "./column-features.js";
import type { Standings } from "./context-features.js";
import { nothingCovered } from "./coverage.js";
import { type JoinTree, joinTree, linksOf } from "./join-tree.js";
import { namesakes } from "./namesakes.js";
import type { WeighedSets } from "./table-sets.js";
import type { ColumnDoc, TermIndex } from "./term-index.js";

export const needNames = [
  "needed", "inTree", "chosen", "joins", "linkBoth", "linkOther", "neededRank", "treeTables", "chosenTables", "neededSum", "together", "togetherRank", "togetherGap", "togetherShare", "togetherSum",
  "sameNeeded", "sameNeededGap", "sameTogetherGap", "twinNeeded", "twinTogether", "twinTogetherGap", "ownBest", "tableTogether", "explains", "explainsShare", "explainsBeyondTables", "unexplained",
  "setNeeded", "inSet", "setWeight", "setJoins", "setSize", "setTogether", "setSame", "setSameGap", "setTwin", "setTwinGap",
] as const; // biome-ignore format: a list of names

/** What the tables say of all columns. */
export interface Needs {
  /** Probability that each table is needed, judged by itself. */
  readonly tables: Float32Array;
  /** The same, and what joins them, judged as whole sets. */
  readonly sets: WeighedSets;
  readonly tree: JoinTree;
  readonly tableRank: ReadonlyMap<number, number>;
  readonly sum: number;
  /** Column's probability by its table's. */
  readonly together: ReadonlyMap<number, number>;
  readonly togetherRank: ReadonlyMap<number, number>;
  readonly togetherBest: number;
  readonly togetherSum: number;
  readonly ownBest: Float32Array;
  readonly tableTogether: Float32Array;
  /** By token: the most that one column explains of it, who that is, the second most, and the most that a table or a stored value does. */
  readonly most: Float32Array;
  readonly mostBy: Int32Array;
  readonly secondMost: Float32Array;
  readonly byTables: Float32Array;
  readonly unexplained: number;
}

export function needsOf(
  context: QuestionContext,
  standings: Standings,
  tables: Float32Array,
  sets: WeighedSets,
): Needs {
  const { index, asked } = context;
  const together = new Map<number, number>();
  const ownBest = new Float32Array(index.tables.length);
  const tableTogether = new Float32Array(index.tables.length);
  let [togetherBest, togetherSum] = [0, 0];
  for (const [id, p] of standings.p) {
    const column = index.columns[id];
    if (column === undefined) continue;
    const both = p * (tables[column.table] ?? 0);
    together.set(id, both);
    togetherBest = Math.max(togetherBest, both);
    togetherSum += both;
    if (column.twins < 0) ownBest[column.table] = Math.max(ownBest[column.table] ?? 0, p);
    tableTogether[column.table] = Math.max(tableTogether[column.table] ?? 0, both);
  }
  const ordered = [...together.keys()].sort((a, b) => (together.get(b) ?? 0) - (together.get(a) ?? 0) || a - b);
  const ranks: number[] = [];
  let sum = 0;
  for (let t = 0; t < tables.length; t += 1) {
    const p = tables[t] as number;
    if (p > 0) ranks.push(t);
    sum += p;
  }
  ranks.sort((a, b) => (tables[b] as number) - (tables[a] as number) || a - b);
  const explained = explain(context, standings, tables);
  let [total, left] = [0, 0];
  for (let t = 0; t < asked.tokens.length; t += 1) {
    const weight = asked.weights[t] as number;
    total += weight;
    left += weight * (1 - Math.max(explained.most[t] as number, explained.byTables[t] as number));
  }
  return {
    tables,
    sets,
    tree: joinTree(index, tables),
    tableRank: new Map(ranks.map((t, i) => [t, i])),
    sum,
    together,
    togetherRank: new Map(ordered.map((id, i) => [id, i])),
    togetherBest,
    togetherSum,
    ownBest,
    tableTogether,
    ...explained,
    unexplained: total === 0 ? 0 : left / total,
  };
}

function explain(
  context: QuestionContext,
  standings: Standings,
  tables: Float32Array,
): Pick<Needs, "most" | "mostBy" | "secondMost" | "byTables"> {
  const { asked } = context;
  const length = asked.tokens.length;
  const most = new Float32Array(length);
  const mostBy = new Int32Array(length).fill(-1);
  const secondMost = new Float32Array(length);
  const byTables = new Float32Array(length);
  for (const [id, p] of standings.p) {
    const met = metByColumn(context, id);
    for (let t = 0; t < met.length; t += 1) {
      const share = p * (met[t] as number);
      if (share > (most[t] as number)) {
        secondMost[t] = most[t] as number;
        most[t] = share;
        mostBy[t] = id;
      } else if (share > (secondMost[t] as number)) secondMost[t] = share;
    }
  }
  for (let id = 0; id < tables.length; id += 1) {
    const p = tables[id] as number;
    if (p === 0) continue;
    const met = metByTable(context, id);
    for (let t = 0; t < met.length; t += 1) byTables[t] = Math.max(byTables[t] as number, p * (met[t] as number));
  }
  for (const [id, hit] of context.hits) {
    const share = (standings.p.get(id) ?? 0) * hit.likeness;
    for (let t = hit.from; t < hit.to; t += 1) byTables[t] = Math.max(byTables[t] ?? 0, share);
  }
  return { most, mostBy, secondMost, byTables };
}

/** Writes one column's numbers at `offset`. */
export function writeNeeds(
  context: QuestionContext,
  standings: Standings,
  needs: Needs,
  id: number,
  out: Float32Array,
  offset: number,
): void {
  const { index, asked } = context;
  const column = index.columns[id];
  if (column === undefined) return;
  const { tables, tree, together } = needs;
  const own = tables[column.table] ?? 0;
  const mine = together.get(id) ?? 0;
  let [linkBoth, linkOther] = [0, 0];
  if (column.twins >= 0) {
    for (const link of linksOf(index).get(column.table) ?? []) {
      if (link.own !== id) continue;
      linkBoth = Math.max(linkBoth, Math.min(own, tables[link.table] ?? 0));
      linkOther = Math.max(linkOther, tables[link.table] ?? 0);
    }
  }
  const { same, twins } = rivalsOf(index, standings, column, tables);
  const { met } = context.columnCover.get(id) ?? nothingCovered;
  let [alone, all, beyond] = [0, 0, 0];
  for (let t = 0; t < met.length; t += 1) {
    const weight = asked.weights[t] as number;
    const here = met[t] as number;
    const others = needs.mostBy[t] === id ? (needs.secondMost[t] as number) : (needs.most[t] as number);
    all += weight * here;
    alone += weight * Math.max(0, here - others);
    beyond += weight * Math.max(0, here - Math.max(others, needs.byTables[t] as number));
  }
  const best = standings.tableBest[column.table] ?? 0;
  const numbers = [
    own,
    tree.tables.has(column.table) ? 1 : 0,
    tree.chosen.has(column.table) ? 1 : 0,
    tree.keys.has(id) ? 1 : 0,
    linkBoth,
    linkOther,
    needs.tableRank.get(column.table) ?? 50,
    tree.tables.size,
    tree.chosen.size,
    needs.sum,
    mine,
    Math.min(40, needs.togetherRank.get(id) ?? 40),
    mine - best,
    needs.togetherBest === 0 ? 0 : mine / needs.togetherBest,
    needs.togetherSum,
    same.needed,
    own - same.needed,
    mine - same.together,
    twins.needed,
    twins.together,
    mine - twins.together,
    needs.ownBest[column.table] ?? 0,
    needs.tableTogether[column.table] ?? 0,
    alone,
    all === 0 ? 0 : alone / all,
    beyond,
    needs.unexplained,
    ...setNumbers(index, standings, needs.sets, column),
  ];
  out.set(numbers, offset);
}

function setNumbers(index: TermIndex, standings: Standings, sets: WeighedSets, column: ColumnDoc): readonly number[] {
  const needed = sets.tables[column.table] ?? 0;
  const together = (standings.p.get(column.id) ?? 0) * needed;
  const { same, twins } = rivalsOf(index, standings, column, sets.tables);
  return [
    needed,
    sets.best.has(column.table) ? 1 : 0,
    sets.bestWeight,
    sets.joins.get(column.id) ?? 0,
    sets.size,
    together,
    same.together,
    together - same.together,
    twins.needed,
    needed - twins.needed,
  ];
}

/** How probable the best rival's table is, and the best rival with its table. */
interface Rival {
  readonly needed: number;
  readonly together: number;
}

/** A column's rivals by name and by key. `tables`: how probable each is. */
function rivalsOf(
  index: TermIndex,
  standings: Standings,
  column: ColumnDoc,
  tables: Float32Array,
): { readonly same: Rival; readonly twins: Rival } {
  const best = (ids: readonly number[]): Rival => {
    let [needed, together] = [0, 0];
    for (const id of ids) {
      if (id === column.id) continue;
      const own = tables[index.columns[id]?.table ?? -1] ?? 0;
      needed = Math.max(needed, own);
      together = Math.max(together, (standings.p.get(id) ?? 0) * own);
    }
    return { needed, together };
  };
  const twins = column.twins < 0 ? [] : (index.twinGroups[column.twins] ?? []);
  return { same: best(namesakes(index, column)), twins: best(twins) };
}
