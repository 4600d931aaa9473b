/** When rows happened, as a question says it: years, periods, verbs with a time of their own, and whose time a period is. Pure. */

import type { TaggedWord } from "../terms/tagging.js";
import type { Filter } from "./intent.js";
import { Reading, Unread } from "./question-reading.js";
import { particles } from "./question-words.js";
import type { Found } from "./schema-terms.js";

export class Periods extends Reading {
  /** "in 2024", "last month" at the end of a question, as filters on when a table's rows happened; none where it ends at once, undefined where it goes on or that is not told. */
  protected periodAtEnd(table: number): readonly Filter[] | undefined {
    const { range, ...more } = this.time;
    const bare = range === undefined ? this.bareYear() : undefined;
    if (this.at !== this.words.length || Object.keys(more).length > 0) return undefined;
    const phrase = bare ?? range;
    if (phrase === undefined) return [];
    const isSaidHere = typeof phrase === "string" && (bare !== undefined || this.timeEnds);
    const column = this.terms.timeColumn(table);
    const days = isSaidHere ? this.terms.days(phrase) : undefined;
    if (column === undefined || days === undefined) return undefined;
    this.take(column);
    this.time = {};
    return bounds(column, days);
  }

  /** Of rows that are listed, a period is a filter on the time that is meant. */
  protected filteredByTime(column: Found, range: NonNullable<typeof this.time.range>): boolean {
    const { range: _range, term: _term, ...more } = this.time;
    const days = typeof range === "string" ? this.terms.days(range) : undefined;
    if (days === undefined || Object.keys(more).length > 0) return false;
    this.take(column);
    this.time = {};
    this.filters.push(...bounds(column, days));
    return true;
  }

  /** "customers with orders in 2025": a period after rows of many is theirs, not that of those they belong to. */
  protected ofNearest(range: string): boolean {
    const [nearest, entity] = [this.nearest, this.home.at(-1)];
    if (nearest === undefined || this.terms.isLookedUp(this.terms.ref(nearest), entity)) return false;
    const column = this.terms.timeColumn(nearest);
    if (column === undefined && this.terms.yearColumn([nearest]) !== undefined) return false;
    if (column === undefined || !this.filteredByTime(column, range)) throw new Unread(`when "${range}" is of`);
    return true;
  }

  /** Whether what is asked about tells when its rows happened. */
  private isTimed(): boolean {
    const entity = this.home.at(-1);
    return entity !== undefined && this.terms.timesOf(entity).length > 0;
  }

  /** "in 1997", "during 2024": the year; eats nothing else. */
  protected bareYear(): string | undefined {
    const from = this.at;
    const opened = this.eatAny("in", "during");
    if (opened && this.eat("the")) this.eatAny("calendar year", "year");
    else if (opened) this.eat("year");
    const year = opened ? this.word()?.lower : undefined;
    const isYear = year !== undefined && /^(?:19|20)\d{2}$/.test(year);
    this.at = isYear ? this.at + 1 : from;
    return isYear ? year : undefined;
  }

  protected isYearAhead(): boolean {
    const from = this.at;
    const year = this.bareYear();
    this.at = from;
    return year !== undefined;
  }

  /** "shipped in 1997", "hired" beside a period: the one time of the tables at hand that is called so. */
  protected dated(said: TaggedWord): boolean {
    if (this.time.term !== undefined) return false;
    const from = this.at;
    const verb = this.withParticle(said);
    const year = this.bareYear();
    const both = year === undefined || this.measures.length === 0 ? undefined : this.bothYears(Number(year));
    const range = this.time.range ?? both ?? year;
    if (range === undefined || (year !== undefined && this.time.range !== undefined)) return this.back(from);
    if (year === undefined && !this.isPeriodOf(verb)) return false;
    const column = this.terms.timeCalled(verb, this.home);
    if (column === undefined) return this.back(from);
    if (this.measures.length === 0) return this.filteredByTime(column, range) || this.back(from);
    this.take(column);
    this.time = { ...this.time, term: column.ref, range, ...(both === undefined ? {} : { grain: "year" }) };
    return true;
  }

  /** "signed up", where a time is called so (`signup_date`): verb and particle as one; eats the particle. */
  private withParticle(verb: TaggedWord): TaggedWord {
    const particle = this.word()?.lower ?? "";
    const both = verb.lemma + particle;
    const isOne =
      particles.has(particle) && this.terms.timeCalled({ lower: both, lemma: both }, this.home) !== undefined;
    if (isOne) this.at++;
    return isOne ? { ...verb, lower: both, lemma: both } : verb;
  }

  /** Whether a period that was cut out of the sentence led it or followed a verb: "orders of 2025 that were shipped" were shipped at any time. */
  protected isPeriodOf(verb: TaggedWord): boolean {
    return this.timeAt === undefined || this.timeAt === 0 || this.timeAt >= verb.end;
  }

  /** "and 2025", "vs 2025" after a year: the other one that it is set beside. */
  private secondYear(first: number): number | undefined {
    const from = this.at;
    if (!this.eatAny("and", "vs", "versus", "with", "to", "against")) return undefined;
    const year = this.word();
    const isYear = year?.value !== undefined && /^(?:19|20)\d{2}$/.test(year.lower) && year.value !== first;
    this.at = isYear ? this.at + 1 : from;
    return isYear ? year.value : undefined;
  }

  /** Both years from a first one on, where another follows. */
  private bothYears(first: number): { readonly from: string; readonly to: string } | undefined {
    const second = this.secondYear(first);
    return second === undefined ? undefined : this.fromTo(first, second);
  }

  private fromTo(a: number, b: number): { readonly from: string; readonly to: string } {
    const [first, last] = [Math.min(a, b), Math.max(a, b)];
    if (last !== first + 1) throw this.unread("two years in a row");
    return { from: `${first}-01-01`, to: `${last + 1}-01-01` };
  }

  protected year(value: number): void {
    const at = this.word()?.start;
    this.at++;
    const column = this.terms.yearColumn(this.home);
    const second = this.secondYear(value);
    if (column !== undefined) {
      this.take(column);
      if (second === undefined) this.filters.push({ term: column.ref, op: "=", value });
      else this.filters.push({ term: column.ref, op: "in", value: [value, second] });
      if (second !== undefined && this.measures.length > 0) this.dimensions.push(column.ref);
      return;
    }
    if (second !== undefined) {
      if (this.measures.length === 0 || this.time.range !== undefined || this.time.grain !== undefined)
        throw this.unread("the years");
      this.time = { ...this.time, range: this.fromTo(value, second), grain: "year" };
      return;
    }
    if (this.ofNearest(String(value))) return;
    const isListed = this.measures.length === 0;
    if (this.time.range !== undefined || (isListed && !this.isTimed())) throw this.unread("the year");
    this.time = { ...this.time, range: String(value) };
    this.timeAt = at;
  }
}

/** From the first day up to, not including, the day after the last. */
function bounds(
  { ref: term }: Found,
  { from, to }: { readonly from?: string; readonly to?: string },
): readonly Filter[] {
  return [
    ...(from === undefined ? [] : [{ term, op: ">=" as const, value: from }]),
    ...(to === undefined ? [] : [{ term, op: "<" as const, value: to }]),
  ];
}
