/** Long computations let others go first, and stop when nobody wants them any more. */

import { expect, test } from "vitest";
import { inSlices } from "../../src/catalog/slices.js";
import { inferInSteps, inferRelationships } from "../../src/schema/inference.js";
import { noStatistics } from "../../src/schema/statistics.js";
import type { Steps } from "../../src/schema/steps.js";
import { snapshotOf, tableOf } from "../schema/snapshots.js";

function* busy(steps: number, eachMs: number): Steps<string> {
  for (let i = 0; i < steps; i++) {
    const until = performance.now() + eachMs;
    while (performance.now() < until);
    yield;
  }
  return "done";
}

test("the event loop has its turns between the slices", async () => {
  let turns = 0;
  let running = true;
  const count = () => {
    turns += 1;
    if (running) setImmediate(count);
  };
  setImmediate(count);
  expect(await inSlices(busy(10, 10))).toBe("done");
  running = false;
  expect(turns).toBeGreaterThanOrEqual(5);
});

test("an aborted computation ends at the next slice", async () => {
  const controller = new AbortController();
  setImmediate(() => controller.abort(new Error("enough")));
  await expect(inSlices(busy(1_000, 10), controller.signal)).rejects.toThrow("enough");
});

test("inference in slices says what it says at once", async () => {
  const tables = Array.from({ length: 120 }, (_, i) =>
    tableOf(`thing_${i}s`, ["id", `thing_${Math.max(0, i - 1)}_id`]),
  );
  const evidence = { statistics: noStatistics, inclusions: [] };
  const snapshot = snapshotOf(tables);
  expect(await inSlices(inferInSteps(snapshot, evidence))).toMatchObject(
    inferRelationships(snapshot, evidence).map(({ from, to, confidence }) => ({ from, to, confidence })),
  );
});
