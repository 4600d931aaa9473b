/** Pinned tables and links that are unsure, on a small SQLite database: what is settled, what is asked, what rows come back. */

import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import { type Intent, intentSchema } from "../../src/query/intent.js";
import type { Relationship } from "../../src/schema/relationships.js";
import { sqliteView } from "./sqlite-view.js";
import { withoutTerms } from "./without-terms.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, boss INTEGER);
  CREATE TABLE gymnasts (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES people (id));
  CREATE TABLE clubs (id INTEGER PRIMARY KEY, title TEXT);
  CREATE TABLE members (club_id INTEGER REFERENCES clubs (id), person_id INTEGER REFERENCES people (id));
  CREATE TABLE helpers (club_id INTEGER REFERENCES clubs (id), person_id INTEGER REFERENCES people (id));
  CREATE TABLE islands (id INTEGER PRIMARY KEY, name TEXT, wrong INTEGER);
  INSERT INTO people VALUES (1, 'Ann', NULL), (2, 'Bob', 2), (3, 'Cid', 1);
  INSERT INTO gymnasts VALUES (1, 1), (2, 1), (3, 3);
  INSERT INTO clubs VALUES (1, 'chess'), (2, 'darts');
  INSERT INTO members VALUES (1, 1), (1, 2), (2, 1);
  INSERT INTO helpers VALUES (1, 3), (2, 2);
  INSERT INTO islands VALUES (1, 'Elba', 1);
`);
afterAll(() => db.close());

function build(given: unknown, links: readonly Relationship[] = []) {
  const intent: Intent = intentSchema.parse(given);
  return buildQuery(intent, withoutTerms(sqliteView(db, links, true)));
}

function rows(answer: ReturnType<typeof build>): unknown[] {
  expect(answer.issues).toEqual([]);
  return db
    .prepare(answer.sql ?? "")
    .raw()
    .all(...(answer.params ?? []));
}

function guess(from: string, column: string, to: string, confidence: number): Relationship {
  const end = (table: string, columns: readonly string[]) => ({ table: { schema: "main", name: table }, columns });
  return {
    from: end(from, [column]),
    to: end(to, ["id"]),
    origin: "inferred",
    confidence,
    cardinality: "n:1",
    targetUnique: true,
  };
}

describe("a pinned table", () => {
  test("beyond the path asks for rows with a match, counted once, and says so", () => {
    const answer = build({ measures: [{ term: "*", agg: "count", table: "people", as: "n" }], tables: ["gymnasts"] });
    expect(rows(answer)).toEqual([[2]]);
    expect(answer.assumptions.map((a) => a.code)).toContain("pinned_table");
  });

  test("counts as named: `*` is about the most detailed table, and detail rows are its rows", () => {
    const counted = build({
      measures: [{ term: "*", agg: "count", as: "n" }],
      dimensions: [{ term: "people.name" }],
      tables: ["gymnasts"],
    });
    expect(rows(counted)).toEqual([
      ["Ann", 2],
      ["Cid", 1],
    ]);
    expect(rows(build({ columns: [{ term: "people.name" }], tables: ["gymnasts"] }))).toEqual([
      ["Ann"],
      ["Ann"],
      ["Cid"],
    ]);
  });

  test("on the way settles which way is meant and filters nothing", () => {
    const intent = {
      columns: [{ term: "people.name" }],
      distinct: true,
      filters: [{ term: "clubs.title", op: "=", value: "chess" }],
    };
    expect(build(intent).status).toBe("needs_clarification");
    const settled = build({ ...intent, tables: ["helpers"] });
    expect(rows(settled)).toEqual([["Cid"]]);
    expect(settled.assumptions.map((a) => a.code)).not.toContain("pinned_table");
  });

  test("named by words, or out of reach", () => {
    expect(rows(build({ columns: [{ term: "people.name" }], distinct: true, tables: ["Gymnast"] }))).toHaveLength(2);
    const lost = build({ columns: [{ term: "people.name" }], tables: ["islands"] });
    expect(lost.issues.map((i) => i.code)).toEqual(["unreachable"]);
  });
});

describe("a link too unsure to be used", () => {
  test("is asked about where nothing else joins the tables, and travels once it is pinned", () => {
    const link = guess("islands", "wrong", "clubs", 0.7);
    const intent = { columns: [{ term: "islands.name" }, { term: "clubs.title" }] };
    const asked = build(intent, [link]);
    expect(asked.question?.options.map((o) => o.label)).toEqual(["islands.wrong → clubs.id (a guess)"]);
    expect(rows(build(asked.question?.options[0]?.intent, [link]))).toEqual([["Elba", "chess"]]);
  });

  test("is asked about where it is the shorter way", () => {
    const link = guess("gymnasts", "id", "clubs", 0.6);
    const intent = {
      measures: [{ term: "*", agg: "count", table: "gymnasts" }],
      dimensions: [{ term: "clubs.title" }],
      tables: [],
    };
    const asked = build(intent, [link]);
    expect(asked.question?.options.map((o) => o.label)).toContain("gymnasts.id → clubs.id (a guess)");
    for (const option of asked.question?.options ?? []) expect(build(option.intent, [link]).status).toBe("ok");
  });
});

test("a key whose target column does not exist joins nothing", () => {
  const link: Relationship = { ...guess("islands", "wrong", "people", 1), origin: "declared" };
  const lost = { ...link, to: { ...link.to, columns: ["absent"] } };
  const answer = build({ columns: [{ term: "islands.name" }, { term: "people.name" }] }, [lost]);
  expect(answer.issues.map((i) => i.code)).toEqual(["unreachable"]);
});

test("distinct rows by a column that is not shown stand where their first row does; two such columns fix no order", () => {
  const by = (...columns: string[]) => ({
    columns: [{ term: "clubs.title" }],
    distinct: true,
    order_by: columns.map((c) => ({ by: c, direction: "desc" as const })),
  });
  expect(rows(build(by("clubs.id")))).toEqual([["darts"], ["chess"]]);
  expect(build(by("members.person_id", "members.club_id")).issues.map((i) => i.code)).toEqual(["invalid_argument"]);
});

test('the word "null" against a number means no value', () => {
  const answer = build({
    columns: [{ term: "people.name" }],
    filters: [{ term: "people.boss", op: "!=", value: "null" }],
  });
  expect(rows(answer)).toEqual([["Bob"], ["Cid"]]);
  expect(answer.assumptions.map((a) => a.code)).toContain("null_word");
});

test("a link by which rows without a match stay is told as left, one that a filter needs as inner", () => {
  const asked = {
    measures: [{ term: "people", agg: "count" }],
    dimensions: [{ term: "clubs.title" }],
    joins: [
      { from: "members.club_id", to: "clubs.id" },
      { from: "members.person_id", to: "people.id" },
    ],
  };
  const outer = build(asked).joins;
  expect([outer[0]?.from, outer[0]?.to, outer[0]?.kind]).toEqual(["people.id", "members.person_id", "left"]);
  const filtered = build({ ...asked, filters: [{ term: "clubs.title", op: "=", value: "chess" }] }).joins;
  expect(filtered[0]?.kind).toBe("inner");
});
