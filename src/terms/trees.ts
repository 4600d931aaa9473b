/**
 * Gradient-boosted regression trees, applied: the sum of one leaf a tree is a log-odds. Trained by `bench/train.ts`; the file's shape is given here. Pure.
 */

import type { jsonFile } from "./data-files.js";

/**
 * Complete binary trees of one depth, level by level as in a heap: the children of node n are 2n + 1 (the number is at most the threshold) and 2n + 2. Below a
 * leaf that the file has higher up all leaves have its value.
 */
export interface Forest {
  readonly features: readonly string[];
  readonly trees: number;
  readonly depth: number;
  /** By tree, its inner nodes. */
  readonly feature: Int16Array;
  readonly threshold: Float32Array;
  /** By tree, its leaves. */
  readonly value: Float32Array;
  readonly base: number;
}

/** Log-odds of the row that begins at `offset`. */
export function scoreRow(forest: Forest, row: Float32Array, offset: number): number {
  let sum = forest.base;
  for (let tree = 0; tree < forest.trees; tree += 1) sum += valueFor(forest, tree, row, offset);
  return sum;
}

function valueFor(
  { feature, threshold, value, depth }: Forest,
  tree: number,
  rows: Float32Array,
  from: number,
): number {
  const inner = (1 << depth) - 1;
  const start = tree * inner;
  let n = 0;
  for (let level = 0; level < depth; level += 1) n = below(feature, threshold, start, n, rows, from);
  return value[tree + n + start - inner] as number;
}

/** The child of node `n` of the tree whose inner nodes begin at `start` that the row beginning at `from` goes to. */
function below(
  feature: Int16Array,
  threshold: Float32Array,
  start: number,
  n: number,
  rows: Float32Array,
  from: number,
): number {
  const number = rows[from + (feature[start + n] as number)] as number;
  return 2 * n + 1 + Number(number > (threshold[start + n] as number));
}

/** Rows that are scored together: so many stay at hand (some 16 KiB) while all trees go by. */
const rowsAtHand = 32;

/** Log-odds of each of `count` rows that stand one after the other. */
export function scoreRows(forest: Forest, rows: Float32Array, count: number): Float64Array {
  const sums = new Float64Array(count).fill(forest.base);
  for (let from = 0; from < count; from += rowsAtHand)
    addScores(forest, rows, from, Math.min(count, from + rowsAtHand), sums);
  return sums;
}

/** Rows whose steps do not wait for each other. */
const rowsAbreast = 8;

/**
 * Adds to the sums of the rows from `from` to `to` (exclusive): tree by tree, so that a tree stays at hand for all of them, and eight rows abreast: their steps do
 * not wait for each other, and without a branch nothing is guessed wrongly.
 */
function addScores(forest: Forest, rows: Float32Array, from: number, to: number, sums: Float64Array): void {
  const { feature, threshold, value, depth } = forest;
  const width = forest.features.length;
  const inner = (1 << depth) - 1;
  const abreast = to - ((to - from) % rowsAbreast);
  for (let tree = 0; tree < forest.trees; tree += 1) {
    const start = tree * inner;
    const leaves = tree + start - inner;
    for (let i = from; i < abreast; i += rowsAbreast) {
      const r = i * width;
      let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
      for (let level = 0; level < depth; level += 1) {
        a = below(feature, threshold, start, a, rows, r);
        b = below(feature, threshold, start, b, rows, r + width);
        c = below(feature, threshold, start, c, rows, r + 2 * width);
        d = below(feature, threshold, start, d, rows, r + 3 * width);
        e = below(feature, threshold, start, e, rows, r + 4 * width);
        f = below(feature, threshold, start, f, rows, r + 5 * width);
        g = below(feature, threshold, start, g, rows, r + 6 * width);
        h = below(feature, threshold, start, h, rows, r + 7 * width);
      }
      sums[i] = (sums[i] as number) + (value[leaves + a] as number);
      sums[i + 1] = (sums[i + 1] as number) + (value[leaves + b] as number);
      sums[i + 2] = (sums[i + 2] as number) + (value[leaves + c] as number);
      sums[i + 3] = (sums[i + 3] as number) + (value[leaves + d] as number);
      sums[i + 4] = (sums[i + 4] as number) + (value[leaves + e] as number);
      sums[i + 5] = (sums[i + 5] as number) + (value[leaves + f] as number);
      sums[i + 6] = (sums[i + 6] as number) + (value[leaves + g] as number);
      sums[i + 7] = (sums[i + 7] as number) + (value[leaves + h] as number);
    }
    for (let i = abreast; i < to; i += 1) sums[i] = (sums[i] as number) + valueFor(forest, tree, rows, i * width);
  }
}

/** Trees as a file has them: an inner node has a feature, a threshold and two children; a leaf has feature -1 and a value. */
export interface ForestFile {
  readonly features: readonly string[];
  readonly base: number;
  /** Where each tree begins. */
  readonly roots: readonly number[];
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly value: readonly number[];
}

/** A forest from its file's shape. */
export function readForest(file: ReturnType<typeof jsonFile>): Forest {
  const given = file as ForestFile;
  const trees = given.roots.length;
  const depth = given.roots.reduce((most, root) => Math.max(most, depthOf(given, root)), 0);
  const inner = (1 << depth) - 1;
  const forest = {
    features: given.features,
    trees,
    depth,
    feature: new Int16Array(trees * inner),
    threshold: new Float32Array(trees * inner).fill(Number.POSITIVE_INFINITY),
    value: new Float32Array(trees * (inner + 1)),
    base: given.base,
  };
  for (const [tree, root] of given.roots.entries()) {
    // What stands at each place of the complete tree, its inner nodes first; a leaf stands for all below it.
    const nodes = [root];
    for (let place = 0; place < inner; place += 1) {
      const node = nodes[place] as number;
      const leaf = (given.feature[node] as number) < 0;
      nodes[2 * place + 1] = leaf ? node : (given.left[node] as number);
      nodes[2 * place + 2] = leaf ? node : (given.right[node] as number);
      if (leaf) continue;
      forest.feature[tree * inner + place] = given.feature[node] as number;
      forest.threshold[tree * inner + place] = given.threshold[node] as number;
    }
    forest.value.set(
      nodes.slice(inner).map((node) => given.value[node] as number),
      tree * (inner + 1),
    );
  }
  return forest;
}

function depthOf(file: ForestFile, node: number): number {
  if ((file.feature[node] as number) < 0) return 0;
  return 1 + Math.max(depthOf(file, file.left[node] as number), depthOf(file, file.right[node] as number));
}
