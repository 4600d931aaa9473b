/**
 * From a plain business question to an intent: what is counted, summed or listed, of what, by what, which rows, which period, which order.
 * Deterministic. Each word must have its place: what is not understood is an issue, never left out silently. Pure.
 */

import { error, fail, ok, type Result } from "../issue.js";
import type { TaggedWord } from "../terms/tagging.js";
import { lemmaOf } from "../terms/words.js";
import type { QueryContext } from "./answer.js";
import { type Filter, type Intent, intentSchema } from "./intent.js";
import { doubtOf } from "./question-doubts.js";
import { Groups } from "./question-groups.js";
import { Either, type Measure, Unread } from "./question-reading.js";
import { boundaries, echoes, lightVerbs, openings, possessives } from "./question-words.js";
import { type Found, tellsDeed } from "./schema-terms.js";
import { spokenWords } from "./spoken-words.js";

/** What a question was taken for. */
export interface Understood {
  readonly intent: Intent;
  /** Probability that each of its terms is the one meant, by what the terms' own say, 0 to 1. */
  readonly confidence: number;
}

/** What a question may be taken for as well as for another: by column that `of` may mean, the intents. */
export interface Undecided {
  readonly of: string;
  /** Two or more. */
  readonly options: readonly [Option, ...Option[]];
  /** Columns that may be meant as well and are not among the options. */
  readonly more: readonly string[];
}

interface Option {
  readonly label: string;
  readonly intent: Intent;
}

/** The intent of a question, those that it may be as well as another, or an issue that says which words were not understood. */
export function readQuestion(question: string, context: QueryContext): Result<Understood | Undecided> {
  try {
    return new QuestionReader(question, context, new Map()).read();
  } catch (thrown) {
    if (!(thrown instanceof Unread)) throw thrown;
    const either = thrown instanceof Either ? optionsOf(question, context, thrown) : undefined;
    const [first, ...others] = either?.options ?? [];
    if (thrown instanceof Either && first !== undefined && others.length > 0)
      return ok({ of: thrown.of, options: [first, ...others], more: moreThan(context, thrown) });
    // Whichever is meant, something else was not understood.
    const { message, candidates } = either?.unread ?? thrown;
    return fail(
      error("invalid_argument", `The question could not be read: ${message}.`, {
        ...(candidates.length > 0 ? { candidates } : {}),
        help: "Ask it in plainer words, or send an intent: measures, dimensions, filters and time, each with its term.",
      }),
    );
  }
}

/** What a question means with each of the columns picked; those with which it is not understood are left out, and what the first of them did not say. */
function optionsOf(
  question: string,
  context: QueryContext,
  { of, candidates }: Either,
): { readonly options: readonly Option[]; readonly unread?: Unread } {
  let unread: Unread | undefined;
  const options = candidates.slice(0, context.settings.maxOptions).flatMap((ref): readonly Option[] => {
    try {
      const read = new QuestionReader(question, context, new Map([[of, ref]])).read();
      return read.ok && read.value.confidence >= eitherSure ? [{ label: ref, intent: read.value.intent }] : [];
    } catch (thrown) {
      if (!(thrown instanceof Unread)) throw thrown;
      unread ??= thrown;
      return [];
    }
  });
  return unread === undefined ? { options } : { options, unread };
}

const moreThan = ({ settings }: QueryContext, { candidates }: Either): readonly string[] =>
  candidates.slice(settings.maxOptions);

/** How sure a reading is, at most, that another fits as well: it is asked back. */
const eitherSure = 0.45;

/** How sure a column must be that is shown beside rows. */
const surelyShown = 0.6;

class QuestionReader extends Groups {
  read(): Result<Understood> {
    while (openings.some((o) => this.eat(o))) continue;
    const isOurs = this.word()?.lower === "our";
    this.leadingGroup();
    this.head();
    if (this.first !== undefined) this.groupBy(this.first);
    while (this.at < this.words.length) this.modifier();
    if (isOurs) this.addedUp();
    return this.result();
  }

  /** "What is our MRR?": an amount that all rows have their part in. */
  private addedUp(): void {
    const [amount, second] = this.columns;
    const isAlone = second === undefined && this.measures.length === 0 && this.order === undefined;
    if (amount === undefined || !isAlone || !this.terms.isAmount(amount) || !this.terms.isAdded(amount)) return;
    this.columns.length = 0;
    this.measures.push({ term: amount.ref, as: "value" });
  }

