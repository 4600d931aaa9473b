/**
 * Columns and tables that a phrase may mean, best first, alone or within its question: boosted trees over `phrase-features.ts`, trained by
 * `bench/train.ts`, and calibrated. Pure.
 */

import { ask } from "./asked.js";
import { shippedAssociations } from "./associations.js";
import { type Curve, curveAt, readCurve } from "./calibration.js";
import { candidatesFor } from "./candidates.js";
import { jsonFile } from "./data-files.js";
import {
  type PhraseContext,
  phraseColumnNames,
  phraseContext,
  phraseTableNames,
  writePhraseColumn,
  writePhraseTable,
} from "./phrase-features.js";
import { rankQuestion } from "./question-ranker.js";
import type { TermIndex } from "./term-index.js";
import { type Forest, readForest, scoreRows } from "./trees.js";

export interface Scored {
  /** Column or table, by its number in the index. */
  readonly id: number;
  /** Log-odds. */
  readonly score: number;
  /** Calibrated probability in [0, 1]. */
  readonly confidence: number;
}

interface PhraseModel {
  readonly column: Forest;
  readonly table: Forest;
  readonly columnCurve: Curve;
  readonly tableCurve: Curve;
}

let shipped: PhraseModel | undefined;

function model(): PhraseModel {
  if (shipped === undefined) {
    const file = jsonFile("phrase-ranker.json") as Record<"column" | "table" | "columnCurve" | "tableCurve", unknown>;
    shipped = {
      column: readForest(file.column),
      table: readForest(file.table),
      columnCurve: readCurve(file.columnCurve),
      tableCurve: readCurve(file.tableCurve),
    };
  }
  return shipped;
}

/** How many of the question's best columns are candidates for each of its phrases. */
const fromQuestion = 40;

/** A phrase laid out over an index; `question` is the sentence it stands in, `pinned` are tables that the caller named. */
export function layPhrase(
  index: TermIndex,
  text: string,
  question: string | undefined,
  pinned: ReadonlySet<number> = new Set(),
): { readonly context: PhraseContext; readonly columns: readonly number[] } {
  const ranking = question === undefined ? undefined : rankQuestion(index, question);
  const phrase = ask(index, text, shippedAssociations());
  const inPinned = [...pinned].flatMap((t) => columnsOfTable(index, t)).slice(0, maxPinnedColumns);
  const also = [...(ranking?.ranked.slice(0, fromQuestion) ?? []), ...inPinned];
  const { columns, tables } = candidatesFor(index, phrase, also);
  return { context: phraseContext(index, phrase, ranking, columns, tables), columns };
}

/** Columns of tables that the caller named are candidates, up to so many. */
const maxPinnedColumns = 400;

function columnsOfTable(index: TermIndex, table: number): readonly number[] {
  const { from, to } = index.tables[table] ?? { from: 0, to: 0 };
  return Array.from({ length: to - from }, (_, i) => from + i);
}

export function scoreColumns(context: PhraseContext, columns: readonly number[]): readonly Scored[] {
  const { column, columnCurve } = model();
  return scored(context, columns, phraseColumnNames.length, writePhraseColumn, column, columnCurve);
}

export function scoreTables(context: PhraseContext, tables: readonly number[]): readonly Scored[] {
  const { table, tableCurve } = model();
  return scored(context, tables, phraseTableNames.length, writePhraseTable, table, tableCurve);
}

/** Best first. */
function scored(
  context: PhraseContext,
  ids: readonly number[],
  width: number,
  write: typeof writePhraseColumn,
  forest: Forest,
  curve: Curve,
): readonly Scored[] {
  const rows = new Float32Array(ids.length * width);
  for (const [i, id] of ids.entries()) write(context, id, rows, i * width);
  const scores = scoreRows(forest, rows, ids.length);
  return ids
    .map((id, i) => ({ id, score: scores[i] as number, confidence: curveAt(curve, scores[i] as number) }))
    .sort((a, b) => b.score - a.score || a.id - b.id);
}
