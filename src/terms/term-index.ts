/**
 * The term index of one schema version: every table and column as concepts with weights, keys and neighbours, ready for ranking.
 * A pure function of the view and the glossary; holds no rows but the value profile that the view carries. What a term means is `map.ts`.
 */

import { printRef, tableKey } from "../schema/names.js";
import type { Column, SchemaSnapshot, Table } from "../schema/snapshot.js";
import type { SchemaView } from "../schema/view.js";
import { type Concept, ConceptTable } from "./concepts.js";
import type { Glossary } from "./glossary.js";
import { type TypeClass, typeClassOf } from "./type-class.js";
import { rarity, vectorLength } from "./vectors.js";
import { splitIdentifier, tokensOf } from "./words.js";

/** A name or comment as concepts, in order, each with a weight (rarity in English by rarity in this schema). */
export interface Doc {
  readonly concepts: Int32Array;
  readonly weights: Float32Array;
}

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
  readonly rows: number | undefined;
}

export interface TermIndex {
  readonly view: SchemaView;
  readonly glossary: Glossary;
  readonly concepts: readonly Concept[];
  readonly byForm: ReadonlyMap<string, readonly { readonly concept: number; readonly weight: number }[]>;
  readonly columns: readonly ColumnDoc[];
  readonly tables: readonly TableDoc[];
  /** Columns and tables whose name has the concept. */
  readonly columnsOf: readonly (readonly number[])[];
  readonly tablesOf: readonly (readonly number[])[];
  /** Beside `columnsOf` and `tablesOf`: the concept's share of each name, weighted by its own weight there. */
  readonly columnShares: readonly (readonly number[])[];
  readonly tableShares: readonly (readonly number[])[];
  /** The concepts' vectors, one after the other; zeros where a concept has none. */
  readonly vectors: Float32Array;
  /** Two neighbouring tokens of a name written as one (`hometown`) -> the two concepts. */
  readonly joined: ReadonlyMap<string, readonly [number, number]>;
  /** Groups of linked columns: group -> column ids. */
  readonly twinGroups: readonly (readonly number[])[];
}

interface Built {
  readonly statistics: SchemaView["statistics"];
  readonly relationships: SchemaView["relationships"];
  readonly glossary: Glossary;
  readonly index: TermIndex;
}

const built = new WeakMap<SchemaSnapshot, Built>();

/** The index of a view; the same schema, statistics, links and glossary give the index that was built before. */
export function buildTermIndex(view: SchemaView, glossary: Glossary): TermIndex {
  const { snapshot, statistics, relationships } = view;
  const known = built.get(snapshot);
  if (known?.statistics === statistics && known.relationships === relationships && known.glossary === glossary)
    return known.index;
  const index = build(view, glossary);
  built.set(snapshot, { statistics, relationships, glossary, index });
  return index;
}

