/** Laws that hold without knowing the right answer: grouped sums add up to the whole, `in (a, b)` is a plus b, what is unused changes nothing. */

import { describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import { type Intent, intentSchema } from "../../src/query/intent.js";
import { sqliteOf, viewOf } from "./oracle/databases.js";
import { Dice, makeWorld, randomFrom, type World } from "./oracle/world.js";
import { withoutTerms } from "./without-terms.js";

const seed = 4711;

interface Built {
  readonly rows: readonly (readonly unknown[])[];
  readonly single: boolean;
}

/** The rows of an intent; undefined where it is asked or declined. `single`: no row may stand in several groups. */
function answer(world: World, intent: unknown): Built | undefined {
  const given: Intent = intentSchema.parse(intent);
  const built = buildQuery(given, withoutTerms(viewOf(world, "sqlite")));
  if (built.status !== "ok" || built.sql === undefined) return undefined;
  const db = sqliteOf(world);
  const rows = db
    .prepare(built.sql)
    .raw()
    .all(...(built.params ?? [])) as unknown[][];
  db.close();
  return { rows, single: built.joins.every((j) => j.cardinality === "n:1" || j.cardinality === "1:1") };
}

function each(check: (world: World, pick: (suffix: string) => string) => boolean): number {
  let checked = 0;
  for (let i = 0; i < 150; i++) {
    const dice = new Dice(randomFrom(seed + i));
    const world = makeWorld(dice);
    if (check(world, (suffix) => `${dice.pick(world.tables).name}.${suffix}`)) checked++;
  }
  return checked;
}

const total = (rows: readonly (readonly unknown[])[], at: number) =>
  rows.reduce((sum, r) => sum + Number(r[at] ?? 0), 0);

describe("laws", () => {
  test("sums by looked-up groups add up to the ungrouped sum", () => {
    const checked = each((world, pick) => {
      const measures = [{ term: pick("v"), agg: "sum", as: "m" }];
      const grouped = answer(world, { measures, dimensions: [{ term: pick("s") }] });
      const whole = answer(world, { measures });
      if (grouped === undefined || whole === undefined || !grouped.single) return false;
      expect(total(grouped.rows, 1)).toBeCloseTo(total(whole.rows, 0), 6);
      return true;
    });
    expect(checked).toBeGreaterThan(20);
  });

  test("a count with `in (a, b)` is the count with a plus the count with b, on looked-up columns", () => {
    const checked = each((world, pick) => {
      const term = pick("s");
      const measures = [{ term: "*", agg: "count", table: pick("n").split(".")[0] }];
      const count = (value: unknown, op: string) => answer(world, { measures, filters: [{ term, op, value }] });
      const [both, a, b] = [count(["a", "b"], "in"), count("a", "="), count("b", "=")];
      if (both === undefined || a === undefined || b === undefined || !both.single) return false;
      expect(total(both.rows, 0)).toBe(total(a.rows, 0) + total(b.rows, 0));
      return true;
    });
    expect(checked).toBeGreaterThan(20);
  });

  test("a second measure changes nothing about the first", () => {
    const checked = each((world, pick) => {
      const first = { term: pick("n"), agg: "sum", as: "a" };
      const second = { term: pick("v"), agg: "avg", as: "b" };
      const dimensions = [{ term: pick("s") }];
      const [one, two] = [
        answer(world, { measures: [first], dimensions }),
        answer(world, { measures: [first, second], dimensions }),
      ];
      if (one === undefined || two === undefined) return false;
      const values = new Map(two.rows.map((r) => [r[0], r[1]]));
      for (const [group, value] of one.rows) expect(values.get(group)).toEqual(value);
      return true;
    });
    expect(checked).toBeGreaterThan(20);
  });

  test("half-open ranges that meet add up", () => {
    const checked = each((world, pick) => {
      const table = pick("d");
      const measures = [{ term: "*", agg: "count", table: table.split(".")[0] }];
      const between = (from: string, to: string) =>
        answer(world, { measures, time: { term: table, range: { from, to } } });
      const [whole, left, right] = [
        between("2023-01-01", "2025-01-01"),
        between("2023-01-01", "2024-01-01"),
        between("2024-01-01", "2025-01-01"),
      ];
      if (whole === undefined || left === undefined || right === undefined) return false;
      expect(total(whole.rows, 0)).toBe(total(left.rows, 0) + total(right.rows, 0));
      return true;
    });
    expect(checked).toBeGreaterThan(100);
  });
});
