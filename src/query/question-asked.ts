/** What a question asks for: measures, attributes to list, tables to count, and the table they are of. Pure. */

import { Measures, shortFor } from "./question-measures.js";
import { type Measure, Unread } from "./question-reading.js";
import { type Element, hardlyCalled } from "./question-rows.js";
import { counting, determiners, distinctWords, each, grains, splitting } from "./question-words.js";
import type { Found } from "./schema-terms.js";

/** Words that ask for rows one by one. */
const listing: ReadonlySet<string> = new Set(["list", "show", "find", "get", "display", "give", "which", "who"]);

/** A phrase that asks for a key itself. */
export const keyNamed = /(?:^|[ _])(?:ids?|keys?|codes?|numbers?|no)$/;
export class Asked extends Measures {
  protected head(): void {
    const from = this.at;
    const top = this.eatAny("the top", "top", "the first", "first");
    const count = top ? this.number() : undefined;
    if (count === undefined) this.at = from;
    else this.limit = count;
    if (this.mostCommon() || this.whoDid() || this.latest() || this.biggest()) return;
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
    if (!this.eatAny("of", "for", "among", "across")) return this.mostOften(phrase, least ? "asc" : "desc");
    const table = this.need(this.terms.table(this.phrase()), "table");
    this.home = [table.table];
    const column = this.need(this.terms.column(phrase, this.home), phrase);
    return this.byCount(table, column, least ? "asc" : "desc");
  }

  /** "most common diagnosis": of a table to which one other refers, by how often it does. */
  private mostOften(phrase: string, direction: "asc" | "desc"): boolean {
    const table = this.terms.table(phrase);
    const rows = table === undefined || table.confidence < 0.9 ? undefined : this.terms.countedBy(table.table);
    const column = rows === undefined ? this.terms.column(phrase, []) : undefined;
    if (column !== undefined && column.confidence >= 0.9 && this.terms.isColumnName(phrase)) {
      this.home = [column.table];
      // Rows of which it is not known have none in common.
      if (!this.terms.isAlways(column)) this.filters.push({ term: column.ref, op: "is_not_null" });
      return this.byCount({ ref: this.terms.ref(column.table), table: column.table, confidence: 1 }, column, direction);
    }
    if (table === undefined || rows === undefined) throw this.unread("of what");
    this.home = [table.table];
    return this.byCount(rows, table, direction);
  }

  /** The first group by how many rows it has. */
  private byCount(rows: Found, group: Found, direction: "asc" | "desc"): true {
    this.dimensions.push(group.ref);
    this.measures.push({ term: rows.ref, agg: "count", as: "count" });
    this.order = { by: "count", direction };
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
    this.refuseRatio();
    const share = this.share() ?? this.howMuch();
    if (share !== undefined) return [share];
    const metric = this.metricHere();
    if (metric !== undefined) return [metric];
    const listed = this.aggregated();
    if (listed !== undefined) return listed;
    this.skip(determiners);
    if (counting.some((c) => this.eat(c)) || this.numbersOfEach()) return [this.counted()];
    if (this.eat("headcount")) return [this.countEmployed(this.need(this.terms.table("employees"), "headcount"))];
    this.skip(determiners);
    const distinct = this.skip(distinctWords);
    const grain = grains.get(this.word()?.lower ?? "");
    if (
      grain !== undefined &&
      this.word()?.lower !== grain &&
      !this.isNamedSo() &&
      !this.isShortFor() &&
      !this.isKept()
    ) {
      this.at++;
      this.time = { ...this.time, grain };
    }
    const end = this.numberedExtreme() ?? this.extreme();
    const again = end === undefined ? this.metricHere() : undefined;
    if (again !== undefined) return [again];
    const said = this.phraseBeforeVerb();
    // "monthly sales trend": over those months.
    const phrase =
      this.time.grain === undefined || this.terms.isColumnName(said) ? said : said.replace(/ trends?$/, "");
    return [{ kind: "phrase", phrase, distinct, ...(end === undefined ? {} : { end }) }];
  }

  /** "headcount": who is employed today, where from when until when is known. */
  private countEmployed(employees: Found): Element {
    this.isOfDay = true;
    if (this.terms.holdsFromTo(employees.table))
      this.filters.push({ term: employees.ref, op: "as_of", value: "today" });
    return this.countRows(employees);
  }

  /** "the ratio of open tickets to closed ones" is of two measures, which an intent has one by one. */
  private refuseRatio(): void {
    const from = this.at;
    this.skip(determiners);
    const isRatio = this.eat("ratio of") && !this.terms.isColumnName("ratio");
    this.at = from;
    if (isRatio) throw new Unread("a ratio is of two measures: ask for both, or name a metric");
  }

  /** "annual subscriptions", where rows of a table are so by what they store, not by when they were. Eats nothing. */
  private isKept(): boolean {
    const from = this.at;
    const { some } = this.terms.rowsMeant(this.tryPhrase(), 1);
    this.at = from;
    return some?.value !== undefined && some.value.table === some.table.table;
  }

  /** "the numbers of wines for different grapes": without what splits them up they may be what wines are numbered by. */
  private numbersOfEach(): boolean {
    const from = this.at;
    if (!this.eat("numbers of")) return false;
    const isSplit = this.words.slice(this.at).some(({ lower }) => each.has(lower) || splitting.has(lower));
    return isSplit || this.back(from);
  }

  /** Whether groups follow ("credits granted by reason"). Eats nothing. */
  private isGroupAhead(): boolean {
    return ["by", "per"].includes(this.word()?.lower ?? "");
  }

