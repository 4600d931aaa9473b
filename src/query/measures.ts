/**
 * Measures: what is aggregated, over the rows of which table. A glossary metric becomes a formula over aggregates. Pure.
 * Every aggregate has one anchor, the most detailed table among its columns; rows of the anchor count once each.
 */

import { error } from "../issue.js";
import { nameWords } from "../schema/name-words.js";
import type { Column } from "../schema/snapshot.js";
import type { GlossaryMetric } from "../terms/glossary.js";
import { aggregateNames, type Expression, parseExpression, walk } from "./expression.js";
import type { Aggregation, Filter, Intent } from "./intent.js";
import { replaceTerm, splitVia } from "./places.js";
import type { Reading } from "./readings.js";
import type { Aggregate, Item, Measure, ResolvedFilter } from "./resolved.js";
import { saysWordOf, wordsUnsaid } from "./said-words.js";
import { resultName, type SpokenMeasure, spokenMeasure, unsaid } from "./spoken-measures.js";
import { spokenWords } from "./spoken-words.js";
import { ask, refuse } from "./stop.js";
import { isFlagLike, yesAndNoOf } from "./stored.js";
import { isRate, isRecurring } from "./table-facts.js";
import { isNumeric, isYesOrNo, typeClass } from "./tables.js";
import type { Meaning, TermReader } from "./terms.js";
import { isPerPeriod, sameStem, saysMass, saysMoney, saysMoved, saysRows, saysSeveral } from "./words.js";

type AskedMeasure = NonNullable<Intent["measures"]>[number];
type ReadFilter = (filter: Filter, place: string) => readonly ResolvedFilter[];

/** A measure without the place that it has in an intent. */
type Named = Pick<Measure, "name" | "final" | "label">;

/** What a metric hands down to the aggregates and metrics that it is made of. */
type Inherited = Pick<Aggregate, "time" | "semiAdditive" | "currency">;

interface Scope {
  readonly metric: string;
  readonly filters: readonly ResolvedFilter[];
  readonly stack: readonly string[];
  readonly inherited: Inherited;
  /** The time that the measure's phrase tells, which is surer than the metric's own. */
  readonly told?: Item;
}

/** What a phrase says of a table's rows. */
interface ToldRows {
  readonly term: string;
  /** Whether single rows are asked for; `undefined` where the table alone is named. */
  readonly areRows?: boolean;
  /** False where the phrase says which rows, and not of which table. */
  readonly areNamed?: boolean;
  readonly filters?: readonly Filter[];
  /** Ref of the time by which they go. */
  readonly by?: string;
}

/** An aggregate whose anchor is found later: `count` of `*`, about what the rest of the intent is about. */
export const anchorUnknown = -1;

export class MeasureReader {
  readonly aggregates: Aggregate[] = [];
  /** Whether rows of a period are asked for, or by period. */
  private readonly isTimed: boolean;

  constructor(
    private readonly terms: TermReader,
    private readonly readFilter: ReadFilter,
    private readonly uniqueName: (wanted: string) => string,
    /** What the measures are grouped by. */
    private readonly others: readonly Item[],
  ) {
    const { time } = terms.intent;
    this.isTimed = time?.range !== undefined || time?.grain !== undefined;
  }

  measure(asked: AskedMeasure, index: number): Measure {
    const place = `measures[${index}]`;
    const filters = (asked.filters ?? []).flatMap((f, k) => this.readFilter(f, `${place}.filters[${k}]`));
    const made = asked.term.trim() === "*" ? this.rows(asked, filters) : this.termMeasure(asked, place, filters);
    return { ...made, name: this.uniqueName(asked.as ?? made.name), term: asked.term, shown: true };
  }

  private rows(asked: AskedMeasure, filters: readonly ResolvedFilter[]) {
    if (asked.agg !== undefined && asked.agg !== "count") {
      refuse(error("invalid_argument", `\`*\` can only be counted, not "${asked.agg}".`));
    }
    const anchor = asked.table === undefined ? anchorUnknown : this.tableNumber(asked.table);
    const final = this.add({ agg: "count", items: new Map(), anchor, filters });
    return { name: "row_count", final, label: "count(*)" };
  }

