/** Redis as the shared tier, and everything that can go wrong with it: absent, killed, stopped, back again, silent, talking nonsense (faults.md #1 to #7). */

import { createClient } from "@keyv/redis";
import { afterEach, describe, expect, test } from "vitest";
import { type Cache, createCache, type EntryKey } from "../../src/cache/cache.js";
import { openRedis } from "../../src/cache/redis.js";
import type { CacheSettings } from "../../src/cache/settings.js";
import type { TelemetryEvent } from "../../src/telemetry.js";
import { freePort, hasRedis, startNonsense, startRedis, type TestRedis } from "./redis-server.js";

const settings: CacheSettings = {
  maxBytes: 1_000_000,
  sharedMaxBytes: 1_000_000,
  entryMaxBytes: 200_000,
  compressAboveBytes: 1_000,
  minTtlMs: 60_000,
  maxTtlMs: 60_000,
  staleMs: 1_000,
  connectTimeoutMs: 300,
  commandTimeoutMs: 250,
  retryAfterMs: 1_000,
};

const open: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function redis(port?: number): Promise<TestRedis> {
  const server = await startRedis(port);
  open.push({ close: () => server.stop() });
  return server;
}

const events: TelemetryEvent[] = [];
function replica(url: string): Cache {
  const emit = (event: TelemetryEvent): void => void events.push(event);
  const cache = createCache(settings, emit, openRedis(url, settings, emit));
  open.unshift(cache);
  return cache;
}

/** Waits until `count` replicas have both their connections. */
async function connected(url: string, count: number): Promise<void> {
  const client = createClient({ url });
  await client.connect();
  const others = async (): Promise<number> =>
    (await client.sendCommand<string>(["CLIENT", "LIST"])).trim().split("\n").length - 1;
  await expect.poll(others, { timeout: 10_000 }).toBeGreaterThanOrEqual(2 * count);
  client.destroy();
  await wait(200);
}

const key = (name: string, version = "v1"): EntryKey => ({ source: "erp", rights: "all", version, key: name });
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
let loads = 0;
const ask = (cache: Cache, name: string, tags: readonly string[] = []): Promise<string> =>
  cache.getOrLoad(key(name), { kind: "test", tags, load: async () => `${name}#${(loads += 1)}` });

/** Asks `n` new questions, each of which must be answered, and rightly; returns how many calls of the shared tier failed meanwhile. */
async function failuresWhile(cache: Cache, prefix: string, n: number): Promise<number> {
  const before = cache.stats().shared?.errors ?? 0;
  for (let i = 0; i < n; i += 1) {
    expect(await ask(cache, `${prefix}${i}`)).toMatch(new RegExp(`^${prefix}${i}#`, "u"));
  }
  return (cache.stats().shared?.errors ?? 0) - before;
}

