/** Asks SQLite whether a statement is valid now: prepared, never stepped, in a child process over a read-only handle. */

import type { Compiled, ResultColumn } from "../connector.js";
import { WorkerError } from "./children.js";
import { issueFromWorker, openFailure } from "./errors.js";
import type { SqliteSource } from "./source.js";

export interface WorkerColumn {
  readonly name: string;
  readonly type: string | null;
  readonly table: string | null;
  readonly column: string | null;
  readonly database: string | null;
}

interface Prepared {
  readonly columns: readonly WorkerColumn[];
  readonly elapsedMs: number;
  /** Schema and name. */
  readonly tables: readonly (readonly [string, string])[];
  readonly writes: boolean;
}

export async function compile(source: SqliteSource, sql: string, signal?: AbortSignal): Promise<Compiled> {
  const started = performance.now();
  try {
    const prepared = await asked<Prepared>(source, { op: "compile", sql }, source.limits.planTimeoutMs, signal);
    return {
      valid: true,
      issues: [],
      columns: prepared.columns.map((column) => resultColumn(column)),
      readsTables: prepared.tables.map(([schema, name]) => ({ schema, name })),
      writes: prepared.writes,
      elapsedMs: prepared.elapsedMs,
    };
  } catch (cause) {
    if (!(cause instanceof WorkerError)) throw cause;
    return {
      valid: false,
      issues: [issueFromWorker(cause.failure)],
      columns: [],
      elapsedMs: performance.now() - started,
    };
  }
}

/** A request to a child over the files that have the source's names now. @throws SextantError, WorkerError for what SQLite says of a statement. */
export async function asked<T>(
  source: SqliteSource,
  body: object,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<T> {
  try {
    return await source.children.request<T>(source.files.identity(), body, timeoutMs, signal);
  } catch (cause) {
    const code = cause instanceof WorkerError ? (cause.failure.code ?? "") : "";
    if (/^SQLITE_(NOTADB|CORRUPT|CANTOPEN|IOERR|READONLY)/.test(code)) throw openFailure(cause);
    throw cause;
  }
}

/** `seen` is the type of the column's first value, for columns that no table declares. */
export function resultColumn(column: WorkerColumn, seen = ""): ResultColumn {
  const { table, column: name } = column;
  const origin =
    table === null || name === null
      ? undefined
      : { table: { schema: column.database ?? "main", name: table }, column: name };
  return { name: column.name, type: column.type ?? seen, ...(origin && { origin }) };
}
