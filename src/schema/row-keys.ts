/**
 * The column that stands for a row in a table that declares no key at all, where rows tell: read whole, never null, never twice. Among such
 * columns names decide, for in few rows much is different by chance. Pure.
 */

import type { Column, Table } from "./snapshot.js";
import type { TableStatistics } from "./statistics.js";

/** Fewer rows prove nothing. */
const minRows = 3;

/** How a column is called. */
export interface KeyName {
  /** Like a key. */
  readonly keyLike: boolean;
  /** Like a column of another table. */
  readonly shared: boolean;
  /** Like a key of its own table: `course_id` in `course`. */
  readonly own: boolean;
  /** So, or by the table's initials: `pid` in `publication`. */
  readonly initials: boolean;
  /** Like a key of another table, which has it: `course_id` in `area`. That its values differ is chance, or the table extends the other. */
  readonly foreign: boolean;
}

/** Undefined where the table declares a key, or no column of it can be one by its rows and its name. */
export function keyByRows(
  table: Table,
  statistics: TableStatistics | undefined,
  named: (column: Column) => KeyName,
): string | undefined {
  if (table.kind !== "table" && table.kind !== "foreign_table") return undefined;
  if (table.primaryKey !== undefined || table.uniques.length > 0) return undefined;
  if (table.indexes.some((index) => index.unique && index.partial === undefined)) return undefined;
  const rows = statistics?.rowsExact === true ? statistics.rowEstimate : undefined;
  if (rows === undefined || rows < minRows) return undefined;
  const different = table.columns.filter((column) => {
    const seen = statistics?.columns[column.name];
    return seen?.exact === true && seen.distinct === rows && seen.nullShare === 0;
  });
  const rank = (column: Column): number => {
    const { keyLike, shared, own, initials, foreign } = named(column);
    const isFirst = column === table.columns[0];
    if (own) return 5;
    if (initials) return 4;
    if (foreign) return 0;
    return isFirst && (keyLike || shared) ? 3 : keyLike && shared ? 2 : isFirst ? 1 : 0;
  };
  const [best] = different.toSorted((a, b) => rank(b) - rank(a));
  return best !== undefined && rank(best) > 0 ? best.name : undefined;
}
