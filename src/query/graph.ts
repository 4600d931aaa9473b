/**
 * The join graph of one schema view: tables as numbered nodes, links as numbered edges with what is known of their uniqueness.
 * Built once per view. Pure. It holds every link; which may be used is the caller's setting.
 */

import { tableKey } from "../schema/names.js";
import { isUniqueKey, type Relationship } from "../schema/relationships.js";
import type { Table, TableName } from "../schema/snapshot.js";
import type { SchemaView } from "../schema/view.js";
import { spokenWords } from "./spoken-words.js";

/** A link between two tables, seen from its referencing side: `from` holds the key's copy, `to` the key. */
export interface Link {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  readonly fromColumns: readonly string[];
  readonly toColumns: readonly string[];
  readonly origin: Relationship["origin"];
  readonly confidence: number;
  /** No two rows of `from` share a key: going to → from finds at most one row. */
  readonly uniqueFrom: boolean;
  /** No two rows of `to` share a key: going from → to finds at most one row. */
  readonly uniqueTo: boolean;
}

export interface JoinGraph {
  readonly tables: readonly Table[];
  readonly links: readonly Link[];
  /** Links at each table, by table number. */
  readonly at: readonly (readonly Link[])[];
  numberOf(table: TableName): number | undefined;
}

const graphs = new WeakMap<SchemaView, JoinGraph>();

export function joinGraph(view: SchemaView): JoinGraph {
  const known = graphs.get(view);
  if (known !== undefined) return known;
  const made = build(view);
  graphs.set(view, made);
  return made;
}

/** Whether a link may be used: one that is guessed from a confidence on. */
export const isSure = ({ origin, confidence }: Link, minConfidence: number): boolean =>
  origin !== "inferred" || confidence >= minConfidence;

/** The links by which a column of a table refers to rows, alone or with others, guessed ones as well. */
export function linksBy(graph: JoinGraph, table: number, column: string): readonly Link[] {
  return (graph.at[table] ?? []).filter((l) => l.from === table && l.fromColumns.includes(column));
}

/** The links by which one column alone refers to at most one row of another table, the guessed ones from a confidence on. */
export function keyLinks(graph: JoinGraph, table: number, column: string, minConfidence: number): readonly Link[] {
  return linksBy(graph, table, column).filter(
    (l) => l.uniqueTo && l.fromColumns.length === 1 && isSure(l, minConfidence),
  );
}

/** The tables that refer to a table, each once; itself among them where it refers to itself. */
export function referring(graph: JoinGraph, table: number): readonly number[] {
  const links = (graph.at[table] ?? []).filter((l) => l.to === table);
  return [...new Set(links.map((l) => l.from))];
}

/**
 * Whether a table's rows tell what each row of another is made of: they refer to it, and its name begins the table's own (`budget_lines`), or its key is a part of
 * theirs, beside what numbers them (`po_lines` of `purchase_orders`).
 */
export function isDetail(graph: JoinGraph, table: number, of: number): boolean {
  const own = spokenWords(graph.tables[of]?.name ?? "");
  const words = spokenWords(graph.tables[table]?.name ?? "");
  const refs = (graph.at[table] ?? []).filter((l) => l.from === table && l.to === of);
  const isCalled = words.length > own.length && own.every((w, i) => words[i] === w);
  const keys = graph.tables[table]?.primaryKey?.columns ?? [];
  const isPart = (l: Link) => l.fromColumns.length < keys.length && l.fromColumns.every((c) => keys.includes(c));
  return refs.some((l) => isCalled || (isPart(l) && /^(?:line|item|seq)/i.test(keys.at(-1) ?? "")));
}

/** Whether rows of a table link those of others: its key is made of several, each to another's rows, or to these by what. */
export function isLinkTable(graph: JoinGraph, table: number): boolean {
  const keys = graph.tables[table]?.primaryKey?.columns ?? [];
  return keys.filter((column) => linksBy(graph, table, column).length > 0).length > 1;
}

