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
  readonly steps: readonly string[];
  readonly statistics: readonly (readonly [string, string | null, string])[];
}

export async function explain(source: SqliteSource, sql: string, signal?: AbortSignal): Promise<PlanEstimate> {
  try {
    const plan = await asked<Plan>(source, { op: "plan", sql }, source.limits.planTimeoutMs, signal);
    const scanned = plan.steps.flatMap(
      (step) => /^SCAN (?:TABLE )?(.+?)(?: AS .*)?(?: USING .*)?$/.exec(step)?.[1] ?? [],
    );
    const rowsOf = new Map(plan.statistics.map(([table, , stat]) => [table, Number.parseInt(stat, 10)]));
    const rows = scanned.reduce((most, name) => Math.max(most, rowsOf.get(name) ?? 0), 0);
    return {
      ...(rows > 0 ? { rows } : {}),
      basis: plan.statistics.length > 0 ? "sqlite statistics" : "sqlite plan without statistics",
      fullScans: [...new Set(scanned)].map((name) => ({ schema: "main", name })),
      issues: [],
    };
  } catch (cause) {
    if (!(cause instanceof WorkerError)) throw cause;
    return { basis: "sqlite plan", fullScans: [], issues: [issueFromWorker(cause.failure)] };
  }
}
