/** Which rows a question means: comparisons, values with or without their column, places, years. Pure. */

import { singular } from "../schema/name-words.js";
import type { TaggedWord } from "../terms/tagging.js";
import type { Filter } from "./intent.js";
import { Happenings } from "./question-happenings.js";
import { eitherOf, Unread } from "./question-reading.js";
import { byFlag, type SomeRows } from "./question-terms.js";
import {
  boundaries,
  determiners,
  each,
  everywhere,
  grains,
  lacking,
  lightVerbs,
  linkingVerbs,
  patterns,
  possessives,
  tradeVerbs,
} from "./question-words.js";
import type { Found } from "./schema-terms.js";
import type { FoundValue } from "./stored-terms.js";

/** How much surer a value is whose column is named than one that stands after a verb. */
const participleDoubt = 0.85;
/** How sure it is that a verb only links. */
const linkDoubt = 0.95;
export class Conditions extends Happenings {
  /** "salary over 1,000", "more than 3 orders", "name \"X\"", "status Paid" */
  protected condition(): void {
    const opened = this.words[this.at - 1]?.lower !== "and";
    if (!possessives.has(this.word()?.lower ?? "")) this.skip(determiners);
    if (this.comparative()) return;
    if (this.eatAny("no", "zero")) return this.absent();
    if (this.eat("not")) throw this.unread("what must not be");
    if (this.several() || this.flaggedAs("yes")) return;
    if (this.comparison() !== undefined) throw this.unread("a number");
    const from = this.at;
    const run = this.run();
    for (let k = run.length; k > 0; k--) {
      this.at = from + k;
      const phrase = run
        .slice(0, k)
        .map((w) => w.lower)
        .join(" ");
      const column = this.terms.column(phrase, this.about);
      if (column === undefined || column.confidence < 0.5) continue;
      if (this.compare(column) || this.isSomebody(column)) {
        this.take(column);
        return;
      }
    }
    this.at = from;
    if (opened && (this.namedValue() || this.tableHere())) return;
    this.valueAnywhere("=");
    if (["is", "are", "was", "were"].includes(this.word()?.lower ?? "")) throw this.unread("of what");
  }

  /** "account manager is Ben Kim": a key, by what the row is called that it refers to. */
  private isSomebody(key: Found): boolean {
    const from = this.at;
    const role = this.eatAny("is", "are", "was", "were") ? this.terms.roleOf(key) : undefined;
    const filters = (role?.names ?? []).map((name): Filter | undefined => {
      const value = this.valueFor({ ...name, ref: name.ref.replace(/ via .*$/, "") });
      return value === undefined ? undefined : { term: name.ref, op: "=", value };
    });
    const all = filters.filter((f) => f !== undefined);
    if (all.length === 0 || all.length < filters.length) return this.back(from);
    this.filters.push(...all);
    return true;
  }

  /** "no orders", "without any orders": rows of a table that there must not be. */
  protected absent(): void {
    if (!this.flaggedAs("no") && !this.related("is_null") && !this.empty()) throw this.unread("what must not be");
  }

  /** "without a manager", "with no email": rows that have nothing in a column of theirs. */
  private empty(): boolean {
    const from = this.at;
    const [phrase, entity] = [this.tryPhrase(), this.home.at(-1)];
    const column = phrase === undefined || entity === undefined ? undefined : this.terms.column(phrase, [entity]);
    // "no refunds" of a column of numbers may be none or nought.
    const isOne = column !== undefined && !this.terms.isAmount(column);
    const isOwn = isOne && column.table === entity && column.confidence >= 0.9;
    if (!isOwn || !this.endsHere() || this.terms.isAlways(column)) return this.back(from);
    this.take(column);
    this.filters.push({ term: column.ref, op: "is_null" });
    return true;
  }

  /** "that have orders": rows of a table that there must be; not "that have their orders …". */
  private present(): boolean {
    return !possessives.has(this.word()?.lower ?? "") && this.related("is_not_null");
  }

  /** Takes rows that there must be, or must not be; eats nothing where something else is said. */
  private related(op: "is_null" | "is_not_null"): boolean {
    const rows = this.rowsAtEnd();
    if (rows === undefined) return false;
    this.take(rows.table);
    this.filters.push({ term: `${rows.table.ref}.*`, op }, ...rows.only);
    return true;
  }

