/** What is counted and added up only as it is said, over a buyer of goods, a streaming service, a product of subscriptions and a charity: what was committed is not spent, what there was is not added up. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import type { Intent } from "../../src/query/intent.js";
import { type Answered, questionsOver } from "./questions-over.js";

const bought = new Database(":memory:");
bought.exec(`
  CREATE TABLE suppliers (id INTEGER PRIMARY KEY, supplier_name TEXT NOT NULL);
  CREATE TABLE employees (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE items (sku TEXT PRIMARY KEY, description TEXT NOT NULL, lead_time_days INTEGER NOT NULL, supplier_id INTEGER REFERENCES suppliers (id));
  CREATE TABLE requisitions (id INTEGER PRIMARY KEY, requested_at TEXT NOT NULL, status TEXT NOT NULL);
  CREATE TABLE approvals (id INTEGER PRIMARY KEY, requisition_id INTEGER NOT NULL REFERENCES requisitions (id), decision TEXT);
  CREATE TABLE contracts (id INTEGER PRIMARY KEY, supplier_id INTEGER NOT NULL REFERENCES suppliers (id), signed_on TEXT NOT NULL, committed_spend NUMERIC NOT NULL);
  CREATE TABLE purchase_orders (po_number TEXT PRIMARY KEY, supplier_id INTEGER NOT NULL REFERENCES suppliers (id), buyer_id INTEGER NOT NULL REFERENCES employees (id), ordered_on TEXT NOT NULL, freight NUMERIC NOT NULL);
  CREATE TABLE po_lines (po_number TEXT REFERENCES purchase_orders, line_no INTEGER, sku TEXT REFERENCES items, line_total NUMERIC NOT NULL, PRIMARY KEY (po_number, line_no));
  CREATE TABLE inventory (sku TEXT REFERENCES items, snapshot_on TEXT, on_hand INTEGER NOT NULL, on_order INTEGER NOT NULL, PRIMARY KEY (sku, snapshot_on));
  CREATE TABLE supplier_scores (supplier_id INTEGER REFERENCES suppliers (id), period TEXT, quality_score NUMERIC NOT NULL, PRIMARY KEY (supplier_id, period));
  INSERT INTO suppliers VALUES (1, 'Supplier 2'), (2, 'Supplier 1');
  INSERT INTO employees VALUES (1, 'Kim'), (2, 'Kim'), (3, 'Lee');
  INSERT INTO items VALUES ('A', 'Bolt', 10, 1), ('B', 'Nut', 20, 1);
  INSERT INTO requisitions VALUES (1, '2026-01-01', 'approved'), (2, '2026-01-02', 'rejected'), (3, '2026-01-03', 'pending');
  INSERT INTO approvals VALUES (1, 1, 'approve'), (2, 2, 'reject'), (3, 2, 'approve'), (4, 3, NULL), (5, 1, 'reject'), (6, 3, 'reject');
  INSERT INTO contracts VALUES (1, 1, '2026-01-01', 900), (2, 2, '2026-01-01', 100);
  INSERT INTO purchase_orders VALUES ('P1', 1, 1, '2026-02-01', 5), ('P2', 1, 2, '2026-02-02', 6), ('P3', 2, 3, '2026-03-01', 7), ('P4', 2, 3, '2026-03-02', 8);
  INSERT INTO po_lines VALUES ('P1', 1, 'A', 50), ('P1', 2, 'B', 20), ('P2', 1, 'A', 30);
  INSERT INTO inventory VALUES ('A', '2026-01-31', 5, 1), ('A', '2026-02-28', 6, 2), ('B', '2026-02-28', 9, 4);
  INSERT INTO supplier_scores VALUES (1, '2026Q1', 70), (2, '2026Q1', 90);
`);

const watched = new Database(":memory:");
watched.exec(`
  CREATE TABLE accounts (account_id INTEGER PRIMARY KEY, email TEXT NOT NULL, signup_date TEXT NOT NULL);
  CREATE TABLE titles (title_id INTEGER PRIMARY KEY, title TEXT NOT NULL);
  CREATE TABLE genres (genre_id INTEGER PRIMARY KEY, genre TEXT NOT NULL);
  CREATE TABLE title_genres (title_id INTEGER REFERENCES titles, genre_id INTEGER REFERENCES genres, PRIMARY KEY (title_id, genre_id));
  CREATE TABLE people (person_id INTEGER PRIMARY KEY, full_name TEXT NOT NULL);
  CREATE TABLE credits (title_id INTEGER REFERENCES titles, person_id INTEGER REFERENCES people, role TEXT, PRIMARY KEY (title_id, person_id, role));
  CREATE TABLE views (view_id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES accounts, title_id INTEGER NOT NULL REFERENCES titles, started_at TEXT NOT NULL);
  CREATE TABLE daily_metrics (metric_date TEXT PRIMARY KEY, active_accounts INTEGER NOT NULL, new_accounts INTEGER NOT NULL);
  INSERT INTO accounts VALUES (1, 'a@x', '2026-01-01'), (2, 'b@x', '2026-01-02'), (3, 'c@x', '2026-01-02');
  INSERT INTO titles VALUES (1, 'Dune'), (2, 'Up');
  INSERT INTO genres VALUES (1, 'Drama'), (2, 'Comedy');
  INSERT INTO title_genres VALUES (1, 1), (2, 1), (2, 2);
  INSERT INTO people VALUES (1, 'Ann Ray'), (2, 'Bob Fox');
  INSERT INTO credits VALUES (1, 1, 'actor'), (2, 1, 'actor'), (2, 2, 'director');
  INSERT INTO views VALUES (1, 1, 1, '2026-01-05'), (2, 1, 2, '2026-01-06'), (3, 2, 2, '2026-01-07');
  INSERT INTO daily_metrics VALUES ('2026-01-01', 1, 1), ('2026-01-02', 3, 2), ('2026-01-03', 3, 0);
`);
const used = new Database(":memory:");
used.exec(`
  CREATE TABLE organizations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, seats_purchased INTEGER NOT NULL);
  CREATE TABLE users (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES organizations (id), email TEXT NOT NULL, is_active INTEGER NOT NULL);
  CREATE TABLE events (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), event_name TEXT NOT NULL, occurred_at TEXT NOT NULL);
  CREATE TABLE experiments (id INTEGER PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL);
  CREATE TABLE subscriptions (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES organizations (id), mrr_cents INTEGER NOT NULL, started_on TEXT NOT NULL, canceled_on TEXT);
  CREATE TABLE api_requests (id INTEGER PRIMARY KEY, endpoint TEXT NOT NULL, latency_ms INTEGER NOT NULL);
  INSERT INTO organizations VALUES (1, 'Acme', 10), (2, 'Bolt', 20);
  INSERT INTO users VALUES (1, 1, 'a@x', 1), (2, 1, 'b@x', 0), (3, 2, 'c@x', 1);
  INSERT INTO events VALUES (1, 1, 'purchase', '2026-01-05'), (2, 3, 'purchase', '2026-01-06'), (3, 3, 'view', '2026-01-06');
  INSERT INTO experiments VALUES (1, 'Blue button', 'running'), (2, 'Red button', 'stopped');
  INSERT INTO subscriptions VALUES (1, 1, 500, '2025-01-01', NULL), (2, 2, 700, '2025-01-01', '2025-12-31');
  INSERT INTO api_requests VALUES (1, '/a', 100), (2, '/a', 300);
  CREATE VIEW daily_active_users AS SELECT occurred_at AS day, COUNT(DISTINCT user_id) AS dau FROM events GROUP BY 1;
`);
const given = new Database(":memory:");
given.exec(`
  CREATE TABLE Donor (DonorID INTEGER PRIMARY KEY, LastName TEXT NOT NULL, FirstGiftDate TEXT NOT NULL);
  CREATE TABLE Customer (CustomerID INTEGER PRIMARY KEY, City TEXT NOT NULL, IsSubscriber INTEGER NOT NULL);
  INSERT INTO Customer VALUES (1, 'Porto', 1), (2, 'Porto', 0), (3, 'Lisbon', 1);
  CREATE TABLE Gift (GiftID INTEGER PRIMARY KEY, DonorID INTEGER NOT NULL REFERENCES Donor, GiftDate TEXT NOT NULL, GiftAmount NUMERIC NOT NULL, Anonymous INTEGER NOT NULL);
  CREATE TABLE GrantAward (GrantID INTEGER PRIMARY KEY, AwardDate TEXT NOT NULL, AwardAmount NUMERIC NOT NULL, Status TEXT NOT NULL);
  INSERT INTO Donor VALUES (1, 'Lee', '2024-01-01'), (2, 'Kim', '2026-01-05'), (3, 'Ray', '2025-01-01');
  INSERT INTO Gift VALUES (1, 1, '2024-01-01', 10, 0), (2, 1, '2026-01-01', 20, 1), (3, 2, '2026-01-05', 60, 0), (4, 3, '2025-01-01', 50, 0);
  INSERT INTO GrantAward VALUES (1, '2026-01-01', 500, 'Active'), (2, '2026-01-02', 700, 'Active');
`);
afterAll(() => {
  given.close();
  bought.close();
  used.close();
  watched.close();
});

const now = Date.parse("2026-06-01");
const buyer = questionsOver(bought, now);
const service = questionsOver(watched, now);
const product = questionsOver(used, now);
const charity = questionsOver(given, now);
const status = (over: typeof buyer, intent: Intent) => buildQuery(intent, over.context("")).status;

const answeredOfBuyer: Answered = [
  ["decisions as they are stored of the rows themselves", { measures: [{ term: "rejected approvals" }] }, [[3]]],
  ["what is on order, the last of each", { measures: [{ term: "on order" }] }, [[6]]],
]; // biome-ignore format: a table

const answeredOfService: Answered = [
  ["how many there were, of the last day", { measures: [{ term: "active accounts" }] }, [[3]]],
  ["how many came, added up: a number of rows is no key to them", { measures: [{ term: "new accounts" }] }, [[3]]],
  ["rows by what their titles have several of", { measures: [{ term: "views" }], dimensions: [{ term: "genre" }] }, [["Comedy", 2], ["Drama", 3]]],
]; // biome-ignore format: a table

describe("an intent means", () => {
  test.each(answeredOfBuyer)("%s", (_, intent, expected) => {
    expect(buyer.rowsFor(intent)).toEqual(expected);
  });

  test.each(answeredOfService)("%s", (_, intent, expected) => {
    expect(service.rowsFor(intent)).toEqual(expected);
  });
});

const answeredOfProduct: Answered = [
  ["things by their own flag, and no days", { measures: [{ term: "active users" }] }, [[2]]],
  ["those under way, and no running total", { measures: [{ term: "running experiments" }] }, [[1]]],
  ["what recurs, of all where that is said", { measures: [{ term: "MRR", agg: "sum" }] }, [[1200]]],
]; // biome-ignore format: a table

const answeredOfCharity: Answered = [
  ["rows that are called so, whatever amount they have", { measures: [{ term: "awards" }], dimensions: [{ term: "status" }] }, [["Active", 2]]],
  ["the one amount beside what says yes or no", { measures: [{ term: "average gift" }] }, [[35]]],
]; // biome-ignore format: a table

test.each(answeredOfCharity)("an intent means %s", (_, intent, expected) => {
  expect(charity.rowsFor(intent)).toEqual(expected);
});

test("who gave in a period need not have done so for the first time", () => {
  expect(charity.rows("How many donors gave in 2026?")).toEqual([[2]]);
});

test("subscribers are those customers that are said to be", () => {
  expect(charity.rows("How many subscribers do we have in Porto?")).toEqual([[1]]);
});

test.each(answeredOfProduct)("an intent means %s", (_, intent, expected) => {
  expect(product.rowsFor(intent)).toEqual(expected);
});

describe("not answered unasked is", () => {
  test.each([
    ["how many days by how many users", "daily active users"],
    ["what was bought by what is called after it", "purchases"],
    ["what recurs by what has ended", "MRR"],
    ["how long requests take, added up", "latency"],
  ])("%s", (_, term) => {
    expect(status(product, { measures: [{ term }] })).toBe("needs_clarification");
  });

  test.each([
    ["what was spent by what was committed", "spend"],
    ["what is denied by what is called so", "off-contract spend"],
    ["what orders come to by their freight", "purchase order value"],
    ["an amount by a number of rows", "PO amount"],
    ["how long things take, added up", "lead time"],
  ])("%s", (_, term) => {
    expect(status(buyer, { measures: [{ term }] })).toBe("needs_clarification");
  });

  test.each([
    ["how many people by what they did", "viewers"],
    ["how many people by how often they are credited", "actors"],
  ])("%s", (_, term) => {
    expect(status(service, { measures: [{ term }] })).toBe("needs_clarification");
  });
});

test.each([
  ["Which buyer placed the most orders?", [[3, "Lee", 2]]],
  ["What is the quality score of Supplier 2?", [[70]]],
])("%s", (question, expected) => {
  expect(buyer.rows(question)).toEqual(expected);
});

test.each(["How much did we spend with Supplier 2?", "What is the total spend by supplier?"])(
  "%s is not read for something else",
  (question) => {
    expect(buyer.read(question)).toMatchObject({ ok: false, issues: [{ code: "invalid_argument" }] });
  },
);
