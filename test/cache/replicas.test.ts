/** Three servers on one PostgreSQL state and one Redis: a change of the schema, a correction, a setting, and one of them gone; all that remain agree. */

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { processInputs } from "../../src/config/environment.js";
import { followReplicas, type LiveConfig, openLiveConfig } from "../../src/config/live.js";
import { callTool, type ToolReply } from "../../src/server/tool-calls.js";
import { openState } from "../../src/state/open.js";
import type { State } from "../../src/state/state.js";
import { silent } from "../../src/telemetry.js";
import { type Running, wire } from "../../src/wire.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";
import { hasRedis, startRedis, type TestRedis } from "./redis-server.js";

function first<T>(list: readonly T[]): T {
  const [found] = list;
  if (found === undefined) throw new Error("nothing there");
  return found;
}

describe.skipIf(!hasRedis("three replicas"))("three replicas", () => {
  const folder = mkdtempSync(join(tmpdir(), "sextant-replicas-"));
  const file = join(folder, "sextant.json");
  let [database, stateDatabase]: ScratchDatabase[] = [];
  let redis: TestRedis;
  let replicas: Running[] = [];

  beforeAll(async () => {
    database = await createDatabase(
      "create table orders (id integer primary key, total numeric, customer_id integer); create table customers (id integer primary key, name text)",
    );
    stateDatabase = await createDatabase();
    redis = await startRedis();
    const config = {
      sources: { shop: { url: database.readerUrl } },
      state: { url: stateDatabase.url },
      cache: { url: redis.url },
      telemetry: { log_level: "silent" },
    };
    writeFileSync(file, JSON.stringify(config));
    for (let n = 0; n < 3; n += 1) {
      const wired = await wire({ ...processInputs(), env: {}, argvFlags: { config: file } });
      if (!wired.ok) throw new Error(JSON.stringify(wired.issues));
      replicas.push(wired.value);
    }
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.close()));
    await redis.stop();
    await Promise.all([database?.drop(), stateDatabase?.drop()]);
    rmSync(folder, { recursive: true });
  });

  async function ask(replica: Running, name: string, args: object): Promise<ToolReply> {
    const tool = replica.app.tools.find((t) => t.name === name);
    if (tool === undefined) throw new Error(`no ${name}`);
    return callTool(replica.app, tool, args, {
      signal: new AbortController().signal,
      progress: () => undefined,
      caller: { user: "ada", role: "user" },
    });
  }
  const names = async (replica: Running): Promise<string> => {
    const { structuredContent } = await ask(replica, "discover_schema", { detail: "names", refresh: true });
    return (structuredContent.tables as { name: string }[]).map(({ name }) => name).join();
  };
  const best = async (replica: Running): Promise<string | undefined> => {
    const { structuredContent } = await ask(replica, "map_term", { terms: ["takings"] });
    return (structuredContent.results as { matches: { ref: string }[] }[])[0]?.matches[0]?.ref;
  };
  const all = async (what: (replica: Running) => Promise<unknown>): Promise<readonly unknown[]> =>
    Promise.all(replicas.map(what));

  test("agree on the schema before and after each change, whoever saw it first", async () => {
    expect(await all(names)).toEqual(Array.from({ length: 3 }, () => "customers,orders"));
    await database?.query("create table invoices (id integer primary key)");
    expect(await all(names)).toEqual(Array.from({ length: 3 }, () => "customers,invoices,orders"));
    await database?.query("drop table invoices");
    expect(await all(names)).toEqual(Array.from({ length: 3 }, () => "customers,orders"));
  });

  test("a correction given to one holds in all from the next call on", async () => {
    await all(best);
    expect(
      (
        await ask(first(replicas), "record_feedback", {
          term: "takings",
          ref: "orders.total",
          verdict: "correct",
        })
      ).isError,
    ).toBeUndefined();
    expect(await all(best)).toEqual(Array.from({ length: 3 }, () => "orders.total"));
  });

  test("racing changes of the configuration are all kept, in one order, and taken over by all", async () => {
    const states: State[] = [];
    const lives: LiveConfig[] = [];
    for (let n = 0; n < 3; n += 1) {
      const state = await openState(stateDatabase?.url ?? "");
      const opened = await openLiveConfig({
        inputs: { ...processInputs(), env: {}, argvFlags: { config: file } },
        store: state,
        emit: silent,
        now: Date.now,
      });
      if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
      states.push(state);
      lives.push(opened.value);
    }
    const followers = lives.map((live) => followReplicas(live, 20, silent));
    const changes = lives.flatMap((live, i) =>
      [0, 1].map((n) =>
        live.change(
          { patch: { terms: { quorum: 10 * i + n + 1 } } },
          { author: `replica ${i}`, reason: String(n), mayWiden: true },
        ),
      ),
    );
    const done = await Promise.all(changes);
    expect(done.every((result) => result.ok)).toBe(true);
    const last = Math.max(...done.map((result) => (result.ok ? result.value.version : 0)));
    await expect.poll(() => lives.map((live) => live.current().version)).toEqual([last, last, last]);
    expect(
      new Set(lives.map((live) => createHash("sha256").update(JSON.stringify(live.current().config)).digest("hex")))
        .size,
    ).toBe(1);
    const kept = await first(lives).versions(100);
    expect(kept.map((v) => v.version)).toEqual(kept.map((_, i) => last - i));
    for (const follower of followers) follower.stop();
    await Promise.all(states.map((state) => state.close()));
  });

  test("one gone and Redis gone: the others answer, rightly, and nothing acknowledged is lost", async () => {
    await replicas.shift()?.close();
    await redis.stop();
    await database?.query("create table refunds (id integer primary key)");
    expect(await all(names)).toEqual(Array.from({ length: 2 }, () => "customers,orders,refunds"));
    expect(await all(best)).toEqual(["orders.total", "orders.total"]);
    const wired = await wire({ ...processInputs(), env: {}, argvFlags: { config: file } });
    if (!wired.ok) throw new Error(JSON.stringify(wired.issues));
    replicas = [...replicas, wired.value];
    expect(await best(wired.value)).toBe("orders.total");
  });
});
