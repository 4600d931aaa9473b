/**
 * Measures by dimensions. Aggregates over the rows of one table under the same filters are one leg, one SELECT; several legs are
 * met on their dimensions by UNION ALL and GROUP BY, which holds NULL groups together and keeps each group that any leg has. Pure.
 */

import { error } from "../issue.js";
import type { Dialect } from "../sql/dialect.js";
import type { AnswerColumn, AnswerJoin } from "./answer.js";
import { bindNumber, printAggregate, printExpression } from "./formulas.js";
import { type Fragment, join, raw, sql } from "./fragment.js";
import { anchorUnknown } from "./measures.js";
import { detailBase, type PathContext, reachFrom } from "./paths.js";
import type { Aggregate, Dimension, Measure, ResolvedIntent } from "./resolved.js";
import { Aliases, type Rows, RowsBuilder } from "./rows.js";
import { printSelect, type Select, withTables } from "./select.js";
import { refuse } from "./stop.js";
import { typeClass } from "./tables.js";

/** Aggregates that share their rows. */
interface Leg {
  readonly anchor: number;
  readonly aggregates: readonly number[];
  readonly filters: Aggregate["filters"];
}

export interface Compiled {
  readonly statement: Fragment;
  readonly columns: readonly AnswerColumn[];
  readonly joins: readonly AnswerJoin[];
  readonly grain: string;
  readonly proof: readonly { readonly measure: string; readonly safe_because: string }[];
  readonly reconcile?: Fragment;
}

/** What compiling needs beside the resolved intent. */
export interface CompileContext extends PathContext {
  readonly dialect: Dialect;
  readonly limit: number | undefined;
  assume(code: string, text: string): void;
}

export function compileGrouped(intent: ResolvedIntent, context: CompileContext): Compiled {
  const legs = legsOf(intent, context);
  const aliases = new Aliases(context.dialect);
  const built = legs.map((leg) => buildLeg(leg, intent, context, aliases));
  const [only] = built;
  const statement =
    only !== undefined && built.length === 1 ? oneLeg(only, intent, context) : metLegs(built, intent, context);
  return {
    statement,
    columns: columnsOf(intent, context),
    joins: uniqueJoins(built.flatMap((b) => b.rows.used)),
    grain:
      intent.dimensions.length === 0 ? "one row" : `one row per ${intent.dimensions.map((d) => d.name).join(", ")}`,
    proof: intent.measures.map((m) => ({ measure: m.name, safe_because: proofOf(m, built, context) })),
  };
}

interface BuiltLeg extends Leg {
  readonly rows: Rows;
  readonly name: string;
  /** Each dimension as this leg computes it. */
  readonly dimensions: readonly Fragment[];
  aggregate(id: number): Fragment;
}

function legsOf(intent: ResolvedIntent, context: CompileContext): readonly Leg[] {
  const about = aboutTable(intent, context);
  const legs = new Map<string, { anchor: number; aggregates: number[]; filters: Aggregate["filters"] }>();
  intent.aggregates.forEach((aggregate, id) => {
    const anchor = aggregate.anchor === anchorUnknown ? about() : aggregate.anchor;
    const key = JSON.stringify([
      anchor,
      aggregate.filters.map((f) => [f.item.table, f.item.column.name, f.item.via?.id, f.op, f.value]),
    ]);
    const known = legs.get(key);
    if (known === undefined) legs.set(key, { anchor, aggregates: [id], filters: aggregate.filters });
    else known.aggregates.push(id);
  });
  return [...legs.values()];
}

/** The table whose rows `count(*)` counts: that of the other measures, else the most detailed one that the intent names. */
function aboutTable(intent: ResolvedIntent, context: CompileContext): () => number {
  return () => {
    const others = [...new Set(intent.aggregates.map((a) => a.anchor).filter((a) => a !== anchorUnknown))];
    const [other] = others;
    if (other !== undefined && others.length === 1) return other;
    const items = [...intent.dimensions.map((d) => d.item), ...intent.filters.map((f) => f.item)];
    const [pinned] = context.pinnedTables;
    if (items.length === 0 && pinned !== undefined && context.pinnedTables.length === 1) return pinned;
    if (items.length === 0) {
      refuse(
        error("invalid_argument", "`*` counts rows of a table, and the intent names none.", {
          help: "Set `table` on the measure.",
        }),
      );
    }
    const base = detailBase(items, items, context);
    if (base === undefined) {
      refuse(error("fan_out", "`*` could count rows of several tables here.", { help: "Set `table` on the measure." }));
    }
    return base.base;
  };
}

