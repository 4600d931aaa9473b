/**
 * What a schema's own names, keys and stored values say of its tables and columns, for the reader of questions: what rows are called by, when they
 * happened, what is counted or added up, which verbs they are called after. Looks up no phrase: see `question-terms.ts`. Pure.
 */

import { nameWords, singular } from "../schema/name-words.js";
import { printRef, resolveRef } from "../schema/names.js";
import type { Column, Table } from "../schema/snapshot.js";
import { hasPrefix, withoutPrefix } from "../schema/table-shapes.js";
import { isUnit } from "../terms/naming-marks.js";
import { areOneInBusiness } from "../terms/synonyms.js";
import type { TaggedWord } from "../terms/tagging.js";
import { lemmaOf } from "../terms/words.js";
import type { QueryContext } from "./answer.js";
import { dayColumn } from "./day-tables.js";
import { areLinked, isDetail, type JoinGraph, joinGraph, linksBy, referring } from "./graph.js";
import type { Filter } from "./intent.js";
import { isAcross, mostDetailed } from "./paths.js";
import { daysOf } from "./question-time.js";
import { tablesEnding } from "./readings.js";
import { spokenWords } from "./spoken-words.js";
import { stockOver } from "./stocks.js";
import { type YesAndNo, yesAndNoOf } from "./stored.js";
import {
  hasAll,
  isNumeric,
  isWholeAmount,
  isYesOrNo,
  personNames,
  type TypeClass,
  typeClass,
  wordsBeside,
} from "./tables.js";
import { isPresent, tellsWhen, timeColumns, timeOfAmount } from "./telling-when.js";
import { auditWords, isPlanned } from "./time-kinds.js";
import { validityOf } from "./validity.js";
import { isDeed, keyWords, roleOfPerson, sameStem, sameWord, unaddedWords } from "./words.js";

export interface Found {
  readonly ref: string;
  readonly table: number;
  readonly column?: Column;
  readonly confidence: number;
}

/** A column that says yes or no, and what these are there. */
export interface Flag extends Found, YesAndNo {}

/** Of a table whose rows are called by several names, so many are shown. */
const maxNameColumns = 3;

/** Of rows without a name so many columns are shown at most. */
const maxShown = 16;

/** Words of times and flags that say that what rows were due for is done. */
const doneWords: ReadonlySet<string> = new Set(
  "paid payment settled settlement cleared completed completion finished closed returned resolved delivered received".split(
    " ",
  ),
);

/** Words of amounts of which nothing is left once they are paid. */
const leftWords: ReadonlySet<string> = new Set(["balance", "outstanding", "remaining", "unpaid"]);

/** What money that is said to be collected, billed or spent is kept as, where nothing is called after the verb. */
const moneyDeeds: ReadonlyMap<string, readonly string[]> = new Map([
  ["collect", ["payment", "receipt"]],
  ["receive", ["payment", "receipt"]],
  ["bill", ["invoice"]],
  ["charge", ["invoice"]],
  ["spend", ["expense", "purchase"]],
]);

/** What stands before or behind what a column says yes or no of. */
const flagMarks = /^(?:is|was) | (?:flag|indicator|yn)$/g;

/** Words of numbers that are not added up. */
const noAmount: ReadonlySet<string> = new Set([
  ...unaddedWords,
  ..."minimum maximum probability likelihood odds fraction confidence threshold quota limit id code key number no num month day week quarter hour lng zip postal position version sequence line sort".split(
    " ",
  ),
]);

/** Whether a noun is said of what a name's word says to have happened ("termination", "hire": `terminated_at`, `hired_on`). */
export const tellsDeed = (noun: string, word: string): boolean => sameStem(noun, word) || isDeed(noun, lemmaOf(word));

export class SchemaTerms {
  readonly graph: JoinGraph;
  private readonly vocabulary: ReadonlySet<string>;

  constructor(readonly context: QueryContext) {
    this.graph = joinGraph(context.view);
    this.vocabulary = vocabularyOf(this.graph);
  }

