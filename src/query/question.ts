/**
 * From a plain business question to an intent: what is counted, summed or listed, of what, by what, which rows, which period, which order.
 * Deterministic. Each word must have its place: what is not understood is an issue, never left out silently. Pure.
 */

import { error, fail, ok, type Result } from "../issue.js";
import { type TaggedWord, tagged } from "../terms/tagging.js";
import type { QueryContext } from "./answer.js";
import { type Filter, type Intent, intentSchema, type TimeGrain } from "./intent.js";
import { phraseAt } from "./phrases.js";
import { type Found, type FoundValue, QuestionTerms } from "./question-terms.js";
import {
  aggregations,
  boundaries,
  comparisons,
  counting,
  determiners,
  distinctWords,
  each,
  extremes,
  grains,
  lightVerbs,
  openings,
  patterns,
  superlatives,
} from "./question-words.js";

/** What a question was taken for. */
export interface Understood {
  readonly intent: Intent;
  /** Probability that each of its terms is the one meant, by what the terms' own say, 0 to 1. */
  readonly confidence: number;
}

/** The intent of a question, or an issue that says which words were not understood. */
export function readQuestion(question: string, context: QueryContext): Result<Understood> {
  const reader = new QuestionReader(question, context);
  try {
    return reader.read();
  } catch (thrown) {
    if (!(thrown instanceof Unread)) throw thrown;
    return fail(
      error("invalid_argument", `The question could not be read: ${thrown.message}.`, {
        ...(thrown.candidates.length > 0 ? { candidates: thrown.candidates } : {}),
        help: "Ask it in plainer words, or send an intent: measures, dimensions, filters and time, each with its term.",
      }),
    );
  }
}

/** Stops the reading with what was not understood, and with the names that may have been meant. */
class Unread extends Error {
  constructor(
    message: string,
    readonly candidates: readonly string[] = [],
  ) {
    super(message);
  }
}

type Measure = NonNullable<Intent["measures"]>[number];
type Element =
  | { readonly kind: "measure"; readonly measure: Measure; readonly home?: number }
  | { readonly kind: "phrase"; readonly phrase: string; readonly distinct: boolean; readonly end?: string };

class QuestionReader {
  private readonly words: readonly TaggedWord[];
  private readonly terms: QuestionTerms;
  private at = 0;
  private sure = 1;
  /** Tables that the question has named so far, the nearest last. */
  private home: number[] = [];
  /** Tables that rows must belong to, whether or not anything of them is shown. */
  private readonly needed = new Set<number>();
  private readonly measures: Measure[] = [];
  private readonly columns: Found[] = [];
  private readonly dimensions: string[] = [];
  private readonly filters: Filter[] = [];
  private readonly having: { measure: string; op: ">" | "<" | ">=" | "<=" | "=" | "!="; value: number }[] = [];
  /** What a leading "for each …" groups by. */
  private first: string | undefined;
  private order: { by: string; direction: "asc" | "desc" } | undefined;
  private limit: number | undefined;
  private top: NonNullable<Intent["top"]> | undefined;
  private distinct = false;
  private shared = false;
  /** Whether a table itself is listed, by whatever stands for its rows. */
  private whole = false;
  private time: NonNullable<Intent["time"]> = {};

  constructor(
    question: string,
    private readonly context: QueryContext,
  ) {
    this.terms = new QuestionTerms(context, question);
    this.words = tagged(this.withoutTime(question.trim().replace(/[\s?.!;]+$/u, "")));
  }

  read(): Result<Understood> {
    while (openings.some((o) => this.eat(o))) continue;
    this.leadingGroup();
    this.head();
    if (this.first !== undefined) this.groupBy(this.first);
    while (this.at < this.words.length) this.modifier();
    return this.result();
  }

  // What is asked for

  private head(): void {
    const from = this.at;
    const top = this.eat("the top") || this.eat("top") || this.eat("the first") || this.eat("first");
    const count = top ? this.number() : undefined;
    if (count === undefined) this.at = from;
    else this.limit = count;
    if (this.mostCommon()) return;
    const elements = this.elements();
    this.settle(elements);
  }

  /** "most common nationality of journalists": groups by how many rows they have. */
  private mostCommon(): boolean {
    const from = this.at;
    this.eat("the");
    const least = this.eat("least");
    if (!least && !this.eat("most")) return this.back(from);
    if (!this.eat("common") && !this.eat("popular") && !this.eat("frequent")) return this.back(from);
    const phrase = this.phrase();
    if (!(this.eat("of") || this.eat("for") || this.eat("among") || this.eat("across"))) throw this.unread("of what");
    const table = this.need(this.terms.table(this.phrase()), "table");
    this.home = [table.table];
    this.dimensions.push(this.need(this.terms.column(phrase, this.home), phrase).ref);
    this.measures.push({ term: table.ref, agg: "count", as: "count" });
    this.order = { by: "count", direction: least ? "asc" : "desc" };
    this.limit ??= 1;
    return true;
  }

  /** "the name, the average age and the number of orders" */
  private elements(): readonly Element[] {
    const list: Element[] = [...this.element()];
    for (;;) {
      const from = this.at;
      const comma = this.eat(",");
      const and = this.eat("and") || this.eat("as well as");
      if (!comma && !and) return list;
      const made = this.tryElement();
      if (made === undefined) {
        this.at = from;
        return list;
      }
      list.push(...made);
    }
  }

  private tryElement(): readonly Element[] | undefined {
    const from = this.at;
    try {
      return this.element();
    } catch (thrown) {
      if (!(thrown instanceof Unread)) throw thrown;
      this.at = from;
      return undefined;
    }
  }

