/**
 * Legs: aggregates that share their rows. One leg is one SELECT over the rows of one table, each row at most once in a group.
 * Here are its rows, its dimensions, its time and its predicates; how legs are met is `grouped.ts`. Pure.
 */

import { error } from "../issue.js";
import type { SchemaStatistics } from "../schema/statistics.js";
import type { Dialect, TimeKind } from "../sql/dialect.js";
import type { AnswerJoin } from "./answer.js";
import { calendarYear } from "./calendar.js";
import { cutTo } from "./fiscal.js";
import { printAggregate, printExpression } from "./formulas.js";
import { bind, type Fragment, join, raw, sql } from "./fragment.js";
import type { Intent } from "./intent.js";
import { type PathContext, type Reach, reachFrom } from "./paths.js";
import type { Aggregate, Dimension, Item, ResolvedFilter, ResolvedIntent } from "./resolved.js";
import { type Aliases, type Rows, RowsBuilder } from "./rows.js";
import { printSelect, type Select } from "./select.js";
import { type Instead, refuse } from "./stop.js";
import { rowKey } from "./tables.js";
import { accumulationStart, addsUp, comparedRange, comparison, type TimePlan } from "./time.js";
import { leftOut } from "./versions.js";

/** What compiling needs beside the resolved intent. */
export interface CompileContext extends PathContext {
  readonly dialect: Dialect;
  readonly limit: number | undefined;
  readonly statistics: SchemaStatistics;
  assume(code: string, text: string): void;
  timeKind(item: Item): TimeKind | undefined;
  /** The time of a leg's rows: of the intent, of the metric, or the only one its table has. */
  timeOf(anchor: number, aggregate: Aggregate): Item;
  softDelete(table: number, filtered: readonly Item[]): ResolvedFilter | undefined;
  /** The filter to the current versions of a table's rows, where it keeps former ones and nothing else is asked for. */
  current(table: number, spoken: readonly Item[]): ResolvedFilter | undefined;
}

/** Aggregates that share anchor, filters, time and way of picking rows. */
export interface LegPlan {
  readonly anchor: number;
  /** By result slot (`a0`, or `p0` for what is compared with). */
  readonly slots: ReadonlyMap<string, Aggregate>;
  readonly filters: readonly ResolvedFilter[];
  readonly time?: Item;
  /** True for the leg that looks at the period compared with. */
  readonly previous: boolean;
}

export interface Leg extends LegPlan {
  readonly rows: Rows;
  /** Each dimension as this leg computes it, the time last where the intent has a grain. */
  readonly dimensions: readonly Fragment[];
  readonly where: readonly Fragment[];
  readonly used: readonly AnswerJoin[];
  /** Aggregates by slot, over the rows. */
  aggregate(slot: string): Fragment;
  /** Set where only some rows of a group count: the first or last ones. */
  readonly pick?: {
    readonly entity: readonly Fragment[];
    readonly order: readonly Fragment[];
    readonly rank: "RANK" | "ROW_NUMBER";
  };
}

/** The legs that a list of aggregates needs. */
export function planLegs(
  aggregates: readonly { readonly slot: string; readonly aggregate: Aggregate }[],
  timed: boolean,
  previous: boolean,
  context: CompileContext,
): readonly LegPlan[] {
  const legs = new Map<string, { slots: Map<string, Aggregate>; plan: LegPlan }>();
  for (const { slot, aggregate } of aggregates) {
    const time = timed || isPicked(aggregate) ? context.timeOf(aggregate.anchor, aggregate) : undefined;
    const picked = aggregate.semiAdditive ?? (isPicked(aggregate) ? aggregate.agg : undefined);
    const key = JSON.stringify([
      aggregate.anchor,
      aggregate.filters.map(filterKey),
      time && itemKey(time),
      pickKey(picked),
    ]);
    const known = legs.get(key);
    if (known !== undefined) known.slots.set(slot, aggregate);
    else {
      const slots = new Map([[slot, aggregate]]);
      const { anchor, filters } = aggregate;
      legs.set(key, { slots, plan: { anchor, filters, slots, previous, ...(time === undefined ? {} : { time }) } });
    }
  }
  return [...legs.values()].map((l) => l.plan);
}

function isPicked(aggregate: Aggregate): boolean {
  return aggregate.agg === "first" || aggregate.agg === "last";
}

