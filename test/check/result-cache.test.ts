/** Rows answered again: off by default; over the protocol, never past their lifetime, a change of shape, other parameters or other rights. */

import { writeFileSync } from "node:fs";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultPolicy } from "../../src/access/policy.js";
import { createCache } from "../../src/cache/cache.js";
import type { LiveSchema } from "../../src/catalog/live.js";
import { openConnector } from "../../src/databases/open.js";
import { declaredRelationships } from "../../src/schema/relationships.js";
import { answered } from "../../src/tools/result-cache.js";
import { call, overStdio, scratchFolder } from "../e2e/sextant.js";

const folder = scratchFolder();
const file = `${folder.path}/shop.db`;
const dayMs = 86_400_000;

function change(sql: string): void {
  const db = new Database(file);
  db.exec(sql);
  db.close();
}

beforeAll(() => {
  change(`
    CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE others (id INTEGER PRIMARY KEY);
    CREATE VIEW names AS SELECT name FROM items;
    INSERT INTO items (name) VALUES ('one'), ('two');
  `);
});
afterAll(() => folder.remove());

const run = async (client: Client, sql: string, more: object = {}) => {
  const answer = await call(client, "run_query", { sql, ...more });
  const { rows, cached } = answer.structuredContent as unknown as {
    readonly rows: readonly unknown[][];
    readonly cached: boolean;
  };
  return { rows, cached };
};

test("without a lifetime every call asks the database", async () => {
  const client = await overStdio("--state", "memory", "--source", `shop=sqlite:${file}`);
  const sql = "SELECT count(*) AS n FROM items";
  expect([await run(client, sql), await run(client, sql)]).toEqual([
    { rows: [[2]], cached: false },
    { rows: [[2]], cached: false },
  ]);
  await client.close();
});

describe("with a lifetime", () => {
  let client: Client;
  const count = "SELECT count(*) AS n FROM items";
  beforeAll(async () => {
    const config = { sources: { shop: { url: `sqlite:${file}` } }, query: { result_ttl_ms: dayMs } };
    writeFileSync(`${folder.path}/sextant.json`, JSON.stringify(config));
    client = await overStdio("--state", "memory", "--config", `${folder.path}/sextant.json`);
  });
  afterAll(() => client.close());

  test("the same statement is answered again, another value or limit is not", async () => {
    const named = "SELECT id FROM items WHERE name = ? ORDER BY id";
    expect(await run(client, named, { params: ["one"] })).toEqual({ rows: [[1]], cached: false });
    expect(await run(client, named, { params: ["one"] })).toEqual({ rows: [[1]], cached: true });
    expect(await run(client, named, { params: ["two"] })).toEqual({ rows: [[2]], cached: false });
    expect((await run(client, "SELECT id FROM items ORDER BY id", { max_rows: 1 })).rows).toEqual([[1]]);
    expect((await run(client, "SELECT id FROM items ORDER BY id", { max_rows: 2 })).rows).toEqual([[1], [2]]);
  });

  test("a change of its table's shape drops it", async () => {
    expect((await run(client, count)).cached).toBe(false);
    change("INSERT INTO items (name) VALUES ('three')");
    expect(await run(client, count)).toEqual({ rows: [[2]], cached: true });
    change("ALTER TABLE items ADD COLUMN price REAL");
    await call(client, "schema_changes", { refresh: true });
    expect(await run(client, count)).toEqual({ rows: [[3]], cached: false });
  });

  test("what reads a view rests on the whole schema", async () => {
    const names = "SELECT count(*) AS n FROM names";
    expect((await run(client, names)).cached).toBe(false);
    expect((await run(client, names)).cached).toBe(true);
    change("ALTER TABLE items ADD COLUMN weight REAL");
    await call(client, "schema_changes", { refresh: true });
    expect((await run(client, names)).cached).toBe(false);
  });
});

test("rows are never older than their lifetime, not shared between rights, and outlive a change of another table", async () => {
  const connector = openConnector({ url: `sqlite:${file}` });
  const { snapshot, statistics } = await connector.inspect();
  const view = { snapshot, version: "v1", statistics, relationships: declaredRelationships(snapshot) };
  const live = { ...view, source: "shop" } as unknown as LiveSchema;
  const settings = { maxBytes: 1e6, sharedMaxBytes: 1e6, entryMaxBytes: 1e5, compressAboveBytes: 1e5 };
  const times = { minTtlMs: dayMs, maxTtlMs: dayMs, staleMs: 0, connectTimeoutMs: 300, commandTimeoutMs: 300 };
  const cache = createCache({ ...settings, ...times, retryAfterMs: 1_000 }, () => undefined);
  const request = { sql: "SELECT id FROM items", params: [], maxRows: 10, maxBytes: 1_000, timeoutMs: 5_000 };
  const ask = async (nowMs: number, denied: readonly string[] = [], version = "v1") => {
    const policy = { ...defaultPolicy("sqlite"), closedColumns: denied };
    const results = { cache, ttlMs: 1_000, restsOn: () => "1" };
    const { cached } = await answered(
      results,
      { live: { ...live, version }, request, reads: ["items"], policy, nowMs },
      () => connector.run(request),
    );
    return cached;
  };
  expect([await ask(5_000), await ask(5_999), await ask(6_000), await ask(6_100)]).toEqual([false, true, false, true]);
  expect([await ask(6_100, ["items.name"]), await ask(6_100, ["items.name"])]).toEqual([false, true]);
  cache.advance("shop", "v1", "v2", ["others"]);
  cache.advance("shop", "v2", "v3", ["items"]);
  expect([await ask(6_200, [], "v2"), await ask(6_200, [], "v3")]).toEqual([true, false]);
  await cache.close();
  await connector.close();
});
