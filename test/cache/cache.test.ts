/** The cache's promises without a server: right keys, exact dropping, one load, lifetimes, bounds; and with the SQLite and PostgreSQL tiers. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import * as fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { type Cache, createCache, type EntryKey } from "../../src/cache/cache.js";
import { open, seal } from "../../src/cache/envelope.js";
import type { CacheSettings } from "../../src/cache/settings.js";
import type { SharedStore } from "../../src/cache/shared.js";
import { SextantError } from "../../src/issue.js";
import { openKeyValue } from "../../src/state/open-key-value.js";
import { silent } from "../../src/telemetry.js";
import { createDatabase } from "../servers/databases.js";

const settings: CacheSettings = {
  maxBytes: 1_000_000,
  sharedMaxBytes: 10_000_000,
  entryMaxBytes: 200_000,
  compressAboveBytes: 1_000,
  minTtlMs: 1_000,
  maxTtlMs: 60_000,
  staleMs: 1_000,
  connectTimeoutMs: 300,
  commandTimeoutMs: 250,
  retryAfterMs: 300,
};
const folder = mkdtempSync(join(tmpdir(), "sextant-cache-"));
afterAll(() => rmSync(folder, { recursive: true }));

const key = (name: string, version = "v1", rights = "all", source = "erp"): EntryKey => ({
  source,
  rights,
  version,
  key: name,
});
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let loads = 0;
function ask(cache: Cache, k: EntryKey, tags: readonly string[] = [], value?: unknown): Promise<unknown> {
  const load = async (): Promise<unknown> => {
    loads += 1;
    return value ?? `${k.key}@${k.version}#${loads}`;
  };
  return cache.getOrLoad<unknown>(k, { kind: "test", tags, load });
}

describe("one process", () => {
  test("the same question is answered once; another source, right, version or question is another", async () => {
    const cache = createCache(settings, silent);
    const keys = [
      key("q"),
      key("q2"),
      key("q", "v2"),
      key("q", "v1", "less"),
      key("q", "v1", "all", "crm"),
      key("q/v1", "", ""),
      key("q", "/v1", ""),
    ];
    const first = await Promise.all(keys.map((k) => ask(cache, k)));
    expect(new Set(first).size).toBe(keys.length);
    expect(await Promise.all(keys.map((k) => ask(cache, k)))).toEqual(first);
    expect(cache.stats().kinds.test).toMatchObject({ hit: keys.length, miss: keys.length, loads: keys.length });
  });

  test("concurrent callers share one load, and one that cancels its own does not cancel theirs", async () => {
    const cache = createCache(settings, silent);
    let running = 0;
    const load = async (): Promise<string> => {
      running += 1;
      await wait(20);
      return "done";
    };
    const all = await Promise.all(
      Array.from({ length: 50 }, () => cache.getOrLoad(key("slow"), { kind: "t", tags: [], load })),
    );
    expect(new Set(all)).toEqual(new Set(["done"]));
    expect(running).toBe(1);
    const cancelled = cache.getOrLoad(key("c"), {
      kind: "t",
      tags: [],
      load: async () => (await wait(10), Promise.reject(new SextantError("cancelled", "stop"))),
    });
    const other = cache.getOrLoad(key("c"), { kind: "t", tags: [], load });
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
    expect(await other).toBe("done");
  });

  test("a failure is passed on and not kept; nor is what `keep` refuses", async () => {
    const cache = createCache(settings, silent);
    await expect(
      cache.getOrLoad(key("f"), { kind: "t", tags: [], load: async () => Promise.reject(new Error("no")) }),
    ).rejects.toThrow("no");
    expect(await cache.getOrLoad(key("f"), { kind: "t", tags: [], load: async () => 1, keep: () => false })).toBe(1);
    expect(await cache.getOrLoad(key("f"), { kind: "t", tags: [], load: async () => 2 })).toBe(2);
  });

  test("dropping by tag drops exactly what depends on it", async () => {
    const cache = createCache(settings, silent);
    const named: readonly (readonly [string, readonly string[]])[] = [
      ["a", ["orders"]],
      ["b", ["orders", "customers"]],
      ["c", ["customers"]],
      ["d", ["*"]],
      ["e", []],
    ];
    const values = async (): Promise<readonly unknown[]> =>
      Promise.all(named.map(([name, tags]) => ask(cache, key(name), tags)));
    const before = await values();
    cache.invalidate("erp", ["customers"]);
    cache.invalidate("crm", ["orders", "*"]);
    const after = await values();
    expect(after.map((value, i) => value === before[i])).toEqual([true, false, false, false, true]);
    cache.invalidate("erp", ["*"]);
    expect((await values()).every((value, i) => value !== after[i])).toBe(true);
  });

  test("a new version keeps what the change did not touch, over several steps, and nothing else", async () => {
    const cache = createCache(settings, silent);
    const at = (version: string): Promise<readonly unknown[]> =>
      Promise.all(
        [
          ["a", ["orders"]],
          ["b", ["customers"]],
          ["c", ["*"]],
        ].map(([name, tags]) => ask(cache, key(name as string, version), tags as string[])),
      );
    const v1 = await at("v1");
    cache.advance("erp", "v1", "v2", ["orders"]);
    cache.advance("erp", "v2", "v3", ["products"]);
    const v3 = await at("v3");
    expect(v3.map((value, i) => value === v1[i])).toEqual([false, true, false]);
    expect((await at("v9")).some((value, i) => value === v1[i] || value === v3[i])).toBe(false);
  });

  test("laws of dropping, on random tags, versions and changes: never stale, and never more than was touched", async () => {
    const tag = fc.constantFrom("a", "b", "c", "d");
    const step = fc.oneof(
      fc.record({ change: fc.uniqueArray(tag, { minLength: 1 }) }),
      fc.record({ ask: fc.uniqueArray(tag, { minLength: 1 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (script) => {
        const cache = createCache(settings, silent);
        const truth = new Map<string, number>();
        let version = 0;
        const seen = new Map<string, string>();
        for (const now of script) {
          if ("change" in now) {
            for (const name of now.change) truth.set(name, (truth.get(name) ?? 0) + 1);
            cache.advance("erp", `v${version}`, `v${version + 1}`, now.change);
            version += 1;
            continue;
          }
          const name = now.ask.toSorted().join("");
          const right = JSON.stringify(now.ask.toSorted().map((t) => [t, truth.get(t) ?? 0]));
          let wasLoaded = false;
          const load = async (): Promise<string> => ((wasLoaded = true), right);
          expect(await cache.getOrLoad(key(name, `v${version}`), { kind: "t", tags: now.ask, load })).toBe(right);
          expect(wasLoaded && seen.get(name) === right && version < 8).toBe(false);
          seen.set(name, right);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("what is dropped while it is being loaded is not kept", async () => {
    const cache = createCache(settings, silent);
    const load = async (): Promise<string> => {
      cache.invalidate("erp", ["orders"]);
      return "old";
    };
    expect(await cache.getOrLoad(key("x"), { kind: "t", tags: ["orders"], load })).toBe("old");
    expect(await cache.getOrLoad(key("x"), { kind: "t", tags: ["orders"], load: async () => "new" })).toBe("new");
  });

  test("past its lifetime an entry is served while it is loaded anew, and later not at all", async () => {
    const cache = createCache({ ...settings, minTtlMs: 100, maxTtlMs: 100, staleMs: 150 }, silent);
    let n = 0;
    const next = (): Promise<number> => cache.getOrLoad(key("n"), { kind: "n", tags: [], load: async () => (n += 1) });
    expect(await next()).toBe(1);
    await wait(130);
    expect(await next()).toBe(1);
    await wait(20);
    expect(await next()).toBe(2);
    await wait(300);
    expect(await next()).toBe(3);
    expect(cache.stats().kinds.n).toMatchObject({ hit: 1, stale: 1, miss: 2, loads: 3 });
  });

  test("memory keeps to its bytes; what is too large is not kept", async () => {
    const cache = createCache({ ...settings, maxBytes: 100_000, entryMaxBytes: 20_000 }, silent);
    for (let n = 0; n < 100; n += 1) await ask(cache, key(`k${n}`), ["t"], "x".repeat(5_000));
    await ask(cache, key("large"), [], "x".repeat(30_000));
    const { memory } = cache.stats();
    expect(memory.bytes).toBeLessThanOrEqual(100_000);
    expect(memory.entries).toBeGreaterThan(15);
    expect(memory.evictions).toBeGreaterThan(75);
    loads = 0;
    await ask(cache, key("k99"));
    expect(loads).toBe(0);
  });
});

describe("envelope", () => {
  const how = { key: undefined, compressAboveBytes: 200, entryMaxBytes: 10_000 };
  const entry = (value: unknown): string => JSON.stringify({ value, at: 1, ttlMs: 2, tokens: {} });

  test("what is sealed opens to the same, small or large", async () => {
    for (const value of [null, "é\u0000", { a: [1, "x".repeat(5_000)] }]) {
      expect((await open("n", await seal("n", entry(value), how), how))?.value).toEqual(value);
    }
  });

  test("another's, altered, cut, forged, huge or no envelope at all opens to nothing", async () => {
    const sealed = await seal("n", entry("x".repeat(300)), how);
    expect(await open("other", sealed, how)).toBeUndefined();
    expect(await open("n", sealed, { ...how, key: "secret" })).toBeUndefined();
    const bomb = await seal("n", entry("x".repeat(200_000)), how);
    expect(await open("n", bomb, how)).toBeUndefined();
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length - 1), fc.string({ minLength: 1, maxLength: 1 }), async (at, c) => {
        fc.pre(sealed[at] !== c);
        expect(await open("n", sealed.slice(0, at) + c + sealed.slice(at + 1), how)).toBeUndefined();
        expect(await open("n", sealed.slice(0, at), how)).toBeUndefined();
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (thing) => {
        expect(await open("n", thing, how)).toBeUndefined();
      }),
    );
  });
});

describe.each(["sqlite", "postgres"])("the shared tier in %s", (kind) => {
  const limits = { maxBytes: 100_000, connectTimeoutMs: 300, commandTimeoutMs: 250 };

  test("a second process finds what the first loaded, and what the first dropped is gone for it too", async () => {
    const database = kind === "postgres" ? await createDatabase() : undefined;
    const url = database?.url ?? `sqlite:${join(folder, "shared.db")}`;
    const stores = [1, 2].map(() => openKeyValue(url, limits, () => undefined) as SharedStore);
    const [one, two] = stores.map((store) => createCache(settings, silent, store)) as [Cache, Cache];
    const first = await ask(one, key("q"), ["orders"]);
    await expect
      .poll(() => ask(two, key("q"), ["orders"]).then(() => two.stats().kinds.test?.shared_hit ?? 0))
      .toBeLessThanOrEqual(1);
    const fresh = createCache(
      settings,
      silent,
      openKeyValue(url, limits, () => undefined),
    );
    await wait(100);
    expect(await ask(fresh, key("q"), ["orders"])).toBe(first);
    expect(fresh.stats().kinds.test).toMatchObject({ shared_hit: 1, loads: 0 });
    one.invalidate("erp", ["orders"]);
    await wait(100);
    const third = createCache(
      settings,
      silent,
      openKeyValue(url, limits, () => undefined),
    );
    expect(await ask(third, key("q"), ["orders"])).not.toBe(first);
    await Promise.all([one, two, fresh, third].map((cache) => cache.close()));
    await database?.drop();
  });

  test("it keeps to its bytes, and a slow load is done by one replica alone", async () => {
    const database = kind === "postgres" ? await createDatabase() : undefined;
    const url = database?.url ?? `sqlite:${join(folder, "bounded.db")}`;
    const store = openKeyValue(url, limits, () => undefined) as SharedStore & {
      adapter: { set(k: string, v: string, ttl: number): Promise<void>; getMany(keys: string[]): Promise<unknown[]> };
    };
    for (let n = 0; n < 300; n += 1) await store.adapter.set(`k${n}`, "x".repeat(1_000), 60_000);
    const kept = (await store.adapter.getMany(Array.from({ length: 300 }, (_, n) => `k${n}`))).filter(
      (v) => v !== undefined,
    );
    expect(kept.length).toBeGreaterThan(40);
    expect(kept.length).toBeLessThanOrEqual(110);
    let running = 0;
    const load = async (): Promise<number> => {
      running += 1;
      await wait(150);
      return running;
    };
    const caches = [1, 2, 3].map(() =>
      createCache(
        settings,
        silent,
        openKeyValue(url, limits, () => undefined),
      ),
    );
    const loadSlowly = (cache: Cache, name: string) => cache.getOrLoad(key(name), { kind: "t", tags: [], load });
    // Each learns that this kind is slow, and from then on they do not work at the same time.
    await Promise.all(caches.map((cache, n) => loadSlowly(cache, `first of ${n}`)));
    const before = running;
    expect(await Promise.all(caches.map((cache) => loadSlowly(cache, "slow")))).toEqual(caches.map(() => before + 1));
    // The claim is given back, also where nothing is kept: nobody waits for what will not come.
    const { source, rights, version } = key("unkept");
    await caches[0]?.getOrLoad(key("unkept"), { kind: "t", tags: [], load, keep: () => false });
    for (const name of ["slow", "unkept"]) {
      const id = [source, rights, version, name].map(encodeURIComponent).join("/");
      await expect.poll(() => store.claim(id, 1)).toBe(true);
    }
    await Promise.all(caches.map((cache) => cache.close()));
    await store.close();
    await database?.drop();
  });
});

test("postgres: replicas hear of a drop within moments; a locked table costs one time limit and no answer", async () => {
  const database = await createDatabase();
  const limits = { maxBytes: 100_000, connectTimeoutMs: 300, commandTimeoutMs: 250 };
  const [one, two] = [1, 2].map(() =>
    createCache(
      settings,
      silent,
      openKeyValue(database.url, limits, () => undefined),
    ),
  ) as [Cache, Cache];
  const first = await ask(two, key("q"), ["orders"]);
  await wait(200);
  one.invalidate("erp", ["orders"]);
  await expect.poll(() => ask(two, key("q"), ["orders"])).not.toBe(first);
  await database.query("begin; lock table sextant.cache in access exclusive mode");
  expect(await ask(one, key("locked"), [])).toContain("locked@v1");
  expect(one.stats().shared).toMatchObject({ up: false });
  await database.query("rollback");
  await Promise.all([one.close(), two.close()]);
  await database.drop();
});

test("sqlite: a damaged or locked cache file never shows in an answer", async () => {
  const path = join(folder, "damaged.db");
  writeFileSync(path, "no database at all ".repeat(500));
  const causes: unknown[] = [];
  const limits = { maxBytes: 100_000, connectTimeoutMs: 300, commandTimeoutMs: 250 };
  expect(openKeyValue(`sqlite:${path}`, limits, (cause) => causes.push(cause))).toBeUndefined();
  expect(causes).toHaveLength(1);
  const busy = join(folder, "busy.db");
  const cache = createCache(
    settings,
    silent,
    openKeyValue(`sqlite:${busy}`, limits, () => undefined),
  );
  const other = new Database(busy);
  other.exec("begin exclusive");
  expect(await ask(cache, key("x"))).toContain("x@v1");
  other.exec("rollback");
  other.close();
  await cache.close();
});
