/** Numbers that rows are compared by, where a word says of which column: "older than 56", "earn more than 3000", "5 stars". Pure. */

import type { Filter } from "./intent.js";
import { Periods } from "./question-periods.js";
import { comparatives, measuringVerbs } from "./question-words.js";

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
    const column = this.terms.oneOf(names, this.home, (c) => this.terms.isNumber(c));
    if (column === undefined) return this.back(from);
    this.take(column);
    this.filters.push({ term: column.ref, op, value });
    return true;
  }

  /** "earn more than 3000", "cost less than 20": the one column of the tables at hand that says so. */
  protected measured(): boolean {
    const from = this.at;
    const verb = this.word();
    if (verb === undefined || !this.isMeasuring(from)) return false;
    this.at++;
    const [op, value] = [this.comparison(), this.number()];
    const names = measuringVerbs.get(verb.lemma) ?? [];
    const column = this.terms.oneOf(names, this.home, (c) => this.terms.isNumber(c));
    if (op === undefined || value === undefined || column === undefined) return this.back(from);
    this.take(column);
    this.filters.push({ term: column.ref, op, value });
    return true;
  }

  /** "5 stars": a column of the tables at hand that holds numbers of them; what may be a year is none. */
  protected exactly(value: number): boolean {
    const from = this.at;
    const phrase = this.tryPhrase();
    const column = phrase === undefined || isYear(value) ? undefined : this.terms.column(phrase, this.home);
    const own = column !== undefined && this.home.includes(column.table) && column.confidence >= 0.9;
    if (!own || !this.terms.isNumber(column) || this.terms.isKey(column)) return this.back(from);
    this.take(column);
    this.filters.push({ term: column.ref, op: "=", value });
    return true;
  }

  protected orMore(): Filter["op"] | undefined {
    if (this.eat("or more")) return ">=";
    return this.eat("or less") || this.eat("or fewer") ? "<=" : undefined;
  }
}
