/** Counts of what the cache did, by kind of entry. */

import type { Emit } from "../telemetry.js";

export interface KindStats {
  /** Served from memory within its lifetime. */
  hit: number;
  /** Served past its lifetime while it was loaded anew. */
  stale: number;
  /** Served from the shared tier. */
  shared_hit: number;
  /** Waited for a load that another call had started. */
  joined: number;
  miss: number;
  loads: number;
  /** All loads together, ms. */
  loadMs: number;
  /** The ages of all entries served from memory together, ms. */
  ageMs: number;
}

export interface CacheStats {
  readonly kinds: Readonly<Record<string, Readonly<KindStats>>>;
  /** Shared entries that were no entry of ours: garbage, tampered with, or of another release. */
  readonly damaged: number;
  readonly memory: {
    readonly entries: number;
    readonly bytes: number;
    readonly evictions: number;
    /** By kind of entry. */
    readonly bytesByKind: Readonly<Record<string, number>>;
  };
  readonly shared: { readonly up: boolean; readonly errors: number } | undefined;
}

type Outcome = "hit" | "stale" | "shared_hit" | "joined" | "miss";

export interface Counts {
  count(kind: string, outcome: Outcome): void;
  loaded(kind: string, elapsedMs: number): void;
  served(kind: string, ageMs: number): void;
  /** What a load of this kind has taken on average, ms; 0 before the first. */
  meanLoadMs(kind: string): number;
  damaged(): void;
  read(): Pick<CacheStats, "kinds" | "damaged">;
}

export function createCounts(emit: Emit): Counts {
  const kinds = new Map<string, KindStats>();
  let damaged = 0;
  const of = (kind: string): KindStats => {
    const found = kinds.get(kind) ?? {
      hit: 0,
      stale: 0,
      shared_hit: 0,
      joined: 0,
      miss: 0,
      loads: 0,
      loadMs: 0,
      ageMs: 0,
    };
    kinds.set(kind, found);
    return found;
  };
  return {
    count: (kind, outcome) => {
      of(kind)[outcome] += 1;
      const told = outcome === "miss" || outcome === "stale" ? outcome : "hit";
      emit({ event: "cache", kind, outcome: told });
    },
    loaded: (kind, elapsedMs) => {
      const stats = of(kind);
      stats.loads += 1;
      stats.loadMs += elapsedMs;
    },
    served: (kind, ageMs) => {
      of(kind).ageMs += ageMs;
    },
    meanLoadMs: (kind) => {
      const { loads, loadMs } = of(kind);
      return loads === 0 ? 0 : loadMs / loads;
    },
    damaged: () => {
      damaged += 1;
      emit({
        event: "cache",
        kind: "shared",
        outcome: "error",
        cause: new Error("an entry of the shared cache was damaged; it was not used"),
      });
    },
    read: () => ({ kinds: Object.fromEntries([...kinds].map(([kind, stats]) => [kind, { ...stats }])), damaged }),
  };
}