function buildLeg(leg: Leg, intent: ResolvedIntent, context: CompileContext, aliases: Aliases): BuiltLeg {
  const own = leg.aggregates.map((id) => intent.aggregates[id] as Aggregate);
  const arguments_ = own.flatMap((a) => [...a.items.values()]);
  const dimensionItems = intent.dimensions.map((d) => d.item);
  const filters = [...intent.filters, ...leg.filters];
  const reach = reachFrom(leg.anchor, [...dimensionItems, ...arguments_, ...filters.map((f) => f.item)], context);
  const builder = new RowsBuilder(reach, context, context.dialect, aliases);
  const rows = builder.build([...dimensionItems, ...arguments_], filters);
  checkBranches(rows, arguments_, context);
  const table = context.graph.tables[leg.anchor]?.name ?? "t";
  return {
    ...leg,
    rows,
    name: table,
    dimensions: intent.dimensions.map((d) => dimensionSql(d, rows, context)),
    aggregate: (id) => {
      const aggregate = intent.aggregates[id] as Aggregate;
      return printAggregate(aggregate, context.dialect, (ref) => raw(rows.column(aggregate.items.get(ref) as never)));
    },
  };
}

/** What would count a row more than once, or mean nothing, is refused here. */
function checkBranches(rows: Rows, measured: readonly unknown[], context: CompileContext): void {
  const wide = rows.branches.filter((b) => b.wanted.length > 0);
  for (const branch of wide) {
    if (branch.wanted.some((i) => measured.includes(i))) {
      refuse(error("fan_out", "The measure's own columns lie over a link by which a row may have several."));
    }
  }
  const many = wide.filter((b) => !b.soft);
  if (many.length > 1) {
    const tables = many.map((b) => context.tableRef(b.top.table)).join(" and ");
    refuse(
      error("fan_out", `The dimensions lie over two to-many links (${tables}): their combinations would say nothing.`, {
        help: "Ask for one of them at a time.",
      }),
    );
  }
}

function dimensionSql(d: Dimension, rows: Rows, context: CompileContext): Fragment {
  const column = rows.column(d.item);
  if (d.grain === undefined) return raw(column);
  const type = typeClass(d.item.column.type, context.dialect.name);
  const kind = type === "date" || type === "timestamp" || type === "timestamptz" ? type : "text_time";
  return raw(context.dialect.truncate(column, kind, d.grain, context.settings.time_zone));
}

function oneLeg(leg: BuiltLeg, intent: ResolvedIntent, context: CompileContext): Fragment {
  const { dialect } = context;
  const value = (m: Measure) => printExpression(m.final, dialect, (ref) => leg.aggregate(Number(ref.slice(1))));
  const values = new Map(intent.measures.map((m) => [m.name, value(m)]));
  const dims = intent.dimensions.map((d, i) => ({
    expression: leg.dimensions[i] as Fragment,
    name: dialect.name_(d.name),
  }));
  const select: Select = {
    items: [
      ...dims,
      ...intent.measures.map((m) => ({ expression: values.get(m.name) as Fragment, name: dialect.name_(m.name) })),
    ],
    from: leg.rows.from,
    joins: leg.rows.joins,
    where: leg.rows.where,
    groupBy: dims.map((d) => d.expression),
    having: havingOf(intent, dialect, (name) => values.get(name) as Fragment),
    orderBy: orderOf(intent, context),
    ...(context.limit === undefined ? {} : { limit: context.limit }),
  };
  return printSelect(select);
}

