/**
 * `record_feedback`: a person's word about a mapping, kept, audited and open to undo. It holds from the next call on for the giver's scope; it never
 * changes the schema, the glossary or data. What holds for whom is `learning/mappings.ts`.
 */

import { setImmediate as nextTurn } from "node:timers/promises";
import { z } from "zod";
import type { LiveSchema } from "../catalog/live.js";
import { error, fail, ok, type Result, SextantError } from "../issue.js";
import {
  defaultFeedbackSettings,
  type FeedbackBody,
  feedbackBody,
  feedbackId,
  standingOf,
  termKey,
} from "../learning/feedback.js";
import { servedOf, showTerm } from "../learning/shown.js";
import { printRef, resolveRef } from "../schema/names.js";
import { nearestNames } from "../terms/nearest.js";
import { prepareTermIndex } from "../terms/term-index.js";
import {
  type Call,
  dataText,
  formatInput,
  pickLive,
  sourceInput,
  type Tool,
  type ToolAnswer,
  type ToolDeps,
} from "./tool.js";

const input = z.strictObject({
  source: sourceInput,
  term: z.string().min(1).max(500).optional().describe("The business words that were mapped."),
  ref: z.string().min(1).max(500).optional().describe("What they were mapped to: a Ref or a metric's name."),
  verdict: z.enum(["correct", "wrong"]).optional(),
  correct_ref: z.string().min(1).max(500).optional().describe("With `wrong`: what it should have been."),
  question: z.string().max(4000).optional().describe("The sentence that the term stood in."),
  note: z.string().max(2000).optional().describe("Why, for people who review feedback."),
  undo: z.string().max(100).optional().describe("The `id` of feedback to take back; then nothing else is needed."),
  format: formatInput,
});

const output = z.object({
  id: z.string().describe("Names this feedback, for `undo`."),
  applied: z.boolean().describe("Whether it changes answers now."),
  effect: z.string(),
});

type Input = z.infer<typeof input>;
type Output = z.infer<typeof output>;

/** Role rank from which on a caller may undo what others said. */
const undoOthersRank = 3;

/** `mayLearn` says whether feedback is taken now: not while frozen, nor where the configuration switches it off. */
export function recordFeedbackTool(mayLearn: () => boolean): Tool<typeof input, typeof output> {
  return { ...definition, run: async (deps, asked, call) => (mayLearn() ? run(deps, asked, call) : fail(notNow)) };
}

const notNow = error("switched_off", "Feedback is not taken now: learning is switched off, or the server is frozen.", {
  help: "Say it again once learning is on.",
});

const definition: Omit<Tool<typeof input, typeof output>, "run"> = {
  name: "record_feedback",
  title: "Record feedback on a mapping",
  description:
    "Keeps a person's word about what a business term means here: `correct` confirms a mapping of map_term, `wrong` refuses it, `correct_ref` says what it should have been. " +
    "It holds from the next call on, for the caller, the team or everyone by the caller's role, and can be undone by `undo` with the returned id. Call it only when the user says so.",
  input,
  output,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
};

