/**
 * What must not be lost and what must be quick when somebody's hand is on the switch: kill -9 in a loop of writes, an edited configuration file until
 * it holds, and freezing ten sources.
 */

import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { processInputs } from "../src/config/environment.js";
import { type Running, wire } from "../src/wire.js";
import { damageOf, writeUntilKilled } from "../test/state/killed-writer.js";

const kills = 200;
const reloads = 40;
const freezes = 10;
const sourceCount = 10;

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sextant-bench-durability-"));
  await killing(join(folder, "killed.db"));
  await switching(folder);
  rmSync(folder, { recursive: true });
}

async function killing(path: string): Promise<void> {
  const acknowledged: string[] = [];
  for (let n = 0; n < kills; n += 1) acknowledged.push(...(await writeUntilKilled(path, n, 1 + (n % 20))));
  const { lost, torn } = await damageOf(path, acknowledged);
  console.log(
    `kill -9, ${kills} times in a loop of writes: ${acknowledged.length} acknowledged, ${lost.length} lost, ${torn.length} torn`,
  );
}

async function switching(folder: string): Promise<void> {
  const file = join(folder, "sextant.json");
  const names = Array.from({ length: sourceCount }, (_, n) => `s${n}`);
  const script = readFileSync(fileURLToPath(new URL("../fixtures/ledger/sqlite.sql", import.meta.url)), "utf8");
  for (const name of names) {
    const db = new Database(join(folder, `${name}.db`));
    db.exec(script);
    db.close();
  }
  const write = (rows: number): void => {
    const config = {
      sources: Object.fromEntries(names.map((name) => [name, { url: `sqlite:./${name}.db` }])),
      state: { url: `sqlite:${join(folder, "state.db")}` },
      telemetry: { log_level: "silent" },
      query: { default_rows: rows },
    };
    writeFileSync(`${file}.new`, JSON.stringify(config));
    renameSync(`${file}.new`, file);
  };
  write(1);
  const wired = await wire({ ...processInputs(), env: {}, argvFlags: { config: file } });
  if (!wired.ok) throw new Error(JSON.stringify(wired.issues));
  const running = wired.value;
  const awake = setInterval(() => undefined, 1_000); // nothing that is wired keeps a process alive by itself
  for (const name of names) await running.app.deps.live(name, { call: quietCall });
  await reloading(running, write);
  await freezing(running);
  await running.close();
  clearInterval(awake);
}

const quietCall = {
  signal: new AbortController().signal,
  progress: () => undefined,
  caller: { user: "bench", role: "user" },
};

async function reloading(running: Running, write: (rows: number) => void): Promise<void> {
  const took: number[] = [];
  for (let rows = 2; rows < reloads + 2; rows += 1) {
    const startedMs = performance.now();
    const held = new Promise<void>((resolve) => {
      const stop = running.config.subscribe(({ after }) => {
        if (after.config.query.default_rows !== rows) return;
        stop();
        resolve();
      });
    });
    write(rows);
    await held;
    took.push(performance.now() - startedMs);
  }
  console.log(`an edited file until it holds, ${reloads} times: ${spread(took)}`);
}

async function freezing(running: Running): Promise<void> {
  const took: number[] = [];
  for (let n = 0; n < freezes; n += 1) {
    const startedMs = performance.now();
    const frozen = await running.freezer.freeze("bench", "to measure");
    took.push(performance.now() - startedMs);
    if (!frozen.ok || frozen.value.sources.some((source) => !source.answers)) throw new Error("not frozen");
    await running.freezer.thaw("bench", "to measure");
  }
  console.log(`freeze of ${sourceCount} sources, verified, ${freezes} times: ${spread(took)}`);
}

function spread(took: readonly number[]): string {
  const sorted = took.toSorted((a, b) => a - b);
  const at = (p: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0).toFixed(0);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(1)} ms`;
}
