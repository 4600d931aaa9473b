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

/** What a link costs beside a pinned one: not even sixty pinned links outweigh one that is not. An inferred link costs as much as a declared one. */
const linkCost = 64;
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

/** The graph's links as flat lists: those of table t are `next[start[t]]` to before `next[start[t + 1]]`. */
interface Neighbours {
  readonly start: Int32Array;
  readonly next: Int32Array;
  readonly link: Int32Array;
}

const lists = new WeakMap<JoinGraph, Neighbours>();

function neighbours(graph: JoinGraph): Neighbours {
  const known = lists.get(graph);
  if (known !== undefined) return known;
  const start = new Int32Array(graph.tables.length + 1);
  const next: number[] = [];
  const link: number[] = [];
  graph.tables.forEach((_, table) => {
    for (const l of graph.at[table] ?? []) {
      if (l.from === l.to) continue;
      next.push(l.from === table ? l.to : l.from);
      link.push(l.id);
    }
    start[table + 1] = next.length;
  });
  const made = { start, next: Int32Array.from(next), link: Int32Array.from(link) };
  lists.set(graph, made);
  return made;
}

class Work {
  private readonly distances: readonly Int32Array[];
  private readonly known = new Map<number, readonly Tree[]>();
  private rows: Int32Array[] = [];
  private readonly near: Neighbours;
  /** By link: what it costs; `far` where it may not be used. */
  private readonly price: Int32Array;

  constructor(
    private readonly graph: JoinGraph,
    private readonly search: TreeSearch,
  ) {
    const limit = search.maxLinks * linkCost;
    this.near = neighbours(graph);
    this.price = Int32Array.from(graph.links, (l) =>
      !search.usable(l) ? far : search.pinned?.has(l.id) === true ? 1 : linkCost,
    );
    this.distances = search.terminals.map((t) => this.spread([t], [0], limit, undefined));
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
  private spread(
    tables: readonly number[],
    costs: readonly number[],
    bound: number,
    useful: ((table: number, cost: number) => boolean) | undefined,
  ): Int32Array {
    const { start, next, link } = this.near;
    const { price } = this;
    const best = new Int32Array(this.graph.tables.length).fill(far);
    const buckets: number[][] = [];
    tables.forEach((table, i) => {
      const cost = costs[i] ?? far;
      best[table] = cost;
      (buckets[cost] ??= []).push(table);
    });
    for (let cost = 0; cost < buckets.length; cost++) {
      // No link costs nothing, so a bucket is complete when it is reached.
      for (const table of buckets[cost] ?? []) {
        if (best[table] !== cost) continue;
        const end = start[table + 1] ?? 0;
        for (let i = start[table] ?? 0; i < end; i++) {
          const other = next[i] as number;
          const reached = cost + (price[link[i] as number] as number);
          if (reached >= (best[other] as number) || reached > bound) continue;
          if (useful !== undefined && !useful(other, reached)) continue;
          best[other] = reached;
          (buckets[reached] ??= []).push(other);
        }
      }
    }
    return best;
  }

  private costOf(link: Link): number {
    return this.price[link.id] ?? far;
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
      if (next === table) continue;
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
