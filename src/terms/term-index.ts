/**
 * The term index of one schema version: every table and column as concepts with weights, keys and neighbours, ready for ranking.
 * A pure function of the view and the glossary; holds no rows but the value profile that the view carries. What a term means is `map.ts`.
 * Columns of one name share what is known of the name, and what was read of a word is taken over from earlier versions, so that after a change only
 * new words are read. Kept in memory alone: the snapshot is kept by version (`catalog/`), and to make the index of it anew costs less than to read so
 * many numbers back from a store (figures: `npm run bench terms`).
 */

import { printRef, tableKey } from "../schema/names.js";
import { plainType } from "../schema/plain-types.js";
import type { Column, SchemaSnapshot, Table } from "../schema/snapshot.js";
import type { SchemaView } from "../schema/view.js";
import type { Concept } from "./concepts.js";
import { copiesIn, isView } from "./copies.js";
import type { Glossary } from "./glossary.js";
import { type Doc, readNames, sameNames, stretch, weigher } from "./read-names.js";
import { readLinks, type SchemaLinks } from "./schema-links.js";
import { type TypeClass, typeClasses, typeClassOf } from "./type-class.js";
import { vectorLength } from "./vectors.js";

export interface ColumnDoc {
  readonly id: number;
  readonly table: number;
  readonly name: string;
  readonly ref: string;
  readonly type: string;
  readonly typeClass: TypeClass;
  readonly doc: Doc;
  readonly comment: Doc;
  /** From 0 in its table. */
  readonly position: number;
  readonly primary: boolean;
  readonly unique: boolean;
  /** It repeats a column of another table (`copies.ts`). */
  readonly copy: boolean;
  /** The column that it refers to, or -1. */
  readonly refersTo: number;
  /** How many columns refer to it. */
  readonly referredBy: number;
  /** Columns linked by keys, directly or not, share a group; -1 where it is in none. */
  readonly twins: number;
  /** How many columns of the schema have the same name, itself included. */
  readonly sameName: number;
}

export interface TableDoc {
  readonly id: number;
  readonly key: string;
  readonly ref: string;
  readonly name: string;
  readonly doc: Doc;
  readonly comment: Doc;
  /** Its columns are `columns[from]` up to, not including, `columns[to]`. */
  readonly from: number;
  readonly to: number;
  /** Tables linked to it, each once. */
  readonly neighbours: readonly number[];
  readonly view: boolean;
  /** Of one that repeats others: concepts of its name that none of those has in its own. */
  readonly ownWords: readonly number[];
  readonly rows: number | undefined;
}

export interface TermIndex {
  readonly view: SchemaView;
  readonly glossary: Glossary;
  readonly concepts: readonly Concept[];
  readonly byForm: ReadonlyMap<string, readonly { readonly concept: number; readonly weight: number }[]>;
  readonly columns: readonly ColumnDoc[];
  readonly tables: readonly TableDoc[];
  /** The different names of columns, and which of them each column has. */
  readonly names: readonly Doc[];
  readonly nameOf: Int32Array;
  /** By concept: the names of columns, and the tables, that have it. */
  readonly namesOf: readonly (readonly number[])[];
  readonly tablesOf: readonly (readonly number[])[];
  /** Beside `namesOf` and `tablesOf`: the concept's share of each name, weighted by its own weight there. */
  readonly nameShares: readonly (readonly number[])[];
  readonly tableShares: readonly (readonly number[])[];
  /** The vectors of the concepts that have one, one after the other: whose they are, and by concept its place among them or -1. */
  readonly vectors: Float32Array;
  readonly vectorConcepts: Int32Array;
  readonly vectorOf: Int32Array;
  /** By the first letter (its UTF-16 code) of what they mean: concepts; of how they are written: those that are no words, of four letters or more. */
  readonly byInitial: ReadonlyMap<number, readonly number[]>;
  readonly shortByInitial: ReadonlyMap<number, readonly number[]>;
  /** Two neighbouring tokens of a name written as one (`hometown`) -> the two concepts. */
  readonly joined: ReadonlyMap<string, readonly [number, number]>;
  /** Groups of linked columns: group -> column ids. */
  readonly twinGroups: readonly (readonly number[])[];
}

interface Built {
  readonly snapshot: SchemaView["snapshot"];
  readonly statistics: SchemaView["statistics"];
  readonly glossary: Glossary;
  readonly index: TermIndex;
}

/** By a view's links, which live as long as it is served: a snapshot is kept longer, by the history among others. */
const built = new WeakMap<SchemaView["relationships"], Built>();

