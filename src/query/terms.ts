/**
 * From one term of an intent to a table, a column or a metric: exact Refs first, then the glossary's names, then the resolver.
 * Collects what was mapped. An unsure term becomes a question with ready intents, never a guess.
 */

import { error } from "../issue.js";
import { nameWords, singular } from "../schema/name-words.js";
import { resolveRef } from "../schema/names.js";
import type { Column } from "../schema/snapshot.js";
import type { GlossaryMetric } from "../terms/glossary.js";
import { isShortOf } from "./abbreviations.js";
import type { QueryContext, Remark } from "./answer.js";
import { dayLink, saysWhen } from "./day-tables.js";
import { type JoinGraph, type Link, linksBy } from "./graph.js";
import type { Aggregation, Filter, Intent } from "./intent.js";
import { carriers, refShape, refuseLostRef } from "./lost-refs.js";
import { whoseAmount, withOwnAmounts } from "./own-amounts.js";
import { isAcross } from "./paths.js";
import { asksRows, filterAt, measureAt, replaceAt, replaceTerm, splitVia, withoutAt } from "./places.js";
import {
  headedReadings,
  heldReadings,
  linkedReadings,
  namedReadings,
  nearerRows,
  numberedReadings,
  otherTerms,
  ownNamed,
  type Reading,
  resolvedReadings,
  roledReadings,
  shortReadings,
  weighed,
} from "./readings.js";
import {
  asWellSaid,
  containsAll,
  isDenied,
  isDoneToOthers,
  isOnlyMeant,
  isOtherNumber,
  saysDoers,
  saysSomeOf,
  wordsUnsaid,
} from "./said-words.js";
import { spokenWords } from "./spoken-words.js";
import { ask, type Instead, refuse } from "./stop.js";
import { holdsOne, isSpeltSo } from "./stored.js";
import { TableFacts } from "./table-facts.js";
import { isNumeric, labelColumns, typeClass } from "./tables.js";
import { rateWords, sameWord, saysMoney, saysRows } from "./words.js";

export type Meaning =
  | { readonly kind: "column"; readonly table: number; readonly column: Column; readonly value?: string | number }
  | { readonly kind: "table"; readonly table: number }
  | { readonly kind: "metric"; readonly metric: GlossaryMetric };

interface Readings {
  readonly list: readonly Reading[];
  readonly didYouMean: readonly string[];
}

export class TermReader extends TableFacts {
  readonly mapping: { term: string; ref: string; confidence: number }[] = [];
  readonly assumptions: Remark[] = [];
  /** What may be asked in this intent's place, because a filter's value is known not to be stored. */
  readonly looser: Instead[] = [];
  private readonly known = new Map<string, Readings>();
  constructor(
    context: QueryContext,
    graph: JoinGraph,
    readonly intent: Intent,
  ) {
    super(context, graph);
  }

