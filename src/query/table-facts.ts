/** What the tables of a schema are to an intent: keys, amounts, prices, stocks, what the rows of each stand for. Pure. */

import { nameWords } from "../schema/name-words.js";
import { printRef, tableKey } from "../schema/names.js";
import type { Column, DialectName, Table } from "../schema/snapshot.js";
import { withoutMarkers } from "../terms/naming-marks.js";
import type { QueryContext } from "./answer.js";
import { asDay, dayColumn } from "./day-tables.js";
import { isDetail, isSure, type JoinGraph, linksBy, referring } from "./graph.js";
import { mostDetailed } from "./paths.js";
import type { Item } from "./resolved.js";
import { spokenWords } from "./spoken-words.js";
import { stockOver } from "./stocks.js";
import { knownValues } from "./stored.js";
import { isNumeric, isWholeAmount, isYesOrNo, rowKey, typeClass, wordsBeside } from "./tables.js";
import { tellsWhen } from "./telling-when.js";
import { isEnd } from "./time-kinds.js";
import { isPerPeriod, keyWords, rateWords } from "./words.js";

/**
 * Whether rows of a table are kinds of what another's rows have to do with: they refer to nothing, happened at no time, and many rows may lead from each to the
 * other ("seats" of `aircraft_types` by airline are those of its aircraft, of which a type has many).
 */
export function isOfKind(table: number, other: number, graph: JoinGraph, context: QueryContext): boolean {
  const refers = (graph.at[table] ?? []).some((l) => l.from === table);
  const isDated = graph.tables[table]?.columns.some((c) => tellsWhen(table, c, graph, context)) === true;
  return table !== other && !refers && !isDated && mostDetailed(graph, [table, other], context.settings) !== table;
}

/** The time of a table by which some of its rows have ended, and others not. */
export function endOfSome(table: number, graph: JoinGraph, context: QueryContext): Column | undefined {
  const here = graph.tables[table];
  const stored = here && context.view.statistics.tables[tableKey(here)]?.columns;
  const isOfSome = ({ name }: Column) => (stored?.[name]?.nullShare ?? 0) > 0 && (stored?.[name]?.nullShare ?? 1) < 1;
  return here?.columns.find((c) => isEnd(c) && isOfSome(c) && tellsWhen(table, c, graph, context));
}

export class TableFacts {
  constructor(
    readonly context: QueryContext,
    protected readonly graph: JoinGraph,
  ) {}

  /** Whether rows of a table are kinds of what another's rows have to do with, as the function. */
  isOfKind(table: number, other: number): boolean {
    return isOfKind(table, other, this.graph, this.context);
  }

  /** Whether a column holds numbers that are added up: neither keys nor rates. */
  addsUp(table: number, column: Column): boolean {
    const isNumber = isNumeric(typeClass(column.type, this.dialect));
    return isNumber && !this.isKey(table, column) && !isRate(column) && !isYesOrNo(column);
  }

  /** Whether a column says what was paid for each of a table's rows, of which none says how many it was paid for: `sale_price` of sales. */
  isPaidPrice(table: number, column: Column): boolean {
    const here = this.table(table);
    const words = spokenWords(column.name);
    const isPrice = words.at(-1) === "price" && !words.some((w) => ofOne.has(w));
    const isReferred = referring(this.graph, table).some((t) => t !== table);
    const isMany = (c: Column) => spokenWords(c.name).some((w) => howMany.has(w));
    const isDated = here.columns.some((c) => tellsWhen(table, c, this.graph, this.context));
    return isPrice && isDated && !isReferred && !here.columns.some(isMany);
  }

  /** Whether a table has a column that it calls its amount or total. */
  hasWholeAmount(table: number): boolean {
    const { name, columns } = this.table(table);
    return columns.some((c) => isWholeAmount(wordsBeside(c.name, name).join(" ")) && this.addsUp(table, c));
  }

  /** Whether a column is (part of) a key, or is called one. */
  isKey(table: number, column: Column): boolean {
    return nameWords(column.name).some((w) => keyWords.has(w)) || this.isKeyColumn(table, column.name);
  }

  get dialect(): DialectName {
    return this.context.view.snapshot.dialect;
  }

  /** Whether a column is (part of) a key: its values name rows and are no amounts. */
  isKeyColumn(table: number, column: string): boolean {
    if (this.table(table).primaryKey?.columns.includes(column) === true) return true;
    const { minLinkConfidence } = this.context.settings;
    return linksBy(this.graph, table, column).some((l) => isSure(l, minLinkConfidence));
  }

  /** The table of which the others have at most one row each, where the links say so without doubt. */
  mostDetailed(tables: readonly number[]): number | undefined {
    return mostDetailed(this.graph, tables, this.context.settings);
  }

