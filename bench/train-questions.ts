/**
 * Trains the two looks of the question ranker with databases held out in folds: what a database's questions are scored with has never seen that
 * database (nor have the associations that its features rest on).
 */

import { ask } from "../src/terms/asked.js";
import type { Associations } from "../src/terms/associations.js";
import {
  columnFeatureNames,
  type QuestionContext,
  questionContext,
  writeColumnFeatures,
} from "../src/terms/column-features.js";
import { contextFeatureNames, standingsOf, writeContextFeatures } from "../src/terms/context-features.js";
import type { TermIndex } from "../src/terms/term-index.js";
import { type Forest, readForest, scoreRow } from "../src/terms/trees.js";
import { type Binned, binRows, type ForestFile, type ForestOptions, trainForest } from "./forest-training.js";
import type { QuestionCase } from "./term-data.js";

export interface LaidOut {
  readonly cases: readonly QuestionCase[];
  readonly indexes: readonly TermIndex[];
  /** First row of each case; one row a column. */
  readonly starts: Int32Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly fold: Uint8Array;
}

/** Of a large schema's columns that a question does not need this many are learned from, spread evenly. */
const negativesPerQuestion = 60;

/** Which rows to learn from: all that are needed, and a spread of the others. */
export function learnable(laid: LaidOut): (row: number) => boolean {
  const use = new Uint8Array(laid.y.length);
  for (let i = 0; i < laid.cases.length; i += 1) {
    const [from, to] = [laid.starts[i] as number, laid.starts[i + 1] as number];
    const step = Math.max(1, Math.floor((to - from) / negativesPerQuestion));
    for (let r = from; r < to; r += 1) if ((laid.y[r] as number) > 0 || (r - from + i) % step === 0) use[r] = 1;
  }
  return (row) => use[row] === 1;
}

/** What a column that only joins is worth, beside 1 for one that the question tells of. */
const joinTarget = 0.7;

export const refOf = (index: TermIndex, id: number): string => {
  const column = index.columns[id];
  return `${index.tables[column?.table ?? -1]?.name ?? ""}.${column?.name ?? ""}`.toLowerCase();
};

export function layOut(
  cases: readonly QuestionCase[],
  indexOf: (q: QuestionCase, i: number) => TermIndex,
  foldOf: (db: string) => number,
  associations: readonly Associations[],
): LaidOut {
  const indexes = cases.map(indexOf);
  const starts = new Int32Array(cases.length + 1);
  for (const [i, index] of indexes.entries()) starts[i + 1] = (starts[i] as number) + index.columns.length;
  const rows = starts[cases.length] as number;
  const width = columnFeatureNames.length;
  const laid = {
    cases,
    indexes,
    starts,
    x: new Float32Array(rows * width),
    y: new Float32Array(rows),
    fold: new Uint8Array(rows),
  };
  for (const [i, q] of cases.entries()) {
    const context = contextOf(laid, i, associations[foldOf(q.db)] as Associations);
    const start = starts[i] as number;
    const index = indexes[i] as TermIndex;
    const telling = new Set(q.telling);
    const gold = new Set(q.columns);
    for (let id = 0; id < index.columns.length; id += 1) {
      const ref = refOf(index, id);
      writeColumnFeatures(context, id, laid.x, (start + id) * width);
      laid.y[start + id] = telling.has(ref) ? 1 : gold.has(ref) ? joinTarget : 0;
      laid.fold[start + id] = foldOf(q.db);
    }
  }
  return laid;
}

export function contextOf(
  laid: Pick<LaidOut, "cases" | "indexes">,
  i: number,
  associations: Associations,
): QuestionContext {
  const index = laid.indexes[i] as TermIndex;
  const asked = ask(index, laid.cases[i]?.question ?? "", associations);
  return questionContext(
    index,
    asked,
    index.columns.map((c) => c.id),
  );
}

export interface Folded {
  /** Log-odds of each row by a forest that never saw its database. */
  readonly outOfFold: Float32Array;
  readonly whole: ForestFile;
  /** By fold: the forest that never saw it. */
  readonly forests: readonly Forest[];
}

export function trainFolds(
  x: Float32Array,
  y: Float32Array,
  fold: Uint8Array,
  folds: number,
  names: readonly string[],
  options: ForestOptions,
  weight = new Float32Array(y.length).fill(1),
  /** Rows to learn from; all are scored. */
  use?: (row: number) => boolean,
): Folded {
  const binned: Binned = binRows(x, names.length);
  const all = Int32Array.from({ length: y.length }, (_, i) => i);
  const learn = use === undefined ? all : all.filter(use);
  const outOfFold = new Float32Array(y.length);
  const forests: Forest[] = [];
  for (let f = 0; f < folds; f += 1) {
    const forest = readForest(
      trainForest(
        binned,
        learn.filter((r) => fold[r] !== f),
        y,
        weight,
        names,
        options,
      ),
    );
    for (const r of all) if (fold[r] === f) outOfFold[r] = scoreRow(forest, x, r * names.length);
    forests.push(forest);
    process.stderr.write(`  fold ${f + 1} of ${folds}\n`);
  }
  return { outOfFold, forests, whole: trainForest(binned, learn, y, weight, names, options) };
}

/** Rows of the second look, from the first look's out-of-fold scores. */
export function layOutContext(
  laid: LaidOut,
  first: Float32Array,
  foldOf: (db: string) => number,
  associations: readonly Associations[],
): Float32Array {
  const width = contextFeatureNames.length;
  const x = new Float32Array(laid.y.length * width);
  for (const [i, q] of laid.cases.entries()) {
    const context = contextOf(laid, i, associations[foldOf(q.db)] as Associations);
    const start = laid.starts[i] as number;
    const ids = context.index.columns.map((c) => c.id);
    const standings = standingsOf(context, ids, first.subarray(start, laid.starts[i + 1]));
    for (const id of ids) {
      writeContextFeatures(
        context,
        standings,
        id,
        laid.x,
        (start + id) * columnFeatureNames.length,
        x,
        (start + id) * width,
      );
    }
  }
  return x;
}
