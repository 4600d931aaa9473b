/**
 * Tools as MCP sees them: listed with JSON Schemas made once, called with checked input, answered with structured content and text.
 * Whatever a caller can mend comes back as `isError` with issues; an unknown tool is a protocol error. Knows no transport.
 */

import { z } from "zod";
import { error, type Issue, issueOf } from "../issue.js";
import { nearestNames } from "../terms/nearest.js";
import { type Call, issuesText, type Tool } from "../tools/tool.js";
import type { App } from "./app.js";

/** No message ever exceeds this: clients drop the connection at 10 MiB. */
const maxMessageBytes = 8 * 1024 * 1024;

export interface ListedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: { readonly type: "object"; readonly [key: string]: unknown };
  readonly outputSchema: { readonly type: "object"; readonly [key: string]: unknown };
  readonly annotations: Tool["annotations"] & { readonly title: string };
}

export interface ToolReply {
  readonly [key: string]: unknown;
  readonly content: { readonly type: "text"; readonly text: string }[];
  readonly structuredContent: Record<string, unknown>;
  readonly isError?: boolean;
}

/** The listing of every tool. Make it once: converting schemas costs milliseconds. */
export function listTools(tools: readonly Tool[]): readonly ListedTool[] {
  return tools.map((tool) => ({
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: jsonSchema(tool.input, "input"),
    outputSchema: withFailure(jsonSchema(tool.output, "output")),
    annotations: { title: tool.title, ...tool.annotations },
  }));
}

/** Runs a tool. Never throws. */
export async function callTool(app: App, tool: Tool, args: unknown, call: Call): Promise<ToolReply> {
  const started = performance.now();
  const finish = (reply: ToolReply, outcome: "ok" | "issues" | "error") => {
    app.emit({ event: "tool_called", tool: tool.name, elapsedMs: performance.now() - started, outcome });
    return reply;
  };
  const parsed = tool.input.safeParse(args ?? {}, { reportInput: true });
  if (!parsed.success) return finish(failure(argumentIssues(tool, parsed.error)), "issues");
  try {
    const answer = await tool.run(app.deps, parsed.data, call);
    if (!answer.ok) return finish(failure(answer.issues), "issues");
    const { structured } = answer.value;
    const text =
      parsed.data.format === "json" && tool.name !== "run_query" ? JSON.stringify(structured) : answer.value.text;
    const reply = { content: [{ type: "text" as const, text }], structuredContent: structured };
    return finish(fits(reply) ? reply : failure([tooLarge]), "ok");
  } catch (thrown) {
    if (call.signal.aborted) {
      return finish(
        failure([error("cancelled", "The call was cancelled; its work in the database was stopped.")]),
        "issues",
      );
    }
    const issue = issueOf(thrown);
    if (issue.code === "internal_error") app.emit({ event: "failure", where: tool.name, cause: thrown });
    return finish(failure([issue]), "error");
  }
}

const tooLarge = error("too_large", "The answer is larger than 8 MiB.", {
  help: "Ask for less: fewer rows or columns, a lower max_tokens, or a page at a time.",
});

function fits(reply: ToolReply): boolean {
  return Buffer.byteLength(JSON.stringify(reply), "utf8") <= maxMessageBytes;
}

function failure(issues: readonly Issue[]): ToolReply {
  return { isError: true, content: [{ type: "text", text: issuesText(issues) }], structuredContent: { issues } };
}

function jsonSchema(schema: z.ZodType, io: "input" | "output"): ListedTool["inputSchema"] {
  const made = z.toJSONSchema(schema, { io, reused: "inline", cycles: "ref" });
  return { ...(withSingleTypes(made) as object), type: "object" };
}

/** `type: [a, b]` as `anyOf`: clients that know one type a schema drop the tool otherwise. */
function withSingleTypes(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withSingleTypes);
  if (typeof schema !== "object" || schema === null) return schema;
  const { type, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, withSingleTypes(value)]),
  );
  if (type === undefined) return rest;
  return Array.isArray(type) ? { ...rest, anyOf: type.map((one: unknown) => ({ type: one })) } : { type, ...rest };
}

/** A failed call answers `{ issues }`; clients check structured content against the schema then as well. */
function withFailure(schema: ListedTool["outputSchema"]): ListedTool["outputSchema"] {
  const { required, additionalProperties: _strict, ...rest } = schema;
  const properties = { issues: failureIssues, ...(rest.properties as Record<string, unknown>) };
  return { ...rest, properties, anyOf: [{ required: required ?? [] }, { required: ["issues"] }] };
}

const failureIssues = {
  type: "array",
  description: "What is wrong and what to do next; alone when the call failed.",
  items: {
    type: "object",
    properties: { code: { type: "string" }, message: { type: "string" } },
    required: ["code", "message"],
  },
};

function argumentIssues(tool: Tool, problem: z.ZodError): readonly Issue[] {
  return problem.issues.flatMap((issue): Issue[] => {
    const path = issue.path.join(".");
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => {
        const candidates = nearestNames(key, knownKeys(tool.input, issue.path), 3);
        return error("invalid_argument", `${tool.name} has no argument "${[...issue.path, key].join(".")}".`, {
          candidates,
          help: candidates.length > 0 ? "Use one of the candidates, or leave it out." : "Leave it out.",
        });
      });
    }
    const where = path === "" ? tool.name : `${tool.name}: \`${path}\``;
    return [error("invalid_argument", `${where}: ${issue.message}.`, { help: "See the tool's input schema." })];
  });
}

/** The keys that the input takes at a path, array positions skipped. */
function knownKeys(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let node: z.ZodType | undefined = bare(schema);
  for (const step of path) {
    if (node instanceof z.ZodObject) node = bare(node.shape[String(step)]);
    else if (node instanceof z.ZodArray) node = bare(node.element as z.ZodType);
    else return [];
  }
  return node instanceof z.ZodObject ? Object.keys(node.shape) : [];
}

function bare(schema: z.ZodType | undefined): z.ZodType | undefined {
  let node = schema;
  while (node instanceof z.ZodOptional || node instanceof z.ZodDefault) node = node.unwrap() as z.ZodType;
  return node;
}
