/**
 * From a ranker's log-odds to a probability: a rising curve fitted by isotonic regression on databases held out (`bench/train.ts`), straight between its
 * points. Pure.
 */

export interface Curve {
  /** Log-odds, rising. */
  readonly at: readonly number[];
  /** Share that was right there. */
  readonly right: readonly number[];
}

export function readCurve(file: unknown): Curve {
  return file as Curve;
}

export function curveAt(curve: Curve, log: number): number {
  const { at, right } = curve;
  if (at.length === 0) return 1 / (1 + Math.exp(-log));
  const i = at.findIndex((x) => x >= log);
  if (i < 0) return right.at(-1) ?? 0;
  if (i === 0) return right[0] ?? 0;
  const [x0, x1, y0, y1] = [at[i - 1] ?? 0, at[i] ?? 0, right[i - 1] ?? 0, right[i] ?? 0];
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (log - x0)) / (x1 - x0);
}
