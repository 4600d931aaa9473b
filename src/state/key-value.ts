/**
 * Values that may be lost, by name, for the cache's shared tier: in a SQLite file of its own or in the PostgreSQL of the state. The drivers live in this
 * room, hence the place; `cache/` knows only the shape. Bounded in bytes: what was used longest ago goes. Every call either answers
 * soon or throws.
 */

export interface KeyValueLimits {
  readonly maxBytes: number;
  readonly connectTimeoutMs: number;
  /** One answer at most, ms. */
  readonly commandTimeoutMs: number;
}

/** What keyv asks of a store, and what the cache asks beside it. */
export interface KeyValue {
  readonly adapter: {
    readonly opts: Readonly<Record<string, unknown>>;
    get(key: string): Promise<unknown>;
    getMany(keys: string[]): Promise<unknown[]>;
    set(key: string, value: unknown, ttlMs?: number): Promise<void>;
    delete(key: string): Promise<boolean>;
    clear(): Promise<void>;
    on(event: string, listener: (...args: unknown[]) => void): unknown;
  };
  publish(message: string): Promise<void>;
  onMessage(listener: (message: string) => void): void;
  claim(name: string, ttlMs: number): Promise<boolean>;
  release(name: string): Promise<void>;
  close(): Promise<void>;
}

/** How many sets pass between two looks at the size. */
export const trimEvery = 100;
/** Trimming goes to this share of the limit, so that it is not done at every set. */
export const trimTo = 0.8;
