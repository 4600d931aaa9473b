/** The commands for people who run the server, from a shell: freeze and thaw, backup and restore, import-static, watch triggers. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";
import { entry, scratchFolder } from "./sextant.js";

const folder = scratchFolder();
let database: ScratchDatabase;

beforeAll(async () => {
  database = await createDatabase("create table invoices (id int primary key, amount numeric(12,2))");
});

afterAll(async () => {
  await database.drop();
  folder.remove();
});

function run(...args: readonly string[]): {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
} {
  const done = spawnSync(process.execPath, [entry, ...args], { encoding: "utf8", cwd: folder.path, timeout: 30_000 });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

test("freeze pins what is known and outlives the process; thaw releases it", () => {
  const state = ["--state", `${folder.path}/state`];
  const overview = () => run("tool", "discover_schema", '{"detail":"overview"}', ...state).out;
  const frozen = run("freeze", "an incident", ...state);
  expect(JSON.parse(frozen.out)).toMatchObject({
    reason: "an incident",
    sources: [{ source: "ledger", answers: true }],
  });
  expect(overview()).toContain("static");
  expect(run("freeze", "again", ...state).status).toBe(1);
  expect(run("thaw", ...state).status).toBe(0);
  expect(overview()).toContain("live");
});

test("a backup restores into an empty state", () => {
  const file = `${folder.path}/backup.gz`;
  const kept = JSON.parse(run("backup", file, "--state", `${folder.path}/state`).out) as { records: number };
  expect(kept.records).toBeGreaterThan(0);
  expect(run("restore", file, "--state", `${folder.path}/other`).status).toBe(0);
});

test("import-static writes what holds and says what does not; a dry run writes nothing", () => {
  const file = `${folder.path}/static.json`;
  writeFileSync(file, JSON.stringify({ metrics: { freight: "orders.freight_amt", lost: "orders.gone_amt" } }));
  const args = ["import-static", file, "--out", `${folder.path}/imported.yaml`, "--state", "memory"];
  const dry = run(...args, "--dry-run");
  expect(dry.out).toContain('"broken"');
  expect(existsSync(`${folder.path}/imported.yaml`)).toBe(false);
  expect(run(...args).status).toBe(0);
  const yaml = readFileSync(`${folder.path}/imported.yaml`, "utf8");
  expect(yaml).toContain("freight");
  expect(yaml).not.toContain("gone_amt");
});

test("watch triggers are installed, reported and removed", () => {
  const at = ["--source", `erp=${database.url}`, "--state", "memory"];
  for (const [word, installed] of [
    ["install", true],
    ["status", true],
    ["remove", false],
  ] as const) {
    expect(JSON.parse(run("watch", word, ...at).out)).toMatchObject({ erp: { installed } });
  }
  expect(run("watch", "nonsense", ...at).status).toBe(2);
  expect(run("watch", "status", "--state", "memory").status).toBe(1);
});

test("the kept changes as lines and as a review, a rename proven from one process to the next", () => {
  const path = `${folder.path}/shop.db`;
  const args = ["--source", `shop=sqlite:${path}`, "--state", `${folder.path}/changes-state`];
  const db = new Database(path);
  db.exec("CREATE TABLE orders (id INTEGER PRIMARY KEY, total REAL)");
  expect(run("changes", "log", ...args).out).toBe("");
  db.exec("ALTER TABLE orders RENAME COLUMN total TO amount");
  db.close();
  const line = JSON.parse(run("changes", "log", ...args).out) as { change: { kind: string; renamedFrom: string } };
  expect([line.change.kind, line.change.renamedFrom]).toEqual(["column_renamed", "orders.total"]);
  expect(run("changes", "review", ...args).out).toContain("**column_renamed** `orders.amount` (was `orders.total`)");
  expect(run("changes", "review", "sha256:unknown", ...args).status).toBe(1);
});