async function run(deps: ToolDeps, asked: Input, call: Call): Promise<Result<ToolAnswer<Output>>> {
  const picked = await pickLive(deps, asked.source, call);
  if (!picked.ok) return picked;
  const live = picked.value;
  if (asked.undo !== undefined) return undo(deps, live.source, asked.undo, call);
  const { term, ref, verdict } = asked;
  if (term === undefined || ref === undefined || verdict === undefined) {
    return fail(
      error("invalid_argument", "Feedback needs `term`, `ref` and `verdict`, or `undo`.", {
        help: "Pass the term as it was mapped, the Ref it was mapped to, and correct or wrong.",
      }),
    );
  }
  if (asked.correct_ref !== undefined && verdict === "correct") {
    return fail(
      error("invalid_argument", "`correct_ref` goes with the verdict wrong.", {
        help: "Leave it out, or set verdict to wrong.",
      }),
    );
  }
  const named = known(deps, live, ref);
  if (!named.ok) return named;
  const right = asked.correct_ref === undefined ? undefined : known(deps, live, asked.correct_ref);
  if (right?.ok === false) return right;
  const { scope, rank } = standingOf(call.caller.role, defaultFeedbackSettings);
  const index = await prepareTermIndex(live, deps.glossary(live.source), nextTurn);
  const rankers = (await deps.rankers?.(live.source)) ?? {};
  const request = { term, ...(asked.question === undefined ? {} : { question: asked.question }) };
  const shown = showTerm(index, request, await deps.learned(live.source, call), rankers, call.caller.user);
  const meant = verdict === "correct" ? named.value : right?.value;
  const body: FeedbackBody = {
    what: "verdict",
    term,
    ref: named.value,
    verdict,
    origin: "person",
    user: call.caller.user,
    role: call.caller.role,
    scope,
    rank,
    version: live.version,
    served: servedOf(shown, rankers, meant),
    ...(right === undefined ? {} : { correctRef: right.value }),
    ...(asked.question === undefined ? {} : { question: asked.question }),
    ...(asked.note === undefined ? {} : { note: asked.note }),
  };
  const id = await keep(deps, live.source, termKey(term), body);
  const whom = { user: "you", team: `everyone with the role ${call.caller.role}`, everyone: "everyone" }[scope];
  const what =
    verdict === "correct"
      ? `means ${named.value}`
      : `does not mean ${named.value}${right === undefined ? "" : ` but ${right.value}`}`;
  return answer(
    { id, applied: true, effect: `"${dataText(term, 200)}" ${what}, from the next call on, for ${whom}.` },
    asked,
  );
}

/** The Ref as the schema prints it, or a metric's name. */
function known(deps: ToolDeps, live: LiveSchema, ref: string): Result<string> {
  const metric = deps.glossary(live.source).metrics.find((m) => m.name.toLowerCase() === ref.toLowerCase());
  if (metric !== undefined) return ok(metric.name);
  const found = resolveRef(live.snapshot, ref);
  if (found !== undefined) return ok(printRef(live.snapshot, found.table, found.column));
  const names = live.snapshot.tables.flatMap((t) => [
    printRef(live.snapshot, t),
    ...t.columns.map((c) => printRef(live.snapshot, t, c.name)),
  ]);
  const candidates = names.length > 20_000 ? [] : nearestNames(ref, names, 3);
  return fail(
    error("unknown_column", `There is no table, column or metric "${dataText(ref, 200)}".`, {
      help: "Use a Ref from map_term or discover_schema.",
      candidates,
    }),
  );
}

async function undo(deps: ToolDeps, source: string, id: string, call: Call): Promise<Result<ToolAnswer<Output>>> {
  const records = await deps.state.list({ kind: "feedback", scope: source });
  const record = records.find((r) => feedbackId(r) === id);
  const body = feedbackBody.safeParse(record?.body);
  if (record === undefined || !body.success || body.data.what !== "verdict") {
    return fail(
      error("not_found", `There is no feedback "${dataText(id, 100)}".`, {
        help: "Use the `id` that record_feedback returned.",
      }),
    );
  }
  if (
    body.data.user !== call.caller.user &&
    standingOf(call.caller.role, defaultFeedbackSettings).rank < undoOthersRank
  ) {
    return fail(
      error("permission_denied", "This feedback is someone else's.", {
        help: "Ask its giver, or a steward, to undo it.",
      }),
    );
  }
  await keep(deps, source, record.key, { what: "undo", undone: id, user: call.caller.user, role: call.caller.role });
  return answer(
    { id, applied: true, effect: `What was said about "${dataText(body.data.term, 200)}" is taken back.` },
    {},
  );
}

/** Feedback and its audit record in one transaction. */
async function keep(deps: ToolDeps, source: string, key: string, body: FeedbackBody): Promise<string> {
  const at = new Date(deps.now()).toISOString();
  const [record] = await deps.state.append([
    { kind: "feedback", scope: source, key, at, body },
    { kind: "audit", scope: source, key: "record_feedback", at, body: { ...body, term: key } },
  ]);
  if (record === undefined)
    throw new SextantError("internal_error", "The state returned no record for what it appended.");
  return feedbackId(record);
}

function answer(structured: Output, asked: Pick<Input, "format">): Result<ToolAnswer<Output>> {
  return ok({
    structured,
    text: asked.format === "json" ? JSON.stringify(structured) : `${structured.effect} (id ${structured.id})`,
  });
}
