/**
 * The smallest join trees over a set of tables, all of them: Dreyfus and Wagner, "The Steiner problem in graphs", Networks 1 (1971),
 * with every optimal choice kept. Pure. It decides nothing between equals; that is `paths.ts`.
 */

import type { JoinGraph, Link } from "./graph.js";

export interface TreeSearch {
  /** Tables to cover, distinct. */
  readonly terminals: readonly number[];
  /** Whether a link may be used. */
  usable(link: Link): boolean;
  /** Links in the longest tree looked for. */
  readonly maxLinks: number;
  /** Trees found beyond this many are not listed. */
  readonly maxTrees: number;
  /** Links that cost nothing, as the caller pinned them. */
  readonly pinned?: ReadonlySet<number>;
}

/** A tree as its links; sorted by id. */
export type Tree = readonly Link[];

/** What a link costs beside a pinned one: no number of pinned links outweighs one that is not. An inferred link is as good a reading as a declared one. */
const linkCost = 1000;

/** All smallest trees (fewest links that are not pinned); none where the tables do not hang together. */
export function smallestTrees(graph: JoinGraph, search: TreeSearch): readonly Tree[] {
  const { terminals } = search;
  const last = terminals[terminals.length - 1];
  if (last === undefined) return [];
  if (terminals.length === 1) return [[]];
  const rows = costRows(graph, search);
  const full = (1 << (terminals.length - 1)) - 1;
  const best = rows[full]?.get(last);
  if (best === undefined) return [];
  return new Backtrack(graph, search, rows).trees(full, last);
}

function costOf(link: Link, search: TreeSearch): number {
  if (search.pinned?.has(link.id) === true) return 1;
  return linkCost;
}

/** For each set of the terminals but the last: the cost of the smallest tree over it that also holds a table. */
function costRows(graph: JoinGraph, search: TreeSearch): Map<number, number>[] {
  const bound = search.maxLinks * (linkCost + 1);
  const sets = 1 << (search.terminals.length - 1);
  const rows: Map<number, number>[] = [new Map()];
  for (let set = 1; set < sets; set++) {
    const start = new Map<number, number>();
    if ((set & (set - 1)) === 0) {
      const terminal = search.terminals[Math.log2(set)];
      if (terminal !== undefined) start.set(terminal, 0);
    }
    for (let part = (set - 1) & set; part > 0; part = (part - 1) & set) {
      if (part < (set ^ part)) break;
      mergeRows(rows[part], rows[set ^ part], start, bound);
    }
    rows.push(spread(graph, search, start, bound));
  }
  return rows;
}

function mergeRows(
  a: Map<number, number> | undefined,
  b: Map<number, number> | undefined,
  into: Map<number, number>,
  bound: number,
): void {
  if (a === undefined || b === undefined) return;
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  for (const [table, cost] of small) {
    const other = large.get(table);
    if (other === undefined || cost + other > bound) continue;
    const known = into.get(table);
    if (known === undefined || cost + other < known) into.set(table, cost + other);
  }
}

/** Dijkstra over the links from every table of `start` at once; buckets, as costs are small whole numbers. */
function spread(graph: JoinGraph, search: TreeSearch, start: Map<number, number>, bound: number): Map<number, number> {
  const costs = new Map(start);
  const buckets = new Map<number, number[]>();
  const push = (table: number, cost: number) => {
    const bucket = buckets.get(cost);
    if (bucket === undefined) buckets.set(cost, [table]);
    else bucket.push(table);
  };
  for (const [table, cost] of start) push(table, cost);
  while (buckets.size > 0) {
    const cost = Math.min(...buckets.keys());
    const tables = buckets.get(cost) ?? [];
    buckets.delete(cost);
    for (const table of tables) {
      if (costs.get(table) !== cost) continue;
      for (const link of graph.at[table] ?? []) {
        const next = link.from === table ? link.to : link.from;
        const reached = cost + costOf(link, search);
        if (next === table || reached > bound || !search.usable(link)) continue;
        const known = costs.get(next);
        if (known !== undefined && known <= reached) continue;
        costs.set(next, reached);
        push(next, reached);
      }
    }
  }
  return costs;
}

/** Reads every optimal tree out of the cost rows. */
class Backtrack {
  private readonly known = new Map<string, readonly Tree[]>();
  constructor(
    private readonly graph: JoinGraph,
    private readonly search: TreeSearch,
    private readonly rows: readonly Map<number, number>[],
  ) {}

  trees(set: number, table: number): readonly Tree[] {
    const key = `${set} ${table}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const cost = this.rows[set]?.get(table);
    const found = new Map<string, Tree>();
    if (cost === 0) found.set("", []);
    else if (cost !== undefined) {
      this.byLink(set, table, cost, found);
      this.bySplit(set, table, cost, found);
    }
    const trees = [...found.values()];
    this.known.set(key, trees);
    return trees;
  }

  private byLink(set: number, table: number, cost: number, found: Map<string, Tree>): void {
    for (const link of this.graph.at[table] ?? []) {
      const next = link.from === table ? link.to : link.from;
      if (next === table || !this.search.usable(link)) continue;
      if (this.rows[set]?.get(next) !== cost - costOf(link, this.search)) continue;
      for (const tree of this.trees(set, next)) this.keep(found, [...tree, link]);
    }
  }

  private bySplit(set: number, table: number, cost: number, found: Map<string, Tree>): void {
    for (let part = (set - 1) & set; part > 0; part = (part - 1) & set) {
      if (part < (set ^ part)) break;
      const one = this.rows[part]?.get(table);
      const other = this.rows[set ^ part]?.get(table);
      if (one === undefined || other === undefined || one + other !== cost) continue;
      for (const a of this.trees(part, table))
        for (const b of this.trees(set ^ part, table)) this.keep(found, [...a, ...b]);
    }
  }

  private keep(found: Map<string, Tree>, links: Tree): void {
    if (found.size >= this.search.maxTrees) return;
    const sorted = [...new Set(links)].sort((a, b) => a.id - b.id);
    const key = sorted.map((l) => l.id).join(" ");
    if (!found.has(key)) found.set(key, sorted);
  }
}
