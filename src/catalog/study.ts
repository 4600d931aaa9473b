/** The study of rows behind one source's schema: profiles and inclusion checks, in the background, one at a time. What it finds goes to `known.ts`. */

import { issueOf } from "../issue.js";
import { gatherEvidence } from "./evidence.js";
import type { Known, SourceDeps } from "./known.js";
import type { Seen } from "./look.js";
import type { CatalogSource } from "./source-options.js";
import { type Progress, waitFor } from "./waiting.js";

export interface Study {
  /** Begins anew: of everything, or of what differs from `before`. A study in progress is stopped. */
  begin(before: Seen | undefined): void;
  /** Whether the last profile is older than the settings allow, none is under way, and a failed one has been let rest. */
  isDue(): boolean;
  /** The first calls wait a little for values, so that they see what later ones do. */
  firstProfile(signal: AbortSignal | undefined, progress: Progress | undefined): Promise<void>;
  stop(): Promise<void>;
}

export function createStudy(source: CatalogSource, deps: SourceDeps, known: Known): Study {
  const { settings, connector } = source;
  let current:
    | { readonly work: Promise<void>; readonly controller: AbortController; readonly startedAt: number }
    | undefined;
  let profiledAt = Number.NEGATIVE_INFINITY;
  let begunAt = Number.NEGATIVE_INFINITY;
  let stopped = false;
  const report = (where: string, cause: unknown): void => deps.emit({ event: "failure", where, cause });

  /**
   * A full read's own stamp need not tell tables apart. One asked for afterwards does, and where it agrees it stands in, so that
   * the next change costs only what it touched.
   */
  async function adoptStamp(seen: Seen): Promise<Seen> {
    if (seen.stamp === undefined || seen.stamp.tables !== undefined) return seen;
    const stamp = await connector.stamp();
    const same = stamp.schema === seen.stamp.schema && stamp.access === seen.stamp.access;
    const present = known.present();
    if (!same || present?.seen !== seen) return seen;
    known.renew({ ...present, seen: { ...seen, stamp } });
    return { ...seen, stamp };
  }

  async function look(first: Seen, before: Seen | undefined, controller: AbortController): Promise<void> {
    const { signal } = controller;
    const clock = {
      now: deps.now,
      signal,
      refused: (cause: unknown) => {
        // Stopped because its time was up, or the schema moved on: the links rest on what was looked at until then.
        if (issueOf(cause).code !== "cancelled") report("catalog.inclusion", cause);
      },
    };
    try {
      const seen = await adoptStamp(first);
      const found = await gatherEvidence(connector, seen, before, known.evidence(), settings, clock);
      if (signal.aborted || known.present()?.seen.read !== seen.read) return;
      profiledAt = deps.now();
      await known.takeEvidence(found, seen);
    } catch (cause) {
      if (!signal.aborted) report("catalog.evidence", cause);
    } finally {
      if (current?.controller === controller) current = undefined;
    }
  }

  return {
    begin(before) {
      const seen = known.present()?.seen;
      if (seen === undefined || stopped) return;
      current?.controller.abort();
      const controller = new AbortController();
      const startedAt = deps.now();
      begunAt = startedAt;
      current = { work: look(seen, before, controller), controller, startedAt };
    },
    isDue: () =>
      current === undefined &&
      deps.now() - profiledAt > settings.profile.maxAgeMs &&
      deps.now() - begunAt > settings.retryMaxMs,
    async firstProfile(signal, progress) {
      if (current === undefined || profiledAt > Number.NEGATIVE_INFINITY) return;
      const left = settings.profileWaitMs - (deps.now() - current.startedAt);
      if (left <= 0) return;
      progress?.(1, 2, "looking at stored values");
      await waitFor(current.work, left, signal);
    },
    async stop() {
      stopped = true;
      current?.controller.abort();
      await current?.work;
    },
  };
}
