/** Plain questions as people in sales, support and accounting put them, against the rows themselves. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE departments (dept_id INTEGER PRIMARY KEY, dept_name TEXT);
  CREATE TABLE staff (staff_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, gender TEXT, hired_on TEXT, salary NUMERIC, dept_id INTEGER REFERENCES departments (dept_id), manager_id INTEGER REFERENCES staff (staff_id), is_remote BOOLEAN);
  CREATE TABLE categories (category_id INTEGER PRIMARY KEY, title TEXT);
  CREATE TABLE products (product_id INTEGER PRIMARY KEY, title TEXT, category_id INTEGER REFERENCES categories (category_id), list_price NUMERIC, cost_price NUMERIC, discontinued_at TEXT);
  CREATE TABLE clients (client_id INTEGER PRIMARY KEY, name TEXT, country TEXT, email TEXT, signup_date TEXT);
  CREATE TABLE sales_orders (order_id INTEGER PRIMARY KEY, client_id INTEGER REFERENCES clients (client_id), sales_rep_id INTEGER REFERENCES staff (staff_id), ordered_at TEXT, channel TEXT);
  CREATE TABLE order_items (order_id INTEGER REFERENCES sales_orders (order_id), product_id INTEGER REFERENCES products (product_id), quantity INTEGER, PRIMARY KEY (order_id, product_id));
  CREATE TABLE invoices (invoice_id INTEGER PRIMARY KEY, client_id INTEGER REFERENCES clients (client_id), issued_on TEXT NOT NULL, due_on TEXT NOT NULL, tax NUMERIC, total NUMERIC, paid_on TEXT);
  CREATE TABLE payments (payment_id INTEGER PRIMARY KEY, invoice_id INTEGER REFERENCES invoices (invoice_id), received_on TEXT, amount NUMERIC, method TEXT);
  CREATE TABLE complaints (complaint_id INTEGER PRIMARY KEY, client_id INTEGER REFERENCES clients (client_id), opened_at TEXT NOT NULL, closed_at TEXT, severity TEXT);
  CREATE TABLE visits (visit_id INTEGER PRIMARY KEY, page TEXT, count INTEGER);
  CREATE TABLE timesheets (entry_id INTEGER PRIMARY KEY, staff_id INTEGER REFERENCES staff (staff_id), work_date TEXT, hours NUMERIC, billable BOOLEAN);
  INSERT INTO departments VALUES (1, 'Sales'), (2, 'Support');
  INSERT INTO staff VALUES (1, 'Ana', 'Shaw', 'F', '2019-03-01', 90000, 1, NULL, 0), (2, 'Ben', 'Kim', 'M', '2022-05-01', 50000, 1, 1, 1), (3, 'Ana', 'Diaz', 'F', '2024-06-01', 60000, 2, 1, 1);
  INSERT INTO categories VALUES (1, 'Coffee'), (2, 'Tea');
  INSERT INTO products VALUES (1, 'Espresso', 1, 10, 6, NULL), (2, 'Filter', 1, 8, 7, '2024-01-01'), (3, 'Green', 2, 5, 2, NULL);
  INSERT INTO clients VALUES (1, 'Acme', 'DE', 'a@acme.example', '2023-02-01'), (2, 'Bolt', 'FR', NULL, '2024-02-01'), (3, 'Core', 'DE', 'c@core.example', '2025-02-01');
  INSERT INTO sales_orders VALUES (1, 1, 2, '2024-01-10', 'web'), (2, 1, 3, '2025-01-10', 'phone'), (3, 2, 2, '2025-03-10', 'web');
  INSERT INTO order_items VALUES (1, 1, 5), (1, 2, 1), (2, 1, 2), (3, 3, 9);
  INSERT INTO invoices VALUES (1, 1, '2024-01-11', '2024-02-11', 10, 110, '2024-02-01'), (2, 1, '2025-01-11', '2025-02-11', 20, 220, NULL), (3, 2, '2025-03-11', '2025-04-11', 5, 55, '2025-04-01');
  INSERT INTO payments VALUES (1, 1, '2024-02-01', 110, 'card'), (2, 3, '2025-04-01', 55, 'cash'), (3, 3, '2025-05-01', 10, 'card');
  INSERT INTO complaints VALUES (1, 1, '2024-05-01', '2024-05-03', 'high'), (2, 2, '2025-05-01', NULL, 'low'), (3, 2, '2025-06-01', NULL, 'high');
  INSERT INTO timesheets VALUES (1, 2, '2025-01-02', 7, 1), (2, 2, '2025-01-03', 2, 0), (3, 3, '2025-01-03', 5, 1);
  INSERT INTO visits VALUES (1, 'home', 40), (2, 'home', 2);
`);
afterAll(() => db.close());

const { askedBack, read, rows } = questionsOver(db);

const asked: Readonly<Record<string, readonly (readonly [question: string, expected: readonly unknown[]])[]>> = {
  "rows that have no name are shown whole": [
    [
      "List invoices over 100",
      [
        [1, 1, "2024-01-11", "2024-02-11", 10, 110, "2024-02-01"],
        [2, 1, "2025-01-11", "2025-02-11", 20, 220, null],
      ],
    ],
    ["Payments received in 2024", [[1, 1, "2024-02-01", 110, "card"]]],
    ["Unpaid invoices", [[2, 1, "2025-01-11", "2025-02-11", 20, 220, null]]],
    ["Payments by cash", [[2, 3, "2025-04-01", 55, "cash"]]],
    ["Largest payment", [[1, 1, "2024-02-01", 110, "card"]]],
    [
      "Complaints opened in 2025 but not closed",
      [
        [2, 2, "2025-05-01", null, "low"],
        [3, 2, "2025-06-01", null, "high"],
      ],
    ],
    ["Latest payment", [[3, 3, "2025-05-01", 10, "card"]]],
    ["What is the oldest open complaint?", [[2, 2, "2025-05-01", null, "low"]]],
    ["Invoices due before 2025-03-01 that are not paid", [[2, 1, "2025-01-11", "2025-02-11", 20, 220, null]]],
  ],
  "people by what they did or have": [
    [
      "Who was hired after 2020?",
      [
        ["Ben", "Kim"],
        ["Ana", "Diaz"],
      ],
    ],
    [
      "Who earns more than 55000?",
      [
        ["Ana", "Shaw"],
        ["Ana", "Diaz"],
      ],
    ],
    ["How many women are there?", [[2]]],
    ["Remote staff in Support", [["Ana", "Diaz"]]],
    ["Staff without a manager", [["Ana", "Shaw"]]],
    [
      "Staff whose manager is Ana Shaw",
      [
        ["Ben", "Kim"],
        ["Ana", "Diaz"],
      ],
    ],
    ["What is the salary of Ana Diaz?", [[60000]]],
    [
      "How many staff are in each department?",
      [
        [1, "Sales", 2],
        [2, "Support", 1],
      ],
    ],
  ],
  "what has not happened": [
    ["How many complaints are still open?", [[2]]],
    [
      "Number of open complaints by severity",
      [
        ["high", 1],
        ["low", 1],
      ],
    ],
    ["How many invoices have not been paid yet?", [[1]]],
    ["Which clients have never ordered?", [["Core"]]],
    ["Which clients never opened a complaint?", [["Core"]]],
    ["Clients without an email", [["Bolt"]]],
    ["Which products are discontinued?", [["Filter"]]],
  ],
  "amounts and counts": [
    ["How much was paid by card in 2025?", [[10]]],
    ["How much tax did we charge in 2025?", [[25]]],
    [
      "Compare total payments in 2024 and 2025",
      [
        ["2024-01-01", 110],
        ["2025-01-01", 65],
      ],
    ],
    ["Top 1 product by quantity sold", [[3, "Green", 9]]],
    ["How many high severity complaints were opened in 2025?", [[1]]],
    ["Average list price of coffee products", [[9]]],
    [
      "Complaints by severity",
      [
        ["high", 2],
        ["low", 1],
      ],
    ],
    [
      "Compare the number of complaints opened in 2024 and 2025",
      [
        ["2024-01-01", 1],
        ["2025-01-01", 2],
      ],
    ],
    ["Number of high severity open complaints", [[1]]],
    ["How many complaints did each client open in 2025?", [[2, "Bolt", 2]]],
    [
      "Number of orders per sales rep",
      [
        [2, "Ben", "Kim", 2],
        [3, "Ana", "Diaz", 1],
      ],
    ],
  ],
  "places by their codes, and columns beside names": [
    ["Clients in Germany", [["Acme"], ["Core"]]],
    ["How many French clients are there?", [[1]]],
    ["Clients that signed up in 2024", [["Bolt"]]],
    [
      "List all clients and their emails",
      [
        ["Acme", "a@acme.example"],
        ["Bolt", null],
        ["Core", "c@core.example"],
      ],
    ],
  ],
};

describe.each(Object.entries(asked))("%s", (_, cases) => {
  test.each(cases)("%s", (question, expected) => {
    const found = rows(question).map((r) => JSON.stringify(r));
    expect(new Set(found)).toEqual(new Set(expected.map((r) => JSON.stringify(r))));
  });
});

test("a share of one value is told beside those of the others", () => {
  expect(rows("What share of payments came by card?").map((r) => (r as readonly unknown[]).slice(0, 2))).toEqual([
    ["card", 2],
    ["cash", 1],
  ]);
});

describe("is not guessed at:", () => {
  test.each([
    ["Most expensive product", "products.list_price, products.cost_price"],
    ["What share of payments is there?", "which share"],
    ["How many visits were there?", "visits.count"],
    ["How much was spent?", "what is added up"],
    ["What percentage of staff are remote in each department?", "of each part or of all"],
    ["Number of blue invoices", 'which of invoices are "blue"'],
  ])("%s", (question, said) => {
    expect(askedBack(question)).toContain(said);
  });

  test("payments by method may be counted or added up", () => {
    const built = read("Payments by method");
    expect(built).toMatchObject({ ok: true, value: { status: "needs_clarification" } });
  });
});
