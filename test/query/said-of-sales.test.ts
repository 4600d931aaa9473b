/** Measures by the words of those who sell, over a company that sells subscriptions: short forms, what a pipeline is worth, sizes, and by whom rows are grouped. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import type { Intent } from "../../src/query/intent.js";
import { type Answered, questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE sales_reps (rep_id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT NOT NULL, annual_revenue NUMERIC, created_at TEXT NOT NULL, churned_at TEXT);
  CREATE TABLE opportunities (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts (id), stage TEXT NOT NULL, amount NUMERIC NOT NULL);
  CREATE TABLE activities (id INTEGER PRIMARY KEY, opportunity_id INTEGER NOT NULL REFERENCES opportunities (id), rep_id INTEGER NOT NULL REFERENCES sales_reps (rep_id), kind TEXT NOT NULL);
  CREATE TABLE plans (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE subscriptions (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts (id), plan_id INTEGER NOT NULL REFERENCES plans (id), mrr NUMERIC NOT NULL, status TEXT NOT NULL);
  CREATE TABLE app_users (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts (id), is_active INTEGER NOT NULL);
  CREATE TABLE nps_responses (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES app_users (id), score INTEGER NOT NULL);
  CREATE TABLE stock (account_id INTEGER NOT NULL REFERENCES accounts (id), on_order_qty INTEGER NOT NULL);
  CREATE TABLE marketing_spend (channel TEXT PRIMARY KEY, spend_amount NUMERIC NOT NULL, clicks INTEGER NOT NULL);
  CREATE TABLE sales_target (plan_id INTEGER PRIMARY KEY REFERENCES plans (id), target_amount NUMERIC NOT NULL);
  CREATE TABLE dim_date (date_key INTEGER PRIMARY KEY, full_date TEXT NOT NULL, month_name TEXT NOT NULL, quarter TEXT NOT NULL, calendar_year INTEGER NOT NULL);
  CREATE TABLE fact_visits (visit_key INTEGER PRIMARY KEY, date_key INTEGER NOT NULL REFERENCES dim_date (date_key), pages INTEGER NOT NULL);
  INSERT INTO dim_date VALUES (20250105, '2025-01-05', 'January', 'Q1', 2025), (20260107, '2026-01-07', 'January', 'Q1', 2026);
  INSERT INTO fact_visits VALUES (1, 20250105, 3), (2, 20260107, 4);
  INSERT INTO sales_reps VALUES (1, 'Ann'), (2, 'Bob');
  INSERT INTO accounts VALUES (1, 'Acme', 1000000, '2025-01-03', NULL), (2, 'Bolt', 500000, '2025-02-03', '2025-05-01');
  INSERT INTO opportunities VALUES (1, 1, 'Proposal', 70), (2, 2, 'Proposal', 20), (3, 1, 'Won', 5);
  INSERT INTO activities VALUES (1, 1, 1, 'Call'), (2, 1, 2, 'Call'), (3, 2, 2, 'Call'), (4, 3, 2, 'Demo');
  INSERT INTO plans VALUES (1, 'Basic'), (2, 'Pro');
  INSERT INTO subscriptions VALUES (1, 1, 1, 10, 'active'), (2, 2, 1, 20, 'canceled'), (3, 1, 2, 40, 'active');
  INSERT INTO app_users VALUES (1, 1, 1), (2, 1, 0), (3, 2, 1);
  INSERT INTO stock VALUES (1, 7);
  INSERT INTO marketing_spend VALUES ('TV', 10, 5);
  INSERT INTO sales_target VALUES (1, 300), (2, 400);
  INSERT INTO nps_responses VALUES (1, 1, 9), (2, 3, 4);
`);
afterAll(() => db.close());

const { context, rowsFor, rows, read } = questionsOver(db, Date.parse("2026-06-01"));
const asked = (term: string) =>
  buildQuery({ measures: [{ term }] } satisfies Intent, context("")).question?.options.map((o) => o.label);

const answered: Answered = [
  ["what a pipeline is worth", { measures: [{ term: "pipeline" }], dimensions: [{ term: "stage" }] }, [["Proposal", 90], ["Won", 5]]],
  ["rows of a kind by those who did them, with their names", { measures: [{ term: "calls" }], dimensions: [{ term: "rep" }] }, [[1, "Ann", 1], [2, "Bob", 2]]],
  ["rows of a state by what is called so, however it was guessed what is counted", { measures: [{ term: "active subscriptions" }], dimensions: [{ term: "plan" }] }, [[1, "Basic", 1], [2, "Pro", 1]]],
  ["what a target is, not how many there are", { measures: [{ term: "sales target" }] }, [[700]]],
  ["months of every year apart, though a calendar has their names", { measures: [{ term: "pages" }], dimensions: [{ term: "month" }] }, [["2025-01-01", 3], ["2026-01-01", 4]]],
  ["new ones by when they came, not by when they left", { measures: [{ term: "new accounts" }], dimensions: [{ term: "month" }] }, [["2025-01-01", 1], ["2025-02-01", 1]]],
]; // biome-ignore format: a table

describe("an intent means", () => {
  test.each(answered)("%s", (_, intent, expected) => {
    expect(rowsFor(intent)).toEqual(expected);
  });
});

test("a part of the calendar that tells no year is said to", () => {
  const { assumptions } = buildQuery({ measures: [{ term: "pages" }], dimensions: [{ term: "quarter" }] }, context(""));
  expect(assumptions.map((a) => a.code)).toContain("any_year");
});

test("what is ours is asked of all of it", () => {
  expect(rows("What is our MRR?")).toEqual([[70]]);
});

describe("asked about is", () => {
  test.each([
    ["a short form of which a word is not said", "ARR", ["accounts.annual_revenue"]],
    ["a score by what it is of, which counts no answers", "NPS", ["avg of nps_responses.score", "number of rows of nps_responses"]],
    ["a flag that says less than the phrase", "daily active users", ["app_users.is_active"]],
  ])("%s", (_, term, expected) => {
    expect(asked(term)).toEqual(expected);
  }); // biome-ignore format: a table

  test("a value, which no quantity is", () => {
    expect(asked("average order value")).toContain("stock.on_order_qty");
  });
});

describe("refused is", () => {
  test("a ratio that no column holds", () => {
    const { issues } = buildQuery({ measures: [{ term: "cost per click" }] }, context(""));
    expect(issues[0]?.message).toBe('"cost per click" is a ratio, which no column holds.');
  });

  test.each([
    "How many accounts bought in January 2025?",
    "How many accounts purchased?",
    "How many accounts were contacted in January 2025?",
  ])("%s", (question) => {
    expect(read(question)).toMatchObject({ ok: false, issues: [{ code: "invalid_argument" }] });
  });
});
