/** From a hand-kept static configuration to a glossary, checked against a real SQLite schema. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type ImportReport, importStatic, type SchemaCheck } from "../../src/config/import-static.js";
import { error } from "../../src/issue.js";
import { glossaryFile } from "../../src/terms/glossary.js";

const db = new Database(":memory:");
db.exec(
  "create table orders (id integer primary key, total real, status text, ordered_at text, customer_id integer); create table customers (id integer primary key, name text)",
);
afterAll(() => db.close());

const refs = [
  "orders",
  "customers",
  "orders.id",
  "orders.total",
  "orders.status",
  "orders.ordered_at",
  "orders.customer_id",
  "customers.id",
  "customers.name",
];
const check: SchemaCheck = {
  ref: (ref) => ({
    exists: refs.includes(ref),
    candidates: refs.filter((known) => known.slice(0, 8) === ref.slice(0, 8)).slice(0, 1),
  }),
  statement: async (sql) => {
    try {
      db.prepare(sql);
      return [];
    } catch (cause) {
      return [error("unknown_column", (cause as Error).message)];
    }
  },
};

async function imported(text: string): Promise<ImportReport> {
  const result = await importStatic("static.yaml", text, check);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

const whole = `
metrics:
  revenue: { table: orders, column: total, agg: sum, where: "status = 'paid' and total > 0", date_column: ordered_at, synonyms: [sales], unit: USD }
  orderCount: { sql: "SELECT COUNT(id) AS n FROM orders WHERE status IN ('paid', 'sent') AND ordered_at IS NOT NULL" }
  buyers: { table: orders, column: customer_id, aggregation: count_distinct, filters: { status: paid } }
  mean_order: { table: orders, expression: "sum(total) / count(id)" }
  old_margin: { table: orders, column: margin, agg: sum }
  odd: { table: orders, column: total, agg: mode }
  vague: { table: orders, column: total, agg: sum, where: "status = 'a' or status = 'b'" }
columns:
  customer_name: customers.name
  gone: orders.totl
tables: { purchases: orders }
templates:
  by_customer: "SELECT name, sum(total) FROM orders JOIN customers c ON c.id = customer_id WHERE ordered_at >= '{{from}}' AND status = :status GROUP BY name"
  broken: "SELECT nothing FROM nowhere"
cache: { ttl: 5 }
`;

describe("importStatic", () => {
  test("says of every entry what became of it", async () => {
    const { entries } = await imported(whole);
    expect(entries.map((e) => `${e.name}: ${e.kind} ${e.outcome}`)).toEqual([
      "revenue: metric imported",
      "order count: metric imported",
      "buyers: metric imported",
      "mean order: metric imported",
      "old margin: metric broken",
      "odd: unknown kept_out",
      "vague: unknown kept_out",
      "customer name: term imported",
      "gone: term broken",
      "purchases: term imported",
      "by customer: template kept_out",
      "broken: template broken",
      "cache: unknown kept_out",
    ]);
    const gone = entries.find((e) => e.name === "gone");
    expect(gone?.issues).toMatchObject([
      { code: "unknown_column", help: "Did you mean orders.total?", at: { line: 12 } },
    ]);
    expect(entries.filter((e) => e.outcome !== "imported").every((e) => e.issues.length > 0)).toBe(true);
  });

  test("metrics come out qualified, with filters as conditions, and as a glossary file that reads back", async () => {
    const { glossary, yaml } = await imported(whole);
    expect(glossary.metrics.map((m) => [m.name, m.expression, m.additivity])).toEqual([
      ["revenue", "sum(orders.total)", "additive"],
      ["order count", "COUNT(orders.id)", "additive"],
      ["buyers", "count(distinct orders.customer_id)", "non_additive"],
      ["mean order", "sum(orders.total) / count(orders.id)", "non_additive"],
    ]);
    expect(glossary.metrics[0]).toMatchObject({
      filters: [
        { term: "orders.status", op: "=", value: "paid" },
        { term: "orders.total", op: ">", value: 0 },
      ],
      time: "orders.ordered_at",
      synonyms: ["sales"],
      unit: "USD",
    });
    expect(glossary.metrics[1]?.filters).toEqual([
      { term: "orders.status", op: "in", value: ["paid", "sent"] },
      { term: "orders.ordered_at", op: "is_not_null" },
    ]);
    expect(glossaryFile.parse(parse(yaml))).toEqual({ version: 1, ...glossary });
  });

  test("what is no static configuration imports nothing and says so", async () => {
    expect((await imported("[1, 2]")).entries).toMatchObject([{ kind: "unknown", outcome: "kept_out" }]);
    expect((await imported("metrics: {a: 1, b: null}")).entries.map((e) => e.outcome)).toEqual([
      "kept_out",
      "kept_out",
    ]);
    expect((await importStatic("x.json", "{", check)).ok).toBe(false);
  });
});