function metLegs(legs: readonly BuiltLeg[], intent: ResolvedIntent, context: CompileContext): Fragment {
  const { dialect } = context;
  const names = new Map<BuiltLeg, string>();
  for (const leg of legs)
    names.set(leg, dialect.name_(freeName(`${leg.name}_totals`.toLowerCase(), [...names.values()])));
  const tables = legs.map((leg) => ({
    name: names.get(leg) as string,
    body: printSelect(legSelect(leg, intent, dialect)),
  }));
  const met = intent.dimensions.length === 0 ? undefined : metTable(legs, names, intent, context);
  const column = (id: number): Fragment => {
    const leg = legs.find((l) => l.aggregates.includes(id)) as BuiltLeg;
    if (met === undefined) return raw(`${names.get(leg)}.a${id}`);
    return raw(isCount(intent.aggregates[id] as Aggregate) ? `COALESCE(met.a${id}, 0)` : `met.a${id}`);
  };
  const value = (m: Measure) => printExpression(m.final, dialect, (ref) => column(Number(ref.slice(1))));
  const values = new Map(intent.measures.map((m) => [m.name, value(m)]));
  const froms = legs.map((l) => names.get(l) as string);
  const main = printSelect({
    items: [
      ...intent.dimensions.map((d, i) => ({ expression: raw(`met.d${i + 1}`), name: dialect.name_(d.name) })),
      ...intent.measures.map((m) => ({ expression: values.get(m.name) as Fragment, name: dialect.name_(m.name) })),
    ],
    from: raw(met === undefined ? froms.join("\nCROSS JOIN ") : "met"),
    where: havingOf(intent, dialect, (name) => values.get(name) as Fragment),
    orderBy: orderOf(intent, context),
    ...(context.limit === undefined ? {} : { limit: context.limit }),
  });
  return withTables([...tables, ...(met === undefined ? [] : [{ name: "met", body: met }])], main);
}

function legSelect(leg: BuiltLeg, _intent: ResolvedIntent, _dialect: Dialect): Select {
  return {
    items: [
      ...leg.dimensions.map((expression, i) => ({ expression, name: `d${i + 1}` })),
      ...leg.aggregates.map((id) => ({ expression: leg.aggregate(id), name: `a${id}` })),
    ],
    from: leg.rows.from,
    joins: leg.rows.joins,
    where: leg.rows.where,
    groupBy: leg.dimensions,
  };
}

/** Each leg's groups with NULL for the other legs' values, then one row a group: GROUP BY holds NULL equal to NULL. */
function metTable(
  legs: readonly BuiltLeg[],
  names: ReadonlyMap<BuiltLeg, string>,
  intent: ResolvedIntent,
  context: CompileContext,
): Fragment {
  const ids = intent.aggregates.map((_, id) => id);
  const dims = intent.dimensions.map((_, i) => `d${i + 1}`);
  const parts = legs.map((leg) => {
    const values = ids.map((id) =>
      leg.aggregates.includes(id) ? `a${id}` : `${nullOf(intent.aggregates[id] as Aggregate, context)} AS a${id}`,
    );
    return raw(`SELECT ${[...dims, ...values].join(", ")} FROM ${names.get(leg)}`);
  });
  return printSelect({
    items: [
      ...dims.map((d) => ({ expression: raw(`u.${d}`), name: d })),
      ...ids.map((id) => ({ expression: raw(`MAX(u.a${id})`), name: `a${id}` })),
    ],
    from: sql`(\n  ${join(
      parts.map((p) => p),
      "\n  UNION ALL ",
    )}\n) AS u`,
    groupBy: dims.map((d) => raw(`u.${d}`)),
  });
}

/** PostgreSQL types a UNION pair by pair, so an untyped NULL in the first two parts would make the third fail (manual, 10.5). */
function nullOf(aggregate: Aggregate, context: CompileContext): string {
  if (context.dialect.name === "sqlite") return "NULL";
  return `CAST(NULL AS ${aggregateType(aggregate, context.dialect)})`;
}

export function aggregateType(aggregate: Aggregate, dialect: Dialect): string {
  if (aggregate.agg === "count" || aggregate.agg === "count_distinct")
    return dialect.name === "sqlite" ? "INTEGER" : "bigint";
  const [item] = aggregate.items.values();
  const single = aggregate.argument?.kind === "name" ? item?.column.type : undefined;
  if (aggregate.agg === "min" || aggregate.agg === "max" || aggregate.agg === "first" || aggregate.agg === "last") {
    return single ?? "numeric";
  }
  const float = [...aggregate.items.values()].some((i) => typeClass(i.column.type, dialect.name) === "float");
  return float || aggregate.agg === "median" ? (dialect.name === "sqlite" ? "REAL" : "double precision") : "numeric";
}

function isCount(aggregate: Aggregate): boolean {
  return aggregate.agg === "count" || aggregate.agg === "count_distinct";
}

