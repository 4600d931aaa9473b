/**
 * `schema_changes`: what changed in a source's schema since a version or a time, what that breaks, and how to mend it. Reads the history;
 * looks first unless told not to. The comparing, judging and advising stands in `changes/`.
 */

import { createHash } from "node:crypto";
import { z } from "zod";
import { createHistory, entriesOf, type History, type HistoryEntry } from "../catalog/history.js";
import type { LiveSchema } from "../catalog/live.js";
import { keptQueries } from "../catalog/queries.js";
import { adviceFor } from "../changes/advice.js";
import type { SchemaChange } from "../changes/change.js";
import type { Impact } from "../changes/dependents.js";
import { impactsOf } from "../changes/impact.js";
import { shownAfter, shownBefore } from "../changes/shown.js";
import { error, fail, ok, type Result } from "../issue.js";
import { parseRef } from "../schema/names.js";
import type { SchemaSnapshot } from "../schema/snapshot.js";
import type { State } from "../state/state.js";
import {
  type ChangeAnswer,
  type ChangesAnswer as Output,
  changesOutput as output,
  severityWord,
} from "./changes-shape.js";
import { changesText } from "./changes-text.js";
import {
  type Call,
  formatInput,
  freshnessOf,
  pickLive,
  readOnly,
  sourceInput,
  type Tool,
  type ToolAnswer,
  type ToolDeps,
  tokensOf,
} from "./tool.js";

const input = z.strictObject({
  source: sourceInput,
  since: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('A schema version, an ISO 8601 time, or "previous" (the last change). Default: everything kept.'),
  severity: z
    .union([severityWord, z.array(severityWord).min(1)])
    .optional()
    .describe("Only these: `breaking` statements fail, `risky` answers may differ, `safe` readers need not care."),
  tables: z
    .array(z.string().min(1).max(300))
    .min(1)
    .max(500)
    .optional()
    .describe("Only changes of these tables and views (Refs, present or former names) and what belongs to them."),
  limit: z.int().min(1).max(1000).default(50).describe("At most this many changes a page."),
  cursor: z.string().max(1000).optional().describe("`next_cursor` of the page before, with all else the same."),
  max_tokens: z
    .int()
    .min(250)
    .max(900_000)
    .default(8000)
    .describe("Bound of the answer, in tokens of 4 bytes; the rest follows by cursor."),
  refresh: z.boolean().default(true).describe("Look at the database first. `false` answers from the record alone."),
  format: formatInput,
});

type Input = z.infer<typeof input>;

export const schemaChangesTool: Tool<typeof input, typeof output> = {
  name: "schema_changes",
  title: "Schema changes",
  description:
    "Says what changed in a database's schema, oldest first: each change with its exact kind and object, its severity for readers, what it " +
    "breaks (queries, mappings, metrics, views, policies) and how to mend that. Call it when a query fails on a name, when a `version` " +
    'differs from the one you worked with (`since`: that version), or before you trust older figures. `since: "previous"` gives the last change.',
  input,
  output,
  annotations: readOnly,
  run,
};

async function run(deps: ToolDeps, args: Input, call: Call): Promise<Result<ToolAnswer<Output>>> {
  const live = await pickLive(deps, args.source, call, args.refresh);
  if (!live.ok) return live;
  const history = deps.history ?? historyOf(deps.state);
  const { source } = live.value;
  await history.record(live.value, [], async () => {
    const again = await pickLive(deps, source, call, true);
    return again.ok ? again.value : undefined;
  });
  const since = await history.changesSince(source, args.since);
  if (!since.ok) return since;
  const wanted = since.value.entries.filter((entry) => isWanted(entry, args, live.value.snapshot));
  const start = startOf(args, wanted);
  if (!start.ok) return start;
  const page = wanted.slice(start.value.index, start.value.index + args.limit);
  const told = await tell(page, { deps, history, live: live.value, call });
  const fitting = withinTokens(told, args.max_tokens);
  const next = start.value.index + fitting.length;
  const last = wanted[next - 1];
  const watch = deps.watch?.(source) ?? { mode: "poll" as const };
  const structured: Output = {
    ...freshnessOf(live.value),
    from_version: since.value.fromVersion,
    to_version: since.value.toVersion,
    changes: fitting,
    returned: fitting.length,
    matched: wanted.length,
    ...(next < wanted.length && last !== undefined ? { next_cursor: writeCursor(args, last.id) } : {}),
    watch: { mode: watch.mode, ...(watch.intervalMs === undefined ? {} : { interval_ms: watch.intervalMs }) },
  };
  const text = args.format === "json" ? JSON.stringify(structured) : changesText(structured);
  return ok({ structured, text }, live.value.issues);
}

