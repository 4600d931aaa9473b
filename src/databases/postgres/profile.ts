/**
 * Value profiles within a budget, and inclusion between columns. Of a table above the row limit what ANALYZE knows is taken; the
 * rest is sampled by pages (TABLESAMPLE SYSTEM), never read whole; every statement has its own timeout, and what is not reached when the budget ends is left out.
 */

import { tableKey } from "../../schema/names.js";
import type { ColumnStatistics, SchemaStatistics, TableStatistics } from "../../schema/statistics.js";
import { type ColumnsOf, maxLabels, type ProfileBudget, type ProfileTarget } from "../connector.js";
import { analyzedColumns } from "./analyzed.js";
import { isServerError } from "./errors.js";
import { quoteName, quoteTable } from "./identifiers.js";
import type { Sessions, TransactionOptions } from "./sessions.js";
import { allRows, type RawRow } from "./wire.js";

/** No right to read it, the time limit, a lock, gone meanwhile, a foreign server away: this table has no profile, the others do. */
const withoutProfile = new Set(["42501", "57014", "55P03", "42P01", "42703", "55000", "HV000", "08001"]);

/** Longest text value that is kept, characters. */
const maxValueLength = 200;

export async function profile(
  sessions: Sessions,
  targets: readonly ProfileTarget[],
  budget: ProfileBudget,
  signal?: AbortSignal,
): Promise<SchemaStatistics> {
  const until = performance.now() + budget.maxTimeMs;
  const tables: Record<string, TableStatistics> = {};
  for (const target of targets) {
    const leftMs = until - performance.now();
    if (leftMs <= 0 || signal?.aborted) break;
    const found = await profileTable(sessions, target, budget, leftMs, signal);
    if (found !== undefined) tables[tableKey(target.table)] = found;
  }
  return { tables };
}

async function profileTable(
  sessions: Sessions,
  target: ProfileTarget,
  budget: ProfileBudget,
  leftMs: number,
  signal: AbortSignal | undefined,
): Promise<TableStatistics | undefined> {
  const options = limitsFor(sessions, leftMs, signal);
  const source = sampleOf(target, budget.maxRowsPerTable);
  try {
    return await sessions.transaction(options, async (client) => {
      const { rowEstimate = 0 } = target;
      const known = source.whole ? undefined : await analyzedColumns(client, target, rowEstimate);
      const unread = target.columns.filter((c) => known?.has(c.name) !== true);
      const [counts = []] =
        unread.length === 0 ? [["0"]] : await allRows(client, countsSql({ ...target, columns: unread }, source.from));
      const sampled = Number(counts[0]);
      const exact = source.whole && sampled < budget.maxRowsPerTable;
      const columns: Record<string, ColumnStatistics> = {};
      for (const column of target.columns) {
        const analyzed = known?.get(column.name);
        const found = analyzed ?? statisticsOf(counts, unread.indexOf(column), sampled, exact);
        const values =
          column.keepValues && wantsSample(found, budget)
            ? await allRows(client, valuesSql(column.name, source.from, budget))
            : [];
        const kept = values.length === 0 ? {} : keptValues(values, found.distinct ?? 0, budget, exact);
        columns[column.name] = { ...found, ...kept };
      }
      const labels = await labelsOf(client, target);
      return { ...(exact ? { rowEstimate: sampled, rowsExact: true } : rowsOf(target)), columns, ...labels };
    });
  } catch (cause) {
    if (isServerError(cause) && withoutProfile.has(cause.code ?? "")) return undefined;
    throw cause;
  }
}

async function labelsOf(
  client: Parameters<typeof allRows>[0],
  { labels, table, columns }: ProfileTarget,
): Promise<Pick<TableStatistics, "labels">> {
  if (labels === undefined) return {};
  const [code, label] = [quoteName(labels.code), quoteName(labels.label)];
  const sql = `SELECT ${code}::text, ${label}::text FROM ${quoteTable(table)} WHERE length(${label}::text) <= ${maxValueLength} LIMIT ${maxLabels + 1}`;
  const rows = await allRows(client, sql);
  if (rows.length > maxLabels) return {};
  const isText = isWordy(columns.find((c) => c.name === labels.code)?.type ?? "");
  const pairs = rows.flatMap(([c, l]): [string | number, string][] =>
    c === null || c === undefined || l === null || l === undefined
      ? []
      : [[isText || !Number.isSafeInteger(Number(c)) ? c : Number(c), l]],
  );
  return { labels: { ...labels, pairs } };
}

/** The database's own common values are enough where they are all there are, or where there are more than can be kept. */
function wantsSample(found: ColumnStatistics, budget: ProfileBudget): boolean {
  if (found.values === undefined) return true;
  const distinct = found.distinct ?? 0;
  return found.values.length < distinct && distinct <= budget.maxValuesPerColumn;
}

function rowsOf(target: ProfileTarget): Pick<TableStatistics, "rowEstimate"> {
  return target.rowEstimate === undefined ? {} : { rowEstimate: target.rowEstimate };
}