  /** Whether the sentence was made of a phrase of somebody's. */
  get isMadeUp(): boolean {
    return this.context.isMadeUp === true;
  }

  /** Whether a word is one of the schema's own, whatever part of speech it has elsewhere. */
  isName(word: string): boolean {
    return this.vocabulary.has(singular(word.toLowerCase()));
  }

  /** The one column that tells when a table's rows happened: of several the one that all rows have and that is not planned or owed. */
  timeColumn(table: number): Found | undefined {
    const all = this.timesOf(table);
    const [only, second] = all;
    if (second === undefined) return only;
    const isPlanned = (c: Found) => c.column !== undefined && this.isPlanned(c.column);
    const always = all.filter((c) => this.isAlways(c));
    const happened = always.filter((c) => !isPlanned(c));
    // An appointment is when it is scheduled.
    const isScheduled = (c: Found) => spokenWords(c.column?.name ?? "").includes("scheduled");
    const [time, other] = happened.length > 0 ? happened : always.filter(isScheduled);
    return other === undefined ? time : undefined;
  }

  /** Whether rows of some tables trade, or others that refer to them tell how many of them are traded: a verb for that says more than that they are there. */
  areTraded(tables: readonly number[]): boolean {
    const isMany = (c: Column) => spokenWords(c.name).includes("quantity");
    const tells = (t: number) => !tables.includes(t) && this.graph.tables[t]?.columns.some(isMany) === true;
    return this.areTraders(tables) || tables.some((table) => referring(this.graph, table).some(tells));
  }

  /** The time of an amount's rows that is called after it, as `timeOfAmount`. */
  timeOfAmount(ref: string): Found | undefined {
    const amount = this.place(ref);
    if (amount?.column === undefined) return undefined;
    const { table, column } = amount;
    const times = timeColumns(table, this.graph, this.context);
    const time = timeOfAmount(column, this.graph.tables[table] as Table, times);
    return time && this.found(table, time, 0.9);
  }

  /** Whether a time is called one that was planned, and no happening. */
  protected isPlanned(column: Column): boolean {
    return isPlanned(column);
  }

  /** The columns that may tell when a table's rows happened. */
  timesOf(table: number): readonly Found[] {
    return timeColumns(table, this.graph, this.context).map((c) => this.found(table, c, 0.9));
  }

  /** Whether a column tells when, by its type, what it stores or what it refers to. */
  protected isTime(table: number, column: Column): boolean {
    return tellsWhen(table, column, this.graph, this.context);
  }

  /** The one time by which rows of a table are due. */
  protected dueTime(table: number): Found | undefined {
    return this.only([table], (c) => spokenWords(c.name).includes("due") && this.isTime(table, c));
  }

  /** What tells that what rows are due for has not been done: a time that some have, a flag, or what is left to pay. */
  protected stillDue(table: number): { readonly by: Found; readonly only: Filter } | undefined {
    const done = this.only([table], (c) => {
      const isDone = spokenWords(c.name).some((w) => doneWords.has(w));
      return isDone && this.isTime(table, c) && !this.isAlways(this.found(table, c, 1));
    });
    if (done !== undefined) return { by: done, only: { term: done.ref, op: "is_null" } };
    const [flag] = [...doneWords].flatMap((word) => this.flag(word, [table]) ?? []);
    if (flag !== undefined) return { by: flag, only: { term: flag.ref, op: "=", value: flag.no } };
    const left = this.leftToPay(table);
    return left && { by: left, only: { term: left.ref, op: ">", value: 0 } };
  }

  /** The one amount of a table that is left to pay. */
  protected leftToPay(table: number): Found | undefined {
    return this.only(
      [table],
      (c) => spokenWords(c.name).some((w) => leftWords.has(w)) && this.isAmount(this.found(table, c, 1)),
    );
  }

  /** Whether a column that was found tells when. */
  tellsTime({ table, column }: Found): boolean {
    return column !== undefined && this.isTime(table, column);
  }

