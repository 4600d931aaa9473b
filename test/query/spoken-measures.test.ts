/** Measures as people call them, over a lender with its staff: which rows are counted, by what time, by which aggregate, and what is asked instead of guessed. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import type { Intent } from "../../src/query/intent.js";
import { emptyGlossary, type GlossaryMetric } from "../../src/terms/glossary.js";
import { type Answered, questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE departments (department_id INTEGER PRIMARY KEY, dept_name TEXT NOT NULL);
  CREATE TABLE employees (employee_id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, birth_date TEXT, hire_date TEXT NOT NULL, termination_date TEXT, termination_reason TEXT, employment_type TEXT, department_id INTEGER REFERENCES departments (department_id), manager_id INTEGER REFERENCES employees (employee_id));
  CREATE TABLE timesheets (timesheet_id INTEGER PRIMARY KEY, employee_id INTEGER REFERENCES employees (employee_id), hours_worked NUMERIC, overtime_allowance NUMERIC, billable INTEGER NOT NULL);
  CREATE TABLE courses (course_id INTEGER PRIMARY KEY, course_name TEXT, cost_per_seat NUMERIC);
  CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, date_of_birth TEXT, onboarded_at TEXT NOT NULL, risk_rating INTEGER);
  CREATE TABLE products (product_code TEXT PRIMARY KEY, product_name TEXT NOT NULL);
  CREATE TABLE accounts (account_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (customer_id), product_code TEXT NOT NULL REFERENCES products (product_code), opened_on TEXT NOT NULL, closed_on TEXT, status TEXT NOT NULL);
  CREATE TABLE loans (loan_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (customer_id), principal NUMERIC NOT NULL, interest_rate NUMERIC NOT NULL, disbursed_on TEXT NOT NULL, maturity_date TEXT NOT NULL, status TEXT NOT NULL);
  CREATE TABLE installments (loan_id INTEGER REFERENCES loans (loan_id), installment_no INTEGER, due_date TEXT NOT NULL, paid_on TEXT, days_past_due INTEGER, PRIMARY KEY (loan_id, installment_no));
  CREATE TABLE transactions (transaction_id INTEGER PRIMARY KEY, account_id INTEGER REFERENCES accounts (account_id), channel TEXT NOT NULL, reversed INTEGER NOT NULL);
  CREATE TABLE invoices (invoice_no TEXT PRIMARY KEY, customer_id INTEGER REFERENCES customers (customer_id), due_on TEXT NOT NULL, amount NUMERIC NOT NULL, balance NUMERIC NOT NULL);
  CREATE TABLE expenses (expense_id INTEGER PRIMARY KEY, category TEXT, amount NUMERIC NOT NULL, is_billable INTEGER NOT NULL);
  CREATE TABLE assets (asset_id INTEGER PRIMARY KEY, acquired_on TEXT NOT NULL, disposed_on TEXT);
  CREATE TABLE weather (day TEXT PRIMARY KEY, max_temperature_f INTEGER, mean_temperature_f INTEGER);
  CREATE TABLE fees (fee_id INTEGER PRIMARY KEY, account_id INTEGER REFERENCES accounts (account_id), fee_type TEXT NOT NULL, fee_amount NUMERIC NOT NULL);
  INSERT INTO departments VALUES (1, 'Engineering'), (2, 'Sales');
  INSERT INTO employees VALUES
    (1, 'Ann', 'Adams', '1970-01-01', '2020-02-01', NULL, NULL, 'permanent', 1, NULL),
    (2, 'Bob', 'Brown', '1980-01-01', '2020-02-01', '2025-03-01', 'resignation', 'permanent', 1, 1),
    (3, 'Cid', 'Clark', '1990-01-01', '2025-06-01', NULL, NULL, 'intern', 2, 1),
    (4, 'Dee', 'Davis', '1991-01-01', '2021-06-01', '2024-01-01', 'retirement', 'permanent', 2, 1);
  INSERT INTO timesheets VALUES (1, 1, 8, 0, 1), (2, 1, 4, 0, 0), (3, 3, 5, 1, 1);
  INSERT INTO courses VALUES (1, 'Advanced SQL', 90), (2, 'First aid', 10);
  INSERT INTO customers VALUES (1, 'Eli', 'Evans', '1960-01-01', '2025-01-10', 1), (2, 'Fay', 'Ford', '1961-01-01', '2025-02-10', 5), (3, 'Gil', 'Green', NULL, '2024-02-10', 2);
  INSERT INTO products VALUES ('CUR', 'Current account'), ('SAV', 'Savings account');
  INSERT INTO accounts VALUES (1, 1, 'CUR', '2025-01-11', NULL, 'open'), (2, 1, 'SAV', '2025-01-12', '2025-09-01', 'closed'), (3, 2, 'SAV', '2024-01-13', NULL, 'open'), (4, 3, 'CUR', '2024-05-01', NULL, 'frozen');
  INSERT INTO loans VALUES (1, 1, 100, 0.04, '2025-01-20', '2030-01-20', 'current'), (2, 2, 300, 0.08, '2025-02-20', '2031-02-20', 'in_arrears'), (3, 3, 50, 0.06, '2024-03-20', '2027-03-20', 'defaulted');
  INSERT INTO installments VALUES (1, 1, '2025-02-20', '2025-02-20', 0), (1, 2, '2025-03-20', NULL, NULL), (2, 1, '2025-03-20', '2025-06-28', 100), (3, 1, '2024-04-20', NULL, NULL);
  INSERT INTO transactions VALUES (1, 1, 'atm', 0), (2, 1, 'direct_debit', 1), (3, 2, 'direct_debit', 0), (4, 3, 'atm', 0);
  INSERT INTO invoices VALUES ('A', 1, '2025-01-31', 10, 0), ('B', 1, '2025-02-28', 20, 5), ('C', 2, '2099-01-01', 40, 40);
  INSERT INTO expenses VALUES (1, 'Hotel', 100, 1), (2, 'Hotel', 30, 0), (3, 'Taxi', 7, 1);
  INSERT INTO assets VALUES (1, '2024-01-01', '2025-05-05'), (2, '2025-01-01', NULL);
  INSERT INTO weather VALUES ('2026-01-01', 50, 40), ('2026-01-02', 60, 50);
  INSERT INTO fees VALUES (1, 1, 'overdraft', 5), (2, 1, 'wire', 2), (3, 2, 'overdraft', 7);
`);
afterAll(() => db.close());

const { context, rows, rowsFor, rowsOf, askedBack } = questionsOver(db, Date.parse("2026-06-01"));
const built = (intent: Intent) => buildQuery(intent, context(""));

const measured: Answered = [
  ["rows with a stored value", { measures: [{ term: "defaulted loans" }] }, [[1]]],
  ["a value of several words", { measures: [{ term: "direct debit transactions" }] }, [[2]]],
  ["a value that does not end as verbs do", { measures: [{ term: "number of frozen accounts" }] }, [[1]]],
  ["a value of the row that each refers to", { measures: [{ term: "savings accounts" }] }, [[2]]],
  ["rows of a kind that no table is called by", { measures: [{ term: "interns" }] }, [[1]]],
  ["some beside all", { measures: [{ term: "open accounts" }, { term: "accounts" }] }, [[2, 4]]],
  ["rows with a flag, though a column is called so", { measures: [{ term: "reversed transactions", agg: "count" }] }, [[1]]],
  ["rows to which it has not happened", { measures: [{ term: "unpaid installments" }] }, [[2]]],
  ["rows by what was done to them", { measures: [{ term: "loans disbursed" }], time: { range: "2025" } }, [[2]]],
  ["the same of some rows", { measures: [{ term: "accounts closed" }], time: { range: "2025" } }, [[1]]],
  ["new rows by when they came, not by births", { measures: [{ term: "new customers" }], time: { range: "2025" } }, [[2]]],
  ["what happened to all rows", { measures: [{ term: "hires" }], time: { range: "2020" } }, [[2]]],
  ["what happened to some rows", { measures: [{ term: "terminations" }], time: { grain: "year" } }, [["2024-01-01", 1], ["2025-01-01", 1]]],
  ["a reason by the time of what has it", { measures: [{ term: "resignations" }], time: { range: "2025" } }, [[1]]],
  ["rows of a table after another", { measures: [{ term: "customer accounts" }] }, [[4]]],
  ["an amount of some rows", { measures: [{ term: "overdraft fees" }] }, [[12]]],
  ["the amount beside a flag", { measures: [{ term: "billable hours" }] }, [[13]]],
  ["an amount of some rows, though a flag is called so", { measures: [{ term: "billable expenses" }] }, [[107]]],
  ["rows that were due and are not paid", { measures: [{ term: "overdue invoices" }] }, [[1]]],
  ["rows of which something is left", { measures: [{ term: "unpaid invoices" }] }, [[2]]],
  ["what is left of rows, or rows of which something is", { measures: [{ term: "overdue invoices", agg: "sum" }] }, [[20]]],
  ["what happened, by when it did", { measures: [{ term: "disposed assets" }], time: { range: "2025" } }, [[1]]],
  ["an aggregate that is said", { measures: [{ term: "average loan principal" }] }, [[150]]],
  ["the same of a rate", { measures: [{ term: "maximum interest rate" }] }, [[0.08]]],
  ["people by a word for their number", { measures: [{ term: "headcount" }], dimensions: [{ term: "department" }] }, [[1, "Engineering", 1], [2, "Sales", 1]]],
  ["its rows in order by what it is called", { measures: [{ term: "average loan principal" }], dimensions: [{ term: "loan status" }], order_by: [{ by: "average loan principal", direction: "desc" }], limit: 1 }, [["in_arrears", 300]]],
]; // biome-ignore format: a table

describe("a measure is", () => {
  test.each(measured)("%s", (_, intent, expected) => {
    expect(rowsFor(intent)).toEqual(expected);
  });

  test("called in the result as it was asked for, and said in words", () => {
    const answer = built({ measures: [{ term: "Defaulted loans" }] });
    expect(answer.columns.map((c) => c.name)).toEqual(["defaulted_loans"]);
    expect(answer.assumptions).toContainEqual({
      code: "phrase",
      text: '"Defaulted loans" is count of loans where loans.status = "defaulted".',
    });
  });
});

test("a metric of some rows goes by what its phrase tells, not by its own time", () => {
  const metric: GlossaryMetric = {
    name: "number of loans",
    synonyms: [],
    expression: "count(loans.loan_id)",
    filters: [],
    additivity: "additive",
    time: "loans.maturity_date",
  };
  const glossary = { ...emptyGlossary, metrics: [metric] };
  const answer = buildQuery(
    { measures: [{ term: "loans disbursed" }], time: { range: "2025" } },
    { ...context(""), glossary },
  );
  expect(rowsOf(answer)).toEqual([[2]]);
  expect(answer.columns.map((c) => c.name)).toEqual(["loans_disbursed"]);
});

test("an aggregate in a column's name is none of the measure's", () => {
  const { question } = built({ measures: [{ term: "mean temperature" }] });
  expect(question?.options[0]?.label).toBe("weather.mean_temperature_f");
});

test("what people confirmed a phrase to mean is meant, whatever it says", () => {
  const confirmed = (term: string) => (term === "defaulted loans" ? "loans.principal" : undefined);
  const answer = buildQuery({ measures: [{ term: "defaulted loans" }] }, { ...context(""), confirmed });
  expect(rowsOf(answer)).toEqual([[450]]);
  expect(answer.mapping).toEqual([{ term: "defaulted loans", ref: "loans.principal", confidence: 1 }]);
});

test("what people said that a term does not mean is not meant", () => {
  const intent = { measures: [{ term: "*", agg: "count" as const }], dimensions: [{ term: "status" }] };
  expect(built(intent).question?.options.map((o) => o.label)).toEqual(["accounts.status", "loans.status"]);
  const answer = buildQuery(intent, { ...context(""), refused: () => ["accounts.status"] });
  expect(answer.mapping[0]?.ref).toBe("loans.status");
});

const shown: Answered = [
  ["people by their names", { columns: [{ term: "customer name" }], filters: [{ term: "risk rating", op: ">", value: 4 }] }, [["Fay", "Ford"]]],
  ["whom a key is for, by name", { columns: [{ term: "employee name" }, { term: "manager" }], filters: [{ term: "employment type", op: "=", value: "intern" }] }, [["Cid", "Clark", "Ann", "Adams"]]],
  ["rows of a thing by its name, not by its key", { columns: [{ term: "hire date" }], filters: [{ term: "department", op: "=", value: "Sales" }, { term: "employment type", op: "=", value: "intern" }] }, [["2025-06-01"]]],
]; // biome-ignore format: a table

describe("columns and filters are", () => {
  test.each(shown)("%s", (_, intent, expected) => {
    expect(rowsFor(intent)).toEqual(expected);
  });
});

test("an amount of rows is theirs, where they have one", () => {
  expect(rowsFor({ measures: [{ term: "loan amount" }] })).toEqual([[450]]);
});

describe("it is asked", () => {
  const asked: readonly (readonly [what: string, term: string, text: RegExp])[] = [
    ["which rows are meant by a word that nothing says", "non-performing loans", /"non-performing"/],
    ["the same of a column that says it otherwise", "high risk customers", /high risk/],
    ["what a phrase means of which a table says a part", "loan payments", /"loan payments"/],
    ["how to add up what is of one thing", "course cost", /aggregated/],
  ]; // biome-ignore format: a table

  test.each(asked)("%s", (_, term, text) => {
    const answer = built({ measures: [{ term }] });
    expect(answer).toMatchObject({ status: "needs_clarification", issues: [] });
    expect(answer.question?.text).toMatch(text);
  });

  test("and all of them are an option", () => {
    const [option] = built({ measures: [{ term: "non-performing loans" }] }).question?.options ?? [];
    expect(option && rowsOf(buildQuery(option.intent, context("")))).toEqual([[3]]);
  });
});

describe("a question", () => {
  test.each([
    ["How many loans are in arrears?", [[1]]],
    ["How many loans mature in 2027?", [[1]]],
    ["How many installments are more than 90 days past due?", [[1]]],
    ["How many hires in 2020?", [[2]]],
    ["How many resignations in 2025?", [[1]]],
    ["Total billable hours", [[13]]],
    ["How many installments are overdue?", [[2]]],
    ["How many disposed assets in 2025?", [[1]]],
  ] as const)("%s", (question, expected) => {
    expect(rows(question)).toEqual(expected);
  });
});

describe("a question for sums", () => {
  test("adds up both of two amounts", () => {
    expect(rows("Total hours worked and overtime allowance by employee type")).toEqual([
      ["intern", 5, 1],
      ["permanent", 12, 0],
    ]);
  });

  test("adds up nothing that is of one of something", () => {
    expect(askedBack("Total course cost by course name")).toMatch(/nothing to add up/);
  });
});
