import { describe, expect, test } from "vitest";
import { predictRunTime, type RunObservation } from "../../src/query/run-time.js";

const run = (fingerprint: string, elapsedMs: number, work?: number): RunObservation => ({
  fingerprint,
  elapsedMs,
  ...(work === undefined ? {} : { work }),
});
/** Statements whose time is a tenth of their work. */
const line = Array.from({ length: 12 }, (_, i) => run(`s${i}`, (2 ** i * 100) / 10, 2 ** i * 100));

describe("a statement that was run before", () => {
  test("takes as long as it took, whatever others took", () => {
    const runs = [...line, run("own", 40), run("own", 50), run("own", 60)];
    expect(predictRunTime(runs, "own", 1e9)).toEqual({
      ms: 50,
      lowMs: 42,
      highMs: 58,
      runs: 3,
      basis: "same statement",
    });
  });

  test("twice is not enough", () => {
    expect(predictRunTime([run("own", 40), run("own", 50)], "own", undefined)).toBeUndefined();
  });
});

describe("a statement never run", () => {
  test("lies on the line of the others", () => {
    const found = predictRunTime(line, "new", 6_400);
    expect(found).toMatchObject({ basis: "statements of like cost", runs: 12 });
    expect(found?.ms).toBeCloseTo(640, 0);
  });

  test("some odd runs move the line little, and widen the range", () => {
    const odd = [...line, run("lock", 60_000, 100), run("cold", 9_000, 200)];
    const found = predictRunTime(odd, "new", 6_400);
    expect(found?.ms).toBeGreaterThan(320);
    expect(found?.ms).toBeLessThan(1_280);
    expect(found?.highMs).toBeGreaterThan(2 * (found?.ms ?? 0));
  });

  test("what runs often weighs no more than what runs once", () => {
    const busy = [...line, ...Array.from({ length: 500 }, () => run("busy", 5_000, 100))];
    expect(predictRunTime(busy, "new", 6_400)?.ms).toBeLessThan(1_280);
  });

  test.each([
    ["seven statements are too few", line.slice(0, 7), 100],
    [
      "runs without an estimate give no line",
      line.map(({ fingerprint, elapsedMs }) => run(fingerprint, elapsedMs)),
      100,
    ],
    ["without an estimate of its own", line, undefined],
  ])("%s: nothing is said", (_what, runs, work) => {
    expect(predictRunTime(runs, "new", work)).toBeUndefined();
  });

  test("where all cost the same, the range is that of their times", () => {
    const same = [10, 11, 12, 13, 14, 15, 16, 17, 18].map((ms, i) => run(`s${i}`, ms, 500));
    expect(predictRunTime(same, "new", 9_999)).toMatchObject({ ms: 14, lowMs: 10.8, highMs: 17.2 });
  });

  test("more work is never foretold to be faster", () => {
    const falling = line.map((o, i) => ({ ...o, elapsedMs: 1_000 / (i + 1) }));
    const [less, more] = [100, 100_000].map((work) => predictRunTime(falling, "new", work)?.ms ?? 0);
    expect(more).toBeGreaterThanOrEqual(less ?? 0);
  });
});