  private element(): readonly Element[] {
    this.eat("also");
    const share = this.share();
    if (share !== undefined) return [share];
    const metric = this.metricHere();
    if (metric !== undefined) return [metric];
    const listed = this.aggregated();
    if (listed !== undefined) return listed;
    this.skip(determiners);
    if (counting.some((c) => this.eat(c))) return [this.counted()];
    this.skip(determiners);
    const distinct = this.skip(distinctWords);
    const grain = grains.get(this.word()?.lower ?? "");
    if (grain !== undefined && this.word()?.lower !== grain) {
      this.at++;
      this.time = { ...this.time, grain };
    }
    const end = this.extreme();
    const again = end === undefined ? this.metricHere() : undefined;
    if (again !== undefined) return [again];
    const phrase = this.phrase();
    return [{ kind: "phrase", phrase, distinct, ...(end === undefined ? {} : { end }) }];
  }

  /** A metric of the glossary, "total" or not. */
  private metricHere(): Element | undefined {
    const from = this.at;
    this.skip(determiners);
    const rest = () => this.words.slice(this.at).map((w) => (w.kind === "word" ? w.lower : "?"));
    let found = this.terms.metricAt(rest());
    if (found === undefined && (this.eat("total") || this.eat("overall"))) found = this.terms.metricAt(rest());
    if (found === undefined) {
      this.at = from;
      return undefined;
    }
    this.at += found.length;
    return { kind: "measure", measure: { term: found.name } };
  }

  /** "share of gross revenue" */
  private share(): Element | undefined {
    const from = this.at;
    this.skip(determiners);
    if (!["share of", "percentage of", "percent of"].some((w) => this.eat(w))) return undefined;
    const [element, second] = this.element();
    if (element?.kind !== "measure" || second !== undefined) {
      this.at = from;
      throw this.unread("a measure to take the share of");
    }
    this.shared = true;
    return element;
  }

  /** "average and maximum age": each aggregate of each attribute. */
  private aggregated(): readonly Element[] | undefined {
    const from = this.at;
    this.skip(determiners);
    const aggs: NonNullable<Measure["agg"]>[] = [];
    if (this.isNamedSo()) return undefined;
    for (;;) {
      const found = [...aggregations].find(([word]) => this.eat(word));
      if (found === undefined) break;
      aggs.push(found[1]);
      if (!this.eat(",")) this.eat("and");
      else this.eat("and");
    }
    const [first] = aggs;
    if (first === undefined) {
      this.at = from;
      return undefined;
    }
    this.eat("of");
    this.eat("value of");
    this.skip(determiners);
    const numberOf = this.eat("number of") || this.eat("amount of");
    const phrases = [this.phrase()];
    while (aggs.length === 1 && !numberOf) {
      const before = this.at;
      if (!this.eat(",") && !this.eat("and")) break;
      this.eat("and");
      const more = this.isElementStart() ? undefined : this.tryPhrase();
      if (more === undefined) {
        this.at = before;
        break;
      }
      phrases.push(more);
    }
    if (numberOf) return aggs.map((agg) => this.numberOf(phrases[0] ?? "", agg));
    this.entity();
    return phrases.flatMap((phrase) => aggs.map((agg) => this.aggregate(phrase, agg)));
  }

  /** "total points", where a column is called so. */
  private isNamedSo(): boolean {
    const from = this.at;
    const phrase = this.tryPhrase() ?? "";
    this.at = from;
    return phrase.includes(" ") && this.terms.isColumnName(phrase);
  }

  /** "oldest", "cheapest": an end of an order, kept until the table is known. */
  private extreme(): string | undefined {
    return [...extremes.keys()].find((word) => this.eat(word));
  }

  private orderByExtreme(word: string, table: number): void {
    const [words, direction] = extremes.get(word) ?? [[], "asc" as const];
    const columns = words
      .map((w) => this.terms.column(w, [table]))
      .filter((c) => c?.table === table && c.confidence >= 0.9);
    const [column] = columns;
    if (column === undefined || columns.length > 1 || this.measures.length > 0)
      throw new Unread(`no column says which is ${word}`);
    this.order = { by: column.ref, direction };
    this.limit ??= 1;
  }

  private aggregate(phrase: string, agg: NonNullable<Measure["agg"]>): Element {
    const found = this.need(this.terms.column(phrase, this.home), phrase);
    if (!this.terms.isNumber(found) && (agg === "sum" || agg === "avg" || agg === "median")) {
      throw new Unread(`${found.ref} holds no numbers to take the ${agg} of`);
    }
    this.near(found.table);
    return { kind: "measure", measure: { term: found.ref, agg }, home: found.table };
  }

  /** "the average number of rooms": a column that holds numbers of them, never a guess at counts of counts. */
  private numberOf(phrase: string, agg: NonNullable<Measure["agg"]>): Element {
    this.entity();
    const column = this.terms.column(`number of ${phrase}`, this.home);
    const counts =
      column !== undefined &&
      this.terms.isNumber(column) &&
      column.confidence >= 0.5 &&
      this.terms.says(column, phrase);
    if (counts) return this.aggregate(`number of ${phrase}`, agg);
    const table = agg === "sum" ? this.terms.table(phrase) : undefined;
    if (table === undefined) throw new Unread(`no column holds a number of ${phrase}`);
    this.take(table);
    return { kind: "measure", measure: { term: table.ref, agg: "count" }, home: table.table };
  }

