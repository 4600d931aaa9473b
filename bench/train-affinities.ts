/**
 * Learns how near questions are to columns by meaning (`src/terms/affinities.ts`): each column that is needed against all that are not, by a softmax over
 * the columns of its database, with Adam (Kingma & Ba 2015) and a pull back to plain cosines. Deterministic for a seed.
 */

import {
  type AffinityInput,
  type AffinityModel,
  type Attended,
  affinityInput,
  affinityOffsets,
  attend,
  columnLength,
} from "../src/terms/affinities.js";
import { ask } from "../src/terms/asked.js";
import { cover } from "../src/terms/coverage.js";
import type { TermIndex } from "../src/terms/term-index.js";
import { vectorLength } from "../src/terms/vectors.js";
import { seeded } from "./forest-training.js";
import { onThread } from "./threads.js";

export interface AffinityCase {
  readonly input: AffinityInput;
  /** By column of the index: what it is worth, 0 where it is not needed. */
  readonly target: Float32Array;
}

export const affinitySeed = 3;
const epochs = 3;
const batch = 16;
const rate = 0.002;
/** What is left of the rate when the last epoch ends. */
const lastShare = 0.3;
const pull = 0.02;
/** Plain cosines at the start, so sharp, and so much for a name that is met. */
const start = { column: 4, table: 3, met: 4 } as const;

/** A question over all columns of an index. */
export function affinityCase(index: TermIndex, question: string, target: Float32Array): AffinityCase {
  const asked = ask(index, question, new Map());
  const columns = new Map(index.columns.map((c) => [c.id, cover(index, asked, c.doc)]));
  const tables = index.tables.map((t) => cover(index, asked, t.doc));
  const ids = index.columns.map((c) => c.id);
  return { input: affinityInput(index, asked, columns, tables, ids), target };
}

/** A model for each fold that never sees it, and one of all. */
export async function trainAffinities(
  cases: readonly AffinityCase[],
  fold: readonly number[],
  folds: number,
): Promise<{ readonly models: readonly AffinityModel[]; readonly whole: AffinityModel }> {
  const learn = (of: readonly AffinityCase[]) =>
    onThread<AffinityModel>(new URL("./affinity-worker.ts", import.meta.url), [of, affinitySeed]);
  const [whole, ...models] = await Promise.all([
    learn(cases),
    ...Array.from({ length: folds }, (_, f) => learn(cases.filter((_case, i) => fold[i] !== f))),
  ]);
  return { models, whole };
}

function cosines(): AffinityModel {
  const model = new Float32Array(affinityOffsets.end);
  for (let d = 0; d < vectorLength; d += 1) {
    model[d * vectorLength + d] = start.column;
    model[affinityOffsets.table + d * vectorLength + d] = start.table;
  }
  return model.fill(start.met, affinityOffsets.met);
}

export function learnAffinity(cases: readonly AffinityCase[], seed: number): AffinityModel {
  const random = seeded(seed);
  const model = cosines();
  const plain = model.slice();
  const gradient = new Float32Array(model.length);
  const [first, second] = [new Float32Array(model.length), new Float32Array(model.length)];
  const useful = cases.filter(({ input, target }) => input.words.length > 0 && target.some((y) => y > 0));
  let [step, inBatch] = [0, 0];
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    const now = rate * (1 - (epoch / (epochs - 1)) * (1 - lastShare));
    for (const { input, target } of shuffled(useful, random)) {
      const attended = attend(model, input);
      follow(input, attended, pushes(attended.whole, target), gradient);
      inBatch += 1;
      if (inBatch < batch) continue;
      [step, inBatch] = [step + 1, 0];
      const [one, two] = [1 - 0.9 ** step, 1 - 0.999 ** step];
      for (let i = 0; i < model.length; i += 1) {
        const g = (gradient[i] as number) / batch;
        first[i] = 0.9 * (first[i] as number) + 0.1 * g;
        second[i] = 0.999 * (second[i] as number) + 0.001 * g * g;
        const move = (first[i] as number) / one / (Math.sqrt((second[i] as number) / two) + 1e-8);
        model[i] = (model[i] as number) - now * (move + pull * ((model[i] as number) - (plain[i] as number)));
      }
      gradient.fill(0);
    }
  }
  return model;
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  const order = [...all];
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}

