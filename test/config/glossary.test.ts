/** Glossary files of a running server: edited they hold from the next call on; wrong they change nothing. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { processInputs } from "../../src/config/environment.js";
import { callTool } from "../../src/server/tool-calls.js";
import { type Running, wire } from "../../src/wire.js";
import { createDatabase } from "../servers/databases.js";

const folder = mkdtempSync(join(tmpdir(), "sextant-glossary-"));
const [database, config, glossary] = ["shop.db", "sextant.json", "glossary.yaml"].map((name) => join(folder, name)) as [
  string,
  string,
  string,
];
let running: Running;

function define(ref: string): void {
  writeFileSync(glossary, `version: 1\nterms:\n  - name: takings\n    ref: ${ref}\n`);
}

beforeAll(async () => {
  const db = new Database(database);
  db.exec("create table orders (id integer primary key, total real, discount real)");
  db.close();
  define("orders.total");
  const sources = { shop: { url: `sqlite:${database}`, glossary: ["./glossary.yaml"] } };
  const settings = { sources, state: { url: "memory" }, telemetry: { log_level: "silent" } };
  writeFileSync(config, JSON.stringify(settings));
  const wired = await wire({ ...processInputs(), env: {}, argvFlags: { config } });
  if (!wired.ok) throw new Error(JSON.stringify(wired.issues));
  running = wired.value;
});
afterAll(async () => {
  await running.close();
  rmSync(folder, { recursive: true });
});

async function takings(): Promise<string | undefined> {
  const tool = running.app.tools.find((t) => t.name === "map_term");
  if (tool === undefined) throw new Error("no map_term");
  const call = { signal: new AbortController().signal, progress: () => undefined, caller: { user: "a", role: "user" } };
  const { structuredContent } = await callTool(running.app, tool, { terms: ["takings"] }, call);
  return (structuredContent.results as { matches: { ref: string }[] }[])[0]?.matches[0]?.ref;
}

test("an edited glossary holds within moments; a broken one leaves the last good one", async () => {
  expect(await takings()).toBe("orders.total");
  define("orders.discount");
  await expect.poll(takings, { timeout: 5_000 }).toBe("orders.discount");
  writeFileSync(glossary, "version: 1\nterms:\n  - nam: takings\n");
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(await takings()).toBe("orders.discount");
  define("orders.total");
  await expect.poll(takings, { timeout: 5_000 }).toBe("orders.total");
});

test("a server that cannot start for a wrong glossary leaves no connection to its state behind", async () => {
  const kept = await createDatabase();
  writeFileSync(join(folder, "wrong.yaml"), "version: 1\nterms:\n  - nam: takings\n");
  const sources = { shop: { url: `sqlite:${database}`, glossary: ["./wrong.yaml"] } };
  const file = join(folder, "wrong.json");
  writeFileSync(file, JSON.stringify({ sources, state: { url: kept.url }, telemetry: { log_level: "silent" } }));
  const wired = await wire({ ...processInputs(), env: {}, argvFlags: { config: file } });
  expect(wired.ok).toBe(false);
  const others =
    "select count(*)::int as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
  await expect.poll(async () => (await kept.query<{ n: number }>(others))[0]?.n).toBe(0);
  await kept.drop();
});