const histories = new WeakMap<State, History>();

function historyOf(state: State): History {
  const known = histories.get(state) ?? createHistory(state);
  histories.set(state, known);
  return known;
}

function isWanted(entry: HistoryEntry, args: Input, snapshot: SchemaSnapshot): boolean {
  const severities = args.severity === undefined ? undefined : [args.severity].flat();
  if (severities !== undefined && !severities.includes(entry.change.severity)) return false;
  return args.tables === undefined || args.tables.some((ref) => isAbout(entry.change, ref, snapshot));
}

/** Whether a change is about the table (or column) that a Ref names, by its present or former name. */
function isAbout(change: SchemaChange, ref: string, snapshot: SchemaSnapshot): boolean {
  const parts = (parseRef(ref) ?? [ref]).map((p) => p.toLowerCase());
  return [change.place, change.formerPlace].some((place) => {
    if (place === undefined) return false;
    const { schema, part } = place;
    const own =
      place.table === undefined
        ? [place.name ?? ""]
        : part === "column"
          ? [place.table, place.name ?? ""]
          : [place.table];
    const full = [schema, ...own].map((p) => p.toLowerCase());
    const short = schema === snapshot.defaultSchema ? full.slice(1) : full;
    return startsWith(full, parts) || startsWith(short, parts);
  });
}

function startsWith(list: readonly string[], start: readonly string[]): boolean {
  return start.length <= list.length && start.every((p, i) => list[i] === p);
}

const cursorShape = z.strictObject({ v: z.literal(1), q: z.string(), a: z.string() });

function writeCursor(args: Input, after: string): string {
  return Buffer.from(JSON.stringify({ v: 1, q: queryHash(args), a: after })).toString("base64url");
}

/** Where a page starts. History only grows at its end, so a cursor stays good until its entry is dropped by retention. */
function startOf(args: Input, wanted: readonly HistoryEntry[]): Result<{ index: number }> {
  if (args.cursor === undefined) return ok({ index: 0 });
  const parsed = cursorShape.safeParse(decoded(args.cursor));
  const help = "Pass `next_cursor` of the same query as it was given, or none.";
  if (!parsed.success) return fail(error("bad_cursor", "The cursor is malformed.", { help }));
  if (parsed.data.q !== queryHash(args))
    return fail(error("bad_cursor", "The cursor belongs to another query.", { help }));
  const at = wanted.findIndex((entry) => entry.id === parsed.data.a);
  if (at >= 0) return ok({ index: at + 1 });
  return fail(
    error("stale_cursor", "The change that the cursor points at is no longer kept.", {
      help: "Call again without `cursor`.",
    }),
  );
}

function queryHash(args: Input): string {
  const { source, since, severity, tables } = args;
  return createHash("sha256")
    .update(JSON.stringify([source, since, severity, tables]))
    .digest("base64url")
    .slice(0, 12);
}

function decoded(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined; // The caller reports it as `bad_cursor`.
  }
}

interface Telling {
  readonly deps: ToolDeps;
  readonly history: History;
  readonly live: LiveSchema;
  readonly call: Call;
}

