/**
 * Help from the client's side, where it offers any and the configuration allows: its model reads a question that our own reader cannot, its person
 * picks among ready intents. What comes back is data: only an intent of the contract's shape is taken, and it is built like any other.
 */

import { error, fail, ok, type Result } from "../issue.js";
import type { BuildAnswer, QueryContext } from "../query/answer.js";
import { type Intent, intentSchema } from "../query/intent.js";
import type { Call } from "./tool.js";

/** Longest answer that is asked of the client's model, tokens. */
const maxAnswerTokens = 1_000;
/** Tables that the client's model is told of: those nearest to the question. */
const maxTablesTold = 12;

const instructions = `You turn a business question into one JSON object for a query builder. Answer with the JSON alone.
Fields, all optional: measures [{term, agg: sum|avg|min|max|count|count_distinct|median, as}], columns [{term}] (plain rows, not with measures),
dimensions [{term, grain: day|week|month|quarter|year}], filters [{term, op: =|!=|<|<=|>|>=|in|not_in|between|contains|starts_with|is_null|is_not_null, value}],
having [{measure, op, value}], time {term, range, grain, compare: previous_period|previous_year}, order_by [{by, direction}], limit.
A term is table.column, a table (to count its rows) or a metric's name, exactly as listed. Use nothing that is not listed.
If the question cannot be answered from what is listed, answer {}.`;

/** The intent that the client's model reads out of a question; an issue where it gives none. */
export async function modelIntent(question: string, context: QueryContext, call: Call): Promise<Result<Intent>> {
  const complete = call.client?.complete;
  if (complete === undefined) return fail(error("unsupported", "The client offers no model."));
  const { snapshot } = context.view;
  const near = context.resolve({ term: question, question, kinds: ["table"], limit: maxTablesTold }).matches;
  const names = new Set(near.map((m) => m.ref));
  const ref = (schema: string, name: string) => (schema === snapshot.defaultSchema ? name : `${schema}.${name}`);
  const tables = snapshot.tables
    .filter((t) => names.has(ref(t.schema, t.name)) || snapshot.tables.length <= maxTablesTold)
    .map((t) => `${ref(t.schema, t.name)}(${t.columns.map((c) => `${c.name} ${c.type}`).join(", ")})`);
  const metrics = context.glossary.metrics.map((m) => m.name);
  const prompt = [
    "Tables:",
    ...tables,
    ...(metrics.length > 0 ? [`Metrics: ${metrics.join(", ")}`] : []),
    `Today: ${new Date(context.now).toISOString().slice(0, 10)}`,
    `Question: ${JSON.stringify(question)}`,
  ].join("\n");
  return intentIn(await complete({ system: instructions, prompt, maxTokens: maxAnswerTokens }));
}

/** The intent in a model's answer, fenced or not. */
function intentIn(text: string): Result<Intent> {
  const none = (why: string) => fail(error("invalid_argument", `The client's model gave no intent: ${why}.`));
  const json = text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    return none("its answer is no JSON");
  }
  const parsed = intentSchema.safeParse(value);
  if (!parsed.success) return none(parsed.error.issues[0]?.message ?? "its answer has another shape");
  const { measures, columns, dimensions } = parsed.data;
  return measures?.length || columns?.length || dimensions?.length ? ok(parsed.data) : none("it asks for nothing");
}

/** The option of a question back that the person at the client picks; `undefined` where they pick none. */
export async function pickedIntent(answer: BuildAnswer, call: Call): Promise<Intent | undefined> {
  const { question } = answer;
  const choose = call.client?.choose;
  if (choose === undefined || question === undefined || question.options.length === 0) return undefined;
  const picked = await choose(
    question.text,
    question.options.map((o) => o.label),
  );
  return picked === undefined ? undefined : question.options[picked]?.intent;
}
