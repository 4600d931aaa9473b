/**
 * A whole server over a generated PostgreSQL schema of 10,000 tables, as a client over stdio meets it: its resident memory and how long calls take,
 * from the first answer through a refresh after each of six ALTERs. Build first: it starts `dist/main.js`. PostgreSQL: SEXTANT_TEST_POSTGRES_URL
 * or an embedded server.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { Client as PgClient } from "pg";
import { entry } from "../test/e2e/sextant.js";
import { startEmbeddedPostgres } from "../test/servers/embedded.js";
import { generateSchema } from "./generate-schema.js";
import { batches, inScratch } from "./scratch.js";

const tables = 10_000;
const alterations = 6;
/** Background work (profiles, links, words) ends within this after the first answers, ms; and pauses between two ALTERs. */
const settleMs = 8_000;
const pauseMs = 4_000;

export async function run(): Promise<void> {
  const given = process.env["SEXTANT_TEST_POSTGRES_URL"];
  const embedded = given === undefined || given === "" ? await startEmbeddedPostgres() : undefined;
  try {
    await inScratch(given || embedded?.url || "", batches(generateSchema(tables, "postgres")), measure);
  } finally {
    await embedded?.stop();
  }
}

async function measure(url: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sextant-bench-served-"));
  const args = [entry, "--source", `x=${url}`, "--state", folder, "--log-level", "error"];
  const transport = new StdioClientTransport({ command: process.execPath, args });
  const client = new Client({ name: "bench", version: "1" });
  await client.connect(transport);
  const admin = new PgClient({ connectionString: url });
  await admin.connect();
  const call = async (what: string, name: string, asked: Record<string, unknown>): Promise<void> => {
    const started = performance.now();
    await client.callTool({ name, arguments: asked }, undefined, { timeout: 120_000 });
    say(what, `${(performance.now() - started).toFixed(0)} ms`);
  };
  const say = (what: string, time: string): void =>
    console.log(`  ${what.padEnd(24)} ${time.padStart(8)}  ${memoryOf(transport.pid ?? 0)}`);
  console.log(`served: ${tables} tables over stdio; resident memory of the server, MiB`);
  const brief = { detail: "names", limit: 1 };
  await call("first answer", "discover_schema", brief);
  await call("overview", "discover_schema", { detail: "overview" });
  await call("about", "discover_schema", { about: "invoice amount by account", detail: "names" });
  await wait(settleMs);
  say("settled", "");
  for (let n = 0; n < alterations; n += 1) {
    await admin.query(`ALTER TABLE web.account_7 ${n % 2 === 0 ? "ADD COLUMN extra int" : "DROP COLUMN extra"}`);
    if (n % 3 < 2) await call("refresh after an ALTER", "discover_schema", { ...brief, refresh: true });
    else await call("schema_changes after it", "schema_changes", { limit: 1 });
    await wait(pauseMs);
  }
  await call("map_term", "map_term", { terms: ["invoice amount"] });
  await client.close();
  await admin.end();
  rmSync(folder, { recursive: true });
}

/** From Linux's own account of the process: now, and the most so far. */
function memoryOf(pid: number): string {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mib = (field: string): string =>
    (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "mu").exec(status)?.[1]) / 1_024).toFixed(0);
  return `now ${mib("VmRSS")}, peak ${mib("VmHWM")}`;
}
