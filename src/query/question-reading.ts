/**
 * A question as it is read: its words with a cursor, what was understood so far, and the tables at hand. The other files of the reader add what the
 * words mean. Pure.
 */

import { singular } from "../schema/name-words.js";
import { type TaggedWord, tagged } from "../terms/tagging.js";
import type { QueryContext } from "./answer.js";
import type { Filter, Intent } from "./intent.js";
import { QuestionTerms } from "./question-terms.js";
import { withoutTime } from "./question-time.js";
import {
  aggregations,
  attributive,
  boundaries,
  comparisons,
  counting,
  determiners,
  linkingVerbs,
  measuringVerbs,
  particles,
  presently,
  superlatives,
} from "./question-words.js";
import type { Found } from "./schema-terms.js";

/** Stops the reading with what was not understood, and with the names that may have been meant. */
export class Unread extends Error {
  constructor(
    message: string,
    readonly candidates: readonly string[] = [],
  ) {
    super(message);
  }
}

/** Stops the reading where several columns fit as well: each may be meant by what `of` names. */
export class Either extends Unread {
  constructor(
    readonly of: string,
    candidates: readonly string[],
  ) {
    super(`"${of}" may be ${candidates.join(", ")}`, candidates);
  }
}

interface Measuring {
  readonly names: readonly string[];
  readonly op: Filter["op"];
  readonly value: number;
  readonly end: number;
}

export type Measure = NonNullable<Intent["measures"]>[number];

/** "check-ins", "round-trip": words written as one, each with the part of speech of its last. */
function compounds(words: readonly TaggedWord[]): readonly TaggedWord[] {
  const made: TaggedWord[] = [];
  for (let at = 0; at < words.length; at++) {
    const [before, mark, after] = [made.at(-1), words[at], words[at + 1]];
    const joins =
      mark?.text === "-" &&
      before?.kind === "word" &&
      after?.kind === "word" &&
      before.end === mark.start &&
      mark.end === after.start;
    if (mark === undefined) continue;
    if (!joins) {
      made.push(mark);
      continue;
    }
    const join = (of: "text" | "lower" | "lemma"): string => `${before[of]}-${after[of]}`;
    made[made.length - 1] = {
      ...after,
      text: join("text"),
      lower: join("lower"),
      lemma: join("lemma"),
      start: before.start,
    };
    at++;
  }
  return made;
}

/** How participles end that may tell more of a noun: "cancelled", "frozen", "withdrawn". */
const participle = /(?:.ed|[^aeiou]en|wn)$/;

/** "have been decommissioned" as "were decommissioned". */
function passives(words: readonly TaggedWord[]): readonly TaggedWord[] {
  const isHave = (word: TaggedWord | undefined) => /^(?:have|has|had)$/.test(word?.lower ?? "");
  const isPast = (at: number) => isHave(words[at - 1]) && words[at]?.lower === "been";
  return words.flatMap((word, i) => {
    if (isPast(i + 1)) return [];
    return isPast(i) ? [{ ...word, lower: "were", lemma: "be" }] : [word];
  });
}

/** Words in the longest name of a column that is looked for as it is written. */
const maxNameWords = 6;
/** Words in the longest stored value that is looked for. */
const maxValueWords = 8;

export class Reading {
  protected readonly words: readonly TaggedWord[];
  protected readonly terms: QuestionTerms;
  protected at = 0;
  protected sure = 1;
  /** Tables that the question has named so far, the nearest last. */
  protected home: number[] = [];
  /** The table that was said last of those that rows must belong to: what follows is likelier said of it. */
  protected nearest: number | undefined;
  /** Tables that rows must belong to, whether or not anything of them is shown. */
  protected readonly needed = new Set<number>();
  protected readonly measures: Measure[] = [];
  protected readonly columns: Found[] = [];
  protected readonly dimensions: string[] = [];
  protected readonly filters: Filter[] = [];
  protected readonly having: { measure: string; op: ">" | "<" | ">=" | "<=" | "=" | "!="; value: number }[] = [];
  /** What a leading "for each …" groups by. */
  protected first: string | undefined;
  protected order: { by: string; direction: "asc" | "desc" } | undefined;
  protected limit: number | undefined;
  /** The limit follows from a superlative: no number was said. */
  protected limitImplied = false;
  protected top: NonNullable<Intent["top"]> | undefined;
  protected distinct = false;
  protected shared = false;
  /** Whether a table itself is listed, by whatever stands for its rows. */
  protected whole = false;
  /** Whether a verb says that something was done, so that "by" may tell by whom. */
  protected done = false;
  /** Whether rows are said to be new, which a period must make of them. */
  protected saidNew = false;
  /** Verbs that were taken to link only. */
  protected readonly linkedBy: TaggedWord[] = [];
  protected time: NonNullable<Intent["time"]>;
  /** Ref of the time of what is counted, where that is what happened to rows. */
  protected eventTime: string | undefined;
  /** Whether what is counted is so on a day alone: a headcount, what is active. */
  protected isOfDay = false;
  /** Whether the period that was said stood at the end. */
  protected readonly timeEnds: boolean;
  /** Before which character of the words it was said; undefined where none was. */
  protected timeAt: number | undefined;

