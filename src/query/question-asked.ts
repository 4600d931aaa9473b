/** What a question asks for: measures, attributes to list, tables to count, and the table they are of. Pure. */

import { Conditions } from "./question-conditions.js";
import { type Measure, Unread } from "./question-reading.js";
import type { SomeRows } from "./question-terms.js";
import {
  aggregations,
  births,
  boundaries,
  counting,
  determiners,
  distinctWords,
  each,
  extremes,
  grains,
  openings,
} from "./question-words.js";
import type { Found } from "./schema-terms.js";

export type Element =
  | { readonly kind: "measure"; readonly measure: Measure; readonly home?: number }
  | { readonly kind: "phrase"; readonly phrase: string; readonly distinct: boolean; readonly end?: string };

/** A table less surely called so gives way to some of another's rows that are. */
const hardlyCalled = 0.5;
/** How surely attributes are of a table that stands behind them. */
const sureEntity = 0.6;

export class Asked extends Conditions {
  /** What is listed is said to be of each of some rows. */
  private perEach = false;

  protected head(): void {
    const from = this.at;
    const top = this.eatAny("the top", "top", "the first", "first");
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
    if (!this.eatAny("of", "for", "among", "across")) throw this.unread("of what");
    const table = this.need(this.terms.table(this.phrase()), "table");
    this.home = [table.table];
    this.dimensions.push(this.need(this.terms.column(phrase, this.home), phrase).ref);
    this.measures.push({ term: table.ref, agg: "count", as: "count" });
    this.order = { by: "count", direction: least ? "asc" : "desc" };
    this.one();
    return true;
  }

