/**
 * `build_query`: an intent, or a question that is parsed into one, becomes SQL with the proof of its meaning. Asks the planner for an
 * estimate; runs nothing. The thinking is `query/`.
 */

import { z } from "zod";
import type { LiveSchema } from "../catalog/live.js";
import { error, fail, type Issue, ok, type Result, warning } from "../issue.js";
import type { BuildAnswer, QueryContext, TermResolver } from "../query/answer.js";
import { buildQuery } from "../query/build.js";
import { buildQuestion } from "../query/build-question.js";
import { type Intent, intentSchema } from "../query/intent.js";
import { termsOf } from "../query/places.js";
import type { QuerySettings } from "../query/settings.js";
import { resolveRef } from "../schema/names.js";
import type { Correction } from "../terms/correction.js";
import type { Glossary } from "../terms/glossary.js";
import { confirmedRef, refusedRefs } from "../terms/learned-matches.js";
import type { LearnedMapping } from "../terms/mapping.js";
import { modelIntent, pickedIntent } from "./client-help.js";
import { estimateOutput, type Foretold, foretell, foretoldLines, runTimeOutput } from "./estimates.js";
import { rememberQuery } from "./kept-query.js";
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
  unreadValues,
} from "./tool.js";

/** What the tool is wired with. */
export interface BuildQueryOptions {
  readonly settings: QuerySettings;
  /** Whether the database's planner is asked for an estimate. */
  readonly explain: boolean;
  /** Whether the client's model may read a question that is not understood. */
  readonly askClientModel: boolean;
  /** Whether the person at the client may be asked to pick where the answer would be a question. */
  readonly askPerson: boolean;
  /** How terms are mapped over a schema: the terms room's index and `mapTerm`. */
  resolverOf(
    live: LiveSchema,
    glossary: Glossary,
    learned: readonly LearnedMapping[],
    correction?: Correction,
  ): TermResolver;
}

const input = intentSchema.extend({
  source: sourceInput,
  question: z
    .string()
    .min(1)
    .max(2_000)
    .optional()
    .describe("A plain business question; parsed into an intent where no measures, columns or dimensions are given."),
  format: formatInput,
});

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const remark = z.object({ code: z.string(), text: z.string() });

const output = z.object({
  ...freshnessFields,
  status: z.enum(["ok", "needs_clarification", "refused"]),
  sql: z.string().optional().describe("Runs as it is with `params`."),
  params: z.array(z.union([scalar, z.null()])).optional(),
  dialect: z.enum(["sqlite", "postgres"]),
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      role: z.enum(["dimension", "measure", "column"]),
      ref: z.string().optional(),
      expression: z.string().optional(),
    }),
  ),
  mapping: z.array(z.object({ term: z.string(), ref: z.string(), confidence: z.number() })),
  joins: z.array(
    z.object({
      from: z.string(),
      to: z.string(),
      kind: z.enum(["inner", "left"]),
      origin: z.enum(["declared", "inferred", "confirmed"]),
      cardinality: z.enum(["1:1", "n:1", "1:n", "n:m"]),
    }),
  ),
  grain: z.string().describe("What one row of the answer is."),
  proof: z.array(z.object({ measure: z.string(), safe_because: z.string() })),
  assumptions: z.array(remark),
  reconcile_sql: z.string().optional().describe("Runs as it is, without parameters: totals before and after joining."),
  estimate: estimateOutput.optional(),
  run_time: runTimeOutput.optional(),
  hints: z.array(remark.extend({ sql: z.string().optional() })),
  alternatives: z.array(z.object({ why: z.string(), intent: intentSchema, sql: z.string().optional() })),
  question: z
    .object({ text: z.string(), options: z.array(z.object({ label: z.string(), intent: intentSchema })) })
    .optional(),
  intent: intentSchema,
  issues: z.array(issueOutput),
});

type Input = z.infer<typeof input>;
type Output = z.infer<typeof output>;

export function buildQueryTool(options: BuildQueryOptions): Tool<typeof input, typeof output> {
  return {
    name: "build_query",
    title: "Build a query",
    description:
      "Turns what you want to know (measures, dimensions, filters, time; business words or Refs) into SQL that cannot silently double-count: " +
      "each measure is aggregated at the grain of its own table, whatever else is joined. Call it before writing SQL by hand. " +
      "`needs_clarification` comes with ready intents to send back; `refused` says why and what would work. " +
      "Then check with validate_query and run with run_query, passing `sql` and `params` as they are.",
    input,
    output,
    annotations: readOnly,
    run: (deps, given, call) => run(options, deps, given, call),
  };
}

async function run(
  options: BuildQueryOptions,
  deps: ToolDeps,
  given: Input,
  call: Call,
): Promise<Result<ToolAnswer<Output>>> {
  const found = await pickLive(deps, given.source, call);
  if (!found.ok) return found;
  const live = found.value;
  const glossary = deps.glossary(live.source);
  const { source: _source, question, format, ...asked } = given;
  const rankers = await deps.rankers?.(live.source);
  const learned = await deps.learned(live.source, call);
  const context: QueryContext = {
    view: live,
    resolve: options.resolverOf(live, glossary, learned, rankers?.champion),
    confirmed: (term) => confirmedRef(learned, term),
    refused: (term) => refusedRefs(learned, term),
    glossary,
    now: deps.now(),
    settings: options.settings,
    ...(question === undefined ? {} : { question }),
  };
  const read = await withModel(options, deps, answerOf(asked, question, context), context, call);
  // An intent by Refs alone names its values itself.
  const isByRefs = question === undefined && termsOf(asked).every((t) => resolveRef(live.snapshot, t) !== undefined);
  const unread = isByRefs && read.ok && read.value.status === "ok" ? [] : unreadValues(live);
  if (!read.ok) return fail(...read.issues, ...unread);
  const built = await withPerson(options, deps, read, context, call);
  const answer = built.value;
  if (answer.sql !== undefined) rememberQuery(deps, live.source, answer.sql, readsOf(answer));
  const estimate = await planned(options, deps, live, answer, call);
  const structured: Output = {
    ...freshnessOf(live),
    ...(answer as unknown as Output),
    ...estimate.value,
    issues: [...answer.issues, ...built.warnings, ...estimate.issues, ...unread] as unknown as Output["issues"],
  };
  const text = format === "json" ? JSON.stringify(structured) : answerText(structured);
  // What the client helped with holds for this call alone: an answer with warnings is not kept for others.
  return ok({ structured, text }, built.warnings);
}

