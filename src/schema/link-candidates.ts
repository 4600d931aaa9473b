/**
 * Pairs of a column and a key that might be a foreign key, found by name without trying all pairs of a large schema. Pure. It proposes;
 * `inference.ts` judges.
 */

import { nameWords, singular } from "./name-words.js";
import { tableKey } from "./names.js";
import { keyByRows } from "./row-keys.js";
import type { Column, SchemaSnapshot, Table } from "./snapshot.js";
import { noStatistics, type SchemaStatistics } from "./statistics.js";
import { mapInSteps, type Steps } from "./steps.js";
import { hasPrefix, isView, polymorphicPairs } from "./table-shapes.js";

/** Types as far as keys care. */
export type KeyType = "int" | "text" | "uuid" | "number" | "time" | "any" | "never";

export interface LinkColumn {
  readonly table: LinkTable;
  readonly column: Column;
  /** The declared type, a domain's replaced by the type beneath it. */
  readonly declaredType: string;
  readonly type: KeyType;
  /** Words of the name, the table's own prefix left out; and as one text, with blanks. */
  readonly words: readonly string[];
  readonly name: string;
  /** The words without key words at the end: `customer` of `customer_id`. */
  readonly stem: readonly string[];
  /** How many tables have a column by this name. */
  readonly namesakes: number;
  /** Whether it ends with a key word: id, code, number, … */
  readonly keyLike: boolean;
  readonly primary: "sole" | "part" | "no";
  readonly unique: boolean;
  readonly indexed: boolean;
  /** Its table declares a foreign key on it: nothing to guess. */
  readonly declared: boolean;
  /** With a type column beside it, it points into one of several tables: no one of them may be guessed. */
  readonly polymorphic: boolean;
}

export interface LinkTable {
  readonly table: Table;
  readonly key: string;
  readonly words: readonly string[];
  readonly columns: readonly LinkColumn[];
  /** The column that stands for a row: the sole primary key, else a sole unique column. */
  readonly keys: readonly LinkColumn[];
}

export interface Candidate {
  readonly from: LinkColumn;
  readonly to: LinkColumn;
}

/** Words that say "this identifies something" and not what. */
const keyWords = new Set([
  "id",
  "code",
  "key",
  "no",
  "num",
  "number",
  "nr",
  "nbr",
  "uuid",
  "guid",
  "ref",
  "fk",
  "pk",
  "sk",
  "cd",
  "identifier",
  "rid",
]);
/** Up to this many tables every key-like column is tried against every key; above it names must point the way. */
const smallSchema = 60;
/** A word that more tables than this end with, or start with, leads nowhere by itself. */
const maxSameWord = 12;
const maxSameStart = 6;

/** Tables worked through between two stops. */
const tablesAStep = 20;

/** `statistics`: what rows tell of tables that declare no key; left out, names and declared keys alone speak. */
export function* linkTables(
  snapshot: Pick<SchemaSnapshot, "tables" | "domains">,
  statistics: SchemaStatistics = noStatistics,
): Steps<readonly LinkTable[]> {
  const domains = new Map(snapshot.domains.map((d) => [tableKey(d), d.type]));
  const typeOf = (column: Column) => (column.domain && domains.get(tableKey(column.domain))) ?? column.type;
  const kept = snapshot.tables.filter((t) => !isView(t) && t.partitionOf === undefined);
  const vocabulary = new Set<string>();
  const names = new Map<string, number>();
  yield* mapInSteps(kept, tablesAStep, (table) => {
    const words = nameWords(table.name);
    for (const word of [...words, words.join("")]) {
      vocabulary.add(word);
      // Shortened: stuid stands for student id. The mark keeps starts apart from whole words.
      for (let i = 3; i < word.length; i++) vocabulary.add(`${word.slice(0, i)}…`);
    }
    for (const initials of initialsOf(words)) vocabulary.add(`${initials}id`);
    for (const { name } of table.columns) names.set(name.toLowerCase(), (names.get(name.toLowerCase()) ?? 0) + 1);
  });
  const namesakes = (column: Column) => names.get(column.name.toLowerCase()) ?? 1;
  // Most names are had by many columns: what is read of one is shared.
  const read = (prefix: number) =>
    keptByText((name): ReadName => {
      const all = columnWords(name, vocabulary);
      const words = all.length > prefix ? all.slice(prefix) : all;
      return { words, name: words.join(" "), stem: stemOf(words) };
    });
  const [whole, unprefixed] = [read(0), read(1)];
  const owned = new Set<string>();
  yield* mapInSteps(kept, tablesAStep, (table) => {
    const words = nameWords(table.name);
    for (const { name } of table.columns) if (isOwn(whole(name), words)) owned.add(whole(name).name);
  });
  const isTable = (joined: string) => vocabulary.has(joined);
  const isForeign = (column: Column, table: readonly string[]) =>
    owned.has(whole(column.name).name) && !isOwn(whole(column.name), table);
  const keyTypeOf = keptByText(keyType);
  return yield* mapInSteps(kept, tablesAStep, (table) =>
    linkTable(table, { isTable, isForeign, whole, unprefixed, typeOf, keyTypeOf, namesakes }, statistics),
  );
}

