/**
 * From one term of an intent to a table, a column or a metric: exact Refs first, then the glossary's names, then the resolver.
 * Collects what was mapped. An unsure term becomes a question with ready intents, never a guess.
 */

import { error } from "../issue.js";
import { nameWords } from "../schema/name-words.js";
import { printRef, resolveRef } from "../schema/names.js";
import type { Column, DialectName, Table } from "../schema/snapshot.js";
import type { GlossaryMetric } from "../terms/glossary.js";
import type { TermMatch } from "../terms/mapping.js";
import type { QueryContext, Remark } from "./answer.js";
import type { JoinGraph, Link } from "./graph.js";
import type { Aggregation, Intent } from "./intent.js";
import { mostDetailed } from "./paths.js";
import { ask, refuse } from "./stop.js";

export type Meaning =
  | { readonly kind: "column"; readonly table: number; readonly column: Column; readonly value?: string | number }
  | { readonly kind: "table"; readonly table: number }
  | { readonly kind: "metric"; readonly metric: GlossaryMetric };

/** A term with the role that its text names: `address.city via orders.billing_address_id`. */
export function splitVia(term: string): { readonly term: string; readonly via?: string } {
  const at = term.toLowerCase().lastIndexOf(" via ");
  return at < 0 ? { term } : { term: term.slice(0, at).trim(), via: term.slice(at + 5).trim() };
}

export class TermReader {
  readonly mapping: { term: string; ref: string; confidence: number }[] = [];
  readonly assumptions: Remark[] = [];
  constructor(
    private readonly context: QueryContext,
    private readonly graph: JoinGraph,
    readonly intent: Intent,
  ) {}

  /** What a term means among `kinds`; stops with a question or a refusal where that is not certain. */
  read(place: string, term: string, kinds: readonly ("column" | "table" | "measure")[]): Meaning {
    const exact = this.exact(term, kinds);
    if (exact !== undefined) {
      this.note(term, this.refOf(exact), 1);
      return exact;
    }
    const result = this.context.resolve({
      term,
      kinds,
      limit: this.context.settings.maxOptions,
      ...(this.context.question === undefined ? {} : { question: this.context.question }),
      ...(this.intent.tables === undefined ? {} : { tables: this.intent.tables }),
    });
    const readings = result.matches.flatMap((m) => {
      const meaning = this.meaningOf(m, kinds);
      return meaning === undefined ? [] : [{ match: m, meaning }];
    });
    const [best] = readings;
    if (best === undefined || result.status === "no_match") {
      refuse(
        error("unknown_term", `Nothing in the schema fits "${term}".`, {
          help: "Use a column's Ref from discover_schema, or another word.",
          candidates: [...readings.map((r) => r.match.ref), ...result.did_you_mean].slice(0, 10),
        }),
      );
    }
    if (result.status === "ambiguous" || best.match.confidence < this.context.settings.minTermConfidence) {
      const options = readings.map((r) => ({
        label: r.match.ref,
        intent: replaceTerm(this.intent, place, r.match.ref),
      }));
      ask(result.clarify ?? `Which one does "${term}" mean?`, options);
    }
    this.note(term, best.match.ref, best.match.confidence);
    return best.meaning;
  }

  /** A Ref or a glossary name, read without doubt. */
  exact(term: string, kinds: readonly string[]): Meaning | undefined {
    const metric = kinds.includes("measure") ? this.metric(term) : undefined;
    if (metric !== undefined) return { kind: "metric", metric };
    const rows = term.endsWith(".*") ? term.slice(0, -2) : undefined;
    const found = resolveRef(this.context.view.snapshot, rows ?? term);
    const number = found && this.graph.numberOf(found.table);
    if (found === undefined || number === undefined) return this.glossaryTerm(term, kinds);
    if (found.column === undefined) return kinds.includes("table") ? { kind: "table", table: number } : undefined;
    const column = found.table.columns.find((c) => c.name === found.column);
    return column !== undefined && kinds.includes("column") ? { kind: "column", table: number, column } : undefined;
  }

