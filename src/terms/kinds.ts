/**
 * Columns, tables and stored values that a phrase may mean, beside one another: how likely each is where the caller did not say which kind of thing is meant.
 * Boosted trees over what the rankers of the kinds say, trained by `bench/train.ts` on what they say of databases that they never saw, and then a
 * probability. Contenders of one kind keep their order. The same numbers in training and in use. Pure.
 */

import { type Curve, curveAt, readCurve } from "./calibration.js";
import { cueNames } from "./cues.js";
import { jsonFile } from "./data-files.js";
import { phraseColumnNames } from "./phrase-features.js";
import { phraseTableNames } from "./phrase-table-features.js";
import type { Kind } from "./settling.js";
import type { TermIndex } from "./term-index.js";
import { type Forest, readForest, scoreRows } from "./trees.js";
import { valueFeatureNames } from "./value-features.js";

/** A thing as its kind's ranker sees it. */
export interface Contender {
  /** Column or table, by its number in the index; of a stored value, its column. */
  readonly id: number;
  /** Log-odds after the last look. */
  readonly score: number;
  /** Its row of the ranker's numbers. */
  readonly numbers: Float32Array;
}

/** By kind, best first; a kind that was not asked for is absent. */
export type Contenders = { readonly [K in Kind]?: readonly Contender[] };

/** Contenders of a kind that are looked at beside the others'. */
export const maxContenders = 4;
export const kinds: readonly Kind[] = ["column", "table", "value"];

/** Numbers of the best of each kind that all contenders are judged by. */
const told = {
  column: [
    "name.exact", "name.soft", "name.askedExact", "name.askedSoft", "name.whole", "table.askedExact", "isTableName", "together", "commentTogether", "questionLog", "need.needed",
    "question.primary", "question.foreign", "question.idLike", "question.nameLike", "number", "fits", "apart", "nearer", "compared",
  ],
  table: ["name.exact", "name.soft", "name.askedExact", "name.askedSoft", "name.whole", "tableBest", "needed", "columnExact", "columnWhole", "columnAdds", "comment.askedExact"],
  value: ["likeness", "rivals", "logCount", "questionLog", "tableBest", "phraseName", "phraseTable", "words", "number", "apart", "nearer", "compared"],
} as const satisfies Record<Kind, readonly string[]>; // biome-ignore format: lists of names

/** Numbers of the phrase and its question; columns and tables have them alike. */
const shared = ["hasQuestion", "phraseWords", ...cueNames.map((n) => `cue.${n}`)];

const standing = [
  "isColumn", "isTable", "isValue", "rank", "score", "ownGap", "otherKindsGap", "othersSum", "hasColumns", "hasTables", "hasValues",
  "columnBest", "columnSecond", "tableBest", "tableSecond", "valueBest", "valueSecond", "itsTable", "itsColumns",
] as const; // biome-ignore format: a list of names

export const kindFeatureNames: readonly string[] = [
  ...standing,
  ...kinds.flatMap((kind) => told[kind].map((n) => `${kind}.${n}`)),
  ...shared,
];

const namesOf = { column: phraseColumnNames, table: phraseTableNames, value: valueFeatureNames };
const placesOf = (kind: Kind, names: readonly string[]) => names.map((name) => namesOf[kind].indexOf(name));
const toldPlaces = kinds.map((kind) => ({ kind, places: placesOf(kind, told[kind]) }));
const sharedPlaces = { column: placesOf("column", shared), table: placesOf("table", shared) };

const byName = ["name.exact", "name.askedExact"];
const namedPlaces = { column: placesOf("column", byName), table: placesOf("table", byName) };

/** Log-odds of one that is not there. */
const nobody = -12;

/** A row for each contender that is looked at: the columns', the tables', then the values'. */
export function layKinds(index: TermIndex, contenders: Contenders): Float32Array {
  const width = kindFeatureNames.length;
  const entered = kinds.map((kind) => (contenders[kind] ?? []).slice(0, maxContenders));
  const [columns = [], tables = []] = entered;
  const all = entered.flatMap((some, k) =>
    some.map((contender, rank) => ({ contender, rank, kind: kinds[k] as Kind })),
  );
  const scoreOf = (k: number, rank: number) => entered[k]?.[rank]?.score ?? nobody;
  const odds = all.reduce((sum, { contender }) => sum + Math.exp(contender.score), 0);
  const common = [...toldNumbers(contenders), ...sharedNumbers(contenders)];
  const rows = new Float32Array(all.length * width);
  for (const [i, { contender, rank, kind }] of all.entries()) {
    const { score } = contender;
    const k = kinds.indexOf(kind);
    const numbers = [
      ...kinds.map((one) => (one === kind ? 1 : 0)),
      rank,
      score,
      score - scoreOf(k, rank === 0 ? 1 : 0),
      score - Math.max(...kinds.map((_, other) => (other === k ? nobody : scoreOf(other, 0)))),
      Math.log(Math.max(1e-6, odds - Math.exp(score))),
      ...kinds.map((one) => (contenders[one] === undefined ? 0 : 1)),
      ...kinds.flatMap((_, one) => [scoreOf(one, 0), scoreOf(one, 1)]),
      ...relatives(index, columns, tables, contender.id, kind),
    ];
    rows.set(numbers, i * width);
    rows.set(common, i * width + numbers.length);
  }
  return rows;
}

