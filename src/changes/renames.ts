/**
 * Which tables, columns and schemas are the same under another name. Proven by identity (PostgreSQL: oid and attnum, pg_class(5),
 * pg_attribute(5)) or, in SQLite, by the schema_version having risen by exactly one with exactly one name differing. Pure.
 * Anything else is a removal and an addition; `suspects.ts` scores those as a guess, and nobody acts on a guess.
 */

import { tableKey } from "../schema/names.js";
import type { SchemaSnapshot, Table, TableName } from "../schema/snapshot.js";
import type { SchemaIdentity } from "../schema/statistics.js";
import type { Seen } from "./change.js";

export interface Renames {
  /** Former schema name to the present one. */
  readonly schemas: ReadonlyMap<string, string>;
  /** Former table key to the present name; only where it differs beyond its schema's rename. */
  readonly tables: ReadonlyMap<string, TableName>;
  /** By present table key: former column name to the present one. */
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Present keys of tables that were dropped and created again under one name. */
  readonly recreatedTables: ReadonlySet<string>;
  /** By present table key: columns that were dropped and added again under one name. */
  readonly recreatedColumns: ReadonlyMap<string, ReadonlySet<string>>;
}

const none: Renames = {
  schemas: new Map(),
  tables: new Map(),
  columns: new Map(),
  recreatedTables: new Set(),
  recreatedColumns: new Map(),
};

/** The renames that are proven between two looks. */
export function provenRenames(before: Seen, after: Seen): Renames {
  const [past, present] = [before.identity, after.identity];
  if (before.snapshot.dialect === "sqlite") return sqliteRenames(before, after);
  if (past === undefined || present === undefined || past.database !== present.database) return none;
  return identityRenames(before.snapshot, after.snapshot, past, present);
}

function identityRenames(
  before: SchemaSnapshot,
  after: SchemaSnapshot,
  past: SchemaIdentity,
  present: SchemaIdentity,
): Renames {
  const schemas = renamedSchemas(before, after, past, present);
  const presentById = new Map<string, Table>();
  for (const table of after.tables) {
    const id = present.tables[tableKey(table)]?.id;
    if (id !== undefined) presentById.set(id, table);
  }
  const pastIds = new Set(Object.values(past.tables).map((t) => t.id));
  const tables = new Map<string, TableName>();
  const columns = new Map<string, ReadonlyMap<string, string>>();
  const recreatedColumns = new Map<string, ReadonlySet<string>>();
  for (const table of before.tables) {
    const key = tableKey(table);
    const was = past.tables[key];
    const now = was && presentById.get(was.id);
    if (was === undefined || now === undefined) continue;
    const schema = schemas.get(table.schema) ?? table.schema;
    if (schema !== now.schema || table.name !== now.name) tables.set(key, { schema: now.schema, name: now.name });
    const nowKey = schema === table.schema && now.name === table.name ? key : tableKey(now);
    const moved = columnMoves(was.columns, present.tables[nowKey]?.columns ?? {});
    if (moved.renamed.size > 0) columns.set(nowKey, moved.renamed);
    if (moved.recreated.size > 0) recreatedColumns.set(nowKey, moved.recreated);
  }
  const recreatedTables = recreated(before, after, schemas, past, present, pastIds);
  return { schemas, tables, columns, recreatedTables, recreatedColumns };
}

function renamedSchemas(
  before: SchemaSnapshot,
  after: SchemaSnapshot,
  past: SchemaIdentity,
  present: SchemaIdentity,
): ReadonlyMap<string, string> {
  const byId = new Map<string, string>();
  for (const schema of after.schemas) {
    const id = present.others?.[`schema:${schema.name}`];
    if (id !== undefined) byId.set(id, schema.name);
  }
  const renamed = new Map<string, string>();
  for (const schema of before.schemas) {
    const name = byId.get(past.others?.[`schema:${schema.name}`] ?? "");
    if (name !== undefined && name !== schema.name) renamed.set(schema.name, name);
  }
  return renamed;
}

const noMoves = { renamed: new Map<string, string>(), recreated: new Set<string>() };

/** Whether every column of before has its number still: what was only added moves nothing. */
function sameColumnsAs(past: Readonly<Record<string, number>>, present: Readonly<Record<string, number>>): boolean {
  if (past === present) return true;
  for (const name in past) if (present[name] !== past[name]) return false;
  return true;
}

/** Columns of one table by attnum, which PostgreSQL never gives out twice. */
function columnMoves(
  past: Readonly<Record<string, number>>,
  present: Readonly<Record<string, number>>,
): { renamed: ReadonlyMap<string, string>; recreated: ReadonlySet<string> } {
  if (sameColumnsAs(past, present)) return noMoves;
  const byNumber = new Map(Object.entries(present).map(([name, number]) => [number, name]));
  const renamed = new Map<string, string>();
  const recreated = new Set<string>();
  for (const [name, number] of Object.entries(past)) {
    const now = byNumber.get(number);
    if (now !== undefined && now !== name) renamed.set(name, now);
    if (now === undefined && present[name] !== undefined) recreated.add(name);
  }
  for (const name of recreated) if ([...renamed.values()].includes(name)) recreated.delete(name);
  return { renamed, recreated };
}