/** Whether a column is called like a key of a table by that table's whole name: `course_id` of `course`, `pid` of `publication`. */
function isOwn({ words, stem }: ReadName, table: readonly string[]): boolean {
  if (stem.length === words.length) return false;
  const joined = stem.join("");
  return joined === table.join("") || joined === initialsOf(table).at(-1);
}

/** A column's name: words, those words as one text, and the words without key words at the end. */
type ReadName = Pick<LinkColumn, "words" | "name" | "stem">;

interface SchemaNames {
  isTable(joined: string): boolean;
  /** Whether it is called like another table's key: what that table has, this one refers to. */
  isForeign(column: Column, table: readonly string[]): boolean;
  whole(column: string): ReadName;
  /** Without the first word, where there are more. */
  unprefixed(column: string): ReadName;
  typeOf(column: Column): string;
  keyTypeOf(type: string): KeyType;
  namesakes(column: Column): number;
}

function keptByText<T>(of: (text: string) => T): (text: string) => T {
  const kept = new Map<string, T>();
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) return known;
    const fresh = of(text);
    kept.set(text, fresh);
    return fresh;
  };
}

/** Letters that may stand for a table before `id`: of its last word, and of all. */
export function initialsOf(words: readonly string[]): readonly string[] {
  return [words.at(-1)?.slice(0, 1) ?? "", words.length === 2 ? words.map((w) => w.slice(0, 1)).join("") : ""].filter(
    (initials) => initials !== "",
  );
}

/** `pid` where a table is called publication. */
const initialsAndId = /^([a-z]{1,2})(id)$/;

/** Endings of names written in one: `departmentid`, `fromcurrencycode`, `partkey`. */
const runTogether = /^(.{3,}?)(id|code|key|number|no)$/;
/** Shorter words are found in anything; without an ending to vouch for it, a little longer ones as well. */
const minPart = 4;
const minTail = 5;

/**
 * Words of a column, names written in one taken apart where the schema's own table names show how: `billtoaddressid` is `billto address id`
 * where a table is called `address`.
 */
function columnWords(name: string, vocabulary: ReadonlySet<string>): readonly string[] {
  const words = nameWords(name).flatMap((word) => {
    const [, initials, id] = initialsAndId.exec(word) ?? [];
    if (initials !== undefined && id !== undefined && vocabulary.has(word)) return [initials, id];
    if (vocabulary.has(word)) return [word];
    const [, rest, ending] = runTogether.exec(word) ?? [];
    if (rest === undefined || ending === undefined) return tailSplit(word, vocabulary);
    if (vocabulary.has(rest) || vocabulary.has(`${rest}…`)) return [rest, ending];
    for (let i = 1; i <= rest.length - minPart; i++) {
      if (vocabulary.has(rest.slice(i))) return [rest.slice(0, i), rest.slice(i), ending];
    }
    return [word];
  });
  // Numbered twins: club_id_1 and club_id_2 are both club ids.
  const last = words.at(-1) ?? "";
  return words.length > 1 && /^\d+$/.test(last) ? words.slice(0, -1) : words;
}

/** `prepnurse` is `prep nurse` where a table is called so. */
function tailSplit(word: string, vocabulary: ReadonlySet<string>): readonly string[] {
  for (let i = 3; i <= word.length - minTail; i++) {
    if (vocabulary.has(word.slice(i))) return [word.slice(0, i), word.slice(i)];
  }
  return [word];
}

