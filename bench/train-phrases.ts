/**
 * Trains the phrase rankers (columns, tables, stored values) on top of the question ranker, with databases held out in folds all the way down: a phrase's
 * question is ranked by a model that never saw its database. Some phrases stand without their question, some come from another database and have no answer.
 */

import { ask } from "../src/terms/asked.js";
import { type Curve, curveAt } from "../src/terms/calibration.js";
import { type Contender, kinds, maxContenders } from "../src/terms/kinds.js";
import {
  type PhraseContext,
  phraseColumnNames,
  phraseContext,
  writePhraseColumn,
} from "../src/terms/phrase-features.js";
import { candidateOf, isOpposite, scoreOfOpposite } from "../src/terms/phrase-ranker.js";
import { phraseTableNames, writePhraseTable } from "../src/terms/phrase-table-features.js";
import { type QuestionModel, type QuestionRanking, rankQuestion } from "../src/terms/question-ranker.js";
import { type Candidate, type Kind, laySettling, maxSettled, settlingNames } from "../src/terms/settling.js";
import { relatedWords } from "../src/terms/synonyms.js";
import type { TermIndex } from "../src/terms/term-index.js";
import type { ForestFile } from "../src/terms/trees.js";
import { valueFeatureNames, writeValueFeatures } from "../src/terms/value-features.js";
import { maxValueCandidates, valueCandidate } from "../src/terms/value-matches.js";
import { valuesLike } from "../src/terms/values.js";
import { tokensOf } from "../src/terms/words.js";
import { isDescribed } from "./described-views.js";
import { seeded, usualForest } from "./forest-training.js";
import { areaUnderCurve, calibration, interval, mean } from "./metrics.js";
import { isRestyled } from "./restyled-views.js";
import { isWide, type PhraseCase, wide } from "./term-data.js";
import { refOf, spread, trainFolds, weightsOf, wideWeight } from "./train-questions.js";

/** A case as it is learned from: asked of a database as a thing of a kind. */
export interface Asking extends PhraseCase {
  /** Askings of one phrase as a thing of each kind; -1 where it is asked as one kind alone. */
  readonly group: number;
  readonly on: string;
  readonly as: Kind;
  /** Whether there is such a thing, or else why there is none. */
  readonly answer: "here" | "nothing here" | "another kind";
}

const withoutQuestionShare = 0.25;
const foreignShare = 0.12;
/** Of the phrases of several words this share is asked of a database that has the last of them, and not all ("refund amount" where other amounts are stored). */
const halfForeignShare = 0.08;
/** Databases that are looked at for one that has the last word alone. */
const halfForeignTries = 12;
/** Of all askings this share is asked as things of the other kinds as well. */
const everyKindShare = 0.25;
/** Of each case this share is asked of a large schema as well. */
const wideShare = 0.15;

