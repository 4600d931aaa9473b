/**
 * What speaks for a column when a phrase is asked for, alone or within its question: the phrase against the name, the table and the comment, how much better
 * than the rivals, and what the whole question says (of a table: `phrase-table-features.ts`). The same numbers in training and in use. Pure.
 */

import { type Affinities, type AffinityModel, affinitiesOf, affinityNames, noAffinity } from "./affinities.js";
import type { Asked } from "./asked.js";
import {
  columnFeatureNames,
  nobodys,
  ownerNumbers,
  ownersOfName,
  ownersOfWords,
  type QuestionContext,
} from "./column-features.js";
import { type Covered, cover, coverageNames, metWell, nothingCovered } from "./coverage.js";
import { cueNames, cuesOf } from "./cues.js";
import { type ExpectedType, expectedType } from "./expected-type.js";
import { likenessOf } from "./meanings.js";
import type { Owner } from "./modifiers.js";
import { mostOfOthers, namesakes } from "./namesakes.js";
import { type RuledOut, ruledOut } from "./opposites.js";
import { type PhrasePlaces, phrasePlaces, placeNames, placeNumbers } from "./phrase-places.js";
import type { QuestionRanking } from "./question-ranker.js";
import { emptyDoc } from "./read-names.js";
import { secondFeatureNames } from "./second-features.js";
import type { TermIndex } from "./term-index.js";
import { type ValueHit, valuesLike } from "./values.js";

/** Numbers of a coverage that are told of a comment. */
export const toldOfComments = [0, 1, 2, 4, 5, 6, 7, 9, 12] as const;

/** First-look numbers of the question that a phrase's column sees as well. */
const asked = [
  "name.exact", "name.soft", "name.span", "name.whole", "table.exact", "table.soft", "table.whole", "distance", "order", "spanGap", "otherTablesSpan", "neighbourTable", "twinTable", "twinTableGap",
  "sameNameTableGap", "othersExact", "othersWhole", "tableValue", "valueWords", "valueLikeness", "type", "primary", "unique", "foreign", "referred", "position", "tableColumns", "nameWords",
  "nameLike", "idLike", "schemaColumns", "schemaTables", "sharesTableWord", "mentionedTables", "isView", "junction",
] as const; // biome-ignore format: a list of names

const askedPlaces = asked.map((name) => columnFeatureNames.indexOf(name));

/** Numbers of the question's tables that a phrase's column sees as well. */
const needs = ["needed", "inTree", "chosen", "joins", "linkBoth", "neededRank", "together", "togetherRank", "sameNeeded", "sameNeededGap", "sameTogetherGap", "twinNeeded", "twinTogetherGap", "explains", "explainsBeyondTables", "setNeeded", "inSet", "setJoins", "setTogether", "setSameGap", "setTwinGap"] as const; // biome-ignore format: a list of names

const needPlaces = needs.map((name) => secondFeatureNames.indexOf(name));

const standing = [
  "hasQuestion", "questionLog", "questionP", "questionRank", "questionGap", "tableBest", "tableSum", "sameBest", "twinBest",
  "exactGap", "softGap", "bothGap", "shareGap", "exactRivals", "meaning", "bothMeaning", "meaningGap", "phraseWords", "tableDistance", "tableAfter", "valueHit", "isTableName",
  "owner", "ownerGap", "ownerLess", "ownerKind", "together", "togetherExact", "togetherGap",
  "hasComment", "commentGap", "commentTogether", "commentTogetherExact", "commentTogetherGap", "commentRivals",
  ...affinityNames,
  ...placeNames,
  "typeAsked",
] as const; // biome-ignore format: a list of names

export const phraseColumnNames: readonly string[] = [
  ...coverageNames.map((n) => `name.${n}`),
  ...coverageNames.map((n) => `table.${n}`),
  ...toldOfComments.map((i) => `comment.${coverageNames[i] ?? ""}`),
  ...toldOfComments.map((i) => `tableComment.${coverageNames[i] ?? ""}`),
  ...standing,
  ...asked.map((n) => `question.${n}`),
  ...needs.map((n) => `need.${n}`),
  ...cueNames.map((n) => `cue.${n}`),
];

