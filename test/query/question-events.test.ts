/** Plain questions about what happened and when, on rows whose times are called after verbs (`cancelled_at`, `opened_on`), against the rows themselves. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { buildQuestion } from "../../src/query/build-question.js";
import { sqliteView } from "./sqlite-view.js";
import { withoutTerms } from "./without-terms.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE hotels (id INTEGER PRIMARY KEY, hotel_name TEXT, opened_on DATE);
  CREATE TABLE guests (id INTEGER PRIMARY KEY, full_name TEXT, birth_date DATE);
  CREATE TABLE bookings (id INTEGER PRIMARY KEY, guest_id INTEGER REFERENCES guests (id), hotel_id INTEGER REFERENCES hotels (id), channel TEXT, adults INTEGER, booked_at TIMESTAMP, cancelled_at TIMESTAMP, paid_on DATE);
  INSERT INTO hotels VALUES (1, 'Grand', '2010-05-01'), (2, 'Plaza', '2012-05-01'), (3, 'Alpine', '2014-05-01');
  INSERT INTO guests VALUES (1, 'Ann', '1979-12-31'), (2, 'Bob', '1981-01-01');
  INSERT INTO bookings VALUES (1, 1, 1, 'Web', 1, '2024-01-05', NULL, '2024-02-01'), (2, 1, 2, 'Web', 2, '2025-02-06', '2025-03-01', NULL), (3, 2, 2, 'Phone', 4, '2025-02-07', '2024-03-01', NULL);
`);
afterAll(() => db.close());

function read(question: string) {
  return buildQuestion(question, withoutTerms(sqliteView(db, [], true), question));
}

function rows(question: string): readonly unknown[] {
  const built = read(question);
  if (!built.ok) throw new Error(built.issues.map((i) => i.message).join());
  expect(built.value).toMatchObject({ status: "ok", issues: [] });
  const { sql = "", params = [] } = built.value;
  return db
    .prepare(sql)
    .raw()
    .all(...params);
}

describe("when it happened", () => {
  test.each([
    ["How many bookings were cancelled in 2025?", [[1]]],
    ["How many bookings were canceled in 2025?", [[1]]],
    ["How many bookings were booked in 2025?", [[2]]],
    ["How many bookings were paid in 2024?", [[1]]],
    ["Hotels opened after 2012", [["Alpine"]]],
    ["Which hotels opened after 2012?", [["Alpine"]]],
    ["Show the names of hotels opened in 2012", [["Plaza"]]],
    ["Guests born after 1980", [["Bob"]]],
    ["How many guests were born after 1980?", [[1]]],
  ])("%s", (question, expected) => {
    expect(rows(question)).toEqual(expected);
  });
});

describe("whether it happened, where the time of some rows is missing", () => {
  test.each([
    ["How many bookings were cancelled?", [[2]]],
    ["How many bookings were not cancelled?", [[1]]],
    ["How many cancelled bookings are there?", [[2]]],
    ["Number of cancelled bookings", [[2]]],
    ["Which guests have paid bookings?", [["Ann"]]],
    ["total adults of cancelled bookings", [[6]]],
    ["How many bookings were never paid?", [[2]]],
    [
      "How many bookings were cancelled in each channel?",
      [
        ["Phone", 1],
        ["Web", 1],
      ],
    ],
    ["Which guests have bookings that were paid?", [["Ann"]]],
  ])("%s", (question, expected) => {
    const found = rows(question);
    expect(found).toHaveLength(expected.length);
    expect(found).toEqual(expect.arrayContaining([...expected]));
  });

  test("a period of the rows is not that of the verb", () => {
    const filters = [{ term: "bookings.cancelled_at", op: "is_not_null" }];
    expect(read("How many bookings of 2025 were cancelled?")).toMatchObject({
      ok: true,
      value: { status: "ok", intent: { filters, time: { range: "2025", term: "bookings.booked_at" } } },
    });
    expect(rows("How many bookings of 2025 were cancelled?")).toEqual([[2]]);
  });

  test("every booking was booked", () => {
    expect(rows("How many bookings were booked?")).toEqual([[3]]);
  });

  test("what follows must have its place", () => {
    expect(read("How many bookings were cancelled quickly?").ok).toBe(false);
  });
});

describe("an average per row of its own table", () => {
  test.each([
    ["What is the average adults per booking?", [[7 / 3]]],
    ["average adults for each booking", [[7 / 3]]],
  ])("%s is that of all", (question, expected) => {
    expect(rows(question)).toEqual(expected);
  });
});

describe("what a row measures, is and never did", () => {
  const clinic = new Database(":memory:");
  clinic.exec(`
    CREATE TABLE clinics (clinic_id INTEGER PRIMARY KEY, clinic_name TEXT, stars INTEGER);
    CREATE TABLE staff (staff_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, salary NUMERIC, left_on DATE, clinic_id INTEGER REFERENCES clinics (clinic_id));
    CREATE TABLE visits (visit_id INTEGER PRIMARY KEY, clinic_id INTEGER REFERENCES clinics (clinic_id), reason TEXT);
    CREATE TABLE services (service_id INTEGER PRIMARY KEY, service_name TEXT, list_price NUMERIC);
    CREATE TABLE invoices (invoice_id INTEGER PRIMARY KEY, status TEXT, total_amount NUMERIC);
    INSERT INTO clinics VALUES (1, 'North', 5), (2, 'South', 3), (3, 'West', 5);
    INSERT INTO staff VALUES (1, 'Ann', 'Lee', 2500, NULL, 1), (2, 'Bob', 'Roe', 3500, '2024-05-01', 1), (3, 'Cem', 'Tan', 4500, NULL, 2);
    INSERT INTO visits VALUES (1, 1, 'fever'), (2, 1, 'injury'), (3, 2, 'fever');
    INSERT INTO services VALUES (1, 'X-ray', 90), (2, 'Surgery', 900);
    INSERT INTO invoices VALUES (1, 'open', 10), (2, 'open', 20), (3, 'paid', 40);
  `);
  afterAll(() => clinic.close());
  const readOf = (question: string) => buildQuestion(question, withoutTerms(sqliteView(clinic, [], true), question));
  const rowsOf = (question: string): readonly unknown[] => {
    const built = readOf(question);
    if (!built.ok) throw new Error(built.issues.map((i) => i.message).join());
    const { sql = "", params = [] } = built.value;
    return clinic
      .prepare(sql)
      .raw()
      .all(...params);
  };

  test.each([
    ["How many staff earn more than 3000?", [[2]]],
    ["Which services cost less than 100?", [["X-ray"]]],
    ["Which clinics have 5 stars?", [["North"], ["West"]]],
    ["Clinics with 3 stars", [["South"]]],
    ["Which clinics have never visited?", [["West"]]],
    ["Which staff left in 2024?", [["Bob", "Roe"]]],
    ["What are the names of the staff with a salary above 4000?", [["Cem", "Tan"]]],
    ["What is the total amount of invoices?", [[70]]],
    [
      "share of visits by reason",
      [
        ["fever", 2, 2 / 3],
        ["injury", 1, 1 / 3],
      ],
    ],
  ])("%s", (question, expected) => {
    const found = rowsOf(question);
    expect(found).toHaveLength(expected.length);
    expect(found).toEqual(expect.arrayContaining([...expected]));
  });

  test.each([
    // A year is no number of a column, nor does what follows "never" go unread.
    "Which clinics have 2024 stars?",
    "Which clinics have never visited Rome?",
    // Keys are not added up.
    "What is the average visit id of visits?",
  ])("%s is not read", (question) => {
    expect(readOf(question).ok).toBe(false);
  });
});