/** The cases, a share without question and a share asked of a database where nothing fits; of all these a share as things of every kind. */
export function vary(cases: readonly PhraseCase[], indexes: ReadonlyMap<string, TermIndex>): Asking[] {
  const random = seeded(5);
  const databases = [...indexes.keys()].filter((db) => !isWide(db));
  let groups = 0;
  const asked = (
    c: PhraseCase,
    on: string,
    question: string | undefined,
    answer: "here" | "nothing here",
  ): Asking[] => {
    const own: Asking = { ...c, question, on, as: c.kind, answer, group: -1 };
    if (random() >= everyKindShare) return [own];
    const others = kinds.filter((kind) => kind !== c.kind);
    groups += 1;
    const elsewhere = answer === "here" ? "another kind" : answer;
    return [own, ...others.map((as): Asking => ({ ...own, as, answer: elsewhere }))].map((a) => ({
      ...a,
      group: groups,
    }));
  };
  return cases.flatMap((c): Asking[] => {
    const answer = c.gold === "" ? "nothing here" : "here";
    const here = (question: string | undefined) => [
      ...asked(c, c.db, question, answer),
      ...(indexes.has(wide(c.db)) && random() < wideShare ? asked(c, wide(c.db), question, answer) : []),
    ];
    const own = here(c.question);
    if (c.question !== undefined && random() < withoutQuestionShare) own.push(...here(undefined));
    const other = databases[Math.floor(random() * databases.length)] ?? c.db;
    if (random() < foreignShare && other !== c.db && isForeign(c.phrase, indexes.get(other))) {
      const question = random() < 0.5 ? undefined : c.question;
      own.push(...asked(c, other, question, "nothing here"));
      const large = indexes.get(wide(other));
      if (random() < wideShare && large !== undefined && isForeign(c.phrase, large))
        own.push(...asked(c, wide(other), question, "nothing here"));
    }
    if (c.kind === "table" && random() < attributeShare) {
      const phrase = withForeignWord(c.phrase, indexes.get(c.db), Math.floor(random() * attributes.length));
      if (phrase !== undefined) own.push(...asked({ ...c, phrase }, c.db, undefined, "nothing here"));
    }
    if (c.kind === "column" && random() < halfForeignShare) {
      const tried = Array.from({ length: halfForeignTries }, () => databases[Math.floor(random() * databases.length)]);
      const half = tried.find((db) => db !== undefined && db !== c.db && isHalfForeign(c.phrase, indexes.get(db)));
      const question = random() < 0.5 ? undefined : c.question;
      if (half !== undefined) own.push(...asked(c, half, question, "nothing here"));
    }
    return own;
  });
}

/** Words that say what is asked of a thing, and what part of the phrases for tables is asked with one that its schema has nothing of. */
const attributes =
  "date time amount status type source code rate price cost category level reason score channel currency region".split(
    " ",
  );
const attributeShare = 0.06;

/** A phrase for a table with a word behind it that a schema has nothing of ("booking source"): neither the table nor any of its columns. */
function withForeignWord(phrase: string, index: TermIndex | undefined, place: number): string | undefined {
  const has = (lemma: string) => index?.byForm.has(lemma) === true;
  const foreign = attributes.filter((word) => !has(word) && ![...relatedWords(word).keys()].some(has));
  const word = foreign[place % Math.max(1, foreign.length)];
  return word === undefined ? undefined : `${phrase} ${word}`;
}

/** Whether a schema has the last telling word of a phrase of several, and of another nothing, not even a related word. */
function isHalfForeign(phrase: string, index: TermIndex | undefined): boolean {
  const telling = tokensOf(phrase).filter((t) => t.kind === "word" && !t.stop);
  const has = (lemma: string) => index?.byForm.has(lemma) === true;
  return (
    has(telling.at(-1)?.lemma ?? "") &&
    telling.some(({ lemma, lower }) => !has(lemma) && !has(lower) && ![...relatedWords(lemma).keys()].some(has))
  );
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
  /** As `Contender` has them. */
  readonly ids: readonly number[];
  /** As the last look sees them, their scores aside. */
  readonly candidates: readonly Candidate[];
  /** Places of those that the phrase rules out. */
  readonly opposite: ReadonlySet<number>;
}

export interface Trained {
  /** The file's shape of `KindModel`. */
  readonly model: {
    readonly forest: ForestFile;
    readonly settling: ForestFile;
    readonly asked: Curve;
  };
  /** Of phrases asked as things of every kind, by group: the best, as databases left out rank them. */
  readonly entrants: ReadonlyMap<number, Entrants>;
  readonly report: Record<string, Record<string, number>>;
}

/** What one kind's ranker has to say of a phrase. */
export interface Entrants {
  readonly asking: Asking;
  readonly contenders: readonly Contender[];
  /** The place of the one that is meant, -1 where none is. */
  readonly right: number;
}

