/** Plain questions over deals, leads and what people do about them, against the rows themselves. */

import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE regions (region_id INTEGER PRIMARY KEY, region_name TEXT);
  CREATE TABLE sales_reps (rep_id INTEGER PRIMARY KEY, full_name TEXT, region_id INTEGER REFERENCES regions (region_id));
  CREATE TABLE accounts (account_id INTEGER PRIMARY KEY, account_name TEXT, created_at TEXT NOT NULL, churned_at TEXT);
  CREATE TABLE lead_sources (source_id INTEGER PRIMARY KEY, source_name TEXT);
  CREATE TABLE leads (lead_id INTEGER PRIMARY KEY, contact_name TEXT, source_id INTEGER REFERENCES lead_sources (source_id), status TEXT, created_at TEXT NOT NULL, converted_at TEXT);
  CREATE TABLE pipeline_stages (stage_id INTEGER PRIMARY KEY, stage_name TEXT, win_probability NUMERIC);
  CREATE TABLE opportunities (opp_id INTEGER PRIMARY KEY, opp_name TEXT, account_id INTEGER REFERENCES accounts (account_id), stage_id INTEGER REFERENCES pipeline_stages (stage_id), deal_value NUMERIC, expected_close TEXT, closed_on TEXT);
  CREATE TABLE contacts (contact_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, opted_out INTEGER);
  CREATE TABLE activities (activity_id INTEGER PRIMARY KEY, rep_id INTEGER REFERENCES sales_reps (rep_id), activity_type TEXT, happened_at TEXT NOT NULL);
  CREATE TABLE subscriptions (sub_id INTEGER PRIMARY KEY, account_id INTEGER REFERENCES accounts (account_id), tier TEXT, started_on TEXT NOT NULL, cancelled_on TEXT);
  CREATE TABLE quotes (quote_id INTEGER PRIMARY KEY, quote_date TEXT NOT NULL, valid_until TEXT NOT NULL, status TEXT);
  CREATE TABLE purchase_orders (po_id INTEGER PRIMARY KEY, po_status TEXT, recd_dt TEXT, po_total NUMERIC);
  INSERT INTO regions VALUES (1, 'North'), (2, 'South');
  INSERT INTO sales_reps VALUES (1, 'Ada Ito', 1), (2, 'Ben Kim', 2);
  INSERT INTO accounts VALUES (1, 'Acme', '2023-05-01', NULL), (2, 'Bolt', '2024-05-01', '2025-06-01'), (3, 'Core', '2024-06-01', NULL);
  INSERT INTO lead_sources VALUES (1, 'Webinar'), (2, 'Referral');
  INSERT INTO leads VALUES (1, 'Cy Diaz', 1, 'New', '2025-01-01', NULL), (2, 'Di Fox', 1, 'Converted', '2025-01-05', '2025-03-01'), (3, 'Ed Gay', 2, 'Qualified', '2025-02-01', NULL);
  INSERT INTO pipeline_stages VALUES (1, 'Discovery', 0.25), (2, 'Closed', 1);
  INSERT INTO opportunities VALUES (1, 'Big', 1, 1, 900, '2025-09-01', NULL), (2, 'Small', 2, 2, 100, '2025-08-01', '2025-07-30'), (3, 'Mid', 1, 1, 500, '2025-10-01', NULL);
  INSERT INTO contacts VALUES (1, 'Flo', 'Hahn', 1), (2, 'Gil', 'Ito', 0);
  INSERT INTO activities VALUES (1, 1, 'Call', '2025-01-01'), (2, 1, 'Demo', '2025-01-02'), (3, 2, 'Call', '2025-01-03'), (4, 1, 'Call', '2025-01-04');
  INSERT INTO subscriptions VALUES (1, 1, 'Team', '2024-01-01', NULL), (2, 2, 'Team', '2024-01-01', '2025-01-01'), (3, 3, 'Solo', '2025-01-01', NULL);
  INSERT INTO quotes VALUES (1, '2025-01-10', '2025-02-10', 'Accepted'), (2, '2025-03-10', '2025-04-10', 'Draft');
  INSERT INTO purchase_orders VALUES (1, 'Sent', NULL, 70), (2, 'Received', '2025-01-01', 30);
`);
afterAll(() => db.close());

const { askedBack, rows } = questionsOver(db);

const asked: Readonly<Record<string, readonly (readonly [question: string, expected: readonly unknown[]])[]>> = {
  "rows of a kind that is stored": [
    ["Calls by rep", [[1, "Ada Ito", 2], [2, "Ben Kim", 1]]],
    ["How many demos were held in 2025?", [[1]]],
    ["How many leads came from webinars?", [[2]]],
    ["Qualified leads", [["Ed Gay"]]],
  ],
  "what has not happened yet": [
    ["Open opportunities by stage", [[1, "Discovery", 2]]],
    ["Largest open deal", [["Big"]]],
    ["How many active subscriptions are there?", [[2]]],
    ["How many purchase orders not yet received?", [[1]]],
  ],
  "when rows were made, where nothing else happened to all of them": [
    ["Number of accounts created each year", [["2023-01-01", 1], ["2024-01-01", 2]]],
    ["Number of leads by month in 2025", [["2025-01-01", 2], ["2025-02-01", 1]]],
    ["How many leads were converted in 2025?", [[1]]],
    ["Accepted quotes by month in 2025", [["2025-01-01", 1]]],
  ],
  "what happened, and what a row says yes or no to": [
    ["Which accounts have churned?", [["Bolt"]]],
    ["How many contacts opted out?", [[1]]],
    ["Deals over 400", [["Big"], ["Mid"]]],
  ],
  "beside rows the name of what they refer to": [
    ["List all reps with their region", [["Ada Ito", "North"], ["Ben Kim", "South"]]],
  ],
}; // biome-ignore format: a table

for (const [what, cases] of Object.entries(asked)) {
  test.each(cases)(`${what}: %s`, (question, expected) => {
    expect(rows(question)).toEqual(expected);
  });
}

test.each([
  ["What is the total pipeline value by stage?", "Is this what is meant: sum of opportunities.deal_value"],
  ["Total purchase orders", "Is this what is meant"],
  ["Latest quote not in 2025", "not in 2025"],
])("is not guessed at: %s", (question, said) => {
  expect(askedBack(question)).toContain(said);
});
