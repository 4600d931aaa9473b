/** Amounts that are compared or put in order though they are in several currencies: the answer says so. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import type { Intent } from "../../src/query/intent.js";
import { sqliteView } from "./sqlite-view.js";
import { withoutTerms } from "./without-terms.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE invoices (invoice_id INTEGER PRIMARY KEY, total_amount NUMERIC, currency TEXT, pages INTEGER);
  CREATE TABLE fees (fee_id INTEGER PRIMARY KEY, amount NUMERIC, currency TEXT);
  INSERT INTO invoices VALUES (1, 100, 'EUR', 1), (2, 9000, 'JPY', 2);
  INSERT INTO fees VALUES (1, 100, 'EUR'), (2, 200, 'EUR');
`);
afterAll(() => db.close());

function assumed(intent: Intent): readonly string[] {
  const answer = buildQuery(intent, withoutTerms(sqliteView(db, [], true)));
  expect(answer.status).toBe("ok");
  return answer.assumptions.filter((a) => a.code === "currencies_compared").map((a) => a.text);
}

const rows = { columns: [{ term: "invoices.invoice_id" }] };

describe("is said", () => {
  test.each<[string, Intent]>([
    ["of an order", { ...rows, order_by: [{ by: "invoices.total_amount", direction: "desc" }], limit: 1 }],
    ["of a bound", { ...rows, filters: [{ term: "invoices.total_amount", op: ">", value: 500 }] }],
    [
      "of what is counted",
      {
        measures: [{ term: "invoices", agg: "count" }],
        filters: [{ term: "invoices.total_amount", op: "between", value: [1, 500] }],
      },
    ],
  ])("%s", (_, intent) => {
    expect(assumed(intent)).toEqual([expect.stringContaining("invoices.total_amount")]);
  });
});

describe("is not said", () => {
  test.each<[string, Intent]>([
    [
      "where one currency is asked for",
      {
        ...rows,
        filters: [
          { term: "invoices.total_amount", op: ">", value: 500 },
          { term: "invoices.currency", op: "=", value: "EUR" },
        ],
      },
    ],
    [
      "where one is stored",
      { columns: [{ term: "fees.fee_id" }], filters: [{ term: "fees.amount", op: ">", value: 150 }] },
    ],
    ["of what is no amount", { ...rows, filters: [{ term: "invoices.pages", op: ">", value: 1 }] }],
  ])("%s", (_, intent) => {
    expect(assumed(intent)).toEqual([]);
  });
});
