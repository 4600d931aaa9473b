/**
 * `map_term`: what business words mean in a schema: tables, columns, stored values and glossary metrics, with a calibrated confidence and why.
 * Maps only; it never builds a query and never runs one.
 */

import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import { error, fail, ok, type Result } from "../issue.js";
import { showTerm } from "../learning/shown.js";
import { resolveRef } from "../schema/names.js";
import type { TermMatch, TermRequest, TermResult } from "../terms/mapping.js";
import { prepareTermIndex } from "../terms/term-index.js";
import {
  type Call,
  dataText,
  formatInput,
  freshnessFields,
  freshnessOf,
  issueAnswer,
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

/** Bounds of one call: terms, characters of a term and of the question, matches a term. */
const maxTerms = 50;
const maxTermChars = 500;
const maxQuestionChars = 4000;
const maxMatches = 1000;
/** Matches shown in the text block; the structured answer holds all. */
const shownMatches = 5;

const phrase = z.string().min(1).max(maxTermChars);

const input = z.strictObject({
  source: sourceInput,
  terms: z
    .array(phrase)
    .min(1)
    .max(maxTerms)
    .optional()
    .describe("Business phrases or Refs, 1 to 50; together with `question` they are read in its light."),
  term: phrase.optional().describe("One phrase, in place of `terms`."),
  question: z
    .string()
    .min(1)
    .max(maxQuestionChars)
    .optional()
    .describe("The sentence that the terms stand in: it decides between namesakes."),
  kinds: z
    .array(z.enum(["table", "column", "value", "measure"]))
    .min(1)
    .optional()
    .describe("Only these kinds of match; default all."),
  tables: z.array(z.string().min(1).max(300)).min(1).max(500).optional().describe("Only these tables, as Refs."),
  limit: z.int().min(1).max(maxMatches).default(5).describe("At most this many matches a term."),
  min_confidence: z.number().min(0).max(1).optional().describe("Leaves out matches below this probability."),
  format: formatInput,
});

const signalOutput = z.object({ signal: z.string(), score: z.number(), detail: z.string().optional() });

const matchOutput = z.object({
  kind: z.enum(["table", "column", "value", "measure"]),
  ref: z.string().describe("`table`, `table.column`, or a glossary metric's name."),
  type: z.string().optional(),
  value: z.union([z.string(), z.number()]).optional().describe("The stored literal of a `value` match."),
  expression: z.string().optional().describe("A metric's definition."),
  confidence: z.number().describe("Calibrated probability in [0, 1] that this is the one meant."),
  why: z.array(signalOutput),
});

const output = z.object({
  ...freshnessFields,
  results: z.array(
    z.object({
      term: z.string(),
      status: z.enum(["matched", "ambiguous", "no_match"]),
      matches: z.array(matchOutput).describe("Best first."),
      did_you_mean: z.array(z.string()),
      clarify: z.string().optional().describe("The shortest question that decides."),
    }),
  ),
  issues: z.array(issueOutput).optional().describe("What the answer could not rest on."),
});

type Input = z.infer<typeof input>;
type Output = z.infer<typeof output>;

export const mapTermTool: Tool<typeof input, typeof output> = {
  name: "map_term",
  title: "Map business terms to the schema",
  description:
    "Finds what business words mean in the database: which table, column, stored value or glossary metric, best first, each with a calibrated confidence. " +
    "Call it before writing SQL for words that are not column names. Pass the user's whole sentence as `question`: it decides between namesakes. " +
    "`ambiguous` comes with a question to ask the user; `no_match` means that the schema has no such thing: do not guess.",
  input,
  output,
  annotations: readOnly,
  run,
};

async function run(deps: ToolDeps, asked: Input, call: Call): Promise<Result<ToolAnswer<Output>>> {
  const terms = asked.terms ?? (asked.term === undefined ? [] : [asked.term]);
  if (terms.length === 0) {
    return fail(
      error("invalid_argument", "There is nothing to map.", {
        help: 'Pass `terms`, for example ["revenue", "overdue"].',
      }),
    );
  }
  const picked = await pickLive(deps, asked.source, call);
  if (!picked.ok) return picked;
  const live = picked.value;
  const unknown = (asked.tables ?? []).filter((ref) => resolveRef(live.snapshot, ref) === undefined);
  if (unknown.length > 0) {
    return fail(
      error("unknown_table", `There is no table ${unknown.map((u) => `"${u}"`).join(", ")}.`, {
        help: "Take names from discover_schema, or leave `tables` out.",
      }),
    );
  }
  const index = await prepareTermIndex(live, deps.glossary(live.source), nextTurn);
  const learned = await deps.learned(live.source, call);
  const rankers = (await deps.rankers?.(live.source)) ?? {};
  const results: TermResult[] = [];
  for (const [i, term] of terms.entries()) {
    call.signal.throwIfAborted();
    if (terms.length > 1) call.progress(i, terms.length, "mapping");
    results.push(showTerm(index, requestOf(term, asked), learned, rankers, call.caller.user).result);
    if (terms.length > 1) await nextTurn();
  }
  const issues = [...picked.warnings, ...unreadValues(live)];
  const structured: Output = {
    ...freshnessOf(live),
    results: results.map(plainResult),
    ...(issues.length === 0 ? {} : { issues: issues.map(issueAnswer) }),
  };
  const lines = [...results.map(resultText), ...(issues.length === 0 ? [] : [issuesText(issues)])];
  const text = asked.format === "json" ? JSON.stringify(structured) : lines.join("\n");
  return ok({ structured, text }, picked.warnings);
}

function requestOf(term: string, asked: Input): TermRequest {
  return {
    term,
    limit: asked.limit,
    ...(asked.question === undefined ? {} : { question: asked.question }),
    ...(asked.kinds === undefined ? {} : { kinds: asked.kinds }),
    ...(asked.tables === undefined ? {} : { tables: asked.tables }),
    ...(asked.min_confidence === undefined ? {} : { minConfidence: asked.min_confidence }),
  };
}

/** The result as plain mutable JSON, as the output schema has it. */
function plainResult(result: TermResult): Output["results"][number] {
  return {
    ...result,
    matches: result.matches.map((m) => ({ ...m, why: m.why.map((w) => ({ ...w })) })),
    did_you_mean: [...result.did_you_mean],
  };
}

function resultText(result: TermResult): string {
  const shown = result.matches.slice(0, shownMatches).map(matchText).join("; ");
  const more = result.matches.length > shownMatches ? ` (+${result.matches.length - shownMatches} more)` : "";
  const term = `"${dataText(result.term, 120)}"`;
  if (result.status === "no_match") {
    const near = result.did_you_mean.length === 0 ? "" : ` Nearest names: ${result.did_you_mean.join(", ")}.`;
    return `${term}: nothing in this schema fits.${near}`;
  }
  const ask = result.clarify === undefined ? "" : ` Ask: ${dataText(result.clarify, 300)}`;
  return `${term}${result.status === "ambiguous" ? " is ambiguous" : ""}: ${shown}${more}${ask}`;
}

function matchText(match: TermMatch): string {
  const what =
    match.kind === "value"
      ? `${match.ref} = ${JSON.stringify(dataText(String(match.value ?? ""), 120))}`
      : match.kind === "measure"
        ? `metric ${match.ref}${match.expression === undefined ? "" : ` := ${match.expression}`}`
        : `${match.kind} ${match.ref}${match.type === undefined || match.type === "" ? "" : ` ${match.type}`}`;
  return `${what} ${match.confidence.toFixed(2)}`;
}
