/** Amounts in several currencies are never added up: they are grouped by currency, filtered to one, or asked back; where they are compared, that is said. Pure. */

import { error } from "../issue.js";
import { tableKey } from "../schema/names.js";
import type { Column, Table } from "../schema/snapshot.js";
import type { Option } from "./answer.js";
import type { CompileContext } from "./legs.js";
import type { Aggregate, Item, ResolvedFilter, ResolvedIntent } from "./resolved.js";
import { spokenWords } from "./spoken-words.js";
import { ask, refuse } from "./stop.js";
import { isNumeric, typeClass } from "./tables.js";

/** Stops with a question where an aggregate would mix currencies. */
export function checkCurrencies(intent: ResolvedIntent, context: CompileContext): void {
  for (const aggregate of intent.aggregates) {
    const currency = aggregate.currency ?? conventional(aggregate, context);
    if (currency === undefined || aggregate.agg === "count" || aggregate.agg === "count_distinct") continue;
    if (intent.dimensions.some((d) => isSame(d.item, currency))) continue;
    if ([...intent.filters, ...aggregate.filters].some((f) => isSame(f.item, currency) && isOne(f))) continue;
    const values = knownValues(currency, context);
    const ref = context.columnRef(currency.table, currency.column.name);
    if (values?.complete === true && values.list.length <= 1) {
      context.assume("one_currency", `All amounts are in one currency, as ${ref} says now.`);
      continue;
    }
    if (values === undefined || values.list.length === 0) {
      refuse(
        error(
          "mixed_currencies",
          `The amounts may be in several currencies, as ${ref} says: their sum would be no amount.`,
          {
            help: "Group by the currency, filter to one, or measure a metric that converts.",
            candidates: [ref],
          },
        ),
      );
    }
    ask(`The amounts are in several currencies (${ref}); which is meant?`, options(ref, values.list, context));
  }
}

const comparing: ReadonlySet<string> = new Set(["<", "<=", ">", ">=", "between"]);

/** Says where amounts are compared or put in order as numbers though they are in several currencies. */
export function sayCompared(intent: ResolvedIntent, context: CompileContext): void {
  const shown = (name: string) => intent.columns.find((c) => c.name === name)?.item;
  const ordered = intent.order.flatMap(
    ({ target }) => (target.kind === "item" ? target.item : shown(target.name)) ?? [],
  );
  const compared = intent.filters.filter((f) => comparing.has(f.op)).map((f) => f.item);
  for (const item of [...ordered, ...compared]) {
    const currency = currencyBeside(item, context);
    if (currency === undefined || isSettled(currency, intent.filters, context)) continue;
    const [amount, ref] = [item, currency].map((i) => context.columnRef(i.table, i.column.name));
    context.assume("currencies_compared", `${amount} is compared as a number, whatever its currency (${ref}) is.`);
  }
}

/** Whether all rows are in one currency: a filter says so, or no other is stored. */
function isSettled(currency: Item, filters: readonly ResolvedFilter[], context: CompileContext): boolean {
  if (filters.some((f) => isSame(f.item, currency) && isOne(f))) return true;
  const values = knownValues(currency, context);
  return values?.complete === true && values.list.length <= 1;
}

const isSame = (a: Item, b: Item): boolean => a.table === b.table && a.column.name === b.column.name;

function isOne(f: ResolvedFilter): boolean {
  return f.op === "=" || (f.op === "in" && (!Array.isArray(f.value) || f.value.length === 1));
}

function options(ref: string, values: readonly (string | number)[], context: CompileContext): readonly Option[] {
  const { intent } = context;
  const apart: Option = {
    label: "each currency apart",
    intent: { ...intent, dimensions: [...(intent.dimensions ?? []), { term: ref }] },
  };
  const one = values.slice(0, context.settings.maxOptions - 1).map(
    (value): Option => ({
      label: `only ${value}`,
      intent: { ...intent, filters: [...(intent.filters ?? []), { term: ref, op: "=", value }] },
    }),
  );
  return [apart, ...one];
}

/** A sum or average of an amount of a table that has a currency column beside it. */
function conventional(aggregate: Aggregate, context: CompileContext): Item | undefined {
  if (
    aggregate.argument?.kind !== "name" ||
    (aggregate.agg !== "sum" && aggregate.agg !== "avg" && aggregate.agg !== "median")
  )
    return undefined;
  const [item] = aggregate.items.values();
  return item === undefined || item.place.startsWith("glossary.") ? undefined : currencyBeside(item, context);
}

/** The currency column that stands beside an amount, by their names. */
function currencyBeside(item: Item, context: CompileContext): Item | undefined {
  const table = context.graph.tables[item.table];
  if (table === undefined) return undefined;
  const words = spokenWords(item.column.name);
  if (
    !isNumeric(typeClass(item.column.type, context.dialect.name)) ||
    words.some((w) => notMoney.has(w)) ||
    !words.some((w) => money.has(w))
  )
    return undefined;
  return currencyOf(item.table, words, context) ?? parentCurrency(item.table, table, words, context);
}

/**
 * The currency of an amount of these words: of several the one that shares most of them (`total_amount_currency` for `total_amount_cents`), of
 * equals the one that says least besides.
 */
function currencyOf(table: number, amount: readonly string[], context: CompileContext): Item | undefined {
  const shared = (column: Column) => spokenWords(column.name).filter((w) => amount.includes(w)).length;
  const beside = (column: Column) => spokenWords(column.name).length - shared(column);
  const [column] = (context.graph.tables[table]?.columns ?? [])
    .filter((c) => isCurrency(c.name) && typeClass(c.type, context.dialect.name) === "text")
    .toSorted((a, b) => shared(b) - shared(a) || beside(a) - beside(b));
  return column && { place: "currency", term: column.name, table, column, words: [] };
}

/** The currency of the table that a row is a part of: the one its own key refers to (an invoice's line). */
function parentCurrency(
  number: number,
  table: Table,
  amount: readonly string[],
  context: CompileContext,
): Item | undefined {
  const key = table.primaryKey?.columns ?? [];
  const parents = (context.graph.at[number] ?? []).filter(
    (l) => l.from === number && l.to !== number && l.uniqueTo && l.fromColumns.every((c) => key.includes(c)),
  );
  const [parent] = parents;
  return parent === undefined || parents.length > 1 ? undefined : currencyOf(parent.to, amount, context);
}

function isCurrency(column: string): boolean {
  return spokenWords(column).includes("currency");
}

const money: ReadonlySet<string> = new Set([
  "amount",
  "amt",
  "total",
  "price",
  "value",
  "sum",
  "balance",
  "bal",
  "cost",
  "fee",
  "revenue",
  "payment",
  "paid",
  "due",
  "net",
  "gross",
  "tax",
  "discount",
  "disc",
  "charge",
  "refund",
  "salary",
  "budget",
]);
const notMoney: ReadonlySet<string> = new Set([
  "qty",
  "quantity",
  "count",
  "rate",
  "pct",
  "percent",
  "share",
  "usd",
  "eur",
  "gbp",
  "home",
  "base",
  "units",
  "hours",
  "days",
  "local",
]);

function knownValues(
  currency: Item,
  context: CompileContext,
): { readonly list: readonly (string | number)[]; readonly complete: boolean } | undefined {
  const table = context.graph.tables[currency.table] as Table;
  const stored = context.statistics.tables[tableKey(table)]?.columns[currency.column.name];
  if (stored?.values === undefined) return undefined;
  return { list: stored.values.map((v) => v.value), complete: stored.valuesComplete === true };
}