  /** Whether a column tells when and is called after a verb ("shipped": `shipped_date`, `ship_dt`). */
  protected isTimeOf(table: number, column: Column, { lower, lemma }: Pick<TaggedWord, "lower" | "lemma">): boolean {
    const words = spokenWords(column.name);
    // Who gave in May did not do so for the first time, nor for the last.
    if (words.includes("first") || isPresent(column)) return false;
    return words.some((w) => w === lower || isDeed(w, lemma)) && this.isTime(table, column);
  }

  /** The one column of some tables that holds a number of a year, for "in 2009". */
  yearColumn(home: readonly number[]): Found | undefined {
    return this.only(home, (c) => isNumeric(this.classOf(c)) && spokenWords(c.name).includes("year"));
  }

  /** The amount of a table: its only one, or that which is called so. */
  mainAmount(table: number): Found | undefined {
    return this.onlyAmount(table) ?? this.calledAmount(table);
  }

  /** The columns that a table calls amounts of some kind ("net amount", "gross amount"). */
  amountsOf(table: number): readonly Found[] {
    const all = (this.graph.tables[table]?.columns ?? []).map((column) => this.found(table, column, 1));
    return all.filter((c) => spokenWords(c.column?.name ?? "").at(-1) === "amount" && this.isAmount(c));
  }

  /** The numbers of a table that add up. */
  addedUp(table: number): readonly Found[] {
    const all = (this.graph.tables[table]?.columns ?? []).map((column) => this.found(table, column, 1));
    return all.filter((c) => this.isAmount(c) && this.isAdded(c));
  }

  /** The column that a table calls its amount or total, its own words aside. */
  calledAmount(table: number): Found | undefined {
    const own = this.graph.tables[table]?.name ?? "";
    const isAmount = (c: Column) => isWholeAmount(wordsBeside(c.name, own).join(" "));
    return this.only([table], (c) => isAmount(c) && isNumeric(this.classOf(c)));
  }

  /** Whether a phrase says no more than that the whole amount of something is meant. */
  isWholeAmount(phrase: string): boolean {
    return isWholeAmount(phrase);
  }

  /** The column of a table that holds numbers of months or the like, where nothing else of its rows says when. */
  periodColumn(grain: string, table: number): Found | undefined {
    if (this.timesOf(table).length > 0) return undefined;
    return this.only([table], (c) => spokenWords(c.name).at(-1) === grain);
  }

  /** The one amount of a table: its only number that neither is a key nor says where or when. */
  onlyAmount(table: number): Found | undefined {
    const [only, other] = this.addedUp(table);
    if (only === undefined || other !== undefined) return undefined;
    // What orders come to their lines may tell, whatever amount the orders have besides.
    const lines = referring(this.graph, table).filter(
      (t) => isDetail(this.graph, t, table) && this.addedUp(t).length > 0,
    );
    return lines.length > 0 && this.calledAmount(table) === undefined ? undefined : { ...only, confidence: 0.9 };
  }

  /** What there was at a time, which is all that a table's rows tell. */
  stock(table: number): Found | undefined {
    const only = this.onlyAmount(table);
    if (only?.column === undefined) return undefined;
    const item = { place: "", term: only.ref, table, column: only.column, words: [] };
    return stockOver(item, this.graph, this.context) === undefined ? undefined : only;
  }

  /** Whether numbers of a column are added up, by what it is called. */
  isAdded({ column }: Found): boolean {
    if (column !== undefined && isYesOrNo(column)) return false;
    return !spokenWords(column?.name ?? "").some((w) => noAmount.has(w));
  }

  /** Whether a column says what there is of one of something ("cost per seat"). */
  isPerOne({ column }: Found): boolean {
    return spokenWords(column?.name ?? "").includes("per");
  }

  /** The column of numbers of a table that is called as a phrase: it says of each of its rows how many they are. */
  tally(phrase: string, table: number): Found | undefined {
    const said = spokenWords(phrase).join(" ");
    return this.only([table], (c) => spokenWords(c.name).join(" ") === said && this.isAmount(this.found(table, c, 1)));
  }

