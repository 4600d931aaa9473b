/**
 * Connections to one PostgreSQL source: a lazy pool, transactions with every timeout set inside them, a watchdog for what the server
 * does not stop, and recovery. Opening never connects. A connection that failed or was cut is destroyed, never used again; one that
 * ran foreign SQL is returned only after DISCARD ALL. Nothing here writes: every transaction is READ ONLY.
 */

import { performance } from "node:perf_hooks";
import { Pool, type PoolClient, type PoolConfig } from "pg";
import { SextantError } from "../../issue.js";
import type { Emit } from "../../telemetry.js";
import { type ConnectorSettings, type Limits, limitsOf } from "../settings.js";
import { connectionFailure, isServerError, issueFromServer } from "./errors.js";
import { cancelOn, cutOff, eachOf, type RawRow } from "./wire.js";

export interface TransactionOptions {
  readonly repeatable?: true;
  /** The server's limit for each statement, ms. */
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** The whole transaction, ms; then the statement is cancelled and, if that does not help, the connection cut. */
  readonly deadlineMs: number;
  /** What the search path is pinned to; default: the role's own, system catalog first, temporary objects last. */
  readonly searchPath?: readonly string[];
  /** Foreign SQL runs inside: reset the whole session before the connection is used again. */
  readonly foreign?: true;
  readonly signal?: AbortSignal;
}

/** How long a cancelled statement may take to end before its connection is cut, ms. */
const cancelGraceMs = 250;
/** A connection attempt that took at least this long is not repeated at once, ms. */
const slowFailureMs = 1_000;
const maxBackOffMs = 30_000;
/** How long closing waits for connections to end, ms. */
const farewellMs = 2_000;

interface Backing {
  readonly until: number;
  readonly failure: SextantError;
}

export class Sessions {
  readonly limits: Limits;
  private pool: Pool | undefined;
  private failures = 0;
  private backing: Backing | undefined;
  private closed = false;

  constructor(
    readonly settings: ConnectorSettings,
    private readonly emit: Emit,
  ) {
    this.limits = limitsOf(settings);
  }

  /** Runs `work` in one READ ONLY transaction that is always rolled back. @throws SextantError, or the server's own error about a statement. */
  async transaction<T>(options: TransactionOptions, work: (client: PoolClient) => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      const client = await this.connect();
      try {
        await begin(client, options);
      } catch (cause) {
        client.release(true);
        // A pooled connection may have died unnoticed; each try spends one of them.
        if (isServerError(cause) || tries > this.limits.poolMax) throw connectionFailure(cause);
        continue;
      }
      return this.guarded(client, options, work);
    }
  }

  /**
   * One statement of our own in a transaction of its own, all of it sent at once: one round trip, and what it locks is free again however
   * busy this process is. @throws as `transaction` does.
   */
  async once(options: TransactionOptions, sql: string, params: readonly (string | null)[]): Promise<RawRow[]> {
    for (let tries = 0; ; tries += 1) {
      const client = await this.connect();
      const rows: RawRow[] = [];
      let started = false;
      const onRow = (row: RawRow) => rows.push(row);
      const begun = beginning(options).map((text, at) => ({
        sql: text,
        params: [],
        onRow: ignored,
        ...(at === 0 ? { onEnd: () => void (started = true) } : {}),
      }));
      const requests = [...begun, { sql, params, onRow }, { sql: "ROLLBACK", params: [], onRow: ignored }];
      const guard = watch(client, options.deadlineMs, options.signal);
      try {
        await eachOf(client, requests);
        client.release(guard.stop());
        return rows;
      } catch (cause) {
        const verdict = guard.verdict();
        if (guard.stop() || !isServerError(cause)) client.release(true);
        else await giveBack(client, false);
        if (verdict !== undefined) throw verdict;
        if (started || tries > this.limits.poolMax) throw isServerError(cause) ? cause : connectionFailure(cause);
        if (isServerError(cause)) throw connectionFailure(cause);
        // A pooled connection may have died unnoticed; each try spends one of them.
      }
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    // A server that never takes our farewell must not hold up the end of the process.
    await Promise.race([this.pool?.end(), new Promise((resolve) => setTimeout(resolve, farewellMs).unref())]);
  }

  private async guarded<T>(
    client: PoolClient,
    options: TransactionOptions,
    work: (client: PoolClient) => Promise<T>,
  ): Promise<T> {
    const guard = watch(client, options.deadlineMs, options.signal);
    let broken = true;
    try {
      const value = await work(client);
      broken = false;
      return value;
    } catch (cause) {
      broken = !isServerError(cause) && !(cause instanceof SextantError);
      throw guard.verdict() ?? (broken ? connectionFailure(cause) : cause);
    } finally {
      const cut = guard.stop();
      if (broken || cut) client.release(true);
      else await giveBack(client, options.foreign === true);
    }
  }

  private async connect(): Promise<PoolClient> {
    if (this.closed) throw new SextantError("source_unreachable", "The source has been closed.");
    if (this.backing !== undefined && performance.now() < this.backing.until) throw this.backing.failure;
    const started = performance.now();
    try {
      const client = await this.open().connect();
      this.failures = 0;
      this.backing = undefined;
      return client;
    } catch (cause) {
      const failure = connectionFailure(cause);
      const tookMs = performance.now() - started;
      if (tookMs >= slowFailureMs || failure.code === "authentication_failed") {
        this.failures += 1;
        const waitMs = Math.min(maxBackOffMs, 500 * 2 ** (this.failures - 1));
        this.backing = { until: performance.now() + waitMs, failure };
      }
      throw failure;
    }
  }

  private open(): Pool {
    if (this.pool !== undefined) return this.pool;
    const pool = new Pool({ ...clientConfig(this.settings), max: this.limits.poolMax, idleTimeoutMillis: 30_000 });
    // Without listeners, a connection that dies would end the process.
    pool.on("error", (cause) => this.emit({ event: "failure", where: "postgres: idle connection", cause }));
    pool.on("connect", (client) => client.on("error", () => undefined));
    this.pool = pool;
    return pool;
  }
}

