/**
 * Trains the phrase rankers (columns, tables, stored values) on top of the question ranker, with databases held out in folds all the way down: a phrase's
 * question is ranked by a model that never saw its database. Some phrases stand without their question, some come from another database and have no answer.
 */

import { ask } from "../src/terms/asked.js";
import { type Curve, curveAt } from "../src/terms/calibration.js";
import {
  type PhraseContext,
  phraseColumnNames,
  phraseContext,
  phraseTableNames,
  writePhraseColumn,
  writePhraseTable,
} from "../src/terms/phrase-features.js";
import { type QuestionModel, type QuestionRanking, rankQuestion } from "../src/terms/question-ranker.js";
import type { TermIndex } from "../src/terms/term-index.js";
import { valueFeatureNames, writeValueFeatures } from "../src/terms/value-features.js";
import { maxValueCandidates } from "../src/terms/value-matches.js";
import { valuesLike } from "../src/terms/values.js";
import { tokensOf } from "../src/terms/words.js";
import { type ForestFile, seeded, usualForest } from "./forest-training.js";
import { areaUnderCurve, calibrationError, mean } from "./metrics.js";
import type { PhraseCase } from "./term-data.js";
import { refOf, trainFolds } from "./train-questions.js";

/** A case as it is learned from: `answer` false where its schema has nothing of the kind. */
export interface Asking extends PhraseCase {
  readonly on: string;
  readonly answer: boolean;
}

const withoutQuestionShare = 0.25;
const foreignShare = 0.12;

/** The cases, a share without question and a share asked of a database where nothing fits. */
export function vary(cases: readonly PhraseCase[], indexes: ReadonlyMap<string, TermIndex>): Asking[] {
  const random = seeded(5);
  const databases = [...indexes.keys()];
  return cases.flatMap((c): Asking[] => {
    const own: Asking[] = [{ ...c, on: c.db, answer: true }];
    if (random() < withoutQuestionShare) own.push({ ...c, question: undefined, on: c.db, answer: true });
    const other = databases[Math.floor(random() * databases.length)] ?? c.db;
    if (random() < foreignShare && other !== c.db && isForeign(c.phrase, indexes.get(other))) {
      own.push({ ...c, on: other, answer: false, question: random() < 0.5 ? undefined : c.question });
    }
    return own;
  });
}

/** Whether a phrase has a telling word that no name of the schema has. */
function isForeign(phrase: string, index: TermIndex | undefined): boolean {
  return tokensOf(phrase).some(
    (t) => t.kind === "word" && !t.stop && index?.byForm.has(t.lemma) === false && !index.byForm.has(t.lower),
  );
}

interface Laid {
  readonly asking: Asking;
  readonly start: number;
  readonly refs: readonly string[];
}

export interface Trained {
  readonly forest: ForestFile;
  readonly curve: Curve;
  readonly report: Record<string, Record<string, number>>;
}

type Kind = "column" | "table" | "value";