/**
 * Tables that were dropped and created again under their name. Where that happened to a whole schema (its own oid is new, or all of its
 * several tables are), it was restored or loaded again: then only what differs by name is worth telling.
 */
function recreated(
  before: SchemaSnapshot,
  after: SchemaSnapshot,
  schemas: ReadonlyMap<string, string>,
  past: SchemaIdentity,
  present: SchemaIdentity,
  pastIds: ReadonlySet<string>,
): ReadonlySet<string> {
  const presentIds = new Set(Object.values(present.tables).map((t) => t.id));
  let presentTables: ReadonlyMap<string, Table> | undefined;
  const bySchema = new Map<string, { fresh: string[]; stayed: number }>();
  for (const table of before.tables) {
    if (!holdsRows(table)) continue;
    const key = tableKey(table);
    const schema = schemas.get(table.schema) ?? table.schema;
    const nowKey = schema === table.schema ? key : tableKey({ schema, name: table.name });
    const [was, now] = [past.tables[key]?.id, present.tables[nowKey]?.id];
    if (was === undefined) continue;
    const group = bySchema.get(table.schema) ?? { fresh: [], stayed: 0 };
    bySchema.set(table.schema, group);
    if (now === was || presentIds.has(was)) {
      group.stayed++;
      continue;
    }
    if (now === undefined || pastIds.has(now)) continue;
    presentTables ??= new Map(after.tables.map((t) => [tableKey(t), t]));
    const kept = presentTables.get(nowKey);
    if (kept !== undefined && holdsRows(kept)) group.fresh.push(nowKey);
  }
  const found = new Set<string>();
  for (const [schema, group] of bySchema) {
    const schemaKey = `schema:${schemas.get(schema) ?? schema}`;
    const reloaded = past.others?.[`schema:${schema}`] !== present.others?.[schemaKey];
    if (!reloaded && (group.stayed > 0 || group.fresh.length === 1)) for (const key of group.fresh) found.add(key);
  }
  return found;
}

function holdsRows(table: Table): boolean {
  return table.kind === "table" || table.kind === "partitioned_table";
}

/** One DDL statement cannot drop and create: with the schema_version one higher, a single differing name is a rename. */
function sqliteRenames(before: Seen, after: Seen): Renames {
  if (!oneStatement(before, after)) return none;
  const past = new Map(before.snapshot.tables.map((t) => [tableKey(t), t]));
  const present = new Map(after.snapshot.tables.map((t) => [tableKey(t), t]));
  const gone = before.snapshot.tables.filter((t) => !present.has(tableKey(t)));
  const fresh = after.snapshot.tables.filter((t) => !past.has(tableKey(t)));
  const [old, now] = [gone[0], fresh[0]];
  if (gone.length === 1 && fresh.length === 1 && old !== undefined && now !== undefined && sameColumns(old, now)) {
    return { ...none, tables: new Map([[tableKey(old), { schema: now.schema, name: now.name }]]) };
  }
  if (gone.length + fresh.length > 0) return none;
  return oneColumn(before.snapshot, present);
}

function oneColumn(before: SchemaSnapshot, present: ReadonlyMap<string, Table>): Renames {
  const found: { key: string; old: string; now: string }[] = [];
  for (const table of before.tables.filter((t) => t.kind === "table" || t.kind === "virtual_table")) {
    const now = present.get(tableKey(table));
    if (now === undefined) continue;
    if (now.columns.length !== table.columns.length) return none;
    for (const [i, column] of table.columns.entries()) {
      const name = now.columns[i]?.name;
      if (name !== undefined && name !== column.name) found.push({ key: tableKey(table), old: column.name, now: name });
    }
  }
  const [only] = found;
  if (found.length !== 1 || only === undefined) return none;
  const columns = new Map([[only.key, new Map([[only.old, only.now]])]]);
  // SQLite rewrites the texts of views, and with them the names of their unaliased columns (lang_altertable.html, 3).
  for (const view of before.tables.filter((t) => t.kind === "view")) {
    const now = present.get(tableKey(view));
    const differing = view.columns.filter((c, i) => now?.columns[i]?.name !== c.name);
    const follows = view.columns.findIndex((c, i) => c.name === only.old && now?.columns[i]?.name === only.now);
    if (follows >= 0 && differing.length === 1 && now?.columns.length === view.columns.length) {
      columns.set(tableKey(view), new Map([[only.old, only.now]]));
    }
  }
  return { ...none, columns };
}

function sameColumns(a: Table, b: Table): boolean {
  return (
    a.kind === b.kind &&
    a.columns.length === b.columns.length &&
    a.columns.every((c, i) => b.columns[i]?.name === c.name)
  );
}

/** A SQLite stamp ends in `:` and the schema_version; what stands before it (device and inode) must be the same file. */
function oneStatement(before: Seen, after: Seen): boolean {
  const [past, present] = [versionOf(before.stamp?.schema), versionOf(after.stamp?.schema)];
  if (past === undefined || present === undefined || past.file !== present.file) return false;
  if (before.identity?.database !== after.identity?.database) return false;
  return present.version === past.version + 1;
}

function versionOf(stamp: string | undefined): { file: string; version: number } | undefined {
  const match = /^(?<file>.*):(?<version>\d+)$/su.exec(stamp ?? "");
  const { file, version } = match?.groups ?? {};
  return file === undefined || version === undefined ? undefined : { file, version: Number(version) };
}
