/**
 * How near a question is to each column by meaning as learned: every word of the question, with the words beside it, is turned by a matrix that
 * `bench/train-affinities.ts` learns, and set against the column's name, what kind of column it is, and its table's name. A column is as near as the
 * word that is nearest to it (softly). Says for words never seen together what `associations.ts` says of those that were. Pure.
 */

import type { Asked } from "./asked.js";
import { topicOf, topics } from "./column-topics.js";
import type { Covered } from "./coverage.js";
import { shapeOf } from "./cues.js";
import { jsonFile } from "./data-files.js";
import { meaningOf } from "./meanings.js";
import type { Doc } from "./read-names.js";
import type { ColumnDoc, TermIndex } from "./term-index.js";
import { typeClasses } from "./type-class.js";
import { products, vectorLength, wordVector } from "./vectors.js";
import type { Token } from "./words.js";

/** Numbers of a column that are no vector: type class, primary, foreign, referred to, one for all, topic. */
const traits = typeClasses.length + 4 + topics + 1;
/** Numbers of a column: those of its name, and its traits. */
export const columnLength = vectorLength + traits;

/** Where each part of a model begins; they follow one another in this order. */
export const affinityOffsets = startsOf({
  /** From a word to a column: `columnLength` rows of `vectorLength`; the same from the word before and the word after. */
  word: columnLength * vectorLength,
  before: columnLength * vectorLength,
  after: columnLength * vectorLength,
  /** From a word to a table's name. */
  table: vectorLength * vectorLength,
  /** What each trait is worth by itself. */
  prior: traits,
  /** What a word is worth that meets the column's name, and the table's. */
  met: 2,
  end: 0,
});

function startsOf<Part extends string>(lengths: Readonly<Record<Part, number>>): Readonly<Record<Part, number>> {
  let at = 0;
  const starts = Object.entries<number>(lengths).map(([part, length]) => {
    at += length;
    return [part, at - length] as const;
  });
  return Object.fromEntries(starts) as Record<Part, number>;
}

/** The parts, one after the other. */
export type AffinityModel = Float32Array;

let shipped: AffinityModel | undefined;

/** The model that ships with the package. */
export function shippedAffinity(): AffinityModel {
  shipped ??= Float32Array.from((jsonFile("affinities.json") as { readonly numbers: readonly number[] }).numbers);
  return shipped;
}

/** A question and columns as numbers. */
export interface AffinityInput {
  /** A vector a word; none where it has none. */
  readonly words: readonly (Float32Array | undefined)[];
  /** `columnLength` numbers a column. */
  readonly columns: Float32Array;
  /** By column: the first of these columns whose name and comment mean the same. */
  readonly alike: Int32Array;
  /** By column: the place of its table among those of these columns. */
  readonly tableOf: Int32Array;
  /** A vector a table. */
  readonly tables: Float32Array;
  /** How well each word meets each column's name, and each table's: as many numbers each as there are words. */
  readonly met: Float32Array;
  readonly tableMet: Float32Array;
}

/** Only what is met better than by chance counts as met. */
const metFloor = 0.35;
/** Words of a question that are looked at. */
const maxWords = 40;
/** What a comment weighs beside the name. */
const commentWeight = 0.7;
const shapeWords: Readonly<Record<string, string>> = { "#year": "year", "#date": "date", "#number": "number" };

export function affinityInput(
  index: TermIndex,
  asked: Asked,
  columnCover: ReadonlyMap<number, Covered>,
  tableCover: readonly Covered[],
  ids: readonly number[],
): AffinityInput {
  const places = [...asked.tokens.keys()].filter((t) => asked.tokens[t]?.kind !== "mark").slice(0, maxWords);
  const length = places.length;
  const tables = [...new Set(ids.map((id) => index.columns[id]?.table ?? 0))];
  const placeOf = new Map(tables.map((table, i) => [table, i]));
  const columns = new Float32Array(ids.length * columnLength);
  const tableVectors = new Float32Array(tables.length * vectorLength);
  const [met, tableMet] = [new Float32Array(ids.length * length), new Float32Array(tables.length * length)];
  const alike = Int32Array.from(ids.keys());
  const firstOf = new Map<Doc, number>();
  for (const [i, id] of ids.entries()) {
    const column = index.columns[id];
    if (column === undefined) continue;
    const first = column.comment.concepts.length > 0 ? undefined : firstOf.get(column.doc);
    if (first === undefined) {
      writeMeaning(index, column.doc, column.comment, columns, i * columnLength);
      if (column.comment.concepts.length === 0) firstOf.set(column.doc, i);
    } else {
      alike[i] = first;
      columns.copyWithin(i * columnLength, first * columnLength, first * columnLength + vectorLength);
    }
    writeTraits(index, column, columns, i * columnLength + vectorLength);
    writeMet(columnCover.get(id), places, met, i * length);
  }
  for (const [i, id] of tables.entries()) {
    const table = index.tables[id];
    if (table === undefined) continue;
    writeMeaning(index, table.doc, table.comment, tableVectors, i * vectorLength);
    writeMet(tableCover[id], places, tableMet, i * length);
  }
  return {
    words: places.map((place) => vectorOf(asked.tokens[place])),
    columns,
    alike,
    tableOf: Int32Array.from(ids, (id) => placeOf.get(index.columns[id]?.table ?? 0) ?? 0),
    tables: tableVectors,
    met,
    tableMet,
  };
}

