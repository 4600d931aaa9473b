/**
 * What each term of an intent may mean, and which reading fits the others best: names word for word first, then the resolver; of several
 * readings the one whose table the other terms speak of. Pure. Says how sure it is; asking is `terms.ts`.
 */

import { nameWords } from "../schema/name-words.js";
import type { Column, Table } from "../schema/snapshot.js";
import { hasPrefix, withoutPrefix } from "../schema/table-shapes.js";
import { isUnit, quantitiesOf, withoutMarkers } from "../terms/naming-marks.js";
import { relatedness, same } from "../terms/synonyms.js";
import { shortens } from "./abbreviations.js";
import type { QueryContext } from "./answer.js";
import { areLinked, type JoinGraph, type Link } from "./graph.js";
import type { Intent } from "./intent.js";
import { spokenWords } from "./spoken-words.js";
import { keyWords, roleOfPerson, sameStem } from "./words.js";

export interface Reading {
  readonly table: number;
  /** Absent where the table itself is meant. */
  readonly column?: Column;
  readonly ref: string;
  /** Probability in [0, 1], before the other terms are heard. */
  readonly confidence: number;
  /** True where no name says so: the resolver's reading. */
  readonly guessed?: true;
}

/** A column by the key that leads to its rows. */
export interface RoledReading extends Reading {
  readonly column: Column;
  readonly via: Link;
}

interface OwnColumn {
  readonly table: number;
  readonly column: Column;
}

/** A column by what it is called, a prefix of all of its table's left out, and the unit that its name ends with where `isCut`. */
interface NamedColumn extends OwnColumn {
  readonly called: string;
  readonly isCut: boolean;
}

interface Names {
  /** By sorted words. */
  readonly columns: ReadonlyMap<string, readonly OwnColumn[]>;
  readonly tables: ReadonlyMap<string, readonly number[]>;
  /** By the first letter of what a column is called. */
  readonly byLetter: ReadonlyMap<string, readonly NamedColumn[]>;
  /** Tables by all letters of their names. */
  readonly byLetters: ReadonlyMap<string, readonly number[]>;
}

const indexes = new WeakMap<JoinGraph["tables"], Names>();

/** Terms of an intent other than that at `place`, each with its place. */
export function otherTerms(intent: Intent, place: string): readonly (readonly [place: string, term: string])[] {
  const all = [
    ...(intent.columns ?? []).map((c, i) => [`columns[${i}]`, c.term]),
    ...(intent.measures ?? []).map((m, i) => [`measures[${i}]`, m.table ?? m.term]),
    ...(intent.dimensions ?? []).map((d, i) => [`dimensions[${i}]`, d.term]),
    ...(intent.filters ?? []).map((f, i) => [`filters[${i}]`, f.term]),
    ...(intent.tables ?? []).map((t, i) => [`tables[${i}]`, t]),
  ];
  return all.flatMap(([at = "", term]) =>
    at === place || term === "*" || term === undefined ? [] : [[at, term] as const],
  );
}

/**
 * Readings by name, word for word: of a column with its table's words or without, of a table. The words in their order are surer than as a
 * set ("csu fees campus fee" is `csu_fees.CampusFee`, not `csu_fees.Campus`); `rows` says that a table is what the place asks for.
 */