  /** The column by which rows of a table are called; of a calendar the day. */
  nameColumn(table: number): Found | undefined {
    const day = dayColumn(table, this.graph, this.context);
    if (day !== undefined) return this.found(table, day, 0.9);
    const own = this.graph.tables[table]?.name ?? "";
    const texts = (this.graph.tables[table]?.columns ?? []).filter((c) => this.classOf(c) === "text");
    const rest = (c: Column) => wordsBeside(c.name, own);
    const exact = texts.filter((c) => ["", "name", "title"].includes(rest(c).join(" ")));
    const named = exact.length > 0 ? exact : texts.filter((c) => rest(c).at(-1) === "name");
    const [column] = named;
    return column === undefined || named.length > 1 ? undefined : this.found(table, column, 0.9);
  }

  /** The columns by which rows of a table are called: one, those of first and last names, or all that are called names. */
  nameColumns(table: number): readonly Found[] {
    const here = this.graph.tables[table];
    if (here === undefined) return [];
    const people = personNames(here);
    const one = this.nameColumn(table);
    // People have titles too, and are not called by them.
    const isPart = people.some((c) => c.name === one?.column?.name);
    const isWhole = !isPart && spokenWords(one?.column?.name ?? "").at(-1) === "name";
    if (one !== undefined && (people.length === 0 || isWhole)) return [one];
    if (people.length > 0) return people.map((column) => this.found(table, column, 0.9));
    const names = here.columns.filter((c) => spokenWords(c.name).at(-1) === "name" && this.classOf(c) === "text");
    return names.slice(0, maxNameColumns).map((column) => this.found(table, column, 0.8));
  }

  /** All that a row holds which has no name, where it tells of something that happened: it has a key, and a time or an amount. None where that is too much to show. */
  wholeRow(table: number): readonly Found[] {
    const { columns = [], primaryKey } = this.graph.tables[table] ?? {};
    if (primaryKey === undefined || columns.length > maxShown) return [];
    const all = columns.map((column) => this.found(table, column, 1));
    const isKept = (c: Column) => spokenWords(c.name).some((w) => auditWords.has(w));
    const tells = all.some(
      (c) => c.column && (this.isAmount(c) || (this.isTime(table, c.column) && !isKept(c.column))),
    );
    return tells ? all : [];
  }

  /** The one amount of a table, or of all, that a verb is said of: that of the table called after it ("paid": `payments.amount`), or a column called so ("refunded": `refund_amount`). */
  amountOfVerb({ lemma }: Pick<TaggedWord, "lemma">): Found | undefined {
    const all = [...this.graph.tables.keys()];
    const called = this.calledAs({ lemma });
    const amounts = called.flatMap((at) => this.mainAmount(at) ?? []);
    const [amount, other] = amounts;
    if (amount !== undefined) return other === undefined ? amount : undefined;
    const isCalled = (c: Column) => spokenWords(c.name).some((w) => sameStem(w, lemma));
    return this.only(all, (c, table) => isCalled(c) && this.isAmount(this.found(table, c, 1)));
  }

  /** The one table that refers to another, which so counts how often each of its rows stands there. */
  countedBy(table: number): Found | undefined {
    const [at, other] = referring(this.graph, table);
    return at === undefined || other !== undefined ? undefined : { ref: this.ref(at), table: at, confidence: 0.9 };
  }

  /** The tables whose names end with a word of one stem with a verb. */
  calledAs({ lemma }: Pick<TaggedWord, "lemma">): readonly number[] {
    const own = tablesEnding(this.graph, (word) => isDeed(word, lemma));
    return own.length > 0 ? own : tablesEnding(this.graph, (word) => moneyDeeds.get(lemma)?.includes(word) === true);
  }

  /** Whether some name of the schema has a word of one stem with a verb. */
  speaksOf({ lemma }: Pick<TaggedWord, "lemma">): boolean {
    return [...this.vocabulary].some((word) => sameStem(word, lemma));
  }

