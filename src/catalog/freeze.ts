/**
 * The way back: one act that pins every source's known-good schema with its glossary and learned mappings, so that answers rest on nothing that moves,
 * and one that releases it. Survives restarts. Rights are not pinned: the database and the policy still decide what may be read.
 * Freezes by itself where the configuration says so; never thaws by itself.
 */

import { error, fail, type Issue, issueOf, ok, type Result } from "../issue.js";
import type { State } from "../state/state.js";
import type { Glossary } from "../terms/glossary.js";
import type { LearnedMapping } from "../terms/mapping.js";
import type { Catalog } from "./catalog.js";

export interface Pinned {
  readonly source: string;
  readonly version: string;
  readonly glossary: Glossary;
  readonly learned: readonly LearnedMapping[];
}

export interface Frozen {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly author: string;
  readonly reason: string;
  readonly sources: readonly Pinned[];
}

export interface SourceReport {
  readonly source: string;
  readonly version?: string;
  /** Whether the static mode answered when it was asked afterwards. */
  readonly answers: boolean;
  readonly elapsedMs: number;
  readonly issues: readonly Issue[];
}

export interface FreezeReport {
  readonly at: string;
  readonly reason: string;
  readonly elapsedMs: number;
  readonly sources: readonly SourceReport[];
}

export interface FreezeDeps {
  readonly catalog: Pick<Catalog, "freeze" | "thaw" | "live">;
  readonly sources: readonly string[];
  readonly state: Pick<State, "get" | "put" | "append">;
  glossary(source: string): Glossary;
  learned(source: string): Promise<readonly LearnedMapping[]>;
  /** Everything that was computed from what may have been wrong. */
  clearCaches(): void;
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface Freezer {
  /** What is pinned now; undefined while all is live. While it is set, feedback should be refused and watching has no effect. */
  status(): Frozen | undefined;
  /** The glossary and mappings to answer from while frozen; undefined while live. */
  pinned(source: string): Pinned | undefined;
  /** Pins; a source that cannot be pinned is reported and does not stop the others. Twice is once: the first pin stays. */
  freeze(author: string, reason: string): Promise<Result<FreezeReport>>;
  thaw(author: string, reason: string): Promise<Result<FreezeReport>>;
}

const place = { kind: "checkpoint", scope: "freeze", key: "current" } as const;

/** Reads whether it was frozen when it stopped. */
export async function openFreezer(deps: FreezeDeps): Promise<Freezer> {
  let frozen = ((await deps.state.get(place.kind, place.scope, place.key))?.body ?? undefined) as Frozen | undefined;
  const audit = (what: string, author: string, reason: string, body: unknown): Promise<unknown> =>
    deps.state.append([{ kind: "audit", scope: "*", key: what, at: iso(), body: { author, reason, report: body } }]);
  const iso = (): string => new Date(deps.now()).toISOString();

  const pin = async (source: string): Promise<SourceReport & { readonly pinned?: Pinned }> => {
    const startedMs = performance.now();
    const done = (
      rest: Pick<SourceReport, "answers" | "issues"> & { version?: string; pinned?: Pinned },
    ): SourceReport => ({
      source,
      elapsedMs: performance.now() - startedMs,
      ...rest,
    });
    try {
      const result = await deps.catalog.freeze(source);
      if (!result.ok) return done({ answers: false, issues: result.issues });
      const { version } = result.value;
      const pinned = { source, version, glossary: deps.glossary(source), learned: await deps.learned(source) };
      const asked = await deps.catalog.live(source);
      const answers = asked.ok && asked.value.origin === "static" && asked.value.version === version;
      return done({ version, answers, issues: asked.ok ? [] : asked.issues, pinned });
    } catch (cause) {
      return done({ answers: false, issues: [issueOf(cause)] });
    }
  };

  return {
    status: () => frozen,
    pinned: (source) => frozen?.sources.find((each) => each.source === source),
    freeze: async (author, reason) => {
      if (frozen !== undefined) return fail(already(`It is frozen since ${frozen.at}: ${frozen.reason}`));
      const startedMs = performance.now();
      const at = iso();
      const pins = await Promise.all(deps.sources.map(pin));
      const body: Frozen = { at, author, reason, sources: pins.flatMap(({ pinned }) => pinned ?? []) };
      if (body.sources.length === 0 && deps.sources.length > 0) return fail(...pins.flatMap(({ issues }) => issues));
      await deps.state.put({ ...place, at, body });
      frozen = body;
      deps.clearCaches();
      const sources = pins.map(({ pinned: _pinned, ...report }) => report);
      const report = { at, reason, elapsedMs: performance.now() - startedMs, sources };
      await audit("freeze", author, reason, report);
      return ok(
        report,
        sources.flatMap(({ issues }) => issues),
      );
    },
    thaw: async (author, reason) => {
      if (frozen === undefined) return fail(already("Nothing is frozen."));
      const startedMs = performance.now();
      const at = iso();
      await deps.state.put({ ...place, at, body: null });
      frozen = undefined;
      deps.clearCaches();
      const sources = await Promise.all(deps.sources.map((source) => release(deps, source)));
      const report = { at, reason, elapsedMs: performance.now() - startedMs, sources };
      await audit("thaw", author, reason, report);
      return ok(
        report,
        sources.flatMap(({ issues }) => issues),
      );
    },
  };
}

async function release(deps: FreezeDeps, source: string): Promise<SourceReport> {
  const startedMs = performance.now();
  const result = await deps.catalog.thaw(source).catch((cause: unknown) => fail(issueOf(cause)));
  const elapsedMs = performance.now() - startedMs;
  return result.ok
    ? { source, version: result.value.version, answers: true, elapsedMs, issues: [] }
    : { source, answers: false, elapsedMs, issues: result.issues };
}

function already(message: string): Issue {
  return error("invalid_argument", message);
}
