/** What a table's columns are for, as far as a query needs it: labels, keys, numbers, times. Pure; reads types and names alone. */

import { nameWords } from "../schema/name-words.js";
import { tableKey } from "../schema/names.js";
import { isUniqueKey } from "../schema/relationships.js";
import type { Column, DialectName, Table } from "../schema/snapshot.js";
import type { SchemaStatistics } from "../schema/statistics.js";
import { isShortOf } from "./abbreviations.js";
import { spokenWords } from "./spoken-words.js";

/** What a column's values are to arithmetic and comparison. */
export type TypeClass =
  | "integer"
  | "decimal"
  | "float"
  | "text"
  | "boolean"
  | "date"
  | "timestamp"
  | "timestamptz"
  | "other";

/** The class of a declared type. SQLite: by the rules of type affinity (sqlite.org/datatype3.html, 3.1), date and boolean words before. */
export function typeClass(type: string, dialect: DialectName): TypeClass {
  const t = type.toLowerCase();
  if (t.endsWith("[]")) return "other";
  if (t.startsWith("bool")) return "boolean";
  if (/^date$/.test(t)) return "date";
  if (/timestamptz|with time zone/.test(t) && !t.startsWith("time ")) return "timestamptz";
  if (/^(timestamp|datetime)/.test(t)) return "timestamp";
  if (dialect === "sqlite") {
    if (t.includes("int")) return "integer";
    if (/char|clob|text/.test(t)) return "text";
    if (t === "" || t.includes("blob")) return "other";
    if (/real|floa|doub/.test(t)) return "float";
    return "decimal";
  }
  if (/^(smallint|integer|bigint|int[248]?)$/.test(t)) return "integer";
  if (/^(numeric|decimal|money)/.test(t)) return "decimal";
  if (/^(real|double precision|float)/.test(t)) return "float";
  if (/^(text|character|varchar|char|bpchar|citext|name|"char")/.test(t)) return "text";
  return "other";
}

export function isNumeric(c: TypeClass): boolean {
  return c === "integer" || c === "decimal" || c === "float";
}

export function isTime(c: TypeClass): c is "date" | "timestamp" | "timestamptz" {
  return c === "date" || c === "timestamp" || c === "timestamptz";
}

/** The columns that stand for a row of the table: its primary key, and a name where it has one; of people their first and last names. */
export function labelColumns(table: Table): readonly Column[] {
  const key = table.primaryKey?.columns ?? [];
  const keys = table.columns.filter((c) => key.includes(c.name));
  const isNamed = (c: Column) => !key.includes(c.name) && isName(c.name, table.name);
  const named = table.columns.find(isNamed) ?? onlyName(table) ?? besideKey(table, keys);
  // People have titles too, and are not called by them.
  const people = named === undefined || spokenWords(named.name).at(-1) === "title" ? personNames(table) : [];
  const chosen = [...keys, ...(people.length > 0 || named === undefined ? people : [named])];
  return chosen.length > 0 ? chosen : table.columns.slice(0, 1);
}

/** The column that is called as the key is, and a name (`CUSTNM` beside `CUSTNO`). */
function besideKey({ columns }: Table, [key, second]: readonly Column[]): Column | undefined {
  const [, stem] = /^(.+?)_?(?:id|no|nbr|num|number|cd|code|key)$/i.exec(key?.name ?? "") ?? [];
  if (stem === undefined || second !== undefined) return undefined;
  const plain = (name: string) => name.replaceAll("_", "").toLowerCase();
  const wanted = ["nm", "name", "desc", "title"].map((end) => plain(stem) + end);
  return columns.find((c) => wanted.includes(plain(c.name)));
}

/** The one column that is called a name of the table's rows, whatever else it says (`english_product_name`). */
function onlyName(table: Table): Column | undefined {
  const head = spokenWords(table.name).at(-1) ?? "";
  const [only, second] = table.columns.filter((c) => {
    const words = spokenWords(c.name);
    return words.at(-1) === "name" && words.includes(head);
  });
  return second === undefined ? only : undefined;
}

