/**
 * `npm run train`: trains everything that the term ranker ships with, from the development sets, with databases left out for every figure that it
 * reports. Writes `src/terms/data/*.json` with their provenance. Deterministic; about ten minutes on one core.
 */

import { writeFileSync } from "node:fs";
import { columnFeatureNames } from "../src/terms/column-features.js";
import { contextFeatureNames } from "../src/terms/context-features.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import type { QuestionModel } from "../src/terms/question-ranker.js";
import { buildTermIndex, type TermIndex } from "../src/terms/term-index.js";
import type { Forest } from "../src/terms/trees.js";
import { type ForestFile, usualForest } from "./forest-training.js";
import { allWithin, averagePrecision, mean } from "./metrics.js";
import {
  foldOf as hashFold,
  otherQuestions,
  otherViews,
  type QuestionCase,
  readableTerms,
  spiderPhrases,
  spiderQuestions,
  spiderValues,
  spiderViews,
} from "./term-data.js";
import { countPairs, learnAssociations } from "./train-associations.js";
import { isotonic, type Trained, trainPhrases, vary } from "./train-phrases.js";
import { type LaidOut, layOut, layOutContext, learnable, refOf, trainFolds } from "./train-questions.js";

const folds = 5;
/** Questions, and phrases, of one database in one set that are learned from. */
const perDatabase = Number(process.env.TRAIN_QUESTIONS ?? 40);
const phrasesPerDatabase = Number(process.env.TRAIN_PHRASES ?? 40);
/** What to write: all, or the phrase rankers alone on a question ranker that ships already. */
const only = process.env.TRAIN_ONLY;
const foldOf = (db: string): number => hashFold(db, folds);
const say = (text: string): void => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);

function main(): void {
  const index = (views: ReturnType<typeof spiderViews>) =>
    new Map([...views].map(([db, view]) => [db, buildTermIndex(view, emptyGlossary)]));
  const plain = new Map([
    ...index(spiderViews()),
    ...index(otherViews("bull", false)),
    ...index(otherViews("science", false)),
  ]);
  const commented = new Map([...index(otherViews("bull", true)), ...index(otherViews("science", true))]);
  const cases = [
    ...fewPerDatabase(spiderQuestions(), perDatabase),
    ...fewPerDatabase(otherQuestions("bull"), 2 * perDatabase),
    ...otherQuestions("science"),
  ].filter((q) => plain.has(q.db));
  const indexOf = (q: QuestionCase, i: number) =>
    ((i % 2 === 0 ? commented.get(q.db) : undefined) ?? plain.get(q.db)) as TermIndex;
  say(`${cases.length} questions over ${new Set(cases.map((q) => q.db)).size} databases`);
  const known = (q: QuestionCase) => plain.get(q.db);
  const counts = Array.from({ length: folds }, (_, f) =>
    countPairs(
      cases.filter((q) => foldOf(q.db) === f),
      known,
    ),
  );
  const associations = counts.map((_, f) => learnAssociations(counts.filter((_, other) => other !== f)));
  const all = learnAssociations(counts);
  write("associations.json", {
    provenance: provenance(cases),
    pairs: Object.fromEntries([...all].map(([w, o]) => [w, Object.fromEntries(o)])),
  });
  say("associations learned");
  const laid = layOut(cases, indexOf, foldOf, associations);
  say(`${laid.y.length} rows of ${columnFeatureNames.length}`);
  const use = learnable(laid);
  const first = trainFolds(laid.x, laid.y, laid.fold, folds, columnFeatureNames, usualForest, undefined, use);
  report("first look", laid, first.outOfFold);
  const x2 = layOutContext(laid, first.outOfFold, foldOf, associations);
  say("second look laid out");
  const second = trainFolds(
    x2,
    laid.y,
    laid.fold,
    folds,
    contextFeatureNames,
    { ...usualForest, seed: 8 },
    undefined,
    use,
  );
  report("second look", laid, second.outOfFold);
  const curve = isotonic(
    Array.from(second.outOfFold, (log, i) => ({ log, right: (laid.y[i] as number) === 1 })).filter((c) => c.log > -5),
  );
  write("question-ranker.json", {
    provenance: { ...provenance(cases), heldOut: scores(laid, second.outOfFold) },
    curve,
    first: slim(first.whole),
    second: slim(second.whole),
  });
  const models = associations.map(
    (own, f): QuestionModel => ({
      associations: own,
      first: first.forests[f] as Forest,
      second: second.forests[f] as Forest,
      curve,
    }),
  );
  phrases(plain, models);
}

