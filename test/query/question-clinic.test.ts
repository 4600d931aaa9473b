/** Plain questions over appointments, diagnoses and claims, against the rows themselves. */

import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE clinics (clinic_id INTEGER PRIMARY KEY, clinic_name TEXT, city TEXT);
  CREATE TABLE physicians (physician_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, clinic_id INTEGER REFERENCES clinics (clinic_id));
  CREATE TABLE patients (patient_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, city TEXT, registered_on TEXT NOT NULL, deceased_on TEXT);
  CREATE TABLE appointments (appointment_id INTEGER PRIMARY KEY, patient_id INTEGER REFERENCES patients (patient_id), physician_id INTEGER REFERENCES physicians (physician_id), scheduled_at TEXT NOT NULL, cancelled_at TEXT);
  CREATE TABLE diagnoses (diagnosis_code TEXT PRIMARY KEY, diagnosis_name TEXT);
  CREATE TABLE visit_diagnoses (visit_id INTEGER, diagnosis_code TEXT REFERENCES diagnoses (diagnosis_code), PRIMARY KEY (visit_id, diagnosis_code));
  CREATE TABLE insurance_plans (plan_id INTEGER PRIMARY KEY, payer_name TEXT);
  CREATE TABLE claims (claim_id INTEGER PRIMARY KEY, plan_id INTEGER REFERENCES insurance_plans (plan_id), billed_amount NUMERIC, claim_status TEXT);
  CREATE TABLE invoices (invoice_id INTEGER PRIMARY KEY, patient_id INTEGER REFERENCES patients (patient_id), total NUMERIC, status TEXT);
  INSERT INTO clinics VALUES (1, 'Riverside', 'Boston'), (2, 'Hillcrest', 'Denver');
  INSERT INTO physicians VALUES (1, 'Ada', 'Ito', 1), (2, 'Ben', 'Kim', 2);
  INSERT INTO patients VALUES (1, 'Cy', 'Diaz', 'Denver', '2024-03-01', NULL), (2, 'Di', 'Fox', 'Boston', '2025-03-01', '2026-01-01'), (3, 'Ed', 'Gay', 'Denver', '2025-04-01', NULL);
  INSERT INTO appointments VALUES (1, 1, 1, '2025-01-01', NULL), (2, 2, 1, '2025-02-01', '2025-01-20'), (3, 3, 2, '2024-02-01', NULL);
  INSERT INTO diagnoses VALUES ('A', 'Asthma'), ('B', 'Influenza');
  INSERT INTO visit_diagnoses VALUES (1, 'A'), (2, 'A'), (3, 'B');
  INSERT INTO insurance_plans VALUES (1, 'Aetna'), (2, 'Cigna');
  INSERT INTO claims VALUES (1, 1, 100, 'Paid'), (2, 1, 50, 'Denied'), (3, 2, 70, 'Denied');
  INSERT INTO invoices VALUES (1, 1, 10, 'Overdue'), (2, 2, 20, 'Overdue'), (3, 2, 40, 'Paid');
`);
afterAll(() => db.close());

const { read, rows } = questionsOver(db);

test.each([
  ["Most common diagnosis", [["A", "Asthma", 2]]],
  ["Number of visit diagnoses by diagnosis", [["A", "Asthma", 2], ["B", "Influenza", 1]]],
  ["Appointments per physician in 2025", [[1, "Ada", "Ito", 2]]],
  ["Physicians with no appointments in 2025", [["Ben", "Kim"]]],
  ["Number of patients registered per year", [["2024-01-01", 1], ["2025-01-01", 2]]],
  ["Number of new patients per year", [["2024-01-01", 1], ["2025-01-01", 2]]],
  ["How many patients died?", [[1]]],
  ["Total billed amount by payer", [["Aetna", 150], ["Cigna", 70]]],
  ["Denied claims by payer", [["Aetna", 1], ["Cigna", 1]]],
] as const)("%s", (question, expected) => {
  expect(rows(question)).toEqual(expected);
}); // biome-ignore format: a table

test("physicians in a city are those of its clinics, not those with patients there", () => {
  const built = read("Physicians in Denver");
  const filters = built.ok ? built.value.intent.filters : undefined;
  expect(filters).toEqual([{ term: "clinics.city", op: "=", value: "Denver" }]);
});

test("rows that are new are so of a period", () => {
  const built = read("How many new patients are there?");
  expect(built.ok ? built.value.status : built.issues[0]?.message).toContain("since when");
});
