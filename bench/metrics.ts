/** Measures of rankings and confidences, as `measures.md` names them. Pure. */

import { seeded } from "./forest-training.js";

/** Average precision of a ranking, whole: what is not ranked counts as never found. */
export function averagePrecision(ranked: readonly string[], gold: ReadonlySet<string>): number {
  let [hits, sum] = [0, 0];
  for (const [i, ref] of ranked.entries()) {
    if (!gold.has(ref)) continue;
    hits += 1;
    sum += hits / (i + 1);
  }
  return gold.size === 0 ? 1 : sum / gold.size;
}

export function allWithin(ranked: readonly string[], gold: ReadonlySet<string>, k: number): boolean {
  const top = new Set(ranked.slice(0, k));
  return [...gold].every((g) => top.has(g));
}

/** Expected calibration error over bins of equal mass. */
export function calibrationError(
  cases: readonly { readonly confidence: number; readonly right: boolean }[],
  bins = 15,
): number {
  const sorted = cases.toSorted((a, b) => a.confidence - b.confidence);
  let error = 0;
  for (let b = 0; b < bins; b += 1) {
    const part = sorted.slice(Math.floor((b * sorted.length) / bins), Math.floor(((b + 1) * sorted.length) / bins));
    if (part.length === 0) continue;
    const confidence = mean(part.map((c) => c.confidence));
    const accuracy = mean(part.map((c) => (c.right ? 1 : 0)));
    error += (part.length / sorted.length) * Math.abs(confidence - accuracy);
  }
  return error;
}

/** How far confidences are from the truth, how right those of .9 and above are, and how many these are; to four places. */
export function calibration(
  cases: readonly { readonly confidence: number; readonly right: boolean }[],
): Readonly<Record<"ece" | "surePrecision" | "sureShare", number>> {
  const round = (n: number) => Number(n.toFixed(4));
  const sure = cases.filter((c) => c.confidence >= 0.9);
  return {
    ece: round(calibrationError(cases)),
    surePrecision: round(mean(sure.map((c) => (c.right ? 1 : 0)))),
    sureShare: round(sure.length / cases.length),
  };
}

/** Area under the ROC curve: the chance that a positive scores above a negative. */
export function areaUnderCurve(positive: readonly number[], negative: readonly number[]): number {
  const all = [...positive.map((s) => [s, 1] as const), ...negative.map((s) => [s, 0] as const)].sort(
    (a, b) => a[0] - b[0],
  );
  let [rank, sum, i] = [1, 0, 0];
  while (i < all.length) {
    let j = i;
    while (j < all.length && all[j]?.[0] === all[i]?.[0]) j += 1;
    const shared = (rank + rank + (j - i) - 1) / 2;
    for (let k = i; k < j; k += 1) if (all[k]?.[1] === 1) sum += shared;
    rank += j - i;
    i = j;
  }
  return (sum - (positive.length * (positive.length + 1)) / 2) / (positive.length * negative.length);
}

export const mean = (numbers: readonly number[]): number =>
  numbers.length === 0 ? Number.NaN : numbers.reduce((a, b) => a + b, 0) / numbers.length;

/** A 95 % bootstrap interval of the mean, databases drawn whole. */
export function interval(byDatabase: ReadonlyMap<string, readonly number[]>, rounds = 400): readonly [number, number] {
  const random = seeded(11);
  const groups = [...byDatabase.values()];
  const means = Array.from({ length: rounds }, () => {
    const drawn = groups.map(() => groups[Math.floor(random() * groups.length)] ?? []);
    return mean(drawn.flat());
  }).sort((a, b) => a - b);
  return [means[Math.floor(0.025 * rounds)] ?? Number.NaN, means[Math.floor(0.975 * rounds)] ?? Number.NaN];
}
