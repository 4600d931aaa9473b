/** A schema view of an open SQLite database, read by PRAGMA: enough for tests of the query builder, which need no connector. */

import type Database from "better-sqlite3";
import { tableKey } from "../../src/schema/names.js";
import { declaredRelationships, type Relationship } from "../../src/schema/relationships.js";
import type { ForeignKey, Index, SchemaSnapshot, Table } from "../../src/schema/snapshot.js";
import type { TableStatistics } from "../../src/schema/statistics.js";
import type { SchemaView } from "../../src/schema/view.js";

interface Info {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly pk: number;
}

/** `profile`: whether values are counted as well, completely. */
export function sqliteView(db: Database.Database, extra: readonly Relationship[] = [], profile = false): SchemaView {
  const names = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .pluck()
    .all() as string[];
  const tables = names.map((name) => readTable(db, name, names));
  const snapshot: SchemaSnapshot = {
    dialect: "sqlite",
    defaultSchema: "main",
    schemas: [{ name: "main" }],
    tables,
    enums: [],
    domains: [],
    composites: [],
    sequences: [],
    functions: [],
    extensions: [],
  };
  const statistics = {
    tables: Object.fromEntries(profile ? tables.map((t) => [tableKey(t), profileOf(db, t)]) : []),
  };
  return {
    snapshot,
    version: "sha256:test",
    statistics,
    relationships: [...declaredRelationships(snapshot), ...extra],
  };
}

function readTable(db: Database.Database, name: string, names: readonly string[]): Table {
  const info = db.prepare(`PRAGMA table_info(${quote(name)})`).all() as Info[];
  const key = info.filter((c) => c.pk > 0).sort((a, b) => a.pk - b.pk);
  return {
    schema: "main",
    name,
    kind: "table",
    columns: info.map((c) => ({ name: c.name, type: c.type, nullable: c.notnull === 0 && c.pk === 0 })),
    ...(key.length > 0 ? { primaryKey: { columns: key.map((c) => c.name) } } : {}),
    uniques: [],
    foreignKeys: readKeys(db, name, names),
    checks: [],
    indexes: readIndexes(db, name),
    triggers: [],
    policies: [],
  };
}

function readKeys(db: Database.Database, name: string, names: readonly string[]): readonly ForeignKey[] {
  const rows = db.prepare(`PRAGMA foreign_key_list(${quote(name)})`).all() as {
    id: number;
    table: string;
    from: string;
    to: string | null;
  }[];
  const keys = new Map<number, { columns: string[]; table: string; to: string[] }>();
  for (const r of rows) {
    const table = names.find((n) => n.toLowerCase() === r.table.toLowerCase());
    if (table === undefined) continue;
    const info = db.prepare(`PRAGMA table_info(${quote(table)})`).all() as Info[];
    const primary = info.filter((c) => c.pk > 0).sort((a, b) => a.pk - b.pk);
    const key = keys.get(r.id) ?? { columns: [], table, to: [] };
    const wanted = r.to ?? primary[key.columns.length]?.name;
    const to = info.find((c) => c.name.toLowerCase() === wanted?.toLowerCase())?.name;
    if (to === undefined) continue;
    const own = db.prepare(`PRAGMA table_info(${quote(name)})`).all() as Info[];
    key.columns.push(own.find((c) => c.name.toLowerCase() === r.from.toLowerCase())?.name ?? r.from);
    key.to.push(to);
    keys.set(r.id, key);
  }
  return [...keys.values()].map((k) => ({
    columns: k.columns,
    references: { schema: "main", table: k.table, columns: k.to },
  }));
}

function readIndexes(db: Database.Database, name: string): readonly Index[] {
  const rows = db.prepare(`PRAGMA index_list(${quote(name)})`).all() as {
    name: string;
    unique: number;
    partial: number;
  }[];
  return rows.map((r) => ({
    name: r.name,
    columns: (db.prepare(`PRAGMA index_info(${quote(r.name)})`).all() as { name: string }[]).map((c) => c.name),
    unique: r.unique === 1,
    ...(r.partial === 1 ? { partial: "?" } : {}),
  }));
}

function profileOf(db: Database.Database, table: Table): TableStatistics {
  const rows = db
    .prepare(`SELECT count(*) FROM ${quote(table.name)}`)
    .pluck()
    .get() as number;
  const columns = table.columns.map((c) => {
    const values = db
      .prepare(
        `SELECT ${quote(c.name)} AS value, count(*) AS count FROM ${quote(table.name)} WHERE ${quote(c.name)} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 1001`,
      )
      .all() as { value: string | number; count: number }[];
    const complete = values.length <= 1000;
    const distinct = db
      .prepare(`SELECT count(DISTINCT ${quote(c.name)}) FROM ${quote(table.name)}`)
      .pluck()
      .get() as number;
    const known = db
      .prepare(`SELECT count(${quote(c.name)}) FROM ${quote(table.name)}`)
      .pluck()
      .get() as number;
    const nullShare = rows === 0 ? 0 : 1 - known / rows;
    return [c.name, { distinct, nullShare, values: values.slice(0, 1000), valuesComplete: complete, exact: true }];
  });
  return { rowEstimate: rows, rowsExact: true, columns: Object.fromEntries(columns) };
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
