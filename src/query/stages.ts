/**
 * What happens to groups after they are counted: legs met, periods and members filled in, values accumulated. Each stage is one named
 * table of the statement with the columns `d1…` (dimensions) and one column a slot. Pure.
 */

import { error } from "../issue.js";
import type { Dialect } from "../sql/dialect.js";
import { addUnits, isDay, startOf, type YearStart } from "./calendar.js";
import { cutTo } from "./fiscal.js";
import { bind, type Fragment, indent, join, raw, sql } from "./fragment.js";
import type { TimeGrain } from "./intent.js";
import { type CompileContext, type Leg, legSelect } from "./legs.js";
import { mostDetailed, reachFrom } from "./paths.js";
import type { Aggregate, Item, ResolvedFilter, ResolvedIntent } from "./resolved.js";
import { Aliases, freeName, RowsBuilder } from "./rows.js";
import { printSelect } from "./select.js";
import { refuse } from "./stop.js";
import { typeClass } from "./tables.js";

export interface Stage {
  readonly name: string;
  readonly body: Fragment;
}

/** Slots of all legs, in order, with their aggregates. */
export type Slots = ReadonlyMap<string, Aggregate>;

export class Stages {
  readonly list: Stage[] = [];
  /** Whether a stage refers to itself. */
  recursive = false;
  private readonly dialect: Dialect;

  constructor(
    private readonly intent: ResolvedIntent,
    private readonly context: CompileContext,
    readonly slots: Slots,
    private readonly dims: readonly string[],
  ) {
    this.dialect = context.dialect;
  }

  /** The name of the last stage. */
  get last(): string {
    return this.list[this.list.length - 1]?.name ?? "";
  }

  /** The column of the time, the last dimension where the intent has a grain. */
  private get time(): string {
    return this.dims[this.dims.length - 1] ?? "";
  }

  add(wanted: string, body: Fragment): string {
    const taken = this.list.map((s) => s.name);
    const name = freeName(wanted, this.context, taken);
    this.list.push({ name, body });
    return name;
  }

  /** One stage a leg, then all met: one row per group that any of them has. */
  meet(legs: readonly Leg[]): void {
    const names = legs.map((leg) => {
      const table = this.context.graph.tables[leg.anchor]?.name ?? "rows";
      const base = `${table.toLowerCase().replaceAll(/[^a-z0-9_]+/g, "_")}_${leg.previous ? "before" : "totals"}`;
      return this.add(this.dialect.name_(base) === base ? base : `t_${base}`, legSelect(leg, this.context));
    });
    const grid = this.grid(names);
    if (names.length === 1 && grid === undefined) return;
    if (this.dims.length === 0) {
      const slots = [...this.slots.keys()].map((slot) => ({
        expression: raw(`${names[legs.findIndex((l) => l.slots.has(slot))]}.${slot}`),
        name: slot,
      }));
      this.add("met", printSelect({ items: slots, from: raw(names.join("\nCROSS JOIN ")) }));
      return;
    }
    // With an open range the period compared with reaches beyond what is asked for: such groups are not listed.
    const { time } = this.intent;
    const openEnd = time?.compare !== undefined && (time.from === undefined || time.to === undefined);
    const side = (now: boolean): readonly string[] => (openEnd ? [`${now ? 1 : 0} AS asked`] : []);
    const parts = legs.map((leg, i) =>
      raw(
        `SELECT ${[...this.dims, ...this.values((slot) => leg.slots.has(slot)), ...side(!leg.previous)].join(", ")} FROM ${names[i]}`,
      ),
    );
    if (grid !== undefined)
      parts.push(raw(`SELECT ${[...this.dims, ...this.values(() => false), ...side(true)].join(", ")} FROM ${grid}`));
    const items = [
      ...this.dims.map((d) => ({ expression: raw(`u.${d}`), name: d })),
      ...[...this.slots].map(([slot, aggregate]) => ({
        expression: raw(
          this.whereThereIsOne(slot, isCount(aggregate) ? `COALESCE(MAX(u.${slot}), 0)` : `MAX(u.${slot})`),
        ),
        name: slot,
      })),
    ];
    const from = sql`(\n  ${join(parts, "\n  UNION ALL ")}\n) AS u`;
    this.add(
      "met",
      printSelect({
        items,
        from,
        groupBy: this.dims.map((d) => raw(`u.${d}`)),
        ...(openEnd ? { having: [raw("MAX(u.asked) = 1")] } : {}),
      }),
    );
  }