  /** What a term means among `kinds`; stops with a question or a refusal where that is not certain. */
  read(place: string, term: string, kinds: readonly ("column" | "table" | "measure")[]): Meaning {
    const rows = asksRows(this.intent, place);
    const exact = this.exactOrOwn(term, kinds, rows);
    if (exact !== undefined) {
      this.note(term, this.refOf(exact), 1);
      return exact;
    }
    const metric = kinds.includes("measure") ? this.resolvedMetric(term) : undefined;
    if (metric !== undefined) return metric;
    refuseLostRef(term, this.context.view.snapshot, (near, lost) =>
      this.instead(place, term, [...near, ...carriers(lost, this.context)]),
    );
    const { list: found, didYouMean } = this.readings(term, kinds, rows);
    const others = otherTerms(this.intent, place)
      .filter(([, other]) => !containsAll(other, term))
      .map(([at, other]) => this.readings(splitVia(other).term, ["column", "table"], asksRows(this.intent, at)).list);
    const list = this.nearFirst(this.withoutRefused(found, term), others, place, term);
    const groups = this.thingsFirst(this.heldFirst(list, place), place);
    const summed = this.ownAmountsFirst(this.addedFirst(groups, place, term), place, term);
    const fitting = this.headFirst(summed, place, term);
    const ranked = weighed(fitting, others, this.graph);
    const [best, second] = ranked;
    if (best === undefined || best.confidence < hardly) return this.refuseUnknown(place, term, ranked, didYouMean);
    const { clearlyBetter, maxOptions } = this.context.settings;
    const close =
      second !== undefined && second.confidence * clearlyBetter > best.confidence && !this.twins(best, second);
    const least = this.leastSure(best, place, term);
    const isMeasure = place.startsWith("measures[");
    const isGuess = isMeasure && best.guessed === true;
    this.askAlike(best, place, term);
    const nearer = kinds.includes("table") ? nearerRows(term, best, others, this.graph, this.refAt) : [];
    const isUnsure = close || best.confidence < least;
    if (nearer.length > 0 || (isUnsure && !this.isOnlyOne(ranked, fitting, least))) {
      const likely = [...ranked.filter((r) => r.confidence * likelyShare > best.confidence), ...nearer];
      const apt = likely.filter((r) => this.canBeMeasured(r, place));
      const shown = (apt.length > 0 ? apt : likely).slice(0, maxOptions);
      if (isGuess) this.refuseStored(place, term, ranked);
      if (isMeasure && shown.every((r) => this.isFarFetched(r, term)))
        this.refuseUnknown(place, term, ranked, didYouMean);
      const refs = shown.map((r) => r.ref);
      this.askWhich(refs, place, term);
    }
    // "rent" is a `monthly_rent`, whatever charges are called so.
    const isCalled = best.column !== undefined && wordsUnsaid(term, this.table(best.table), best.column).length === 0;
    if (isGuess && !isCalled) this.refuseStored(place, term, ranked);
    this.note(term, best.ref, Math.min(1, best.confidence));
    return best.column === undefined
      ? { kind: "table", table: best.table }
      : { kind: "column", table: best.table, column: best.column };
  }

  /** A guess at one of several columns of a table of which a term says as much of each is asked about: "claim amount", where amounts are billed, allowed and paid. */
  private askAlike({ guessed, table, column, confidence }: Reading, place: string, term: string): void {
    if (guessed !== true || column === undefined || confidence >= certain) return;
    const isKey = this.isKey(table, column);
    const alike = asWellSaid(term, this.table(table), column).filter((c) => this.isKey(table, c) === isKey);
    if (alike.length === 0) return;
    const refs = [column, ...alike].map((c) => this.columnRef(table, c.name));
    this.askWhich(refs.slice(0, this.context.settings.maxOptions), place, term);
  }

  /** Which of some Refs a term at a place means. */
  private askWhich(refs: readonly string[], place: string, term: string): never {
    const options = refs.map((ref) => ({ label: ref, intent: replaceTerm(this.intent, place, ref) }));
    return ask(`What does "${term}" mean: ${refs.join(", ")}?`, options);
  }

  /** Whether there is one reading alone, sure by itself, that only the doubts of other terms make unsure: they are asked about. */
  private isOnlyOne(ranked: readonly Reading[], alone: readonly Reading[], least: number): boolean {
    const [best, ...others] = ranked;
    const own = alone.find((r) => r.ref === best?.ref)?.confidence ?? 0;
    return own >= least && others.every((r) => r.confidence * likelyShare <= (best?.confidence ?? 0));
  }

