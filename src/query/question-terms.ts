/** Of which rows the phrases of a question speak: a table's, and of these the ones that a stored value, a flag or a time tells. Pure. */

import { singular } from "../schema/name-words.js";
import { tableKey } from "../schema/names.js";
import type { Column, Table } from "../schema/snapshot.js";
import { standsFor } from "../terms/standard-codes.js";
import { withoutNegation } from "../terms/undone.js";
import { lemmaOf } from "../terms/words.js";
import { isShortOf } from "./abbreviations.js";
import { dayIn } from "./calendar.js";
import { isLinkTable, referring } from "./graph.js";
import type { Filter } from "./intent.js";
import { isTableAlone, NamedTerms } from "./named-terms.js";
import { stillUndone } from "./question-words.js";
import { type Flag, type Found, tellsDeed } from "./schema-terms.js";
import { spokenWords } from "./spoken-words.js";
import { knownValues } from "./stored.js";
import type { FoundValue } from "./stored-terms.js";
import { isPresent } from "./telling-when.js";
import { sameWord, saysMoney } from "./words.js";

/** A table, of its rows some alone. */
export interface SomeRows {
  readonly table: Found;
  /** What tells which rows, and how. */
  readonly by: Found;
  readonly only: Filter;
  /** What else tells ("urgent open tickets"). */
  readonly also?: readonly Pick<SomeRows, "by" | "only">[];
  /** The stored value that tells, where one does. */
  readonly value?: FoundValue;
}

export class QuestionTerms extends NamedTerms {
  /** The table of a phrase, where one stands there; where none is called so as surely as `least`, the table of which it means some rows, with these. */
  rowsMeant(
    phrase: string | undefined,
    least: number,
    near: readonly number[] = [],
  ): { readonly table: Found | undefined; readonly some: SomeRows | undefined } {
    if (phrase === undefined) return { table: undefined, some: undefined };
    const flagged = this.flaggedRows(phrase);
    if (flagged !== undefined) return { table: flagged.table, some: flagged };
    const called = this.table(phrase, near);
    const some = called === undefined || called.confidence < least ? this.someOf(phrase) : undefined;
    return { table: some?.table ?? called, some };
  }

  /** "rooms out of order": a table's name and behind it what a column of its says yes or no of. */
  flaggedRows(phrase: string): SomeRows | undefined {
    const words = phrase.split(" ");
    for (let k = 1; k < words.length; k++) {
      const called = words.slice(0, k).join(" ");
      const table = this.named(called, true).find(isTableAlone) ?? this.headed(called, []);
      if (table === undefined) continue;
      const behind = words.slice(k).join(" ");
      const rows = { ref: table.ref, table: table.table, confidence: 1 };
      const flag = this.flag(behind, [table.table]);
      if (flag !== undefined) return { table: rows, ...byFlag(flag, "yes") };
      // "invoices overdue": the last words are stored of these rows, and nothing else is called so.
      const value = this.isNamed(behind) ? undefined : this.valueIn(behind, table.table);
      // "accounts opened" were opened once, whether or not they are open.
      const isDone = () => this.timeCalled({ lower: behind, lemma: lemmaOf(behind) }, [table.table]) !== undefined;
      if (value === undefined || value.confidence < surelyStored) continue;
      if (String(value.value).toLowerCase() === behind || !isDone()) return { table: rows, value, ...byValue(value) };
    }
    return undefined;
  }

