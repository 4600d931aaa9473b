/**
 * The planner's estimate for a statement: EXPLAIN without ANALYZE, so nothing runs, in a read-only transaction that gives up at a lock
 * instead of waiting. Source of the keys: PostgreSQL manual, EXPLAIN, FORMAT JSON.
 */

import type { PoolClient } from "pg";
import type { TableName } from "../../schema/snapshot.js";
import type { PlanEstimate } from "../connector.js";
import { isServerError, issueFromServer } from "./errors.js";
import type { Sessions } from "./sessions.js";

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly Schema?: string;
  readonly "Total Cost"?: number;
  readonly "Plan Rows"?: number;
  readonly Plans?: readonly PlanNode[];
}

const basis = "postgres planner";
const prefix = "EXPLAIN (FORMAT JSON, VERBOSE) ";

export async function explain(
  sessions: Sessions,
  sql: string,
  params: readonly unknown[],
  signal?: AbortSignal,
): Promise<PlanEstimate> {
  const { limits } = sessions;
  const options = {
    statementTimeoutMs: limits.planTimeoutMs,
    lockTimeoutMs: limits.lockTimeoutMs,
    deadlineMs: limits.planTimeoutMs,
    foreign: true,
    ...(signal && { signal }),
  } as const;
  try {
    const plan = await sessions.transaction(options, (client) => planOf(client, sql, params));
    return { ...figures(plan), basis, fullScans: fullScans(plan), issues: [] };
  } catch (cause) {
    if (!isServerError(cause)) throw cause;
    return { basis, fullScans: [], issues: [issueFromServer(cause, sql, prefix.length)] };
  }
}

async function planOf(client: PoolClient, sql: string, params: readonly unknown[]): Promise<PlanNode | undefined> {
  // "extended" even without parameters: the simple protocol would run a second statement.
  const query = { text: prefix + sql, values: [...params], queryMode: "extended", rowMode: "array" } as const;
  const result = await client.query<[readonly { readonly Plan: PlanNode }[]]>(query);
  return result.rows[0]?.[0]?.[0]?.Plan;
}

function figures(plan: PlanNode | undefined): Pick<PlanEstimate, "rows" | "cost"> {
  const rows = plan?.["Plan Rows"];
  const cost = plan?.["Total Cost"];
  return { ...(rows === undefined ? {} : { rows }), ...(cost === undefined ? {} : { cost }) };
}

function fullScans(plan: PlanNode | undefined): TableName[] {
  const found = new Map<string, TableName>();
  const visit = (node: PlanNode) => {
    const name = node["Relation Name"];
    if (node["Node Type"] === "Seq Scan" && name !== undefined) {
      found.set(`${node.Schema}\u0000${name}`, { schema: node.Schema ?? "", name });
    }
    node.Plans?.forEach(visit);
  };
  if (plan !== undefined) visit(plan);
  return [...found.values()];
}