  /** Whether `column` is what the rows of the table `ref` are called by. */
  isCalledBy(ref: string, column: string): boolean {
    const place = this.place(ref);
    return place !== undefined && place.column === undefined && this.nameColumn(place.table)?.ref === column;
  }

  /** What a key says of its role beside the table that it refers to and that it is a key ("manager" of `mgr_emp_id`). */
  protected roleWords(table: number, column: Column): string {
    const link = (this.graph.at[table] ?? []).find(
      (l) => l.from === table && l.fromColumns.length === 1 && l.fromColumns[0] === column.name,
    );
    const theirs = spokenWords(this.graph.tables[link?.to ?? -1]?.name ?? "");
    const all = spokenWords(column.name);
    // Whom a key refers to says nothing of the role that they have (`csm_user_id`).
    const words = roleOfPerson(all) ?? all;
    return words
      .filter((w, i) => !(i > 0 && (theirs.includes(w) || (i === words.length - 1 && keyWords.has(w)))))
      .join(" ");
  }

  /** The one key to a table with names that says by whom a verb was done ("posted": `posted_by_emp_id`). */
  doneBy({ lower }: Pick<TaggedWord, "lower">): Found | undefined {
    const isDoer = (table: number, column: Column) =>
      this.roleWords(table, column) === `${lower} by` && this.roleOf(this.found(table, column, 1)) !== undefined;
    return this.only([...this.graph.tables.keys()], (column, table) => isDoer(table, column));
  }

  /** What a key's column refers to, as seen by that key: the table, and what its rows are called by. */
  roleOf({ table, column, ref }: Found): { readonly rows: string; readonly names: readonly Found[] } | undefined {
    const link = (this.graph.at[table] ?? []).find(
      (l) => l.from === table && l.fromColumns.length === 1 && l.fromColumns[0] === column?.name,
    );
    const names = link === undefined ? [] : this.nameColumns(link.to);
    // A column that is called as what it holds is shown as it is stored; a day is nobody's role.
    if (
      link === undefined ||
      this.isCalendar(link.to) ||
      names.length === 0 ||
      !keyWords.has(spokenWords(column?.name ?? "").at(-1) ?? "")
    )
      return undefined;
    return {
      rows: `${this.ref(link.to)} via ${ref}`,
      names: names.map((name) => ({ ...name, ref: `${name.ref} via ${ref}` })),
    };
  }

  /** What a column groups by: names that a key leads to by the rows that have them, so that namesakes stay apart. */
  asGroup({ table, ref }: Found): string {
    const [name, via] = ref.split(" via ");
    const isName = via !== undefined && this.nameColumns(table).some((c) => c.ref === name);
    return isName ? `${this.ref(table)} via ${via}` : ref;
  }

  /** Tables whose rows are called by names as people are, or have a name, and a time called after a verb; of people first, where there are some. */
  peopleWith(verb: Pick<TaggedWord, "lower" | "lemma">): readonly number[] {
    const dated = [...this.graph.tables.keys()].filter((at) => {
      const { columns = [] } = this.graph.tables[at] ?? {};
      return columns.some((c) => this.isTimeOf(at, c, verb)) && this.nameColumns(at).length > 0;
    });
    const people = dated.filter((at) => personNames(this.graph.tables[at] as Table).length > 0);
    return people.length > 0 ? people : dated;
  }

  /** Columns of numbers whose names end with one of some words and are more than that ("price": `list_price`, `cost_price`), where none is the word alone. */
  called(words: readonly string[], tables: readonly number[]): readonly Found[] {
    const all = tables.flatMap((table) =>
      (this.graph.tables[table]?.columns ?? []).flatMap((column) => {
        const beside = wordsBeside(column.name, this.graph.tables[table]?.name ?? "");
        const own = isUnit(beside.at(-1) ?? "") ? beside.slice(0, -1) : beside;
        const ends = isNumeric(this.classOf(column)) && words.includes(own.at(-1) ?? "");
        return ends ? [{ found: this.found(table, column, 0.9), alone: own.length === 1 }] : [];
      }),
    );
    return all.some(({ alone }) => alone) ? [] : all.map(({ found }) => found);
  }

