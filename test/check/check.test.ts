/** What the check says on real databases: places, candidates, mended statements, lineage, and agreement with the database under mutation. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkStatement } from "../../src/check/check.js";
import { randomFrom } from "../query/oracle/world.js";
import { disagreement } from "./agreement.js";
import { everyStatement } from "./corpus.js";
import { mutant } from "./mutate.js";
import { openShop, type Shop } from "./shop.js";

/** Mutants a dialect; `npm run bench check-fuzz` tries as many as one likes. */
const mutants = 200;
const firstSeed = 1;

const mended: Readonly<Record<"sqlite" | "postgres", readonly (readonly [string, string])[]>> = {
  sqlite: [
    ["SELECT nmae FROM customers", "SELECT name FROM customers"],
    ["SELECT name FROM custmers", "SELECT name FROM customers"],
    [
      "SELECT o.name FROM customers c JOIN orders o ON o.customer_id = c.id",
      "SELECT c.name FROM customers c JOIN orders o ON o.customer_id = c.id",
    ],
    ["SELECT customers.name FROM customers c", "SELECT c.name FROM customers c"],
    ['SELECT name FROM customers WHERE region = "North"', "SELECT name FROM customers WHERE region = 'North'"],
    ["SELECT TOP 3 name FROM customers ORDER BY name", "SELECT name FROM customers ORDER BY name LIMIT 3"],
    ["SELECT ISNULL(region, 'x') FROM customers", "SELECT coalesce(region, 'x') FROM customers"],
    ["SELECT NVL(region, 'x') FROM customers", "SELECT coalesce(region, 'x') FROM customers"],
    ["SELECT name FROM customers WHERE name ILIKE 'a%'", "SELECT name FROM customers WHERE name LIKE 'a%'"],
    [
      "SELECT EXTRACT(YEAR FROM ordered_at) FROM orders",
      "SELECT CAST(strftime('%Y', ordered_at) AS INTEGER) FROM orders",
    ],
    ["SELECT region, count(*) FROM customers", "SELECT region, count(*) FROM customers GROUP BY region "],
    ["SELECT qty::text FROM orders", "SELECT CAST(qty AS TEXT) FROM orders"],
    ["SELECT name FROM customers; DROP TABLE customers", "SELECT name FROM customers"],
    [
      "SELECT name FROM customers WHERE count(*) > 1 GROUP BY name",
      "SELECT name FROM customers  GROUP BY name HAVING count(*) > 1 ",
    ],
    [
      "SELECT c.name, o.id FROM customers c JOIN orders o WHERE o.freight > 1",
      "SELECT c.name, o.id FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.freight > 1",
    ],
  ],
  postgres: [
    ["SELECT nmae FROM customers", "SELECT name FROM customers"],
    [
      "SELECT id, name FROM customers JOIN orders ON customer_id = customers.id",
      "SELECT customers.id, name FROM customers JOIN orders ON customer_id = customers.id",
    ],
    ["SELECT region, count(*) FROM customers", "SELECT region, count(*) FROM customers GROUP BY region "],
    ["SELECT `name` FROM customers", "SELECT name FROM customers"],
    ["SELECT [name] FROM [customers]", "SELECT name FROM customers"],
    ["SELECT TOP 3 name FROM customers ORDER BY name", "SELECT name FROM customers ORDER BY name LIMIT 3"],
    [
      "SELECT name FROM customers ORDER BY name LIMIT 2, 5",
      "SELECT name FROM customers ORDER BY name LIMIT 5 OFFSET 2",
    ],
    ["SELECT IFNULL(region, 'x') FROM customers", "SELECT coalesce(region, 'x') FROM customers"],
    ["SELECT name FROM customers WHERE region == 'x'", "SELECT name FROM customers WHERE region = 'x'"],
    [
      "SELECT id FROM orders WHERE ordered_at > DATEADD(day, -7, GETDATE())",
      "SELECT id FROM orders WHERE ordered_at > (CURRENT_TIMESTAMP + (-7) * INTERVAL '1 day')",
    ],
    ['SELECT name FROM customers WHERE region = "North"', "SELECT name FROM customers WHERE region = 'North'"],
    ["SELECT name FROM customers WHERE name = 5", "SELECT name FROM customers WHERE name = '5'"],
    ["SELECT coalesce(freight, 'none') FROM orders", "SELECT coalesce(CAST(freight AS text), 'none') FROM orders"],
    ["SELECT ordered_at + 7 FROM orders", "SELECT ordered_at + INTERVAL '7 days' FROM orders"],
    ["SELECT id FROM orders WHERE freight > '$1,250.50'", "SELECT id FROM orders WHERE freight > 1250.50"],
    ["SELECT id FROM orders ORDER BY qty, CAST(id AS txt)", "SELECT id FROM orders ORDER BY qty, CAST(id AS text)"],
    [
      "SELECT c.name FROM customers c JOIN orders o ON c.id = c.id",
      "SELECT c.name FROM customers c JOIN orders o ON c.id = o.customer_id",
    ],
    ["SELECT lower(id) FROM customers", "SELECT lower(CAST(id AS text)) FROM customers"],
    ["SELECT name + region FROM customers", "SELECT name || region FROM customers"],
    ["SELECT uper(name) FROM customers", "SELECT upper(name) FROM customers"],
    [
      "SELECT c.name, o.id FROM customers c JOIN orders o WHERE o.freight > 1",
      "SELECT c.name, o.id FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.freight > 1",
    ],
  ],
};

