/**
 * Every setting there is: name, type, default, unit and meaning together, one line each. The README's table is made from this file
 * (`table.ts`). Says nothing about where values come from: `load.ts` does.
 * A section names its settings in snake_case, with the unit as the name's last word.
 */

import { z } from "zod";

declare module "zod" {
  interface GlobalMeta {
    /** The setting takes effect at the next start only. */
    restart?: boolean;
    /** Printed as `***`, stored only as a reference to an environment variable or a file. */
    secret?: boolean;
    /** More of it (or another value of it) lets callers see or do more: changing it at run time needs the right to. */
    guards?: boolean;
  }
}

interface Traits {
  readonly restart?: boolean;
  readonly guards?: boolean;
}

/** A setting with its meaning. Applied last, because zod does not carry a description through `default()`. */
function setting<T extends z.ZodType>(type: T, description: string, traits: Traits = {}): T {
  return type.meta({ description, ...traits });
}

function secret(description: string, traits: Traits = {}): z.ZodOptional<z.ZodString> {
  return z
    .string()
    .min(1)
    .optional()
    .meta({ description, secret: true, ...traits });
}

function section<S extends z.core.$ZodLooseShape>(shape: S, description: string) {
  return z
    .strictObject(shape)
    .prefault({} as never)
    .meta({ description });
}

const count = (least: number, most: number) => z.int().min(least).max(most);
const ms = (least: number, most: number) => z.int().min(least).max(most);
const bytes = (least: number, most: number) => z.int().min(least).max(most);
const share = () => z.number().min(0).max(1);
const dayMs = 86_400_000;
const gib = 1024 ** 3;
const restart = { restart: true } as const;
const guards = { guards: true } as const;

const sourceUrl = z
  .string()
  .regex(/^(sqlite:.+|postgres(ql)?:\/\/.*)$/su, "expected sqlite:PATH or postgres://USER@HOST/DATABASE");

const source = z.strictObject({
  url: setting(
    sourceUrl,
    "`sqlite:PATH` (relative to the file that names it) or `postgres://…` with libpq parameters.",
    {
      restart: true,
      guards: true,
    },
  ),
  password: secret(
    "The password, where the URL has none; better `${ENV_NAME}` or `{ file: PATH }` than the text itself.",
    restart,
  ),
  schemas: setting(z.array(z.string().min(1)).optional(), "Schemas to discover. Default: all but system schemas.", {
    restart: true,
    guards: true,
  }),
  glossary: setting(z.array(z.string().min(1)).default([]), "Glossary files of this source alone."),
  pool: section(
    { max: setting(count(1, 100).default(4), "Connections at most.", restart) },
    "The source's connections.",
  ),
  allow_superuser: setting(
    z.union([z.boolean(), z.literal("loopback")]).default("loopback"),
    "Whether a role that is a superuser or bypasses row security may be used: `loopback` accepts it, with a warning, on this machine only.",
    { restart: true, guards: true },
  ),
  connect_timeout_ms: setting(ms(50, 120_000).default(5_000), "Wait for a connection, ms.", restart),
  lock_timeout_ms: setting(
    ms(1, 60_000).default(100),
    "Wait for a lock while reading the catalog, ms; above 1 s it may stand in a migration's way.",
    restart,
  ),
  discovery_timeout_ms: setting(ms(1_000, 3_600_000).default(120_000), "A whole discovery at most, ms.", restart),
  profile: setting(z.boolean().default(true), "Whether values may be sampled to profile columns.", guards),
});

const policy = {
  allow_tables: setting(
    z.array(z.string()).optional(),
    "Globs of the tables that may be seen and read. Default: all.",
    guards,
  ),
  deny_tables: setting(
    z.array(z.string()).default([]),
    "Globs of tables that may not; wins over `allow_tables`.",
    guards,
  ),
  deny_columns: setting(
    z.array(z.string()).default([]),
    "Globs of columns (`table.column`) that may not be read.",
    guards,
  ),
  allow_functions: setting(z.array(z.string()).default([]), "SQL functions allowed beyond the built-in list.", guards),
};