  /** A table that a question ends with and that is not what it asks about, with a value of its rows before it ("overdue invoices") and their period after it. What else would follow might be said of its rows or of those asked for. */
  private rowsAtEnd(): { readonly table: Found; readonly only: readonly Filter[] } | undefined {
    const from = this.at;
    const phrase = this.tryPhrase();
    const { table, some } = this.terms.rowsMeant(phrase, 0, this.home);
    const column = phrase === undefined ? undefined : this.terms.column(phrase, this.home);
    const own = column !== undefined && this.home.includes(column.table) && column.confidence >= 0.9;
    const other = table !== undefined && table.confidence >= 0.9 && !own && !this.home.includes(table.table);
    // What was said of rows of many might be said of these.
    if (other && this.filters.every((f) => this.terms.isLookedUp(f.term, this.home.at(-1)))) {
      const during = this.periodAtEnd(table.table);
      if (during !== undefined) {
        const all = some === undefined ? [] : [some, ...(some.also ?? [])];
        for (const { by } of all) this.take(by);
        return { table, only: [...all.map(({ only }) => only), ...during] };
      }
    }
    this.at = from;
    return undefined;
  }

  private countedCondition(op: Filter["op"], value: number): void {
    const phrase = this.phrase();
    const column = this.numberCalled(phrase);
    if (column !== undefined) return this.compareWith(column, op, value);
    const entity = this.home.at(-1);
    const table = this.need(this.terms.table(phrase, this.home), phrase);
    const isOne = table.table !== entity && this.terms.isLookedUp(table.ref, entity);
    if (isOne || entity === undefined || this.columns.length === 0 || this.measures.length > 0)
      throw this.unread(phrase);
    if (table.table !== entity) this.byKey(entity);
    this.measures.push({ term: table.ref, agg: "count", as: "value" });
    this.having.push({ measure: "value", op: op as ">", value });
  }

  /** What a column is compared with, from here on; false where nothing fits. */
  private compare(column: Found): boolean {
    const from = this.at;
    const copula = this.eatAny("is", "are", "was", "were", "equal to");
    const not = copula && this.eat("not");
    const pattern = patterns.find(([word]) => this.eat(word));
    if (pattern !== undefined) {
      this.eat("the");
      this.eatAny("letter", "word", "phrase", "substring", "string", "text");
      const value = this.patternText();
      if (value === undefined || not) throw this.unread("a text");
      this.filters.push({ term: column.ref, op: pattern[1], value });
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
      const orMore = op === "=" ? this.orMore() : undefined;
      this.filters.push({ term: column.ref, op: orMore ?? op, value: number });
      return true;
    }
    if (op !== "=" && op !== "!=") return this.back(from);
    const value = this.valueFor(column);
    if (value === undefined) return this.back(from);
    const other = this.eat("or") ? this.valueFor(column) : undefined;
    if (this.words[this.at - 1]?.lower === "or") throw this.unread("the alternative");
    if (other !== undefined && op !== "=") throw this.unread("the alternative");
    this.filters.push(eitherOf(column.ref, op, value, other));
    return true;
  }

  /** A text that names begin with or hold: one word, or as many as are written like a name ("Customer 1"). */
  private patternText(): string | undefined {
    const first = this.word();
    if (first === undefined) return undefined;
    const from = this.at;
    this.at++;
    if (/^\p{Lu}/u.test(first.text) && first.kind === "word")
      while (this.word()?.kind !== "quoted" && /^[\p{Lu}\d]/u.test(this.word()?.text ?? "")) this.at++;
    const said = this.words.slice(from, this.at);
    return said.map((w) => w.text).join(" ");
  }

  /** A value of one column, from here on. */
  private valueFor(column: Found): string | number | undefined {
    const word = this.word();
    if (word?.kind === "quoted") {
      const known = this.terms.value(word.text, this.home, column)?.value;
      if (known === undefined && (this.terms.isNumber(column) || this.terms.isKey(column))) return undefined;
      this.at++;
      return known ?? word.text;
    }
    return this.longestValue((text) => this.terms.value(text, this.home, column))?.value;
  }

