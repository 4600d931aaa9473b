/** Questions as agents put them, in whole sentences: verbs that only link, what is said twice, related rows, and what such words may not hide. */

import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { buildQuestion } from "../../src/query/build-question.js";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { mapTerm } from "../../src/terms/map.js";
import { buildTermIndex } from "../../src/terms/term-index.js";
import { sqliteView } from "./sqlite-view.js";
import { withoutTerms } from "./without-terms.js";

const db = new Database(":memory:");
db.exec(`
  CREATE TABLE author (authorid INTEGER PRIMARY KEY, authorname TEXT);
  CREATE TABLE journal (journalid INTEGER PRIMARY KEY, journalname TEXT, publisher TEXT);
  CREATE TABLE paper (
    paperid INTEGER PRIMARY KEY, title TEXT, year INTEGER, pages INTEGER, journalid INTEGER REFERENCES journal (journalid)
  );
  CREATE TABLE writes (paperid INTEGER REFERENCES paper (paperid), authorid INTEGER REFERENCES author (authorid));
  INSERT INTO author VALUES (1, 'Ada'), (2, 'Bo');
  INSERT INTO journal VALUES (1, 'Nature', 'Springer'), (2, 'Cell', 'Elsevier');
  INSERT INTO paper VALUES (1, 'Roots', 2020, 9, 1), (2, 'Leaves', 2020, 4, 1), (3, 'Stems', 2021, 6, 2);
  INSERT INTO writes VALUES (1, 1), (2, 1), (3, 2);
  CREATE TABLE department (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE student (id INTEGER PRIMARY KEY, name TEXT, department_id INTEGER REFERENCES department (id));
  CREATE TABLE class (id INTEGER PRIMARY KEY, title TEXT, department_id INTEGER REFERENCES department (id));
  CREATE TABLE enroll (student_id INTEGER REFERENCES student (id), class_id INTEGER REFERENCES class (id));
  INSERT INTO department VALUES (1, 'Math'), (2, 'Art');
  INSERT INTO student VALUES (1, 'Cy', 1), (2, 'Di', 2);
  INSERT INTO class VALUES (1, 'Algebra', 1), (2, 'Clay', 2);
  INSERT INTO enroll VALUES (1, 1), (1, 2);
  CREATE TABLE restaurant (id INTEGER PRIMARY KEY, name TEXT, food_type TEXT, country_name TEXT, rating NUMERIC);
  CREATE TABLE checkin (id INTEGER PRIMARY KEY, restaurant_id INTEGER REFERENCES restaurant (id));
  INSERT INTO restaurant VALUES (1, 'Roma', 'Italian', 'Peru', 4), (2, 'Kyo', 'Japanese', 'Chad', 5), (3, 'Pisa', 'Italian', 'Chad', 3);
  INSERT INTO checkin VALUES (1, 1), (2, 1), (3, 3);
  CREATE TABLE patient (id INTEGER PRIMARY KEY, full_name TEXT, birth_date DATE);
  CREATE TABLE clinic (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE appointment (
    id INTEGER PRIMARY KEY, patient_id INTEGER REFERENCES patient (id), clinic_id INTEGER REFERENCES clinic (id), status TEXT, starts_on DATE
  );
  CREATE TABLE charges (id INTEGER PRIMARY KEY, appointment_id INTEGER REFERENCES appointment (id), amount NUMERIC);
  CREATE TABLE guide (guide_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT, home_city TEXT, lat NUMERIC, long NUMERIC);
  INSERT INTO guide VALUES (1, 'Gil', 'Ash', 'Lima', 1, 5), (2, 'Ivy', 'Yew', 'Lima', 3, 7), (3, 'Jo', 'Box', 'Oslo', 5, 9);
  CREATE TABLE crew (crew_id INTEGER PRIMARY KEY, crew_name TEXT, duty TEXT, wage NUMERIC);
  INSERT INTO crew VALUES (1, 'Kim', 'cook', 9), (2, 'Lou', 'cook', 12), (3, 'Max', 'sailor', 20);
  INSERT INTO patient VALUES (1, 'Eli Elm', '1950-01-01'), (2, 'Fay Fir', '1990-01-01');
  INSERT INTO clinic VALUES (1, 'North'), (2, 'South');
  INSERT INTO appointment VALUES (1, 1, 1, 'cancelled', '2025-01-01'), (2, 1, 2, 'late', '2024-06-01');
  INSERT INTO charges VALUES (1, 1, 10), (2, 1, 5), (3, 2, 7);
`);
afterAll(() => db.close());
const view = sqliteView(db, [], true);
const index = buildTermIndex(view, emptyGlossary);

