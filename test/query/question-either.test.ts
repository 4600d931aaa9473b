/** A question whose words fit a table and another table's own column: it is asked back, and not answered by a guess. */

import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { buildQuestion } from "../../src/query/build-question.js";
import { sqliteView } from "./sqlite-view.js";
import { withoutTerms } from "./without-terms.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE teams (id INTEGER PRIMARY KEY, team_name TEXT);
  CREATE TABLE players (id INTEGER PRIMARY KEY, name TEXT, rank INTEGER, team_id INTEGER REFERENCES teams (id));
  CREATE TABLE match_season (id INTEGER PRIMARY KEY, player TEXT, college TEXT, team_id INTEGER REFERENCES teams (id));
  CREATE TABLE prizes (id INTEGER PRIMARY KEY, player INTEGER REFERENCES players (id), grade TEXT);
  INSERT INTO teams VALUES (1, 'Reds');
  INSERT INTO players VALUES (1, 'Ann', 1, 1), (2, 'Bob', 2, 1);
  INSERT INTO match_season VALUES (1, 'Cyd', 'UCLA', 1), (2, 'Dee', 'Duke', 1);
  INSERT INTO prizes VALUES (1, 2, 'gold');
`);
afterAll(() => db.close());

function answerTo(question: string) {
  const read = buildQuestion(question, withoutTerms(sqliteView(db, [], true), question));
  if (!read.ok) throw new Error(read.issues.map((i) => i.message).join());
  return read.value;
}

test.each(['Who are the players with college "UCLA"?', 'How many players have college "UCLA"?'])("%s", (question) => {
  const { status, sql, question: asked } = answerTo(question);
  expect({ status, sql }).toEqual({ status: "needs_clarification", sql: undefined });
  expect(asked?.text).toMatch(/^Is this what is meant: .*players.* where match_season\.college = "UCLA"\?$/);
});

test.each([
  ['Who are the players with grade "gold"?', "a key is no word of its own", [["Bob"]]],
  ["Who are the players with rank 1?", "the condition is on the table itself", [["Ann"]]],
  ['Who are the players with team name "Reds"?', "a table that has no such column", [["Ann"], ["Bob"]]],
])("%s is answered: %s", (question, _why, expected) => {
  const { status, sql = "", params = [] } = answerTo(question);
  expect(status).toBe("ok");
  expect(
    db
      .prepare(sql)
      .raw()
      .all(...params),
  ).toEqual(expected);
});
