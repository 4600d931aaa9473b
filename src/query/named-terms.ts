/**
 * What the phrases of a question name in a schema: a table, a column, a metric, a time, each with how sure that is. Names word for word first, then the resolver.
 * Pure. Chooses nothing between equals: that lowers how sure it is.
 */

import { singular } from "../schema/name-words.js";
import { isUniqueKey } from "../schema/relationships.js";
import type { Column } from "../schema/snapshot.js";
import { acronymsOf } from "../terms/acronyms.js";
import { isUnit } from "../terms/naming-marks.js";
import { areOneInBusiness } from "../terms/synonyms.js";
import type { TaggedWord } from "../terms/tagging.js";
import type { QueryContext } from "./answer.js";
import { dayLink, saysWhen } from "./day-tables.js";
import { areLinked } from "./graph.js";
import { attributive, births, timeVerbs } from "./question-words.js";
import { namedReadings, type Reading, roledReadings, tablesEnding, tablesHeaded } from "./readings.js";
import type { Found } from "./schema-terms.js";
import { spokenWords } from "./spoken-words.js";
import { StoredTerms } from "./stored-terms.js";
import { isPerPeriod, keyWords, sameWord } from "./words.js";

export class NamedTerms extends StoredTerms {
  /** The columns that number things, with what: worked out once a question. */
  private numbering: readonly { readonly found: Found; readonly things: string }[] | undefined;

  constructor(
    context: QueryContext,
    question: string,
    private readonly meant: ReadonlyMap<string, string> = new Map(),
  ) {
    super(context, question);
  }

  metric(phrase: string): string | undefined {
    const wanted = spokenWords(phrase).join(" ");
    return this.context.glossary.metrics.find((m) =>
      [m.name, ...m.synonyms].some((n) => spokenWords(n).join(" ") === wanted),
    )?.name;
  }

  /** The metric whose name the words begin with, the longest such name, and how many words it is. */
  metricAt(words: readonly string[]): { readonly name: string; readonly length: number } | undefined {
    const said = words.map((w) => spokenWords(w).join(" "));
    const fits = this.context.glossary.metrics.flatMap((m) =>
      [m.name, ...m.synonyms].flatMap((n) => {
        const own = spokenWords(n);
        return own.every((w, i) => said[i] === w) ? [{ name: m.name, length: own.length }] : [];
      }),
    );
    return fits.sort((a, b) => b.length - a.length)[0];
  }

  /** Metrics that a phrase may be short for: their names hold its words. */
  metricsLike(phrase: string): readonly string[] {
    const said = spokenWords(phrase);
    return this.context.glossary.metrics
      .filter((m) => [m.name, ...m.synonyms].some((n) => said.every((w) => spokenWords(n).includes(w))))
      .map((m) => m.name);
  }

  /** What people confirmed to be meant so, or what the glossary calls so. */
  private told(phrase: string): Found | undefined {
    const confirmed = this.context.confirmed?.(phrase);
    const known = confirmed === undefined ? undefined : this.place(confirmed);
    if (known !== undefined) return { ...known, ref: this.ref(known.table, known.column?.name), confidence: 1 };
    const wanted = spokenWords(phrase).join(" ");
    const entry = this.context.glossary.terms.find(
      (t) => t.value === undefined && [t.name, ...t.synonyms].some((n) => spokenWords(n).join(" ") === wanted),
    );
    const place = entry && this.place(entry.ref);
    return place && { ...place, ref: this.ref(place.table, place.column?.name), confidence: 1 };
  }