/** Few numbers and few rows, so few trees that learn slowly: it corrects the ranker, and does not replace it. */
const settlingForest = {
  ...usualForest,
  trees: 80,
  depth: 4,
  featureShare: 0.5,
  rowShare: 0.6,
  leastWeight: 10,
  seed: 12,
};
/** What a phrase that is asked where nothing fits weighs when confidences are fitted: callers ask mostly of what there is. */
export const foreignWeight = 0.3;

export async function trainPhrases(
  kind: Kind,
  cases: readonly Asking[],
  indexes: ReadonlyMap<string, TermIndex>,
  models: readonly QuestionModel[],
  foldOf: (db: string) => number,
): Promise<Trained> {
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
      model.affinity,
    );
    const block = blockOf(kind, context, names.length);
    if (block.refs.length === 0) continue;
    blocks.push(block.x);
    const { refs, ids, candidates } = block;
    laid.push({ asking, start: rows, refs, ids, candidates, opposite: oppositesIn(kind, context, ids) });
    for (const ref of refs) {
      y.push(asking.answer === "here" && ref === goldOf(asking) ? 1 : 0);
      fold.push(foldOf(asking.on));
    }
    rows += refs.length;
  }
  const x = joined(blocks);
  process.stdout.write(`${kind}: ${laid.length} cases, ${rows} rows of ${names.length}\n`);
  const options = { ...usualForest, seed: 9, leastWeight: 4 };
  const met = (names as readonly string[]).indexOf(kind === "value" ? "likeness" : "name.exact");
  const use = spread(
    [...laid.map((l) => l.start), rows],
    (row) => y[row] as number,
    (row) => x[row * names.length + met] ?? 0,
  );
  const { outOfFold, whole } = await trainFolds(
    x,
    Float32Array.from(y),
    Uint8Array.from(fold),
    models.length,
    names,
    options,
    use,
    weightsOf([...laid.map((l) => l.start), rows], (i) => (isWide(laid[i]?.asking.on ?? "") ? wideWeight : 1)),
  );
  const final = await settleFolds(kind, laid, x, names, outOfFold, y, fold, models.length);
  const shown = laid.filter(isOfItsKind).flatMap((l) =>
    rankedRows(l, final.outOfFold)
      .slice(0, 5)
      .map((r) => ({
        log: final.outOfFold[r] as number,
        right: (y[r] as number) > 0.5,
        weight: l.asking.answer === "here" ? 1 : foreignWeight,
      })),
  );
  const asked = isotonic(shown);
  const model = { forest: slim(whole), settling: slim(final.whole), asked };
  const entrants = entrantsOf(laid, final.outOfFold, x, names.length);
  return { model, entrants, report: reportOf(laid.filter(isOfItsKind), final.outOfFold, asked, indexes) };
}

const isOfItsKind = ({ asking }: Laid): boolean => asking.as === asking.kind;

function entrantsOf(
  laid: readonly Laid[],
  logs: Float32Array,
  x: Float32Array,
  width: number,
): ReadonlyMap<number, Entrants> {
  return new Map(
    laid
      .filter(({ asking }) => asking.group >= 0)
      .map((l) => {
        const rows = rankedRows(l, logs).slice(0, maxContenders);
        const contenders = rows.map((row) => ({
          id: l.ids[row - l.start] as number,
          score: logs[row] as number,
          numbers: x.slice(row * width, (row + 1) * width),
        }));
        const gold = l.asking.answer === "here" ? goldOf(l.asking) : undefined;
        const right = rows.findIndex((row) => l.refs[row - l.start] === gold);
        return [l.asking.group, { asking: l.asking, contenders, right }];
      }),
  );
}

