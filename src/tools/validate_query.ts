/** validate_query: says whether a statement would run now and whether it says what it seems to say; mends it where it can. Never runs it. */

import { z } from "zod";
import { defaultPolicy, type Policy } from "../access/policy.js";
import type { LiveSchema } from "../catalog/live.js";
import { type CheckReport, checkStatement } from "../check/check.js";
import type { Compiled, PlanEstimate } from "../databases/connector.js";
import { error, type Issue, issueOf, ok, type Result, SextantError, warning } from "../issue.js";
import { estimateOutput, type Foretold, foretell, foretoldLines, runTimeOutput } from "./estimates.js";
import {
  type Call,
  dataText,
  formatInput,
  freshnessFields,
  freshnessOf,
  issueOutput,
  issuesText,
  pickLive,
  readOnly,
  sourceInput,
  type Tool,
  type ToolAnswer,
  type ToolDeps,
} from "./tool.js";

/** What the tool is wired with. */
export interface ValidateQueryOptions {
  /** What the caller may read; default: everything that the connection may, by harmless functions. */
  policyOf?(live: LiveSchema, call: Call): Policy;
  /** The planner's cost that no call may pass, in the database's own unit. Default none. */
  readonly maxCost?: number | undefined;
}

export const sqlInput = z
  .string()
  .min(1)
  .max(1_000_000)
  .describe("One SELECT, WITH or VALUES in the source's own dialect.");
