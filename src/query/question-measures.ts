/** What a question counts, adds up or averages: aggregates, metrics, amounts that a verb or a table is said of. Pure. */

import { singular } from "../schema/name-words.js";
import type { TaggedWord } from "../terms/tagging.js";
import { saysWhen } from "./day-tables.js";
import { type Measure, Unread } from "./question-reading.js";
import { type Element, hardlyCalled, Rows } from "./question-rows.js";
import { aggregations, boundaries, determiners, distinctWords, moneyNouns } from "./question-words.js";
import type { Found } from "./schema-terms.js";
import { saysMoney } from "./words.js";

/** How sure it is that an amount of rows is added up which may be counted as well: it is asked back. */
const summedSure = 0.45;
/** How surely a table is called by the end of a phrase. */
const surelyCalled = 0.9;
/** A column that is so surely meant by a phrase as a whole is what the phrase is short for. */
export const shortFor = 0.9;

export class Measures extends Rows {
  /** A metric of the glossary, "total" or not. */
  protected metricHere(): Element | undefined {
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

  /** "How much was paid", "how much did we refund": the one amount that the verb is said of; "how much tax". */
  protected howMuch(): Element | undefined {
    const from = this.at;
    if (!this.eat("how much")) return undefined;
    const passive = this.eatAny("was", "were", "is");
    const active = !passive && this.eatAny("did", "do", "have") && this.eatAny("we", "they", "customers");
    const verb = this.word();
    if (!passive && !active) return this.metricHere() ?? this.muchOf(this.phrase());
    const amount = verb?.kind === "word" ? this.amountDoneBy(verb) : undefined;
    if (amount === undefined) {
      this.at = from;
      throw this.unread("what is added up");
    }
    this.at++;
    this.done = true;
    return this.sumOf(amount);
  }

  /** The amount that a verb is said of; of several amounts of the table called after it the one that was picked. */
  private amountDoneBy(verb: TaggedWord): Found | undefined {
    const known = this.terms.amountOfVerb(verb);
    const [table, other] = known === undefined ? this.terms.calledAs(verb) : [];
    return known ?? (table === undefined || other !== undefined ? undefined : this.amountMeant(table));
  }

  private sumOf(amount: Found): Element {
    this.take(amount);
    this.near(amount.table);
    return { kind: "measure", measure: { term: amount.ref, agg: "sum" }, home: amount.table };
  }

  /** "how much tax did we charge": the verb adds nothing where the schema has no word for it. */
  protected muchOf(phrase: string): Element {
    const measure = this.aggregate(phrase, "sum");
    const from = this.at;
    const asked = this.eatAny("did", "do", "have", "was", "were");
    if (asked) this.eatAny("we", "they");
    const verb = asked ? this.word() : undefined;
    if (verb?.kind === "word" && verb.pos === "VERB" && this.saysNoMore(verb)) this.at++;
    else this.at = from;
    return measure;
  }

  /** "average and maximum age": each aggregate of each attribute. */
  protected aggregated(): readonly Element[] | undefined {
    const from = this.at;
    this.skip(determiners);
    const aggs = this.isNamedSo() || this.isExtremeAhead() ? [] : this.aggregateWords();
    if (aggs.length === 0 || this.isAlone(from)) {
      this.at = from;
      return undefined;
    }
    const done = aggs.length === 1 && aggs[0] === "sum" ? this.amountDone() : undefined;
    if (done !== undefined) return [done];
    const of = this.eat("of");
    this.eat("value of");
    this.skip(determiners);
    if (this.eat("amount of")) return [this.amountOf(aggs)];
    const [only, second] = aggs;
    const whole =
      of && only === "sum" && second === undefined
        ? this.amountIn(["total", "total amount", "amount"], only)
        : undefined;
    if (whole !== undefined) return [whole];
    if (this.eat("number of")) {
      const phrase = this.countable();
      return aggs.map((agg) => this.numberOf(phrase, agg));
    }
    const phrases = aggs.length === 1 ? this.attributes() : [this.phrase()];
    this.entity();
    return phrases.flatMap((phrase) => aggs.map((agg) => this.aggregate(phrase, agg)));
  }

  /** "total invoiced in 2025": the amount that the verb is said of, where nothing is named after it. */
  protected amountDone(): Element | undefined {
    const verb = this.word();
    const next = this.words[this.at + 1];
    const ends = next === undefined || next.kind === "mark" || boundaries.has(next.lower);
    if (verb?.pos !== "VERB" || !ends) return undefined;
    const amount = this.amountDoneBy(verb);
    if (amount === undefined) return undefined;
    this.at++;
    return this.sumOf(amount);
  }

  /** "total amount of invoices": the one column of their table that is called so, the table's own words and units aside. */
  protected amountOf(aggs: readonly NonNullable<Measure["agg"]>[]): Element {
    const [agg, second] = aggs;
    const named = agg === "sum" ? ["total amount", "amount"] : ["amount"];
    const amount = agg === undefined || second !== undefined ? undefined : this.amountIn(named, agg);
    if (amount === undefined) throw this.unread("of which column");
    return amount;
  }

  /** The first of some names that is a column's of the table that stands here; eats nothing where there is none. */
  protected amountIn(names: readonly string[], agg: NonNullable<Measure["agg"]>): Element | undefined {
    const from = this.at;
    const phrase = this.tryPhrase();
    const { table, some } = this.terms.rowsMeant(phrase, 0);
    const isRows = table !== undefined && table.confidence >= 0.9;
    const own = isRows ? names.flatMap((name) => this.terms.ownColumn(name, table.table) ?? [])[0] : undefined;
    const column = isRows && own === undefined ? this.amountMeant(table.table) : own;
    if (table === undefined || column === undefined) {
      this.at = from;
      return undefined;
    }
    this.take(table);
    if (some !== undefined) this.keep(some);
    return this.aggregate(column.ref, agg);
  }

  protected aggregateWords(): readonly NonNullable<Measure["agg"]>[] {
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
  protected attributes(): readonly string[] {
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
  protected isAlone(from: number): boolean {
    const next = this.word();
    const ends = next === undefined || (boundaries.has(next.lower) && next.lower !== "of");
    return ends && this.at === from + 1 && this.terms.isName(this.words[from]?.lower ?? "");
  }

  /** "monthly recurring revenue", where a column is short for that (`mrr`): no revenue by month. */
  protected isShortFor(): boolean {
    const from = this.at;
    const phrase = this.tryPhrase() ?? "";
    this.at = from;
    const [, ...rest] = phrase.split(" ");
    const isSure = rest.length > 1 && (this.terms.column(phrase, [])?.confidence ?? 0) >= shortFor;
    return isSure && !this.terms.isColumnName(rest.join(" "));
  }

  /** "total points", where a column is called so. */
  protected isNamedSo(): boolean {
    const from = this.at;
    const phrase = this.tryPhrase() ?? "";
    this.at = from;
    const [, ...rest] = phrase.split(" ");
    // "total purchase orders" are orders, though each has a total.
    const isRows =
      (this.terms.table(rest.join(" "))?.confidence ?? 0) >= 0.9 && !this.terms.isColumnName(rest.join(" "));
    const shorter = this.terms.columnsNamed(rest.join(" "));
    // "average GPA" is of a grade point average, which is called so without the aggregate, too.
    const isOther = this.terms.columnsNamed(phrase).some((ref) => !shorter.includes(ref));
    return rest.length > 0 && !isRows && isOther;
  }

  /** "billable hours": an amount of some rows. */
  protected someAmount(phrase: string): Measure | undefined {
    const found = this.terms.someNumbers(phrase);
    if (found === undefined) return undefined;
    const rows = this.terms.someOf(phrase);
    const other = rows === undefined ? undefined : this.terms.calledAmount(rows.table.table);
    // "roaming charges" are those of calls, or the rows of bills that are charged so.
    if (other !== undefined && other.table !== found.column.table) {
      const refs = [found.column.ref, other.ref];
      throw new Unread(`"${phrase}" may be ${refs.join(" or ")}`, refs);
    }
    this.take(found.column);
    this.near(found.column.table);
    this.keep(found.some);
    return { term: found.column.ref };
  }

  protected aggregate(phrase: string, agg: NonNullable<Measure["agg"]>): Element {
    const some = this.someAmount(phrase);
    if (some !== undefined) return { kind: "measure", measure: { ...some, agg } };
    const found = this.amountOfTable(phrase, agg) ?? this.need(this.terms.column(phrase, this.home), phrase);
    if (!this.terms.isAmount(found) && (agg === "sum" || agg === "avg" || agg === "median")) {
      throw new Unread(`${found.ref} holds no numbers to take the ${agg} of`);
    }
    if (agg === "sum" && this.terms.isFlag(found)) throw new Unread(`${found.ref} says yes or no`);
    const isSaid = this.terms.saysOf(found, phrase) && !(this.terms.isPerOne(found) && !/\bper\b/.test(phrase));
    if (agg === "sum" && !this.terms.isAdded(found) && !isSaid)
      throw new Unread(`${found.ref} is nothing to add up, and "${phrase}" may be something else`);
    this.near(found.table);
    return { kind: "measure", measure: { term: found.ref, agg }, home: found.table };
  }

  /** "revenue", "net sales": an amount of the rows that are called so, where no column is; one of several is asked for. */
  protected moneyOf(phrase: string): Measure | undefined {
    if (!saysMoney(phrase) || this.terms.isColumnName(phrase)) return undefined;
    const words = phrase.split(" ");
    for (const at of words.keys()) {
      const table = this.terms.table(words.slice(at).join(" "));
      if (table === undefined || table.confidence < (at === 0 ? hardlyCalled : surelyCalled)) continue;
      const kind = words.slice(0, at).join(" ");
      const amount =
        kind === ""
          ? this.moneyMeant(table.table)
          : [kind, `${kind} amount`].flatMap((name) => this.terms.ownColumn(name, table.table) ?? [])[0];
      if (amount === undefined || !this.terms.isAmount(amount)) continue;
      this.take(amount);
      this.near(amount.table);
      return { term: amount.ref, agg: "sum" };
    }
    return undefined;
  }

  /** The only amount of a table, or that which it calls so. */
  private wholeAmount(table: number): Found | undefined {
    return this.terms.onlyAmount(table) ?? this.terms.calledAmount(table);
  }

  /** "total charges": of a table that is called so, its one amount, where no column is. */
  protected amountOfTable(phrase: string, agg: NonNullable<Measure["agg"]>): Found | undefined {
    const rows = phrase.replace(/ (?:amounts?|values?|totals?)$/, "");
    const { table, some } =
      agg === "sum" || agg === "avg" ? this.terms.rowsMeant(rows, hardlyCalled) : { table: undefined, some: undefined };
    if (table === undefined || table.confidence < 0.9 || this.terms.isColumnName(phrase)) return undefined;
    const isWhole = rows === phrase && !saysMoney(phrase);
    const amount = isWhole ? this.wholeAmount(table.table) : this.amountMeant(table.table);
    if (amount === undefined) return undefined;
    this.take(amount);
    if (some !== undefined) this.keep(some);
    // "total orders" may be how many there are.
    if (rows === phrase && agg === "sum" && !moneyNouns.has(singular(rows.split(" ").at(-1) ?? "")))
      this.sure *= summedSure;
    return amount;
  }

  /** "the average number of rooms": a column that holds numbers of them, never a guess at counts of counts. */
  protected numberOf(phrase: string, agg: NonNullable<Measure["agg"]>): Element {
    this.entity();
    const column = this.terms.column(`number of ${phrase}`, this.home);
    const counts =
      column !== undefined &&
      this.terms.isAmount(column) &&
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

  /** "terminations": the rows to which it happened, by when it did. */
  private countHappened(event: Found): Element {
    if (!this.terms.isAlways(event)) this.keep({ by: event, only: { term: event.ref, op: "is_not_null" } });
    this.eventTime = event.ref;
    return this.countRows({ ref: this.terms.ref(event.table), table: event.table, confidence: event.confidence });
  }

  private countValues(column: Found): Element {
    this.take(column);
    this.near(column.table);
    return { kind: "measure", measure: { term: column.ref, agg: "count_distinct" }, home: column.table };
  }

  /** "how many visitors", where no row is one, only a column says how many there were: asked back. */
  private tallyOf(column: Found, phrase: string): Element {
    if (!this.terms.isAmount(column) || !this.terms.isAdded(column))
      throw new Unread(`the number of ${phrase} may be ${column.ref}`);
    this.sure *= summedSure;
    return this.sumOf(column);
  }

  /** "customers were affected", by the column of numbers that is called so. Eats nothing. */
  private tallySaid(phrase: string): Found | undefined {
    const from = this.at;
    const verb = this.eatAny("were", "was", "are") ? this.word() : undefined;
    const name = `${phrase} ${verb?.lower ?? ""}`;
    const column = verb?.kind === "word" && this.terms.isColumnName(name) ? this.terms.column(name, []) : undefined;
    this.at = from;
    const isTally =
      column !== undefined && this.terms.isAmount(column) && this.terms.isAdded(column) && !this.terms.isFlag(column);
    return isTally ? column : undefined;
  }

  protected counted(): Element {
    this.skip(determiners);
    const distinct = this.skip(distinctWords);
    const phrase = this.countable();
    const said = this.tallySaid(phrase);
    if (said !== undefined) return this.sumOf(said);
    const flagged = this.terms.flaggedRows(phrase);
    if (flagged !== undefined) return this.countSome(flagged);
    const metric = this.terms.metric(`number of ${phrase}`);
    const table = this.terms.table(phrase);
    if (metric !== undefined && !distinct) {
      // What follows is said of these rows.
      if (table !== undefined && table.confidence >= surelyCalled) this.near(table.table);
      return { kind: "measure", measure: { term: metric } };
    }
    // A table whose rows tell numbers of what it is called after ("faculty" of each year) does not hold them one by one.
    const tells = table === undefined ? undefined : this.terms.tally(phrase, table.table);
    if (tells !== undefined) throw new Unread(`the number of ${phrase} may be ${tells.ref}`);
    const numbered = (table?.confidence ?? 0) < surelyCalled ? this.terms.numberedBy(phrase) : undefined;
    if (numbered !== undefined) return this.countValues(numbered);
    // A table's own column is no tally of its rows: an invoice's total counts no invoices.
    const tallied = ["number of", "total"]
      .map((w) => this.terms.column(`${w} ${phrase}`, []))
      .find((c) => c !== undefined && c.confidence >= 0.9 && c.table !== table?.table);
    if (tallied !== undefined && this.terms.isNumber(tallied) && !this.terms.isFlag(tallied)) {
      if (table === undefined) return this.tallyOf(tallied, phrase);
      throw new Unread(`the number of ${phrase} may be ${tallied.ref}`);
    }
    if (table !== undefined && table.confidence >= 0.9 && (!distinct || this.terms.isEntity(table.table)))
      return this.countRows(table);
    const told = (table?.confidence ?? 0) < hardlyCalled ? this.terms.someOf(phrase) : undefined;
    if (told !== undefined) return this.countSome(told);
    const rows = this.terms.rowsOf(phrase);
    if (rows !== undefined && table === undefined)
      throw new Unread(`nothing says which of ${rows.ref} are "${phrase.split(" ").slice(0, -1).join(" ")}"`);
    const event = (table?.confidence ?? 0) < surelyCalled ? this.terms.happenedTo(phrase) : undefined;
    if (event !== undefined) return this.countHappened(event);
    this.entity();
    const column = this.terms.column(phrase, this.home);
    if (column !== undefined && (table === undefined || column.confidence > table.confidence)) {
      if (this.terms.tellsTime(column) && !saysWhen(phrase))
        throw new Unread(`the number of ${phrase} may be that of rows with ${column.ref}`);
      if ((this.terms.isNumber(column) || this.terms.isTally(column)) && !this.terms.isKey(column) && !distinct)
        return this.tallyOf(column, phrase);
      return this.countValues(column);
    }
    return this.countRows(this.need(table, phrase));
  }
}