function asked(question: string): ReturnType<typeof buildQuestion> {
  return buildQuestion(question, { ...withoutTerms(view, question), resolve: (request) => mapTerm(index, request) });
}

test.each<[string, unknown]>([
  ["What is the total number of papers published in each journal?", { Nature: 2, Cell: 1 }],
  ['How many papers were published in the journal "Nature"?', [[2]]],
  // Rows of a kind that is stored, by its plural.
  ["How many cooks are there?", [[2]]],
  ["cooks with a wage above 10", [["Lou"]]],
  ["What are the titles of the papers published in the year 2020, ordered alphabetically?", [["Leaves"], ["Roots"]]],
  ["What is the total number of papers published per year?", { 2020: 2, 2021: 1 }],
  [
    "How many papers are there in each journal? Give the names of the journals and the number of papers.",
    { Nature: 2, Cell: 1 },
  ],
  [
    "What is the name of the author who has written the most papers, and how many papers have they written?",
    { Ada: 2 },
  ],
  ["What are the names of the top 1 authors with the highest number of papers associated with them?", { Ada: 2 }],
  ['What are the names of authors who wrote papers published in the journal named "Cell"?', [["Bo"]]],
  [
    "What are the titles of the papers in the database, ordered by the number of pages from highest to lowest?",
    "declined",
  ],
  ["Which papers have the most pages, ordered from highest to lowest?", [["Roots"], ["Stems"], ["Leaves"]]],
  ["How many papers does each author publish?", { Ada: 2, Bo: 1 }],
  ["What is the average rating of restaurants serving each type of food?", { Italian: 3.5, Japanese: 5 }],
  ["What are the names of the restaurants that serve Italian food?", [["Roma"], ["Pisa"]]],
  ["How many restaurants are there in each country?", { Peru: 1, Chad: 2 }],
  ["How many check-ins does the restaurant Roma have?", [[2]]],
  ["What are the names of restaurants with two or more check-ins?", [[1, "Roma", 2]]],
  ['How many appointments were made by patients named "Eli Elm"?', [[2]]],
  ['How many appointments were made in 2025 by patients named "Eli Elm"?', [[1]]],
  ["number of appointments made by clinic", { North: 1, South: 1 }],
  ["How many appointments were made by each patient?", { "Eli Elm": 2 }],
  ["Which country has the most restaurants?", { Chad: 2 }],
  ["What are the names of the restaurants that are Italian or Japanese?", [["Roma"], ["Kyo"], ["Pisa"]]],
  ["How many late appointments does the clinic South have?", [[1]]],
  ["Which clinic has the most late appointments, and how many late appointments do they have?", { South: 1 }],
  ["How many appointments started in 2025?", [[1]]],
  ["List the patients, ordered from oldest to newest", [["Eli Elm"], ["Fay Fir"]]],
  ["List the restaurants of each patient", "declined"],
  ["List the patients for each clinic", "declined"],
  ["What are the names of the authors who never wrote papers?", "declined"],
  ["How many patients are there with appointments in 2024?", [[1]]],
  ["What is the number of patients with appointments in March 2024?", [[0]]],
  ["Which patients have not made any appointments?", [["Fay Fir"]]],
  ["How many appointments are there in each clinic except North?", "declined"],
  ["How many students are enrolled in each department?", "needs_clarification"],
  ["How many appointments were cancelled in 2025?", "needs_clarification"],
  ["What are the titles of papers published after 2020?", "declined"],
  ["total charges by clinic", { North: 15, South: 7 }],
  ["Which patients have never had an appointment?", [["Fay Fir"]]],
  ["Who is the oldest patient?", [["Eli Elm"]]],
  ["What are the full names of the patients?", [["Eli Elm"], ["Fay Fir"]]],
  [
    "What are the full names of the guides?",
    [
      ["Gil", "Ash"],
      ["Ivy", "Yew"],
      ["Jo", "Box"],
    ],
  ],
  ["Show the home city with the most number of guides.", { Lima: 2 }],
])("%s", (question, wanted) => {
  const read = asked(question);
  const told = read.ok ? read.value.status : "declined";
  expect(told === "ok" && read.ok ? answered(read.value, wanted) : told).toEqual(wanted);
});

/** Its rows; by their first label where they are wanted so. */
function answered(
  {
    sql = "",
    params = [],
    columns,
  }: { sql?: string; params?: readonly unknown[]; columns: readonly { role: string }[] },
  wanted: unknown,
): unknown {
  const rows = db
    .prepare(sql)
    .raw()
    .all(...params) as unknown[][];
  if (Array.isArray(wanted)) return rows;
  const last = columns.findIndex(({ role }) => role === "measure");
  return Object.fromEntries(rows.map((row) => [String(row[last - 1]), row[last]]));
}
