/**
 * The shared tier behind a guard: whatever the store does (dead, slow, hanging, refusing), a read answers within the time limit with a value or
 * nothing, a write returns at once, and after a fault the store is left alone for a while. Nothing of it ever throws.
 */

import { Keyv } from "keyv";
import type { Emit } from "../telemetry.js";
import type { CacheSettings } from "./settings.js";

/** A store for keyv with what keyv does not have: announcements between replicas and a claim. `state/key-value.ts` and `redis.ts` make them. */
export interface SharedStore {
  /** A keyv store adapter. */
  readonly adapter: object;
  /** Announces to every replica that listens; may be lost. */
  publish(message: string): Promise<void>;
  /** Called for each announcement, own ones included. */
  onMessage(listener: (message: string) => void): void;
  /** Takes a name for `ttlMs`; false where another replica has it. */
  claim(name: string, ttlMs: number): Promise<boolean>;
  /** Gives a name back before its time. */
  release(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface SharedTier {
  get(keys: readonly string[]): Promise<readonly unknown[]>;
  set(key: string, value: string, ttlMs: number): void;
  publish(message: string): void;
  onMessage(listener: (message: string) => void): void;
  /** True also where nobody could be asked: then everyone works for themselves. */
  claim(name: string, ttlMs: number): Promise<boolean>;
  release(name: string): void;
  readonly errors: number;
  /** False while the store is left alone. */
  isUp(): boolean;
  close(): Promise<void>;
}

const maxWritesUnderWay = 200;

export function guardShared(store: SharedStore, settings: CacheSettings, emit: Emit): SharedTier {
  const keyv = new Keyv({
    store: store.adapter,
    namespace: "sextant",
    throwOnErrors: true,
    serialize: JSON.stringify,
    deserialize: JSON.parse,
  });
  let restUntilMs = 0;
  let errors = 0;
  let underWay = 0;
  const fault = (cause: unknown): void => {
    errors += 1;
    const wasUp = performance.now() >= restUntilMs;
    restUntilMs = performance.now() + settings.retryAfterMs;
    if (wasUp) emit({ event: "cache", kind: "shared", outcome: "error", cause }); // once a rest, not once a call
  };
  // keyv reports a lost write by this event alone and returns true (faults.md #4).
  keyv.on("error", fault);
  const isUp = (): boolean => performance.now() >= restUntilMs;
  const attempt = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    if (!isUp()) return otherwise;
    try {
      return await within(work(), settings.commandTimeoutMs);
    } catch (cause) {
      fault(cause);
      return otherwise;
    }
  };
  const later = (work: () => Promise<unknown>): void => {
    if (!isUp() || underWay >= maxWritesUnderWay) return;
    underWay += 1;
    void attempt(work, undefined).finally(() => {
      underWay -= 1;
    });
  };
  return {
    get: (keys) => attempt(async () => (await keyv.getMany<unknown>([...keys])) as readonly unknown[], []),
    set: (key, value, ttlMs) => later(() => keyv.set(key, value, ttlMs)),
    publish: (message) => later(() => store.publish(message)),
    onMessage: (listener) => store.onMessage(listener),
    claim: (name, ttlMs) => attempt(() => store.claim(name, ttlMs), true),
    release: (name) => later(() => store.release(name)),
    get errors() {
      return errors;
    },
    isUp,
    close: async () => {
      await within(store.close(), settings.commandTimeoutMs).catch(fault);
    },
  };
}

async function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
