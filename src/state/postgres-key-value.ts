/** Values that may be lost in PostgreSQL, with announcements by NOTIFY. */

import { Client, Pool } from "pg";
import { type KeyValue, type KeyValueLimits, trimEvery, trimTo } from "./key-value.js";

const channel = "sextant_cache";
const listenAgainMs = 2_000;

/** An unlogged table beside the state, and NOTIFY between replicas. Connects at the first call. */
export function openPostgresKeyValue(url: string, limits: KeyValueLimits, report: (cause: unknown) => void): KeyValue {
  const options = {
    connectionString: url,
    connectionTimeoutMillis: limits.connectTimeoutMs,
    statement_timeout: limits.commandTimeoutMs,
    lock_timeout: limits.commandTimeoutMs,
    query_timeout: limits.commandTimeoutMs * 2,
    application_name: "sextant-cache",
  };
  const pool = new Pool({ ...options, max: 4 });
  pool.on("error", () => undefined); // an idle connection died; the next call opens another
  let ready: Promise<unknown> | undefined;
  const ask = async (
    sql: string,
    values: readonly unknown[],
  ): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }> => {
    ready ??= prepareTable(pool);
    await ready.catch((cause: unknown) => {
      ready = undefined;
      throw cause;
    });
    return pool.query(sql, [...values]);
  };
  const listening = listen(url, options, report);
  let sets = 0;
  const getMany = async (keys: readonly string[]): Promise<unknown[]> => {
    const { rows } = await ask(
      "update sextant.cache set used_at = now() where key = any($1) and expires_at > now() returning key, value",
      [keys],
    );
    const found = new Map(rows.map((row) => [row.key, row.value]));
    return keys.map((key) => found.get(key));
  };
  return {
    adapter: {
      opts: { dialect: "postgres" },
      get: async (key) => (await getMany([key]))[0],
      getMany,
      set: async (key, value, ttlMs = 0) => {
        await ask(
          "insert into sextant.cache (key, value, expires_at) values ($1, $2, now() + $3 * interval '1 ms') on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at, used_at = now()",
          [key, value, ttlMs],
        );
        sets += 1;
        if (sets % trimEvery === 0) await trimTable(ask, limits);
      },
      delete: async (key) => ((await ask("delete from sextant.cache where key = $1", [key])).rowCount ?? 0) > 0,
      clear: async () => {
        await ask("truncate sextant.cache", []);
      },
      on: () => undefined,
    },
    publish: async (message) => {
      // NOTIFY carries at most 7,999 bytes; what is longer is seen at the next read.
      if (Buffer.byteLength(message) < 7_999) await ask("select pg_notify($1, $2)", [channel, message]);
    },
    onMessage: (listener) => listening.onMessage(listener),
    claim: async (name, ttlMs) => {
      const sql =
        "insert into sextant.cache as c (key, value, expires_at) values ($1, '', now() + $2 * interval '1 ms') on conflict (key) do update set expires_at = excluded.expires_at where c.expires_at <= now()";
      return (await ask(sql, [`claim:${name}`, ttlMs])).rowCount === 1;
    },
    release: async (name) => void (await ask("delete from sextant.cache where key = $1", [`claim:${name}`])),
    close: async () => {
      await listening.stop();
      await pool.end();
    },
  };
}

async function prepareTable(pool: Pool): Promise<void> {
  const { rows } = await pool.query("select to_regclass('sextant.cache') is not null as is_there");
  if ((rows[0] as { is_there: boolean }).is_there) return;
  await pool.query(
    "create schema if not exists sextant; create unlogged table if not exists sextant.cache (key text primary key, value text not null, expires_at timestamptz not null, used_at timestamptz not null default now())",
  );
}

async function trimTable(
  ask: (sql: string, values: readonly unknown[]) => Promise<unknown>,
  { maxBytes }: KeyValueLimits,
): Promise<void> {
  await ask("delete from sextant.cache where expires_at <= now()", []);
  await ask(
    "delete from sextant.cache where key in (select key from (select key, sum(octet_length(value)) over (order by used_at desc, key) as so_far from sextant.cache) kept where so_far > $1)",
    [Math.floor(maxBytes * trimTo)],
  );
}

/** A connection of its own that listens, and again after it was lost; what was announced meanwhile is seen at the next read. */
function listen(
  url: string,
  options: object,
  report: (cause: unknown) => void,
): { onMessage(listener: (message: string) => void): void; stop(): Promise<void> } {
  const listeners = new Set<(message: string) => void>();
  let client: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const again = (cause: unknown): void => {
    client?.removeAllListeners("end");
    client?.end().catch(() => undefined);
    client = undefined;
    if (isStopped || timer !== undefined) return;
    report(cause);
    timer = setTimeout(() => {
      timer = undefined;
      start();
    }, listenAgainMs);
    timer.unref();
  };
  const start = (): void => {
    const fresh = new Client({ ...options, connectionString: url, keepAlive: true });
    client = fresh;
    fresh.on("error", again);
    fresh.on("end", () => again(new Error("the listening connection was closed")));
    fresh.on("notification", ({ payload }) => {
      for (const listener of listeners) listener(payload ?? "");
    });
    fresh
      .connect()
      .then(() => fresh.query(`listen ${channel}`))
      .catch(again);
  };
  start();
  return {
    onMessage: (listener) => void listeners.add(listener),
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      client?.removeAllListeners("end");
      await client?.end().catch(() => undefined);
    },
  };
}