  /** A table whose phrase begins with a stored value ("male architects") or with what happened to some of its rows ("cancelled bookings"). */
  someOf(phrase: string): SomeRows | undefined {
    const words = phrase.split(" ");
    // "savings accounts" are those with the product "Savings account".
    const one = singularOf(words);
    for (let k = 1; k < words.length; k++) {
      const table = this.table(words.slice(k).join(" "));
      if (table === undefined || table.confidence < 0.6) continue;
      const value = this.valueOfRows(words.slice(0, k), table.table);
      if (value !== undefined && value.confidence >= 0.3) return { table, value, ...byValue(value) };
      const told = table.confidence >= 0.9 ? this.toldBy(words.slice(0, k), table.table) : undefined;
      if (told !== undefined) return { table, ...told };
      const before = words.slice(0, k).join(" ");
      // "rejected approvals" have the decision "reject" themselves, whatever the status of what they approve.
      const theirs =
        (k === 1 ? this.shortValue(before, table.table) : undefined) ??
        this.valueLookedUp(before, table.table) ??
        this.valueLookedUp(one, table.table);
      if (theirs !== undefined) return { table, ...byValue(theirs) };
    }
    return this.someOfSome(words) ?? this.kindOfRows(phrase);
  }

  /** "urgent open tickets": of some rows those that words before them tell. */
  private someOfSome(words: readonly string[]): SomeRows | undefined {
    if (words.length > maxTelling || this.rowsOf(words.join(" ")) === undefined) return undefined;
    for (let k = 1; k < words.length - 1; k++) {
      const some = this.someOf(words.slice(k).join(" "));
      if (some === undefined) continue;
      const { table } = some.table;
      const value = this.valueOfRows(words.slice(0, k), table);
      const adjective = value === undefined && k === 1 ? this.toldOf(words[0] ?? "", table) : undefined;
      const told = value === undefined ? adjective : byValue(value);
      if (told !== undefined && told.only.term !== some.only.term)
        return { ...some, also: [...(some.also ?? []), told] };
    }
    return undefined;
  }

  /** A stored value of a table's rows, its column's name after it or not: "high" or "high priority" of tickets. */
  private valueOfRows(words: readonly string[], table: number): FoundValue | undefined {
    const said = words.join(" ");
    const value = this.valueIn(said, table) ?? this.severalIn(said, table);
    if (value !== undefined) return value;
    for (let k = 1; k < words.length; k++) {
      const before = this.valueIn(words.slice(0, k).join(" "), table);
      const column = this.ownColumn(words.slice(k).join(" "), table);
      if (before !== undefined && before.ref === column?.ref) return before;
    }
    return undefined;
  }

  /** The one stored text of a table that a word is short for: "residential" by `RES`, where all texts of its column are known. */
  private shortValue(word: string, table: number): FoundValue | undefined {
    const of = this.graph.tables[table] as Table;
    const found = of.columns.flatMap((column) => {
      const known = knownValues(column, of, this.context);
      const short =
        known?.complete === true
          ? known.list.filter((v) => isShortOf(String(v).toLowerCase(), word) || standsFor(v, word))
          : [];
      return short.map((value) => ({ ...this.found(table, column, surelyStored), value }));
    });
    const [only, other] = found;
    return other === undefined && String(only?.value).length < word.length ? only : undefined;
  }

  /** A column of numbers with what tells which of its rows before it: "billable hours", "web revenue". */
  someNumbers(phrase: string): { readonly column: Found; readonly some: Pick<SomeRows, "by" | "only"> } | undefined {
    const [first = "", ...rest] = phrase.split(" ");
    const owed = this.isColumnName(phrase) ? undefined : this.owedAmount(first, rest.join(" "));
    if (owed !== undefined) return owed;
    const named = rest.length === 0 || this.isColumnName(phrase) ? undefined : this.column(rest.join(" "), []);
    const isSure = named !== undefined && named.confidence >= 0.9;
    const column = isSure ? named : this.numberOfFlagged(first, rest);
    if (column === undefined || !this.isAmount(column)) return undefined;
    // "shipment weight" is the weight of shipments, whatever else is stored so.
    if (spokenWords(this.graph.tables[column.table]?.name ?? "").some((w) => sameWord(w, singular(first))))
      return undefined;
    // Of open documents that are paid in part less is open than their amount.
    if (openWords.has(first) && this.isPaidInPart(column.table)) return undefined;
    const told = this.toldOf(first, column.table);
    const value =
      told === undefined ? (this.valueIn(first, column.table) ?? this.valueLookedUp(first, column.table)) : undefined;
    const some = told ?? (value && byValue(value));
    return some && { column, some };
  }

