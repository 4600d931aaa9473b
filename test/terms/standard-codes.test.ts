/** What is stored as a code of a public standard (sexes as letters, states, countries, currencies), by the words that people use for it. */

import { describe, expect, it } from "vitest";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { mapTerm } from "../../src/terms/map.js";
import { meantBy, standsFor } from "../../src/terms/standard-codes.js";
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

describe("a code by a public standard", () => {
  const places = buildTermIndex(
    {
      ...viewOf([
        tableOf("accounts", ["account_id", text("billing_state"), text("cntry_cd"), text("ccy_cd"), text("grade")]),
        tableOf("stores", ["store_id", text("state")]),
        tableOf("holidays", ["holiday_id", text("country"), text("day")]),
      ]),
      statistics: {
        tables: {
          "main.accounts": {
            rowEstimate: 10,
            columns: {
              billing_state: stored("CA", "TX", "ON"),
              cntry_cd: stored("US", "CA", "DE"),
              ccy_cd: stored("USD", "EUR"),
              grade: stored("CA", "NY", "TX"),
            },
          },
          "main.stores": { rowEstimate: 10, columns: { state: stored("Texas", "Ohio") } },
          "main.holidays": {
            rowEstimate: 10,
            columns: { country: stored("United States", "Germany"), day: stored("Mon", "Tue") },
          },
        },
      },
    },
    emptyGlossary,
  );
  const values = (term: string, question?: string) =>
    mapTerm(places, { term, kinds: ["value"], limit: 20, ...(question === undefined ? {} : { question }) })
      .matches.filter((m) => m.confidence > 0.2)
      .map((m) => `${m.ref} ${String(m.value)}`)
      .sort((a, b) => a.localeCompare(b));

  it.each([
    ["California", ["accounts.billing_state CA"]],
    ["Ontario", ["accounts.billing_state ON"]],
    ["Canada", ["accounts.cntry_cd CA"]],
    ["euros", ["accounts.ccy_cd EUR"]],
    ["USA", ["accounts.cntry_cd US", "holidays.country United States"]],
    ["OH", ["stores.state Ohio"]],
    ["Monday", ["holidays.day Mon"]],
  ])("%s is stored as %s", (term, expected) => {
    expect(values(term)).toEqual(expected);
  });

  it("gives way to the word itself where that is stored", () => {
    expect(mapTerm(places, { term: "Texas" }).matches[0]).toMatchObject({ ref: "stores.state", value: "Texas" });
  });

  it("is no short word of a sentence", () => {
    const ask = (question: string) => mapTerm(places, { term: question, kinds: ["column"] }).matches;
    expect(ask("Which stores OH or TX?")[0]?.ref).toBe("stores.state");
    expect(meantBy("oh", "oh")).toEqual([]);
  });

  it("names things as the Unicode common locale data do", () => {
    for (const [type, codes] of [
      ["region", ["DE", "GB", "KR", "US", "ZA"]],
      ["currency", ["CHF", "EUR", "JPY", "USD"]],
      ["language", ["de", "el", "ja"]],
    ] as const)
      for (const code of codes)
        expect(standsFor(code, new Intl.DisplayNames(["en"], { type }).of(code) ?? "")).toBe(true);
  });
});

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