function pickKey(picked: Aggregate["semiAdditive"] | string | undefined): unknown {
  return typeof picked === "object" ? [itemKey(picked.over), picked.take] : picked;
}

function itemKey(item: Item): unknown {
  return [item.table, item.column.name, item.via?.id];
}

function filterKey(f: ResolvedFilter): unknown {
  return [itemKey(f.item), f.op, f.value];
}

export function buildLeg(plan: LegPlan, intent: ResolvedIntent, context: CompileContext, aliases: Aliases): Leg {
  const own = [...plan.slots.values()];
  const arguments_ = own.flatMap((a) => [...a.items.values()]);
  const semi = own.find((a) => a.semiAdditive !== undefined)?.semiAdditive;
  const times = [...(plan.time === undefined ? [] : [plan.time]), ...(semi === undefined ? [] : [semi.over])];
  const dimensionItems = intent.dimensions.map((d) => d.item);
  const given = [...intent.filters, ...plan.filters];
  const spoken = [...given.map((f) => f.item), ...dimensionItems];
  const filters = [...given, ...leftOut(plan.anchor, spoken, context)];
  const measured = [...arguments_, ...times];
  const reach = reachFrom(plan.anchor, [...dimensionItems, ...measured, ...filters.map((f) => f.item)], context);
  const shapes = new Map(
    intent.dimensions.flatMap(({ item, grain }) =>
      grain === undefined
        ? []
        : [[item, (column: string) => cutTime(column, item, grain, intent.time, context)] as const],
    ),
  );
  const trees = new Map(
    intent.dimensions.flatMap((d) => (d.rollUp === undefined ? [] : [[d.item, d.rollUp] as const])),
  );
  const builder = new RowsBuilder(reach, context, context.dialect, aliases, shapes, trees);
  const bounded = intent.time?.from !== undefined || intent.time?.to !== undefined;
  const rows = builder.build(
    [...dimensionItems, ...measured],
    filters,
    bounded && plan.time !== undefined ? [plan.time] : [],
  );
  checkBranches(rows, measured, context);
  checkReach(reach, dimensionItems, intent);
  const dimensions = [
    ...intent.dimensions.map((d) => raw(rows.shown(d.item))),
    ...timeDimension(plan, intent, rows, context),
  ];
  const pick = pickOf(plan, own, rows, context);
  return {
    ...plan,
    rows,
    dimensions,
    where: [...rows.where, ...rangeOf(plan, intent.time, rows, context), ...leapDay(plan, intent.time, rows, context)],
    used: rows.used,
    aggregate: (slot) => {
      const aggregate = plan.slots.get(slot) as Aggregate;
      return printAggregate(aggregate, context.dialect, (ref) => raw(rows.column(aggregate.items.get(ref) as Item)));
    },
    ...(pick === undefined ? {} : { pick }),
  };
}

/** A leg's SELECT: groups `d1…` with its slots. */
export function legSelect(leg: Leg, context: CompileContext): Fragment {
  const dims = leg.dimensions.map((expression, i) => ({ expression, name: `d${i + 1}` }));
  if (leg.pick !== undefined) return pickedSelect(leg, context);
  const select: Select = {
    items: [...dims, ...[...leg.slots.keys()].map((slot) => ({ expression: leg.aggregate(slot), name: slot }))],
    from: leg.rows.from,
    joins: leg.rows.joins,
    where: leg.where,
    groupBy: leg.dimensions,
  };
  return printSelect(select);
}

