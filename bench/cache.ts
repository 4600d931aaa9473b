/**
 * The cache under a replayed agent workload: 50 agents at once, Zipf over tools and topics, on the sample database, with the schema changing and Redis
 * killed, stopped and talking nonsense in the middle. Figures: hit rate, stale answers after a change was announced, failed calls, latency;
 * and what a cached answer costs over HTTP beside a tool that does nothing, in the same run.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import Database from "better-sqlite3";
import { z } from "zod";
import { type Cache, createCache } from "../src/cache/cache.js";
import { openRedis } from "../src/cache/redis.js";
import type { SharedStore } from "../src/cache/shared.js";
import { processInputs } from "../src/config/environment.js";
import { loadConfig } from "../src/config/load.js";
import { camelKeys } from "../src/config/rooms.js";
import { ok } from "../src/issue.js";
import type { App } from "../src/server/app.js";
import { type CachedTools, cachedTools } from "../src/server/cached-tools.js";
import { startHttp } from "../src/server/http.js";
import { callTool } from "../src/server/tool-calls.js";
import { silent } from "../src/telemetry.js";
import { createTools } from "../src/tools/all.js";
import { readOnly, type Tool } from "../src/tools/tool.js";
import { type Running, wire } from "../src/wire.js";
import { freePort, hasRedis, startNonsense, startRedis } from "../test/cache/redis-server.js";
import { agents, question, seeded, topics } from "./agent-workload.js";

const callsAPhase = 2_000;

interface Phase {
  readonly calls: number;
  readonly failed: number;
  readonly stale: number;
  readonly hitRate: number;
  readonly ms: readonly [p50: number, p95: number, p99: number, worst: number];
}

class Workload {
  /** The version that every answer must have from now on, once it was announced. */
  announced = "";
  readonly #app: App;
  readonly #cache: Cache | undefined;
  readonly #random = seeded(7);

  constructor(app: App, cache: Cache | undefined) {
    this.#app = app;
    this.#cache = cache;
  }

  async phase(during: (() => Promise<void>) | undefined): Promise<Phase> {
    const before = this.#served();
    const took: number[] = [];
    let [failed, stale, left] = [0, 0, callsAPhase];
    const agent = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        if (left === callsAPhase / 2) void during?.();
        const [name, args] = question(this.#random);
        const wanted = this.announced;
        const startedMs = performance.now();
        const answer = await this.#call(name, args);
        took.push(performance.now() - startedMs);
        if (answer === undefined) failed += 1;
        else if (
          wanted !== "" &&
          answer.version !== undefined &&
          answer.version !== wanted &&
          answer.version !== this.announced
        )
          stale += 1;
      }
    };
    await Promise.all(Array.from({ length: agents }, agent));
    const after = this.#served();
    const at = (p: number): number =>
      took.toSorted((a, b) => a - b)[Math.min(took.length - 1, Math.floor(p * took.length))] ?? 0;
    const asked = after.asked - before.asked;
    return {
      calls: took.length,
      failed,
      stale,
      hitRate: asked === 0 ? 0 : (after.hits - before.hits) / asked,
      ms: [at(0.5), at(0.95), at(0.99), at(1)],
    };
  }

  /** The answer; undefined where a fault of ours made it fail. An issue that the caller can mend is an answer. */
  async #call(name: string, args: object): Promise<{ readonly version?: string } | undefined> {
    const tool = this.#app.tools.find((t) => t.name === name) as Tool;
    const call = {
      signal: new AbortController().signal,
      progress: () => undefined,
      caller: { user: "", role: "reader" },
    };
    const reply = await callTool(this.#app, tool, args, call);
    const isFault = reply.isError === true && JSON.stringify(reply.structuredContent).includes("internal_error");
    await new Promise((resolve) => setImmediate(resolve)); // an agent waits for its answer to travel
    return isFault ? undefined : reply.structuredContent;
  }

  #served(): { readonly asked: number; readonly hits: number } {
    const kinds = Object.values(this.#cache?.stats().kinds ?? {});
    const hits = kinds.reduce((sum, k) => sum + k.hit + k.stale + k.shared_hit + k.joined, 0);
    return { hits, asked: hits + kinds.reduce((sum, k) => sum + k.miss, 0) };
  }
}

function report(what: string, phase: Phase): void {
  const [p50, p95, p99, worst] = phase.ms.map((ms) => ms.toFixed(1));
  console.log(
    `${what.padEnd(34)} ${String(phase.calls).padStart(6)} ${String(phase.failed).padStart(6)} ${String(phase.stale).padStart(5)} ${phase.hitRate.toFixed(3).padStart(8)} ${p50?.padStart(7)} ${p95?.padStart(7)} ${p99?.padStart(7)} ${worst?.padStart(7)}`,
  );
}

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sextant-bench-cache-"));
  const path = join(folder, "ledger.db");
  const db = new Database(path);
  db.exec(readFileSync(fileURLToPath(new URL("../fixtures/ledger/sqlite.sql", import.meta.url)), "utf8"));
  const inputs = {
    ...processInputs(),
    env: {},
    argvFlags: { source: [`ledger=sqlite:${path}`], state: "memory", logLevel: "silent" },
  };
  const [config, wired] = [loadConfig(inputs), await wire(inputs)];
  if (!config.ok || !wired.ok) throw new Error("the sample does not start");
  const settings = camelKeys(config.value.config.cache);
  console.log(
    `${agents} agents at once, ${callsAPhase} calls a phase, Zipf over 4 kinds of question and ${topics.length} topics; ms as seen by an agent`,
  );
  console.log(
    `${"phase".padEnd(34)} ${"calls".padStart(6)} ${"failed".padStart(6)} ${"stale".padStart(5)} ${"hit rate".padStart(8)} ${"p50".padStart(7)} ${"p95".padStart(7)} ${"p99".padStart(7)} ${"worst".padStart(7)}`,
  );
  // The tools as they are behind the cache that the server itself wires.
  const bare: Running = {
    ...wired.value,
    app: {
      ...wired.value.app,
      tools: createTools(
        () => config.value.config,
        () => true,
      ),
    },
  };
  await phases(bare, settings, db);
  await floor(bare, settings);
  await wired.value.close();
  db.close();
  rmSync(folder, { recursive: true });
}

