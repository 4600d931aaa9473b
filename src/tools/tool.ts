/**
 * What a tool is, to either MCP SDK line and to the command line alike: a name, a description, two zod schemas, true annotations and
 * `run`. Knows no transport. A tool answers with a structured value and a text for a model to read, or with issues.
 */

import { z } from "zod";
import type { History } from "../catalog/history.js";
import type { LiveSchema } from "../catalog/live.js";
import type { WatchStatus } from "../catalog/watch.js";
import type { NamedPolicy } from "../changes/dependents.js";
import type { Connector } from "../databases/connector.js";
import { error, fail, type Issue, info, ok, type Result } from "../issue.js";
import type { LiveRankers } from "../learning/learning.js";
import type { State } from "../state/state.js";
import type { Emit } from "../telemetry.js";
import type { Glossary } from "../terms/glossary.js";
import type { LearnedMapping } from "../terms/mapping.js";

export interface Tool<I extends z.ZodObject = z.ZodObject, O extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** For the model: what it does and when to call it, main point first, under 2 KB. Never holds text from a database. */
  readonly description: string;
  readonly input: I;
  readonly output: O;
  readonly annotations: ToolAnnotations;
  run(deps: ToolDeps, input: z.infer<I>, call: Call): Promise<Result<ToolAnswer<z.infer<O>>>>;
}

export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

export interface ToolAnswer<O> {
  readonly structured: O;
  /** Written for a model to read: compact, database text delimited as data. */
  readonly text: string;
}

/** What a client offers beside asking; each part absent where it does not. Both throw where the client fails or takes too long. */
export interface ClientHelp {
  /** The client's own model completes a text. */
  complete?(request: { readonly system: string; readonly prompt: string; readonly maxTokens: number }): Promise<string>;
  /** The person at the client picks one of some labels; the number of it, `undefined` for none. */
  choose?(text: string, labels: readonly string[]): Promise<number | undefined>;
}

/** One call: how to stop it and how to say how far it is. */
export interface Call {
  readonly signal: AbortSignal;
  /** Absent where the client or the way of calling offers none. */
  readonly client?: ClientHelp;
  /** `done` of `total` steps, with a few words; sent on only where the client asked for progress. */
  progress(done: number, total: number | undefined, message: string): void;
  /** Who calls, for audit, scope of feedback and rights. */
  readonly caller: Caller;
}

export interface Caller {
  readonly user: string;
  readonly role: string;
  /** The protocol's session, where there is one: tells callers of one name apart, and gives no right. */
  readonly session?: string;
}

/** What tools may use of the world. */
export interface ToolDeps {
  readonly sources: readonly string[];
  readonly defaultSource: string | undefined;
  /** The live schema of a configured source; waits for the first discovery, looks again when `refresh`. */
  live(source: string, options: { readonly refresh?: boolean; readonly call: Call }): Promise<Result<LiveSchema>>;
  connector(source: string): Connector;
  glossary(source: string): Glossary;
  learned(source: string, call: Call): Promise<readonly LearnedMapping[]>;
  /** The corrections of the rankers that answer now; the shipped rankers alone where absent. */
  rankers?(source: string): Promise<LiveRankers>;
  readonly state: State;
  /** The one history of this process; made from `state` where absent. */
  readonly history?: History;
  /** How a source is watched at present; absent where nothing watches. */
  watch?(source: string): WatchStatus;
  /** Rules of access with the tables and columns they name, for the impact of a change. */
  accessRules?(source: string): readonly NamedPolicy[];
  readonly emit: Emit;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** The source that a call means. */
export function pickSource(
  deps: Pick<ToolDeps, "sources" | "defaultSource">,
  named: string | undefined,
): Result<string> {
  const source = named ?? deps.defaultSource ?? (deps.sources.length === 1 ? deps.sources[0] : undefined);
  if (source !== undefined && deps.sources.includes(source)) return ok(source);
  const known = deps.sources.join(", ") || "none";
  const message =
    source === undefined ? `Several sources are configured: ${known}.` : `There is no source "${source}".`;
  return fail(
    error("unknown_source", message, { help: `Set \`source\` to one of: ${known}.`, candidates: deps.sources }),
  );
}

/** The source and its live schema, in one step. */
export async function pickLive(
  deps: ToolDeps,
  named: string | undefined,
  call: Call,
  refresh = false,
): Promise<Result<LiveSchema>> {
  const source = pickSource(deps, named);
  return source.ok ? deps.live(source.value, { refresh, call }) : source;
}

/** Says that an answer could not rest on stored values, where they have not been looked at yet. */
export function unreadValues(live: LiveSchema): readonly Issue[] {
  if (live.valuesPending !== true) return [];
  const help =
    live.origin === "static"
      ? "The schema is pinned: values are looked at again once it is released."
      : "They are being looked at: call again in a few seconds where a word may be a value.";
  return [
    info("unavailable", "Stored values have not been looked at yet: words that are values may be missed.", { help }),
  ];
}

export function freshnessOf(live: LiveSchema): z.infer<typeof freshness> {
  return { version: live.version, as_of: live.asOf, origin: live.origin, stale: live.stale };
}

// Pieces of input and output that tools share, to the letter of the contract.

export const sourceInput = z
  .string()
  .optional()
  .describe("A configured source's name. May be left out where exactly one is configured or a default is set.");

export const formatInput = z
  .enum(["text", "json"])
  .optional()
  .describe("`json` makes the text block JSON as well. Default `text`.");

const freshness = z.object({
  version: z.string().describe("The schema's fingerprint: `sha256:` + 64 hex."),
  as_of: z.string().describe("When the database was last seen to have this schema; ISO 8601."),
  origin: z.enum(["live", "cache", "static"]),
  stale: z.boolean(),
});

export const freshnessFields = freshness.shape;

export const issueOutput = z.object({
  code: z.string().describe("A stable snake_case word."),
  severity: z.enum(["error", "warning", "info"]),
  message: z.string(),
  at: z
    .object({ offset: z.int(), length: z.int(), line: z.int(), column: z.int() })
    .optional()
    .describe("UTF-16 code units from 0; line and column from 1."),
  help: z.string().optional().describe("What to do next."),
  candidates: z.array(z.string()).optional(),
});

export const readOnly: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

/** An issue as plain mutable JSON, as the output schemas have it. */
export function issueAnswer(issue: Issue): z.infer<typeof issueOutput> {
  const { candidates, ...rest } = issue;
  return { ...rest, ...(candidates === undefined ? {} : { candidates: [...candidates] }) };
}

/** Issues for a model to read: one line each, with what to do next. */
export function issuesText(issues: readonly Issue[]): string {
  return issues
    .map((i) => {
      const place = i.at === undefined ? "" : ` (line ${i.at.line}, column ${i.at.column})`;
      const candidates = i.candidates?.length ? ` Candidates: ${i.candidates.join(", ")}.` : "";
      return `${i.severity}: ${i.code}: ${i.message}${place}${candidates}${i.help === undefined ? "" : ` ${i.help}`}`;
    })
    .join("\n");
}

/** Size of a text in tokens as the contract counts them: UTF-8 bytes / 4, rounded up. */
export function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text, "utf8") / 4);
}

/**
 * Text from a database made safe to show: control, bidirectional and zero-width characters removed, cut at `maxChars` with a count of
 * what was cut. It stays data: callers put it between delimiters.
 */
export function dataText(text: string, maxChars = 500): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return clean.length <= maxChars ? clean : `${clean.slice(0, maxChars)}… (+${clean.length - maxChars} characters)`;
}
