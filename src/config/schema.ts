/**
 * Every setting there is: name, type, default, unit and meaning together. The README's table is made from this file (`table.ts`). Says nothing
 * about where values come from: `load.ts` does. A setting's unit is its name's last word; shares are 0 to 1. A section mirrors the settings
 * of the room that it is for, in snake_case (`rooms.ts` hands them over).
 */

import { z } from "zod";
import {
  dayMs,
  globs,
  guards,
  guardsRestart,
  hourMs,
  mib,
  restart,
  secret,
  section,
  setting,
  share,
  whole,
} from "./schema-words.js";

const classifiedWords =
  "password,passwd,pwd,secret,token,salt,hash,ssn,social security,tax id,passport,iban,card number,credit card,cc number,cvv,cvc,pin,private key,api key".split(
    ",",
  );

const sourceUrl = z
  .string()
  .regex(/^(sqlite:.+|postgres(ql)?:\/\/.*)$/su, "expected sqlite:PATH or postgres://USER@HOST/DATABASE");
/** SQLite's own limit is ten (SQLITE_MAX_ATTACHED); names are told apart whatever their case. */
const attached = z
  .record(
    z
      .string()
      .regex(/^(?!(?:main|temp)$)[a-z_][a-z0-9_]{0,62}$/iu, "expected a schema's name other than main and temp"),
    z.string().regex(/^sqlite:.+$/su, "expected sqlite:PATH"),
  )
  .refine((files) => Object.keys(files).length <= 10, "SQLite attaches ten files at most")
  .refine(
    (files) => new Set(Object.keys(files).map((name) => name.toLowerCase())).size === Object.keys(files).length,
    "two names differ in their case alone",
  );
const sourceName = z.string().regex(/^[\p{L}\p{N}_-]{1,64}$/u, "expected letters, digits, `_` or `-`");
const monthDay = z.string().regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/u, "expected MM-DD");
const hostPort = z.string().regex(/^(\[[0-9a-f:.]+\]|[^:\s]+):\d{1,5}$/iu, "expected HOST:PORT");

const source = z
  .strictObject({
    url: setting(
      sourceUrl,
      "`sqlite:PATH` (relative to the file that names it) or `postgres://…` with libpq parameters.",
      guardsRestart,
    ),
    password: secret(
      "Password, where the URL has none: better `${ENV_NAME}` or `{ file: PATH }` than the text.",
      restart,
    ),
    schemas: setting(
      globs().optional(),
      "Schemas to read (PostgreSQL). Default: all but system schemas.",
      guardsRestart,
    ),
    attach: setting(
      attached.optional(),
      "SQLite: further files, by the schema that their tables are called by (`{ archive: sqlite:./2024.db }` for `archive.orders`); read-only like the first.",
      guardsRestart,
    ),
    glossary: setting(globs().default([]), "Glossary files of this source alone."),
    pool: section(
      {
        max: setting(whole(1, 100).optional(), "Connections, or SQLite child processes, at most. Default 4.", restart),
      },
      "The source's connections.",
    ),
    allow_superuser: setting(
      z.union([z.boolean(), z.literal("loopback")]).default("loopback"),
      "Whether to run queries as a superuser or a role that bypasses row security; `loopback`: on this machine only, with a warning.",
      guardsRestart,
    ),
    connect_timeout_ms: setting(whole(50, 120_000).default(5_000), "Wait for a connection, ms.", restart),
    lock_timeout_ms: setting(
      whole(1, 60_000).default(100),
      "Wait for a lock while reading the catalog, ms; above PostgreSQL's `deadlock_timeout` (1 s) a migration may be our victim.",
      restart,
    ),
    inspect_timeout_ms: setting(whole(1_000, hourMs).default(60_000), "One catalog statement, ms.", restart),
    plan_timeout_ms: setting(
      whole(10, hourMs).default(5_000),
      "One EXPLAIN, check or sampling statement, ms.",
      restart,
    ),
    heap_bytes: setting(
      whole(32 * mib, 65_536 * mib).default(256 * mib),
      "Heap of a SQLite child process, bytes.",
      restart,
    ),
  })
  .refine(({ url, attach }) => attach === undefined || url.startsWith("sqlite:"), {
    path: ["attach"],
    message: "only a SQLite source has files attached; PostgreSQL has schemas",
  });