/** The scores of the contender's table and of the best of its columns, or of the column that holds it. */
function relatives(
  index: TermIndex,
  columns: readonly Contender[],
  tables: readonly Contender[],
  id: number,
  kind: Kind,
): readonly number[] {
  const best = (of: readonly Contender[], is: (c: Contender) => boolean) => of.find(is)?.score ?? nobody;
  const tableOf = (c: number) => index.columns[c]?.table ?? -1;
  if (kind === "table") return [nobody, best(columns, (c) => tableOf(c.id) === id)];
  return [best(tables, (t) => t.id === tableOf(id)), kind === "value" ? best(columns, (c) => c.id === id) : nobody];
}

function toldNumbers(contenders: Contenders): readonly number[] {
  return toldPlaces.flatMap(({ kind, places }) => {
    const best = contenders[kind]?.[0]?.numbers;
    return places.map((place) => best?.[place] ?? 0);
  });
}

function sharedNumbers({ column, table }: Contenders): readonly number[] {
  const [numbers, places] =
    column?.[0] === undefined ? [table?.[0]?.numbers, sharedPlaces.table] : [column[0].numbers, sharedPlaces.column];
  return places.map((place) => numbers?.[place] ?? 0);
}

let shipped: { readonly forest: Forest; readonly curve: Curve } | undefined;

function model() {
  if (shipped === undefined) {
    const { kinds: file } = jsonFile("phrase-ranker.json") as {
      readonly kinds: { readonly forest: unknown; readonly curve: unknown };
    };
    shipped = { forest: readForest(file.forest), curve: readCurve(file.curve) };
  }
  return shipped;
}

type Likely = Readonly<Record<Kind, readonly number[]>>;

/**
 * By kind, in the order of its contenders: how likely each is the one meant, 0 to 1. A table or column that the phrase names is meant before a value that is
 * stored alike (`notes.entity_type = "customer"`), which has what is left: no phrase that was learned from is both.
 */
export function amongKinds(index: TermIndex, contenders: Contenders): Likely {
  const all = likelyOf(index, contenders);
  const { value, ...others } = contenders;
  if (value === undefined || value.length === 0 || !isNamed(others)) return all;
  const named = likelyOf(index, others);
  const left = 1 - Math.max(...named.column, ...named.table);
  return { ...named, value: all.value.map((p) => Math.min(p, left)) };
}

/** A name met by so much of it, and a phrase by so much of it, are one. */
const wholly = 0.95;

/** Whether one of the columns and tables is called as the phrase is, and nothing more. */
export function isNamed({ column = [], table = [] }: Contenders): boolean {
  const is = (some: readonly Contender[], [exact = -1, asked = -1]: readonly number[]) =>
    some.some(({ numbers }) => (numbers[exact] ?? 0) > wholly && (numbers[asked] ?? 0) > wholly);
  return is(column, namedPlaces.column) || is(table, namedPlaces.table);
}

function likelyOf(index: TermIndex, contenders: Contenders): Likely {
  const { forest, curve } = model();
  const rows = layKinds(index, contenders);
  const logs = scoreRows(forest, rows, rows.length / kindFeatureNames.length);
  const [column = [], table = [], value = []] = logsByKind(contenders, logs).map((own) =>
    own.map((log) => curveAt(curve, log)),
  );
  return { column, table, value };
}

/** In the order of `kinds`: the log-odds of each kind's contenders; `logs` are those of the rows of `layKinds`. */
export function logsByKind(contenders: Contenders, logs: Float32Array | Float64Array): readonly (readonly number[])[] {
  let from = 0;
  return kinds.map((kind) => {
    const some = contenders[kind] ?? [];
    const to = from + Math.min(maxContenders, some.length);
    const own = inOrder(logs.subarray(from, to), some);
    from = to;
    return own;
  });
}

/** Log-odds that fall as the contenders' own do; of those that were not looked at beside other kinds, by how far they stand behind the last that was. */
export function inOrder(logs: ArrayLike<number>, contenders: readonly Contender[]): readonly number[] {
  const own: number[] = [];
  for (const [i, { score }] of contenders.entries()) {
    const last = own.at(-1) ?? Number.POSITIVE_INFINITY;
    const behind = i === 0 ? 0 : (contenders[i - 1] as Contender).score - score;
    own.push(Math.min(last, logs[i] ?? last - behind));
  }
  return own;
}