  /** Whether a table says how much of each row's amount is paid. */
  private isPaidInPart(table: number): boolean {
    const { columns } = this.graph.tables[table] as Table;
    return columns.some((c) => {
      const isPaid = spokenWords(c.name).some((w) => paidWords.has(w));
      return isPaid && this.isAmount(this.found(table, c, 1));
    });
  }

  /** "overdue amount": what is left of the rows of the one table that may be so, or their whole amount. */
  private owedAmount(
    word: string,
    amount: string,
  ): { readonly column: Found; readonly some: Pick<SomeRows, "by" | "only"> } | undefined {
    if (!owedWords.has(word) || !(this.isWholeAmount(amount) || amount === "balance")) return undefined;
    const found = [...this.graph.tables.keys()].flatMap((table) => {
      const column = this.leftToPay(table) ?? this.calledAmount(table);
      const some = column === undefined ? undefined : this.toldOf(word, table);
      return column === undefined || some === undefined ? [] : [{ column, some }];
    });
    const [only, other] = found;
    return other === undefined ? only : undefined;
  }

  /** Of several columns of numbers that are called so the one beside the flag that is said ("billable hours": `HoursWorked` beside `Billable`). */
  private numberOfFlagged(flag: string, words: readonly string[]): Found | undefined {
    const said = spokenWords(words.join(" "));
    const isCalled = (c: Column) => said.every((w) => spokenWords(c.name).includes(w));
    const found = [...this.graph.tables.keys()].flatMap((table) => {
      if (said.length === 0 || this.flag(flag, [table]) === undefined) return [];
      const called = this.only([table], (c) => isCalled(c) && this.isAmount(this.found(table, c, 1)));
      // "billable expenses" are their amount.
      return called ?? (saysMoney(words.join(" ")) ? (this.mainAmount(table) ?? []) : []);
    });
    const [only, other] = found;
    return other === undefined ? only : undefined;
  }

  /** Of a table's rows those that a verb is said of, where that is stored or has not happened to all: "all" where it has. */
  doneTo(verb: string, table: number): Pick<SomeRows, "by" | "only" | "also"> | "all" | undefined {
    const value = this.stored(verb, [table]);
    // "sold the most policies": they were not cancelled for that reason.
    if (value !== undefined)
      return spokenWords(value.column?.name ?? "").some((w) => stateWords.has(w)) ? byValue(value) : undefined;
    const time = this.timeCalled({ lower: verb, lemma: lemmaOf(verb) }, [table]);
    return this.toldOf(verb, table) ?? (time === undefined ? undefined : "all");
  }

  /** What an adjective tells of rows: "active", "unpaid", "cancelled". */
  private toldOf(word: string, table: number): Pick<SomeRows, "by" | "only" | "also"> | undefined {
    const flag = this.flag(word, [table]);
    if (flag !== undefined) return byFlag(flag, "yes");
    const undone = this.undone(word, [table]) ?? this.owed(word, table);
    if (undone !== undefined) return undone;
    const time = this.timeOfSome(word, table);
    if (time !== undefined) return { by: time, only: { term: time.ref, op: "is_not_null" } };
    // "active contracts" are those that hold today.
    if (!holdingNow.has(word) || !this.holdsFromTo(table)) return undefined;
    return { by: this.wholeTable(table), only: { term: this.ref(table), op: "as_of", value: "today" } };
  }

  /** The same of several words, which a column may say yes or no of ("minority owned"). */
  private toldBy(words: readonly string[], table: number): Pick<SomeRows, "by" | "only" | "also"> | undefined {
    const [first = "", second] = words;
    if (second === undefined) return this.toldOf(first, table);
    const flag = this.flag(words.join(" "), [table]);
    return flag && byFlag(flag, "yes");
  }

