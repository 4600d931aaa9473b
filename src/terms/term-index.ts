/**
 * The term index of one schema version: every table and column as concepts with weights, keys and neighbours, ready for ranking.
 * A pure function of the view and the glossary; holds no rows but the value profile that the view carries. What a term means is `map.ts`.
 * Columns of one name share what is known of the name, and what was read of a word is taken over from earlier versions, so that after a change only
 * new words are read. Kept in memory alone: the snapshot is kept by version (`catalog/`), and to make the index of it anew costs less than to read so
 * many numbers back from a store (figures: `npm run bench terms`).
 */

import { printRef, tableKey } from "../schema/names.js";
import type { Column, SchemaSnapshot, Table } from "../schema/snapshot.js";
import { isView } from "../schema/table-shapes.js";
import type { SchemaView } from "../schema/view.js";
import type { Glossary } from "./glossary.js";
import { type Doc, emptyDoc, stretch } from "./read-names.js";
import { readLinks, type SchemaLinks } from "./schema-links.js";
import { isCopy, isPrimary, isUnique, readWords, type SchemaWords, type SharedWords } from "./schema-words.js";
import { type TypeClass, typeClasses } from "./type-class.js";

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

export interface TermIndex extends SharedWords {
  readonly view: SchemaView;
  readonly glossary: Glossary;
  readonly columns: readonly ColumnDoc[];
  readonly tables: readonly TableDoc[];
  /** The different names of columns, and which of them each column has. */
  readonly names: readonly Doc[];
  readonly nameOf: Int32Array;
  /** Their different comments, and which of them each column has, -1 where it has none. */
  readonly comments: readonly Doc[];
  readonly commentOf: Int32Array;
  /** Groups of linked columns: group -> column ids. */
  readonly twinGroups: readonly (readonly number[])[];
}

/** The columns of a table, by their numbers. */
export function columnsOfTable({ tables }: TermIndex, table: number): readonly number[] {
  const { from, to } = tables[table] ?? { from: 0, to: 0 };
  return Array.from({ length: to - from }, (_, i) => from + i);
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
    comments: of.comments,
    commentOf: of.commentOf,
    twinGroups: links.groups,
  };
}

/** Held as long as an index rests on them. */
const knownWords = new WeakMap<SchemaSnapshot, WeakRef<SchemaWords>>();

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
