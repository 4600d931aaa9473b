/**
 * From an intent in business terms to one over tables and columns. Reads terms, names the result columns, finds defaults. Pure.
 * Chooses no joins. Stops (see `Stopped`) where the intent contradicts itself or a term is unsure.
 */

import { error } from "../issue.js";
import { nameWords } from "../schema/name-words.js";
import type { Column } from "../schema/snapshot.js";
import type { QueryContext } from "./answer.js";
import { isSure, type JoinGraph, keyLinks, type Link } from "./graph.js";
import type { Filter, Intent } from "./intent.js";
import { Labels } from "./labels.js";
import { MeasureReader } from "./measures.js";
import { pinOf } from "./pins.js";
import { splitVia } from "./places.js";
import type { Reading } from "./readings.js";
import type { Dimension, Having, Item, Measure, Order, ResolvedFilter, ResolvedIntent } from "./resolved.js";
import { findMeasure, unknownResult } from "./result-names.js";
import { withRole } from "./roles.js";
import { deletionFilter, softDeleteFilters } from "./soft-deletes.js";
import { resultName } from "./spoken-measures.js";
import { ask, refuse } from "./stop.js";
import { labelColumns, personNames } from "./tables.js";
import { type Meaning, TermReader } from "./terms.js";
import { timePlan } from "./time.js";
import { dayOfPhrase, validityOf } from "./validity.js";
import { storedValues } from "./values.js";
import { currentFilter } from "./versions.js";
import { keyWords } from "./words.js";

/** Whether a filter's value is a date, or begins with one. */
function saysDay(value: Filter["value"]): boolean {
  const [first] = [value].flat();
  return typeof first === "string" && /^\d{4}-\d{2}-\d{2}/.test(first.trim());
}