  private tableNumber(term: string): number {
    const meaning = this.terms.read("table", term, ["table"]);
    if (meaning.kind !== "table") refuse(error("unknown_table", `"${term}" is no table.`));
    return meaning.table;
  }

  private termMeasure(
    asked: AskedMeasure,
    place: string,
    filters: readonly ResolvedFilter[],
    inherited: Inherited = {},
    told?: ToldRows,
  ): Named {
    const { term, via } = splitVia(asked.term);
    if (via !== undefined) refuse(error("invalid_argument", "A measure's term names no role; pin a join instead."));
    const called = this.terms.calledAs(term, place);
    const spoken = called === undefined ? undefined : this.spoken(asked, called);
    if (spoken !== undefined) return this.ofSome(asked, spoken, place, filters);
    const meaning = this.terms.read(place, term, ["measure", "column", "table"]);
    if (meaning.kind === "metric") return this.metric(meaning.metric.name, filters, [], asked.agg, {}, inherited.time);
    if (called?.length === 0 && / per /i.test(term)) this.refuseRatio(term, meaning);
    const flagged = meaning.kind === "column" ? this.flagged(asked, meaning) : undefined;
    if (flagged !== undefined) return this.ofSome(asked, flagged, place, filters);
    if (called?.length === 0) this.askWhichRows(term, meaning, place);
    if (meaning.kind === "table") {
      const isCounted = asked.agg === "count" || asked.agg === "count_distinct";
      const amount = isCounted ? undefined : this.amountOf(told ?? { term }, meaning.table, place, asked.agg);
      if (amount !== undefined) return this.ofColumn(asked, amount, place, filters, inherited);
      if (asked.agg !== undefined && !isCounted) {
        refuse(error("invalid_argument", `The rows of "${asked.term}" can only be counted.`));
      }
      if (!isCounted && isPerPeriod(spokenWords(this.terms.table(meaning.table).name)) && !saysRows(term)) {
        const amounts = this.rates(meaning.table, term, place);
        this.askAmount(told ?? { term }, meaning.table, place, { amounts, stocks: [], agg: "avg" });
      }
      const final = this.add({ agg: "count", items: new Map(), anchor: meaning.table, filters, ...inherited });
      const table = this.terms.table(meaning.table);
      return { name: `${table.name}_count`, final, label: `count of ${table.name}` };
    }
    const item: Item = {
      place,
      term: asked.term,
      table: meaning.table,
      column: meaning.column,
      words: nameWords(term),
    };
    return this.ofColumn(asked, item, place, filters, inherited);
  }

  /** "cost per click" is no sum of clicks: a ratio that no column holds is of two measures. */
  private refuseRatio(term: string, meaning: Exclude<Meaning, { kind: "metric" }>): void {
    if (meaning.kind === "column" && isRate(meaning.column)) return;
    const help = "Ask for its two measures apart, or put a metric into the glossary: `sum(a) / sum(b)`.";
    refuse(error("unknown_term", `"${term}" is a ratio, which no column holds.`, { help }));
  }

  /** What a phrase says, where no name says it: a flag's with its table ("reversed transactions") stands for the rows that have it. */
  private spoken(asked: AskedMeasure, called: readonly Reading[]): SpokenMeasure | undefined {
    // Words for a column alone tell no rows: they name its table, too, where they do.
    const isRows = ({ table, column }: Reading) => column !== undefined && this.terms.says(asked.term, table);
    if (!called.every(isRows)) return undefined;
    const spoken = spokenMeasure(asked, this.isTimed, this.terms.context);
    // One word for a table is the resolver's to find.
    if (!/\s/.test(asked.term.trim()) && spoken?.filters.length === 0 && spoken.time === undefined) return undefined;
    // "outstanding loans" are what is left of them where that is called so, else how many there are.
    if (spoken?.left !== undefined && this.terms.isSurely(asked.term, spoken.left)) return undefined;
    const isSaid = (f: Filter) => called.some((r) => r.ref === f.term);
    return called.length === 0 || spoken?.filters.some(isSaid) === true ? spoken : undefined;
  }

