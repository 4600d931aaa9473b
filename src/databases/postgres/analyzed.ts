/** What PostgreSQL's own ANALYZE knows of a table's columns (pg_stats): estimates without reading a row. */

import type { ClientBase } from "pg";
import type { ColumnStatistics } from "../../schema/statistics.js";
import type { ProfileTarget } from "../connector.js";
import { statement } from "./statements.js";
import { allRows, type RawRow } from "./wire.js";

/** Longest bound that is kept of a text column, characters. */
const maxBoundChars = 200;

/** Statistics by column; none of those that were never analysed or may not be read. `rows` is the table's estimate. */
export async function analyzedColumns(
  client: ClientBase,
  { table, columns }: ProfileTarget,
  rows: number,
): Promise<ReadonlyMap<string, ColumnStatistics>> {
  const found = await allRows(client, statement("profile-known"), [table.schema, table.name]);
  const keeping = new Set(columns.filter((c) => c.keepValues).map((c) => c.name));
  return new Map(found.map((row) => [row[0] ?? "", statisticsOf(row, rows, keeping.has(row[0] ?? ""))]));
}

function statisticsOf(
  [, distinctText, nullText, commonText, sharesText, boundsText]: RawRow,
  rows: number,
  keepValues: boolean,
): ColumnStatistics {
  const distinctShare = Number(distinctText);
  const distinct = Math.round(distinctShare < 0 ? -distinctShare * rows : distinctShare);
  const common = strings(commonText);
  const shares = (sharesText === null || sharesText === undefined ? [] : JSON.parse(sharesText)) as number[];
  const bounds = strings(boundsText);
  const values = common.map((value, i) => ({ value, count: Math.round((shares[i] ?? 0) * rows) }));
  // Bounds leave the most common values out; both ends are told only where there are bounds, which are in the type's own order.
  const [min, max] = [bounds[0], bounds.at(-1)];
  return {
    distinct,
    nullShare: Number(nullText),
    ...(min === undefined || max === undefined
      ? {}
      : { min: min.slice(0, maxBoundChars), max: max.slice(0, maxBoundChars) }),
    ...(values.length === 0 || !keepValues ? {} : { values, valuesComplete: false }),
    exact: false,
  };
}

function strings(json: string | null | undefined): readonly string[] {
  return json === null || json === undefined ? [] : (JSON.parse(json) as string[]);
}