  /** A value of the day compared with: 29 February has none in the year before, which is not the same as none counted. */
  private whereThereIsOne(slot: string, value: string): string {
    const { time } = this.intent;
    if (!slot.startsWith("p") || time?.grain !== "day" || time.compare !== "previous_year") return value;
    const day = `u.${this.time}`;
    const again = this.dialect.shift(this.dialect.shift(day, "year", -1), "year", 1);
    return `CASE WHEN ${again} = ${day} THEN ${value} END`;
  }

  /** Values added up over the periods so far; the whole begins where `ytd`, `qtd`, `mtd` or all begins. */
  accumulate(): void {
    const { time } = this.intent;
    if (time?.grain === undefined) return;
    if (time.rolling !== undefined) this.roll(time.rolling, time.grain);
    if (time.cumulative === undefined) return;
    const unit = { all: undefined, ytd: "year", qtd: "quarter", mtd: "month" }[time.cumulative] as
      | TimeGrain
      | undefined;
    const rest = this.dims.slice(0, -1).map((d) => `m.${d}`);
    const kind = this.dialect.name === "sqlite" ? "text_date" : time.grain === "hour" ? "timestamp" : "date";
    const start = unit === undefined ? [] : [cutTo(`m.${this.time}`, kind, unit, "UTC", time.fiscal, this.dialect)];
    // Rows without a time lie in no order with the others: they stand apart.
    const partition = [...rest, `(m.${this.time} IS NULL)`, ...start];
    const over = `${partition.length > 0 ? `PARTITION BY ${partition.join(", ")} ` : ""}ORDER BY m.${this.time}`;
    const slots = [...this.slots].map(([slot, aggregate]) => ({
      expression: raw(`${additive(aggregate)}(m.${slot}) OVER (${over})`),
      name: slot,
    }));
    const items = [...this.dims.map((d) => ({ expression: raw(`m.${d}`), name: d })), ...slots];
    this.add("running", printSelect({ items, from: raw(`${this.last} AS m`) }));
  }

  /** Each group's periods together with the `count` - 1 before; those without rows add nothing. */
  private roll(count: number, grain: TimeGrain): void {
    const same = this.dialect.name === "sqlite" ? "IS" : "IS NOT DISTINCT FROM";
    const { last, time } = this;
    const first = this.dialect.shift(`m.${time}`, grain, 1 - count);
    const within = `(w.${time} BETWEEN ${first} AND m.${time} OR (w.${time} IS NULL AND m.${time} IS NULL))`;
    const where = [...this.dims.slice(0, -1).map((d) => `w.${d} ${same} m.${d}`), within].map(raw);
    const slots = [...this.slots].map(([slot, aggregate]) => {
      const body = printSelect({
        items: [{ expression: raw(`${additive(aggregate)}(w.${slot})`), name: slot }],
        from: raw(`${last} AS w`),
        where,
      });
      return { expression: sql`(\n  ${indent(body, 2)}\n)`, name: slot };
    });
    const items = [...this.dims.map((d) => ({ expression: raw(`m.${d}`), name: d })), ...slots];
    this.add("rolling", printSelect({ items, from: raw(`${last} AS m`) }));
    this.context.assume(
      "rolling",
      `Each ${grain} holds the ${count} ${grain}s that end with it; where the data begins, there are fewer.`,
    );
  }

