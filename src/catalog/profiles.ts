/**
 * Which columns may be profiled and how much of it is kept. Pure but for `profileTables`, which asks the connector in rounds, smallest
 * tables first, within the budget. Classified columns stay unread (`access/classification.ts`).
 */

import picomatch from "picomatch";
import { isClosed } from "../access/classification.js";
import type { Connector, ProfileTarget } from "../databases/connector.js";
import { codeTableOf } from "../schema/code-tables.js";
import { tableKey } from "../schema/names.js";
import { plainType } from "../schema/plain-types.js";
import type { Column, SchemaSnapshot, Table } from "../schema/snapshot.js";
import type { ColumnStatistics, SchemaStatistics, TableStatistics } from "../schema/statistics.js";
import type { ProfileSettings } from "./settings.js";

/** Types whose values people name in questions. A SQLite column without a type may hold anything, so text too. */
const textType = /char|text|clob|string|enum|citext|^name$|^$/i;
/** Large or opaque values that no profile reads. */
const opaqueType = /blob|bytea|json|xml|tsvector|vector|geometry|geography|^oid$/i;
/** Longer values are prose, not names of things. In characters. */
const maxValueChars = 200;

/**
 * What to profile, smallest table first, `settings.maxTables` at most; those of `known` (table keys) count and are left out. Views, foreign
 * tables and unreadable things are left alone.
 */
export function profileTargets(
  snapshot: SchemaSnapshot,
  statistics: SchemaStatistics,
  settings: ProfileSettings,
  known: ReadonlySet<string> = new Set(),
): readonly ProfileTarget[] {
  if (!settings.enabled) return [];
  const excluded = settings.exclude.length === 0 ? () => false : picomatch([...settings.exclude], { nocase: true });
  // A domain over an enum has the enum's name for its type.
  const enums = new Set(snapshot.enums.map((e) => e.name));
  const isNamed = (column: Column, type: string) =>
    !type.endsWith("[]") && (textType.test(type) || column.enumType !== undefined || enums.has(type));
  const columnsOf = (table: Table) =>
    table.columns
      .map((column) => ({ column, type: plainType(snapshot, column) }))
      .filter(
        ({ column: c, type }) =>
          c.unreadable !== true && !opaqueType.test(type) && !isClosed(c, settings.classifiedWords),
      )
      .filter(
        ({ column: c }) => !excluded(`${table.name}.${c.name}`) && !excluded(`${table.schema}.${table.name}.${c.name}`),
      )
      .map(({ column: c, type }) => ({ name: c.name, type, keepValues: isNamed(c, type) }));
  const sized = snapshot.tables
    .filter((t) => readable(t) && !excluded(t.name) && !excluded(`${t.schema}.${t.name}`))
    .map((table) => ({ table, key: tableKey(table) }))
    .map((place) => ({ ...place, rowEstimate: statistics.tables[place.key]?.rowEstimate }))
    .toSorted((a, b) => (a.rowEstimate ?? 0) - (b.rowEstimate ?? 0));
  const targets: ProfileTarget[] = [];
  let left = settings.maxTables;
  for (const { table, key, rowEstimate } of sized) {
    if (left === 0) break;
    const columns = known.has(key) ? [] : columnsOf(table);
    if (columns.length === 0 && !known.has(key)) continue;
    left -= 1;
    const name = { schema: table.schema, name: table.name };
    if (columns.length === 0) continue;
    const shown = new Map(columns.map((column) => [column.name, column.keepValues]));
    const codes = codeTableOf(snapshot, table, (column) => shown.get(column.name) === true);
    const labels = codes !== undefined && shown.has(codes.code) ? { labels: codes } : {};
    targets.push({ table: name, columns, ...(rowEstimate === undefined ? {} : { rowEstimate }), ...labels });
  }
  return targets;
}

/** Profiles `targets` in rounds; `onRound` sees the sum so far. Ends early at the time budget, leaving the largest tables out. */
export async function profileTables(
  connector: Connector,
  targets: readonly ProfileTarget[],
  settings: ProfileSettings,
  clock: { now(): number; readonly signal: AbortSignal },
  onRound: (done: number, total: number) => void,
): Promise<SchemaStatistics> {
  const deadline = clock.now() + settings.maxTimeMs;
  const tables: Record<string, TableStatistics> = {};
  for (let i = 0; i < targets.length && !clock.signal.aborted; i += settings.tablesPerRound) {
    const maxTimeMs = deadline - clock.now();
    if (maxTimeMs <= 0) break;
    const { maxRowsPerTable, maxValuesPerColumn } = settings;
    const round = targets.slice(i, i + settings.tablesPerRound);
    const seen = await connector.profile(round, { maxRowsPerTable, maxValuesPerColumn, maxTimeMs }, clock.signal);
    Object.assign(tables, seen.tables);
    onRound(Math.min(i + settings.tablesPerRound, targets.length), targets.length);
  }
  return boundValues({ tables }, settings);
}

/** Keeps at most `maxValues` values in all: columns with few values first, so that the great ones lose theirs. Prose is left out. */
export function boundValues(
  statistics: SchemaStatistics,
  settings: Pick<ProfileSettings, "maxValues" | "maxValuesPerColumn">,
): SchemaStatistics {
  const sizes = Object.values(statistics.tables)
    .flatMap((t) => Object.values(t.columns).map((c) => c.values?.length ?? 0))
    .toSorted((a, b) => a - b);
  let left = settings.maxValues;
  let perColumn = settings.maxValuesPerColumn;
  for (const [i, size] of sizes.entries()) {
    const fair = Math.floor(left / (sizes.length - i));
    if (size > fair) {
      perColumn = Math.min(perColumn, fair);
      break;
    }
    left -= size;
  }
  const tables = Object.entries(statistics.tables).map(([key, table]) => {
    const columns = Object.entries(table.columns).map(([name, c]) => [name, boundColumn(c, perColumn)]);
    return [key, { ...table, columns: Object.fromEntries(columns) }];
  });
  return { tables: Object.fromEntries(tables) };
}

/** Statistics of an inspection with what profiles add; counted rows win over estimates. */
export function combineStatistics(inspected: SchemaStatistics, profiled: SchemaStatistics): SchemaStatistics {
  const found = Object.entries(profiled.tables);
  if (found.length === 0) return inspected;
  const tables: Record<string, TableStatistics> = { ...inspected.tables };
  for (const [key, seen] of found) {
    const known = tables[key];
    tables[key] = { ...known, ...seen, columns: mergeColumns(known?.columns ?? {}, seen.columns) };
  }
  return { tables };
}

function mergeColumns(
  known: TableStatistics["columns"],
  seen: TableStatistics["columns"],
): Record<string, ColumnStatistics> {
  const columns: Record<string, ColumnStatistics> = { ...known };
  for (const [name, column] of Object.entries(seen)) columns[name] = { ...columns[name], ...column };
  return columns;
}

function boundColumn(column: ColumnStatistics, max: number): ColumnStatistics {
  if (column.values === undefined) return column;
  const short = column.values.filter((v) => typeof v.value === "number" || v.value.length <= maxValueChars);
  const values = short.slice(0, max);
  return values.length === column.values.length ? column : { ...column, values, valuesComplete: false };
}

function readable(table: Table): boolean {
  if (table.unreadable === true) return false;
  return table.kind === "table" || table.kind === "partitioned_table" || table.kind === "materialized_view";
}