function vectorOf(token: Token | undefined): Float32Array | undefined {
  if (token === undefined) return undefined;
  const shape = shapeOf(token);
  return shape === undefined
    ? (wordVector(token.lower) ?? wordVector(token.lemma))
    : wordVector(shapeWords[shape] ?? "");
}

function writeMeaning(index: TermIndex, name: Doc, comment: Doc, out: Float32Array, at: number): void {
  for (const [doc, weight] of [
    [name, 1],
    [comment, commentWeight],
  ] as const) {
    const vector = doc.concepts.length === 0 ? undefined : meaningOf(index, doc);
    if (vector !== undefined)
      for (let d = 0; d < vectorLength; d += 1) out[at + d] = (out[at + d] as number) + weight * (vector[d] as number);
  }
}

function writeTraits(index: TermIndex, column: ColumnDoc, out: Float32Array, at: number): void {
  const types = typeClasses.length;
  out[at + typeClasses.indexOf(column.typeClass)] = 1;
  out[at + types] = column.primary ? 1 : 0;
  out[at + types + 1] = column.refersTo >= 0 ? 1 : 0;
  out[at + types + 2] = column.referredBy > 0 ? 1 : 0;
  out[at + types + 3] = 1;
  out[at + types + 4 + topicOf(index, column)] = 1;
}

function writeMet(covered: Covered | undefined, places: readonly number[], out: Float32Array, at: number): void {
  if (covered === undefined || covered.met.length === 0) return;
  for (const [i, place] of places.entries()) out[at + i] = Math.max(0, (covered.met[place] as number) - metFloor);
}

/** What comes of an input: how near each word is to each column and table, and how near the question is to each column. */
export interface Attended {
  /** As many numbers a column, and a table, as there are words. */
  readonly byWord: Float32Array;
  readonly byWordTable: Float32Array;
  /** By column: its own nearness, and that with its table's. */
  readonly own: Float32Array;
  readonly whole: Float32Array;
}

export function attend(model: AffinityModel, input: AffinityInput, known?: KnownTurns): Attended {
  const { length } = input.words;
  const [count, tableCount] = [input.tableOf.length, input.tables.length / vectorLength];
  const [turned, turnedToTable] = turn(model, input.words, known);
  const byWord = new Float32Array(count * length);
  const byName = new Float64Array(count * length);
  const byTraits = new Float64Array(length);
  const byWordTable = new Float32Array(tableCount * length);
  const [metColumn, metTable] = [model[affinityOffsets.met] as number, model[affinityOffsets.met + 1] as number];
  const names = { from: 0, stride: columnLength, count: length };
  const ofTraits = { from: vectorLength, stride: columnLength, count: length };
  for (let c = 0; c < count; c += 1) {
    const [row, first] = [c * length, input.alike[c] as number];
    const [own, ownTraits] = [c * columnLength, c * columnLength + vectorLength];
    if (first === c) products(turned, names, input.columns, own, vectorLength, byName, row);
    else byName.copyWithin(row, first * length, (first + 1) * length);
    products(turned, ofTraits, input.columns, ownTraits, traits, byTraits, 0);
    for (let t = 0; t < length; t += 1)
      byWord[row + t] =
        (byName[row + t] as number) + (byTraits[t] as number) + metColumn * (input.met[row + t] as number);
  }
  const byTable = { from: 0, stride: vectorLength, count: length };
  for (let j = 0; j < tableCount; j += 1) {
    products(turnedToTable, byTable, input.tables, j * vectorLength, vectorLength, byWordTable, j * length);
    for (let t = j * length; t < (j + 1) * length; t += 1)
      byWordTable[t] = (byWordTable[t] as number) + metTable * (input.tableMet[t] as number);
  }
  const ofTables = Float32Array.from({ length: tableCount }, (_, j) => logSumExp(byWordTable, j * length, length));
  const own = new Float32Array(count);
  const traitsOf = { from: vectorLength, stride: columnLength, count };
  products(input.columns, traitsOf, model, affinityOffsets.prior, traits, own, 0);
  for (let c = 0; c < count; c += 1) own[c] = (own[c] as number) + logSumExp(byWord, c * length, length);
  const whole = own.map((n, c) => n + (ofTables[input.tableOf[c] as number] as number));
  return { byWord, byWordTable, own, whole };
}

