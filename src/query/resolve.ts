/**
 * From an intent in business terms to one over tables and columns. Reads terms, names the result columns, finds defaults. Pure.
 * Chooses no joins. Stops (see `Stopped`) where the intent contradicts itself or a term is unsure.
 */

import { error } from "../issue.js";
import { nameWords } from "../schema/name-words.js";
import { resolveRef } from "../schema/names.js";
import type { QueryContext } from "./answer.js";
import { type JoinGraph, type Link, linkBetween } from "./graph.js";
import type { Filter, Intent } from "./intent.js";
import { MeasureReader } from "./measures.js";
import type { Dimension, Having, Item, Measure, Order, ResolvedFilter, ResolvedIntent } from "./resolved.js";
import { refuse } from "./stop.js";
import { labelColumns } from "./tables.js";
import { splitVia, TermReader } from "./terms.js";
import { timePlan } from "./time.js";
import { storedValues } from "./values.js";

/** Links that the caller pins, as the graph wants them; two pins between the same tables are one composite link. */
export function pinnedLinks(
  intent: Intent,
  context: QueryContext,
  graph: JoinGraph,
): { readonly added: readonly Omit<Link, "id">[]; readonly known: readonly number[] } {
  const pairs = new Map<string, { a: number; b: number; aColumns: string[]; bColumns: string[] }>();
  for (const pin of intent.joins ?? []) {
    const [a, b] = [pinEnd(context, graph, pin.from), pinEnd(context, graph, pin.to)];
    const known = pairs.get(`${a.table} ${b.table}`);
    if (known === undefined) {
      pairs.set(`${a.table} ${b.table}`, { a: a.table, b: b.table, aColumns: [a.column], bColumns: [b.column] });
    } else if (samePin(graph, known, a.column, b.column)) {
      known.aColumns.push(a.column);
      known.bColumns.push(b.column);
    } else {
      pairs.set(`${a.table} ${b.table} ${a.column} ${b.column}`, {
        a: a.table,
        b: b.table,
        aColumns: [a.column],
        bColumns: [b.column],
      });
    }
  }
  const added: Omit<Link, "id">[] = [];
  const known: number[] = [];
  for (const { a, b, aColumns, bColumns } of pairs.values()) {
    const link = graph.at[a]?.find((l) => coversPin(l, a, aColumns, b, bColumns));
    if (link === undefined) added.push(linkBetween(graph, a, aColumns, b, bColumns));
    else known.push(link.id);
  }
  return { added, known };
}

/** A known link that a pin names, whole or by part of a composite key (which is then joined whole). */
function coversPin(l: Link, a: number, aColumns: readonly string[], b: number, bColumns: readonly string[]): boolean {
  const holds = (from: number, to: number, f: readonly string[], t: readonly string[]) =>
    l.from === from &&
    l.to === to &&
    f.every((c, i) => l.fromColumns.some((x, j) => x === c && l.toColumns[j] === t[i]));
  return holds(a, b, aColumns, bColumns) || holds(b, a, bColumns, aColumns);
}

/** A second pin between two tables belongs to the first where one known composite link holds both, or none holds either. */
function samePin(
  graph: JoinGraph,
  known: { a: number; b: number; aColumns: readonly string[]; bColumns: readonly string[] },
  aColumn: string,
  bColumn: string,
): boolean {
  const links = graph.at[known.a] ?? [];
  const together = links.some((l) =>
    coversPin(l, known.a, [...known.aColumns, aColumn], known.b, [...known.bColumns, bColumn]),
  );
  const alone = links.some((l) => coversPin(l, known.a, [aColumn], known.b, [bColumn]));
  return together || !alone;
}

function pinEnd(context: QueryContext, graph: JoinGraph, ref: string): { table: number; column: string } {
  const found = resolveRef(context.view.snapshot, ref);
  const table = found && graph.numberOf(found.table);
  if (found?.column === undefined || table === undefined) {
    refuse(error("unknown_column", `The pinned join names "${ref}", which is no column here.`));
  }
  return { table, column: found.column };
}

/** Reads a whole intent. */
export class IntentReader {
  readonly terms: TermReader;
  private readonly names = new Set<string>();

  constructor(
    private readonly context: QueryContext,
    private readonly graph: JoinGraph,
    private readonly intent: Intent,
    private readonly pinned: readonly number[],
  ) {
    this.terms = new TermReader(context, graph, intent);
  }

