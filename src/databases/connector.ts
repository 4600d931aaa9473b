/**
 * The port between Sextant and a database. One connector is one configured source; a dialect is a folder beside this file.
 * A connector throws SextantError (`source_unreachable`, `timeout`, …) for what its caller cannot mend. It never writes.
 */

import type { Issue } from "../issue.js";
import type { DialectName, SchemaSnapshot, TableName } from "../schema/snapshot.js";
import type { SchemaIdentity, SchemaStatistics } from "../schema/statistics.js";

export interface Connector {
  readonly dialect: DialectName;
  /** Reads the whole schema, or only `only` (and whatever their rows in the catalog name). */
  inspect(options?: InspectOptions): Promise<Inspection>;
  /** Value profiles of `tables` within `budget`; never a full scan of a table above `maxRowsPerTable`. */
  profile(tables: readonly ProfileTarget[], budget: ProfileBudget, signal?: AbortSignal): Promise<SchemaStatistics>;
  /** Share of the non-null values of `from` found among `to` (0 to 1), over at most `maxRows` rows; undefined where `from` is empty. */
  inclusion(from: ColumnsOf, to: ColumnsOf, maxRows: number, signal?: AbortSignal): Promise<number | undefined>;
  /**
   * Cheap stamp that differs after any schema change; equal stamps mean "nothing happened". With `told` (what a signal calls its
   * `relations`) only those are looked at, and the rest is taken to be as the last stamp saw it.
   */
  stamp(told?: readonly string[]): Promise<ChangeStamp>;
  /** Asks the database itself whether a statement is valid now, without running it. */
  compile(sql: string, signal?: AbortSignal): Promise<Compiled>;
  /** The planner's estimate, without running, in a transaction that does not wait for locks. */
  explain(sql: string, params: readonly unknown[], signal?: AbortSignal): Promise<PlanEstimate>;
  /** Runs one validated read-only statement under limits. */
  run(request: RunRequest, signal?: AbortSignal): Promise<RunResult>;
  /** Calls `onSignal` whenever the database itself announces DDL (NOTIFY); absent where it cannot. */
  listen?(onSignal: (signal: ChangeSignal) => void): Promise<Listening>;
  close(): Promise<void>;
}

export interface Listening {
  /** Whether changes are announced and arrive now; false while a lost line is made again, and where no triggers are installed. */
  hears(): boolean;
  stop(): Promise<void>;
}

export interface InspectOptions {
  /** Schemas to read; default: all but system schemas. */
  readonly schemas?: readonly string[];
  /** Read only these tables again (refresh after a change). */
  readonly only?: readonly TableName[];
  readonly signal?: AbortSignal;
}

export interface Inspection {
  readonly snapshot: SchemaSnapshot;
  readonly statistics: SchemaStatistics;
  readonly identity: SchemaIdentity;
  readonly serverVersion: string;
  /** Parts that could not be read (a view's definition behind a lock, an unreadable schema): never guessed. */
  readonly issues: readonly Issue[];
  /** Tables of which `issues` says that parts are unavailable: keep what is known of them, and read them again with `only`. */
  readonly incomplete?: readonly TableName[];
  /** Stamp taken in the same transaction. */
  readonly stamp: ChangeStamp;
}

/** `schema` differs whenever tables may have changed; `access` whenever rights may have; `tables`, where it is there, tells what has. */
export interface ChangeStamp {
  readonly schema: string;
  readonly access?: string;
  /** By table key, where the database can tell which tables changed (PostgreSQL: xmin hash of its catalog rows); `*` is what stands beside tables. */
  readonly tables?: Readonly<Record<string, string>>;
}

export interface ChangeSignal {
  readonly at: string;
  readonly author?: string;
  readonly statement?: string;
  readonly objects?: readonly string[];
  /** What alone changed, as the database numbers it (PostgreSQL: oids of tables and views); absent where it may be anything. */
  readonly relations?: readonly string[];
}

export interface ColumnsOf {
  readonly table: TableName;
  readonly columns: readonly string[];
}

export interface ProfileTarget {
  readonly table: TableName;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly keepValues: boolean }[];
  readonly rowEstimate?: number;
  /** A table of codes: read which label goes with which code, where it has at most `maxLabels` rows. */
  readonly labels?: { readonly code: string; readonly label: string };
}

/** Rows of a table of codes at most; a longer one is a table of things. */
export const maxLabels = 1_000;

export interface ProfileBudget {
  readonly maxRowsPerTable: number;
  /** At most this many distinct values are kept a column. */
  readonly maxValuesPerColumn: number;
  readonly maxTimeMs: number;
}

export interface Compiled {
  readonly valid: boolean;
  /** The database's own error, mapped so that no stored value shows; `at` where the database gives a position. */
  readonly issues: readonly Issue[];
  readonly columns: readonly ResultColumn[];
  readonly parameterTypes?: readonly string[];
  /** SQLite: from EXPLAIN opcodes; PostgreSQL: absent (the parse tree tells). */
  readonly readsTables?: readonly TableName[];
  readonly writes?: boolean;
  /** How long the database took, ms. */
  readonly elapsedMs: number;
}

export interface ResultColumn {
  readonly name: string;
  readonly type: string;
  /** Where the value comes from, when the database can tell. */
  readonly origin?: { readonly table: TableName; readonly column: string };
}

export interface PlanEstimate {
  readonly rows?: number;
  /** In the database's own unit (PostgreSQL: cost units; SQLite has none). */
  readonly cost?: number;
  /** What the estimate rests on: `postgres planner`, `sqlite statistics`, … */
  readonly basis: string;
  /** Tables that the plan reads from end to end. */
  readonly fullScans: readonly TableName[];
  readonly issues: readonly Issue[];
}

export interface RunRequest {
  readonly sql: string;
  readonly params: readonly unknown[];
  readonly maxRows: number;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

export interface RunResult {
  readonly columns: readonly ResultColumn[];
  /** Values ready for JSON: integers beyond 2^53 and exact numerics as strings, times ISO 8601, bytes base64. */
  readonly rows: readonly (readonly unknown[])[];
  /** More rows or bytes were there than the limits let through. */
  readonly truncated: boolean;
  readonly elapsedMs: number;
}
