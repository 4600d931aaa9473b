/** Rows marked deleted by convention are left out of what is counted, and the answer says so. Pure; reads names, types and values known. */

import { nameWords } from "../schema/name-words.js";
import type { DialectName, Table } from "../schema/snapshot.js";
import type { Item, ResolvedFilter } from "./resolved.js";
import { isDeletionMark, typeClass } from "./tables.js";

export interface Marks {
  assume(code: string, text: string): void;
  columnRef(table: number, column: string): string;
  softDelete(table: number, filtered: readonly Item[]): ResolvedFilter | undefined;
}

/** The filter that leaves deleted rows of `table` out, unless the intent itself speaks of the mark. */
export function softDeleteFilters(table: number, spoken: readonly Item[], context: Marks): readonly ResolvedFilter[] {
  const filter = context.softDelete(table, spoken);
  if (filter === undefined) return [];
  context.assume(
    "soft_deletes",
    `Rows marked deleted (${context.columnRef(table, filter.item.column.name)}) are left out.`,
  );
  return [filter];
}

/** The filter for a table's mark of deletion; `undefined` where it has none, or where `spoken` names it. */
export function deletionFilter(
  number: number,
  table: Table,
  dialect: DialectName,
  spoken: readonly Item[],
): ResolvedFilter | undefined {
  const mark = table.columns.find(isDeletionMark);
  if (mark === undefined || spoken.some((i) => i.table === number && i.column.name === mark.name)) return undefined;
  const item: Item = { place: "soft_deletes", term: mark.name, table: number, column: mark, words: [] };
  const type = typeClass(mark.type, dialect);
  const moment = nameWords(mark.name).some((w) => ["at", "on", "date", "dt", "time", "ts"].includes(w));
  if (moment) return { item, op: "is_null" };
  if (type === "boolean") return { item, op: "not_true" };
  return type === "integer" ? { item, op: "not_true" } : undefined;
}
