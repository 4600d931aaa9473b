/** A SQLite source with a second file attached: over the protocol both are one database, read-only, each table under its schema's name. */

import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, overStdio, scratchFolder } from "./sextant.js";

const folder = scratchFolder();
const [shop, archive] = ["shop.db", "archive.db"].map((name) => join(folder.path, name)) as [string, string];
let client: Client;

function write(path: string, sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

beforeAll(async () => {
  write(
    shop,
    `CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, region TEXT);
     CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), total NUMERIC);
     INSERT INTO customers VALUES (1, 'Ada', 'North'), (2, 'Bo', 'South');
     INSERT INTO orders VALUES (1, 1, 10), (2, 2, 20);`,
  );
  write(
    archive,
    `CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, amount NUMERIC);
     CREATE TABLE carriers (id INTEGER PRIMARY KEY, carrier_name TEXT);
     CREATE TABLE shipments (id INTEGER PRIMARY KEY, carrier_id INTEGER REFERENCES carriers (id), weight NUMERIC);
     CREATE VIEW heavy AS SELECT * FROM shipments WHERE weight > 5;
     INSERT INTO orders VALUES (1, 1, 100), (2, 1, 200), (3, 2, 400);
     INSERT INTO carriers VALUES (1, 'Fast'), (2, 'Slow'); INSERT INTO shipments VALUES (1, 1, 3), (2, 1, 9), (3, 2, 7);`,
  );
  const config = join(folder.path, "sextant.json");
  // A relative path is relative to the file that names it.
  const source = { url: "sqlite:./shop.db", attach: { archive: "sqlite:./archive.db" } };
  writeFileSync(config, JSON.stringify({ sources: { shop: source } }));
  client = await overStdio("--config", config, "--state", "memory");
});
afterAll(async () => {
  await client.close();
  folder.remove();
});

const rows = async (sql: string, params: readonly unknown[] = []) =>
  (await call(client, "run_query", { sql, params })).structuredContent.rows;
const tables = async (args: object = {}) => {
  const { structuredContent } = await call(client, "discover_schema", { detail: "summary", refresh: true, ...args });
  return structuredContent.tables as unknown as {
    readonly name: string;
    readonly foreign_keys: readonly { readonly origin: string; readonly references: { readonly table: string } }[];
  }[];
};

test("discovered as one database of two schemas", async () => {
  const all = await tables();
  expect(all.map((t) => t.name).toSorted()).toEqual([
    "archive.carriers",
    "archive.heavy",
    "archive.orders",
    "archive.shipments",
    "customers",
    "orders",
  ]);
  const declared = all.flatMap((t) =>
    t.foreign_keys.filter((k) => k.origin === "declared").map((k) => `${t.name} -> ${k.references.table}`),
  );
  expect(declared.toSorted()).toEqual(["archive.shipments -> archive.carriers", "orders -> customers"]);
  expect((await tables({ schemas: ["archive"] })).every((t) => t.name.startsWith("archive."))).toBe(true);
});

test("mapped, built, checked and run, each table under its own name", async () => {
  const mapped = await call(client, "map_term", { terms: ["carrier name", "Fast"] });
  expect(mapped.structuredContent.results.map((r) => r.matches[0]?.ref)).toEqual([
    "archive.carriers.carrier_name",
    "archive.carriers.carrier_name",
  ]);
  const built = await call(client, "build_query", {
    measures: [{ term: "archive.shipments.weight", agg: "sum" }],
    dimensions: [{ term: "carrier name" }],
    order_by: [{ by: "carrier name" }],
  });
  expect(built.structuredContent.status).toBe("ok");
  expect(await rows(built.structuredContent.sql, built.structuredContent.params)).toEqual([
    ["Fast", 12],
    ["Slow", 7],
  ]);
  const across = await call(client, "build_query", {
    measures: [{ term: "archive.orders.amount", agg: "sum" }],
    dimensions: [{ term: "customers.region" }],
    joins: [{ from: "archive.orders.customer_id", to: "customers.id" }],
    order_by: [{ by: "customers.region" }],
  });
  expect(await rows(across.structuredContent.sql, across.structuredContent.params)).toEqual([
    ["North", 300],
    ["South", 400],
  ]);
});

test("names are looked for in the main file first, then in those attached; each statement is told where it reads", async () => {
  const read = async (sql: string) =>
    ((await call(client, "validate_query", { sql })).structuredContent as unknown as { reads: { tables: string[] } })
      .reads.tables;
  expect(await read("SELECT count(*) FROM orders")).toEqual(["orders"]);
  expect(await read("SELECT count(*) FROM archive.orders")).toEqual(["archive.orders"]);
  expect(await read("SELECT count(*) FROM shipments")).toEqual(["archive.shipments"]);
  expect(await rows("SELECT count(*) FROM archive.orders")).toEqual([[3]]);
  expect(await rows("SELECT count(*) FROM heavy")).toEqual([[2]]);
  const wrong = await call(client, "validate_query", { sql: "SELECT wieght FROM archive.shipments" });
  expect(wrong.structuredContent.issues[0]).toMatchObject({ code: "unknown_column" });
  expect(JSON.stringify(wrong.structuredContent.issues)).toContain("weight");
});

test("nothing of it can be written, and no other file attached", async () => {
  for (const sql of [
    "DELETE FROM archive.orders",
    "ATTACH 'x.db' AS x",
    "INSERT INTO archive.carriers VALUES (9, 'x')",
  ]) {
    expect((await call(client, "run_query", { sql })).isError).toBe(true);
  }
  expect(await rows("SELECT count(*) FROM archive.orders")).toEqual([[3]]);
});

test("a change in the attached file is seen, a rename proven; a missing file is told by its schema, and not made", async () => {
  write(archive, "ALTER TABLE carriers RENAME COLUMN carrier_name TO carrier_label");
  await tables();
  const { structuredContent } = await call(client, "schema_changes");
  const told = structuredContent as unknown as { changes: { kind: string; object: string; renamed_from?: string }[] };
  expect(told.changes).toMatchObject([
    { kind: "column_renamed", object: "archive.carriers.carrier_label", renamed_from: "archive.carriers.carrier_name" },
  ]);
  renameSync(archive, `${archive}.away`);
  const gone = await call(client, "run_query", { sql: "SELECT count(*) FROM archive.orders" });
  expect(gone.isError).toBe(true);
  expect(gone.content[0]?.text).toContain("archive");
  expect(gone.content[0]?.text).not.toContain(folder.path);
  expect(existsSync(archive)).toBe(false);
  renameSync(`${archive}.away`, archive);
  expect(await rows("SELECT count(*) FROM archive.orders")).toEqual([[3]]);
});
