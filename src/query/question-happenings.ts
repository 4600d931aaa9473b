/** What happened to the rows that a question means, or never did: times, flags and stored values that are called after a verb. Pure. */

import type { TaggedWord } from "../terms/tagging.js";
import { Numbers } from "./question-numbers.js";
import { byFlag, type SomeRows } from "./question-terms.js";
import { each } from "./question-words.js";
import type { Found } from "./schema-terms.js";
import type { FoundValue } from "./stored-terms.js";

/** How sure it is that a period after a stored value's verb is that of the rows. */
const periodDoubt = 0.45;

export class Happenings extends Numbers {
  /** "that were cancelled": rows whose time of it is known, where it is not of all; nothing else may follow. */
  protected happened(time: Found, op: "is_null" | "is_not_null"): boolean {
    if (this.terms.isAlways(time) || !(this.endsHere() || this.isEachAhead())) return false;
    this.take(time);
    this.filters.push({ term: time.ref, op });
    return true;
  }

  /** "not cancelled": rows whose time of it is missing. */
  protected neverHappened(): boolean {
    const from = this.at;
    const verb = this.word();
    const time = verb?.kind === "word" ? this.terms.timeCalled(verb, this.home) : undefined;
    this.at++;
    return (time !== undefined && this.happened(time, "is_null")) || this.back(from);
  }

  /** "have never visited", "who never ordered": rows of the one table called after the verb that there must not be; nothing else may follow. */
  protected neverDid(): boolean {
    const from = this.at;
    const entity = this.home.at(-1);
    if (!this.eatAny("have never", "has never", "had never", "never")) return this.back(from);
    // "guests who never …" are people, whose bookings are not what never did.
    if (this.columns.some((c) => c.ref.includes(" via "))) throw this.unread("which rows never did");
    if (this.eat("been") && this.neverHappened()) return true;
    const verb = this.word();
    this.at++;
    if (verb !== undefined && this.neverDidOne(verb)) return true;
    const table = verb === undefined || entity === undefined ? undefined : this.terms.calledAfter(verb, entity);
    if (table === undefined || !this.endsHere() || this.measures.length + this.columns.length === 0)
      return this.back(from);
    this.take(table);
    this.filters.push({ term: `${table.ref}.*`, op: "is_null" });
    return true;
  }

  /** "never opened a ticket": no row of another table, where the verb says nothing that some of these rows may lack. */
  private neverDidOne(verb: TaggedWord): boolean {
    const [from, entity] = [this.at, this.home.at(-1)];
    const phrase = this.tryPhrase();
    const table = phrase === undefined ? undefined : this.terms.table(phrase);
    const isOther = table !== undefined && table.confidence >= 0.9 && table.table !== entity && this.endsHere();
    const time = isOther ? this.terms.timeCalled(verb, [table.table]) : undefined;
    const saysMore = time === undefined ? this.terms.speaksOf(verb) : !this.terms.isAlways(time);
    if (!isOther || saysMore || this.measures.length + this.columns.length === 0) return this.back(from);
    this.take(table);
    this.filters.push({ term: `${table.ref}.*`, op: "is_null" });
    return true;
  }

  /** "are open", "are inactive", "are retired": what has not happened to rows, or has to some, where no value of theirs is called so. */
  protected notDone(word: TaggedWord): boolean {
    const entity = this.home.at(-1);
    const undone =
      this.terms.undone(word.lower, this.home) ??
      (entity === undefined ? undefined : this.terms.owed(word.lower, entity));
    if (this.terms.stored(word.lower, this.home) !== undefined) return false;
    // "are retired": an adjective for what has happened to some of them.
    const done = undone === undefined && entity !== undefined ? this.terms.doneTo(word.lower, entity) : undefined;
    const told = undone ?? (done === "all" ? undefined : done);
    if (told === undefined) return false;
    this.keep(told);
    return true;
  }

  /** Whether a verb says nothing of an amount: no word of the schema's, nor one for other rows ("rent collected", where receipts are kept apart from the rent). */
  protected saysNoMore(verb: TaggedWord): boolean {
    const kept = this.terms.calledAs(verb);
    return !this.terms.speaksOf(verb) && (kept.length === 0 || kept.some((table) => this.home.includes(table)));
  }

