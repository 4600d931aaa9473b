/** What came to PostgreSQL with a version, read where the server has it. SEXTANT_TEST_POSTGRES_URL names a server of another version. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { findTable } from "../../src/schema/names.js";
import { normalForm } from "../../src/schema/normal-form.js";
import type { Table } from "../../src/schema/snapshot.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";

let database: ScratchDatabase;
let connector: Connector;
let version = 0;

beforeAll(async () => {
  database = await createDatabase();
  connector = openConnector({ url: database.readerUrl });
  const [row] = await database.query<{ n: string }>("SELECT current_setting('server_version_num') AS n");
  version = Number(row?.n);
});

afterAll(async () => {
  await connector.close();
  await database.drop();
});

async function tableAfter(ddl: string, name: string): Promise<Table> {
  await database.query(ddl);
  const { snapshot } = await connector.inspect();
  const found = findTable(snapshot, name, "public");
  if (found === undefined) throw new Error(`no table ${name}`);
  const part = await connector.inspect({ only: [{ schema: "public", name }] });
  expect(normalForm(part.snapshot).tables).toEqual(normalForm({ ...snapshot, tables: [found] }).tables);
  return found;
}

test("12: stored generated columns; partitioned tables as targets of keys", async () => {
  const made = await tableAfter(
    `CREATE TABLE boxes (a int, b int GENERATED ALWAYS AS (a * 2) STORED, c int DEFAULT 3);
     CREATE TABLE logs (id int PRIMARY KEY) PARTITION BY HASH (id);
     CREATE TABLE logs_0 PARTITION OF logs FOR VALUES WITH (MODULUS 1, REMAINDER 0);
     CREATE TABLE entries (log_id int REFERENCES logs);`,
    "boxes",
  );
  expect(made.columns).toMatchObject([
    { name: "a" },
    { name: "b", generated: { expression: "(a * 2)", stored: true } },
    { name: "c", default: "3" },
  ]);
  expect(made.columns[1]).not.toHaveProperty("default");
});

test("14: functions in standard SQL, and their bodies' changes", async ({ skip }) => {
  skip(version < 140_000, "BEGIN ATOMIC came with PostgreSQL 14");
  const bodyOf = async () => (await connector.inspect()).snapshot.functions.find((f) => f.name === "plus")?.bodyHash;
  await database.query("CREATE FUNCTION plus(a int) RETURNS int LANGUAGE sql RETURN a + 1");
  const before = await bodyOf();
  await database.query("CREATE OR REPLACE FUNCTION plus(a int) RETURNS int LANGUAGE sql RETURN a + 2");
  expect(await bodyOf()).not.toBe(before);
});

test("15: nulls that are not distinct", async ({ skip }) => {
  skip(version < 150_000, "NULLS NOT DISTINCT came with PostgreSQL 15");
  const made = await tableAfter("CREATE TABLE seats (a int, b int UNIQUE NULLS NOT DISTINCT, UNIQUE (a))", "seats");
  const uniques = Object.fromEntries(made.uniques.map((u) => [u.columns[0], u.nullsNotDistinct ?? false]));
  expect(uniques).toEqual({ a: false, b: true });
});

test("17: identity columns of partitioned tables", async ({ skip }) => {
  skip(version < 170_000, "they came with PostgreSQL 17");
  const made = await tableAfter(
    `CREATE TABLE days (id bigint GENERATED ALWAYS AS IDENTITY, at date) PARTITION BY RANGE (at);
     CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');`,
    "days_1",
  );
  expect(made.columns[0]).toMatchObject({ name: "id", identity: "always", nullable: false });
});

test("18: virtual columns, constraints not enforced, NOT NULL for new rows, keys over periods", async ({ skip }) => {
  skip(version < 180_000, "they came with PostgreSQL 18");
  const rooms = await tableAfter(
    `CREATE TABLE rooms (room int, free int NOT NULL, taken int4range, twice int GENERATED ALWAYS AS (free * 2) VIRTUAL, late int,
       CHECK (free > 0) NOT ENFORCED, CHECK (late > 0), UNIQUE (taken));
     ALTER TABLE rooms ADD CONSTRAINT late_now NOT NULL late NOT VALID;
     CREATE TABLE guests (room int, rank int PRIMARY KEY, FOREIGN KEY (rank) REFERENCES guests (rank) NOT ENFORCED);`,
    "rooms",
  );
  expect(rooms.columns.map((c) => c.nullable)).toEqual([true, false, true, true, true]);
  expect(rooms.columns[3]?.generated).toEqual({ expression: "(free * 2)", stored: false });
  expect(rooms.checks.find((c) => c.expression.includes("free"))?.notEnforced).toBe(true);
  expect(rooms.checks.find((c) => c.expression.includes("late"))?.notEnforced).toBeUndefined();
  expect((await tableAfter("SELECT 1", "guests")).foreignKeys[0]).toMatchObject({
    notEnforced: true,
    notValidated: true,
  });
  const stays = await tableAfter(
    `CREATE TABLE stays (spot int4range, during int4range, PRIMARY KEY (spot, during WITHOUT OVERLAPS));
     CREATE TABLE bills (spot int4range, during int4range,
       FOREIGN KEY (spot, PERIOD during) REFERENCES stays (spot, PERIOD during));`,
    "stays",
  );
  expect(stays.primaryKey).toMatchObject({ columns: ["spot", "during"], withoutOverlaps: true });
  expect((await tableAfter("SELECT 1", "bills")).foreignKeys[0]?.period).toBe(true);
});