  private counted(): Element {
    this.skip(determiners);
    const distinct = this.skip(distinctWords);
    const phrase = this.phrase();
    const metric = this.terms.metric(`number of ${phrase}`);
    if (metric !== undefined && !distinct) return { kind: "measure", measure: { term: metric } };
    const table = this.terms.table(phrase);
    const tallied = ["number of", "total"]
      .map((w) => this.terms.column(`${w} ${phrase}`, []))
      .find((c) => c !== undefined && c.confidence >= 0.9);
    if (tallied !== undefined && this.terms.isNumber(tallied))
      throw new Unread(`the number of ${phrase} may be ${tallied.ref}`);
    if (table !== undefined && table.confidence >= 0.9 && !distinct) return this.countRows(table);
    const told = table === undefined ? this.terms.valueOfTable(phrase) : undefined;
    if (told !== undefined) return this.countSome(told);
    this.entity();
    const column = this.terms.column(phrase, this.home);
    if (column !== undefined && (table === undefined || column.confidence > table.confidence)) {
      if (this.terms.isNumber(column) && !this.terms.isKey(column))
        throw new Unread(`the number of ${phrase} may be ${column.ref}`);
      this.take(column);
      this.near(column.table);
      return { kind: "measure", measure: { term: column.ref, agg: "count_distinct" }, home: column.table };
    }
    return this.countRows(this.need(table, phrase));
  }

  private countSome({ table, value }: { table: Found; value: FoundValue }): Element {
    this.take(value);
    this.filters.push({ term: value.ref, op: "=", value: value.value });
    return this.countRows(table);
  }

  private countRows(table: Found): Element {
    this.take(table);
    this.near(table.table);
    return { kind: "measure", measure: { term: table.ref, agg: "count" }, home: table.table };
  }

  /** "of all students": the table that attributes before it are of. Only a table is taken; else nothing is eaten. */
  private entity(listing = false): void {
    const from = this.at;
    if (!this.eat("of") && !this.eat("for") && !this.eat("across") && !this.eat("among")) return;
    if (each.has(this.word()?.lower ?? "") || this.word()?.lower === "different") {
      if (!listing) {
        this.at = from;
        return;
      }
      this.skip(each);
    }
    this.skip(determiners);
    if (this.skip(distinctWords)) this.distinct = listing;
    const end = this.extreme();
    const phrase = this.tryPhrase();
    const told = phrase === undefined ? undefined : this.terms.valueOfTable(phrase);
    const table = phrase === undefined ? undefined : (this.terms.table(phrase) ?? told?.table);
    if (table === undefined || table.confidence < 0.6) {
      this.at = from;
      return;
    }
    this.take(table);
    this.near(table.table);
    this.needed.add(table.table);
    if (told !== undefined && table === told.table) {
      this.take(told.value);
      this.filters.push({ term: told.value.ref, op: "=", value: told.value.value });
    }
    if (end !== undefined) this.orderByExtreme(end, table.table);
  }

  /** What the elements are once all are known: measures, and columns to list or to group by. */
  private settle(elements: readonly Element[]): void {
    this.entity(elements.every((e) => e.kind === "phrase"));
    for (const [i, element] of elements.entries()) {
      if (element.kind === "measure") this.addMeasure(element.measure);
      else this.listed(element, elements[i + 1]);
    }
  }

  private listed(element: Extract<Element, { kind: "phrase" }>, next: Element | undefined): void {
    if (element.distinct) this.distinct = true;
    const exact = this.terms.table(element.phrase);
    const told = exact === undefined ? this.terms.valueOfTable(element.phrase) : undefined;
    const table = exact ?? told?.table;
    if (table !== undefined && table.confidence >= 0.9 && !this.home.includes(table.table)) {
      this.take(table);
      this.near(table.table);
      if (told !== undefined) {
        this.take(told.value);
        this.filters.push({ term: told.value.ref, op: "=", value: told.value.value });
      }
      const name = this.terms.nameColumn(table.table);
      if (name === undefined) throw new Unread(`it does not say what to show of ${table.ref}`);
      this.columns.push(name);
      this.whole = true;
      if (element.end !== undefined) this.orderByExtreme(element.end, table.table);
      return;
    }
    if (element.end !== undefined) throw new Unread(`"${element.end}" of what it says not`);
    const alone = this.terms.column(element.phrase, this.home);
    const shared = next?.kind === "phrase" ? `${element.phrase} ${next.phrase.split(" ").at(-1)}` : undefined;
    const joined = shared === undefined ? undefined : this.terms.column(shared, this.home);
    const better = joined !== undefined && joined.confidence > (alone?.confidence ?? 0);
    const best = better && this.terms.says(joined, element.phrase) ? joined : alone;
    const metrics = this.terms.metricsLike(element.phrase);
    if (metrics.length > 0 && (best?.confidence ?? 0) < 0.95) {
      throw new Unread(`"${element.phrase}" may be ${metrics.join(", ")}`, metrics);
    }
    const found = this.need(best, element.phrase);
    if (this.columns.some((c) => c.ref === found.ref)) throw new Unread(`two of its phrases seem to mean ${found.ref}`);
    this.beside(found.table);
    this.columns.push(found);
  }

  private addMeasure(measure: Measure): void {
    const as = this.measures.length === 0 ? "value" : `value_${this.measures.length + 1}`;
    this.measures.push({ ...measure, as });
  }

  // Which rows, by what, in which order