/** `strict`: types of different classes never join (PostgreSQL); else declared types are only a hint (SQLite). */
export function* candidates(tables: readonly LinkTable[], strict: boolean): Steps<readonly Candidate[]> {
  const keys = tables.flatMap((t) => t.keys);
  const index = keyIndex(keys);
  const small = tables.length <= smallSchema;
  const found: Candidate[] = [];
  yield* mapInSteps(tables, tablesAStep, (table) => {
    for (const from of table.columns) {
      if (from.declared || from.polymorphic || from.type === "never") continue;
      const near = small ? keys : reachable(index, from);
      for (const to of near) {
        const fits = compatible(from, to, strict) && !isNumberOf(from, to);
        if (to !== from && fits && (!small || promising(from, to))) found.push({ from, to });
      }
    }
  });
  return found;
}

/** Whether a column says how many rows of a key's table there are: `new_accounts` refers to none of the accounts. */
function isNumberOf({ column, keyLike, type }: LinkColumn, { table }: LinkColumn): boolean {
  const last =
    column.name
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .at(-1) ?? "";
  const isSeveral = last !== singular(last) && singular(last) === table.words.at(-1);
  return isSeveral && !keyLike && (type === "int" || type === "number");
}

/** In a small schema: anything that is named like a key, or shares a word with the table or its key. */
function promising(from: LinkColumn, to: LinkColumn): boolean {
  if (from.keyLike || from.type === "uuid") return true;
  return (
    from.words.some((w) => to.table.words.includes(w) || to.words.includes(w) || startsAlike(w, to)) ||
    from.type === to.type
  );
}

function startsAlike(word: string, to: LinkColumn): boolean {
  return word.length >= 3 && to.table.words.some((w) => w.startsWith(word) || word.startsWith(w));
}

interface KeyIndex {
  readonly byName: ReadonlyMap<string, readonly LinkColumn[]>;
  /** By the whole name of the table, in one. */
  readonly byTable: ReadonlyMap<string, readonly LinkColumn[]>;
  /** By the last word of the table's name. */
  readonly byNoun: ReadonlyMap<string, readonly LinkColumn[]>;
  readonly byStart: ReadonlyMap<string, readonly LinkColumn[]>;
}

function keyIndex(keys: readonly LinkColumn[]): KeyIndex {
  const byName = new Map<string, LinkColumn[]>();
  const byTable = new Map<string, LinkColumn[]>();
  const byNoun = new Map<string, LinkColumn[]>();
  const byStart = new Map<string, LinkColumn[]>();
  for (const key of keys) {
    add(byName, key.name, key);
    const noun = key.table.words.at(-1) ?? "";
    add(byTable, key.table.words.join(""), key);
    add(byNoun, noun, key);
    add(byStart, noun.slice(0, 3), key);
    add(byStart, (key.table.words[0] ?? "").slice(0, 3), key);
  }
  return { byName, byTable, byNoun, byStart };
}

/** The keys that a column's name can lead to: the same name, a tail of it, or a table named by its words. */
function reachable(index: KeyIndex, from: LinkColumn): ReadonlySet<LinkColumn> {
  const found = new Set<LinkColumn>();
  const take = (list: readonly LinkColumn[] | undefined, max: number) => {
    if (list !== undefined && list.length <= max) for (const key of list) found.add(key);
  };
  for (let at = 0, i = 0; i < from.words.length; at += (from.words[i]?.length ?? 0) + 1, i++) {
    const tail = from.name.slice(at);
    if (tail !== "id") take(index.byName.get(tail), maxSameWord);
  }
  for (let i = 0; i < from.stem.length; i++) take(index.byTable.get(from.stem.slice(i).join("")), maxSameWord);
  // Nouns and starts are weak pointers: followed where nothing better was found, and from columns that look like keys.
  if (from.keyLike && found.size === 0) {
    for (const word of from.stem) {
      take(index.byNoun.get(word), maxSameWord);
      if (word.length >= 3) take(index.byStart.get(word.slice(0, 3)), maxSameStart);
    }
  }
  if (from.words.at(-1) === "by") for (const person of peopleTables) take(index.byTable.get(person), 1);
  if (from.keyLike) for (const key of from.table.keys) found.add(key);
  return found;
}

/** Where `created_by` and its like lead. */
const peopleTables = ["user", "employee", "person", "people", "staff", "member", "account"];

