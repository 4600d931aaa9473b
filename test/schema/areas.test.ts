/** Areas: the map of a schema. Every table stands in one, linked tables together, and none swallows the rest. */

import { describe, expect, test } from "vitest";
import { areasOf } from "../../src/schema/areas.js";
import { declaredRelationships } from "../../src/schema/relationships.js";
import type { Table } from "../../src/schema/snapshot.js";
import { snapshotOf, tableOf } from "./snapshots.js";

const subjects = ["billing", "stock", "people", "fleet", "claims"];

/** Each subject has a root table, and tables that refer to it and to the one before. */
function subjectTables(each: number): readonly Table[] {
  return subjects.flatMap((subject) => {
    const root = tableOf(subject, [`${subject}_id`, "opened", "closed"]);
    const rest = Array.from({ length: each - 1 }, (_, i) => {
      const before = i === 0 ? subject : `${subject}_part_${i - 1}`;
      const references = { schema: "main", table: before, columns: [i === 0 ? `${subject}_id` : "id"] };
      return tableOf(`${subject}_part_${i}`, ["id", "before_id", "amount"], {
        foreignKeys: [{ columns: ["before_id"], references }],
      });
    });
    return [root, ...rest];
  });
}

function areas(tables: readonly Table[], max: number) {
  const snapshot = snapshotOf(tables);
  return areasOf({ snapshot, relationships: declaredRelationships(snapshot) }, max);
}

describe("areas", () => {
  test("subjects that are linked within and not between are areas of their own", () => {
    const found = areas(subjectTables(12), 8);
    expect(found).toHaveLength(subjects.length);
    for (const area of found) {
      const own = new Set(area.tables.map((t) => t.name.split("_")[0]));
      expect(own.size).toBe(1);
      expect(area.about).toContain([...own][0] === "claims" ? "claim" : [...own][0]);
    }
  });

  test.each([40, 200, 700])(
    "of %i tables each stands in one area, of at most two dozen, and none swallows the rest",
    (each) => {
      const tables = subjectTables(each / subjects.length);
      const found = areas(tables, 24);
      expect(found.length).toBeLessThanOrEqual(24);
      expect(found.flatMap((a) => a.tables.map((t) => t.name)).toSorted()).toEqual(
        tables.map((t) => t.name).toSorted(),
      );
      expect(Math.max(...found.map((a) => a.tables.length))).toBeLessThan(tables.length / 2);
    },
  );

  test("the order of tables does not matter", () => {
    const tables = subjectTables(20);
    expect(areas(tables.toReversed(), 12).map((a) => a.name)).toEqual(areas(tables, 12).map((a) => a.name));
  });
});
