/**
 * What spares work: a memory tier over a shared one. An entry's key holds everything its truth rests on (source, rights, version), so that a change
 * is a new key and a lost announcement costs time, never truth; tags drop exactly what a change touched, and let the rest pass to
 * the new version. Values are shared between callers: treat them as frozen.
 */

import { Keyv } from "keyv";
import { SextantError } from "../issue.js";
import type { Emit } from "../telemetry.js";
import { open, seal } from "./envelope.js";
import { LruStore } from "./memory.js";
import type { CacheSettings } from "./settings.js";
import { guardShared, type SharedStore } from "./shared.js";
import { type CacheStats, createCounts } from "./stats.js";
import { createTags, type Tokens } from "./tags.js";

export interface EntryKey {
  readonly source: string;
  /** A hash of what the caller may see; entries are never shared between different rights. */
  readonly rights: string;
  /** Fingerprint of all that the value rests on: the schema's version, and what else (glossary, learned mappings) went in. */
  readonly version: string;
  /** The question itself, canonical. */
  readonly key: string;
}

export interface LoadOptions<T> {
  /** For statistics: `discover`, `map_term`, … */
  readonly kind: string;
  /** Tables (and other names) that the value depends on, or how to tell from the value; `*` where it depends on all. */
  readonly tags: readonly string[] | ((value: T) => readonly string[]);
  readonly load: () => Promise<T>;
  /** Whether a value is worth keeping; default: always. Failures should not be. */
  readonly keep?: (value: T) => boolean;
  /** Nobody asked yet: it counts as neither hit nor miss. */
  readonly isAhead?: boolean;
}

export interface Cache {
  /** The value from the nearest tier, or loaded; concurrent calls for one key load once. Rejects only as `load` does. */
  getOrLoad<T>(key: EntryKey, options: LoadOptions<T>): Promise<T>;
  /** Drops what depends on any of `tags` (`*`: everything of the source), here and in every replica. */
  invalidate(source: string, tags: readonly string[]): void;
  /** The source's version changed by these tables alone: what depends on none of them stays good under the new version. */
  advance(source: string, from: string, to: string, changedTags: readonly string[]): void;
  stats(): CacheStats;
  close(): Promise<void>;
}

interface Entry {
  readonly kind: string;
  readonly value: unknown;
  readonly bytes: number;
  readonly source: string;
  readonly tokens: Tokens;
  readonly loadedMs: number;
  readonly ttlMs: number;
}

interface Step {
  readonly from: string;
  readonly changed: ReadonlySet<string>;
}

const maxStepsBack = 8;
/** Loads of a kind that take this long on average are claimed, so that replicas do not do one work at the same time, ms. */
const slowLoadMs = 100;
/** How long the claim of a replica that died holds, and how often its outcome is looked for, ms. */
const claimMs = 10_000;
const claimPollMs = 50;
/** Another replica is waited for so many times as long as such a load takes, then the work is done here as well. */
const claimPatience = 4;

