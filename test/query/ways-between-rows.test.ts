/** Ways between rows and words that fit several columns, over an airline: which way is meant is asked, keys are said by what they refer to. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import type { Intent } from "../../src/query/intent.js";
import { type Answered, questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE airlines (iata_code TEXT PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE airports (iata TEXT PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL);
  CREATE TABLE aircraft_types (id INTEGER PRIMARY KEY, model TEXT NOT NULL, seat_capacity INTEGER NOT NULL);
  CREATE TABLE aircraft (tail_number TEXT PRIMARY KEY, airline_code TEXT REFERENCES airlines, type_id INTEGER REFERENCES aircraft_types (id));
  CREATE TABLE flights (id INTEGER PRIMARY KEY, flight_no TEXT NOT NULL, origin TEXT REFERENCES airports, destination TEXT REFERENCES airports, tail_number TEXT REFERENCES aircraft, service_from TEXT NOT NULL, service_to TEXT NOT NULL);
  CREATE TABLE passengers (id INTEGER PRIMARY KEY, last_name TEXT NOT NULL, date_of_birth TEXT NOT NULL);
  CREATE TABLE tickets (id INTEGER PRIMARY KEY, passenger_id INTEGER NOT NULL REFERENCES passengers (id), issued_at TEXT NOT NULL, refunded_at TEXT, refund_amount NUMERIC);
  CREATE TABLE segments (ticket_id INTEGER REFERENCES tickets (id), flight_id INTEGER REFERENCES flights (id), cabin TEXT NOT NULL, PRIMARY KEY (ticket_id, flight_id));
  CREATE TABLE crew (id INTEGER PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, base TEXT REFERENCES airports);
  CREATE TABLE crew_assignments (flight_id INTEGER REFERENCES flights (id), crew_id INTEGER REFERENCES crew (id), PRIMARY KEY (flight_id, crew_id));
  CREATE TABLE complaints (id INTEGER PRIMARY KEY, passenger_id INTEGER NOT NULL REFERENCES passengers (id), flight_id INTEGER NOT NULL REFERENCES flights (id), category TEXT NOT NULL);
  CREATE TABLE meals (id INTEGER PRIMARY KEY, meal_name TEXT NOT NULL, course TEXT NOT NULL);
  CREATE TABLE meal_orders (id INTEGER PRIMARY KEY, meal_id INTEGER NOT NULL REFERENCES meals (id), flight_id INTEGER NOT NULL REFERENCES flights (id), quantity INTEGER NOT NULL, cancel_reason TEXT);
  CREATE TABLE meal_refunds (id INTEGER PRIMARY KEY, meal_order_id INTEGER NOT NULL REFERENCES meal_orders (id), reason TEXT NOT NULL);
  CREATE TABLE complaint_costs (id INTEGER PRIMARY KEY, complaint_id INTEGER NOT NULL REFERENCES complaints (id), claimed_amt NUMERIC NOT NULL, allowed_amt NUMERIC NOT NULL);
  INSERT INTO airlines VALUES ('LH', 'Lufthansa'), ('AF', 'Air France');
  INSERT INTO airports VALUES ('FRA', 'Frankfurt', 'Frankfurt'), ('CDG', 'Charles de Gaulle', 'Paris'), ('ORY', 'Orly', 'Paris');
  INSERT INTO aircraft_types VALUES (1, 'A320', 180), (2, 'A350', 325);
  INSERT INTO aircraft VALUES ('D1', 'LH', 1), ('D2', 'LH', 1), ('F1', 'AF', 2);
  INSERT INTO flights VALUES (1, 'LH1', 'FRA', 'CDG', 'D1', '2026-01-05', '2026-01-05'), (2, 'LH2', 'CDG', 'FRA', 'D2', '2026-01-06', '2026-01-07'), (3, 'AF1', 'ORY', 'FRA', 'F1', '2026-01-07', '2026-01-07');
  INSERT INTO passengers VALUES (1, 'Lee', '1970-05-05'), (2, 'Kim', '1990-05-05');
  INSERT INTO tickets VALUES (1, 1, '2025-12-20', '2026-01-02', 50), (2, 2, '2026-01-01', NULL, NULL), (3, 1, '2026-01-03', '2026-02-01', 30);
  INSERT INTO segments VALUES (1, 1, 'economy'), (2, 2, 'business'), (3, 3, 'economy');
  INSERT INTO crew VALUES (1, 'Ann', 'captain', 'FRA'), (2, 'Bob', 'captain', 'CDG'), (3, 'Cyd', 'purser', 'FRA');
  INSERT INTO crew_assignments VALUES (1, 1), (2, 1), (3, 1), (1, 3), (2, 2);
  INSERT INTO complaints VALUES (1, 1, 1, 'service'), (2, 2, 2, 'delay');
  INSERT INTO meals VALUES (1, 'Soup', 'Starter'), (2, 'Pasta', 'Main');
  INSERT INTO meal_orders VALUES (1, 1, 1, 3, NULL), (2, 2, 1, 5, 'late'), (3, 2, 2, 1, NULL);
  INSERT INTO meal_refunds VALUES (1, 2, 'cold');
  INSERT INTO complaint_costs VALUES (1, 1, 20, 10), (2, 1, 5, 5), (3, 2, 8, 0);
`);
const work = new Database(":memory:");
work.exec(`
  CREATE TABLE employees (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL);
  CREATE TABLE projects (id INTEGER PRIMARY KEY, project_name TEXT NOT NULL, manager_id INTEGER NOT NULL REFERENCES employees (id));
  CREATE TABLE phases (id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES projects (id), budget_hours NUMERIC(8), budget_cost NUMERIC(14,2));
  CREATE TABLE tasks (id INTEGER PRIMARY KEY, phase_id INTEGER NOT NULL REFERENCES phases (id), completed_on TEXT);
  CREATE TABLE timesheets (id INTEGER PRIMARY KEY, employee_id INTEGER NOT NULL REFERENCES employees (id), task_id INTEGER NOT NULL REFERENCES tasks (id), work_date TEXT NOT NULL, hours NUMERIC NOT NULL);
  CREATE TABLE invoices (id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES projects (id), issued TEXT NOT NULL, tax NUMERIC NOT NULL, total NUMERIC NOT NULL);
  CREATE TABLE invoice_lines (id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL REFERENCES invoices (id), amount NUMERIC NOT NULL);
  CREATE TABLE forecasts (project_id INTEGER REFERENCES projects (id), month TEXT, forecast_revenue NUMERIC NOT NULL, PRIMARY KEY (project_id, month));
  INSERT INTO employees VALUES (1, 'Ann'), (2, 'Bob');
  INSERT INTO projects VALUES (1, 'Bridge', 1), (2, 'Tunnel', 2);
  INSERT INTO phases VALUES (1, 1, 100, 5000), (2, 2, 200, 9000);
  INSERT INTO tasks VALUES (1, 1, '2026-01-31'), (2, 2, NULL);
  INSERT INTO timesheets VALUES (1, 1, 1, '2026-01-05', 8), (2, 2, 1, '2026-01-06', 4), (3, 2, 2, '2026-02-01', 6);
  INSERT INTO invoices VALUES (1, 1, '2026-01-31', 25, 125), (2, 2, '2026-02-28', 50, 250);
  INSERT INTO invoice_lines VALUES (1, 1, 100), (2, 2, 200);
  INSERT INTO forecasts VALUES (1, '2026-01-01', 300), (2, '2026-01-01', 400);
`);
const atWork = questionsOver(work, Date.parse("2026-06-01"));

afterAll(() => {
  db.close();
  work.close();
});

const { context, rowsFor, rows, read } = questionsOver(db, Date.parse("2026-06-01"));
const built = (intent: Intent) => buildQuery(intent, context(""));
const options = (intent: Intent) => built(intent).question?.options.map((o) => o.label);

const answered: Answered = [
  ["those with a stored role, and not what they do", { measures: [{ term: "captains" }], dimensions: [{ term: "base" }] }, [["CDG", 1], ["FRA", 1]]],
  ["a key by the one column that holds the value", { measures: [{ term: "flights" }], filters: [{ term: "origin", op: "=", value: "Paris" }] }, [[2]]],
  ["either of several such values", { measures: [{ term: "flights" }], filters: [{ term: "destination", op: "in", value: ["Paris", "Frankfurt"] }] }, [[3]]],
  ["what is refunded, by when it was", { measures: [{ term: "refund amount" }], time: { range: "January 2026" } }, [[50]]],
  ["a number by its short form", { columns: [{ term: "flight number" }], limit: 1 }, [["LH1"]]],
  ["rows by what their rows say, where one way leads there", { measures: [{ term: "passengers" }], dimensions: [{ term: "cabin" }] }, [["business", 1], ["economy", 1]]],
]; // biome-ignore format: a table

describe("an intent means", () => {
  test.each(answered)("%s", (_, intent, expected) => {
    expect(rowsFor(intent)).toEqual(expected);
  });
});

describe("asked about is", () => {
  test("by which rows others are told apart, though one way is shorter", () => {
    expect(options({ measures: [{ term: "passengers" }], dimensions: [{ term: "destination" }] })).toEqual([
      "complaints.passenger_id → passengers.id, complaints.flight_id → flights.id",
      "tickets.passenger_id → passengers.id, segments.ticket_id → tickets.id, segments.flight_id → flights.id",
    ]);
  });

  test("whose reason is meant, where the rows themselves have one that is called by more", () => {
    const intent = { measures: [{ term: "meal orders" }], dimensions: [{ term: "reason" }] };
    expect(options(intent)).toEqual(["meal_refunds.reason", "meal_orders.cancel_reason"]);
  });

  test("how many are sold of what others say how many there are of", () => {
    expect(built({ measures: [{ term: "meals sold" }], dimensions: [{ term: "course" }] }).status).not.toBe("ok");
  });

  test("how what kinds of things have is taken, where the things tell the groups", () => {
    expect(options({ measures: [{ term: "seat capacity" }], dimensions: [{ term: "airline" }] })).toEqual([
      "avg",
      "sum",
      "min",
      "max",
    ]);
  });

  test.each([
    ["amount", { measures: [{ term: "complaint amount" }] }, ["claimed_amt", "allowed_amt"]],
    ["time", { measures: [{ term: "flights" }], time: { term: "service date", range: "2026" } }, ["service_from", "service_to"]],
  ])("which %s is meant where a term says as much of each", (_, intent, names) => {
    const labels = options(intent)?.map((label) => label.split(".")[1]);
    expect(labels).toEqual(expect.arrayContaining(names));
  }); // biome-ignore format: a table
});

test("rows that only tell when people were born have no time", () => {
  expect(built({ measures: [{ term: "passengers" }], time: { range: "1990" } }).issues[0]).toMatchObject({
    code: "unknown_column",
  });
});

test.each([
  ["How much did we refund in January 2026?", [[50]]],
  ["How many captains are there?", [[2]]],
])("%s", (question, expected) => {
  expect(rows(question)).toEqual(expected);
});

test.each([
  "How many aircraft are in service?",
  "What is the total number of seats by airline?",
  "What is the average allowed amount per complaint?",
])("%s is not read for something else", (question) => {
  expect(read(question)).toMatchObject({ ok: false, issues: [{ code: "invalid_argument" }] });
});

describe("of projects and those who work at them", () => {
  const ofWork = (intent: Intent) => buildQuery(intent, atWork.context(""));

  test("a month is one of what is measured, whatever forecasts are by month", () => {
    expect(atWork.rowsFor({ measures: [{ term: "invoice total" }], dimensions: [{ term: "month" }] })).toEqual([
      ["2026-01-01", 125],
      ["2026-02-01", 250],
    ]);
  });

  test("a way that only looks rows up is offered before a shorter one that turns back", () => {
    const intent = { measures: [{ term: "hours" }], dimensions: [{ term: "project" }] };
    const [first, ...others] = ofWork(intent).question?.options ?? [];
    expect(first?.label).toBe(
      "timesheets.task_id → tasks.id, tasks.phase_id → phases.id, phases.project_id → projects.id",
    );
    expect(others).toHaveLength(1);
    expect(atWork.rowsFor(first?.intent as Intent)).toEqual([
      [1, "Bridge", 12],
      [2, "Tunnel", 6],
    ]);
  });

  test("rows are not grouped by themselves, by way of what refers to them", () => {
    const answer = ofWork({ measures: [{ term: "employees" }], dimensions: [{ term: "manager" }] });
    expect(answer.issues[0]).toMatchObject({ code: "unreachable" });
  });

  test.each([
    ["budget", ["phases.budget_hours", "phases.budget_cost"]],
    ["invoiced amount", ["invoices.tax", "invoices.total"]],
  ])("which %s is meant is asked", (term, refs) => {
    const labels = ofWork({ measures: [{ term }] }).question?.options.map((o) => o.label);
    expect(labels).toEqual(expect.arrayContaining(refs));
  });
});