  /** The key of a table where that is one number. */
  numberKey(table: number): Found | undefined {
    const key = this.graph.tables[table]?.primaryKey?.columns ?? [];
    return this.only([table], (c) => key.length === 1 && c.name === key[0] && isNumeric(this.classOf(c)));
  }

  /** Tables of people with a column of numbers that is called by one of some words. */
  peopleOf(words: readonly string[]): readonly number[] {
    return [...this.graph.tables.keys()].filter((at) => {
      const { columns = [] } = this.graph.tables[at] ?? {};
      const isAmount = (c: Column) => words.includes(spokenWords(c.name).at(-1) ?? "") && isNumeric(this.classOf(c));
      return personNames(this.graph.tables[at] as Table).length > 0 && columns.some(isAmount);
    });
  }

  /** The column of a table that says how many things each of its rows stands for (`count`, `event_count` of `usage_events`). */
  rowsStandFor(table: number): Found | undefined {
    const own = this.graph.tables[table]?.name ?? "";
    const isCount = (c: Column) => wordsBeside(c.name, own).join(" ") === "count";
    return this.only([table], (c) => isCount(c) && this.isAmount(this.found(table, c, 1)));
  }

  /** Whether a column is called as numbers of things are, whatever its type (`room_count`). */
  isTally({ column }: Found): boolean {
    return ["count", "quantity", "qty", "total"].includes(spokenWords(column?.name ?? "").at(-1) ?? "");
  }

  /** Whether a column says yes or no. */
  isFlag({ table, column }: Found): boolean {
    const [first, second] = spokenWords(column?.name ?? "");
    return this.flag((first === "is" ? second : first) ?? "", [table]) !== undefined;
  }

  /** Whether every row of a table has a value in a column. */
  isAlways({ table, column }: Found): boolean {
    const of = this.graph.tables[table];
    if (of === undefined || column === undefined) return false;
    return hasAll(of, column, this.context.view.statistics);
  }

  /** Whether other rows refer to those of a table, or it has a key: each of its rows is one thing. */
  isEntity(table: number): boolean {
    return referring(this.graph, table).length > 0 || this.graph.tables[table]?.primaryKey !== undefined;
  }

  isNumber(found: Found): boolean {
    return found.column !== undefined && isNumeric(this.classOf(found.column));
  }

  /** Whether a column holds numbers of something, and neither keys nor yes and no. */
  isAmount(found: Found): boolean {
    return this.isNumber(found) && !this.isKey(found) && !(found.column !== undefined && isYesOrNo(found.column));
  }

  /** Whether a column tells rows apart or refers to those of another table. */
  isKey(found: Found): boolean {
    const name = found.column?.name ?? "";
    return this.graph.tables[found.table]?.primaryKey?.columns.includes(name) === true || this.isReference(found);
  }

  /** Whether a column refers to rows of another table. */
  isReference({ table, column }: Found): boolean {
    return linksBy(this.graph, table, column?.name ?? "").length > 0;
  }

  /** Whether a key of `from` refers to `to` by this column. */
  refersTo(found: Found, to: number): boolean {
    return linksBy(this.graph, found.table, found.column?.name ?? "").some((l) => l.to === to);
  }

  /** Whether each row of a table has at most one row of what a filter is on. */
  isLookedUp(term: string, from: number | undefined): boolean {
    const table = this.place(term.replace(/\.\*$/, ""))?.table;
    if (table === undefined || from === undefined) return false;
    return table === from || mostDetailed(this.graph, [from, table], this.context.settings) === from;
  }

  /** Whether a term is a table, or a column of it. */
  isOf(term: string, table: number): boolean {
    return this.place(term)?.table === table;
  }

