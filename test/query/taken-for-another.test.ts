/** What is easily taken for something else, over a hotel: what was earned for what there was, kinds of things for those of others, stored kinds for all rows. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import type { Intent } from "../../src/query/intent.js";
import { type Answered, questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE hotels (hotel_id INTEGER PRIMARY KEY, hotel_name TEXT NOT NULL);
  CREATE TABLE room_types (room_type_id INTEGER PRIMARY KEY, type_name TEXT NOT NULL);
  CREATE TABLE rooms (room_id INTEGER PRIMARY KEY, hotel_id INTEGER NOT NULL REFERENCES hotels, room_type_id INTEGER NOT NULL REFERENCES room_types, out_of_service INTEGER NOT NULL);
  CREATE TABLE channels (channel_id INTEGER PRIMARY KEY, channel_name TEXT NOT NULL);
  CREATE TABLE reservations (reservation_id INTEGER PRIMARY KEY, hotel_id INTEGER NOT NULL REFERENCES hotels, channel_id INTEGER NOT NULL REFERENCES channels, booked_at TEXT NOT NULL, status TEXT NOT NULL);
  CREATE TABLE event_bookings (booking_id INTEGER PRIMARY KEY, hotel_id INTEGER NOT NULL REFERENCES hotels, event_date TEXT NOT NULL);
  CREATE TABLE daily_occupancy (hotel_id INTEGER REFERENCES hotels, business_date TEXT, rooms_available INTEGER NOT NULL, rooms_sold INTEGER NOT NULL, room_revenue NUMERIC NOT NULL, PRIMARY KEY (hotel_id, business_date));
  CREATE TABLE housekeeping_tasks (task_id INTEGER PRIMARY KEY, room_id INTEGER NOT NULL REFERENCES rooms, task_type TEXT NOT NULL);
  CREATE TABLE employees (employee_id INTEGER PRIMARY KEY, full_name TEXT NOT NULL);
  CREATE TABLE restaurant_checks (check_id INTEGER PRIMARY KEY, server_id INTEGER NOT NULL REFERENCES employees (employee_id), tip NUMERIC NOT NULL);
  CREATE TABLE payments (payment_id INTEGER PRIMARY KEY, reservation_id INTEGER REFERENCES reservations, paid_at TEXT NOT NULL, amount NUMERIC NOT NULL, is_refund INTEGER NOT NULL);
  INSERT INTO hotels VALUES (1, 'Grand'), (2, 'Plaza');
  INSERT INTO room_types VALUES (1, 'Standard'), (2, 'Suite');
  INSERT INTO rooms VALUES (1, 1, 1, 0), (2, 1, 2, 1), (3, 2, 2, 0);
  INSERT INTO channels VALUES (1, 'Direct'), (2, 'Agent');
  INSERT INTO reservations VALUES (1, 1, 1, '2025-01-05', 'Stayed'), (2, 1, 2, '2025-02-05', 'No Show'), (3, 2, 2, '2025-02-06', 'Stayed');
  INSERT INTO event_bookings VALUES (1, 1, '2025-03-01');
  INSERT INTO daily_occupancy VALUES (1, '2025-01-01', 10, 5, 500), (1, '2025-01-02', 10, 7, 800), (2, '2025-01-01', 20, 9, 900);
  INSERT INTO housekeeping_tasks VALUES (1, 1, 'Deep clean'), (2, 2, 'Stayover'), (3, 2, 'Stayover');
  INSERT INTO employees VALUES (1, 'Ann Lee'), (2, 'Bob Ray');
  INSERT INTO restaurant_checks VALUES (1, 1, 9), (2, 2, 6), (3, 2, 7);
  INSERT INTO payments VALUES (1, 1, '2025-01-06', 100, 0), (2, 1, '2025-01-07', 40, 1);
`);
afterAll(() => db.close());

const { context, rowsFor, read } = questionsOver(db, Date.parse("2026-06-01"));
const built = (intent: Intent) => buildQuery(intent, context(""));
const options = (intent: Intent) => built(intent).question?.options.map((o) => o.label);

const answered: Answered = [
  ["what was earned day by day, added up", { measures: [{ term: "room revenue" }], dimensions: [{ term: "hotel" }] }, [[1, "Grand", 1300], [2, "Plaza", 900]]],
  ["what there was, of its last day", { measures: [{ term: "rooms available" }] }, [[30]]],
  ["tasks by their own type", { measures: [{ term: "housekeeping tasks" }], dimensions: [{ term: "type" }] }, [["Deep clean", 1], ["Stayover", 2]]],
  ["rows of which a flag of several words says yes", { measures: [{ term: "out of service rooms" }] }, [[1]]],
  ["bookings by what reservations are booked by", { measures: [{ term: "bookings" }], dimensions: [{ term: "channel" }] }, [[1, "Direct", 1], [2, "Agent", 2]]],
]; // biome-ignore format: a table

describe("an intent means", () => {
  test.each(answered)("%s", (_, intent, expected) => {
    expect(rowsFor(intent)).toEqual(expected);
  });
});

describe("asked about is", () => {
  test("a stored kind in the plural, whose rows may be meant", () => {
    expect(options({ measures: [{ term: "suites" }] })).toContain('rooms where room_types.type_name = "Suite"');
  });

  test("which number of a table is meant by what that is called", () => {
    expect(options({ measures: [{ term: "occupancy" }] })).toEqual([
      "last of daily_occupancy.rooms_available",
      "sum of daily_occupancy.rooms_sold",
      "sum of daily_occupancy.room_revenue",
      "number of rows of daily_occupancy",
    ]);
  });
});

test.each([
  "Which servers got the most tips?",
  "What are the top 3 hotels by occupancy?",
  "How much did we refund in 2025?",
])("%s is not read for something else", (question) => {
  expect(read(question)).toMatchObject({ ok: false, issues: [{ code: "invalid_argument" }] });
});
