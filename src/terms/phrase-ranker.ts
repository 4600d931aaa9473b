/**
 * Columns and tables that a phrase may mean, best first, alone or within its question: boosted trees over `phrase-features.ts`
 * and `phrase-table-features.ts`, trained by `bench/train.ts`, and calibrated. Pure.
 */

import { shippedAffinity } from "./affinities.js";
import { ask } from "./asked.js";
import { shippedAssociations } from "./associations.js";
import { curveAt } from "./calibration.js";
import { candidatesFor } from "./candidates.js";
import { jsonFile } from "./data-files.js";
import type { Contender } from "./kinds.js";
import { saysOpposite } from "./opposites.js";
import { type PhraseContext, phraseContext, writePhraseColumn } from "./phrase-features.js";
import { writePhraseTable } from "./phrase-table-features.js";
import { rankQuestion } from "./question-ranker.js";
import { Recent } from "./recent.js";
import { type Candidate, type KindModel, readKindModel, settle } from "./settling.js";
import { columnsOfTable, type TermIndex } from "./term-index.js";
import { scoreRows } from "./trees.js";

export interface Scored extends Contender {
  /** Calibrated probability in [0, 1] where the phrase is known to mean a thing of this kind. */
  readonly confidence: number;
  /** Whether the phrase rules it out. */
  readonly opposite?: boolean;
}

let shipped: { readonly column: KindModel; readonly table: KindModel } | undefined;

function model() {
  if (shipped === undefined) {
    const file = jsonFile("phrase-ranker.json") as Record<"column" | "table", unknown>;
    shipped = { column: readKindModel(file.column), table: readKindModel(file.table) };
  }
  return shipped;
}

/** How many of the question's best columns are candidates for each of its phrases. */
const fromQuestion = 40;

interface LaidPhrase {
  readonly context: PhraseContext;
  readonly columns: readonly number[];
}

/** The last 16 phrases of an index: whoever asks what one means among columns asks among tables and values too. */
const recent = new Recent<LaidPhrase>(16);

/** A phrase laid out over an index; `question` is the sentence it stands in, `pinned` are tables that the caller named. Remembers the last few. */
export function layPhrase(
  index: TermIndex,
  text: string,
  question: string | undefined,
  pinned: ReadonlySet<number> = new Set(),
): LaidPhrase {
  const key = JSON.stringify([text, question, [...pinned]]);
  return recent.of(index, key, () => layAnew(index, text, question, pinned));
}

function layAnew(
  index: TermIndex,
  text: string,
  question: string | undefined,
  pinned: ReadonlySet<number>,
): LaidPhrase {
  const ranking = question === undefined ? undefined : rankQuestion(index, question);
  const phrase = ask(index, text, shippedAssociations());
  const inPinned = [...pinned].flatMap((t) => columnsOfTable(index, t)).slice(0, maxPinnedColumns);
  const also = [...(ranking?.ranked.slice(0, fromQuestion) ?? []), ...inPinned];
  const { columns, tables } = candidatesFor(index, phrase, also);
  return { context: phraseContext(index, phrase, ranking, columns, tables, shippedAffinity()), columns };
}

/** Columns of tables that the caller named are candidates, up to so many. */
const maxPinnedColumns = 400;

/** Columns best first. */
export function scoreColumns(context: PhraseContext, columns: readonly number[]): readonly Scored[] {
  return scored("column", context, columns);
}

/** Tables best first. */
export function scoreTables(context: PhraseContext, tables: readonly number[]): readonly Scored[] {
  return scored("table", context, tables);
}

function scored(kind: "column" | "table", context: PhraseContext, ids: readonly number[]): readonly Scored[] {
  const kindModel = model()[kind];
  const write = kind === "column" ? writePhraseColumn : writePhraseTable;
  const width = kindModel.forest.features.length;
  const rows = new Float32Array(ids.length * width);
  for (const [i, id] of ids.entries()) write(context, id, rows, i * width);
  const logs = scoreRows(kindModel.forest, rows, ids.length);
  const order = ids.map((_, i) => i).sort((a, b) => (logs[b] as number) - (logs[a] as number) || a - b);
  const candidates = order.map((row) => candidateOf(context.index, kind, ids[row] ?? -1, row, logs[row] as number));
  return settle(kindModel, kind, candidates, rows)
    .map(({ score: settled, confidence }, i) => {
      const row = order[i] ?? -1;
      const id = ids[row] ?? -1;
      const isOut = isOpposite(context, kind, id);
      const score = isOut ? scoreOfOpposite(settled) : settled;
      return {
        id,
        score,
        confidence: isOut ? curveAt(kindModel.asked, score) : confidence,
        opposite: isOut,
        numbers: rows.subarray(row * width, (row + 1) * width),
      };
    })
    .sort((a, b) => b.score - a.score || a.id - b.id);
}

/** Log-odds of what a phrase rules out. */
const mostOfOpposite = -6;
/** Of two such the likelier still comes first. */
const keptOrder = 0.001;

export const scoreOfOpposite = (score: number): number => Math.min(score, mostOfOpposite) + keptOrder * score;

/** Whether a phrase rules a column or table out. A column is also what its table is: `students.name` is no teacher's. */
export function isOpposite({ index, phrase, ruledOut }: PhraseContext, kind: "column" | "table", id: number): boolean {
  const column = kind === "column" ? index.columns[id] : undefined;
  const table = index.tables[column?.table ?? id];
  if (ruledOut === undefined || table === undefined) return false;
  if (column === undefined) return saysOpposite(index, phrase, ruledOut, [table.doc], [table.comment]);
  return saysOpposite(index, phrase, ruledOut, [column.doc, table.doc], [column.comment, table.comment]);
}

/** A column or table as the last look sees it. */
export function candidateOf(
  index: TermIndex,
  kind: "column" | "table",
  id: number,
  row: number,
  log: number,
): Candidate {
  const column = kind === "column" ? index.columns[id] : undefined;
  const name = column?.name ?? index.tables[id]?.name ?? "";
  return { row, log, name: name.toLowerCase(), twins: column?.twins ?? -1 };
}
