/** Columns of one name in different tables, and the most that others of a group come to. Pure. */

import type { ColumnDoc, TermIndex } from "./term-index.js";

const groupsKnown = new WeakMap<TermIndex, ReadonlyMap<string, readonly number[]>>();
/** Most columns of one name that are looked at. */
const maxNamesakes = 41;

/** The columns that have a column's name, itself among them; none where no other has it. */
export function namesakes(index: TermIndex, column: ColumnDoc): readonly number[] {
  if (column.sameName <= 1) return [];
  const groups = groupsKnown.get(index) ?? groupsOf(index);
  return groups.get(column.name.toLowerCase()) ?? [];
}

function groupsOf(index: TermIndex): ReadonlyMap<string, readonly number[]> {
  const groups = new Map<string, number[]>();
  for (const c of index.columns) {
    const key = c.name.toLowerCase();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [c.id]);
    else if (group.length < maxNamesakes) group.push(c.id);
  }
  groupsKnown.set(index, groups);
  return groups;
}

/** The most that a number comes to among some columns but one; 0 where none is above. */
export function mostOfOthers(ids: readonly number[], but: number, numberOf: (id: number) => number): number {
  let most = 0;
  for (const id of ids) if (id !== but) most = Math.max(most, numberOf(id));
  return most;
}
