/** Tables and columns whose names say little, told by the comments that their schema has. */

import { describe, expect, it } from "vitest";
import type { Column, Table } from "../../src/schema/snapshot.js";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { mapTerm } from "../../src/terms/map.js";
import { buildTermIndex } from "../../src/terms/term-index.js";
import { tableOf, viewOf } from "../schema/snapshots.js";

const column = (name: string, type: string, comment?: string): Column => ({
  name,
  type,
  nullable: true,
  ...(comment === undefined ? {} : { comment }),
});

const shipments = tableOf("shipments", [
  column("shp_id", "INTEGER"),
  column("f2", "DATE", "Day on which the parcel left the warehouse."),
  column("f3", "NUMERIC", "Gross weight of the parcel, packaging included"),
  column("f4", "TEXT", "Name of the carrier"),
  column("f5", "TEXT", "Reason why customs held the parcel back"),
  column("remark", "TEXT"),
]);
const cities = tableOf("t014", [column("t014_no", "INTEGER"), column("k1", "TEXT", "Name")], {
  comment: "Cities that carriers serve",
});

/** Tables of another business, more columns than are ranked one and all. */
const others = Array.from({ length: 60 }, (_, i) =>
  tableOf(
    `ledger_${i}`,
    Array.from({ length: 10 }, (_, k) =>
      column(`post_${i}_${k}`, "NUMERIC", `Amount posted under heading ${10 * i + k}`),
    ),
  ),
);

const indexOf = (tables: readonly Table[]) => buildTermIndex(viewOf(tables), emptyGlossary);
const terms = [
  ["gross weight", "shipments.f3"],
  ["weight of the parcel with packaging", "shipments.f3"],
  ["carrier name", "shipments.f4"],
  ["why customs held it back", "shipments.f5"],
] as const;

describe.each([
  ["a small schema", indexOf([shipments, cities])],
  ["a large schema", indexOf([...others, shipments, cities])],
])("in %s", (_, index) => {
  it.each(terms)("%s", (term, ref) => {
    const [best] = mapTerm(index, { term, kinds: ["column"] }).matches;
    expect(best?.ref).toBe(ref);
    expect(best?.why.map((w) => w.signal)).toContain("comment");
  });

  it("a table", () => {
    const [best] = mapTerm(index, { term: "cities served", kinds: ["table"] }).matches;
    expect(best?.ref).toBe("t014");
    expect(best?.why.map((w) => w.signal)).toContain("comment");
  });
});

it("a comment that meets a word among many does not make a match", () => {
  const index = indexOf([...others, shipments]);
  expect(mapTerm(index, { term: "posted parcels", kinds: ["column"] }).status).not.toBe("matched");
});

it("comments by number are of columns that have one", () => {
  const index = indexOf([shipments]);
  expect(Array.from(index.commentOf, (at) => index.comments[at]?.concepts.length ?? 0)).toEqual([0, 4, 5, 2, 5, 0]);
});
