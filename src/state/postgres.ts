/**
 * State in a PostgreSQL database, for several replicas: the schema `sextant`, made at first start. Every commit waits for the disk, whatever the
 * server's default says. Appends take one advisory lock, so that `seq` is seen in the order of commits and a reader of
 * `afterSeq` can miss nothing.
 */

import { Pool, type PoolClient, type QueryResult } from "pg";
import { SextantError } from "../issue.js";
import { dialectWords, migrations, missing } from "./migrate.js";
import { lostRace } from "./sqlite.js";
import type { Document, NewRecord, State, StoredRecord } from "./state.js";
import {
  bodyText,
  documentsStatement,
  getStatement,
  insertStatement,
  listStatement,
  pruneStatements,
  putStatement,
  type Writing,
} from "./statements.js";

const writing: Writing = { prefix: dialectWords.postgres.prefix, parameter: (n) => `$${n}` };
const appendLock = 7_337_001;
const migrateLock = 7_337_002;
const maxConnections = 4;
const connectTimeoutMs = 5_000;
const statementTimeoutMs = 30_000;
const durable =
  "select set_config('synchronous_commit', 'on', true) where current_setting('synchronous_commit') in ('off', 'local')";

/** Opens and migrates; `url` is a libpq URL. Throws `state_unavailable` when the server cannot be reached. */
export async function openPostgresState(url: string): Promise<State> {
  const pool = new Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 1_000,
    application_name: "sextant-state",
    keepAlive: true,
  });
  // An idle connection that dies is dropped by the pool; the next call connects anew and reports what it meets.
  pool.on("error", () => undefined);
  try {
    await transaction(pool, migrate);
  } catch (cause) {
    await pool.end();
    throw cause;
  }
  return {
    append: async (records) => {
      const texts = records.map(({ body }) => bodyText(body));
      return transaction(pool, (client) => append(client, records, texts));
    },
    list: async (query) => {
      const { sql, values } = listStatement(query, writing);
      const { rows } = await ask(pool, sql, values);
      return rows.map((row) => stored(row as Row) as StoredRecord);
    },
    prune: (kind, scope, limits) =>
      transaction(pool, async (client) => {
        let gone = 0;
        for (const s of pruneStatements(kind, scope, limits, writing))
          gone += (await client.query(s.sql, [...s.values])).rowCount ?? 0;
        return gone;
      }),
    put: async (document, expected) => {
      const { kind, scope, key, at, body } = document;
      const values = [kind, scope, key, at, bodyText(body), ...(expected ? [expected] : [])];
      return transaction(pool, async (client) => {
        const { rows } = await client.query<{ revision: string }>(putStatement(expected, writing), values);
        if (rows[0] === undefined) throw lostRace(kind, key);
        return { ...document, revision: Number(rows[0].revision) };
      });
    },
    get: async (kind, scope, key) => {
      const { rows } = await ask(pool, getStatement(writing), [kind, scope, key]);
      return rows[0] === undefined ? undefined : (stored(rows[0] as Row) as Document);
    },
    documents: async (kind) => {
      const { rows } = await ask(pool, documentsStatement(writing), [kind]);
      return rows.map((row) => stored(row as Row) as Document);
    },
    close: () => pool.end(),
  };
}

type Row = Readonly<Record<string, unknown>> & { readonly body: string };

/** bigint arrives as text (node-pg, "Data types"); ours stay far below 2^53. */
function stored(row: Row): unknown {
  const numbers = ["seq", "revision"].filter((name) => name in row).map((name) => [name, Number(row[name])]);
  return { ...row, ...Object.fromEntries(numbers), body: JSON.parse(row.body) as unknown };
}

async function append(
  client: PoolClient,
  records: readonly NewRecord[],
  texts: readonly string[],
): Promise<readonly StoredRecord[]> {
  await client.query("select pg_advisory_xact_lock($1)", [appendLock]);
  const sql = insertStatement(writing);
  const done: StoredRecord[] = [];
  for (const [index, r] of records.entries()) {
    const { rows } = await client.query<{ seq: string }>(sql, [r.kind, r.scope, r.key, r.at, texts[index]]);
    done.push({ ...r, seq: Number(rows[0]?.seq) });
  }
  return done;
}

async function migrate(client: PoolClient): Promise<void> {
  await client.query("select pg_advisory_xact_lock($1)", [migrateLock]);
  // Asked first: CREATE SCHEMA IF NOT EXISTS wants the right to create even where the schema exists.
  const { rowCount } = await client.query("select 1 from pg_namespace where nspname = $1", ["sextant"]);
  if (rowCount === 0) await client.query("create schema sextant");
  await client.query("create table if not exists sextant.migration (version integer primary key)");
  const { rows } = await client.query<{ version: number | null }>(
    "select max(version) as version from sextant.migration",
  );
  for (const m of missing(migrations("postgres"), rows[0]?.version ?? 0)) {
    await client.query(m.sql);
    await client.query("insert into sextant.migration (version) values ($1)", [m.version]);
  }
}

/** Reads may simply be asked again. */
async function ask(pool: Pool, sql: string, values: readonly unknown[]): Promise<QueryResult> {
  return withClient(pool, (client) => client.query(sql, [...values]));
}

async function transaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  // Only `begin` may be repeated on another connection; once work has begun, a failure is a failure.
  const client = await withClient(pool, async (fresh) => (await fresh.query("begin"), fresh), "keep");
  let broken = true;
  try {
    await client.query(durable);
    const value = await work(client);
    await client.query("commit");
    broken = false;
    return value;
  } catch (cause) {
    throw cause instanceof SextantError ? cause : unavailable(cause);
  } finally {
    // A transaction that did not commit may hold anything: the connection goes, and the server rolls back.
    client.release(broken);
  }
}

/**
 * Work that may be repeated: an idle connection that the server has closed shows only when used, so as many are tried as the pool may
 * hold, and a new one. Anything but a lost connection is reported at once.
 */
async function withClient<T>(pool: Pool, work: (client: PoolClient) => Promise<T>, after?: "keep"): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    const startedMs = performance.now();
    const client = await pool.connect().catch((cause: unknown) => {
      throw unavailable(cause);
    });
    try {
      const value = await work(client);
      if (after !== "keep") client.release();
      return value;
    } catch (cause) {
      client.release(true);
      const wasSlow = performance.now() - startedMs > connectTimeoutMs; // timed out, rather than found closed
      if (attempt > maxConnections || wasSlow || !isLost(cause)) throw unavailable(cause);
    }
  }
}

/** Class 57 (shut down, terminated) and 08, or no SQLSTATE at all: the socket (PostgreSQL manual, appendix A). */
function isLost(cause: unknown): boolean {
  const { code } = cause as { readonly code?: string };
  return code === undefined || !/^[0-9A-Z]{5}$/u.test(code) || /^(57P|08)/u.test(code);
}

function unavailable(cause: unknown): SextantError {
  return new SextantError("state_unavailable", "The state database did not answer.", {
    help: "Check `state.url` and that the server runs; nothing was acknowledged.",
    cause,
  });
}
