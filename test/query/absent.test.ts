/** Rows that there must not be: `is_null` of a table, alone, with what is said of its rows, and as a question asks for it. On real rows. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import type { BuildAnswer } from "../../src/query/answer.js";
import { buildQuery } from "../../src/query/build.js";
import { buildQuestion } from "../../src/query/build-question.js";
import { defaultQuerySettings } from "../../src/query/settings.js";
import { sqliteView } from "./sqlite-view.js";
import { withoutTerms } from "./without-terms.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE regions (region_id INTEGER PRIMARY KEY, region TEXT);
  CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT, refunds INTEGER, region_id INTEGER REFERENCES regions);
  CREATE TABLE orders (order_id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers, total REAL, status TEXT, deleted_at TEXT);
  CREATE TABLE payments (payment_id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders, amount REAL, paid_on DATE);
  CREATE TABLE refunds (refund_id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders);
  INSERT INTO regions VALUES (1, 'North');
  INSERT INTO customers VALUES (1, 'Ada', NULL, 1), (2, 'Bo', 2, 1), (3, 'Cy', 0, NULL), (4, 'Di', NULL, 1);
  INSERT INTO orders VALUES (1, 1, 10, 'paid', NULL), (2, 1, 20, 'open', NULL), (3, 2, 5, 'open', NULL), (4, 3, 7, 'paid', '2024-01-01');
  INSERT INTO payments VALUES (1, 1, 10, '2023-12-31'), (2, 2, 10, '2024-01-01');
`);
afterAll(() => db.close());
const view = sqliteView(db, [], true);

const run = ({ sql = "", params = [] }: BuildAnswer) =>
  db
    .prepare(sql)
    .raw()
    .all(...params);

const name = { columns: [{ term: "customers.name" }] };
const none = (term: string) => ({ term, op: "is_null" as const });
const some = (term: string) => ({ term, op: "is_not_null" as const });

describe("an intent", () => {
  test.each([
    ["whose rows marked deleted are none", { ...name, filters: [none("orders")] }, [["Cy"], ["Di"]]],
    ["in the singular, and as the table's rows", { ...name, filters: [none("order"), none("orders.*")] }, [["Cy"], ["Di"]]],
    ["and has some", { ...name, filters: [some("orders")] }, [["Ada"], ["Bo"]]],
    ["over tables between", { ...name, filters: [none("payments")] }, [["Bo"], ["Cy"], ["Di"]]],
    ["of such rows as further filters say", { ...name, filters: [none("orders"), { term: "orders.status", op: "=" as const, value: "paid" }] }, [["Bo"], ["Cy"], ["Di"]]],
    ["looked up by a key", { ...name, filters: [none("regions")] }, [["Cy"]]],
    ["but some of another", { ...name, filters: [some("orders"), none("regions")] }, []],
    ["where a filter speaks of the mark itself", { ...name, filters: [none("orders"), some("orders.deleted_at")] }, [["Ada"], ["Bo"], ["Di"]]],
    ["counted", { measures: [{ term: "*", agg: "count" as const, table: "customers" }], filters: [none("orders")] }, [[2]]],
    ["of another table's sums", { measures: [{ term: "orders.total", agg: "sum" as const }], filters: [none("payments")] }, [[5]]],
    ["of a column that is called as a table is", { ...name, filters: [none("refunds")] }, [["Ada"], ["Di"]]],
    ["of that table's rows", { ...name, filters: [some("refunds.*")] }, []],
  ])("rows without one %s", (_what, intent, expected) => {
    const answer = buildQuery(intent, withoutTerms(view));
    expect(answer.issues).toEqual([]);
    expect(run(answer)).toEqual(expected);
  }); // biome-ignore format: a table

  test("says what it left out, and that deleted rows count as none", () => {
    const { assumptions } = buildQuery({ ...name, filters: [none("orders")] }, withoutTerms(view));
    expect(assumptions.map((a) => a.code)).toEqual(["related_rows", "soft_deletes"]);
    const spoken = buildQuery({ ...name, filters: [none("orders"), some("orders.deleted_at")] }, withoutTerms(view));
    expect(spoken.assumptions.map((a) => a.code)).toEqual(["related_rows"]);
    const kept = { ...withoutTerms(view), settings: { ...defaultQuerySettings, softDeletes: false } };
    expect(run(buildQuery({ ...name, filters: [none("orders")] }, kept))).toEqual([["Di"]]);
  });

  test.each([
    ["without themselves", { ...name, filters: [none("customers")] }],
    ["and a filter on the way there", { ...name, filters: [none("payments"), { term: "orders.status", op: "=" as const, value: "paid" }] }],
    ["and a group of theirs", { measures: [{ term: "*", agg: "count" as const, table: "customers" }], dimensions: [{ term: "orders.status" }], filters: [none("orders")] }],
  ])("rows %s are refused with what to do", (_what, intent) => {
    const answer = buildQuery(intent, withoutTerms(view));
    expect(answer.status).toBe("refused");
    expect(answer.issues).toMatchObject([{ code: "invalid_argument", help: expect.any(String) }]);
  }); // biome-ignore format: a table
});

describe("a question", () => {
  test.each([
    ["Which customers have no orders?", [["Cy"], ["Di"]]],
    ["customers without any orders", [["Cy"], ["Di"]]],
    ["List the names of customers who don't have any orders", [["Cy"], ["Di"]]],
    ["List the customers who don’t have orders", [["Cy"], ["Di"]]],
    ["How many customers do not have any payments?", [[3]]],
    ["Which customers have orders?", [["Ada"], ["Bo"]]],
    ["Which customers have no payments in 2023?", [["Bo"], ["Cy"], ["Di"]]],
    ["How many customers have no payments in March 2024?", [[4]]],
    ["Which customers have payments before 2024?", [["Ada"]]],
    ['List the customers in region "North" without orders', [["Di"]]],
  ])("%s", (question, expected) => {
    const read = buildQuestion(question, withoutTerms(view, question));
    expect(read.ok && read.value.status).toBe("ok");
    expect(read.ok && run(read.value)).toEqual(expected);
  });

  test.each([
    ["Which customers have no orders in 2024?", "when an order was is not told"],
    ['Which customers with order status "paid" have no payments?', "a filter on the way there"],
    ["Which customers whose payment amount is 10 have no orders?", "which orders, those that were paid so?"],
    ["How many customers in 2024 have no payments?", "the year may be that of either"],
    ["How many customers last month have no payments?", "so may the month"],
    ["Which customers have no payments in March 2024 by region?", "what follows may be said of either"],
    ["Which customers have no refunds?", "a column of their own is called so"],
    ["Which customers have no paid orders?", "which of them there must not be"],
  ])("%s is not guessed at: %s", (question) => {
    const read = buildQuestion(question, withoutTerms(view, question));
    expect(read).toMatchObject({ ok: false, issues: [{ code: "invalid_argument" }] });
  });
});
