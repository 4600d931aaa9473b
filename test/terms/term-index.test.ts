/** The term index over versions of a schema: built in stretches or at once, after a change or afresh, it is the same. */

import { describe, expect, it, vi } from "vitest";
import type { Table } from "../../src/schema/snapshot.js";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { mapTerm } from "../../src/terms/map.js";
import { buildTermIndex, prepareTermIndex, type TermIndex } from "../../src/terms/term-index.js";
import { viewOf } from "../schema/snapshots.js";

const words = [
  "customer",
  "order",
  "invoice",
  "ship",
  "acct",
  "qty",
  "total",
  "city",
  "date",
  "name",
  "status",
  "flumb",
];

function table(i: number, comment?: string): Table {
  const word = (n: number) => words[n % words.length] ?? "";
  const [a, b, c] = [word(i), word(i * 5 + 1), word(i * 7 + 2)];
  return {
    schema: "main",
    name: `${a}_${b}_${i}`,
    kind: "table",
    ...(comment === undefined ? {} : { comment }),
    columns: [`${a}_id`, `${b}_${c}`, c, "created_at"].map((name) => ({ name, type: "text", nullable: true })),
    primaryKey: { columns: [`${a}_id`] },
    uniques: [],
    foreignKeys:
      i < words.length
        ? []
        : [
            {
              columns: [`${a}_id`],
              references: { schema: "main", table: table(i - words.length).name, columns: [`${a}_id`] },
            },
          ],
    checks: [],
    indexes: [],
    triggers: [],
    policies: [],
  };
}

const tables = Array.from({ length: 720 }, (_, i) => table(i));

/** What ranking reads of words, columns and tables, as text. */
function shown({ concepts, columns, tables: all, ...index }: TermIndex): string {
  const plain = (doc: { readonly concepts: Int32Array; readonly weights: Float32Array }) => [
    [...doc.concepts],
    [...doc.weights],
  ];
  return JSON.stringify({
    concepts: concepts.map(({ vector, ...rest }) => [rest, vector?.[0]]),
    columns: columns.map((c) => [
      [c.id, c.table, c.name, c.ref, c.type, c.typeClass, c.position, c.primary, c.unique, c.sameName],
      [c.refersTo, c.referredBy, c.twins],
      plain(c.doc),
      plain(c.comment),
    ]),
    tables: all.map(({ doc, comment, ...t }) => [t, plain(doc), plain(comment)]),
    lists: [
      [index.namesOf, index.commentsOf, index.tablesOf, index.describedTablesOf],
      [index.nameShares, index.commentShares, index.tableShares, index.describedTableShares],
      index.twinGroups,
    ],
    maps: [[...index.byForm], [...index.joined], [...index.byInitial], [...index.shortByInitial]],
  });
}

describe("the term index", () => {
  it("is the same in stretches, lets others run between them, and is built once for all who ask", async () => {
    const view = viewOf(tables);
    let pauses = 0;
    const pause = () => {
      pauses += 1;
      return Promise.resolve();
    };
    const [first, second] = await Promise.all([
      prepareTermIndex(view, emptyGlossary, pause),
      prepareTermIndex(view, emptyGlossary, pause),
    ]);
    expect(second).toBe(first);
    expect(buildTermIndex(view, emptyGlossary)).toBe(first);
    expect(pauses).toBeGreaterThan(2);
    expect(shown(buildTermIndex(viewOf(tables), emptyGlossary)) === shown(first)).toBe(true);
  });

  it("reads a changed schema as one that never saw the earlier does, though words are taken over", async () => {
    const before = buildTermIndex(viewOf(tables), emptyGlossary);
    const changed = tables.filter((_, i) => i !== 17).with(3, table(3, "Pieces of flumbergast in stock"));
    const after = buildTermIndex(viewOf(changed), emptyGlossary);
    const meant = (index: TermIndex) => index.concepts.find((c) => c.token === "flumb")?.meaning;
    expect([meant(before), meant(after)]).toEqual(["flumb", "flumbergast"]);
    vi.resetModules();
    const afresh = await import("../../src/terms/term-index.js");
    expect(shown(afresh.buildTermIndex(viewOf(changed), emptyGlossary)) === shown(after)).toBe(true);
    expect(shown(buildTermIndex(viewOf(tables), emptyGlossary)) === shown(before)).toBe(true);
  });

  it("reads words once for all views of a schema, and links for each", () => {
    const view = viewOf(tables);
    const index = buildTermIndex(view, emptyGlossary);
    const unlinked = { ...view, relationships: [] };
    const other = buildTermIndex(unlinked, emptyGlossary);
    expect(other.concepts).toBe(index.concepts);
    expect(other.twinGroups).toEqual([]);
    expect(index.twinGroups.length).toBeGreaterThan(0);
    expect(shown(other) === shown(buildTermIndex({ ...viewOf(tables), relationships: [] }, emptyGlossary))).toBe(true);
  });

  it("links columns by keys into groups", () => {
    const index = buildTermIndex(viewOf(tables), emptyGlossary);
    const last = index.columns[(tables.length - 1) * 4];
    const chain = index.twinGroups[last?.twins ?? -1] ?? [];
    expect(chain).toHaveLength(tables.length / words.length);
    expect(index.columns[last?.refersTo ?? -1]?.table).toBe(tables.length - 1 - words.length);
    expect(index.tables[tables.length - 1]?.neighbours).toEqual([tables.length - 1 - words.length]);
  });

  it("finds a name among thousands as it finds it alone", () => {
    const index = buildTermIndex(viewOf([...tables, { ...table(720), name: "warehouse" }]), emptyGlossary);
    expect(mapTerm(index, { term: "warehouses", kinds: ["table"] }).matches[0]?.ref).toBe("warehouse");
  });
});
