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

const silent = () => ({ keyLike: false, shared: false });

describe("the key by rows", () => {
  test("is the first column that is never the same, a name like a key going first", () => {
    expect(keyByRows(table, seen({ aid: 10, name: 10, score: 4 }), silent)).toBe("aid");
    const named = (c: { readonly name: string }) => ({ keyLike: c.name === "name", shared: c.name === "name" });
    expect(keyByRows(table, seen({ aid: 9, name: 10, score: 4 }), named)).toBe("name");
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
  expect(inferRelationships(snapshot, { statistics: { tables: {} }, inclusions: [] })).toEqual([]);
});
