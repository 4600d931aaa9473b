/**
 * Trains the looks of the question ranker with databases held out in folds: what a database's questions are scored with has never seen that
 * database (nor have the associations that its features rest on).
 */

import type { AffinityModel } from "../src/terms/affinities.js";
import { ask } from "../src/terms/asked.js";
import type { Associations } from "../src/terms/associations.js";
import {
  columnFeatureNames,
  type QuestionContext,
  questionContext,
  writeColumnFeatures,
} from "../src/terms/column-features.js";
import { probability, type Standings, standingsOf } from "../src/terms/context-features.js";
import { needsOf } from "../src/terms/need-features.js";
import { layTables, tableFeatureNames } from "../src/terms/needed-tables.js";
import { laySecond, secondFeatureNames } from "../src/terms/second-features.js";
import { laySets, setFeatureNames } from "../src/terms/set-features.js";
import { type TableSet, tableSets, type WeighedSets, weighSets } from "../src/terms/table-sets.js";
import type { TermIndex } from "../src/terms/term-index.js";
import { type Forest, type ForestFile, readForest, scoreRow } from "../src/terms/trees.js";
import { type Binned, binRows, type ForestOptions, trainForest } from "./forest-training.js";
import type { QuestionCase } from "./term-data.js";
import { onThread } from "./threads.js";
import { affinityCase, trainAffinities } from "./train-affinities.js";

/** What a row of a large schema weighs: most schemas that people ask are small. */
export const wideWeight = 0.5;

/** By row, the cases' rows one after the other from `starts[i]`. */
export function weightsOf(starts: ArrayLike<number>, weightOf: (place: number) => number): (row: number) => number {
  const weights = new Float32Array(starts[starts.length - 1] as number);
  for (let i = 0; i + 1 < starts.length; i += 1) weights.fill(weightOf(i), starts[i], starts[i + 1]);
  return (row) => weights[row] as number;
}

export interface LaidOut {
  readonly cases: readonly QuestionCase[];
  readonly indexes: readonly TermIndex[];
  /** First row of each case; one row a column. */
  readonly starts: Int32Array;
  readonly contexts: readonly QuestionContext[];
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly fold: Uint8Array;
}

/** Of a large schema's columns that a question does not need this many are learned from, spread evenly. */
const negativesPerQuestion = 60;

/** A name met by at least so much of it may be taken for what is meant: all those of a large schema are learned from. */
const mistakable = 0.5;

/** Which rows to learn from: all that are needed, those that may be mistaken for them, and a spread of the others. */
export function learnable(laid: LaidOut): (row: number) => boolean {
  const met = columnFeatureNames.indexOf("name.exact");
  return spread(
    laid.starts,
    (row) => laid.y[row] as number,
    (row) => laid.x[row * columnFeatureNames.length + met] ?? 0,
  );
}

/** By case, one row after the other from `starts[i]`: rows with a target, those whose name is met, and a spread of the others. */
export function spread(
  starts: ArrayLike<number>,
  target: (row: number) => number,
  met: (row: number) => number,
): (row: number) => boolean {
  const use = new Uint8Array(starts[starts.length - 1] as number);
  for (let i = 0; i + 1 < starts.length; i += 1) {
    const [from, to] = [starts[i] as number, starts[i + 1] as number];
    const step = Math.max(1, Math.floor((to - from) / negativesPerQuestion));
    for (let r = from; r < to; r += 1)
      if (target(r) > 0 || (r - from + i) % step === 0 || (step > 1 && met(r) >= mistakable)) use[r] = 1;
  }
  return (row) => use[row] === 1;
}

/** What a column that only joins is worth, beside 1 for one that the question tells of. */
const joinTarget = 0.7;

export const refOf = (index: TermIndex, id: number): string => {
  const column = index.columns[id];
  return `${index.tables[column?.table ?? -1]?.name ?? ""}.${column?.name ?? ""}`.toLowerCase();
};

/** Where each case's rows begin, and where the last one's end. */
function startsOf(counts: readonly number[]): Int32Array {
  const starts = new Int32Array(counts.length + 1);
  for (const [i, count] of counts.entries()) starts[i + 1] = (starts[i] as number) + count;
  return starts;
}

