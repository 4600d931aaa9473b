/**
 * Measures by dimensions as one statement. Aggregates over the rows of one table are one leg; several legs are met on their dimensions,
 * NULL with NULL, and each group that any leg has is kept. What needs the groups as a whole (shares, ranks) comes in later stages. Pure.
 */

import { error } from "../issue.js";
import type { Dialect } from "../sql/dialect.js";
import type { AnswerColumn, AnswerJoin } from "./answer.js";
import { startOf } from "./calendar.js";
import { checkCurrencies, sayCompared } from "./currency.js";
import { type Expression, walk } from "./expression.js";
import { bindNumber, printExpression } from "./formulas.js";
import { type Fragment, raw, sql } from "./fragment.js";
import { buildLeg, type CompileContext, type Leg, planLegs } from "./legs.js";
import { anchorUnknown } from "./measures.js";
import { detailBase, pinsBeyond } from "./paths.js";
import { matched, sayPins } from "./pins.js";
import { proofOf, reconcileOf } from "./proof.js";
import type { Aggregate, Measure, ResolvedIntent } from "./resolved.js";
import { Aliases } from "./rows.js";
import { printSelect, type SelectItem, withTables } from "./select.js";
import { additive, aggregateType, isCount, Stages } from "./stages.js";
import { refuse } from "./stop.js";
import { addsUp } from "./time.js";

export interface Compiled {
  readonly statement: Fragment;
  readonly columns: readonly AnswerColumn[];
  readonly joins: readonly AnswerJoin[];
  readonly grain: string;
  readonly proof: readonly { readonly measure: string; readonly safe_because: string }[];
  readonly reconcile?: Fragment;
}

/** A result column over the slots of the last stage. */
interface Output extends SelectItem {
  readonly column: AnswerColumn;
}

export function compileGrouped(given: ResolvedIntent, context: CompileContext): Compiled {
  const intent = splitAverages(withPins(withAnchors(given, context), context));
  checkCurrencies(intent, context);
  sayCompared(intent, context);
  const timed =
    intent.time !== undefined &&
    (intent.time.grain !== undefined ||
      intent.time.from !== undefined ||
      intent.time.to !== undefined ||
      intent.time.compare !== undefined);
  const slots = intent.aggregates.map((aggregate, id) => ({ slot: `a${id}`, aggregate }));
  const before =
    intent.time?.compare === undefined ? [] : intent.aggregates.map((aggregate, id) => ({ slot: `p${id}`, aggregate }));
  const plans = [...planLegs(slots, timed, false, context), ...planLegs(before, timed, true, context)];
  const aliases = new Aliases(context.dialect);
  const legs = plans.map((p) => buildLeg(p, intent, context, aliases));
  const [only] = legs;
  const simple = only !== undefined && legs.length === 1 && only.pick === undefined && !needsStages(intent);
  const outputs = new Outputs(intent, context);
  const statement = simple ? direct(only, intent, context, outputs) : staged(legs, intent, context, outputs);
  const reconcile = reconcileOf(legs, intent, context, statement);
  return {
    statement,
    columns: outputs.columns(),
    joins: uniqueJoins(legs.flatMap((l) => l.used)),
    grain: grainOf(intent),
    proof: intent.measures.map((m) => ({ measure: m.name, safe_because: proofOf(m, legs, context) })),
    ...(reconcile === undefined ? {} : { reconcile }),
  };
}

function needsStages(intent: ResolvedIntent): boolean {
  const { time, top, shares, dimensions } = intent;
  return (
    time?.compare !== undefined ||
    addsUp(time) ||
    time?.fill === true ||
    top !== undefined ||
    shares.length > 0 ||
    dimensions.some((d) => d.includeEmpty)
  );
}

function grainOf(intent: ResolvedIntent): string {
  const names = [
    ...(intent.time?.grain === undefined ? [] : [intent.time.grain]),
    ...intent.dimensions.map((d) => d.name),
  ];
  return names.length === 0 ? "one row" : `one row per ${names.join(", ")}`;
}

/** `count(*)` counts rows of the table of the other measures, else of the most detailed one that the intent names. */
function withAnchors(intent: ResolvedIntent, context: CompileContext): ResolvedIntent {
  if (intent.aggregates.every((a) => a.anchor !== anchorUnknown)) return intent;
  const anchor = aboutTable(intent, context);
  return { ...intent, aggregates: intent.aggregates.map((a) => (a.anchor === anchorUnknown ? { ...a, anchor } : a)) };
}