/** The phrase rankers, each over the phrases of its kind. */
function phrases(plain: ReadonlyMap<string, TermIndex>, models: readonly QuestionModel[]): void {
  const all = vary(
    fewPerDatabase([...spiderPhrases(), ...readableTerms(), ...spiderValues()], phrasesPerDatabase),
    plain,
  );
  const train = (kind: "column" | "table" | "value") => {
    const trained = trainPhrases(
      kind,
      all.filter((c) => c.kind === kind),
      plain,
      models,
      foldOf,
    );
    for (const [set, numbers] of Object.entries(trained.report))
      say(`${kind} ${set.padEnd(16)} ${JSON.stringify(numbers)}`);
    return trained;
  };
  if (only === undefined) shipValues(train("value"), origin(all));
  const table = train("table");
  const column = train("column");
  write("phrase-ranker.json", {
    provenance: { ...origin(all), heldOut: { column: column.report, table: table.report } },
    columnCurve: column.curve,
    tableCurve: table.curve,
    column: slim(column.forest),
    table: slim(table.forest),
  });
}

function shipValues(value: Trained, from: object): void {
  write("value-ranker.json", {
    provenance: { ...from, heldOut: value.report },
    curve: value.curve,
    forest: slim(value.forest),
  });
}

/** A forest with its thresholds as short as single precision needs. */
function slim(forest: ForestFile): ForestFile {
  return { ...forest, threshold: forest.threshold.map((t) => Number(t.toPrecision(7))) };
}

/** A spread of at most `most` questions of each database and set: databases teach, their hundredth question hardly. */
function fewPerDatabase<T extends { readonly db: string; readonly set: string }>(
  cases: readonly T[],
  most: number,
): T[] {
  const groups = new Map<string, T[]>();
  for (const c of cases) groups.set(`${c.set} ${c.db}`, [...(groups.get(`${c.set} ${c.db}`) ?? []), c]);
  return [...groups.values()].flatMap((group) => {
    const step = Math.max(1, group.length / most);
    return Array.from({ length: Math.min(most, group.length) }, (_, i) => group[Math.floor(i * step)] as T);
  });
}

function provenance(cases: readonly QuestionCase[]): object {
  return { ...origin(cases), options: usualForest };
}

/** Where weights come from: the sets with counts, databases, day and seed. */
function origin(cases: readonly { readonly set: string; readonly db: string }[]): object {
  const sets: Record<string, number> = {};
  for (const q of cases) sets[q.set] = (sets[q.set] ?? 0) + 1;
  const date = new Date().toISOString().slice(0, 10);
  return {
    script: "bench/train.ts",
    date,
    seed: usualForest.seed,
    sets,
    databases: new Set(cases.map((q) => q.db)).size,
    folds,
  };
}

function write(name: string, body: object): void {
  if (only !== undefined && !name.startsWith(only)) return;
  writeFileSync(new URL(`../src/terms/data/${name}`, import.meta.url), `${JSON.stringify(body)}\n`);
}

function scores(laid: LaidOut, logs: Float32Array): Record<string, Record<string, number>> {
  const sets: Record<string, Record<string, number>> = {};
  for (const set of ["spider", "syn", "bull", "science"]) {
    const found = laid.cases.flatMap((q, i) => {
      if (q.set !== set) return [];
      const index = laid.indexes[i] as TermIndex;
      const start = laid.starts[i] as number;
      const ranked = index.columns
        .map((c) => c.id)
        .sort((a, b) => (logs[start + b] as number) - (logs[start + a] as number))
        .map((id) => refOf(index, id));
      return [{ ranked, telling: new Set(q.telling), all: new Set(q.columns) }];
    });
    const round = (n: number) => Number(n.toFixed(4));
    const told = found.filter((f) => f.telling.size > 0);
    sets[set] = {
      n: found.length,
      map: round(mean(told.map((f) => averagePrecision(f.ranked, f.telling)))),
      at5: round(mean(told.map((f) => (allWithin(f.ranked, f.telling, 5) ? 1 : 0)))),
      at10: round(mean(told.map((f) => (allWithin(f.ranked, f.telling, 10) ? 1 : 0)))),
      mapAll: round(mean(found.map((f) => averagePrecision(f.ranked, f.all)))),
      at5All: round(mean(found.map((f) => (allWithin(f.ranked, f.all, 5) ? 1 : 0)))),
      at10All: round(mean(found.map((f) => (allWithin(f.ranked, f.all, 10) ? 1 : 0)))),
    };
  }
  return sets;
}

function report(title: string, laid: LaidOut, logs: Float32Array): void {
  for (const [set, numbers] of Object.entries(scores(laid, logs)))
    say(`${title} ${set.padEnd(8)} ${JSON.stringify(numbers)}`);
}

main();
