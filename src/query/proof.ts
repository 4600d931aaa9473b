/** The evidence beside a query: why no row counts twice, and a statement that shows the totals before and after joining. Pure. */

import type { Dialect } from "../sql/dialect.js";
import { walk } from "./expression.js";
import { type Fragment, raw, sql } from "./fragment.js";
import { buildLeg, type CompileContext, type Leg } from "./legs.js";
import type { Measure, ResolvedIntent } from "./resolved.js";
import { Aliases } from "./rows.js";
import { printSelect, withTables } from "./select.js";
import { addsUp } from "./time.js";

/** Why a measure's number is safe, in words. */
export function proofOf(m: Measure, legs: readonly Leg[], context: CompileContext): string {
  const slots = slotsOf(m);
  return legs
    .filter((leg) => !leg.previous && slots.some((s) => leg.slots.has(s)))
    .map((leg) => legProof(leg, context))
    .join(" / ");
}

function legProof(leg: Leg, context: CompileContext): string {
  const table = context.tableRef(leg.anchor);
  const wide = leg.rows.branches.filter((b) => b.wanted.length > 0);
  const filtered = leg.rows.branches.filter((b) => b.wanted.length === 0);
  const parts = [
    `each row of ${table} counts once${wide.length > 0 ? " in each group" : ""}: it is aggregated at its own grain`,
  ];
  if (leg.rows.joins.length > wide.length) parts.push("parents are looked up by unique keys, at most one row each");
  if (filtered.length > 0) parts.push("filters over to-many links are EXISTS and multiply nothing");
  if (leg.pick !== undefined) parts.push("of each entity only the row that decides is taken");
  for (const b of wide) {
    if (b.rollUp !== undefined) {
      parts.push(
        `a row stands once in the group of its own ${context.tableRef(b.top.table)} and once in each above it, so groups hold one another and do not add up; reconcile_sql gives the total`,
      );
    } else
      parts.push(
        `a row stands once in each group of ${context.tableRef(b.top.table)} it is related to, so groups may add up to more than the total, which reconcile_sql gives`,
      );
  }
  return parts.join("; ");
}

function slotsOf(m: Measure): readonly string[] {
  return [...walk(m.final)].flatMap((e) => (e.kind === "name" ? [`a${e.ref.slice(1)}`] : []));
}

/** Rows of each table, rows counted, and each measure in all beside the sum of its groups; without parameters. */
export function reconcileOf(
  legs: readonly Leg[],
  intent: ResolvedIntent,
  context: CompileContext,
  groups: Fragment,
): Fragment | undefined {
  const now = legs.filter((l) => !l.previous);
  if (now.some((l) => l.pick !== undefined)) return undefined;
  const { dialect } = context;
  const { order: _order, ...rest } = intent;
  const { grain: _grain, cumulative: _cumulative, rolling: _rolling, ...time } = intent.time ?? { fill: false };
  const bare: ResolvedIntent = {
    ...rest,
    order: [],
    dimensions: [],
    ...(intent.time === undefined ? {} : { time: { ...time } as never }),
  };
  const quiet: CompileContext = { ...context, assume: () => undefined };
  const aliases = new Aliases(dialect);
  const totals = now.map((leg, i) => {
    const total = buildLeg(leg, bare, quiet, aliases);
    return { leg, name: `total_${i + 1}`, body: withCount(total) };
  });
  const items = totals.flatMap((t) => totalItems(t.leg, t.name, intent, context));
  const whole = context.limit === undefined && intent.having.length === 0 && intent.top === undefined;
  const sums = whole ? intent.measures.flatMap((m) => (isSum(m, intent) ? [groupSum(m, dialect)] : [])) : [];
  const tables = totals.map(({ name, body }) => ({ name, body }));
  const from = raw(totals.map((t) => t.name).join("\nCROSS JOIN "));
  return withTables(
    sums.length === 0 ? tables : [...tables, { name: "answer", body: groups }],
    printSelect({ items: uniqueNames([...items, ...sums]), from }),
  );
}

function uniqueNames<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  const seen = new Set<string>();
  return items.filter((i) => !seen.has(i.name) && seen.add(i.name) !== undefined);
}

function withCount(total: Leg): Fragment {
  return printSelect({
    items: [
      { expression: raw("COUNT(*)"), name: "rows_counted" },
      ...[...total.slots.keys()].map((slot) => ({ expression: total.aggregate(slot), name: slot })),
    ],
    from: total.rows.from,
    joins: total.rows.joins,
    where: total.where,
  });
}

function totalItems(leg: Leg, name: string, intent: ResolvedIntent, context: CompileContext) {
  const { dialect } = context;
  const table = context.graph.tables[leg.anchor]?.name ?? "rows";
  return [
    { expression: raw(`${name}.rows_counted`), name: dialect.name_(`${table}_rows_counted`) },
    ...intent.measures.flatMap((m) => {
      const slot = m.final.kind === "name" ? `a${m.final.ref.slice(1)}` : undefined;
      return slot !== undefined && leg.slots.has(slot)
        ? [{ expression: raw(`${name}.${slot}`), name: dialect.name_(`${m.name}_total`) }]
        : [];
    }),
  ];
}

function isSum(m: Measure, intent: ResolvedIntent): boolean {
  if (m.final.kind !== "name" || addsUp(intent.time)) return false;
  const aggregate = intent.aggregates[Number(m.final.ref.slice(1))];
  return aggregate?.agg === "sum" || aggregate?.agg === "count";
}

function groupSum(m: Measure, dialect: Dialect) {
  const name = dialect.name_(m.name);
  return { expression: sql`(SELECT SUM(x.${name}) FROM answer AS x)`, name: dialect.name_(`${m.name}_in_groups`) };
}