  /** A stored value, in whatever column holds it. */
  private valueAnywhere(op: "=" | "!="): void {
    const word = this.word();
    if (word?.kind === "quoted") {
      this.at++;
      const found = this.need(this.valueNear(word.text), `"${word.text}"`);
      this.filters.push({ term: found.ref, op, value: found.value });
      this.noun(found);
      return;
    }
    // "of the products": what something is of is a thing, not a kind that is stored.
    const isOf = this.words.slice(Math.max(0, this.at - 2), this.at).some((w) => w.lower === "of");
    const found = this.longestValue((text) => {
      const value =
        this.valueNear(text) ?? (isOf || this.terms.isNamed(text) ? undefined : this.terms.severalOf(text, this.home));
      // A table's own name is meant as that, wherever else the word may be stored.
      const stray = value !== undefined && this.terms.isNamed(text) && !this.home.includes(value.table);
      return value !== undefined && !stray && value.confidence >= 0.3 ? value : undefined;
    });
    if (found === undefined) throw this.unread("a value");
    this.take(found);
    this.only(found, op);
    if (op !== "=" || !this.lastName(found)) this.noun(found);
  }

  /** "Ana Shaw": a first name and the last name after it, of the same people. */
  private lastName(first: FoundValue): boolean {
    const column = this.terms.lastNames(first);
    const last = column && this.valueFor(column);
    if (column === undefined || last === undefined) return false;
    this.filters.push({ term: column.ref, op: "=", value: last });
    return true;
  }

  /** Rows with a stored value, or with one of two: "open or overdue". */
  protected only(found: FoundValue, op: "=" | "!=" = "="): void {
    const from = this.at;
    const other =
      op === "=" && this.eat("or") ? this.longestValue((text) => this.terms.value(text, this.home, found)) : undefined;
    if (other === undefined) this.at = from;
    this.filters.push(eitherOf(found.ref, op, found.value, other?.value));
  }

  /** A stored value, of the table that was said last where it has it. */
  private valueNear(text: string): FoundValue | undefined {
    const { nearest } = this;
    const near = nearest === undefined ? undefined : this.terms.valueIn(text, nearest);
    return near ?? this.terms.value(text, this.home);
  }

  /** The same, where one stands here. */
  protected valueHere(): boolean {
    const [from, sure] = [this.at, this.sure];
    try {
      this.valueAnywhere("=");
      return true;
    } catch (thrown) {
      if (!(thrown instanceof Unread)) throw thrown;
      this.sure = sure;
      return this.back(from);
    }
  }

  /** "Ph.D. degree", "Paid status": the value's own column said after it. */
  private noun(found: FoundValue): void {
    const from = this.at;
    const phrase = this.tryPhrase();
    const column = phrase === undefined ? undefined : this.terms.column(phrase, [found.table]);
    // Of "1 race" the number counts.
    const isText = !/^\d+$/.test(String(found.value));
    const isTable = isText && phrase !== undefined && this.terms.isCalledSo(found.table, phrase);
    if (phrase !== undefined && column?.ref !== found.ref && !isTable) this.at = from;
  }

  protected named(): void {
    const entity = this.about.at(-1);
    const column = entity === undefined ? undefined : this.terms.nameColumn(entity);
    if (column === undefined) return this.valueAnywhere("=");
    if (!this.compare(column)) throw this.unread("the name");
  }

  /** "in Texas", "from the city of Paris", "in 2009", "in department \"Sales\"" */
  protected place(): void {
    const from = this.at;
    const preposition = ["in", "from", "at", "on", "for", "to", "of", "within", "during", "since", "by", "via"].find(
      (p) => this.eat(p),
    );
    if (preposition === undefined) throw this.unread();
    this.eat("the");
    const year = this.word();
    if (year?.value !== undefined && year.value >= 1900 && year.value < 2100 && /^\d{4}$/.test(year.lower))
      return this.year(year.value);
    if (this.namedValue()) return;
    if (preposition === "by" && this.measures.length === 0 && this.columns.length > 0) {
      this.at = from;
      throw this.unread();
    }
    const leads = ["in", "from", "at", "on", "for", "to", "within", "by", "via"].includes(preposition);
    if (this.onSomeDays()) return;
    if (leads && this.tableHere()) return;
    this.valueAnywhere("=");
    // Aircraft "in service" are not those with flights with complaints about "service".
    const { term = "" } = this.filters.at(-1) ?? {};
    if (this.terms.isFarBelow(term, this.home.at(-1))) throw new Unread(`whose ${term} it is`, [term]);
  }

