/** Plain questions on the sample ledger: the intent each is taken for, and those that are declined rather than half understood. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { assemble, noEvidence } from "../../src/catalog/assemble.js";
import { gatherEvidence } from "../../src/catalog/evidence.js";
import { defaultDiscovery } from "../../src/catalog/settings.js";
import { openConnector } from "../../src/databases/open.js";
import type { QueryContext } from "../../src/query/answer.js";
import { buildQuestion } from "../../src/query/build-question.js";
import type { Intent } from "../../src/query/intent.js";
import { readQuestion } from "../../src/query/question.js";
import { defaultQuerySettings } from "../../src/query/settings.js";
import { glossaryFile } from "../../src/terms/glossary.js";
import { mapTerm } from "../../src/terms/map.js";
import { buildTermIndex } from "../../src/terms/term-index.js";

const ledger = new URL("../../fixtures/ledger/", import.meta.url).pathname;
const directory = mkdtempSync(join(tmpdir(), "sextant-questions-"));
let context: QueryContext;

beforeAll(async () => {
  const path = join(directory, "ledger.db");
  const database = new Database(path);
  database.exec(readFileSync(join(ledger, "sqlite.sql"), "utf8"));
  database.close();
  const connector = openConnector({ url: `sqlite:${path}` });
  const read = await connector.inspect();
  const clock = {
    now: () => 0,
    signal: new AbortController().signal,
    refused: (cause: unknown) => {
      throw cause;
    },
  };
  const seen = { read, stamp: undefined };
  const evidence = await gatherEvidence(connector, seen, undefined, noEvidence, defaultDiscovery, clock);
  await connector.close();
  const served = { source: "ledger", read, asOf: "", origin: "live" as const, stale: false };
  const view = assemble(served, evidence, [], defaultDiscovery.inference);
  const glossary = glossaryFile.parse(parse(readFileSync(join(ledger, "glossary.yaml"), "utf8")));
  const index = buildTermIndex(view, glossary);
  context = {
    view,
    glossary,
    resolve: (request) => mapTerm(index, request),
    now: Date.parse("2025-12-31T12:00:00Z"),
    settings: defaultQuerySettings,
  };
});
afterAll(() => rmSync(directory, { recursive: true }));

const value = { as: "value" };
const revenue = [{ term: "gross revenue", ...value }];

describe("is taken for", () => {
  test.each<[string, Intent]>([
    [
      "What was net revenue last quarter?",
      { measures: [{ term: "net revenue", ...value }], time: { range: "last quarter" } },
    ],
    ["Gross revenue by month in 2025", { measures: revenue, time: { range: "2025", grain: "month" } }],
    [
      "Show me total gross revenue per product category for 2025",
      { measures: revenue, dimensions: [{ term: "categories.name" }], time: { range: "2025" } },
    ],
    [
      "number of invoices per customer",
      { measures: [{ term: "invoices", agg: "count", ...value }], dimensions: [{ term: "customers" }] },
    ],
    [
      "return quantity by reason",
      { measures: [{ term: "returns.qty", ...value }], dimensions: [{ term: "returns.reason" }] },
    ],
    [
      "What are the top 10 products by gross revenue this year?",
      {
        measures: revenue,
        dimensions: [{ term: "products.prod_id" }, { term: "products.name" }],
        time: { range: "this year" },
        order_by: [{ by: "value", direction: "desc" }],
        limit: 10,
      },
    ],
    [
      "top 3 products per region by gross revenue",
      {
        measures: revenue,
        dimensions: [{ term: "products.prod_id" }, { term: "regions" }, { term: "products.name" }],
        top: { n: 3, by: "value", per: ["regions"] },
      },
    ],
    [
      "How many customers are in the Enterprise segment?",
      {
        measures: [{ term: "customers", agg: "count", ...value }],
        filters: [{ term: "customers.segment", op: "=", value: "Enterprise" }],
      },
    ],
    [
      "How many customers have no overdue invoices?",
      {
        measures: [{ term: "customers", agg: "count", ...value }],
        filters: [
          { term: "invoices.*", op: "is_null" },
          { term: "invoices.status", op: "=", value: "overdue" },
        ],
      },
    ],
    [
      "What is the average salary of employees by department?",
      {
        measures: [{ term: "employees.annual_salary", agg: "avg", ...value }],
        dimensions: [{ term: "departments" }],
      },
    ],
    [
      "number of employees per department with salary over 80,000",
      {
        measures: [{ term: "headcount", ...value }],
        dimensions: [{ term: "departments" }],
        filters: [{ term: "employees.annual_salary", op: ">", value: 80_000 }],
      },
    ],
    [
      "Which department has the most employees?",
      {
        measures: [{ term: "employees", agg: "count", ...value }],
        dimensions: [{ term: "departments.dept_cd" }, { term: "departments.name" }],
        order_by: [{ by: "value", direction: "desc" }],
        limit: 1,
      },
    ],
    [
      "net revenue by quarter in 2025 compared to the previous year",
      {
        measures: [{ term: "net revenue", ...value }],
        time: { range: "2025", grain: "quarter", compare: "previous_year" },
      },
    ],
    [
      "cumulative gross revenue by month in 2025",
      { measures: revenue, time: { range: "2025", grain: "month", cumulative: "all" } },
    ],
    ["trailing 3 month gross revenue", { measures: revenue, time: { grain: "month", rolling: 3 } }],
    [
      "What share of gross revenue does each region have?",
      { measures: revenue, dimensions: [{ term: "regions" }], share_of_total: ["value"] },
    ],
    [
      "How many invoices are overdue?",
      {
        measures: [{ term: "invoices", agg: "count", ...value }],
        filters: [{ term: "invoices.status", op: "=", value: "overdue" }],
      },
    ],
    [
      'List the names of customers whose segment is not "Enterprise"',
      {
        columns: [{ term: "customers.name" }],
        filters: [{ term: "customers.segment", op: "!=", value: "Enterprise" }],
      },
    ],
  ])("%s", (question, intent) => {
    const read = readQuestion(question, { ...context, question });
    expect(read.ok && "intent" in read.value ? read.value.intent : read).toEqual(intent);
    expect(buildQuestion(question, { ...context, question })).toMatchObject({ ok: true, value: { status: "ok" } });
  });
});

describe("is declined, for a word would be left out:", () => {
  test.each([
    ["Which products have never been ordered?", "never"],
    ["orders without a shipping address", "a shipping address"],
    ["How many distinct customers ordered in 2025?", "ordered"],
    ["employees who are managed by Ana Adler", 'who "managed" them'],
    ["Delete all orders", "Delete"],
    ["gross revenue by month excluding returns", "excluding"],
    ["top 5 customers", "order"],
  ])("%s", (question, word) => {
    const read = readQuestion(question, { ...context, question });
    expect(read.ok).toBe(false);
    expect(read.ok ? "" : read.issues[0]?.message).toContain(word);
  });

  test("a word that several metrics share names them", () => {
    const read = readQuestion("What was our revenue?", context);
    expect(read.ok ? [] : read.issues[0]?.candidates).toContain("net revenue");
  });
});

test("what is not sure is asked back with the intent it was taken for", () => {
  const unsure: QueryContext = {
    ...context,
    resolve: (request) => ({
      term: request.term,
      status: "matched",
      matches: [{ kind: "column", ref: "employees.annual_salary", confidence: 0.4, why: [] }],
      did_you_mean: [],
    }),
  };
  const built = buildQuestion("What is the average pay of employees?", unsure);
  expect(built).toMatchObject({
    ok: true,
    value: {
      status: "needs_clarification",
      question: { options: [{ intent: { measures: [{ term: "employees.annual_salary", agg: "avg" }] } }] },
    },
  });
  expect(built.ok && built.value.sql).toBeUndefined();
});