  private modifier(): void {
    if (this.doesEach() || this.rankedBy()) return;
    const year = this.word();
    if (year?.value !== undefined && /^(?:19|20)\d{2}$/.test(year.lower)) return this.year(year.value);
    if (this.word()?.kind === "mark" && /^[?.!;]$/.test(this.word()?.text ?? "")) return this.afterthought();
    if (
      this.eat(",") ||
      this.eat("are there") ||
      this.eat("do we have") ||
      this.eat("did we have") ||
      this.eat("in total")
    )
      return;
    if (this.eat("there") || this.eat("exist") || this.eat("overall")) return;
    if (this.sorted() || this.superlative() || this.group() || this.relative()) return;
    if (this.eat("and") || this.isCondition()) return this.condition();
    if (this.eat("named") || this.eat("called") || this.eat("titled")) return this.named();
    const verb = this.word();
    if (verb?.kind === "quoted") {
      const entity = this.home.at(-1);
      if (entity === undefined || !this.valueIn({ ref: "", table: entity, confidence: 1 })) throw this.unread();
      return;
    }
    if (verb !== undefined && verb.pos === "VERB") {
      if (lightVerbs.has(verb.lemma)) this.at++;
      else this.participle(verb);
      return;
    }
    this.place();
  }

  /** "… ? Give me their names." says what to show of what the first sentence is about. */
  private afterthought(): void {
    this.at++;
    if (!openings.some((o) => this.eat(o)) || !this.whole) throw this.unread("one question");
    const phrases = this.elements();
    const shown: Found[] = [];
    for (const element of phrases) {
      if (element.kind !== "phrase" || element.end !== undefined) throw this.unread("what to show");
      shown.push(this.need(this.terms.column(element.phrase, this.home), element.phrase));
    }
    this.columns.splice(0, this.columns.length, ...shown);
  }

  private isCondition(): boolean {
    return this.eat("with") || this.eat("whose") || this.eat("where") || this.eat("having");
  }

  /** "who are …", "that have …", "that is located in …" */
  private relative(): boolean {
    const from = this.at;
    const opened = this.eat("that") || this.eat("which") || this.eat("who");
    if (this.eat("have") || this.eat("has") || this.eat("had")) {
      this.condition();
      return true;
    }
    if (this.eat("is") || this.eat("are") || this.eat("was") || this.eat("were")) {
      if (this.eat("not")) {
        this.eat("in");
        this.eat("from");
        this.valueAnywhere("!=");
        return true;
      }
      const next = this.word();
      if (next !== undefined && next.kind !== "mark" && !boundaries.has(next.lower) && next.pos !== "VERB") {
        this.valueAnywhere("=");
      }
      return true;
    }
    return opened && this.word()?.pos === "VERB" ? true : this.back(from);
  }

  private group(): boolean {
    const from = this.at;
    const word = this.eat("grouped by") || this.eat("by") || this.eat("per");
    if (word) {
      if (this.measures.length === 0 && this.words[from]?.lower === "by") return this.back(from);
      if (this.limit !== undefined && this.order === undefined && this.measures.length === 0) return this.back(from);
    } else {
      this.eat("for") ||
        this.eat("in") ||
        this.eat("of") ||
        this.eat("by") ||
        this.eat("with") ||
        this.eat("at") ||
        this.eat("from");
      const word2 = this.word()?.lower ?? "";
      if (!each.has(word2) && !(word2 === "different" && this.measures.length > 0)) return this.back(from);
    }
    this.skip(each);
    this.skip(distinctWords);
    this.skip(determiners);
    for (;;) {
      this.groupBy(this.tryPhrase());
      const before = this.at;
      if (!this.eat(",") && !this.eat("and")) return true;
      this.eat("and");
      this.eat("by");
      if (this.isElementStart() || this.tryPhrase() === undefined) {
        this.at = before;
        return true;
      }
      this.at = before;
      this.eat(",");
      this.eat("and");
      this.eat("by");
    }
  }

  /** "… does each region have" */
  private doesEach(): boolean {
    const from = this.at;
    if (!(this.eat("does") || this.eat("do") || this.eat("did")) || !this.skip(each)) return this.back(from);
    this.groupBy(this.tryPhrase());
    return this.eat("have") || this.eat("make") || this.eat("get") || this.eat("hold");
  }

  /** "top 5 customers by gross revenue", "top 3 products per region by gross revenue" */
  private rankedBy(): boolean {
    const from = this.at;
    const entity = this.home.at(-1);
    if (this.limit === undefined || this.order !== undefined || this.measures.length > 0 || entity === undefined)
      return false;
    let per: string | undefined;
    if (this.eat("per") || ((this.eat("in") || this.eat("for") || this.eat("of")) && this.skip(each))) {
      per = this.tryPhrase();
      if (per === undefined) return this.back(from);
    }
    if (!this.eat("by")) return this.back(from);
    const [element, second] = this.element();
    if (element === undefined || second !== undefined) throw this.unread("one measure");
    if (element.kind === "phrase") {
      const column = this.need(this.terms.column(element.phrase, [entity]), element.phrase);
      if (per !== undefined || column.table !== entity) throw this.unread("a measure");
      this.order = { by: column.ref, direction: "desc" };
      return true;
    }
    this.byKey(entity);
    this.addMeasure(element.measure);
    if (per === undefined) {
      this.order = { by: "value", direction: "desc" };
      return true;
    }
    const before = this.dimensions.length;
    this.groupBy(per);
    const group = this.dimensions[before];
    if (group === undefined) throw this.unread("what the first ones are of");
    this.top = { n: this.limit, by: "value", per: [group] };
    this.limit = undefined;
    return true;
  }

