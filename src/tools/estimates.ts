/**
 * What a statement will cost: rows and cost by the planner or by what discovery counted, and the time by earlier runs on the same source. Runs
 * are kept in state as records of kind `run`: fingerprint, work and time, never the statement nor its rows.
 */

import { createHash } from "node:crypto";
import { z } from "zod";
import type { LiveSchema } from "../catalog/live.js";
import type { PlanEstimate } from "../databases/connector.js";
import { predictRunTime, type RunObservation } from "../query/run-time.js";
import { resolveRef, tableKey } from "../schema/names.js";
import type { NewRecord, State } from "../state/state.js";
import type { ToolDeps } from "./tool.js";

/** Runs that a source's predictions rest on, the newest. */
const keptRuns = 500;
/** Runs beyond those are dropped once in so many writes. */
const writesAPrune = 20;
/** Runs are written this many together, or after this long: each write waits for the disk, and a lost one costs nothing but a sample. */
const runsAWrite = 20;
const writeEveryMs = 2_000;
/** What other replicas observed is read again after this long, ms. */
const readAgainMs = 60_000;
/** Estimates that wait to be met by a run. */
const maxEstimated = 1_000;

export const estimateOutput = z.object({ rows: z.number(), cost: z.number().optional(), basis: z.string() });

export const runTimeOutput = z
  .object({
    ms: z.number(),
    low_ms: z.number().describe("Nine of ten earlier runs took longer."),
    high_ms: z.number().describe("Nine of ten earlier runs took less."),
    runs: z.int(),
    basis: z.enum(["same statement", "statements of like cost"]),
  })
  .describe("How long it will take, by how long runs on this source took; absent until enough were seen.");

/** What is told of a statement's cost; each part absent where nobody can say. */
export interface Foretold {
  readonly estimate?: z.infer<typeof estimateOutput>;
  readonly run_time?: z.infer<typeof runTimeOutput>;
}

const runBody = z.object({ work: z.number().optional(), elapsedMs: z.number() });

interface Seen {
  /** Work by source and fingerprint, as last estimated. */
  readonly work: Map<string, number>;
  readonly runs: Map<string, { readonly at: number; readonly list: RunObservation[] }>;
  /** Runs that wait to be written. */
  readonly pending: NewRecord[];
  writtenAt: number;
  writes: number;
}

const seenBy = new WeakMap<State, Seen>();

function seenIn(state: State): Seen {
  const known = seenBy.get(state);
  if (known !== undefined) return known;
  const made: Seen = { work: new Map(), runs: new Map(), pending: [], writtenAt: 0, writes: 0 };
  seenBy.set(state, made);
  return made;
}

/**
 * A plan as the contract gives it, and the time that earlier runs foretell. `reads`: Refs of what the statement reads, for a planner that counts no
 * rows.
 */
export async function foretell(
  deps: ToolDeps,
  live: LiveSchema,
  sql: string,
  plan: PlanEstimate,
  reads: readonly string[],
): Promise<Foretold> {
  const read = new Set(reads.map((ref) => resolveRef(live.snapshot, ref)?.table).filter((t) => t !== undefined));
  const tables = plan.fullScans.length > 0 ? plan.fullScans : [...read];
  const counted = tables.map((t) => live.statistics.tables[tableKey(t)]?.rowEstimate ?? 0);
  const rows = plan.rows ?? Math.max(0, ...counted);
  const work = plan.cost ?? counted.reduce((a, b) => a + b, 0);
  const fingerprint = fingerprintOf(sql);
  if (work > 0) noteWork(deps, live.source, fingerprint, work);
  const time = predictRunTime(await runsOf(deps, live.source), fingerprint, work > 0 ? work : undefined);
  const basis = plan.rows === undefined ? "rows of the largest table read, as discovered" : plan.basis;
  return {
    ...(rows > 0 ? { estimate: { rows, ...(plan.cost === undefined ? {} : { cost: plan.cost }), basis } } : {}),
    ...(time === undefined
      ? {}
      : { run_time: { ms: time.ms, low_ms: time.lowMs, high_ms: time.highMs, runs: time.runs, basis: time.basis } }),
  };
}

function noteWork(deps: ToolDeps, source: string, fingerprint: string, work: number): void {
  const { work: estimated } = seenIn(deps.state);
  estimated.set(`${source} ${fingerprint}`, work);
  if (estimated.size > maxEstimated) estimated.delete(estimated.keys().next().value ?? "");
}

/** Keeps how long a statement took. */
export async function observeRun(deps: ToolDeps, source: string, sql: string, elapsedMs: number): Promise<void> {
  const seen = seenIn(deps.state);
  const fingerprint = fingerprintOf(sql);
  const work = seen.work.get(`${source} ${fingerprint}`);
  const body = { ...(work === undefined ? {} : { work }), elapsedMs };
  seen.runs.get(source)?.list.push({ fingerprint, ...body });
  const now = deps.now();
  seen.pending.push({ kind: "run", scope: source, key: fingerprint, at: new Date(now).toISOString(), body });
  if (seen.pending.length < runsAWrite && now - seen.writtenAt < writeEveryMs) return;
  seen.writtenAt = now;
  await deps.state.append(seen.pending.splice(0));
  seen.writes += 1;
  if (seen.writes % writesAPrune === 0) await deps.state.prune("run", source, { keep: keptRuns });
}

/** Writes what waits to be written; before a state is closed. */
export async function keepRuns(state: State): Promise<void> {
  const pending = seenBy.get(state)?.pending.splice(0) ?? [];
  if (pending.length > 0) await state.append(pending);
}

async function runsOf(deps: ToolDeps, source: string): Promise<readonly RunObservation[]> {
  const { runs } = seenIn(deps.state);
  const known = runs.get(source);
  if (known !== undefined && deps.now() - known.at < readAgainMs) return known.list;
  const records = await deps.state.list({ kind: "run", scope: source, order: "desc", limit: keptRuns });
  const list = records.toReversed().flatMap(({ key, body }): RunObservation[] => {
    const parsed = runBody.safeParse(body);
    if (!parsed.success) return [];
    const { work, elapsedMs } = parsed.data;
    return [{ fingerprint: key, elapsedMs, ...(work === undefined ? {} : { work }) }];
  });
  runs.set(source, { at: deps.now(), list });
  return list;
}

function fingerprintOf(sql: string): string {
  return createHash("sha256").update(sql.trim()).digest("hex").slice(0, 32);
}

/** What is foretold in lines, for a model to read. */
export function foretoldLines({ estimate, run_time: time }: Foretold): readonly string[] {
  const lines: string[] = [];
  if (estimate !== undefined) {
    const cost = estimate.cost === undefined ? "" : `, cost ${estimate.cost}`;
    lines.push(`estimate: about ${estimate.rows} rows${cost} (${estimate.basis})`);
  }
  if (time !== undefined) {
    lines.push(`time: about ${time.ms} ms (${time.low_ms} to ${time.high_ms}), by ${time.runs} runs: ${time.basis}`);
  }
  return lines;
}
