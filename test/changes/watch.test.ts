/** The watcher against real databases and by hand-driven timers: at once with triggers, within an interval without, each change once. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { HistoryStep } from "../../src/catalog/chain.js";
import { createHistory } from "../../src/catalog/history.js";
import { createWatcher, defaultWatch, type Timers, type Watcher, type WatchSettings } from "../../src/catalog/watch.js";
import type { ChangeSignal, Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { installWatch, removeWatch } from "../../src/databases/watch.js";
import { openState } from "../../src/state/open.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";
import { look } from "./live.js";

const realTimers: Timers = {
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

interface Watched {
  readonly watcher: Watcher;
  readonly steps: HistoryStep[];
  readonly blind: { count: number };
}

async function watch(connector: Connector, settings: Partial<WatchSettings>): Promise<Watched> {
  const history = createHistory(await openState("memory"));
  await history.record(await look(connector));
  const steps: HistoryStep[] = [];
  const blind = { count: 0 };
  const watcher = createWatcher<HistoryStep>({
    connector,
    settings: { ...defaultWatch, ...settings },
    refresh: async (causes) => history.record(await look(connector), causes),
    onChange: (step) => steps.push(step),
    onDetectorBlind: () => blind.count++,
    onFailure: () => undefined,
    timers: realTimers,
  });
  watcher.start();
  return { watcher, steps, blind };
}

const objects = (steps: readonly HistoryStep[]) => steps.flatMap((s) => s.changes.map((c) => c.object));

async function until(holds: () => boolean, ms = 30_000): Promise<void> {
  const start = performance.now();
  while (!holds()) {
    if (performance.now() - start > ms) throw new Error("it did not happen in time");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe("PostgreSQL", () => {
  let database: ScratchDatabase;
  let connector: Connector;
  beforeAll(async () => {
    database = await createDatabase("CREATE TABLE orders (id int PRIMARY KEY)");
    await installWatch({ url: database.url });
    connector = openConnector({ url: database.url });
  });
  afterAll(async () => {
    await connector.close();
    await database.drop();
  });

  it("tells a change when it is announced, with author and statement, and each one once through lost connections", async () => {
    const { watcher, steps } = await watch(connector, { intervalMinMs: 600_000, intervalMaxMs: 600_000 });
    await until(() => watcher.status().mode === "notify");
    await watcher.look();
    for (let i = 0; i < 10; i++) {
      await database.query(`CREATE TABLE soon_${i} (id int)`);
      await until(() => objects(steps).includes(`soon_${i}`));
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
    expect(steps.at(-1)?.causes?.[0]?.author).toBeTruthy();
    for (let i = 0; i < 40; i++) {
      await database.query(`CREATE TABLE k_${i} (id int)`);
      if (i % 10 === 5) {
        await database.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
      }
    }
    await until(() => objects(steps).filter((o) => o.startsWith("k_")).length >= 40, 20_000);
    expect(objects(steps)).toHaveLength(50);
    expect(new Set(objects(steps)).size).toBe(50);
    await watcher.stop();
    expect(watcher.status().mode).toBe("off");
  }, 60_000);

  it("notices by polling when the triggers are gone, and says so", async () => {
    const { watcher, steps, blind } = await watch(connector, { intervalMinMs: 100, intervalMaxMs: 200 });
    await until(() => watcher.status().mode === "notify");
    await watcher.look();
    await removeWatch({ url: database.url });
    await watcher.look();
    const before = blind.count;
    await database.query("CREATE TABLE unannounced (id int)");
    await until(() => objects(steps).includes("unannounced"));
    await until(() => blind.count > before);
    expect(objects(steps).filter((o) => o === "unannounced")).toHaveLength(1);
    await until(() => watcher.status().mode === "poll"); // the next heartbeat sees that they are gone
    await watcher.stop();
  });
});

describe("SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "sextant-watch-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("polls, proves renames, and follows a file that was replaced", async () => {
    const path = join(folder, "shop.db");
    const db = new Database(path);
    db.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL)");
    const connector = openConnector({ url: `sqlite:${path}` });
    const { watcher, steps } = await watch(connector, { intervalMinMs: 20, intervalMaxMs: 50 });
    expect(watcher.status().mode).toBe("poll");
    await watcher.look();
    db.exec("ALTER TABLE orders RENAME COLUMN total TO amount");
    await until(() => steps.length === 1);
    expect(steps[0]?.changes.map((c) => [c.kind, c.object, c.renamedFrom])).toEqual([
      ["column_renamed", "orders.amount", "orders.total"],
    ]);
    db.close();
    rmSync(path);
    const other = new Database(path);
    other.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, sum REAL)");
    await until(() => steps.length === 2);
    expect(steps[1]?.changes.map((c) => c.kind)).toEqual(["column_added", "column_removed"]);
    await watcher.stop();
    await connector.close();
    other.close();
  });
});

/** Timers that run when the test lets time pass. */
function handDriven() {
  const pending: { at: number; run: () => void }[] = [];
  let now = 0;
  const timers: Timers = {
    after: (ms, run) => {
      const entry = { at: now + ms, run };
      pending.push(entry);
      return () => void pending.splice(pending.indexOf(entry), pending.includes(entry) ? 1 : 0);
    },
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const pass = async (ms: number) => {
    for (const end = now + ms; now < end; ) {
      now++;
      for (const due of pending.filter((p) => p.at <= now)) {
        pending.splice(pending.indexOf(due), 1);
        due.run();
        await settle();
      }
    }
  };
  return { timers, settle, pass };
}

describe("debouncing", () => {
  let tell: (signal: ChangeSignal) => void = () => undefined;
  let stamp = "same";
  let polls = 0;
  let refreshes: (readonly string[] | undefined)[] = [];
  const { timers, settle, pass } = handDriven();
  const watcher = createWatcher({
    connector: {
      stamp: async () => {
        polls += 1;
        return { schema: stamp };
      },
      listen: async (onSignal) => {
        tell = onSignal;
        return { hears: () => true, stop: async () => undefined };
      },
    },
    settings: { ...defaultWatch, intervalMinMs: 60_000, intervalMaxMs: 60_000 },
    refresh: async (_causes, told) => void refreshes.push(told),
    onChange: () => undefined,
    onDetectorBlind: () => undefined,
    onFailure: () => undefined,
    timers,
  });
  const signal = (...relations: string[]): ChangeSignal => ({
    at: "",
    author: "a",
    ...(relations.length === 0 ? {} : { relations }),
  });
  beforeAll(async () => {
    watcher.start();
    await pass(1);
    await settle();
  });
  beforeEach(async () => {
    await pass(1_000);
    refreshes = [];
  });
  afterAll(() => watcher.stop());

  it("refreshes at most twice a window, at its start and at its end", async () => {
    for (let i = 0; i < 10_000; i++) {
      tell(signal());
      if (i === 5_000) await settle();
    }
    await settle();
    expect(refreshes).toHaveLength(1);
    await pass(150);
    expect(refreshes).toHaveLength(2);
    await pass(1_000);
    expect(refreshes).toHaveLength(2);
    tell(signal());
    await settle();
    expect(refreshes).toHaveLength(3);
  });

  it("asks for what was told, for all where one signal does not tell, and sees soon whether that was all", async () => {
    tell(signal("1", "2"));
    tell(signal("2", "3"));
    await settle();
    expect(refreshes).toEqual([["1", "2", "3"]]);
    tell(signal("4"));
    tell(signal());
    await pass(150);
    expect(refreshes.slice(1)).toEqual([undefined]);
    polls = 0;
    stamp = "another";
    await pass(60_000);
    expect(polls).toBe(1);
    expect(refreshes.slice(2)).toEqual([undefined]);
  });

  it("asks for all where more is told than is worth telling apart", async () => {
    tell(signal(...Array.from({ length: 1_001 }, (_, oid) => String(oid + 1))));
    await settle();
    expect(refreshes).toEqual([undefined]);
  });
});
