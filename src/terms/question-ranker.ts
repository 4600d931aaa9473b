/**
 * Which columns and tables a whole question needs, best first: two looks of boosted trees over `column-features.ts` and `context-features.ts`, trained by
 * `bench/train.ts`. Remembers the last few questions of an index, as every term of one question asks again. Pure.
 */

import { type Asked, ask } from "./asked.js";
import { type Associations, shippedAssociations } from "./associations.js";
import { type Curve, curveAt, readCurve } from "./calibration.js";
import { candidatesFor } from "./candidates.js";
import { columnFeatureNames, type QuestionContext, questionContext, writeColumnFeatures } from "./column-features.js";
import { contextFeatureNames, type Standings, standingsOf, writeContextFeatures } from "./context-features.js";
import { jsonFile } from "./data-files.js";
import type { TermIndex } from "./term-index.js";
import { type Forest, readForest, scoreRows } from "./trees.js";

export interface QuestionModel {
  readonly associations: Associations;
  readonly first: Forest;
  readonly second: Forest;
  readonly curve: Curve;
}

/** A question laid out over an index, with what both looks said. */
export interface QuestionRanking {
  readonly asked: Asked;
  readonly context: QuestionContext;
  readonly standings: Standings;
  /** First-look numbers, a row a candidate. */
  readonly x: Float32Array;
  readonly rowOf: ReadonlyMap<number, number>;
  /** Log-odds after the second look, by column id. */
  readonly log: ReadonlyMap<number, number>;
  /** Columns, best first. */
  readonly ranked: readonly number[];
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
      readonly second: unknown;
      readonly curve: unknown;
    };
    shipped = {
      associations: shippedAssociations(),
      first: readForest(file.first),
      second: readForest(file.second),
      curve: readCurve(file.curve),
    };
  }
  return shipped;
}

const remembered = new WeakMap<TermIndex, Map<string, QuestionRanking>>();
/** Questions kept an index. */
const maxRemembered = 8;

export function rankQuestion(
  index: TermIndex,
  question: string,
  model: QuestionModel = shippedModel(),
): QuestionRanking {
  const own =
    model === shipped
      ? (remembered.get(index) ?? new Map<string, QuestionRanking>())
      : new Map<string, QuestionRanking>();
  const known = own.get(question);
  if (known !== undefined) return known;
  const asked = ask(index, question, model.associations);
  const ids = candidatesFor(index, asked).columns;
  const context = questionContext(index, asked, ids);
  const width = columnFeatureNames.length;
  const x = new Float32Array(ids.length * width);
  for (const [i, id] of ids.entries()) writeColumnFeatures(context, id, x, i * width);
  const standings = standingsOf(context, ids, scoreRows(model.first, x, ids.length));
  const secondWidth = contextFeatureNames.length;
  const rows = new Float32Array(ids.length * secondWidth);
  for (const [i, id] of ids.entries())
    writeContextFeatures(context, standings, id, x, i * width, rows, i * secondWidth);
  const second = scoreRows(model.second, rows, ids.length);
  const log = new Map(ids.map((id, i) => [id, second[i] as number]));
  const ranked = ids.toSorted((a, b) => (log.get(b) ?? 0) - (log.get(a) ?? 0) || a - b);
  const made = { asked, context, standings, x, rowOf: new Map(ids.map((id, i) => [id, i])), log, ranked };
  if (model === shipped) {
    if (own.size >= maxRemembered) own.delete(own.keys().next().value ?? "");
    own.set(question, made);
    remembered.set(index, own);
  }
  return made;
}

/** Columns that a question needs, best first. */
export function rankColumns(index: TermIndex, question: string): readonly Ranked[] {
  const { ranked, log } = rankQuestion(index, question);
  const { curve } = shippedModel();
  return ranked.map((id) => {
    const score = log.get(id) ?? -9;
    return { ref: index.columns[id]?.ref ?? "", score, confidence: curveAt(curve, score) };
  });
}