function aboutTable(intent: ResolvedIntent, context: CompileContext): number {
  const others = [...new Set(intent.aggregates.map((a) => a.anchor).filter((a) => a !== anchorUnknown))];
  const [other] = others;
  if (other !== undefined && others.length === 1) return other;
  const time = intent.timeItem === undefined ? [] : [intent.timeItem];
  const items = [
    ...intent.dimensions.map((d) => d.item),
    ...intent.filters.map((f) => f.item),
    ...time,
    ...intent.pins,
  ];
  const help = { help: "Set `table` on the measure." };
  if (items.length === 0)
    refuse(error("invalid_argument", "`*` counts rows of a table, and the intent names none.", help));
  const base = detailBase(items, items, context);
  if (base === undefined) refuse(error("fan_out", "`*` could count rows of several tables here.", help));
  return base.base;
}

/** Pinned tables that no measure travels through ask for rows with a match there; that holds for every measure, as filters do. */
function withPins(intent: ResolvedIntent, context: CompileContext): ResolvedIntent {
  const shared = [...intent.dimensions.map((d) => d.item), ...intent.filters.map((f) => f.item)];
  const beyond = intent.aggregates.map((a) => {
    const own = [...a.items.values(), ...a.filters.map((f) => f.item), ...(a.time === undefined ? [] : [a.time])];
    const time = intent.timeItem === undefined ? [] : [intent.timeItem];
    return pinsBeyond(a.anchor, [...shared, ...own, ...time], intent.pins, context);
  });
  const pins = intent.pins.filter((p) => beyond.every((b) => b.includes(p)));
  sayPins(pins, context);
  return pins.length === 0 ? intent : { ...intent, filters: [...intent.filters, ...pins.map(matched)] };
}

/** Averages as sums over counts, where groups are put together later: the average of averages is not the average. */
function splitAverages(intent: ResolvedIntent): ResolvedIntent {
  if (!addsUp(intent.time) && intent.top?.others !== true) return intent;
  const aggregates: Aggregate[] = [];
  const finals = intent.aggregates.map((a): Expression => {
    const add = (aggregate: Aggregate): Expression => ({ kind: "name", ref: `@${aggregates.push(aggregate) - 1}` });
    if (a.agg !== "avg") return add(a);
    return { kind: "binary", op: "/", left: add({ ...a, agg: "sum" }), right: add({ ...a, agg: "count" }) };
  });
  const rewrite = (e: Expression): Expression => {
    if (e.kind === "name") return finals[Number(e.ref.slice(1))] ?? e;
    if (e.kind === "call") return { ...e, args: e.args.map(rewrite) };
    if (e.kind === "unary" || e.kind === "is_null") return { ...e, operand: rewrite(e.operand) };
    if (e.kind === "binary") return { ...e, left: rewrite(e.left), right: rewrite(e.right) };
    if (e.kind !== "case") return e;
    const branches = e.branches.map((b) => ({ when: rewrite(b.when), result: rewrite(b.result) }));
    return { ...e, branches, otherwise: e.otherwise && rewrite(e.otherwise) };
  };
  return { ...intent, aggregates, measures: intent.measures.map((m) => ({ ...m, final: rewrite(m.final) })) };
}

function direct(leg: Leg, intent: ResolvedIntent, context: CompileContext, outputs: Outputs): Fragment {
  const rows = outputs.list(
    (slot) => leg.aggregate(slot),
    (i) => leg.dimensions[i] as Fragment,
  );
  const value = (name: string) => rows.find((o) => o.column.name === name)?.expression as Fragment;
  return printSelect({
    items: rows,
    from: leg.rows.from,
    joins: leg.rows.joins,
    where: leg.where,
    groupBy: leg.dimensions,
    having: havingOf(intent, context.dialect, value),
    orderBy: orderOf(intent, outputs, context),
    ...(context.limit === undefined ? {} : { limit: context.limit }),
  });
}