/** Everything about a phrase that its candidates share. */
export interface PhraseContext {
  readonly index: TermIndex;
  readonly phrase: Asked;
  readonly question: QuestionRanking | undefined;
  readonly cues: Float32Array;
  readonly columnCover: ReadonlyMap<number, Covered>;
  readonly tableCover: readonly Covered[];
  /** By column: how much of the phrase its name and its table's meet together. */
  readonly together: ReadonlyMap<number, Together>;
  /** By column that has a comment: how its comment is met, and how much of the phrase that, its name and its table's meet together. */
  readonly comments: ReadonlyMap<number, { readonly own: Covered; readonly together: Together }>;
  /** The tables that are candidates. */
  readonly tables: readonly number[];
  readonly values: ReadonlyMap<number, ValueHit>;
  /** How near the columns are to the phrase as learned. */
  readonly affinities: Affinities;
  readonly places: PhrasePlaces;
  readonly typeAsked: ExpectedType | undefined;
  /** Undefined where it rules out nothing. */
  readonly ruledOut: RuledOut | undefined;
  /** Whose the phrase is wherever it stands in the question; undefined where it does not. */
  readonly owners: readonly Owner[] | undefined;
  readonly best: {
    readonly exact: number;
    readonly soft: number;
    readonly both: number;
    readonly share: number;
    readonly meaning: number;
    readonly together: number;
    /** Best share of the phrase that a comment meets, and that any column meets with its comment. */
    readonly comment: number;
    readonly commentTogether: number;
  };
  readonly exactRivals: number;
  /** How many comments meet nearly all of the phrase. */
  readonly commentRivals: number;
  readonly bestTable: {
    readonly exact: number;
    readonly soft: number;
    readonly share: number;
    readonly meaning: number;
    /** Best share of the phrase that a table's comment meets. */
    readonly comment: number;
  };
  readonly tableRivals: number;
  readonly tableCommentRivals: number;
  /** The shares of the phrase that the candidate tables' names meet, rising. */
  readonly tableShares: Float32Array;
}

/** How many stored values a phrase is looked for among. */
const maxValueHits = 60;

export function phraseContext(
  index: TermIndex,
  phrase: Asked,
  question: QuestionRanking | undefined,
  columns: readonly number[],
  tables: readonly number[],
  model: AffinityModel,
): PhraseContext {
  const wanted = new Set(tables);
  const tableCover = index.tables.map((t) => (wanted.has(t.id) ? cover(index, phrase, t.doc) : nothingCovered));
  const columnCover = new Map(columns.map((id) => [id, cover(index, phrase, index.columns[id]?.doc ?? emptyDoc)]));
  const best = { exact: 0, soft: 0, both: 0, share: 0, meaning: 0, together: 0, comment: 0, commentTogether: 0 };
  const together = new Map<number, Together>();
  const comments = new Map<number, { readonly own: Covered; readonly together: Together }>();
  let [exactRivals, commentRivals] = [0, 0];
  const typeAsked = expectedType(phrase.tokens);
  const byType = metByType(phrase, typeAsked);
  for (const [id, { numbers, met }] of columnCover) {
    const ofTable = tableCover[index.columns[id]?.table ?? -1]?.met;
    const ofType = index.columns[id]?.typeClass === typeAsked?.type ? byType : undefined;
    const both = metTogether(phrase.weights, met, ofTable, ofType);
    together.set(id, both);
    const said = index.comments[index.commentOf[id] as number];
    best.commentTogether = Math.max(best.commentTogether, both.soft);
    if (said !== undefined) {
      const own = cover(index, phrase, said);
      const all = metTogether(phrase.weights, met, ofTable, ofType, own.met);
      comments.set(id, { own, together: all });
      best.comment = Math.max(best.comment, own.numbers[7] ?? 0);
      best.commentTogether = Math.max(best.commentTogether, all.soft);
      if ((own.numbers[6] ?? 0) > 0.95) commentRivals += 1;
    }
    best.together = Math.max(best.together, both.soft);
    best.exact = Math.max(best.exact, numbers[0] ?? 0);
    best.soft = Math.max(best.soft, numbers[1] ?? 0);
    best.both = Math.max(best.both, bothOf(numbers, tableCover[index.columns[id]?.table ?? -1]?.numbers));
    best.share = Math.max(best.share, numbers[6] ?? 0);
    best.meaning = Math.max(best.meaning, likenessOf(index, phrase, index.columns[id]?.doc ?? emptyDoc));
    if ((numbers[0] ?? 0) > 0.95) exactRivals += 1;
  }
  const bestTable = { exact: 0, soft: 0, share: 0, meaning: 0, comment: 0 };
  let [tableRivals, tableCommentRivals] = [0, 0];
  for (const id of tables) {
    const numbers = tableCover[id]?.numbers ?? nothingCovered.numbers;
    bestTable.exact = Math.max(bestTable.exact, numbers[0] ?? 0);
    bestTable.soft = Math.max(bestTable.soft, numbers[1] ?? 0);
    bestTable.share = Math.max(bestTable.share, numbers[6] ?? 0);
    bestTable.meaning = Math.max(bestTable.meaning, likenessOf(index, phrase, index.tables[id]?.doc ?? emptyDoc));
    if ((numbers[0] ?? 0) > 0.95) tableRivals += 1;
    const said = cover(index, phrase, index.tables[id]?.comment ?? emptyDoc).numbers;
    bestTable.comment = Math.max(bestTable.comment, said[7] ?? 0);
    if ((said[6] ?? 0) > 0.95) tableCommentRivals += 1;
  }
  const values = new Map<number, ValueHit>();
  for (const hit of valuesLike(index, phrase.text, maxValueHits))
    if (!values.has(hit.column)) values.set(hit.column, hit);
  const cues = cuesOf((question?.asked ?? phrase).tokens);
  const places = placesOf(phrase, question?.asked);
  return {
    index,
    phrase,
    question,
    cues,
    columnCover,
    tableCover,
    together,
    comments,
    tables,
    values,
    affinities: affinitiesOf(model, index, phrase, columnCover, tableCover, columns),
    places: phrasePlaces(index, phrase, question, places[0] ?? -1),
    typeAsked,
    ruledOut: ruledOut(phrase),
    owners: ownersOf(phrase, question?.context, places),
    best,
    exactRivals,
    commentRivals,
    bestTable,
    tableRivals,
    tableCommentRivals,
    tableShares: Float32Array.from(tables, (t) => tableCover[t]?.numbers[6] ?? 0).sort(),
  };
}

