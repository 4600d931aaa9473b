/** Which tables say what codes mean, by their columns, keys and who refers to them. */

import { expect, test } from "vitest";
import { codeTableOf } from "../../src/schema/code-tables.js";
import type { Column, Table } from "../../src/schema/snapshot.js";
import { snapshotOf, tableOf } from "./snapshots.js";

const text = (name: string): Column => ({ name, type: "TEXT", nullable: true });
const isText = (column: Column) => column.type === "TEXT";
const deals = (target: string) =>
  tableOf("deals", ["id", "code"], {
    foreignKeys: [{ columns: ["code"], references: { schema: "main", table: target, columns: ["code"] } }],
  });

test.each<[string, Table, string | undefined]>([
  ["a code and its name", tableOf("states", ["code", text("name")]), "name"],
  ["one text among numbers", tableOf("states", ["code", text("capital"), "people"]), "capital"],
  ["a name among texts", tableOf("states", ["code", text("state_name"), text("region")]), "state_name"],
  ["several texts, none a name", tableOf("states", ["code", text("capital"), text("region")]), undefined],
  ["no text", tableOf("states", ["code", "people"]), undefined],
  [
    "a key of two columns",
    tableOf("states", ["code", text("name")], { primaryKey: { columns: ["code", "name"] } }),
    undefined,
  ],
  ["many columns", tableOf("states", ["code", text("name"), "a", "b", "c", "d", "e", "f", "g"]), undefined],
])("%s", (_what, table, label) => {
  const found = codeTableOf(snapshotOf([table, deals("states")]), table, isText);
  expect(found).toEqual(label === undefined ? undefined : { code: "code", label });
});

test("a table that nothing refers to lists no codes", () => {
  const table = tableOf("states", ["code", text("name")]);
  expect(codeTableOf(snapshotOf([table, deals("other")]), table, isText)).toBeUndefined();
});