function behind(running: Running, cache: Cache): CachedTools {
  const onFailure = (cause: unknown) => console.error(cause);
  return cachedTools({ tools: running.app.tools, cache, restsOn: () => "1", warmEntries: () => 50, onFailure });
}

type Settings = Parameters<typeof createCache>[0];

async function phases(running: Running, settings: Settings, db: Database.Database): Promise<void> {
  const port = await freePort();
  const withRedis = hasRedis("the phases with Redis");
  let redis = withRedis ? await startRedis(port) : undefined;
  const shared: SharedStore | undefined = redis === undefined ? undefined : openRedis(redis.url, settings, silent);
  const cache = createCache(settings, silent, shared);
  const cached = behind(running, cache);
  const work = new Workload({ ...running.app, tools: cached.tools }, cache);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const change = async (sql: string): Promise<void> => {
    db.exec(sql);
    const call = {
      signal: new AbortController().signal,
      progress: () => undefined,
      caller: { user: "", role: "reader" },
    };
    const live = await running.app.deps.live("ledger", { refresh: true, call });
    if (live.ok) work.announced = live.value.version;
    await cached.warm("ledger");
  };
  report("cold, then warm", await work.phase(undefined));
  report("warm", await work.phase(undefined));
  report(
    "a column is added in the middle",
    await work.phase(() => change("alter table customers add column bench_note text")),
  );
  report("and dropped again", await work.phase(() => change("alter table customers drop column bench_note")));
  if (redis !== undefined) {
    report("Redis is killed in the middle", await work.phase(async () => redis?.stop()));
    redis = await startRedis(port);
    await new Promise((resolve) => setTimeout(resolve, settings.retryAfterMs + 2_500));
    report("Redis is back", await work.phase(undefined));
    const stopped = redis;
    report("Redis hangs in the middle", await work.phase(async () => void stopped.process.kill("SIGSTOP")));
    await stopped.stop();
    const nonsense = await startNonsense("garbage");
    const lying = createCache(settings, silent, openRedis(nonsense.url, settings, silent));
    const other = new Workload({ ...running.app, tools: behind(running, lying).tools }, lying);
    report("Redis talks nonsense, cold", await other.phase(undefined));
    await lying.close();
    nonsense.stop();
  }
  const kinds = Object.values(cache.stats().kinds);
  const missed = kinds.reduce((sum, k) => sum + k.miss, 0);
  const hits = kinds.reduce((sum, k) => sum + k.hit + k.stale + k.shared_hit + k.joined, 0);
  console.log(
    `hit rate over all phases of one cache: ${(hits / (hits + missed)).toFixed(3)} of ${hits + missed} questions`,
  );
  await cache.close();
  report("without a cache", await new Workload(running.app, undefined).phase(undefined));
}

/** A cached answer beside a tool that does nothing, over HTTP, alternating. */
async function floor(running: Running, settings: Settings): Promise<void> {
  const output = z.object({ done: z.boolean() });
  const nothing: Tool = {
    name: "nothing",
    title: "Nothing",
    description: "Does nothing.",
    input: z.strictObject({}),
    output,
    annotations: readOnly,
    run: async () => ok({ structured: { done: true }, text: "done" }),
  };
  const cache = createCache(settings, silent);
  const app = { ...running.app, tools: [...behind(running, cache).tools, nothing] };
  const http = {
    host: "127.0.0.1",
    port: 0,
    allowedHosts: [],
    maxBodyBytes: 1_048_576,
    maxSessions: 10,
    idleMs: 60_000,
    sse: false,
  };
  const endpoint = await startHttp(app, running.metrics, http, undefined);
  const client = new Client({ name: "bench", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${endpoint.url}/mcp`)));
  const took: Record<string, number[]> = { nothing: [], map_term: [] };
  for (let n = 0; n < 600; n += 1) {
    for (const [name, args] of [
      ["nothing", {}],
      ["map_term", { terms: ["revenue"] }],
    ] as const) {
      const startedMs = performance.now();
      await client.callTool({ name, arguments: args });
      if (n >= 100) took[name]?.push(performance.now() - startedMs);
    }
  }
  const median = (name: string): number => took[name]?.toSorted((a, b) => a - b)[250] ?? 0;
  console.log(
    `over HTTP, p50 of 500: nothing ${median("nothing").toFixed(3)} ms, map_term from the cache ${median("map_term").toFixed(3)} ms, ratio ${(median("map_term") / median("nothing")).toFixed(2)}`,
  );
  await client.close();
  await endpoint.close();
  await cache.close();
}
