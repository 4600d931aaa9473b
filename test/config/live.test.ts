/** Changing the configuration while it is in use: reload, versions, rollback, races, rights. Real files, real state. */

import { mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { processInputs } from "../../src/config/environment.js";
import { type Actor, followReplicas, type LiveConfig, openLiveConfig } from "../../src/config/live.js";
import { watchFiles } from "../../src/config/watch.js";
import type { Result } from "../../src/issue.js";
import { openState } from "../../src/state/open.js";
import type { State } from "../../src/state/state.js";
import { silent } from "../../src/telemetry.js";

const folder = mkdtempSync(join(tmpdir(), "sextant-config-"));
const file = join(folder, "sextant.json");
afterAll(() => rmSync(folder, { recursive: true }));

const ada: Actor = { author: "ada", reason: "because", mayWiden: true };
const guest: Actor = { author: "guest", reason: "why not", mayWiden: false };
const base = { query: { max_rows: 1000 }, access: { deny_tables: ["salaries"] }, server: { admin_token: "${TOKEN}" } };

let state: State;
let live: LiveConfig;

function write(config: unknown, path = file): void {
  writeFileSync(`${path}.new`, JSON.stringify(config));
  renameSync(`${path}.new`, path);
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

function codes(result: Result<unknown>): readonly string[] {
  return (result.ok ? result.warnings : result.issues).map((issue) => issue.code);
}

async function open(store = state): Promise<LiveConfig> {
  const inputs = { ...processInputs(), env: { TOKEN: "canary" }, argvFlags: { config: file } };
  return value(await openLiveConfig({ inputs, store, emit: silent, now: Date.now }));
}

beforeEach(async () => {
  write(base);
  state = await openState("memory");
  live = await open();
});
afterEach(() => state.close());

describe("versions", () => {
  test("the first start is version 1; an unchanged restart makes none", async () => {
    expect(live.current()).toMatchObject({ version: 1, config: { query: { max_rows: 1000 } } });
    expect((await open()).current().version).toBe(1);
    write({ ...base, query: { max_rows: 900 } });
    expect((await open()).current().version).toBe(2);
  });

  test("a runtime change is recorded with author, reason and difference, and outlives a restart", async () => {
    const active = value(await live.change({ patch: { query: { timeout_ms: 5000 } } }, { ...ada, expected: 1 }));
    expect(active.config.query).toMatchObject({ max_rows: 1000, timeout_ms: 5000 });
    expect(await live.newest()).toMatchObject({
      version: 2,
      author: "ada",
      reason: "because",
      from: "runtime",
      changes: [{ path: "query.timeout_ms", after: 5000 }],
    });
    expect((await open()).current()).toMatchObject({ version: 2, config: { query: { timeout_ms: 5000 } } });
  });

  test("a change on an old version is a conflict, and a wrong one leaves everything as it was", async () => {
    value(await live.change({ patch: { query: { max_rows: 500 } } }, ada));
    expect(codes(await live.change({ patch: { query: { max_rows: 400 } } }, { ...ada, expected: 1 }))).toEqual([
      "config_conflict",
    ]);
    expect(codes(await live.change({ patch: { query: { max_rows: 0, oops: 1 } } }, ada))).toEqual([
      "bad_config_value",
      "unknown_setting",
    ]);
    expect(live.current()).toMatchObject({ version: 2, config: { query: { max_rows: 500 } } });
  });

  test("null takes a runtime change back, then what the file sets", async () => {
    value(await live.change({ patch: { query: { max_rows: 500 } } }, ada));
    expect(value(await live.change({ patch: { query: { max_rows: null } } }, ada)).config.query.max_rows).toBe(1000);
    expect(value(await live.change({ patch: { query: { max_rows: null } } }, ada)).config.query.max_rows).toBe(10_000);
  });

  test("of many writers on one version exactly one wins; without an expectation all do, one after another", async () => {
    const other = await open();
    const wins = await Promise.all(
      [live, other, live, other].map((l, i) =>
        l.change({ patch: { query: { max_rows: 100 + i } } }, { ...ada, expected: 1 }),
      ),
    );
    expect(wins.filter((w) => w.ok)).toHaveLength(1);
    await Promise.all([live, other, live, other].map((l, i) => l.change({ patch: { cache: { stale_ms: i } } }, ada)));
    await Promise.all([live.reload(), other.reload()]);
    expect(live.current()).toMatchObject({ version: (await live.newest())?.version, config: other.current().config });
    const kept = await live.versions(100);
    expect(kept.map((v) => v.version)).toEqual(kept.map((_, i) => kept.length - i));
  });

  test("rollback restores every version exactly, as a new one, whatever was changed since, in files too", async () => {
    const seen = [live.current().config];
    value(
      await live.change(
        { patch: { query: { timeout_ms: 1 * 1000 }, access: { deny_tables: ["a", "salaries"] } } },
        ada,
      ),
    );
    seen.push(live.current().config);
    value(await live.change({ patch: { query: { timeout_ms: null }, terms: { learn: false } } }, ada));
    seen.push(live.current().config);
    write({ access: { deny_columns: ["x.y"] }, glossary: [] });
    value(await live.reload());
    seen.push(live.current().config);
    for (const [index, config] of seen.entries()) {
      expect(value(await live.rollback(index + 1, ada)).config).toEqual({
        ...config,
        server: live.current().config.server,
      });
      expect((await live.newest())?.from).toBe("rollback");
    }
  });

  test("checkpoints name a version and outlive its history", async () => {
    value(await live.checkpoint("before the sale"));
    await state.prune("config", "*", { keep: 0 });
    value(await live.change({ patch: { query: { max_rows: 7, default_rows: 7 } } }, ada));
    expect(value(await live.rollback("before the sale", ada)).config.query.max_rows).toBe(1000);
    expect(codes(await live.rollback("never made", ada))).toEqual(["not_found"]);
    expect(codes(await live.rollback(99, ada))).toEqual(["not_found"]);
    expect(codes(await live.checkpoint("12"))).toEqual(["invalid_argument"]);
  });

  test("a crash between the newest version and its history entry is mended at the next start", async () => {
    const found = await live.newest();
    await state.put({
      kind: "config",
      scope: "*",
      key: "current",
      at: "2026-01-01T00:00:00.000Z",
      body: { ...found, version: 2, reason: "torn" },
    });
    const again = await open();
    expect((await again.versions(10)).map((v) => [v.version, v.reason])).toEqual([
      [2, "torn"],
      [1, "first start"],
    ]);
  });
});

describe("rights", () => {
  test.each([
    ["a longer list of what may not be read", { access: { deny_tables: ["salaries", "more"] } }, true],
    ["a shorter one", { access: { deny_tables: [] } }, false],
    ["fewer rows", { query: { max_rows: 100 } }, true],
    ["more rows", { query: { max_rows: 5000 } }, false],
    ["a bound where there was none", { query: { max_cost: 10 } }, true],
    ["only some tables", { access: { allow_tables: ["a*"] } }, true],
    ["a function more", { access: { allow_functions: ["pg_sleep"] } }, false],
    ["what guards nothing", { cache: { stale_ms: 9 }, terms: { learn: false } }, true],
  ])("%s", async (_what, patch, allowed) => {
    const result = await live.change({ patch }, guest);
    expect(result.ok).toBe(allowed);
    expect(allowed || codes(result)[0] === "permission_denied").toBe(true);
  });

  test("rolling back to a wider version needs the right as well", async () => {
    value(await live.change({ patch: { access: { deny_tables: ["salaries", "orders"] } } }, guest));
    expect(codes(await live.rollback(1, guest))).toEqual(["permission_denied"]);
    expect((await live.rollback(1, ada)).ok).toBe(true);
  });

  test("a secret in plain text is refused, a reference is not, and none is kept or shown", async () => {
    expect(codes(await live.change({ patch: { server: { token: "plain-canary" } } }, ada))).toEqual([
      "bad_config_value",
    ]);
    expect(codes(await live.change({ patch: { changes: { webhook: "https://user:plain-canary@h/" } } }, ada))).toEqual([
      "bad_config_value",
    ]);
    value(await live.change({ patch: { changes: { webhook: "${TOKEN}" } } }, ada));
    expect(live.current().config.changes.webhook).toBe("canary");
    const preview = await live.preview({ patch: { server: { token: "${TOKEN}" } } });
    expect(JSON.stringify([preview, await live.versions(9), await state.get("config", "*", "current")])).not.toContain(
      "canary",
    );
  });
});

describe("taking effect", () => {
  test("what needs a restart keeps its value and is named", async () => {
    const result = await live.change(
      { patch: { server: { sse: false }, query: { max_rows: 50, default_rows: 5 } } },
      ada,
    );
    expect(codes(result)).toEqual(["needs_restart"]);
    expect(live.current()).toMatchObject({
      waiting: ["server.sse"],
      config: { server: { sse: true }, query: { max_rows: 50 } },
    });
    expect((await open()).current().config.server.sse).toBe(false);
  });

  test("new sources wait too; the ones in use stay whole", async () => {
    write({ ...base, sources: { erp: { url: "sqlite:./erp.db" } } });
    const started = await open();
    write({ ...base, sources: { crm: { url: "sqlite:./crm.db" } } });
    value(await started.reload());
    expect(started.current().sources.map((s) => [s.name, s.url])).toEqual([
      ["erp", `sqlite:${join(folder, "erp.db")}`],
    ]);
    expect(started.current().waiting).toContain("sources.crm.url");
  });

  test("one request sees one configuration: what it holds never changes, and cannot be changed", async () => {
    const held = live.current();
    const copy = JSON.stringify(held.config);
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        live.change({ patch: { query: { max_rows: 200 + i, default_rows: 10 + i } } }, ada),
      ),
    );
    expect(JSON.stringify(held.config)).toBe(copy);
    expect(() => Object.assign(held.config.query, { max_rows: 1 })).toThrow(TypeError);
  });

  test("listeners are told once each, with what changed; one that throws stops nobody", async () => {
    const told: unknown[] = [];
    live.subscribe(() => {
      throw new Error("a listener's fault");
    });
    const stop = live.subscribe((news) => told.push(news.changes));
    value(await live.change({ patch: { query: { max_rows: 300 } } }, ada));
    stop();
    value(await live.change({ patch: { query: { max_rows: 400 } } }, ada));
    expect(told).toEqual([[{ path: "query.max_rows", before: 1000, after: 300 }]]);
  });

  test("a wrong, torn or missing file leaves the last good configuration", async () => {
    for (const text of ["{", '{"nope":1}', "", '{"query":{"max_rows":"x"}}']) {
      writeFileSync(file, text);
      const result = await live.reload();
      expect(result.ok && text !== "").toBe(false);
    }
    unlinkSync(file);
    expect(codes(await live.reload())).toEqual(["bad_config"]);
    expect(live.current().config.query.max_rows).toBe(1000);
  });
});