  private groupBy(phrase: string | undefined): void {
    if (phrase === undefined) {
      if (this.columns.length === 0) throw this.unread("what to group by");
      return;
    }
    const grain = grains.get(phrase);
    const own = grain === undefined ? undefined : this.terms.column(phrase, this.home);
    if (grain !== undefined && (own === undefined || own.confidence < 0.98)) {
      this.time = { ...this.time, grain };
      return;
    }
    const table = this.terms.table(phrase);
    const column = this.terms.column(phrase, this.home);
    const key =
      table !== undefined &&
      column !== undefined &&
      this.terms.isNumber(column) &&
      this.terms.refersTo(column, table.table);
    const asTable =
      table !== undefined && table.confidence >= 0.9 && (key || column === undefined || column.confidence < 0.95);
    if (!asTable && this.columns.some((c) => this.terms.says(c, phrase))) return;
    const found = asTable ? table : this.need(column, phrase);
    if (asTable) this.take(table);
    // "the types and the number of each type": the column is listed already.
    if (this.columns.some((c) => c.ref === found.ref)) return;
    if (asTable && this.columns.some((c) => c.table === found.table)) return this.byKey(found.table);
    this.dimensions.push(found.ref);
  }

  /** "For each product type, …" */
  private leadingGroup(): void {
    const from = this.at;
    if (!(this.eat("for") || this.eat("in")) || !this.skip(each)) {
      this.at = from;
      return;
    }
    this.first = this.phrase();
    if (!this.eat(",")) throw this.unread("the rest");
    while (openings.some((o) => this.eat(o))) continue;
  }

  private sorted(): boolean {
    const from = this.at;
    this.eat("and");
    this.eat(",");
    const direction = this.direction();
    const said = this.eat("sorted") || this.eat("ordered") || this.eat("sort them") || this.eat("order them");
    if (direction === undefined && !said) return this.back(from);
    const before = direction ?? this.direction();
    const alone = this.eat("alphabetically") || this.eat("lexicographically") || this.eat("in alphabetical order");
    const ordering = this.eat("by") || this.eat("of") || this.eat("according to");
    if (!ordering && !alone && before === undefined) return this.back(from);
    if (!ordering) return this.sortedAlone(before);
    this.skip(determiners);
    const later = this.direction();
    const by = this.orderTerm();
    this.order = { by, direction: before ?? later ?? this.direction() ?? "asc" };
    if (this.eat("alphabetically") || this.eat("lexicographically")) return this.order.direction === "asc";
    return true;
  }

  /** "in descending order", of the one thing that it can be. */
  private sortedAlone(direction: "asc" | "desc" | undefined): boolean {
    const [column, second] = this.columns;
    const [measure, other] = this.measures;
    const by =
      measure === undefined
        ? second === undefined
          ? column?.ref
          : undefined
        : other === undefined
          ? measure.as
          : undefined;
    if (by === undefined) throw this.unread("the order");
    this.order = { by, direction: direction ?? "asc" };
    return true;
  }

  private orderTerm(): string {
    if (counting.some((c) => this.eat(c)) || [...aggregations.keys()].some((a) => this.eat(a))) {
      this.phrase();
      if (this.measures.length !== 1) throw this.unread("the order");
      return this.measures[0]?.as ?? "";
    }
    const phrase = this.phrase();
    if (this.measures.length > 0) throw this.unread("the order");
    return this.need(this.terms.column(phrase, this.home), phrase).ref;
  }

  private direction(): "asc" | "desc" | undefined {
    const from = this.at;
    this.eat("in");
    this.eat("a");
    if (this.eat("descending order") || this.eat("descending") || this.eat("desc")) return "desc";
    if (this.eat("alphabetical order") || this.eat("ascending alphabetical order")) return "asc";
    if (this.eat("ascending order") || this.eat("ascending") || this.eat("asc")) return "asc";
    this.at = from;
    return undefined;
  }

  /** "with the highest salary", "that has the most orders" */
  private superlative(): boolean {
    const from = this.at;
    this.eat("that") || this.eat("which") || this.eat("who");
    const opened = this.eat("with") || this.eat("having") || this.eat("has") || this.eat("have") || this.eat("had");
    if (!opened) return this.back(from);
    this.eat("the");
    const found = [...superlatives].find(([word]) => this.eat(word));
    if (found === undefined) return this.back(from);
    const [word, direction] = found;
    const number = this.eat("number of") || this.eat("amount of");
    this.limit ??= 1;
    const entity = this.home.at(-1);
    if (this.columns.length === 0 || entity === undefined || this.measures.length > 0) throw this.unread("of what");
    const measure = [...aggregations].find(([w]) => this.eat(w))?.[1];
    const phrase = this.phrase();
    const metric = this.terms.metric(phrase);
    if (metric !== undefined) return this.ranked({ term: metric, as: "value" }, entity, direction);
    const column = this.terms.column(number ? `number of ${phrase}` : phrase, [entity]);
    const own =
      column !== undefined && column.table === entity && this.terms.isNumber(column) && column.confidence >= 0.5;
    if (measure !== undefined) {
      const found2 = this.need(column, phrase);
      return this.ranked({ term: found2.ref, agg: measure, as: "value" }, entity, direction);
    }
    if (own && word !== "fewest") {
      this.take(column);
      this.order = { by: column.ref, direction };
      return true;
    }
    if (!number && word !== "most" && word !== "fewest" && word !== "least") throw this.unread(phrase);
    const table = this.need(this.terms.table(phrase), phrase);
    return this.ranked({ term: table.ref, agg: "count", as: "value" }, entity, direction, table.table);
  }

  /** Rows of a table by a measure over what belongs to them: grouped by the table's key, so that namesakes stay apart. */
  private ranked(measure: Measure, entity: number, direction: "asc" | "desc", counted?: number): boolean {
    if (counted !== entity) this.byKey(entity);
    if (counted !== undefined) this.beside(counted);
    this.measures.push(measure);
    this.order = { by: "value", direction };
    return true;
  }

