/** The links of a schema by the tables they tie. Every rule looks some up for every join, so they are indexed once for each list of links. Pure. */

import { tableKey } from "../schema/names.js";
import type { Relationship } from "../schema/relationships.js";
import type { TableName } from "../schema/snapshot.js";

interface LinkIndex {
  readonly neighbours: ReadonlyMap<string, readonly TableName[]>;
  readonly into: ReadonlyMap<string, readonly Relationship[]>;
  readonly between: ReadonlyMap<string, readonly Relationship[]>;
}

const indexes = new WeakMap<readonly Relationship[], LinkIndex>();
const none: readonly Relationship[] = [];

/** The links that refer to `table`. */
export function linksInto(relationships: readonly Relationship[], table: TableName): readonly Relationship[] {
  return indexOf(relationships).into.get(tableKey(table)) ?? none;
}

/** The links that tie two tables, in either direction, in the order given. */
export function linksBetween(
  relationships: readonly Relationship[],
  a: TableName,
  b: TableName,
): readonly Relationship[] {
  return indexOf(relationships).between.get(pairKey(a, b)) ?? none;
}

/** The tables that some link ties to `table`. */
export function neighboursOf(relationships: readonly Relationship[], table: TableName): readonly TableName[] {
  return indexOf(relationships).neighbours.get(tableKey(table)) ?? [];
}

function pairKey(a: TableName, b: TableName): string {
  return [tableKey(a), tableKey(b)].toSorted().join("\u0000");
}

function indexOf(relationships: readonly Relationship[]): LinkIndex {
  const known = indexes.get(relationships);
  if (known !== undefined) return known;
  const neighbours = new Map<string, TableName[]>();
  for (const { from, to } of relationships) {
    for (const [a, b] of [
      [from.table, to.table],
      [to.table, from.table],
    ] as const)
      neighbours.set(tableKey(a), [...(neighbours.get(tableKey(a)) ?? []), b]);
  }
  const made = {
    neighbours,
    into: grouped(relationships, (r) => tableKey(r.to.table)),
    between: grouped(relationships, (r) => pairKey(r.from.table, r.to.table)),
  };
  indexes.set(relationships, made);
  return made;
}

function grouped(relationships: readonly Relationship[], keyOf: (r: Relationship) => string): LinkIndex["into"] {
  const groups = new Map<string, Relationship[]>();
  for (const relationship of relationships) {
    const key = keyOf(relationship);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [relationship]);
    else group.push(relationship);
  }
  return groups;
}
