/** From a plain question to an answer: the intent it was taken for, built; or that intent back, to be confirmed where it is not sure. Pure. */

import { ok, type Result } from "../issue.js";
import { plainView } from "../schema/plain-types.js";
import { type BuildAnswer, type QueryContext, resolveOnce } from "./answer.js";
import { buildQuery } from "./build.js";
import type { Intent } from "./intent.js";
import { readQuestion } from "./question.js";

/** Below this probability that every term of a question was read as meant, its intent is asked back, 0 to 1. */
const sureEnough = 0.5;

export function buildQuestion(question: string, asked: QueryContext): Result<BuildAnswer> {
  const context = { ...asked, resolve: resolveOnce(asked.resolve) };
  const understood = readQuestion(question, { ...context, view: plainView(context.view) });
  if (!understood.ok) return understood;
  if ("options" in understood.value) {
    const { of, options, more } = understood.value;
    const [first] = options;
    const named = [...options.map((o) => o.label), ...more].join(", ");
    return ok(askedBack(buildQuery(first.intent, context), `Which ${of} is meant: ${named}?`, options));
  }
  const { intent, confidence } = understood.value;
  const answer = buildQuery(intent, context);
  // What is not surely meant is asked first, whatever else would have to be.
  if (answer.status === "refused" || confidence >= sureEnough) return ok(answer);
  const label = inWords(intent);
  return ok(askedBack(answer, `Is this what is meant: ${label}?`, [{ label, intent }]));
}

/** A question in place of an answer: nothing of its SQL is left. */
function askedBack(
  answer: BuildAnswer,
  text: string,
  options: NonNullable<BuildAnswer["question"]>["options"],
): BuildAnswer {
  const { sql: _sql, params: _params, reconcile_sql: _reconcile, ...rest } = answer;
  return {
    ...rest,
    status: "needs_clarification",
    columns: [],
    joins: [],
    grain: "",
    proof: [],
    hints: [],
    alternatives: [],
    issues: [],
    question: { text, options },
  };
}

function rangeInWords(range: NonNullable<NonNullable<Intent["time"]>["range"]>): string {
  return typeof range === "string" ? range : `${range.from ?? "…"} to ${range.to ?? "…"}`;
}

/** An intent in a line, for a person to nod at. */
function inWords(intent: Intent): string {
  const measures = (intent.measures ?? []).map((m) => (m.agg === undefined ? m.term : `${m.agg} of ${m.term}`));
  const columns = (intent.columns ?? []).map((c) => c.term);
  const groups = (intent.dimensions ?? []).map((d) => d.term);
  const filters = (intent.filters ?? []).map((f) =>
    f.value === undefined ? `${f.term} ${f.op.replaceAll("_", " ")}` : `${f.term} ${f.op} ${JSON.stringify(f.value)}`,
  );
  const having = (intent.having ?? []).map((h) => `${h.measure} ${h.op} ${String(h.value)}`);
  const order = (intent.order_by ?? []).map((o) => `${o.by} ${o.direction ?? "asc"}`);
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ["", [...measures, ...columns]],
    ["by ", groups],
    ["where ", [...filters, ...having]],
    ["in ", intent.time?.range === undefined ? [] : [rangeInWords(intent.time.range)]],
    ["ordered by ", order],
    ["first ", intent.limit === undefined ? [] : [String(intent.limit)]],
  ];
  return parts
    .filter(([, list]) => list.length > 0)
    .map(([word, list]) => `${word}${list.join(word === "where " ? " and " : ", ")}`)
    .join(" ");
}
