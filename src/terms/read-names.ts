/**
 * The names and comments of a schema read once each: which concepts they hold, how often each stands, and what a concept weighs in a name. Pure;
 * reads a stretch at a time, so that whoever drives it may let others run in between.
 */

import type { SchemaSnapshot } from "../schema/snapshot.js";
import { hasPrefix } from "../schema/table-shapes.js";
import { type Concept, ConceptTable } from "./concepts.js";
import { isDayKey, isUnit, withoutMarkers } from "./naming-marks.js";
import { rarity } from "./vectors.js";
import { splitIdentifier, tokensOf } from "./words.js";

/** A name or comment as concepts, in order, each with a weight (rarity in English by rarity in this schema). */
export interface Doc {
  readonly concepts: Int32Array;
  readonly weights: Float32Array;
}

export const emptyDoc: Doc = { concepts: new Int32Array(0), weights: new Float32Array(0) };

/** Columns handled between two pauses. */
export const stretch = 2_000;

/** Different texts in the order in which they were met, each with its concepts and how often it stands. */
class Texts {
  readonly ids: (readonly number[])[] = [];
  readonly counts: number[] = [];
  readonly #places = new Map<string, number>();
  readonly #read: (text: string) => readonly number[];

  constructor(read: (text: string) => readonly number[]) {
    this.#read = read;
  }

  add(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) {
      this.counts[known] = (this.counts[known] as number) + 1;
      return known;
    }
    const place = this.ids.length;
    this.#places.set(text, place);
    this.ids.push(this.#read(text));
    this.counts.push(1);
    return place;
  }

  /** The place of a text that was added. */
  at(text: string): number {
    return this.#places.get(text) ?? -1;
  }

  texts(): Iterable<string> {
    return this.#places.keys();
  }
}

interface ReadNames {
  readonly table: ConceptTable;
  readonly columnNames: Texts;
  readonly columnComments: Texts;
  readonly tableNames: Texts;
  readonly tableComments: Texts;
  /** By table: the number of its first column. */
  readonly starts: Int32Array;
  /** By column: its name among `columnNames`, its comment among `columnComments` (-1 where it has none). */
  readonly nameOf: Int32Array;
  readonly commentOf: Int32Array;
  /** Names that begin with the prefix of a table's columns. */
  readonly prefixed: ReadonlySet<number>;
}

export function* readNames(snapshot: SchemaSnapshot): Generator<undefined, ReadNames, undefined> {
  const table = new ConceptTable(yield* contextWords(snapshot));
  const ofName = (name: string) => {
    const parts = splitIdentifier(name);
    return table.ofParts(isDayKey(parts) ? parts.slice(0, -1) : parts);
  };
  const ofComment = (comment: string) => table.ofText(comment);
  const [columnNames, columnComments] = [new Texts(ofName), new Texts(ofComment)];
  const [tableNames, tableComments] = [
    new Texts((name) => table.ofParts(withoutMarkers(splitIdentifier(name)))),
    new Texts(ofComment),
  ];
  const starts = new Int32Array(snapshot.tables.length);
  const count = snapshot.tables.reduce((sum, t) => sum + t.columns.length, 0);
  const [nameOf, commentOf] = [new Int32Array(count), new Int32Array(count).fill(-1)];
  const prefixed = new Set<number>();
  let id = 0;
  for (const [i, table] of snapshot.tables.entries()) {
    starts[i] = id;
    const sharesPrefix = hasPrefix(table);
    for (const column of table.columns) {
      const name = columnNames.add(column.name);
      nameOf[id] = name;
      if (sharesPrefix) prefixed.add(name);
      if (column.comment !== undefined) commentOf[id] = columnComments.add(column.comment);
      id += 1;
      if (id % stretch === 0) yield;
    }
  }
  for (const [i, { name, comment }] of snapshot.tables.entries()) {
    tableNames.add(name);
    if (comment !== undefined) tableComments.add(comment);
    if (i % stretch === 0) yield;
  }
  return { table, columnNames, columnComments, tableNames, tableComments, starts, nameOf, commentOf, prefixed };
}

const isNumber = (word: string): boolean => /^\p{N}/u.test(word);

/** Long words that the schema itself uses: what its own abbreviations are likely short for. */
function* contextWords(snapshot: SchemaSnapshot): Generator<undefined, Set<string>, undefined> {
  const words = new Set<string>();
  const comments = new Set<string>();
  const note = (text: string | undefined) => {
    if (text === undefined || comments.has(text)) return;
    comments.add(text);
    for (const token of tokensOf(text)) if (token.kind === "word" && token.lower.length >= 5) words.add(token.lower);
  };
  let columns = 0;
  for (const table of snapshot.tables) {
    note(table.comment);
    for (const column of table.columns) note(column.comment);
    for (const word of splitIdentifier(table.name)) if (word.length >= 6 && !isNumber(word)) words.add(word);
    columns += table.columns.length;
    if (columns >= stretch) {
      columns = 0;
      yield;
    }
  }
  return words;
}

/** By name: how many columns have it, in any case of letters, those left out that repeat another (`isCopy`). */
export function sameNames(names: Texts, nameOf: Int32Array, isCopy: (column: number) => boolean): readonly number[] {
  const lower = [...names.texts()].map((name) => name.toLowerCase());
  const sums = new Map<string, number>();
  for (let id = 0; id < nameOf.length; id += 1) {
    const name = lower[nameOf[id] as number] as string;
    if (!isCopy(id)) sums.set(name, (sums.get(name) ?? 0) + 1);
  }
  return lower.map((name) => sums.get(name) ?? 1);
}

/** Concepts as a Doc, weighted by how many of `all` names have each; a unit at the end, and a table's prefix where `prefixed`, hardly count. */
export function weigher(
  concepts: readonly Concept[],
  names: Texts,
  all: number,
): (ids: readonly number[], prefixed?: boolean) => Doc {
  const documents = new Int32Array(concepts.length);
  for (const [i, ids] of names.ids.entries())
    for (const id of new Set(ids)) documents[id] = (documents[id] as number) + (names.counts[i] as number);
  const weights = Float32Array.from(concepts, (concept, id) => weightOf(concept, documents[id] as number, all));
  return (ids, prefixed = false) => ({
    concepts: Int32Array.from(ids),
    weights: Float32Array.from(ids, (id, i) => {
      const isLight = i === 0 ? prefixed && ids.length > 1 : i === ids.length - 1 && isUnit(concepts[id]?.token ?? "");
      return isLight ? lightWeight : (weights[id] as number);
    }),
  });
}

const lightWeight = 0.002;
/** A word of a name that weighs no more is one that nobody need say. */
export const leastTelling = 0.01;

/** A concept's weight in a name, about .1 ("of", a prefix that every column has) to 1 (a telling word). */
function weightOf(concept: Concept, documents: number, all: number): number {
  const rare = rarity(concept.moment === true ? concept.token : concept.meaning);
  const spread = all <= 1 ? 1 : Math.log((all + 1) / (documents + 0.5)) / Math.log((all + 1) / 0.5);
  return 0.08 + 0.92 * Math.max(0.15, rare) * Math.max(0.12, spread);
}
