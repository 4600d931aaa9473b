/** What a connector is told when it is opened. Every limit has a unit and a default; the configuration's schema mirrors these. */

export interface ConnectorSettings {
  /** `sqlite:` + absolute path, or `postgres://…` with libpq parameters (`sslmode`, `sslrootcert`, `application_name`, …). */
  readonly url: string;
  /** Schemas to read (PostgreSQL); default: all but system schemas. */
  readonly schemas?: readonly string[];
  /** SQLite: other files by the schema that their tables are called by, `sqlite:` + absolute path each; in the order of look-up. */
  readonly attach?: Readonly<Record<string, string>>;
  /** Connections to the database, or child processes over the file, at most. Default 4. */
  readonly poolMax?: number;
  /** Waiting for a connection: to the server, or for a free one of the pool, ms. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** One catalog statement of an inspection, ms. Default 60,000. */
  readonly inspectTimeoutMs?: number;
  /** Waiting for a lock, ms. Default 100: below PostgreSQL's `deadlock_timeout`, so that no migration is ever our victim. */
  readonly lockTimeoutMs?: number;
  /** `compile`, `explain` and profiling statements, ms. Default 5,000. */
  readonly planTimeoutMs?: number;
  /** Largest heap of a SQLite child process, bytes. Default 256 MiB. */
  readonly heapBytes?: number;
  /** Let `run` use a role that is superuser or bypasses row security. Default false. */
  readonly allowSuperuser?: boolean;
  /** NOTIFY channel of the watch triggers. Default `sextant_schema`. */
  readonly channel?: string;
}

/** A SQLite file beside the source's own, ready to open. */
export interface AttachedFile {
  readonly schema: string;
  readonly path: string;
}

export type Limits = Required<Omit<ConnectorSettings, "url" | "schemas" | "attach">>;

/** The settings with their defaults filled in. */
export function limitsOf(settings: ConnectorSettings): Limits {
  return {
    poolMax: settings.poolMax ?? 4,
    connectTimeoutMs: settings.connectTimeoutMs ?? 5_000,
    inspectTimeoutMs: settings.inspectTimeoutMs ?? 60_000,
    lockTimeoutMs: settings.lockTimeoutMs ?? 100,
    planTimeoutMs: settings.planTimeoutMs ?? 5_000,
    heapBytes: settings.heapBytes ?? 256 * 1024 * 1024,
    allowSuperuser: settings.allowSuperuser ?? false,
    channel: settings.channel ?? "sextant_schema",
  };
}