  /** What a column says yes or no of is counted where it says yes, once the phrase names the rows, too: "minority owned vendors". */
  private flagged(
    asked: AskedMeasure,
    { table, column }: Extract<Meaning, { kind: "column" }>,
  ): SpokenMeasure | undefined {
    if (asked.agg !== undefined || !isYesOrNo(column) || !this.terms.says(asked.term, table)) return undefined;
    if (wordsUnsaid(asked.term, this.terms.table(table), column).length > 0) return undefined;
    const says = yesAndNoOf(column, this.terms.table(table), this.terms.context);
    if (says === undefined) return undefined;
    const filters: readonly Filter[] = [{ term: this.terms.columnRef(table, column.name), op: "=", value: says.yes }];
    return { term: this.terms.tableRef(table), agg: "count", filters };
  }

  /** A measure of those rows that its phrase tells, by the time that it tells. */
  private ofSome(
    asked: AskedMeasure,
    { term, agg, filters: told, time }: SpokenMeasure,
    place: string,
    filters: readonly ResolvedFilter[],
  ): Named {
    const before = asked.filters?.length ?? 0;
    const own = told.flatMap((f, k) => this.readFilter(f, `${place}.filters[${before + k}]`));
    const by = this.terms.intent.time?.term === undefined ? time : undefined;
    const item = by === undefined ? undefined : this.column(by, place);
    const inherited = item === undefined ? {} : { time: this.terms.day(item) };
    const given = agg === "count" ? asked.agg : agg;
    const measure = { ...asked, term, agg: given };
    const names = this.terms.exact(term, ["table"]);
    const areNamed = names?.kind !== "table" || this.terms.says(asked.term, names.table);
    const isMoved = told.length === 0 && saysMoved(asked.term);
    const areRows = agg === "count" && saysSeveral(asked.term) && !saysMoney(asked.term) && !isMoved;
    const rows: ToldRows = { term: asked.term, areRows, areNamed, filters: told, ...(by === undefined ? {} : { by }) };
    const made = this.termMeasure(measure, place, [...filters, ...own], inherited, rows);
    const where = told.length === 0 ? "" : ` where ${told.map(inWords).join(" and ")}`;
    const when = by === undefined ? "" : `, by ${by}`;
    if (where + when !== "") this.terms.assume("phrase", `"${asked.term}" is ${made.label}${where}${when}.`);
    return { ...made, name: resultName(asked.term) };
  }

  /** A phrase that ends with a table's name, and tells by words that nothing in the schema says which of its rows are meant: all of them are no answer. */
  private askWhichRows(term: string, meaning: Meaning, place: string): void {
    const left = unsaid(term, this.terms.context);
    if (left === undefined || meaning.kind === "metric") return;
    const column = meaning.kind === "column" ? meaning.column : undefined;
    // "AR balance" is a column of `ar_invoice`, whatever other balances there are.
    const own = column === undefined ? [] : nameWords(`${this.terms.table(meaning.table).name} ${column.name}`);
    if (nameWords(left.words).every((w) => own.some((o) => sameStem(o, w)))) return;
    const ref = this.terms.tableRef(left.table);
    const options = [{ label: `number of rows of ${ref}`, intent: this.terms.withMeasure(place, ref, "count") }];
    if (column !== undefined) {
      const label = this.terms.columnRef(meaning.table, column.name);
      options.push({ label, intent: replaceTerm(this.terms.intent, place, label) });
    }
    ask(`Nothing says which rows of ${ref} are "${left.words}": are all of them meant?`, options);
  }