export function layOut(
  cases: readonly QuestionCase[],
  indexOf: (q: QuestionCase, i: number) => TermIndex,
  foldOf: (db: string) => number,
  associations: readonly Associations[],
  affinities: readonly AffinityModel[],
): LaidOut {
  const indexes = cases.map(indexOf);
  const starts = startsOf(indexes.map((index) => index.columns.length));
  const rows = starts[cases.length] as number;
  const width = columnFeatureNames.length;
  const contexts: QuestionContext[] = [];
  const laid = {
    cases,
    indexes,
    starts,
    contexts,
    x: new Float32Array(rows * width),
    y: new Float32Array(rows),
    fold: new Uint8Array(rows),
  };
  for (const [i, q] of cases.entries()) {
    const fold = foldOf(q.db);
    const context = contextOf(laid, i, associations[fold] as Associations, affinities[fold] as AffinityModel);
    contexts.push(context);
    const start = starts[i] as number;
    const index = indexes[i] as TermIndex;
    laid.y.set(targetOf(index, wantedBy(q)), start);
    laid.fold.fill(fold, start, start + index.columns.length);
    for (let id = 0; id < index.columns.length; id += 1) writeColumnFeatures(context, id, laid.x, (start + id) * width);
  }
  return laid;
}

type Wanted = Pick<QuestionCase, "db" | "telling" | "columns">;

/** What each column that a question needs is worth, by name. */
export function wantedBy({ db, telling, columns }: Wanted): Pick<AffinityText, "db" | "worth"> {
  return {
    db,
    worth: new Map([...columns.map((c) => [c, joinTarget] as const), ...telling.map((c) => [c, 1] as const)]),
  };
}

/** By column of the index: what it is worth. */
function targetOf(index: TermIndex, { worth }: Pick<AffinityText, "worth">): Float32Array {
  return Float32Array.from(index.columns, ({ id }) => worth.get(refOf(index, id)) ?? 0);
}

/** A text that affinities are learned from. */
export interface AffinityText {
  readonly set: string;
  readonly text: string;
  readonly db: string;
  readonly index: TermIndex;
  /** By column's name (`table.column`, lower case). */
  readonly worth: ReadonlyMap<string, number>;
}

export function learnAffinities(
  texts: readonly AffinityText[],
  foldOf: (db: string) => number,
  folds: number,
): ReturnType<typeof trainAffinities> {
  return trainAffinities(
    texts.map((t) => affinityCase(t.index, t.text, targetOf(t.index, t))),
    texts.map((t) => foldOf(t.db)),
    folds,
  );
}

function contextOf(
  laid: Pick<LaidOut, "cases" | "indexes">,
  i: number,
  associations: Associations,
  affinity: AffinityModel,
): QuestionContext {
  const index = laid.indexes[i] as TermIndex;
  const asked = ask(index, laid.cases[i]?.question ?? "", associations);
  return questionContext(
    index,
    asked,
    index.columns.map((c) => c.id),
    affinity,
  );
}

export interface Folded {
  /** Log-odds of each row by a forest that never saw its database. */
  readonly outOfFold: Float32Array;
  /** The forest that saw all. */
  readonly whole: ForestFile;
  /** By fold: the forest that never saw it. */
  readonly forests: readonly Forest[];
}

/** Trains a forest for each fold that never sees it, and one on all; each on a thread of its own. */
export async function trainFolds(
  x: Float32Array,
  y: Float32Array,
  fold: Uint8Array,
  folds: number,
  names: readonly string[],
  options: ForestOptions,
  /** Rows to learn from; all are scored. */
  use: (row: number) => boolean = () => true,
  weightOf: (row: number) => number = () => 1,
): Promise<Folded> {
  const binned = shared(binRows(x, names.length));
  const [target, weight] = [sharedFloats(y), sharedFloats(y.map((_, row) => weightOf(row)))];
  const learn = Int32Array.from({ length: y.length }, (_, i) => i).filter(use);
  const grow = (rows: Int32Array) => growOnThread([binned, rows, target, weight, names, options]);
  const [whole, ...files] = await Promise.all([
    grow(learn),
    ...Array.from({ length: folds }, (_, f) => grow(learn.filter((r) => fold[r] !== f))),
  ]);
  const forests = files.map(readForest);
  const outOfFold = y.map((_, r) => scoreRow(forests[fold[r] as number] as Forest, x, r * names.length));
  return { outOfFold, forests, whole };
}

function growOnThread(given: Parameters<typeof trainForest>): Promise<ForestFile> {
  return onThread(new URL("./forest-worker.ts", import.meta.url), given);
}

function shared(binned: Binned): Binned {
  const bins = new Uint8Array(new SharedArrayBuffer(binned.bins.length));
  bins.set(binned.bins);
  return { ...binned, bins };
}

function sharedFloats(numbers: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(4 * numbers.length));
  copy.set(numbers);
  return copy;
}

