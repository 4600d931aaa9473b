/** One value stored in several spellings: the one that was asked for is meant, and the others are said. */

import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import { buildQuestion } from "../../src/query/build-question.js";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { mapTerm } from "../../src/terms/map.js";
import { buildTermIndex } from "../../src/terms/term-index.js";
import { sqliteView } from "./sqlite-view.js";
import { withoutTerms } from "./without-terms.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE customers (customer_id INTEGER PRIMARY KEY, name TEXT, segment TEXT);
  INSERT INTO customers VALUES (1, 'Ada', 'Enterprise'), (2, 'Bo', 'enterprise'), (3, 'Cy', 'enterprise'), (4, 'Di', 'Retail');
`);
afterAll(() => db.close());
const view = sqliteView(db, [], true);
const index = buildTermIndex(view, emptyGlossary);
const context = { ...withoutTerms(view), resolve: (request: Parameters<typeof mapTerm>[1]) => mapTerm(index, request) };

test.each([
  ["How many Enterprise customers are there?", "Enterprise"],
  ["How many enterprise customers are there?", "enterprise"],
])("%s counts those spelt %s", (question, spelt) => {
  const built = buildQuestion(question, { ...context, question });
  expect(built).toMatchObject({ ok: true, value: { status: "ok", params: [spelt] } });
});

test.each([
  ["Enterprise", ["value_variants"]],
  ["Retail", []],
])("a filter on %s says whether other spellings are left out", (value, codes) => {
  const { assumptions } = buildQuery(
    {
      measures: [{ term: "customers", agg: "count" }],
      filters: [{ term: "customers.segment", op: "=", value }],
    },
    context,
  );
  expect(assumptions.map((a) => a.code)).toEqual(codes);
});
