/**
 * One source's live schema: first discovery on demand, looks for changes, one flight at a time, an atomic swap of the whole value.
 * Readers never see half of a refresh: they hold an immutable LiveSchema. What it never does: drop most of a schema on one look's word.
 */

import { error, fail, type Issue, info, issueOf, ok, type Result } from "../issue.js";
import { guessesKept, type Served } from "./assemble.js";
import { type Held, heldIssue, heldLoss } from "./guard.js";
import { holdsForMs, retryAfterMs } from "./interval.js";
import { createKnown, type Present, type SourceDeps } from "./known.js";
import type { LiveSchema } from "./live.js";
import { look, type Seen } from "./look.js";
import type { CatalogSource, LiveOptions } from "./source-options.js";
import { keepPin, loadVersion } from "./stored.js";
import { createStudy } from "./study.js";
import { createFlight, type Progress, waitFor } from "./waiting.js";

/** In larger schemas new guesses at links come with the evidence, after the first answer: they take seconds there. */
const maxEagerTables = 1_500;
/** A new value a call would make every cache keyed by it miss: the time of sight moves on in steps of this many ms. */
const sightStepMs = 1_000;

export interface SourceCatalog {
  live(options: LiveOptions): Promise<Result<LiveSchema>>;
  known(): LiveSchema | undefined;
  failure(): Issue | undefined;
  freeze(version?: string): Promise<Result<LiveSchema>>;
  thaw(): Promise<Result<LiveSchema>>;
  prefetch(): void;
  reloadDecisions(): Promise<void>;
  close(): Promise<void>;
}