  read(): ResolvedIntent {
    const { intent } = this;
    if (intent.columns?.length && intent.measures?.length) {
      refuse(error("invalid_argument", "`columns` (detail rows) and `measures` (groups) exclude each other."));
    }
    const dimensions = (intent.dimensions ?? []).flatMap((d, i) => this.dimension(d, i));
    const columns = (intent.columns ?? []).flatMap((c, i) => this.columns(c.term, c.as, i));
    const filters = (intent.filters ?? []).map((f, i) => this.filter(f, `filters[${i}]`));
    const reader = new MeasureReader(
      this.terms,
      (f, place) => this.filter(f, place),
      (n) => this.unique(n),
    );
    const measures = (intent.measures ?? []).map((m, i) =>
      reader.measure(m, i, [...dimensions.map((d) => d.item), ...filters.map((f) => f.item)]),
    );
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
      ...this.time(),
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
      pinnedTables: this.pinnedTables(),
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

  /** A result column's name, made unique. */
  unique(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.names.has(name.toLowerCase()); i++) name = `${wanted}_${i}`;
    this.names.add(name.toLowerCase());
    return name;
  }

  private filter(filter: Filter, place: string): ResolvedFilter {
    const item = this.item(place, filter.term, undefined);
    const made = { item, op: filter.op, ...(filter.value === undefined ? {} : { value: filter.value }) };
    return storedValues(made, this.context, this.terms);
  }

  private dimension(d: NonNullable<Intent["dimensions"]>[number], i: number): Dimension[] {
    const { term: bare, via } = splitVia(d.term);
    const meaning = this.terms.read(`dimensions[${i}]`, bare, ["column", "table"]);
    const role = via !== undefined && meaning.kind !== "metric" ? { via: this.terms.viaLink(via, meaning.table) } : {};
    const words = nameWords(`${bare} ${d.as ?? ""}`);
    const base = { place: `dimensions[${i}]`, term: d.term, words, ...role };
    const rest = { includeEmpty: d.include_empty === true, ...(d.grain === undefined ? {} : { grain: d.grain }) };
    if (meaning.kind === "column") {
      const name = d.as ?? (d.grain === undefined ? meaning.column.name : `${meaning.column.name}_${d.grain}`);
      const item = { ...base, table: meaning.table, column: meaning.column };
      return [{ name: this.unique(name), item, ...rest }];
    }
    if (meaning.kind !== "table") refuse(error("invalid_argument", `The metric "${d.term}" is no dimension.`));
    return labelColumns(this.terms.table(meaning.table)).map((column, k) => {
      const name = k === 0 && d.as !== undefined ? d.as : column.name;
      return { name: this.unique(name), item: { ...base, table: meaning.table, column }, ...rest };
    });
  }

  private columns(term: string, alias: string | undefined, i: number): { name: string; item: Item }[] {
    const place = `columns[${i}]`;
    const { term: bare, via } = splitVia(term);
    const meaning = this.terms.read(place, bare, ["column", "table"]);
    if (meaning.kind === "metric") refuse(error("invalid_argument", `The metric "${term}" is no column.`));
    const role = via === undefined ? {} : { via: this.terms.viaLink(via, meaning.table) };
    const words = nameWords(`${bare} ${alias ?? ""}`);
    const all = meaning.kind === "column" ? [meaning.column] : this.terms.table(meaning.table).columns;
    return all.map((column) => ({
      name: this.unique(all.length === 1 && alias !== undefined ? alias : column.name),
      item: { place, term, table: meaning.table, column, words, ...role },
    }));
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

  private time(): Pick<ResolvedIntent, "time" | "timeItem"> {
    const plan = timePlan(this.intent, this.context, (code, text) => this.terms.assume(code, text));
    if (plan === undefined) return {};
    const term = this.intent.time?.term;
    return { time: plan, ...(term === undefined ? {} : { timeItem: this.item("time", term, undefined) }) };
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

  private pinnedTables(): readonly number[] {
    return (this.intent.tables ?? []).map((ref) => {
      const found = resolveRef(this.context.view.snapshot, ref);
      const number = found && this.graph.numberOf(found.table);
      if (number === undefined) refuse(error("unknown_table", `The pinned table "${ref}" does not exist.`));
      return number;
    });
  }
}

/** A measure by its alias, its result name, its term, or `agg(term)`. */
export function findMeasure(measures: readonly Measure[], intent: Intent, by: string): Measure | undefined {
  const wanted = by.trim().toLowerCase();
  const asked = intent.measures ?? [];
  const at = (test: (i: number) => boolean) => measures.find((_, i) => test(i));
  return (
    at((i) => asked[i]?.as?.toLowerCase() === wanted) ??
    measures.find((m) => m.name.toLowerCase() === wanted) ??
    at((i) => `${asked[i]?.agg ?? ""}(${asked[i]?.term ?? ""})`.toLowerCase() === wanted) ??
    at((i) => asked[i]?.term.toLowerCase() === wanted)
  );
}

function unknownResult(by: string, candidates: readonly string[]) {
  return error("invalid_argument", `"${by}" is no result column of this intent.`, {
    help: "Name a measure's or dimension's `as` or `term`.",
    candidates,
  });
}