  private modifier(): void {
    if (
      this.doesEach() ||
      this.doesOne() ||
      this.rankedBy() ||
      this.countedAgain() ||
      this.measured() ||
      this.amounting() ||
      this.measuredBy()
    )
      return;
    const year = this.word();
    if (year?.value !== undefined && /^(?:19|20)\d{2}$/.test(year.lower)) return this.year(year.value);
    if (this.word()?.kind === "mark" && /^[?.!;]$/.test(this.word()?.text ?? "")) return this.afterthought();
    if (this.eatAny(",", "are there", "do we have", "did we have", "in total") || this.aside()) return;
    if (this.measures.length > 0 && this.eatAny(...echoes)) return;
    if (this.storedPhrase() || (boundaries.has(this.word()?.lower ?? "") && this.storedFrom())) return;
    if (this.eatAny("there", "exist", "overall")) return;
    if (
      this.isTheExtreme() ||
      this.sorted() ||
      this.superlative() ||
      this.comparative() ||
      this.group() ||
      this.relative()
    )
      return;
    if (this.eat("without")) return this.absent();
    if (this.eat("and")) return this.isClause() ? undefined : this.condition();
    if (this.alongside() || this.butNot() || this.notYet()) return;
    if (this.isCondition()) return this.condition();
    if (this.eatAny("named", "called", "titled")) return this.named();
    const verb = this.word();
    if (verb?.kind === "quoted") {
      const entity = this.home.at(-1);
      if (entity === undefined || !this.valueIn({ ref: "", table: entity, confidence: 1 })) throw this.unread();
      return;
    }
    if (verb !== undefined && (verb.pos === "VERB" || this.isLinkingVerb(verb))) {
      const isLight = lightVerbs.has(verb.lemma);
      if (isLight) this.done = true;
      if (isLight && !this.isDoer(this.at + 1)) this.at++;
      else this.participle(verb);
      return;
    }
    // "due in May": no verb, though a time is called after it.
    if (verb?.kind === "word" && verb.pos === "ADJ" && this.datedBy(verb)) return;
    this.place();
  }

  private datedBy(word: TaggedWord): boolean {
    this.at++;
    return this.dated(word) || this.back(this.at - 1);
  }

  /** "… and are located in Texas": another clause of the same rows. */
  private isClause(): boolean {
    return (
      ["is", "are", "was", "were", "that", "which", "who", "have", "has"].includes(this.word()?.lower ?? "") &&
      this.relative()
    );
  }

  /** "… but not closed": what has not happened to the rows. */
  private butNot(): boolean {
    const from = this.at;
    return (this.eatAny("but not", "and not") && this.neverHappened()) || this.back(from);
  }

  /** "orders not yet received" */
  private notYet(): boolean {
    const from = this.at;
    return (this.eat("not") && this.neverHappened()) || this.back(from);
  }

  /** "… with their emails": columns shown beside what stands for the rows. */
  private alongside(): boolean {
    const [from, sure] = [this.at, this.sure];
    const opened = this.eatAny("along with", "together with", "with", "and") && this.skip(possessives);
    if (!opened || this.measures.length > 0 || this.columns.length === 0) return this.back(from);
    const shown: Found[] = [];
    do {
      this.skip(possessives);
      const phrase = this.tryPhrase();
      const found = phrase === undefined ? undefined : this.terms.column(phrase, this.home);
      const names = phrase === undefined ? [] : this.namesLookedUp(phrase);
      const isOwn =
        found !== undefined &&
        found.confidence >= surelyShown &&
        (this.home.includes(found.table) || this.terms.isLookedUp(found.ref, this.home.at(-1)));
      if (!isOwn && names.length === 0) {
        this.sure = sure;
        return this.back(from);
      }
      if (isOwn) this.take(found);
      shown.push(...(names.length > 0 || !isOwn ? names : (this.terms.roleOf(found)?.names ?? [found])));
    } while (this.eatAny(",", "and"));
    this.columns.push(...shown.filter((c) => !this.columns.some((known) => known.ref === c.ref)));
    return true;
  }