/** The loss's slope by each column's score: each needed column is set against all that are not needed. */
function pushes(scores: Float32Array, target: Float32Array): Float32Array {
  const most = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const odds = scores.map((s) => Math.exp(s - most));
  let [others, worth] = [1e-12, 0];
  for (const [c, y] of target.entries()) {
    if (y > 0) worth += y;
    else others += odds[c] as number;
  }
  let pushed = 0;
  const slopes = target.map((y, c) => {
    if (y === 0) return 0;
    const missing = others / ((odds[c] as number) + others);
    pushed += (missing * y) / worth;
    return (-missing * y) / worth;
  });
  return slopes.map((s, c) => ((target[c] as number) > 0 ? s : ((odds[c] as number) / others) * pushed));
}

/** A slope so small moves nothing. */
const negligible = 1e-5;

/** Adds to the gradient what the columns' slopes say of the model. */
function follow(input: AffinityInput, attended: Attended, slopes: Float32Array, gradient: Float32Array): void {
  const { words, columns, tables, tableOf } = input;
  const { length } = words;
  const turned = new Float32Array(length * columnLength);
  const turnedToTable = new Float32Array(length * vectorLength);
  const tableSlopes = new Float32Array(tables.length / vectorLength);
  for (let c = 0; c < tableOf.length; c += 1) {
    const slope = slopes[c] as number;
    if (Math.abs(slope) < negligible) continue;
    const table = tableOf[c] as number;
    tableSlopes[table] = (tableSlopes[table] as number) + slope;
    for (const [t, share] of sharesOf(attended.byWord, c * length, length).entries()) {
      const w = slope * share;
      gradient[affinityOffsets.met] =
        (gradient[affinityOffsets.met] as number) + w * (input.met[c * length + t] as number);
      addTo(turned, t * columnLength, w, columns, c * columnLength, columnLength);
    }
    const traits = columnLength - vectorLength;
    addTo(gradient, affinityOffsets.prior, slope, columns, c * columnLength + vectorLength, traits);
  }
  const metTable = affinityOffsets.met + 1;
  for (const [j, slope] of tableSlopes.entries()) {
    for (const [t, share] of sharesOf(attended.byWordTable, j * length, length).entries()) {
      const w = slope * share;
      gradient[metTable] = (gradient[metTable] as number) + w * (input.tableMet[j * length + t] as number);
      addTo(turnedToTable, t * vectorLength, w, tables, j * vectorLength, vectorLength);
    }
  }
  for (let t = 0; t < length; t += 1) {
    const [word, before, after] = [words[t], words[t - 1], words[t + 1]];
    for (let i = 0; i < columnLength; i += 1) {
      const w = turned[t * columnLength + i] as number;
      if (w === 0) continue;
      const row = i * vectorLength;
      if (word !== undefined) addTo(gradient, row, w, word, 0, vectorLength);
      if (before !== undefined) addTo(gradient, affinityOffsets.before + row, w, before, 0, vectorLength);
      if (after !== undefined) addTo(gradient, affinityOffsets.after + row, w, after, 0, vectorLength);
    }
    if (word === undefined) continue;
    for (let i = 0; i < vectorLength; i += 1) {
      const w = turnedToTable[t * vectorLength + i] as number;
      if (w !== 0) addTo(gradient, affinityOffsets.table + i * vectorLength, w, word, 0, vectorLength);
    }
  }
}

/** Each word's share of what a column or table got. */
function sharesOf(byWord: Float32Array, from: number, length: number): Float32Array {
  const own = byWord.subarray(from, from + length);
  const most = own.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const odds = own.map((n) => Math.exp(n - most));
  const sum = odds.reduce((a, b) => a + b, 0);
  return odds.map((n) => n / sum);
}

/** Adds `weight` times the numbers of `b` from `at` to those of `a` from `from`. */
function addTo(a: Float32Array, from: number, weight: number, b: Float32Array, at: number, length: number): void {
  for (let d = 0; d < length; d += 1) a[from + d] = (a[from + d] as number) + weight * (b[at + d] as number);
}
