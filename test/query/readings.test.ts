/** How a term finds its column: short names, a table's own-named column, the column that holds the value; and when it is asked. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { shortens } from "../../src/query/abbreviations.js";
import type { TermResolver } from "../../src/query/answer.js";
import { buildQuery } from "../../src/query/build.js";
import { intentSchema } from "../../src/query/intent.js";
import { defaultQuerySettings } from "../../src/query/settings.js";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { sqliteView } from "./sqlite-view.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE orders (id INTEGER PRIMARY KEY, status TEXT, emp_fname TEXT, wifi INTEGER);
  CREATE TABLE invoices (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id), status TEXT);
  CREATE TABLE company (id INTEGER PRIMARY KEY, Company TEXT, hq TEXT);
  INSERT INTO orders VALUES (1, 'open', 'Ann', 1), (2, 'sent', 'Bob', 0);
  INSERT INTO invoices VALUES (1, 1, 'overdue'), (2, 2, 'paid');
  INSERT INTO company VALUES (1, 'Acme', 'Rome');
`);
afterAll(() => db.close());

const unsure: TermResolver = ({ term, kinds }) => ({
  term,
  status: "matched",
  matches: kinds?.includes("column") === true ? [{ kind: "column", ref: "company.hq", confidence: 0.4, why: [] }] : [],
  did_you_mean: [],
});

function build(given: unknown) {
  const plain = sqliteView(db, [], true);
  const tables = plain.snapshot.tables.map((t) =>
    t.name !== "orders"
      ? t
      : {
          ...t,
          comment: "Customer orders",
          columns: t.columns.map((c) =>
            c.name === "wifi" ? { ...c, comment: "Ordered online (1), by phone (0)" } : c,
          ),
        },
  );
  const view = { ...plain, snapshot: { ...plain.snapshot, tables } };
  const context = { view, resolve: unsure, glossary: emptyGlossary, now: 0, settings: defaultQuerySettings };
  return buildQuery(intentSchema.parse(given), context);
}

const refs = (given: unknown) => build(given).mapping.map((m) => m.ref);

test.each([
  ["eid", "employee id", true],
  ["u_id", "user id", true],
  ["flno", "flight number", true],
  ["LName", "last name", true],
  ["emp_fname", "employee first name", true],
  ["dob", "date of birth", true],
  ["qty_on_hand", "quantity on hand", true],
  ["WiFi", "wifi", true],
  ["CRS_CODE", "course course description", false],
  ["salary", "employee id", false],
  ["id", "user id", false],
  ["n", "name", false],
])("%s shortens %s: %s", (name, words, expected) => {
  expect(shortens(name, words.split(" "))).toBe(expected);
});

describe("a term", () => {
  test("that a column's name shortens is that column", () => {
    expect(refs({ columns: [{ term: "employee first name" }] })).toEqual(["orders.emp_fname"]);
    expect(refs({ columns: [{ term: "wi-fi" }] })).toEqual(["orders.wifi"]);
  });

  test("that names a table and its column means values where values are asked for, rows where rows are counted", () => {
    expect(refs({ columns: [{ term: "company" }] })).toEqual(["company.Company"]);
    expect(refs({ measures: [{ term: "company", agg: "count" }] })).toEqual(["company"]);
  });

  test("of a filter is the column that holds the value", () => {
    const answer = build({
      measures: [{ term: "orders", agg: "count" }],
      filters: [{ term: "status", op: "=", value: "Overdue" }],
    });
    expect(answer.mapping.map((m) => m.ref)).toContain("invoices.status");
    expect(answer.params).toEqual(["overdue"]);
  });

  test("that a comment says, whole or by its first phrase, is what the comment is about", () => {
    expect(refs({ columns: [{ term: "ordered online" }] })).toEqual(["orders.wifi"]);
    expect(refs({ columns: [{ term: "Ordered online (1), by phone (0)" }] })).toEqual(["orders.wifi"]);
    expect(refs({ measures: [{ term: "customer orders", agg: "count" }] })).toEqual(["orders"]);
  });

  test("below even odds is asked", () => {
    expect(build({ columns: [{ term: "seat" }] }).question?.options.map((o) => o.label)).toEqual(["company.hq"]);
  });

  test("is met by a name that is short for it", () => {
    expect(refs({ columns: [{ term: "headquarters" }] })).toEqual(["company.hq"]);
  });
});