  /** Of a table's rows those that are told apart. */
  protected keep({ by, only, also = [] }: Pick<SomeRows, "by" | "only" | "also">): void {
    this.take(by);
    this.filters.push(only);
    if (only.op === "as_of") this.isOfDay = true;
    // "disposed assets in 2026": by when it happened to those to which it did.
    if (only.op === "is_not_null") this.eventTime = only.term;
    for (const some of also) this.keep(some);
  }

  /** Nothing follows that a verb could take. */
  protected endsHere(): boolean {
    const next = this.word();
    return next === undefined || next.kind === "mark" || ["ordered", "sorted", "and"].includes(next.lower);
  }

  /** "published in each year", "enrolled per course": only what to group by follows. Eats nothing. */
  protected isEachAhead(): boolean {
    const from = this.at;
    const per = this.eat("per");
    this.eatAny("in", "for", "by", "with", "at", "from", "to", "on", "through");
    const ahead = per || each.has(this.word()?.lower ?? "");
    this.at = from;
    return ahead;
  }

  /** "that are discontinued": the one column of the tables at hand that says so, with yes or no. */
  protected flagged(word: TaggedWord, says: "yes" | "no" = "yes"): boolean {
    const flag = this.terms.flag(word.lower, this.home);
    if (flag === undefined) return false;
    this.keep(byFlag(flag, says));
    return true;
  }

  /** "written off", "awaiting approval": several words from a verb on that are stored as a value of the tables at hand. */
  protected storedPhrase(): boolean {
    if (this.word()?.pos !== "VERB" || this.home.length === 0) return false;
    const value = this.longestValue((text) => (text.includes(" ") ? this.terms.stored(text, this.home) : undefined));
    if (value === undefined) return false;
    this.keepValue(value);
    return true;
  }

  /** "in progress", "under repair": several words that are stored as a value of the tables at hand, whatever they begin with. */
  protected storedFrom(): boolean {
    for (const length of [4, 3, 2]) {
      const words = this.words.slice(this.at, this.at + length);
      const isText = words.length === length && words.every((w) => w.kind === "word");
      const value = isText ? this.terms.stored(words.map((w) => w.text).join(" "), this.home) : undefined;
      if (value === undefined) continue;
      this.at += length;
      this.keepValue(value);
      return true;
    }
    return false;
  }

  /** "on hold": a column of the tables at hand that says yes or no of several words. */
  protected flaggedPhrase(): boolean {
    for (const length of [3, 2]) {
      const words = this.words.slice(this.at, this.at + length);
      const flag = words.length < length ? undefined : this.terms.flag(words.map((w) => w.lower).join(" "), this.home);
      if (flag === undefined) continue;
      this.keep(byFlag(flag, "yes"));
      this.at += length;
      return true;
    }
    return false;
  }

  /** "with receipt", "without receipt": the column of the tables at hand that says whether there is one. */
  protected flaggedAs(says: "yes" | "no"): boolean {
    const from = this.at;
    const phrase = this.tryPhrase();
    const flag = phrase === undefined ? undefined : this.terms.flag(`has ${phrase}`, this.home);
    if (flag === undefined || !this.endsHere()) return this.back(from);
    this.keep(byFlag(flag, says));
    return true;
  }

  /** "are not public": rows of which a column says no of a word. */
  protected saidNo(): boolean {
    const word = this.word();
    if (word?.kind !== "word" || !this.flagged(word, "no")) return false;
    this.at++;
    return true;
  }

  private keepValue(value: FoundValue): void {
    this.take(value);
    this.filters.push({ term: value.ref, op: "=", value: value.value });
    const year = this.bareYear();
    if (year !== undefined) this.time = { ...this.time, range: year };
    if (this.time.range !== undefined) this.sure *= periodDoubt;
  }

  /** "orders cancelled", where that is stored as a value of theirs. When it happened is not when they did: with a period it is asked back. */
  protected stored(verb: TaggedWord): boolean {
    const value = this.terms.stored(verb.lower, this.home);
    if (value === undefined) return false;
    this.keepValue(value);
    return true;
  }
}