  private byKey(entity: number): void {
    const keys = this.terms.graph.tables[entity]?.primaryKey?.columns ?? [];
    const key = keys.map((k) => this.terms.ref(entity, k)).filter((k) => !this.columns.some((c) => c.ref === k));
    const whole =
      this.columns.every((c) => c.table === entity) && this.columns.some((c) => !keys.includes(c.column?.name ?? ""));
    if (whole) this.dimensions.push(...key);
  }

  /** "salary over 1,000", "more than 3 orders", "name \"X\"", "status Paid" */
  private condition(): void {
    this.skip(determiners);
    if (this.eat("no") || this.eat("not")) throw this.unread("what must not be");
    const first = this.comparison();
    if (first !== undefined) {
      const value = this.number();
      if (value === undefined) throw this.unread("a number");
      return this.countedCondition(first, value);
    }
    const from = this.at;
    const run = this.run();
    for (let k = run.length; k > 0; k--) {
      this.at = from + k;
      const phrase = run
        .slice(0, k)
        .map((w) => w.lower)
        .join(" ");
      const column = this.terms.column(phrase, this.home);
      if (column === undefined || column.confidence < 0.5) continue;
      if (this.compare(column)) {
        this.take(column);
        return;
      }
    }
    this.at = from;
    this.valueAnywhere("=");
  }

  private countedCondition(op: Filter["op"], value: number): void {
    const phrase = this.phrase();
    const column = this.terms.column(phrase, this.home);
    if (
      column !== undefined &&
      this.home.includes(column.table) &&
      this.terms.isNumber(column) &&
      column.confidence >= 0.9
    ) {
      this.take(column);
      this.filters.push({ term: column.ref, op, value });
      return;
    }
    const entity = this.home.at(-1);
    const table = this.need(this.terms.table(phrase), phrase);
    if (entity === undefined || this.columns.length === 0 || this.measures.length > 0) throw this.unread(phrase);
    if (table.table !== entity) this.byKey(entity);
    this.measures.push({ term: table.ref, agg: "count", as: "value" });
    this.having.push({ measure: "value", op: op as ">", value });
  }

  /** What a column is compared with, from here on; false where nothing fits. */
  private compare(column: Found): boolean {
    const from = this.at;
    const copula = this.eat("is") || this.eat("are") || this.eat("was") || this.eat("were") || this.eat("equal to");
    const not = copula && this.eat("not");
    const pattern = patterns.find(([word]) => this.eat(word));
    if (pattern !== undefined) {
      ["the letter", "the word", "the phrase", "the substring", "the string"].some((p) => this.eat(p));
      const word = this.word();
      if (word === undefined || not) throw this.unread("a text");
      this.at++;
      this.filters.push({ term: column.ref, op: pattern[1], value: word.text });
      return true;
    }
    if (this.eat("between")) {
      const low = this.number();
      if (low === undefined || !this.eat("and")) throw this.unread("two numbers");
      const high = this.number();
      if (high === undefined) throw this.unread("two numbers");
      this.filters.push({ term: column.ref, op: "between", value: [low, high] });
      return true;
    }
    const op = this.comparison() ?? (not ? "!=" : "=");
    if (!copula) this.eat("of");
    const number = this.terms.isNumber(column) ? this.number() : undefined;
    if (number !== undefined) {
      const orMore = op === "=" && (this.eat("or more") ? ">=" : this.eat("or less") ? "<=" : undefined);
      this.filters.push({ term: column.ref, op: orMore || op, value: number });
      return true;
    }
    if (op !== "=" && op !== "!=") return this.back(from);
    const value = this.valueOf(column);
    if (value === undefined) return this.back(from);
    const other = this.eat("or") ? this.valueOf(column) : undefined;
    if (this.words[this.at - 1]?.lower === "or") throw this.unread("the alternative");
    if (other !== undefined && op !== "=") throw this.unread("the alternative");
    this.filters.push(
      other === undefined ? { term: column.ref, op, value } : { term: column.ref, op: "in", value: [value, other] },
    );
    return true;
  }

  /** A value of one column, from here on. */
  private valueOf(column: Found): string | number | undefined {
    const word = this.word();
    if (word?.kind === "quoted") {
      this.at++;
      return this.terms.value(word.text, this.home, column)?.value ?? word.text;
    }
    return this.longestValue((text) => this.terms.value(text, this.home, column))?.value;
  }

  /** A stored value, in whatever column holds it. */
  private valueAnywhere(op: "=" | "!="): void {
    const word = this.word();
    if (word?.kind === "quoted") {
      this.at++;
      const found = this.need(this.terms.value(word.text, this.home), `"${word.text}"`);
      this.filters.push({ term: found.ref, op, value: found.value });
      return;
    }
    const found = this.longestValue((text) => {
      const value = this.terms.value(text, this.home);
      return value !== undefined && value.confidence >= 0.3 ? value : undefined;
    });
    if (found === undefined) throw this.unread("a value");
    this.take(found);
    this.filters.push({ term: found.ref, op, value: found.value });
    this.noun(found);
  }

  /** "Ph.D. degree", "Paid status": the value's own column said after it. */
  private noun(found: Found): void {
    const from = this.at;
    const phrase = this.tryPhrase();
    const column = phrase === undefined ? undefined : this.terms.column(phrase, [found.table]);
    if (phrase !== undefined && column?.ref !== found.ref) this.at = from;
  }

  private named(): void {
    const entity = this.home.at(-1);
    const column = entity === undefined ? undefined : this.terms.nameColumn(entity);
    if (column === undefined) return this.valueAnywhere("=");
    if (!this.compare(column)) throw this.unread("the name");
  }