  private ofColumn(
    asked: AskedMeasure,
    item: Item,
    place: string,
    filters: readonly ResolvedFilter[],
    inherited: Inherited,
  ): Named {
    if (asked.agg === undefined && filters.length === 0) this.askWhetherEnded(item, place);
    const agg = asked.agg ?? this.defaultAggregation(item, place);
    const ref = this.terms.columnRef(item.table, item.column.name);
    this.checkNumeric(agg, item, ref);
    const stock = ["sum", "last", "first"].includes(agg) ? this.terms.stockOver(item) : undefined;
    if (stock !== undefined && asked.agg === "sum") {
      const days = this.terms.columnRef(stock.via?.from ?? stock.table, stock.via?.fromColumns[0] ?? stock.column.name);
      this.terms.assume(
        "added_over_time",
        `${ref} says what there was at a time: rows of all of ${days} are added up. Without \`agg\` the last of each counts.`,
      );
    }
    const take = agg === "first" ? "first" : "last";
    const final = this.add({
      // What there was last is that of each thing, added up.
      agg: stock === undefined ? agg : "sum",
      argument: { kind: "name", ref },
      items: new Map([[ref, item]]),
      anchor: item.table,
      filters,
      ...(stock === undefined || asked.agg === "sum" ? {} : { semiAdditive: { over: stock, take } }),
      ...inherited,
    });
    return { name: `${agg}_${item.column.name}`, final, label: `${agg}(${ref})` };
  }

  /** "MRR" is hardly of subscriptions that have ended, where nothing says which are meant. */
  private askWhetherEnded({ table, column }: Item, place: string): void {
    const { filters = [], time } = this.terms.intent;
    const end =
      isRecurring(column) && filters.length === 0 && time === undefined ? this.terms.endOfSome(table) : undefined;
    if (end === undefined) return;
    const [ref, by] = [this.terms.columnRef(table, column.name), this.terms.columnRef(table, end.name)];
    const lasting = this.terms.withRows(place, ref, "sum", [{ term: by, op: "is_null" }], undefined);
    ask(`Some rows of ${this.terms.tableRef(table)} have ended: do they count?`, [
      { label: `sum of ${ref} where ${by} is null`, intent: lasting },
      { label: `sum of ${ref} of all`, intent: this.terms.withMeasure(place, ref, "sum") },
    ]);
  }

  /**
   * A word for money ("revenue") or for what there is more or less of ("generation") counts no rows of the table that it stands for, nor does what is said to be
   * summed, nor a table that says again and again what there is ("stock") or was: its one amount is meant, one of several is asked for.
   */
  private amountOf(told: ToldRows, table: number, place: string, given: Aggregation | undefined): Item | undefined {
    const { term } = told;
    const own = this.amounts(table, term, place);
    // Rows that tell what those of a head are made of have its amounts.
    const items = own.length > 0 ? own : this.terms.detailsOf(table).flatMap((t) => this.amounts(t, term, place));
    const stocks = saysRows(term) ? [] : items.filter((i) => this.terms.stockOver(i) !== undefined);
    const isMoney = saysMoney(term) || (items.length > 0 && this.mayBeMoney(told, table));
    const isRated = given === undefined && items.length === 0 && this.terms.namesNoRows(term, table);
    const rates = isRated ? this.rates(table, term, place) : [];
    if (rates.length > 0) return this.askAmount(told, table, place, { amounts: rates, stocks: [], agg: "avg" });
    if (given === undefined && !isMoney && stocks.length === 0) return undefined;
    // "occupancy" need not be the one stock of its table ("rooms available"), where that tells more.
    const isStocks = stocks.length > 0 && (items.length === 1 || stocks.some((i) => saysWordOf(term, i.column.name)));
    const amounts = isStocks ? stocks : items;
    const [only, second] = amounts;
    if (only === undefined && given !== undefined) return undefined;
    // "tenured faculty" may be people, whatever they earn.
    const isAmount = told.areRows !== false || saysMoney(term) || saysMass(term);
    const isDoubtful = !isStocks && (told.areNamed === false || saysMoved(term) || this.terms.namesNoRows(term, table));
    const isLast = isStocks && given === undefined;
    const isOne = only !== undefined && second === undefined && only.table === table;
    if (isOne && (given !== undefined || (isAmount && !isDoubtful))) {
      const column = this.terms.columnRef(table, only.column.name);
      const how = isLast ? "last" : (given ?? "sum");
      const ref = this.terms.tableRef(table);
      this.terms.assume("amount", `"${term}" is the ${how} of ${column}, the one amount of ${ref}.`);
      return only;
    }
    return this.askAmount(told, table, place, { amounts, stocks, agg: given });
  }

