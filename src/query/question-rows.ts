/** The rows that a question is about: by the table that they are called after, who did what, the latest ones, and how they are shown or counted. Pure. */

import type { TaggedWord } from "../terms/tagging.js";
import { Conditions } from "./question-conditions.js";
import { Either, type Measure, Unread } from "./question-reading.js";
import type { SomeRows } from "./question-terms.js";
import {
  births,
  determiners,
  distinctWords,
  each,
  extremes,
  measuringVerbs,
  newEnds,
  oldEnds,
  openings,
  sizes,
  superlatives,
} from "./question-words.js";
import type { Found } from "./schema-terms.js";
import { spokenWords } from "./spoken-words.js";
import { isPerPeriod } from "./words.js";

export type Element =
  | { readonly kind: "measure"; readonly measure: Measure; readonly home?: number }
  | { readonly kind: "phrase"; readonly phrase: string; readonly distinct: boolean; readonly end?: string };

/** A table less surely called so gives way to some of another's rows that are. */
export const hardlyCalled = 0.5;
/** How surely attributes are of a table that stands behind them. */
const sureEntity = 0.6;

export class Rows extends Conditions {
  /** What is listed is said to be of each of some rows. */
  protected perEach = false;

  /** "Who was hired after 2020?": the rows with names whose time is called after the verb, which is left to say more. */
  protected whoDid(): boolean {
    const from = this.at;
    const asked = this.words.slice(0, this.at).at(-1)?.lower ?? "";
    const who = this.eat("who") || this.words.slice(0, from).some((w) => w.lower === "who");
    const verb = this.word();
    if (!who || verb?.pos !== "VERB" || !["", "who", "is", "are", "was", "were"].includes(asked))
      return this.back(from);
    const measures = measuringVerbs.get(verb.lemma);
    if (this.didMost(verb)) return true;
    const [person, other] = measures === undefined ? this.terms.peopleWith(verb) : this.terms.peopleOf(measures);
    if (person === undefined || other !== undefined) throw this.unread("of whom");
    this.near(person);
    this.columns.push(...this.terms.nameColumns(person));
    this.whole = true;
    return true;
  }

  /** "who posted the most journals": by whom rows were done, where a key of theirs says so. */
  private didMost(verb: TaggedWord): boolean {
    const from = this.at;
    const by = this.terms.doneBy(verb);
    this.at++;
    this.eat("the");
    const end = [...superlatives.keys()].find((word) => ["most", "fewest"].includes(word) && this.eat(word));
    const { table, some } = this.terms.rowsMeant(end === undefined ? undefined : this.entityPhrase(), hardlyCalled);
    const role = by === undefined ? undefined : this.terms.roleOf(by);
    if (role === undefined || by === undefined || end === undefined || table?.table !== by.table)
      return this.back(from);
    const { measure } = some === undefined ? this.countRows(table) : this.countSome(some);
    this.dimensions.push(role.rows);
    this.measures.push({ ...measure, as: "value" });
    this.order = { by: "value", direction: superlatives.get(end) ?? "desc" };
    this.one();
    return true;
  }

  /** "latest 10 invoices", "the most recent order", "oldest open ticket": rows by when they happened. */
  protected latest(): boolean {
    const from = this.at;
    this.skip(determiners);
    const ends = [...newEnds, "last"].find((e) => this.eat(e)) ?? [...oldEnds, "first"].find((e) => this.eat(e));
    if (ends === undefined) return this.back(from);
    const count = this.number();
    const { table, some } = this.terms.rowsMeant(this.entityPhrase(), hardlyCalled);
    if (table === undefined || table.confidence < 0.9) return this.back(from);
    if (ends === "oldest" && this.terms.oneOf(["age", ...births], [table.table]) !== undefined) return this.back(from);
    const time = this.timeMeant(table.table);
    if (time === undefined) return this.back(from);
    const direction = newEnds.includes(ends) || ends === "last" ? "desc" : "asc";
    return this.firstRows({ table, some }, { by: time, direction, count });
  }