/** Only the first or last rows of each group: they are ranked before they are aggregated. */
function pickedSelect(leg: Leg, context: CompileContext): Fragment {
  const { pick } = leg;
  if (pick === undefined) throw new Error("no rows to pick");
  const partition = [...leg.dimensions, ...pick.entity];
  const over = partition.length === 0 ? raw("") : sql`PARTITION BY ${join(partition, ", ")} `;
  const arguments_ = [...leg.slots].map(([slot, aggregate]) => ({
    expression:
      aggregate.argument === undefined
        ? raw("1")
        : printExpression(aggregate.argument, context.dialect, (ref) =>
            raw(leg.rows.column(aggregate.items.get(ref) as Item)),
          ),
    name: slot,
  }));
  const ranked = printSelect({
    items: [
      ...leg.dimensions.map((expression, i) => ({ expression, name: `d${i + 1}` })),
      ...arguments_,
      { expression: sql`${pick.rank}() OVER (${over}ORDER BY ${join(pick.order, ", ")})`, name: "place" },
    ],
    from: leg.rows.from,
    joins: leg.rows.joins,
    where: leg.where,
  });
  const dims = leg.dimensions.map((_, i) => raw(`r.d${i + 1}`));
  return printSelect({
    items: [
      ...dims.map((expression, i) => ({ expression, name: `d${i + 1}` })),
      ...[...leg.slots].map(([slot, aggregate]) => ({
        expression: printAggregate(
          { ...aggregate, ...(aggregate.argument && { argument: { kind: "name", ref: slot } as const }) },
          context.dialect,
          () => raw(`r.${slot}`),
        ),
        name: slot,
      })),
    ],
    from: sql`(\n  ${{ parts: ranked.parts.map((p) => (typeof p === "string" ? p.replaceAll("\n", "\n  ") : p)) }}\n) AS r`,
    where: [raw("r.place = 1")],
    groupBy: dims,
  });
}

function pickOf(plan: LegPlan, own: readonly Aggregate[], rows: Rows, context: CompileContext): Leg["pick"] {
  const { dialect } = context;
  const table = context.graph.tables[plan.anchor];
  const key = (table && rowKey(table)) ?? [];
  const column = (name: string) => raw(`${rows.anchor}.${dialect.name_(name)}`);
  const semi = own.find((a) => a.semiAdditive !== undefined)?.semiAdditive;
  if (semi !== undefined) {
    // A key to a day of a calendar stands for that day.
    const { via, table: at, column: of } = semi.over;
    const [home, name] = via === undefined ? [at, of.name] : [via.from, via.fromColumns[0] ?? ""];
    const entity = key.filter((c) => c !== name);
    if (!key.includes(name) || home !== plan.anchor) {
      refuse(
        error(
          "not_additive",
          `${context.columnRef(home, name)} is not part of the key of ${context.tableRef(plan.anchor)}, so it is unknown whose last value counts.`,
          {
            help: "Declare the key of the balance table (entity and date).",
          },
        ),
      );
    }
    const down = semi.take === "last" ? " DESC" : "";
    const whose = entity.length > 0 ? `Each ${entity.join(", ")} gives its` : "A balance is the";
    context.assume(
      "balance_gaps",
      `${whose} ${semi.take} row of a period; where a period has no row, nothing is carried over into it.`,
    );
    return { entity: entity.map(column), order: [raw(`${rows.column(semi.over)}${down}`)], rank: "RANK" };
  }
  const [first] = own;
  if (first === undefined || !isPicked(first) || plan.time === undefined) return undefined;
  const down = first.agg === "last" ? " DESC" : "";
  const time = raw(`${rows.column(plan.time)}${down} NULLS LAST`);
  return { entity: [], order: [time, ...key.map((c) => sql`${column(c)}${down}`)], rank: "ROW_NUMBER" };
}

/** What would count a row more than once, or mean nothing, is refused here. */
function checkBranches(rows: Rows, measured: readonly Item[], context: CompileContext): void {
  const wide = rows.branches.filter((b) => b.wanted.length > 0);
  for (const branch of wide) {
    if (branch.wanted.some((i) => measured.includes(i))) {
      refuse(
        error("fan_out", "The measure's own columns (or its time) lie over a link by which a row may have several."),
      );
    }
    if (branch.filters.length > 0) {
      context.assume(
        "same_row",
        `Groups of ${context.tableRef(branch.top.table)} are those of the related rows that pass its filters.`,
      );
    }
  }
  const many = wide.filter((b) => !b.soft);
  if (many.length > 1) {
    const tables = many.map((b) => context.tableRef(b.top.table)).join(" and ");
    refuse(
      error("fan_out", `The dimensions lie over two to-many links (${tables}): their combinations would say nothing.`, {
        help: "Ask for one of them at a time.",
      }),
      apart(
        many.flatMap((b) => b.wanted),
        context.intent,
      ),
    );
  }
}

function checkReach(reach: Reach, dimensions: readonly Item[], intent: ResolvedIntent): void {
  for (const item of dimensions)
    if (!reach.at.has(item)) throw new Error(`${item.place} of ${intent.measures.length} measures is not reached`);
}

