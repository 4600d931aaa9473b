/**
 * Shapes of tables that say how they are used: junction tables, which link others, and polymorphic pairs, a type column and an id column that
 * together point into one of several tables; and a prefix that all columns of a table have. Pure. A pair is recognised and never joined by guess: no
 * single table is its target.
 */

import { nameWords } from "./name-words.js";
import type { Relationship } from "./relationships.js";
import type { Column, Table } from "./snapshot.js";

export interface PolymorphicPair {
  /** The column that says which kind of thing: `commentable_type`. */
  readonly type: string;
  /** The column that says which one: `commentable_id`. */
  readonly id: string;
}

const idEndings = new Set(["id", "uuid", "key"]);
/** A column that can hold the name of a kind. */
const wordType = /char|text|string|citext|enum|^$/i;

/** Pairs such as `owner_type` and `owner_id`, where no table is called owner. `isTable` says whether words, joined, name a table. */
export function polymorphicPairs(table: Table, isTable: (joined: string) => boolean): readonly PolymorphicPair[] {
  if (!table.columns.some((c) => nameWords(c.name).at(-1) === "type")) return [];
  const keyed = new Set([...table.foreignKeys.flatMap((k) => k.columns), ...soleKey(table)]);
  const byName = new Map(table.columns.map((c) => [nameWords(c.name).join(" "), c]));
  return table.columns.flatMap((id): PolymorphicPair[] => {
    const words = nameWords(id.name);
    const stem = words.slice(0, -1);
    if (stem.length === 0 || !idEndings.has(words.at(-1) ?? "") || keyed.has(id.name)) return [];
    const type = byName.get([...stem, "type"].join(" "));
    if (type === undefined || keyed.has(type.name) || !holdsWords(type) || isTable(stem.join(""))) return [];
    return [{ type: type.name, id: id.name }];
  });
}

/** Columns that say when a row was made or changed, and its own number, do not make a table more than a link. */
const bookkeeping =
  /^(?:id|uuid|(?:created|updated|modified|inserted|deleted|changed)(?:_?(?:at|on|date|time))?|(?:last_?update|modified_?date))$/i;

/**
 * Whether a table's rows stand for links between others: a key of two or more columns that all belong to two or more links, or nothing but two links.
 * `links` are those that start at the table and are believed.
 */
export function isJunction(table: Table, links: readonly Relationship[]): boolean {
  if (table.kind !== "table" && table.kind !== "partitioned_table") return false;
  const within = (columns: readonly string[]) => links.filter((l) => l.from.columns.every((c) => columns.includes(c)));
  const keys = [table.primaryKey, ...table.uniques].flatMap((k) => (k === undefined ? [] : [k.columns]));
  const isLinking = (columns: readonly string[]) => {
    const inside = within(columns);
    const covered = new Set(inside.flatMap((l) => l.from.columns));
    return inside.length >= 2 && covered.size >= 2 && columns.every((c) => covered.has(c));
  };
  if (keys.some((columns) => columns.length >= 2 && isLinking(columns))) return true;
  const linked = new Set(links.flatMap((l) => l.from.columns));
  const others = table.columns.filter((c) => !linked.has(c.name) && !soleKey(table).includes(c.name));
  return links.length === 2 && linked.size >= 2 && others.every((c) => bookkeeping.test(c.name));
}

function soleKey(table: Table): readonly string[] {
  const columns = table.primaryKey?.columns ?? [];
  return columns.length === 1 ? columns : [];
}

function holdsWords(column: Column): boolean {
  return column.enumType !== undefined || wordType.test(column.type);
}

export function isView({ kind }: { readonly kind: string }): boolean {
  return kind === "view" || kind === "materialized_view";
}

/** Longer first words are not a prefix but a subject. */
const maxPrefix = 3;

/** Whether all columns of a table begin with the same short word, as in `l_orderkey, l_partkey, …`. */
export function hasPrefix({ columns }: Table): boolean {
  if (columns.length < 3) return false;
  const word = nameWords(columns[0]?.name ?? "")[0];
  if (word === undefined || word.length > maxPrefix) return false;
  return columns.every((column, i) => {
    const words = nameWords(column.name);
    return i === 0 || (words[0] === word && words.length > 1);
  });
}

/** A column's name without the prefix that all columns of its table have (`isPrefixed`, as `hasPrefix`). */
export function withoutPrefix(name: string, isPrefixed: boolean): string {
  const [, ...rest] = isPrefixed ? nameWords(name) : [];
  return rest.length > 0 ? rest.join(" ") : name;
}
