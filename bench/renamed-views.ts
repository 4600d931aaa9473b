/** Databases of the development sets under other names: what `described-views.ts` and `restyled-views.ts` share. */

import { tableKey } from "../src/schema/names.js";
import type { Column, Table } from "../src/schema/snapshot.js";
import type { ColumnStatistics, TableStatistics } from "../src/schema/statistics.js";
import type { SchemaView } from "../src/schema/view.js";
import { viewOf } from "./term-data.js";

export interface Renamed {
  readonly views: ReadonlyMap<string, SchemaView>;
  /** By database: the new refs of its tables and columns by their old ones, in lower case. */
  readonly renamed: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** A place from 0 to `of`, by a hash of what it is for. */
export type Dice = (purpose: string, of: number) => number;

/** A table as it is now: its columns, their new names by their old ones, and its comment. */
interface Rewritten {
  readonly columns: readonly Column[];
  readonly names: ReadonlyMap<string, string>;
  readonly comment?: string | undefined;
}

/** A view as the database `as`, with tables by their names in `called` and what `rewrite` makes of each; and the new refs by the old ones, in lower case. */
export function renamedView(
  as: string,
  view: SchemaView,
  called: ReadonlyMap<string, string>,
  rewrite: (table: Table) => Rewritten,
): { readonly view: SchemaView; readonly refs: ReadonlyMap<string, string> } {
  const refs = new Map<string, string>();
  const known: Record<string, TableStatistics> = {};
  const tables = view.snapshot.tables.map((table): Table => {
    const { columns, names, comment } = rewrite(table);
    const name = called.get(table.name) ?? table.name;
    const foreignKeys = pointing(table.foreignKeys, called);
    const now = { ...table, name, columns, foreignKeys, ...(comment === undefined ? {} : { comment }) };
    refs.set(table.name.toLowerCase(), name.toLowerCase());
    for (const { name: old } of table.columns)
      refs.set(`${table.name}.${old}`.toLowerCase(), `${name}.${names.get(old) ?? old}`.toLowerCase());
    const before = view.statistics.tables[tableKey(table)];
    const values: Record<string, ColumnStatistics> = {};
    for (const [old, of] of Object.entries(before?.columns ?? {})) values[names.get(old) ?? old] = of;
    known[tableKey(now)] = { ...before, columns: values };
    return now;
  });
  return { view: viewOf(as, tables, known), refs };
}

function pointing(keys: Table["foreignKeys"], called: ReadonlyMap<string, string>): Table["foreignKeys"] {
  return keys.map((key) => {
    const { references } = key;
    return { ...key, references: { ...references, table: called.get(references.table) ?? references.table } };
  });
}

/** Keys keep their names: what they link is told by names elsewhere. */
export function isKey(table: Table, all: readonly Table[], column: string): boolean {
  const same = (name: string) => name.toLowerCase() === column.toLowerCase();
  return (
    table.primaryKey?.columns.some(same) === true ||
    table.foreignKeys.some((key) => key.columns.some(same)) ||
    all.some((t) =>
      t.foreignKeys.some(
        ({ references: r }) => r.table.toLowerCase() === table.name.toLowerCase() && r.columns.some(same),
      ),
    )
  );
}
