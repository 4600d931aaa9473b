/** Periods where an intent asks for a column, columns with a prefix of their table's, and what is offered of a ledger, over a company with an old one. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import type { Intent } from "../../src/query/intent.js";
import { type Answered, questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE gl_accounts (account_id INTEGER PRIMARY KEY, account_name TEXT NOT NULL, account_type TEXT NOT NULL);
  CREATE TABLE journal_lines (line_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES gl_accounts, debit NUMERIC NOT NULL, credit NUMERIC NOT NULL);
  CREATE TABLE budgets (budget_id INTEGER PRIMARY KEY, version TEXT NOT NULL);
  CREATE TABLE budget_lines (line_id INTEGER PRIMARY KEY, budget_id INTEGER NOT NULL REFERENCES budgets, amount NUMERIC NOT NULL);
  CREATE TABLE assets (asset_id INTEGER PRIMARY KEY, asset_tag TEXT NOT NULL, useful_life_months INTEGER NOT NULL);
  CREATE TABLE suppliers (supplier_id INTEGER PRIMARY KEY, supplier_name TEXT NOT NULL);
  CREATE TABLE bills (bill_id INTEGER PRIMARY KEY, bill_number TEXT NOT NULL, supplier_id INTEGER NOT NULL REFERENCES suppliers, bill_date TEXT NOT NULL, freight NUMERIC NOT NULL);
  CREATE TABLE refunds (refund_id INTEGER PRIMARY KEY, refunded_on TEXT NOT NULL, amount NUMERIC NOT NULL);
  CREATE TABLE so_mstr (so_nbr TEXT PRIMARY KEY, so_cust TEXT NOT NULL, so_stat TEXT NOT NULL);
  CREATE TABLE wo_mstr (wo_lot INTEGER PRIMARY KEY, wo_part TEXT NOT NULL REFERENCES pt_mstr, wo_status TEXT NOT NULL, wo_qty NUMERIC NOT NULL);
  CREATE TABLE pt_mstr (pt_part TEXT PRIMARY KEY, pt_prod_line TEXT NOT NULL, pt_status TEXT NOT NULL);
  CREATE TABLE pod_det (pod_nbr TEXT NOT NULL, pod_line INTEGER NOT NULL, pod_part TEXT NOT NULL REFERENCES pt_mstr, pod_std_cost NUMERIC NOT NULL, PRIMARY KEY (pod_nbr, pod_line));
  INSERT INTO gl_accounts VALUES (1, 'Product sales', 'Revenue'), (2, 'Rent', 'Expense');
  INSERT INTO journal_lines VALUES (1, 1, 0, 70), (2, 2, 30, 0);
  INSERT INTO budgets VALUES (1, 'original');
  INSERT INTO budget_lines VALUES (1, 1, 40), (2, 1, 50);
  INSERT INTO assets VALUES (1, 'A1', 36);
  INSERT INTO suppliers VALUES (1, 'Acme'), (2, 'Bolt');
  INSERT INTO bills VALUES (1, 'B1', 1, '2025-01-10', 100), (2, 'B2', 1, '2025-02-10', 20), (3, 'B3', 2, '2025-02-11', 3), (4, 'B4', 2, '2026-01-05', 4);
  INSERT INTO refunds VALUES (1, '2025-03-01', 5), (2, '2025-07-01', 6);
  INSERT INTO so_mstr VALUES ('S1', 'C1', 'open'), ('S2', 'C1', 'closed'), ('S3', 'C2', 'open');
  INSERT INTO pt_mstr VALUES ('P1', 'Pumps', 'AC'), ('P2', 'Valves', 'OB');
  INSERT INTO wo_mstr VALUES (1, 'P1', 'R', 5), (2, 'P2', 'C', 7), (3, 'P2', 'R', 9);
  INSERT INTO pod_det VALUES ('1', 1, 'P1', 3), ('1', 2, 'P2', 4);
`);
afterAll(() => db.close());

const { context, rowsFor } = questionsOver(db, Date.parse("2026-06-01"));
const built = (intent: Intent) => buildQuery(intent, context(""));
const freight: Intent = { measures: [{ term: "freight" }] };

const answered: Answered = [
  ["months among the dimensions", { ...freight, dimensions: [{ term: "month" }] }, [["2025-01-01", 100], ["2025-02-01", 23], ["2026-01-01", 4]]],
  ["years by their adverb", { ...freight, dimensions: [{ term: "yearly" }] }, [["2025-01-01", 123], ["2026-01-01", 4]]],
  ["months, which tell their year", { ...freight, dimensions: [{ term: "year" }, { term: "month" }] }, [["2025-01-01", 100], ["2025-02-01", 23], ["2026-01-01", 4]]],
  ["quarters beside another dimension, the latest first", { ...freight, dimensions: [{ term: "quarter" }, { term: "supplier" }], order_by: [{ by: "quarter", direction: "desc" }], limit: 1 }, [[2, "Bolt", "2026-01-01", 4]]],
  ["the first of each period", { ...freight, dimensions: [{ term: "year" }, { term: "supplier" }], top: { n: 1, by: "freight", per: ["year"] } }, [[1, "Acme", "2025-01-01", 120], [2, "Bolt", "2026-01-01", 4]]],
  ["days by another word", { ...freight, dimensions: [{ term: "date" }], filters: [{ term: "year", op: "=", value: 2026 }] }, [["2026-01-05", 4]]],
  ["months of a time that is said", { ...freight, dimensions: [{ term: "bill month" }] }, [["2025-01-01", 100], ["2025-02-01", 23], ["2026-01-01", 4]]],
  ["a year among the filters", { ...freight, filters: [{ term: "year", op: "=", value: 2026 }] }, [[4]]],
  ["a quarter among the filters", { ...freight, filters: [{ term: "quarter", op: "=", value: "Q1 2025" }] }, [[123]]],
  ["days from one on", { ...freight, filters: [{ term: "date", op: ">=", value: "2025-02-11" }] }, [[7]]],
  ["days between two", { ...freight, filters: [{ term: "date", op: ">", value: "2025-01-10" }, { term: "date", op: "<=", value: "2025-02-11" }] }, [[23]]],
  ["the same in one filter", { ...freight, filters: [{ term: "date", op: "between", value: ["2025-02-10", "2025-02-11"] }] }, [[23]]],
  ["a count by its noun, where a table's name ends with that", { measures: [{ term: "bill count" }], dimensions: [{ term: "supplier" }] }, [[1, "Acme", 2], [2, "Bolt", 2]]],
  ["records by their short form", { measures: [{ term: "sales orders" }], dimensions: [{ term: "customer" }] }, [["C1", 2], ["C2", 1]]],
  ["a column behind its table's short form, not another table's", { measures: [{ term: "work orders" }], dimensions: [{ term: "status" }] }, [["C", 1], ["R", 2]]],
  ["a line of products, not of an order", { measures: [{ term: "wo_mstr.wo_qty" }], dimensions: [{ term: "product line" }] }, [["Pumps", 5], ["Valves", 16]]],
]; // biome-ignore format: a table

describe("an intent has", () => {
  test.each(answered)("%s", (_, intent, expected) => {
    expect(rowsFor(intent)).toEqual(expected);
  });

  test("periods called as its dimension was", () => {
    const { columns } = built({ ...freight, dimensions: [{ term: "month", as: "bill_month" }] });
    expect(columns.map((c) => c.name)).toEqual(["bill_month", "sum_freight"]);
  });
});

describe("a measure is asked about", () => {
  const asked = (term: string) => built({ measures: [{ term }] }).question?.options.map((o) => o.label);

  test.each([
    ["revenue", ["journal_lines.debit where gl_accounts.account_type = \"Revenue\"", "journal_lines.credit where gl_accounts.account_type = \"Revenue\""]],
    ["budget", ["sum of budget_lines.amount", "number of rows of budgets"]],
    ["standard cost", ["avg", "sum", "min", "max"]],
  ])("%s", (term, expected) => {
    expect(asked(term)).toEqual(expect.arrayContaining(expected));
  }); // biome-ignore format: a table
});
