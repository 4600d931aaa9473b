/** Small snapshots for tests, written as names of columns: `id` first is the key. */

import { declaredRelationships } from "../../src/schema/relationships.js";
import type { Column, SchemaSnapshot, Table } from "../../src/schema/snapshot.js";
import type { SchemaView } from "../../src/schema/view.js";

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

/** The tables with the links that they declare, and nothing known of their rows. */
export function viewOf(tables: readonly Table[]): SchemaView {
  const snapshot = snapshotOf(tables);
  return { snapshot, version: "v", statistics: { tables: {} }, relationships: declaredRelationships(snapshot) };
}