/** Blocks of rows, one after the other. */
export function joined(blocks: readonly Float32Array[]): Float32Array {
  const rows = new Float32Array(blocks.reduce((length, block) => length + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    rows.set(block, at);
    at += block.length;
  }
  return rows;
}

/** Trains the last look on the ranker's out-of-fold scores; what it gives for rows beyond it follows in their order. */
async function settleFolds(
  kind: Kind,
  laid: readonly Laid[],
  x: Float32Array,
  names: readonly string[],
  logs: Float32Array,
  y: readonly number[],
  fold: readonly number[],
  folds: number,
): Promise<{ readonly outOfFold: Float32Array; readonly whole: ForestFile }> {
  const own = settlingNames(kind);
  const picked: number[] = [];
  const blocks: Float32Array[] = [];
  for (const l of laid) {
    const rows = rankedRows(l, logs);
    picked.push(...rows.slice(0, maxSettled));
    const candidates = rows.map((row) => ({
      ...(l.candidates[row - l.start] as Candidate),
      row: row - l.start,
      log: logs[row] as number,
    }));
    const end = l.start + l.refs.length;
    blocks.push(laySettling(kind, candidates, names, x.subarray(l.start * names.length, end * names.length)));
  }
  const rows = joined(blocks);
  const trained = await trainFolds(
    rows,
    Float32Array.from(picked, (r) => y[r] as number),
    Uint8Array.from(picked, (r) => fold[r] as number),
    folds,
    own,
    settlingForest,
  );
  const outOfFold = logs.map((log) => log - 100);
  for (const [i, r] of picked.entries()) outOfFold[r] = trained.outOfFold[i] as number;
  for (const { start, opposite } of laid)
    for (const place of opposite) outOfFold[start + place] = scoreOfOpposite(outOfFold[start + place] as number);
  return { outOfFold, whole: trained.whole };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const goldOf = (c: Asking): string => (c.kind === "value" ? `${c.gold}=${(c.value ?? "").toLowerCase()}` : c.gold);

function blockOf(
  kind: Kind,
  context: PhraseContext,
  width: number,
): { readonly x: Float32Array } & Pick<Laid, "refs" | "ids" | "candidates"> {
  const { index } = context;
  if (kind === "value") {
    const hits = valuesLike(index, context.phrase.text, maxValueCandidates);
    const x = new Float32Array(hits.length * width);
    for (const [i, hit] of hits.entries()) writeValueFeatures(context, hits, hit, x, i * width);
    return {
      x,
      refs: hits.map((h) => `${refOf(index, h.column)}=${String(h.stored).toLowerCase()}`),
      ids: hits.map((h) => h.column),
      candidates: hits.map((h, i) => valueCandidate(index, h, i, 0)),
    };
  }
  const ids = (kind === "column" ? index.columns : index.tables).map((d) => d.id);
  const x = new Float32Array(ids.length * width);
  const write = kind === "column" ? writePhraseColumn : writePhraseTable;
  for (const id of ids) write(context, id, x, id * width);
  return {
    x,
    ids,
    refs: ids.map((id) => (kind === "column" ? refOf(index, id) : (index.tables[id]?.name ?? "").toLowerCase())),
    candidates: ids.map((id, i) => candidateOf(index, kind, id, i, 0)),
  };
}

function oppositesIn(kind: Kind, context: PhraseContext, ids: readonly number[]): ReadonlySet<number> {
  return new Set(kind === "value" ? [] : [...ids.keys()].filter((i) => isOpposite(context, kind, ids[i] as number)));
}

function rankedRows(l: Laid, logs: Float32Array): number[] {
  return l.refs.map((_, i) => l.start + i).sort((a, b) => (logs[b] as number) - (logs[a] as number) || a - b);
}

/** Pool-adjacent-violators over about 200 groups of equal size (Robertson, Wright, Dykstra 1988). */
export function isotonic(
  cases: readonly { readonly log: number; readonly right: boolean; readonly weight?: number }[],
): Curve {
  const sorted = cases.toSorted((a, b) => a.log - b.log);
  const size = Math.max(20, Math.ceil(sorted.length / 200));
  const pools: { log: number; right: number; n: number }[] = [];
  for (let i = 0; i < sorted.length; i += size) {
    const part = sorted.slice(i, i + size);
    const n = sum(part.map((c) => c.weight ?? 1));
    pools.push({
      log: sum(part.map((c) => (c.weight ?? 1) * c.log)) / n,
      right: sum(part.map((c) => (c.right ? (c.weight ?? 1) : 0))) / n,
      n,
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

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Whether two columns are linked by keys, or are the same. */
function twins(index: TermIndex, a: string, b: string): boolean {
  const [x, y] = [
    index.columns.find((c) => refOf(index, c.id) === a),
    index.columns.find((c) => refOf(index, c.id) === b),
  ];
  return a === b || (x !== undefined && y !== undefined && x.twins >= 0 && x.twins === y.twins);
}

export function setOf({ set, on, question }: Asking): string {
  return `${set}${isDescribed(on) ? " with comments" : ""}${isRestyled(on) ? " restyled" : ""}${isWide(on) ? " wide" : ""}${question === undefined ? " alone" : ""}`;
}

interface Judgement {
  readonly db: string;
  readonly confidence: number;
  readonly right: boolean;
  /** Right, or what the same phrase means elsewhere in its question ("the names of cities and the names of counties"). */
  readonly any: boolean;
  readonly five: boolean;
  readonly twin: boolean;
}

const saidAs = ({ set, on, question, phrase }: Asking): string => JSON.stringify([set, on, question, phrase]);

function goldsOf(laid: readonly Laid[]): ReadonlyMap<string, ReadonlySet<string>> {
  const golds = new Map<string, Set<string>>();
  for (const { asking } of laid) {
    if (asking.answer !== "here") continue;
    const said = saidAs(asking);
    golds.set(said, (golds.get(said) ?? new Set()).add(goldOf(asking)));
  }
  return golds;
}

function reportOf(
  laid: readonly Laid[],
  logs: Float32Array,
  curve: Curve,
  indexes: ReadonlyMap<string, TermIndex>,
): Trained["report"] {
  const golds = goldsOf(laid);
  const groups = new Map<string, Judgement[]>();
  const [here, gone]: [number[], number[]] = [[], []];
  for (const l of laid) {
    const { asking } = l;
    const rows = rankedRows(l, logs);
    const top = logs[rows[0] as number] as number;
    const refs = rows.map((r) => l.refs[r - l.start] ?? "");
    const gold = goldOf(asking);
    const right = asking.answer === "here" && refs[0] === gold;
    (asking.answer === "here" ? here : gone).push(top);
    if (asking.answer === "nothing here") continue;
    const key = setOf(asking);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push({
      db: asking.on,
      confidence: curveAt(curve, top),
      right,
      any: golds.get(saidAs(asking))?.has(refs[0] ?? "") === true,
      five: refs.slice(0, 5).includes(gold),
      twin: twins(indexes.get(asking.on) as TermIndex, refs[0]?.split("=")[0] ?? "", asking.gold),
    });
  }
  const round = (n: number) => Number(n.toFixed(4));
  const report: Record<string, Record<string, number>> = {};
  for (const [key, cases] of groups) {
    const byDatabase = new Map<string, number[]>();
    for (const c of cases) byDatabase.set(c.db, [...(byDatabase.get(c.db) ?? []), c.right ? 1 : 0]);
    const [low, high] = interval(byDatabase);
    report[key] = {
      n: cases.length,
      at1: round(mean(cases.map((c) => (c.right ? 1 : 0)))),
      at1Low: round(low),
      at1High: round(high),
      at1Any: round(mean(cases.map((c) => (c.any ? 1 : 0)))),
      at5: round(mean(cases.map((c) => (c.five ? 1 : 0)))),
      twin: round(mean(cases.map((c) => (c.twin ? 1 : 0)))),
      ...calibration(cases),
    };
  }
  if (gone.length > 0) report["nothing here"] = { n: gone.length, auroc: round(areaUnderCurve(here, gone)) };
  return report;
}

/** A forest with its thresholds as short as single precision needs. */
export function slim(forest: ForestFile): ForestFile {
  return { ...forest, threshold: forest.threshold.map((t) => Number(t.toPrecision(7))) };
}
