/**
 * Refs: names of tables and columns as people and agents write them, `table`, `table.column`, `schema.table`,
 * `schema.table.column`, parts quoted with double quotes where they need it. The default schema is left out on output.
 */

import type { SchemaSnapshot, Table, TableName } from "./snapshot.js";

/** A name that needs no quotes in either dialect: letters, digits and underscores, not starting with a digit, any case. */
const plainName = /^[\p{L}_][\p{L}\p{N}_]*$/u;

/** One part of a Ref, quoted where the bare name could be misread. Source of the quoting rule: SQL-92, 5.2 <delimited identifier>. */
export function printName(name: string): string {
  return plainName.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** The full name of a table, schema included: the key of every map over tables. */
export function tableKey(name: TableName): string {
  return `${printName(name.schema)}.${printName(name.name)}`;
}

/** The Ref of a table (or of one of its columns), the default schema left out. */
export function printRef(snapshot: Pick<SchemaSnapshot, "defaultSchema">, table: TableName, column?: string): string {
  const parts = table.schema === snapshot.defaultSchema ? [table.name] : [table.schema, table.name];
  if (column !== undefined) parts.push(column);
  return parts.map(printName).join(".");
}

/** The parts of a Ref, quotes undone; `undefined` where it is malformed (an empty part, an open quote). */
export function parseRef(ref: string): readonly string[] | undefined {
  const parts: string[] = [];
  const part = /\s*(?:"((?:[^"]|"")+)"|([^."]+?))\s*(\.|$)/uy;
  let end = 0;
  while (end < ref.length || parts.length === 0) {
    part.lastIndex = end;
    const match = part.exec(ref);
    if (match === null) return undefined;
    parts.push(match[1] === undefined ? (match[2] ?? "") : match[1].replaceAll('""', '"'));
    end = part.lastIndex;
    if (match[3] === "") break;
    if (end >= ref.length) return undefined;
  }
  return parts;
}

/** What a Ref can mean in a snapshot. Exact case wins over folded case; the default schema wins over others. */
export function resolveRef(
  snapshot: SchemaSnapshot,
  ref: string,
): { readonly table: Table; readonly column?: string } | undefined {
  const parts = parseRef(ref);
  if (parts === undefined || parts.length > 3) return undefined;
  const [first, second, third] = parts;
  if (first === undefined) return undefined;
  if (third !== undefined && second !== undefined) return inTable(findTable(snapshot, second, first), third);
  if (second === undefined) {
    const table = findTable(snapshot, first);
    return table && { table };
  }
  const owner = findTable(snapshot, first);
  const asColumn = inTable(owner, second);
  if (asColumn !== undefined) return asColumn;
  const qualified = findTable(snapshot, second, first);
  return qualified && { table: qualified };
}

/** A table by name, with or without its schema; exact case first, then case folded. */
export function findTable(snapshot: SchemaSnapshot, name: string, schema?: string): Table | undefined {
  const index = tableIndex(snapshot);
  const exact = pick(snapshot, index.exact.get(name), schema);
  return exact ?? pick(snapshot, index.folded.get(name.toLowerCase()), schema);
}

/** A column's own spelling; exact case first, then case folded. */
export function findColumn(table: Table, column: string): string | undefined {
  const exact = table.columns.find((c) => c.name === column);
  if (exact !== undefined) return exact.name;
  const folded = column.toLowerCase();
  return table.columns.find((c) => c.name.toLowerCase() === folded)?.name;
}

function inTable(table: Table | undefined, column: string): { table: Table; column: string } | undefined {
  const found = table && findColumn(table, column);
  return table !== undefined && found !== undefined ? { table, column: found } : undefined;
}

function pick(snapshot: SchemaSnapshot, tables: readonly Table[] | undefined, schema?: string): Table | undefined {
  if (tables === undefined) return undefined;
  if (schema !== undefined) {
    return (
      tables.find((t) => t.schema === schema) ?? tables.find((t) => t.schema.toLowerCase() === schema.toLowerCase())
    );
  }
  const inDefault = tables.find((t) => t.schema === snapshot.defaultSchema);
  return inDefault ?? (tables.length === 1 ? tables[0] : undefined);
}

interface TableIndex {
  readonly exact: ReadonlyMap<string, readonly Table[]>;
  readonly folded: ReadonlyMap<string, readonly Table[]>;
}

const indexes = new WeakMap<SchemaSnapshot, TableIndex>();

function tableIndex(snapshot: SchemaSnapshot): TableIndex {
  const known = indexes.get(snapshot);
  if (known !== undefined) return known;
  const made: TableIndex = {
    exact: groupTables(snapshot, (t) => t.name),
    folded: groupTables(snapshot, (t) => t.name.toLowerCase()),
  };
  indexes.set(snapshot, made);
  return made;
}

function groupTables(snapshot: SchemaSnapshot, keyOf: (table: Table) => string): Map<string, Table[]> {
  const groups = new Map<string, Table[]>();
  for (const table of snapshot.tables) {
    const key = keyOf(table);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [table]);
    else group.push(table);
  }
  return groups;
}
