/** Stored values that a term says in other words, or before what they are values of; and heads that are whole names. */

import { describe, expect, it } from "vitest";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { mapTerm } from "../../src/terms/map.js";
import { buildTermIndex } from "../../src/terms/term-index.js";
import { tableOf, viewOf } from "../schema/snapshots.js";

const text = (name: string) => ({ name, type: "TEXT", nullable: true });
const time = (name: string) => ({ name, type: "DATE", nullable: true });
const stored = (...values: readonly string[]) => ({
  values: values.map((value) => ({ value, count: 5 })),
  valuesComplete: true,
});

const view = {
  ...viewOf([
    tableOf("tickets", ["ticket_id", text("status"), text("priority"), time("opened_at"), time("closed_at")]),
    tableOf("claims", ["claim_id", text("decision"), text("payment_terms_days")]),
    tableOf("airlines", ["airline_id", text("airline_name"), text("country")]),
    tableOf("books", ["book_id", text("title"), text("genre")]),
  ]),
  statistics: {
    tables: {
      "main.tickets": {
        rowEstimate: 10,
        columns: { status: stored("open", "closed"), priority: stored("high", "low") },
      },
      "main.claims": { rowEstimate: 10, columns: { decision: stored("granted", "denied") } },
      "main.airlines": {
        rowEstimate: 10,
        columns: { airline_name: stored("American Airlines", "Iberia"), country: stored("United States", "Spain") },
      },
      "main.books": { rowEstimate: 10, columns: { genre: stored("crime", "family") } },
    },
  },
};
const index = buildTermIndex(view, emptyGlossary);
const best = (term: string) => mapTerm(index, { term }).matches[0];

describe("a value", () => {
  it.each([
    ["open tickets", "tickets.status", "open"],
    ["high priority", "tickets.priority", "high"],
    ["rejected", "claims.decision", "denied"],
    ["Spanish airlines", "airlines.country", "Spain"],
    ["American Airlines", "airlines.airline_name", "American Airlines"],
  ])("%s is %s = %s", (term, ref, value) => {
    expect(best(term)).toMatchObject({ kind: "value", ref, value });
  });

  it("is not made of a light head", () => {
    const { matches } = mapTerm(index, { term: "family name" });
    expect(matches.filter((m) => m.kind === "value" && m.confidence > 0.5)).toEqual([]);
  });
});

describe("names", () => {
  it("asks whether a narrower word means what its head calls", () => {
    const result = mapTerm(index, { term: "support tickets" });
    expect(result).toMatchObject({
      status: "ambiguous",
      matches: [{ kind: "table", ref: "tickets" }, ...result.matches.slice(1)],
    });
  });

  it("are spelled without their unit", () => {
    expect(mapTerm(index, { term: "payment terms" })).toMatchObject({ status: "matched" });
    expect(best("payment terms")?.ref).toBe("claims.payment_terms_days");
  });

  it("of rows with a title alone are that", () => {
    expect(best("book name")?.ref).toBe("books.title");
  });
});