  /** The key of a term's rows that refers to those of a table, where it is the only one and some lack it. */
  mayLack(term: string, to: number): Found | undefined {
    const from = this.place(term)?.table;
    const links = from === undefined ? [] : (this.graph.at[from] ?? []).filter((l) => l.from === from && l.to === to);
    const [link, other] = links;
    const [name, second] = link?.fromColumns ?? [];
    const column = this.graph.tables[from ?? -1]?.columns.find((c) => c.name === name);
    if (from === undefined || column === undefined || other !== undefined || second !== undefined) return undefined;
    const key = this.found(from, column, 1);
    return this.isAlways(key) ? undefined : key;
  }

  /** Whether a term's rows belong to rows that belong to those of a table, and so on, and to these by no key of their own. */
  isFarBelow(term: string, from: number | undefined): boolean {
    const table = this.place(term)?.table;
    if (table === undefined || from === undefined || table === from) return false;
    return (
      !areLinked(this.graph, from, table) && mostDetailed(this.graph, [from, table], this.context.settings) === table
    );
  }

  /** Whether a term's rows have to do with those of a table only in that both belong to the same of a third. */
  isAcross(term: string, from: number): boolean {
    const table = this.place(term)?.table;
    return table !== undefined && isAcross(this.graph, from, table, this.context.settings);
  }

  /** Whether `table` has a word of its own for the rows of `other`: a column called as that table is, and no key to it. */
  namesItself(table: number, other: number): boolean {
    const called = spokenWords(this.graph.tables[other]?.name ?? "");
    return (this.graph.tables[table]?.columns ?? []).some((column) => {
      const words = spokenWords(column.name);
      const same = words.length === called.length && words.every((w, i) => sameWord(w, called[i] ?? ""));
      return same && !this.refersTo(this.found(table, column, 1), other);
    });
  }

  /** The one table linked to another whose name, or its last word, has one stem with a verb ("visited": `visits`, "ordered": `sales_orders`). */
  calledAfter({ lemma }: TaggedWord, other: number): Found | undefined {
    const links = this.graph.at[other] ?? [];
    const isLinked = (at: number) => at !== other && links.some((l) => l.from === at);
    const [table, second] = tablesEnding(this.graph, (word) => isDeed(word, lemma)).filter(isLinked);
    return table === undefined || second !== undefined ? undefined : { ref: this.ref(table), table, confidence: 0.95 };
  }

  /** Whether a word of a table's name has one stem with `verb`. */
  isCalled(table: number, verb: string): boolean {
    return spokenWords(this.graph.tables[table]?.name ?? "").some((w) => sameStem(w, verb));
  }

  /** Whether the rows of some table are those who buy or sell: customers who bought are not all of them. */
  areTraders(tables: readonly number[]): boolean {
    const heads = tables.map((table) => spokenWords(this.graph.tables[table]?.name ?? "").at(-1) ?? "");
    return heads.some((head) => traders.some((who) => areOneInBusiness(head, who)));
  }

  /** Whether a verb names a table ("enroll" of "enrolled") that is linked to one of those used and does not link two: they may be meant by way of it. */
  bypasses(verb: TaggedWord, used: readonly number[]): boolean {
    return this.graph.tables.some(({ name }, table) => {
      const [word, second] = spokenWords(name);
      const isNamed = word !== undefined && (sameStem(word, verb.lemma) || verb.lower.startsWith(word));
      if (!isNamed || second !== undefined || used.includes(table)) return false;
      const links = this.graph.at[table] ?? [];
      return used.filter((other) => links.some((l) => l.from === other || l.to === other)).length === 1;
    });
  }

  /** The one column of some tables that says yes or no of a word (`discontinued`, `is_active`), and what yes and no are there. */
  flag(word: string, tables: readonly number[]): Flag | undefined {
    const wanted = spokenWords(word).join(" ");
    const called = (fits: (name: string) => boolean) => (c: Column, table: number) => {
      const isSo = (name: string) => fits(spokenWords(name).join(" ").replaceAll(flagMarks, ""));
      return isSo(c.name) || isSo(withoutPrefix(c.name, hasPrefix(this.graph.tables[table] as Table)));
    };
    const isOne = !wanted.includes(" ");
    // "tenured" by `tenure_flag`
    const isLike = (name: string) => isOne && !name.includes(" ") && sameStem(name, wanted);
    const found =
      this.only(
        tables,
        called((name) => name === wanted),
      ) ?? this.only(tables, called(isLike));
    if (found?.column === undefined) return undefined;
    const says = yesAndNoOf(found.column, this.graph.tables[found.table] as Table, this.context);
    return says && { ...found, ...says };
  }

