/** Intents in business words, as agents send them, over a subscription business: which columns, roles and values they come to, against the rows. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { type Answered, questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE staff (id INTEGER PRIMARY KEY, display_name TEXT NOT NULL);
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, company_name TEXT NOT NULL, country_code TEXT, employee_count INTEGER, csm_user_id INTEGER REFERENCES staff (id));
  CREATE TABLE subscriptions (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts (id), status TEXT NOT NULL, mrr NUMERIC NOT NULL);
  CREATE TABLE credits (id INTEGER PRIMARY KEY, account_id INTEGER REFERENCES accounts (id), amount NUMERIC NOT NULL, reason TEXT);
  CREATE TABLE promotions (id INTEGER PRIMARY KEY, title TEXT, discount_pct NUMERIC);
  CREATE TABLE order_lines (id INTEGER PRIMARY KEY, order_no TEXT NOT NULL, promotion_id INTEGER REFERENCES promotions (id), discount_amount NUMERIC NOT NULL);
  CREATE TABLE product_categories (id INTEGER PRIMARY KEY, english_category_name TEXT NOT NULL);
  CREATE TABLE products (id INTEGER PRIMARY KEY, product_category_id INTEGER REFERENCES product_categories (id), list_price NUMERIC);
  CREATE TABLE tickets (id INTEGER PRIMARY KEY, account_id INTEGER REFERENCES accounts (id), assignee_id INTEGER REFERENCES staff (id), opened_at TEXT NOT NULL, csat_score INTEGER);
  INSERT INTO staff VALUES (1, 'Mia'), (2, 'Leo');
  INSERT INTO accounts VALUES (1, 'Acme', 'DE', 10, 1), (2, 'Bolt', 'US', 20, 2), (3, 'Cask', 'DE', 30, 1);
  INSERT INTO subscriptions VALUES (1, 1, 'active', 10), (2, 2, 'canceled', 50), (3, 3, 'past_due', 20);
  INSERT INTO credits VALUES (1, 1, 5, 'Goodwill'), (2, 2, 7, 'Referral'), (3, 2, 1, 'Goodwill');
  INSERT INTO promotions VALUES (1, 'Summer', 20);
  INSERT INTO order_lines VALUES (1, 'A', 1, 4), (2, 'A', NULL, 1), (3, 'B', 1, 2);
  INSERT INTO product_categories VALUES (1, 'Bikes'), (2, 'Locks');
  INSERT INTO products VALUES (1, 1, 10), (2, 2, 3), (3, 1, 20);
  INSERT INTO tickets VALUES (1, 1, 1, '2026-01-05', 4), (2, 1, 2, '2026-01-07', 2), (3, 2, 1, '2026-02-01', 5);
`);
afterAll(() => db.close());

const { rowsFor } = questionsOver(db);

const answered: Answered = [
  ["a column but for how it holds a thing", { measures: [{ term: "accounts", agg: "count" }], dimensions: [{ term: "country" }] }, [["DE", 2], ["US", 1]]],
  ["a name but for the word", { measures: [{ term: "MRR", agg: "sum" }], dimensions: [{ term: "company" }] }, [["Acme", 10], ["Bolt", 50], ["Cask", 20]]],
  ["a moment but for how it is told", { measures: [{ term: "tickets", agg: "count" }], dimensions: [{ term: "opened", grain: "month" }] }, [["2026-01-01", 2], ["2026-02-01", 1]]],
  ["whom a key is for, by name", { measures: [{ term: "csat score", agg: "avg" }], dimensions: [{ term: "assignee" }] }, [[1, "Mia", 4.5], [2, "Leo", 2]]],
  ["whom a key of users is for", { measures: [{ term: "MRR", agg: "sum" }], dimensions: [{ term: "CSM" }] }, [[1, "Mia", 30], [2, "Leo", 50]]],
  ["the key where it is called one", { measures: [{ term: "csat score", agg: "avg" }], dimensions: [{ term: "assignee id" }] }, [[1, 4.5], [2, 2]]],
  ["the one amount of a table that is summed", { measures: [{ term: "credits", agg: "sum" }], dimensions: [{ term: "reason" }] }, [["Goodwill", 6], ["Referral", 7]]],
  ["its rows where they are counted", { measures: [{ term: "credits", agg: "count" }] }, [[3]]],
  ["an amount that is summed, not a rate", { measures: [{ term: "discount", agg: "sum" }], dimensions: [{ term: "promotion title" }] }, [[null, 1], ["Summer", 6]]],
  ["things by their numbers", { measures: [{ term: "orders", agg: "count_distinct" }] }, [[2]]],
  ["a value in another country's spelling", { measures: [{ term: "subscriptions", agg: "count" }], filters: [{ term: "status", op: "=", value: "cancelled" }] }, [[1]]],
  ["a table by the end of its name", { measures: [{ term: "list price", agg: "max" }], dimensions: [{ term: "category" }] }, [[1, "Bikes", 20], [2, "Locks", 3]]],
  ["the column that holds the value", { measures: [{ term: "list price", agg: "max" }], filters: [{ term: "category", op: "=", value: "bikes" }] }, [[20]]],
  ["a value in words", { measures: [{ term: "MRR", agg: "sum" }], filters: [{ term: "status", op: "=", value: "Past Due" }] }, [[20]]],
]; // biome-ignore format: a table

describe("a term means", () => {
  test.each(answered)("%s", (_, intent, expected) => {
    expect(rowsFor(intent)).toEqual(expected);
  });
});

describe("in short forms, a head record and its parts", () => {
  const policies = new Database(":memory:");
  policies.exec(`
    CREATE TABLE POL_HDR (POL_NO TEXT PRIMARY KEY, POL_STAT_CD TEXT, ANN_PREM_AMT NUMERIC);
    CREATE TABLE POL_CVG (CVG_ID INTEGER PRIMARY KEY, POL_NO TEXT REFERENCES POL_HDR (POL_NO), DED_AMT NUMERIC);
    CREATE TABLE COMM_TXN (COMM_ID INTEGER PRIMARY KEY, POL_NO TEXT REFERENCES POL_HDR (POL_NO), COMM_DT TEXT, COMM_AMT NUMERIC);
    INSERT INTO POL_HDR VALUES ('P1', 'ACT', 100), ('P2', 'LAP', 50), ('P3', 'ACT', 10);
    INSERT INTO POL_CVG VALUES (1, 'P1', 5), (2, 'P1', 6), (3, 'P2', 7), (4, 'P3', 8);
    INSERT INTO COMM_TXN VALUES (7, 'P1', '2025-01-01', 3), (8, 'P2', '2025-01-02', 4);
  `);
  afterAll(() => policies.close());
  const over = questionsOver(policies);

  test.each([
    ["the head record, not a part of it", { measures: [{ term: "policies", agg: "count" }] }, [[3]]],
    ["a code that is short for the value", { measures: [{ term: "policies", agg: "count" }], filters: [{ term: "policy status", op: "=", value: "active" }] }, [[2]]],
    ["an amount, never a key", { measures: [{ term: "commission", agg: "sum" }] }, [[7]]],
  ] as Answered)("%s", (_, intent, expected) => {
    expect(over.rowsFor(intent)).toEqual(expected);
  }); // biome-ignore format: a table
});
