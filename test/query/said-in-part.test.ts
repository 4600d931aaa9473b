/**
 * Intents in business words over a grid company: phrases of which the schema says but a part, what may be counted or added up, what holds today, and which way
 * leads to what is grouped by.
 */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import type { Intent } from "../../src/query/intent.js";
import { type Answered, questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE region (region_id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE subscriber (subscriber_id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, segment TEXT NOT NULL, cust_class TEXT NOT NULL, region_id INTEGER NOT NULL REFERENCES region (region_id), signup_date TEXT NOT NULL, is_minority_owned INTEGER NOT NULL);
  CREATE TABLE bill (bill_id INTEGER PRIMARY KEY, subscriber_id INTEGER NOT NULL REFERENCES subscriber (subscriber_id), billed_on TEXT NOT NULL, due_on TEXT NOT NULL, paid_on TEXT, total_amount NUMERIC NOT NULL, vat NUMERIC NOT NULL);
  CREATE TABLE bill_charge (charge_id INTEGER PRIMARY KEY, bill_id INTEGER NOT NULL REFERENCES bill (bill_id), charge_type TEXT NOT NULL, amount NUMERIC NOT NULL);
  CREATE TABLE payment (payment_id INTEGER PRIMARY KEY, bill_id INTEGER NOT NULL REFERENCES bill (bill_id), received_on TEXT NOT NULL, amount NUMERIC NOT NULL, channel TEXT NOT NULL);
  CREATE TABLE call_record (call_id INTEGER PRIMARY KEY, subscriber_id INTEGER NOT NULL REFERENCES subscriber (subscriber_id), started_at TEXT NOT NULL, is_roaming INTEGER NOT NULL, charge NUMERIC NOT NULL);
  CREATE TABLE site (site_id INTEGER PRIMARY KEY, region_id INTEGER NOT NULL REFERENCES region (region_id), technology TEXT NOT NULL);
  CREATE TABLE outage (outage_id INTEGER PRIMARY KEY, site_id INTEGER NOT NULL REFERENCES site (site_id), began_at TEXT NOT NULL, restored_at TEXT, cause TEXT NOT NULL, planned INTEGER NOT NULL, customers_affected INTEGER NOT NULL);
  CREATE TABLE plant (plant_id INTEGER PRIMARY KEY, plant_name TEXT NOT NULL, fuel TEXT NOT NULL);
  CREATE TABLE generation (plant_id INTEGER NOT NULL REFERENCES plant (plant_id), gen_date TEXT NOT NULL, mwh NUMERIC NOT NULL, fuel_cost NUMERIC NOT NULL, PRIMARY KEY (plant_id, gen_date));
  CREATE TABLE department (dept_code TEXT PRIMARY KEY, dept_name TEXT NOT NULL);
  CREATE TABLE program (program_id INTEGER PRIMARY KEY, program_name TEXT NOT NULL, dept_code TEXT NOT NULL REFERENCES department (dept_code));
  CREATE TABLE account (account_code TEXT PRIMARY KEY, account_name TEXT NOT NULL);
  CREATE TABLE budget_line (line_id INTEGER PRIMARY KEY, program_id INTEGER NOT NULL REFERENCES program (program_id), account_code TEXT NOT NULL REFERENCES account (account_code));
  CREATE TABLE purchase_order (po_number INTEGER PRIMARY KEY, dept_code TEXT NOT NULL REFERENCES department (dept_code));
  CREATE TABLE expenditure (expenditure_id INTEGER PRIMARY KEY, line_id INTEGER NOT NULL REFERENCES budget_line (line_id), po_number INTEGER REFERENCES purchase_order (po_number), posted_on TEXT NOT NULL, amount NUMERIC NOT NULL);
  CREATE TABLE employee (employee_id INTEGER PRIMARY KEY, full_name TEXT NOT NULL, hire_date TEXT NOT NULL, separation_date TEXT, tenure_flag TEXT NOT NULL, gpa NUMERIC, agent_id INTEGER REFERENCES employee (employee_id));
  CREATE TABLE meter (meter_no TEXT PRIMARY KEY, install_date TEXT NOT NULL, activated_at TEXT NOT NULL);
  CREATE TABLE work_orders (wo_no INTEGER PRIMARY KEY, employee_id INTEGER REFERENCES employee (employee_id), opened TEXT NOT NULL, resolved_at TEXT, wo_status TEXT NOT NULL);
  CREATE TABLE inspection (inspection_id INTEGER PRIMARY KEY, employee_id INTEGER NOT NULL REFERENCES employee (employee_id), result TEXT NOT NULL);
  CREATE TABLE lease (lease_id INTEGER PRIMARY KEY, region_id INTEGER NOT NULL REFERENCES region (region_id), start_date TEXT NOT NULL, end_date TEXT NOT NULL, monthly_rent NUMERIC NOT NULL);
  CREATE TABLE receipt (receipt_id INTEGER PRIMARY KEY, lease_id INTEGER NOT NULL REFERENCES lease (lease_id), taken_on TEXT NOT NULL, amount NUMERIC NOT NULL);
  CREATE TABLE valuation (region_id INTEGER NOT NULL REFERENCES region (region_id), valued_on TEXT NOT NULL, market_value NUMERIC NOT NULL, PRIMARY KEY (region_id, valued_on));
  CREATE TABLE lease_agents (lease_id INTEGER NOT NULL REFERENCES lease (lease_id), employee_id INTEGER NOT NULL REFERENCES employee (employee_id), PRIMARY KEY (lease_id, employee_id));
  INSERT INTO region VALUES (1, 'North'), (2, 'South');
  INSERT INTO subscriber VALUES (1, 'Ann', 'enterprise', 'RES', 1, '2025-01-05', 1), (2, 'Bo', 'consumer', 'RES', 2, '2025-02-05', 0), (3, 'Cy', 'enterprise', 'COM', 1, '2026-02-05', 0);
  INSERT INTO bill VALUES (1, 1, '2026-01-10', '2026-02-10', '2026-02-01', 100, 19), (2, 1, '2026-02-10', '2026-03-10', NULL, 50, 9), (3, 2, '2026-02-20', '2099-03-20', NULL, 7, 1);
  INSERT INTO bill_charge VALUES (1, 1, 'discount', 5), (2, 1, 'roaming', 10), (3, 2, 'fee', 3), (4, 2, 'discount', 2), (5, 3, 'discount', 1), (6, 3, 'fee', 1);
  INSERT INTO payment VALUES (1, 1, '2026-02-01', 60, 'card'), (2, 1, '2026-02-02', 40, 'direct debit');
  INSERT INTO call_record VALUES (1, 1, '2026-01-01', 1, 2.5), (2, 2, '2026-01-02', 0, 1);
  INSERT INTO site VALUES (1, 1, '5G'), (2, 2, '4G');
  INSERT INTO outage VALUES (1, 1, '2026-01-05', '2026-01-06', 'power', 0, 30), (2, 2, '2026-02-05', NULL, 'storm', 1, 12), (3, 2, '2025-02-05', '2025-02-06', 'power', 0, 4);
  INSERT INTO plant VALUES (1, 'North Wind', 'wind'), (2, 'City Gas', 'gas');
  INSERT INTO generation VALUES (1, '2026-01-01', 10, 0), (1, '2026-01-02', 20, 0), (2, '2026-01-01', 5, 3);
  INSERT INTO department VALUES ('PW', 'Public Works'), ('HL', 'Health');
  INSERT INTO program VALUES (1, 'Roads', 'PW'), (2, 'Clinics', 'HL');
  INSERT INTO account VALUES ('5100', 'Salaries'), ('5300', 'Capital outlay');
  INSERT INTO budget_line VALUES (1, 1, '5100'), (2, 2, '5300');
  INSERT INTO purchase_order VALUES (1, 'PW');
  INSERT INTO expenditure VALUES (1, 1, 1, '2026-01-10', 10), (2, 2, NULL, '2026-01-11', 20);
  INSERT INTO employee VALUES (1, 'Eve', '2020-01-01', NULL, 'Y', 3, NULL), (2, 'Flo', '2021-01-01', '2022-01-01', 'N', 4, 1), (3, 'Gus', '2024-01-01', NULL, 'N', 2, 1);
  INSERT INTO meter VALUES ('M1', '2025-03-01', '2025-03-02'), ('M2', '2025-04-01', '2026-03-02');
  INSERT INTO work_orders VALUES (1, 1, '2026-01-01', '2026-01-03', 'DONE'), (2, 1, '2026-01-02', '2026-01-09', 'DONE'), (3, 3, '2026-01-02', NULL, 'OPEN'), (4, NULL, '2026-01-02', '2026-01-03', 'DONE'), (5, NULL, '2026-01-02', '2026-01-03', 'DONE'), (6, NULL, '2026-01-02', '2026-01-03', 'DONE');
  INSERT INTO inspection VALUES (1, 1, 'Pass'), (2, 1, 'Pass'), (3, 3, 'Fail');
  INSERT INTO lease VALUES (1, 1, '2025-02-01', '2026-02-01', 900), (2, 2, '2026-03-01', '2027-03-01', 800);
  INSERT INTO receipt VALUES (1, 1, '2025-02-03', 900), (2, 1, '2025-03-03', 450);
  INSERT INTO valuation VALUES (1, '2025-06-30', 100), (1, '2026-06-30', 120), (2, '2026-06-30', 50);
`);
afterAll(() => db.close());

const { context, rows, askedBack, rowsFor } = questionsOver(db, Date.UTC(2026, 10, 30));
const built = (intent: Intent) => buildQuery(intent, context(""));
const asked = (intent: Intent) => built(intent).question?.options.map((o) => o.label);

const answered: Answered = [
  ["what a flag of two words says of rows", { measures: [{ term: "minority owned subscribers" }] }, [[1]]],
  ["what a flag of one stem says of people", { measures: [{ term: "tenured employees" }] }, [[1]]],
  ["customers by another word, and of these some", { measures: [{ term: "enterprise customers" }] }, [[2]]],
  ["a value by what it is short for", { measures: [{ term: "residential customers" }] }, [[2]]],
  ["a value of digits and letters", { measures: [{ term: "5G sites" }] }, [[1]]],
  ["what is owed, of the one table that knows", { measures: [{ term: "outstanding amount" }] }, [[57]]],
  ["what is overdue", { measures: [{ term: "overdue amount" }] }, [[50]]],
  ["numbers said with their table", { measures: [{ term: "customers affected by outages" }], dimensions: [{ term: "cause" }] }, [["power", 34], ["storm", 12]]],
  ["rows by when they began", { measures: [{ term: "outages" }], time: { range: "2026" } }, [[2]]],
  ["a flag among rows of a time", { measures: [{ term: "planned outages" }], time: { range: "2026" } }, [[1]]],
  ["an amount by when it was billed, not due", { measures: [{ term: "VAT" }], time: { range: "February 2026" } }, [[10]]],
  ["what happened to rows of a kind", { measures: [{ term: "meter installations" }], time: { range: "March 2025" } }, [[1]]],
  ["what happened once to each row", { measures: [{ term: "activations" }], time: { range: "2026" } }, [[1]]],
  ["those who are employed today", { measures: [{ term: "headcount" }] }, [[2]]],
  ["those who are employed on a day", { measures: [{ term: "headcount" }], filters: [{ term: "employee", op: "as_of", value: "2021-06-01" }] }, [[2]]],
  ["rows that hold today", { measures: [{ term: "active employees" }] }, [[2]]],
  ["an average of an average's short form", { measures: [{ term: "average GPA" }] }, [[3]]],
  ["leases by when they begin, not end", { measures: [{ term: "new leases" }], time: { range: "2026" } }, [[1]]],
  ["what things are worth, the last of each", { measures: [{ term: "market value" }] }, [[170]]],
  ["a count said behind", { measures: [{ term: "outage count" }] }, [[3]]],
  ["a column by its table's first letters", { columns: [{ term: "work order" }], filters: [{ term: "status", op: "=", value: "open" }] }, [[3, 3, "2026-01-02", null, "OPEN"]]],
]; // biome-ignore format: a table

describe("a phrase means", () => {
  test.each(answered)("%s", (_, intent, expected) => {
    expect(rowsFor(intent)).toEqual(expected);
  });
});

describe("a phrase is asked about", () => {
  test.each([
    ["that is money which is moved", "payments received", ["sum of payment.amount", "number of rows of payment"]],
    ["that is a kind of rows with an amount", "discounts", ['sum of bill_charge.amount where bill_charge.charge_type = "discount"', 'number of rows of bill_charge where bill_charge.charge_type = "discount"']],
    ["that stands for what goes on", "generation", ["sum of generation.mwh", "sum of generation.fuel_cost", "number of rows of generation"]],
    ["that is of some of it", "wind generation", ['sum of generation.mwh where plant.fuel = "wind"', 'sum of generation.fuel_cost where plant.fuel = "wind"', 'number of rows of generation where plant.fuel = "wind"']],
    ["that is a stored value", "capital outlay", ['expenditure where account.account_name = "Capital outlay"', 'expenditure.amount where account.account_name = "Capital outlay"']],
  ] as const)("%s", (_, term, labels) => {
    expect(asked({ measures: [{ term }] })?.slice(0, labels.length)).toEqual(labels);
  }); // biome-ignore format: a table

  test.each(["roaming charges", "payroll cost"])("that fits two tables, or of which a word fits none: %s", (term) => {
    expect(built({ measures: [{ term }] }).status).toBe("needs_clarification");
  });

  test("that names a key of rows further away than those that are called so", () => {
    const labels = asked({ measures: [{ term: "leases" }], dimensions: [{ term: "agent" }] });
    expect(labels).toEqual(["employee.agent_id", "lease_agents"]);
  });

  test("and its options keep what it said", () => {
    const { question } = built({ measures: [{ term: "discounts" }] });
    expect(rowsFor(question?.options[0]?.intent as Intent)).toEqual([[8]]);
  });
});

describe("what nothing fits is refused", () => {
  test.each(["altitude", "churn rate"])("%s", (term) => {
    const { status, issues, question } = built({ measures: [{ term }] });
    expect([status, issues[0]?.code, question]).toEqual(["refused", "unknown_term", undefined]);
  });

  test("a headcount of a period", () => {
    const { status, issues } = built({ measures: [{ term: "headcount" }], time: { range: "2025", grain: "quarter" } });
    expect([status, issues[0]?.message]).toEqual(["refused", "A headcount is of a day, and of no period."]);
  });
});

describe("the way to what is grouped by", () => {
  const byDepartment: Intent = {
    measures: [{ term: "expenditure.amount" }],
    dimensions: [{ term: "department.dept_name" }],
  };

  test("is asked where some rows have none by the shortest", () => {
    expect(built(byDepartment).question?.text).toBe(
      "Each row of expenditure has one of department in 2 ways; which one is meant?",
    );
  });

  test("is the one that is picked", () => {
    const { question } = built(byDepartment);
    const byBudget = question?.options.find((o) => o.label.includes("budget_line"))?.intent;
    expect(rowsFor(byBudget as Intent)).toEqual([["Health", 20], ["Public Works", 10]]);
  }); // biome-ignore format: a table

  test("is the shortest, and told, where all rows have one by it", () => {
    db.exec("UPDATE expenditure SET po_number = 1");
    const answer = buildQuery(byDepartment, questionsOver(db).context(""));
    db.exec("UPDATE expenditure SET po_number = NULL WHERE expenditure_id = 2");
    expect(answer.status).toBe("ok");
    expect(answer.assumptions.map((a) => a.code)).toContain("join_path");
  });
});

describe("a question", () => {
  test.each([
    ["How many customers were affected by power outages in 2026?", [[30]]],
    ["Which employee resolved the most work orders?", [[1, "Eve", 2]]],
    ["Which employee has the most work orders?", [[1, "Eve", 2]]],
    ["Which employee failed the most inspections?", [[3, "Gus", 1]]],
    ["How many outages have been restored?", [[2]]],
    ["How many customers signed up in 2025?", [[2]]],
  ] as const)("%s", (question, expected) => {
    expect(rows(question)).toEqual(expected);
  }); // biome-ignore format: a table

  test.each(["Total rent collected", "How much rent did we collect?"])(
    "of what other rows tell is not read: %s",
    (question) => {
      expect(askedBack(question)).toContain("collect");
    },
  );

  test("of customers by outages of their region is asked back", () => {
    expect(askedBack("How many subscribers had outages caused by storm?")).not.toBe("");
  });
});