  private amounts(table: number, term: string, place: string): readonly Item[] {
    const isAmount = (c: Column) =>
      this.terms.addsUp(table, c) && !isFlagLike(c, this.terms.table(table), this.terms.context);
    return this.columnsOf(table, term, place, (c) => isAmount(c) || this.terms.isPaidPrice(table, c));
  }

  private rates(table: number, term: string, place: string): readonly Item[] {
    const isNumber = (c: Column) => isNumeric(typeClass(c.type, this.terms.dialect));
    return this.columnsOf(table, term, place, (c) => isRate(c) && isNumber(c));
  }

  private columnsOf(table: number, term: string, place: string, fits: (column: Column) => boolean): readonly Item[] {
    const columns = this.terms.table(table).columns.filter(fits);
    return columns.map((column) => ({ place, term, table, column, words: nameWords(term) }));
  }

  /** Whether rows may be counted or the money that they tell of added up: "generation", "payments", "refunds" of what is paid. */
  private mayBeMoney({ term, areRows, areNamed }: ToldRows, table: number): boolean {
    if (saysRows(term)) return false;
    if (areRows === undefined) return this.isMass(term, table);
    return !areRows || (areNamed === false && this.terms.hasWholeAmount(table));
  }

  /** Whether a term stands for what there is more or less of, or for money that is moved, and not for single rows. */
  private isMass(term: string, table: number): boolean {
    return saysMass(term) || saysMoved(term) || this.terms.isPeriodic(table) || this.terms.namesNoRows(term, table);
  }

  /** Which amount is meant, or how many rows, with what the phrase says of these; the last of a stock is its column's own aggregate. */
  private askAmount(
    { term, filters = [], by }: ToldRows,
    table: number,
    place: string,
    {
      amounts,
      stocks,
      agg,
    }: { readonly amounts: readonly Item[]; readonly stocks: readonly Item[]; readonly agg: Aggregation | undefined },
  ): never {
    const ref = this.terms.tableRef(table);
    const where = filters.length === 0 ? "" : ` where ${filters.map(inWords).join(" and ")}`;
    const option = (label: string, column: string, how?: Aggregation) => ({
      label: `${label} of ${column}${where}`,
      intent: this.terms.withRows(place, column, how, filters, by),
    });
    const ofColumn = (item: Item) => {
      const column = this.terms.columnRef(item.table, item.column.name);
      if (agg === undefined && stocks.includes(item)) return option("last", column);
      return option(agg ?? "sum", column, agg ?? "sum");
    };
    ask(`Which amount of ${ref} is "${term}"?`, [...amounts.map(ofColumn), option("number of rows", ref, "count")]);
  }

  /** How a column is aggregated where the intent does not say: amounts are added up, but those of kinds of things whose things tell the groups. */
  private defaultAggregation(item: Item, place: string): Aggregation {
    const isSize = /\bsize$|^length of\b/i.test(item.term.trim()) && !nameWords(item.column.name).includes("size");
    const isOfKind = this.others.some((o) => this.terms.isOfKind(item.table, o.table));
    if (this.terms.addsUp(item.table, item.column) && !isSize && !isOfKind) return "sum";
    const choices: Aggregation[] =
      this.terms.isKey(item.table, item.column) || !(isSize || isOfKind || isRate(item.column))
        ? ["count_distinct", "count"]
        : ["avg", "sum", "min", "max"];
    return ask(
      `How shall "${item.term}" be aggregated?`,
      choices.map((agg) => ({ label: agg, intent: this.terms.withAggregation(place, agg) })),
    );
  }