  /** "overdue", "outstanding": rows that were due before today and are not done, rows of which something is left to pay. */
  owed(word: string, table: number): Pick<SomeRows, "by" | "only" | "also"> | undefined {
    if (unpaidWords.has(word)) {
      const left = this.leftToPay(table);
      return left && { by: left, only: { term: left.ref, op: ">", value: 0 } };
    }
    const due = overdueWords.has(word) ? this.dueTime(table) : undefined;
    const open = due === undefined ? undefined : this.stillDue(table);
    if (due === undefined || open === undefined) return undefined;
    const { now, settings } = this.context;
    const today = dayIn(now, settings.timeZone);
    return { by: due, only: { term: due.ref, op: "<", value: today }, also: [open] };
  }

  /** What says that something has not happened to rows ("unpaid", "inactive", "open"): a flag that says no, or a time that is missing. */
  undone(word: string, tables: readonly number[]): Pick<SomeRows, "by" | "only"> | undefined {
    const done = [...(stillUndone.get(word) ?? []), withoutNegation(word)].filter((w) => w !== word);
    for (const lower of done) {
      const flag = this.flag(lower, tables);
      if (flag !== undefined) return byFlag(flag, "no");
      const time = this.timeCalled({ lower, lemma: lemmaOf(lower) }, tables);
      if (time !== undefined && !this.isAlways(time)) return { by: time, only: { term: time.ref, op: "is_null" } };
    }
    return undefined;
  }

  /** "coffee products": a value that stands in one table alone, of which each row has at most one row. */
  private valueLookedUp(phrase: string, table: number): FoundValue | undefined {
    const value = this.value(phrase, [table]);
    if (value === undefined || value.table === table || value.confidence < surelyStored) return undefined;
    return this.isLookedUp(value.ref, table) ? value : undefined;
  }

  /** "nurses": rows of the one table that has such a kind stored, and is not called by it. */
  kindOfRows(phrase: string): SomeRows | undefined {
    const words = phrase.split(" ");
    const one = singularOf(words);
    if (this.isColumnName(phrase)) return undefined;
    // "women" are those with an F: a code that stands for what they are called says so without a plural.
    const coded = this.value(phrase, []);
    const isCoded = coded !== undefined && standsFor(coded.value, phrase);
    if (one === phrase && !isCoded) return undefined;
    const value = isCoded ? coded : this.value(one, []);
    const flag = this.flag(one, [...this.graph.tables.keys()]);
    if (value === undefined || value.confidence < surelyStored || typeof value.value !== "string")
      return flag && { table: this.wholeTable(flag.table), ...byFlag(flag, "yes") };
    // "refunds" may be payments with that flag, or tickets about them.
    if (flag !== undefined || this.nameColumns(value.table).some((c) => c.ref === value.ref)) return undefined;
    // "cancellations" by a stored "Cancelled" are what happened, where a time says so.
    if (value.value.toLowerCase() !== one && this.happenedTo(phrase) !== undefined) return undefined;
    const table = this.toldByCode(value);
    // "actors" are those who are credited so, each as often as that is.
    if (table === undefined || isLinkTable(this.graph, table)) return undefined;
    return { table: this.wholeTable(table), value, ...byValue(value) };
  }

  private wholeTable(table: number): Found {
    return { ref: this.ref(table), table, confidence: 1 };
  }

  /** The table whose rows a stored value is of: its own, but of a table of codes the one that refers to it. */
  private toldByCode({ table, column }: FoundValue): number | undefined {
    const stored = this.context.view.statistics.tables[tableKey(this.graph.tables[table] as Table)];
    const different = stored?.columns[column?.name ?? ""]?.distinct;
    const isLabel = stored?.labels !== undefined && stored.labels.label === column?.name;
    const isOfCodes = isLabel || (different !== undefined && different === stored?.rowEstimate);
    if (!isOfCodes) return table;
    const [only, other] = referring(this.graph, table).filter((from) => from !== table);
    return other === undefined ? only : undefined;
  }