  /** Periods and members that no row has, beside what the rows have: a cross product of what each dimension lists. */
  private grid(legs: readonly string[]): string | undefined {
    const fill = this.intent.time?.fill === true && this.intent.time.grain !== undefined;
    const empty = this.intent.dimensions.some((d) => d.includeEmpty);
    if (this.intent.time?.fill === true && this.intent.time.grain === undefined) {
      refuse(error("invalid_argument", "`fill` lists periods without rows: it needs a `grain`."));
    }
    if (!fill && !empty) return undefined;
    const timed = this.intent.time?.grain !== undefined;
    const sources: { from: string; columns: readonly string[] }[] = [];
    if (fill) sources.push({ from: this.spine(legs), columns: [this.time] });
    else if (timed) sources.push({ from: this.observed(legs, [this.time]), columns: [this.time] });
    const members = this.intent.dimensions.map((d, i) => ({ d, column: `d${i + 1}` }));
    const listed = members.filter((m) => m.d.includeEmpty);
    const home = (m: (typeof members)[number]) => `${m.d.item.table} ${m.d.item.via?.id ?? ""}`;
    for (const key of new Set(listed.map(home))) sources.push(this.members(listed.filter((m) => home(m) === key)));
    const seen = members.filter((m) => !m.d.includeEmpty).map((m) => m.column);
    if (seen.length > 0) sources.push({ from: this.observed(legs, seen), columns: seen });
    const named = sources.map((s, i) => ({ ...s, alias: `g${i + 1}` }));
    const items = this.dims.map((d) => ({
      expression: raw(`${named.find((s) => s.columns.includes(d))?.alias}.${d}`),
      name: d,
    }));
    const [first, ...others] = named;
    const from = raw(`${first?.from} AS ${first?.alias}`);
    return this.add(
      "grid",
      printSelect({ items, from, joins: others.map((s) => raw(`CROSS JOIN ${s.from} AS ${s.alias}`)) }),
    );
  }

  private observed(legs: readonly string[], columns: readonly string[]): string {
    const parts = legs.map((l) => raw(`SELECT ${columns.join(", ")} FROM ${l}`));
    return this.add("seen", join(parts, "\nUNION "));
  }

  /** Members of a dimension's own table, whether or not any row has them; filters on it and on what it looks up hold for them too. */
  private members(group: readonly { readonly d: ResolvedIntent["dimensions"][number]; readonly column: string }[]): {
    from: string;
    columns: readonly string[];
  } {
    const [one] = group;
    const table = one?.d.item.table ?? 0;
    const bare = (item: Item): Item => {
      const { via: _via, ...rest } = item;
      return rest;
    };
    const known = (f: ResolvedFilter) =>
      f.item.table === table
        ? f.item.via === one?.d.item.via
        : f.item.via === undefined &&
          mostDetailed(this.context.graph, [table, f.item.table], this.context.settings) === table;
    const filters = this.intent.filters
      .filter(known)
      .map((f) => (f.item.table === table ? { ...f, item: bare(f.item) } : f));
    const items = group.map((m) => {
      if (m.d.grain !== undefined) {
        refuse(error("invalid_argument", "`include_empty` lists members; for periods use `time.fill`."));
      }
      return bare(m.d.item);
    });
    const reach = reachFrom(table, [...items, ...filters.map((f) => f.item)], this.context);
    const rows = new RowsBuilder(reach, this.context, this.dialect, new Aliases(this.dialect)).build(items, filters);
    const body = printSelect({
      distinct: true,
      items: items.map((item, i) => ({ expression: raw(rows.column(item)), name: group[i]?.column ?? "" })),
      from: rows.from,
      joins: rows.joins,
      where: rows.where,
    });
    return { from: this.add("members", body), columns: group.map((m) => m.column) };
  }

