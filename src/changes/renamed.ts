/**
 * A snapshot with proven renames carried through every structured reference: keys, foreign keys, partitions, view reads, owners.
 * Texts (checks, predicates, view queries) stay as they were: only the database itself knows how it restates them. Pure.
 */

import { tableKey } from "../schema/names.js";
import type { Column, ForeignKey, Index, SchemaSnapshot, Sequence, Table, TableName } from "../schema/snapshot.js";
import type { Renames } from "./renames.js";

type Naming = Pick<Renames, "schemas" | "tables" | "columns">;

/**
 * The earlier snapshot in the names of the later one. What is gone and whose name a renamed thing took over is left out: see `displaced`.
 */
export function inPresentNames(before: SchemaSnapshot, renames: Naming): SchemaSnapshot {
  if (renames.schemas.size + renames.tables.size + renames.columns.size === 0) return before;
  const schema = (name: string) => renames.schemas.get(name) ?? name;
  const move = <T extends TableName>(item: T): T => ({ ...item, schema: schema(item.schema) });
  return {
    ...before,
    defaultSchema: schema(before.defaultSchema),
    schemas: settled(
      before.schemas,
      (s) => ({ ...s, name: schema(s.name) }),
      (s) => s.name,
    ).kept,
    tables: settled(before.tables, (t) => renamedTable(t, renames), tableKey).kept,
    enums: settled(before.enums, move, tableKey).kept,
    domains: settled(before.domains, move, tableKey).kept,
    composites: settled(before.composites, move, tableKey).kept,
    functions: settled(before.functions, move, (f) => `${tableKey(f)}(${f.arguments})`).kept,
    sequences: settled(before.sequences, (s) => renamedSequence(move(s), renames), tableKey).kept,
    extensions: before.extensions.map((e) => ({ ...e, schema: schema(e.schema) })),
  };
}

export interface Displaced {
  readonly tables: readonly Table[];
  /** By present table key. */
  readonly columns: readonly { readonly table: TableName; readonly column: Column }[];
}

/** Tables and columns that are gone while a renamed one bears their name now: no pair by name, a removal of their own. */
export function displaced(before: SchemaSnapshot, renames: Naming): Displaced {
  if (renames.schemas.size + renames.tables.size + renames.columns.size === 0) return { tables: [], columns: [] };
  const tables = settled(before.tables, (t) => ({ ...t, ...presentName(t, renames) }), tableKey);
  const gone = new Set(tables.dropped);
  const columns = before.tables.flatMap((table) => {
    if (gone.has(table)) return [];
    const now = presentName(table, renames);
    const names = renames.columns.get(tableKey(now));
    if (names === undefined) return [];
    const lost = settled(
      table.columns,
      (c) => ({ ...c, name: names.get(c.name) ?? c.name }),
      (c) => c.name,
    ).dropped;
    return lost.map((column) => ({ table: now, column }));
  });
  return { tables: tables.dropped, columns };
}

/** Moves every item; where a moved one takes the name of one that stayed, the one that stayed is dropped. */
function settled<T>(
  items: readonly T[],
  move: (item: T) => T,
  keyOf: (item: T) => string,
): { kept: readonly T[]; dropped: readonly T[] } {
  const moved = items.map((item) => {
    const now = move(item);
    const key = keyOf(now);
    return { item, now, key, stayed: item === now || keyOf(item) === key };
  });
  const taken = new Set(moved.filter((m) => !m.stayed).map((m) => m.key));
  const isDropped = (m: { stayed: boolean; key: string }) => m.stayed && taken.has(m.key);
  return {
    kept: moved.filter((m) => !isDropped(m)).map((m) => m.now),
    dropped: moved.filter(isDropped).map((m) => m.item),
  };
}

/** The present name of a table that had `name`. */
export function presentName(name: TableName, renames: Naming): TableName {
  const table = renames.tables.get(tableKey(name));
  return table ?? { schema: renames.schemas.get(name.schema) ?? name.schema, name: name.name };
}

