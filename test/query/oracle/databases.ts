/** A world as a database of either dialect and as a schema view; and the answers of two evaluations compared. */

import Database from "better-sqlite3";
import type { Relationship } from "../../../src/schema/relationships.js";
import type { DialectName, SchemaSnapshot } from "../../../src/schema/snapshot.js";
import type { SchemaView } from "../../../src/schema/view.js";
import type { Value, World } from "./world.js";

const types = {
  sqlite: { int: "INTEGER", num: "NUMERIC", text: "TEXT", date: "DATE" },
  postgres: { int: "integer", num: "numeric", text: "text", date: "date" },
} as const;

/** The view as discovery would give it, its links as people confirmed or evidence suggested them. */
export function viewOf(world: World, dialect: DialectName): SchemaView {
  const schema = dialect === "sqlite" ? "main" : "public";
  const snapshot: SchemaSnapshot = {
    dialect,
    defaultSchema: schema,
    schemas: [{ name: schema }],
    tables: world.tables.map((t) => ({
      schema,
      name: t.name,
      kind: "table",
      columns: t.columns.map((c) => ({
        name: c.name,
        type: types[dialect][c.type],
        nullable: !t.key.includes(c.name),
      })),
      primaryKey: { columns: t.key },
      uniques: [],
      foreignKeys: [],
      checks: [],
      indexes: [],
      triggers: [],
      policies: [],
    })),
    enums: [],
    domains: [],
    composites: [],
    sequences: [],
    functions: [],
    extensions: [],
  };
  const relationships = world.links.map(
    (l): Relationship => ({
      from: { table: { schema, name: l.from }, columns: l.fromColumns },
      to: { table: { schema, name: l.to }, columns: l.toColumns },
      origin: l.unique ? "declared" : "inferred",
      confidence: l.unique ? 1 : 0.97,
      cardinality: l.oneToOne ? "1:1" : "n:1",
      targetUnique: l.unique,
    }),
  );
  return { snapshot, version: "sha256:oracle", statistics: { tables: {} }, relationships };
}

/** Statements that make the world's tables and rows. */
export function ddlOf(world: World, dialect: DialectName): string {
  return world.tables
    .map((t) => {
      const columns = t.columns.map((c) => `${c.name} ${types[dialect][c.type]}`);
      const made = `CREATE TABLE ${t.name} (${[...columns, `PRIMARY KEY (${t.key.join(", ")})`].join(", ")});`;
      if (t.rows.length === 0) return made;
      const rows = t.rows.map((r) => `(${t.columns.map((c) => literal(r[c.name] ?? null)).join(", ")})`);
      return `${made}\nINSERT INTO ${t.name} VALUES ${rows.join(", ")};`;
    })
    .join("\n");
}

function literal(value: Value): string {
  if (value === null) return "NULL";
  return typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;
}

export function sqliteOf(world: World): Database.Database {
  const db = new Database(":memory:");
  db.exec(ddlOf(world, "sqlite"));
  return db;
}

/** Rows as texts in a fixed order; numbers to nine digits, whatever type carries them. */
export function bagOf(rows: readonly (readonly unknown[])[]): readonly string[] {
  return rows.map((r) => JSON.stringify(r.map(plain))).sort();
}

function plain(value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(9));
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  return value;
}
