/** Intents in business words over a freight company: what stands at either end of a way, goods on hand, times that rows may go by, things shown by name. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import type { Intent } from "../../src/query/intent.js";
import { type Answered, questionsOver } from "./questions-over.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE country (iso2 TEXT PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE warehouse (warehouse_id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT NOT NULL, country_iso2 TEXT NOT NULL REFERENCES country (iso2));
  CREATE TABLE client (client_id INTEGER PRIMARY KEY, name TEXT NOT NULL, tier TEXT);
  CREATE TABLE shipment (shipment_id INTEGER PRIMARY KEY, ref_no TEXT NOT NULL, client_id INTEGER NOT NULL REFERENCES client (client_id), origin_warehouse_id INTEGER NOT NULL REFERENCES warehouse (warehouse_id), destination_warehouse_id INTEGER NOT NULL REFERENCES warehouse (warehouse_id), status TEXT NOT NULL, booked_at TEXT NOT NULL, delivered_at TEXT, weight_kg NUMERIC, volume_cbm NUMERIC, declared_value NUMERIC, freight_charge NUMERIC, fuel_surcharge NUMERIC);
  CREATE TABLE invoice (invoice_no TEXT PRIMARY KEY, client_id INTEGER NOT NULL REFERENCES client (client_id), issued_on TEXT NOT NULL, paid_on TEXT, total NUMERIC NOT NULL);
  CREATE TABLE stock_level (warehouse_id INTEGER NOT NULL REFERENCES warehouse (warehouse_id), snapshot_date TEXT NOT NULL, sku TEXT NOT NULL, pallets_on_hand INTEGER NOT NULL, PRIMARY KEY (warehouse_id, snapshot_date, sku));
  INSERT INTO country VALUES ('DE', 'Germany'), ('FR', 'France');
  INSERT INTO warehouse VALUES (1, 'Hamburg Hub', 'Hamburg', 'DE'), (2, 'Lyon Depot', 'Lyon', 'FR'), (3, 'Berlin Hub', 'Berlin', 'DE');
  INSERT INTO client VALUES (1, 'Acme', 'gold'), (2, 'Bolt', 'silver');
  INSERT INTO shipment VALUES
    (1, 'S1', 1, 1, 2, 'delivered', '2025-12-20 08:00', '2026-01-05 10:00', 10, 1, 100, 5, 1),
    (2, 'S2', 1, 1, 3, 'in_transit', '2026-01-02 08:00', NULL, 20, 2, 100, 6, 1),
    (3, 'S3', 2, 2, 1, 'delivered', '2026-01-03 08:00', '2026-01-06 10:00', 40, 3, 100, 7, 1);
  INSERT INTO invoice VALUES ('I1', 1, '2026-01-01', NULL, 50), ('I2', 1, '2026-01-02', '2026-01-09', 30), ('I3', 2, '2026-01-03', NULL, 7);
  INSERT INTO stock_level VALUES (1, '2026-01-31', 'A', 5), (1, '2026-02-28', 'A', 6), (1, '2026-01-31', 'B', 1), (2, '2026-02-28', 'A', 9);
`);
afterAll(() => db.close());

const { context, rows, askedBack, rowsFor, rowsOf } = questionsOver(db);
const built = (intent: Intent) => buildQuery(intent, context(""));

const answered: Answered = [
  ["a column at either end", { measures: [{ term: "weight" }], dimensions: [{ term: "origin city" }, { term: "destination city" }] }, [["Hamburg", "Berlin", 20], ["Hamburg", "Lyon", 10], ["Lyon", "Hamburg", 40]]],
  ["a value at each end, by its code", { measures: [{ term: "shipments" }], filters: [{ term: "origin country", op: "=", value: "Germany" }, { term: "destination country", op: "=", value: "France" }] }, [[1]]],
  ["what is on hand, the last of each time", { measures: [{ term: "stock" }], dimensions: [{ term: "sku" }] }, [["A", 15], ["B", 1]]],
  ["its rows where they are asked for", { measures: [{ term: "stock levels", agg: "count" }] }, [[4]]],
  ["the amount of some rows that is summed", { measures: [{ term: "unpaid invoices", agg: "sum" }], dimensions: [{ term: "client tier" }] }, [["gold", 50], ["silver", 7]]],
  ["a thing by its name beside other columns", { columns: [{ term: "shipment reference" }, { term: "client" }], filters: [{ term: "status", op: "=", value: "in transit" }] }, [["S2", "Acme"]]],
]; // biome-ignore format: a table

describe("a term means", () => {
  test.each(answered)("%s", (_, intent, expected) => {
    expect(rowsFor(intent)).toEqual(expected);
  });

  test("either end, and the result says which", () => {
    const intent = {
      measures: [{ term: "weight" }],
      dimensions: [{ term: "origin city" }, { term: "destination city" }],
    };
    expect(built(intent).columns.map((c) => c.name)).toEqual(["city", "destination_city", "sum_weight_kg"]);
  });
});

describe("by which time rows go", () => {
  test("is asked where some are told by what happened at another", () => {
    const answer = built({ measures: [{ term: "delivered shipments" }], time: { range: "January 2026" } });
    expect(answer.question?.options.map((o) => o.label)).toEqual(["shipment.booked_at", "shipment.delivered_at"]);
    expect(askedBack("How many delivered shipments in January 2026?")).toBe("Which time of shipment is meant?");
  });

  test("is said by what was done to them", () => {
    const answer = built({ measures: [{ term: "shipments delivered" }], time: { range: "January 2026" } });
    expect(rowsOf(answer)).toEqual([[2]]);
  });
});

describe("a question", () => {
  test.each([
    ["Shipments by status", [["delivered", 2], ["in_transit", 1]]],
    ["How many shipments per destination city?", [["Berlin", 1], ["Hamburg", 1], ["Lyon", 1]]],
  ] as const)("%s", (question, expected) => {
    expect(rows(question)).toEqual(expected);
  }); // biome-ignore format: a table
});