const policy = {
  allow_tables: setting(globs().optional(), "Globs of the tables that may be read. Default: all.", guards),
  deny_tables: setting(globs().default([]), "Globs of tables that may not; wins over `allow_tables`.", guards),
  deny_columns: setting(globs().default([]), "Globs of columns (`table.column`) that may not be read.", guards),
  allow_functions: setting(globs().default([]), "SQL functions allowed beyond the built-in list.", guards),
};

const state = section(
  {
    url: setting(
      z.string().min(1).optional(),
      "`sqlite:PATH`, `postgres://…` (for several replicas) or `memory`. Default: a file in the user's state directory.",
      restart,
    ),
    keep_changes: setting(whole(100, 10_000_000).default(100_000), "Schema changes kept a source."),
    keep_days: setting(whole(1, 36_500).default(730), "Age at which history may be dropped, days."),
    keep_versions: setting(whole(2, 100_000).default(1_000), "Configuration versions kept."),
  },
  "Durable records: history, feedback, models, configuration versions, audit.",
);

const cache = section(
  {
    url: setting(
      z.string().min(1).optional(),
      "Shared tier: `memory:` (none), `sqlite:PATH`, `redis://…` or `postgres://…`. Default: a file beside the state, or the state's own PostgreSQL.",
      restart,
    ),
    max_bytes: setting(whole(mib, 65_536 * mib).default(64 * mib), "Memory tier at most, bytes.", restart),
    shared_max_bytes: setting(
      whole(mib, 1_048_576 * mib).default(256 * mib),
      "SQLite or PostgreSQL tier at most, bytes.",
      restart,
    ),
    entry_max_bytes: setting(
      whole(1_024, 1_024 * mib).default(8 * mib),
      "One entry at most, bytes; larger ones are not kept.",
      restart,
    ),
    compress_above_bytes: setting(
      whole(256, 1_024 * mib).default(4_096),
      "Larger entries are compressed in the shared tier, bytes.",
      restart,
    ),
    min_ttl_ms: setting(whole(100, dayMs).default(5_000), "Shortest lifetime of an entry, ms.", restart),
    max_ttl_ms: setting(
      whole(100, 30 * dayMs).default(hourMs),
      "Longest lifetime, reached where the schema rests, ms.",
      restart,
    ),
    warm_entries: setting(
      whole(0, 1_000).default(50),
      "How many of the most asked questions are answered again, ahead of being asked, after a schema change; 0 answers nothing ahead.",
    ),
    stale_ms: setting(
      whole(0, dayMs).default(30_000),
      "How long past its lifetime an entry is served while it is loaded anew, ms.",
      restart,
    ),
    connect_timeout_ms: setting(whole(10, 10_000).default(300), "Wait for the shared tier to connect, ms.", restart),
    command_timeout_ms: setting(
      whole(10, 10_000).default(250),
      "Wait for one answer of the shared tier, ms; then go without.",
      restart,
    ),
    retry_after_ms: setting(
      whole(100, 600_000).default(5_000),
      "Leave a failing shared tier alone for so long, ms.",
      restart,
    ),
    key: secret(
      "Key that authenticates shared entries, so that a forged one reads as none. Default: a checksum, which finds damage alone.",
      restart,
    ),
  },
  "What spares work. Losing it slows answers and never changes them.",
);