  /** What the calendar says yes or no of for the days that a table's rows refer to ("weekends": `is_weekend`). */
  dayFlag(word: string, table: number): Flag | undefined {
    const days = new Set((this.graph.at[table] ?? []).filter((l) => l.from === table).map((l) => l.to));
    return this.flag(
      word,
      [...days].filter((to) => this.isCalendar(to)),
    );
  }

  /** Whether rows of a table hold from one day until another. */
  holdsFromTo(table: number): boolean {
    return validityOf(this.graph.tables[table] as Table, undefined, this.context) !== undefined;
  }

  /** Whether the rows of a table are days. */
  isCalendar(table: number): boolean {
    return dayColumn(table, this.graph, this.context) !== undefined;
  }

  /** Whether a column's or its table's name holds some word of a phrase. */
  saysSome(found: Found, phrase: string): boolean {
    const own = [...spokenWords(this.graph.tables[found.table]?.name ?? ""), ...spokenWords(found.column?.name ?? "")];
    return spokenWords(phrase).some((w) => own.some((o) => sameWord(o, w)));
  }

  /** Whether a column's own name holds some word of a phrase. */
  saysOf({ column }: Found, phrase: string): boolean {
    const own = spokenWords(column?.name ?? "");
    return spokenWords(phrase).some((w) => own.some((o) => sameWord(o, w)));
  }

  /** Whether a column's name holds all words of a phrase. */
  says(found: Found, phrase: string): boolean {
    const own = spokenWords(found.column?.name ?? "");
    return spokenWords(phrase).every((w) => own.includes(w));
  }

  /** The days of a period, `to` exclusive. */
  days(phrase: string): ReturnType<typeof daysOf> {
    return daysOf(phrase, this.context);
  }

  protected only(tables: readonly number[], fits: (column: Column, table: number) => boolean): Found | undefined {
    const found = tables.flatMap((table) =>
      (this.graph.tables[table]?.columns ?? []).flatMap((column) =>
        fits(column, table) ? [this.found(table, column, 0.9)] : [],
      ),
    );
    return found.length === 1 ? found[0] : undefined;
  }

  protected found(table: number, column: Column, confidence: number): Found {
    return { ref: this.ref(table, column.name), table, column, confidence };
  }

  protected classOf(column: Column): TypeClass {
    return typeClass(column.type, this.context.view.snapshot.dialect);
  }

  place(ref: string): Omit<Found, "confidence" | "ref"> | undefined {
    const found = resolveRef(this.context.view.snapshot, ref);
    const table = found && this.graph.numberOf(found.table);
    if (found === undefined || table === undefined) return undefined;
    const column = found.table.columns.find((c) => c.name === found.column);
    return column === undefined ? { table } : { table, column };
  }

  ref(table: number, column?: string): string {
    const named = this.graph.tables[table];
    return named === undefined ? "" : printRef(this.context.view.snapshot, named, column);
  }
}

/** Those who buy and sell. */
const traders: readonly string[] = ["customer", "vendor", "employee", "salesperson"];

const vocabularies = new WeakMap<JoinGraph["tables"], ReadonlySet<string>>();

function vocabularyOf(graph: JoinGraph): ReadonlySet<string> {
  const known = vocabularies.get(graph.tables);
  if (known !== undefined) return known;
  const names = graph.tables.flatMap((t) => [t.name, ...t.columns.map((c) => c.name)]);
  const made = new Set([...names.flatMap(nameWords), ...names.flatMap(spokenWords)]);
  vocabularies.set(graph.tables, made);
  return made;
}
