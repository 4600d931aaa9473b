/**
 * Generates a schema of any size as DDL for either dialect: areas of tables that reference one another, with the usual variety of types,
 * defaults, keys, indexes, checks and comments. Deterministic: the same count gives the same text. No rows.
 */

import type { DialectName } from "../src/schema/snapshot.js";

const areas = ["sales", "stock", "people", "ledger", "billing", "support", "fleet", "web"] as const;
const nouns = [
  "account",
  "order",
  "invoice",
  "payment",
  "product",
  "batch",
  "ticket",
  "session",
  "route",
  "contract",
] as const;

const columns: readonly (readonly [string, string, string])[] = [
  ["status", "text NOT NULL DEFAULT 'open'", "TEXT NOT NULL DEFAULT 'open'"],
  ["amount", "numeric(12,2) NOT NULL DEFAULT 0", "NUMERIC(12,2) NOT NULL DEFAULT 0"],
  ["quantity", "integer DEFAULT 1", "INTEGER DEFAULT 1"],
  ["is_active", "boolean NOT NULL DEFAULT true", "BOOLEAN NOT NULL DEFAULT 1"],
  ["created_at", "timestamptz NOT NULL DEFAULT now()", "TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP"],
  ["due_on", "date", "DATE"],
  ["code", "varchar(20)", "VARCHAR(20)"],
  ["note", "text", "TEXT"],
  ["rate", "double precision", "REAL"],
  ["external_id", "uuid", "BLOB"],
];

/** One statement a line of the result; about 12 columns, 2 indexes and 1.5 foreign keys a table. */
export function generateSchema(tables: number, dialect: DialectName): string[] {
  const statements = dialect === "postgres" ? areas.map((area) => `CREATE SCHEMA ${area}`) : [];
  for (let at = 0; at < tables; at += 1) statements.push(...tableOf(at, dialect));
  return statements;
}

function nameOf(at: number, dialect: DialectName): string {
  const area = areas[at % areas.length];
  const noun = nouns[Math.floor(at / areas.length) % nouns.length];
  return `${area}${dialect === "postgres" ? "." : "_"}${noun}_${at}`;
}

function tableOf(at: number, dialect: DialectName): string[] {
  const name = nameOf(at, dialect);
  const bare = name.replace(".", "_");
  const isPostgres = dialect === "postgres";
  const lines = [isPostgres ? "id bigserial PRIMARY KEY" : "id INTEGER PRIMARY KEY"];
  lines.push(...columns.map(([column, postgres, sqlite]) => `${column} ${isPostgres ? postgres : sqlite}`));
  for (const back of at % 2 === 0 ? [1] : [1, 9]) {
    const type = isPostgres ? "bigint" : "INTEGER";
    if (at >= back) lines.push(`parent_${back}_id ${type} REFERENCES ${nameOf(at - back, dialect)} (id)`);
  }
  if (at % 3 === 0) lines.push(`CONSTRAINT ${bare}_amount CHECK (amount >= 0)`);
  const statements = [
    `CREATE TABLE ${name} (${lines.join(", ")})`,
    `CREATE INDEX ${bare}_created ON ${isPostgres ? name : bare} (created_at)`,
  ];
  if (at % 4 === 0) statements.push(`CREATE UNIQUE INDEX ${bare}_code ON ${name} (lower(code)) WHERE is_active`);
  if (isPostgres && at % 5 === 0) statements.push(`COMMENT ON TABLE ${name} IS 'Table ${at} of the generated schema'`);
  return statements;
}