  /** Whether a term has the last word of a table's name in it, which says what its rows are. */
  says(term: string, table: number): boolean {
    return spokenWords(term).includes(spokenWords(this.table(table).name).at(-1) ?? "");
  }

  /** Whether each row of a table is a day of the calendar. */
  isCalendar(table: number): boolean {
    return dayColumn(table, this.graph, this.context) !== undefined;
  }

  /** Whether a column is a part of the calendar that every year has. */
  isOfAnyYear(table: number, column: Column): boolean {
    if (!/^(?:month|quarter|week)$/i.test(column.name) || !this.isCalendar(table)) return false;
    const { list = [] } = knownValues(column, this.table(table), this.context) ?? {};
    return !list.some((value) => /\d{4}/.test(String(value)));
  }

  /** A key to a day of a calendar as that day. */
  day(item: Item): Item {
    return asDay(item, this.graph, this.context);
  }

  /** The time over which a column's values do not add up, as `stockOver`. */
  stockOver(item: Item): Item | undefined {
    return stockOver(item, this.graph, this.context);
  }

  /** Whether a term of one word is in a table's name, and not what that says its rows are: "premium" of `premium_txn`. */
  namesNoRows(term: string, table: number): boolean {
    const own = withoutMarkers(nameWords(this.table(table).name));
    const [head, ...others] = spokenWords(own.join(" ")).toReversed();
    const said = spokenWords(term);
    const isOne = nameWords(term).length === 1 && said.length > 0;
    return isOne && said.every((word) => word !== head && others.includes(word));
  }

  /** Whether each row of a table is what one of another had at a time: its key is that of the other and the time. */
  isPeriodic(table: number): boolean {
    const here = this.table(table);
    const key = rowKey(here) ?? [];
    if (isPerPeriod(spokenWords(here.name))) return true;
    return (
      key.length > 1 && here.columns.some((c) => key.includes(c.name) && tellsWhen(table, c, this.graph, this.context))
    );
  }

  /** The time by which some of a table's rows have ended, as the function. */
  endOfSome(table: number): Column | undefined {
    return endOfSome(table, this.graph, this.context);
  }

  /** Whether the one of some amounts of a table's rows is what they come to: their lines may tell that, whatever orders have besides. */
  isWhole(table: number, [only, other]: readonly Column[]): boolean {
    if (only === undefined || other !== undefined) return false;
    const tell = (t: number) => this.table(t).columns.some((c) => this.addsUp(t, c));
    return this.hasWholeAmount(table) || !this.detailsOf(table).some(tell);
  }

  /** Tables whose rows tell what each row of a table is made of, as `isDetail`. */
  detailsOf(table: number): readonly number[] {
    return referring(this.graph, table).filter((t) => isDetail(this.graph, t, table));
  }

  /** Refs of the amounts of rows that refer to a table's. */
  protected amountsOf(table: number): readonly string[] {
    const others = referring(this.graph, table).filter((t) => t !== table);
    return others.flatMap((t) =>
      this.table(t).columns.flatMap((c) => (this.addsUp(t, c) ? [this.columnRef(t, c.name)] : [])),
    );
  }

  tableRef(table: number): string {
    return printRef(this.context.view.snapshot, this.table(table));
  }

  columnRef(table: number, column: string): string {
    return printRef(this.context.view.snapshot, this.table(table), column);
  }

  table(number: number): Table {
    return this.graph.tables[number] as Table;
  }
}

/** Whether a column holds rates, or what one of something costs, by its name. */
export function isRate({ name }: Column): boolean {
  const words = [...nameWords(name), ...spokenWords(name)];
  const isCostOfOne = words.includes("cost") && words.some((w) => costedAt.has(w));
  const isWait = words.includes("lead") && words.some((w) => w === "time" || w === "day");
  return (
    isWait || isCostOfOne || /(?:_s|S)hare$/.test(name) || runTogether.test(name) || words.some((w) => rateWords.has(w))
  );
}

/** Whether a column holds what recurs while it lasts: `mrr`. */
export const isRecurring = ({ name }: Column): boolean =>
  [...nameWords(name), ...spokenWords(name)].some((w) => ["mrr", "arr", "recurring"].includes(w));

/** Words of costs that are of one of something. */
const costedAt: ReadonlySet<string> = new Set(["standard", "unit"]);

/** Words of prices of one of something, and of columns that say how many there are. */
const ofOne: ReadonlySet<string> = new Set(["unit", "list", "per", "each", "item"]);
const howMany: ReadonlySet<string> = new Set([
  "quantity",
  "qty",
  "units",
  "unit",
  "volume",
  "shares",
  "hours",
  "count",
]);

/** Rates in names that run their words together (`COMMPCT`). */
const runTogether = /(?:pct|perc|prc|price|rate|ratio)$/i;