  /** "in Texas", "from the city of Paris", "in 2009", "in department \"Sales\"" */
  private place(): void {
    const from = this.at;
    const preposition = ["in", "from", "at", "on", "for", "of", "within", "during", "since", "by"].find((p) =>
      this.eat(p),
    );
    if (preposition === undefined) throw this.unread();
    this.eat("the");
    const year = this.word();
    if (year?.value !== undefined && year.value >= 1900 && year.value < 2100 && /^\d{4}$/.test(year.lower))
      return this.year(year.value);
    const start = this.at;
    const run = this.run();
    for (let k = run.length; k > 0; k--) {
      this.at = start + k;
      const phrase = run
        .slice(0, k)
        .map((w) => w.lower)
        .join(" ");
      const next = this.word();
      const linked =
        this.eat("of") || this.eat("named") || this.eat("called") || next?.kind === "quoted" || k < run.length;
      if (!linked) continue;
      const column = this.terms.column(phrase, this.home);
      if (column !== undefined && column.confidence >= 0.5 && this.compare(column)) {
        this.take(column);
        return;
      }
      const table = this.terms.table(phrase);
      this.at = start + k;
      this.eat("of") || this.eat("named") || this.eat("called");
      if (table !== undefined && table.confidence >= 0.6 && this.valueIn(table)) return;
    }
    this.at = start;
    if (preposition === "by" && this.measures.length === 0 && this.columns.length > 0) {
      this.at = from;
      throw this.unread();
    }
    this.valueAnywhere("=");
  }

  /** "born in Tehran", "managed by Kyle": the value says which column, less surely than its name would. */
  private participle(verb: TaggedWord): void {
    const from = this.at;
    this.at++;
    const preposition = ["in", "at", "from", "by"].find((p) => this.eat(p));
    this.eat("the");
    if (preposition === undefined || this.word()?.kind === "number") {
      this.at = from;
      throw this.unread();
    }
    this.sure *= participleDoubt;
    this.valueAnywhere("=");
    const last = this.filters.at(-1);
    // A year or a number after a verb may be that of anything.
    if (typeof last?.value === "number") throw new Unread(`"${verb.text}" of what`);
  }

  private valueIn(table: Found): boolean {
    const from = this.at;
    const word = this.word();
    const find = (text: string) => {
      const value = this.terms.value(text, [table.table]);
      return value?.table === table.table ? value : undefined;
    };
    const found = word?.kind === "quoted" ? find(word.text) : this.longestValue(find);
    if (found === undefined) return this.back(from);
    if (word?.kind === "quoted") this.at++;
    this.take(found);
    this.filters.push({ term: found.ref, op: "=", value: found.value });
    return true;
  }

  private year(value: number): void {
    this.at++;
    const column = this.terms.yearColumn(this.home);
    if (column !== undefined) {
      this.take(column);
      this.filters.push({ term: column.ref, op: "=", value });
      return;
    }
    if (this.measures.length === 0 || this.time.range !== undefined) throw this.unread("the year");
    this.time = { ...this.time, range: String(value) };
  }

  // Words

