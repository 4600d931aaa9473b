/**
 * What speaks for a column when a whole question is asked: its name, its table, its comment, its neighbours, stored values, keys and types against
 * the question's words and cues. One row of numbers a column, the same in training and in use. Pure.
 */

import { oncePer } from "../schema/once.js";
import { type Affinities, type AffinityModel, affinitiesOf, affinityNames, noAffinity } from "./affinities.js";
import { type Asked, cellWidth, exactly } from "./asked.js";
import { peersOf, topicOf } from "./column-topics.js";
import { type Covered, cover, coverageNames, nothingCovered } from "./coverage.js";
import { cueNames, cuesOf, wordAfter, wordBefore } from "./cues.js";
import { likenessOf } from "./meanings.js";
import { metAt, modifiersOf, type Owner, ownerOf } from "./modifiers.js";
import { mostOfOthers, namesakes } from "./namesakes.js";
import { type NumberFits, numberFits } from "./number-fits.js";
import { emptyDoc } from "./read-names.js";
import type { ColumnDoc, TableDoc, TermIndex } from "./term-index.js";
import { type ValueHit, valuesIn } from "./values.js";

const commentNumbers = [0, 1, 2, 6, 7, 9, 11, 12] as const;
const wideNumbers = [0, 1, 2, 3, 4, 5, 9] as const;

const ownNames = [
  "distance", "order", "spanGap", "othersExact", "othersWhole", "otherTablesSpan", "neighbourTable", "twinTable", "twinTableGap", "sameName", "sameNameTableGap",
  "valueWords", "valueLikeness", "valueRivals", "valueQuoted", "valueCapital", "valueSchemaWord", "valueNumber", "tableValue",
  "type", "primary", "unique", "foreign", "referred", "position", "tableColumns", "nameWords", "nameLike", "idLike", "schemaColumns", "schemaTables",
  "sharesTableWord", "meaning", "tableMeaning", "tableNeighbours", "mentionedTables", "isView", "junction",
  "before", "after", "tableBefore", "tableAfter", "at", "tableAt",
  "owner", "ownerGap", "ownerLess", "ownerKind", "topic", "topicPeers", "topicRivals", "fits", "fitShare", "tableFits",
  ...affinityNames,
] as const; // biome-ignore format: a list of names

/** Names of the numbers, in order. */
export const columnFeatureNames: readonly string[] = [
  ...coverageNames.map((n) => `name.${n}`),
  ...coverageNames.map((n) => `table.${n}`),
  ...wideNumbers.map((i) => `both.${coverageNames[i] ?? ""}`),
  ...commentNumbers.map((i) => `comment.${coverageNames[i] ?? ""}`),
  ...commentNumbers.map((i) => `tableComment.${coverageNames[i] ?? ""}`),
  ...ownNames,
  ...cueNames.map((n) => `cue.${n}`),
];

const typeNumber = { text: 0, time: 1, number: 2, boolean: 3, other: 4 } as const;

/** Everything about a question that columns share. */
export interface QuestionContext {
  readonly index: TermIndex;
  readonly asked: Asked;
  readonly cues: Float32Array;
  readonly columnCover: ReadonlyMap<number, Covered>;
  readonly tableCover: readonly Covered[];
  readonly hits: ReadonlyMap<number, ValueHit>;
  /** Which columns the question's numbers fit. */
  readonly fits: NumberFits;
  /** How near the columns are as learned. */
  readonly affinities: Affinities;
  /** Longest span of any column that begins at each token. */
  readonly spanAt: Float32Array;
  readonly tableSpanAt: Float32Array;
  readonly tableExact: Float32Array;
  /** How many tables the question names. */
  readonly mentionedTables: number;
}

