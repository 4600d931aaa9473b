/**
 * One source's live schema: first discovery on demand, looks for changes, one flight at a time, an atomic swap of the whole value.
 * Readers never see half of a refresh: they hold an immutable LiveSchema. What it never does: drop most of a schema on one look's word.
 */

import { error, fail, type Issue, info, issueOf, ok, type Result } from "../issue.js";
import type { State } from "../state/state.js";
import type { Emit } from "../telemetry.js";
import { assemble, type Evidence, noEvidence, type Served } from "./assemble.js";
import { gatherEvidence } from "./evidence.js";
import { type Held, heldIssue, heldLoss } from "./guard.js";
import { holdsForMs, retryAfterMs } from "./interval.js";
import type { LiveSchema } from "./live.js";
import { look, type Seen } from "./look.js";
import { loadDecisions, type RelationDecision } from "./relations.js";
import type { CatalogSource, LiveOptions, OnSwap } from "./source-options.js";
import { keepPin, keepSchema, loadLast, loadPin, loadVersion, type StoredSchema } from "./stored.js";
import { createFlight, type Progress, waitFor } from "./waiting.js";

/** In larger schemas guesses at links come with the evidence, after the first answer: they take seconds there. */
const maxEagerTables = 1_500;

export interface SourceCatalog {
  live(options: LiveOptions): Promise<Result<LiveSchema>>;
  known(): LiveSchema | undefined;
  freeze(version?: string): Promise<Result<LiveSchema>>;
  thaw(): Promise<Result<LiveSchema>>;
  prefetch(): void;
  reloadDecisions(): Promise<void>;
  close(): Promise<void>;
}

export interface SourceDeps {
  readonly state: State;
  readonly emit: Emit;
  now(): number;
  readonly onSwap: OnSwap;
}

/** What is known of the source: what was read, and the value that is served. */
interface Known {
  readonly seen: Seen;
  readonly view: LiveSchema;
  /** False while only state vouches for it. */
  readonly confirmed: boolean;
}