/** The answer, with the client's model reading the question where it was not understood or not surely so. */
async function withModel(
  options: BuildQueryOptions,
  deps: ToolDeps,
  built: Result<BuildAnswer>,
  context: QueryContext,
  call: Call,
): Promise<Result<BuildAnswer>> {
  const { question } = context;
  const understood = built.ok && built.value.status === "ok";
  if (understood || question === undefined || !options.askClientModel || !call.client?.complete) return built;
  const read = await helped(deps, call, () => modelIntent(question, context, call));
  if (read === undefined) return built;
  const answer = read.ok ? buildQuery(read.value, context) : undefined;
  const note = read.ok
    ? warning("client_model", "The client's own model read the question: see that `intent` says what was meant.")
    : warning("client_model", read.issues[0]?.message ?? "");
  if (answer?.status === "ok") return ok(answer, [note]);
  return built.ok ? ok(built.value, [note]) : { ok: false, issues: [...built.issues, note] };
}

/** The answer, or that of the option which the person at the client picks. */
async function withPerson(
  options: BuildQueryOptions,
  deps: ToolDeps,
  built: Result<BuildAnswer> & { readonly ok: true },
  context: QueryContext,
  call: Call,
): Promise<Result<BuildAnswer> & { readonly ok: true }> {
  if (built.value.status !== "needs_clarification" || !options.askPerson) return built;
  const intent = await helped(deps, call, () => pickedIntent(built.value, call));
  if (intent === undefined) return built;
  const note = warning("client_choice", "The person at the client picked this reading.");
  return { ok: true, value: buildQuery(intent, context), warnings: [...built.warnings, note] };
}

/** Help that fails (the client declines, or takes too long) is none: the answer stands without it. */
async function helped<T>(deps: ToolDeps, call: Call, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (cause) {
    if (call.signal.aborted) throw cause;
    deps.emit({ event: "failure", where: "build_query.client", cause });
    return undefined;
  }
}

function answerOf(asked: Intent, question: string | undefined, context: QueryContext): Result<BuildAnswer> {
  if (asked.measures?.length || asked.columns?.length || asked.dimensions?.length)
    return ok(buildQuery(asked, context));
  if (question !== undefined) return buildQuestion(question, context);
  return fail(
    error("invalid_argument", "Nothing is asked for.", {
      help: "Give `measures` (with `dimensions`), or `columns` for plain rows, or a `question`.",
    }),
  );
}

/** The Refs that an answer rests on: ends of its joins, and what its terms mean. */
function readsOf(answer: BuildAnswer): { readonly tables: readonly string[]; readonly columns: readonly string[] } {
  return { tables: [], columns: [...answer.joins.flatMap((j) => [j.from, j.to]), ...answer.mapping.map((m) => m.ref)] };
}

/** The planner's estimate; a planner that cannot say is an issue of the answer, never a failure of the call. */
async function planned(
  options: BuildQueryOptions,
  deps: ToolDeps,
  live: LiveSchema,
  answer: BuildAnswer,
  call: Call,
): Promise<{ readonly value?: Foretold; readonly issues: readonly Issue[] }> {
  if (!options.explain || answer.sql === undefined || live.origin === "static") return { issues: [] };
  try {
    const plan = await deps.connector(live.source).explain(answer.sql, answer.params ?? [], call.signal);
    return { value: await foretell(deps, live, answer.sql, plan, readsOf(answer).columns), issues: plan.issues };
  } catch (cause) {
    if (call.signal.aborted) throw cause;
    deps.emit({ event: "failure", where: "build_query.explain", cause });
    return { issues: [] };
  }
}

function answerText(a: Output): string {
  const lines: string[] = [];
  if (a.status === "ok" && a.sql !== undefined) {
    lines.push(a.sql, "", `params: ${dataText(JSON.stringify(a.params ?? []), 2_000)}`, `grain: ${a.grain}`);
    for (const p of a.proof) lines.push(`${p.measure}: ${p.safe_because}`);
  } else if (a.question !== undefined) {
    lines.push(
      a.question.text,
      ...a.question.options.map((o, i) => `${i + 1}. ${o.label}: ${JSON.stringify(o.intent)}`),
    );
  } else lines.push("No query was built.");
  for (const m of a.mapping)
    if (m.confidence < 1) lines.push(`"${m.term}" is read as ${m.ref} (${m.confidence.toFixed(2)})`);
  for (const s of a.assumptions) lines.push(`assumed: ${s.text}`);
  for (const h of a.hints) lines.push(`hint: ${h.text}${h.sql === undefined ? "" : ` ${h.sql}`}`);
  for (const o of a.alternatives) lines.push(`instead: ${o.why}: ${JSON.stringify(o.intent)}`);
  lines.push(...foretoldLines(a as Foretold));
  if (a.issues.length > 0) lines.push(issuesText(a.issues as unknown as readonly Issue[]));
  return lines.join("\n");
}