export function namedReadings(
  term: string,
  graph: JoinGraph,
  refOf: (table: number, column?: string) => string,
  rows: boolean,
): readonly Reading[] {
  const names = namesOf(graph);
  const words = spokenWords(term);
  const columns = new Map<string, Reading>();
  const keys: readonly [string, number][] = [
    [`s ${words.join(" ")}`, 0.99],
    [`q ${keyOf(words)}`, 0.96],
    [`b ${keyOf(words)}`, 0.9],
  ];
  for (const [key, confidence] of keys) {
    for (const { table, column } of names.columns.get(key) ?? []) {
      const ref = refOf(table, column.name);
      if (!columns.has(ref)) columns.set(ref, { table, column, ref, confidence });
    }
    // A surer way of reading the same words leaves no room for a looser one.
    if (confidence > 0.9 && columns.size > 0) break;
  }
  // What people wrote about a column speaks where no name does.
  for (const [key, confidence] of columns.size > 0 ? [] : described(words)) {
    for (const { table, column } of names.columns.get(key) ?? []) {
      const ref = refOf(table, column.name);
      if (!columns.has(ref)) columns.set(ref, { table, column, ref, confidence });
    }
    if (columns.size > 0) break;
  }
  const tables = (names.tables.get(keyOf(words)) ?? names.tables.get(`d ${words.join(" ")}`) ?? []).map(
    (table): Reading => {
      const whole = spokenWords(graph.tables[table]?.name ?? "").length >= words.length;
      return { table, ref: refOf(table), confidence: whole && (rows || columns.size === 0) ? 1 : 0.5 };
    },
  );
  const counted = rows && tables.some((t) => t.confidence === 1);
  const kept = wholeNamed([...columns.values()], words);
  return [...kept.map((c) => (counted ? { ...c, confidence: c.confidence / 2 } : c)), ...tables];
}

/** Words that link what a term says of a table and of a column ("customers affected by outages"); "number of orders" is no order number. */
const linking = / (?:by|in|on|at|from|with|for) /g;

/** Readings by name of a term without the words that link its own. */
export function linkedReadings(
  term: string,
  graph: JoinGraph,
  refOf: (table: number, column?: string) => string,
): readonly Reading[] {
  const telling = term.replaceAll(linking, " ");
  return telling === term ? [] : namedReadings(telling, graph, refOf, false).filter((r) => r.column !== undefined);
}

/**
 * Columns that a term names but for how they hold it: "country" of `country_code`, "assignee" of `assignee_id`, "CSM" of `csm_user_id`; of what is measured
 * the amounts alone ("commission" of `comm_amt`, not of `comm_id`).
 */
export function heldReadings(
  term: string,
  isMeasured: boolean,
  graph: JoinGraph,
  refOf: (table: number, column?: string) => string,
): readonly Reading[] {
  const words = spokenWords(term);
  const found = namesOf(graph).columns.get(`${isMeasured ? "a" : "r"} ${words.join(" ")}`) ?? [];
  // "awards" may be the rows of `grant_awards`, whatever amount these have.
  const isSeveral = words.length === 1 && term.trim().toLowerCase() !== words[0];
  const areRows = (table: number) => spokenWords(graph.tables[table]?.name ?? "").at(-1) === words[0];
  if (isMeasured && isSeveral && found.some((r) => areRows(r.table))) return [];
  return found.map((r) => ({ ...r, ref: refOf(r.table, r.column.name), confidence: 0.85 }));
}

/** The tables whose names end with a word that fits. */
export function tablesEnding({ tables }: JoinGraph, fits: (word: string) => boolean): readonly number[] {
  return [...tables.keys()].filter((at) => fits(spokenWords(tables[at]?.name ?? "").at(-1) ?? ""));
}

/** The tables whose names end with a word, and those called by another word for the same alone: `reservations` are bookings as `event_bookings` are. */
export function tablesHeaded(graph: JoinGraph, said: string): readonly number[] {
  const isSame = (name: string) => {
    const [word = "", second] = spokenWords(withoutMarkers(nameWords(name)).join(" "));
    return second === undefined && relatedness(word, said) >= same;
  };
  const ending = tablesEnding(graph, (word) => word === said);
  return ending.length === 0
    ? []
    : [...graph.tables.keys()].filter((t) => ending.includes(t) || isSame(graph.tables[t]?.name ?? ""));
}

/** The one table whose name ends with a term of one word ("category" of `product_categories`), where no column's does. */
export function headedReadings(
  term: string,
  graph: JoinGraph,
  refOf: (table: number, column?: string) => string,
): readonly Reading[] {
  const [said = "", second] = spokenWords(term);
  if (second !== undefined || said === "") return [];
  const [table, other] = tablesHeaded(graph, said);
  if (table === undefined || other !== undefined) return [];
  const isColumn = graph.tables.some((t) => t.columns.some((c) => spokenWords(c.name).at(-1) === said));
  return isColumn ? [] : [{ table, ref: refOf(table), confidence: 0.8 }];
}