const discovery = section(
  {
    max_age_ms: setting(whole(0, hourMs).default(5_000), "An answer may rest on a look at most this old, ms."),
    check_share: setting(
      z.number().min(0.001).max(1).default(0.05),
      "Share of the time that looking for changes may take.",
    ),
    refresh_wait_ms: setting(
      whole(0, 600_000).default(2_000),
      "A call waits this long for a look, then answers marked stale, ms.",
    ),
    warm_wait_ms: setting(
      whole(0, 600_000).default(1_000),
      "After a restart a call waits this long for the database before it answers from a kept snapshot, ms.",
    ),
    profile_wait_ms: setting(
      whole(0, 600_000).default(1_500),
      "Calls wait this long after a discovery for the first value profile, ms.",
    ),
    retry_min_ms: setting(
      whole(10, hourMs).default(500),
      "After a failed look the next is tried after this long, doubling, ms.",
    ),
    retry_max_ms: setting(whole(10, hourMs).default(32_000), "Longest time between such tries, ms."),
    interval_min_ms: setting(
      whole(50, dayMs).default(2_000),
      "Shortest interval of background looks, after a change, ms.",
    ),
    interval_max_ms: setting(whole(50, dayMs).default(60_000), "Longest interval, where the schema rests, ms."),
    partial_share: setting(share().default(0.2), "Up to this share of tables changed, only those are read again."),
    keep_snapshots: setting(whole(1, 100_000).default(50), "Schema versions kept a source."),
    guard: section(
      {
        max_lost_share: setting(
          share().default(0.5),
          "More than this share of the tables gone at once is held back and reported; 1 = never.",
        ),
        min_lost: setting(whole(1, 1_000_000).default(5), "Fewer lost tables are never held back."),
        confirm_after_ms: setting(whole(0, dayMs).default(60_000), "A loss that lasts this long is believed, ms."),
      },
      "Against a lost grant, or another database behind the URL.",
    ),
    inference: section(
      {
        enabled: setting(z.boolean().default(true), "Infer foreign keys that nobody declared."),
        min_confidence: setting(share().default(0.5), "Inferred links below this are left out."),
        max_checks: setting(
          whole(0, 1_000_000).default(400),
          "Inclusion checks asked of the database after a discovery.",
        ),
        max_check_rows: setting(whole(0, 100_000_000).default(10_000), "Rows that one check may read."),
        max_check_time_ms: setting(whole(0, hourMs).default(3_000), "All checks together, ms."),
      },
      "Relations that nobody declared.",
    ),
    profile: section(
      {
        enabled: setting(
          z.boolean().default(true),
          "Look at stored values: counts, null shares, frequent values.",
          guards,
        ),
        exclude: setting(globs().default([]), "Globs of tables and columns that are never profiled.", guards),
        classified_words: setting(
          globs().default(classifiedWords),
          "Words in a column's name that close it to profiling.",
          guards,
        ),
        max_rows_per_table: setting(whole(0, 100_000_000).default(50_000), "Rows read of one table."),
        max_values_per_column: setting(whole(0, 1_000_000).default(5_000), "Distinct values kept of one column."),
        max_values: setting(whole(0, 100_000_000).default(400_000), "Distinct values kept of a source."),
        max_time_ms: setting(whole(0, hourMs).default(5_000), "One round of profiling, ms."),
        tables_per_round: setting(whole(1, 100_000).default(20), "Tables a round, smallest first."),
        max_tables: setting(
          whole(0, 1_000_000).default(2_000),
          "Above this many tables only the smallest are profiled.",
        ),
        max_age_ms: setting(
          whole(1_000, 30 * dayMs).default(900_000),
          "Older profiles are taken again in the background, ms.",
        ),
      },
      "Value profiles.",
    ),
  },
  "Reading schemas and keeping them fresh.",
);

const terms = section(
  {
    learn: setting(z.boolean().default(true), "Accept feedback and let it act."),
    quorum: setting(whole(1, 1_000).default(2), "Users who must agree before feedback holds for everyone."),
    half_life_days: setting(whole(1, 36_500).default(180), "Time in which the weight of old feedback halves, days."),
  },
  "From business words to columns.",
);