function timeDimension(
  plan: LegPlan,
  intent: ResolvedIntent,
  rows: Rows,
  context: CompileContext,
): readonly Fragment[] {
  const { time } = intent;
  if (time?.grain === undefined || plan.time === undefined) return [];
  const cut = cutTime(rows.column(plan.time), plan.time, time.grain, time, context);
  if (!plan.previous) return [raw(cut)];
  const { unit, count } = comparison(time);
  return [raw(context.dialect.shift(cut, unit, count))];
}

/** 29 February has no day a year later: it stands beside none, rather than with 28 February. */
function leapDay(plan: LegPlan, time: TimePlan | undefined, rows: Rows, context: CompileContext): readonly Fragment[] {
  if (!plan.previous || time?.grain !== "day" || plan.time === undefined) return [];
  const { unit, count } = comparison(time);
  if (unit === "day" || unit === "week") return [];
  const cut = cutTime(rows.column(plan.time), plan.time, "day", time, context);
  return [raw(`${context.dialect.shift(context.dialect.shift(cut, unit, count), unit, -count)} = ${cut}`)];
}

/** A time column cut to a grain, in the zone of the intent. */
function cutTime(
  column: string,
  item: Item,
  grain: NonNullable<Dimension["grain"]>,
  time: TimePlan | undefined,
  context: CompileContext,
): string {
  const { dialect } = context;
  const kind = context.timeKind(item);
  const ref = context.columnRef(item.table, item.column.name);
  if (kind === undefined) refuse(error("invalid_argument", `${ref} holds no times that can be cut to a ${grain}.`));
  const zone = time?.zone ?? context.settings.timeZone;
  if (dialect.name === "sqlite" && time?.zoneNamed === true && zone !== "UTC" && kind !== "text_date") {
    refuse(
      error("invalid_argument", "SQLite knows no time zones: moments cannot be cut to days elsewhere than in UTC.", {
        help: "Leave time_zone out.",
      }),
    );
  }
  if (kind === "timestamp" && time?.zoneNamed === true) {
    context.assume("naive_time", `${ref} carries no time zone; its values are taken as they are.`);
  }
  return cutTo(column, kind, grain, zone, time?.fiscal ?? calendarYear, dialect);
}

/** The intent with one of some dimensions at a time. */
function apart(items: readonly Item[], intent: Intent): readonly Instead[] {
  const at = (item: Item) => Number(/^dimensions\[(\d+)\]/.exec(item.place)?.[1] ?? -1);
  const places = new Set(items.map(at));
  return items.map((item) => ({
    why: `by ${item.term} alone`,
    intent: { ...intent, dimensions: intent.dimensions?.filter((_, i) => i === at(item) || !places.has(i)) },
  }));
}

/** The half-open range of the leg's time, its bounds typed as the column is, so that an index on it serves. */
function rangeOf(plan: LegPlan, time: TimePlan | undefined, rows: Rows, context: CompileContext): readonly Fragment[] {
  if (time === undefined || plan.time === undefined) return [];
  const range = plan.previous
    ? comparedRange(time)
    : { ...(time.from === undefined ? {} : { from: time.from }), ...(time.to === undefined ? {} : { to: time.to }) };
  const from = addsUp(time) ? accumulationStart(time) : range.from;
  const column = rows.column(plan.time);
  const kind = context.timeKind(plan.time);
  if (kind === undefined)
    refuse(error("invalid_argument", `${context.columnRef(plan.time.table, plan.time.column.name)} holds no times.`));
  return [
    ...(from === undefined ? [] : [sql`${column} >= ${timeValue(from, kind, time.zone, context)}`]),
    ...(range.to === undefined ? [] : [sql`${column} < ${timeValue(range.to, kind, time.zone, context)}`]),
  ];
}

function timeValue(text: string, kind: TimeKind, zone: string, context: CompileContext): Fragment {
  switch (kind) {
    case "epoch":
      return bind(Date.parse(`${text.replace(" ", "T")}${text.length > 10 ? "Z" : ""}`) / 1000);
    case "epoch_ms":
      return bind(Date.parse(`${text.replace(" ", "T")}${text.length > 10 ? "Z" : ""}`));
    case "date":
      return bind(text, "date");
    case "timestamp":
      return bind(text, "timestamp");
    case "timestamptz":
      return sql`${bind(text, "timestamp")} AT TIME ZONE ${context.dialect.literal(zone)}`;
    default:
      return bind(text);
  }
}
