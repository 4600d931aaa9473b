/** Small snapshots for tests, written as names of columns: `id` first is the key. */

import type { Column, SchemaSnapshot, Table } from "../../src/schema/snapshot.js";

export function tableOf(name: string, columns: readonly (string | Column)[], more: Partial<Table> = {}): Table {
  const made = columns.map((c): Column => (typeof c === "string" ? { name: c, type: "INTEGER", nullable: true } : c));
  return {
    schema: "main",
    name,
    kind: "table",
    columns: made,
    primaryKey: { columns: made.slice(0, 1).map((c) => c.name) },
    uniques: [],
    foreignKeys: [],
    checks: [],
    indexes: [],
    triggers: [],
    policies: [],
    ...more,
  };
}

export function snapshotOf(tables: readonly Table[], more: Partial<SchemaSnapshot> = {}): SchemaSnapshot {
  return {
    dialect: "sqlite",
    defaultSchema: "main",
    schemas: [...new Set(tables.map((t) => t.schema))].map((name) => ({ name })),
    tables,
    enums: [],
    domains: [],
    composites: [],
    sequences: [],
    functions: [],
    extensions: [],
    ...more,
  };
}