function havingOf(intent: ResolvedIntent, dialect: Dialect, value: (name: string) => Fragment): readonly Fragment[] {
  return intent.having.map((h) => {
    if (h.op === "between") {
      const [low, high] = Array.isArray(h.value) ? (h.value as readonly number[]) : [];
      if (low === undefined || high === undefined) {
        refuse(error("invalid_argument", `"between" on "${h.measure}" needs two numbers, both included.`));
      }
      return sql`${value(h.measure)} BETWEEN ${bindNumber(low, dialect)} AND ${bindNumber(high, dialect)}`;
    }
    if (Array.isArray(h.value)) refuse(error("invalid_argument", `"${h.op}" on "${h.measure}" needs one value.`));
    const number = Number(h.value);
    if (!Number.isFinite(number))
      refuse(error("invalid_argument", `"${h.measure}" is compared with "${h.value}", which is no number.`));
    return sql`${value(h.measure)} ${h.op === "!=" ? "<>" : h.op} ${bindNumber(number, dialect)}`;
  });
}

/** What the intent orders by, then the group's own key, so that the order is always the same. NULL stands last. */
function orderOf(intent: ResolvedIntent, context: CompileContext): readonly Fragment[] {
  const { dialect } = context;
  if (intent.dimensions.length === 0) return [];
  if (intent.order.length === 0 && context.limit === undefined) return [];
  const given = intent.order.flatMap((o) =>
    o.target.kind === "result" ? [{ name: o.target.name, descending: o.descending }] : [],
  );
  const rest = intent.dimensions
    .filter((d) => !given.some((g) => g.name === d.name))
    .map((d) => ({ name: d.name, descending: false }));
  return [...given, ...rest].map((o) => raw(`${dialect.name_(o.name)}${o.descending ? " DESC" : ""} NULLS LAST`));
}

function columnsOf(intent: ResolvedIntent, context: CompileContext): readonly AnswerColumn[] {
  const { dialect } = context;
  return [
    ...intent.dimensions.map(
      (d): AnswerColumn => ({
        name: d.name,
        type: d.grain === undefined ? d.item.column.type : d.grain === "hour" ? "timestamp" : "date",
        role: "dimension",
        ref: context.columnRef(d.item.table, d.item.column.name),
      }),
    ),
    ...intent.measures.map(
      (m): AnswerColumn => ({
        name: m.name,
        type: measureType(m, intent, dialect),
        role: "measure",
        expression: m.label,
      }),
    ),
  ];
}

function measureType(m: Measure, intent: ResolvedIntent, dialect: Dialect): string {
  const aggregate = m.final.kind === "name" ? intent.aggregates[Number(m.final.ref.slice(1))] : undefined;
  return aggregate === undefined ? (dialect.name === "sqlite" ? "REAL" : "numeric") : aggregateType(aggregate, dialect);
}

function proofOf(m: Measure, legs: readonly BuiltLeg[], context: CompileContext): string {
  const ids = [...(m.final.kind === "name" ? [Number(m.final.ref.slice(1))] : [])];
  const own = ids.length === 0 ? legs : legs.filter((l) => ids.some((id) => l.aggregates.includes(id)));
  return own
    .map((leg) => {
      const table = context.tableRef(leg.anchor);
      const wide = leg.rows.branches.filter((b) => b.wanted.length > 0);
      const filtered = leg.rows.branches.filter((b) => b.wanted.length === 0);
      const parts = [
        `each row of ${table} counts once${wide.length > 0 ? " in each group" : ""}: it is aggregated at its own grain`,
      ];
      if (leg.rows.joins.length > wide.length) parts.push("parents are looked up by unique keys");
      if (filtered.length > 0) parts.push("filters over to-many links are EXISTS and multiply nothing");
      for (const b of wide) {
        parts.push(
          `a row stands in each group of ${context.tableRef(b.top.table)} it is related to, once, so groups may add up to more than the total`,
        );
      }
      return parts.join("; ");
    })
    .join(" / ");
}

export function uniqueJoins(joins: readonly AnswerJoin[]): readonly AnswerJoin[] {
  const seen = new Map<string, AnswerJoin>();
  for (const j of joins) if (!seen.has(`${j.from} ${j.to}`)) seen.set(`${j.from} ${j.to}`, j);
  return [...seen.values()];
}

function freeName(wanted: string, taken: readonly string[]): string {
  let name = wanted;
  for (let i = 2; taken.includes(name); i++) name = `${wanted}_${i}`;
  return name;
}
