/**
 * What a term index takes from the snapshot alone: the words of all names and comments with their weights, what each column is by itself, and the lists by
 * which ranking finds names by words. A view with other statistics or links of the same schema has it too. Pure; read a stretch at a time.
 */

import { plainType } from "../schema/plain-types.js";
import type { SchemaSnapshot, Table } from "../schema/snapshot.js";
import type { Concept } from "./concepts.js";
import { type Copies, copiesIn } from "./copies.js";
import { type Doc, emptyDoc, readNames, sameNames, stretch, weigher } from "./read-names.js";
import { typeClasses, typeClassOf } from "./type-class.js";
import { vectorLength } from "./vectors.js";

/** What ranking looks up of all words. */
export interface SharedWords {
  readonly concepts: readonly Concept[];
  readonly byForm: ReadonlyMap<string, readonly { readonly concept: number; readonly weight: number }[]>;
  /** By concept: the names of columns, their comments, and the tables that have it in their names or in their comments. */
  readonly namesOf: readonly (readonly number[])[];
  readonly commentsOf: readonly (readonly number[])[];
  readonly tablesOf: readonly (readonly number[])[];
  readonly describedTablesOf: readonly (readonly number[])[];
  /** Beside these: the concept's share of each, weighted by its own weight there. */
  readonly nameShares: readonly (readonly number[])[];
  readonly commentShares: readonly (readonly number[])[];
  readonly tableShares: readonly (readonly number[])[];
  readonly describedTableShares: readonly (readonly number[])[];
  /** The vectors of the concepts that have one, one after the other: whose they are, and by concept its place among them or -1. */
  readonly vectors: Float32Array;
  readonly vectorConcepts: Int32Array;
  readonly vectorOf: Int32Array;
  /** By the first letter (its UTF-16 code) of what they mean: concepts; of how they are written: those that are no words, of four letters or more. */
  readonly byInitial: ReadonlyMap<number, readonly number[]>;
  readonly shortByInitial: ReadonlyMap<number, readonly number[]>;
  /** Two neighbouring tokens of a name written as one (`hometown`), or what they mean -> the two concepts. */
  readonly joined: ReadonlyMap<string, readonly [number, number]>;
}

/** By name, by column and by table; `shared` is what ranking looks up of all words. */
export interface SchemaWords {
  /** The different names and comments of columns, and which of them each column has (comment -1 where it has none). */
  readonly names: readonly Doc[];
  readonly comments: readonly Doc[];
  readonly nameOf: Int32Array;
  readonly commentOf: Int32Array;
  /** By table: its name, its comment (absent where it has none), the number of its first column. */
  readonly tableNames: readonly Doc[];
  readonly tableComments: readonly (Doc | undefined)[];
  readonly starts: Int32Array;
  /** By name: how many columns have it. */
  readonly sameName: readonly number[];
  /** By column: its type's place in `typeClasses`; what it is for its table (`isPrimary`, `isUnique`, `isCopy`). In as few bytes as it takes: a schema has them by the hundred thousand. */
  readonly types: Uint8Array;
  readonly keys: Uint8Array;
  /** By table, of those that repeat others. */
  readonly ownWords: ReadonlyMap<number, readonly number[]>;
  readonly shared: SharedWords;
}

export const isPrimary = 1;
export const isUnique = 2;
export const isCopy = 4;

export function* readWords(snapshot: SchemaSnapshot): Generator<undefined, SchemaWords, undefined> {
  const read = yield* readNames(snapshot);
  const { concepts, byForm } = read.table;
  const { starts, nameOf, commentOf } = read;
  const asColumn = weigher(concepts, read.columnNames, snapshot.tables.length === 0 ? 0 : nameOf.length);
  const asTable = weigher(concepts, read.tableNames, snapshot.tables.length);
  const names = read.columnNames.ids.map((ids, name) => asColumn(ids, read.prefixed.has(name)));
  const [nameDocs, commentDocs] = [
    read.tableNames.ids.map((ids) => asTable(ids)),
    read.tableComments.ids.map((ids) => asTable(ids)),
  ];
  const tableNames = snapshot.tables.map(({ name }) => nameDocs[read.tableNames.at(name)] ?? emptyDoc);
  const tableComments = snapshot.tables.map(({ comment }) =>
    comment === undefined ? undefined : commentDocs[read.tableComments.at(comment)],
  );
  yield;
  const copies = copiesIn(snapshot);
  const { types, keys } = yield* readKinds(snapshot, starts, nameOf.length, copies);
  yield;
  const comments = read.columnComments.ids.map((ids) => asColumn(ids));
  const described = tableComments.map((doc) => doc ?? emptyDoc);
  const namesOf = postings(names, concepts.length);
  const commentsOf = postings(comments, concepts.length);
  const tablesOf = postings(tableNames, concepts.length);
  const describedTablesOf = postings(described, concepts.length);
  yield;
  const nameShares = sharesOf(names, namesOf);
  const commentShares = sharesOf(comments, commentsOf);
  const tableShares = sharesOf(tableNames, tablesOf);
  const describedTableShares = sharesOf(described, describedTablesOf);
  yield;
  const shared = {
    concepts,
    byForm,
    namesOf,
    commentsOf,
    tablesOf,
    describedTablesOf,
    nameShares,
    commentShares,
    tableShares,
    describedTableShares,
    ...flatVectors(concepts),
    byInitial: initials(concepts, ({ meaning }) => meaning),
    shortByInitial: initials(concepts, ({ short, token }) => (short && token.length >= 4 ? token : "")),
    joined: joinedNames([...read.columnNames.ids, ...read.tableNames.ids], concepts),
  };
  yield;
  const sameName = sameNames(read.columnNames, nameOf, (id) => ((keys[id] as number) & isCopy) !== 0);
  return {
    names,
    comments,
    nameOf,
    commentOf,
    tableNames,
    tableComments,
    starts,
    sameName,
    types,
    keys,
    ownWords: ownWordsOf(copies, tableNames),
    shared,
  };
}