describe.each(["sqlite", "postgres"] as const)("%s", (dialect) => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop(dialect);
  });
  afterAll(() => shop.close());

  test.each(mended[dialect])("mends %s", async (wrong, right) => {
    const report = await checkStatement(wrong, undefined, shop.context);
    expect(report.fixed_sql).toBe(right);
  });

  test("an unknown name has its place in UTF-16 units, and the nearest names", async () => {
    const sql = "SELECT '😀é',\n  nmae FROM customers";
    const report = await checkStatement(sql, [], shop.context);
    const [issue] = report.issues;
    expect(issue?.code).toBe("unknown_column");
    expect(issue?.at).toEqual({ offset: sql.indexOf("nmae"), length: 4, line: 2, column: 3 });
    expect(issue?.candidates?.[0]).toBe("name");
  });

  test("a syntax error has its place behind wide characters", async () => {
    const sql = "SELECT '😀é' FROM customers WHERE WHERE";
    const report = await checkStatement(sql, [], shop.context);
    expect(report.issues[0]?.code).toBe("syntax_error");
    expect(report.issues[0]?.at?.offset).toBe(sql.lastIndexOf("WHERE"));
  });

  test("says what is read and where each result column comes from", async () => {
    const sql =
      "WITH t AS (SELECT o.customer_id AS who, sum(l.amount) AS total FROM orders o JOIN order_lines l ON l.order_id = o.id GROUP BY o.customer_id) " +
      "SELECT c.name, t.total, t.* FROM t JOIN customers c ON c.id = t.who";
    const report = await checkStatement(sql, [], shop.context);
    expect(report.issues).toEqual([]);
    expect(report.reads).toEqual({
      tables: ["customers", "order_lines", "orders"],
      columns: [
        "customers.id",
        "customers.name",
        "order_lines.amount",
        "order_lines.order_id",
        "orders.customer_id",
        "orders.id",
      ],
    });
    expect(report.result_columns.map((c) => c.from)).toEqual([
      ["customers.name"],
      ["order_lines.amount"],
      ["orders.customer_id"],
      ["order_lines.amount"],
    ]);
  });

  test("without the database the snapshot decides, and the answer says so", async () => {
    const { compile: _compile, ...alone } = shop.context;
    const right = await checkStatement("SELECT name FROM customers", [], alone);
    expect([right.valid, right.compiled, right.issues.map((i) => i.code)]).toEqual([true, false, ["not_compiled"]]);
    expect((await checkStatement("SELECT nam FROM customers", [], alone)).valid).toBe(false);
  });

  test("counts parameters", async () => {
    const sql =
      dialect === "sqlite" ? "SELECT name FROM customers WHERE id = ?" : "SELECT name FROM customers WHERE id = $1";
    expect((await checkStatement(sql, [1], shop.context)).valid).toBe(true);
    expect((await checkStatement(sql, [], shop.context)).issues.map((i) => i.code)).toEqual(["parameter_missing"]);
    expect((await checkStatement(sql, undefined, shop.context)).valid).toBe(true);
  });

  test("offers nothing where what was meant is not certain", async () => {
    // SQLite compares a number with any text.
    const texts = dialect === "postgres" ? ["'12,5'", "'5k'", "'5 %'"] : [];
    for (const value of texts) {
      const report = await checkStatement(`SELECT id FROM orders WHERE freight > ${value}`, [], shop.context);
      expect([report.valid, report.fixed_sql]).toEqual([false, undefined]);
    }
    // A join that parses once it is given ON true is not mended.
    const open = await checkStatement(
      "SELECT c.name, b.balance FROM customers c JOIN daily_balances b WHERE c.id = 1",
      [],
      shop.context,
    );
    expect(open.fixed_sql ?? "").not.toMatch(/on true/i);
  });

  test("never crashes, never disagrees with the database, never calls a write read-only, however a text is mutated", async () => {
    const corpus = everyStatement(dialect);
    const found: string[] = [];
    for (const seed of Array.from({ length: mutants }, (_, i) => firstSeed + i)) {
      const sql = mutant(corpus, dialect, randomFrom(seed));
      const wrong = await disagreement(sql, shop.connector, shop.context);
      if (wrong !== undefined) found.push(`seed ${seed}: ${wrong}: ${JSON.stringify(sql)}`);
    }
    expect(found).toEqual([]);
  });
});