function staged(legs: readonly Leg[], intent: ResolvedIntent, context: CompileContext, outputs: Outputs): Fragment {
  const { dialect } = context;
  const slots = new Map(legs.flatMap((l) => [...l.slots]));
  const dims = outputs.dimensionNames.map((_, i) => `d${i + 1}`);
  const stages = new Stages(intent, context, slots, dims);
  stages.meet(legs);
  stages.accumulate();
  const slot = (name: string) => {
    const aggregate = slots.get(name) as Aggregate;
    return raw(isCount(aggregate) && legs.length > 1 && dims.length > 0 ? `m.${name}` : `m.${name}`);
  };
  const rows = outputs.list(slot, (i) => raw(`m.d${i + 1}`));
  const from = raw(`${stages.last} AS m`);
  const range = cumulativeRange(intent, context);
  const limit = context.limit === undefined ? {} : { limit: context.limit };
  if (intent.shares.length === 0 && intent.top === undefined) {
    const value = (name: string) => rows.find((o) => o.column.name === name)?.expression as Fragment;
    const where = [...range, ...havingOf(intent, dialect, value)];
    return recursive(
      stages,
      printSelect({ items: rows, from, where, orderBy: orderOf(intent, outputs, context), ...limit }),
    );
  }
  checkShares(intent, legs, context);
  const hidden =
    intent.top?.others === true ? [...slots.keys()].map((s) => ({ expression: raw(`m.${s}`), name: s })) : [];
  const result = stages.add("result", printSelect({ items: [...rows, ...hidden], from, where: range }));
  const value = (name: string) => raw(`r.${dialect.name_(name)}`);
  const having = havingOf(intent, dialect, value);
  const shown = rows.map((o) => ({ expression: raw(`r.${o.name}`), name: o.name }));
  if (intent.top === undefined) {
    return recursive(
      stages,
      printSelect({
        items: shown,
        from: raw(`${result} AS r`),
        where: having,
        orderBy: orderOf(intent, outputs, context),
        ...limit,
      }),
    );
  }
  const ranked = rank(stages, intent, outputs, dialect, having);
  if (intent.top.others) return recursive(stages, withOthers(intent, outputs, slots, context, ranked));
  const order = intent.order.length > 0 ? orderOf(intent, outputs, context) : topOrder(intent, outputs, dialect);
  const where = [raw(`r.place <= ${intent.top.n}`)];
  return recursive(stages, printSelect({ items: shown, from: raw(`${ranked} AS r`), where, orderBy: order, ...limit }));
}

/** A spine refers to itself, which the standard wants announced. */
function recursive(stages: Stages, main: Fragment): Fragment {
  const whole = withTables(stages.list, main);
  if (!stages.recursive) return whole;
  const [first, ...rest] = whole.parts;
  return { parts: [typeof first === "string" ? first.replace(/^WITH /, "WITH RECURSIVE ") : (first ?? ""), ...rest] };
}

/** Earlier periods were needed to add up; only those of the range are shown. */
function cumulativeRange(intent: ResolvedIntent, context: CompileContext): readonly Fragment[] {
  const { time } = intent;
  if (!addsUp(time) || time?.from === undefined || time.grain === undefined) return [];
  const literal = context.dialect.literal(startOf(time.from.slice(0, 10), time.grain, time.fiscal));
  const first = context.dialect.name === "postgres" ? `CAST(${literal} AS date)` : literal;
  return [raw(`m.d${intent.dimensions.length + 1} >= ${first}`)];
}

function rank(
  stages: Stages,
  intent: ResolvedIntent,
  outputs: Outputs,
  dialect: Dialect,
  having: readonly Fragment[],
): string {
  const { top } = intent;
  if (top === undefined) throw new Error("no top");
  const rest = outputs.dimensionNames
    .filter((d) => !top.per.includes(d))
    .map((d) => `r.${dialect.name_(d)} NULLS LAST`);
  const per = top.per.length === 0 ? "" : `PARTITION BY ${top.per.map((p) => `r.${dialect.name_(p)}`).join(", ")} `;
  const by = `r.${dialect.name_(top.by)} DESC NULLS LAST`;
  const place = raw(`ROW_NUMBER() OVER (${per}ORDER BY ${[by, ...rest].join(", ")})`);
  const result = stages.last;
  return stages.add(
    "ranked",
    printSelect({
      items: [{ expression: place, name: "place" }],
      star: "r.*",
      from: raw(`${result} AS r`),
      where: having,
    }),
  );
}

