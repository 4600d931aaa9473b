/** A refresh that reads what changed alone ends where a full discovery does, whatever DDL came between. Real PostgreSQL. */

import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { look, type Seen } from "../../src/catalog/look.js";
import type { ChangeSignal, Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { installWatch } from "../../src/databases/watch.js";
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

/** DDL whose announcement names the relations it changes. */
const announcedSteps = [
  "ALTER TABLE orders ADD COLUMN remark text DEFAULT 'x'",
  "ALTER TABLE clients RENAME COLUMN customer_id TO client_id",
  "ALTER TABLE clients RENAME TO patrons",
  "CREATE INDEX orders_remark ON orders (remark)",
  "COMMENT ON COLUMN orders.remark IS 'more was said'",
  "CREATE TABLE refunds (id int PRIMARY KEY, order_id int REFERENCES orders (id), note text)",
  "ALTER TABLE refunds DROP CONSTRAINT refunds_order_id_fkey",
  "CREATE VIEW refunded AS SELECT order_id FROM refunds",
  "DROP TABLE refunds CASCADE",
  "CREATE TABLE days (day date, seen int) PARTITION BY RANGE (day)",
  "CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
  "CREATE TABLE nights (kind text)",
  "CREATE TABLE kept () INHERITS (nights)",
  "ALTER TABLE nights RENAME COLUMN kind TO sort",
  "ALTER TABLE kept NO INHERIT nights",
  "CREATE POLICY few ON orders USING (id > 3)",
  "DROP POLICY few ON orders",
  "DROP VIEW large_orders CASCADE",
  "ALTER TABLE orders ALTER COLUMN total TYPE numeric(14,2)",
  "ALTER TABLE orders DROP COLUMN total",
  "DROP TABLE days",
  "CREATE TABLE weeks (day date) PARTITION BY RANGE (day); CREATE TABLE weeks_1 PARTITION OF weeks DEFAULT",
];
/** DDL that reaches further than a relation: its announcement names none. */
const widerSteps = [
  "CREATE TABLE numbered (id serial)",
  "ALTER TABLE weeks DETACH PARTITION weeks_1",
  "ALTER TYPE mood ADD VALUE 'higher'",
  "DROP INDEX orders_remark",
  "CREATE SCHEMA apart",
  "GRANT SELECT ON orders TO PUBLIC",
  "CREATE FUNCTION two() RETURNS int LANGUAGE sql AS 'SELECT 2'",
  "COMMENT ON TRIGGER touched ON orders IS 'why'",
];

test("what an announcement names is all that is looked at, and the schema is the one a full discovery finds", async () => {
  await database.query(`CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
    CREATE TRIGGER touched BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION touch()`);
  await installWatch({ url: database.url });
  const signals: ChangeSignal[] = [];
  const listening = await connector.listen?.((signal) => signals.push(signal));
  /** The relations that are announced while `step` runs; undefined where one of the announcements names none. */
  const tell = async (step: string): Promise<readonly string[] | undefined> => {
    signals.length = 0;
    await database.query(`${step}; SELECT pg_notify('sextant_schema', '{"tag":"end"}')`);
    await vi.waitUntil(() => signals.some(({ statement }) => statement === "end"));
    const told = signals.filter(({ statement }) => statement !== "end").map(({ relations }) => relations);
    expect(told.length, step).toBeGreaterThan(0);
    return told.includes(undefined) ? undefined : told.flatMap((relations) => relations ?? []);
  };
  let seen = await lookFrom(undefined);
  for (const step of announcedSteps) {
    const told = await tell(step);
    expect(told, step).toBeDefined();
    inspected = [];
    const next = await look(connector, seen, { ...options, ...(told === undefined ? {} : { told }) });
    if (!next.changed) throw new Error(`nothing was seen of: ${step}`);
    expect(inspected, step).not.toContain("all");
    const full = await connector.inspect();
    expect({ step, snapshot: normalForm(next.seen.read.snapshot) }).toEqual({
      step,
      snapshot: normalForm(full.snapshot),
    });
    seen = next.seen;
  }
  // Behind the gate all is looked at again: what came with the steps (columns of indexes, TOAST tables) is no news.
  expect(fingerprint((await lookFrom(seen)).read.snapshot)).toBe(fingerprint(seen.read.snapshot));
  for (const step of widerSteps) expect({ step, told: await tell(step) }).toEqual({ step, told: undefined });
  await listening?.stop();
});

test("the new name of an attribute of a composite type is news", async () => {
  await database.query("CREATE TYPE place AS (street text, town text)");
  const seen = await lookFrom(undefined);
  await database.query("ALTER TYPE place RENAME ATTRIBUTE town TO city");
  const after = await lookFrom(seen);
  expect(after.read.snapshot.composites).not.toEqual(seen.read.snapshot.composites);
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