function build(view: SchemaView, glossary: Glossary): TermIndex {
  const { snapshot } = view;
  const names = new ConceptTable(contextWords(snapshot));
  const read = readNames(snapshot, names);
  const places = new Map<string, number>();
  for (const [i, table] of snapshot.tables.entries()) {
    for (const [j, column] of table.columns.entries())
      places.set(`${tableKey(table)}\u0000${column.name}`, (read.starts[i] ?? 0) + j);
  }
  const links = readLinks(view, places);
  const counts = countConcepts(read, names.concepts.length);
  const weigh = (ids: readonly number[], df: Int32Array, all: number): Doc => ({
    concepts: Int32Array.from(ids),
    weights: Float32Array.from(ids, (id) => weightOf(names.concepts[id], df[id] ?? 0, all)),
  });
  const total = read.columnNames.length;
  const columns: ColumnDoc[] = [];
  const tables: TableDoc[] = [];
  for (const [i, table] of snapshot.tables.entries()) {
    const from = columns.length;
    for (const [j, column] of table.columns.entries()) {
      const id = columns.length;
      const docs = {
        doc: weigh(read.columnNames[id] ?? [], counts.columns, total),
        comment: weigh(read.columnComments[id] ?? [], counts.columns, total),
      };
      columns.push(columnDoc(id, i, snapshot, table, column, j, docs, links, read.sameName));
    }
    tables.push({
      id: i,
      key: tableKey(table),
      ref: printRef(snapshot, table),
      name: table.name,
      doc: weigh(read.tableNames[i] ?? [], counts.tables, snapshot.tables.length),
      comment: weigh(read.tableComments[i] ?? [], counts.tables, snapshot.tables.length),
      from,
      to: columns.length,
      neighbours: [...(links.neighbours[i] ?? [])].sort((a, b) => a - b),
      view: table.kind === "view" || table.kind === "materialized_view",
      rows: view.statistics.tables[tableKey(table)]?.rowEstimate,
    });
  }
  const columnsOf = postings(read.columnNames, names.concepts.length);
  const tablesOf = postings(read.tableNames, names.concepts.length);
  return {
    view,
    glossary,
    concepts: names.concepts,
    byForm: names.byForm,
    columns,
    tables,
    columnsOf,
    tablesOf,
    columnShares: columnsOf.map((ids, concept) => ids.map((id) => shareOf(columns[id]?.doc, concept))),
    tableShares: tablesOf.map((ids, concept) => ids.map((id) => shareOf(tables[id]?.doc, concept))),
    vectors: flatVectors(names.concepts),
    joined: joinedNames([...read.columnNames, ...read.tableNames], names.concepts),
    twinGroups: links.groups,
  };
}

function columnDoc(
  id: number,
  table: number,
  snapshot: SchemaSnapshot,
  owner: Table,
  column: Column,
  position: number,
  docs: { readonly doc: Doc; readonly comment: Doc },
  links: Links,
  sameName: ReadonlyMap<string, number>,
): ColumnDoc {
  const alone = (key: { readonly columns: readonly string[] }) =>
    key.columns.length === 1 && key.columns[0] === column.name;
  return {
    id,
    table,
    name: column.name,
    ref: printRef(snapshot, owner, column.name),
    type: column.type,
    typeClass: typeClassOf(column),
    ...docs,
    position,
    primary: owner.primaryKey?.columns.includes(column.name) ?? false,
    unique: (owner.primaryKey !== undefined && alone(owner.primaryKey)) || owner.uniques.some(alone),
    refersTo: links.refersTo.get(id) ?? -1,
    referredBy: links.referredBy.get(id) ?? 0,
    twins: links.groupOf.get(id) ?? -1,
    sameName: sameName.get(column.name.toLowerCase()) ?? 1,
  };
}

/** Long words that the schema itself uses: what its own abbreviations are likely short for. */
function contextWords(snapshot: SchemaSnapshot): Set<string> {
  const words = new Set<string>();
  const note = (text: string | undefined) => {
    for (const token of text === undefined ? [] : tokensOf(text))
      if (token.kind === "word" && token.lower.length >= 5) words.add(token.lower);
  };
  for (const table of snapshot.tables) {
    note(table.comment);
    for (const column of table.columns) note(column.comment);
    for (const word of splitIdentifier(table.name)) if (word.length >= 6) words.add(word);
  }
  return words;
}

interface Names {
  readonly tableNames: readonly (readonly number[])[];
  readonly tableComments: readonly (readonly number[])[];
  readonly columnNames: readonly (readonly number[])[];
  readonly columnComments: readonly (readonly number[])[];
  readonly starts: readonly number[];
  readonly sameName: ReadonlyMap<string, number>;
}

function readNames(snapshot: SchemaSnapshot, names: ConceptTable): Names {
  const columnNames: (readonly number[])[] = [];
  const columnComments: (readonly number[])[] = [];
  const starts: number[] = [];
  const sameName = new Map<string, number>();
  for (const table of snapshot.tables) {
    starts.push(columnNames.length);
    for (const column of table.columns) {
      columnNames.push(names.ofIdentifier(column.name));
      columnComments.push(column.comment === undefined ? [] : names.ofText(column.comment));
      const lower = column.name.toLowerCase();
      sameName.set(lower, (sameName.get(lower) ?? 0) + 1);
    }
  }
  return {
    tableNames: snapshot.tables.map((t) => names.ofIdentifier(t.name)),
    tableComments: snapshot.tables.map((t) => (t.comment === undefined ? [] : names.ofText(t.comment))),
    columnNames,
    columnComments,
    starts,
    sameName,
  };
}