function linkTable(table: Table, names: SchemaNames, statistics: SchemaStatistics): LinkTable {
  const wordsOf = hasPrefix(table) ? names.unprefixed : names.whole;
  const words = nameWords(table.name);
  const columns: LinkColumn[] = [];
  const built: { -readonly [K in keyof LinkTable]: LinkTable[K] } = {
    table,
    key: tableKey(table),
    words,
    columns,
    keys: [],
  };
  const byRows = keyByRows(table, statistics.tables[built.key], (column) => {
    const { words: all, stem } = names.whole(column.name);
    return {
      keyLike: stem.length < all.length,
      shared: names.namesakes(column) > 1,
      own: stem.length < all.length && stem.join("") === words.join(""),
      initials: isOwn(names.whole(column.name), words),
      foreign: names.isForeign(column, words),
    };
  });
  const key = table.primaryKey?.columns ?? (byRows === undefined ? [] : [byRows]);
  const sole = (cols: readonly string[], name: string) => cols.length === 1 && cols[0] === name;
  const pairs = new Set(polymorphicPairs(table, names.isTable).map((p) => p.id));
  const declared = new Set(table.foreignKeys.flatMap((k) => k.columns));
  const [unique, indexed] = [loneUniques(table), new Set(table.indexes.map((i) => i.columns[0]))];
  for (const column of table.columns) {
    const own = wordsOf(column.name);
    const declaredType = names.typeOf(column);
    columns.push({
      table: built,
      column,
      declaredType,
      type: names.keyTypeOf(declaredType),
      words: own.words,
      name: own.name,
      stem: own.stem,
      namesakes: names.namesakes(column),
      keyLike: own.stem.length < own.words.length,
      primary: sole(key, column.name) ? "sole" : key.includes(column.name) ? "part" : "no",
      unique: unique.has(column.name),
      indexed: indexed.has(column.name),
      declared: declared.has(column.name),
      polymorphic: pairs.has(column.name),
    });
  }
  const primary = columns.filter((c) => c.primary === "sole");
  const uniques = columns.filter((c) => c.unique && c.keyLike).slice(0, 2);
  // Without any key declared, a first column that is named like one stands for the row.
  const first =
    key.length === 0 ? columns.slice(0, 1).filter((c) => c.keyLike && !names.isForeign(c.column, words)) : [];
  const keys = primary.length > 0 ? primary : uniques.length > 0 ? uniques : first;
  const named = columns.filter((c) => c.keyLike && c.primary === "no" && c.stem.join("") === words.join(""));
  built.keys = [...keys, ...named.filter((c) => !keys.includes(c))];
  return built;
}

/** Columns that are unique by themselves, in all rows. */
function loneUniques(table: Table): ReadonlySet<string> {
  const whole = table.indexes.filter((i) => i.unique && i.partial === undefined && i.expression === undefined);
  return new Set([...table.uniques, ...whole].flatMap(({ columns }) => (columns.length === 1 ? columns : [])));
}

export function stemOf(words: readonly string[]): readonly string[] {
  let end = words.length;
  while (end > 0 && keyWords.has(words[end - 1] ?? "")) end -= 1;
  return words.slice(0, end);
}

export function keyType(type: string): KeyType {
  const t = type.toLowerCase();
  if (t === "") return "any";
  if (/bool|blob|bytea|json|xml|\[\]|geometry|geography|tsvector|inet|point|range$/.test(t)) return "never";
  if (/uuid/.test(t)) return "uuid";
  if (/date|time|year|interval/.test(t)) return "time";
  if (/int|serial|^(oid|counter)/.test(t)) return "int";
  if (/char|text|clob|string|citext|name|enum/.test(t)) return "text";
  if (/num|dec|real|float|double|money/.test(t)) return "number";
  return "any";
}

function compatible(from: LinkColumn, to: LinkColumn, strict: boolean): boolean {
  const [a, b] = [from.type, to.type];
  if (b === "never") return false;
  // A table that is a calendar has a day for its key; nothing else is linked by time.
  if (a === "time" || b === "time") return a === b && to.primary === "sole" && from.primary !== "sole";
  if (a === b && a !== "any") return true;
  if ((a === "int" && b === "number") || (a === "number" && b === "int")) return true;
  // A type of the schema's own (an enum, a domain) joins with itself alone.
  if (strict) return from.declaredType === to.declaredType;
  if (a === "any" || b === "any") return true;
  // SQLite keeps what it is given, and declared types there contradict each other often enough.
  return (a === "text" || b === "text") && a !== "uuid" && b !== "uuid" && (from.keyLike || sameName(from, to));
}

function sameName(from: LinkColumn, to: LinkColumn): boolean {
  return from.name === to.name;
}

function add(map: Map<string, LinkColumn[]>, key: string, item: LinkColumn): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}