  private longestValue<T>(find: (text: string) => T | undefined): T | undefined {
    const from = this.at;
    let end = from;
    while (end < this.words.length && end - from < maxValueWords && this.words[end]?.kind !== "quoted") {
      const word = this.words[end];
      if (word === undefined || (word.kind === "mark" && !/^[-&/.']$/.test(word.text))) break;
      end++;
    }
    for (; end > from; end--) {
      const [first, last] = [this.words[from], this.words[end - 1]];
      if (first === undefined || last === undefined || boundaries.has(last.lower) || boundaries.has(first.lower))
        continue;
      const text = this.words
        .slice(from, end)
        .map((w, i) => (i > 0 && w.start > (this.words[from + i - 1]?.end ?? 0) ? ` ${w.text}` : w.text))
        .join("");
      const found = find(text);
      if (found !== undefined) {
        this.at = end;
        return found;
      }
    }
    return undefined;
  }

  /** The words of one phrase, at least one. */
  private phrase(): string {
    const phrase = this.tryPhrase();
    if (phrase === undefined) throw this.unread();
    return phrase;
  }

  private tryPhrase(): string | undefined {
    const from = this.at;
    this.skip(determiners);
    const run = this.run();
    if (run.length === 0) {
      this.at = from;
      return undefined;
    }
    return run.map((w) => w.lower).join(" ");
  }

  /** Words up to the next boundary. */
  private run(): readonly TaggedWord[] {
    const from = this.at;
    while (this.at < this.words.length) {
      const word = this.words[this.at] as TaggedWord;
      if (word.kind !== "word" && !(word.kind === "number" && this.at > from)) break;
      if (boundaries.has(word.lower)) break;
      if ((word.pos === "VERB" || word.pos === "AUX") && !this.terms.isName(word.lower)) break;
      this.at++;
    }
    return this.words.slice(from, this.at);
  }

  private isElementStart(): boolean {
    const from = this.at;
    this.eat("the");
    const found = counting.some((c) => this.eat(c)) || [...aggregations.keys()].some((a) => this.eat(a));
    this.at = from;
    return found;
  }

  private comparison(): Filter["op"] | undefined {
    return comparisons.find(([word]) => this.eat(word))?.[1];
  }

  private number(): number | undefined {
    const from = this.at;
    if (this.word()?.pos === "SYM") this.at++;
    const value = this.word()?.value;
    if (value === undefined) this.at = from;
    else this.at++;
    return value;
  }

  private word(): TaggedWord | undefined {
    return this.words[this.at];
  }

  /** Takes some words in a row, where they stand here. */
  private eat(text: string): boolean {
    const wanted = text.split(" ");
    if (!wanted.every((w, i) => this.words[this.at + i]?.lower === w && this.words[this.at + i]?.kind !== "quoted"))
      return false;
    this.at += wanted.length;
    return true;
  }

  private skip(set: ReadonlySet<string>): boolean {
    const from = this.at;
    while (set.has(this.word()?.lower ?? "") && this.word()?.kind !== "quoted") this.at++;
    return this.at > from;
  }

  private back(to: number): false {
    this.at = to;
    return false;
  }

  private near(table: number): void {
    this.home = [...this.home.filter((t) => t !== table), table];
  }

  /** A table that something shown is of: at hand too, behind those that the question is about. */
  private beside(table: number): void {
    if (!this.home.includes(table)) this.home = [table, ...this.home];
  }

  private take(found: Found): void {
    this.sure *= found.confidence;
  }

  /** A thing that must be there, its doubt taken in. */
  private need<T extends Found>(found: T | undefined, phrase: string): T {
    if (found === undefined || found.confidence < 0.2) throw new Unread(`nothing in the schema fits "${phrase}"`);
    this.take(found);
    return found;
  }

  private unread(wanted?: string): Unread {
    const rest = this.words.slice(this.at).map((w) => w.text);
    const where = rest.length === 0 ? "at its end" : `at "${rest.slice(0, 8).join(" ")}${rest.length > 8 ? " …" : ""}"`;
    return new Unread(wanted === undefined ? where : `${where}, where it should say ${wanted}`);
  }

  /** The sentence without its period, comparison and accumulation, which are kept. */
  private withoutTime(sentence: string): string {
    let rest = sentence;
    const compare =
      /,?\s*(?:compared (?:to|with)|versus|vs\.?) (?:the )?(previous|prior|last|preceding) (year|period|quarter|month|week|day)\b/i.exec(
        rest,
      );
    if (compare !== null) {
      this.time = { ...this.time, compare: compare[2]?.toLowerCase() === "year" ? "previous_year" : "previous_period" };
      rest = rest.replace(compare[0], "");
    }
    const running = /\b(?:cumulative|running total of|running)\s+/i.exec(rest);
    if (running !== null) {
      this.time = { ...this.time, cumulative: "all" };
      rest = rest.replace(running[0], "");
    }
    const rolling = /\b(?:rolling|trailing|moving) (\d+)[- ](day|week|month|quarter|year)s?\b/i.exec(rest);
    const unit = rolling?.[2]?.toLowerCase() as TimeGrain | undefined;
    if (rolling !== null && unit !== undefined && Number(rolling[1]) > 1) {
      this.time = { ...this.time, grain: unit, rolling: Number(rolling[1]) };
      rest = rest.replace(rolling[0], "");
    }
    const found = /["“”]/.test(rest) ? undefined : phraseAt(rest, this.context.now);
    if (found === undefined || /^\d{4}$/.test(found.phrase)) return rest;
    this.time = { ...this.time, range: found.phrase };
    return `${rest.slice(0, found.start)} ${rest.slice(found.end)}`.replaceAll(/\s+/g, " ").trim();
  }

  /** A table that the question names and that nothing asked for is of: its rows must be there ("the names of all gymnasts"). */
  private belong(refs: readonly string[]): void {
    for (const table of this.needed) {
      const ref = this.terms.ref(table);
      const key = this.terms.graph.tables[table]?.primaryKey?.columns[0];
      if (refs.some((r) => r === ref || r.startsWith(`${ref}.`))) continue;
      if (key === undefined || this.measures.some((m) => m.agg === undefined))
        throw new Unread(`what ${ref} has to do with it`);
      this.filters.push({ term: this.terms.ref(table, key), op: "is_not_null" });
    }
  }

  private result(): Result<Understood> {
    const { measures, dimensions, columns, filters, having, order, limit, time } = this;
    const grouped = measures.length > 0;
    if (!grouped && (Object.keys(time).length > 0 || dimensions.length > 0))
      throw new Unread("it names a period or groups, and nothing to measure");
    const groups = [...dimensions, ...columns.map((c) => c.ref)];
    this.belong([...groups, ...measures.map((m) => m.term), ...filters.map((f) => f.term)]);
    const intent = {
      ...(grouped ? { measures } : { columns: columns.map((c) => ({ term: c.ref })) }),
      ...(grouped && groups.length > 0 ? { dimensions: [...new Set(groups)].map((term) => ({ term })) } : {}),
      ...(filters.length > 0 ? { filters } : {}),
      ...(having.length > 0 ? { having } : {}),
      ...(Object.keys(time).length > 0 ? { time } : {}),
      ...(order === undefined ? {} : { order_by: [order] }),
      ...(limit === undefined ? {} : { limit }),
      ...(this.top === undefined ? {} : { top: this.top }),
      ...(this.shared ? { share_of_total: measures.map((m) => m.as) } : {}),
      ...(this.distinct && !grouped ? { distinct: true } : {}),
    };
    const parsed = intentSchema.safeParse(intent);
    if (!parsed.success || (!grouped && columns.length === 0)) throw new Unread("its parts do not fit together");
    if (limit !== undefined && order === undefined) throw new Unread("it says how many, and not by what order");
    return ok({ intent: parsed.data, confidence: this.sure });
  }
}

/** How much surer a value is whose column is named than one that stands after a verb. */
const participleDoubt = 0.85;

/** Words in the longest stored value that is looked for. */
const maxValueWords = 8;