/** Whether rows of a table say no more than which of others belong together. */
export function isPlainLink(graph: JoinGraph, table: number): boolean {
  const { columns = [], primaryKey } = graph.tables[table] ?? {};
  return isLinkTable(graph, table) && columns.every((c) => primaryKey?.columns.includes(c.name) === true);
}

/** Whether a link joins two tables. */
export function areLinked(graph: JoinGraph, a: number, b: number): boolean {
  return (graph.at[a] ?? []).some((l) => l.from === b || l.to === b);
}

/** The same graph with links that the caller pins added (or replacing those on the same columns). */
export function withLinks(graph: JoinGraph, added: readonly Omit<Link, "id">[]): JoinGraph {
  if (added.length === 0) return graph;
  const links = [...graph.links];
  const at = [...graph.at];
  for (const link of added) {
    const numbered = { ...link, id: links.length };
    links.push(numbered);
    at[link.from] = [...(at[link.from] ?? []), numbered];
    if (link.to !== link.from) at[link.to] = [...(at[link.to] ?? []), numbered];
  }
  return { ...graph, links, at };
}

/** A link between columns that the caller names; uniqueness from the keys, the unique side becoming `to`. */
export function linkBetween(
  graph: JoinGraph,
  a: number,
  aColumns: readonly string[],
  b: number,
  bColumns: readonly string[],
): Omit<Link, "id"> {
  const [left, right] = [graph.tables[a], graph.tables[b]];
  const uniqueA = left !== undefined && isUniqueKey(left, aColumns);
  const uniqueB = right !== undefined && isUniqueKey(right, bColumns);
  const forward = uniqueB || !uniqueA;
  return {
    from: forward ? a : b,
    to: forward ? b : a,
    fromColumns: forward ? aColumns : bColumns,
    toColumns: forward ? bColumns : aColumns,
    origin: "confirmed",
    confidence: 1,
    uniqueFrom: forward ? uniqueA : uniqueB,
    uniqueTo: forward ? uniqueB : uniqueA,
  };
}

function build(view: SchemaView): JoinGraph {
  const { tables } = view.snapshot;
  const numbers = new Map(tables.map((t, i) => [tableKey(t), i]));
  // PostgreSQL inheritance: a parent's key does not hold over its children's rows (manual, 5.11.1).
  const inherited = new Set(tables.flatMap((t) => (t.inherits ?? []).map(tableKey)));
  const links: Link[] = [];
  const at: Link[][] = tables.map(() => []);
  const seen = new Set<string>();
  for (const relation of view.relationships) {
    const from = numbers.get(tableKey(relation.from.table));
    const to = numbers.get(tableKey(relation.to.table));
    if (from === undefined || to === undefined) continue;
    // SQLite checks a key's target when it is used, not when it is declared: some name columns that are not there.
    if (!holds(tables[from], relation.from.columns) || !holds(tables[to], relation.to.columns)) continue;
    const columns = relation.from.columns.map((c, i) => {
      const [a, b] = [`${from} ${c}`, `${to} ${relation.to.columns[i]}`];
      return a < b ? `${a}\u0000${b}` : `${b}\u0000${a}`;
    });
    // The same columns linked from both sides (a shared primary key) are one link.
    const key = columns.sort().join("\u0001");
    if (seen.has(key)) continue;
    seen.add(key);
    const link: Link = {
      id: links.length,
      from,
      to,
      fromColumns: relation.from.columns,
      toColumns: relation.to.columns,
      origin: relation.origin,
      confidence: relation.confidence,
      uniqueFrom: relation.cardinality === "1:1" && !inherited.has(tableKey(relation.from.table)),
      uniqueTo: relation.targetUnique && !inherited.has(tableKey(relation.to.table)),
    };
    links.push(link);
    at[from]?.push(link);
    if (to !== from) at[to]?.push(link);
  }
  return { tables, links, at, numberOf: (table) => numbers.get(tableKey(table)) };
}

function holds(table: Table | undefined, columns: readonly string[]): boolean {
  return columns.every((name) => table?.columns.some((c) => c.name === name) === true);
}