  /** "their region": what the one row of another table is called that a row refers to. */
  private namesLookedUp(phrase: string): readonly Found[] {
    const [table, entity] = [this.terms.table(phrase), this.home.at(-1)];
    if (table === undefined || table.confidence < 0.9 || table.table === entity) return [];
    return this.terms.isLookedUp(table.ref, entity) ? this.terms.nameColumns(table.table) : [];
  }

  /** "… ? Give me their names." says what to show of what the first sentence is about. */
  private afterthought(): void {
    this.at++;
    if (this.ordered()) return;
    if (!openings.some((o) => this.eat(o))) throw this.unread("one question");
    const shown: Found[] = [];
    do {
      const elements = this.element();
      this.entity();
      for (const element of elements) {
        if (element.kind === "measure") {
          if (!this.isMeasured(element.measure)) throw this.unread("what to show");
          continue;
        }
        if (element.end !== undefined) throw this.unread("what to show");
        shown.push(this.need(this.terms.column(element.phrase, this.home), element.phrase));
      }
    } while (this.eatAny(",", "and", "as well as"));
    this.show(shown);
  }

  private isMeasured({ term, agg }: Measure): boolean {
    return this.measures.some((m) => m.term === term && m.agg === agg);
  }

  /** What is said to be shown stands for what would be; beside measures it is of what they are grouped by. */
  private show(shown: readonly Found[]): void {
    if (this.whole) {
      this.columns.splice(0, this.columns.length, ...shown);
      return;
    }
    const groups = [...this.dimensions, ...this.columns.map((c) => c.ref)];
    for (const { ref, table } of shown) {
      if (groups.includes(ref)) continue;
      const own = this.terms.ref(table);
      if (this.measures.length === 0 || !this.speakOf(groups, table)) throw this.unread("what to show");
      const whole = this.dimensions.indexOf(own);
      // A table that is grouped by is shown by its name: that, or what was asked for beside it.
      if (whole < 0 || this.terms.nameColumn(table)?.ref !== ref) this.dimensions.push(ref);
    }
  }

  /** "… ? Order the results by the region name." */
  private ordered(): boolean {
    const from = this.at;
    if (!this.eatAny("order", "sort")) return false;
    this.eatAny("the results", "the result", "results", "them", "the list", "the rows");
    return this.sortedBy(this.direction(), from);
  }

  /** A table that the question names and that nothing asked for is of: its rows must be there ("the names of all gymnasts"). */
  private belong(refs: readonly string[]): void {
    for (const table of this.needed) {
      const ref = this.terms.ref(table);
      const key = this.terms.graph.tables[table]?.primaryKey?.columns[0];
      if (this.speakOf(refs, table)) continue;
      if (this.measures.some((m) => m.agg === undefined)) throw new Unread(`what ${ref} has to do with it`);
      this.filters.push({ term: key === undefined ? `${ref}.*` : this.terms.ref(table, key), op: "is_not_null" });
    }
  }

  /** Whether some of `refs` are a table or its columns. */
  private speakOf(refs: readonly string[], table: number): boolean {
    const ref = this.terms.ref(table);
    return refs.some((r) => r === ref || r.startsWith(`${ref}.`));
  }

  /** The tables that some of `refs` are, or whose columns. */
  private among(refs: readonly string[]): readonly number[] {
    return [...this.terms.graph.tables.keys()].filter((t) => this.speakOf(refs, t));
  }

  /** Rows of one table are asked for by a condition on another that calls a column of its own so: either may be meant. */
  private eitherMeant(): boolean {
    const { terms } = this;
    const asked = this.among([...this.columns.map((c) => c.ref), ...this.measures.map((m) => m.term)]);
    return this.among(this.filters.map((f) => f.term)).some(
      (table) => !asked.includes(table) && asked.some((other) => terms.namesItself(table, other)),
    );
  }

