/** The learned nearness of words to columns: what it says of names that share no word with the text, and what its numbers are. */

import { describe, expect, it } from "vitest";
import { affinitiesOf, affinityNames, shippedAffinity } from "../../src/terms/affinities.js";
import { ask } from "../../src/terms/asked.js";
import { cover } from "../../src/terms/coverage.js";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { emptyDoc } from "../../src/terms/read-names.js";
import { buildTermIndex } from "../../src/terms/term-index.js";
import { tableOf, viewOf } from "../schema/snapshots.js";

const text = (name: string) => ({ name, type: "text", nullable: true });
const index = buildTermIndex(
  viewOf([
    tableOf("employees", ["employee_id", text("name"), "age", text("city"), "wage"]),
    tableOf("buildings", ["building_id", "height", { name: "opened", type: "date", nullable: true }]),
  ]),
  emptyGlossary,
);

function affinities(said: string, ids: readonly number[]) {
  const asked = ask(index, said, new Map());
  const columns = new Map(ids.map((id) => [id, cover(index, asked, index.columns[id]?.doc ?? emptyDoc)]));
  const tables = index.tables.map((t) => cover(index, asked, t.doc));
  return affinitiesOf(shippedAffinity(), index, asked, columns, tables, ids);
}

function near(said: string, ids: readonly number[] = index.columns.map((c) => c.id)) {
  const columns = affinities(said, ids);
  return ids.map((id) => {
    const numbers = columns.get(id) ?? [];
    const of = (name: (typeof affinityNames)[number]): number => numbers[affinityNames.indexOf(name)] ?? Number.NaN;
    return {
      ref: index.columns[id]?.ref,
      log: of("affinity"),
      gap: of("affinityGap"),
      inTable: of("affinityInTable"),
      rank: of("affinityRank"),
      own: of("affinityOwn"),
    };
  });
}

const nearest = (said: string): string | undefined => near(said).find((n) => n.rank === 0)?.ref;

describe("affinities", () => {
  it.each([
    ["who is the oldest", "employees.age"],
    ["in which town do they live", "employees.city"],
    ["how much do they earn", "employees.wage"],
    ["which is the tallest", "buildings.height"],
  ])("know what %s asks for, though no name has its words", (said, ref) => {
    expect(nearest(said)).toBe(ref);
  });

  it("are log probabilities over the columns, ranked, and against the best of the table", () => {
    const all = near("the height of a building");
    expect(all.reduce((sum, n) => sum + Math.exp(n.log), 0)).toBeCloseTo(1, 5);
    expect(all.map((n) => n.rank).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const [best] = all.filter((n) => n.rank === 0);
    expect(best?.ref).toBe("buildings.height");
    expect(best?.gap).toBe(0);
    expect(best?.inTable).toBeGreaterThan(0);
  });

  it("have an answer where there is no word, one column, or none", () => {
    expect(near("?").every((n) => Number.isFinite(n.log))).toBe(true);
    expect(near("height", [index.columns.length - 2])).toMatchObject([{ log: 0, rank: 0, inTable: 20 }]);
    expect(near("height", [])).toEqual([]);
  });
});