  /** "on weekends": days of which the calendar says so. */
  private onSomeDays(): boolean {
    const [entity, word] = [this.home.at(-1), this.word()];
    const flag = entity === undefined || word?.kind !== "word" ? undefined : this.terms.dayFlag(word.lower, entity);
    if (flag === undefined) return false;
    this.at++;
    this.keep(byFlag(flag, "yes"));
    return true;
  }

  /** "city of Paris", "department \"Sales\"": a value after what it is a value of. Eats nothing else. */
  protected namedValue(): boolean {
    const start = this.at;
    const run = this.run();
    for (let k = run.length; k > 0; k--) {
      this.at = start + k;
      const phrase = run
        .slice(0, k)
        .map((w) => w.lower)
        .join(" ");
      const next = this.word();
      const linked = this.eatAny("of", "named", "called") || next?.kind === "quoted" || k < run.length;
      if (!linked) continue;
      const column = this.terms.column(phrase, this.about);
      if (column !== undefined && column.confidence >= 0.5 && this.compare(column)) {
        this.take(column);
        return true;
      }
      const table = this.terms.table(phrase);
      this.at = start + k;
      this.eatAny("of", "named", "called");
      if (table !== undefined && table.confidence >= 0.6 && this.valueIn(table)) return true;
    }
    return this.back(start);
  }

  /** Of "orders shipped in 1997" the orders alone, though a column has that verb in its name. */
  protected entityPhrase(): string | undefined {
    const from = this.at;
    const phrase = this.tryPhrase();
    if (phrase === undefined || this.terms.table(phrase) !== undefined) return phrase;
    const said = this.words.slice(from, this.at);
    const verb = said.findIndex((w, i) => w.pos === "VERB" || (i > 0 && this.isLinkingVerb(w)));
    const shorter = said
      .slice(0, Math.max(0, verb))
      .map((w) => w.lower)
      .filter((w) => !determiners.has(w))
      .join(" ");
    const isRows = shorter !== "" && (this.terms.table(shorter) ?? this.terms.someOf(shorter)) !== undefined;
    if (!isRows) return phrase;
    this.at = from + verb;
    return shorter;
  }

  /** "to female customers", "for the Boston stores": of the rows of another table those that are told apart. */
  private someHere(some: SomeRows): true {
    this.take(some.table);
    this.nearest = some.table.table;
    this.beside(some.table.table);
    this.keep(some);
    return true;
  }

  /** "for businesses", "by the author": rows of a table that there must be; what follows may be said of them. Eats nothing else. */
  protected tableHere(): boolean {
    const from = this.at;
    // "and their parties" asks for more.
    const phrase = possessives.has(this.word()?.lower ?? "") ? undefined : this.entityPhrase();
    const table = phrase === undefined ? undefined : this.terms.table(phrase);
    const next = this.word();
    const ends = next === undefined || next.kind !== "word" || boundaries.has(next.lower) || next.pos === "VERB";
    const isEnded = (ends || this.isLinkingVerb(next)) && next?.kind !== "quoted";
    const some = table === undefined && phrase !== undefined && isEnded ? this.terms.someOf(phrase) : undefined;
    if (some !== undefined) return this.someHere(some);
    if (table === undefined || table.confidence < 0.9 || !isEnded) return this.back(from);
    this.take(table);
    this.nearest = table.table;
    if (!this.home.includes(table.table)) {
      this.beside(table.table);
      this.needed.add(table.table);
    }
    return true;
  }