  /** A period of rows that have no time, only the number of a year; and one of rows that are listed. */
  private settlePeriod(): void {
    const { range, ...more } = this.time;
    if (typeof range !== "string" || this.time.term !== undefined) return;
    // "customers contacted in May" are none that came then; of things a verb tells how they came about ("reviews written in May").
    const did = this.terms.areTraders(this.about)
      ? this.linkedBy.find(({ lemma }) => !lightVerbs.has(lemma))
      : undefined;
    if (did !== undefined && this.measures.length > 0) throw new Unread(`when "${did.text}"`);
    if (this.ofNearest(range) || Object.keys(more).length > 0) return;
    const entity = this.about.at(-1);
    const isListed = this.measures.length === 0 && this.terms.yearColumn(this.home) === undefined;
    const time = entity === undefined ? undefined : isListed ? this.timeMeant(entity) : this.terms.timeColumn(entity);
    const year = this.terms.yearColumn(this.home);
    const { from, to } = this.terms.days(range) ?? {};
    const said = /^(\d{4})-01-01$/.exec(from ?? "")?.[1];
    if (time === undefined && year !== undefined && said !== undefined && to === `${Number(said) + 1}-01-01`) {
      this.take(year);
      this.filters.push({ term: year.ref, op: "=", value: Number(said) });
      this.time = {};
    } else if (time !== undefined && this.measures.length === 0) this.filteredByTime(time, range);
  }

  /** "students enrolled in each department": those of it, or those with an enrolment there, where both are linked and a table is called so. */
  private bypassed(refs: readonly string[]): boolean {
    const used = [...new Set([...this.needed, ...this.among(refs)])];
    return used.length > 1 && this.linkedBy.some((verb) => this.terms.bypasses(verb, used));
  }

  /** "male and female students": no row has two values in one column; they may be meant one by one. */
  private refuseBoth(): void {
    const equals = this.filters.filter((f) => f.op === "=");
    const other = equals.find((f) => equals.some((g) => g.term === f.term && g.value !== f.value));
    if (other !== undefined) throw new Unread(`two values of ${other.term} at once`);
  }

  /** Whether what is counted is told apart by rows that only belong to the same of another table: customers by outages of their region. */
  private leadsAcross(): boolean {
    const [measured] = this.among(this.measures.map((m) => m.term));
    if (measured === undefined) return false;
    // "customers on hold" are not those with orders on hold.
    const isTheirs = (f: Filter) => f.op !== "=" || !this.terms.isMadeUp || this.terms.isLookedUp(f.term, measured);
    return this.filters.some((f) => this.terms.isAcross(f.term, measured) || !isTheirs(f));
  }

  /** When counted or added up rows happened, where several times might be meant: the one that all rows have. */
  private settleTime(): void {
    const [entity, other] = this.among(this.measures.map((m) => m.term));
    // What the calendar says is of the same day.
    const said = this.among([...this.dimensions, ...this.filters.map((f) => f.term)]);
    const isTimed =
      this.time.range !== undefined || this.time.grain !== undefined || said.some((t) => this.terms.isCalendar(t));
    if (!isTimed || this.time.term !== undefined || entity === undefined || other !== undefined) return;
    // "tickets opened in 2026 by month" are split up by when they were opened.
    const bounded = this.terms
      .timesOf(entity)
      .filter(({ ref }) => this.filters.some((f) => f.term === ref && [">=", "<"].includes(f.op)));
    const [when, second] = bounded;
    const bound = when !== undefined && second === undefined ? when : undefined;
    const told = bound?.ref ?? this.eventTime ?? this.timeOfReason(entity) ?? this.timeOfItsAmount();
    const time = told ?? (this.isDated(entity) ? undefined : this.terms.timeColumn(entity)?.ref);
    if (time !== undefined && this.terms.timesOf(entity).length > 1) this.time = { ...this.time, term: time };
  }

  /** "delivered shipments in 2026", where a time tells when they were: of that time, or of that at which they came to be. */
  private isDated(entity: number): boolean {
    const usual = this.terms.timeColumn(entity)?.ref;
    return this.filters.some(({ op, value }) => {
      if (op !== "=" || typeof value !== "string" || !/^\p{L}+$/u.test(value)) return false;
      const lower = value.toLowerCase();
      const time = this.terms.timeCalled({ lower, lemma: lemmaOf(lower) }, [entity]);
      return time !== undefined && time.ref !== usual;
    });
  }

  /** The time that is called after the one amount that is measured. */
  private timeOfItsAmount(): string | undefined {
    const [measure, other] = this.measures;
    return measure === undefined || other !== undefined ? undefined : this.terms.timeOfAmount(measure.term)?.ref;
  }

