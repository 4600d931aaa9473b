/**
 * The tables that a question likely needs, joined: from the likeliest, each further one by the cheapest way along keys, where a table that nothing else speaks
 * for costs more to cross (Kou, Markowsky, Berman 1981, for the tree; the costs are our own). Pure.
 */

import type { TermIndex } from "./term-index.js";

interface Link {
  readonly table: number;
  /** The column on this side, and the one that it meets. */
  readonly own: number;
  readonly theirs: number;
}

export interface JoinTree {
  /** Tables that are needed for themselves. */
  readonly chosen: ReadonlySet<number>;
  /** Those and the tables on the way. */
  readonly tables: ReadonlySet<number>;
  /** Columns that the tree joins on. */
  readonly keys: ReadonlySet<number>;
}

const known = new WeakMap<TermIndex, ReadonlyMap<number, readonly Link[]>>();

/** For each table its keys to and from other tables. */
export function linksOf(index: TermIndex): ReadonlyMap<number, readonly Link[]> {
  const found = known.get(index);
  if (found !== undefined) return found;
  const links = new Map<number, Link[]>();
  const note = (table: number, link: Link) => {
    const list = links.get(table);
    if (list === undefined) links.set(table, [link]);
    else list.push(link);
  };
  for (const column of index.columns) {
    const target = index.columns[column.refersTo];
    if (target === undefined || target.table === column.table) continue;
    note(column.table, { table: target.table, own: column.id, theirs: target.id });
    note(target.table, { table: column.table, own: target.id, theirs: column.id });
  }
  known.set(index, links);
  return links;
}

/** A table at least this probable is needed for itself. */
const needed = 0.5;
const costOfStep = 0.3;
const leastProbability = 0.01;
/** Tables looked at on the way to one table. */
const maxLooked = 400;

/** `probability`: of each table, 0 where nothing speaks for it. */
export function joinTree(index: TermIndex, probability: Float32Array): JoinTree {
  const chosen = likeliest(probability, needed);
  return { chosen: new Set(chosen), ...joinTables(index, probability, chosen) };
}

/** Tables more probable than `least`, likeliest first; the likeliest of all where none is. */
export function likeliest(probability: Float32Array, least: number): readonly number[] {
  const likely: number[] = [];
  let best = -1;
  for (let t = 0; t < probability.length; t += 1) {
    if ((probability[t] as number) > least) likely.push(t);
    if (best < 0 || (probability[t] as number) > (probability[best] as number)) best = t;
  }
  if (likely.length === 0 && best >= 0) likely.push(best);
  return likely.sort((a, b) => (probability[b] as number) - (probability[a] as number) || a - b);
}

/** The tables with those on the ways that join each to the ones before it, and the keys of these ways; what no key reaches stands apart. */
export function joinTables(
  index: TermIndex,
  probability: Float32Array,
  chosen: readonly number[],
): Pick<JoinTree, "tables" | "keys"> {
  const tables = new Set<number>();
  const keys = new Set<number>();
  for (const table of chosen) {
    if (tables.size > 0 && !tables.has(table)) joinTo(index, probability, table, tables, keys);
    tables.add(table);
  }
  return { tables, keys };
}

interface Step {
  readonly cost: number;
  readonly from: number;
  readonly link: Link;
}

/** Adds the cheapest way from `target` to the tree (Dijkstra 1959). */
function joinTo(
  index: TermIndex,
  probability: Float32Array,
  target: number,
  tables: Set<number>,
  keys: Set<number>,
): void {
  const links = linksOf(index);
  const costs = new Map([[target, 0]]);
  const steps = new Map<number, Step>();
  const done = new Set<number>();
  while (done.size < maxLooked) {
    let at = -1;
    for (const [table, cost] of costs) if (!done.has(table) && (at < 0 || cost < (costs.get(at) ?? 0))) at = table;
    if (at < 0) return;
    done.add(at);
    if (tables.has(at)) return walkBack(at, steps, tables, keys);
    const crossed = at === target ? 0 : -Math.log(Math.max(leastProbability, probability[at] ?? 0));
    for (const link of links.get(at) ?? []) {
      const cost = (costs.get(at) ?? 0) + costOfStep + crossed;
      if (done.has(link.table) || cost >= (costs.get(link.table) ?? Number.POSITIVE_INFINITY)) continue;
      costs.set(link.table, cost);
      steps.set(link.table, { cost, from: at, link });
    }
  }
}

function walkBack(from: number, steps: ReadonlyMap<number, Step>, tables: Set<number>, keys: Set<number>): void {
  for (let step = steps.get(from); step !== undefined; step = steps.get(step.from)) {
    tables.add(step.from);
    keys.add(step.link.own);
    keys.add(step.link.theirs);
  }
}
