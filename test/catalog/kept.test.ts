/** Schemas kept in state: one altered table of many writes one table, and every kept version is whole again when it is read. */

import { afterEach, beforeEach, expect, test } from "vitest";
import { guessesKept } from "../../src/catalog/assemble.js";
import { deltaOf, type StoredSchema, wholeOf } from "../../src/catalog/kept.js";
import type { LiveSchema } from "../../src/catalog/live.js";
import { createKeep, loadLast, loadVersion } from "../../src/catalog/stored.js";
import { tableKey } from "../../src/schema/names.js";
import { fingerprint, normalForm } from "../../src/schema/normal-form.js";
import type { Table } from "../../src/schema/snapshot.js";
import { openState } from "../../src/state/open.js";
import type { State } from "../../src/state/state.js";
import { snapshotOf, tableOf } from "../schema/snapshots.js";

const many = Array.from({ length: 40 }, (_, i) => tableOf(`t${i}`, ["id", "amount"]));
let state: State;

beforeEach(async () => {
  state = await openState("memory");
});
afterEach(() => state.close());

function stored(tables: readonly Table[], asOf = "2026-01-01T00:00:00.000Z", database = "d"): StoredSchema {
  const snapshot = snapshotOf(tables);
  const keys = tables.map(tableKey);
  const columnsOf = (table: Table) => Object.fromEntries(table.columns.map((c, i) => [c.name, i + 1]));
  return {
    format: 1,
    version: fingerprint(snapshot),
    asOf,
    snapshot,
    statistics: { tables: Object.fromEntries(keys.map((key) => [key, { rowEstimate: 1, columns: {} }])) },
    identity: {
      database,
      tables: Object.fromEntries(tables.map((t) => [tableKey(t), { id: t.name, columns: columnsOf(t) }])),
    },
    serverVersion: "test",
  };
}

/** Equal up to the order of tables, which says nothing. */
const told = (schema: StoredSchema | undefined) => schema && { ...schema, snapshot: normalForm(schema.snapshot) };

test.each([
  ["altered", [...many.slice(1), tableOf("t0", ["id", "amount", "note"])], 1, 0],
  ["added", [...many, tableOf("fresh", ["id"])], 1, 0],
  ["dropped", many.slice(1), 0, 1],
  ["renamed", [...many.slice(1), tableOf("other", ["id", "amount"])], 1, 1],
  ["the same, read again", structuredClone(many), 0, 0],
] as const)("a table %s", (_what, tables, changed, gone) => {
  const [before, after] = [stored(many), stored(tables, "2026-01-02T00:00:00.000Z")];
  const delta = deltaOf(before, after);
  expect([delta?.tables.length, delta?.gone.length]).toEqual([changed, gone]);
  expect(told(delta && wholeOf(before, JSON.parse(JSON.stringify(delta))))).toEqual(told(after));
});

test("where a table was made again under its name, its identity is told", () => {
  const after = stored(many);
  const again = {
    ...after,
    identity: { ...after.identity, tables: { ...after.identity.tables, "main.t3": { id: "new", columns: {} } } },
  };
  expect(deltaOf(stored(many), again)?.tables.map((t) => t.name)).toEqual(["t3"]);
});

test("much that changed, or another database, is kept whole", () => {
  expect(deltaOf(stored(many), stored(many.map((t) => ({ ...t, comment: "x" }))))).toBeUndefined();
  expect(deltaOf(stored(many), stored(many, "2026-01-02T00:00:00.000Z", "elsewhere"))).toBeUndefined();
});

test("sixty versions: the kept ones are whole when read, from another process too", async () => {
  const keep = createKeep(state, "s", 5);
  const versions = Array.from({ length: 60 }, (_, i) =>
    stored([...many.slice(1), tableOf("t0", ["id", `c${i}`])], `2026-01-01T00:00:${String(i).padStart(2, "0")}.000Z`),
  );
  for (const version of versions) await keep(version);
  const last = versions.at(-1) as StoredSchema;
  expect(told(await loadLast(state, { name: "s" } as Parameters<typeof loadLast>[1]))).toEqual(told(last));
  for (const version of versions.slice(-5)) {
    expect(told(await loadVersion(state, "s", version.version))).toEqual(told(version));
  }
  const records = await state.list({ kind: "snapshot", scope: "s" });
  const whole = records.filter((r) => (r.body as { format: number }).format === 1);
  expect(whole.length).toBeLessThan(records.length / 10);
});

test("guesses stand between tables that are the same, and no others", () => {
  const link = (from: string, to: string) => ({
    from: { table: { schema: "main", name: from }, columns: ["amount"] },
    to: { table: { schema: "main", name: to }, columns: ["id"] },
    origin: "inferred" as const,
    confidence: 0.9,
    cardinality: "n:1" as const,
    targetUnique: true,
  });
  const before = { snapshot: snapshotOf(many), relationships: [link("t1", "t2"), link("t0", "t2"), link("t3", "t0")] };
  const after = snapshotOf([...many.slice(1), tableOf("t0", ["id", "amount", "note"])]);
  expect(guessesKept(before as unknown as LiveSchema, after)).toEqual([link("t1", "t2")]);
  expect(guessesKept(undefined, after)).toEqual([]);
});

test("nothing of what rows hold is kept: neither values nor labels of codes", async () => {
  const [table, ...rest] = many;
  const schema = stored([table as Table, ...rest]);
  const columns = { amount: { distinct: 1, values: [{ value: "secret", count: 1 }] } };
  const labels = { code: "id", label: "amount", pairs: [[1, "secret"] as const] };
  const statistics = { tables: { ...schema.statistics.tables, "main.t0": { rowEstimate: 1, columns, labels } } };
  await createKeep(state, "s", 5)({ ...schema, statistics });
  expect(JSON.stringify(await state.list({ kind: "snapshot", scope: "s" }))).not.toContain("secret");
  expect(told(await loadVersion(state, "s", schema.version))).toEqual(told(schema));
});
