/** Numbers that rows are compared by, where a word says of which column: "older than 56", "earn more than 3000", "5 stars". Pure. */

import type { Filter } from "./intent.js";
import { Periods } from "./question-periods.js";
import { Either } from "./question-reading.js";
import { comparatives } from "./question-words.js";
import type { Found } from "./schema-terms.js";
import { saysMoney } from "./words.js";

const isYear = (value: number): boolean => value >= 1900 && value < 2100;

export class Numbers extends Periods {
  /** "older than 56", "cheaper than 100": the one column of the tables at hand that says so. */
  protected comparative(): boolean {
    const from = this.at;
    const found = [...comparatives].find(([words]) => this.eat(words));
    const value = found === undefined ? undefined : this.number();
    if (found === undefined || value === undefined) return this.back(from);
    this.eatAny("years old", "years of age", "years", "year");
    const [, [names, op]] = found;
    return this.bound(names, op, value) || this.back(from);
  }

  /** "earn more than 3000", "cost less than 20": the one column of the tables at hand that says so. */
  protected measured(): boolean {
    const found = this.measuring();
    if (found === undefined || !this.bound(found.names, found.op, found.value)) return false;
    this.at = found.end;
    return true;
  }

  /** "invoices over 10000": the one amount of what is asked about; nothing else may follow. */
  protected amounting(): boolean {
    const [from, entity, { nearest }] = [this.at, this.home.at(-1), this];
    const said = this.words[from - 1]?.lower ?? "";
    const [op, value] = [this.comparison(), this.number()];
    const next = this.word();
    const ends = next === undefined || next.kind === "mark" || next.lower === "in";
    const isAmount = entity !== undefined && ends && op !== undefined && value !== undefined;
    const amount = isAmount ? this.amountMeant(nearest ?? entity) : undefined;
    if (entity === undefined || op === undefined || value === undefined || amount === undefined) return this.back(from);
    // "stores with sales over 500000": all of each one's.
    if (nearest !== undefined && nearest !== entity && saysMoney(said)) return this.totalled(amount, entity, op, value);
    this.compareWith(amount, op, value);
    return true;
  }

  /** Compares what an amount adds up to of each of the rows that are listed. */
  private totalled(amount: Found, entity: number, op: Filter["op"], value: number): true {
    if (this.columns.length === 0 || this.measures.length > 0) throw this.unread("of what");
    this.take(amount);
    this.byKey(entity);
    this.measures.push({ term: amount.ref, agg: "sum", as: "value" });
    this.having.push({ measure: "value", op: op as ">", value });
    return true;
  }

  /** The amount of a table; of several kinds of amounts the one that was picked. */
  protected amountMeant(table: number): Found | undefined {
    return this.oneMeant(
      `amount of ${this.terms.ref(table)}`,
      this.terms.mainAmount(table),
      this.terms.amountsOf(table),
    );
  }

  /** The same, of all numbers of the table that add up where none is called an amount. */
  protected moneyMeant(table: number): Found | undefined {
    const known = this.amountMeant(table);
    return known ?? this.oneMeant(`amount of ${this.terms.ref(table)}`, undefined, this.terms.addedUp(table));
  }

  /** When a table's rows happened; of several times the one that was picked. */
  protected timeMeant(table: number): Found | undefined {
    return this.oneMeant(`time of ${this.terms.ref(table)}`, this.terms.timeColumn(table), this.terms.timesOf(table));
  }

  /** What was picked for `of`, else what is surely meant; stops where several are as likely. */
  private oneMeant(of: string, sure: Found | undefined, several: readonly Found[]): Found | undefined {
    const known = this.terms.picked(of) ?? sure;
    if (known === undefined && several.length > 1)
      throw new Either(
        of,
        several.map((c) => c.ref),
      );
    return known;
  }

  /** Groups what is listed by the key of its table, so that namesakes stay apart. */
  protected byKey(entity: number): void {
    const keys = this.terms.graph.tables[entity]?.primaryKey?.columns ?? [];
    const key = keys.map((k) => this.terms.ref(entity, k)).filter((k) => !this.columns.some((c) => c.ref === k));
    const whole =
      this.columns.every((c) => c.table === entity) && this.columns.some((c) => !keys.includes(c.column?.name ?? ""));
    // "countries with the most customers" are countries, not customers: their table is not named, nor what its rows are called by.
    const names = this.terms.nameColumns(entity).map((c) => c.ref);
    const isNamed = this.whole || this.needed.has(entity) || this.columns.some((c) => names.includes(c.ref));
    if (whole && isNamed) this.dimensions.push(...key);
  }

  /** Compares the one column of numbers that one of some words surely means. */
  private bound(names: readonly string[], op: Filter["op"], value: number): boolean {
    const column = this.terms.oneOf(names, this.home, (c) => this.terms.isNumber(c));
    if (column === undefined) return false;
    this.compareWith(column, op, value);
    return true;
  }

  protected compareWith(column: Found, op: Filter["op"], value: number): void {
    this.take(column);
    this.filters.push({ term: column.ref, op, value });
  }

  /** A column of the tables at hand that is called so and holds numbers. */
  protected numberCalled(phrase: string): Found | undefined {
    const column = this.terms.column(phrase, this.home);
    const own = column !== undefined && this.home.includes(column.table) && column.confidence >= 0.9;
    return own && this.terms.isNumber(column) ? column : undefined;
  }

  /** "5 stars": a column of the tables at hand that holds numbers of them; what may be a year is none. */
  protected exactly(value: number): boolean {
    const from = this.at;
    const phrase = this.tryPhrase();
    const column = phrase === undefined || isYear(value) ? undefined : this.numberCalled(phrase);
    if (column === undefined || this.terms.isKey(column)) return this.back(from);
    this.compareWith(column, "=", value);
    return true;
  }

  protected orMore(): Filter["op"] | undefined {
    if (this.eat("or more")) return ">=";
    return this.eat("or less") || this.eat("or fewer") ? "<=" : undefined;
  }
}
