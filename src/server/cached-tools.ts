/**
 * Tools whose answer is a function of the schema and the question, behind the cache. An answer's key is everything it rests on: schema version,
 * relations, statistics, glossary, feedback, configuration, caller, hour. What looks at the database itself (validate, run, changes) is never
 * kept, nor is a failure. An answer from the cache carries the freshness of now, because the schema behind it was asked now.
 */

import { createHash } from "node:crypto";
import type { Cache } from "../cache/cache.js";
import type { LiveSchema } from "../catalog/live.js";
import { ok, type Result } from "../issue.js";
import { freshnessOf, pickLive, type Tool, type ToolAnswer, type ToolDeps } from "../tools/tool.js";

/** Depend on the whole schema, and on nothing in the database but it. */
const kept = new Set(["discover_schema", "map_term", "build_query"]);
/** Phrases such as `today` in any time zone: offsets are multiples of a quarter of an hour. */
const quarterMs = 900_000;

/** The same tools, the cacheable ones answered from the cache. `restsOn` names what else answers rest on: configuration version, frozen or not. */
export function cachedTools(tools: readonly Tool[], cache: Cache, restsOn: () => string): readonly Tool[] {
  return tools.map((tool) => (kept.has(tool.name) ? cached(tool, cache, restsOn) : tool));
}

type Answer = ToolAnswer<Record<string, unknown>>;

function cached(tool: Tool, cache: Cache, restsOn: () => string): Tool {
  return {
    ...tool,
    async run(deps, input, call): Promise<Result<Answer>> {
      const asked = input as Readonly<Record<string, unknown>>;
      const named = typeof asked.source === "string" ? asked.source : undefined;
      const picked = await pickLive(deps, named, call, asked.refresh === true);
      if (!picked.ok) return picked;
      const live = picked.value;
      const key = {
        source: live.source,
        rights: `${call.caller.role}/${call.caller.user}`,
        version: [
          fingerprintOf(live, deps),
          await newestFeedback(deps, live.source),
          restsOn(),
          Math.floor(deps.now() / quarterMs),
        ].join("|"),
        key: `${tool.name} ${JSON.stringify({ ...asked, source: undefined, refresh: undefined })}`,
      };
      const load = async (): Promise<Result<Answer>> => tool.run(deps, { ...asked, refresh: undefined }, call);
      // A tool's own warnings belong to this call; the schema's come with each look.
      const keep = (result: Result<Answer>): boolean => result.ok && result.warnings.length <= picked.warnings.length;
      const result = await cache.getOrLoad(key, { kind: tool.name, tags: ["*"], load, keep });
      return result.ok && keep(result) ? ok(asOfNow(result.value, live), picked.warnings) : result;
    },
  };
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
  const parts = [live.relationships, live.statistics, deps.glossary(live.source), live.issues].map(hashOf);
  return [live.version, live.origin, live.stale, live.serverVersion, ...parts].join("|");
}

const hashes = new WeakMap<object, string>();

/** Values are read-only and replaced whole, so that one object is hashed once. */
function hashOf(value: object): string {
  const known = hashes.get(value);
  if (known !== undefined) return known;
  const hash = createHash("sha256").update(JSON.stringify(value)).digest("base64url").slice(0, 22);
  hashes.set(value, hash);
  return hash;
}

/** Rises with every verdict, in any replica: a correction holds from the next call on. */
async function newestFeedback(deps: ToolDeps, source: string): Promise<number> {
  const [newest] = await deps.state.list({ kind: "feedback", scope: source, order: "desc", limit: 1 });
  return newest?.seq ?? 0;
}
