/** The admin API over real state, files, catalog and databases: who may, on which version, what comes back; and the way back for ten sources. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { Hono } from "hono";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createAutoFreeze } from "../../src/catalog/auto-freeze.js";
import { type Catalog, createCatalog } from "../../src/catalog/catalog.js";
import { type Freezer, openFreezer } from "../../src/catalog/freeze.js";
import { defaultDiscovery } from "../../src/catalog/settings.js";
import { processInputs } from "../../src/config/environment.js";
import { type LiveConfig, openLiveConfig } from "../../src/config/live.js";
import type { Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { adminApp } from "../../src/server/admin.js";
import { openState } from "../../src/state/open.js";
import type { State } from "../../src/state/state.js";
import { silent } from "../../src/telemetry.js";
import { emptyGlossary } from "../../src/terms/glossary.js";

const folder = mkdtempSync(join(tmpdir(), "sextant-admin-"));
const names = Array.from({ length: 10 }, (_, n) => `source${n}`);
const connectors = new Map<string, Connector>();
let state: State;
let live: LiveConfig;
let catalog: Catalog;
let freezer: Freezer;
let app: Hono;
let cleared = 0;

beforeAll(() => {
  for (const name of names) {
    const db = new Database(join(folder, `${name}.db`));
    db.exec("create table orders (id integer primary key, total real)");
    db.close();
    connectors.set(name, openConnector({ url: `sqlite:${join(folder, `${name}.db`)}` }));
  }
});
afterAll(async () => {
  await Promise.all([...connectors.values()].map((connector) => connector.close()));
  rmSync(folder, { recursive: true });
});

async function freezerOf(): Promise<Freezer> {
  return openFreezer({
    catalog,
    sources: names,
    state,
    glossary: () => emptyGlossary,
    learned: async () => [],
    clearCaches: () => void (cleared += 1),
    now: Date.now,
  });
}

beforeEach(async () => {
  const file = join(folder, "sextant.json");
  writeFileSync(file, JSON.stringify({ query: { max_rows: 1000 }, server: { token: "canary-in-file" } }));
  state = await openState("memory");
  const inputs = { ...processInputs(), env: {}, argvFlags: { config: file } };
  const opened = await openLiveConfig({ inputs, store: state, emit: silent, now: Date.now });
  if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
  live = opened.value;
  const sources = names.map((name) => ({
    name,
    connector: connectors.get(name) as Connector,
    locator: name,
    settings: defaultDiscovery,
  }));
  catalog = createCatalog({ sources, state, emit: silent, now: Date.now });
  freezer = await freezerOf();
  app = adminApp({ token: "sesame", live, freezer, mayWiden: false, emit: silent, status: () => ({ cache: {} }) });
  return async () => {
    await catalog.close();
    await state.close();
  };
});

async function send(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; etag: string | null; body: Record<string, unknown> }> {
  const response = await app.request(path, {
    method,
    headers: { authorization: "Bearer sesame", "content-type": "application/json", ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return {
    status: response.status,
    etag: response.headers.get("etag"),
    body: (await response.json()) as Record<string, unknown>,
  };
}

describe("configuration", () => {
  test("nothing without the token, whatever the route", async () => {
    for (const authorization of ["", "Bearer", "Bearer wrong", "Basic sesame", "Bearer sesamee"]) {
      for (const path of ["/config", "/freeze", "/status", "/nothing"])
        expect((await send("GET", path, undefined, { authorization })).status).toBe(401);
    }
  });

  test("read, change on that version, read again; a second change on the old version is refused", async () => {
    const read = await send("GET", "/config");
    expect(read).toMatchObject({
      status: 200,
      etag: '"1"',
      body: { config: { query: { max_rows: 1000 } }, origins: { "query.max_rows": "file sextant.json" } },
    });
    expect(JSON.stringify(read.body)).not.toContain("canary");
    const headers = { "if-match": read.etag ?? "", "sextant-author": "ada", "sextant-reason": "fewer rows" };
    expect(await send("PATCH", "/config", { query: { max_rows: 500 } }, headers)).toMatchObject({
      status: 200,
      etag: '"2"',
      body: { version: 2, config: { query: { max_rows: 500 } } },
    });
    expect((await send("PATCH", "/config", { query: { max_rows: 400 } }, headers)).status).toBe(412);
    const { versions } = (await send("GET", "/config/versions?limit=1")).body as { versions: object[] };
    expect(versions).toMatchObject([
      {
        version: 2,
        author: "ada",
        reason: "fewer rows",
        changes: [{ path: "query.max_rows", before: 1000, after: 500 }],
      },
    ]);
    expect(JSON.stringify(versions)).not.toContain("canary");
  });

  test.each([
    ["without a version", "PATCH", "/config", { query: {} }, {}, 428],
    ["malformed", "PATCH", "/config", "{", { "if-match": "*" }, 422],
    ["an unknown setting", "PATCH", "/config", { querry: 1 }, { "if-match": "*" }, 422],
    ["wider than the file allows", "PATCH", "/config", { query: { max_rows: 5000 } }, { "if-match": "*" }, 403],
    ["a plain secret", "PATCH", "/config", { server: { admin_token: "x" } }, { "if-match": "*" }, 422],
    ["back to what is not kept", "POST", "/config/rollback", { to: 99 }, { "if-match": "*" }, 404],
    ["back to nothing", "POST", "/config/rollback", {}, { "if-match": "*" }, 422],
    ["an unknown route", "GET", "/elsewhere", undefined, {}, 404],
    ["too much", "PUT", "/config", `{"x":"${"x".repeat(1_100_000)}"}`, { "if-match": "*" }, 413],
  ] as const)("%s", async (_what, method, path, body, headers, status) => {
    const result = await send(method, path, body, headers);
    expect(result.status).toBe(status);
    expect(result.body.issues).toMatchObject([{ severity: "error" }]);
    expect(live.current().version).toBe(1);
  });

  test("validate tells what would happen and changes nothing; checkpoint and rollback bring it back", async () => {
    expect(
      (await send("POST", "/config/validate", { query: { max_rows: 2000 }, server: { sse: false } })).body,
    ).toMatchObject({ widens: ["query.max_rows"], waiting: ["server.sse"] });
    expect((await send("POST", "/config/checkpoint", { name: "good" })).body).toMatchObject({ version: 1 });
    await send("PUT", "/config", { query: { max_rows: 10, default_rows: 1 } }, { "if-match": "*" });
    expect((await send("POST", "/config/rollback", { to: "good" }, { "if-match": "*" })).status).toBe(403); // wider than now
    await send(
      "PUT",
      "/config",
      { cache: { stale_ms: 5 }, query: { max_rows: 10, default_rows: 1 } },
      { "if-match": "*" },
    );
    expect((await send("POST", "/config/rollback", { to: 2 }, { "if-match": "*" })).body).toMatchObject({
      version: 4,
      config: { query: { max_rows: 10 }, cache: { stale_ms: 30_000 } },
    });
  });
});

describe("the way back", () => {
  test("ten sources freeze and answer statically, through a restart, until thawed", async () => {
    await Promise.all(names.map((name) => catalog.live(name)));
    const { body, status } = await send("POST", "/freeze", undefined, { "sextant-reason": "numbers look wrong" });
    expect(status).toBe(200);
    expect((body.sources as { answers: boolean }[]).map(({ answers }) => answers)).toEqual(names.map(() => true));
    expect(cleared).toBeGreaterThan(0);
    const db = new Database(join(folder, "source0.db"));
    db.exec("create table later (id integer primary key)");
    const again = await freezerOf();
    expect(again.status()).toMatchObject({ reason: "numbers look wrong" });
    expect(await catalog.live("source0", { refresh: true })).toMatchObject({
      ok: true,
      value: { origin: "static", stale: true },
    });
    expect((await send("POST", "/freeze")).status).toBe(422);
    expect((await send("GET", "/freeze")).body.frozen).toMatchObject({ reason: "numbers look wrong" });
    expect((await send("POST", "/thaw")).body.sources).toHaveLength(10);
    expect((await send("GET", "/freeze")).body.frozen).toBeNull();
    const thawed = await catalog.live("source0", { refresh: true });
    expect(thawed).toMatchObject({ ok: true, value: { origin: "live" } });
    expect(thawed.ok && thawed.value.snapshot.tables.map(({ name }) => name)).toContain("later");
    expect((await state.list({ kind: "audit" })).map(({ key }) => key)).toEqual(["freeze", "thaw"]);
    db.exec("drop table later");
    db.close();
  });

  test("a source that cannot be pinned is reported and stops nobody", async () => {
    await catalog.live("source1");
    const other = await openFreezer({
      catalog,
      sources: ["source1", "nowhere"],
      state,
      glossary: () => emptyGlossary,
      learned: async () => [],
      clearCaches: () => undefined,
      now: Date.now,
    });
    const result = await other.freeze("ada", "test");
    expect(result).toMatchObject({
      ok: true,
      value: {
        sources: [
          { source: "source1", answers: true },
          { source: "nowhere", answers: false },
        ],
      },
    });
    await other.thaw("ada", "test");
  });
});

describe("freezing by itself", () => {
  test("only where it is asked for, and only with cause", () => {
    let now = 0;
    const settings = { freezeErrorShare: 0.5, freezeOnLoss: true, freezeWhenBlindMs: 10_000 };
    const auto = createAutoFreeze(
      () => settings,
      () => now,
    );
    for (let n = 0; n < 19; n += 1) auto.call(true);
    expect(auto.reason()).toBeUndefined();
    auto.call(true);
    expect(auto.reason()).toMatch(/20 of 20/u);
    now = 61_000;
    expect(auto.reason()).toBeUndefined();
    auto.seen("erp", false);
    now += 9_000;
    auto.seen("erp", false);
    expect(auto.reason()).toBeUndefined();
    now += 2_000;
    expect(auto.reason()).toMatch(/erp could not be watched/u);
    auto.seen("erp", true);
    expect(auto.reason()).toBeUndefined();
    auto.loss("crm");
    expect(auto.reason()).toMatch(/crm/u);
    const never = createAutoFreeze(
      () => ({ freezeErrorShare: 0, freezeOnLoss: false, freezeWhenBlindMs: 0 }),
      () => now,
    );
    for (let n = 0; n < 100; n += 1) never.call(true);
    never.loss("crm");
    never.seen("erp", false);
    expect(never.reason()).toBeUndefined();
  });
});