/** A term that is a Ref, or part of one. */
const refLike = /[."]/;

/** Reads a whole intent. */
export class IntentReader {
  readonly terms: TermReader;
  private readonly labels: Labels;
  private readonly names = new Set<string>();

  constructor(
    private readonly context: QueryContext,
    private readonly graph: JoinGraph,
    private readonly intent: Intent,
    private readonly pinned: readonly number[],
  ) {
    this.terms = new TermReader(context, graph, intent);
    this.labels = new Labels(this.terms, graph, context);
  }

  read(): ResolvedIntent {
    const { intent } = this;
    if (intent.columns?.length && intent.measures?.length) {
      refuse(error("invalid_argument", "`columns` (detail rows) and `measures` (groups) exclude each other."));
    }
    const time = this.time();
    const dimensions = (intent.dimensions ?? [])
      .flatMap((d, i) => this.dimension(d, i))
      .map((d) => ({ ...d, item: this.ofThatDay(d.item, time.timeItem) }));
    const columns = (intent.columns ?? []).flatMap((c, i) => this.columns(c.term, c.as, i));
    const filters = this.ofLiveRows((intent.filters ?? []).flatMap((f, i) => this.filter(f, `filters[${i}]`))).map(
      (f) => ({ ...f, item: this.ofThatDay(f.item, time.timeItem) }),
    );
    const reader = new MeasureReader(
      this.terms,
      (f, place) => this.ofLiveRows(this.filter(f, place)),
      (n) => this.unique(n),
      dimensions.map((d) => d.item),
    );
    const measures = (intent.measures ?? []).map((m, i) => reader.measure(m, i));
    if (measures.length + dimensions.length + columns.length === 0) {
      refuse(error("invalid_argument", "The intent asks for nothing: give `measures`, `dimensions` or `columns`."));
    }
    const having = (intent.having ?? []).map((h): Having => {
      const measure = findMeasure(measures, intent, h.measure);
      if (measure === undefined)
        refuse(
          unknownResult(
            h.measure,
            measures.map((m) => m.name),
          ),
        );
      return { measure: measure.name, op: h.op, value: h.value };
    });
    return {
      columns,
      measures,
      aggregates: reader.aggregates,
      dimensions,
      filters,
      having,
      order: (intent.order_by ?? []).map((o, i) => this.order(o.by, o.direction, i, { measures, dimensions, columns })),
      ...time,
      ...this.top(measures, dimensions),
      shares: (intent.share_of_total ?? []).map((by) => {
        const measure = findMeasure(measures, intent, by);
        if (measure === undefined)
          refuse(
            unknownResult(
              by,
              measures.map((m) => m.name),
            ),
          );
        return measure.name;
      }),
      ...this.pins(),
      pinnedLinks: new Set(this.pinned),
    };
  }

  /** A column item of the intent. */
  item(place: string, term: string, alias: string | undefined): Item {
    const { term: bare, via } = splitVia(term);
    const meaning = this.terms.read(place, bare, ["column"]);
    if (meaning.kind !== "column") refuse(error("unknown_column", `"${term}" is no column.`));
    const link = via === undefined ? {} : { via: this.terms.viaLink(via, meaning.table) };
    return {
      place,
      term,
      table: meaning.table,
      column: meaning.column,
      words: nameWords(`${bare} ${alias ?? ""}`),
      ...link,
    };
  }

  /** What the calendar says of a day: of that by whose key the intent goes, where the item's own words name no other. */
  private ofThatDay(item: Item, time: Item | undefined): Item {
    const via = time?.via;
    if (via === undefined || item.table !== via.to || item.via !== undefined) return item;
    const roles = { graph: this.graph, usable: () => true };
    if (withRole(item, undefined, [], roles).via !== undefined) return item;
    const key = this.terms.columnRef(via.from, via.fromColumns[0] ?? "");
    this.terms.assume("day_role", `${this.terms.tableRef(item.table)} stands for the day of ${key}.`);
    return { ...item, via };
  }

  /** A result column's name, made unique. */
  unique(wanted: string, term = wanted): string {
    // Of two cities the second is called as it was asked for: "destination_city".
    const said = refLike.test(term) ? wanted : resultName(term);
    let name = this.names.has(wanted.toLowerCase()) && said !== "" ? said : wanted;
    for (let i = 2; this.names.has(name.toLowerCase()); i++) name = `${wanted}_${i}`;
    this.names.add(name.toLowerCase());
    return name;
  }

  private filter(filter: Filter, place: string): readonly ResolvedFilter[] {
    if (filter.op === "as_of") return this.holding(filter, place);
    const related = this.related(filter, place);
    if (related !== undefined) return related;
    const given = this.labels.called(this.item(place, filter.term, undefined), filter);
    // A key to a day is no date: dates are compared with the day itself.
    const item = saysDay(filter.value) ? this.terms.day(given) : given;
    const made = { item, op: filter.op, ...(filter.value === undefined ? {} : { value: filter.value }) };
    return [storedValues(made, this.context, this.terms)];
  }

  /** The filter that leaves a table's deleted rows out, as `deletionFilter`; none where the settings keep them. */
  softDelete(table: number, spoken: readonly Item[]): ResolvedFilter | undefined {
    const { settings, view } = this.context;
    return settings.softDeletes
      ? deletionFilter(table, this.terms.table(table), view.snapshot.dialect, spoken)
      : undefined;
  }

  /** The filter to the current versions of a table's rows; none where rows of many are spoken of, which may belong to former versions. */
  current(table: number, spoken: readonly Item[]): ResolvedFilter | undefined {
    const { settings, view } = this.context;
    if (!settings.softDeletes) return undefined;
    const filter = currentFilter(table, this.terms.table(table), view.statistics, view.snapshot.dialect, spoken);
    const isOfOne = () => spoken.every((i) => this.terms.mostDetailed([table, i.table]) === table);
    return filter !== undefined && isOfOne() ? filter : undefined;
  }

  /** Rows marked deleted are none that there are, or must not be. Their filter is led down the same way by the same words. */
  private ofLiveRows(filters: readonly ResolvedFilter[]): readonly ResolvedFilter[] {
    const spoken = filters.map((f) => f.item);
    const marks = {
      assume: (code: string, text: string) => this.terms.assume(code, text),
      columnRef: (table: number, column: string) => this.terms.columnRef(table, column),
      softDelete: (table: number, items: readonly Item[]) => this.softDelete(table, items),
    };
    return filters.flatMap((filter) => {
      if (filter.op !== "matched" && filter.op !== "unmatched") return [filter];
      const { table, words, via } = filter.item;
      const live = softDeleteFilters(table, spoken, marks).map((mark) => ({
        ...mark,
        item: { ...mark.item, words, ...(via === undefined ? {} : { via }) },
      }));
      return [filter, ...live];
    });
  }

  /** Whether there is a row of a table: `is_null` and `is_not_null` of the table itself. */
  private related({ term: given, op }: Filter, place: string): readonly ResolvedFilter[] | undefined {
    if (op !== "is_null" && op !== "is_not_null") return undefined;
    const { term, via } = splitVia(given);
    const table = this.terms.rowsOf(term);
    if (table === undefined) return undefined;
    const ref = this.terms.tableRef(table);
    this.terms.note(given, ref, 1);
    const further =
      (this.intent.filters ?? []).length > 1
        ? `; further filters on ${ref} say which rows of it there must not be`
        : "";
    this.terms.assume(
      "related_rows",
      op === "is_null"
        ? `Only rows without a row of ${ref} count${further}.`
        : `Only rows that have a row of ${ref} count.`,
    );
    const link = via === undefined ? {} : { via: this.terms.viaLink(via, table) };
    const item = { ...pinOf(place, given, table, this.graph), ...link };
    return [{ item, op: op === "is_null" ? "unmatched" : "matched" }];
  }

  /** The rows that hold on a day: begun by then, and not ended (the end is exclusive, none is for ever). */
  private holding({ term: given, value }: Filter, place: string): readonly ResolvedFilter[] {
    const { term, via } = splitVia(given);
    const meaning = this.terms.read(place, term, ["table", "column"]);
    if (meaning.kind === "metric") refuse(error("invalid_argument", `The metric "${given}" holds on no day.`));
    const table = this.terms.table(meaning.table);
    const pair = validityOf(table, meaning.kind === "column" ? meaning.column : undefined, this.context);
    if (pair === undefined) {
      refuse(
        error(
          "invalid_argument",
          `${this.terms.tableRef(meaning.table)} does not say from when until when a row holds.`,
          {
            help: "Filter on the columns that do, with <= and >.",
            candidates: table.columns.map((c) => this.terms.columnRef(meaning.table, c.name)).slice(0, 20),
          },
        ),
      );
    }
    const day = dayOfPhrase(value, this.intent, this.context);
    const ref = (c: Column) => this.terms.columnRef(meaning.table, c.name);
    this.terms.assume(
      "as_of",
      `As of ${day}: from ${ref(pair.from)} on, until before ${ref(pair.to)} (empty: still holds).`,
    );
    const link = via === undefined ? {} : { via: this.terms.viaLink(via, meaning.table) };
    const item = (column: Column): Item => ({
      place,
      term: given,
      table: meaning.table,
      column,
      words: nameWords(term),
      ...link,
    });
    const made: readonly ResolvedFilter[] = [
      { item: item(pair.from), op: "<=", value: day },
      { item: item(pair.to), op: "open_or_after", value: day },
    ];
    return made.map((f) => storedValues(f, this.context, this.terms));
  }

  private dimension(d: NonNullable<Intent["dimensions"]>[number], i: number): Dimension[] {
    const { bare, via, meaning } = this.shownAs(`dimensions[${i}]`, d.term);
    const role = via !== undefined && meaning.kind !== "metric" ? { via: this.terms.viaLink(via, meaning.table) } : {};
    const words = nameWords(`${bare} ${d.as ?? ""}`);
    const base = { place: `dimensions[${i}]`, term: d.term, words, ...role };
    const rest = {
      includeEmpty: d.include_empty === true,
      ...(d.grain === undefined ? {} : { grain: d.grain }),
      ...(d.roll_up === true && meaning.kind !== "metric" ? { rollUp: this.treeLink(meaning.table) } : {}),
    };
    const whom =
      meaning.kind === "column" && via === undefined && d.grain === undefined ? this.whom(bare, meaning) : undefined;
    if (whom !== undefined) return this.labelled(whom.to, d.as, { ...base, via: whom }, rest);
    if (meaning.kind === "column" && this.isOwnKey(bare, meaning))
      return this.labelled(meaning.table, d.as, base, rest);
    if (meaning.kind === "column") {
      const item = { ...base, table: meaning.table, column: meaning.column };
      this.tellYears(item);
      const shown = d.grain === undefined ? this.shownDay(item) : this.terms.day(item);
      const called = d.grain === undefined && shown !== item ? resultName(bare) : meaning.column.name;
      const name = d.as ?? (d.grain === undefined ? called : `${called}_${d.grain}`);
      return [{ name: this.unique(name, d.as === undefined ? bare : name), item: shown, ...rest }];
    }
    if (meaning.kind !== "table") refuse(error("invalid_argument", `The metric "${d.term}" is no dimension.`));
    return this.labelled(meaning.table, d.as, base, rest);
  }

  /** "order date" of a key to a calendar is that day, not its number; a Ref, or what is called a key, is the key. */
  private shownDay(item: Item): Item {
    const isKey = refLike.test(item.term) || nameWords(item.term).some((w) => keyWords.has(w));
    return isKey ? item : this.terms.day(item);
  }

  /** "host name", where no name says it: who a key is for. */
  private whose(term: string): string {
    const words = term.trim().split(/\s+/);
    const role = words.slice(0, -1).join(" ");
    if (role === "" || !/^names?$/i.test(words.at(-1) ?? "") || this.terms.calledAs(term, "columns")?.length !== 0)
      return term;
    const called = this.terms.calledAs(role, "columns") ?? [];
    const isNamed = ({ table, column }: Reading) =>
      column !== undefined && this.linkToNamed(table, column) !== undefined;
    return called.length > 0 && called.every(isNamed) ? role : term;
  }

  /** The link of a column that is called a key, where what it refers to has a name. */
  private linkToNamed(table: number, column: Column): Link | undefined {
    if (!keyWords.has(nameWords(column.name).at(-1) ?? "")) return undefined;
    const [link] = keyLinks(this.graph, table, column.name, this.context.settings.minLinkConfidence);
    return link !== undefined && labelColumns(this.terms.table(link.to)).length > 1 ? link : undefined;
  }

  /** The table of people whose names a term means ("customer name"), where first and last names are all that they have. */
  private peopleNamed(term: string): number | undefined {
    const [last, ...others] = nameWords(term).toReversed();
    const whose = others.filter((w) => w !== "full").toReversed();
    const table = last === "name" && whose.length > 0 ? this.terms.rowsOf(whose.join(" ")) : undefined;
    const names = table === undefined ? [] : personNames(this.terms.table(table));
    if (table === undefined || names.length === 0) return undefined;
    const isCalled = labelColumns(this.terms.table(table)).some((c) => names.includes(c));
    const calledElse = this.terms
      .calledAs(term, "columns")
      ?.filter((r) => r.column === undefined || !names.includes(r.column));
    if (!isCalled || calledElse?.length !== 0) return undefined;
    this.terms.note(term, this.terms.tableRef(table), 1);
    return table;
  }

  /** A dimension by what stands for a table's rows. */
  private labelled(
    table: number,
    as: string | undefined,
    item: Omit<Item, "table" | "column">,
    rest: Omit<Dimension, "name" | "item">,
  ): Dimension[] {
    return labelColumns(this.terms.table(table)).map((column, k) => {
      const name = k === 0 && as !== undefined ? as : column.name;
      return { name: this.unique(name), item: { ...item, table, column }, ...rest };
    });
  }

  /** The link of a key that a term calls by its role and not as a key ("assignee" of `assignee_id`), where what it refers to has a name. */
  private whom(term: string, { table, column }: { readonly table: number; readonly column: Column }): Link | undefined {
    if (/[._]/.test(term) || nameWords(term).some((w) => keyWords.has(w))) return undefined;
    const link = this.linkToNamed(table, column);
    const isDay = () => this.terms.day({ place: "", term, table, column, words: [] }).via !== undefined;
    if (link === undefined || isDay()) return undefined;
    this.terms.assume(
      "role",
      `"${term}" is ${this.terms.tableRef(link.to)} by ${this.terms.columnRef(table, column.name)}.`,
    );
    return link;
  }

  /** Says so where a part of the calendar is grouped by that tells no year. */
  private tellYears({ term, table, column }: Pick<Item, "term" | "table" | "column">): void {
    const { dimensions = [], time } = this.intent;
    const isOfOne = time?.range !== undefined || dimensions.some((d) => nameWords(d.term).includes("year"));
    if (isOfOne || refLike.test(term) || !this.terms.isOfAnyYear(table, column)) return;
    const ref = this.terms.columnRef(table, column.name);
    this.terms.assume(
      "any_year",
      `${ref} tells no year: rows of every year are taken together. Use \`time.grain\` for each apart.`,
    );
  }

  /** Whether a word for a table's rows was read as their key ("rep": `rep_id` of `sales_reps`): they are shown by what they are called. */
  private isOwnKey(term: string, { table, column }: { readonly table: number; readonly column: Column }): boolean {
    const key = this.terms.table(table).primaryKey?.columns ?? [];
    const isKey = key.length === 1 && key[0] === column.name && this.terms.says(term, table);
    return isKey && !/[._]/.test(term) && !nameWords(term).some((w) => keyWords.has(w));
  }

  /** The key by which a table's rows form a tree. */
  private treeLink(table: number): Link {
    const own = (this.graph.at[table] ?? []).filter(
      (l) => l.from === table && l.to === table && l.uniqueTo && isSure(l, this.context.settings.minLinkConfidence),
    );
    const pinned = own.filter((l) => this.pinned.includes(l.id));
    const [link, second] = pinned.length > 0 ? pinned : own;
    const ref = this.terms.tableRef(table);
    if (link === undefined) {
      refuse(error("invalid_argument", `${ref} has no key to itself: its rows form no tree to roll up.`));
    }
    if (second !== undefined) {
      const pin = (l: Link) => ({
        from: this.terms.columnRef(table, l.fromColumns[0] ?? ""),
        to: this.terms.columnRef(table, l.toColumns[0] ?? ""),
      });
      const options = own.map((l) => ({
        label: l.fromColumns.join(", "),
        intent: { ...this.intent, joins: [...(this.intent.joins ?? []), pin(l)] },
      }));
      ask(`Along which key shall ${ref} be rolled up?`, options);
    }
    return link;
  }

  private columns(term: string, alias: string | undefined, i: number): { name: string; item: Item }[] {
    const place = `columns[${i}]`;
    const { bare, via, meaning, isPeople } = this.shownAs(place, term);
    if (meaning.kind === "metric") refuse(error("invalid_argument", `The metric "${term}" is no column.`));
    const role = via === undefined ? {} : { via: this.terms.viaLink(via, meaning.table) };
    const words = nameWords(`${bare} ${alias ?? ""}`);
    const whom = meaning.kind === "column" && via === undefined ? this.whom(bare, meaning) : undefined;
    const item = { place, term, words, ...(whom === undefined ? role : { via: whom }) };
    if (meaning.kind === "column" && whom === undefined) {
      const plain = { ...item, table: meaning.table, column: meaning.column };
      const shown = this.shownDay(plain);
      const called = shown === plain ? meaning.column.name : resultName(bare);
      return [{ name: this.unique(alias ?? called, alias ?? bare), item: shown }];
    }
    const table = whom?.to ?? meaning.table;
    const all = this.shownOf(table, { isPeople, isNamed: whom !== undefined || this.isBeside(term) });
    const name = (column: Column) =>
      all.length === 1 ? this.unique(alias ?? column.name, alias ?? bare) : this.unique(column.name);
    return all.map((column) => ({ name: name(column), item: { ...item, table, column } }));
  }

  /** Beside other columns a thing is shown by its name. */
  private isBeside(term: string): boolean {
    return (this.intent.columns?.length ?? 0) > 1 && !term.endsWith(".*");
  }

  /** The columns that a table's rows are shown by: of people their names, of what is named its name, else all. */
  private shownOf(
    table: number,
    { isPeople, isNamed }: { readonly isPeople: boolean; readonly isNamed: boolean },
  ): readonly Column[] {
    const own = this.terms.table(table);
    if (isPeople) return personNames(own);
    const labels = labelColumns(own).filter((c) => !this.terms.isKeyColumn(table, c.name));
    return isNamed && labels.length > 0 ? labels : own.columns;
  }

  /** What a term means that something is shown by: a column or a table, people by their names, whom a key is for. */
  private shownAs(place: string, term: string) {
    const { term: given, via } = splitVia(term);
    const bare = this.whose(given);
    const people = this.peopleNamed(bare);
    const meaning: Meaning =
      people === undefined ? this.terms.read(place, bare, ["column", "table"]) : { kind: "table", table: people };
    return { bare, via, meaning, isPeople: people !== undefined };
  }

  private order(
    by: string,
    direction: "asc" | "desc" | undefined,
    i: number,
    shown: {
      measures: readonly Measure[];
      dimensions: readonly Dimension[];
      columns: readonly { name: string; item: Item }[];
    },
  ): Order {
    const descending = direction === "desc";
    const measure = findMeasure(shown.measures, this.intent, by);
    if (measure !== undefined) return { target: { kind: "result", name: measure.name }, descending };
    const wanted = by.toLowerCase();
    const places = [...shown.dimensions.map((d) => ({ name: d.name, item: d.item })), ...shown.columns];
    const named =
      places.find((p) => p.name.toLowerCase() === wanted) ?? places.find((p) => p.item.term.toLowerCase() === wanted);
    if (named !== undefined) return { target: { kind: "result", name: named.name }, descending };
    const period = this.periodNamed(wanted);
    if (period !== undefined) return { target: { kind: "result", name: period }, descending };
    const item = this.item(`order_by[${i}]`, by, undefined);
    const same = places.find(
      (p) => p.item.table === item.table && p.item.column.name === item.column.name && p.item.via === item.via,
    );
    if (same !== undefined) return { target: { kind: "result", name: same.name }, descending };
    if (shown.columns.length === 0) {
      refuse(unknownResult(by, [...shown.dimensions.map((d) => d.name), ...shown.measures.map((m) => m.name)]));
    }
    return { target: { kind: "item", item }, descending };
  }

  /** The result column of the intent's periods, where it is called so. */
  private periodNamed(wanted: string): string | undefined {
    const { grain, term, as } = this.intent.time ?? {};
    const isCalled = [grain, "time", term?.toLowerCase(), as?.toLowerCase()].includes(wanted);
    return grain !== undefined && isCalled ? (as ?? grain) : undefined;
  }

  private time(): Pick<ResolvedIntent, "time" | "timeItem"> {
    const plan = timePlan(this.intent, this.context, (code, text) => this.terms.assume(code, text));
    if (plan === undefined) return {};
    const term = this.intent.time?.term;
    return {
      time: plan,
      ...(term === undefined ? {} : { timeItem: this.terms.day(this.item("time", term, undefined)) }),
    };
  }

  private top(measures: readonly Measure[], dimensions: readonly Dimension[]): Pick<ResolvedIntent, "top"> {
    const { top } = this.intent;
    if (top === undefined) return {};
    const by = findMeasure(measures, this.intent, top.by);
    if (by === undefined)
      refuse(
        unknownResult(
          top.by,
          measures.map((m) => m.name),
        ),
      );
    const per = (top.per ?? []).map((p) => {
      const wanted = p.toLowerCase();
      const period = this.periodNamed(wanted);
      if (period !== undefined) return period;
      const found = dimensions.find((d) => d.name.toLowerCase() === wanted || d.item.term.toLowerCase() === wanted);
      if (found === undefined)
        refuse(
          unknownResult(
            p,
            dimensions.map((d) => d.name),
          ),
        );
      return found.name;
    });
    return { top: { n: top.n, by: by.name, per, others: top.others === true } };
  }

  /** Tables that the caller pins, by Ref or by words, and those of pinned links. */
  private pins(): Pick<ResolvedIntent, "pins"> {
    const named = (this.intent.tables ?? []).map((term, i): Item => {
      const place = `tables[${i}]`;
      const meaning = this.terms.read(place, term, ["table"]);
      if (meaning.kind !== "table") refuse(error("unknown_table", `The pinned table "${term}" does not exist.`));
      return pinOf(place, term, meaning.table, this.graph);
    });
    const ends = this.pinned.flatMap((id, i) => {
      const link = this.graph.links[id];
      return [link?.from, link?.to].flatMap((t) =>
        t === undefined ? [] : [pinOf(`joins[${i}]`, this.terms.tableRef(t), t, this.graph)],
      );
    });
    const pins = [...named, ...ends];
    return { pins: pins.filter((p, i) => pins.findIndex((q) => q.table === p.table) === i) };
  }
}
