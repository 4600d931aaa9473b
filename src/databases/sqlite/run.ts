/** Runs one validated query in a child process under row, byte and time limits; the child is killed at the deadline. */

import { SextantError } from "../../issue.js";
import type { RunRequest, RunResult } from "../connector.js";
import { WorkerError } from "./children.js";
import { asked, resultColumn, type WorkerColumn } from "./compile.js";
import { issueFromWorker } from "./errors.js";
import type { SqliteSource } from "./source.js";

interface Answer {
  readonly columns: readonly WorkerColumn[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
}

export async function run(source: SqliteSource, request: RunRequest, signal?: AbortSignal): Promise<RunResult> {
  const started = performance.now();
  const { sql, params, maxRows, maxBytes, timeoutMs } = request;
  try {
    const answer = await asked<Answer>(
      source,
      { op: "run", sql, params: [...params], maxRows, maxBytes },
      timeoutMs,
      signal,
    );
    const columns = answer.columns.map((column, at) => resultColumn(column, typeSeen(answer.rows, at)));
    return { columns, rows: answer.rows, truncated: answer.truncated, elapsedMs: performance.now() - started };
  } catch (cause) {
    if (!(cause instanceof WorkerError)) throw cause;
    const issue = issueFromWorker(cause.failure);
    throw new SextantError(issue.code, issue.message, {
      ...(issue.help === undefined ? {} : { help: issue.help }),
      cause,
    });
  }
}

function typeSeen(rows: readonly (readonly unknown[])[], at: number): string {
  const first = rows.find((row) => row[at] !== null)?.[at];
  if (typeof first === "number") return Number.isInteger(first) ? "INTEGER" : "REAL";
  return typeof first === "string" ? "TEXT" : "";
}