  /** Rows in an order, so many of them, or the first. */
  private firstRows(
    { table, some }: { readonly table: Found; readonly some: SomeRows | undefined },
    order: { readonly by: Found; readonly direction: "asc" | "desc"; readonly count: number | undefined },
  ): true {
    this.take(table);
    this.near(table.table);
    if (some !== undefined) this.keep(some);
    this.showRows(table, true);
    this.take(order.by);
    this.order = { by: order.by.ref, direction: order.direction };
    if (order.count === undefined) this.one();
    else this.limit = order.count;
    return true;
  }

  /** "largest claim", "3 smallest payouts": rows by the one amount that they have, where nothing else is so called. */
  protected biggest(): boolean {
    const from = this.at;
    this.skip(determiners);
    const count = this.number();
    const end = this.isExtremeAhead()
      ? undefined
      : [...superlatives.keys()].find((word) => sizes.has(word) && this.eat(word));
    const phrase = end === undefined ? undefined : this.entityPhrase();
    const { table, some } = this.terms.rowsMeant(phrase, hardlyCalled);
    const isRows = table !== undefined && table.confidence >= sureEntity && !this.terms.isColumnName(phrase ?? "");
    if (end === undefined || !isRows) return this.back(from);
    const by = this.eat("by") ? this.terms.column(this.phrase(), [table.table]) : undefined;
    if (by !== undefined && by.table === table.table && by.confidence >= sureEntity && this.terms.isNumber(by))
      return this.firstRows({ table, some }, { by, direction: superlatives.get(end) ?? "desc", count });
    // The largest customer is so by what? The largest deal by its `deal_value`.
    const isCalled = this.terms.nameColumns(table.table).length > 0;
    const own = isCalled ? this.terms.mainAmount(table.table) : undefined;
    if (isCalled && (own === undefined || !this.terms.saysSome(own, phrase?.split(" ").at(-1) ?? "")))
      return this.back(from);
    const amount = own ?? this.amountMeant(table.table);
    if (amount === undefined) return this.back(from);
    return this.firstRows({ table, some }, { by: amount, direction: superlatives.get(end) ?? "desc", count });
  }

  /** Rows by what they are called, or whole where they have no name and stand alone. */
  protected showRows(table: Found, isAlone: boolean): void {
    const names = this.terms.nameColumns(table.table);
    const shown = names.length === 0 && isAlone ? this.terms.wholeRow(table.table) : names;
    // "shipments by priority" are counted: nothing of them is shown.
    const isCounted = isAlone && ["by", "per"].includes(this.word()?.lower ?? "");
    if (shown.length === 0 && !isCounted && !this.saysWhatToShow())
      throw new Unread(`it does not say what to show of ${table.ref}`);
    this.columns.push(...shown);
    this.whole = true;
  }

  /** "… ? Give me the flight id." */
  protected saysWhatToShow(): boolean {
    const at = this.words.findIndex((w, i) => i >= this.at && w.kind === "mark" && /^[?.!;]$/.test(w.text));
    return at >= 0 && openings.some((o) => this.words[at + 1]?.lower === o.split(" ")[0]);
  }

  /** "3 oldest" */
  protected numberedExtreme(): string | undefined {
    const from = this.at;
    const count = this.limit === undefined && this.columns.length === 0 ? this.number() : undefined;
    const end = count === undefined ? undefined : this.extreme();
    if (end === undefined) this.at = from;
    else this.limit = count;
    return end;
  }

  /** Whether an end of an order stands here ("highest paid"). */
  protected isExtremeAhead(): boolean {
    const from = this.at;
    const is = this.extreme() !== undefined;
    this.at = from;
    return is;
  }

  /** "oldest", "cheapest": an end of an order, kept until the table is known. */
  protected extreme(): string | undefined {
    return [...extremes.keys()].find((word) => this.eat(word));
  }

