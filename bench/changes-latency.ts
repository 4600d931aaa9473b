/** How soon a change is told after its commit, and what a look costs the database, by schema size. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { HistoryStep } from "../src/catalog/chain.js";
import { createHistory } from "../src/catalog/history.js";
import { createWatcher, defaultWatch } from "../src/catalog/watch.js";
import type { Connector } from "../src/databases/connector.js";
import { openConnector } from "../src/databases/open.js";
import { installWatch, removeWatch } from "../src/databases/watch.js";
import { openState } from "../src/state/open.js";
import { look } from "../test/changes/live.js";
import type { Scratch } from "./changes-pairs.js";

export interface Latencies {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export function spread(values: readonly number[]): Latencies {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0) * 100) / 100;
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}

/** Milliseconds from the return of each DDL statement to the notification, one at a time. */
async function latencies(
  connector: Connector,
  run: (sql: string) => Promise<void>,
  count: number,
  intervalMs: number,
): Promise<Latencies> {
  const history = createHistory(await openState("memory"));
  await history.record(await look(connector));
  let told: (() => void) | undefined;
  const watcher = createWatcher<HistoryStep>({
    connector,
    settings: { ...defaultWatch, intervalMinMs: intervalMs, intervalMaxMs: intervalMs },
    refresh: async (causes) => history.record(await look(connector), causes),
    onChange: () => told?.(),
    onDetectorBlind: () => undefined,
    onFailure: (_, cause) => {
      throw cause;
    },
    timers: {
      after: (ms, callback) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
    },
  });
  watcher.start();
  await pause(500);
  await watcher.look();
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const heard = new Promise<void>((resolve) => {
      told = resolve;
    });
    await run(`CREATE TABLE latency_${i} (id integer)`);
    const start = performance.now();
    await heard;
    times.push(performance.now() - start);
    await pause(110 + (i % 7) * 3);
  }
  await watcher.stop();
  return spread(times);
}

export async function postgresLatency(
  scratch: Scratch,
  tables: number,
  count: number,
  triggers: boolean,
): Promise<Latencies> {
  await scratch.clear();
  await makeTables(scratch, tables);
  if (triggers) await installWatch({ url: scratch.url });
  const found = await latencies(
    scratch.connector,
    async (sql) => void (await scratch.client.query(sql)),
    count,
    triggers ? 10_000 : 1_000,
  );
  if (triggers) await removeWatch({ url: scratch.url });
  return found;
}

export async function sqliteLatency(tables: number, count: number): Promise<Latencies> {
  return withSqlite(tables, (db, connector) => latencies(connector, async (sql) => void db.exec(sql), count, 1_000));
}

/** Milliseconds of a look while nothing happened, and of one right after a change. */
export async function postgresPoll(scratch: Scratch, tables: number): Promise<{ idle: Latencies; truth: Latencies }> {
  await scratch.clear();
  await makeTables(scratch, tables);
  return pollCost(
    scratch.connector,
    async (i) => void (await scratch.client.query(`COMMENT ON TABLE filler_0 IS '${i}'`)),
  );
}

export async function sqlitePoll(tables: number): Promise<{ idle: Latencies; truth: Latencies }> {
  return withSqlite(tables, (db, connector) =>
    pollCost(connector, async (i) => void db.exec(`CREATE INDEX poll_${i} ON filler_0 (a)`)),
  );
}

async function pollCost(
  connector: Connector,
  change: (i: number) => Promise<void>,
): Promise<{ idle: Latencies; truth: Latencies }> {
  const timed = async () => {
    const start = performance.now();
    await connector.stamp();
    return performance.now() - start;
  };
  await timed();
  const [idle, truth]: [number[], number[]] = [[], []];
  for (let i = 0; i < 50; i++) idle.push(await timed());
  for (let i = 0; i < 15; i++) {
    await change(i);
    truth.push(await timed());
  }
  return { idle: spread(idle), truth: spread(truth) };
}

async function makeTables(scratch: Scratch, tables: number): Promise<void> {
  for (let at = 0; at < tables; at += 200) {
    const names = Array.from({ length: Math.min(200, tables - at) }, (_, i) => at + i);
    await scratch.client.query(names.map((n) => `CREATE TABLE filler_${n} (a integer, b text, c date)`).join(";"));
  }
  await scratch.client.query("CHECKPOINT");
}

async function withSqlite<T>(
  tables: number,
  use: (db: Database.Database, connector: Connector) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "sextant-latency-"));
  const path = join(folder, "big.db");
  const db = new Database(path);
  db.transaction(() => {
    for (let i = 0; i < tables; i++) db.exec(`CREATE TABLE filler_${i} (a INTEGER, b TEXT, c DATE)`);
  })();
  const connector = openConnector({ url: `sqlite:${path}` });
  try {
    return await use(db, connector);
  } finally {
    await connector.close();
    db.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
