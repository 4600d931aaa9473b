/**
 * Tables whose columns repeat those of others: views those of the tables they read, and archives, audit trails and backups (`invoice_history`) those of
 * the table that they are kept of. What a phrase says of such a column it says of the original's. Pure.
 */

import { tableKey } from "../schema/names.js";
import type { SchemaSnapshot, Table } from "../schema/snapshot.js";
import { isView } from "../schema/table-shapes.js";
import { lemmaOf, splitIdentifier } from "./words.js";

/** Of a table that repeats others. */
export interface Copies {
  /** The tables that are repeated, by their number. */
  readonly of: readonly number[];
  /** Names, in lower case, of the columns that whoever asks may read there. */
  readonly columns: ReadonlySet<string>;
}

/** Words that say of a table that it keeps what another had. */
const keepers = new Set([
  "history", "hist", "archive", "archived", "audit", "log", "backup", "bak", "old", "tmp", "temp", "snapshot", "shadow", "version",
]); // biome-ignore format: a list of words
/** A table that keeps another's rows has at least this share of its columns, and the other at least so many. */
const keptShare = 0.7;
const minColumns = 3;

/** By table's number; absent where it repeats none. */
export function copiesIn({ tables }: Pick<SchemaSnapshot, "tables">): ReadonlyMap<number, Copies> {
  const found = new Map<number, Copies>();
  const numbers = new Map(tables.some(isView) ? tables.map((t, i) => [tableKey(t), i]) : []);
  const bySubject = new Map<string, number>();
  for (const [i, table] of tables.entries()) {
    const key = `${table.schema} ${subjectOf(table).words.join(" ")}`;
    if (!isView(table) && !subjectOf(table).keeps && !bySubject.has(key)) bySubject.set(key, i);
  }
  for (const [i, table] of tables.entries()) {
    const of = isView(table)
      ? (table.viewReads ?? []).flatMap((read) => numbers.get(tableKey(read)) ?? [])
      : keptOf(table, tables, bySubject);
    if (of.length > 0) found.set(i, { of, columns: new Set(of.flatMap((source) => readableNames(tables[source]))) });
  }
  return found;
}

function keptOf(table: Table, tables: readonly Table[], bySubject: ReadonlyMap<string, number>): readonly number[] {
  const { words, keeps } = subjectOf(table);
  const original = keeps ? bySubject.get(`${table.schema} ${words.join(" ")}`) : undefined;
  const columns = original === undefined ? [] : (tables[original]?.columns ?? []);
  if (original === undefined || columns.length < minColumns) return [];
  const own = new Set(table.columns.map((c) => c.name.toLowerCase()));
  const kept = columns.filter((c) => own.has(c.name.toLowerCase())).length;
  return kept >= keptShare * columns.length ? [original] : [];
}

/** What a table is about, and whether its name says that it keeps it. */
function subjectOf({ name }: Table): { readonly words: readonly string[]; readonly keeps: boolean } {
  const all = splitIdentifier(name).map(lemmaOf);
  const words = all.filter((w) => !keepers.has(w));
  return words.length === 0 || words.length === all.length ? { words: all, keeps: false } : { words, keeps: true };
}

function readableNames(table: Table | undefined): readonly string[] {
  if (table === undefined || table.unreadable === true) return [];
  return table.columns.filter((c) => c.unreadable !== true).map((c) => c.name.toLowerCase());
}
