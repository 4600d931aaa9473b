/** By what a question groups, and in which order it wants the groups or rows: "per region", "top 3 …", "with the most orders". Pure. */

import type { TaggedWord } from "../terms/tagging.js";
import { Asked, keyNamed } from "./question-asked.js";
import { shortFor } from "./question-measures.js";
import type { Measure } from "./question-reading.js";
import { hardlyCalled } from "./question-rows.js";
import {
  aggregations,
  counting,
  determiners,
  distinctWords,
  each,
  grains,
  highEnds,
  linkingVerbs,
  lowEnds,
  newEnds,
  oldEnds,
  openings,
  superlatives,
} from "./question-words.js";
import type { Found } from "./schema-terms.js";
import { saysMoney, saysSeveral } from "./words.js";

/** What a thing does with what is counted. */
const having: ReadonlySet<string> = new Set(["have", "has", "had", "make", "get", "hold"]);

const descending: readonly string[] = [
  "descending alphabetical order",
  "reverse alphabetical order",
  "descending order",
  "descending",
  "desc",
];

/** How surely a table is called so whose rows are counted by what was done to them. */
const surelyCounted = 0.9;

/** How sure it is that rows are counted which have an amount or a total: it is asked back. */
const countedSure = 0.45;

export class Groups extends Asked {
  protected group(): boolean {
    const from = this.at;
    const isDone = this.done || this.words[from - 1]?.pos === "VERB";
    if (isDone && this.isDoer(from)) return false;
    if ((isDone || this.measures.length === 0) && this.doneBy()) return true;
    const word = this.eatAny("grouped by", "broken down by", "split by", "by", "per");
    if (word) {
      if (this.limit === undefined) this.countListed();
      if (this.measures.length === 0 && this.words[from]?.lower === "by") return this.back(from);
      if (this.limit !== undefined && this.order === undefined && this.measures.length === 0) return this.back(from);
    } else {
      this.eatAny("for", "in", "of", "by", "with", "at", "from", "to", "on", "through");
      const word2 = this.word()?.lower ?? "";
      if (!each.has(word2) && !(word2 === "different" && this.measures.length > 0)) return this.back(from);
    }
    this.skip(each);
    this.skip(distinctWords);
    this.skip(determiners);
    const lists = this.measures.length === 0;
    for (;;) {
      const phrase = this.kindOf(this.tryPhrase());
      // "the name of every city": whose name, where the city is no more than a column?
      if (lists && phrase !== undefined && this.isUnlisted(phrase)) return this.back(from);
      this.groupBy(phrase, this.words[from]?.lower !== "by");
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

  /** "active subscriptions by plan": rows that are split up are counted, less surely where an amount of theirs might be added up. */
  private countListed(): void {
    const entity = this.home.at(-1);
    if (entity === undefined || !this.whole || this.measures.length > 0 || this.needed.size > 0) return;
    this.refuseTallies(entity);
    this.columns.splice(0);
    this.whole = false;
    // "inventory by category": what there is, not how many rows tell of it.
    const stock = this.terms.stock(entity);
    if (stock !== undefined) {
      this.measures.push({ term: stock.ref, as: "value" });
      return;
    }
    if (this.terms.calledAmount(entity) !== undefined) this.sure *= countedSure;
    this.measures.push({ term: this.terms.ref(entity), agg: "count", as: "value" });
  }

  /** "paid by card": how it was done, where that is stored and nothing is called so. */
  private doneBy(): boolean {
    const from = this.at;
    const phrase = this.eat("by") ? this.tryPhrase() : undefined;
    const isName = phrase === undefined || this.terms.isColumnName(phrase) || this.terms.table(phrase) !== undefined;
    const value = isName ? undefined : this.terms.stored(phrase, this.home);
    if (value === undefined) return this.back(from);
    this.take(value);
    this.only(value);
    return true;
  }

  /** Whether a phrase is neither a table nor said by a column that is listed. */
  private isUnlisted(phrase: string): boolean {
    const isTable = (this.terms.table(phrase)?.confidence ?? 0) >= 0.6;
    return !isTable && !this.columns.some((c) => this.terms.says(c, phrase));
  }

  /** "type of food": a food type, where a column is called so. */
  private kindOf(phrase: string | undefined): string | undefined {
    const from = this.at;
    const of = phrase !== undefined && this.eat("of") ? this.tryPhrase() : undefined;
    const whole = `${of} ${phrase}`;
    const column = of === undefined ? undefined : this.terms.column(whole, this.home);
    if (column !== undefined && column.confidence >= 0.9) return whole;
    this.at = from;
    return phrase;
  }

  /** "… does each region have" */
  protected doesEach(): boolean {
    const from = this.at;
    if (!this.eatAny("does", "do", "did") || !this.skip(each)) return this.back(from);
    const phrase = this.tryPhrase();
    const last = this.words[this.at - 1];
    const dated = last !== undefined && this.isDoneBy(phrase, last);
    // The verb may be taken for a noun: "does each department offer", "did each customer open".
    const asNoun = last !== undefined && (dated || (linkingVerbs.has(last.lemma) && !this.terms.isName(last.lower)));
    this.groupBy(asNoun ? phrase?.split(" ").slice(0, -1).join(" ") : phrase);
    if (!asNoun && !this.eatDoing()) throw this.unread("what each one does");
    if (dated) this.dated(last);
    return true;
  }

  /** "customer open": whether the last word of a phrase is a verb that a time of what is counted is called after, behind a table's name. */
  private isDoneBy(phrase: string | undefined, last: TaggedWord): boolean {
    const rows = phrase?.split(" ").slice(0, -1).join(" ") ?? "";
    const isRows = rows !== "" && (this.terms.table(rows)?.confidence ?? 0) >= 0.9;
    const time = isRows ? this.terms.timeCalled(last, this.home) : undefined;
    return time !== undefined && this.terms.isAlways(time);
  }

  /** "have", "publish": what a thing does with what is counted. */
  private eatDoing(): boolean {
    const verb = this.word();
    if (verb === undefined || !(having.has(verb.lower) || linkingVerbs.has(verb.lemma) || this.addsNothing(verb)))
      return false;
    this.at++;
    return true;
  }

  /** "… does the customer Alfreds have", "… do cities have": rows of one thing, or of all. */
  protected doesOne(): boolean {
    const from = this.at;
    if (this.measures.length === 0 || !this.eatAny("does", "do", "did")) return this.back(from);
    this.skip(determiners);
    if (!(this.namedValue() || this.allOf() || this.valueHere())) return this.back(from);
    if (!this.eatDoing()) throw this.unread("what it does");
    return true;
  }

  /** "cities" of "do cities have": a table, which what is counted must be of. */
  private allOf(): boolean {
    const from = this.at;
    const phrase = this.tryPhrase();
    const table = phrase === undefined ? undefined : this.terms.table(phrase);
    const of = this.measures.every((m) => table !== undefined && m.term.startsWith(`${table.ref}.`));
    return (table !== undefined && table.confidence >= 0.9 && of) || this.back(from);
  }

  /** "… and how many courses have they taught": what is counted already, asked for again. */
  protected countedAgain(): boolean {
    const from = this.at;
    this.eat(",");
    this.eat("and");
    if (!this.eat("how many")) return this.back(from);
    const phrase = this.tryPhrase();
    const told = phrase === undefined ? undefined : this.terms.someOf(phrase);
    const known =
      told === undefined || this.filters.some((f) => f.term === told.only.term && f.value === told.only.value);
    const table = phrase === undefined ? undefined : (this.terms.table(phrase) ?? told?.table);
    const same = known && this.measures.some((m) => m.agg === "count" && m.term === table?.ref);
    if (
      !same ||
      !this.eatAny("have they", "did they", "do they", "does it", "has it", "are", "were", "they have", "it has")
    )
      return this.back(from);
    this.eat("there");
    this.eatDoing();
    const perEach = this.eatAny("in", "for", "at");
    if (perEach) {
      if (!this.skip(each)) return this.back(from);
      const by = this.tryPhrase();
      const group = by === undefined ? undefined : this.terms.table(by)?.table;
      if (by !== undefined && (group === undefined || !this.home.includes(group))) return this.back(from);
    }
    const next = this.word();
    if (next !== undefined && next.kind !== "mark") return this.back(from);
    // For each of them: not of the first alone.
    if (perEach && this.limitImplied) this.limit = undefined;
    return true;
  }

  /** "top 5 customers by gross revenue", "top 3 products per region by gross revenue" */
  protected rankedBy(): boolean {
    const from = this.at;
    const entity = this.home.at(-1);
    if (this.limit === undefined || this.order !== undefined || this.measures.length > 0 || entity === undefined)
      return false;
    let per: string | undefined;
    if (this.eat("per") || (this.eatAny("in", "for", "of") && this.skip(each))) {
      per = this.tryPhrase();
      if (per === undefined) return this.back(from);
    }
    if (!this.eatAny("by", "in terms of", "based on", "ranked by", "according to")) return this.back(from);
    const [element, second] = this.element();
    if (element === undefined || second !== undefined) throw this.unread("one measure");
    const phrase = element.kind === "phrase" ? element.phrase : undefined;
    const measure = element.kind === "measure" ? element.measure : this.moneyOf(element.phrase);
    const mayBeRows = measure === undefined && per === undefined && !this.terms.isColumnName(phrase ?? "");
    const rows = mayBeRows ? this.terms.rowsMeant(phrase, hardlyCalled) : undefined;
    if (rows?.table !== undefined && rows.table.confidence >= 0.9 && rows.table.table !== entity) {
      // "by occupancy" is by what its rows tell.
      if (!saysSeveral(phrase ?? "")) throw this.unread(`${phrase} of what`);
      if (rows.some !== undefined) this.keep(rows.some);
      if (this.terms.amountsOf(rows.table.table).length > 0) this.sure *= countedSure;
      this.take(rows.table);
      return this.ranked({ term: rows.table.ref, agg: "count", as: "value" }, entity, "desc", rows.table.table);
    }
    if (measure === undefined) {
      const column = this.need(this.terms.column(phrase ?? "", [entity]), phrase ?? "");
      if (per === undefined && column.table === entity) {
        this.order = { by: column.ref, direction: "desc" };
        return true;
      }
      // "top 3 customers by total": numbers of what belongs to them, added up.
      if (!this.terms.isAmount(column)) throw this.unread("a measure");
      this.beside(column.table);
      this.byKey(entity);
      this.onlyKnown({ term: column.ref }, entity);
      this.addMeasure({ term: column.ref });
    } else {
      this.byKey(entity);
      this.onlyKnown(measure, entity);
      this.addMeasure(measure);
    }
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

  protected groupBy(phrase: string | undefined, isPer = true): void {
    if (phrase === undefined) {
      if (this.columns.length === 0) throw this.unread("what to group by");
      return;
    }
    const grain = grains.get(phrase);
    const own = grain === undefined ? undefined : this.terms.column(phrase, this.home);
    const entity = this.home.at(-1);
    const numbered = grain === undefined || entity === undefined ? undefined : this.terms.periodColumn(grain, entity);
    if (numbered !== undefined) {
      this.dimensions.push(numbered.ref);
      return;
    }
    if (grain !== undefined && (own === undefined || own.confidence < 0.98)) {
      this.time = { ...this.time, grain };
      return;
    }
    const table = this.terms.table(phrase);
    const byNumber = table === undefined ? this.terms.numberedBy(phrase, true) : undefined;
    const column = byNumber ?? this.terms.column(phrase, this.home);
    const key =
      table !== undefined &&
      column !== undefined &&
      this.terms.isNumber(column) &&
      this.terms.refersTo(column, table.table);
    const isCalling = table !== undefined && column?.ref === this.terms.nameColumn(table.table)?.ref;
    const isTheirs = key || column === undefined || column.confidence < 0.95 || (isCalling && !/ names?$/.test(phrase));
    const asTable = table !== undefined && table.confidence >= 0.9 && isTheirs;
    if (!asTable && this.columns.some((c) => this.terms.says(c, phrase))) return;
    const found = asTable ? table : this.need(column, phrase);
    if (asTable) this.take(table);
    if (asTable && isPer && this.isOwnAverage(found.ref)) return;
    // "the types and the number of each type": the column is listed already.
    if (this.columns.some((c) => c.ref === found.ref)) return;
    // "by assignee": by who that is, not by the key alone.
    const role = asTable || keyNamed.test(phrase) ? undefined : this.terms.roleOf(found);
    if (role !== undefined) {
      this.dimensions.push(role.rows);
      return;
    }
    if (asTable && this.columns.some((c) => c.table === found.table)) return this.byKey(found.table);
    this.dimensions.push(found.ref);
  }

  /** "the average number of adults per booking", where each booking has one such number: the average of all. */
  private isOwnAverage(table: string): boolean {
    const { measures } = this;
    return (
      measures.length > 0 &&
      measures.every((m) => (m.agg === "avg" || m.agg === "median") && m.term.startsWith(`${table}.`))
    );
  }

  /** "For each product type, …" */
  protected leadingGroup(): void {
    const from = this.at;
    if (!this.eatAny("for", "in") || !this.skip(each)) {
      this.at = from;
      return;
    }
    this.first = this.phrase();
    if (!this.eat(",")) throw this.unread("the rest");
    while (openings.some((o) => this.eat(o))) continue;
  }

  protected sorted(): boolean {
    const from = this.at;
    this.eat("and");
    this.eat(",");
    const direction = this.direction();
    const said = this.eatAny("sorted", "ordered", "sort them", "order them");
    if (said && this.sortedByTime()) return true;
    if (direction === undefined && !said) return this.back(from);
    return this.sortedBy(direction, from);
  }

  /** "from newest to oldest": by the one time of the rows that are listed. */
  private sortedByTime(): boolean {
    const from = this.at;
    this.eat("from");
    this.eat("the");
    const first = this.eatAny(...newEnds) ? "desc" : this.eatAny(...oldEnds) ? "asc" : undefined;
    if (first === undefined) return this.back(from);
    const to = this.eat("to");
    this.eat("the");
    const ends = to && this.eatAny(...(first === "desc" ? oldEnds : newEnds));
    const entity = this.home.at(-1);
    const column = entity === undefined || this.measures.length > 0 ? undefined : this.terms.timeColumn(entity);
    if (column === undefined || !(ends || this.eat("first"))) throw this.unread("by which time");
    this.orderAgain({ by: column.ref, direction: first });
    return true;
  }

  /** "by the region name, descending", after what says that it is about the order. */
  protected sortedBy(direction: "asc" | "desc" | undefined, from: number): boolean {
    const before = direction ?? this.direction();
    const alone = this.eatAny("alphabetically", "lexicographically", "in alphabetical order");
    const ordering = this.eatAny("by", "of", "according to");
    if (!ordering && !alone && before === undefined) return this.back(from);
    if (!ordering) return this.sortedAlone(before);
    this.skip(determiners);
    const later = this.direction();
    const by = this.orderTerm();
    this.orderAgain({ by, direction: before ?? later ?? this.direction() ?? this.order?.direction ?? "asc" });
    if (this.eatAny("alphabetically", "lexicographically")) return this.order?.direction === "asc";
    return true;
  }

  /** Which ones are the first is said once; where the order is said again, all of them are wanted, not one. */
  private orderAgain(order: NonNullable<typeof this.order>): void {
    if (this.order !== undefined && (this.order.by !== order.by || this.order.direction !== order.direction))
      throw this.unread("one order");
    if (this.order !== undefined && this.limitImplied) this.limit = undefined;
    this.order = order;
  }

  /** "in descending order", of the one thing that it can be. */
  private sortedAlone(direction: "asc" | "desc" | undefined): boolean {
    if (this.order !== undefined) {
      this.orderAgain({ ...this.order, direction: direction ?? this.order.direction });
      return true;
    }
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
    const { ref } = this.need(this.terms.column(phrase, this.home), phrase);
    if (this.measures.length === 0 || this.dimensions.includes(ref)) return ref;
    // What is grouped by a table is shown by its name.
    const named = this.dimensions.find((d) => this.terms.isCalledBy(d, ref));
    if (named === undefined) throw this.unread("the order");
    return named;
  }

  protected direction(): "asc" | "desc" | undefined {
    const from = this.at;
    this.eat("in");
    this.eat("a");
    if (this.eatAny(...descending)) return "desc";
    if (this.eatAny("alphabetical order", "ascending alphabetical order")) return "asc";
    if (this.eatAny("ascending order", "ascending", "asc")) return "asc";
    this.at = from;
    if (this.eat("from")) {
      const [first, second] = [this.endOfOrder(), this.eat("to") ? this.endOfOrder() : undefined];
      if (first !== undefined && second !== undefined && first !== second) return first === "high" ? "desc" : "asc";
    }
    this.at = from;
    return undefined;
  }

  /** "the highest", "lowest" */
  private endOfOrder(): "high" | "low" | undefined {
    this.eat("the");
    if (this.eatAny(...highEnds)) return "high";
    return this.eatAny(...lowEnds) ? "low" : undefined;
  }

  /** "with the highest salary", "that has the most orders" */
  protected superlative(): boolean {
    const from = this.at;
    this.eatAny("that", "which", "who");
    if (this.rowsDone()) return true;
    const had = this.eatAny("has", "have", "had") || this.doesMost();
    const verb = this.word();
    if (had && verb?.pos === "VERB" && this.isLinkingVerb(verb)) {
      this.linkedBy.push(verb);
      this.at++;
    }
    if (!had && !this.eatAny("with", "having")) return this.back(from);
    this.eat("the");
    const found = [...superlatives].find(([word]) => this.eat(word));
    if (found === undefined) return this.back(from);
    const [word, direction] = found;
    const number = this.eatAny("number of", "amount of");
    this.one();
    const entity = this.home.at(-1);
    if (this.columns.length === 0 || entity === undefined || this.measures.length > 0) throw this.unread("of what");
    const measure = [...aggregations].find(([w]) => this.eat(w))?.[1];
    const phrase = this.phrase();
    const metric = this.terms.metric(phrase);
    if (metric !== undefined) return this.ranked({ term: metric, as: "value" }, entity, direction);
    const money = number || measure !== undefined ? undefined : this.moneyOf(phrase);
    if (money !== undefined) return this.ranked({ ...money, as: "value" }, entity, direction);
    const column = this.terms.column(number ? `number of ${phrase}` : phrase, [entity]);
    const own =
      column !== undefined && column.table === entity && this.terms.isAmount(column) && column.confidence >= 0.5;
    if (measure !== undefined) {
      const measured = this.need(column, phrase);
      if (!this.terms.isAmount(measured)) throw this.unread("an amount");
      return this.ranked({ term: measured.ref, agg: measure, as: "value" }, entity, direction);
    }
    if (own && word !== "fewest") {
      // Those who got the most tips got them on many checks.
      if (word === "most" && this.columns.some((c) => c.table !== entity)) throw this.unread(phrase);
      this.take(column);
      this.order = { by: column.ref, direction };
      return true;
    }
    const summed = number || word === "fewest" ? undefined : this.amountOfMany(phrase, entity);
    if (summed !== undefined) return this.ranked({ term: summed.ref, agg: "sum", as: "value" }, entity, direction);
    if (!number && word !== "most" && word !== "fewest" && word !== "least") throw this.unread(phrase);
    const told = this.terms.table(phrase) === undefined ? this.terms.someOf(phrase) : undefined;
    const isTable = told !== undefined || this.terms.table(phrase) !== undefined;
    const amount = isTable || number ? undefined : this.terms.column(phrase, []);
    if (amount !== undefined && amount.confidence >= 0.9 && this.terms.isAmount(amount)) {
      this.take(amount);
      this.beside(amount.table);
      return this.ranked({ term: amount.ref, agg: "sum", as: "value" }, entity, direction);
    }
    const table = this.need(this.terms.table(phrase, this.home) ?? told?.table, phrase);
    if (told?.value !== undefined) this.only(told.value);
    else if (told !== undefined) this.keep(told);
    return this.ranked({ term: table.ref, agg: "count", as: "value" }, entity, direction, table.table);
  }

  /** "the highest net profit" of a store: an amount of rows that each belong to one, added up; where it may be that of a single row it is asked back. */
  private amountOfMany(phrase: string, entity: number): Found | undefined {
    const amount = this.terms.column(phrase, []);
    if (amount === undefined || amount.confidence < shortFor || amount.table === entity) return undefined;
    const isOf = this.terms.isAmount(amount) && this.terms.isAdded(amount);
    if (!isOf || !this.terms.isLookedUp(this.terms.ref(entity), amount.table)) return undefined;
    this.take(amount);
    this.beside(amount.table);
    if (!saysMoney(phrase)) this.sure *= countedSure;
    return amount;
  }

  /** "worked the most hours": a verb that the schema has no word for, before a superlative; eats the verb. */
  private doesMost(): boolean {
    const verb = this.word();
    if (verb === undefined || !this.isBeforeMost() || !this.addsNothing(verb)) return false;
    this.at++;
    return true;
  }

  /** "failed the most inspections": of what is counted those rows that the verb is said of. */
  private rowsDone(): boolean {
    const [from, sure, entity] = [this.at, this.sure, this.home.at(-1)];
    const verb = this.word();
    const isDeed = verb !== undefined && this.isBeforeMost() && !this.addsNothing(verb);
    this.at++;
    this.eat("the");
    const found = [...superlatives].find(([word]) => this.eat(word));
    if (found === undefined || !isDeed || entity === undefined || this.measures.length > 0) return this.back(from);
    const phrase = this.tryPhrase();
    const table = phrase === undefined ? undefined : this.terms.table(phrase, this.home);
    const isOther = table !== undefined && (table.table !== entity || !this.whole);
    const isCounted = table !== undefined && table.confidence >= surelyCounted && isOther;
    const done = isCounted && this.columns.length > 0 ? this.terms.doneTo(verb.lower, table.table) : undefined;
    if (table === undefined || done === undefined) {
      this.sure = sure;
      return this.back(from);
    }
    this.take(table);
    if (done !== "all") this.keep(done);
    this.one();
    return this.ranked({ term: table.ref, agg: "count", as: "value" }, entity, found[1], table.table);
  }

  /** Whether a verb says no more than that things have to do with each other: neither a name nor a stored value is like it. */
  private addsNothing(verb: TaggedWord): boolean {
    const several = () => (verb.lower.endsWith("ed") ? this.terms.severalOf(verb.lower, []) : undefined);
    const isStored = () => (this.terms.value(verb.lower, []) ?? several()) !== undefined;
    return verb.pos === "VERB" && !this.terms.speaksOf(verb) && !isStored();
  }

  /** Which one has the most is asked of those that are known: rows of nobody are left out. */
  private onlyKnown({ term }: Measure, entity: number): void {
    const [column, second] = this.columns;
    const isOwn = this.terms.isOf(term, entity);
    const group = isOwn && second === undefined ? column : this.terms.mayLack(term, entity);
    if (group === undefined || this.terms.isAlways(group) || this.filters.some((f) => f.term === group.ref)) return;
    this.filters.push({ term: group.ref, op: "is_not_null" });
  }

  /** Rows of a table by a measure over what belongs to them: grouped by the table's key, so that namesakes stay apart. */
  private ranked(measure: Measure, entity: number, direction: "asc" | "desc", counted?: number): boolean {
    if (counted !== entity) this.byKey(entity);
    if (counted !== undefined) this.beside(counted);
    this.onlyKnown(measure, entity);
    this.measures.push(measure);
    this.order = { by: "value", direction };
    return true;
  }
}