export function createSourceCatalog(source: CatalogSource, deps: SourceDeps): SourceCatalog {
  const { settings } = source;
  const flight = createFlight<Issue | undefined>();
  const known = createKnown(source, deps);
  const study = createStudy(source, deps, known);
  let held: Held | undefined;
  let lastFailure: Issue | undefined;
  let failures = 0;
  let lookAgainAt = 0;
  let closed = false;

  const iso = (ms: number): string => new Date(ms).toISOString();

  /** One look; an Issue when it failed. The swap happens inside, so every waiter sees the same. */
  async function fly(
    insist: boolean,
    told: LiveOptions["told"],
    signal: AbortSignal,
    progress: Progress,
  ): Promise<Issue | undefined> {
    const startedAt = deps.now();
    try {
      const seen = await look(source.connector, known.present()?.seen, {
        ...(source.schemas === undefined ? {} : { schemas: source.schemas }),
        partialShare: settings.partialShare,
        ...(told === undefined ? {} : { told }),
        signal,
        progress,
      });
      if (seen.changed) await take(seen.seen, insist, startedAt);
      else if (told === undefined) confirm(seen.stamp, startedAt);
      failures = 0;
      lastFailure = undefined;
      // One who looked at a part has not seen the rest.
      if (told === undefined) lookAgainAt = deps.now() + holdsForMs(deps.now() - startedAt, settings);
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
    const present = known.present();
    if (present === undefined) return;
    held = undefined;
    const { view, confirmed } = present;
    const moved = !confirmed || view.stale || at - Date.parse(view.asOf) >= sightStepMs;
    const seen = { ...present.seen, stamp };
    const next: LiveSchema = moved ? { ...view, asOf: iso(at), origin: "live", stale: false, ...stampOf(seen) } : view;
    known.renew({ seen, view: next, confirmed: true });
    if (!confirmed || study.isDue()) study.begin(undefined);
  }

  /** A changed schema: guarded, kept in state, swapped in. */
  async function take(seen: Seen, insist: boolean, at: number): Promise<void> {
    const before = known.present();
    const elsewhere = before?.confirmed === false && before.seen.read.identity.database !== seen.read.identity.database;
    if (before !== undefined && !elsewhere) {
      held = heldLoss(before.seen.read.snapshot, seen.read.snapshot, held, deps.now(), insist, settings.guard);
      if (held !== undefined) {
        const issues = [...before.seen.read.issues, heldIssue(held)];
        known.swap({ ...before, view: { ...before.view, origin: "cache", stale: true, issues } });
        return;
      }
    }
    held = undefined;
    const tables = seen.read.snapshot.tables.length;
    const served: Served = { source: source.name, read: seen.read, asOf: iso(at), origin: "live", stale: false };
    const guessed = tables <= maxEagerTables ? undefined : guessesKept(before?.view, seen.read.snapshot);
    const view = await known.build({ ...served, ...stampOf(seen) }, guessed);
    const { version } = view;
    if (version !== before?.view.version) await known.keep(seen, version, iso(at));
    known.swap({ seen, view, confirmed: true });
    deps.emit({ event: "schema_discovered", source: source.name, elapsedMs: deps.now() - at, tables, version });
    study.begin(before?.confirmed === true ? before.seen : undefined);
  }

  /** What is known when the database could not be asked in time. */
  function lastKnown({ view }: Present): LiveSchema {
    const issues = lastFailure === undefined ? view.issues : [...view.issues, asWarning(lastFailure)];
    return { ...view, origin: "cache", stale: true, issues };
  }

  async function live(options: LiveOptions): Promise<Result<LiveSchema>> {
    const ready = await waitFor(known.load(), Number.POSITIVE_INFINITY, options.signal);
    if (ready.outcome === "cancelled" || closed) return cancelled();
    const pinned = known.pinned();
    if (pinned !== undefined) return ok(pinned, options.refresh === true ? [pinnedInfo()] : []);
    const { signal, progress } = options;
    if (options.refresh !== true && deps.now() < lookAgainAt) {
      await study.firstProfile(signal, progress);
      return atRest();
    }
    const waitMs = patience(options);
    const insist = options.refresh === true && options.hold !== true && held !== undefined;
    const partial = options.told !== undefined;
    const passenger = { waitMs, afresh: options.refresh === true, partial, signal, progress };
    const waited = await flight.join((s, p) => fly(insist, options.told, s, p), passenger);
    if (waited.outcome === "cancelled") return cancelled();
    const present = known.present();
    if (waited.outcome === "late") return present === undefined ? fail(unreachable()) : ok(lastKnown(present));
    if (waited.value !== undefined) return present === undefined ? fail(waited.value) : ok(lastKnown(present));
    await study.firstProfile(signal, progress);
    return atRest();
  }

  /** Without a look: what is known, stale after a failure; or the failure where nothing is known. */
  function atRest(): Result<LiveSchema> {
    const present = known.present();
    if (present === undefined) return fail(lastFailure ?? unreachable());
    return ok(lastFailure === undefined ? present.view : lastKnown(present));
  }

  function patience(options: LiveOptions): number {
    const present = known.present();
    if (options.refresh === true || present === undefined) return Number.POSITIVE_INFINITY;
    return present.confirmed ? settings.refreshWaitMs : settings.warmWaitMs;
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
    known: () => known.pinned() ?? known.present()?.view,
    failure: () => lastFailure,
    prefetch() {
      void live({}).catch((cause: unknown) => deps.emit({ event: "failure", where: "catalog.prefetch", cause }));
    },
    async freeze(version) {
      await known.load();
      const present = await live({});
      let stored = known.stored();
      if (version !== undefined && version !== stored?.version)
        stored = await loadVersion(deps.state, source.name, version);
      if (stored === undefined && version !== undefined)
        return fail(error("unknown_version", `No version ${version} is kept.`));
      if (stored === undefined) return present;
      await keepPin(deps.state, source.name, stored, iso(deps.now()));
      const before = known.pinned() ?? known.present()?.view;
      const view = await known.pin(stored);
      deps.onSwap(before, view);
      return ok(view);
    },
    async thaw() {
      await known.load();
      await keepPin(deps.state, source.name, undefined, iso(deps.now()));
      const before = known.pinned();
      known.unpin();
      const now = await live({ refresh: true });
      if (now.ok && before !== undefined) deps.onSwap(before, now.value);
      return now;
    },
    reloadDecisions: () => known.reloadDecisions(),
    async close() {
      closed = true;
      await Promise.all([flight.stop(), study.stop()]);
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
