/**
 * The smallest join trees over a set of tables, all of them: Dreyfus and Wagner, "The Steiner problem in graphs", Networks 1 (1971),
 * with every optimal choice kept, and states cut off that no tree as small as a known one can use. Pure. It decides nothing between equals.
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
  /** Links that cost next to nothing, as the caller pinned them. */
  readonly pinned?: ReadonlySet<number>;
}

/** A tree as its links; sorted by id. */
export type Tree = readonly Link[];

/** What a link costs beside a pinned one: no number of pinned links outweighs one that is not. An inferred link costs as much as a declared one. */
const linkCost = 1000;
const far = 0x3fffffff;

/** All smallest trees (fewest links that are not pinned); none where the tables do not hang together. */
export function smallestTrees(graph: JoinGraph, search: TreeSearch): readonly Tree[] {
  const { terminals } = search;
  if (terminals.length === 0) return [];
  if (terminals.length === 1) return [[]];
  const work = new Work(graph, search);
  const bound = work.upperBound();
  return bound === undefined ? [] : work.trees(bound);
}

class Work {
  private readonly distances: readonly Int32Array[];
  private readonly known = new Map<number, readonly Tree[]>();
  private rows: Int32Array[] = [];

  constructor(
    private readonly graph: JoinGraph,
    private readonly search: TreeSearch,
  ) {
    const limit = search.maxLinks * linkCost;
    this.distances = search.terminals.map((t) => this.spread([t], [0], limit, () => true));
  }

  /** The cost of some tree: the best meeting point of shortest paths. */
  upperBound(): number | undefined {
    let best = far;
    for (let table = 0; table < this.graph.tables.length; table++) {
      let sum = 0;
      for (const d of this.distances) {
        sum += d[table] ?? far;
        if (sum >= best) break;
      }
      if (sum < best) best = sum;
    }
    return best > this.search.maxLinks * linkCost ? undefined : best;
  }

  trees(bound: number): readonly Tree[] {
    const last = this.search.terminals.length - 1;
    const sets = 1 << last;
    this.rows = [new Int32Array(0)];
    for (let set = 1; set < sets; set++) this.rows.push(this.row(set, bound));
    const root = this.search.terminals[last];
    return root === undefined || this.cost(sets - 1, root) >= far ? [] : this.read(sets - 1, root);
  }

  /** For a set of the terminals but the last: the cost of the smallest tree over it that also holds a table, where one within bound may use it. */
  private row(set: number, bound: number): Int32Array {
    const missing = this.distances.filter((_, i) => (set & (1 << i)) === 0);
    const useful = (table: number, cost: number) => missing.every((d) => cost + (d[table] ?? far) <= bound);
    const tables: number[] = [];
    const costs: number[] = [];
    if ((set & (set - 1)) === 0) {
      tables.push(this.search.terminals[31 - Math.clz32(set)] ?? 0);
      costs.push(0);
    } else {
      for (let table = 0; table < this.graph.tables.length; table++) {
        let best = far;
        for (let part = (set - 1) & set; part >= (set ^ part); part = (part - 1) & set) {
          best = Math.min(best, this.cost(part, table) + this.cost(set ^ part, table));
        }
        if (best <= bound && useful(table, best)) {
          tables.push(table);
          costs.push(best);
        }
      }
    }
    return this.spread(tables, costs, bound, useful);
  }

  private cost(set: number, table: number): number {
    return this.rows[set]?.[table] ?? far;
  }

  /** Dial's algorithm: shortest costs from several tables at once, in buckets as costs are small whole numbers. */
  private spread(tables: readonly number[], costs: readonly number[], bound: number, useful: (table: number, cost: number) => boolean): Int32Array {
    const best = new Int32Array(this.graph.tables.length).fill(far);
    const buckets = new Map<number, number[]>();
    const push = (table: number, cost: number) => {
      best[table] = cost;
      const bucket = buckets.get(cost);
      if (bucket === undefined) buckets.set(cost, [table]);
      else bucket.push(table);
    };
    tables.forEach((table, i) => push(table, costs[i] ?? far));
    while (buckets.size > 0) {
      let cost = far;
      for (const key of buckets.keys()) if (key < cost) cost = key;
      const bucket = buckets.get(cost) ?? [];
      // Zero-cost links do not exist, so a bucket is complete when it is taken.
      buckets.delete(cost);
      for (const table of bucket) {
        if (best[table] !== cost) continue;
        for (const link of this.graph.at[table] ?? []) {
          const next = link.from === table ? link.to : link.from;
          const reached = cost + this.costOf(link);
          if (reached > bound || reached >= (best[next] ?? 0) || next === table || !this.search.usable(link)) continue;
          if (useful(next, reached)) push(next, reached);
        }
      }
    }
    return best;
  }

  private costOf(link: Link): number {
    return this.search.pinned?.has(link.id) === true ? 1 : linkCost;
  }

  /** Every optimal tree over a set and a table, out of the cost rows. */
  private read(set: number, table: number): readonly Tree[] {
    const key = set * this.graph.tables.length + table;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const cost = this.cost(set, table);
    const found = new Map<string, Tree>();
    if (cost === 0) found.set("", []);
    else if (cost < far) {
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
      if (this.cost(set, next) !== cost - this.costOf(link)) continue;
      for (const tree of this.read(set, next)) if (!this.keep(found, [...tree, link])) return;
    }
  }

  private bySplit(set: number, table: number, cost: number, found: Map<string, Tree>): void {
    for (let part = (set - 1) & set; part > 0; part = (part - 1) & set) {
      if (part < (set ^ part)) continue;
      if (this.cost(part, table) + this.cost(set ^ part, table) !== cost) continue;
      for (const a of this.read(part, table)) {
        for (const b of this.read(set ^ part, table)) if (!this.keep(found, [...a, ...b])) return;
      }
    }
  }

  /** False when enough trees are kept. */
  private keep(found: Map<string, Tree>, links: Tree): boolean {
    if (found.size >= this.search.maxTrees) return false;
    const sorted = [...new Set(links)].sort((a, b) => a.id - b.id);
    const key = sorted.map((l) => l.id).join(" ");
    if (!found.has(key)) found.set(key, sorted);
    return true;
  }
}