  /** What is stored as a value tells which rows are measured, and not what of them: "capital outlay" of accounts. */
  private refuseStored(place: string, term: string, ranked: readonly Reading[]): void {
    const [match] = this.context.resolve({ term, kinds: ["value"], limit: 1, suggests: false }).matches;
    const found = match === undefined ? undefined : this.exact(match.ref, ["column"]);
    const isStored = [term, singular(term)].some((text) => isSpeltSo(String(match?.value), text));
    if (found?.kind !== "column" || !isStored) return;
    const filter: Filter = { term: this.columnRef(found.table, found.column.name), op: "=", value: match?.value };
    const isOf = (r: Reading) => this.mostDetailed([r.table, found.table]) === r.table;
    const measured = ranked.filter((r) => isOf(r) && (r.column === undefined || this.addsUp(r.table, r.column)));
    const refs = new Set([...measured.map((r) => r.ref), ...this.amountsOf(found.table)]);
    const asLikely = (ranked[0]?.confidence ?? 0) / likelyShare;
    const options = [...refs].slice(0, this.context.settings.maxOptions).map((ref) => ({
      label: `${ref} where ${filter.term} = ${JSON.stringify(filter.value)}`,
      intent: this.withRows(place, ref, undefined, [filter], undefined),
    }));
    const text = `"${term}" is a value of ${filter.term}, which says whose numbers are meant, not which`;
    const isCalled = (r: Reading) => r.column !== undefined && saysSomeOf(term, this.table(r.table), r.column);
    // "revenue" may be what invoices come to, whatever accounts are called so.
    const isMoney = ({ table, column, confidence }: Reading) =>
      column !== undefined && saysMoney(term) && confidence >= asLikely && this.addsUp(table, column);
    const called = ranked.filter((r) => (isCalled(r) && r.confidence >= farFetched) || isMoney(r));
    const others = called.map((r) => ({ label: r.ref, intent: replaceTerm(this.intent, place, r.ref) }));
    if (options.length > 0)
      ask(`${text}: which are?`, [...options, ...others].slice(0, this.context.settings.maxOptions));
    refuse(error("unknown_term", `${text}.`, { help: "Name what is measured, and filter by that value." }));
  }

  private refuseUnknown(place: string, term: string, ranked: readonly Reading[], didYouMean: readonly string[]): never {
    const near = [...new Set([...ranked.map((r) => r.ref), ...didYouMean])];
    refuse(
      error("unknown_term", `Nothing in the schema fits "${term}".`, {
        help: "Use a column's Ref from discover_schema, or another word.",
        candidates: near.slice(0, maxNear),
      }),
      this.instead(place, term, near),
    );
  }

  /** Whether a guess has little for it, and no name or comment that says any of the term. */
  private isFarFetched({ guessed, confidence, table, column }: Reading, term: string): boolean {
    // Alone among tables one is likelier than it is among all.
    const most = column === undefined ? this.context.settings.minTermConfidence : farFetched;
    return guessed === true && confidence < most && !saysSomeOf(term, this.table(table), column);
  }

  /** How sure a guess at what is measured must be: more so where it says but some of its words ("payroll cost" is not all cost, "overdue amount" not every amount). */
  private leastSure({ guessed, table, column }: Reading, place: string, term: string): number {
    const { minTermConfidence } = this.context.settings;
    // Which rows of a table are meant is asked of the measure.
    const isRows = column === undefined && this.says(term, table);
    if (guessed !== true || !place.startsWith("measures[") || isRows) return minTermConfidence;
    const own = this.table(table);
    // Viewers are no views. What was committed is not what was spent, unless it is said to be all that there is of those rows.
    const isOther =
      column === undefined
        ? saysDoers(term, own.name)
        : isDoneToOthers(term, column) || (!this.says(term, table) && isOnlyMeant(term, column));
    // A number of things is none that no column says is one.
    if (isOther || isDenied(term, own, column) || isOtherNumber(term, column)) return certain;
    const isTold = spokenWords(term).length > 1 || /^[A-Z]{2,}$/.test(term.trim());
    const isPart = (isTold || column === undefined) && wordsUnsaid(term, own, column).length > 0;
    if (!isPart) return minTermConfidence;
    return column === undefined && isTold ? certain : ofUnsaid;
  }

  /** What people said that a term does not mean is hardly meant, though it is called so. */
  private withoutRefused(list: readonly Reading[], term: string): readonly Reading[] {
    const refused = this.context.refused?.(term) ?? [];
    return list.map((r) => (refused.includes(r.ref) ? { ...r, confidence: r.confidence * ofRefused } : r));
  }