/**
 * What is nearer to the rows of the other terms and called by a term, where what it names otherwise is of other rows: properties by "manager" may be by
 * `property_managers`, though staff have a `manager_id`, and orders by "reason" by their `cancel_reason`, though refunds have a `reason`.
 */
export function nearerRows(
  term: string,
  { table, column }: Reading,
  others: readonly (readonly Reading[])[],
  graph: JoinGraph,
  refOf: (table: number, column?: string) => string,
): readonly Reading[] {
  const homes = others.flatMap(([first]) => (first === undefined ? [] : [first.table]));
  const own = column === undefined || homes.includes(table) ? [] : endingSo(term, homes, graph, refOf);
  if (own.length > 0) return own;
  const isNear = (at: number) => homes.some((home) => home === at || areLinked(graph, home, at));
  const [rows] = column === undefined || isNear(table) ? [] : headedReadings(term, graph, refOf);
  return rows !== undefined && rows.table !== table && isNear(rows.table) ? [rows] : [];
}

/** Columns of some tables whose names end with a term of one word: of orders the `cancel_reason`, whatever refunds call their reason. */
function endingSo(
  term: string,
  tables: readonly number[],
  graph: JoinGraph,
  refOf: (table: number, column?: string) => string,
): readonly Reading[] {
  const [said = "", second] = spokenWords(term);
  if (second !== undefined || !toldApart.has(said)) return [];
  return tables.flatMap((table) => {
    const columns = graph.tables[table]?.columns.filter((c) => spokenWords(c.name).at(-1) === said) ?? [];
    return columns.map((column) => ({ table, column, ref: refOf(table, column.name), confidence: 0.8 }));
  });
}

/** The one column that numbers what a term says several of and no name says: "orders" by `order_number`. */
export function numberedReadings(
  term: string,
  graph: JoinGraph,
  refOf: (table: number, column?: string) => string,
): readonly Reading[] {
  const said = spokenWords(term).join(" ");
  const { columns } = namesOf(graph);
  const found = columns.get(`n ${said}`) ?? columns.get(`m ${said}`) ?? [];
  const [only, other] = said === term.toLowerCase() ? [] : found;
  if (only === undefined || other !== undefined) return [];
  return [{ ...only, ref: refOf(only.table, only.column.name), confidence: 0.9 }];
}

/**
 * A column of the rows that a key refers to, said after the key's role: "origin city", by the `origin_warehouse_id` of shipments the `city` of warehouses. By which
 * key it is reached the words tell again (`roles.ts`).
 */
export function roledReadings(
  term: string,
  graph: JoinGraph,
  refOf: (table: number, column?: string) => string,
): readonly RoledReading[] {
  const words = spokenWords(term);
  const found = new Map<string, RoledReading>();
  for (const via of words.length > 1 ? graph.links : []) {
    const { to, fromColumns, uniqueTo } = via;
    const target = graph.tables[to];
    const [key, second] = fromColumns;
    if (target === undefined || key === undefined || second !== undefined || !uniqueTo) continue;
    const own = spokenWords(target.name);
    const role = spokenWords(key).filter((w) => !own.includes(w) && !keyWords.has(w));
    if (role.length === 0 || role.length >= words.length || !role.every((w, i) => sameStem(words[i] ?? "", w)))
      continue;
    const rest = words.slice(role.length).join(" ");
    const called = (c: Column) => [spokenWords(c.name), heldWords(c.name)].some((w) => w?.join(" ") === rest);
    for (const column of target.columns.filter(called)) {
      const ref = refOf(to, column.name);
      found.set(`${ref} ${via.id}`, { table: to, column, ref, confidence: 0.9, via });
    }
  }
  return [...found.values()];
}