export function createSourceCatalog(source: CatalogSource, deps: SourceDeps): SourceCatalog {
  const { settings } = source;
  const flight = createFlight<Issue | undefined>();
  let known: Known | undefined;
  let pinned: LiveSchema | undefined;
  let evidence: Evidence = noEvidence;
  let decisions: readonly RelationDecision[] = [];
  let held: Held | undefined;
  let lastFailure: Issue | undefined;
  let failures = 0;
  let lookAgainAt = 0;
  let loaded: Promise<void> | undefined;
  let gathering: { work: Promise<void>; controller: AbortController; startedAt: number } | undefined;
  let profiledAt = Number.NEGATIVE_INFINITY;
  let closed = false;

  const build = (served: Served): LiveSchema => assemble(served, evidence, decisions, settings.inference);
  const iso = (ms: number): string => new Date(ms).toISOString();
  const report = (where: string, cause: unknown): void => deps.emit({ event: "failure", where, cause });

  function swap(next: Known): void {
    const before = known?.view;
    known = next;
    if (before !== next.view) deps.onSwap(before, next.view);
  }

  /** What state remembers: the pin, the last schema, what people decided. A broken state costs the warm start, never the answer. */
  async function load(): Promise<void> {
    try {
      const pin = await loadPin(deps.state, source.name);
      decisions = await loadDecisions(deps.state, source.name);
      if (pin !== undefined) pinned = fromStored(pin, "static");
      const last = await loadLast(deps.state, source);
      if (last !== undefined && known === undefined) {
        known = {
          seen: { read: { ...last, issues: [] }, stamp: last.stamp },
          view: fromStored(last, "cache"),
          confirmed: false,
        };
      }
    } catch (cause) {
      report("catalog.load", cause);
    }
  }

  function fromStored(stored: StoredSchema, origin: "cache" | "static"): LiveSchema {
    const read = { ...stored, issues: [] };
    return build({ source: source.name, read, asOf: stored.asOf, origin, stale: true, version: stored.version });
  }

  /** One look; an Issue when it failed. The swap happens inside, so every waiter sees the same. */
  async function fly(insist: boolean, signal: AbortSignal, progress: Progress): Promise<Issue | undefined> {
    const startedAt = deps.now();
    try {
      const before = known?.seen;
      const seen = await look(source.connector, before, {
        ...(source.schemas === undefined ? {} : { schemas: source.schemas }),
        partialShare: settings.partialShare,
        signal,
        progress,
      });
      if (seen.changed) await take(seen.seen, insist, startedAt);
      else confirm(seen.stamp, startedAt);
      failures = 0;
      lastFailure = undefined;
      lookAgainAt = deps.now() + holdsForMs(deps.now() - startedAt, settings);
      return undefined;
    } catch (cause) {
      const issue = signal.aborted ? error("cancelled", "The look at the database was cancelled.") : issueOf(cause);
      if (!signal.aborted) failed(issue, cause);
      return issue;
    }
  }

  function failed(issue: Issue, cause: unknown): void {
    failures += 1;
    lastFailure = issue;
    lookAgainAt = deps.now() + retryAfterMs(failures, settings);
    deps.emit({ event: "discovery_failed", source: source.name, code: issue.code, cause });
  }

  /** The database still has the schema that is known. */
  function confirm(stamp: Seen["stamp"], at: number): void {
    if (known === undefined) return;
    held = undefined;
    const asOf = iso(at);
    // A new value a call would make every cache keyed by it miss: the time of sight moves on in steps of a second.
    const moved = !known.confirmed || known.view.stale || Date.parse(asOf) - Date.parse(known.view.asOf) >= 1_000;
    const first = !known.confirmed;
    const seen = { ...known.seen, stamp };
    const view: LiveSchema = moved
      ? { ...known.view, asOf, origin: "live", stale: false, ...stampOf(seen) }
      : known.view;
    known = { seen, view, confirmed: true };
    if (first || deps.now() - profiledAt > settings.profile.maxAgeMs) gather(undefined);
  }

  /** A changed schema: guarded, kept in state, swapped in. */
  async function take(seen: Seen, insist: boolean, at: number): Promise<void> {
    const before = known;
    const elsewhere = before?.confirmed === false && before.seen.read.identity.database !== seen.read.identity.database;
    if (before !== undefined && !elsewhere) {
      held = heldLoss(before.seen.read.snapshot, seen.read.snapshot, held, deps.now(), insist, settings.guard);
      if (held !== undefined) {
        const issues = [...before.seen.read.issues, heldIssue(held)];
        swap({ ...before, view: { ...before.view, origin: "cache", stale: true, issues } });
        return;
      }
    }
    held = undefined;
    const eager = seen.read.snapshot.tables.length <= maxEagerTables;
    const served: Served = { source: source.name, read: seen.read, asOf: iso(at), origin: "live", stale: false };
    const inference = { ...settings.inference, enabled: eager && settings.inference.enabled };
    const view = assemble({ ...served, ...stampOf(seen) }, evidence, decisions, inference);
    const { version } = view;
    if (version !== before?.view.version) await keep(seen, version, at);
    swap({ seen, view, confirmed: true });
    const tables = seen.read.snapshot.tables.length;
    deps.emit({ event: "schema_discovered", source: source.name, elapsedMs: deps.now() - at, tables, version });
    gather(before?.confirmed === true ? before.seen : undefined);
  }

  async function keep(seen: Seen, version: string, at: number): Promise<void> {
    try {
      await keepSchema(deps.state, source.name, storedOf(seen, version, iso(at)), settings.keepSnapshots);
    } catch (cause) {
      report("catalog.keep", cause);
    }
  }

  function storedOf(seen: Seen, version: string, asOf: string): StoredSchema {
    const { snapshot, statistics, identity, serverVersion } = seen.read;
    const { locator } = source;
    const { stamp } = seen;
    const where = { ...(locator === undefined ? {} : { locator }), ...(stamp === undefined ? {} : { stamp }) };
    return { format: 1, version, asOf, snapshot, statistics, identity, serverVersion, ...where };
  }

  /**
   * A full read's own stamp need not tell tables apart. One asked for afterwards does, and where it agrees it stands in, so that
   * the next change costs only what it touched.
   */
  async function adoptStamp(seen: Seen): Promise<void> {
    if (seen.stamp === undefined || seen.stamp.tables !== undefined) return;
    const stamp = await source.connector.stamp();
    const same = stamp.schema === seen.stamp.schema && stamp.access === seen.stamp.access;
    if (same && known?.seen === seen) known = { ...known, seen: { ...seen, stamp } };
  }

  /** Looks at rows in the background: profiles and inclusion checks, of everything or of what differs from `before`. */
  function gather(before: Seen | undefined): void {
    if (known === undefined || closed) return;
    gathering?.controller.abort();
    const controller = new AbortController();
    const { seen } = known;
    const clock = {
      now: deps.now,
      signal: controller.signal,
      refused: (cause: unknown) => {
        // Stopped because its time was up, or the schema moved on: the links rest on what was looked at until then.
        if (issueOf(cause).code !== "cancelled") report("catalog.inclusion", cause);
      },
    };
    const study = async (): Promise<void> => {
      try {
        await adoptStamp(seen);
        const found = await gatherEvidence(source.connector, seen, before, evidence, settings, clock);
        if (controller.signal.aborted || known?.seen.read !== seen.read) return;
        evidence = found;
        profiledAt = deps.now();
        const { view } = known;
        swap({ ...known, view: { ...build({ ...view, read: seen.read }), issues: view.issues } });
      } catch (cause) {
        if (!controller.signal.aborted) report("catalog.evidence", cause);
      } finally {
        if (gathering?.controller === controller) gathering = undefined;
      }
    };
    const work = study();
    gathering = { work, controller, startedAt: deps.now() };
  }

  /** What is known when the database could not be asked in time. */
  function lastKnown(now: Known): LiveSchema {
    const issues = lastFailure === undefined ? now.view.issues : [...now.view.issues, asWarning(lastFailure)];
    return { ...now.view, origin: "cache", stale: true, issues };
  }

  async function live(options: LiveOptions): Promise<Result<LiveSchema>> {
    loaded ??= load();
    const ready = await waitFor(loaded, Number.POSITIVE_INFINITY, options.signal);
    if (ready.outcome === "cancelled" || closed) return cancelled();
    if (pinned !== undefined) return ok(pinned, options.refresh === true ? [pinnedInfo()] : []);
    if (options.refresh !== true && deps.now() < lookAgainAt) return atRest();
    const waitMs = patience(options);
    const { signal, progress } = options;
    const insist = options.refresh === true && options.hold !== true && held !== undefined;
    const waited = await flight.join((s, p) => fly(insist, s, p), { waitMs, signal, progress });
    if (waited.outcome === "cancelled") return cancelled();
    if (waited.outcome === "late") return known === undefined ? fail(unreachable()) : ok(lastKnown(known));
    if (waited.value !== undefined && known === undefined) return fail(waited.value);
    if (waited.value !== undefined && known !== undefined) return ok(lastKnown(known));
    await firstProfile(signal, progress);
    return atRest();
  }

  /** Without a look: what is known, stale after a failure; or the failure where nothing is known. */
  function atRest(): Result<LiveSchema> {
    if (known === undefined) return fail(lastFailure ?? unreachable());
    return ok(lastFailure === undefined ? known.view : lastKnown(known));
  }

  function patience(options: LiveOptions): number {
    if (options.refresh === true || known === undefined) return Number.POSITIVE_INFINITY;
    return known.confirmed ? settings.refreshWaitMs : settings.warmWaitMs;
  }

  /** The first calls wait a little for values, so that they see what later ones do. */
  async function firstProfile(signal: AbortSignal | undefined, progress: Progress | undefined): Promise<void> {
    if (gathering === undefined || profiledAt > Number.NEGATIVE_INFINITY) return;
    const left = settings.profileWaitMs - (deps.now() - gathering.startedAt);
    if (left <= 0) return;
    progress?.(1, 2, "looking at stored values");
    await waitFor(gathering.work, left, signal);
  }

  function unreachable(): Issue {
    return error("source_unreachable", `Source "${source.name}" has not answered yet.`, {
      help: "It is retried; call again in a few seconds.",
    });
  }

  function pinnedInfo(): Issue {
    return info(
      "switched_off",
      `Source "${source.name}" serves a pinned schema; it is not read again until it is released.`,
    );
  }

  return {
    live,
    known: () => pinned ?? known?.view,
    prefetch() {
      void live({}).catch((cause: unknown) => report("catalog.prefetch", cause));
    },
    async freeze(version) {
      await (loaded ??= load());
      const present = await live({});
      let stored = known === undefined ? undefined : storedOf(known.seen, known.view.version, known.view.asOf);
      if (version !== undefined && version !== stored?.version)
        stored = await loadVersion(deps.state, source.name, version);
      if (stored === undefined && version !== undefined)
        return fail(error("unknown_version", `No version ${version} is kept.`));
      if (stored === undefined) return present;
      await keepPin(deps.state, source.name, stored, iso(deps.now()));
      const before = pinned ?? known?.view;
      pinned = fromStored(stored, "static");
      deps.onSwap(before, pinned);
      return ok(pinned);
    },
    async thaw() {
      await (loaded ??= load());
      await keepPin(deps.state, source.name, undefined, iso(deps.now()));
      const before = pinned;
      pinned = undefined;
      const now = await live({ refresh: true });
      if (now.ok && before !== undefined) deps.onSwap(before, now.value);
      return now;
    },
    async reloadDecisions() {
      decisions = await loadDecisions(deps.state, source.name);
      if (known !== undefined)
        swap({ ...known, view: { ...build({ ...known.view, read: known.seen.read }), issues: known.view.issues } });
    },
    async close() {
      closed = true;
      gathering?.controller.abort();
      await Promise.all([flight.stop(), gathering?.work]);
    },
  };
}

function cancelled(): Result<LiveSchema> {
  return fail(error("cancelled", "The call was cancelled."));
}

function asWarning(issue: Issue): Issue {
  return { ...issue, severity: "warning" };
}

function stampOf(seen: Seen): { readonly stamp?: NonNullable<Seen["stamp"]> } {
  return seen.stamp === undefined ? {} : { stamp: seen.stamp };
}