  /**
   * Where what is called so is of tables whose rows have nothing to do with those of the other terms ("payment method" of payments to vendors, beside receipts), it
   * is hardly meant, and what those tables have may be.
   */
  private nearFirst(
    list: readonly Reading[],
    others: readonly (readonly Reading[])[],
    place: string,
    term: string,
  ): readonly Reading[] {
    const { minTermConfidence } = this.context.settings;
    const sure = others.flatMap(([first]) =>
      first !== undefined && first.confidence >= minTermConfidence ? [first] : [],
    );
    // A guess does not tell that what is called so is far away.
    const isCalled = !place.startsWith("measures[") && list.every((r) => r.guessed !== true);
    const homes = [...new Set(sure.filter((r) => !isCalled || r.guessed !== true).map((r) => r.table))];
    const isFar = ({ table }: Reading) =>
      homes.every((home) => isAcross(this.graph, home, table, this.context.settings));
    if (homes.length === 0) return list;
    // "purchase spend" by supplier is not what machines cost in plants that suppliers deliver to.
    const isFarGuess = (r: Reading) => r.guessed === true && r.confidence >= minTermConfidence && isFar(r);
    if (place.startsWith("measures["))
      return list.map((r) => (isFarGuess(r) ? { ...r, confidence: r.confidence * farAway } : r));
    if (!/^(?:dimensions|filters|columns)/.test(place) || !list.every(isFar)) return list;
    const refs = homes.map((home) => this.tableRef(home));
    const near = resolvedReadings(term, "column", this.context, this.finder(["column"]), refs).list;
    return [...list.map((r) => ({ ...r, confidence: r.confidence * farAway })), ...near];
  }

  /** For a filter by value: where one reading's column holds the value, those that do not are hardly meant. */
  private heldFirst(list: readonly Reading[], place: string): readonly Reading[] {
    const filter = filterAt(this.intent, place);
    if (list.length < 2 || filter?.value === undefined || (filter.op !== "=" && filter.op !== "in")) return list;
    const values = (Array.isArray(filter.value) ? filter.value : [filter.value]) as readonly unknown[];
    const held = list.map((r) => r.column && holdsOne(r.column, this.table(r.table), values, this.context));
    if (!held.includes(true)) return list;
    const isOnly = held.filter((h) => h === true).length === 1;
    const said = spokenWords(filter.term);
    const says = (own: string, word: string) => own === word || isShortOf(own, word);
    const isNamed = (r: Reading) => spokenWords(r.column?.name ?? "").some((w) => said.some((s) => says(w, s)));
    return list.map((r, i) => {
      if (held[i] === true && isOnly && isNamed(r)) return { ...r, confidence: Math.max(r.confidence, withItsValue) };
      return held[i] === false ? { ...r, confidence: r.confidence * withoutValue } : r;
    });
  }

  /** What is grouped by is a thing before it is a number of things: "customer" is no `customers_affected`. */
  private thingsFirst(list: readonly Reading[], place: string): readonly Reading[] {
    if (!place.startsWith("dimensions[") || list.every((r) => r.column !== undefined)) return list;
    const isAmount = (r: Reading) => r.guessed === true && r.column !== undefined && this.addsUp(r.table, r.column);
    return list.map((r) => (isAmount(r) ? { ...r, confidence: r.confidence * ofAmounts } : r));
  }

  /** For a sum: a rate or a price is hardly meant by a word that says neither (`discount_pct` by "discount"). */
  private addedFirst(list: readonly Reading[], place: string, term: string): readonly Reading[] {
    if (measureAt(this.intent, place)?.agg !== "sum") return list;
    const said = new Set(nameWords(term));
    const isRate = ({ column }: Reading) => nameWords(column?.name ?? "").some((w) => rateWords.has(w) && !said.has(w));
    const rates = list.filter(isRate);
    const most = Math.max(0, ...rates.map((r) => r.confidence));
    // An amount that is called so as well is as likely as the rate was.
    const isAmount = (r: Reading) => {
      const words = nameWords(r.column?.name ?? "");
      return r.column !== undefined && [...said].every((w) => words.includes(w));
    };
    return list.map((r) => {
      if (isRate(r)) return { ...r, confidence: r.confidence * ofRates };
      return rates.length > 0 && isAmount(r) ? { ...r, confidence: Math.max(r.confidence, most) } : r;
    });
  }