export const configSchema = z.strictObject({
  sources: setting(
    z
      .record(z.string().regex(/^[\p{L}\p{N}_.-]{1,64}$/u, "expected letters, digits, `_`, `.` or `-`"), source)
      .default({}),
    "The databases, by name.",
  ),
  default_source: setting(z.string().optional(), "The source that a call means when it names none."),
  glossary: setting(z.array(z.string().min(1)).default([]), "Glossary files for every source (YAML or JSON)."),

  state: section(
    {
      url: setting(
        z.string().min(1).optional(),
        "`sqlite:PATH`, `postgres://…` (for several replicas) or `memory`. Default: a file in the user's state directory.",
        restart,
      ),
      keep_snapshots: setting(count(1, 100_000).default(200), "Snapshots kept a source."),
      keep_changes: setting(count(100, 10_000_000).default(100_000), "Schema changes kept a source."),
      keep_days: setting(count(1, 36_500).default(730), "Age at which history may be dropped, days."),
      keep_versions: setting(count(2, 100_000).default(1_000), "Configuration versions kept."),
    },
    "Durable records: history, feedback, models, configuration versions, audit.",
  ),

  cache: section(
    {
      url: setting(
        z.string().min(1).optional(),
        "The shared tier: `memory:` (none), `sqlite:PATH`, `redis://…` or `postgres://…`. Default: a file beside the state, or the state's own PostgreSQL.",
        restart,
      ),
      max_bytes: setting(bytes(1_048_576, 64 * gib).default(67_108_864), "Memory tier at most, bytes.", restart),
      shared_max_bytes: setting(
        bytes(1_048_576, 1_024 * gib).default(268_435_456),
        "SQLite or PostgreSQL tier at most, bytes.",
        restart,
      ),
      entry_max_bytes: setting(
        bytes(1_024, gib).default(8_388_608),
        "One entry at most, bytes; larger ones are not kept.",
        restart,
      ),
      compress_above_bytes: setting(
        bytes(256, gib).default(4_096),
        "Entries above this are compressed in the shared tier, bytes.",
        restart,
      ),
      min_ttl_ms: setting(ms(100, dayMs).default(5_000), "Shortest lifetime of an entry, ms.", restart),
      max_ttl_ms: setting(
        ms(100, 30 * dayMs).default(3_600_000),
        "Longest lifetime, ms; reached where the schema rests.",
        restart,
      ),
      stale_ms: setting(
        ms(0, dayMs).default(30_000),
        "How long after its lifetime an entry is still served while it is loaded anew, ms.",
        restart,
      ),
      connect_timeout_ms: setting(ms(10, 10_000).default(300), "Wait for the shared tier to connect, ms.", restart),
      command_timeout_ms: setting(
        ms(10, 10_000).default(250),
        "Wait for one answer of the shared tier, ms; then go without.",
        restart,
      ),
      retry_after_ms: setting(
        ms(100, 600_000).default(5_000),
        "Leave a failing shared tier alone for so long, ms.",
        restart,
      ),
      key: secret(
        "Key that authenticates shared entries, so that a tampered cache reads as empty. Default: one made at first start, kept in state.",
      ),
    },
    "What spares work. Losing it slows answers and never changes them.",
  ),

  discovery: section(
    {
      refresh_min_ms: setting(ms(100, dayMs).default(2_000), "Shortest interval of looking for changes, ms."),
      refresh_max_ms: setting(ms(100, dayMs).default(60_000), "Longest interval, reached where the schema rests, ms."),
      max_age_ms: setting(ms(100, dayMs).default(120_000), "Age at which an unverified schema is called stale, ms."),
      retry_max_ms: setting(
        ms(100, 3_600_000).default(32_000),
        "Longest back-off towards a source that cannot be reached, ms.",
      ),
      infer_relations: setting(z.boolean().default(true), "Infer foreign keys that nobody declared."),
      min_relation_confidence: setting(share().default(0.8), "Inferred foreign keys below this are not shown."),
      hold_back_share: setting(
        share().default(0.5),
        "When more than this share of the tables disappears at once, hold the change back and report it.",
      ),
      profile_max_rows: setting(count(0, 100_000_000).default(10_000), "Rows sampled a table."),
      profile_max_values: setting(count(0, 100_000).default(200), "Distinct values kept a column."),
      profile_max_time_ms: setting(ms(0, 3_600_000).default(20_000), "Profiling a source at most, ms."),
      profile_except: setting(
        z.array(z.string()).default([]),
        "Globs of tables or columns whose values are never sampled.",
        guards,
      ),
    },
    "Reading schemas and keeping them fresh.",
  ),

  terms: section(
    {
      min_confidence: setting(share().default(0.05), "Matches below this are left out."),
      learn: setting(z.boolean().default(true), "Accept feedback and let it act."),
      quorum: setting(count(1, 1_000).default(2), "Users who must agree before feedback holds for everyone."),
      half_life_days: setting(count(1, 36_500).default(180), "Time in which the weight of old feedback halves, days."),
    },
    "From business words to columns.",
  ),

  query: section(
    {
      run: setting(z.boolean().default(true), "Whether `run_query` exists.", { restart: true, guards: true }),
      default_rows: setting(count(1, 1_000_000).default(100), "Rows given when a call does not say."),
      max_rows: setting(count(1, 1_000_000).default(10_000), "Rows of one answer at most.", guards),
      max_bytes: setting(bytes(1_024, 8_388_608).default(1_048_576), "Rows of one answer at most, bytes.", guards),
      timeout_ms: setting(ms(10, 3_600_000).default(30_000), "One statement at most, ms.", guards),
      max_cost: setting(
        z.number().positive().optional(),
        "Statements that the planner rates above this are refused (PostgreSQL cost units).",
        guards,
      ),
      min_relation_confidence: setting(share().default(0.9), "Inferred links below this are not joined over."),
      time_zone: setting(z.string().default("UTC"), "Zone of phrases such as `today`, IANA name."),
      fiscal_year_start: setting(
        z
          .string()
          .regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/u, "expected MM-DD")
          .default("01-01"),
        "First day of the fiscal year, `MM-DD`.",
      ),
      soft_deletes: setting(
        z.boolean().default(true),
        "Leave out rows marked deleted where a convention or the glossary says so; said in `assumptions`.",
      ),
      result_ttl_ms: setting(ms(0, dayMs).default(0), "Lifetime of cached results, ms; 0 = never cached."),
    },
    "Building, checking and running queries.",
  ),

  changes: section(
    {
      listen: setting(z.boolean().default(true), "Listen to the database's own announcements where it makes them."),
      heartbeat_ms: setting(ms(100, 600_000).default(5_000), "Heartbeat of the listening connection, ms."),
      webhook: secret("URL that schema and configuration changes are posted to."),
      webhook_timeout_ms: setting(ms(100, 60_000).default(5_000), "Wait for the webhook, ms."),
      freeze_error_share: setting(
        share().default(0),
        "Freeze by itself when more than this share of calls of the last minute failed; 0 = never.",
      ),
      freeze_on_disappearance: setting(
        z.boolean().default(false),
        "Freeze by itself when a change was held back (`discovery.hold_back_share`).",
      ),
      freeze_when_blind_ms: setting(
        ms(0, dayMs).default(0),
        "Freeze by itself when a source could not be watched for so long, ms; 0 = never.",
      ),
    },
    "Seeing and announcing change.",
  ),

  access: section(
    {
      ...policy,
      default_role: setting(z.string().min(1).default("reader"), "Role of a caller who has none.", guards),
      roles: setting(
        z.record(z.string().min(1), z.strictObject(policy)).default({}),
        "Policies by role, in place of the one above.",
        guards,
      ),
    },
    "Who may see and read what.",
  ),

  limits: section(
    {
      request_max_bytes: setting(bytes(1_024, 67_108_864).default(1_048_576), "One request at most, bytes.", restart),
      answer_max_bytes: setting(bytes(16_384, 8_388_608).default(8_388_608), "One message at most, bytes."),
      answer_max_tokens: setting(count(200, 1_000_000).default(4_000), "Tokens of an answer when a call does not say."),
      concurrent_calls: setting(count(1, 10_000).default(64), "Calls at work at once; more wait."),
      waiting_calls: setting(count(0, 100_000).default(1_000), "Calls that may wait; more are refused."),
      calls_per_minute: setting(count(0, 10_000_000).default(0), "Calls of one client a minute; 0 = no limit."),
      sessions: setting(count(1, 100_000).default(1_000), "Open HTTP sessions.", restart),
      session_idle_ms: setting(ms(1_000, dayMs).default(600_000), "An idle session ends after so long, ms.", restart),
    },
    "Sizes and rates.",
  ),

  telemetry: section(
    {
      log_level: setting(
        z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
        "Least level that is logged.",
      ),
      slow_call_ms: setting(ms(1, 3_600_000).default(1_000), "Calls above this are logged as slow, ms."),
      sql_text: setting(z.boolean().default(false), "Whether logs and spans carry statements.", guards),
      otlp_url: setting(z.string().optional(), "OpenTelemetry collector (OTLP over HTTP); none by default.", restart),
    },
    "Logs, metrics, spans.",
  ),

  server: section(
    {
      http: setting(
        z
          .string()
          .regex(/^(\[[0-9a-f:.]+\]|[^:\s]+):\d{1,5}$/iu, "expected HOST:PORT")
          .optional(),
        "`HOST:PORT` to serve HTTP on; stdio when not set.",
        { restart: true, guards: true },
      ),
      token: secret("Bearer token that HTTP clients must send. Required beyond loopback.", {
        restart: true,
        guards: true,
      }),
      admin_token: secret("Bearer token of the admin API; without it there is none.", { restart: true, guards: true }),
      allowed_hosts: setting(
        z.array(z.string()).default([]),
        "Host headers accepted beside the address itself.",
        guards,
      ),
      allowed_origins: setting(z.array(z.string()).default([]), "Origins accepted beside the server's own.", guards),
      sse: setting(z.boolean().default(true), "Serve the legacy SSE transport at /sse.", restart),
      shutdown_ms: setting(ms(0, 60_000).default(4_000), "Time that running calls get at SIGTERM, ms."),
      reload: setting(z.boolean().default(true), "Watch the configuration file and take changes over."),
      reload_poll_ms: setting(
        ms(50, 600_000).default(5_000),
        "The file is compared by hash so often even if no event came, ms.",
        restart,
      ),
    },
    "How clients reach it.",
  ),
});

export type Config = z.infer<typeof configSchema>;
export type SourceConfig = Config["sources"][string];