describe.skipIf(!hasRedis("the shared cache in Redis"))("with a server", () => {
  test("replicas share entries, hear of a drop at once, and share it exactly", async () => {
    const { url } = await redis();
    const [one, two] = [replica(url), replica(url)];
    await connected(url, 2);
    let n = 0;
    let first: readonly string[] = [];
    const both = async (cache: Cache): Promise<readonly string[]> => [
      await ask(cache, `a${n}`, ["orders"]),
      await ask(cache, `b${n}`, ["customers"]),
    ];
    // A machine under load may let the short time limits pass: then nothing is shared, rightly, and it is tried again.
    const isShared = async (): Promise<boolean> => {
      n += 1;
      first = await both(one);
      await wait(200);
      return (await both(two)).join() === first.join();
    };
    await expect.poll(isShared, { timeout: 20_000 }).toBe(true);
    one.invalidate("erp", ["orders"]);
    await expect.poll(() => ask(two, `a${n}`, ["orders"]), { interval: 5, timeout: 10_000 }).not.toBe(first[0]);
    expect(await ask(two, `b${n}`, ["customers"])).toBe(first[1]);
  });

  test("a lost announcement is made good at the next read of the shared tier", async () => {
    const { url } = await redis();
    const one = replica(url);
    await connected(url, 1);
    const first = await ask(one, "a", ["orders"]);
    one.invalidate("erp", ["orders"]);
    await wait(200);
    const late = replica(url); // was not there to hear it
    await connected(url, 2);
    expect(await ask(late, "a", ["orders"])).not.toBe(first);
  });

  test("killed in the middle: no call fails; back again: it is used again, and nothing old appears", {
    timeout: 30_000,
  }, async () => {
    const port = await freePort();
    const server = await redis(port);
    const cache = replica(server.url);
    await connected(server.url, 1);
    await failuresWhile(cache, "before", 20);
    await server.stop();
    expect(await failuresWhile(cache, "during", 200)).toBeLessThan(100);
    expect(await failuresWhile(cache, "later", 200)).toBeLessThan(100);
    const again = await redis(port);
    await wait(settings.retryAfterMs + 2_500);
    await ask(cache, "fresh");
    await wait(100);
    const other = replica(again.url);
    await connected(again.url, 2);
    await ask(other, "fresh");
    expect(other.stats().kinds.test).toMatchObject({ shared_hit: 1 });
    await ask(other, "during0");
    expect(other.stats().kinds.test).toMatchObject({ shared_hit: 1, loads: 1 });
  });

  test("stopped (SIGSTOP): each rest costs one call its time limit, the others are not made to try", {
    timeout: 30_000,
  }, async () => {
    const server = await redis();
    const cache = replica(server.url);
    await connected(server.url, 1);
    server.process.kill("SIGSTOP");
    expect(await failuresWhile(cache, "x", 500)).toBeLessThan(250);
    const held = await Promise.all(Array.from({ length: 50 }, (_, i) => ask(cache, `all${i}`)));
    expect(held).toHaveLength(50);
    server.process.kill("SIGCONT");
    await wait(settings.retryAfterMs + 300);
    expect(await failuresWhile(cache, "y", 50)).toBeLessThan(25);
    expect(cache.stats().shared?.up).toBe(true);
  });

  test("what lies in it that is not ours is a miss and is counted, and the answer is right", async () => {
    const { url } = await redis();
    const [one, two] = [replica(url), replica(url)];
    await connected(url, 2);
    const [a] = [await ask(one, "a"), await ask(one, "b"), await ask(one, "c")];
    await wait(200);
    const client = createClient({ url });
    await client.connect();
    const names = (await client.keys("*")).sort();
    const texts = await Promise.all(names.map((name) => client.get(name)));
    await client.set(names[0] ?? "", texts[1] ?? ""); // another's
    await client.set(names[1] ?? "", "complete nonsense");
    await client.set(names[2] ?? "", (texts[2] ?? "").replace("c#", "d#"));
    client.destroy();
    for (const name of ["a", "b", "c"]) expect(await ask(two, name)).toMatch(new RegExp(`^${name}#`, "u"));
    expect(two.stats().kinds.test?.shared_hit ?? 0).toBe(0);
    expect(await ask(one, "a")).toBe(a);
  });

  test("a server that refuses writes (full, read-only) changes no answer", async () => {
    const { url } = await redis();
    const client = createClient({ url });
    await client.connect();
    await client.sendCommand(["CONFIG", "SET", "maxmemory", "1"]);
    await client.sendCommand(["CONFIG", "SET", "maxmemory-policy", "noeviction"]);
    client.destroy();
    const cache = replica(url);
    await connected(url, 1);
    expect(await failuresWhile(cache, "full", 100)).toBeLessThan(50);
    expect(cache.stats().shared?.errors).toBeGreaterThan(0);
  });
});

describe("without a server", () => {
  test("never up: calls do not wait for it, and it is said once", async () => {
    events.length = 0;
    const cache = replica(`redis://127.0.0.1:${await freePort()}`);
    expect(await failuresWhile(cache, "never", 200)).toBeLessThan(100);
    expect(events.filter((e) => e.event === "cache" && e.kind === "shared").length).toBeLessThanOrEqual(4);
  });

  test.each(["garbage", "silent"] as const)("a server that is %s", { timeout: 30_000 }, async (kind) => {
    const nonsense = await startNonsense(kind);
    const cache = replica(nonsense.url);
    await wait(100);
    expect(await failuresWhile(cache, kind, 300)).toBeLessThan(150);
    await wait(settings.retryAfterMs + 50);
    expect(await failuresWhile(cache, `${kind}again`, 300)).toBeLessThan(150);
    await cache.close();
    nonsense.stop();
  });

  test("an address from which nothing ever comes back", async () => {
    const cache = replica("redis://192.0.2.1:6379"); // TEST-NET-1 (RFC 5737)
    expect(await failuresWhile(cache, "hole", 200)).toBeLessThan(100);
  });
});