  /** The table of a phrase; one that covers only some of its words is not meant, for the others say something too. */
  table(phrase: string, near: readonly number[] = []): Found | undefined {
    const told = this.told(phrase);
    if (told !== undefined) return told.column === undefined ? told : undefined;
    const named = this.named(phrase, true).filter((r) => r.column === undefined && r.confidence === 1);
    const [only] = named;
    if (only !== undefined) return { ref: only.ref, table: only.table, confidence: 1 / named.length };
    const compound = this.linkedTable(phrase) ?? this.headed(phrase, near);
    if (compound !== undefined) return compound;
    const [found] = this.resolved(phrase, "table");
    if (found === undefined) return undefined;
    const said = spokenWords(phrase);
    const own = spokenWords(this.graph.tables[found.table]?.name ?? "");
    const places = said.map((w) => own.findIndex((o) => sameWord(o, w))).filter((at) => at >= 0);
    // "customers bought" says more than that they are those who buy.
    const covered = new Set(places).size;
    const isHead = sameWord(own.at(-1) ?? "", said.at(-1) ?? "");
    // "active users" are no days of `daily_active_users`.
    if (isPerPeriod(own) && !isPerPeriod(said)) return undefined;
    // "accounts receivable" are said by `ar_invoice` as by `ar_receipt`.
    if (covered === said.length && (isHead || this.isOnlySaid(said)))
      return { ...found, confidence: Math.max(found.confidence, said.length > 1 ? 0.9 : 0) };
    if (covered === said.length) return { ...found, confidence: found.confidence * byOtherNames };
    if (said.length === 1 && this.areCustomers(said[0] ?? "", found.table))
      return { ...found, confidence: Math.max(found.confidence, inOtherWords) };
    const stored = [phrase, said.join(" ")].some((p) => this.value(p, []) !== undefined);
    return said.length === 1 && !stored ? { ...found, confidence: found.confidence * byOtherNames } : undefined;
  }

  /** Whether a word and the name of a table, and of no other, end with what those are called who buy: "customers" are its subscribers. */
  private areCustomers(word: string, table: number): boolean {
    // An account is a customer in another sense.
    const isCustomer = (w: string) => w !== "account" && areOneInBusiness(w, "customer");
    // Of customers with an `is_subscriber` subscribers are some.
    const areSome = this.flag(singular(word), [table]) !== undefined;
    const [only, other] = isCustomer(word) && !areSome ? tablesEnding(this.graph, isCustomer) : [];
    return only === table && other === undefined;
  }

  /** Whether the names of no two tables hold some words. */
  private isOnlySaid(words: readonly string[]): boolean {
    const holds = (name: string) => words.every((w) => spokenWords(name).some((o) => sameWord(o, w)));
    return this.graph.tables.filter(({ name }) => holds(name)).length === 1;
  }

  /** "claims": the one table whose name ends so (`expense_claims`), where nothing is called that alone; of several the one that is linked to those `near`. */
  protected headed(phrase: string, near: readonly number[]): Found | undefined {
    const [said = "", second] = spokenWords(phrase);
    if (second !== undefined || this.named(phrase, true).length > 0) return undefined;
    const all = tablesHeaded(this.graph, said);
    const isLinked = (at: number) => near.some((other) => areLinked(this.graph, at, other));
    const [table, other] = all.length > 1 ? all.filter(isLinked) : all;
    return table === undefined || other !== undefined ? undefined : { ref: this.ref(table), table, confidence: 0.9 };
  }

  /** "business category": the categories, where they are linked to businesses. */
  private linkedTable(phrase: string): Found | undefined {
    const words = phrase.split(" ");
    const [head] = words.length === 2 ? this.named(words[1] ?? "", true).filter(isTableAlone) : [];
    const [owner] = head === undefined ? [] : this.named(words[0] ?? "", true).filter(isTableAlone);
    if (head === undefined || owner === undefined || head.table === owner.table) return undefined;
    return areLinked(this.graph, head.table, owner.table)
      ? { ref: head.ref, table: head.table, confidence: 0.9 }
      : undefined;
  }

  /** Whether a phrase is the name of a table or of a column. */
  isNamed(phrase: string): boolean {
    return this.named(phrase, true).length > 0;
  }

  /** Refs of the columns that a phrase is the name of. */
  columnsNamed(phrase: string): readonly string[] {
    return this.named(phrase, false).flatMap((r) => (r.column === undefined ? [] : [r.ref]));
  }

  /** A phrase that is a column's name, word for word. */
  isColumnName(phrase: string): boolean {
    return this.columnsNamed(phrase).length > 0;
  }

  /** The column that was picked for what may be several. */
  picked(of: string): Found | undefined {
    const ref = this.meant.get(of);
    const place = ref === undefined ? undefined : this.place(ref);
    return place?.column && this.found(place.table, place.column, 1);
  }

