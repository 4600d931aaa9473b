/** Sexes that are stored as letters, by the words that people use for them. */

import { describe, expect, it } from "vitest";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { mapTerm } from "../../src/terms/map.js";
import { buildTermIndex } from "../../src/terms/term-index.js";
import { tableOf, viewOf } from "../schema/snapshots.js";

const text = (name: string) => ({ name, type: "TEXT", nullable: true });
const stored = (...values: readonly string[]) => ({ values: values.map((value) => ({ value, count: 5 })) });

const view = {
  ...viewOf([
    tableOf("patients", ["patient_id", text("gender"), text("blood")]),
    tableOf("weddings", ["wedding_id", text("is_male")]),
    tableOf("sizes", ["size_id", text("size")]),
  ]),
  statistics: {
    tables: {
      "main.patients": { rowEstimate: 10, columns: { gender: stored("F", "M"), blood: stored("A", "B") } },
      "main.weddings": { rowEstimate: 10, columns: { is_male: stored("T", "F") } },
      "main.sizes": { rowEstimate: 10, columns: { size: stored("F", "M", "XXL") } },
    },
  },
};
const index = buildTermIndex(view, emptyGlossary);

describe("a letter that stands for a word", () => {
  it.each([
    ["female", "F"],
    ["women", "F"],
    ["male", "M"],
  ])("%s is the %s of the column that holds both sexes and nothing else", (term, value) => {
    expect(mapTerm(index, { term })).toMatchObject({
      status: "matched",
      matches: [{ kind: "value", ref: "patients.gender", value }, ...mapTerm(index, { term }).matches.slice(1)],
    });
  });

  it("is no value of columns that hold other things under the same letters", () => {
    const { matches } = mapTerm(index, { term: "female", kinds: ["value"], limit: 20 });
    expect(matches.map((m) => m.ref)).toEqual(["patients.gender"]);
  });

  it("is found in a question", () => {
    const { matches } = mapTerm(index, { term: "How many female patients are there?", kinds: ["column"] });
    expect(matches[0]?.ref).toBe("patients.gender");
  });
});
