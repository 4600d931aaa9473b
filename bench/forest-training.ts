/**
 * Trains gradient-boosted regression trees on a logistic loss (Friedman 2001), with histograms of up to 64 bins, second-order leaf values and a
 * share of rows and features a tree. Deterministic for a seed. Pure; the forest's shape is that of `src/terms/trees.ts`.
 */

import type { ForestFile } from "../src/terms/trees.js";

/** A forest that is not whole yet. */
type Growing = Pick<ForestFile, "features" | "base"> & {
  readonly [K in Exclude<keyof ForestFile, "features" | "base">]: number[];
};

export interface Rows {
  readonly x: Float32Array;
  readonly width: number;
  /** Targets in [0, 1]. */
  readonly y: Float32Array;
  readonly weight: Float32Array;
}

export interface ForestOptions {
  readonly trees: number;
  readonly depth: number;
  readonly rate: number;
  readonly rowShare: number;
  readonly featureShare: number;
  readonly leastWeight: number;
  readonly lambda: number;
  readonly seed: number;
}

export const usualForest: ForestOptions = {
  trees: 400,
  depth: 6,
  rate: 0.04,
  rowShare: 0.5,
  featureShare: 0.3,
  leastWeight: 8,
  lambda: 2,
  seed: 7,
};

const maxBins = 64;

/** A small generator of repeatable numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Binned {
  /** Row-major. */
  readonly bins: Uint8Array;
  /** Upper edge of each bin, by feature. */
  readonly edges: readonly Float32Array[];
  readonly rows: number;
  readonly width: number;
}

/** Numbers as bins by quantiles of a sample; may be shared by forests over the same rows. */
export function binRows(x: Float32Array, width: number): Binned {
  const rows = x.length / width;
  const bins = new Uint8Array(x.length);
  const step = Math.max(1, Math.floor(rows / 40_000));
  const edges: Float32Array[] = [];
  for (let f = 0; f < width; f += 1) {
    const sample: number[] = [];
    for (let r = 0; r < rows; r += step) sample.push(x[r * width + f] as number);
    const sorted = Float32Array.from(sample).sort();
    const distinct = [...new Set(sorted)];
    const picked =
      distinct.length <= maxBins
        ? distinct.slice(0, -1).map((v, i) => (v + (distinct[i + 1] as number)) / 2)
        : quantiles(sorted);
    const edge = Float32Array.from(new Set(picked));
    edges.push(edge);
    for (let r = 0; r < rows; r += 1) {
      const v = x[r * width + f] as number;
      let [low, high] = [0, edge.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (v <= (edge[middle] as number)) high = middle;
        else low = middle + 1;
      }
      bins[r * width + f] = low;
    }
  }
  return { bins, edges, rows, width };
}

function quantiles(sorted: Float32Array): number[] {
  return Array.from(
    { length: maxBins - 1 },
    (_, i) => sorted[Math.floor(((i + 1) / maxBins) * sorted.length)] as number,
  );
}

/** `use`: the rows to learn from. */
export function trainForest(
  binned: Binned,
  use: Int32Array,
  y: Float32Array,
  weight: Float32Array,
  features: readonly string[],
  options: ForestOptions,
): ForestFile {
  const { rows } = binned;
  const random = seeded(options.seed);
  let [sumY, sumW] = [0, 0];
  for (const r of use) {
    sumY += (weight[r] as number) * (y[r] as number);
    sumW += weight[r] as number;
  }
  const base = Math.log(sumY / (sumW - sumY));
  const file: Growing = { features, base, roots: [], feature: [], threshold: [], left: [], right: [], value: [] };
  const score = new Float32Array(rows).fill(base);
  const gradient = new Float32Array(rows);
  const hessian = new Float32Array(rows);
  for (let t = 0; t < options.trees; t += 1) {
    const picked = use.filter(() => random() < options.rowShare);
    for (const r of use) {
      const p = 1 / (1 + Math.exp(-(score[r] as number)));
      gradient[r] = (weight[r] as number) * (p - (y[r] as number));
      hessian[r] = (weight[r] as number) * Math.max(1e-4, p * (1 - p));
    }
    const columns = Array.from({ length: binned.width }, (_, f) => f).filter(() => random() < options.featureShare);
    growTree(binned, picked, gradient, hessian, columns.length === 0 ? [0] : columns, options, file);
    addTree(binned, use, file, score);
  }
  return file;
}

