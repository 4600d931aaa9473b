/** What the cache is told when it is made. Section `cache` of the configuration mirrors these. */

export interface CacheSettings {
  /** Memory tier at most, bytes. */
  readonly maxBytes: number;
  /** SQLite or PostgreSQL tier at most, bytes. Redis has its own `maxmemory`. */
  readonly sharedMaxBytes: number;
  /** Larger entries are not kept, bytes. */
  readonly entryMaxBytes: number;
  /** Larger entries are compressed in the shared tier, bytes. */
  readonly compressAboveBytes: number;
  /** Bounds of an entry's lifetime, ms. */
  readonly minTtlMs: number;
  readonly maxTtlMs: number;
  /** How long past its lifetime an entry is served while it is loaded anew, ms. */
  readonly staleMs: number;
  readonly connectTimeoutMs: number;
  /** Wait for one answer of the shared tier, ms. */
  readonly commandTimeoutMs: number;
  /** A failing shared tier is left alone for so long, ms. */
  readonly retryAfterMs: number;
}
