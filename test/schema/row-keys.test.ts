/** Tables that declare no key: which column stands for a row, by what all its rows and its name say; and what links follow from it. */

import { describe, expect, test } from "vitest";
import { inferRelationships } from "../../src/schema/inference.js";
import { keyByRows } from "../../src/schema/row-keys.js";
import type { Table } from "../../src/schema/snapshot.js";
import type { ColumnStatistics, TableStatistics } from "../../src/schema/statistics.js";
import { snapshotOf, tableOf } from "./snapshots.js";

const { primaryKey: _, ...bare } = tableOf("authors", ["aid", "name", "score"]);
const table: Table = bare;

function seen(
  distinct: Readonly<Record<string, number>>,
  rows = 10,
  more: Partial<TableStatistics> = {},
): TableStatistics {
  const column = (n: number): ColumnStatistics => ({ distinct: n, nullShare: 0, exact: true });
  const columns = Object.fromEntries(Object.entries(distinct).map(([name, n]) => [name, column(n)]));
  return { rowEstimate: rows, rowsExact: true, columns, ...more };
}

const plain = { keyLike: false, shared: false, own: false, initials: false, foreign: false };
const silent = () => plain;

describe("the key by rows", () => {
  test("is the first column that is never the same, a name like a key going first", () => {
    expect(keyByRows(table, seen({ aid: 10, name: 10, score: 4 }), silent)).toBe("aid");
    const named = (c: { readonly name: string }) =>
      c.name === "name" ? { ...plain, keyLike: true, shared: true } : plain;
    expect(keyByRows(table, seen({ aid: 9, name: 10, score: 4 }), named)).toBe("name");
  });

  test("is rather one that is called like its table's, and none that is called like another's", () => {
    const all = seen({ aid: 10, name: 10, score: 10 });
    const own = (c: { readonly name: string }) => ({ ...plain, own: c.name === "score" });
    expect(keyByRows(table, all, own)).toBe("score");
    const foreign = (c: { readonly name: string }) => ({ ...plain, keyLike: true, foreign: c.name === "aid" });
    expect(keyByRows(table, seen({ aid: 10, name: 9, score: 4 }), foreign)).toBeUndefined();
  });

  test.each<[string, Table, TableStatistics | undefined]>([
    ["nothing is known of its rows", table, undefined],
    ["its rows were sampled", table, seen({ aid: 10 }, 10, { rowsExact: false })],
    ["its rows are few", table, seen({ aid: 2 }, 2)],
    ["a value comes twice", table, seen({ aid: 9 })],
    ["a later column differs by chance", table, seen({ aid: 9, score: 10 })],
    ["it declares one", { ...table, primaryKey: { columns: ["aid"] } }, seen({ aid: 10 })],
    ["it is a view", { ...table, kind: "view" }, seen({ aid: 10 })],
  ])("is none where %s", (_why, of, statistics) => {
    expect(keyByRows(of, statistics, silent)).toBeUndefined();
  });
});

test("a link between tables without any key, by what their rows show", () => {
  const { primaryKey: _key, ...writes } = tableOf("writes", ["aid", "pid"]);
  const snapshot = snapshotOf([table, writes]);
  const statistics = {
    tables: { "main.authors": seen({ aid: 10, name: 10, score: 4 }), "main.writes": seen({ aid: 8, pid: 20 }, 30) },
  };
  const end = (name: string) => ({ table: { schema: "main", name }, columns: ["aid"] });
  const inclusions = [{ from: end("writes"), to: end("authors"), share: 1 }];
  const [link] = inferRelationships(snapshot, { statistics, inclusions });
  expect(link).toMatchObject({ from: end("writes"), to: end("authors"), origin: "inferred", targetUnique: false });
  const [byName] = inferRelationships(snapshot, { statistics: { tables: {} }, inclusions: [] });
  expect(byName?.confidence).toBeLessThan(link?.confidence ?? 0);
});

test("a column is a table's own where it is called so, and refers to it elsewhere, though its values differ there", () => {
  const { primaryKey: _course, ...course } = tableOf("course", ["course_id", "title"]);
  const { primaryKey: _area, ...area } = tableOf("area", ["course_id", "area"]);
  const { primaryKey: _record, ...record } = tableOf("record", ["record_id", "course_id"]);
  const statistics = {
    tables: {
      "main.course": seen({ course_id: 10, title: 10 }),
      "main.area": seen({ course_id: 10, area: 4 }),
      "main.record": seen({ record_id: 10, course_id: 6 }),
    },
  };
  const links = inferRelationships(snapshotOf([area, course, record]), { statistics, inclusions: [] });
  const told = links.map(
    ({ from, to }) => `${from.table.name}.${from.columns[0]} -> ${to.table.name}.${to.columns[0]}`,
  );
  expect(told.toSorted()).toEqual(["area.course_id -> course.course_id", "record.course_id -> course.course_id"]);
});
