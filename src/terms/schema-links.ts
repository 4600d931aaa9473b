/**
 * How columns hang together by keys, as numbers of the term index: what each refers to, who refers to it, which tables stand beside one another and
 * which columns form a group of twins. Pure.
 */

import { tableKey } from "../schema/names.js";
import type { SchemaView } from "../schema/view.js";

export interface SchemaLinks {
  /** By column: the column it refers to, or -1. */
  readonly refersTo: Int32Array;
  readonly referredBy: Int32Array;
  /** By table, rising; absent where it has none. */
  readonly neighbours: ReadonlyMap<number, readonly number[]>;
  /** By column: its group, or -1. */
  readonly groupOf: Int32Array;
  /** Group -> columns, rising. */
  readonly groups: readonly (readonly number[])[];
}

/** Inferred links below this confidence say too little about meaning. */
const leastLinkConfidence = 0.7;

/** `starts[i]` is the number of the first column of the view's table `i`; `count` is how many columns there are. */
export function readLinks(view: SchemaView, starts: Int32Array, count: number): SchemaLinks {
  const { tables } = view.snapshot;
  const tableIds = new Map(view.relationships.length === 0 ? [] : tables.map((t, i) => [tableKey(t), i]));
  const placeOf = (table: number, column: string | undefined): number | undefined => {
    const at = tables[table]?.columns.findIndex((c) => c.name === column) ?? -1;
    return at < 0 ? undefined : (starts[table] as number) + at;
  };
  const beside = new Map<number, Set<number>>();
  const note = (table: number, other: number) => beside.set(table, (beside.get(table) ?? new Set()).add(other));
  const refersTo = new Int32Array(count).fill(-1);
  const referredBy = new Int32Array(count);
  const parent = Int32Array.from({ length: count }, (_, id) => id);
  const root = (id: number): number => {
    let at = id;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] as number] as number; // halves the way for the next
      at = parent[at] as number;
    }
    return at;
  };
  for (const link of view.relationships) {
    if (link.confidence < leastLinkConfidence) continue;
    const a = tableIds.get(tableKey(link.from.table));
    const b = tableIds.get(tableKey(link.to.table));
    if (a === undefined || b === undefined) continue;
    if (a !== b) {
      note(a, b);
      note(b, a);
    }
    for (const [i, column] of link.from.columns.entries()) {
      const from = placeOf(a, column);
      const to = placeOf(b, link.to.columns[i]);
      if (from === undefined || to === undefined || from === to) continue;
      if (refersTo[from] === -1) refersTo[from] = to;
      referredBy[to] = (referredBy[to] as number) + 1;
      parent[root(from)] = root(to);
    }
  }
  const groups: number[][] = [];
  const groupOf = new Int32Array(count).fill(-1);
  const numbers = new Map<number, number>();
  for (let id = 0; id < count; id += 1) {
    if (refersTo[id] === -1 && referredBy[id] === 0) continue;
    const top = root(id);
    const number = numbers.get(top) ?? groups.length;
    if (number === groups.length) {
      numbers.set(top, number);
      groups.push([]);
    }
    groups[number]?.push(id);
    groupOf[id] = number;
  }
  const neighbours = new Map([...beside].map(([table, others]) => [table, [...others].sort((x, y) => x - y)]));
  return { refersTo, referredBy, neighbours, groupOf, groups };
}