/** How well a column of the type that a phrase asks for meets the head that asks for no more. */
const metOfType = 0.85;

function metByType(phrase: Asked, asked: ExpectedType | undefined): Float32Array | undefined {
  if (asked === undefined || asked.bare < 0) return undefined;
  const met = new Float32Array(phrase.tokens.length);
  met[asked.bare] = metOfType;
  return met;
}

interface Together {
  readonly soft: number;
  readonly exact: number;
}

const nothingTogether: Together = { soft: 0, exact: 0 };

/** Share of a phrase that a column's name and its table's (its type, its comment) meet between them: `invoice total` is `invoices.total_amount`, and no more than half of `invoices.invoice_type`. */
export function metTogether(weights: Float32Array, ...by: readonly (Float32Array | undefined)[]): Together {
  let [total, soft, exact] = [0, 0, 0];
  for (let t = 0; t < weights.length; t += 1) {
    const weight = weights[t] as number;
    let met = 0;
    for (const one of by) met = Math.max(met, one?.[t] ?? 0);
    total += weight;
    soft += weight * met;
    if (met >= metWell) exact += weight;
  }
  return total === 0 ? nothingTogether : { soft: soft / total, exact: exact / total };
}

const bothOf = (own: Float32Array, table: Float32Array | undefined): number =>
  0.7 * (own[1] ?? 0) + 0.3 * (table?.[0] ?? 0) + 0.5 * (own[6] ?? 0) + 0.2 * (table?.[6] ?? 0);

/** Where a phrase stands in its question, word for word. */
function placesOf(phrase: Asked, question: Asked | undefined): readonly number[] {
  const words = phrase.tokens.map((t) => t.lower);
  if (question === undefined || words.length === 0) return [];
  const { tokens } = question;
  return [...tokens.keys()].filter((i) => words.every((w, k) => tokens[i + k]?.lower === w));
}

function ownersOf(
  phrase: Asked,
  question: QuestionContext | undefined,
  places: readonly number[],
): readonly Owner[] | undefined {
  if (question === undefined || places.length === 0) return undefined;
  return places.flatMap((at) => ownersOfWords(question, at, at + phrase.tokens.length));
}