function countConcepts(read: Names, concepts: number): { readonly columns: Int32Array; readonly tables: Int32Array } {
  const columns = new Int32Array(concepts);
  const tables = new Int32Array(concepts);
  for (const ids of read.columnNames) for (const id of new Set(ids)) columns[id] = (columns[id] ?? 0) + 1;
  for (const ids of read.tableNames) for (const id of new Set(ids)) tables[id] = (tables[id] ?? 0) + 1;
  return { columns, tables };
}

/** A concept's weight in a name, about .1 ("of", a prefix that every column has) to 1 (a telling word). */
function weightOf(concept: Concept | undefined, documents: number, all: number): number {
  if (concept === undefined) return 0;
  const rare = rarity(concept.meaning);
  const spread = all <= 1 ? 1 : Math.log((all + 1) / (documents + 0.5)) / Math.log((all + 1) / 0.5);
  return 0.08 + 0.92 * Math.max(0.15, rare) * Math.max(0.12, spread);
}

interface Links {
  readonly refersTo: ReadonlyMap<number, number>;
  readonly referredBy: ReadonlyMap<number, number>;
  readonly neighbours: readonly ReadonlySet<number>[];
  readonly groupOf: ReadonlyMap<number, number>;
  readonly groups: readonly (readonly number[])[];
}

/** Inferred links below this confidence say too little about meaning. */
const leastLinkConfidence = 0.7;

function readLinks(view: SchemaView, places: ReadonlyMap<string, number>): Links {
  const tableIds = new Map(view.snapshot.tables.map((t, i) => [tableKey(t), i]));
  const neighbours = view.snapshot.tables.map(() => new Set<number>());
  const refersTo = new Map<number, number>();
  const referredBy = new Map<number, number>();
  const parent = new Map<number, number>();
  const root = (id: number): number => {
    const up = parent.get(id);
    return up === undefined || up === id ? id : root(up);
  };
  for (const link of view.relationships) {
    if (link.confidence < leastLinkConfidence) continue;
    const fromKey = tableKey(link.from.table);
    const toKey = tableKey(link.to.table);
    const a = tableIds.get(fromKey);
    const b = tableIds.get(toKey);
    if (a === undefined || b === undefined) continue;
    if (a !== b) {
      neighbours[a]?.add(b);
      neighbours[b]?.add(a);
    }
    for (const [i, column] of link.from.columns.entries()) {
      const from = places.get(`${fromKey}\u0000${column}`);
      const to = places.get(`${toKey}\u0000${link.to.columns[i] ?? ""}`);
      if (from === undefined || to === undefined || from === to) continue;
      if (!refersTo.has(from)) refersTo.set(from, to);
      referredBy.set(to, (referredBy.get(to) ?? 0) + 1);
      parent.set(root(from), root(to));
    }
  }
  const groups: number[][] = [];
  const groupOf = new Map<number, number>();
  const numbers = new Map<number, number>();
  for (const id of [...new Set([...refersTo.keys(), ...referredBy.keys()])].sort((a, b) => a - b)) {
    const top = root(id);
    const number = numbers.get(top) ?? groups.length;
    if (number === groups.length) {
      numbers.set(top, number);
      groups.push([]);
    }
    groups[number]?.push(id);
    groupOf.set(id, number);
  }
  return { refersTo, referredBy, neighbours, groupOf, groups };
}

function postings(names: readonly (readonly number[])[], concepts: number): number[][] {
  const lists: number[][] = Array.from({ length: concepts }, () => []);
  for (const [id, ids] of names.entries()) for (const concept of new Set(ids)) lists[concept]?.push(id);
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

function flatVectors(concepts: readonly Concept[]): Float32Array {
  const flat = new Float32Array(concepts.length * vectorLength);
  for (const [i, { vector }] of concepts.entries()) if (vector !== undefined) flat.set(vector, i * vectorLength);
  return flat;
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
