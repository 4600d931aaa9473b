/**
 * `npm run train`: trains everything that the term ranker ships with, from the development sets, with databases left out for every figure that it
 * reports. Writes `src/terms/data/*.json` with their provenance. Deterministic; about half an hour on two cores.
 */

import { writeFileSync } from "node:fs";
import type { AffinityModel } from "../src/terms/affinities.js";
import { columnFeatureNames } from "../src/terms/column-features.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import { tableFeatureNames } from "../src/terms/needed-tables.js";
import type { QuestionModel } from "../src/terms/question-ranker.js";
import { secondFeatureNames } from "../src/terms/second-features.js";
import { setFeatureNames } from "../src/terms/set-features.js";
import { buildTermIndex, type TermIndex } from "../src/terms/term-index.js";
import type { Forest } from "../src/terms/trees.js";
import { described, describedViews, isDescribed, sentences } from "./described-views.js";
import { usualForest } from "./forest-training.js";
import { allWithin, averagePrecision, interval, mean } from "./metrics.js";
import { numberPhrases } from "./number-phrases.js";
import type { Renamed } from "./renamed-views.js";
import { isRestyled, restyled, restyledViews } from "./restyled-views.js";
import {
  describedTerms,
  foldOf as hashFold,
  isWide,
  narrow,
  otherQuestions,
  otherViews,
  type PhraseCase,
  type QuestionCase,
  qualifiedTerms,
  readableTerms,
  shortened,
  spiderPhrases,
  spiderQuestions,
  spiderValues,
  spiderViews,
  wide,
  wideViews,
} from "./term-data.js";
import { affinitySeed } from "./train-affinities.js";
import { countPairs, learnAssociations } from "./train-associations.js";
import { trainKinds } from "./train-kinds.js";
import { isotonic, slim, trainPhrases, vary } from "./train-phrases.js";
import {
  type AffinityText,
  type Judged,
  type LaidOut,
  layOut,
  layOutSecond,
  layOutSets,
  layOutTables,
  learnAffinities,
  learnable,
  refOf,
  type SetRows,
  type TableRows,
  trainFolds,
  wantedBy,
  weighedAt,
  weightsOf,
  wideWeight,
} from "./train-questions.js";
import { withoutSignals } from "./train-signals.js";

const folds = 5;
/** Questions, and phrases, of one database in one set that are learned from. */
const perDatabase = Number(process.env.TRAIN_QUESTIONS ?? 40);
const phrasesPerDatabase = Number(process.env.TRAIN_PHRASES ?? 120);
/** Made-up descriptions that are asked for, half of them where they stand as comments, with a word or two left out. */
const sentencesPerDatabase = 24;
const foldOf = (db: string): number => hashFold(narrow(db), folds);
/** Every so many questions are asked of a large schema as well; its columns, from the least to the most. */
const wideEvery = 4;
const wideColumns = [120, 500] as const;
/** Every so many questions and phrases are asked of the same database with comments as well. */
const describedEvery = 4;
/** Tables are few: smaller trees, and fewer of them. */
const tableForest = { ...usualForest, trees: 200, depth: 5, rate: 0.06, seed: 10 };
const setForest = { ...usualForest, trees: 250, depth: 5, rate: 0.05, seed: 12 };
const say = (text: string): void => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);

