/**
 * From a plain business question to an intent, by fixed patterns: what is counted or summed, by what, which rows, which period, which order.
 * Deterministic. Anything it does not understand is an issue, never left out silently. Terms stay words; `build.ts` maps them.
 */

import { error, fail, ok, type Result } from "../issue.js";
import type { QueryContext } from "./answer.js";
import { type Aggregation, type Intent, intentSchema } from "./intent.js";
import { phraseAt } from "./phrases.js";

/** The intent of a question, or issues that say which words were not understood. */
export function parseQuestion(question: string, context: QueryContext): Result<Intent> {
  const reader = new QuestionReader(question, context);
  return reader.read();
}

const aggregations: readonly { readonly words: RegExp; readonly agg?: Aggregation }[] = [
  { words: /^how many (?:distinct|different|unique) /, agg: "count_distinct" },
  { words: /^(?:how many|number of|count of|count) /, agg: "count" },
  { words: /^(?:average|avg|mean) /, agg: "avg" },
  { words: /^(?:median) /, agg: "median" },
  { words: /^(?:total|sum of|sum|overall) /, agg: "sum" },
  { words: /^(?:maximum|max|highest|largest|greatest) /, agg: "max" },
  { words: /^(?:minimum|min|lowest|smallest) /, agg: "min" },
];

const grains = new Map([
  ["hour", "hour"],
  ["hourly", "hour"],
  ["day", "day"],
  ["daily", "day"],
  ["week", "week"],
  ["weekly", "week"],
  ["month", "month"],
  ["monthly", "month"],
  ["quarter", "quarter"],
  ["quarterly", "quarter"],
  ["year", "year"],
  ["yearly", "year"],
  ["annual", "year"],
] as const);

class QuestionReader {
  private rest: string;
  private readonly intent: Record<string, unknown> = {};
  private time: Record<string, unknown> = {};

  constructor(
    question: string,
    private readonly context: QueryContext,
  ) {
    this.rest = question
      .trim()
      .replace(/[?.!]+$/, "")
      .replaceAll(/\s+/g, " ")
      .replace(
        /^(?:please |could you |can you )?(?:what (?:is|are|was|were)|what's|show(?: me)?|give me|list|find|tell me|return|compute|calculate|display)\s+(?:all |the )*/i,
        "",
      )
      .replace(/^the /i, "");
  }

  read(): Result<Intent> {
    this.takePeriod();
    this.takeCumulative();
    this.takeTop();
    const [head, ...groups] = this.rest.split(/\s+(?:by|per|for each|grouped by|in each|for every)\s+/i);
    if (head === undefined || head.trim() === "") return this.unclear("there is nothing to measure in it");
    const filters = this.takeFilters(head);
    if (filters === undefined) return this.unclear("a condition in it could not be read");
    if (!this.takeMeasures(filters.head)) return this.unclear("no measure was found in it");
    if (filters.list.length > 0) this.intent.filters = filters.list;
    this.takeGroups(groups);
    if (Object.keys(this.time).length > 0) this.intent.time = this.time;
    const parsed = intentSchema.safeParse(this.intent);
    return parsed.success ? ok(parsed.data) : this.unclear("its parts do not fit together");
  }

  private unclear(why: string): Result<Intent> {
    return fail(
      error("invalid_argument", `The question could not be read: ${why}.`, {
        help: "Send an intent instead: measures, dimensions, filters and time, each with its term.",
      }),
    );
  }

  private takePeriod(): void {
    const found = phraseAt(this.rest, this.context.now);
    if (found === undefined) return;
    this.time = { ...this.time, range: found.phrase };
    this.rest = `${this.rest.slice(0, found.start)} ${this.rest.slice(found.end)}`.replaceAll(/\s+/g, " ").trim();
  }

  private takeCumulative(): void {
    const match = /\b(cumulative|running total of|running)\s+/i.exec(this.rest);
    if (match === null) return;
    this.time = { ...this.time, cumulative: "all" };
    this.rest = this.rest.replace(match[0], "");
  }

  private takeTop(): void {
    const match = /^(?:top|first|best) (\d+) (.+?) by (.+)$/i.exec(this.rest);
    if (match === null) return;
    const [, count, what, measure] = match;
    this.intent.limit = Number(count);
    this.rest = `${measure} by ${what}`;
    this.intent.order_by = [{ by: "value", direction: "desc" }];
  }

  private takeFilters(head: string): { head: string; list: unknown[] } | undefined {
    const [before, ...conditions] = head.split(/\s+(?:where|with|whose|having)\s+/i);
    const list: unknown[] = [];
    for (const text of conditions.flatMap((c) => c.split(/\s+and\s+/i))) {
      const filter = condition(text);
      if (filter === undefined) return undefined;
      list.push(filter);
    }
    return { head: before ?? "", list };
  }

  private takeMeasures(head: string): boolean {
    const parts = head.split(/\s*,\s*(?:and\s+)?|\s+and\s+/i).filter((p) => p.trim() !== "");
    const measures = parts.map((part, i) => measureOf(part.trim(), parts.length === 1 ? "value" : undefined, i));
    if (measures.length === 0 || measures.some((m) => m === undefined)) return false;
    this.intent.measures = measures;
    return true;
  }

  private takeGroups(groups: readonly string[]): void {
    const terms = groups.flatMap((g) => g.split(/\s*,\s*(?:and\s+)?|\s+and\s+(?:by\s+)?/i)).map((t) => t.trim());
    const dimensions: unknown[] = [];
    for (const term of terms.filter((t) => t !== "")) {
      const grain = grains.get(term.toLowerCase() as "day");
      if (grain !== undefined) this.time = { ...this.time, grain };
      else dimensions.push({ term });
    }
    if (dimensions.length > 0) this.intent.dimensions = dimensions;
  }
}

function measureOf(text: string, as: string | undefined, _index: number): unknown {
  const lower = text.toLowerCase().replace(/^the /, "");
  const named = as === undefined ? {} : { as };
  for (const { words, agg } of aggregations) {
    const match = words.exec(`${lower} `);
    if (match === null) continue;
    const term = text
      .slice(text.length - (lower.length - match[0].length))
      .replace(/\s+(?:are there|do we have|exist|were there)$/i, "");
    return term.trim() === "" ? undefined : { term: term.trim(), ...(agg === undefined ? {} : { agg }), ...named };
  }
  return lower === "" ? undefined : { term: text, ...named };
}

const operators: readonly (readonly [RegExp, string])[] = [
  [/\s+(?:is |are )?(?:at least|not less than|>=)\s+/i, ">="],
  [/\s+(?:is |are )?(?:at most|not more than|<=)\s+/i, "<="],
  [/\s+(?:is |are )?(?:more than|greater than|above|over|older than|larger than|>)\s+/i, ">"],
  [/\s+(?:is |are )?(?:less than|below|under|younger than|smaller than|<)\s+/i, "<"],
  [/\s+(?:is not|are not|isn't|!=)\s+/i, "!="],
  [/\s+(?:contains|containing)\s+/i, "contains"],
  [/\s+(?:starts with|starting with)\s+/i, "starts_with"],
  [/\s+(?:is|are|equals|=)\s+/i, "="],
];

function condition(text: string): unknown {
  for (const [pattern, op] of operators) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const term = text.slice(0, match.index).trim();
    const raw = text
      .slice(match.index + match[0].length)
      .trim()
      .replaceAll(/^["']|["']$/g, "");
    const value = /^-?\d+(?:\.\d+)?$/.test(raw) ? Number(raw) : raw;
    return term === "" || raw === "" ? undefined : { term, op, value };
  }
  return undefined;
}
