/** A process that writes to a state file as fast as it can, until it is killed. */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { openState } from "../../src/state/open.js";

const writer = fileURLToPath(new URL("./writer.mjs", import.meta.url));

/** Keys acknowledged by a writer that was killed in the middle of whatever came after its `acks`-th. */
export function writeUntilKilled(path: string, run: number, acks: number): Promise<readonly string[]> {
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

/** What is missing or torn in a state file after such writers: acknowledged keys that are not there, and documents that are half written. */
export interface Damage {
  readonly lost: readonly string[];
  readonly torn: readonly string[];
}

export async function damageOf(path: string, acknowledged: readonly string[]): Promise<Damage> {
  const state = await openState(`sqlite:${path}`);
  const [audit, config] = (await Promise.all([state.list({ kind: "audit" }), state.list({ kind: "config" })])).map(
    (records) => new Set(records.map((r) => r.key)),
  ) as [Set<string>, Set<string>];
  const current = (await state.get("checkpoint", "*", "current"))?.body as { key: string; again: string };
  await state.close();
  const database = new Database(path);
  const integrity = database.pragma("integrity_check", { simple: true }) as string;
  database.close();
  return {
    lost: acknowledged.filter((key) => !audit.has(key)),
    // Each pair of records is one transaction, and the document names one key twice.
    torn: [
      ...[...audit].filter((key) => !config.has(key)),
      ...(current.again === current.key ? [] : [current.key]),
      ...(integrity === "ok" ? [] : [integrity]),
    ],
  };
}
