/** Rows marked deleted by convention are left out of what is counted, and the answer says so. Pure; reads names, types and values known. */

import { nameWords } from "../schema/name-words.js";
import type { Column, DialectName, Table } from "../schema/snapshot.js";
import type { Item, ResolvedFilter } from "./resolved.js";
import { typeClass } from "./tables.js";

interface Marks {
  readonly graph: { readonly tables: readonly Table[] };
  assume(code: string, text: string): void;
  columnRef(table: number, column: string): string;
  softDelete(table: number, filtered: readonly Item[]): ResolvedFilter | undefined;
}

/** The filter that leaves deleted rows of `table` out, unless the intent itself speaks of the mark. */
export function softDeleteFilters(table: number, spoken: readonly Item[], context: Marks): readonly ResolvedFilter[] {
  const filter = context.softDelete(table, spoken);
  if (filter === undefined) return [];
  context.assume("soft_deletes", leftOut(context.columnRef(table, filter.item.column.name)));
  return [filter];
}

/** What is said of rows left out; `mark`: the Ref of the column that marks them. */
export const leftOut = (mark: string): string => `Rows marked deleted (${mark}) are left out.`;

/** Where the filters of this file stand: nowhere in the intent. */
const ownPlace = "soft_deletes";

/** The filter for a table's mark of deletion; `undefined` where it has none, or where `spoken` names it. */
export function deletionFilter(
  number: number,
  table: Table,
  dialect: DialectName,
  spoken: readonly Item[],
): ResolvedFilter | undefined {
  const mark = table.columns.find(isDeletionMark);
  if (mark === undefined || spoken.some((i) => i.table === number && i.column.name === mark.name)) return undefined;
  const item: Item = { place: ownPlace, term: mark.name, table: number, column: mark, words: [] };
  const type = typeClass(mark.type, dialect);
  const moment = nameWords(mark.name).some((w) => ["at", "on", "date", "dt", "time", "ts"].includes(w));
  if (moment) return { item, op: "is_null" };
  if (type === "boolean") return { item, op: "not_true" };
  return type === "integer" ? { item, op: "not_true" } : undefined;
}

/** Filters without those that this file adds where the intent itself filters by the mark. */
export function withoutSpokenMarks(filters: readonly ResolvedFilter[]): readonly ResolvedFilter[] {
  const same = (a: Item, b: Item) => a.table === b.table && a.column.name === b.column.name;
  return filters.filter(
    ({ item }) => item.place !== ownPlace || !filters.some((f) => f.item.place !== ownPlace && same(f.item, item)),
  );
}

/** Whether a column says by its name that it marks deleted rows. */
export function isDeletionMark(column: Column): boolean {
  return /^(is_?)?deleted(_?(at|on|date|dt|time|ts|flag))?$|^del_(flg|flag)$|^delete_(date|dt|flag)$/i.test(
    column.name.replaceAll(/([a-z])([A-Z])/g, "$1_$2"),
  );
}