  /** The column of a phrase, in the tables at hand where one of them has it. */
  column(given: string, home: readonly number[]): Found | undefined {
    const phrase = given.replaceAll(/\bids\b/g, "id");
    const told = this.told(phrase);
    if (told?.column !== undefined) return told;
    const named = this.named(phrase, false).filter((r) => r.column !== undefined);
    const near = named.filter((r) => home.includes(r.table));
    const [own] = near;
    if (own !== undefined && near.length === 1) return { ...own, confidence: 0.98 };
    const ending = this.ending(phrase, home);
    if (ending !== undefined) return ending;
    const [single] = named;
    if (single !== undefined && named.length === 1) return { ...single, confidence: home.length > 0 ? 0.85 : 0.95 };
    const called =
      named.length > 0
        ? undefined
        : (this.calledWith(phrase, "amount") ??
          this.calledWith(phrase, "quantity") ??
          this.calledWith(phrase, "count") ??
          this.calledWith(phrase, "name"));
    const numbered = named.length > 0 ? undefined : this.numberedBy(phrase);
    if (called !== undefined || numbered !== undefined) return numbered ?? called;
    const roled = named.length > 0 ? undefined : this.roled(phrase, home);
    if (roled !== undefined) return roled;
    const inside = home.length === 0 ? [] : this.resolved(phrase, "column", home);
    const all = this.resolved(phrase, "column");
    const [best] = all;
    const [nearBest] = inside;
    const chosen =
      nearBest !== undefined && (best === undefined || nearBest.confidence >= best.confidence * 0.8) ? nearBest : best;
    if (chosen === undefined) return undefined;
    const far = home.length > 0 && !home.includes(chosen.table) && !this.saysSome(chosen, phrase);
    const sure = chosen.confidence * this.coverage(phrase, chosen) * (far ? byOtherNames : 1);
    return { ...chosen, confidence: sure };
  }

  /** "origin city": a column of the rows that the one key of that role refers to which the tables at hand have. */
  private roled(phrase: string, home: readonly number[]): Found | undefined {
    const all = home.length === 0 ? [] : roledReadings(phrase, this.graph, (t, c) => this.ref(t, c));
    const [only, other] = all.filter((r) => home.includes(r.via.from));
    if (only === undefined || other !== undefined) return undefined;
    const { table, column, ref, via } = only;
    return { table, column, ref: `${ref} via ${this.ref(via.from, via.fromColumns[0])}`, confidence: 0.9 };
  }

  /** The one column of a table whose name, the table's own words and a unit at its end left out, is the phrase. */
  ownColumn(phrase: string, table: number): Found | undefined {
    const own = spokenWords(this.graph.tables[table]?.name ?? "");
    const said = spokenWords(phrase).join(" ");
    return this.only([table], (c) => {
      const words = spokenWords(c.name).filter((w) => !own.includes(w));
      return (isUnit(words.at(-1) ?? "") ? words.slice(0, -1) : words).join(" ") === said;
    });
  }

  /** The one column at hand whose name ends so ("description" for `outcome_description`); "id" is the key. */
  private ending(phrase: string, home: readonly number[]): Found | undefined {
    const said = spokenWords(phrase);
    for (const table of home.toReversed()) {
      const { columns = [], primaryKey, name = "" } = this.graph.tables[table] ?? {};
      const own = spokenWords(name);
      const key = primaryKey?.columns.length === 1 ? columns.find((c) => c.name === primaryKey.columns[0]) : undefined;
      const whole = (c: Column) => {
        const rest = spokenWords(c.name).filter((w) => !own.includes(w));
        return rest.join(" ") === said.filter((w) => !own.includes(w)).join(" ") && rest.length > 0;
      };
      const ends = (c: Column) => spokenWords(c.name).slice(-said.length).join(" ") === said.join(" ");
      const called = said.join() === "name" ? this.nameColumn(table)?.column : undefined;
      const lists = [
        called === undefined ? [] : [called],
        columns.filter(whole),
        columns.filter((c) => spokenWords(c.name).join(" ") === `${said.join(" ")} name`),
        columns.filter((c) => spokenWords(c.name).join(" ") === `${said.join(" ")} amount`),
        said.join() === "id" && key !== undefined ? [key] : [],
        columns.filter(ends),
      ];
      const [column, second] = lists.find((l) => l.length > 0) ?? this.roles(table, phrase);
      if (column !== undefined && second === undefined) {
        return this.found(table, column, 0.95);
      }
    }
    return undefined;
  }

