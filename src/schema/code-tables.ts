/**
 * Tables that say what codes mean: a key of one column, a text that names it, few columns, and keys elsewhere that refer to it
 * (`states(code, name)`). Pure; knows nothing of rows.
 */

import { nameWords } from "./name-words.js";
import { tableKey } from "./names.js";
import { oncePer } from "./once.js";
import type { Column, SchemaSnapshot, Table } from "./snapshot.js";

export interface CodeTable {
  readonly code: string;
  readonly label: string;
}

/** Wider tables are things of their own, not lists of codes. */
const maxColumns = 8;
const labelWords = new Set(["name", "label", "title", "description", "desc", "descr", "meaning", "text", "nm"]);

/** `isText`: whether a column holds words. Undefined where the table is no list of codes, or has several texts that may be the label. */
export function codeTableOf(
  snapshot: SchemaSnapshot,
  table: Table,
  isText: (column: Column) => boolean,
): CodeTable | undefined {
  if (table.columns.length > maxColumns || !referredTo(snapshot).has(tableKey(table))) return undefined;
  const [code, more] = table.primaryKey?.columns ?? [];
  if (code === undefined || more !== undefined) return undefined;
  const texts = table.columns.filter((column) => column.name !== code && isText(column));
  const named = texts.filter((column) => labelWords.has(nameWords(column.name).at(-1) ?? ""));
  const labels = named.length > 0 ? named : texts;
  const [label] = labels;
  return label === undefined || labels.length > 1 ? undefined : { code, label: label.name };
}

const referredTo = oncePer(
  (snapshot: SchemaSnapshot): ReadonlySet<string> =>
    new Set(
      snapshot.tables.flatMap((table) =>
        table.foreignKeys.map(({ references }) => tableKey({ schema: references.schema, name: references.table })),
      ),
    ),
);
