/** Plain questions over a subscription business (accounts, plans, invoices, payments, daily usage), against the rows themselves. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE staff (id INTEGER PRIMARY KEY, display_name TEXT NOT NULL);
  CREATE TABLE accounts (id INTEGER PRIMARY KEY, company_name TEXT NOT NULL, created_at TEXT NOT NULL, csm_user_id INTEGER REFERENCES staff (id));
  CREATE TABLE plans (code TEXT PRIMARY KEY, name TEXT NOT NULL, monthly_price_cents INTEGER, annual_price_cents INTEGER, is_public BOOLEAN NOT NULL);
  CREATE TABLE subscriptions (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts (id), plan_code TEXT NOT NULL REFERENCES plans (code), status TEXT NOT NULL, billing_interval TEXT NOT NULL, mrr NUMERIC NOT NULL, started_at TEXT NOT NULL, canceled_at TEXT, cancel_reason TEXT);
  CREATE TABLE mrr_movements (id INTEGER PRIMARY KEY, account_id INTEGER REFERENCES accounts (id), occurred_on TEXT NOT NULL, kind TEXT NOT NULL, amount NUMERIC NOT NULL);
  CREATE TABLE invoices (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts (id), issued_on TEXT NOT NULL, status TEXT NOT NULL, total NUMERIC NOT NULL);
  CREATE TABLE payments (id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL REFERENCES invoices (id), method TEXT NOT NULL, amount NUMERIC NOT NULL, succeeded BOOLEAN NOT NULL, attempted_at TEXT NOT NULL);
  CREATE TABLE credits (id INTEGER PRIMARY KEY, account_id INTEGER REFERENCES accounts (id), reason TEXT, granted_at TEXT NOT NULL);
  CREATE TABLE tickets (id INTEGER PRIMARY KEY, account_id INTEGER REFERENCES accounts (id), state TEXT NOT NULL, opened_at TEXT NOT NULL, first_response_at TEXT NOT NULL);
  CREATE TABLE usage_daily (account_id INTEGER NOT NULL REFERENCES accounts (id), day TEXT NOT NULL, api_calls INTEGER NOT NULL, storage_gb NUMERIC NOT NULL, PRIMARY KEY (account_id, day));
  INSERT INTO staff VALUES (1, 'Mia'), (2, 'Leo');
  INSERT INTO accounts VALUES (1, 'Acme', '2025-01-05 00:00:00', 1), (2, 'Bolt', '2025-02-05 00:00:00', NULL), (3, 'Cask', '2024-02-05 00:00:00', 1);
  INSERT INTO plans VALUES ('s', 'Starter', 1900, 19000, 1), ('e', 'Enterprise', 49900, 499000, 0);
  INSERT INTO subscriptions VALUES (1, 1, 's', 'active', 'annual', 10, '2025-01-06', NULL, NULL), (2, 2, 'e', 'active', 'monthly', 50, '2025-02-06', NULL, NULL), (3, 3, 's', 'paused', 'annual', 20, '2024-03-01', NULL, NULL), (4, 3, 's', 'canceled', 'monthly', 5, '2024-03-01', '2025-05-01', 'Too dear'), (5, 1, 's', 'canceled', 'monthly', 5, '2024-03-01', '2025-06-01', 'Too dear');
  INSERT INTO mrr_movements VALUES (1, 1, '2025-01-06', 'new', 10), (2, 2, '2025-02-06', 'new', 50), (3, 3, '2025-06-01', 'churn', -5);
  INSERT INTO invoices VALUES (1, 1, '2025-03-01', 'overdue', 10), (2, 2, '2025-03-01', 'paid', 50), (3, 3, '2025-04-01', 'overdue', 20);
  INSERT INTO payments VALUES (1, 2, 'card', 50, 1, '2025-03-05 00:00:00'), (2, 1, 'card', 10, 0, '2025-03-06 00:00:00'), (3, 1, 'wire', 10, 1, '2025-03-07 00:00:00');
  INSERT INTO credits VALUES (1, 1, 'Goodwill', '2025-01-01'), (2, 2, 'Referral', '2025-01-02'), (3, 2, 'Goodwill', '2025-01-02');
  INSERT INTO tickets VALUES (1, 1, 'new', '2026-01-05 00:00:00', '2026-02-06 00:00:00'), (2, 1, 'solved', '2026-01-07 00:00:00', '2026-02-08 00:00:00'), (3, 2, 'new', '2026-02-01 00:00:00', '2026-03-01 00:00:00');
  INSERT INTO usage_daily VALUES (1, '2026-01-01', 5, 10), (1, '2026-01-02', 6, 11), (2, '2026-01-01', 7, 3), (2, '2026-01-02', 8, 4);
`);
afterAll(() => db.close());

const { rows, askedBack } = questionsOver(db);

const answered: Readonly<Record<string, readonly (readonly [question: string, expected: readonly unknown[]])[]>> = {
  "what is stored comes before what may be told otherwise": [
    ["How many active subscriptions do we have?", [[2]]],
    ["Annual subscriptions by plan", [["s", "Starter", 2]]],
    ["Invoices overdue", [[1, 1, "2025-03-01", "overdue", 10], [3, 3, "2025-04-01", "overdue", 20]]],
    ["Failed payments in March 2025", [[2, 1, "card", 10, 0, "2025-03-06 00:00:00"]]],
    ["Which plans are not public?", [["Enterprise"]]],
  ],
  "rows are new by when they were made, though others are stored as new": [
    ["New accounts per month in 2025", [["2025-01-01", 1], ["2025-02-01", 1]]],
    ["New tickets", [[1, 1, "new", "2026-01-05 00:00:00", "2026-02-06 00:00:00"], [3, 2, "new", "2026-02-01 00:00:00", "2026-03-01 00:00:00"]]],
  ],
  "a verb that is said of all of them says nothing": [["Credits granted by reason", [["Goodwill", 2], ["Referral", 1]]]],
  "a verb says which time the groups are of": [["Tickets opened in 2026 by month", [["2026-01-01", 2], ["2026-02-01", 1]]]],
  "amounts by whom they belong to": [
    ["Top 1 accounts by storage", [[1, "Acme", 11]]],
    ["How much did we collect by card in 2025?", [[60]]],
    ["Storage by account", [[1, "Acme", 11], [2, "Bolt", 4]]],
  ],
  "what rows have most often": [["Most common cancel reason", [["Too dear", 2]]]],
  "whom a key is for": [["Accounts without a CSM", [["Bolt"]]]],
}; // biome-ignore format: tables

describe.each(Object.entries(answered))("%s", (_, cases) => {
  test.each(cases)("%s", (question, expected) => {
    expect(rows(question)).toEqual(expected);
  });
});

test("prices of several kinds are asked about, whatever unit they end with", () => {
  expect(askedBack("Most expensive plan")).toContain("plans.monthly_price_cents, plans.annual_price_cents");
});

test("what recurs is hardly of what has ended: which count is asked", () => {
  expect(askedBack("Top 1 accounts by MRR")).toBe("Some rows of subscriptions have ended: do they count?");
});
