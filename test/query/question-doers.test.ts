/** A value after a verb and "by" says who did it: the name of the very rows that are asked for is none of theirs. */

import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { buildQuestion } from "../../src/query/build-question.js";
import { sqliteView } from "./sqlite-view.js";
import { withoutTerms } from "./without-terms.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE offices (id INTEGER PRIMARY KEY, office_name TEXT);
  CREATE TABLE employees (
    id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, title TEXT,
    manager_id INTEGER REFERENCES employees (id), office_id INTEGER REFERENCES offices (id)
  );
`);
afterAll(() => db.close());
const view = sqliteView(db, [], true);
const stored = new Map([
  ["adams", "employees.last_name"],
  ["kyle", "employees.first_name"],
  ["harbour", "offices.office_name"],
]);

function asked(question: string) {
  return buildQuestion(question, {
    ...withoutTerms(view, question),
    resolve: ({ term }) => {
      const ref = stored.get(term.toLowerCase());
      const matches =
        ref === undefined ? [] : [{ kind: "value" as const, ref, value: term, confidence: 0.99, why: [] }];
      return { term, status: ref === undefined ? "no_match" : "matched", matches, did_you_mean: [] };
    },
  });
}

test.each(["employees who are managed by Adams", "employees managed by Kyle"])("%s is declined", (question) => {
  const read = asked(question);
  expect(read.ok ? read.value.sql : read.issues.map((i) => i.message)).toEqual([
    'The question could not be read: who "managed" them.',
  ]);
});

test("the name of other rows says who did it", () => {
  const read = asked("employees hired by Harbour");
  expect(read.ok ? read.value.sql : read.issues).toContain("office_name = ?");
});