function knownIndex({ snapshot, statistics, relationships }: SchemaView, glossary: Glossary): TermIndex | undefined {
  const known = built.get(relationships);
  const same = known?.statistics === statistics && known.snapshot === snapshot && known.glossary === glossary;
  return same ? known.index : undefined;
}

function keep(index: TermIndex): TermIndex {
  const { view, glossary } = index;
  const { snapshot, statistics, relationships } = view;
  built.set(relationships, { snapshot, statistics, glossary, index });
  return index;
}

/** The index of a view; the same schema, statistics, links and glossary give the index that was built before. */
export function buildTermIndex(view: SchemaView, glossary: Glossary): TermIndex {
  const known = knownIndex(view, glossary);
  if (known !== undefined) return known;
  const steps = build(view, glossary);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return keep(step.value);
}

const underWay = new WeakMap<
  SchemaView["relationships"],
  { readonly glossary: Glossary; readonly index: Promise<TermIndex> }
>();

/** The same, a stretch at a time: `pause` lets others run in between, every few thousand columns. Callers who ask meanwhile wait for the same one. */
export async function prepareTermIndex(
  view: SchemaView,
  glossary: Glossary,
  pause: () => Promise<void>,
): Promise<TermIndex> {
  const known = knownIndex(view, glossary);
  if (known !== undefined) return known;
  const other = underWay.get(view.relationships);
  if (other?.glossary === glossary) await other.index;
  const done = knownIndex(view, glossary);
  if (done !== undefined) return done;
  const index = buildInStretches(view, glossary, pause);
  underWay.set(view.relationships, { glossary, index });
  return index;
}

async function buildInStretches(view: SchemaView, glossary: Glossary, pause: () => Promise<void>): Promise<TermIndex> {
  const steps = build(view, glossary);
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return keep(step.value);
    await pause();
  }
}

function* build(view: SchemaView, glossary: Glossary): Generator<undefined, TermIndex, undefined> {
  const { snapshot } = view;
  const of = knownWords.get(snapshot)?.deref() ?? (yield* readWords(snapshot));
  knownWords.set(snapshot, new WeakRef(of));
  const links = readLinks(view, of.starts, of.nameOf.length);
  const facts = { snapshot, of, links };
  const columns: ColumnDoc[] = [];
  const tables: TableDoc[] = [];
  for (const [i, table] of snapshot.tables.entries()) {
    const from = columns.length;
    for (let id = from; id < from + table.columns.length; id += 1) {
      columns.push(new ColumnEntry(id, i, facts));
      if (id % stretch === 0) yield;
    }
    const key = tableKey(table);
    tables.push({
      id: i,
      key,
      ref: printRef(snapshot, table),
      name: table.name,
      doc: of.tableNames[i] ?? emptyDoc,
      comment: of.tableComments[i] ?? emptyDoc,
      from,
      to: columns.length,
      neighbours: links.neighbours.get(i) ?? [],
      view: isView(table),
      ownWords: of.ownWords.get(i) ?? [],
      rows: view.statistics.tables[key]?.rowEstimate,
    });
  }
  yield;
  return {
    ...of.shared,
    view,
    glossary,
    columns,
    tables,
    names: of.names,
    nameOf: of.nameOf,
    twinGroups: links.groups,
  };
}

const emptyDoc: Doc = { concepts: new Int32Array(0), weights: new Float32Array(0) };

/** What an index takes from the snapshot alone: a view with other statistics or links of the same schema has it too. */
interface SchemaWords {
  /** The different names and comments of columns, and which of them each column has (comment 0 where it has none). */
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
  /** By column: its type's place in `typeClasses`; `isPrimary` and `isUnique`. In as few bytes as it takes: a schema has them by the hundred thousand. */
  readonly types: Uint8Array;
  readonly keys: Uint8Array;
  /** By table, of those that repeat others. */
  readonly ownWords: ReadonlyMap<number, readonly number[]>;
  readonly shared: Omit<TermIndex, "view" | "glossary" | "columns" | "tables" | "names" | "nameOf" | "twinGroups">;
}

/** Held as long as an index rests on them. */
const knownWords = new WeakMap<SchemaSnapshot, WeakRef<SchemaWords>>();

const isPrimary = 1;
const isUnique = 2;
const isCopy = 4;

