/** Tells learning which built queries were run and answered. Wraps the two tools; changes nothing in their answers. */

import { type Successes } from "../learning/successes.js";
import { pickSource, type Tool } from "./tool.js";

interface BuiltAnswer {
  readonly sql?: string;
  readonly version: string;
  readonly mapping: readonly { readonly term: string; readonly ref: string }[];
}

/** `mayLearn` says whether anything is learned now. */
export function witnessed(tools: readonly Tool[], successes: Successes, mayLearn: () => boolean): readonly Tool[] {
  return tools.map((tool) => (tool.name === "build_query" || tool.name === "run_query" ? watched(tool) : tool));

  function watched(tool: Tool): Tool {
    return {
      ...tool,
      async run(deps, input, call) {
        const answer = await tool.run(deps, input, call);
        const asked = input as { readonly source?: string; readonly sql?: string };
        const source = pickSource(deps, asked.source);
        if (!answer.ok || !source.ok || !mayLearn()) return answer;
        if (tool.name === "build_query") {
          const { sql, version, mapping } = answer.value.structured as unknown as BuiltAnswer;
          if (sql !== undefined) successes.built(source.value, call.caller, sql, { version, mapping });
        } else if (asked.sql !== undefined) {
          const at = new Date(deps.now()).toISOString();
          // Not waited for: the answer stands without.
          successes.ran(deps.state, source.value, call.caller, asked.sql, at).catch((cause: unknown) => {
            deps.emit({ event: "failure", where: "learning.successes", cause });
          });
        }
        return answer;
      },
    };
  }
}
