/** Intents and questions over a marketplace with a table of codes: what a code's label tells of the rows that refer to it, flags that make kinds, times by participles. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import type { Intent } from "../../src/query/intent.js";
import { type Answered, questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE member (member_id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, is_host INTEGER NOT NULL, signup_ts TEXT NOT NULL, last_login_ts TEXT NOT NULL);
  CREATE TABLE listing (listing_id INTEGER PRIMARY KEY, title TEXT NOT NULL, host_id INTEGER NOT NULL REFERENCES member (member_id), city TEXT, max_guests INTEGER, listed_dt TEXT NOT NULL, delisted_dt TEXT);
  CREATE TABLE booking_status (status_id INTEGER PRIMARY KEY, status_desc TEXT NOT NULL);
  CREATE TABLE booking (booking_id INTEGER PRIMARY KEY, listing_id INTEGER NOT NULL REFERENCES listing (listing_id), status_id INTEGER NOT NULL REFERENCES booking_status (status_id), booked_ts TEXT NOT NULL, cancelled_ts TEXT);
  CREATE TABLE payment (payment_id INTEGER PRIMARY KEY, booking_id INTEGER REFERENCES booking (booking_id), amount NUMERIC NOT NULL, is_refund INTEGER NOT NULL);
  CREATE TABLE ticket (ticket_id INTEGER PRIMARY KEY, member_id INTEGER REFERENCES member (member_id), category TEXT NOT NULL, csat INTEGER);
  INSERT INTO member VALUES (1, 'Ann', 'Adams', 1, '2025-01-01 08:00', '2026-02-02 08:00'), (2, 'Bob', 'Brown', 0, '2025-02-01 08:00', '2026-02-03 08:00'), (3, 'Cid', 'Clark', 1, '2024-02-01 08:00', '2026-02-04 08:00');
  INSERT INTO listing VALUES (1, 'Cosy loft', 1, 'Nice', 2, '2024-01-01', NULL), (2, 'Old mill', 3, 'Lyon', 9, '2024-02-01', '2025-01-01');
  INSERT INTO booking_status VALUES (1, 'Completed'), (2, 'Cancelled'), (3, 'No-show');
  INSERT INTO booking VALUES (1, 1, 1, '2025-03-01 10:00', NULL), (2, 1, 2, '2025-03-02 10:00', '2025-04-01 10:00'), (3, 2, 3, '2025-04-02 10:00', NULL), (4, 2, 2, '2024-12-30 10:00', '2025-01-02 10:00');
  INSERT INTO payment VALUES (1, 1, 100, 0), (2, 2, 40, 0), (3, 2, 40, 1);
  INSERT INTO ticket VALUES (1, 1, 'refund', 5), (2, 2, 'refund', 3), (3, 2, 'access', 1);
`);
afterAll(() => db.close());

const { context, rows, rowsFor } = questionsOver(db);
const built = (intent: Intent) => buildQuery(intent, context(""));

const answered: Answered = [
  ["what happened, by its own time", { measures: [{ term: "cancellations" }], time: { range: "2025", grain: "month" } }, [["2025-01-01", 1], ["2025-04-01", 1]]],
  ["rows by the label of their code", { measures: [{ term: "no-shows" }] }, [[1]]],
  ["a value of a key, by its label", { measures: [{ term: "bookings" }], filters: [{ term: "status", op: "=", value: "cancelled" }] }, [[2]]],
  ["rows of the kind that a flag makes", { measures: [{ term: "hosts" }] }, [[2]]],
  ["rows that have not ended", { measures: [{ term: "active listings" }] }, [[1]]],
  ["a time by its participle", { measures: [{ term: "bookings" }], time: { term: "booked", range: "2025", grain: "month" } }, [["2025-03-01", 2], ["2025-04-01", 1]]],
  ["new rows, not by what they did last", { measures: [{ term: "new members" }], time: { range: "2025" } }, [[2]]],
  ["whose name it is", { columns: [{ term: "listing title" }, { term: "host name" }] }, [["Cosy loft", "Ann", "Adams"], ["Old mill", "Cid", "Clark"]]],
]; // biome-ignore format: a table

describe("a term means", () => {
  test.each(answered)("%s", (_, intent, expected) => {
    expect(rowsFor(intent)).toEqual(expected);
  });
});

describe("it is asked how to add up", () => {
  test.each(["customer satisfaction", "max guests"])("%s", (term) => {
    const { question } = built({ measures: [{ term }] });
    expect(question?.options.map((o) => o.label)).toEqual(["avg", "sum", "min", "max"]);
  });
});

describe("a question", () => {
  test.each([
    ["How many no-shows?", [[1]]],
    ["How many cancellations in January 2025?", [[1]]],
    ["How many hosts do we have?", [[2]]],
  ] as const)("%s", (question, expected) => {
    expect(rows(question)).toEqual(expected);
  });
});