/** Keys of comments: a column's with its table's, a column's alone, and either cut to its first phrase. */
function described(words: readonly string[]): readonly (readonly [key: string, confidence: number])[] {
  const text = words.join(" ");
  return [
    [`e ${text}`, 0.95],
    [`d ${text}`, 0.9],
    [`h ${text}`, 0.85],
  ];
}

/** The first phrase of a comment: "net value (yuan), daily" is "net value". */
function firstPhrase(comment: string): string {
  return comment.split(/[.,;:([\n]/u, 1)[0] ?? "";
}

/** Of a table's columns the one whose own name is the term ("problem log id": `problem_log_id`, not `problem_id` of `problem_log`). */
function wholeNamed(columns: readonly Reading[], words: readonly string[]): readonly Reading[] {
  const term = words.join(" ");
  const whole = columns.filter((c) => spokenWords(c.column?.name ?? "").join(" ") === term);
  return columns.filter((c) => whole.includes(c) || !whole.some((w) => w.table === c.table));
}

/** The column that bears its table's own name: of `company` the column `Company`. */
export function ownNamed(table: Table): Column | undefined {
  const own = spokenWords(table.name).join(" ");
  return table.columns.find((c) => spokenWords(c.name).join(" ") === own);
}

/** Readings by short forms: columns whose letters shorten the term's words, said with their table's words or without. */
export function shortReadings(
  term: string,
  graph: JoinGraph,
  refOf: (table: number, column?: string) => string,
): readonly Reading[] {
  const { byLetter, byLetters } = namesOf(graph);
  const words = spokenWords(term);
  const found = new Map<string, Reading>();
  const put = (table: number, column: Column, confidence: number) => {
    const ref = refOf(table, column.name);
    if (!found.has(ref)) found.set(ref, { table, column, ref, confidence });
  };
  // Of flights the "flight number" is `flight_no`, and no `tail_number`.
  const isWhole = (c: Column) => shortens(c.name, words);
  for (let length = 1; length < words.length; length++) {
    const rest = words.slice(length);
    for (const number of byLetters.get(words.slice(0, length).join("")) ?? []) {
      const table = graph.tables[number];
      const isPrefixed = table !== undefined && hasPrefix(table);
      const isHeld = table?.columns.some(isWhole) === true;
      for (const column of table?.columns ?? []) {
        const called = withoutPrefix(column.name, isPrefixed);
        const alone = !isHeld && rest.length === 1 && spokenWords(column.name).at(-1) === rest[0];
        if (alone || shortens(called, rest) || shortens(called, words)) put(number, column, 0.88);
      }
    }
  }
  for (const { table, column, called, isCut } of byLetter.get(words[0]?.charAt(0) ?? "") ?? []) {
    if ((words.length > 1 || !isCut) && shortens(called, words)) put(table, column, 0.8);
  }
  return [...found.values()];
}

/** Readings with their confidence weighed by how well their tables fit those of the other terms; best first. */
export function weighed(
  readings: readonly Reading[],
  others: readonly (readonly Reading[])[],
  graph: JoinGraph,
): readonly Reading[] {
  const told = others.filter((o) => o.length > 0);
  if (told.length === 0) return readings.toSorted((a, b) => b.confidence - a.confidence);
  // Two different terms seldom mean one column: the surer one has it.
  const taken = (r: Reading) =>
    r.column !== undefined && told.some((o) => o[0]?.ref === r.ref && o[0].confidence > r.confidence);
  const fit = (r: Reading) => {
    const sum = told.reduce(
      (total, other) => total + Math.max(...other.map((o) => o.confidence * nearness(r.table, o.table, graph))),
      0,
    );
    return r.confidence * (0.25 + (0.75 * sum) / told.length) * (taken(r) ? 0.4 : 1);
  };
  const best = Math.max(...readings.map(fit), 1e-9);
  const most = Math.max(...readings.map((r) => r.confidence));
  return readings
    .map((r) => ({ ...r, confidence: (fit(r) / best) * most * (taken(r) && r.guessed === true ? 0.4 : 1) }))
    .toSorted((a, b) => b.confidence - a.confidence);
}

/** Readings that the resolver gives for columns or tables; of `tables` alone where they are given. */
export function resolvedReadings(
  term: string,
  kind: "column" | "table",
  context: QueryContext,
  find: (ref: string) => Omit<Reading, "ref" | "confidence"> | undefined,
  tables?: readonly string[],
): { readonly list: readonly Reading[]; readonly didYouMean: readonly string[] } {
  const result = context.resolve({
    term,
    kinds: [kind],
    limit: 8,
    ...(tables === undefined ? {} : { tables }),
    ...(context.question === undefined ? {} : { question: context.question }),
  });
  const list = result.matches.flatMap((m): Reading[] => {
    const found = m.kind === kind ? find(m.ref) : undefined;
    return found === undefined ? [] : [{ ...found, ref: m.ref, confidence: m.confidence, guessed: true }];
  });
  return { list, didYouMean: result.did_you_mean };
}

function nearness(a: number, b: number, graph: JoinGraph): number {
  if (a === b) return 1;
  return areLinked(graph, a, b) ? 0.7 : 0.35;
}

function namesOf(graph: JoinGraph): Names {
  const known = indexes.get(graph.tables);
  if (known !== undefined) return known;
  const columns = new Map<string, OwnColumn[]>();
  const tables = new Map<string, number[]>();
  const byLetter = new Map<string, NamedColumn[]>();
  const byLetters = new Map<string, number[]>();
  const put = <T>(map: Map<string, T[]>, key: string, value: T) => {
    const list = map.get(key);
    if (list === undefined) map.set(key, [value]);
    else list.push(value);
  };
  graph.tables.forEach((table, number) => {
    const whole = spokenWords(table.name);
    // A warehouse's marks are seldom said: `dim_store` is a store.
    const own = spokenWords(withoutMarkers(nameWords(table.name)).join(" "));
    for (const words of own.length < whole.length ? [whole, own] : [own]) put(tables, keyOf(words), number);
    put(byLetters, own.join(""), number);
    const about = spokenWords(table.comment ?? "");
    if (about.length > 0) put(tables, `d ${about.join(" ")}`, number);
    const isPrefixed = hasPrefix(table);
    for (const column of table.columns) {
      if (column.comment !== undefined) {
        const at = { table: number, column };
        const said = spokenWords(column.comment).join(" ");
        const head = spokenWords(firstPhrase(column.comment)).join(" ");
        for (const of of [about, own]) put(columns, `e ${[...of, said].join(" ")}`, at);
        put(columns, `d ${said}`, at);
        if (head !== said && head !== "") put(columns, `h ${head}`, at);
      }
      const words = spokenWords(column.name);
      const called = withoutPrefix(column.name, isPrefixed);
      // "length of stay" by `los_days`.
      const measured = withoutUnit(called);
      for (const name of new Set([called, measured]))
        put(byLetter, spokenWords(name)[0]?.charAt(0) ?? "", {
          table: number,
          column,
          called: name,
          isCut: name !== called,
        });
      put(columns, `b ${keyOf(words)}`, { table: number, column });
      for (const of of own.length < whole.length ? [whole, own] : [own]) {
        put(columns, `q ${keyOf([...of, ...words])}`, { table: number, column });
        put(columns, `s ${[...of, ...words].join(" ")}`, { table: number, column });
      }
      const kind = kindBeside(column, table);
      if (kind !== undefined) put(columns, `r ${kind}`, { table: number, column });
      for (const name of new Set([column.name, called])) {
        const bare = heldWords(name);
        if (bare !== undefined) put(columns, `r ${bare.join(" ")}`, { table: number, column });
      }
      const amount = words.length > 1 && amounts.has(words.at(-1) ?? "") ? words.slice(0, -1) : undefined;
      if (amount !== undefined) put(columns, `a ${amount.join(" ")}`, { table: number, column });
      const [last = "", ...before] = words.toReversed();
      const things = numbering.has(last) ? before.toReversed() : [];
      for (const at of things.keys())
        put(columns, `${at === 0 ? "n" : "m"} ${things.slice(at).join(" ")}`, { table: number, column });
      const prefixed = called === column.name ? withoutInitials(column, table) : spokenWords(called);
      for (const shorter of [dayOfKey(words), prefixed]) {
        if (shorter === undefined) continue;
        put(columns, `b ${keyOf(shorter)}`, { table: number, column });
        put(columns, `q ${keyOf([...own, ...shorter])}`, { table: number, column });
      }
    }
  });
  const made = { columns, tables, byLetter, byLetters };
  indexes.set(graph.tables, made);
  return made;
}

/** A name without the unit that it ends with. */
function withoutUnit(name: string): string {
  const words = name.split(/[_\s]+/);
  const isMeasured = isUnit(words.at(-1) ?? "") || quantitiesOf(words).length > 0;
  return words.length > 1 && isMeasured ? words.slice(0, -1).join("_") : name;
}

/** Words by which a table's rows are told apart, whichever of its own come before ("type" of `task_type` of tasks). */
const kindWords: ReadonlySet<string> = new Set(
  "type status category class kind state stage reason priority level method source".split(" "),
);

/** These, and words of what rows are rated by. */
const toldApart: ReadonlySet<string> = new Set([...kindWords, "rating", "score", "grade", "rank"]);

function kindBeside(column: Column, table: Table): string | undefined {
  const [last = "", ...before] = spokenWords(column.name).toReversed();
  const own = spokenWords(table.name);
  return before.length > 0 && kindWords.has(last) && before.every((w) => own.includes(w)) ? last : undefined;
}

/** A column's words but for the first letters of its table's: "status" of `wo_status` of work orders. */
function withoutInitials(column: Column, table: Table): readonly string[] | undefined {
  const initials = nameWords(table.name).map((w) => w.charAt(0));
  const [first = "", ...rest] = nameWords(column.name);
  if (initials.length < 2 || first !== initials.join("") || rest.length === 0) return undefined;
  return spokenWords(rest.join(" "));
}

/** What a key to a day is called for: "order date" of `order_date_key`. */
function dayOfKey(words: readonly string[]): readonly string[] | undefined {
  const [last = "", before = ""] = words.toReversed();
  return keyWords.has(last) && dayWords.has(before) ? words.slice(0, -1) : undefined;
}

/** Words at the end of a name that say how a column holds what it holds. */
const holding: ReadonlySet<string> = new Set(["code", "cd", "id", "key", "name", "nm", "at", "on"]);

/** Words at the end of a name that say of what it tells that it happened. */
const moments: ReadonlySet<string> = new Set(["date", "dt", "ts", "timestamp", "time", "datetime"]);

/** Words at the end of a name that say of what it holds that it is measured. */
const amounts: ReadonlySet<string> = new Set(["amount", "quantity", "count", "value", "total", "score"]);

/** What a column holds, but for how: "country" of `country_iso2`. */
function heldWords(name: string): readonly string[] | undefined {
  const withoutNorm = name.replace(/(?<=.)_?iso_?[23]?$/i, "");
  return withoutNorm === name ? withoutEnd(spokenWords(name)) : spokenWords(withoutNorm);
}

/** A column's words but for how it holds them, and for whom a key refers to; `undefined` where nothing else is left, or nothing was left out. */
function withoutEnd(words: readonly string[]): readonly string[] | undefined {
  const [last = "", before = ""] = words.toReversed();
  // "booked" of `booked_ts`
  if (moments.has(last) && /(?:ed|en)$/.test(before)) return words.slice(0, -1);
  if (words.length < 2 || !holding.has(words.at(-1) ?? "")) return undefined;
  return roleOfPerson(words) ?? words.slice(0, -1);
}

/** Words of columns by which things are numbered, on whatever line of theirs they stand. */
const numbering: ReadonlySet<string> = new Set(["number", "no", "num", "nr"]);

const dayWords: ReadonlySet<string> = new Set(["date", "day"]);

/** Words as a set: "customers customer name" is `customer name`. */
function keyOf(words: readonly string[]): string {
  return [...new Set(words)].sort().join(" ");
}