function growTree(
  binned: Binned,
  picked: Int32Array,
  gradient: Float32Array,
  hessian: Float32Array,
  columns: readonly number[],
  options: ForestOptions,
  file: Growing,
): void {
  const add = (): number => {
    file.feature.push(-1);
    file.threshold.push(0);
    file.left.push(0);
    file.right.push(0);
    file.value.push(0);
    return file.feature.length - 1;
  };
  const root = add();
  file.roots.push(root);
  const order = Int32Array.from(picked);
  const spare = new Int32Array(order.length);
  const grow = (node: number, from: number, to: number, depth: number, given: Float64Array | undefined): void => {
    const histogram = given ?? histogramOf(binned, order, from, to, gradient, hessian, columns);
    const [g, h] = totals(histogram);
    const split =
      depth >= options.depth || h < 2 * options.leastWeight
        ? undefined
        : bestSplit(binned, histogram, columns, options, g, h);
    if (split === undefined) {
      file.value[node] = Number(((-options.rate * g) / (h + options.lambda)).toPrecision(4));
      return;
    }
    let [l, r] = [from, 0];
    for (let i = from; i < to; i += 1) {
      const row = order[i] as number;
      if ((binned.bins[row * binned.width + split.feature] as number) <= split.bin) {
        order[l] = row;
        l += 1;
      } else {
        spare[r] = row;
        r += 1;
      }
    }
    order.set(spare.subarray(0, r), l);
    file.feature[node] = split.feature;
    file.threshold[node] = binned.edges[split.feature]?.[split.bin] as number;
    const [a, b] = [add(), add()];
    file.left[node] = a;
    file.right[node] = b;
    // The larger child's histogram is the parent's less the smaller child's.
    const leftSmaller = l - from < to - l;
    const smaller = leftSmaller
      ? histogramOf(binned, order, from, l, gradient, hessian, columns)
      : histogramOf(binned, order, l, to, gradient, hessian, columns);
    for (let i = 0; i < histogram.length; i += 1) histogram[i] = (histogram[i] as number) - (smaller[i] as number);
    grow(a, from, l, depth + 1, leftSmaller ? smaller : histogram);
    grow(b, l, to, depth + 1, leftSmaller ? histogram : smaller);
  };
  grow(root, 0, order.length, 0, undefined);
}

const stride = 2 * (maxBins + 1);

/** Sums of gradients and hessians by feature and bin, side by side. */
function histogramOf(
  binned: Binned,
  order: Int32Array,
  from: number,
  to: number,
  gradient: Float32Array,
  hessian: Float32Array,
  columns: readonly number[],
): Float64Array {
  const histogram = new Float64Array(columns.length * stride);
  const { bins, width } = binned;
  const picked = Int32Array.from(columns);
  for (let i = from; i < to; i += 1) {
    const row = order[i] as number;
    const g = gradient[row] as number;
    const h = hessian[row] as number;
    const start = row * width;
    for (let c = 0; c < picked.length; c += 1) {
      const at = c * stride + 2 * (bins[start + (picked[c] as number)] as number);
      histogram[at] = (histogram[at] as number) + g;
      histogram[at + 1] = (histogram[at + 1] as number) + h;
    }
  }
  return histogram;
}

function totals(histogram: Float64Array): readonly [number, number] {
  let [g, h] = [0, 0];
  for (let i = 0; i < stride; i += 2) {
    g += histogram[i] as number;
    h += histogram[i + 1] as number;
  }
  return [g, h];
}

function bestSplit(
  binned: Binned,
  histogram: Float64Array,
  columns: readonly number[],
  options: ForestOptions,
  g: number,
  h: number,
): { readonly feature: number; readonly bin: number } | undefined {
  const parent = (g * g) / (h + options.lambda);
  let best: { readonly feature: number; readonly bin: number } | undefined;
  let bestGain = 1e-3;
  for (const [c, feature] of columns.entries()) {
    const edges = binned.edges[feature]?.length ?? 0;
    let [leftG, leftH] = [0, 0];
    for (let bin = 0; bin < edges; bin += 1) {
      leftG += histogram[c * stride + 2 * bin] as number;
      leftH += histogram[c * stride + 2 * bin + 1] as number;
      if (leftH < options.leastWeight || h - leftH < options.leastWeight) continue;
      const rightG = g - leftG;
      const gain =
        (leftG * leftG) / (leftH + options.lambda) + (rightG * rightG) / (h - leftH + options.lambda) - parent;
      if (gain > bestGain) {
        bestGain = gain;
        best = { feature, bin };
      }
    }
  }
  return best;
}

function addTree(binned: Binned, use: Int32Array, file: Growing, score: Float32Array): void {
  const root = file.roots.at(-1) as number;
  const bins = new Int32Array(file.feature.length);
  for (let i = root; i < file.feature.length; i += 1) {
    if ((file.feature[i] as number) >= 0)
      bins[i] = binned.edges[file.feature[i] as number]?.indexOf(file.threshold[i] as number) ?? 0;
  }
  for (const r of use) {
    let node = root;
    while ((file.feature[node] as number) >= 0) {
      const bin = binned.bins[r * binned.width + (file.feature[node] as number)] as number;
      node = bin <= (bins[node] as number) ? (file.left[node] as number) : (file.right[node] as number);
    }
    score[r] = (score[r] as number) + (file.value[node] as number);
  }
}
