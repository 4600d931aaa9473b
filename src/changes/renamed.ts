/**
 * A snapshot with proven renames carried through every structured reference: keys, foreign keys, partitions, view reads, owners.
 * Texts (checks, predicates, view queries) stay as they were: only the database itself knows how it restates them. Pure.
 */

import { tableKey } from "../schema/names.js";
import type { Column, Index, SchemaSnapshot, Table, TableName } from "../schema/snapshot.js";
import type { Renames } from "./renames.js";

type Naming = Pick<Renames, "schemas" | "tables" | "columns">;

/** The earlier snapshot in the names of the later one. */
export function inPresentNames(before: SchemaSnapshot, renames: Naming): SchemaSnapshot {
  if (renames.schemas.size + renames.tables.size + renames.columns.size === 0) return before;
  const schema = (name: string) => renames.schemas.get(name) ?? name;
  const move = <T extends TableName>(item: T): T => ({ ...item, schema: schema(item.schema) });
  return {
    ...before,
    defaultSchema: schema(before.defaultSchema),
    schemas: before.schemas.map((s) => ({ ...s, name: schema(s.name) })),
    tables: before.tables.map((t) => renamedTable(t, renames)),
    enums: before.enums.map(move),
    domains: before.domains.map(move),
    composites: before.composites.map(move),
    functions: before.functions.map(move),
    sequences: before.sequences.map((s) => ({
      ...move(s),
      ...(s.ownedBy && { ownedBy: renamedOwner(s.ownedBy, renames) }),
    })),
    extensions: before.extensions.map((e) => ({ ...e, schema: schema(e.schema) })),
  };
}

/** The present name of a table that had `name`. */
export function presentName(name: TableName, renames: Naming): TableName {
  const table = renames.tables.get(tableKey(name));
  return table ?? { schema: renames.schemas.get(name.schema) ?? name.schema, name: name.name };
}

function renamedTable(table: Table, renames: Naming): Table {
  const now = presentName(table, renames);
  const names = renames.columns.get(tableKey(now));
  const column = (name: string) => names?.get(name) ?? name;
  const columns = (list: readonly string[]) => list.map(column);
  const refer = (name: TableName) => presentName({ schema: name.schema, name: name.name }, renames);
  return {
    ...table,
    ...now,
    columns: table.columns.map((c) => renamedColumn({ ...c, name: column(c.name) }, renames)),
    ...(table.primaryKey && { primaryKey: { ...table.primaryKey, columns: columns(table.primaryKey.columns) } }),
    uniques: table.uniques.map((u) => ({ ...u, columns: columns(u.columns) })),
    foreignKeys: table.foreignKeys.map((k) => ({
      ...k,
      columns: columns(k.columns),
      references: renamedTarget(k.references, renames),
    })),
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
  };
}

function renamedTarget(
  target: { readonly schema: string; readonly table: string; readonly columns: readonly string[] },
  renames: Naming,
): { schema: string; table: string; columns: readonly string[] } {
  const now = presentName({ schema: target.schema, name: target.table }, renames);
  const names = renames.columns.get(tableKey(now));
  return { schema: now.schema, table: now.name, columns: target.columns.map((c) => names?.get(c) ?? c) };
}

function renamedOwner(
  owner: { readonly schema: string; readonly table: string; readonly column: string },
  renames: Naming,
): { schema: string; table: string; column: string } {
  const target = renamedTarget({ schema: owner.schema, table: owner.table, columns: [owner.column] }, renames);
  return { schema: target.schema, table: target.table, column: target.columns[0] ?? owner.column };
}
