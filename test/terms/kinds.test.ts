/** Columns, tables and values beside one another: contenders of one kind keep their order, and a whole phrase is told by what it names. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { inOrder, maxContenders } from "../../src/terms/kinds.js";
import { mapTerm } from "../../src/terms/map.js";
import { buildTermIndex } from "../../src/terms/term-index.js";
import { tableOf, viewOf } from "../schema/snapshots.js";

const logs = fc.double({ min: -20, max: 20, noNaN: true });

describe("contenders of one kind", () => {
  it("keep their order, those beyond the look as far behind as their own ranker has them", () => {
    fc.assert(
      fc.property(
        fc.array(logs, { minLength: 1, maxLength: maxContenders }),
        fc.array(logs, { maxLength: 9 }),
        (looked, scores) => {
          const falling = scores.toSorted((a, b) => b - a);
          const contenders = falling.map((score, id) => ({ id, score, numbers: new Float32Array(0) }));
          const own = inOrder(looked, contenders);
          expect(own).toHaveLength(falling.length);
          const wrong = own.flatMap((log, i) => {
            const step = (own[i - 1] ?? log) - log;
            const behind = (falling[i - 1] ?? 0) - (falling[i] as number);
            const kept = i < looked.length ? step >= 0 : Math.abs(step - behind) < 1e-9;
            return kept ? [] : [{ i, step, behind }];
          });
          expect(wrong).toEqual([]);
        },
      ),
    );
  });
});

const text = (name: string) => ({ name, type: "TEXT", nullable: true });
const view = viewOf([
  tableOf("genres", ["genre_id", text("name")]),
  tableOf("tracks", ["track_id", text("title"), "genre_id", "length_ms", "price"], {
    foreignKeys: [{ columns: ["genre_id"], references: { schema: "main", table: "genres", columns: ["genre_id"] } }],
  }),
  tableOf("invoices", ["invoice_id", text("invoice_status"), "total"]),
  tableOf("notes", ["note_id", text("entity_type"), "entity_id", text("body")]),
]);
const stored = (column: string, ...values: readonly string[]) => ({
  rowEstimate: 5,
  columns: { [column]: { values: values.map((value) => ({ value, count: 2 })) } },
});
const tables = {
  "main.genres": stored("name", "Rock", "Fado"),
  "main.notes": stored("entity_type", "invoice", "track"),
};
const index = buildTermIndex({ ...view, statistics: { tables } }, emptyGlossary);

describe("a phrase of which no kind is said", () => {
  it.each([
    ["tracks", undefined, "table", "tracks"],
    ["invoices", "How many invoices are there?", "table", "invoices"],
    ["title of the track", undefined, "column", "tracks.title"],
    ["status", "How many invoices are there by status?", "column", "invoices.invoice_status"],
    ["Fado", undefined, "value", "genres.name"],
    ["invoice", undefined, "table", "invoices"],
    ["track price", "What is the average track price?", "column", "tracks.price"],
  ])("%s, in %s, is the %s %s", (term, question, kind, ref) => {
    const { status, matches } = mapTerm(index, { term, ...(question === undefined ? {} : { question }) });
    expect({ status, kind: matches[0]?.kind, ref: matches[0]?.ref }).toEqual({ status: "matched", kind, ref });
    const kinds = new Set(matches.map((m) => m.kind));
    const bests = [...kinds].map((k) => matches.find((m) => m.kind === k)?.confidence ?? 0);
    expect(bests.reduce((sum, c) => sum + c, 0)).toBeLessThanOrEqual(1.0001);
  });
});