  /** Of "hotels opened after 2012" the hotels alone: the verb says which of their times the period is of. */
  private phraseBeforeVerb(): string {
    const from = this.at;
    const phrase = this.phrase();
    const verb = this.words[this.at - 1];
    const dated =
      verb !== undefined &&
      (this.isYearAhead() || this.isGroupAhead() || (this.time.range !== undefined && this.isPeriodOf(verb)));
    if (this.at - from < 2 || !dated) return phrase;
    const shorter = phrase.split(" ").slice(0, -1).join(" ");
    const { table } = this.terms.rowsMeant(shorter === "" ? undefined : shorter, hardlyCalled);
    const time = table === undefined || table.confidence < 0.9 ? undefined : this.terms.timeCalled(verb, [table.table]);
    if (time === undefined) return phrase;
    // "credits granted by reason": all of them were.
    const saysNothing = this.isGroupAhead() && this.time.range === undefined && this.terms.isAlways(time);
    if (!saysNothing) this.at--;
    return shorter;
  }

  /** "share of gross revenue" */
  private share(): Element | undefined {
    const from = this.at;
    this.skip(determiners);
    if (!["share of", "percentage of", "percent of"].some((w) => this.eat(w))) return undefined;
    const [said, second] = this.element();
    const rows = said?.kind === "phrase" && !said.distinct ? this.terms.table(said.phrase) : undefined;
    const element = rows !== undefined && rows.confidence >= 0.9 ? this.countRows(rows) : this.amountOfAll(said);
    if (element?.kind !== "measure" || second !== undefined) {
      this.at = from;
      throw this.unread("a measure to take the share of");
    }
    this.shared = true;
    return element;
  }

  /** "share of sales amount": a column of numbers, added up. */
  private amountOfAll(said: Element | undefined): Element | undefined {
    const column = said?.kind === "phrase" && !said.distinct ? this.terms.column(said.phrase, this.home) : undefined;
    const isAmount = column !== undefined && column.confidence >= shortFor && this.terms.isAmount(column);
    if (!isAmount || !this.terms.isAdded(column)) return said;
    this.take(column);
    this.near(column.table);
    return { kind: "measure", measure: { term: column.ref, agg: "sum" }, home: column.table };
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
    if (this.limit !== undefined || this.columns.length > 0) return undefined;
    const money = this.asksRows() ? undefined : this.moneyOf(element.phrase);
    if (money !== undefined) return money;
    if (!(this.isSplit() || this.isTotalOf(element.phrase))) return undefined;
    const table = this.terms.table(element.phrase);
    const some = this.someAmount(element.phrase);
    if (some !== undefined) return some;
    const entity = this.home.at(-1);
    const whole =
      entity !== undefined && this.terms.isWholeAmount(element.phrase) ? this.amountMeant(entity) : undefined;
    const column = whole ?? this.terms.column(element.phrase, this.home);
    // A table that is only called after it gives way to the amount that is called so ("budget": `budget_amt`, not `budget_lines`).
    const isCalled = column !== undefined && column.confidence >= shortFor && !this.terms.isNamed(element.phrase);
    if (column === undefined || (!isCalled && (table?.confidence ?? 0) >= column.confidence) || column.confidence < 0.5)
      return undefined;
    if (!this.terms.isAmount(column)) return undefined;
    this.take(column);
    this.near(column.table);
    return { term: column.ref };
  }

  /** "list sales over 500": rows, whatever they tell of. */
  private asksRows(): boolean {
    return listing.has(this.words[0]?.lower ?? "");
  }

  /** "What is the total amount of open invoices?" asks for one number, though each of them has a column of that name. */
  private isTotalOf(phrase: string): boolean {
    const [first, second] = this.words.map((w) => w.lower);
    const asksOne = first === "total" || (first === "what" && ["is", "was", "'s"].includes(second ?? ""));
    return asksOne && /^(?:total|sum) /.test(phrase) && this.home.length > 0;
  }

  /** Whether what follows splits up or bounds an amount: "by …", "per …", "for each …", "in 2024", a period that was said. Eats nothing. */
  private isSplit(): boolean {
    if (this.time.range !== undefined || this.time.grain !== undefined || this.first !== undefined) return true;
    const from = this.at;
    const grouped = this.eatAny("by", "per", "grouped by") || (this.eatAny("for", "in", "of") && this.skip(each));
    this.at = from;
    const isYear = (w: string | undefined) => /^(?:19|20)\d{2}$/.test(w ?? "");
    const dated = this.words.some((w, i) => i >= from && w.lower === "in" && isYear(this.words[i + 1]?.lower));
    return grouped || dated;
  }

  private listed(element: Extract<Element, { kind: "phrase" }>, next: Element | undefined): void {
    if (element.distinct) this.distinct = true;
    const { table, some } = this.terms.rowsMeant(element.phrase, hardlyCalled);
    if (table !== undefined && table.confidence >= 0.9 && !this.home.includes(table.table)) {
      // "customers for each region": the regions would have to be shown as well.
      if (this.perEach) throw new Unread(`what to show of each one beside ${table.ref}`);
      this.take(table);
      // "the department of the employee with id 10": what follows is said of the employee.
      if (this.needed.size > 0) this.beside(table.table);
      else this.near(table.table);
      if (some !== undefined) this.keep(some);
      this.showRows(table, next === undefined && this.needed.size === 0);
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
    const found = this.need(best, element.phrase);
    // "orders" by their number, which stands on each line of them.
    if (this.terms.isNumbered(found, element.phrase)) this.distinct = true;
    // "the account manager of …": who that is, not the key.
    const role = keyNamed.test(element.phrase) ? undefined : this.terms.roleOf(found);
    if (role === undefined) return this.list(found);
    this.beside(found.table);
    this.columns.push(...role.names);
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