/** `shared` is left open by nobody but `close()`. `now` is the wall clock, for ages that cross machines; the memory tier uses the monotonic one. */
export function createCache(
  settings: CacheSettings & { readonly key?: string },
  emit: Emit,
  sharedStore?: SharedStore,
  now: () => number = Date.now,
): Cache {
  const shared = sharedStore === undefined ? undefined : guardShared(sharedStore, settings, emit);
  const envelope = { ...settings, key: settings.key };
  const tags = createTags(shared);
  const counts = createCounts(emit);
  const steps = new Map<string, Step>();
  const changedMs = new Map<string, number>();
  const flights = new Map<string, Promise<unknown>>();
  const lru = new LruStore<{ readonly bytes: number; readonly value: Entry }>(settings.maxBytes, (id, { value }) =>
    tags.forget(value.source, Object.keys(value.tokens), id),
  );
  // keyv holds the value as it is, without a copy through JSON; the size that `LruStore` wants rides along.
  const memory = new Keyv({ store: sized(lru), serialize: undefined, deserialize: undefined });
  const bornMs = performance.now();
  tags.onDrop((ids) => ids.forEach((id) => lru.delete(id)));

  /** Lives the longer, the longer its source has rested. */
  const ttlOf = (source: string): number => {
    const restedMs = performance.now() - (changedMs.get(source) ?? bornMs);
    return Math.min(settings.maxTtlMs, Math.max(settings.minTtlMs, restedMs / 4));
  };
  const remember = (id: string, entry: Entry): void => {
    if (entry.bytes > settings.entryMaxBytes) return;
    void memory.set(id, entry);
    tags.note(entry.source, Object.keys(entry.tokens), id);
  };
  const usable = (entry: Entry | undefined): entry is Entry =>
    entry !== undefined &&
    tags.hold(entry.source, entry.tokens) &&
    performance.now() - entry.loadedMs < entry.ttlMs + settings.staleMs;

  /** The entry under this version, or under an earlier one that differs in nothing it depends on. */
  const inMemory = async (key: EntryKey, id: string): Promise<Entry | undefined> => {
    const changed = new Set<string>();
    let version = key.version;
    for (let back = 0; back <= maxStepsBack; back += 1) {
      const entry = await memory.get<Entry>(back === 0 ? id : idOf({ ...key, version }));
      if (usable(entry) && !dependsOn(entry.tokens, changed)) {
        if (back > 0) remember(id, entry);
        return entry;
      }
      const step = steps.get(`${key.source}\0${version}`);
      if (step === undefined) return undefined;
      for (const tag of step.changed) changed.add(tag);
      version = step.from;
    }
    return undefined;
  };

  const inShared = async (key: EntryKey, id: string, kind: string): Promise<Entry | undefined> => {
    if (shared?.isUp() !== true) return undefined;
    const [text] = await shared.get([id]);
    const found = text === undefined ? undefined : await open(id, text, envelope);
    if (text !== undefined && found === undefined) counts.damaged();
    if (found === undefined) return undefined;
    await tags.refresh(key.source, Object.keys(found.tokens));
    const ageMs = now() - found.at;
    if (ageMs < -clockToleranceMs || ageMs > found.ttlMs || !tags.hold(key.source, found.tokens)) return undefined;
    const bytes = (text as string).length;
    const entry = {
      kind,
      value: found.value,
      bytes,
      source: key.source,
      tokens: found.tokens,
      loadedMs: performance.now() - Math.max(0, ageMs),
      ttlMs: found.ttlMs,
    };
    remember(id, entry);
    return entry;
  };

  const load = async <T>(key: EntryKey, id: string, options: LoadOptions<T>): Promise<T> =>
    (await loadAndKeep(key, id, options)).value;

  /** `written` when the shared tier has been told of it, at once where it is not worth keeping. */
  const loadAndKeep = async <T>(
    key: EntryKey,
    id: string,
    options: LoadOptions<T>,
  ): Promise<{ value: T; written?: Promise<void> }> => {
    const before = tags.moment();
    const startedMs = performance.now();
    const value = await options.load();
    counts.loaded(options.kind, performance.now() - startedMs);
    if (options.keep?.(value) === false) return { value };
    const names = typeof options.tags === "function" ? options.tags(value) : options.tags;
    const tokens = tags.tokens(key.source, names, before);
    if (tokens === undefined) return { value }; // dropped while it was loaded: right for this caller, too old to keep
    const ttlMs = ttlOf(key.source);
    const json = JSON.stringify({ value, at: now(), ttlMs, tokens });
    const bytes = Buffer.byteLength(json);
    remember(id, { kind: options.kind, value, bytes, source: key.source, tokens, loadedMs: performance.now(), ttlMs });
    if (shared === undefined || bytes > settings.entryMaxBytes) return { value };
    return { value, written: seal(id, json, envelope).then((text) => shared.set(id, text, Math.ceil(ttlMs))) };
  };

  /** The same under a claim, given back when the value is there for all, or is none to keep: nobody waits for what will not come. */
  const loadClaimed = async <T>(key: EntryKey, id: string, options: LoadOptions<T>): Promise<T> => {
    let written: Promise<void> | undefined;
    try {
      const loaded = await loadAndKeep(key, id, options);
      written = loaded.written;
      return loaded.value;
    } finally {
      void (written ?? Promise.resolve()).then(() => shared?.release(id));
    }
  };

  /** Waits a while for another replica that is at the same work. */
  const fromOthers = async (key: EntryKey, id: string, kind: string): Promise<Entry | undefined> => {
    const untilMs = performance.now() + Math.min(claimMs, claimPatience * counts.meanLoadMs(kind));
    while (performance.now() < untilMs && shared?.isUp() === true) {
      await new Promise((resolve) => setTimeout(resolve, claimPollMs));
      const entry = await inShared(key, id, kind);
      if (entry !== undefined) return entry;
    }
    return undefined;
  };

  const fetchOnce = <T>(key: EntryKey, id: string, options: LoadOptions<T>, mayRead: boolean): Promise<T> => {
    const flight = (async () => {
      const { kind } = options;
      const isSlow = mayRead && shared !== undefined && counts.meanLoadMs(kind) >= slowLoadMs;
      let found = mayRead ? await inShared(key, id, kind) : undefined;
      const isMine = found === undefined && isSlow && (await shared.claim(id, claimMs));
      if (found === undefined && isSlow && !isMine) found = await fromOthers(key, id, kind);
      if (mayRead && options.isAhead !== true) counts.count(kind, found === undefined ? "miss" : "shared_hit");
      if (found !== undefined) return found.value as T;
      return isMine ? loadClaimed(key, id, options) : load(key, id, options);
    })().finally(() => flights.delete(id));
    flights.set(id, flight);
    return flight;
  };

  return {
    getOrLoad: async <T>(key: EntryKey, options: LoadOptions<T>): Promise<T> => {
      const id = idOf(key);
      const entry = await inMemory(key, id);
      if (entry !== undefined) {
        const isFresh = performance.now() - entry.loadedMs < entry.ttlMs;
        if (options.isAhead !== true) {
          counts.count(options.kind, isFresh ? "hit" : "stale");
          counts.served(options.kind, performance.now() - entry.loadedMs);
        }
        if (!isFresh && !flights.has(id)) {
          fetchOnce(key, id, options, false).catch((cause: unknown) =>
            emit({ event: "cache", kind: options.kind, outcome: "error", cause }),
          );
        }
        return entry.value as T;
      }
      const flight = flights.get(id) as Promise<T> | undefined;
      if (flight === undefined) return fetchOnce(key, id, options, true);
      if (options.isAhead !== true) counts.count(options.kind, "joined");
      // Whoever started it may have cancelled its call: that must not cancel this one.
      return flight.catch((cause: unknown) => {
        if (cause instanceof SextantError && cause.code === "cancelled") return load(key, id, options);
        throw cause;
      });
    },
    invalidate: (source, names) => {
      changedMs.set(source, performance.now());
      tags.renew(source, names);
    },
    advance: (source, from, to, changedTags) => {
      changedMs.set(source, performance.now());
      if (from !== to) steps.set(`${source}\0${to}`, { from, changed: new Set(changedTags) });
      if (steps.size > maxSteps) steps.delete(steps.keys().next().value ?? "");
    },
    stats: () => ({
      ...counts.read(),
      memory: { entries: lru.size, bytes: lru.bytes, evictions: lru.evictions, bytesByKind: bytesByKind(lru) },
      shared: shared === undefined ? undefined : { up: shared.isUp(), errors: shared.errors },
    }),
    close: async () => {
      await Promise.allSettled(flights.values());
      await shared?.close();
    },
  };
}

const clockToleranceMs = 5_000;
const maxSteps = 1_000;

function idOf({ source, rights, version, key }: EntryKey): string {
  return [source, rights, version, key].map(encodeURIComponent).join("/");
}

function bytesByKind(lru: LruStore<{ readonly bytes: number; readonly value: Entry }>): Record<string, number> {
  const bytes: Record<string, number> = {};
  for (const held of lru.values()) bytes[held.value.kind] = (bytes[held.value.kind] ?? 0) + held.bytes;
  return bytes;
}

function dependsOn(tokens: Tokens, changed: ReadonlySet<string>): boolean {
  return (
    changed.size > 0 && (changed.has("*") || Object.keys(tokens).some((tag) => changed.has(tag)) || "**" in tokens)
  );
}

/** keyv hands a store `{ value, expires }`; the store wants to know the size. */
function sized(lru: LruStore<{ readonly bytes: number; readonly value: Entry }>): Map<string, unknown> {
  return {
    get: (id: string) => lru.get(id),
    set: (id: string, held: { readonly value: Entry }) => lru.set(id, { bytes: held.value.bytes, value: held.value }),
    delete: (id: string) => lru.delete(id),
    clear: () => lru.clear(),
  } as unknown as Map<string, unknown>;
}