  /** `meant`: columns that were picked where several fit, by what they were meant by. */
  constructor(question: string, context: QueryContext, meant: ReadonlyMap<string, string>) {
    this.terms = new QuestionTerms(context, question, meant);
    const isFiscal = this.terms.isColumnName("fiscal year");
    const { rest, time, at } = withoutTime(question.trim().replace(/[\s?.!;]+$/u, ""), context.now, isFiscal);
    this.words = passives(compounds(tagged(rest))).filter(
      ({ text }) => !presently.has(text) || this.terms.isName(text),
    );
    this.time = time;
    this.timeEnds = at === rest.length;
    this.timeAt = at;
  }

  protected longestValue<T>(find: (text: string) => T | undefined): T | undefined {
    const from = this.at;
    let end = from;
    while (end < this.words.length && end - from < maxValueWords && this.words[end]?.kind !== "quoted") {
      const word = this.words[end];
      if (word === undefined || (word.kind === "mark" && !/^[-&/.']$/.test(word.text))) break;
      end++;
    }
    for (; end > from; end--) {
      const [first, last] = [this.words[from], this.words[end - 1]];
      if (first === undefined || last === undefined || boundaries.has(last.lower) || boundaries.has(first.lower))
        continue;
      // "a grade C" is no grade A.
      if (end === from + 1 && determiners.has(first.text)) continue;
      const text = this.words
        .slice(from, end)
        .map((w, i) => (i > 0 && w.start > (this.words[from + i - 1]?.end ?? 0) ? ` ${w.text}` : w.text))
        .join("");
      const found = find(text);
      if (found !== undefined) {
        this.at = end;
        return found;
      }
    }
    return undefined;
  }

  /** The words of one phrase, at least one. */
  protected phrase(): string {
    const phrase = this.tryPhrase();
    if (phrase === undefined) throw this.unread();
    return phrase;
  }

  protected tryPhrase(): string | undefined {
    const from = this.at;
    this.skip(determiners);
    this.skipNew();
    const spelled = this.spelledName();
    if (spelled !== undefined) return spelled;
    const run = this.run();
    if (run.length === 0) {
      this.at = from;
      return undefined;
    }
    return run.map((w) => w.lower).join(" ");
  }

  /** "new customers per month": all of a time are new then. */
  private skipNew(): void {
    const next = this.words[this.at + 1];
    const isOne = this.word()?.lower === "new" && next?.kind === "word" && !boundaries.has(next.lower);
    if (!isOne || this.terms.isName("new")) return;
    const from = this.at;
    this.at++;
    const rows = this.terms.table(
      this.run()
        .map((w) => w.lower)
        .join(" "),
    );
    const stored = rows === undefined ? this.terms.value("new", this.home) : this.terms.valueIn("new", rows.table);
    this.at = stored === undefined ? from + 1 : from;
    if (stored === undefined) this.saidNew = true;
  }

  /** "units in stock": a column's name that holds words at which phrases end otherwise. */
  private spelledName(): string | undefined {
    const ahead = this.words.slice(this.at, this.at + maxNameWords);
    const stop = ahead.findIndex((w) => w.kind !== "word");
    for (let length = stop < 0 ? ahead.length : stop; length >= 3; length--) {
      const words = ahead.slice(0, length).map((w) => w.lower);
      if (!words.slice(1, -1).some((w) => boundaries.has(w))) return undefined;
      if (!this.terms.isNamed(words.join(" "))) continue;
      this.at += length;
      return words.join(" ");
    }
    return undefined;
  }

  /** Words up to the next boundary. */
  protected run(): readonly TaggedWord[] {
    const from = this.at;
    while (this.at < this.words.length) {
      const word = this.words[this.at] as TaggedWord;
      if (word.kind !== "word" && !(word.kind === "number" && this.at > from)) break;
      if (boundaries.has(word.lower)) break;
      const isName = this.terms.isName(word.lower) || (this.at === from && this.terms.isName(singular(word.lower)));
      const isVerb = (word.pos === "VERB" || word.pos === "AUX") && !isName;
      if (isVerb && !this.isModifier(from) && !(this.at === from && this.isKind(word))) break;
      if (this.at > from && (this.measuring() !== undefined || (participle.test(word.lower) && this.isBeforeMost())))
        break;
      this.at++;
    }
    return this.words.slice(from, this.at);
  }

  /** "calls", "demos": rows of a kind that is stored. */
  private isKind({ lower }: TaggedWord): boolean {
    return this.terms.kindOfRows(lower) !== undefined;
  }

  /** "invoiced amount", "closing balance": a participle before the noun that it tells more of. */
  private isModifier(from: number): boolean {
    const [word, after, last] = this.words.slice(this.at, this.at + 3);
    // "written off invoices"
    const next = particles.has(after?.lower ?? "") ? last : after;
    if (next === undefined || boundaries.has(next.lower) || !(next.pos === "NOUN" || this.terms.isName(next.lower)))
      return false;
    return attributive.has(word?.lower ?? "") || (this.at === from && participle.test(word?.lower ?? ""));
  }

  /** What stands at the cursor where that is a verb said of what a column measures, with a number to compare it with: the words for such columns, how, which, and where it ends. Eats nothing. */
  protected measuring(): Measuring | undefined {
    const from = this.at;
    const verb = this.word();
    const names = verb?.kind === "word" ? measuringVerbs.get(verb.lemma) : undefined;
    if (names === undefined) return undefined;
    this.at++;
    const [op, value, end] = [this.comparison(), this.number(), this.at];
    this.at = from;
    return op === undefined || value === undefined ? undefined : { names, op, value, end };
  }

  /** Whether a superlative follows what stands at the cursor: "resolved the most tickets". */
  protected isBeforeMost(): boolean {
    const [next, last] = this.words.slice(this.at + 1, this.at + 3);
    return superlatives.has((next?.lower === "the" ? last : next)?.lower ?? "");
  }

  /** A verb that only links, though it may be taken for a noun ("rivers flow through each country") or stands in some name ("employees work in …"). */
  protected isLinkingVerb(word: TaggedWord): boolean {
    if (word.kind !== "word" || !linkingVerbs.has(word.lemma)) return false;
    const at = this.words.indexOf(word);
    const leadsOn = at > 0 && this.words[at - 1]?.kind === "word" && this.words[at + 1]?.pos === "ADP";
    return word.pos === "VERB" || leadsOn || !this.terms.isName(word.lower);
  }

  protected isElementStart(): boolean {
    const from = this.at;
    this.eat("the");
    const found = counting.some((c) => this.eat(c)) || [...aggregations.keys()].some((a) => this.eat(a));
    this.at = from;
    return found;
  }

  /** One row that a superlative means, unless a number was said. */
  protected one(): void {
    if (this.limit !== undefined) return;
    this.limit = 1;
    this.limitImplied = true;
  }

  protected comparison(): Filter["op"] | undefined {
    return comparisons.find(([word]) => this.eat(word))?.[1];
  }

  protected number(): number | undefined {
    const from = this.at;
    if (this.word()?.pos === "SYM") this.at++;
    const value = this.word()?.value;
    if (value === undefined) this.at = from;
    else this.at++;
    return value;
  }

  protected word(): TaggedWord | undefined {
    return this.words[this.at];
  }

  /** Takes some words in a row, where they stand here. */
  protected eat(text: string): boolean {
    const wanted = text.split(" ");
    if (!wanted.every((w, i) => this.words[this.at + i]?.lower === w && this.words[this.at + i]?.kind !== "quoted"))
      return false;
    this.at += wanted.length;
    return true;
  }

  protected skip(set: ReadonlySet<string>): boolean {
    const from = this.at;
    while (set.has(this.word()?.lower ?? "") && this.word()?.kind !== "quoted") this.at++;
    return this.at > from;
  }

  protected back(to: number): false {
    this.at = to;
    return false;
  }

  protected near(table: number): void {
    this.home = [...this.home.filter((t) => t !== table), table];
  }

  /** The tables at hand, the one that was said last behind the others. */
  protected get about(): readonly number[] {
    const { home, nearest } = this;
    return nearest === undefined ? home : [...home.filter((t) => t !== nearest), nearest];
  }

  /** A table that something shown is of: at hand too, behind those that the question is about. */
  protected beside(table: number): void {
    if (!this.home.includes(table)) this.home = [table, ...this.home];
  }

  protected take(found: Found): void {
    this.sure *= found.confidence;
  }

  /** A thing that must be there, its doubt taken in. */
  protected need<T extends Found>(found: T | undefined, phrase: string): T {
    if (found === undefined || found.confidence < 0.2) throw new Unread(`nothing in the schema fits "${phrase}"`);
    this.take(found);
    return found;
  }

  protected unread(wanted?: string): Unread {
    const rest = this.words.slice(this.at).map((w) => w.text);
    const where = rest.length === 0 ? "at its end" : `at "${rest.slice(0, 8).join(" ")}${rest.length > 8 ? " …" : ""}"`;
    return new Unread(wanted === undefined ? where : `${where}, where it should say ${wanted}`);
  }

  /** The first of some that stand here. */
  protected eatAny(...texts: readonly string[]): boolean {
    return texts.some((text) => this.eat(text));
  }
}

/** A value of a column, or one of two. */
export function eitherOf(
  term: string,
  op: "=" | "!=",
  value: string | number,
  other: string | number | undefined,
): Filter {
  return other === undefined ? { term, op, value } : { term, op: "in", value: [value, other] };
}
