/** What a change on a real PostgreSQL hits: each sort of dependent, through views of views, and each mended form that the database accepts. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SchemaChange, Seen } from "../../src/changes/change.js";
import type { Dependents, Impact } from "../../src/changes/dependents.js";
import { diffSnapshots } from "../../src/changes/diff.js";
import { impactsOf } from "../../src/changes/impact.js";
import type { Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import type { Relationship } from "../../src/schema/relationships.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";

const base = `
  CREATE TABLE customers (id int PRIMARY KEY, name text, city text);
  CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers, net numeric, gross numeric, clerk int);
  CREATE VIEW sold AS SELECT o.customer_id, o.net, o.gross - o.net AS tax FROM orders o;
  CREATE VIEW sold_by_city AS SELECT c.city, sum(s.net) AS net FROM sold s JOIN customers c ON c.id = s.customer_id GROUP BY c.city;
  ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
  CREATE POLICY own ON orders USING (clerk > 0);`;

const query = (fingerprint: string, sql: string, columns: readonly string[]) => ({
  fingerprint,
  sql,
  reads: { tables: [...new Set(columns.map((c) => c.split(".")[0] ?? ""))], columns },
});

const dependents: Dependents = {
  glossary: {
    metrics: [
      { name: "revenue", expression: "sum(orders.net)", filters: [] },
      { name: "margin", expression: "{revenue} / count(orders.id)", filters: [] },
    ],
    terms: [{ name: "town", ref: "customers.city" }],
  },
  mappings: [{ term: "client", ref: "customers.name", verdict: "correct" }],
  relationships: [
    {
      from: { table: { schema: "public", name: "orders" }, columns: ["clerk"] },
      to: { table: { schema: "public", name: "customers" }, columns: ["id"] },
      origin: "inferred",
      confidence: 0.8,
      cardinality: "n:1",
      targetUnique: true,
    } satisfies Relationship,
  ],
  queries: [
    query("direct", "SELECT sum(o.net) FROM orders o WHERE o.gross > 10", ["orders.net", "orders.gross"]),
    query("through", "SELECT net FROM sold_by_city", ["sold_by_city.net"]),
    query("apart", "SELECT name FROM customers", ["customers.name"]),
  ],
  policies: [
    { name: "access.deny_columns", refs: ["orders.gro*"] },
    { name: "access.allow_tables", refs: ["*"] },
  ],
};

describe("impact", () => {
  let database: ScratchDatabase;
  let connector: Connector;
  beforeAll(async () => {
    database = await createDatabase();
    connector = openConnector({ url: database.url });
  });
  afterAll(async () => {
    await connector.close();
    await database.drop();
  });

  async function hits(sql: string): Promise<{ changes: readonly SchemaChange[]; by: Map<string, readonly Impact[]> }> {
    await database.query(`DROP SCHEMA public CASCADE; CREATE SCHEMA public; ${base}`);
    const before: Seen = await connector.inspect();
    await database.query(sql);
    const after: Seen = await connector.inspect();
    const changes = diffSnapshots(before, after);
    const impacts = impactsOf(changes, before.snapshot, after.snapshot, dependents);
    const by = new Map(changes.map((c, i) => [`${c.kind} ${c.object}`, impacts[i] ?? []]));
    const queries = impacts.flat().flatMap(({ mended, what }) => (what === "query" ? (mended ?? []) : []));
    for (const mended of queries) {
      expect((await connector.compile(mended)).valid, mended).toBe(true);
    }
    return { changes, by };
  }
  const named = (list: readonly Impact[] | undefined) => (list ?? []).map((i) => `${i.what} ${i.ref}`).toSorted();
  const of = (list: readonly Impact[] | undefined, ref: string) => list?.find((i) => i.ref === ref);

  it("names every sort of dependent of a renamed column, and mends what it can", async () => {
    const { by } = await hits("ALTER TABLE orders RENAME COLUMN net TO net_amount");
    const list = by.get("column_renamed orders.net_amount");
    expect(named(list)).toEqual([
      "glossary margin",
      "glossary revenue",
      "query direct",
      "query through",
      "view sold",
      "view sold_by_city",
    ]);
    expect(of(list, "direct")?.mended).toBe("SELECT sum(o.net_amount) FROM orders o WHERE o.gross > 10");
    expect(of(list, "revenue")?.mended).toBe("sum(orders.net_amount)");
    expect(of(list, "through")?.effect).toContain("through");
    expect(of(list, "through")?.mended).toBeUndefined();
    // The view keeps its own column's name: nothing else changed.
    expect(by.size).toBe(1);
  });

  it("two columns that swapped names: each reader is told and mended, and the views follow", async () => {
    const { changes, by } = await hits(
      "ALTER TABLE orders RENAME COLUMN net TO held; ALTER TABLE orders RENAME COLUMN gross TO net; ALTER TABLE orders RENAME COLUMN held TO gross",
    );
    expect(changes.map((c) => `${c.kind} ${c.object} < ${c.renamedFrom ?? ""}`)).toEqual([
      "column_renamed orders.gross < orders.net",
      "column_renamed orders.net < orders.gross",
    ]);
    const list = by.get("column_renamed orders.gross");
    expect(of(list, "direct")?.mended).toBe("SELECT sum(o.gross) FROM orders o WHERE o.net > 10");
    expect(of(list, "revenue")?.mended).toBe("sum(orders.gross)");
    expect(named(list)).toContain("view sold_by_city");
    expect(named(by.get("column_renamed orders.net"))).toContain("policy access.deny_columns");
  });

  it("a dropped column, a policy's column, an inferred link, a mapping and a term", async () => {
    const { by } = await hits(
      "DROP POLICY own ON orders; ALTER TABLE orders DROP COLUMN clerk; ALTER TABLE customers RENAME COLUMN name TO full_name; ALTER TABLE customers RENAME COLUMN city TO town",
    );
    expect(named(by.get("column_removed orders.clerk"))).toEqual([
      "policy orders.own",
      "relationship orders(clerk) → customers(id)",
    ]);
    const renamed = by.get("column_renamed customers.full_name");
    expect(named(renamed)).toEqual(["mapping client", "query apart"]);
    expect(of(renamed, "client")?.mended).toBe("customers.full_name");
    expect(of(renamed, "apart")?.mended).toBe("SELECT full_name AS name FROM customers");
    expect(of(by.get("column_renamed customers.town"), "town")?.mended).toBe("customers.town");
  });

  it("a renamed table, and a silent change of what may be joined", async () => {
    const { by } = await hits(
      "ALTER TABLE customers RENAME TO clients; ALTER TABLE orders DROP CONSTRAINT orders_customer_id_fkey",
    );
    const renamed = by.get("table_renamed clients");
    expect(of(renamed, "apart")?.mended).toBe("SELECT name FROM clients AS customers");
    expect(named(renamed)).toEqual([
      "glossary town",
      "mapping client",
      "query apart",
      "query through",
      "relationship orders(clerk) → customers(id)",
      "view sold_by_city",
    ]);
    expect(named(by.get("foreign_key_removed orders.orders_customer_id_fkey"))).toEqual([
      "query through",
      "view sold",
      "view sold_by_city",
    ]);
  });
});
