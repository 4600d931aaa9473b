/**
 * Value profiles within a budget, and inclusion between columns, in a child process. A table with more rows than the limit is sampled by
 * ranges of its rowid, never read whole; what is not reached when the budget ends is left out.
 */

import { SextantError } from "../../issue.js";
import { tableKey } from "../../schema/names.js";
import type { TableName } from "../../schema/snapshot.js";
import type { ColumnStatistics, SchemaStatistics, TableStatistics } from "../../schema/statistics.js";
import { type ColumnsOf, maxLabels, type ProfileBudget, type ProfileTarget } from "../connector.js";
import { WorkerError } from "./children.js";
import { asked } from "./compile.js";
import { issueFromWorker } from "./errors.js";
import type { SqliteSource } from "./source.js";

/** Longest text value that is kept, characters. */
const maxValueLength = 200;
/** Stretches of the rowid that a sample is made of. */
const stretches = 20;

type Row = readonly unknown[];
type Ask = (sql: string, params?: readonly unknown[]) => Promise<readonly Row[]>;

export async function profile(
  source: SqliteSource,
  targets: readonly ProfileTarget[],
  budget: ProfileBudget,
  signal?: AbortSignal,
): Promise<SchemaStatistics> {
  const until = performance.now() + budget.maxTimeMs;
  const tables: Record<string, TableStatistics> = {};
  for (const target of targets) {
    const leftMs = until - performance.now();
    if (leftMs <= 0 || signal?.aborted) break;
    const ask: Ask = (sql, params = []) =>
      asked(source, { op: "rows", sql, params }, Math.max(1, until - performance.now()), signal);
    const found = await profileTable(ask, target, budget);
    if (found !== undefined) tables[tableKey(target.table)] = found;
  }
  return { tables };
}

async function profileTable(
  ask: Ask,
  target: ProfileTarget,
  budget: ProfileBudget,
): Promise<TableStatistics | undefined> {
  try {
    const { from, exact } = await sampleOf(ask, target, budget.maxRowsPerTable);
    const parts = target.columns.flatMap((column) => {
      const name = quoted(column.name);
      return [`count(${name})`, `count(DISTINCT ${name})`, `min(${shortened(name)})`, `max(${shortened(name)})`];
    });
    const [counts = []] = await ask(`SELECT count(*), ${parts.join(", ")} FROM ${from}`);
    const rows = Number(counts[0]);
    const columns: Record<string, ColumnStatistics> = {};
    for (const [at, column] of target.columns.entries()) {
      const found = statisticsOf(counts, at, rows, exact);
      const values =
        column.keepValues && typeof counts[3 + 4 * at] === "string"
          ? await ask(valuesSql(column.name, from, budget))
          : [];
      columns[column.name] = { ...found, ...keptValues(values, found.distinct ?? 0, budget, exact) };
    }
    const estimate = exact
      ? { rowEstimate: rows, rowsExact: true }
      : target.rowEstimate === undefined
        ? {}
        : { rowEstimate: target.rowEstimate };
    return { ...estimate, columns, ...(await labelsOf(ask, target)) };
  } catch (cause) {
    if (cause instanceof WorkerError || (cause instanceof Error && "code" in cause && cause.code === "timeout"))
      return undefined;
    throw cause;
  }
}

/** All rows where they are few; else stretches of the rowid, spread evenly; the first rows where there is no rowid. */
async function sampleOf(ask: Ask, target: ProfileTarget, maxRows: number): Promise<{ from: string; exact: boolean }> {
  const table = qualified(target.table);
  const [[count] = []] = await ask(`SELECT count(*) FROM (SELECT 1 FROM ${table} LIMIT ${maxRows + 1})`);
  if (Number(count) <= maxRows) return { from: table, exact: true };
  const [bounds] = await ask(`SELECT min(rowid), max(rowid) FROM ${table}`).catch((cause: unknown) => {
    if (cause instanceof WorkerError) return [undefined]; // a view, or WITHOUT ROWID
    throw cause;
  });
  const low = Number(bounds?.[0]);
  const high = Number(bounds?.[1]);
  if (bounds === undefined || !Number.isSafeInteger(low) || !Number.isSafeInteger(high)) {
    return { from: `(SELECT * FROM ${table} LIMIT ${maxRows})`, exact: false };
  }
  const each = Math.ceil(maxRows / stretches);
  const parts = Array.from({ length: stretches }, (_, at) => {
    const from = Math.floor(low + ((high - low) * at) / stretches);
    const to = Math.floor(low + ((high - low) * (at + 1)) / stretches);
    return `SELECT * FROM (SELECT * FROM ${table} WHERE rowid >= ${from} AND rowid < ${to} ORDER BY rowid LIMIT ${each})`;
  });
  return { from: `(${parts.join(" UNION ALL ")})`, exact: false };
}