/** Of tables that repeat others: the words of their names that none of those has. */
function ownWordsOf(
  copies: ReadonlyMap<number, Copies>,
  tableNames: readonly Doc[],
): ReadonlyMap<number, readonly number[]> {
  const wordsOf = (table: number) => [...(tableNames[table]?.concepts ?? [])];
  return new Map(
    [...copies].map(([table, { of }]) => {
      const theirs = new Set(of.flatMap(wordsOf));
      return [table, wordsOf(table).filter((word) => !theirs.has(word))];
    }),
  );
}

function* readKinds(
  snapshot: SchemaSnapshot,
  starts: Int32Array,
  count: number,
  copies: ReadonlyMap<number, Copies>,
): Generator<undefined, Pick<SchemaWords, "types" | "keys">, undefined> {
  const [types, keys] = [new Uint8Array(count), new Uint8Array(count)];
  for (const [i, table] of snapshot.tables.entries()) {
    const alone = loneKeys(table);
    const primary = new Set(table.primaryKey?.columns);
    const copied = copies.get(i)?.columns;
    for (const [position, column] of table.columns.entries()) {
      const { name } = column;
      const id = (starts[i] as number) + position;
      types[id] = typeClasses.indexOf(typeClassOf({ name, type: plainType(snapshot, column) }));
      const copy = copied?.has(name.toLowerCase()) === true;
      keys[id] = (primary.has(name) ? isPrimary : 0) | (alone.has(name) ? isUnique : 0) | (copy ? isCopy : 0);
      if (id % stretch === 0) yield;
    }
  }
  return { types, keys };
}

/** Columns that are a key of their table by themselves. */
function loneKeys(table: Table): ReadonlySet<string> {
  const keys = table.primaryKey === undefined ? table.uniques : [table.primaryKey, ...table.uniques];
  return new Set(keys.flatMap(({ columns }) => (columns.length === 1 ? columns : [])));
}

/** Of a concept that stands in none: one list for all of them, as most words stand in no comment. */
const nowhere: number[] = [];

function postings(docs: readonly Doc[], concepts: number): number[][] {
  const lists: number[][] = Array.from({ length: concepts }, () => nowhere);
  for (const [id, doc] of docs.entries()) {
    for (const concept of new Set(doc.concepts)) {
      if (lists[concept] === nowhere) lists[concept] = [id];
      else lists[concept]?.push(id);
    }
  }
  return lists;
}

/** Beside `postings`. */
function sharesOf(docs: readonly Doc[], lists: readonly (readonly number[])[]): number[][] {
  return lists.map((ids, concept) => (ids.length === 0 ? nowhere : ids.map((id) => shareOf(docs[id], concept))));
}

/** The concept's share of a name's weight, times what it weighs there. */
function shareOf(doc: Doc | undefined, concept: number): number {
  if (doc === undefined) return 0;
  let [own, total] = [0, 0];
  for (let i = 0; i < doc.concepts.length; i += 1) {
    const weight = doc.weights[i] as number;
    total += weight;
    if (doc.concepts[i] === concept) own = weight;
  }
  return total === 0 ? 0 : (own / total) * (0.5 + own);
}

function initials(concepts: readonly Concept[], textOf: (concept: Concept) => string): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (const [id, concept] of concepts.entries()) {
    const text = textOf(concept);
    if (text === "") continue;
    const list = found.get(text.charCodeAt(0));
    if (list === undefined) found.set(text.charCodeAt(0), [id]);
    else list.push(id);
  }
  return found;
}

function flatVectors(concepts: readonly Concept[]): Pick<SharedWords, "vectors" | "vectorConcepts" | "vectorOf"> {
  const vectorConcepts = Int32Array.from(concepts.flatMap(({ vector }, id) => (vector === undefined ? [] : [id])));
  const vectors = new Float32Array(vectorConcepts.length * vectorLength);
  const vectorOf = new Int32Array(concepts.length).fill(-1);
  for (let row = 0; row < vectorConcepts.length; row += 1) {
    const id = vectorConcepts[row] as number;
    vectorOf[id] = row;
    vectors.set(concepts[id]?.vector ?? [], row * vectorLength);
  }
  return { vectors, vectorConcepts, vectorOf };
}

function joinedNames(
  names: readonly (readonly number[])[],
  concepts: readonly Concept[],
): Map<string, readonly [number, number]> {
  const joined = new Map<string, readonly [number, number]>();
  for (const ids of names) {
    for (let i = 0; i + 1 < ids.length; i += 1) {
      const [a, b] = [ids[i] as number, ids[i + 1] as number];
      joined.set(`${concepts[a]?.token ?? ""}${concepts[b]?.token ?? ""}`, [a, b]);
    }
  }
  // What the words mean, where they are cut short (`issue_dt`).
  const meant = new Map<string, readonly [number, number]>();
  for (const [a, b] of joined.values()) {
    const last = concepts[b];
    const ends = last?.moment === true ? last.forms.map((form) => form.lemma) : [last?.meaning ?? ""];
    for (const end of ends) {
      const key = `${concepts[a]?.meaning ?? ""}${end}`;
      if (!joined.has(key) && !meant.has(key)) meant.set(key, [a, b]);
    }
  }
  for (const [key, both] of meant) joined.set(key, both);
  return joined;
}
