/**
 * Gradient-boosted regression trees, applied: the sum of one leaf a tree is a log-odds. Trained by `bench/train.ts`; the file's shape is given here. Pure.
 */

import type { jsonFile } from "./data-files.js";

/** Trees as flat arrays: an inner node has a feature, a threshold and two children (`left` where the number is at most the threshold); a leaf has feature -1 and a value. */
export interface Forest {
  readonly features: readonly string[];
  /** Where each tree begins. */
  readonly roots: readonly number[];
  readonly feature: Int16Array;
  readonly threshold: Float32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly value: Float32Array;
  readonly base: number;
}

/** Log-odds of the row that begins at `offset`. */
export function scoreRow(forest: Forest, row: Float32Array, offset: number): number {
  let sum = forest.base;
  const { feature, threshold, left, right, value } = forest;
  for (const root of forest.roots) {
    let node = root;
    let f = feature[node] as number;
    while (f >= 0) {
      node =
        (row[offset + f] as number) <= (threshold[node] as number) ? (left[node] as number) : (right[node] as number);
      f = feature[node] as number;
    }
    sum += value[node] as number;
  }
  return sum;
}

/** Log-odds of each of `count` rows that stand one after the other; tree by tree, so that a tree stays at hand for all rows. */
export function scoreRows(forest: Forest, rows: Float32Array, count: number): Float64Array {
  const sums = new Float64Array(count).fill(forest.base);
  const { feature, threshold, left, right, value } = forest;
  const width = forest.features.length;
  for (const root of forest.roots) {
    for (let i = 0, offset = 0; i < count; i += 1, offset += width) {
      let node = root;
      let f = feature[node] as number;
      while (f >= 0) {
        node =
          (rows[offset + f] as number) <= (threshold[node] as number)
            ? (left[node] as number)
            : (right[node] as number);
        f = feature[node] as number;
      }
      sums[i] = (sums[i] as number) + (value[node] as number);
    }
  }
  return sums;
}

/** A forest from its file's shape. */
export function readForest(file: ReturnType<typeof jsonFile>): Forest {
  const given = file as {
    readonly features: readonly string[];
    readonly base: number;
    readonly roots: readonly number[];
    readonly feature: readonly number[];
    readonly threshold: readonly number[];
    readonly left: readonly number[];
    readonly right: readonly number[];
    readonly value: readonly number[];
  };
  return {
    features: given.features,
    roots: given.roots,
    base: given.base,
    feature: Int16Array.from(given.feature),
    threshold: Float32Array.from(given.threshold),
    left: Int32Array.from(given.left),
    right: Int32Array.from(given.right),
    value: Float32Array.from(given.value),
  };
}