export const paramsInput = z
  .array(z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .optional()
  .describe("Values of the parameters: `?` in SQLite, `$1` in PostgreSQL.");

const input = z.strictObject({
  sql: sqlInput,
  params: paramsInput,
  source: sourceInput,
  explain: z.boolean().default(true).describe("Ask the database's planner for an estimate."),
  max_cost: z.number().positive().optional().describe("Refuse a statement that the planner rates above this cost."),
  format: formatInput,
});

const output = z.object({
  ...freshnessFields,
  valid: z
    .boolean()
    .describe("One read-only statement that this source would run now, all names resolved, allowed by policy."),
  statement: z.enum(["select", "insert", "update", "delete", "ddl", "utility", "multiple", "unparsable"]),
  read_only: z.boolean(),
  issues: z.array(issueOutput),
  fixed_sql: z.string().optional().describe("A mended statement that has passed this same check."),
  reads: z.object({ tables: z.array(z.string()), columns: z.array(z.string()) }),
  result_columns: z.array(
    z.object({ name: z.string(), type: z.string(), from: z.array(z.string()).describe("Refs it comes from.") }),
  ),
  estimate: estimateOutput.optional(),
  run_time: runTimeOutput.optional(),
  hints: z.array(z.object({ code: z.string(), text: z.string(), sql: z.string().optional() })),
});

type Input = z.infer<typeof input>;
type Output = z.infer<typeof output>;

export function validateQueryTool(options: ValidateQueryOptions = {}): Tool<typeof input, typeof output> {
  return {
    name: "validate_query",
    title: "Validate a query",
    description:
      "Checks a SQL statement against the live schema and the database's own compiler, without running it. Says what is wrong, where, and the nearest " +
      "right names; `fixed_sql` is a mended statement that has passed the same check. Warnings tell of SQL that runs and lies: sums over fan-outs, " +
      "joins on part of a key, NOT IN with NULLs, missing join conditions. Call it before run_query for SQL that you wrote or changed.",
    input,
    output,
    annotations: readOnly,
    run: (deps, given, call) => run(options, deps, given, call),
  };
}

async function run(
  options: ValidateQueryOptions,
  deps: ToolDeps,
  given: Input,
  call: Call,
): Promise<Result<ToolAnswer<Output>>> {
  const checked = await checkLive(deps, given, options, call);
  if (!checked.ok) return checked;
  const { live, report } = checked.value;
  const limit = Math.min(given.max_cost ?? Number.POSITIVE_INFINITY, options.maxCost ?? Number.POSITIVE_INFINITY);
  const planned =
    report.valid && given.explain ? await plan(deps, live, report, given.params ?? [], call) : { issues: [] };
  const tooDear = costIssue(planned.estimate, limit);
  const issues = [...report.issues, ...planned.issues, ...tooDear];
  const { sql: _sql, compiled: _compiled, ...told } = report;
  const foretold = planned.estimate && (await foretell(deps, live, report.sql, planned.estimate, report.reads.tables));
  const structured = {
    ...freshnessOf(live),
    ...told,
    valid: report.valid && issues.every((i) => i.severity !== "error"),
    issues,
    ...foretold,
  } as unknown as Output;
  return ok({ structured, text: given.format === "json" ? JSON.stringify(structured) : answerText(structured) });
}

/** A statement checked against the live schema; the schema is looked at again where the database knows more than the snapshot. */
export async function checkLive(
  deps: ToolDeps,
  given: {
    readonly sql: string;
    readonly params?: readonly unknown[] | undefined;
    readonly source?: string | undefined;
  },
  options: ValidateQueryOptions,
  call: Call,
): Promise<Result<{ readonly live: LiveSchema; readonly report: CheckReport }>> {
  const first = await pickLive(deps, given.source, call);
  if (!first.ok) return first;
  const report = await check(deps, first.value, given, options, call);
  if (!report.issues.some((i) => i.code === "stale_schema")) return ok({ live: first.value, report });
  const again = await pickLive(deps, given.source, call, true);
  if (!again.ok) return ok({ live: first.value, report });
  return ok({ live: again.value, report: await check(deps, again.value, given, options, call) });
}

function check(
  deps: ToolDeps,
  live: LiveSchema,
  given: { readonly sql: string; readonly params?: readonly unknown[] | undefined },
  options: ValidateQueryOptions,
  call: Call,
): Promise<CheckReport> {
  const policy = options.policyOf?.(live, call) ?? defaultPolicy(live.snapshot.dialect);
  const compile = (sql: string): Promise<Compiled> => deps.connector(live.source).compile(sql, call.signal);
  // A static snapshot stands for a database that is not asked.
  return checkStatement(given.sql, given.params, {
    view: live,
    policy,
    ...(live.origin === "static" ? {} : { compile }),
  });
}

async function plan(
  deps: ToolDeps,
  live: LiveSchema,
  report: CheckReport,
  params: readonly unknown[],
  call: Call,
): Promise<{ readonly estimate?: PlanEstimate; readonly issues: readonly Issue[] }> {
  if (!report.compiled) return { issues: [] };
  try {
    const estimate = await deps.connector(live.source).explain(report.sql, params, call.signal);
    return { estimate, issues: estimate.issues };
  } catch (cause) {
    if (call.signal.aborted || !(cause instanceof SextantError)) throw cause;
    deps.emit({ event: "failure", where: "validate_query.explain", cause });
    return { issues: [warning("unavailable", `No estimate: ${issueOf(cause).message}`)] };
  }
}

/** The refusal of a statement that the planner rates above `limit`. */
export function costIssue(plan: PlanEstimate | undefined, limit: number): readonly Issue[] {
  if (plan?.cost === undefined || plan.cost <= limit) return [];
  const scans =
    plan.fullScans.length === 0 ? "" : ` It reads ${plan.fullScans.map((t) => t.name).join(", ")} from end to end.`;
  const message = `The planner rates the statement at a cost of ${Math.round(plan.cost)}; the limit is ${limit}.${scans}`;
  return [error("cost_too_high", message, { help: "Filter more, aggregate less, or join on indexed columns." })];
}

function answerText(a: Output): string {
  const lines = [
    a.valid ? "valid: it would run now." : `not valid (${a.statement}${a.read_only ? "" : ", not read-only"}).`,
  ];
  if (a.issues.length > 0) lines.push(issuesText(a.issues as unknown as readonly Issue[]));
  if (a.fixed_sql !== undefined) lines.push(`fixed_sql: ${a.fixed_sql}`);
  if (a.reads.tables.length > 0) lines.push(`reads: ${a.reads.tables.join(", ")}`);
  const columns = a.result_columns.map((c) => `${dataText(c.name, 120)}${c.type === "" ? "" : ` ${c.type}`}`);
  if (columns.length > 0) lines.push(`result: ${columns.join(", ")}`);
  lines.push(...foretoldLines(a as Foretold));
  for (const h of a.hints) lines.push(`hint: ${h.text}${h.sql === undefined ? "" : ` ${h.sql}`}`);
  return lines.join("\n");
}