export function trainPhrases(
  kind: Kind,
  cases: readonly Asking[],
  indexes: ReadonlyMap<string, TermIndex>,
  models: readonly QuestionModel[],
  foldOf: (db: string) => number,
): Trained {
  const names = { column: phraseColumnNames, table: phraseTableNames, value: valueFeatureNames }[kind];
  const laid: Laid[] = [];
  const blocks: Float32Array[] = [];
  const [y, fold]: [number[], number[]] = [[], []];
  let rows = 0;
  let last: { readonly key: string; readonly ranking: QuestionRanking } | undefined;
  for (const asking of cases.toSorted((a, b) =>
    compare(`${a.on}\u0000${a.question ?? ""}`, `${b.on}\u0000${b.question ?? ""}`),
  )) {
    const index = indexes.get(asking.on);
    const model = models[foldOf(asking.on)];
    if (index === undefined || model === undefined) continue;
    const key = `${asking.on}\u0000${asking.question ?? ""}`;
    if (asking.question !== undefined && last?.key !== key)
      last = { key, ranking: rankQuestion(index, asking.question, model) };
    const context = phraseContext(
      index,
      ask(index, asking.phrase, model.associations),
      asking.question === undefined ? undefined : last?.ranking,
      index.columns.map((c) => c.id),
      index.tables.map((t) => t.id),
    );
    const block = blockOf(kind, context, names.length);
    if (block.refs.length === 0) continue;
    blocks.push(block.x);
    laid.push({ asking, start: rows, refs: block.refs });
    for (const ref of block.refs) {
      y.push(asking.answer && ref === goldOf(asking) ? 1 : 0);
      fold.push(foldOf(asking.on));
    }
    rows += block.refs.length;
  }
  const x = new Float32Array(rows * names.length);
  let at = 0;
  for (const block of blocks) {
    x.set(block, at);
    at += block.length;
  }
  process.stdout.write(`${kind}: ${laid.length} cases, ${rows} rows of ${names.length}\n`);
  const options = { ...usualForest, seed: 9, leastWeight: 4 };
  const { outOfFold, whole } = trainFolds(
    x,
    Float32Array.from(y),
    Uint8Array.from(fold),
    models.length,
    names,
    options,
  );
  const curve = isotonic(
    topRows(laid, outOfFold).map((r) => ({ log: outOfFold[r] as number, right: (y[r] as number) > 0.5 })),
  );
  return { forest: whole, curve, report: reportOf(laid, outOfFold, curve, indexes) };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const goldOf = (c: Asking): string => (c.kind === "value" ? `${c.gold}=${(c.value ?? "").toLowerCase()}` : c.gold);

function blockOf(
  kind: Kind,
  context: PhraseContext,
  width: number,
): { readonly x: Float32Array; readonly refs: readonly string[] } {
  const { index } = context;
  if (kind === "value") {
    const hits = valuesLike(index, context.phrase.text, maxValueCandidates);
    const x = new Float32Array(hits.length * width);
    for (const [i, hit] of hits.entries()) writeValueFeatures(context, hits, hit, x, i * width);
    return { x, refs: hits.map((h) => `${refOf(index, h.column)}=${String(h.stored).toLowerCase()}`) };
  }
  const ids = (kind === "column" ? index.columns : index.tables).map((d) => d.id);
  const x = new Float32Array(ids.length * width);
  const write = kind === "column" ? writePhraseColumn : writePhraseTable;
  for (const id of ids) write(context, id, x, id * width);
  return {
    x,
    refs: ids.map((id) => (kind === "column" ? refOf(index, id) : (index.tables[id]?.name ?? "").toLowerCase())),
  };
}

/** Rows in order of score of each case, at most five: what callers see. */
function topRows(laid: readonly Laid[], logs: Float32Array): number[] {
  return laid.flatMap((l) => rankedRows(l, logs).slice(0, 5));
}

function rankedRows(l: Laid, logs: Float32Array): number[] {
  return l.refs.map((_, i) => l.start + i).sort((a, b) => (logs[b] as number) - (logs[a] as number) || a - b);
}

/** Pool-adjacent-violators over about 200 groups of equal size (Robertson, Wright, Dykstra 1988). */
export function isotonic(cases: readonly { readonly log: number; readonly right: boolean }[]): Curve {
  const sorted = cases.toSorted((a, b) => a.log - b.log);
  const size = Math.max(20, Math.ceil(sorted.length / 200));
  const pools: { log: number; right: number; n: number }[] = [];
  for (let i = 0; i < sorted.length; i += size) {
    const part = sorted.slice(i, i + size);
    pools.push({
      log: mean(part.map((c) => c.log)),
      right: part.filter((c) => c.right).length / part.length,
      n: part.length,
    });
    while (pools.length > 1) {
      const [a, b] = [pools.at(-2), pools.at(-1)];
      if (a === undefined || b === undefined || a.right <= b.right) break;
      pools.splice(-2, 2, {
        log: (a.log * a.n + b.log * b.n) / (a.n + b.n),
        right: (a.right * a.n + b.right * b.n) / (a.n + b.n),
        n: a.n + b.n,
      });
    }
  }
  return { at: pools.map((p) => Number(p.log.toFixed(3))), right: pools.map((p) => Number(p.right.toFixed(4))) };
}

/** Whether two columns are linked by keys, or are the same. */
function twins(index: TermIndex, a: string, b: string): boolean {
  const [x, y] = [
    index.columns.find((c) => refOf(index, c.id) === a),
    index.columns.find((c) => refOf(index, c.id) === b),
  ];
  return a === b || (x !== undefined && y !== undefined && x.twins >= 0 && x.twins === y.twins);
}

function reportOf(
  laid: readonly Laid[],
  logs: Float32Array,
  curve: Curve,
  indexes: ReadonlyMap<string, TermIndex>,
): Trained["report"] {
  const groups = new Map<string, { confidence: number; right: boolean; five: boolean; twin: boolean }[]>();
  const [here, gone]: [number[], number[]] = [[], []];
  for (const l of laid) {
    const rows = rankedRows(l, logs);
    const confidence = curveAt(curve, logs[rows[0] as number] as number);
    if (!l.asking.answer) {
      gone.push(logs[rows[0] as number] as number);
      continue;
    }
    here.push(logs[rows[0] as number] as number);
    const refs = rows.map((r) => l.refs[r - l.start] ?? "");
    const gold = goldOf(l.asking);
    const index = indexes.get(l.asking.on) as TermIndex;
    const key = `${l.asking.set}${l.asking.question === undefined ? " alone" : ""}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push({
      confidence,
      right: refs[0] === gold,
      five: refs.slice(0, 5).includes(gold),
      twin: twins(index, refs[0]?.split("=")[0] ?? "", l.asking.gold),
    });
  }
  const round = (n: number) => Number(n.toFixed(4));
  const report: Record<string, Record<string, number>> = {};
  for (const [key, cases] of groups) {
    const sure = cases.filter((c) => c.confidence >= 0.9);
    report[key] = {
      n: cases.length,
      at1: round(mean(cases.map((c) => (c.right ? 1 : 0)))),
      at5: round(mean(cases.map((c) => (c.five ? 1 : 0)))),
      twin: round(mean(cases.map((c) => (c.twin ? 1 : 0)))),
      ece: round(calibrationError(cases)),
      surePrecision: round(mean(sure.map((c) => (c.right ? 1 : 0)))),
      sureShare: round(sure.length / cases.length),
    };
  }
  if (gone.length > 0) report["nothing here"] = { n: gone.length, auroc: round(areaUnderCurve(here, gone)) };
  return report;
}