export interface TableRows {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly fold: Uint8Array;
  /** First row of each case; one row a table. */
  readonly starts: Int32Array;
}

/** Rows of the look at tables, from the first look's out-of-fold scores. */
export function layOutTables(laid: LaidOut, first: Float32Array, foldOf: (db: string) => number): TableRows {
  const starts = startsOf(laid.indexes.map((index) => index.tables.length));
  const rows = starts[laid.cases.length] as number;
  const made = {
    x: new Float32Array(rows * tableFeatureNames.length),
    y: new Float32Array(rows),
    fold: new Uint8Array(rows),
    starts,
  };
  for (const [i, q] of laid.cases.entries()) {
    const context = laid.contexts[i] as QuestionContext;
    const standings = standingsAt(laid, i, context, first);
    const tables = context.index.tables.map((t) => t.id);
    made.x.set(layTables(context, standings, tables), (starts[i] as number) * tableFeatureNames.length);
    const gold = new Set(q.tables);
    for (const t of tables) {
      const row = (starts[i] as number) + t;
      made.y[row] = gold.has(context.index.tables[t]?.name.toLowerCase() ?? "") ? 1 : 0;
      made.fold[row] = foldOf(q.db);
    }
  }
  return made;
}

function standingsAt(laid: LaidOut, i: number, context: QuestionContext, first: Float32Array): Standings {
  return standingsOf(
    context,
    context.index.columns.map((c) => c.id),
    first.subarray(laid.starts[i] as number, laid.starts[i + 1]),
  );
}

/** A look's rows and what forests that never saw their databases say of them. */
export interface Judged<Rows> {
  readonly rows: Rows;
  readonly logs: Float32Array;
}

export interface SetRows extends TableRows {
  /** By case. */
  readonly sets: readonly (readonly TableSet[])[];
}

const tablesAt = (tables: Judged<TableRows>, i: number): Float32Array =>
  tables.logs.subarray(tables.rows.starts[i] as number, tables.rows.starts[i + 1]).map(probability);

/** What the sets of a case say. */
export function weighedAt(index: TermIndex, sets: Judged<SetRows>, i: number): WeighedSets {
  const logs = sets.logs.subarray(sets.rows.starts[i] as number, sets.rows.starts[i + 1]);
  return weighSets(index, sets.rows.sets[i] ?? [], logs);
}

/** Rows of the look at sets of tables: 1 for the one that holds just the tables needed. */
export function layOutSets(
  laid: LaidOut,
  first: Float32Array,
  tables: Judged<TableRows>,
  foldOf: (db: string) => number,
): SetRows {
  const sets = laid.contexts.map((context, i) => tableSets(context.index, tablesAt(tables, i)));
  const starts = startsOf(sets.map((own) => own.length));
  const rows = starts[sets.length] as number;
  const made = {
    x: new Float32Array(rows * setFeatureNames.length),
    y: new Float32Array(rows),
    fold: new Uint8Array(rows),
    starts,
    sets,
  };
  for (const [i, context] of laid.contexts.entries()) {
    const start = starts[i] as number;
    const own = sets[i] ?? [];
    const numbers = laySets(context, standingsAt(laid, i, context, first), tablesAt(tables, i), own);
    made.x.set(numbers, start * setFeatureNames.length);
    const needed = tables.rows.y.subarray(tables.rows.starts[i] as number, tables.rows.starts[i + 1]);
    for (const [k, set] of own.entries())
      made.y[start + k] = needed.every((y, t) => (y === 1) === set.tables.includes(t)) ? 1 : 0;
    made.fold.fill(foldOf(laid.cases[i]?.db ?? ""), start, starts[i + 1]);
  }
  return made;
}

/** Rows of the second look, from the out-of-fold scores of the looks before it. */
export function layOutSecond(
  laid: LaidOut,
  first: Float32Array,
  tables: Judged<TableRows>,
  sets: Judged<SetRows>,
): Float32Array {
  const width = secondFeatureNames.length;
  const x = new Float32Array(laid.y.length * width);
  for (const [i, context] of laid.contexts.entries()) {
    const [start, end] = [laid.starts[i] as number, laid.starts[i + 1] as number];
    const standings = standingsAt(laid, i, context, first);
    const needs = needsOf(context, standings, tablesAt(tables, i), weighedAt(context.index, sets, i));
    const ids = context.index.columns.map((c) => c.id);
    const own = laid.x.subarray(start * columnFeatureNames.length, end * columnFeatureNames.length);
    x.set(laySecond(context, standings, needs, ids, own), start * width);
  }
  return x;
}
