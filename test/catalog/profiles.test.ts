/** Which columns may be looked at: opt-outs by source, table and column, classified ones closed, the budget kept. */

import { describe, expect, test } from "vitest";
import { boundValues, profileTargets } from "../../src/catalog/profiles.js";
import { defaultDiscovery, type ProfileSettings } from "../../src/catalog/settings.js";
import type { Column, Table } from "../../src/schema/snapshot.js";
import { noStatistics } from "../../src/schema/statistics.js";
import { snapshotOf, tableOf } from "../schema/snapshots.js";

const text = (name: string, more: Partial<Column> = {}): Column => ({ name, type: "TEXT", nullable: true, ...more });
const tables: readonly Table[] = [
  tableOf("customers", ["id", text("name"), text("password"), text("note", { comment: "confidential" })]),
  tableOf("orders", ["id", text("state"), { name: "payload", type: "jsonb", nullable: true }]),
  { ...tableOf("report", [text("state")]), kind: "view" },
  tableOf("hidden", [text("state")], { unreadable: true }),
];

function looked(changed: Partial<ProfileSettings>): readonly string[] {
  const targets = profileTargets(snapshotOf(tables), noStatistics, { ...defaultDiscovery.profile, ...changed });
  return targets.flatMap((t) => t.columns.map((c) => `${t.table.name}.${c.name}`)).toSorted();
}

describe("what is looked at", () => {
  test("not views, nor what may not be read, nor opaque values, nor classified columns", () => {
    expect(looked({})).toEqual(["customers.id", "customers.name", "orders.id", "orders.state"]);
  });

  test.each([
    ["the source", { enabled: false }, []],
    ["a table", { exclude: ["customers"] }, ["orders.id", "orders.state"]],
    ["a table with its schema", { exclude: ["main.ord*"] }, ["customers.id", "customers.name"]],
    ["a column", { exclude: ["customers.name", "*.id"] }, ["orders.state"]],
    [
      "words of one's own",
      { classifiedWords: ["state"] },
      ["customers.id", "customers.name", "customers.password", "orders.id"],
    ],
    ["all but the smallest tables", { maxTables: 1 }, ["customers.id", "customers.name"]],
  ] as const)("opting out %s", (_what, changed, left) => {
    expect(looked(changed)).toEqual(left);
  });
});

test("kept values are bounded in all and by column, and say when they are not complete", () => {
  const values = Array.from({ length: 50 }, (_, i) => ({ value: `v${i}`, count: 1 }));
  const column = { distinct: 50, values, valuesComplete: true };
  const tablesOf = { "main.a": { columns: { x: column } }, "main.b": { columns: { y: column } } };
  const bounded = boundValues({ tables: tablesOf }, { maxValues: 60, maxValuesPerColumn: 40 });
  const kept = Object.values(bounded.tables).flatMap((t) => Object.values(t.columns));
  expect(kept.reduce((sum, c) => sum + (c.values?.length ?? 0), 0)).toBeLessThanOrEqual(60);
  expect(kept.every((c) => c.valuesComplete === false)).toBe(true);
});