const query = section(
  {
    run: setting(z.boolean().default(true), "Whether `run_query` exists.", guardsRestart),
    default_rows: setting(whole(1, 1_000_000).default(100), "Rows given when a call does not say."),
    max_rows: setting(whole(1, 1_000_000).default(10_000), "Rows of one answer at most.", guards),
    max_bytes: setting(whole(1_024, 8 * mib).default(mib), "Rows of one answer at most, bytes.", guards),
    timeout_ms: setting(whole(10, hourMs).default(30_000), "One statement at most, ms.", guards),
    max_cost: setting(
      z.number().positive().optional(),
      "Statements rated above this by the planner are refused (PostgreSQL cost units). Default: none.",
      guards,
    ),
    result_ttl_ms: setting(
      whole(0, dayMs).default(0),
      "How long `run_query` may answer the same statement from rows that it read before, ms; 0 = never. Such an answer says `cached: true`.",
    ),
    min_link_confidence: setting(share().default(0.9), "Inferred links below this are not joined over."),
    time_zone: setting(z.string().default("UTC"), "Zone of phrases such as `today`; IANA name."),
    fiscal_year_start: setting(monthDay.default("01-01"), "First day of the fiscal year, `MM-DD`."),
    soft_deletes: setting(
      z.boolean().default(true),
      "Leave out rows marked deleted, by convention or glossary, and former versions of rows; said in `assumptions`.",
    ),
    ask_client_model: setting(
      z.boolean().default(false),
      "Let the client's own model (MCP sampling) read a `question` that is not understood; it is told table, column and metric names.",
      guards,
    ),
    ask_person: setting(
      z.boolean().default(false),
      "Let the person at the client (MCP elicitation) pick where build_query would ask back.",
    ),
  },
  "Building, checking and running queries.",
);

const changes = section(
  {
    listen: setting(z.boolean().default(true), "Listen to the database's own announcements where it makes them."),
    webhook: secret("URL that schema and configuration changes are posted to."),
    webhook_timeout_ms: setting(whole(100, 60_000).default(5_000), "Wait for the webhook, ms."),
    freeze_error_share: setting(
      share().default(0),
      "Freeze by itself when more than this share of the last minute's calls failed; 0 = never.",
    ),
    freeze_on_loss: setting(
      z.boolean().default(false),
      "Freeze by itself when a loss is held back (`discovery.guard`).",
    ),
    freeze_when_blind_ms: setting(
      whole(0, dayMs).default(0),
      "Freeze by itself when a source could not be looked at for so long, ms; 0 = never.",
    ),
  },
  "Seeing and announcing change.",
);

const access = section(
  {
    ...policy,
  },
  "What may be read.",
);

const limits = section(
  {
    request_max_bytes: setting(whole(1_024, 64 * mib).default(mib), "One request at most, bytes.", restart),
    sessions: setting(whole(1, 100_000).default(1_000), "Open HTTP sessions.", restart),
    session_idle_ms: setting(whole(1_000, dayMs).default(600_000), "An idle session ends after so long, ms.", restart),
  },
  "Sizes and rates.",
);

const telemetry = section(
  {
    log_level: setting(
      z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
      "Least level that is logged.",
    ),
    slow_call_ms: setting(whole(1, hourMs).default(1_000), "Calls above this are logged as slow, ms."),
  },
  "Logs, metrics, spans.",
);

const server = section(
  {
    http: setting(hostPort.optional(), "`HOST:PORT` to serve HTTP on; stdio where not set.", guardsRestart),
    token: secret("Bearer token that HTTP clients must send. Required beyond loopback.", guardsRestart),
    admin_token: secret("Bearer token of the admin API; without it there is none.", guardsRestart),
    admin_may_widen: setting(
      z.boolean().default(false),
      "Whether the admin API may let callers see or do more than files, environment and flags do.",
      guardsRestart,
    ),
    allowed_hosts: setting(
      globs().default([]),
      "Host names accepted in `Host` and `Origin` beside loopback.",
      guardsRestart,
    ),
    sse: setting(z.boolean().default(true), "Serve the legacy SSE transport at `/sse`.", restart),
    shutdown_ms: setting(whole(0, 60_000).default(4_000), "Time that running calls get at SIGTERM, ms."),
    reload: setting(z.boolean().default(true), "Watch the configuration file and take changes over.", restart),
    reload_poll_ms: setting(
      whole(50, 600_000).default(5_000),
      "The file is compared by hash so often even if no event came, ms.",
      restart,
    ),
  },
  "How clients reach it.",
);

export const configSchema = z.strictObject({
  sources: setting(z.record(sourceName, source).default({}), "The databases, by name."),
  default_source: setting(z.string().optional(), "The source that a call means when it names none.", restart),
  glossary: setting(globs().default([]), "Glossary files for every source (YAML or JSON)."),
  state,
  cache,
  discovery,
  terms,
  query,
  changes,
  access,
  limits,
  telemetry,
  server,
});

export type Config = z.infer<typeof configSchema>;
export type SourceConfig = Config["sources"][string];