/** `columns`: the candidates; all of a small schema. */
export function questionContext(
  index: TermIndex,
  asked: Asked,
  columns: readonly number[],
  model: AffinityModel,
): QuestionContext {
  const columnCover = new Map<number, Covered>();
  const spanAt = new Float32Array(asked.tokens.length + 1);
  const tableSpanAt = new Float32Array(asked.tokens.length + 1);
  const wanted = new Set(columns.map((c) => index.columns[c]?.table ?? -1));
  const tableCover = index.tables.map((t) => (wanted.has(t.id) ? cover(index, asked, t.doc) : nothingCovered));
  const note = (spans: Float32Array, covered: Covered) => {
    if (covered.at >= 0) spans[covered.at] = Math.max(spans[covered.at] ?? 0, covered.numbers[11] ?? 0);
  };
  for (const covered of tableCover) note(tableSpanAt, covered);
  for (const id of columns) {
    const column = index.columns[id];
    if (column === undefined) continue;
    const covered = cover(index, asked, column.doc);
    columnCover.set(id, covered);
    note(spanAt, covered);
  }
  const hits = new Map<number, ValueHit>();
  for (const hit of valuesIn(index, asked.text, asked.tokens)) {
    const known = hits.get(hit.column);
    if (known === undefined || strength(hit) > strength(known)) hits.set(hit.column, hit);
  }
  const tableExact = Float32Array.from(tableCover, (c) => c.numbers[0] ?? 0);
  const mentionedTables = tableExact.reduce((n, e) => n + (e > 0.8 ? 1 : 0), 0);
  const cues = cuesOf(asked.tokens);
  const spelled = new Set(
    [...hits.values()].flatMap((h) => Array.from({ length: h.to - h.from }, (_, i) => h.from + i)),
  );
  const fits = numberFits(index, asked.tokens, (at) => spelled.has(at));
  const affinities = affinitiesOf(model, index, asked, columnCover, tableCover, columns);
  return {
    index,
    asked,
    cues,
    fits,
    affinities,
    columnCover,
    tableCover,
    hits,
    spanAt,
    tableSpanAt,
    tableExact,
    mentionedTables,
  };
}

/** By token: how well a column's name meets it, or its comment where that meets it better; empty where neither does. */
export function metByColumn(context: QuestionContext, id: number): Float32Array {
  const { index, asked, columnCover } = context;
  return betterOf(columnCover.get(id) ?? nothingCovered, cover(index, asked, index.columns[id]?.comment ?? emptyDoc));
}

/** By token: the same of a table. */
export function metByTable(context: QuestionContext, id: number): Float32Array {
  const { index, asked, tableCover } = context;
  return betterOf(tableCover[id] ?? nothingCovered, cover(index, asked, index.tables[id]?.comment ?? emptyDoc));
}

function betterOf({ met: a }: Covered, { met: b }: Covered): Float32Array {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  return a.map((met, t) => Math.max(met, b[t] as number));
}

const strength = (hit: ValueHit): number => (hit.to - hit.from) * 2 + hit.likeness + 1 / (1 + hit.rivals);

/** Writes one column's numbers at `offset`. */
export function writeColumnFeatures(context: QuestionContext, id: number, out: Float32Array, offset: number): void {
  const { index } = context;
  const column = index.columns[id];
  const table = column === undefined ? undefined : index.tables[column.table];
  const own = context.columnCover.get(id);
  const theirs = column === undefined ? undefined : context.tableCover[column.table];
  if (column === undefined || table === undefined || own === undefined || theirs === undefined) return;
  let at = offset;
  const put = (value: number) => {
    out[at] = value;
    at += 1;
  };
  for (const n of own.numbers) put(n);
  for (const n of theirs.numbers) put(n);
  const both = coverBoth(column, table, own, theirs);
  for (const n of both) put(n);
  const comment = cover(index, context.asked, column.comment).numbers;
  for (const i of commentNumbers) put(comment[i] ?? 0);
  const tableComment = cover(index, context.asked, table.comment).numbers;
  for (const i of commentNumbers) put(tableComment[i] ?? 0);
  for (const n of placeNumbers(context, column, table, own, theirs)) put(n);
  for (const n of valueNumbers(context, column, table)) put(n);
  for (const n of shapeNumbers(context, column, table)) put(n);
  for (const n of spotNumbers(context, own, theirs)) put(n);
  for (const n of ownerNumbers(context, column, ownersOfName(context, own))) put(n);
  for (const n of topicNumbers(context, column)) put(n);
  for (const n of fitNumbers(context, column, table)) put(n);
  for (const n of context.affinities.get(id) ?? noAffinity) put(n);
  for (const n of context.cues) put(n);
}

/** Whether a number of the question lies within what the column holds (-1: nobody knows), how telling that is, and the best fit of its table's others. */
function fitNumbers({ fits }: QuestionContext, column: ColumnDoc, table: TableDoc): readonly number[] {
  const best = fits.byTable.get(table.id);
  const known = fits.literals > 0 && fits.known.has(column.id);
  const own = fits.share.get(column.id) ?? 0;
  return [
    known ? (own > 0 ? 1 : 0) : -1,
    own,
    best === undefined ? 0 : best.column === column.id ? best.second : best.share,
  ];
}

/** A name met by more than this much of it stands in the way of others of its topic. */
const rival = 0.5;

/** What the column holds, how many others of its table hold the like, and how many of those the question's words meet. */
function topicNumbers({ index, columnCover }: QuestionContext, column: ColumnDoc): readonly number[] {
  const topic = topicOf(index, column);
  const peers = peersOf(index, column);
  let rivals = 0;
  for (const id of peers) if (id !== column.id && (columnCover.get(id)?.numbers[0] ?? 0) > rival) rivals += 1;
  return [topic, Math.max(0, peers.length - 1), rivals];
}