/** What every connection to this source is made with. @throws SextantError `bad_config_value`. */
export function clientConfig(settings: ConnectorSettings): PoolConfig {
  return {
    connectionString: withLibpqMeaning(settings.url),
    connectionTimeoutMillis: limitsOf(settings).connectTimeoutMs,
    fallback_application_name: "sextant",
    keepAlive: true,
  };
}

/** node-postgres reads `sslmode` in its own way unless told to follow libpq. */
function withLibpqMeaning(url: string): string {
  if (!/[?&]sslmode=/.test(url) || /uselibpqcompat=/.test(url)) return url;
  return `${url}&uselibpqcompat=true`;
}

async function begin(client: PoolClient, options: TransactionOptions): Promise<void> {
  await client.query(beginning(options).join(";\n"));
}

function ignored(): void {}

/** Fixed text and numbers of ours. The SELECT takes a snapshot: from then on SET TRANSACTION READ WRITE is refused (25001). */
function beginning(options: TransactionOptions): string[] {
  const isolation = options.repeatable ? "REPEATABLE READ" : "READ COMMITTED";
  const path = options.searchPath === undefined ? "" : options.searchPath.map(quoted).join(", ");
  return [
    `BEGIN ISOLATION LEVEL ${isolation} READ ONLY`,
    `SET LOCAL statement_timeout = ${Math.max(1, Math.round(options.statementTimeoutMs))}`,
    `SET LOCAL lock_timeout = ${Math.max(1, Math.round(options.lockTimeoutMs))}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${Math.round(options.deadlineMs + 5_000)}`,
    path === ""
      ? "SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(s), ', ') FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) AS s), 'pg_temp'), true)"
      : `SELECT pg_catalog.set_config('search_path', ${literal(`${path}, pg_temp`)}, true)`,
  ];
}

async function giveBack(client: PoolClient, foreign: boolean): Promise<void> {
  try {
    await client.query("ROLLBACK");
    if (foreign) await client.query("DISCARD ALL");
    client.release();
  } catch {
    client.release(true); // it could not be cleaned: it is not used again
  }
}

interface Guard {
  /** Why the work was stopped, where this guard stopped it. */
  verdict(): SextantError | undefined;
  /** Whether the connection was cut. */
  stop(): boolean;
}

function watch(client: PoolClient, deadlineMs: number, signal: AbortSignal | undefined): Guard {
  let reason: SextantError | undefined;
  let cut = false;
  let cutter: NodeJS.Timeout | undefined;
  const end = (why: SextantError) => {
    if (reason !== undefined) return;
    reason = why;
    cutter = setTimeout(() => {
      cut = true;
      cutOff(client);
    }, cancelGraceMs);
    void cancelOn(client);
  };
  const timer = setTimeout(() => end(timedOut(deadlineMs)), deadlineMs);
  const onAbort = () => end(new SextantError("cancelled", "The caller cancelled the call."));
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  return {
    verdict: () => reason,
    stop: () => {
      clearTimeout(timer);
      clearTimeout(cutter);
      signal?.removeEventListener("abort", onAbort);
      // A cancel that is still on its way could hit the connection's next statement.
      return cut || reason !== undefined;
    },
  };
}

export function timedOut(limitMs: number): SextantError {
  return new SextantError("timeout", `The time limit of ${Math.round(limitMs)} ms was reached.`, {
    help: "Narrow the statement (filters, fewer joins, a LIMIT), or allow more time.",
  });
}

/** A server's error about foreign SQL, as an error of ours; anything else as it is. */
export function foreignError(cause: unknown, sql: string, limitMs: number): unknown {
  if (!isServerError(cause)) return cause;
  const issue = issueFromServer(cause, sql);
  if (issue.code === "timeout") return timedOut(limitMs);
  return new SextantError(issue.code, issue.message, {
    ...(issue.help === undefined ? {} : { help: issue.help }),
    cause,
  });
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
