/**
 * The tour that `npm start` prints: one business question through every tool, with its rows. Talks to the app as a client does, through
 * the tools alone, and says each call so that it can be repeated.
 */

import type { Call } from "../tools/tool.js";
import type { App } from "./app.js";
import { callTool, type ToolReply } from "./tool-calls.js";

const question = "Net revenue by customer segment in 2025";

/** Runs the tour; `print` takes whole lines. Returns false when a step failed. */
export async function runTour(app: App, print: (text: string) => void): Promise<boolean> {
  const call: Call = {
    signal: new AbortController().signal,
    progress: () => undefined,
    caller: { user: "tour", role: "user" },
  };
  let fine = true;
  const step = async (title: string, name: string, args: object): Promise<ToolReply | undefined> => {
    print(`\n── ${title}\n   ${name} ${JSON.stringify(args, shortened)}\n`);
    const tool = app.tools.find((t) => t.name === name);
    if (tool === undefined) return undefined;
    const reply = await callTool(app, tool, args, call);
    fine &&= reply.isError !== true;
    print(reply.content.map((c) => indented(c.text)).join("\n"));
    return reply;
  };

  print(`Sextant ${app.version}: a short tour of the bundled sample database.\nThe question: ${question}?`);
  await step("What is in here?", "discover_schema", {
    about: "revenue by customer segment",
    detail: "names",
    limit: 4,
  });
  await step("What do the words mean?", "map_term", {
    terms: ["net revenue", "customer segment", "overdue"],
    limit: 2,
    question,
  });
  const built = await step("Which SQL answers it, and why is it right?", "build_query", {
    measures: [{ term: "net revenue" }],
    dimensions: [{ term: "customer segment" }],
    time: { range: "2025" },
  });
  const { sql, params } = built?.structuredContent ?? {};
  await step("Does it hold against the live schema?", "validate_query", { sql, params });
  await step("The answer.", "run_query", { sql, params });
  await step("Did the schema change?", "schema_changes", { limit: 5 });
  return fine;
}

/** A statement that was just shown is not shown again. */
function shortened(_key: string, value: unknown): unknown {
  return typeof value === "string" && value.length > 80 ? "… as built …" : value;
}

function indented(text: string): string {
  return text.replaceAll(/^/gmu, "   ");
}