  /** "is the cheapest": the row at an end of an order. */
  protected isTheExtreme(): boolean {
    const [from, entity] = [this.at, this.home.at(-1)];
    const end = this.eatAny("is the", "are the", "was the", "were the") ? this.extreme() : undefined;
    if (end === undefined || entity === undefined || !this.endsHere()) return this.back(from);
    this.orderByExtreme(end, entity);
    return true;
  }

  protected orderByExtreme(word: string, table: number): void {
    const [words, direction] = extremes.get(word) ?? [[], "asc" as const];
    const of = `column for "${word}"`;
    const column = this.terms.picked(of) ?? this.terms.oneOf(words, [table]);
    // Who was born first is the oldest.
    const born = column === undefined && words.includes("age") ? this.terms.oneOf(births, [table]) : undefined;
    const by = column ?? born;
    if (by === undefined || this.measures.length > 0) {
      const likely = this.terms.called(words, [table]).map((c) => c.ref);
      if (likely.length > 1) throw new Either(of, likely);
      throw new Unread(`no column says which is ${word}`);
    }
    const turned = direction === "asc" ? "desc" : "asc";
    this.order = { by: by.ref, direction: born === undefined ? direction : turned };
    this.one();
  }

  /** Each row of a table of counts stands for many: those are not what there is of it. */
  protected refuseTallies(table: number): void {
    if (isPerPeriod(spokenWords(this.terms.graph.tables[table]?.name ?? "")))
      throw new Unread(`each row of ${this.terms.ref(table)} tells of a period`);
    const tells = this.terms.rowsStandFor(table);
    if (tells !== undefined)
      throw new Unread(`the number of ${this.terms.ref(table)} may be the sum of ${tells.ref}`, [tells.ref]);
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
    const phrase = topped && count === undefined ? undefined : this.beforeKey();
    const { table, some } = this.terms.rowsMeant(phrase, sureEntity);
    if (table === undefined || table.confidence < sureEntity) {
      this.at = from;
      return;
    }
    if (count !== undefined) this.limit = count;
    this.take(table);
    this.near(table.table);
    this.needed.add(table.table);
    this.keyed(table.table);
    if (some !== undefined) this.keep(some);
    if (end !== undefined) this.orderByExtreme(end, table.table);
  }

  /** Of "ticket 17" the ticket. */
  protected beforeKey(): string | undefined {
    const phrase = this.entityPhrase();
    const [, rows, key] = /^(\D+) (\d+)$/.exec(phrase ?? "") ?? [];
    if (rows === undefined || key === undefined || this.terms.table(rows) === undefined) return phrase;
    this.at--;
    return rows;
  }

  /** "ticket 17", at the end: the row whose key that is. */
  protected keyed(table: number): void {
    const from = this.at;
    const value = this.number();
    if (value === undefined || !this.endsHere()) {
      this.at = from;
      return;
    }
    // "Supplier 2" may be called so, whatever its key.
    const said = this.words.slice(Math.max(0, from - 1), this.at).map((w) => w.text);
    const called = this.terms.valueIn(said.join(" "), table);
    const key = called === undefined ? this.terms.numberKey(table) : undefined;
    if (called !== undefined) this.keep({ by: called, only: { term: called.ref, op: "=", value: called.value } });
    else if (key === undefined) this.at = from;
    else this.filters.push({ term: key.ref, op: "=", value });
  }

  /** What is counted: a column as it is called, else a table without a verb after it ("students enrolled"). */
  protected countable(): string {
    const from = this.at;
    const whole = this.phrase();
    if (this.terms.isColumnName(whole)) return whole;
    this.at = from;
    return this.entityPhrase() ?? whole;
  }

  protected countSome(some: SomeRows): Extract<Element, { kind: "measure" }> {
    this.keep(some);
    return this.countRows(some.table);
  }

  protected countRows(table: Found): Extract<Element, { kind: "measure" }> {
    this.refuseTallies(table.table);
    this.take(table);
    this.near(table.table);
    return { kind: "measure", measure: { term: table.ref, agg: "count" }, home: table.table };
  }
}
