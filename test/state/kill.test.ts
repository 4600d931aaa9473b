/** kill -9 in the middle of writing: what was acknowledged is there, what is there is whole (faults.md #26, #31). */

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { afterAll, expect, test } from "vitest";
import { openState } from "../../src/state/open.js";

const folder = mkdtempSync(join(tmpdir(), "sextant-kill-"));
const writer = fileURLToPath(new URL("./writer.mjs", import.meta.url));
afterAll(() => rmSync(folder, { recursive: true }));

/** Lines acknowledged by a writer that was killed in the middle of whatever came after its `acks`-th. */
function writeUntilKilled(path: string, run: number, acks: number): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [writer, path, String(run)], { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      if (out.split("\n").length > acks + 2) child.kill("SIGKILL");
    });
    child.on("error", reject);
    // The last line may be cut by the kill: without its line end it was not acknowledged.
    child.on("close", () => resolve(out.split("\n").slice(1, -1)));
  });
}

test("a killed writer loses nothing that it acknowledged and leaves nothing torn", { timeout: 120_000 }, async () => {
  const path = join(folder, "state.db");
  const acknowledged: string[] = [];
  for (let run = 0; run < 8; run += 1) acknowledged.push(...(await writeUntilKilled(path, run, 4 + run * 2)));
  expect(acknowledged.length).toBeGreaterThan(20);
  const state = await openState(`sqlite:${path}`);
  const audit = new Set((await state.list({ kind: "audit" })).map((r) => r.key));
  const config = new Set((await state.list({ kind: "config" })).map((r) => r.key));
  expect(acknowledged.filter((key) => !audit.has(key))).toEqual([]);
  expect([...audit].filter((key) => !config.has(key))).toEqual([]);
  const current = (await state.get("checkpoint", "*", "current"))?.body as { key: string; again: string };
  expect(current.again).toBe(current.key);
  await state.close();
  expect(new Database(path).pragma("integrity_check", { simple: true })).toBe("ok");
});