  /** "loan amount", where loans have amounts: one of these is likelier than one of loan applications. */
  private ownAmountsFirst(list: readonly Reading[], place: string, term: string): readonly Reading[] {
    const table = place.startsWith("measures[") ? whoseAmount(term, (phrase) => this.rowsOf(phrase)) : undefined;
    return table === undefined ? list : withOwnAmounts(list, table, this);
  }

  /** Whether rows are counted, or numbers that are no keys added up; anything, where it is said how. */
  private canBeMeasured({ table, column }: Reading, place: string): boolean {
    const measure = measureAt(this.intent, place);
    if (measure === undefined || measure.agg !== undefined || column === undefined) return true;
    return isNumeric(typeClass(column.type, this.dialect)) && !this.isKeyColumn(table, column.name);
  }

  /** Of what is measured: "loan payments" are no loans. A table whose name says other words of a phrase, and not the last, is hardly meant. */
  private headFirst(list: readonly Reading[], place: string, term: string): readonly Reading[] {
    const [head = "", ...others] = spokenWords(term).toReversed();
    if (!place.startsWith("measures[") || saysRows(term)) return list;
    const holdsAll = (own: readonly string[]) => [head, ...others].every((word) => own.some((o) => sameWord(o, word)));
    const isOther = (r: Reading) => {
      if (r.guessed !== true || r.column !== undefined) return false;
      const own = spokenWords(this.table(r.table).name);
      const says = (word: string) => own.some((o) => sameWord(o, word));
      if (!says(head)) return !own.join("").endsWith(head) && others.some(says);
      // "accounts receivable" are said by `ar_invoice` as by `ar_receipt`.
      const isWhole = sameWord(own.at(-1) ?? "", head) || !holdsAll(own);
      return !isWhole && this.graph.tables.filter(({ name }) => holdsAll(spokenWords(name))).length > 1;
    };
    return list.map((r) => (isOther(r) ? { ...r, confidence: r.confidence * withoutHead } : r));
  }

  /** The intent with each near name in the term's place. */
  private instead(place: string, term: string, refs: readonly string[]): readonly Instead[] {
    const known = [...new Set(refs)].filter((ref) => resolveRef(this.context.view.snapshot, ref) !== undefined);
    return known.slice(0, maxInstead).map((ref) => ({
      why: `"${term}" may be ${ref}`,
      intent: replaceTerm(this.intent, place, ref),
    }));
  }

