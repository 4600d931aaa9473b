/**
 * Every setting of discovery and the catalog, with its default, unit and meaning. `config/` maps section `discovery` onto this shape.
 * Holds values alone; nothing here reads a file or the environment.
 */

export interface DiscoverySettings {
  /**
   * An answer may rest on a look at most this old, in ms. Within it a look is taken as often as `checkShare` allows,
   * so that an ALTER shows on the next call. Range 0 to 3,600,000.
   */
  readonly maxAgeMs: number;
  /** Share of the time that looking for changes may take, 0.001 to 1: a stamp that took 2 ms is asked at most every 40 ms at 0.05. */
  readonly checkShare: number;
  /** A call that needs a look waits this long for it, then answers from what is known, marked stale. In ms, 0 to 600,000. */
  readonly refreshWaitMs: number;
  /** A call that finds nothing known but a kept snapshot waits this long for the database before it answers from it. In ms. */
  readonly warmWaitMs: number;
  /** Calls wait this long after a discovery for the first value profile. In ms; 0 does not wait. */
  readonly profileWaitMs: number;
  /** After a failed look the next is tried after this long, doubling up to `retryMaxMs`. In ms. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** Up to this share of tables changed, only those are read again; above it the whole schema is. 0 to 1. */
  readonly partialShare: number;
  /** Kept schema versions a source, for warm starts and history. */
  readonly keepSnapshots: number;
  readonly guard: GuardSettings;
  readonly inference: InferenceSettings;
  readonly profile: ProfileSettings;
}

export interface GuardSettings {
  /** When more than this share of tables is gone at once, the loss is held back and reported. 0 to 1; 1 switches the guard off. */
  readonly maxLostShare: number;
  /** Fewer lost tables than this are never held back. */
  readonly minLost: number;
  /** A loss that is still there after this long is believed. In ms. */
  readonly confirmAfterMs: number;
}

export interface InferenceSettings {
  /** Whether foreign keys that nobody declared are inferred at all. */
  readonly enabled: boolean;
  /** Inferred links below this confidence are left out. 0 to 1. */
  readonly minConfidence: number;
  /** At most this many inclusion checks are asked of the database after a discovery. */
  readonly maxChecks: number;
  /** Rows that one inclusion check may read. */
  readonly maxCheckRows: number;
  /** All inclusion checks together may take this long, in ms. */
  readonly maxCheckTimeMs: number;
}

export interface ProfileSettings {
  /** Whether stored values are looked at: counts, null shares, frequent values. */
  readonly enabled: boolean;
  /** Globs of tables (`schema.table` or `table`) and columns (`table.column`) that are never profiled. */
  readonly exclude: readonly string[];
  /** Words in a column's name that close it to profiling (passwords, keys, identity and card numbers). */
  readonly classifiedWords: readonly string[];
  /** Rows read of one table. */
  readonly maxRowsPerTable: number;
  /** Distinct values kept of one column, and of all columns of a source together. */
  readonly maxValuesPerColumn: number;
  readonly maxValues: number;
  /** One round of profiling may take this long, in ms. */
  readonly maxTimeMs: number;
  /** Tables are taken in rounds of this many, smallest first, so that a slow one delays few. */
  readonly tablesPerRound: number;
  /** Above this many tables only the first ones, smallest first, are profiled. */
  readonly maxTables: number;
  /** Profiles older than this are taken again in the background, in ms. */
  readonly maxAgeMs: number;
}

export const defaultDiscovery: DiscoverySettings = {
  maxAgeMs: 5_000,
  checkShare: 0.05,
  refreshWaitMs: 2_000,
  warmWaitMs: 1_000,
  profileWaitMs: 1_500,
  retryMinMs: 500,
  retryMaxMs: 32_000,
  partialShare: 0.2,
  keepSnapshots: 50,
  guard: { maxLostShare: 0.5, minLost: 5, confirmAfterMs: 60_000 },
  inference: { enabled: true, minConfidence: 0.5, maxChecks: 400, maxCheckRows: 10_000, maxCheckTimeMs: 3_000 },
  profile: {
    enabled: true,
    exclude: [],
    classifiedWords: [
      "password",
      "passwd",
      "pwd",
      "secret",
      "token",
      "salt",
      "hash",
      "ssn",
      "social security",
      "tax id",
      "passport",
      "iban",
      "card number",
      "credit card",
      "cc number",
      "cvv",
      "cvc",
      "pin",
      "private key",
      "api key",
    ],
    maxRowsPerTable: 50_000,
    maxValuesPerColumn: 5_000,
    maxValues: 400_000,
    maxTimeMs: 5_000,
    tablesPerRound: 20,
    maxTables: 2_000,
    maxAgeMs: 900_000,
  },
};