  /** The time of a table called after a past participle, where some rows have none. */
  private timeOfSome(word: string, table: number): Found | undefined {
    const time = this.timeCalled({ lower: word, lemma: word }, [table]);
    const isPast = word.endsWith("ed") || spokenWords(time?.column?.name ?? "").includes(word);
    return time !== undefined && isPast && !this.isAlways(time) ? time : undefined;
  }

  /** The table that a phrase of several words ends with, by its name. */
  rowsOf(phrase: string): Found | undefined {
    const [last = "", ...before] = phrase.split(" ").toReversed();
    if (before.length === 0 || this.isColumnName(phrase)) return undefined;
    return this.named(last, true).find(isTableAlone) ?? this.headed(last, []);
  }

  /**
   * "cancellations", "hires": what happened to the rows of one table, by the one time that is called so. Where all rows have it, only rows that have names are
   * counted so: each of the lines of an order has its date.
   */
  happenedTo(phrase: string): Found | undefined {
    const [rows, deed] = this.rowsAndDeed(phrase);
    const [noun = "", second] = spokenWords(deed);
    if (second !== undefined || noun === deed || this.named(phrase, true).length > 0) return undefined;
    const isCalled = (word: string) => tellsDeed(noun, word);
    const time = this.only(
      rows === undefined ? [...this.graph.tables.keys()] : [rows.table],
      (c, table) => this.isTime(table, c) && !this.isPlanned(c) && !isPresent(c) && spokenWords(c.name).some(isCalled),
    );
    if (time === undefined) return undefined;
    const isOfOne = rows !== undefined || /[ts]ion$/.test(noun) || this.nameColumns(time.table).length > 0;
    return !this.isAlways(time) || isOfOne ? time : undefined;
  }

  /** "meter installations": what happened, and to which rows, where a table is called so. */
  private rowsAndDeed(phrase: string): readonly [rows: Found | undefined, deed: string] {
    const at = phrase.lastIndexOf(" ");
    const table = at < 0 ? undefined : this.table(singular(phrase.slice(0, at)));
    const isCalled = table !== undefined && table.confidence >= surelyNamed;
    return isCalled ? [table, phrase.slice(at + 1)] : [undefined, phrase];
  }
}

/** One of what words say several of. */
const singularOf = (words: readonly string[]): string =>
  [...words.slice(0, -1), singular(words.at(-1) ?? "")].join(" ");

/** Rows with a stored value. */
const byValue = (value: FoundValue): Pick<SomeRows, "by" | "only"> => ({
  by: value,
  only: { term: value.ref, op: "=", value: value.value },
});

/** Rows of which a column says yes, or no. */
export const byFlag = (flag: Flag, says: "yes" | "no"): Pick<SomeRows, "by" | "only"> => ({
  by: flag,
  only: { term: flag.ref, op: "=", value: flag[says] },
});

/** Words of columns that say how rows turned out, or how they stand. */
const stateWords: ReadonlySet<string> = new Set([
  "status",
  "state",
  "stage",
  "result",
  "outcome",
  "decision",
  "disposition",
]);

/** Words for rows that hold now. */
const holdingNow: ReadonlySet<string> = new Set(["active", "current", "ongoing", "in-force"]);

const overdueWords: ReadonlySet<string> = new Set(["overdue", "past-due", "delinquent"]);
const unpaidWords: ReadonlySet<string> = new Set(["unpaid", "outstanding", "unsettled"]);

/** How surely a table is called so to whose rows something happened. */
const surelyNamed = 0.9;

const owedWords: ReadonlySet<string> = new Set([...overdueWords, ...unpaidWords]);
/** Words of rows of which something is still to pay, and of what was paid of them. */
const openWords: ReadonlySet<string> = new Set([...owedWords, "open"]);
const paidWords: ReadonlySet<string> = new Set(["paid", "applied", "settled", "received", "collected"]);

/** A phrase of more words than this is not several that tell which rows, and their table. */
const maxTelling = 5;

/** How sure it must be that a kind is stored where no table is called so. */
const surelyStored = 0.6;