  metric(name: string): GlossaryMetric | undefined {
    const wanted = nameWords(name).join(" ");
    return this.context.glossary.metrics.find((m) =>
      [m.name, ...m.synonyms].some((n) => nameWords(n).join(" ") === wanted),
    );
  }

  /** The link that a column Ref names as the role: a foreign key's column. */
  viaLink(ref: string, target: number): Link {
    const found = resolveRef(this.context.view.snapshot, ref);
    const from = found && this.graph.numberOf(found.table);
    const links = from === undefined ? [] : (this.graph.at[from] ?? []);
    const link = links.find(
      (l) => l.from === from && l.to === target && found?.column !== undefined && l.fromColumns.includes(found.column),
    );
    if (link === undefined) {
      refuse(error("invalid_argument", `"via ${ref}" names no link to ${this.tableRef(target)}.`));
    }
    return link;
  }

  get dialect(): DialectName {
    return this.context.view.snapshot.dialect;
  }

  assume(code: string, text: string): void {
    if (!this.assumptions.some((a) => a.text === text)) this.assumptions.push({ code, text });
  }

  /** Whether a column is (part of) a key: its values name rows and are no amounts. */
  isKeyColumn(table: number, column: string): boolean {
    if (this.table(table).primaryKey?.columns.includes(column) === true) return true;
    return (this.graph.at[table] ?? []).some((l) => l.from === table && l.fromColumns.includes(column));
  }

  /** The table of which the others have at most one row each, where the links say so without doubt. */
  mostDetailed(tables: readonly number[]): number | undefined {
    return mostDetailed(this.graph, tables, this.context.settings);
  }

  withAggregation(place: string, agg: Aggregation): Intent {
    return replaceAt(this.intent, place, "agg", agg);
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

  note(term: string, ref: string, confidence: number): void {
    if (!this.mapping.some((m) => m.term === term && m.ref === ref)) this.mapping.push({ term, ref, confidence });
  }

  private glossaryTerm(term: string, kinds: readonly string[]): Meaning | undefined {
    const wanted = nameWords(term).join(" ");
    const entry = this.context.glossary.terms.find((t) =>
      [t.name, ...t.synonyms].some((n) => nameWords(n).join(" ") === wanted),
    );
    if (entry === undefined || entry.value !== undefined) return undefined;
    const found = resolveRef(this.context.view.snapshot, entry.ref);
    const number = found && this.graph.numberOf(found.table);
    if (found === undefined || number === undefined) return undefined;
    if (found.column === undefined) return kinds.includes("table") ? { kind: "table", table: number } : undefined;
    const column = found.table.columns.find((c) => c.name === found.column);
    return column && kinds.includes("column") ? { kind: "column", table: number, column } : undefined;
  }

  private meaningOf(match: TermMatch, kinds: readonly string[]): Meaning | undefined {
    if (match.kind === "measure") {
      const metric = kinds.includes("measure") ? this.metric(match.ref) : undefined;
      return metric && { kind: "metric", metric };
    }
    const meaning = this.exact(match.ref, kinds);
    if (meaning?.kind === "column" && match.kind === "value" && match.value !== undefined) {
      return { ...meaning, value: match.value };
    }
    return meaning;
  }

  private refOf(meaning: Meaning): string {
    if (meaning.kind === "metric") return meaning.metric.name;
    return meaning.kind === "table" ? this.tableRef(meaning.table) : this.columnRef(meaning.table, meaning.column.name);
  }
}

/** The intent with the term at `place` (`dimensions[0]`, `time`, `order_by[1]`) replaced. */
export function replaceTerm(intent: Intent, place: string, term: string): Intent {
  return replaceAt(intent, place, place.startsWith("order_by") ? "by" : "term", term);
}

function replaceAt(intent: Intent, place: string, field: string, value: string): Intent {
  const copy = structuredClone(intent) as Record<string, unknown>;
  let target: unknown = copy;
  for (const step of place.split(/[.[\]]+/).filter((s) => s !== "")) {
    if (typeof target !== "object" || target === null || !Object.hasOwn(target, step)) return intent;
    target = (target as Record<string, unknown>)[step];
  }
  if (typeof target === "object" && target !== null) (target as Record<string, unknown>)[field] = value;
  return copy as Intent;
}
