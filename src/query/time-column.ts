/** Which column tells when the rows of a measure happened: the intent's, the metric's, or the only one there is at which they came about; else a question. Pure. */

import { error } from "../issue.js";
import { tableKey } from "../schema/names.js";
import type { Table } from "../schema/snapshot.js";
import type { Option, QueryContext } from "./answer.js";
import { asDay } from "./day-tables.js";
import type { JoinGraph } from "./graph.js";
import { mostDetailed } from "./paths.js";
import { replaceTerm } from "./places.js";
import type { Aggregate, Item, ResolvedIntent } from "./resolved.js";
import { ask, refuse } from "./stop.js";
import { hasAll } from "./tables.js";
import { isBirth, timeColumns, timeOfAmount } from "./telling-when.js";
import type { TermReader } from "./terms.js";
import { isEnd, isPlanned } from "./time-kinds.js";
import { validityOf } from "./validity.js";

export function timeOf(
  anchor: number,
  aggregate: Aggregate,
  intent: ResolvedIntent,
  graph: JoinGraph,
  context: QueryContext,
  terms: TermReader,
): Item {
  const { timeItem } = intent;
  const looked = (table: number) =>
    table === anchor || mostDetailed(graph, [anchor, table], context.settings) === anchor;
  if (timeItem !== undefined && looked(timeItem.via?.from ?? timeItem.table)) return timeItem;
  const own = aggregate.time ?? aggregate.semiAdditive?.over;
  if (own !== undefined) {
    if (timeItem !== undefined) {
      terms.assume(
        "time_column",
        `${terms.tableRef(anchor)} goes by ${terms.columnRef(own.table, own.column.name)}, its metric's own time.`,
      );
    }
    return own;
  }
  const candidates = candidatesOf(anchor, graph, context);
  const happened = candidates.filter((c) => !isAfterwards(c, terms.table(c.table), context));
  const called = ofItsAmount(anchor, aggregate, candidates, terms);
  const [likeliest] = happened.length === 1 ? happened : candidates;
  const only = called ?? likeliest;
  const isSure =
    called !== undefined ||
    happened.length === 1 ||
    (candidates.length === 1 && only !== undefined && isPlanned(only.column));
  if (only !== undefined && isSure) {
    terms.assume(
      "time_column",
      `Rows of ${terms.tableRef(anchor)} go by ${terms.columnRef(only.table, only.column.name)}.`,
    );
    return asDay(only, graph, context);
  }
  if (only === undefined) {
    refuse(
      error("unknown_column", `${terms.tableRef(anchor)} has no column that says when.`, {
        help: "Name one with `time.term`.",
      }),
    );
  }
  return ask(
    `Which time of ${terms.tableRef(anchor)} is meant?`,
    candidates.map((c): Option => {
      const ref = terms.columnRef(c.table, c.column.name);
      const { intent: asked } = terms;
      return { label: ref, intent: replaceTerm({ ...asked, time: { term: "", ...asked.time } }, "time", ref) };
    }),
  );
}

/** The time that is called after the one amount that is measured. */
function ofItsAmount(
  anchor: number,
  { items }: Aggregate,
  candidates: readonly Item[],
  terms: TermReader,
): Item | undefined {
  const [amount, other] = [...items.values()];
  const own = candidates.filter((c) => c.table === anchor);
  if (amount === undefined || other !== undefined || amount.table !== anchor) return undefined;
  const times = own.map((c) => c.column);
  const time = timeOfAmount(amount.column, terms.table(anchor), times);
  return own.find((c) => c.column === time);
}

/** Whether a time is when rows were due or, where not all have it, when they were over, or is known of few: no time at which they came about. */
function isAfterwards({ column }: Item, table: Table, context: QueryContext): boolean {
  const { view } = context;
  const missing = view.statistics.tables[tableKey(table)]?.columns[column.name]?.nullShare ?? 0;
  const isUntil = validityOf(table, column, context)?.to === column;
  return (
    isPlanned(column) || isUntil || (isEnd(column) && !hasAll(table, column, view.statistics)) || missing > mostMissing
  );
}

/** A time that more than this share of rows lack is not when they came about. */
const mostMissing = 0.5;

/** When rows came about, that is: people are born long before they are anybody's customers. */
const timesOf = (table: number, graph: JoinGraph, context: QueryContext) =>
  timeColumns(table, graph, context).filter((c) => !isBirth(c));

/** The columns of a table that tell when; where it has none, those of the tables it refers to. */
function candidatesOf(anchor: number, graph: JoinGraph, context: QueryContext): readonly Item[] {
  const of = (table: number): readonly Item[] =>
    timesOf(table, graph, context).map((column) => ({
      place: "time",
      term: column.name,
      table,
      column,
      words: [],
    }));
  const own = of(anchor);
  if (own.length > 0) return own;
  const parents = (graph.at[anchor] ?? []).filter(
    (l) => l.from === anchor && l.to !== anchor && l.uniqueTo && l.origin !== "inferred",
  );
  return [...new Set(parents.map((l) => l.to))].flatMap(of);
}
