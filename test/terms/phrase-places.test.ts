/** Numbers as phrases: the column that a number of a question bounds, by where it stands and what the columns hold; nothing where rows are counted. */

import { describe, expect, it } from "vitest";
import { ask } from "../../src/terms/asked.js";
import { comparedAt } from "../../src/terms/cues.js";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { mapTerm } from "../../src/terms/map.js";
import { phrasePlaces, placeNames, placeNumbers } from "../../src/terms/phrase-places.js";
import { rankQuestion } from "../../src/terms/question-ranker.js";
import { buildTermIndex } from "../../src/terms/term-index.js";
import { tokensOf } from "../../src/terms/words.js";
import { tableOf, viewOf } from "../schema/snapshots.js";

const typed = (name: string, type: string) => ({ name, type, nullable: true });
const index = buildTermIndex(
  {
    ...viewOf([
      tableOf("bridges", ["bridge_id", typed("name", "text"), "length_meters", "lanes", typed("opened", "date")]),
      tableOf("architects", ["architect_id", typed("name", "text"), "age"]),
    ]),
    statistics: {
      tables: {
        "main.bridges": {
          columns: {
            length_meters: { min: 40, max: 2100 },
            lanes: { min: 2, max: 8 },
            opened: { min: "1890-05-01", max: "2015-09-30" },
          },
        },
        "main.architects": { columns: { age: { min: 25, max: 91 } } },
      },
    },
  },
  emptyGlossary,
);
const idOf = (ref: string): number => index.columns.find((c) => c.ref === ref)?.id ?? -1;

function numbersOf(phrase: string, question: string, ref: string): Record<string, number> {
  const ranking = rankQuestion(index, question);
  const asked = ask(index, phrase, new Map());
  const words = tokensOf(question).map((t) => t.lower);
  const places = phrasePlaces(index, asked, ranking, words.indexOf(phrase.toLowerCase()));
  const numbers = placeNumbers(places, ranking, idOf(ref));
  return Object.fromEntries(placeNames.map((name, i) => [name, numbers[i] ?? Number.NaN]));
}

describe("where a phrase stands beside a column", () => {
  const question = "Which bridges are longer than 80 meters and have more than 4 lanes?";

  it.each([
    // 80 lies within the lengths and the ages; the meters are named right after it, and the lanes are named farther off.
    ["80", "bridges.length_meters", { number: 1, fits: 0.5, apart: 1, nearer: 0, compared: 1 }],
    ["80", "bridges.lanes", { number: 1, fits: -1, apart: 7, nearer: 1, compared: 1 }],
    ["4", "bridges.lanes", { number: 1, fits: 1, apart: 1, nearer: 0, compared: 1 }],
    // Nothing says what an identifier is between, and nobody names one here.
    ["4", "architects.architect_id", { number: 1, fits: 0, apart: 20, compared: 1 }],
    ["lanes", "bridges.lanes", { number: 0, fits: 0, apart: 0, nearer: 0 }],
  ])("%s beside %s", (phrase, ref, expected) => {
    expect(numbersOf(phrase, question, ref)).toMatchObject(expected);
  });

  it("is nowhere where the question does not have it", () => {
    expect(numbersOf("12", question, "bridges.lanes")).toMatchObject({ number: 1, apart: 20, compared: 0 });
  });
});

describe("a number is compared", () => {
  it.each([
    ["older than 20", 2, true],
    ["between 10 and 20", 3, true],
    ["in the year 2014", 3, false],
    ["20 and older", 0, false],
  ])("%s at %i: %s", (text, at, compared) => {
    expect(comparedAt(tokensOf(text), at)).toBe(compared);
  });

  it("is not where it does not stand", () => {
    expect(comparedAt(tokensOf("more than"), -1)).toBe(false);
  });
});

describe("a number as a term", () => {
  const map = (term: string, question: string) => mapTerm(index, { term, question });

  it.each([
    ["80", "Which bridges are longer than 80 meters?", "bridges.length_meters"],
    ["30", "Names of architects older than 30", "architects.age"],
    ["4", "List the bridges with more than 4 lanes", "bridges.lanes"],
    ["1900", "Which bridges were opened before 1900?", "bridges.opened"],
  ])("%s in %s bounds %s", (term, question, ref) => {
    const { matches } = map(term, question);
    expect(matches[0]).toMatchObject({ kind: "column", ref });
    expect(matches[0]?.why.map((w) => w.signal)).toContain("fits");
  });

  it.each([
    ["3", "Which architects have designed at least 3 bridges?"],
    ["3", "Which architects have designed 3 or more bridges?"],
    ["5", "Top 5 bridges by length"],
    ["4", "The 4 longest bridges"],
  ])("%s in %s counts rows, and means nothing of the schema", (term, question) => {
    expect(map(term, question)).toMatchObject({ status: "no_match", matches: [] });
  });

  it("does not count rows where the schema keeps how many there are, or a year is named", () => {
    expect(map("4", "Which bridges with 4 lanes are long?").matches[0]?.ref).toBe("bridges.lanes");
    expect(map("1950", "1950 bridges").matches.length).toBeGreaterThan(0);
  });

  it("is never a table", () => {
    const { matches } = map("80", "Which bridges are longer than 80 meters?");
    expect(matches.filter((m) => m.kind === "table" && m.confidence > 0.1)).toEqual([]);
  });
});
