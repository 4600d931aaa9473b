/** A refresh that reads what changed alone ends where a full discovery does, whatever DDL came between. Real PostgreSQL. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { look, type Seen } from "../../src/catalog/look.js";
import type { Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { fingerprint, normalForm } from "../../src/schema/normal-form.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";

let database: ScratchDatabase;
let connector: Connector;
let inspected: (readonly string[] | "all")[] = [];

const tables = Array.from({ length: 40 }, (_, i) => `CREATE TABLE filler_${i} (id int PRIMARY KEY, note text);`);

beforeAll(async () => {
  database = await createDatabase(`
    CREATE TYPE mood AS ENUM ('low', 'high');
    CREATE TABLE customers (id int PRIMARY KEY, name text, feeling mood);
    CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers (id), total numeric(10,2) DEFAULT 0);
    CREATE VIEW big_orders AS SELECT id, customer_id FROM orders WHERE total > 100;
    CREATE VIEW bigger_orders AS SELECT id FROM big_orders;
    CREATE TABLE tickets (number serial, holder customers, holders customers[], seat int);
    CREATE TABLE gates (id int, holder int);
    ALTER TABLE gates ENABLE ROW LEVEL SECURITY;
    CREATE POLICY open ON gates USING (EXISTS (SELECT 1 FROM tickets WHERE tickets.seat = gates.id));
    CREATE FUNCTION holders(tickets) RETURNS int LANGUAGE sql AS 'SELECT 1';
    ${tables.join("\n")}
  `);
  const opened = openConnector({ url: database.url, allowSuperuser: true });
  connector = {
    ...opened,
    inspect: (options) => {
      inspected.push(options?.only?.map((t) => t.name).toSorted() ?? "all");
      return opened.inspect(options);
    },
  };
});

afterAll(async () => {
  await connector.close();
  await database.drop();
});

const options = { partialShare: 0.5, signal: new AbortController().signal, progress: () => undefined };

async function lookFrom(before: Seen | undefined): Promise<Seen> {
  const seen = await look(connector, before, options);
  // As the catalog does: a stamp that tells tables apart stands in for a full read's own.
  if (seen.changed) return { ...seen.seen, stamp: await connector.stamp() };
  if (before === undefined) throw new Error("a first look always finds something");
  return before;
}

const steps = [
  "ALTER TABLE orders ADD COLUMN note text DEFAULT 'x'",
  "ALTER TABLE customers RENAME COLUMN id TO customer_id",
  "ALTER TABLE customers RENAME TO clients",
  "ALTER TABLE tickets RENAME COLUMN number TO ticket_no",
  "ALTER TABLE tickets RENAME COLUMN seat TO place",
  "ALTER TABLE tickets RENAME TO passes",
  "CREATE TABLE returns (id int PRIMARY KEY, order_id int REFERENCES orders (id))",
  "CREATE INDEX orders_total ON orders (total) WHERE total > 0",
  "COMMENT ON COLUMN orders.note IS 'what was said'",
  "ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0)",
  "DROP TABLE returns",
  "ALTER TYPE mood ADD VALUE 'middle' BEFORE 'high'",
  "ALTER VIEW big_orders RENAME TO large_orders",
  "DROP TABLE filler_3",
  "ALTER TABLE orders ALTER COLUMN total SET DEFAULT 5, ALTER COLUMN note SET NOT NULL",
  "ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey",
];

test("after each step the merged schema is the one a full discovery finds", async () => {
  let seen = await lookFrom(undefined);
  for (const step of steps) {
    inspected = [];
    await database.query(step);
    seen = await lookFrom(seen);
    const full = await connector.inspect();
    expect({ step, snapshot: normalForm(seen.read.snapshot) }).toEqual({ step, snapshot: normalForm(full.snapshot) });
    expect(fingerprint(seen.read.snapshot)).toBe(fingerprint(full.snapshot));
    expect(Object.keys(seen.read.identity.tables).toSorted()).toEqual(Object.keys(full.identity.tables).toSorted());
  }
});

test("one ALTER reads its table and what names it, nothing else; no ALTER reads nothing", async () => {
  const seen = await lookFrom(undefined);
  await database.query("ALTER TABLE filler_7 ADD COLUMN more int");
  inspected = [];
  const after = await lookFrom(seen);
  expect(inspected).toEqual([["filler_7"]]);
  inspected = [];
  expect(await lookFrom(after)).toBe(after);
  expect(inspected).toEqual([]);
});
