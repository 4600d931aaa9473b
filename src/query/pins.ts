/**
 * What the caller pins: links to travel and tables to use. A pinned table that lies on the way between what the terms name settles which way
 * is meant; one that lies beyond it asks for rows that have a match there. Pure.
 */

import { error } from "../issue.js";
import { nameWords } from "../schema/name-words.js";
import { resolveRef } from "../schema/names.js";
import type { Column } from "../schema/snapshot.js";
import type { QueryContext } from "./answer.js";
import { type JoinGraph, type Link, linkBetween } from "./graph.js";
import type { Intent } from "./intent.js";
import type { CompileContext } from "./legs.js";
import type { Item, ResolvedFilter } from "./resolved.js";
import { refuse } from "./stop.js";

/** A pinned table as a place in the intent; of its columns none is meant. */
export function pinOf(place: string, term: string, table: number, graph: JoinGraph): Item {
  const column = graph.tables[table]?.columns[0] as Column;
  return { place, term, table, column, words: nameWords(term) };
}

/** Rows that have a match in a pinned table. */
export function matched(pin: Item): ResolvedFilter {
  return { item: pin, op: "matched" };
}

export function sayPins(pins: readonly Item[], context: Pick<CompileContext, "tableRef" | "assume">): void {
  for (const { table } of pins) {
    const ref = context.tableRef(table);
    context.assume(
      "pinned_table",
      `Only rows that have a row of ${ref} count: it is pinned, and nothing else names it.`,
    );
  }
}

/** Links that the caller pins, as the graph wants them; two pins between the same tables are one composite link. */
export function pinnedLinks(
  intent: Intent,
  context: QueryContext,
  graph: JoinGraph,
): { readonly added: readonly Omit<Link, "id">[]; readonly known: readonly number[] } {
  const pairs = new Map<string, { a: number; b: number; aColumns: string[]; bColumns: string[] }>();
  for (const pin of intent.joins ?? []) {
    const [a, b] = [pinEnd(context, graph, pin.from), pinEnd(context, graph, pin.to)];
    const known = pairs.get(`${a.table} ${b.table}`);
    if (known === undefined) {
      pairs.set(`${a.table} ${b.table}`, { a: a.table, b: b.table, aColumns: [a.column], bColumns: [b.column] });
    } else if (samePin(graph, known, a.column, b.column)) {
      known.aColumns.push(a.column);
      known.bColumns.push(b.column);
    } else {
      pairs.set(`${a.table} ${b.table} ${a.column} ${b.column}`, {
        a: a.table,
        b: b.table,
        aColumns: [a.column],
        bColumns: [b.column],
      });
    }
  }
  const added: Omit<Link, "id">[] = [];
  const known: number[] = [];
  for (const { a, b, aColumns, bColumns } of pairs.values()) {
    const link = graph.at[a]?.find((l) => coversPin(l, a, aColumns, b, bColumns));
    if (link === undefined) added.push(linkBetween(graph, a, aColumns, b, bColumns));
    else known.push(link.id);
  }
  return { added, known };
}

/** A known link that a pin names, whole or by part of a composite key (which is then joined whole). */
function coversPin(l: Link, a: number, aColumns: readonly string[], b: number, bColumns: readonly string[]): boolean {
  const holds = (from: number, to: number, f: readonly string[], t: readonly string[]) =>
    l.from === from &&
    l.to === to &&
    f.every((c, i) => l.fromColumns.some((x, j) => x === c && l.toColumns[j] === t[i]));
  return holds(a, b, aColumns, bColumns) || holds(b, a, bColumns, aColumns);
}

/** A second pin between two tables belongs to the first where one known composite link holds both, or none holds either. */
function samePin(
  graph: JoinGraph,
  known: { a: number; b: number; aColumns: readonly string[]; bColumns: readonly string[] },
  aColumn: string,
  bColumn: string,
): boolean {
  const links = graph.at[known.a] ?? [];
  const together = links.some((l) =>
    coversPin(l, known.a, [...known.aColumns, aColumn], known.b, [...known.bColumns, bColumn]),
  );
  const alone = links.some((l) => coversPin(l, known.a, [aColumn], known.b, [bColumn]));
  return together || !alone;
}

function pinEnd(context: QueryContext, graph: JoinGraph, ref: string): { table: number; column: string } {
  const found = resolveRef(context.view.snapshot, ref);
  const table = found && graph.numberOf(found.table);
  if (found?.column === undefined || table === undefined) {
    refuse(error("unknown_column", `The pinned join names "${ref}", which is no column here.`));
  }
  return { table, column: found.column };
}