  private checkNumeric(agg: Aggregation, item: Item, ref: string): void {
    if (agg !== "sum" && agg !== "avg" && agg !== "median") return;
    const type = typeClass(item.column.type, this.terms.dialect);
    if (isNumeric(type)) return;
    if (this.terms.dialect === "sqlite" && (type === "text" || type === "other" || type === "boolean")) {
      this.terms.assume(
        "text_as_number",
        `${ref} is declared ${item.column.type === "" ? "without a type" : item.column.type}; SQLite reads its values as numbers, and what is no number as 0.`,
      );
      return;
    }
    refuse(
      error("invalid_argument", `${ref} has type ${item.column.type}: it has no ${agg}.`, {
        help: "Use count, count_distinct, min or max, or another column.",
      }),
    );
  }

  /** A glossary metric as a formula over aggregates; `stack` holds the metrics it stands in, to stop circles. */
  private metric(
    name: string,
    filters: readonly ResolvedFilter[],
    stack: readonly string[],
    agg: Aggregation | undefined,
    inherited: Inherited = {},
    told?: Item,
  ): Named {
    const metric = this.terms.metric(name);
    if (metric === undefined) refuse(error("unknown_term", `The glossary has no metric "${name}".`));
    if (stack.includes(metric.name)) {
      refuse(
        error(
          "invalid_argument",
          `The metric "${metric.name}" is defined by itself: ${[...stack, metric.name].join(" > ")}.`,
        ),
      );
    }
    const parsed = parseExpression(metric.expression);
    if (!parsed.ok)
      refuse(error("invalid_argument", `The glossary's metric "${metric.name}": ${parsed.issues[0]?.message ?? ""}`));
    const own = metric.filters.flatMap((f, k) => this.readFilter(f as Filter, `glossary.${metric.name}.filters[${k}]`));
    const all = [...filters, ...own];
    const scope = this.scopeOf(metric, all, [...stack, metric.name], inherited, told);
    const final = this.rewrite(parsed.value, scope);
    if (agg !== undefined && !(final.kind === "name" && this.aggregates[Number(final.ref.slice(1))]?.agg === agg)) {
      refuse(error("invalid_argument", `The metric "${metric.name}" has its own aggregation; leave \`agg\` out.`));
    }
    return { name: resultName(metric.name), final, label: metric.expression };
  }

  /** What holds for every aggregate of a metric: its filters, its time, its way over time, its currency. */
  private scopeOf(
    metric: GlossaryMetric,
    filters: readonly ResolvedFilter[],
    stack: readonly string[],
    inherited: Inherited,
    told: Item | undefined,
  ): Scope {
    const place = `glossary.${metric.name}`;
    const column = (ref: string): Item =>
      this.column(ref, place) ??
      refuse(error("unknown_column", `The metric "${metric.name}" names ${ref}, which does not exist.`));
    const { time: usual, semi_additive: semi, currency } = metric;
    const own: Inherited = {
      ...(usual === undefined ? {} : { time: column(usual) }),
      ...(semi === undefined ? {} : { semiAdditive: { over: column(semi.over), take: semi.take } }),
      ...(currency === undefined ? {} : { currency: column(currency) }),
    };
    // "orders shipped" go by when they were, whatever the metric goes by.
    const time = told === undefined ? {} : { time: told };
    return {
      metric: metric.name,
      filters,
      stack,
      inherited: { ...inherited, ...own, ...time },
      ...(told === undefined ? {} : { told }),
    };
  }

  /** The column of a Ref. */
  private column(ref: string, place: string): Item | undefined {
    const meaning = this.terms.exact(ref, ["column"]);
    if (meaning?.kind !== "column") return undefined;
    return { place, term: ref, table: meaning.table, column: meaning.column, words: [] };
  }

