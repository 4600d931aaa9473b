/**
 * What SQLite's planner says: which tables it reads from end to end, and how many rows those have where ANALYZE left statistics. SQLite
 * gives no cost. Source: https://www.sqlite.org/eqp.html and https://www.sqlite.org/fileformat2.html#stat1tab
 */

import type { PlanEstimate } from "../connector.js";
import { WorkerError } from "./children.js";
import { asked } from "./compile.js";
import { issueFromWorker } from "./errors.js";
import type { SqliteSource } from "./source.js";

interface Plan {
  /** Schema and name. */
  readonly scanned: readonly (readonly [string, string])[];
  /** Schema, table, what ANALYZE wrote. */
  readonly statistics: readonly (readonly [string, string, string | null])[];
}

export async function explain(source: SqliteSource, sql: string, signal?: AbortSignal): Promise<PlanEstimate> {
  try {
    const plan = await asked<Plan>(source, { op: "plan", sql }, source.limits.planTimeoutMs, signal);
    const { scanned } = plan;
    const key = (schema: string, table: string) => JSON.stringify([schema, table]);
    const rowsOf = new Map(
      plan.statistics.map(([schema, table, stat]) => [key(schema, table), Number.parseInt(stat ?? "", 10) || 0]),
    );
    const rows = scanned.reduce((most, [schema, name]) => Math.max(most, rowsOf.get(key(schema, name)) ?? 0), 0);
    return {
      ...(rows > 0 ? { rows } : {}),
      basis: plan.statistics.length > 0 ? "sqlite statistics" : "sqlite plan without statistics",
      fullScans: scanned.map(([schema, name]) => ({ schema, name })),
      issues: [],
    };
  } catch (cause) {
    if (!(cause instanceof WorkerError)) throw cause;
    return { basis: "sqlite plan", fullScans: [], issues: [issueFromWorker(cause.failure)] };
  }
}
