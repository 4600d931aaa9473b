/**
 * Advice on cost from what is known of sizes, keys, indexes and partitions: a missing index with its statement, a filter that no index serves, every
 * partition read, a cheaper way to the same number. Pure. Silent on tables that are read in a moment anyway.
 */

import { printRef, resolveRef, tableKey } from "../schema/names.js";
import { isUniqueKey } from "../schema/relationships.js";
import type { Column, Table } from "../schema/snapshot.js";
import { dialectOf } from "../sql/dialect.js";
import type { AnswerJoin, Hint, QueryContext } from "./answer.js";
import type { Item, ResolvedFilter, ResolvedIntent } from "./resolved.js";

/** Tables below this many rows are read in a moment, index or not. */
const smallRows = 10_000;
/** Hints that an answer carries at most; the first are worth most. */
const maxHints = 5;

export interface HintContext extends QueryContext {
  readonly tables: readonly Table[];
}

export function hintsOf(intent: ResolvedIntent, joins: readonly AnswerJoin[], context: HintContext): readonly Hint[] {
  const hints = [
    ...joins.flatMap((join) => joinHints(join, context)),
    ...intent.filters.flatMap((filter) => filterHints(filter, context)),
    ...timeHints(intent, context),
    ...partitionHints(intent, context),
    ...cheaper(intent, context),
  ];
  return [...new Map(hints.map((h) => [h.text, h])).values()].slice(0, maxHints);
}

function joinHints(join: AnswerJoin, context: HintContext): readonly Hint[] {
  if (join.cardinality !== "1:n" && join.cardinality !== "n:m") return [];
  const found = resolveRef(context.view.snapshot, join.to);
  return found?.column === undefined ? [] : missingIndex(found.table, found.column, "is looked for by it", context);
}

function filterHints(filter: ResolvedFilter, context: HintContext): readonly Hint[] {
  const table = tableOf(filter.item, context);
  if (table === undefined || rowsOf(table, context) < smallRows) return [];
  const { column } = filter.item;
  const ref = printRef(context.view.snapshot, table, column.name);
  const pattern = filter.op === "contains" || (filter.op === "like" && /^[%_]/.test(String(filter.value)));
  if (pattern) return [withinText(table, column, ref, context)];
  if (filter.moment?.mixed === true) {
    const text = `${ref} holds moments in several notations, so each row is read to compare; stored in one, an index would serve.`;
    return [{ code: "not_sargable", text }];
  }
  const looked = ["=", "in", "between", "<", "<=", ">", ">="].includes(filter.op);
  return looked ? missingIndex(table, column.name, "is filtered by it", context) : [];
}

/** A search within a text: no ordinary index serves it; in PostgreSQL one over trigrams does (manual, F.33.4). */
function withinText(table: Table, column: Column, ref: string, context: HintContext): Hint {
  const { snapshot } = context.view;
  const text = `No ordinary index serves a search within ${ref}: every row is read; starts_with or = needs less.`;
  if (snapshot.dialect !== "postgres" || !snapshot.extensions.some((e) => e.name === "pg_trgm")) {
    return { code: "not_sargable", text };
  }
  const [name, on] = printed(table, context);
  const sql = `CREATE INDEX ON ${on} USING gin (${name(column.name)} gin_trgm_ops)`;
  return { code: "not_sargable", text: `${text} An index over trigrams would serve it.`, sql };
}

/** The range of the intent's time, where the intent names the column. */
function timeHints(intent: ResolvedIntent, context: HintContext): readonly Hint[] {
  const { time, timeItem } = intent;
  const table = timeItem && tableOf(timeItem, context);
  if (timeItem === undefined || table === undefined || (time?.from === undefined && time?.to === undefined)) return [];
  return missingIndex(table, timeItem.column.name, "is cut to a range of it", context);
}

/** Partitioned tables of which the intent bounds no column of the partition key. */
function partitionHints(intent: ResolvedIntent, context: HintContext): readonly Hint[] {
  const bounded = intent.time?.from !== undefined || intent.time?.to !== undefined;
  const named = [
    ...intent.filters.map((f) => f.item),
    ...(bounded && intent.timeItem !== undefined ? [intent.timeItem] : []),
  ];
  const used = new Set([...intent.aggregates.map((a) => a.anchor), ...intent.columns.map((c) => c.item.table)]);
  return [...used].flatMap((number): Hint[] => {
    const table = context.tables[number];
    const key = table?.partitionKey;
    if (table === undefined || key === undefined) return [];
    const words = new Set(key.toLowerCase().match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []);
    if (named.some((i) => i.table === number && words.has(i.column.name.toLowerCase()))) return [];
    const ref = printRef(context.view.snapshot, table);
    const text = `${ref} is partitioned by ${key}; without a filter on that every partition is read.`;
    return [{ code: "all_partitions", text }];
  });
}

/** Counting the distinct values of a key counts its rows, which needs no sorting. */
function cheaper(intent: ResolvedIntent, context: HintContext): readonly Hint[] {
  return intent.aggregates.flatMap((a): Hint[] => {
    const [item] = a.items.values();
    const table = item && tableOf(item, context);
    if (a.agg !== "count_distinct" || a.argument?.kind !== "name" || item === undefined || table === undefined)
      return [];
    const unique = a.anchor === item.table && isUniqueKey(table, [item.column.name]);
    if (!unique || rowsOf(table, context) < smallRows) return [];
    const ref = printRef(context.view.snapshot, table, item.column.name);
    return [
      {
        code: "cheaper_count",
        text: `No two rows share ${ref}: agg \`count\` gives the same number and sorts nothing.`,
      },
    ];
  });
}

/** A large table without an index that begins with a column. */
function missingIndex(table: Table, column: string, why: string, context: HintContext): readonly Hint[] {
  if (rowsOf(table, context) < smallRows || table.kind === "view") return [];
  const keys = [
    table.primaryKey?.columns ?? [],
    ...table.uniques.map((u) => u.columns),
    ...table.indexes.filter((i) => i.partial === undefined).map((i) => i.columns),
  ];
  if (keys.some((k) => k[0] === column)) return [];
  const { snapshot } = context.view;
  const [name, on] = printed(table, context);
  // PostgreSQL finds a name of its own; SQLite wants one (sqlite.org/lang_createindex.html).
  const called = snapshot.dialect === "postgres" ? "" : `${name(`${table.name}_${column}_idx`)} `;
  return [
    {
      code: "missing_index",
      text: `${printRef(snapshot, table, column)} has no index, and the table ${why}.`,
      sql: `CREATE INDEX ${called}ON ${on} (${name(column)})`,
    },
  ];
}

/** How names are printed, and the table's own, with its schema where that is not the default. */
function printed(table: Table, context: HintContext): readonly [name: (n: string) => string, table: string] {
  const { snapshot } = context.view;
  const name = dialectOf(snapshot.dialect).name_;
  const bare = name(table.name);
  return [name, table.schema === snapshot.defaultSchema ? bare : `${name(table.schema)}.${bare}`];
}

function tableOf(item: Item, context: HintContext): Table | undefined {
  return context.tables[item.table];
}

function rowsOf(table: Table, context: HintContext): number {
  return context.view.statistics.tables[tableKey(table)]?.rowEstimate ?? 0;
}
