/** Plain questions over work orders, inspections and what is shipped, against the rows themselves. */

import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE machines (machine_id INTEGER PRIMARY KEY, machine_name TEXT, status TEXT);
  CREATE TABLE work_orders (wo_id INTEGER PRIMARY KEY, machine_id INTEGER REFERENCES machines (machine_id), scrap_qty INTEGER, wo_status TEXT);
  CREATE TABLE inspections (inspection_id INTEGER PRIMARY KEY, wo_id INTEGER REFERENCES work_orders (wo_id), result TEXT);
  CREATE TABLE customers (cust_id INTEGER PRIMARY KEY, cust_name TEXT);
  CREATE TABLE sales_orders (so_id INTEGER PRIMARY KEY, cust_id INTEGER REFERENCES customers (cust_id), ordered_on TEXT NOT NULL, requested_on TEXT NOT NULL, so_status TEXT, total_amount NUMERIC);
  CREATE TABLE carriers (carrier_id INTEGER PRIMARY KEY, carrier_name TEXT);
  CREATE TABLE shipments (ship_id INTEGER PRIMARY KEY, so_id INTEGER REFERENCES sales_orders (so_id), carrier_id INTEGER REFERENCES carriers (carrier_id), weight_kg NUMERIC, delivered_on TEXT);
  INSERT INTO machines VALUES (1, 'M-1', 'Running'), (2, 'M-2', 'Under repair');
  INSERT INTO work_orders VALUES (1, 1, 5, 'In progress'), (2, 1, 1, 'Completed'), (3, 2, 9, 'In progress');
  INSERT INTO inspections VALUES (1, 1, 'Pass'), (2, 2, 'Fail'), (3, 3, 'Fail');
  INSERT INTO customers VALUES (1, 'Acme'), (2, 'Bolt'), (3, 'Core');
  INSERT INTO sales_orders VALUES (1, 1, '2025-01-01', '2025-02-01', 'Open', 100), (2, 2, '2024-01-01', '2025-02-01', 'Shipped', 40), (3, 1, '2025-03-01', '2025-03-09', 'Open', 7);
  INSERT INTO carriers VALUES (1, 'DHL'), (2, 'UPS');
  INSERT INTO shipments VALUES (1, 2, 1, 10, NULL), (2, 1, 2, 20, '2025-01-05'), (3, 1, 2, 40, '2025-01-06');
`);
afterAll(() => db.close());

const { rows } = questionsOver(db);

test.each([
  ["How many work orders are in progress?", [[2]]],
  ["Machines under repair", [["M-2"]]],
  ["How many inspections failed?", [[2]]],
["How many failed inspections are there?", [[2]]],
  ["Total scrap by machine", [[1, "M-1", 6], [2, "M-2", 9]]],
  ["Customers with no orders", [["Core"]]],
  ["Which customers ordered in 2025?", [["Acme"]]],
  ["Number of sales orders per customer in 2025", [[1, "Acme", 2]]],
  ["Total amount of open orders", [[107]]],
  ["Average shipment weight by carrier", [[1, "DHL", 10], [2, "UPS", 30]]],
  ["Shipments not delivered", [[1, 2, 1, 10, null]]],
] as const)("%s", (question, expected) => {
  expect(rows(question)).toEqual(expected);
}); // biome-ignore format: a table