/** Who owns each mention of a name in a question: a stretch of words that mean it. */
const ownersOf = new WeakMap<Covered, readonly Owner[]>();

export function ownersOfName(context: QuestionContext, own: Covered): readonly Owner[] {
  const known = ownersOf.get(own);
  if (known !== undefined) return known;
  const { tokens } = context.asked;
  const found: Owner[] = [];
  const met = (at: number) => (own.met[at] ?? 0) >= mentioned && tokens[at]?.stop !== true;
  for (let from = 0; from < own.met.length; from += 1) {
    if (!met(from)) continue;
    let to = from + 1;
    while (met(to)) to += 1;
    found.push(...ownersOfWords(context, from, to));
    from = to;
  }
  ownersOf.set(own, found);
  return found;
}

/** Who owns the words from `from` to `to` (exclusive); empty where nothing says so. */
export function ownersOfWords(context: QuestionContext, from: number, to: number): readonly Owner[] {
  const owner = ownerOf(modifiersOf(context.asked.tokens, from, to), context.tableCover);
  return owner === undefined ? [] : [owner];
}

/** A word met at least this well is a mention. */
const mentioned = 0.8;

/** The numbers of a column whose mentions nobody owns. */
export const nobodys: readonly number[] = [0, 0, 0, -1];

/** How well the column's table owns the best of some mentions, how much better than the tables of its namesakes and less well than the best table does, and how plainly it is said. */
export function ownerNumbers(context: QuestionContext, column: ColumnDoc, owners: readonly Owner[]): readonly number[] {
  const { index, tableCover } = context;
  let numbers = nobodys;
  if (owners.length === 0) return numbers;
  const others = namesakes(index, column);
  for (const { run, best, kind } of owners) {
    const mine = metAt(tableCover[column.table], run);
    const gap = mine - mostOfOthers(others, column.id, (id) => metAt(tableCover[index.columns[id]?.table ?? -1], run));
    if (numbers === nobodys || gap > (numbers[1] as number)) numbers = [mine, gap, best - mine, kind];
  }
  return numbers;
}

/** The name with its table's words before it, weighted together. */
function coverBoth(column: ColumnDoc, table: TableDoc, own: Covered, theirs: Covered): readonly number[] {
  const a = sum(column.doc.weights);
  const b = 0.6 * sum(table.doc.weights);
  return wideNumbers.map((i) => (a * (own.numbers[i] ?? 0) + b * (theirs.numbers[i] ?? 0)) / (a + b || 1));
}

const sum = (numbers: Float32Array): number => numbers.reduce((x, y) => x + y, 0);

/** How well the names of a table's candidates are met: best, second best, how many wholly; and the best of the tables beside it. */
interface TableMet {
  readonly exact: number;
  readonly secondExact: number;
  readonly whole: number;
  readonly neighbour: number;
}

const metOfTables = oncePer((_context: QuestionContext) => new Map<number, TableMet>());

function metOf(context: QuestionContext, table: TableDoc): TableMet {
  const known = metOfTables(context);
  let made = known.get(table.id);
  if (made !== undefined) return made;
  let [exact, secondExact, whole, neighbour] = [0, 0, 0, 0];
  for (let id = table.from; id < table.to; id += 1) {
    const numbers = context.columnCover.get(id)?.numbers;
    if (numbers === undefined) continue;
    const own = numbers[0] ?? 0;
    secondExact = Math.max(secondExact, Math.min(exact, own));
    exact = Math.max(exact, own);
    whole += numbers[12] ?? 0;
  }
  for (const other of table.neighbours) neighbour = Math.max(neighbour, context.tableExact[other] ?? 0);
  made = { exact, secondExact, whole, neighbour };
  known.set(table.id, made);
  return made;
}

function placeNumbers(
  context: QuestionContext,
  column: ColumnDoc,
  table: TableDoc,
  own: Covered,
  theirs: Covered,
): readonly number[] {
  const { index, tableExact } = context;
  const apart = own.at >= 0 && theirs.at >= 0 ? theirs.at - own.at : 99;
  const met = metOf(context, table);
  const [ownExact, ownWhole] = [own.numbers[0] ?? 0, own.numbers[12] ?? 0];
  const twins = column.twins < 0 ? [] : (index.twinGroups[column.twins] ?? []);
  const exactOfTable = (id: number) => tableExact[index.columns[id]?.table ?? -1] ?? 0;
  const twinTable = mostOfOthers(twins, column.id, exactOfTable);
  const sameTable = mostOfOthers(namesakes(index, column), column.id, exactOfTable);
  const exact = tableExact[table.id] ?? 0;
  return [
    Math.min(20, Math.abs(apart)),
    apart === 99 ? 0 : Math.sign(apart),
    (own.numbers[11] ?? 0) - (own.at < 0 ? 0 : (context.spanAt[own.at] ?? 0)),
    ownExact === met.exact ? met.secondExact : met.exact,
    met.whole - ownWhole,
    own.at < 0 ? 0 : (context.tableSpanAt[own.at] ?? 0),
    met.neighbour,
    twinTable,
    exact - twinTable,
    Math.log(column.sameName),
    exact - sameTable,
  ];
}

