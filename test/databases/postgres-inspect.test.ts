/** Complete inspection of PostgreSQL: one schema with everything in it, read as a role with few rights, and read again in part. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Connector, Inspection } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { findTable } from "../../src/schema/names.js";
import { fingerprint } from "../../src/schema/normal-form.js";
import type { Table } from "../../src/schema/snapshot.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";

const ddl = `
CREATE SCHEMA books;
COMMENT ON SCHEMA books IS 'The ledger';
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN positive AS numeric(12,2) DEFAULT 1 NOT NULL CHECK (VALUE > 0);
CREATE TYPE place AS (street text, zip varchar(10));
CREATE TABLE customers (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email varchar(200) NOT NULL UNIQUE,
  name text COLLATE "C",
  mood mood DEFAULT 'ok',
  moods mood[],
  credit positive,
  address place,
  created timestamptz NOT NULL DEFAULT now(),
  full_name text GENERATED ALWAYS AS (name || ' <' || email || '>') STORED,
  CONSTRAINT email_has_at CHECK (email LIKE '%@%')
);
COMMENT ON TABLE customers IS 'Who buys';
COMMENT ON COLUMN customers.credit IS 'How much they may owe';
CREATE TABLE orders (
  id bigserial,
  customer_id int NOT NULL REFERENCES customers ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  placed date NOT NULL,
  "Total Amount" numeric(12,2) NOT NULL,
  span tstzrange,
  PRIMARY KEY (id, placed),
  EXCLUDE USING gist (span WITH &&)
);
ALTER TABLE orders ADD CONSTRAINT total_positive CHECK ("Total Amount" >= 0) NOT VALID;
CREATE INDEX orders_placed ON orders (placed DESC, customer_id) INCLUDE ("Total Amount") WHERE placed > '2020-01-01';
CREATE UNIQUE INDEX customers_lower ON customers (lower(email));
CREATE TABLE events (id int, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE notes (event_id int, event_at date, FOREIGN KEY (event_id, event_at) REFERENCES events (id, at));
CREATE TABLE base (a int); CREATE TABLE child (b int) INHERITS (base);
CREATE VIEW big_orders AS SELECT o.id, c.email FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o."Total Amount" > 100;
CREATE MATERIALIZED VIEW order_counts AS SELECT customer_id, count(*) AS n FROM orders GROUP BY 1;
CREATE UNLOGGED TABLE books.scratch (x int);
CREATE FUNCTION add(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
CREATE FUNCTION listing() RETURNS TABLE(id int, name text) LANGUAGE sql STABLE AS 'SELECT 1, ''x''';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER orders_touch BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON customers FOR SELECT USING (email = current_user);
CREATE TABLE "we""ird ; -- name" ("co\\l 'x'" int, "ünï" text);
CREATE TABLE secret (id int, salary int);
CREATE TABLE half (id int, hidden int);
CREATE TEMP TABLE passing (x int);
`;

let database: ScratchDatabase;
let connector: Connector;
let seen: Inspection;

beforeAll(async () => {
  database = await createDatabase();
  await database.query(ddl);
  const reader = `"${database.readerRole}"`;
  await database.query(`REVOKE SELECT ON secret, half FROM ${reader}; GRANT SELECT (id) ON half TO ${reader}`);
  connector = openConnector({ url: database.readerUrl });
  seen = await connector.inspect();
});

afterAll(async () => {
  await connector.close();
  await database.drop();
});

function table(name: string, schema?: string): Table {
  const found = findTable(seen.snapshot, name, schema);
  if (found === undefined) throw new Error(`no table ${name}`);
  return found;
}

function column(of: string, name: string) {
  return table(of).columns.find((c) => c.name === name);
}

describe("tables", () => {
  test("every kind is there, temporary ones are not", () => {
    const kinds = Object.fromEntries(seen.snapshot.tables.map((t) => [t.name, t.kind]));
    expect(kinds).toMatchObject({
      customers: "table",
      events: "partitioned_table",
      big_orders: "view",
      order_counts: "materialized_view",
      'we"ird ; -- name': "table",
    });
    expect(kinds).not.toHaveProperty("passing");
    expect(seen.issues).toEqual([]);
  });

  test("columns carry type, default, identity, generation, collation, domain and enum", () => {
    expect(column("customers", "id")).toEqual({ name: "id", type: "integer", nullable: false, identity: "always" });
    expect(column("customers", "email")).toEqual({ name: "email", type: "character varying(200)", nullable: false });
    expect(column("customers", "name")).toMatchObject({ collation: "C", nullable: true });
    expect(column("customers", "mood")).toMatchObject({
      type: "mood",
      default: "'ok'::mood",
      enumType: { schema: "public", name: "mood" },
    });
    expect(column("customers", "moods")).toMatchObject({
      type: "mood[]",
      enumType: { schema: "public", name: "mood" },
    });
    expect(column("customers", "credit")).toMatchObject({
      type: "positive",
      domain: { schema: "public", name: "positive" },
      comment: "How much they may owe",
    });
    expect(column("customers", "created")).toMatchObject({ type: "timestamp with time zone", default: "now()" });
    const generated = column("customers", "full_name")?.generated;
    expect(generated?.stored).toBe(true);
    expect(generated?.expression).toContain("email");
    expect(column("orders", "id")).toMatchObject({ default: "nextval('orders_id_seq'::regclass)" });
    expect(table('we"ird ; -- name').columns.map((c) => c.name)).toEqual(["co\\l 'x'", "ünï"]);
  });

  test("keys, checks and exclusions", () => {
    expect(table("customers").primaryKey?.columns).toEqual(["id"]);
    expect(table("customers").uniques.map((u) => u.columns)).toEqual([["email"]]);
    expect(table("customers").checks).toMatchObject([{ name: "email_has_at" }]);
    expect(table("customers").checks[0]?.expression).toContain("'%@%'");
    expect(table("orders").primaryKey?.columns).toEqual(["id", "placed"]);
    expect(table("orders").foreignKeys).toMatchObject([
      {
        columns: ["customer_id"],
        references: { schema: "public", table: "customers", columns: ["id"] },
        onDelete: "cascade",
        deferrable: "deferred",
      },
    ]);
    expect(table("orders").checks).toMatchObject([{ name: "total_positive", notValidated: true }]);
    expect(table("orders").exclusions?.[0]?.expression).toContain("EXCLUDE USING gist");
    // One key to the partitioned table, not one more for each of its partitions.
    expect(table("notes").foreignKeys.map((k) => k.references.table)).toEqual(["events"]);
  });

  test("indexes: order, covering columns, predicate, expression, the constraint they back", () => {
    const byName = Object.fromEntries(
      [...table("orders").indexes, ...table("customers").indexes].map((i) => [i.name, i]),
    );
    expect(byName["orders_placed"]).toMatchObject({
      columns: ["placed", "customer_id"],
      descending: ["placed"],
      include: ["Total Amount"],
      unique: false,
    });
    expect(byName["orders_placed"]?.partial).toContain("2020-01-01");
    expect(byName["customers_lower"]).toMatchObject({ unique: true, expression: "lower(email::text)" });
    expect(byName["customers_pkey"]).toMatchObject({ constraint: "customers_pkey", unique: true });
  });

  test("partitions, inheritance, views, triggers, policies, options, comments", () => {
    expect(table("events")).toMatchObject({ partitionKey: "RANGE (at)" });
    expect(table("events_2024")).toMatchObject({ partitionOf: { schema: "public", name: "events" } });
    expect(table("events_2024").partitionBound).toContain("FROM ('2024-01-01')");
    expect(table("child").inherits).toEqual([{ schema: "public", name: "base" }]);
    expect(table("big_orders").definition).toContain("JOIN customers c");
    expect(
      table("big_orders")
        .viewReads?.map((t) => t.name)
        .sort(),
    ).toEqual(["customers", "orders"]);
    expect(table("orders").triggers).toMatchObject([
      { name: "orders_touch", timing: "BEFORE", events: ["INSERT", "UPDATE"], enabled: true },
    ]);
    expect(table("customers")).toMatchObject({ rowSecurity: "enabled", comment: "Who buys" });
    expect(table("customers").policies).toMatchObject([
      { name: "own", command: "SELECT", permissive: true, roles: ["PUBLIC"] },
    ]);
    expect(table("scratch", "books").options).toEqual(["unlogged"]);
  });

  test("what the role may not read is marked", () => {
    expect(table("secret").unreadable).toBe(true);
    expect(table("half").unreadable).toBeUndefined();
    expect(table("half").columns.map((c) => c.unreadable ?? false)).toEqual([false, true]);
    expect(table("customers").unreadable).toBeUndefined();
    expect(table("customers").grants?.some((g) => g === `${database.readerRole}:SELECT`)).toBe(true);
  });
});

test("types, sequences, functions and schemas", () => {
  const { snapshot } = seen;
  expect(snapshot.enums).toEqual([{ schema: "public", name: "mood", values: ["sad", "ok", "happy"] }]);
  expect(snapshot.domains).toMatchObject([{ name: "positive", type: "numeric(12,2)", nullable: false, default: "1" }]);
  expect(snapshot.domains[0]?.checks[0]?.expression).toContain("VALUE >");
  expect(snapshot.composites).toMatchObject([
    {
      name: "place",
      attributes: [
        { name: "street", type: "text" },
        { name: "zip", type: "character varying(10)" },
      ],
    },
  ]);
  expect(snapshot.sequences.find((s) => s.name === "orders_id_seq")).toMatchObject({
    type: "bigint",
    increment: "1",
    ownedBy: { schema: "public", table: "orders", column: "id" },
  });
  const functions = Object.fromEntries(snapshot.functions.map((f) => [f.name, f]));
  expect(functions["add"]).toMatchObject({
    arguments: "integer, integer",
    returns: "integer",
    volatility: "immutable",
    language: "sql",
  });
  expect(functions["listing"]?.returns).toBe("TABLE(id integer, name text)");
  expect(snapshot.schemas.map((s) => s.name).sort()).toEqual(["books", "public"]);
  expect(snapshot.schemas.find((s) => s.name === "books")?.comment).toBe("The ledger");
  expect(snapshot.defaultSchema).toBe("public");
});

test("the same schema has the same version; part of it reads like the whole", async () => {
  const again = await connector.inspect();
  expect(fingerprint(again.snapshot)).toBe(fingerprint(seen.snapshot));
  const part = await connector.inspect({ only: [{ schema: "public", name: "orders" }] });
  expect(part.snapshot.tables).toEqual([table("orders")]);
  expect(part.snapshot).toMatchObject({ enums: [], sequences: [], functions: [] });
  const books = await connector.inspect({ schemas: ["books"] });
  expect(books.snapshot.tables.map((t) => t.name)).toEqual(["scratch"]);
});

test("identities follow renames", async () => {
  const before = seen.identity.tables["public.base"];
  await database.query("ALTER TABLE base RENAME TO basis; ALTER TABLE basis RENAME COLUMN a TO alpha");
  const after = await connector.inspect();
  expect(after.identity.database).toBe(seen.identity.database);
  expect(after.identity.tables["public.basis"]).toEqual({ id: before?.id, columns: { alpha: before?.columns["a"] } });
  await database.query("ALTER TABLE basis RENAME COLUMN alpha TO a; ALTER TABLE basis RENAME TO base");
});

describe("the stamp", () => {
  const steps: readonly (readonly [string, "schema" | "access"])[] = [
    ["CREATE TABLE stamped (a int)", "schema"],
    ["ALTER TABLE stamped ADD COLUMN b text", "schema"],
    ["ALTER TABLE stamped ALTER COLUMN b SET DEFAULT 'x'", "schema"],
    ["ALTER TABLE stamped ALTER COLUMN b SET NOT NULL", "schema"],
    ["ALTER TABLE stamped ADD CONSTRAINT c CHECK (a > 0)", "schema"],
    ["COMMENT ON TABLE stamped IS 'x'", "schema"],
    ["ALTER TYPE mood ADD VALUE 'elated'", "schema"],
    ["ALTER TYPE mood RENAME VALUE 'sad' TO 'glum'", "schema"],
    [
      'CREATE OR REPLACE VIEW big_orders AS SELECT o.id, c.email FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o."Total Amount" > 999',
      "schema",
    ],
    ["CREATE POLICY more ON customers FOR SELECT USING (true)", "schema"],
    ["ALTER TABLE orders DISABLE TRIGGER orders_touch", "schema"],
    ["GRANT SELECT ON stamped TO PUBLIC", "schema"],
    [
      "CREATE OR REPLACE FUNCTION add(a int, b int DEFAULT 1) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a - b'",
      "schema",
    ],
    ["ALTER TABLE events DETACH PARTITION events_2024", "schema"],
    ["DROP INDEX customers_lower", "schema"],
    ["CREATE SCHEMA hollow", "schema"],
    ["DROP TABLE stamped", "schema"],
  ];

  test.each(steps)("%s", async (statement) => {
    const before = await connector.stamp();
    await database.query(statement);
    const after = await connector.stamp();
    expect(after.schema).not.toBe(before.schema);
    expect(await connector.stamp()).toEqual(after);
  });

  test("tells which table changed, and whether anything beside tables did", async () => {
    const changed = async (statement: string) => {
      const before = await connector.stamp();
      await database.query(statement);
      const after = await connector.stamp();
      const keys = new Set([...Object.keys(before.tables ?? {}), ...Object.keys(after.tables ?? {})]);
      return [...keys].filter((key) => before.tables?.[key] !== after.tables?.[key]).sort();
    };
    expect(await changed("ALTER TABLE child ADD COLUMN c int")).toEqual(["public.child"]);
    expect(await changed("CREATE INDEX child_c ON child (c)")).toEqual(["public.child"]);
    expect(await changed("ALTER INDEX child_c RENAME TO child_sea")).toEqual(["public.child"]);
    expect(await changed("DROP INDEX child_sea")).toEqual(["public.child"]);
    expect(await changed("COMMENT ON COLUMN child.c IS 'x'")).toEqual(["public.child"]);
    expect(await changed("ALTER TYPE mood ADD VALUE 'calm'")).toEqual(["*"]);
    expect(await changed("ALTER TABLE secret RENAME TO secrets")).toEqual(["public.secret", "public.secrets"]);
    expect(await changed("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'")).toEqual(["*"]);
    expect(await changed("INSERT INTO base VALUES (2)")).toEqual([]);
  });

  test("rights: membership and role settings", async () => {
    const before = await connector.stamp();
    await database.query(`ALTER ROLE "${database.readerRole}" SET work_mem = '5MB'`);
    const after = await connector.stamp();
    expect(after.access).not.toBe(before.access);
    expect(after.schema).toBe(before.schema);
  });

  test("rights: of other roles, those that grant or are printed; a stranger is no news", async () => {
    const role = `"${database.readerRole}_other"`;
    const moves = async (statement: string) => {
      const before = await connector.stamp();
      await database.query(statement);
      const after = await connector.stamp();
      return { access: after.access !== before.access, schema: after.schema !== before.schema };
    };
    try {
      expect(await moves(`CREATE ROLE ${role}`)).toEqual({ access: false, schema: false });
      expect(await moves(`GRANT ${role} TO "${database.readerRole}"`)).toEqual({ access: true, schema: false });
      expect(await moves(`REVOKE ${role} FROM "${database.readerRole}"`)).toEqual({ access: true, schema: false });
      expect(await moves(`ALTER ROLE ${role} CREATEDB`)).toEqual({ access: false, schema: false });
      expect(await moves(`GRANT SELECT ON base TO ${role}`)).toMatchObject({ schema: true });
      expect(await moves(`ALTER ROLE ${role} NOCREATEDB`)).toEqual({ access: true, schema: false });
    } finally {
      await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  test("rows and temporary tables change nothing", async () => {
    const before = await connector.stamp();
    await database.query("INSERT INTO base VALUES (1); CREATE TEMP TABLE fleeting (x int); ANALYZE base");
    expect(await connector.stamp()).toEqual(before);
  });
});
