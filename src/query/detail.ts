/** Detail rows: one row per row of the most detailed table named, its parents looked up. Two to-many branches are declined. Pure. */

import { error } from "../issue.js";
import type { Dialect } from "../sql/dialect.js";
import type { AnswerColumn } from "./answer.js";
import { sayCompared } from "./currency.js";
import { type Fragment, raw } from "./fragment.js";
import { type Compiled, uniqueJoins } from "./grouped.js";
import type { CompileContext } from "./legs.js";
import { detailBase, pinsBeyond, type Reach, reachFrom } from "./paths.js";
import { matched, sayPins } from "./pins.js";
import type { Item, Order, ResolvedIntent } from "./resolved.js";
import { Aliases, type Rows, RowsBuilder } from "./rows.js";
import { printSelect } from "./select.js";
import { refuse } from "./stop.js";
import { rowKey, typeClass } from "./tables.js";
import { leftOut } from "./versions.js";

export function compileDetail(intent: ResolvedIntent, context: CompileContext, distinct: boolean): Compiled {
  sayCompared(intent, context);
  const { dialect } = context;
  const shown = intent.columns.map((c) => c.item);
  const ordered = intent.order.flatMap((o) => (o.target.kind === "item" ? [o.target.item] : []));
  const named = [...shown, ...ordered];
  const pins = pinsBeyond(undefined, [...named, ...intent.filters.map((f) => f.item)], intent.pins, context);
  sayPins(pins, context);
  const filters = [...intent.filters.map((f) => f.item), ...pins];
  const all = [...named, ...filters];
  const found = detailBase([...named, ...pins], all, context) ?? detailBase(named, all, context);
  if (found === undefined) {
    refuse(
      error("fan_out", "The columns lie on branches that would multiply one another.", {
        help: "Ask for the columns of one branch at a time, or for measures by a common dimension.",
      }),
    );
  }
  const reach = reachFrom(found.base, [...named, ...filters], context);
  const aliases = new Aliases(dialect);
  const builder = new RowsBuilder(reach, context, dialect, aliases);
  const absent = leftOut(found.base, [...named, ...filters], context);
  for (const f of absent) reachBase(reach, f.item);
  const rows = builder.build(named, [...intent.filters, ...pins.map(matched), ...absent]);
  const base = context.tableRef(found.base);
  const wide = rows.branches.find((b) => b.wanted.length > 0);
  if (wide !== undefined) {
    refuse(error("fan_out", `A row of ${base} may have several rows of ${context.tableRef(wide.top.table)}.`));
  }
  if (!found.named) context.assume("bridge_rows", `One row per row of ${base}, which links the tables named.`);
  const items = intent.columns.map((c) => ({ expression: raw(rows.column(c.item)), name: dialect.name_(c.name) }));
  // Distinct rows stand where the first row that shows them stands: groups, ordered by their least (or greatest) value.
  const hidden = distinct ? hiddenOrder(intent.order) : [];
  if (hidden.length > 1) {
    refuse(
      error(
        "invalid_argument",
        `Distinct rows are ordered by at most one column that is not shown, not by "${hidden.join('" and "')}".`,
      ),
    );
  }
  for (const term of hidden) {
    context.assume(
      "distinct_order",
      `"${term}" is not shown: distinct rows stand in the order of the first row of each.`,
    );
  }
  const statement = printSelect({
    distinct: distinct && hidden.length === 0,
    ...(hidden.length === 0 ? {} : { groupBy: items.map((i) => i.expression) }),
    items,
    from: rows.from,
    joins: rows.joins,
    where: rows.where,
    orderBy: orderBy(intent, rows, found.base, context, distinct),
    ...(context.limit === undefined ? {} : { limit: context.limit }),
  });
  return {
    statement,
    columns: intent.columns.map(
      (c): AnswerColumn => ({
        name: c.name,
        type: c.item.column.type,
        role: "column",
        ref: context.columnRef(c.item.table, c.item.column.name),
      }),
    ),
    joins: uniqueJoins(rows.used),
    grain: distinct
      ? `one row per distinct ${intent.columns.map((c) => c.name).join(", ")}`
      : `one row per row of ${base}`,
    proof: [],
  };
}

/** The base's own column is at the tree's root. */
function reachBase(reach: Reach, item: Item): void {
  (reach.at as Map<Item, Reach["root"]>).set(item, reach.root);
}

/** PostgreSQL has no MIN of booleans (manual, 9.21). */
function extreme(item: Item, greatest: boolean, dialect: Dialect): string {
  if (dialect.name === "postgres" && typeClass(item.column.type, dialect.name) === "boolean") {
    return greatest ? "BOOL_OR" : "BOOL_AND";
  }
  return greatest ? "MAX" : "MIN";
}

function hiddenOrder(order: readonly Order[]): readonly string[] {
  return order.flatMap((o) => (o.target.kind === "item" ? [o.target.item.term] : []));
}

/** The order asked for, then the base's key, so that equal rows always stand in the same order. */
function orderBy(
  intent: ResolvedIntent,
  rows: Rows,
  base: number,
  context: CompileContext,
  distinct: boolean,
): readonly Fragment[] {
  const { dialect } = context;
  if (intent.order.length === 0 && context.limit === undefined) return [];
  const given = intent.order.map((o) => {
    const name = o.target.kind === "result" ? o.target.name : undefined;
    const direction = `${o.descending ? " DESC" : ""} NULLS LAST`;
    if (distinct && o.target.kind === "item") {
      return `${extreme(o.target.item, o.descending, dialect)}(${rows.column(o.target.item)})${direction}`;
    }
    const item = o.target.kind === "item" ? o.target.item : intent.columns.find((c) => c.name === name)?.item;
    return `${item === undefined || distinct ? dialect.name_(name ?? "") : rows.column(item)}${direction}`;
  });
  const rest = distinct
    ? intent.columns.map((c) => dialect.name_(c.name)).filter((n) => !given.some((g) => g.startsWith(`${n} `)))
    : keyOf(rows, base, context);
  return [...given, ...rest.filter((r) => !given.includes(`${r} NULLS LAST`))].map(raw);
}

function keyOf(rows: Rows, base: number, context: CompileContext): readonly string[] {
  const table = context.graph.tables[base];
  const key = table === undefined ? undefined : rowKey(table);
  return (key ?? []).map((c) => `${rows.anchor}.${context.dialect.name_(c)}`);
}