/** What a word is turned into: towards columns as itself, as the word before another and as the word after, and towards tables. */
interface Turned {
  readonly own: Float32Array;
  readonly before: Float32Array;
  readonly after: Float32Array;
  readonly table: Float32Array;
}

/** What words were turned into by a model that no longer changes. */
export type KnownTurns = WeakMap<Float32Array, Turned>;

function turnWord(model: AffinityModel, word: Float32Array): Turned {
  const by = (offset: number, rows: number) => {
    const out = new Float32Array(rows);
    products(model, { from: offset, stride: vectorLength, count: rows }, word, 0, vectorLength, out, 0);
    return out;
  };
  return {
    own: by(0, columnLength),
    before: by(affinityOffsets.before, columnLength),
    after: by(affinityOffsets.after, columnLength),
    table: by(affinityOffsets.table, vectorLength),
  };
}

/** Each word turned towards columns, with the words beside it, and towards tables. */
function turn(
  model: AffinityModel,
  words: AffinityInput["words"],
  known: KnownTurns | undefined,
): readonly [Float32Array, Float32Array] {
  const { length } = words;
  const columns = new Float32Array(length * columnLength);
  const tables = new Float32Array(length * vectorLength);
  for (const [t, word] of words.entries()) {
    if (word === undefined) continue;
    const turned = known?.get(word) ?? turnWord(model, word);
    known?.set(word, turned);
    add(columns, t * columnLength, turned.own);
    // It is the word before the next one, and the word after the last one.
    if (t + 1 < length) add(columns, (t + 1) * columnLength, turned.before);
    if (t > 0) add(columns, (t - 1) * columnLength, turned.after);
    tables.set(turned.table, t * vectorLength);
  }
  return [columns, tables];
}

function add(a: Float32Array, from: number, b: Float32Array): void {
  for (let i = 0; i < b.length; i += 1) a[from + i] = (a[from + i] as number) + (b[i] as number);
}

/** Log of the sum of exponentials; 0 of nothing. */
function logSumExp(numbers: Float32Array, from: number, length: number): number {
  if (length === 0) return 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = from; i < from + length; i += 1) most = Math.max(most, numbers[i] as number);
  let sum = 0;
  for (let i = from; i < from + length; i += 1) sum += Math.exp((numbers[i] as number) - most);
  return most + Math.log(sum);
}

/** What the ranker sees of a column's affinity. */
export const affinityNames = ["affinity", "affinityGap", "affinityInTable", "affinityRank", "affinityOwn"] as const;

/** The numbers of a column that nothing is known of. */
export const noAffinity: readonly number[] = affinityNames.map(() => 0);

/** By column id, the numbers of `affinityNames`. */
export type Affinities = ReadonlyMap<number, readonly number[]>;

const farthest = 20;
const lastRank = 30;
const within = (number: number): number => Math.max(-farthest, Math.min(farthest, number));

const turns = new WeakMap<AffinityModel, KnownTurns>();

/** How near a text is to the columns `ids`, which are laid against it already. */
export function affinitiesOf(
  model: AffinityModel,
  index: TermIndex,
  asked: Asked,
  columnCover: ReadonlyMap<number, Covered>,
  tableCover: readonly Covered[],
  ids: readonly number[],
): Affinities {
  const known: KnownTurns = turns.get(model) ?? new WeakMap<Float32Array, Turned>();
  turns.set(model, known);
  const input = affinityInput(index, asked, columnCover, tableCover, ids);
  const { own, whole } = attend(model, input, known);
  const all = logSumExp(whole, 0, whole.length);
  const order = [...ids.keys()].sort((a, b) => (whole[b] as number) - (whole[a] as number) || a - b);
  const rank = new Int32Array(ids.length);
  for (const [i, place] of order.entries()) rank[place] = Math.min(lastRank, i);
  const best = whole[order[0] ?? 0] ?? 0;
  const bestOwn = own.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  /** By table: its columns, nearest first. */
  const byTable = new Map<number, number[]>();
  for (const place of order) {
    const table = input.tableOf[place] as number;
    const nearer = byTable.get(table);
    if (nearer === undefined) byTable.set(table, [place]);
    else nearer.push(place);
  }
  return new Map(
    ids.map((id, i) => {
      const [first, second] = byTable.get(input.tableOf[i] as number) ?? [];
      const rival = first === i ? second : first;
      const mine = whole[i] as number;
      return [
        id,
        [
          within(mine - all),
          within(mine - best),
          rival === undefined ? farthest : within(mine - (whole[rival] as number)),
          rank[i] as number,
          within((own[i] as number) - bestOwn),
        ],
      ] as const;
    }),
  );
}
