/** The normal form and the fingerprint: order of discovery does not matter, everything that is schema does. */

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, fingerprint, normalForm } from "../../src/schema/normal-form.js";
import type { SchemaSnapshot, Table } from "../../src/schema/snapshot.js";
import { snapshotOf, tableOf } from "./snapshots.js";

const word = fc.stringMatching(/^[a-z]{1,6}$/);

const table: fc.Arbitrary<Table> = fc
  .record({
    name: word,
    columns: fc.uniqueArray(word, { minLength: 1, maxLength: 5 }),
    indexes: fc.uniqueArray(word, { maxLength: 4 }),
    checks: fc.uniqueArray(word, { maxLength: 3 }),
    uniques: fc.uniqueArray(word, { maxLength: 3 }),
  })
  .map(({ name, columns, indexes, checks, uniques }) =>
    tableOf(name, columns, {
      indexes: indexes.map((i) => ({ name: i, columns: [columns[0] ?? ""], unique: false })),
      checks: checks.map((c) => ({ name: c, expression: `${c} > 0` })),
      uniques: uniques.map((u) => ({ name: u, columns: [columns[0] ?? ""] })),
    }),
  );

const snapshot = fc
  .uniqueArray(table, { minLength: 1, maxLength: 6, selector: (t) => t.name })
  .map((tables) => snapshotOf(tables));

function turned<T>(items: readonly T[], by: number): readonly T[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)].reverse();
}

function shuffled(given: SchemaSnapshot, by: number): SchemaSnapshot {
  const tables = given.tables.map((t) => ({
    ...t,
    indexes: turned(t.indexes, by),
    checks: turned(t.checks, by),
    uniques: turned(t.uniques, by),
  }));
  return { ...given, tables: turned(tables, by) };
}

describe("normal form", () => {
  test("is idempotent", () => {
    fc.assert(
      fc.property(snapshot, (s) => {
        expect(normalForm(normalForm(s))).toEqual(normalForm(s));
      }),
    );
  });

  test("shuffling keeps the fingerprint", () => {
    fc.assert(
      fc.property(snapshot, fc.nat(20), (s, by) => {
        expect(fingerprint(shuffled(s, by))).toBe(fingerprint(s));
      }),
    );
  });

  test("a column more, another order of columns, another type: another fingerprint", () => {
    const base = snapshotOf([tableOf("orders", ["id", "total"])]);
    const others = [
      snapshotOf([tableOf("orders", ["id", "total", "note"])]),
      snapshotOf([tableOf("orders", ["total", "id"], { primaryKey: { columns: ["id"] } })]),
      snapshotOf([tableOf("orders", ["id", { name: "total", type: "TEXT", nullable: true }])]),
      snapshotOf([tableOf("orders", ["id", { name: "total", type: "INTEGER", nullable: false }])]),
    ];
    const versions = [base, ...others].map(fingerprint);
    expect(new Set(versions).size).toBe(versions.length);
    expect(versions[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  test("canonical JSON sorts keys, drops absent members, and is JSON", () => {
    expect(canonicalJson({ b: 1, a: [undefined, { d: undefined, c: "é" }] })).toBe('{"a":[null,{"c":"é"}],"b":1}');
  });
});
