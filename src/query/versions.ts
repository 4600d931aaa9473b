/**
 * Tables that keep former versions of their rows beside the current ones (slowly changing dimensions of type 2): a flag says which version is current.
 * Counted or listed for themselves, the current ones are meant; a row that refers to one keeps the version that it refers to. Pure.
 */

import { tableKey } from "../schema/names.js";
import type { DialectName, Table } from "../schema/snapshot.js";
import type { SchemaStatistics } from "../schema/statistics.js";
import type { Item, ResolvedFilter } from "./resolved.js";
import { type Marks, softDeleteFilters } from "./soft-deletes.js";
import { spokenWords } from "./spoken-words.js";
import { isNumeric, typeClass } from "./tables.js";

/** Words that a flag of versions may have beside the one that says so. */
const besides: ReadonlySet<string> = new Set(["is", "flag", "indicator", "row", "record", "version", "yn"]);
const current: ReadonlySet<string> = new Set(["current", "latest"]);
/** Words of columns that say from when until when a version held. */
const spans: ReadonlySet<string> = new Set([
  "valid",
  "effective",
  "expiry",
  "expiration",
  "start",
  "end",
  "from",
  "to",
]);

const yes: ReadonlySet<string> = new Set(["1", "y", "yes", "t", "true"]);
const no: ReadonlySet<string> = new Set(["0", "n", "no", "f", "false"]);

interface Versions extends Marks {
  current(table: number, spoken: readonly Item[]): ResolvedFilter | undefined;
}

/** The filters that leave deleted rows of `table` and former versions of them out, unless the intent itself speaks of what tells them apart. */
export function leftOut(table: number, spoken: readonly Item[], context: Versions): readonly ResolvedFilter[] {
  return [...softDeleteFilters(table, spoken, context), ...currentFilters(table, spoken, context)];
}

/** The filter that leaves former versions of `table`'s rows out, with what is assumed by it. */
function currentFilters(table: number, spoken: readonly Item[], context: Versions): readonly ResolvedFilter[] {
  const filter = context.current(table, spoken);
  if (filter === undefined) return [];
  context.assume(
    "current_versions",
    `Former versions of rows are left out (${context.columnRef(table, filter.item.column.name)}); a filter with \`as_of\` takes those of a day.`,
  );
  return [filter];
}

/** The filter that leaves former versions of a table's rows out; `undefined` where it keeps none, or where `spoken` names what tells them apart. */
export function currentFilter(
  number: number,
  table: Table,
  statistics: SchemaStatistics,
  dialect: DialectName,
  spoken: readonly Item[],
): ResolvedFilter | undefined {
  const isSpan = (name: string) => spokenWords(name).some((w) => spans.has(w));
  const flag = table.columns.find((c) => {
    const words = spokenWords(c.name).filter((w) => !besides.has(w));
    return words.length === 1 && current.has(words[0] ?? "");
  });
  if (flag === undefined || table.columns.filter((c) => isSpan(c.name)).length < 2) return undefined;
  const isNamed = (i: Item) => i.table === number && (i.column.name === flag.name || isSpan(i.column.name));
  if (spoken.some(isNamed)) return undefined;
  const item: Item = { place: "versions", term: flag.name, table: number, column: flag, words: [] };
  if (typeClass(flag.type, dialect) === "boolean") return { item, op: "=", value: true };
  const stored = statistics.tables[tableKey(table)]?.columns[flag.name];
  const values = stored?.valuesComplete === true ? stored.values?.map((v) => v.value) : undefined;
  const seen = (values ?? [stored?.min, stored?.max]).filter((v) => v !== undefined);
  const said = seen.filter((v) => yes.has(String(v).toLowerCase()));
  const isFlag = seen.length > 0 && seen.every((v) => [yes, no].some((list) => list.has(String(v).toLowerCase())));
  const [value] = said;
  if (!isFlag || value === undefined) return undefined;
  return { item, op: "=", value: isNumeric(typeClass(flag.type, dialect)) ? Number(value) : String(value) };
}