/** The groups beyond the first n as one group, its values put together from theirs. */
function withOthers(
  intent: ResolvedIntent,
  outputs: Outputs,
  slots: ReadonlyMap<string, Aggregate>,
  context: CompileContext,
  ranked: string,
): Fragment {
  const { dialect } = context;
  const { top } = intent;
  if (top === undefined) throw new Error("no top");
  const inside = `r.place <= ${top.n}`;
  const labelled = outputs.dimensionNames.filter((d) => !top.per.includes(d));
  const dims = outputs.dimensionNames.map((d) => {
    const column = `r.${dialect.name_(d)}`;
    if (top.per.includes(d)) return column;
    const text = dialect.name === "postgres" ? `CAST(${column} AS text)` : column;
    return `CASE WHEN ${inside} THEN ${text} ${d === labelled[0] ? "ELSE '(others)' " : ""}END`;
  });
  const together = (slot: string) => raw(`${additive(slots.get(slot) as Aggregate)}(r.${slot})`);
  const rows = outputs.list(
    together,
    (i) => raw(dims[i] ?? "NULL"),
    (name) => raw(`SUM(r.${dialect.name_(name)})`),
  );
  const beyond = `CASE WHEN ${inside} THEN 0 ELSE 1 END`;
  return printSelect({
    items: rows,
    from: raw(`${ranked} AS r`),
    groupBy: [...dims, beyond].map(raw),
    orderBy: [...top.per.map((p) => raw(`r.${dialect.name_(p)} NULLS LAST`)), raw(beyond), raw("MIN(r.place)")],
    ...(context.limit === undefined ? {} : { limit: context.limit }),
  });
}

function topOrder(intent: ResolvedIntent, outputs: Outputs, dialect: Dialect): readonly Fragment[] {
  const per = intent.top?.per ?? [];
  return [
    ...outputs.dimensionNames.filter((d) => per.includes(d)).map((d) => raw(`r.${dialect.name_(d)} NULLS LAST`)),
    raw("r.place"),
  ];
}

/** What puts groups together needs each row in one of them. */
function checkShares(intent: ResolvedIntent, legs: readonly Leg[], context: CompileContext): void {
  for (const name of intent.shares) {
    const measure = intent.measures.find((m) => m.name === name);
    for (const part of measure === undefined ? [] : walk(measure.final)) {
      if (part.kind === "binary" && part.op !== "+" && part.op !== "-") {
        refuse(error("not_additive", `"${name}" is no sum: its share of a total says nothing.`));
      }
      if (part.kind === "name" && additive(intent.aggregates[Number(part.ref.slice(1))] as Aggregate) !== "SUM") {
        refuse(error("not_additive", `"${name}" is no sum: its share of a total says nothing.`));
      }
    }
  }
  const wide =
    intent.shares.length > 0 || intent.top?.others === true
      ? legs.flatMap((l) => l.rows.branches).find((b) => b.wanted.length > 0)
      : undefined;
  if (wide !== undefined) {
    refuse(
      error(
        "not_additive",
        `Rows stand in several groups of ${context.tableRef(wide.top.table)}, so ${intent.shares.length > 0 ? "shares would not add up to one" : "the others would count some twice"}.`,
      ),
    );
  }
}

/** The result columns: dimensions, measures, what they are compared with, shares. */
class Outputs {
  readonly dimensionNames: readonly string[];
  private readonly taken = new Set<string>();

  constructor(
    private readonly intent: ResolvedIntent,
    private readonly context: CompileContext,
  ) {
    for (const n of [...intent.dimensions, ...intent.measures]) this.taken.add(n.name.toLowerCase());
    const grain = intent.time?.grain;
    const time = grain === undefined ? [] : [this.free(intent.time?.as ?? grain)];
    this.dimensionNames = [...intent.dimensions.map((d) => d.name), ...time];
  }

  list(
    slot: (name: string) => Fragment,
    dimension: (i: number) => Fragment,
    share?: (name: string) => Fragment,
  ): readonly Output[] {
    const { dialect } = this.context;
    const columns = this.columns();
    const value = (m: Measure, letter: string) =>
      printExpression(m.final, dialect, (ref) => slot(`${letter}${ref.slice(1)}`));
    const { measures, time } = this.intent;
    const expressions = [
      ...this.dimensionNames.map((_, i) => dimension(i)),
      ...measures.map((m) => value(m, "a")),
      ...(time?.compare === undefined ? [] : measures.map((m) => value(m, "p"))),
      ...(time?.compare === undefined ? [] : measures.map((m) => sql`(${value(m, "a")}) - (${value(m, "p")})`)),
      ...this.intent.shares.map((name) => {
        const measure = measures.find((m) => m.name === name) as Measure;
        if (share !== undefined) return share(this.shareName(name));
        const [before, after] = dialect.decimal("\u0000").split("\u0000");
        const part = value(measure, "a");
        return sql`${before ?? ""}${part}${after ?? ""} / NULLIF(SUM(${part}) OVER (), 0)`;
      }),
    ];
    return columns.map((column, i) => ({
      expression: expressions[i] as Fragment,
      name: dialect.name_(column.name),
      column,
    }));
  }