async function labelsOf(ask: Ask, { labels, table }: ProfileTarget): Promise<Pick<TableStatistics, "labels">> {
  if (labels === undefined) return {};
  const [code, label] = [quoted(labels.code), quoted(labels.label)];
  const rows = await ask(
    `SELECT ${code}, ${label} FROM ${qualified(table)} WHERE typeof(${label}) = 'text' AND length(${label}) <= ${maxValueLength} LIMIT ${maxLabels + 1}`,
  );
  const isCode = (row: Row): row is readonly [string | number, string] =>
    typeof row[0] === "string" || typeof row[0] === "number";
  return rows.length > maxLabels ? {} : { labels: { ...labels, pairs: rows.filter(isCode) } };
}

function statisticsOf(counts: Row, at: number, rows: number, exact: boolean): ColumnStatistics {
  const [filled, distinct, least, greatest] = counts.slice(1 + 4 * at, 5 + 4 * at);
  return {
    distinct: Number(distinct),
    ...(rows === 0 ? {} : { nullShare: (rows - Number(filled)) / rows }),
    ...(typeof least === "string" || typeof least === "number" ? { min: least } : {}),
    ...(typeof greatest === "string" || typeof greatest === "number" ? { max: greatest } : {}),
    exact,
  };
}

function valuesSql(column: string, from: string, budget: ProfileBudget): string {
  const name = quoted(column);
  return `SELECT ${name}, count(*) FROM ${from} WHERE typeof(${name}) = 'text' AND length(${name}) <= ${maxValueLength}
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${budget.maxValuesPerColumn}`;
}

function keptValues(
  rows: readonly Row[],
  distinct: number,
  budget: ProfileBudget,
  exact: boolean,
): Pick<ColumnStatistics, "values" | "valuesComplete"> {
  if (rows.length === 0) return {};
  const values = rows.map((row) => ({ value: String(row[0]), count: Number(row[1]) }));
  return { values, valuesComplete: exact && values.length === distinct && distinct <= budget.maxValuesPerColumn };
}

export async function inclusion(
  source: SqliteSource,
  from: ColumnsOf,
  to: ColumnsOf,
  maxRows: number,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const keys = from.columns.map(quoted).join(", ");
  // IN over a subquery that stands alone is looked up in an index, or in one made once; EXISTS would scan for each value.
  const sql = `SELECT count(*), coalesce(sum((${keys}) IN (SELECT ${to.columns.map(quoted).join(", ")} FROM ${qualified(to.table)})), 0)
    FROM (SELECT DISTINCT ${keys} FROM (SELECT ${keys} FROM ${qualified(from.table)}
      WHERE ${from.columns.map((c) => `${quoted(c)} IS NOT NULL`).join(" AND ")} LIMIT ${Math.round(maxRows)})) AS s`;
  const rows = await askedOrThrow(source, sql, signal);
  const total = Number(rows[0]?.[0] ?? 0);
  return total === 0 ? undefined : Number(rows[0]?.[1]) / total;
}

/** Text cut to what is kept; other storage classes as they are. */
function shortened(name: string): string {
  return `CASE typeof(${name}) WHEN 'text' THEN substr(${name}, 1, ${maxValueLength}) WHEN 'blob' THEN NULL ELSE ${name} END`;
}

function qualified(table: TableName): string {
  return `${quoted(table.schema)}.${quoted(table.name)}`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

async function askedOrThrow(source: SqliteSource, sql: string, signal?: AbortSignal): Promise<readonly Row[]> {
  try {
    return await asked<readonly Row[]>(source, { op: "rows", sql, params: [] }, source.limits.planTimeoutMs, signal);
  } catch (cause) {
    if (!(cause instanceof WorkerError)) throw cause;
    const issue = issueFromWorker(cause.failure);
    throw new SextantError(issue.code, issue.message, { cause });
  }
}
