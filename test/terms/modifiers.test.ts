/** Whose a word of a question is, by the nouns around it. */

import { describe, expect, it } from "vitest";
import type { Covered } from "../../src/terms/coverage.js";
import { metAt, modifiersOf, ownerOf } from "../../src/terms/modifiers.js";
import { tokensOf } from "../../src/terms/words.js";

/** The nouns of each kind (before, after, before by "and", after by "and") around the first place where `words` stand. */
function nounsAround(question: string, words: string): readonly string[] {
  const tokens = tokensOf(question);
  const lower = words.split(" ");
  const at = tokens.findIndex((_, i) => lower.every((w, k) => tokens[i + k]?.lower === w));
  expect(at).toBeGreaterThanOrEqual(0);
  return modifiersOf(tokens, at, at + lower.length).map((run) =>
    [...run]
      .sort((a, b) => a - b)
      .map((t) => tokens[t]?.lower)
      .join(" "),
  );
}

describe("nouns that a word belongs to", () => {
  it.each([
    ["Show the employee names by city", "names", ["employee", "city", "", ""]],
    ["What is the station's name?", "name", ["station", "", "", ""]],
    ["Which students' names are longest?", "names", ["students", "", "", ""]],
    ["List the names of all tourist attractions in town", "names", ["", "tourist attractions", "", ""]],
    ["Give the id and name of the photos", "id", ["", "", "", "photos"]],
    ["the first name and last name of each teacher", "first name", ["", "", "", "teacher"]],
    ["Show branch names and open years", "open years", ["", "", "branch names", ""]],
  ])("%s: %s", (question, words, expected) => {
    expect(nounsAround(question, words)).toEqual(expected);
  });

  it("stops at what is counted: a number of trains is no train's name", () => {
    expect(nounsAround("Show the name and number of trains", "name")).toEqual(["", "", "", ""]);
  });

  it("stops at a verb", () => {
    expect(nounsAround("Find the names that start with A", "names")[0]).toBe("");
    expect(nounsAround("employees have names", "names")[0]).toBe("");
  });
});

describe("the table that owns a word", () => {
  const meeting = (...met: readonly number[]): Covered => ({
    numbers: new Float32Array(13),
    at: 0,
    met: Float32Array.from(met),
  });
  const [employee, company] = [meeting(1, 0, 0, 0.3), meeting(0.2, 0, 0, 0.9)];

  it("is met by the likeliest run that any table is met by", () => {
    expect(ownerOf([[0], [3]], [employee, company])).toEqual({ run: [0], kind: 0, best: 1 });
    expect(ownerOf([[1], [3]], [employee, company])).toMatchObject({ run: [3], kind: 1 });
  });

  it("is nobody where the nouns are only somewhat alike", () => {
    expect(ownerOf([[], [1, 2]], [employee, company])).toBeUndefined();
  });

  it("counts its best word, and nothing for a table without one", () => {
    expect(metAt(company, [0, 3])).toBeCloseTo(0.9);
    expect(metAt(undefined, [0])).toBe(0);
    expect(metAt(meeting(), [0])).toBe(0);
  });
});
