/**
 * Which columns and tables a whole question needs, best first, by boosted trees that `bench/train.ts` trains: a first look at each column, then at each table,
 * at the sets of tables, and with what these say a second look at each column (`second-features.ts`). Remembers the last few questions of an index, as every
 * term of one question asks again. Pure.
 */

import { type AffinityModel, shippedAffinity } from "./affinities.js";
import { type Asked, ask } from "./asked.js";
import { type Associations, shippedAssociations } from "./associations.js";
import { type Curve, curveAt, readCurve } from "./calibration.js";
import { candidatesFor } from "./candidates.js";
import { columnFeatureNames, type QuestionContext, questionContext, writeColumnFeatures } from "./column-features.js";
import { probability, type Standings, standingsOf } from "./context-features.js";
import { jsonFile } from "./data-files.js";
import { type Needs, needsOf } from "./need-features.js";
import { layTables, tablesOfCandidates } from "./needed-tables.js";
import { Recent } from "./recent.js";
import { laySecond } from "./second-features.js";
import { laySets } from "./set-features.js";
import { tableSets, type WeighedSets, weighSets } from "./table-sets.js";
import type { TermIndex } from "./term-index.js";
import { type Forest, readForest, scoreRows } from "./trees.js";

export interface QuestionModel {
  readonly associations: Associations;
  readonly affinity: AffinityModel;
  /** Columns at first sight, tables, sets of tables, columns at second sight. */
  readonly first: Forest;
  readonly tables: Forest;
  readonly sets: Forest;
  readonly second: Forest;
  readonly curve: Curve;
}

/** A question laid out over an index, with what both looks said. */
export interface QuestionRanking {
  readonly asked: Asked;
  readonly context: QuestionContext;
  readonly standings: Standings;
  readonly needs: Needs;
  /** Numbers of the first and of the second look, a row a candidate. */
  readonly x: Float32Array;
  readonly x2: Float32Array;
  readonly rowOf: ReadonlyMap<number, number>;
  /** Log-odds after the second look, by column id. */
  readonly log: ReadonlyMap<number, number>;
  /** Columns, best first. */
  readonly ranked: readonly number[];
  /** Where each of them stands there, from 0. */
  readonly rankOf: ReadonlyMap<number, number>;
}

export interface Ranked {
  readonly ref: string;
  /** Log-odds. */
  readonly score: number;
  /** Calibrated probability in [0, 1]. */
  readonly confidence: number;
}

let shipped: QuestionModel | undefined;

function shippedModel(): QuestionModel {
  if (shipped === undefined) {
    const file = jsonFile("question-ranker.json") as {
      readonly first: unknown;
      readonly tables: unknown;
      readonly sets: unknown;
      readonly second: unknown;
      readonly curve: unknown;
    };
    shipped = {
      associations: shippedAssociations(),
      affinity: shippedAffinity(),
      first: readForest(file.first),
      tables: readForest(file.tables),
      sets: readForest(file.sets),
      second: readForest(file.second),
      curve: readCurve(file.curve),
    };
  }
  return shipped;
}

/** The last 8 questions of an index. */
const recent = new Recent<QuestionRanking>(8);

export function rankQuestion(
  index: TermIndex,
  question: string,
  model: QuestionModel = shippedModel(),
): QuestionRanking {
  const rank = () => rankAnew(index, question, model);
  return model === shipped ? recent.of(index, question, rank) : rank();
}

function rankAnew(index: TermIndex, question: string, model: QuestionModel): QuestionRanking {
  const asked = ask(index, question, model.associations);
  const ids = candidatesFor(index, asked).columns;
  const context = questionContext(index, asked, ids, model.affinity);
  const width = columnFeatureNames.length;
  const x = new Float32Array(ids.length * width);
  for (const [i, id] of ids.entries()) writeColumnFeatures(context, id, x, i * width);
  const standings = standingsOf(context, ids, scoreRows(model.first, x, ids.length));
  const tables = probabilities(context, standings, ids, model.tables);
  const needs = needsOf(context, standings, tables, weighed(context, standings, tables, model.sets));
  const x2 = laySecond(context, standings, needs, ids, x);
  const second = scoreRows(model.second, x2, ids.length);
  const log = new Map(ids.map((id, i) => [id, second[i] as number]));
  const ranked = ids.toSorted((a, b) => (log.get(b) ?? 0) - (log.get(a) ?? 0) || a - b);
  const rowOf = new Map(ids.map((id, i) => [id, i]));
  const rankOf = new Map(ranked.map((id, i) => [id, i]));
  return { asked, context, standings, needs, x, x2, rowOf, log, ranked, rankOf };
}

/** Probability of each table of the index that the question needs it; 0 for those without a candidate. */
function probabilities(
  context: QuestionContext,
  standings: Standings,
  columns: readonly number[],
  forest: Forest,
): Float32Array {
  const tables = tablesOfCandidates(context, columns);
  const logs = scoreRows(forest, layTables(context, standings, tables), tables.length);
  const p = new Float32Array(context.index.tables.length);
  for (const [i, table] of tables.entries()) p[table] = probability(logs[i] as number);
  return p;
}

function weighed(context: QuestionContext, standings: Standings, tables: Float32Array, forest: Forest): WeighedSets {
  const sets = tableSets(context.index, tables);
  const logs = scoreRows(forest, laySets(context, standings, tables, sets), sets.length);
  return weighSets(context.index, sets, logs);
}

/** How columns of which one is surely meant share that, by what the question says of each; alike without one. Their sum is 1. */
export function sharesOf(question: QuestionRanking | undefined, columns: readonly number[]): readonly number[] {
  const likely = columns.map((id) => (question === undefined ? 1 : probability(question.log.get(id) ?? unlikely)));
  const all = likely.reduce((sum, p) => sum + p, 0);
  return likely.map((p) => p / all);
}

/** Things of columns of which one is meant as surely as `sure` says, each with its share of that. */
export function sharedOut<T>(
  question: QuestionRanking | undefined,
  things: readonly T[],
  columnOf: (thing: T) => number,
  sure: (thing: T) => number,
): ReadonlyMap<T, number> {
  const shares = sharesOf(question, things.map(columnOf));
  return new Map(things.map((thing, i) => [thing, sure(thing) * (shares[i] as number)]));
}

/** Log-odds of a column that was not looked at. */
const unlikely = -8;

/** Columns that a question needs, best first. */
export function rankColumns(index: TermIndex, question: string): readonly Ranked[] {
  const { ranked, log } = rankQuestion(index, question);
  const { curve } = shippedModel();
  return ranked.map((id) => {
    const score = log.get(id) ?? -9;
    return { ref: index.columns[id]?.ref ?? "", score, confidence: curveAt(curve, score) };
  });
}