  private rewrite(e: Expression, scope: Scope): Expression {
    const { metric } = scope;
    const again = (x: Expression) => this.rewrite(x, scope);
    switch (e.kind) {
      case "metric":
        return this.metric(e.name, scope.filters, scope.stack, undefined, scope.inherited, scope.told).final;
      case "call":
        if (aggregateNames.has(e.name)) return this.call(e, scope);
        return { ...e, args: e.args.map(again) };
      case "name":
        return refuse(error("invalid_argument", `The metric "${metric}" uses ${e.ref} outside of an aggregate.`));
      case "unary":
      case "is_null":
        return { ...e, operand: again(e.operand) };
      case "binary":
        return { ...e, left: again(e.left), right: again(e.right) };
      case "case": {
        const branches = e.branches.map((b) => ({ when: again(b.when), result: again(b.result) }));
        return { ...e, branches, otherwise: e.otherwise && again(e.otherwise) };
      }
      default:
        return e;
    }
  }

  private call(e: Extract<Expression, { kind: "call" }>, scope: Scope): Expression {
    const { metric, filters, inherited } = scope;
    const [argument] = e.args;
    if (argument === undefined || e.args.length > 1) refuse(error("invalid_argument", `${e.name} takes one argument.`));
    const items = new Map<string, Item>();
    for (const part of walk(argument)) {
      if (part.kind === "metric" || (part.kind === "call" && aggregateNames.has(part.name))) {
        refuse(error("invalid_argument", `The metric "${metric}" has an aggregate within an aggregate.`));
      }
      if (part.kind !== "name") continue;
      const meaning = this.terms.exact(part.ref, ["column", "table"]);
      if (meaning === undefined || meaning.kind === "metric") {
        refuse(error("unknown_column", `The metric "${metric}" names ${part.ref}, which does not exist.`));
      }
      if (meaning.kind === "column") {
        items.set(part.ref, {
          place: `glossary.${metric}`,
          term: part.ref,
          table: meaning.table,
          column: meaning.column,
          words: [],
        });
      }
    }
    const agg = e.distinct ? "count_distinct" : (e.name as Aggregation);
    if (e.distinct && e.name !== "count")
      refuse(error("invalid_argument", `Only count takes DISTINCT (in "${metric}").`));
    if (argument.kind === "star" || items.size === 0) return this.countRows(argument, scope);
    const anchor = this.terms.mostDetailed([...items.values()].map((i) => i.table));
    if (anchor === undefined) {
      refuse(
        error("invalid_argument", `The metric "${metric}" aggregates over tables of which none determines the others.`),
      );
    }
    return this.add({ agg, argument, items, anchor, filters, ...inherited });
  }

  /** `count(*)` counts rows of the table that the metric's filters are about; `count(table)` those of a table. */
  private countRows(argument: Expression, scope: Scope): Expression {
    const { metric, filters, inherited } = scope;
    if (argument.kind === "name") {
      return this.add({
        agg: "count",
        items: new Map(),
        anchor: this.tableNumber(argument.ref),
        filters,
        ...inherited,
      });
    }
    const tables = [...new Set(filters.map((f) => f.item.table))];
    const anchor = argument.kind === "star" ? this.terms.mostDetailed(tables) : undefined;
    if (anchor === undefined)
      refuse(error("invalid_argument", `The metric "${metric}": which table's rows? Write count(table).`));
    return this.add({ agg: "count", items: new Map(), anchor, filters, ...inherited });
  }

  private add(aggregate: Aggregate): Expression {
    this.aggregates.push(aggregate);
    return { kind: "name", ref: `@${this.aggregates.length - 1}` };
  }
}

const inWords = ({ term, op, value }: Filter): string =>
  `${term} ${op.replaceAll("_", " ")}${value === undefined ? "" : ` ${JSON.stringify(value)}`}`;