test("a change in one replica takes effect in the others", async () => {
  const other = await open();
  const following = followReplicas(other, 20, silent);
  value(await live.change({ patch: { query: { max_rows: 123 } } }, ada));
  await expect.poll(() => other.current().config.query.max_rows).toBe(123);
  expect(other.current().version).toBe(live.current().version);
  following.stop();
});

test("servers with files of their own on one state leave each other's versions alone", async () => {
  const path = join(folder, "other.json");
  write({ query: { max_rows: 700 } }, path);
  const inputs = { ...processInputs(), env: {}, argvFlags: { config: path } };
  const other = value(await openLiveConfig({ inputs, store: state, emit: silent, now: Date.now }));
  const written = (await live.newest())?.version;
  const following = [live, other].map((each) => followReplicas(each, 10, silent));
  await expect.poll(() => live.current().version).toBe(written);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await live.newest())?.version).toBe(written);
  expect([live, other].map((each) => each.current().config.query.max_rows)).toEqual([1000, 700]);
  for (const each of following) each.stop();
});

describe("watching the file", () => {
  const ways: readonly [string, (config: unknown, n: number) => void][] = [
    ["written in place", (config) => writeFileSync(file, JSON.stringify(config))],
    ["renamed over", (config) => write(config)],
    [
      "by a symbolic link that moves, as a ConfigMap does",
      (config, n) => {
        write(config, join(folder, `data-${n}.json`));
        symlinkSync(`data-${n}.json`, join(folder, "link"));
        renameSync(join(folder, "link"), file);
      },
    ],
  ];

  test.each(ways)("%s: seen each time, without the poll", async (_way, change) => {
    const settings = { debounceMs: 30, pollMs: 600_000 };
    const watch = watchFiles(
      () => live.current().files,
      settings,
      () => void live.reload(),
      silent,
    );
    for (let n = 1; n <= 8; n += 1) {
      const rows = 1000 + n;
      const seen = new Promise<void>((resolve) => {
        const stop = live.subscribe((news) => {
          if (news.after.config.query.max_rows === rows) resolve(stop());
        });
      });
      change({ ...base, query: { max_rows: rows } }, n);
      await seen;
      expect(live.current().config.query.max_rows).toBe(rows);
    }
    watch.stop();
  });
});