  /** The one column of all tables whose name is a phrase and a word that says how its values are ("debit": `debit_amt`, "payer": `payer_name`). */
  private calledWith(phrase: string, end: "amount" | "quantity" | "count" | "name"): Found | undefined {
    const called = `${spokenWords(phrase).join(" ")} ${end}`;
    if (this.named(phrase, true).length > 0) return undefined;
    const fits = (found: Found) => (end === "name" ? !this.isNumber(found) : this.isAmount(found));
    return this.only(
      [...this.graph.tables.keys()],
      (c, table) => spokenWords(c.name).join(" ") === called && fits(this.found(table, c, 1)),
    );
  }

  /** "orders", of which no table tells, by the one column that numbers them (`order_number`, else `sales_order_number`); one of them where `isOne`. */
  numberedBy(phrase: string, isOne = false): Found | undefined {
    const said = spokenWords(phrase).join(" ");
    if (this.named(phrase, true).length > 0 || (said === phrase && !isOne)) return undefined;
    this.numbering ??= this.graph.tables.flatMap(({ columns }, table) =>
      columns.flatMap((column) => {
        const found = this.found(table, column, 0.9);
        const things = this.numbered(found);
        return things === undefined ? [] : [{ found, things }];
      }),
    );
    for (const fits of [(things: string) => things === said, (things: string) => things.endsWith(` ${said}`)]) {
      const [only, other] = this.numbering.filter(({ things }) => fits(things));
      if (only !== undefined && other === undefined) return only.found;
    }
    return undefined;
  }

  /** Whether a column holds the numbers of what a phrase says several of. */
  isNumbered(found: Found, phrase: string): boolean {
    const said = spokenWords(phrase).join(" ");
    return said !== phrase && ` ${this.numbered(found) ?? ""}`.endsWith(` ${said}`);
  }

  /** What a column numbers that tells no rows of its table apart: orders, on each line of them. */
  private numbered(found: Found): string | undefined {
    const { table, column } = found;
    const here = this.graph.tables[table];
    const words = spokenWords(column?.name ?? "");
    if (here === undefined || column === undefined || words.length < 2 || !keyWords.has(words.at(-1) ?? ""))
      return undefined;
    if (this.isTime(table, column) || isUniqueKey(here, [column.name]) || this.isReference(found)) return undefined;
    return words.slice(0, -1).join(" ");
  }

  /** Keys of a table that are called so but for their "id" and the table that they refer to ("assignee": `assignee_id`, "manager": `mgr_emp_id`), where no table is. */
  private roles(table: number, phrase: string): readonly Column[] {
    const said = spokenWords(phrase).join(" ");
    if (this.named(phrase, true).some(isTableAlone)) return [];
    return (this.graph.tables[table]?.columns ?? []).filter(
      (c) => this.roleWords(table, c) === said && this.roleOf(this.found(table, c, 1)) !== undefined,
    );
  }

  /** How far a column's and its table's names say what a phrase of several words says; 1 for one word. */
  private coverage(phrase: string, found: Found): number {
    const all = spokenWords(phrase);
    // A least or a most of something is not what there is of it.
    if (
      !bounding.some((w) => all.includes(w)) &&
      bounding.some((w) => spokenWords(found.column?.name ?? "").includes(w))
    )
      return byOtherNames;
    const said = all.filter((w) => !generic.has(w));
    if (all.length <= 1 || said.length === 0) return 1;
    const [ofTable, ofColumn] = [this.graph.tables[found.table]?.name ?? "", found.column?.name ?? ""].map(spokenWords);
    const own = [...(ofTable ?? []), ...(ofColumn ?? [])];
    const told = spokenWords(found.column?.comment ?? "");
    if (acronymsOf(all).some((short) => own.includes(short))) return 1;
    // "business category" is about categories: no column of theirs that is only called after the business.
    const isHead = (words: readonly string[] = []) => words.some((w) => sameWord(w, all.at(-1) ?? ""));
    if (isHead(ofTable) && !isHead([...(ofColumn ?? []), ...told])) return byHeadOfTable;
    const isCovered = (w: string) => [...own, ...told].some((o) => sameWord(o, w));
    const covered = said.filter(isCovered).length;
    // An "outstanding amount" is no amount of all that there is.
    if (said.some((w) => attributive.has(w) && !isCovered(w))) return byFarWords;
    if (covered === 0) return said.length > maxUncovered ? byFarWords : 0.6;
    return covered === said.length ? 1 : 0.5;
  }