  /** Every period of the range, or from the first to the last one that any row has. */
  private spine(legs: readonly string[]): string {
    const { time } = this.intent;
    const grain = time?.grain;
    if (time === undefined || grain === undefined) throw new Error("a spine needs a grain");
    const type = grain === "hour" ? "timestamp" : "date";
    const first = time.from === undefined ? undefined : start(time.from, grain, time.fiscal);
    const at = this.time;
    const all = join(
      legs.map((l) => raw(`SELECT ${at} FROM ${l} WHERE ${at} IS NOT NULL`)),
      " UNION ALL ",
    );
    const from = first === undefined ? sql`(SELECT MIN(x.${at}) FROM (${all}) AS x)` : this.day(first, type);
    const to =
      time.to === undefined
        ? sql`(SELECT MAX(x.${at}) FROM (${all}) AS x)`
        : this.day(lastStart(time.to, grain, time.fiscal), type);
    const next = this.dialect.shift(`s.${at}`, grain, 1);
    const name = freeName("spine", this.context);
    const body = sql`SELECT ${from} AS ${at}\nUNION ALL\nSELECT ${next}\nFROM ${name} AS s\nWHERE s.${at} < ${to}`;
    this.recursive = true;
    return this.add(name, body);
  }

  private day(text: string, type: "date" | "timestamp"): Fragment {
    const value = type === "timestamp" && isDay(text) ? `${text} 00:00:00` : text;
    return bind(value, type);
  }

  private values(has: (slot: string) => boolean): readonly string[] {
    return [...this.slots].map(([slot, aggregate]) =>
      has(slot) ? slot : `${nullOf(aggregate, this.dialect)} AS ${slot}`,
    );
  }
}

function start(from: string, grain: TimeGrain, fiscal: YearStart): string {
  return grain === "hour"
    ? from.slice(0, 13).padEnd(10) + (from.length > 10 ? ":00:00" : "")
    : startOf(from.slice(0, 10), grain, fiscal);
}

/** The start of the last period before an exclusive end. */
function lastStart(to: string, grain: TimeGrain, fiscal: YearStart): string {
  if (grain === "hour") {
    const at = Date.parse(`${to.replace(" ", "T")}${to.length > 10 ? "Z" : "T00:00:00Z"}`) - 1;
    return `${new Date(at).toISOString().slice(0, 13).replace("T", " ")}:00:00`;
  }
  const last =
    to.length > 10 && !/ 00:00(:00(\.0+)?)?$/.test(to) ? to.slice(0, 10) : addUnits(to.slice(0, 10), "day", -1);
  return startOf(last, grain, fiscal);
}

/** How values of groups become the value of them all together; refused where they cannot. */
export function additive(aggregate: Aggregate): "SUM" | "MIN" | "MAX" {
  if (aggregate.semiAdditive === undefined) {
    if (aggregate.agg === "sum" || aggregate.agg === "count") return "SUM";
    if (aggregate.agg === "min") return "MIN";
    if (aggregate.agg === "max") return "MAX";
  }
  return refuse(
    error(
      "not_additive",
      `A ${aggregate.semiAdditive === undefined ? aggregate.agg.replace("_", " ") : "balance"} of groups does not add up to that of them all.`,
      {
        help: "Ask for it without accumulation, shares or `others`.",
      },
    ),
  );
}

export function isCount(aggregate: Aggregate): boolean {
  return aggregate.agg === "count" || aggregate.agg === "count_distinct";
}

/** PostgreSQL types a UNION pair by pair, so an untyped NULL in the first two parts would make the third fail (manual, 10.5). */
function nullOf(aggregate: Aggregate, dialect: Dialect): string {
  return dialect.name === "sqlite" ? "NULL" : `CAST(NULL AS ${aggregateType(aggregate, dialect)})`;
}

export function aggregateType(aggregate: Aggregate, dialect: Dialect): string {
  if (isCount(aggregate)) return dialect.name === "sqlite" ? "INTEGER" : "bigint";
  const [item] = aggregate.items.values();
  const single = aggregate.argument?.kind === "name" ? item?.column.type : undefined;
  if (aggregate.agg === "min" || aggregate.agg === "max" || aggregate.agg === "first" || aggregate.agg === "last") {
    return single ?? (dialect.name === "sqlite" ? "REAL" : "numeric");
  }
  const float = [...aggregate.items.values()].some((i) => typeClass(i.column.type, dialect.name) === "float");
  if (float || aggregate.agg === "median") return dialect.name === "sqlite" ? "REAL" : "double precision";
  return dialect.name === "sqlite" ? (aggregate.agg === "avg" ? "REAL" : (single ?? "REAL")) : "numeric";
}