/** The columns of first and last names; none where not both are there, once each. */
export function personNames(table: Table): readonly Column[] {
  const own = spokenWords(table.name);
  const found = ["first", "last"].map((part) =>
    table.columns.filter((c) => {
      const words = spokenWords(c.name).filter((w) => !own.includes(w));
      return words.join(" ") === `${part} name` || words.join("") === `${part[0]}name`;
    }),
  );
  return found.every((columns) => columns.length === 1) ? found.flat() : [];
}

const calling: ReadonlySet<string> = new Set(["name", "title", "label", "description", "nm"]);

/** What stands before "name" in one that is somebody's or something's only one. */
const wholeNames: ReadonlySet<string> = new Set(["full", "display", "company", "business", "legal"]);

function isName(column: string, table: string): boolean {
  const [first = "", second, third] = wordsBeside(column, table);
  if (second === undefined) return calling.has(first);
  return third === undefined && second === "name" && wholeNames.has(first);
}

/** Words of a column's name that its table's has not, nor a short form of them; a word for names may be run together with the table's (`authorname`). */
export function wordsBeside(column: string, table: string): readonly string[] {
  const own = spokenWords(table);
  const joined = own.join("");
  const initials =
    own.length > 1
      ? nameWords(table)
          .map((w) => w.charAt(0))
          .join("")
      : undefined;
  const apart = (word: string): string => {
    const rest = word.startsWith(joined) ? word.slice(joined.length) : word;
    return calling.has(rest) ? rest : word;
  };
  const written = nameWords(column);
  // `dept_name` is the name of `departments`, `lob_name` that of `line_of_business`.
  const isCalling = calling.has(apart(written.at(-1) ?? ""));
  const isShort = (word: string) =>
    isCalling && !calling.has(word) && (word === initials || own.some((o) => isShortOf(word, o)));
  return written
    .filter((word) => !isShort(word))
    .flatMap((word) => spokenWords(word).map(apart))
    .filter((word) => !own.includes(word) && !isShort(word));
}

/** The columns that tell a table's rows apart: its primary key, else a unique key of columns that are never null. */
export function rowKey(table: Table): readonly string[] | undefined {
  if (table.primaryKey !== undefined) return table.primaryKey.columns;
  const never = new Set(table.columns.filter((c) => !c.nullable).map((c) => c.name));
  const keys = [...table.uniques.map((u) => u.columns), ...table.indexes.filter((i) => i.unique).map((i) => i.columns)];
  return keys.find((k) => k.every((c) => never.has(c)) && isUniqueKey(table, k));
}

/** Whether every row of a table has a value in a column, by its type or by what is stored. */
export function hasAll(table: Table, column: Column, { tables }: SchemaStatistics): boolean {
  return !column.nullable || tables[tableKey(table)]?.columns[column.name]?.nullShare === 0;
}

/** Whether a column says by its name that it tells yes or no of its rows, in numbers or by its type. */
export function isYesOrNo(column: Column): boolean {
  const words = nameWords(column.name);
  return /^bool/i.test(column.type) || yesNoFirst.has(words[0] ?? "") || yesNoLast.has(words.at(-1) ?? "");
}

const yesNoFirst: ReadonlySet<string> = new Set(["is", "has", "was"]);
const yesNoLast: ReadonlySet<string> = new Set(["flag", "flg", "indicator", "ind", "yn"]);

/** Whether a phrase says no more than that the whole amount of something is meant, as the column does of a table that has others beside it. */
export const isWholeAmount = (phrase: string): boolean => wholeAmounts.includes(phrase);

const wholeAmounts: readonly string[] = ["total", "total amount", "total amt", "amount", "amt", "grand total"];

/** Whether a column says by its name that it marks deleted rows. */
export function isDeletionMark(column: Column): boolean {
  return /^(is_?)?deleted(_?(at|on|date|dt|time|ts|flag))?$|^del_(flg|flag)$|^delete_(date|dt|flag)$/i.test(
    column.name.replaceAll(/([a-z])([A-Z])/g, "$1_$2"),
  );
}
