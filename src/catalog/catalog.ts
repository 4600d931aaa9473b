/**
 * The catalog: one live schema per source, shared by every call. It constructs one `SourceCatalog` a source and routes to it;
 * how a source's schema is kept live stands in `source.ts`.
 */

import { error, fail, type Issue, type Result } from "../issue.js";
import type { State } from "../state/state.js";
import type { Emit } from "../telemetry.js";
import type { LiveSchema } from "./live.js";
import { createSourceCatalog, type SourceCatalog } from "./source.js";
import type { CatalogSource, LiveOptions, OnSwap } from "./source-options.js";

export interface CatalogOptions {
  readonly sources: readonly CatalogSource[];
  readonly state: State;
  readonly emit: Emit;
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface Catalog {
  /**
   * The schema of a source as it is now. Waits for the first discovery; afterwards answers from what is known while it looks as often as
   * the settings say. Fails with `unknown_source`, `cancelled`, or what the database said when nothing is known of it.
   */
  live(source: string, options?: LiveOptions): Promise<Result<LiveSchema>>;
  /** What would be served without looking; undefined before the first discovery. */
  known(source: string): LiveSchema | undefined;
  /** Why the last look failed; undefined where it did not, or none was taken. */
  failure(source: string): Issue | undefined;
  /** Pins the present schema, or a kept version, until `thaw`; survives restarts. Fails with `unknown_version`. */
  freeze(source: string, version?: string): Promise<Result<LiveSchema>>;
  /** Releases the pin; the next call looks at the database. */
  thaw(source: string): Promise<Result<LiveSchema>>;
  /** Starts discovery of every source in the background. Looking at intervals is `watch.ts`'s. */
  prefetch(): void;
  onSwap(listener: OnSwap): { stop(): void };
  /** Looks again at what people decided about links, after a decision was recorded. */
  reloadDecisions(source: string): Promise<void>;
  /** Stops background work and waits for it. Connectors and state are left open: their owner closes them. */
  close(): Promise<void>;
}

export function createCatalog(options: CatalogOptions): Catalog {
  const listeners = new Set<OnSwap>();
  const announce: OnSwap = (before, after) => {
    for (const listener of listeners) listener(before, after);
  };
  const sources = new Map<string, SourceCatalog>(
    options.sources.map((source) => [source.name, createSourceCatalog(source, { ...options, onSwap: announce })]),
  );
  const on = async <T>(name: string, act: (source: SourceCatalog) => Promise<Result<T>>): Promise<Result<T>> => {
    const source = sources.get(name);
    if (source !== undefined) return act(source);
    const candidates = [...sources.keys()];
    return fail(error("unknown_source", `There is no source "${name}".`, { candidates }));
  };
  return {
    live: (name, live = {}) => on(name, (source) => source.live(live)),
    known: (name) => sources.get(name)?.known(),
    failure: (name) => sources.get(name)?.failure(),
    freeze: (name, version) => on(name, (source) => source.freeze(version)),
    thaw: (name) => on(name, (source) => source.thaw()),
    prefetch: () => {
      for (const source of sources.values()) source.prefetch();
    },
    onSwap: (listener) => {
      listeners.add(listener);
      return { stop: () => void listeners.delete(listener) };
    },
    reloadDecisions: async (name) => sources.get(name)?.reloadDecisions(),
    close: async () => {
      await Promise.all([...sources.values()].map((source) => source.close()));
    },
  };
}
