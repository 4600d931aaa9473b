/** Plain questions about amounts, on a shop of two tables: what is added up, counted, ranked, and who is shown by first and last name. */

import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { buildQuestion } from "../../src/query/build-question.js";
import { sqliteView } from "./sqlite-view.js";
import { withoutTerms } from "./without-terms.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE customers (id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, country TEXT);
  CREATE TABLE invoices (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), placed_on DATE, total NUMERIC, annual_fee NUMERIC);
  CREATE TABLE products (id INTEGER PRIMARY KEY, product_name TEXT, units_in_stock INTEGER, discontinued INTEGER, is_active BOOLEAN);
  CREATE TABLE order_details (id INTEGER PRIMARY KEY, product_id INTEGER REFERENCES products (id), quantity INTEGER, shipped_date DATE, due_date DATE);
  CREATE TABLE employees (id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, title TEXT, hire_date DATE, age INTEGER);
  CREATE TABLE suppliers (id INTEGER PRIMARY KEY, company_name TEXT, contact_name TEXT);
  INSERT INTO products VALUES (1, 'Tea', 9, 0, 1), (2, 'Ink', 3, 1, 1), (3, 'Oil', 5, 0, 0);
  INSERT INTO order_details VALUES (1, 1, 2, '2023-12-31', '2024-01-02'), (2, 1, 3, '2024-05-01', '2024-05-02'), (3, 2, 4, '2024-06-01', '2025-06-02');
  INSERT INTO employees VALUES (1, 'Eve', 'Elm', 'Clerk', '1993-04-01', 31), (2, 'Flo', 'Fir', 'Clerk', '1994-04-01', 29);
  INSERT INTO suppliers VALUES (1, 'Acme', 'Gus');
  CREATE TABLE credits (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), amount_cents NUMERIC, total_amount_cents NUMERIC);
  CREATE TABLE refunds (id INTEGER PRIMARY KEY, fee_amount_cents NUMERIC, total_amount_cents NUMERIC, fee_amount_currency TEXT, total_amount_currency TEXT);
  INSERT INTO customers VALUES (1, 'Ann', 'Ash', 'Peru'), (2, 'Bob', 'Birch', 'Chad');
  INSERT INTO refunds VALUES (1, 1, 5, 'EUR', 'EUR'), (2, 1, 6, 'EUR', 'USD');
  INSERT INTO credits VALUES (1, 1, 3, 4), (2, 2, 5, 6);
  INSERT INTO invoices VALUES (1, 1, '2024-01-05', 10, 1), (2, 1, '2024-02-06', 5, 1), (3, 2, '2025-02-07', 40, 1);
`);
afterAll(() => db.close());

function rows(question: string): readonly unknown[] {
  const read = buildQuestion(question, withoutTerms(sqliteView(db, [], true), question));
  if (!read.ok) throw new Error(read.issues.map((i) => i.message).join());
  expect(read.value).toMatchObject({ status: "ok", issues: [] });
  const { sql = "", params = [] } = read.value;
  return db
    .prepare(sql)
    .raw()
    .all(...params);
}

test.each([
  [
    "invoice total by month in 2024",
    [
      ["2024-01-01", 10],
      ["2024-02-01", 5],
    ],
  ],
  [
    "invoice total per country",
    [
      ["Chad", 40],
      ["Peru", 15],
    ],
  ],
  ["invoice total in 2024", [[15]]],
  [
    "sum of total by country",
    [
      ["Chad", 40],
      ["Peru", 15],
    ],
  ],
  [
    "annual fee by country",
    [
      ["Chad", 1],
      ["Peru", 2],
    ],
  ],
  [
    "number of invoices per country",
    [
      ["Chad", 1],
      ["Peru", 2],
    ],
  ],
  ["top 1 customers by invoice total", [[2, "Bob", "Birch", 40]]],
  ["total amount of credits", [[10]]],
  ["total of invoices in 2024", [[15]]],
  ["average amount of credits", [[4]]],
  [
    "total amount of credits by country",
    [
      ["Chad", 6],
      ["Peru", 4],
    ],
  ],
  [
    "top 2 customers by total",
    [
      [2, "Bob", "Birch", 40],
      [1, "Ann", "Ash", 15],
    ],
  ],
  [
    "list the customers",
    [
      ["Ann", "Ash"],
      ["Bob", "Birch"],
    ],
  ],
])("%s", (question, expected) => {
  expect(rows(question)).toEqual(expected);
});

test.each([
  ["What's the average total?", [[55 / 3]]],
  [
    "What is the average total of invoices per country? Order the results by the country",
    [
      ["Chad", 40],
      ["Peru", 7.5],
    ],
  ],
])("%s", (question, expected) => {
  expect(rows(question)).toEqual(expected);
});

test.each([
  ["How many order details were shipped in 2024?", [[2]]],
  ["total quantity of order details shipped in 2024", [[7]]],
  ["How many employees were hired in 1993?", [[1]]],
  [
    "total quantity ordered per product",
    [
      [1, "Tea", 5],
      [2, "Ink", 4],
    ],
  ],
  ["average units in stock", [[17 / 3]]],
  ["How many employees are older than 30?", [[1]]],
  ["list the employees younger than 30 years", [["Flo", "Fir"]]],
  ["Who is the oldest employee?", [["Eve", "Elm"]]],
  ["the youngest employee", [["Flo", "Fir"]]],
  ["top 2 products by units in stock", [["Tea"], ["Oil"]]],
  ["list the products that are discontinued", [["Ink"]]],
  ["how many products are active?", [[2]]],
  [
    "list the employees",
    [
      ["Eve", "Elm"],
      ["Flo", "Fir"],
    ],
  ],
  ["list the suppliers", [["Acme", "Gus"]]],
])("%s", (question, expected) => {
  expect(rows(question)).toEqual(expected);
});

test("a verb that no time of the table is called by is not understood", () => {
  expect(() => rows("How many order details were painted in 2024?")).toThrow("could not be read");
});

test("an amount is in the currency that is named as it is, and several are not added up", () => {
  const question = "total amount of refunds";
  const read = buildQuestion(question, withoutTerms(sqliteView(db, [], true), question));
  expect(read.ok ? read.value : read).toMatchObject({
    status: "needs_clarification",
    question: { text: expect.stringContaining("(refunds.total_amount_currency)") },
  });
});