async function main(): Promise<void> {
  const index = (views: Renamed["views"]) =>
    new Map([...views].map(([db, view]) => [db, buildTermIndex(view, emptyGlossary)]));
  const spider = spiderViews();
  const documented = describedViews(spider);
  const otherwise = restyledViews(spider);
  const plain = new Map([
    ...index(spider),
    ...index(wideViews(spider, foldOf, wideColumns)),
    ...index(documented.views),
    ...index(wideViews(documented.views, foldOf, wideColumns)),
    ...index(otherwise.views),
    ...index(wideViews(otherwise.views, foldOf, wideColumns)),
    ...index(otherViews("bull", false)),
    ...index(otherViews("science", false)),
  ]);
  const commented = new Map([...index(otherViews("bull", true)), ...index(otherViews("science", true))]);
  const cases = [
    ...fewPerDatabase(spiderQuestions(), perDatabase),
    ...fewPerDatabase(otherQuestions("bull"), 2 * perDatabase),
    ...otherQuestions("science"),
  ]
    .filter((q) => plain.has(q.db))
    .flatMap((q, i) => {
      if (i % wideEvery === 0 && plain.has(wide(q.db))) return [q, { ...q, db: wide(q.db) }];
      if (i % describedEvery === 1 && documented.renamed.has(q.db))
        return [q, renamedQuestion(q, documented, described(q.db))];
      return i % describedEvery === 3 && otherwise.renamed.has(q.db)
        ? [q, renamedQuestion(q, otherwise, restyled(q.db))]
        : [q];
    });
  const indexOf = (q: QuestionCase, i: number) =>
    ((i % 2 === 0 ? commented.get(q.db) : undefined) ?? plain.get(q.db)) as TermIndex;
  say(`${cases.length} questions over ${new Set(cases.map((q) => q.db)).size} databases`);
  const known = (q: QuestionCase) => plain.get(q.db);
  const counts = Array.from({ length: folds }, (_, f) =>
    countPairs(
      cases.filter((q) => foldOf(q.db) === f && !isDescribed(q.db) && !isRestyled(q.db)),
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
  const texts = affinityTexts(documented, plain);
  const affinities = await learnAffinities(texts, foldOf, folds);
  write("affinities.json", {
    provenance: { ...origin(texts), seed: affinitySeed },
    numbers: [...affinities.whole].map((n) => Number(n.toPrecision(4))),
  });
  say("affinities learned");
  const laid = layOut(cases, indexOf, foldOf, associations, affinities.models);
  say(`${laid.y.length} rows of ${columnFeatureNames.length}`);
  const use = learnable(laid);
  const caseWeight = (i: number) => (isWide(cases[i]?.db ?? "") ? wideWeight : 1);
  const weight = weightsOf(laid.starts, caseWeight);
  const first = await trainFolds(laid.x, laid.y, laid.fold, folds, columnFeatureNames, usualForest, use, weight);
  report("first look", laid, first.outOfFold);
  const signals: Record<string, number> = { all: scores(laid, first.outOfFold).spider?.mapAll ?? 0 };
  for (const [signal, logs] of withoutSignals(laid.x, laid.fold, columnFeatureNames, first.forests))
    signals[`without ${signal}`] = scores(laid, logs).spider?.mapAll ?? 0;
  say(`first look, mapAll by signal ${JSON.stringify(signals)}`);
  const tableRows = layOutTables(laid, first.outOfFold, foldOf);
  const tables = await trainFolds(
    tableRows.x,
    tableRows.y,
    tableRows.fold,
    folds,
    tableFeatureNames,
    tableForest,
    () => true,
    weightsOf(tableRows.starts, caseWeight),
  );
  const judgedTables = { rows: tableRows, logs: tables.outOfFold };
  const setRows = layOutSets(laid, first.outOfFold, judgedTables, foldOf);
  const sets = await trainFolds(
    setRows.x,
    setRows.y,
    setRows.fold,
    folds,
    setFeatureNames,
    setForest,
    () => true,
    weightsOf(setRows.starts, caseWeight),
  );
  const judgedSets = { rows: setRows, logs: sets.outOfFold };
  const ofTables = tableScores(laid, judgedTables, judgedSets);
  say(`tables ${JSON.stringify(ofTables)}`);
  const x2 = layOutSecond(laid, first.outOfFold, judgedTables, judgedSets);
  say("second look laid out");
  const second = await trainFolds(
    x2,
    laid.y,
    laid.fold,
    folds,
    secondFeatureNames,
    { ...usualForest, seed: 8 },
    use,
    weight,
  );
  report("second look", laid, second.outOfFold);
  const curve = isotonic(
    Array.from(second.outOfFold, (log, i) => ({ log, right: (laid.y[i] as number) === 1 })).filter((c) => c.log > -5),
  );
  write("question-ranker.json", {
    provenance: {
      ...provenance(cases),
      heldOut: scores(laid, second.outOfFold),
      tables: ofTables,
      signals,
    },
    curve,
    first: slim(first.whole),
    tables: slim(tables.whole),
    sets: slim(sets.whole),
    second: slim(second.whole),
  });
  const models = associations.map(
    (own, f): QuestionModel => ({
      associations: own,
      affinity: affinities.models[f] as AffinityModel,
      first: first.forests[f] as Forest,
      tables: tables.forests[f] as Forest,
      sets: sets.forests[f] as Forest,
      second: second.forests[f] as Forest,
      curve,
    }),
  );
  await phrases(plain, models, spider, documented, otherwise);
}

/** What affinities are learned from: all questions and the phrases for columns, some of each where the columns have comments. */
function affinityTexts(documented: Renamed, plain: ReadonlyMap<string, TermIndex>): readonly AffinityText[] {
  const questions = [
    ...spiderQuestions(),
    ...fewPerDatabase(otherQuestions("bull"), 2 * perDatabase),
    ...otherQuestions("science"),
  ];
  const phrases = fewPerDatabase([...spiderPhrases(), ...readableTerms()], phrasesPerDatabase).filter(
    (c) => c.kind === "column",
  );
  const alsoDescribed = <T extends { readonly db: string }>(all: readonly T[], as: (one: T) => T) =>
    all.flatMap((one, i) => (i % describedEvery === 1 && documented.renamed.has(one.db) ? [one, as(one)] : [one]));
  const known = ({ db }: { readonly db: string }) => plain.has(db);
  return [
    ...alsoDescribed(questions.filter(known), (q) => renamedQuestion(q, documented, described(q.db))).map((q) => ({
      set: q.set,
      text: q.question,
      ...wantedBy(q),
    })),
    ...alsoDescribed(phrases.filter(known), (c) => renamedPhrase(c, documented, described(c.db))).map((c) => ({
      set: c.set,
      text: c.phrase,
      ...wantedBy({ db: c.db, telling: [c.gold], columns: [c.gold] }),
    })),
  ].map((text) => ({ ...text, index: plain.get(text.db) as TermIndex }));
}

/** A question of a database as it stands under the name `db`. */
function renamedQuestion(q: QuestionCase, { renamed }: Renamed, db: string): QuestionCase {
  const refs = renamed.get(q.db);
  const now = (ref: string) => refs?.get(ref) ?? ref;
  return {
    ...q,
    db,
    tables: q.tables.map(now),
    columns: q.columns.map(now),
    telling: q.telling.map(now),
  };
}

function renamedPhrase(c: PhraseCase, { renamed }: Renamed, db: string): PhraseCase {
  return { ...c, db, gold: renamed.get(c.db)?.get(c.gold) ?? c.gold };
}

/** The phrase rankers, each over the phrases of its kind. */
async function phrases(
  plain: ReadonlyMap<string, TermIndex>,
  models: readonly QuestionModel[],
  spider: ReturnType<typeof spiderViews>,
  documented: Renamed,
  otherwise: Renamed,
): Promise<void> {
  const withComments = (c: PhraseCase) => renamedPhrase(c, documented, described(c.db));
  const all = vary(
    [
      ...fewPerDatabase([...spiderPhrases(), ...readableTerms(), ...spiderValues()], phrasesPerDatabase),
      ...fewPerDatabase([...qualifiedTerms(spider), ...numberPhrases(spider)], phrasesPerDatabase / 2),
    ]
      .flatMap((c, i) => {
        if (i % describedEvery === 1) return [c, withComments(c)];
        return i % describedEvery === 3 ? [c, renamedPhrase(c, otherwise, restyled(c.db))] : [c];
      })
      .concat(
        fewPerDatabase(describedTerms(), phrasesPerDatabase).flatMap((c) => [c, withComments(c)]),
        fewPerDatabase(sentences(documented), sentencesPerDatabase).map((c, i) =>
          i % 2 === 0 ? c : withComments({ ...c, phrase: shortened(c.phrase, i) }),
        ),
      ),
    plain,
  );
  const train = async (kind: "column" | "table" | "value") => {
    const trained = await trainPhrases(
      kind,
      all.filter((c) => c.as === kind),
      plain,
      models,
      foldOf,
    );
    for (const [set, numbers] of Object.entries(trained.report))
      say(`${kind} ${set.padEnd(16)} ${JSON.stringify(numbers)}`);
    return trained;
  };
  const value = await train("value");
  write("value-ranker.json", { provenance: { ...origin(all), heldOut: value.report }, value: value.model });
  const table = await train("table");
  const column = await train("column");
  const entrants = { column: column.entrants, table: table.entrants, value: value.entrants };
  const kinds = await trainKinds(entrants, all, plain, foldOf, folds);
  for (const [set, numbers] of Object.entries(kinds.report)) say(`kinds ${set.padEnd(24)} ${JSON.stringify(numbers)}`);
  write("phrase-ranker.json", {
    provenance: { ...origin(all), heldOut: { column: column.report, table: table.report, kinds: kinds.report } },
    column: column.model,
    table: table.model,
    kinds: kinds.model,
  });
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
  writeFileSync(new URL(`../src/terms/data/${name}`, import.meta.url), `${JSON.stringify(body)}\n`);
}

const setOf = (q: QuestionCase): string =>
  `${q.set}${isDescribed(q.db) ? " with comments" : ""}${isRestyled(q.db) ? " restyled" : ""}${isWide(q.db) ? " wide" : ""}`;
const reportedSets = [
  "spider", "spider wide", "spider with comments", "spider restyled", "syn", "syn wide", "syn with comments", "syn restyled", "bull", "science",
] as const; // biome-ignore format: a list of names

function scores(laid: LaidOut, logs: Float32Array): Record<string, Record<string, number>> {
  const sets: Record<string, Record<string, number>> = {};
  for (const set of reportedSets) {
    const found = laid.cases.flatMap((q, i) => {
      if (setOf(q) !== set) return [];
      const index = laid.indexes[i] as TermIndex;
      const start = laid.starts[i] as number;
      const ranked = index.columns
        .map((c) => c.id)
        .sort((a, b) => (logs[start + b] as number) - (logs[start + a] as number))
        .map((id) => refOf(index, id));
      return [{ db: q.db, ranked, telling: new Set(q.telling), all: new Set(q.columns) }];
    });
    const round = (n: number) => Number(n.toFixed(4));
    const told = found.filter((f) => f.telling.size > 0);
    const byDatabase = new Map<string, number[]>();
    for (const f of found) byDatabase.set(f.db, [...(byDatabase.get(f.db) ?? []), averagePrecision(f.ranked, f.all)]);
    const [low, high] = interval(byDatabase);
    sets[set] = {
      n: found.length,
      map: round(mean(told.map((f) => averagePrecision(f.ranked, f.telling)))),
      at5: round(mean(told.map((f) => (allWithin(f.ranked, f.telling, 5) ? 1 : 0)))),
      at10: round(mean(told.map((f) => (allWithin(f.ranked, f.telling, 10) ? 1 : 0)))),
      mapAll: round(mean(found.map((f) => averagePrecision(f.ranked, f.all)))),
      mapAllLow: round(low),
      mapAllHigh: round(high),
      at5All: round(mean(found.map((f) => (allWithin(f.ranked, f.all, 5) ? 1 : 0)))),
      at10All: round(mean(found.map((f) => (allWithin(f.ranked, f.all, 10) ? 1 : 0)))),
      fitsIn5: round(mean(found.map((f) => (f.all.size <= 5 ? 1 : 0)))),
    };
  }
  return sets;
}

/**
 * Share of questions whose tables are exactly those above one half, and exactly the likeliest set; mean average precision of tables by themselves and by the
 * sets that hold them.
 */
function tableScores(
  laid: LaidOut,
  tables: Judged<TableRows>,
  sets: Judged<SetRows>,
): Record<string, Record<string, number>> {
  const scored: Record<string, Record<string, number>> = {};
  const { starts } = tables.rows;
  for (const set of reportedSets) {
    const found = laid.cases.flatMap((q, i) => {
      if (setOf(q) !== set) return [];
      const own = tables.logs.subarray(starts[i] as number, starts[i + 1]);
      const gold = tables.rows.y.subarray(starts[i] as number, starts[i + 1]);
      const weighed = weighedAt(laid.indexes[i] as TermIndex, sets, i);
      const wanted = new Set([...gold.keys()].filter((t) => gold[t] === 1).map(String));
      const ranked = (by: Float32Array) =>
        [...by.keys()].sort((a, b) => (by[b] as number) - (by[a] as number)).map(String);
      return [
        {
          exact: own.every((log, t) => log > 0 === (gold[t] === 1)) ? 1 : 0,
          map: averagePrecision(ranked(own), wanted),
          setExact: gold.every((y, t) => (y === 1) === weighed.best.has(t)) ? 1 : 0,
          setMap: averagePrecision(ranked(weighed.tables), wanted),
        },
      ];
    });
    const share = (of: (f: (typeof found)[number]) => number) => Number(mean(found.map(of)).toFixed(4));
    scored[set] = {
      n: found.length,
      exact: share((f) => f.exact),
      map: share((f) => f.map),
      setExact: share((f) => f.setExact),
      setMap: share((f) => f.setMap),
    };
  }
  return scored;
}

function report(title: string, laid: LaidOut, logs: Float32Array): void {
  for (const [set, numbers] of Object.entries(scores(laid, logs)))
    say(`${title} ${set.padEnd(8)} ${JSON.stringify(numbers)}`);
}

await main();