  /** "the name, the average age and the number of orders" */
  protected elements(): readonly Element[] {
    const list: Element[] = [...this.element()];
    for (;;) {
      const from = this.at;
      const comma = this.eat(",");
      const and = this.eatAny("and", "as well as");
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

  protected element(): readonly Element[] {
    this.eat("also");
    this.eat("both");
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
    if (grain !== undefined && this.word()?.lower !== grain && !this.isNamedSo()) {
      this.at++;
      this.time = { ...this.time, grain };
    }
    const end = this.numberedExtreme() ?? this.extreme();
    const again = end === undefined ? this.metricHere() : undefined;
    if (again !== undefined) return [again];
    const phrase = this.phraseBeforeVerb();
    return [{ kind: "phrase", phrase, distinct, ...(end === undefined ? {} : { end }) }];
  }

  /** Of "hotels opened after 2012" the hotels alone: the verb says which of their times the period is of. */
  private phraseBeforeVerb(): string {
    const from = this.at;
    const phrase = this.phrase();
    const verb = this.words[this.at - 1];
    const dated =
      verb !== undefined && (this.isYearAhead() || (this.time.range !== undefined && this.isPeriodOf(verb)));
    if (this.at - from < 2 || !dated) return phrase;
    const shorter = phrase.split(" ").slice(0, -1).join(" ");
    const table = shorter === "" ? undefined : this.terms.table(shorter);
    const isTheirs =
      table !== undefined && table.confidence >= 0.9 && this.terms.timeCalled(verb, [table.table]) !== undefined;
    if (!isTheirs) return phrase;
    this.at--;
    return shorter;
  }

  /** A metric of the glossary, "total" or not. */
  private metricHere(): Element | undefined {
    const from = this.at;
    this.skip(determiners);
    const rest = () => this.words.slice(this.at).map((w) => (w.kind === "word" ? w.lower : "?"));
    let found = this.terms.metricAt(rest());
    if (found === undefined && this.eatAny("total", "overall")) found = this.terms.metricAt(rest());
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
    const [said, second] = this.element();
    const rows = said?.kind === "phrase" && !said.distinct ? this.terms.table(said.phrase) : undefined;
    const element = rows !== undefined && rows.confidence >= 0.9 ? this.countRows(rows) : said;
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
    const aggs = this.isNamedSo() ? [] : this.aggregateWords();
    if (aggs.length === 0 || this.isAlone(from)) {
      this.at = from;
      return undefined;
    }
    const of = this.eat("of");
    this.eat("value of");
    this.skip(determiners);
    if (this.eat("amount of")) return [this.amountOf(aggs)];
    const [only, second] = aggs;
    const whole =
      of && only === "sum" && second === undefined ? this.amountIn(["total", "total amount"], only) : undefined;
    if (whole !== undefined) return [whole];
    if (this.eat("number of")) {
      const phrase = this.countable();
      return aggs.map((agg) => this.numberOf(phrase, agg));
    }
    const phrases = aggs.length === 1 ? this.attributes() : [this.phrase()];
    this.entity();
    return phrases.flatMap((phrase) => aggs.map((agg) => this.aggregate(phrase, agg)));
  }

  /** "total amount of invoices": the one column of their table that is called so, the table's own words and units aside. */
  private amountOf(aggs: readonly NonNullable<Measure["agg"]>[]): Element {
    const [agg, second] = aggs;
    const named = agg === "sum" ? ["total amount", "amount"] : ["amount"];
    const amount = agg === undefined || second !== undefined ? undefined : this.amountIn(named, agg);
    if (amount === undefined) throw this.unread("of which column");
    return amount;
  }

  /** The first of some names that is a column's of the table that stands here; eats nothing where there is none. */
  private amountIn(names: readonly string[], agg: NonNullable<Measure["agg"]>): Element | undefined {
    const from = this.at;
    const phrase = this.tryPhrase();
    const { table, some } = this.terms.rowsMeant(phrase, 0);
    const column = table && names.flatMap((name) => this.terms.ownColumn(name, table.table) ?? [])[0];
    if (table === undefined || column === undefined || table.confidence < 0.9) {
      this.at = from;
      return undefined;
    }
    this.take(table);
    if (some !== undefined) this.keep(some);
    return this.aggregate(column.ref, agg);
  }

  private aggregateWords(): readonly NonNullable<Measure["agg"]>[] {
    const aggs: NonNullable<Measure["agg"]>[] = [];
    for (;;) {
      const before = this.at;
      // A second one needs an "and": in "sum of total" the other word is a column's name.
      const joined = aggs.length === 0 || [this.eat(","), this.eat("and")].includes(true);
      const found = joined ? [...aggregations].find(([word]) => this.eat(word)) : undefined;
      if (found === undefined) {
        this.at = before;
        return aggs;
      }
      aggs.push(found[1]);
    }
  }

  /** "rating and resolution": phrases in a row, up to one that asks for something else. */
  private attributes(): readonly string[] {
    const phrases = [this.phrase()];
    for (;;) {
      const before = this.at;
      this.eat(",");
      this.eat("and");
      const more = this.at === before || this.isElementStart() ? undefined : this.tryPhrase();
      if (more === undefined) {
        this.at = before;
        return phrases;
      }
      phrases.push(more);
    }
  }

  /** "top 3 customers by total": the word is a column's own name where nothing follows that it could be taken of. */
  private isAlone(from: number): boolean {
    const next = this.word();
    const ends = next === undefined || (boundaries.has(next.lower) && next.lower !== "of");
    return ends && this.at === from + 1 && this.terms.isName(this.words[from]?.lower ?? "");
  }

  /** "total points", where a column is called so. */
  private isNamedSo(): boolean {
    const from = this.at;
    const phrase = this.tryPhrase() ?? "";
    this.at = from;
    return phrase.includes(" ") && this.terms.isColumnName(phrase);
  }

  /** "3 oldest" */
  private numberedExtreme(): string | undefined {
    const from = this.at;
    const count = this.limit === undefined && this.columns.length === 0 ? this.number() : undefined;
    const end = count === undefined ? undefined : this.extreme();
    if (end === undefined) this.at = from;
    else this.limit = count;
    return end;
  }

  /** "oldest", "cheapest": an end of an order, kept until the table is known. */
  private extreme(): string | undefined {
    return [...extremes.keys()].find((word) => this.eat(word));
  }

  private orderByExtreme(word: string, table: number): void {
    const [words, direction] = extremes.get(word) ?? [[], "asc" as const];
    const column = this.terms.oneOf(words, [table]);
    // Who was born first is the oldest.
    const born = column === undefined && words.includes("age") ? this.terms.oneOf(births, [table]) : undefined;
    const by = column ?? born;
    if (by === undefined || this.measures.length > 0) throw new Unread(`no column says which is ${word}`);
    const turned = direction === "asc" ? "desc" : "asc";
    this.order = { by: by.ref, direction: born === undefined ? direction : turned };
    this.one();
  }

  private aggregate(phrase: string, agg: NonNullable<Measure["agg"]>): Element {
    const found = this.amountOfTable(phrase, agg) ?? this.need(this.terms.column(phrase, this.home), phrase);
    const isAmount = this.terms.isNumber(found) && !this.terms.isKey(found);
    if (!isAmount && (agg === "sum" || agg === "avg" || agg === "median")) {
      throw new Unread(`${found.ref} holds no numbers to take the ${agg} of`);
    }
    this.near(found.table);
    return { kind: "measure", measure: { term: found.ref, agg }, home: found.table };
  }

  /** "total charges": of a table that is called so, its one amount, where no column is. */
  private amountOfTable(phrase: string, agg: NonNullable<Measure["agg"]>): Found | undefined {
    const table = agg === "sum" || agg === "avg" ? this.terms.table(phrase) : undefined;
    if (table === undefined || table.confidence < 0.9 || this.terms.isColumnName(phrase)) return undefined;
    const amount = this.terms.onlyAmount(table.table);
    if (amount !== undefined) this.take(amount);
    return amount;
  }

  /** "the average number of rooms": a column that holds numbers of them, never a guess at counts of counts. */
  private numberOf(phrase: string, agg: NonNullable<Measure["agg"]>): Element {
    this.entity();
    const column = this.terms.column(`number of ${phrase}`, this.home);
    const counts =
      column !== undefined &&
      this.terms.isNumber(column) &&
      !this.terms.isKey(column) &&
      column.confidence >= 0.5 &&
      this.terms.says(column, phrase);
    const table = agg === "sum" ? this.terms.table(phrase) : undefined;
    // Rows of a table, or what another table says of how many there are.
    if (counts && table !== undefined && table.confidence >= 0.9 && !this.home.includes(column.table))
      throw new Unread(`the number of ${phrase} may be ${column.ref}`);
    if (counts) return this.aggregate(`number of ${phrase}`, agg);
    if (table === undefined) throw new Unread(`no column holds a number of ${phrase}`);
    return this.countRows(table);
  }

  private counted(): Element {
    this.skip(determiners);
    const distinct = this.skip(distinctWords);
    const phrase = this.countable();
    const metric = this.terms.metric(`number of ${phrase}`);
    if (metric !== undefined && !distinct) return { kind: "measure", measure: { term: metric } };
    const table = this.terms.table(phrase);
    // A table whose rows tell numbers of what it is called after ("faculty" of each year) does not hold them one by one.
    const tells = table === undefined ? undefined : this.terms.ownNumber(phrase, table.table);
    if (tells !== undefined) throw new Unread(`the number of ${phrase} may be ${tells.ref}`);
    // A table's own column is no tally of its rows: an invoice's total counts no invoices.
    const tallied = ["number of", "total"]
      .map((w) => this.terms.column(`${w} ${phrase}`, []))
      .find((c) => c !== undefined && c.confidence >= 0.9 && c.table !== table?.table);
    if (tallied !== undefined && this.terms.isNumber(tallied))
      throw new Unread(`the number of ${phrase} may be ${tallied.ref}`);
    if (table !== undefined && table.confidence >= 0.9 && (!distinct || this.terms.isEntity(table.table)))
      return this.countRows(table);
    const told = (table?.confidence ?? 0) < hardlyCalled ? this.terms.someOf(phrase) : undefined;
    if (told !== undefined) return this.countSome(told);
    this.entity();
    const column = this.terms.column(phrase, this.home);
    if (column !== undefined && (table === undefined || column.confidence > table.confidence)) {
      if (this.terms.isNumber(column) && !this.terms.isKey(column) && !distinct)
        throw new Unread(`the number of ${phrase} may be ${column.ref}`);
      this.take(column);
      this.near(column.table);
      return { kind: "measure", measure: { term: column.ref, agg: "count_distinct" }, home: column.table };
    }
    return this.countRows(this.need(table, phrase));
  }

  private countSome(some: SomeRows): Element {
    this.keep(some);
    return this.countRows(some.table);
  }

  private countRows(table: Found): Element {
    this.take(table);
    this.near(table.table);
    return { kind: "measure", measure: { term: table.ref, agg: "count" }, home: table.table };
  }

  /** "of all students": the table that attributes before it are of. Only a table is taken; else nothing is eaten. */
  protected entity(listing = false): void {
    const from = this.at;
    if (!this.eat("of") && !this.eat("for") && !this.eat("across") && !this.eat("among")) return;
    if (each.has(this.word()?.lower ?? "") || this.word()?.lower === "different") {
      if (!listing) {
        this.at = from;
        return;
      }
      this.skip(each);
      this.perEach = true;
    }
    this.skip(determiners);
    if (this.skip(distinctWords)) this.distinct = listing;
    const topped = this.limit === undefined && listing && this.eatAny("top", "first");
    const count = topped ? this.number() : undefined;
    const end = this.extreme();
    const phrase = topped && count === undefined ? undefined : this.entityPhrase();
    const { table, some } = this.terms.rowsMeant(phrase, sureEntity);
    if (table === undefined || table.confidence < sureEntity) {
      this.at = from;
      return;
    }
    if (count !== undefined) this.limit = count;
    this.take(table);
    this.near(table.table);
    this.needed.add(table.table);
    if (some !== undefined) this.keep(some);
    if (end !== undefined) this.orderByExtreme(end, table.table);
  }

  /** What is counted: a column as it is called, else a table without a verb after it ("students enrolled"). */
  private countable(): string {
    const from = this.at;
    const whole = this.phrase();
    if (this.terms.isColumnName(whole)) return whole;
    this.at = from;
    return this.entityPhrase() ?? whole;
  }

  /** "the name, id and number of visits for each attraction": the attributes are of what is grouped by. Eats nothing. */
  private groupAhead(): void {
    const from = this.at;
    if ((this.eatAny("for", "of", "in", "by") && this.skip(each)) || this.eat("per")) {
      const phrase = this.tryPhrase();
      const table = phrase === undefined ? undefined : this.terms.table(phrase);
      if (table !== undefined && table.confidence >= 0.9) this.near(table.table);
    }
    this.at = from;
  }

  /** What the elements are once all are known: measures, and columns to list or to group by. */
  private settle(elements: readonly Element[]): void {
    this.entity(elements.every((e) => e.kind === "phrase"));
    this.groupAhead();
    const amount = this.amount(elements);
    if (amount !== undefined) {
      this.addMeasure(amount);
      return;
    }
    for (const [i, element] of elements.entries()) {
      if (element.kind === "measure") this.addMeasure(element.measure);
      else this.listed(element, elements[i + 1]);
    }
  }

  /** "invoice total by month", "refunds per region in 2024": one column of numbers, split up, is added up; a rate is asked about by the builder. */
  private amount(elements: readonly Element[]): Measure | undefined {
    const [element, second] = elements;
    if (element?.kind !== "phrase" || second !== undefined || element.distinct || element.end !== undefined)
      return undefined;
    if (this.limit !== undefined || this.columns.length > 0 || !(this.isSplit() || this.isTotalOf(element.phrase)))
      return undefined;
    const table = this.terms.table(element.phrase);
    const column = this.terms.column(element.phrase, this.home);
    if (column === undefined || (table?.confidence ?? 0) >= column.confidence || column.confidence < 0.5)
      return undefined;
    if (!this.terms.isNumber(column) || this.terms.isKey(column)) return undefined;
    this.take(column);
    this.near(column.table);
    return { term: column.ref };
  }

  /** "What is the total amount of open invoices?" asks for one number, though each of them has a column of that name. */
  private isTotalOf(phrase: string): boolean {
    const [first, second] = this.words.map((w) => w.lower);
    const asksOne = first === "what" && ["is", "was", "'s"].includes(second ?? "");
    return asksOne && /^(?:total|sum) /.test(phrase) && this.home.length > 0;
  }

  /** Whether what follows splits up or bounds an amount: "by …", "per …", "for each …", "in 2024", a period that was said. Eats nothing. */
  private isSplit(): boolean {
    if (this.time.range !== undefined || this.time.grain !== undefined || this.first !== undefined) return true;
    const from = this.at;
    const grouped = this.eatAny("by", "per", "grouped by") || (this.eatAny("for", "in", "of") && this.skip(each));
    this.at = from;
    const dated = this.eat("in") && /^(?:19|20)\d{2}$/.test(this.word()?.lower ?? "");
    this.at = from;
    return grouped || dated;
  }

  /** "… ? Give me the flight id." */
  private saysWhatToShow(): boolean {
    const at = this.words.findIndex((w, i) => i >= this.at && w.kind === "mark" && /^[?.!;]$/.test(w.text));
    return at >= 0 && openings.some((o) => this.words[at + 1]?.lower === o.split(" ")[0]);
  }

  private listed(element: Extract<Element, { kind: "phrase" }>, next: Element | undefined): void {
    if (element.distinct) this.distinct = true;
    const { table, some } = this.terms.rowsMeant(element.phrase, hardlyCalled);
    if (table !== undefined && table.confidence >= 0.9 && !this.home.includes(table.table)) {
      // "customers for each region": the regions would have to be shown as well.
      if (this.perEach) throw new Unread(`what to show of each one beside ${table.ref}`);
      this.take(table);
      this.near(table.table);
      if (some !== undefined) this.keep(some);
      const names = this.terms.nameColumns(table.table);
      if (names.length === 0 && !this.saysWhatToShow())
        throw new Unread(`it does not say what to show of ${table.ref}`);
      this.columns.push(...names);
      this.whole = true;
      if (element.end !== undefined) this.orderByExtreme(element.end, table.table);
      return;
    }
    if (element.end !== undefined) throw new Unread(`"${element.end}" of what it says not`);
    const parts = this.fullName(element.phrase);
    if (parts.length > 1) {
      for (const part of parts) this.list(part);
      return;
    }
    const alone = this.terms.column(element.phrase, this.home);
    const shared = next?.kind === "phrase" ? `${element.phrase} ${next.phrase.split(" ").at(-1)}` : undefined;
    const joined = shared === undefined ? undefined : this.terms.column(shared, this.home);
    const better = joined !== undefined && joined.confidence > (alone?.confidence ?? 0);
    const best = better && this.terms.says(joined, element.phrase) ? joined : alone;
    const metrics = this.terms.metricsLike(element.phrase);
    if (metrics.length > 0 && (best?.confidence ?? 0) < 0.95) {
      throw new Unread(`"${element.phrase}" may be ${metrics.join(", ")}`, metrics);
    }
    this.list(this.need(best, element.phrase));
  }

  private list(found: Found): void {
    if (this.columns.some((c) => c.ref === found.ref)) throw new Unread(`two of its phrases seem to mean ${found.ref}`);
    this.beside(found.table);
    this.columns.push(found);
  }

  /** "the full names of customers", where they are kept in parts: all of these, never one of them. */
  private fullName(phrase: string): readonly Found[] {
    const entity = this.home.at(-1);
    if (entity === undefined || !/^(?:full )?names?$/.test(phrase)) return [];
    if (["full name", "name"].some((name) => this.terms.ownColumn(name, entity) !== undefined)) return [];
    const names = this.terms.nameColumns(entity);
    return phrase.startsWith("full") || names.every((c) => c.confidence >= 0.9) ? names : [];
  }

  protected addMeasure(measure: Measure): void {
    if (this.measures.some((m) => m.term === measure.term && m.agg === measure.agg))
      throw new Unread(`two of its phrases seem to mean ${measure.term}`);
    const as = this.measures.length === 0 ? "value" : `value_${this.measures.length + 1}`;
    this.measures.push({ ...measure, as });
  }
}