  /** "in the database": where all rows are. */
  protected aside(): boolean {
    const from = this.at;
    if (!this.eatAny("in", "from", "within") || !this.eatAny("the", "this", "our")) return this.back(from);
    const word = this.word()?.lower ?? "";
    this.at++;
    const next = this.word();
    const ends = next === undefined || next.kind === "mark" || boundaries.has(next.lower);
    return (everywhere.has(word) && !this.terms.isName(word) && ends && next?.lower !== "of") || this.back(from);
  }

  /** "born in Tehran", "managed by Kyle": the value says which column, less surely than its name would. */
  protected participle(verb: TaggedWord): void {
    const [from, home] = [this.at, this.home];
    this.at++;
    if (this.dated(verb) || this.flagged(verb) || this.echoes(verb)) return;
    // "belong to", "assigned to" link, whatever is stored so.
    const linksTo = this.isLinkingVerb(verb) && ["to", "with"].includes(this.word()?.lower ?? "");
    if (!linksTo && this.stored(verb)) return;
    if (this.didOne(verb)) return;
    const isPlain = this.isLinkingVerb(verb) || lightVerbs.has(verb.lemma);
    const time = this.terms.timeCalled(verb, this.home);
    if (time !== undefined && (this.splitBy(time) || this.happened(time, "is_not_null"))) return;
    const links = time === undefined ? isPlain : this.terms.isAlways(time);
    if (links) {
      this.linkedBy.push(verb);
      this.done = true;
    }
    if (links && (this.endsHere() || this.isYearAhead() || this.isEachAhead())) {
      this.sure *= linkDoubt;
      return;
    }
    if (links && this.several()) return;
    const preposition = ["in", "at", "from", "by", ...(links ? ["with", "on", "to"] : [])].find((p) => this.eat(p));
    this.eat("the");
    if ((preposition === undefined && !links) || this.word()?.kind === "number") {
      this.at = from;
      throw this.unread();
    }
    const named = links && (this.namedValue() || this.tableHere());
    this.sure *= named ? linkDoubt : participleDoubt;
    if (!named) this.valueAnywhere("=");
    const last = this.filters.at(-1);
    // A year or a number after a verb may be that of anything.
    if (typeof last?.value === "number") throw new Unread(`"${verb.text}" of what`);
    // Who is managed by Kyle is not Kyle.
    const isOneself = home.flatMap((table) => this.terms.nameColumns(table)).some((c) => c.ref === last?.term);
    const isTheirs = !this.terms.isFarBelow(last?.term ?? "", this.home.at(-1));
    if (preposition === "by" && (isOneself || (!named && !isTheirs))) throw new Unread(`who "${verb.text}" them`);
  }

  /** "customers who ordered in 2026": those with rows of the one table called after the verb, of its period; nothing else may follow. */
  private didOne(verb: TaggedWord): boolean {
    const [from, entity] = [this.at, this.home.at(-1)];
    const table = entity === undefined ? undefined : this.terms.calledAfter(verb, entity);
    if (table === undefined || this.terms.timeCalled(verb, this.home) !== undefined) return false;
    const during = this.periodAtEnd(table.table);
    if (during === undefined || during.length === 0 || !this.endsHere()) return this.back(from);
    this.take(table);
    this.filters.push({ term: `${table.ref}.*`, op: "is_not_null" }, ...during);
    return true;
  }

  /** "created each year", "hired per month": by when they were; of those of which that is known. */
  private splitBy(time: Found): boolean {
    const from = this.at;
    this.eatAny("in", "for", "by", "per");
    this.skip(each);
    const isGrain = this.at > from && grains.has(this.word()?.lower ?? "");
    this.at = from;
    if (!isGrain || this.measures.length === 0 || this.time.term !== undefined) return false;
    this.take(time);
    this.time = { ...this.time, term: time.ref };
    if (!this.terms.isAlways(time)) this.filters.push({ term: time.ref, op: "is_not_null" });
    return true;
  }

  /** "more than 90 days past due": a column of numbers of the tables at hand that is called so. */
  protected measuredBy(): boolean {
    const from = this.at;
    const [op, value] = [this.comparison(), this.number()];
    const phrase = op === undefined || value === undefined ? undefined : this.tryPhrase();
    const column = phrase === undefined ? undefined : this.numberCalled(phrase);
    if (op === undefined || value === undefined || column === undefined) return this.back(from);
    this.compareWith(column, op, value);
    return true;
  }

