/** What a glossary metric is computed from, through the metrics within it; and which metrics a text speaks of. */

import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { metricTables } from "../../src/query/metric-tables.js";
import { glossaryFile } from "../../src/terms/glossary.js";
import { metricsIn } from "../../src/terms/glossary-terms.js";
import { sqliteView } from "./sqlite-view.js";

const glossary = glossaryFile.parse({
  version: 1,
  metrics: [
    { name: "gross revenue", synonyms: ["bookings"], expression: "sum(lines.qty * lines.price)" },
    { name: "net revenue", expression: "{gross revenue} - {refunds}" },
    { name: "refunds", expression: "sum(returns.amount)" },
    { name: "lost", expression: "sum(nowhere.amount) + {no such metric}" },
  ],
});

const db = new Database(":memory:");
db.exec(
  "create table lines (id integer primary key, qty int, price real); create table returns (id integer primary key, amount real)",
);
const { snapshot } = sqliteView(db);

test.each([
  ["gross revenue", ["lines"]],
  ["net revenue", ["lines", "returns"]],
  ["lost", []],
])("%s reads %j", (name, tables) => {
  const metric = glossary.metrics.find((m) => m.name === name) as (typeof glossary.metrics)[number];
  expect([...metricTables(snapshot, metric, glossary.metrics)].map((t) => t.name).toSorted()).toEqual(tables);
});

test.each([
  [
    "net revenue by region",
    [
      ["gross revenue", false],
      ["net revenue", true],
    ],
  ],
  ["Bookings last year", [["gross revenue", true]]],
  ["refund policy", [["refunds", true]]],
  ["customers", []],
] as const)("%s speaks of %j", (text, metrics) => {
  expect(metricsIn(glossary, text).map(({ metric, whole }) => [metric.name, whole])).toEqual(metrics);
});