  /** "resignations in 2025", where that is a `termination_reason`: by the one time of what has such a reason. */
  private timeOfReason(entity: number): string | undefined {
    const reason = this.filters.find((f) => spokenWords(f.term).includes("reason"));
    const said = spokenWords(reason?.term.split(".").at(-1) ?? "").filter((w) => w !== "reason");
    const isOfIt = (time: Found) => spokenWords(time.column?.name ?? "").some((w) => said.some((s) => tellsDeed(s, w)));
    const [only, other] = this.terms.timesOf(entity).filter(isOfIt);
    return other === undefined ? only?.ref : undefined;
  }

  /** "What share of payments came by card?": the share of each, where one value of a column was said and nothing is split up. */
  private shareOfWhole(): void {
    const isSplit = this.dimensions.length + this.columns.length > 0 || this.time.grain !== undefined;
    if (!this.shared || this.top !== undefined) return;
    // "the percentage of employees who are remote in each department": of those of each, not of all that are.
    if (isSplit && this.filters.length > 0)
      throw new Unread("a share of some rows, split up, may be of each part or of all");
    if (isSplit) return;
    const equals = this.filters.filter((f) => f.op === "=");
    const [by, second] = equals;
    if (by === undefined || second !== undefined) throw new Unread("it does not say which share: split up by what");
    this.filters.splice(this.filters.indexOf(by), 1);
    this.dimensions.push(by.term);
  }

  private result(): Result<Understood> {
    this.settlePeriod();
    this.shareOfWhole();
    this.settleTime();
    const { measures, dimensions, columns, filters, having, order, limit, time } = this;
    if (this.saidNew && (measures.length === 0 || (time.range === undefined && time.grain === undefined)))
      throw new Unread("it does not say since when rows are new");
    if (this.isOfDay && (time.range !== undefined || time.grain !== undefined))
      throw new Unread("what holds on a day does so in no period");
    const grouped = measures.length > 0;
    // "debits and credits": both are added up, or neither.
    const summed = this.among(measures.filter((m) => m.agg === "sum").map((m) => m.term));
    const beside = columns.find((c) => summed.includes(c.table) && this.terms.isAmount(c) && this.terms.isAdded(c));
    if (beside !== undefined) throw new Unread(`whether ${beside.ref} is added up as well`);
    if (!grouped && (Object.keys(time).length > 0 || dimensions.length > 0))
      throw new Unread("it names a period or groups, and nothing to measure");
    const groups = [...dimensions, ...columns.map((c) => (grouped ? this.terms.asGroup(c) : c.ref))];
    const refs = [...groups, ...measures.map((m) => m.term), ...filters.map((f) => f.term)];
    this.belong(refs);
    const said = this.words.map((w) => w.lower).join(" ");
    const isAll = filters.length === 0 && Object.keys(time).length === 0;
    const doubt = doubtOf(measures, groups, { said, isAll }, this.terms);
    if (doubt !== undefined) throw new Unread(doubt.why, [doubt.ref]);
    this.refuseBoth();
    const either = this.eitherMeant() || this.bypassed(refs);
    const intent = {
      ...(grouped ? { measures } : { columns: columns.map((c) => ({ term: c.ref })) }),
      ...(grouped && groups.length > 0 ? { dimensions: [...new Set(groups)].map((term) => ({ term })) } : {}),
      ...(filters.length > 0 ? { filters } : {}),
      ...(having.length > 0 ? { having } : {}),
      ...(Object.keys(time).length > 0 ? { time } : {}),
      ...(order === undefined ? {} : { order_by: [order] }),
      ...(limit === undefined ? {} : { limit }),
      ...(this.top === undefined ? {} : { top: this.top }),
      ...(this.shared ? { share_of_total: measures.map((m) => m.as) } : {}),
      ...(this.distinct && !grouped ? { distinct: true } : {}),
    };
    const parsed = intentSchema.safeParse(intent);
    if (!parsed.success || (!grouped && columns.length === 0)) throw new Unread("its parts do not fit together");
    if (limit !== undefined && order === undefined) throw new Unread("it says how many, and not by what order");
    const doubted = either || this.leadsAcross();
    return ok({ intent: parsed.data, confidence: doubted ? this.sure * eitherSure : this.sure });
  }
}