/** Mended statements that one call asks the database to validate, at most. */
const maxValidated = 20;

async function tell(page: readonly HistoryEntry[], telling: Telling): Promise<readonly ChangeAnswer[]> {
  const impacts = await impactsOn(page, telling);
  const accepted = await acceptedBy(telling, [...impacts.values()].flat());
  return page.map((entry) => answerOf(entry, telling.live, impacts.get(entry.id) ?? [], accepted));
}

function answerOf(
  entry: HistoryEntry,
  live: LiveSchema,
  impact: readonly Impact[],
  accepted: ReadonlySet<string>,
): ChangeAnswer {
  const { change } = entry;
  const [before, after] = [shownBefore(change), shownAfter(change)];
  return {
    id: entry.id,
    at: entry.at,
    kind: change.kind,
    object: change.object,
    ...(change.renamedFrom === undefined ? {} : { renamed_from: change.renamedFrom }),
    ...(change.suspected === undefined ? {} : { suspected: change.suspected }),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    severity: change.severity,
    gate: change.gate,
    summary: change.summary,
    impact: impact.map(({ mended, ...rest }) =>
      mended !== undefined && accepted.has(mended) ? { ...rest, mended } : rest,
    ),
    advice: adviceFor(change, live.snapshot.dialect).map((a) => ({ ...a })),
    ...(entry.author === undefined ? {} : { author: entry.author }),
    ...(entry.statement === undefined ? {} : { statement: entry.statement }),
  };
}

/** Impacts by entry id, step by step: each step is judged against the schema before it. */
async function impactsOn(
  page: readonly HistoryEntry[],
  telling: Telling,
): Promise<ReadonlyMap<string, readonly Impact[]>> {
  const { deps, history, live, call } = telling;
  const found = new Map<string, readonly Impact[]>();
  const first = page[0];
  if (first === undefined) return found;
  const shownIds = new Set(page.map((e) => e.id));
  const dependents = {
    glossary: deps.glossary(live.source),
    mappings: await deps.learned(live.source, call),
    relationships: live.relationships,
    queries: await keptQueries(deps.state, live.source),
    policies: deps.accessRules?.(live.source) ?? [],
  };
  const seqs = page.map((e) => Number(e.id.split(".")[0]));
  const replayed = await history.replay(live.source, Math.min(...seqs), Math.max(...seqs));
  for (const { step, before, after } of replayed) {
    const entries = entriesOf(step);
    if (!entries.some((entry) => shownIds.has(entry.id))) continue;
    const impacts = impactsOf(step.changes, before.snapshot, after.snapshot, dependents);
    for (const [i, entry] of entries.entries()) if (shownIds.has(entry.id)) found.set(entry.id, impacts[i] ?? []);
  }
  return found;
}

/** The mended statements that the database would run now; metrics and mappings are no statements and pass as they are. */
async function acceptedBy(telling: Telling, impacts: readonly Impact[]): Promise<ReadonlySet<string>> {
  const accepted = new Set<string>();
  let asked = 0;
  for (const { what, mended } of impacts) {
    if (mended === undefined || accepted.has(mended)) continue;
    if (what !== "query") accepted.add(mended);
    else if (asked++ < maxValidated) {
      const compiled = await telling.deps.connector(telling.live.source).compile(mended, telling.call.signal);
      if (compiled.valid) accepted.add(mended);
    }
  }
  return accepted;
}

/** As many changes as fit; at least one, or nothing would ever be reached. */
function withinTokens(changes: readonly ChangeAnswer[], maxTokens: number): ChangeAnswer[] {
  const envelope = 200;
  let left = maxTokens - envelope;
  const fitting: ChangeAnswer[] = [];
  for (const item of changes) {
    left -= tokensOf(JSON.stringify(item)) + 1;
    if (left < 0 && fitting.length > 0) break;
    fitting.push(item);
  }
  return fitting;
}