  /** All that a term may mean: Refs, names word for word; the resolver's only where no name fits. Kept for the build. */
  private readings(term: string, kinds: readonly string[], rows: boolean): Readings {
    const key = `${kinds.join()} ${rows} ${term}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const made = this.findReadings(term, kinds, rows);
    this.known.set(key, made);
    return made;
  }

  private findReadings(term: string, kinds: readonly string[], rows: boolean): Readings {
    const exact = this.exactOrOwn(term, kinds, rows);
    if (exact !== undefined && exact.kind !== "metric") {
      const column = exact.kind === "column" ? { column: exact.column } : {};
      return { list: [{ table: exact.table, ...column, ref: this.refOf(exact), confidence: 1 }], didYouMean: [] };
    }
    const called = this.calledReadings(term, kinds, rows);
    if (called.length > 0) return { list: called, didYouMean: [] };
    const find = this.finder(kinds);
    const none = { list: [], didYouMean: [] };
    const found = kinds.includes("column") ? resolvedReadings(term, "column", this.context, find) : none;
    // A key to a day is meant by words for days alone: "order" is no `order_date_key`.
    const isDay = (r: Reading) =>
      r.column !== undefined && dayLink(r.table, r.column.name, this.graph, this.context) !== undefined;
    const columns = saysWhen(term) ? found : { ...found, list: found.list.filter((r) => !isDay(r)) };
    const sure = (columns.list[0]?.confidence ?? 0) >= this.context.settings.minTermConfidence;
    if (!kinds.includes("table") || (sure && !rows)) return columns;
    const tables = resolvedReadings(term, "table", this.context, find);
    // Where a column is asked for, a table is meant only if nothing else fits.
    const list =
      rows || saysMoney(term) ? tables.list : tables.list.map((t) => ({ ...t, confidence: t.confidence / 4 }));
    return { list: [...columns.list, ...list], didYouMean: [...columns.didYouMean, ...tables.didYouMean] };
  }

  /** What the resolver's matches are here. */
  private finder(kinds: readonly string[]): (match: string) => Omit<Reading, "ref" | "confidence"> | undefined {
    return (match) => {
      const meaning = this.exact(match, kinds);
      if (meaning === undefined || meaning.kind === "metric") return undefined;
      return meaning.kind === "table" ? { table: meaning.table } : { table: meaning.table, column: meaning.column };
    };
  }

  /** Readings by names, the surest way of reading them that there is. */
  private calledReadings(term: string, kinds: readonly string[], rows: boolean): readonly Reading[] {
    const isColumn = kinds.includes("column");
    const fits = (r: Reading) => kinds.includes(r.column === undefined ? "table" : "column");
    const named = namedReadings(term, this.graph, this.refAt, rows).filter(fits);
    if (named.length > 0) return named;
    const short = isColumn ? shortReadings(term, this.graph, this.refAt) : [];
    if (short.length > 0) return short;
    const isMeasured = kinds.includes("measure");
    const held = isColumn && (!rows || isMeasured) ? heldReadings(term, isMeasured, this.graph, this.refAt) : [];
    if (held.length > 0) return held;
    const numbered = isColumn && !rows ? numberedReadings(term, this.graph, this.refAt) : [];
    if (numbered.length > 0) return numbered;
    const roled = isColumn && !rows ? roledReadings(term, this.graph, this.refAt) : [];
    // Which of several keys is meant the words tell once more.
    if (roled.length > 0) return roled.filter((r, i) => roled.findIndex((other) => other.ref === r.ref) === i);
    const headed = kinds.includes("table") ? headedReadings(term, this.graph, this.refAt) : [];
    return headed.length > 0 || !isColumn ? headed : linkedReadings(term, this.graph, this.refAt);
  }

  /** What a term at a place is called by name; `undefined` where it is a Ref or the glossary's word for something, and nothing is to be understood. */
  calledAs(term: string, place: string): readonly Reading[] | undefined {
    const kinds = [...(place.startsWith("measures[") ? ["measure"] : []), "column", "table"];
    const rows = asksRows(this.intent, place);
    const isSure = this.exactOrOwn(term, kinds, rows) !== undefined || refShape.test(term);
    return isSure ? undefined : this.calledReadings(term, kinds, rows);
  }

  private readonly refAt = (table: number, column?: string): string =>
    column === undefined ? this.tableRef(table) : this.columnRef(table, column);

  /** The table whose rows a term names for certain (by name, or as `table.*`), where no column is called so. */
  rowsOf(term: string): number | undefined {
    const exact = this.exact(term, ["table"]);
    if (exact?.kind === "table" && /[.*]/.test(term)) return exact.table;
    const [only, second] = namedReadings(term, this.graph, this.refAt, false);
    return only === undefined || second !== undefined || only.column !== undefined || only.confidence < 1
      ? undefined
      : only.table;
  }

  private resolvedMetric(term: string): Meaning | undefined {
    if (this.context.glossary.metrics.length === 0) return undefined;
    const { matches, status } = this.context.resolve({ term, kinds: ["measure"], limit: 2 });
    const [best] = matches;
    const metric =
      best !== undefined && status === "matched" && best.confidence >= 0.6 ? this.metric(best.ref) : undefined;
    if (metric === undefined || best === undefined) return undefined;
    this.note(term, metric.name, best.confidence);
    return { kind: "metric", metric };
  }

  /** Whether two readings are the two ends of one key: they hold the same values. */
  private twins(a: Reading, b: Reading): boolean {
    // Rows are called by their one label.
    if (a.table === b.table && (a.column === undefined || b.column === undefined)) {
      const own = this.table(a.table);
      const [label, second] = labelColumns(own);
      const called = ownNamed(own) ?? (second === undefined ? label : undefined);
      return called !== undefined && [a.column, b.column].includes(called);
    }
    if (a.column === undefined || b.column === undefined) return false;
    const [one, other] = [a.column.name, b.column.name];
    return (this.graph.at[a.table] ?? []).some(
      (l) =>
        l.fromColumns.length === 1 &&
        ((l.from === a.table && l.to === b.table && l.fromColumns[0] === one && l.toColumns[0] === other) ||
          (l.to === a.table && l.from === b.table && l.toColumns[0] === one && l.fromColumns[0] === other)),
    );
  }

  /** As `exact`; but where values are asked for, a table's name that is also its column's means the column. */
  private exactOrOwn(term: string, kinds: readonly string[], rows: boolean): Meaning | undefined {
    const exact = this.exact(term, kinds);
    if (exact?.kind !== "table" || rows || !kinds.includes("column")) return exact;
    const column = ownNamed(this.table(exact.table));
    return column === undefined ? exact : { kind: "column", table: exact.table, column };
  }

  /** A Ref or a glossary name, read without doubt. */
  exact(term: string, kinds: readonly string[]): Meaning | undefined {
    const metric = kinds.includes("measure") ? this.metric(term) : undefined;
    if (metric !== undefined) return { kind: "metric", metric };
    const rows = term.endsWith(".*") ? term.slice(0, -2) : undefined;
    return this.atRef(rows ?? term, kinds) ?? this.confirmed(term, kinds) ?? this.glossaryTerm(term, kinds);
  }

  /** What people confirmed a term to mean: surer than any name. */
  private confirmed(term: string, kinds: readonly string[]): Meaning | undefined {
    const ref = this.context.confirmed?.(term);
    const metric = ref !== undefined && kinds.includes("measure") ? this.metric(ref) : undefined;
    if (metric !== undefined) return { kind: "metric", metric };
    return ref === undefined ? undefined : this.atRef(ref, kinds);
  }

  private atRef(ref: string, kinds: readonly string[]): Meaning | undefined {
    const found = resolveRef(this.context.view.snapshot, ref);
    const number = found && this.graph.numberOf(found.table);
    if (found === undefined || number === undefined) return undefined;
    if (found.column === undefined) return kinds.includes("table") ? { kind: "table", table: number } : undefined;
    const column = found.table.columns.find((c) => c.name === found.column);
    return column !== undefined && kinds.includes("column") ? { kind: "column", table: number, column } : undefined;
  }

  metric(name: string): GlossaryMetric | undefined {
    const wanted = nameWords(name).join(" ");
    return this.context.glossary.metrics.find((m) =>
      [m.name, ...m.synonyms].some((n) => nameWords(n).join(" ") === wanted),
    );
  }

  /** The link that a column Ref names as the role: a foreign key's column. */
  viaLink(ref: string, target: number): Link {
    const found = resolveRef(this.context.view.snapshot, ref);
    const from = found && this.graph.numberOf(found.table);
    const links = from === undefined ? [] : linksBy(this.graph, from, found?.column ?? "");
    const link = links.find((l) => l.to === target);
    if (link === undefined) {
      refuse(error("invalid_argument", `"via ${ref}" names no link to ${this.tableRef(target)}.`));
    }
    return link;
  }

  assume(code: string, text: string): void {
    if (!this.assumptions.some((a) => a.text === text)) this.assumptions.push({ code, text });
  }

  /** The intent with another value in the filter at `place`. */
  withValue(place: string, given: string, value: string): Intent {
    const old = filterAt(this.intent, place)?.value;
    const next = Array.isArray(old) ? old.map((v) => (String(v) === given ? value : v)) : value;
    return replaceAt(this.intent, place, "value", next);
  }

  /** The intent without the filter at `place`. */
  without(place: string): Intent {
    return withoutAt(this.intent, place);
  }

  withAggregation(place: string, agg: Aggregation): Intent {
    return replaceAt(this.intent, place, "agg", agg);
  }

  withMeasure(place: string, ref: string, agg: Aggregation): Intent {
    return replaceAt(replaceTerm(this.intent, place, ref), place, "agg", agg);
  }

  /** The same of some rows, by the time that they go by; without an aggregate the column's own. */
  withRows(
    place: string,
    ref: string,
    agg: Aggregation | undefined,
    filters: readonly Filter[],
    by: string | undefined,
  ): Intent {
    const measured = agg === undefined ? replaceTerm(this.intent, place, ref) : this.withMeasure(place, ref, agg);
    const before = measureAt(this.intent, place)?.filters ?? [];
    const some = filters.length === 0 ? measured : replaceAt(measured, place, "filters", [...before, ...filters]);
    return by === undefined || some.time === undefined ? some : { ...some, time: { ...some.time, term: by } };
  }

  /** Whether a column is what a term is likeliest to mean, and surely enough. */
  isSurely(term: string, ref: string): boolean {
    const [best] = this.readings(term, ["measure", "column", "table"], true).list;
    return best?.ref === ref && best.confidence >= this.context.settings.minTermConfidence;
  }

  /** Whether some column's name holds all words of a term, whatever else it says. */
  isHeld(term: string): boolean {
    const said = spokenWords(term);
    return this.graph.tables.some((t) => t.columns.some((c) => said.every((w) => spokenWords(c.name).includes(w))));
  }

  note(term: string, ref: string, confidence: number): void {
    if (!this.mapping.some((m) => m.term === term && m.ref === ref)) this.mapping.push({ term, ref, confidence });
  }

  private glossaryTerm(term: string, kinds: readonly string[]): Meaning | undefined {
    const wanted = nameWords(term).join(" ");
    const entry = this.context.glossary.terms.find((t) =>
      [t.name, ...t.synonyms].some((n) => nameWords(n).join(" ") === wanted),
    );
    if (entry === undefined || entry.value !== undefined) return undefined;
    return this.atRef(entry.ref, kinds);
  }

  private refOf(meaning: Meaning): string {
    if (meaning.kind === "metric") return meaning.metric.name;
    return meaning.kind === "table" ? this.tableRef(meaning.table) : this.columnRef(meaning.table, meaning.column.name);
  }
}

/** Below this probability a term means nothing here, and below this one a guess does that nothing says. */
const hardly = 0.02;
const farFetched = 0.25;

/** How sure a guess at a column must be that leaves words of what is measured unsaid; a table is none by its name. */
const ofUnsaid = 0.9;
const certain = 1;

/** A reading is offered beside the best where it is more than one so-manieth as likely. */
const likelyShare = 4;

/** Names near a term that fits nothing, at most. */
const maxNear = 10;

/** How sure a reading is at least that is called so and alone holds the value that is asked for. */
const withItsValue = 0.7;

/** What is left of the confidence in what a term was said not to mean. */
const ofRefused = 0.1;

/** What is left of the confidence in a column of rows that have nothing to do with the others. */
const farAway = 0.4;

/** What is left of the confidence in a table that says what a phrase is about by other words than the last. */
const withoutHead = 0.5;

/** What is left of the confidence in a number of things where rows are grouped by a thing. */
const ofAmounts = 0.4;

/** What is left of the confidence in a rate that would be added up. */
const ofRates = 0.2;

/** What is left of the confidence in a column that is known not to hold the value it is filtered by, where another does. */
const withoutValue = 0.3;

/** Names that may stand in place of one that fits nothing, at most; those that build are offered. */
const maxInstead = 5;
