/**
 * Tools whose answer is a function of the schema and the question, behind the cache. An answer's key is everything it rests on: schema version,
 * relations, statistics, glossary, feedback, configuration, caller, time of day. What looks at the database itself (validate, run, changes) is never
 * kept, nor is a failure. An answer from the cache carries the freshness of now, because the schema behind it was asked now.
 * What is asked most is answered again after a change, and what usually comes next is answered ahead.
 */

import { createHash } from "node:crypto";
import type { Cache } from "../cache/cache.js";
import { createHabits } from "../cache/habits.js";
import type { LiveSchema } from "../catalog/live.js";
import { ok, type Result } from "../issue.js";
import { oncePer } from "../schema/once.js";
import { type Call, freshnessOf, pickLive, type Tool, type ToolAnswer, type ToolDeps } from "../tools/tool.js";

/** Depend on the whole schema, and on nothing in the database but it. */
const kept = new Set(["discover_schema", "map_term", "build_query"]);
/** How long an answer may rest on the time of day, ms. Phrases such as `today` turn on a quarter of an hour in some time zone; verdicts fade by the day. */
const quarterMs = 900_000;
const dayMs = 86_400_000;
/** Questions that wait to be answered ahead, at most; more are left to be asked. */
const maxAhead = 100;

export interface CachedToolsOptions {
  readonly tools: readonly Tool[];
  readonly cache: Cache;
  /** Names what else answers rest on: configuration version, frozen or not. */
  restsOn(): string;
  /** How many of the most asked questions are answered again after a change; 0 answers nothing ahead. */
  warmEntries(): number;
  /** An answer ahead failed: nobody waits for it. */
  onFailure(cause: unknown): void;
}

export interface CachedTools {
  readonly tools: readonly Tool[];
  /** Answers the most asked questions of a source again, one at a time; after its schema changed. */
  warm(source: string): Promise<void>;
}

type Answer = ToolAnswer<Record<string, unknown>>;

interface Question {
  readonly source: string;
  readonly tool: Tool;
  readonly deps: ToolDeps;
  readonly asked: Readonly<Record<string, unknown>>;
  readonly caller: Call["caller"];
}

/** The same tools, the cacheable ones answered from the cache. */
export function cachedTools({ tools, cache, restsOn, warmEntries, onFailure }: CachedToolsOptions): CachedTools {
  const habits = createHabits<Question>();
  const ahead = new Map<string, Question>();
  let working: Promise<void> | undefined;

  const answer = async (
    question: Question,
    live: LiveSchema,
    call: Call,
    isAhead: boolean,
  ): Promise<Result<Answer>> => {
    const { tool, deps, asked } = question;
    const { role, user } = call.caller;
    const everyMs = tool.name === "build_query" ? quarterMs : dayMs;
    const rests = [await newestFeedback(deps, live.source), restsOn(), Math.floor(deps.now() / everyMs)];
    const key = {
      source: live.source,
      rights: tool.name === "discover_schema" ? role : `${role}/${user}`,
      version: fingerprintOf(live, deps),
      key: [tool.name, JSON.stringify(asked), ...rests].join(" "),
    };
    // The answer rests on the schema that its key names, whatever happens meanwhile.
    const pinned: ToolDeps = { ...deps, live: async () => ok(live) };
    const load = (): Promise<Result<Answer>> => tool.run(pinned, asked, call);
    const keep = (result: Result<Answer>): boolean => result.ok && result.warnings.length === 0;
    return cache.getOrLoad(key, { kind: tool.name, tags: ["*"], load, keep, isAhead });
  };

  const workAhead = async (): Promise<void> => {
    for (const [id, question] of ahead) {
      ahead.delete(id);
      await new Promise((resolve) => setImmediate(resolve)); // whoever asks now goes first
      const call = { signal: new AbortController().signal, progress: () => undefined, caller: question.caller };
      const live = await question.deps.live(question.source, { call });
      if (live.ok && live.warnings.length === 0) await answer(question, live.value, call, true);
    }
  };
  const soon = (questions: readonly Question[]): Promise<void> => {
    for (const question of questions) if (ahead.size < maxAhead) ahead.set(idOf(question), question);
    working ??= workAhead()
      .catch(onFailure)
      .finally(() => {
        working = undefined;
      });
    return working;
  };

  const cached = (tool: Tool): Tool => ({
    ...tool,
    async run(deps, input, call): Promise<Result<Answer>> {
      const { source: named, refresh, ...asked } = input as Readonly<Record<string, unknown>>;
      const picked = await pickLive(deps, typeof named === "string" ? named : undefined, call, refresh === true);
      if (!picked.ok) return picked;
      const live = picked.value;
      const question = {
        source: live.source,
        tool,
        deps,
        asked: { ...asked, source: live.source },
        caller: call.caller,
      };
      // A look that warned is told as the tool itself tells it.
      if (picked.warnings.length > 0) return tool.run({ ...deps, live: async () => picked }, question.asked, call);
      const result = await answer(question, live, call, false);
      if (warmEntries() > 0 && result.ok) {
        const next = habits.asked(call.caller.session ?? call.caller.user, idOf(question), question);
        if (next.length > 0) void soon(next);
      }
      return result.ok ? ok(asOfNow(result.value, live), result.warnings) : result;
    },
  });
  return {
    tools: tools.map((tool) => (kept.has(tool.name) ? cached(tool) : tool)),
    async warm(source) {
      const questions = habits.hottest(warmEntries(), (question) => question.source === source);
      if (questions.length > 0) await soon(questions);
    },
  };
}

function idOf({ tool, asked, caller }: Question): string {
  return `${tool.name} ${caller.role}/${caller.user} ${JSON.stringify(asked)}`;
}

/** The answer with the freshness of the present look. */
function asOfNow(answer: Answer, live: LiveSchema): Answer {
  const { structured, text } = answer;
  if (structured.as_of === live.asOf) return answer;
  return {
    structured: { ...structured, ...freshnessOf(live) },
    text: text.replace(`as of ${String(structured.as_of)}`, `as of ${live.asOf}`),
  };
}

function fingerprintOf(live: LiveSchema, deps: ToolDeps): string {
  const parts = [undeclared(live.relationships), live.statistics, deps.glossary(live.source), live.issues].map(hashOf);
  return [live.version, live.origin, live.stale, live.valuesPending === true, live.serverVersion, ...parts].join("|");
}

/** What is declared the version says already. */
const undeclared = oncePer((links: LiveSchema["relationships"]) => links.filter((l) => l.origin !== "declared"));

/** Values are read-only and replaced whole, so that one object is hashed once. */
const hashOf = oncePer((value: object) =>
  createHash("sha256").update(JSON.stringify(value)).digest("base64url").slice(0, 22),
);

/** Rises with every verdict, in any replica: a correction holds from the next call on. */
async function newestFeedback(deps: ToolDeps, source: string): Promise<number> {
  const [newest] = await deps.state.list({ kind: "feedback", scope: source, order: "desc", limit: 1 });
  return newest?.seq ?? 0;
}
