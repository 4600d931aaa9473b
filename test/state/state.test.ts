/** The port's promises, on both stores alike: order, compare-and-swap, pruning, what survives a close. Real SQLite files and a real PostgreSQL. */

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backup, restore } from "../../src/state/backup.js";
import { openState } from "../../src/state/open.js";
import type { NewRecord, State } from "../../src/state/state.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";

const folder = mkdtempSync(join(tmpdir(), "sextant-state-"));
let database: ScratchDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

const at = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, "0")}.000Z`;
const change = (key: string, second: number, scope = "erp"): NewRecord => ({
  kind: "change",
  scope,
  key,
  at: at(second),
  body: { key },
});

describe.each([
  ["memory", () => "memory"],
  ["sqlite", () => `sqlite:${join(folder, "deep", "state.db")}`],
  ["postgres", () => database.url],
])("state in %s", (_name, url) => {
  let state: State;
  beforeAll(async () => {
    state = await openState(url());
  });
  afterAll(() => state.close());

  test("records come back whole and in order of appending", async () => {
    const bodies = [{ nested: [1, null, "é\u0000\ud83d\ude00"] }, "text", 0, null, []];
    const appended = await state.append(
      bodies.map((body, i) => ({ kind: "model", scope: "*", key: `m${i}`, at: at(i), body })),
    );
    expect(appended.map((r) => r.seq)).toEqual(appended.map((r) => r.seq).sort((a, b) => a - b));
    expect(await state.list({ kind: "model" })).toEqual(appended);
    expect((await state.list({ kind: "model" })).map((r) => r.body)).toEqual(bodies);
  });

  test("each condition of a query narrows it", async () => {
    const [a, b, c] = await state.append([change("a", 1), change("b", 2), change("a", 3), change("a", 4, "crm")]);
    const keys = async (query: object): Promise<readonly string[]> =>
      (await state.list({ kind: "change", ...query })).map((r) => `${r.scope}.${r.key}@${r.at.slice(17, 19)}`);
    expect(await keys({ scope: "erp", key: "a" })).toEqual(["erp.a@01", "erp.a@03"]);
    expect(await keys({ from: at(2), to: at(3) })).toEqual(["erp.b@02", "erp.a@03"]);
    expect(await keys({ afterSeq: b?.seq })).toEqual(["erp.a@03", "crm.a@04"]);
    expect(await keys({ beforeSeq: c?.seq, afterSeq: a?.seq })).toEqual(["erp.b@02"]);
    expect(await keys({ order: "desc", limit: 2 })).toEqual(["crm.a@04", "erp.a@03"]);
    expect(await keys({ scope: "nobody" })).toEqual([]);
  });

  test("pruning keeps the newest and touches no other scope", async () => {
    await state.append([1, 2, 3, 4, 5].map((n) => ({ ...change(`p${n}`, n, "old"), kind: "query" as const })));
    await state.append([{ ...change("other", 1, "else"), kind: "query" }]);
    expect(await state.prune("query", "old", { keep: 3 })).toBe(2);
    expect(await state.prune("query", "old", { before: at(4) })).toBe(1);
    expect((await state.list({ kind: "query" })).map((r) => r.key)).toEqual(["p4", "p5", "other"]);
    expect(await state.prune("query", "old", { keep: 0 })).toBe(2);
  });

  test("a document's revision rises, and a lost race is a conflict", async () => {
    const document = { kind: "config", scope: "*", key: "current", at: at(0), body: { n: 1 } } as const;
    expect((await state.put(document, 0)).revision).toBe(1);
    await expect(state.put(document, 0)).rejects.toMatchObject({ code: "config_conflict" });
    expect((await state.put({ ...document, body: { n: 2 } }, 1)).revision).toBe(2);
    await expect(state.put({ ...document, body: { n: 9 } }, 1)).rejects.toMatchObject({ code: "config_conflict" });
    expect((await state.put({ ...document, body: { n: 3 } })).revision).toBe(3);
    expect(await state.get("config", "*", "current")).toEqual({ ...document, body: { n: 3 }, revision: 3 });
    expect(await state.get("config", "*", "nothing")).toBeUndefined();
  });

  test("of many racing writers exactly one wins each revision", async () => {
    const put = (n: number): Promise<unknown> =>
      state.put({ kind: "config", scope: "*", key: "race", at: at(0), body: n }, 0);
    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5, 6].map(put));
    expect(outcomes.filter((o) => o.status === "fulfilled")).toHaveLength(1);
  });

  test("a body that JSON cannot hold stops the whole batch", async () => {
    const before = await state.list({ kind: "audit" });
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const batch = [
      { ...change("fine", 1), kind: "audit" as const },
      { ...change("bad", 1), kind: "audit" as const, body: circular },
    ];
    await expect(state.append(batch)).rejects.toThrow(TypeError);
    expect(await state.list({ kind: "audit" })).toEqual(before);
  });
});

describe("two doors to one store", () => {
  test.each([
    ["sqlite", () => `sqlite:${join(folder, "shared.db")}`],
    ["postgres", () => database.url],
  ])("%s: opened at once by several, appended to by all, nothing lost and `seq` seen in order", async (_name, url) => {
    const states = await Promise.all([1, 2, 3].map(() => openState(url())));
    const seen: number[] = [];
    const reading = new AbortController();
    const reader = (async () => {
      while (!reading.signal.aborted) {
        const rows = await states[0]?.list({ kind: "relation", afterSeq: seen.at(-1) ?? 0 });
        seen.push(...(rows ?? []).map((r) => r.seq));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    await Promise.all(
      states.flatMap((s, i) =>
        Array.from({ length: 20 }, (_, n) => s.append([{ ...change(`${i}-${n}`, 1), kind: "relation" }])),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 30));
    reading.abort();
    await reader;
    expect(new Set(seen).size).toBe(60);
    await Promise.all(states.map((s) => s.close()));
  });
});

describe("the file", () => {
  test("is its owner's alone, folder and all", async () => {
    const path = join(folder, "own", "state.db");
    await (await openState(`sqlite:${path}`)).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "own")).mode & 0o777).toBe(0o700);
  });

  test("what is no database, what cannot be made, and a newer release's are refused with help", async () => {
    const text = join(folder, "text.db");
    writeFileSync(text, "not a database, but long enough to look like one".repeat(50));
    const newer = `sqlite:${join(folder, "newer.db")}`;
    const { default: Database } = await import("better-sqlite3");
    const db = new Database(join(folder, "newer.db"));
    db.pragma("user_version = 999");
    db.close();
    for (const url of [`sqlite:${text}`, "sqlite:/dev/null/state.db", newer, "postgres://nobody@127.0.0.1:1/none"]) {
      await expect(openState(url)).rejects.toMatchObject({
        code: "state_unavailable",
        help: expect.any(String) as string,
      });
    }
    await expect(openState("mysql://x")).rejects.toMatchObject({ code: "bad_config_value" });
  });
});

test("postgres: work goes on after every connection was killed", async () => {
  const state = await openState(database.url);
  await state.append([{ ...change("before", 1), kind: "checkpoint" }]);
  await database.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sextant-state' and pid <> pg_backend_pid()",
  );
  await state.append([{ ...change("after", 2), kind: "checkpoint" }]);
  expect((await state.list({ kind: "checkpoint" })).map((r) => r.key)).toEqual(["before", "after"]);
  await state.close();
});

test("a backup restores everything, in order, into an empty state of either kind; a damaged one restores nothing", async () => {
  const path = join(folder, "all.backup");
  const from = await openState("memory");
  await from.append([change("a", 1), { ...change("b", 2), kind: "audit" }, change("c", 3)]);
  await from.put({ kind: "config", scope: "*", key: "current", at: at(4), body: { n: 1 } });
  expect(await backup(from, path, at(5))).toEqual({ records: 3, documents: 1 });
  const other = await createDatabase();
  for (const url of ["memory", other.url]) {
    const to = await openState(url);
    await restore(to, path);
    expect((await to.list({ kind: "change" })).map((r) => r.body)).toEqual(
      (await from.list({ kind: "change" })).map((r) => r.body),
    );
    expect(await to.documents("config")).toEqual(await from.documents("config"));
    await expect(restore(to, path)).rejects.toMatchObject({ code: "config_conflict" });
    await to.close();
  }
  await other.drop();
  const bytes = readFileSync(path);
  const to = await openState("memory");
  for (const broken of [
    bytes.subarray(0, -20),
    Buffer.from("nonsense"),
    Buffer.from(bytes).fill(0, 30, 40),
    gzipSync('{"format":"sextant-backup","version":1}\n{}'),
  ]) {
    writeFileSync(path, broken);
    await expect(restore(to, path)).rejects.toMatchObject({ code: "bad_config" });
  }
  expect(await to.list({ kind: "change" })).toEqual([]);
});