export function writePhraseColumn(context: PhraseContext, id: number, out: Float32Array, offset: number): void {
  const { index, phrase, question, best } = context;
  const column = index.columns[id];
  const table = column === undefined ? undefined : index.tables[column.table];
  const own = context.columnCover.get(id)?.numbers;
  const theirs = column === undefined ? undefined : context.tableCover[column.table]?.numbers;
  if (column === undefined || table === undefined || own === undefined || theirs === undefined) return;
  out.set(own, offset);
  out.set(theirs, offset + own.length);
  let at = offset + own.length + theirs.length;
  const comment = context.comments.get(id);
  at = putSome((comment?.own ?? nothingCovered).numbers, out, at);
  at = putSome(cover(index, phrase, table.comment).numbers, out, at);
  const meaning = likenessOf(index, phrase, column.doc);
  const together = context.together.get(id) ?? nothingTogether;
  const row = question?.rowOf.get(id);
  const log = question?.log.get(id) ?? -8;
  const p = 1 / (1 + Math.exp(-log));
  const pOf = (ids: readonly number[]) =>
    mostOfOthers(ids, id, (other) => 1 / (1 + Math.exp(-(question?.log.get(other) ?? -8))));
  const tableAt = question?.context.tableCover[table.id]?.at ?? -1;
  const { at: phraseAt } = context.places;
  const apart = tableAt < 0 || phraseAt < 0 ? 20 : tableAt - phraseAt;
  const standingNumbers = [
    question === undefined ? 0 : 1,
    log,
    p,
    question === undefined ? 0 : Math.min(40, question.rankOf.get(id) ?? 0),
    question === undefined ? 0 : log - (question.log.get(question.ranked[0] ?? -1) ?? 0),
    question?.standings.tableBest[table.id] ?? 0,
    question?.standings.tableSum[table.id] ?? 0,
    p - pOf(namesakes(index, column)),
    column.twins < 0 ? 0 : pOf(index.twinGroups[column.twins] ?? []),
    (own[0] ?? 0) - best.exact,
    (own[1] ?? 0) - best.soft,
    bothOf(own, theirs) - best.both,
    (own[6] ?? 0) - best.share,
    (own[0] ?? 0) > 0.95 ? context.exactRivals : 0,
    meaning,
    likenessOf(index, phrase, table.doc),
    meaning - best.meaning,
    phrase.tokens.length,
    Math.min(20, Math.abs(apart)),
    apart === 20 ? 0 : Math.sign(apart),
    context.values.get(id)?.likeness ?? 0,
    (theirs[12] ?? 0) * (theirs[6] ?? 0),
    ...(question === undefined
      ? nobodys
      : ownerNumbers(
          question.context,
          column,
          context.owners ?? ownersOfName(question.context, question.context.columnCover.get(id) ?? nothingCovered),
        )),
    together.soft,
    together.exact,
    together.soft - best.together,
    comment === undefined ? 0 : 1,
    (comment?.own.numbers[7] ?? 0) - best.comment,
    (comment?.together ?? together).soft,
    (comment?.together ?? together).exact,
    (comment?.together ?? together).soft - best.commentTogether,
    context.commentRivals,
    ...(context.affinities.get(id) ?? noAffinity),
    ...placeNumbers(context.places, question, id),
    context.typeAsked === undefined ? 0 : context.typeAsked.type === column.typeClass ? 1 : -1,
  ];
  out.set(standingNumbers, at);
  at += standingNumbers.length;
  for (const place of askedPlaces) {
    out[at] =
      question === undefined || row === undefined ? 0 : (question.x[row * columnFeatureNames.length + place] ?? 0);
    at += 1;
  }
  if (question === undefined) writeShape(context, id, out, at - askedPlaces.length);
  for (const place of needPlaces) {
    out[at] =
      question === undefined || row === undefined ? 0 : (question.x2[row * secondFeatureNames.length + place] ?? 0);
    at += 1;
  }
  out.set(context.cues, at);
}

/** Without a question the schema's own numbers still hold. */
function writeShape(context: PhraseContext, id: number, out: Float32Array, start: number): void {
  const { index } = context;
  const column = index.columns[id];
  if (column === undefined) return;
  const table = index.tables[column.table];
  const put = (name: (typeof asked)[number], value: number) => {
    out[start + asked.indexOf(name)] = value;
  };
  put("type", { text: 0, time: 1, number: 2, boolean: 3, other: 4 }[column.typeClass]);
  put("primary", column.primary ? 1 : 0);
  put("unique", column.unique ? 1 : 0);
  put("foreign", column.refersTo >= 0 ? 1 : 0);
  put("referred", Math.log1p(column.referredBy));
  put("position", column.position);
  put("tableColumns", (table?.to ?? 0) - (table?.from ?? 0));
  put("nameWords", column.doc.concepts.length);
  put("schemaColumns", Math.log(index.columns.length));
  put("schemaTables", Math.log(index.tables.length));
  put("isView", table?.view === true ? 1 : 0);
}

/** Writes those at `start`; where the next number goes. */
export function putSome(numbers: Float32Array, out: Float32Array, start: number): number {
  for (const [i, place] of toldOfComments.entries()) out[start + i] = numbers[place] ?? 0;
  return start + toldOfComments.length;
}