/** Whether a rename bears on a table at all: most tables pass through untouched. */
function concerns(table: Table, now: TableName, renames: Naming): boolean {
  if (renames.schemas.size > 0 || tableKey(now) !== tableKey(table) || renames.columns.has(tableKey(now))) return true;
  const refers = [
    ...[...table.foreignKeys, ...(table.foreignKeyCopies ?? [])].map((k) => ({
      schema: k.references.schema,
      name: k.references.table,
    })),
    ...(table.viewReads ?? []),
    ...(table.inherits ?? []),
    ...(table.partitionOf ? [table.partitionOf] : []),
  ];
  return refers.some(
    (name) => renames.tables.has(tableKey(name)) || renames.columns.has(tableKey(presentName(name, renames))),
  );
}

function renamedTable(table: Table, renames: Naming): Table {
  const now = presentName(table, renames);
  if (!concerns(table, now, renames)) return table;
  const names = renames.columns.get(tableKey(now));
  const column = (name: string) => names?.get(name) ?? name;
  const columns = (list: readonly string[]) => list.map(column);
  const keys = (list: readonly ForeignKey[]) =>
    list.map((k) => ({ ...k, columns: columns(k.columns), references: renamedTarget(k.references, renames) }));
  const refer = (name: TableName) => presentName({ schema: name.schema, name: name.name }, renames);
  return {
    ...table,
    ...now,
    columns: settled(
      table.columns,
      (c) => renamedColumn({ ...c, name: column(c.name) }, renames),
      (c) => c.name,
    ).kept,
    ...(table.primaryKey && { primaryKey: { ...table.primaryKey, columns: columns(table.primaryKey.columns) } }),
    uniques: table.uniques.map((u) => ({ ...u, columns: columns(u.columns) })),
    foreignKeys: keys(table.foreignKeys),
    ...(table.foreignKeyCopies && { foreignKeyCopies: keys(table.foreignKeyCopies) }),
    indexes: table.indexes.map((i) => renamedIndex(i, columns)),
    ...(table.partitionOf && { partitionOf: refer(table.partitionOf) }),
    ...(table.inherits && { inherits: table.inherits.map(refer) }),
    ...(table.viewReads && { viewReads: table.viewReads.map(refer) }),
  };
}

function renamedColumn(column: Column, renames: Naming): Column {
  const move = (name: TableName) => ({ ...name, schema: renames.schemas.get(name.schema) ?? name.schema });
  return {
    ...column,
    ...(column.enumType && { enumType: move(column.enumType) }),
    ...(column.domain && { domain: move(column.domain) }),
  };
}

function renamedIndex(index: Index, columns: (list: readonly string[]) => readonly string[]): Index {
  return {
    ...index,
    columns: columns(index.columns),
    ...(index.include && { include: columns(index.include) }),
    ...(index.descending && { descending: columns(index.descending) }),
    ...(index.nullsMoved && { nullsMoved: columns(index.nullsMoved) }),
    ...(index.operatorClasses && { operatorClasses: index.operatorClasses.map((entry) => ofColumn(entry, columns)) }),
  };
}

/** `part class`: the class is the last word. */
function ofColumn(entry: string, columns: (list: readonly string[]) => readonly string[]): string {
  const end = entry.lastIndexOf(" ");
  return `${columns([entry.slice(0, end)])[0] ?? ""}${entry.slice(end)}`;
}

function renamedTarget(
  target: { readonly schema: string; readonly table: string; readonly columns: readonly string[] },
  renames: Naming,
): { schema: string; table: string; columns: readonly string[] } {
  const now = presentName({ schema: target.schema, name: target.table }, renames);
  const names = renames.columns.get(tableKey(now));
  return { schema: now.schema, table: now.name, columns: target.columns.map((c) => names?.get(c) ?? c) };
}

function renamedSequence(sequence: Sequence, renames: Naming): Sequence {
  return sequence.ownedBy === undefined ? sequence : { ...sequence, ownedBy: renamedOwner(sequence.ownedBy, renames) };
}

function renamedOwner(
  owner: { readonly schema: string; readonly table: string; readonly column: string },
  renames: Naming,
): { schema: string; table: string; column: string } {
  const target = renamedTarget({ schema: owner.schema, table: owner.table, columns: [owner.column] }, renames);
  return { schema: target.schema, table: target.table, column: target.columns[0] ?? owner.column };
}