  /** "more than one book", "two or more courses", "at least 3 orders": rows that have so many. */
  protected several(): boolean {
    const from = this.at;
    const said = this.comparison();
    const value = this.number();
    const more = said === undefined && value !== undefined ? this.orMore() : undefined;
    const op = said ?? more;
    if (value !== undefined && op === undefined && this.exactly(value)) return true;
    if (value === undefined || op === undefined) return this.back(from);
    this.countedCondition(op, value);
    return true;
  }

  /** Whether "by" tells at a place who did something: "placed by customers in Texas", "by the author", but "placed by month", "by each customer". */
  protected isDoer(at: number): boolean {
    const [by, next] = [this.words[at], this.words[at + 1]];
    if (by?.lower !== "by" || next === undefined || each.has(next.lower)) return false;
    const from = this.at;
    this.at = at + 1;
    const phrase = this.entityPhrase();
    const last = this.words[this.at - 1]?.lower ?? "";
    this.at = from;
    const isTable = phrase !== undefined && (this.terms.table(phrase)?.confidence ?? 0) >= 0.9;
    return isTable && (determiners.has(next.lower) || singular(last) !== last);
  }

  /** "the quantity ordered per product": the verb only says again what the table at hand is called. */
  private echoes(verb: TaggedWord): boolean {
    const ends = [undefined, "per", "by", "for", "in", ",", "?"].includes(this.word()?.lower);
    if (ends && this.home.some((table) => this.terms.isCalled(table, verb.lemma))) return true;
    const isTraded = this.measures.length > 0 && tradeVerbs.has(verb.lemma) && !this.terms.areTraded(this.home);
    return ends && isTraded && this.saysNoMore(verb);
  }

  protected valueIn(table: Found): boolean {
    const from = this.at;
    const word = this.word();
    const find = (text: string) => this.terms.valueIn(text, table.table);
    const found = word?.kind === "quoted" ? find(word.text) : this.longestValue(find);
    if (found === undefined) return this.back(from);
    if (word?.kind === "quoted") this.at++;
    this.take(found);
    this.filters.push({ term: found.ref, op: "=", value: found.value });
    return true;
  }

  protected isCondition(): boolean {
    return this.eatAny("with", "whose", "where", "having");
  }

  /** "who are …", "that have …", "that is located in …" */
  protected relative(): boolean {
    const from = this.at;
    const opened = this.eatAny("that", "which", "who");
    if (this.eatAny(...lacking)) {
      this.absent();
      return true;
    }
    if (this.neverDid()) return true;
    if (this.eatAny("have", "has", "had")) {
      const not = this.eatAny("not", "n't", "n’t");
      if (not && this.eat("been")) {
        if (this.neverHappened()) return true;
        throw this.unread("what must not be");
      }
      const verb = this.word();
      if (verb?.pos === "VERB" && lightVerbs.has(verb.lemma)) this.at++;
      else if (verb?.pos === "VERB" && linkingVerbs.has(verb.lemma) && !not) return true;
      // "have churned": what happened to them.
      if (verb !== undefined && !not && this.terms.timeCalled(verb, this.home) !== undefined) return true;
      if (not) this.absent();
      else if (!this.present()) this.condition();
      return true;
    }
    if (this.eatAny("is", "are", "was", "were")) {
      if (this.eat("not") || this.eat("never")) {
        this.at--;
        const never = this.neverDid();
        if (never) return true;
        this.at++;
        if (this.neverHappened() || this.saidNo()) return true;
        this.eat("in");
        this.eat("from");
        this.valueAnywhere("!=");
        return true;
      }
      const next = this.word();
      if (this.flaggedPhrase() || this.storedFrom()) return true;
      if (next !== undefined && next.kind !== "mark" && !boundaries.has(next.lower) && next.pos !== "VERB") {
        if (this.flagged(next) || this.notDone(next)) this.at++;
        else if (!this.comparative() && !this.measuredBy()) this.valueAnywhere("=");
      }
      return true;
    }
    if (opened && this.measured()) return true;
    return opened && this.word()?.pos === "VERB" ? true : this.back(from);
  }
}