  /** The one time of some tables whose name has a word of one stem with a verb ("shipped": `shipped_date`, `ship_dt`; "born": `dob`). */
  timeCalled(verb: Pick<TaggedWord, "lower" | "lemma">, tables: readonly number[]): Found | undefined {
    if (verb.lower === "born") return this.oneOf(births, tables, (c) => this.isTime(c.table, c.column as Column));
    const exactly = (c: Column, table: number) =>
      spokenWords(c.name).includes(verb.lower) && this.isTimeOf(table, c, verb);
    const called = this.only(tables, exactly) ?? this.only(tables, (c, table) => this.isTimeOf(table, c, verb));
    const otherwise = timeVerbs.get(verb.lemma) ?? [];
    if (called !== undefined || otherwise.length === 0) return called;
    return this.only(
      tables,
      (c, table) => spokenWords(c.name).some((w) => otherwise.includes(w)) && this.isTime(table, c),
    );
  }

  /** Whether a phrase is the whole name of a table. */
  isCalledSo(table: number, phrase: string): boolean {
    return this.named(phrase, true).some((r) => r.table === table && r.column === undefined && r.confidence === 1);
  }

  /** The one column of some tables that one of these words surely means; `fits` may ask more of it. */
  oneOf(
    words: readonly string[],
    tables: readonly number[],
    fits: (column: Found) => boolean = () => true,
  ): Found | undefined {
    // "expensive" by `list_price` or by `cost_price`: neither is surer.
    if (this.called(words, tables).length > 1) return undefined;
    const asked = words.flatMap((word) => this.column(word, tables) ?? []);
    const found = asked.filter((c) => tables.includes(c.table) && c.confidence >= 0.9 && fits(c));
    return found.every((c) => c.ref === found[0]?.ref) ? found[0] : undefined;
  }

  /** What is called so; a compound is looked for in one word too ("check-ins": `checkins`). */
  protected named(phrase: string, rows: boolean): readonly Reading[] {
    const read = (text: string) => namedReadings(text, this.graph, (t, c) => this.ref(t, c), rows);
    const found = read(phrase);
    return found.length === 0 && phrase.includes("-") ? read(phrase.replaceAll("-", "")) : found;
  }

  private resolved(phrase: string, kind: "table" | "column", home?: readonly number[]): readonly Found[] {
    const { matches } = this.context.resolve({
      term: phrase,
      ...this.within,
      suggests: false,
      kinds: [kind],
      limit: 3,
      ...(home === undefined ? {} : { tables: home.map((t) => this.ref(t)) }),
    });
    return matches.flatMap((m): Found[] => {
      const place = m.kind === kind ? this.place(m.ref) : undefined;
      // "order" is no `order_date_key`: that is a day.
      const isDay = place?.column !== undefined && dayLink(place.table, place.column.name, this.graph, this.context);
      return place === undefined || (isDay && !saysWhen(phrase))
        ? []
        : [{ ...place, ref: m.ref, confidence: m.confidence }];
    });
  }
}

/** Whether a reading is of a table that is called so. */
export const isTableAlone = ({ column, confidence }: Reading): boolean => column === undefined && confidence === 1;

/** How sure a table is that alone is called by a word that business uses for the one that was said. */
const inOtherWords = 0.9;

/** How sure a table or a far column still is whose own names say nothing of the phrase. */
const byOtherNames = 0.5;

/** More telling words than this are not all another way to say a column's name; how sure one still is of which none is. */
const maxUncovered = 2;
const byFarWords = 0.4;

/** How sure a column still is where the phrase's last word, which it is about, is the table's alone. */
const byHeadOfTable = 0.5;

const bounding: readonly string[] = ["min", "minimum", "max", "maximum"];

/** Words that say of a column only what its values are. */
const generic: ReadonlySet<string> = new Set("value name code number date time amount year id of".split(" "));