function* readWords(snapshot: SchemaSnapshot): Generator<undefined, SchemaWords, undefined> {
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
  const [types, keys] = [new Uint8Array(nameOf.length), new Uint8Array(nameOf.length)];
  const copies = copiesIn(snapshot);
  const ownWords = new Map<number, readonly number[]>();
  for (const [i, table] of snapshot.tables.entries()) {
    const alone = loneKeys(table);
    const copied = copies.get(i);
    if (copied !== undefined) {
      const theirs = new Set(copied.of.flatMap((original) => [...(tableNames[original]?.concepts ?? [])]));
      ownWords.set(
        i,
        [...(tableNames[i]?.concepts ?? [])].filter((concept) => !theirs.has(concept)),
      );
    }
    const primary = new Set(table.primaryKey?.columns);
    for (const [position, column] of table.columns.entries()) {
      const { name } = column;
      const id = (starts[i] as number) + position;
      types[id] = typeClasses.indexOf(typeClassOf({ name, type: plainType(snapshot, column) }));
      const copy = copied?.columns.has(name.toLowerCase()) === true;
      keys[id] = (primary.has(name) ? isPrimary : 0) | (alone.has(name) ? isUnique : 0) | (copy ? isCopy : 0);
      if (id % stretch === 0) yield;
    }
  }
  yield;
  const namesOf = postings(names, concepts.length);
  const tablesOf = postings(tableNames, concepts.length);
  yield;
  const nameShares = namesOf.map((ids, concept) => ids.map((id) => shareOf(names[id], concept)));
  const tableShares = tablesOf.map((ids, concept) => ids.map((id) => shareOf(tableNames[id], concept)));
  yield;
  const shared = {
    concepts,
    byForm,
    namesOf,
    tablesOf,
    nameShares,
    tableShares,
    ...flatVectors(concepts),
    byInitial: initials(concepts, ({ meaning }) => meaning),
    shortByInitial: initials(concepts, ({ short, token }) => (short && token.length >= 4 ? token : "")),
    joined: joinedNames([...read.columnNames.ids, ...read.tableNames.ids], concepts),
  };
  yield;
  const comments = read.columnComments.ids.map((ids) => asColumn(ids));
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
    ownWords,
    shared,
  };
}

interface ColumnFacts {
  readonly snapshot: SchemaSnapshot;
  readonly of: SchemaWords;
  readonly links: SchemaLinks;
}

/** A column as the index keeps it: two numbers, from which everything else is looked up when it is asked for. */
class ColumnEntry implements ColumnDoc {
  readonly #facts: ColumnFacts;

  constructor(
    readonly id: number,
    readonly table: number,
    facts: ColumnFacts,
  ) {
    this.#facts = facts;
  }

  get #owner(): Table {
    return this.#facts.snapshot.tables[this.table] as Table;
  }

  get #column(): Column {
    return this.#owner.columns[this.position] as Column;
  }

  get name(): string {
    return this.#column.name;
  }

  get ref(): string {
    return printRef(this.#facts.snapshot, this.#owner, this.name);
  }

  get type(): string {
    return this.#column.type;
  }

  get typeClass(): TypeClass {
    return typeClasses[this.#facts.of.types[this.id] as number] as TypeClass;
  }

  get doc(): Doc {
    const { names, nameOf } = this.#facts.of;
    return names[nameOf[this.id] as number] ?? emptyDoc;
  }

  get comment(): Doc {
    if (this.#column.comment === undefined) return emptyDoc;
    const { comments, commentOf } = this.#facts.of;
    return comments[commentOf[this.id] as number] ?? emptyDoc;
  }

  get position(): number {
    return this.id - (this.#facts.of.starts[this.table] as number);
  }

  get primary(): boolean {
    return ((this.#facts.of.keys[this.id] as number) & isPrimary) !== 0;
  }

  get unique(): boolean {
    return ((this.#facts.of.keys[this.id] as number) & isUnique) !== 0;
  }

  get copy(): boolean {
    return ((this.#facts.of.keys[this.id] as number) & isCopy) !== 0;
  }

  get refersTo(): number {
    return this.#facts.links.refersTo[this.id] as number;
  }

  get referredBy(): number {
    return this.#facts.links.referredBy[this.id] as number;
  }

  get twins(): number {
    return this.#facts.links.groupOf[this.id] as number;
  }

  get sameName(): number {
    const { sameName, nameOf } = this.#facts.of;
    return sameName[nameOf[this.id] as number] as number;
  }
}

/** Columns that are a key of their table by themselves. */
function loneKeys(table: Table): ReadonlySet<string> {
  const keys = table.primaryKey === undefined ? table.uniques : [table.primaryKey, ...table.uniques];
  return new Set(keys.flatMap(({ columns }) => (columns.length === 1 ? columns : [])));
}

function postings(docs: readonly Doc[], concepts: number): number[][] {
  const lists: number[][] = Array.from({ length: concepts }, () => []);
  for (const [id, doc] of docs.entries()) for (const concept of new Set(doc.concepts)) lists[concept]?.push(id);
  return lists;
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

function flatVectors(concepts: readonly Concept[]): Pick<TermIndex, "vectors" | "vectorConcepts" | "vectorOf"> {
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
  return joined;
}