function valueNumbers(context: QuestionContext, column: ColumnDoc, table: TableDoc): readonly number[] {
  const { asked, hits } = context;
  const hit = hits.get(column.id);
  let tableValue = 0;
  for (let id = table.from; id < table.to; id += 1) {
    const other = id === column.id ? undefined : hits.get(id);
    if (other !== undefined) tableValue = Math.max(tableValue, (other.to - other.from) * other.likeness);
  }
  if (hit === undefined) return [0, 0, 0, 0, 0, 0, 0, tableValue];
  const token = asked.tokens[hit.from];
  let schemaWord = 0;
  for (const cells of asked.touched.values())
    schemaWord = Math.max(schemaWord, cells[hit.from * cellWidth + exactly] ?? 0);
  return [
    hit.to - hit.from,
    hit.likeness,
    1 / hit.rivals,
    token?.quoted === true ? 1 : 0,
    token !== undefined && /^\p{Lu}/u.test(token.text) && hit.from > 0 ? 1 : 0,
    schemaWord,
    token?.kind === "number" ? 1 : 0,
    tableValue,
  ];
}

/** Where the column and its table stand in the question, and beside which kinds of word. */
function spotNumbers(context: QuestionContext, own: Covered, theirs: Covered): readonly number[] {
  const { tokens } = context.asked;
  return [
    wordBefore(tokens, own.at),
    wordAfter(tokens, own.at, own.numbers[11] ?? 1),
    wordBefore(tokens, theirs.at),
    wordAfter(tokens, theirs.at, theirs.numbers[11] ?? 1),
    own.at,
    theirs.at,
  ];
}

const nameWords = new Set(["name", "title", "label", "description"]);
const idWords = new Set(["id", "code", "key", "number", "no", "num", "uuid"]);

/** What a column's name and its table's say by themselves, whatever is asked. */
interface NameShape {
  readonly nameLike: number;
  readonly idLike: number;
  /** Words that the column's name has from its table's. */
  readonly shared: number;
}

const nameShapes = new WeakMap<ColumnDoc, NameShape>();

function nameShapeOf(index: TermIndex, column: ColumnDoc, table: TableDoc): NameShape {
  const known = nameShapes.get(column);
  if (known !== undefined) return known;
  const last = index.concepts[column.doc.concepts.at(-1) ?? -1]?.forms ?? [];
  const made = {
    nameLike: last.some((f) => nameWords.has(f.lemma)) ? 1 : 0,
    idLike: last.some((f) => idWords.has(f.lemma)) ? 1 : 0,
    shared: column.doc.concepts.filter((c) => table.doc.concepts.includes(c)).length,
  };
  nameShapes.set(column, made);
  return made;
}

const foreignShares = new WeakMap<TableDoc, number>();

/** Share of a table's columns that refer to others. */
function foreignShareOf(index: TermIndex, table: TableDoc): number {
  const known = foreignShares.get(table);
  if (known !== undefined) return known;
  let foreign = 0;
  for (let id = table.from; id < table.to; id += 1) if ((index.columns[id]?.refersTo ?? -1) >= 0) foreign += 1;
  const share = foreign / (table.to - table.from);
  foreignShares.set(table, share);
  return share;
}

function shapeNumbers(context: QuestionContext, column: ColumnDoc, table: TableDoc): readonly number[] {
  const { index, asked } = context;
  const { nameLike, idLike, shared } = nameShapeOf(index, column, table);
  return [
    typeNumber[column.typeClass],
    column.primary ? 1 : 0,
    column.unique ? 1 : 0,
    column.refersTo >= 0 ? 1 : 0,
    Math.log1p(column.referredBy),
    column.position,
    table.to - table.from,
    column.doc.concepts.length,
    nameLike,
    idLike,
    Math.log(index.columns.length),
    Math.log(index.tables.length),
    shared,
    likenessOf(index, asked, column.doc),
    likenessOf(index, asked, table.doc),
    table.neighbours.length,
    context.mentionedTables,
    table.view ? 1 : 0,
    foreignShareOf(index, table),
  ];
}
