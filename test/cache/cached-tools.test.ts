/** Tools behind the cache, on a real database: same answers, fresh as_of, and never an answer from before a change, a correction or a setting. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cache, createCache } from "../../src/cache/cache.js";
import { processInputs } from "../../src/config/environment.js";
import { type CachedTools, cachedTools } from "../../src/server/cached-tools.js";
import { callTool, type ToolReply } from "../../src/server/tool-calls.js";
import { silent } from "../../src/telemetry.js";
import { type Running, wire } from "../../src/wire.js";

const folder = mkdtempSync(join(tmpdir(), "sextant-cached-"));
const path = join(folder, "shop.db");
const settings = {
  maxBytes: 1_000_000,
  sharedMaxBytes: 1_000_000,
  entryMaxBytes: 500_000,
  compressAboveBytes: 1_000,
  minTtlMs: 60_000,
  maxTtlMs: 60_000,
  staleMs: 0,
  connectTimeoutMs: 300,
  commandTimeoutMs: 250,
  retryAfterMs: 300,
};
let running: Running;
let cache: Cache;
let cached: CachedTools;
let rests = "1";
const db = new Database(path);

beforeAll(async () => {
  db.exec(
    "create table orders (id integer primary key, total real, ordered_at text); create table customers (id integer primary key, name text)",
  );
  const flags = { source: [`shop=sqlite:${path}`], state: "memory", logLevel: "silent" };
  // What a look at the rows brings later is news to an answer, in whichever test it arrives: here only the schema changes.
  const env = { SEXTANT_DISCOVERY__PROFILE__ENABLED: "false", SEXTANT_DISCOVERY__INFERENCE__ENABLED: "false" };
  const wired = await wire({ ...processInputs(), env, argvFlags: flags });
  if (!wired.ok) throw new Error(JSON.stringify(wired.issues));
  running = wired.value;
  cache = createCache(settings, silent);
  cached = cachedTools({
    tools: running.app.tools,
    cache,
    restsOn: () => rests,
    warmEntries: () => 10,
    onFailure: (cause) => {
      throw cause;
    },
  });
});
afterAll(async () => {
  await running.close();
  db.close();
  rmSync(folder, { recursive: true });
});

async function ask(name: string, args: object, user = "ada"): Promise<ToolReply> {
  const app = { ...running.app, tools: cached.tools };
  const tool = app.tools.find((t) => t.name === name);
  if (tool === undefined) throw new Error(`no ${name}`);
  return callTool(app, tool, args, {
    signal: new AbortController().signal,
    progress: () => undefined,
    caller: { user, role: "user" },
  });
}

const loads = (kind: string): number => cache.stats().kinds[kind]?.loads ?? 0;
const text = (reply: ToolReply): string => reply.content.map((c) => c.text).join();

test("the second answer equals the first, without work; another question, caller or setting is work", async () => {
  const args = { terms: ["order total"] };
  const first = await ask("map_term", args);
  const settled = loads("map_term");
  const again = await ask("map_term", args);
  expect(again.structuredContent.results).toEqual(first.structuredContent.results);
  expect(loads("map_term")).toBe(settled);
  await ask("map_term", { terms: ["customer"] });
  await ask("map_term", args, "bob");
  rests = "2";
  await ask("map_term", args);
  expect(loads("map_term")).toBe(settled + 3);
});

test("a refusal is not kept", async () => {
  const before = loads("map_term");
  for (let n = 0; n < 2; n += 1) expect((await ask("map_term", {})).isError).toBe(true);
  expect(loads("map_term")).toBe(before + 2);
});

test("a cached overview says when the schema was seen last, in both forms", async () => {
  const first = await ask("discover_schema", { detail: "names" });
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  const again = await ask("discover_schema", { detail: "names", refresh: true });
  expect(again.structuredContent.tables).toEqual(first.structuredContent.tables);
  expect(String(again.structuredContent.as_of) > String(first.structuredContent.as_of)).toBe(true);
  expect(text(again)).toContain(`as of ${String(again.structuredContent.as_of)}`);
});

test("after a change of the schema no answer is from before it", async () => {
  const names = async (): Promise<unknown> =>
    (
      (await ask("discover_schema", { detail: "names", refresh: true })).structuredContent.tables as { name: string }[]
    ).map(({ name }) => name);
  expect(await names()).toEqual(["customers", "orders"]);
  db.exec("create table invoices (id integer primary key)");
  expect(await names()).toEqual(["customers", "invoices", "orders"]);
  db.exec("drop table invoices");
  expect(await names()).toEqual(["customers", "orders"]);
});

test("a correction holds from the next call on", async () => {
  const best = async (): Promise<string | undefined> =>
    ((await ask("map_term", { terms: ["turnover"] })).structuredContent.results as { matches: { ref: string }[] }[])[0]
      ?.matches[0]?.ref;
  await best();
  const reply = await ask("record_feedback", { term: "turnover", ref: "orders.total", verdict: "correct" });
  expect(reply.isError).toBeUndefined();
  expect(await best()).toBe("orders.total");
});

const misses = (kind: string): number => cache.stats().kinds[kind]?.miss ?? 0;

test("what is asked most is answered again after a change, before anybody asks", async () => {
  const args = { terms: ["customer name"] };
  await ask("map_term", args);
  db.exec("create table refunds (id integer primary key, total real)");
  await ask("discover_schema", { detail: "names", refresh: true });
  await cached.warm("shop");
  const before = misses("map_term");
  const { results } = (await ask("map_term", args)).structuredContent;
  expect(misses("map_term")).toBe(before);
  expect(results).toMatchObject([{ term: "customer name" }]);
});

test("what usually comes next is answered ahead", async () => {
  const [overview, detail] = [{ detail: "overview" }, { tables: ["orders"], detail: "full" }];
  for (let n = 0; n < 4; n += 1) {
    await ask("discover_schema", overview, "cleo");
    await ask("discover_schema", detail, "cleo");
  }
  db.exec("create table visits (id integer primary key)");
  const loaded = loads("discover_schema");
  await ask("discover_schema", { ...overview, refresh: true }, "cleo");
  await expect.poll(() => loads("discover_schema"), { timeout: 5_000 }).toBeGreaterThan(loaded + 1);
  const before = misses("discover_schema");
  await ask("discover_schema", detail, "cleo");
  expect(misses("discover_schema")).toBe(before);
});