function limitsFor(sessions: Sessions, leftMs: number, signal: AbortSignal | undefined): TransactionOptions {
  const { limits } = sessions;
  const statementTimeoutMs = Math.min(limits.planTimeoutMs, leftMs);
  return {
    statementTimeoutMs,
    lockTimeoutMs: limits.lockTimeoutMs,
    deadlineMs: leftMs + 1_000,
    ...(signal && { signal }),
  };
}

/** What is read of a table: all of it, or a share of its pages that holds about as many rows as the limit. */
function sampleOf(
  target: Pick<ProfileTarget, "table" | "rowEstimate">,
  maxRows: number,
): { from: string; whole: boolean } {
  const rows = target.rowEstimate;
  const whole = rows === undefined || rows <= maxRows;
  const sample = whole ? "" : ` TABLESAMPLE SYSTEM (${Math.max(0.01, (100 * maxRows) / rows).toFixed(4)})`;
  return { from: `(SELECT * FROM ${quoteTable(target.table)}${sample} LIMIT ${Math.round(maxRows)}) AS t`, whole };
}

/** One row: rows read, then for each column: not null, distinct, least, greatest. */
function countsSql(target: ProfileTarget, from: string): string {
  const parts = target.columns.flatMap((column) => {
    const name = quoteName(column.name);
    const isText = column.keepValues || isWordy(column.type);
    const text = isText ? `left(${name}::text, ${maxValueLength})` : name;
    return isText || isComparable(column.type)
      ? [`count(${name})`, `count(DISTINCT ${name})`, `min(${text})::text`, `max(${text})::text`]
      : [`count(${name})`, /^(uuid|boolean)$/.test(column.type) ? `count(DISTINCT ${name})` : "NULL", "NULL", "NULL"];
  });
  return `SELECT count(*), ${parts.join(", ")} FROM ${from}`;
}

function statisticsOf(counts: RawRow, at: number, rows: number, exact: boolean): ColumnStatistics {
  const [filled, distinct, least, greatest] = counts.slice(1 + 4 * at, 5 + 4 * at);
  return {
    ...(distinct === null || distinct === undefined ? {} : { distinct: Number(distinct) }),
    ...(rows === 0 ? {} : { nullShare: (rows - Number(filled)) / rows }),
    ...(least === null || least === undefined ? {} : { min: least }),
    ...(greatest === null || greatest === undefined ? {} : { max: greatest }),
    exact,
  };
}

function valuesSql(column: string, from: string, budget: ProfileBudget): string {
  const name = quoteName(column);
  return `SELECT ${name}::text, count(*) FROM ${from} WHERE ${name} IS NOT NULL AND length(${name}::text) <= ${maxValueLength}
    GROUP BY ${name}::text ORDER BY 2 DESC, ${name}::text COLLATE "C" LIMIT ${budget.maxValuesPerColumn}`;
}

function keptValues(
  rows: readonly RawRow[],
  distinct: number,
  budget: ProfileBudget,
  exact: boolean,
): Pick<ColumnStatistics, "values" | "valuesComplete"> {
  if (rows.length === 0) return {};
  const values = rows.map((row) => ({ value: row[0] ?? "", count: Number(row[1]) }));
  return { values, valuesComplete: exact && values.length === distinct && distinct <= budget.maxValuesPerColumn };
}

function isWordy(type: string): boolean {
  return /^(text|character|"?char|name|citext)/i.test(type) && !type.endsWith("[]");
}

/** Types that have an order and a least value. */
function isComparable(type: string): boolean {
  return (
    isWordy(type) ||
    (/^(smallint|integer|bigint|numeric|real|double|date|time|interval|money|oid)/.test(type) && !type.endsWith("[]"))
  );
}

export async function inclusion(
  sessions: Sessions,
  from: ColumnsOf,
  to: ColumnsOf,
  maxRows: number,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const { limits } = sessions;
  const keys = from.columns.map(quoteName).join(", ");
  const pairs = from.columns
    .map((column, at) => `t.${quoteName(to.columns[at] ?? "")} = s.${quoteName(column)}`)
    .join(" AND ");
  const sql = `SELECT count(*), count(*) FILTER (WHERE EXISTS (SELECT 1 FROM ${quoteTable(to.table)} AS t WHERE ${pairs}))
    FROM (SELECT DISTINCT ${keys} FROM (SELECT ${keys} FROM ${quoteTable(from.table)}
      WHERE ${from.columns.map((c) => `${quoteName(c)} IS NOT NULL`).join(" AND ")} LIMIT ${Math.round(maxRows)}) AS r) AS s`;
  const rows = await sessions.transaction(limitsFor(sessions, limits.planTimeoutMs, signal), (client) =>
    allRows(client, sql),
  );
  const total = Number(rows[0]?.[0] ?? 0);
  return total === 0 ? undefined : Number(rows[0]?.[1]) / total;
}