  columns(): readonly AnswerColumn[] {
    const { intent, context } = this;
    const { dialect } = context;
    const grain = intent.time?.grain;
    const timeType = grain === "hour" ? "timestamp" : "date";
    const others = intent.top?.others === true;
    const measured = intent.measures.map(
      (m): AnswerColumn => ({
        name: m.name,
        type: measureType(m, intent, dialect),
        role: "measure",
        expression: m.label,
      }),
    );
    const also = (suffix: string): readonly AnswerColumn[] =>
      intent.time?.compare === undefined
        ? []
        : measured.map((m) => ({ ...m, name: this.free(`${m.name}_${suffix}`, true) }));
    return [
      ...intent.dimensions.map(
        (d): AnswerColumn => ({
          name: d.name,
          type: others
            ? "text"
            : d.grain === undefined
              ? d.item.column.type
              : d.grain === "hour"
                ? "timestamp"
                : "date",
          role: "dimension",
          ref: context.columnRef(d.item.table, d.item.column.name),
        }),
      ),
      ...(grain === undefined
        ? []
        : [
            {
              name: this.dimensionNames[intent.dimensions.length] ?? grain,
              type: timeType,
              role: "dimension" as const,
            },
          ]),
      ...measured,
      ...also(intent.time?.compare ?? "previous"),
      ...also("change"),
      ...intent.shares.map(
        (name): AnswerColumn => ({
          name: this.shareName(name),
          type: dialect.name === "sqlite" ? "REAL" : "numeric",
          role: "measure",
          expression: `${name} / total of ${name}`,
        }),
      ),
    ];
  }

  private shareName(name: string): string {
    return this.free(`${name}_share`, true);
  }

  private free(wanted: string, again = false): string {
    let name = wanted;
    for (let i = 2; this.taken.has(name.toLowerCase()); i++) name = `${wanted}_${i}`;
    if (!again) this.taken.add(name.toLowerCase());
    return name;
  }
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
    const number = Number(h.value);
    if (Array.isArray(h.value) || !Number.isFinite(number)) {
      refuse(error("invalid_argument", `"${h.measure}" is compared with "${String(h.value)}", which is no number.`));
    }
    return sql`${value(h.measure)} ${h.op === "!=" ? "<>" : h.op} ${bindNumber(number, dialect)}`;
  });
}

/** What the intent orders by, then the group's own key, so that the order is always the same. NULL stands last. */
function orderOf(intent: ResolvedIntent, outputs: Outputs, context: CompileContext): readonly Fragment[] {
  const { dialect } = context;
  if (outputs.dimensionNames.length === 0) return [];
  if (intent.order.length === 0 && context.limit === undefined && intent.time?.grain === undefined) return [];
  const given = intent.order.flatMap((o) =>
    o.target.kind === "result" ? [{ name: o.target.name, descending: o.descending }] : [],
  );
  const rest = outputs.dimensionNames
    .filter((d) => !given.some((g) => g.name === d))
    .map((name) => ({ name, descending: false }));
  return [...given, ...rest].map((o) => raw(`${dialect.name_(o.name)}${o.descending ? " DESC" : ""} NULLS LAST`));
}

function measureType(m: Measure, intent: ResolvedIntent, dialect: Dialect): string {
  const aggregate = m.final.kind === "name" ? intent.aggregates[Number(m.final.ref.slice(1))] : undefined;
  return aggregate === undefined ? (dialect.name === "sqlite" ? "REAL" : "numeric") : aggregateType(aggregate, dialect);
}

export function uniqueJoins(joins: readonly AnswerJoin[]): readonly AnswerJoin[] {
  const seen = new Map<string, AnswerJoin>();
  for (const j of joins) if (!seen.has(`${j.from} ${j.to}`)) seen.set(`${j.from} ${j.to}`, j);
  return [...seen.values()];
}
