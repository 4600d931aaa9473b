/**
 * 50 agents on one server over HTTP, each with a session of its own and its next question ready: discover, map, build, validate and run on the sample
 * database. Figures: latency as an agent sees it, failed calls, and the server's resident memory beside the same server in static mode (frozen
 * before the first question), so that what is dynamic can be told from what is not.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import Database from "better-sqlite3";
import { httpServer } from "../test/e2e/sextant.js";
import { type Ask, agents, question, seeded } from "./agent-workload.js";

/** A server that has just started learns the database while it answers: its first calls are told apart. */
const phases = [
  ["first", 2_000],
  ["then", 8_000],
] as const;
const token = "bench";
const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/ledger/${name}`, import.meta.url));
const statements = [
  "select status, count(*) from orders group by status order by status limit 20",
  "select customers.name from customers order by customers.name limit 10",
  "select sum(net_amt) from invoices",
];

/** One call in five is about a statement: half of them check it, half run it. */
function mixed(random: () => number): Ask {
  if (random() >= 0.2) return question(random);
  const sql = statements[Math.floor(random() * statements.length)] ?? "";
  return [random() < 0.5 ? "validate_query" : "run_query", { sql }];
}

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sextant-bench-agents-"));
  const path = join(folder, "ledger.db");
  const db = new Database(path);
  db.exec(readFileSync(fixture("sqlite.sql"), "utf8"));
  db.close();
  console.log(
    `${agents} agents over HTTP, ${process.version}; ms as an agent sees it, client and server on the same cores`,
  );
  console.log("mode           calls failed    p50    p95    p99   worst  server RSS, MiB");
  const rss: number[] = [];
  for (const mode of ["static", "dynamic"] as const) {
    const file = join(folder, `${mode}.json`);
    const config = {
      sources: { ledger: { url: `sqlite:${path}`, glossary: [fixture("glossary.yaml")] } },
      state: { url: `sqlite:${join(folder, `${mode}.state`)}` },
      server: { admin_token: token },
    };
    writeFileSync(file, JSON.stringify(config));
    rss.push(await measure(mode, file));
  }
  console.log(`RSS, dynamic over static: ${((rss[1] ?? 0) / (rss[0] ?? 1)).toFixed(2)}`);
  rmSync(folder, { recursive: true });
}

async function measure(mode: "static" | "dynamic", config: string): Promise<number> {
  const server = await httpServer("--config", config);
  const clients = await Promise.all(
    Array.from({ length: agents }, async () => {
      const client = new Client({ name: "bench", version: "1" });
      await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`)));
      return client;
    }),
  );
  if (mode === "static") {
    await clients[0]?.callTool({ name: "discover_schema", arguments: { detail: "overview" } });
    const headers = { authorization: `Bearer ${token}` };
    const frozen = await fetch(`${server.url}/admin/freeze`, { method: "POST", headers });
    if (!frozen.ok) throw new Error(await frozen.text());
  }
  const random = seeded(11);
  for (const [name, calls] of phases) await phase(`${mode}, ${name}`, calls);
  const mib = residentMib(server.process.pid ?? 0);
  await Promise.all(clients.map((client) => client.close()));
  await server.stop();
  return mib;

  async function phase(what: string, calls: number): Promise<void> {
    const took: number[] = [];
    let [failed, left] = [0, calls];
    const agent = async (client: Client): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const [name, args] = mixed(random);
        const startedMs = performance.now();
        const reply = await client.callTool({ name, arguments: args });
        took.push(performance.now() - startedMs);
        if (reply.isError === true && JSON.stringify(reply.structuredContent).includes("internal_error")) failed += 1;
      }
    };
    await Promise.all(clients.map(agent));
    took.sort((a, b) => a - b);
    const at = (p: number): string =>
      (took[Math.min(took.length - 1, Math.floor(p * took.length))] ?? 0).toFixed(0).padStart(6);
    const mib = residentMib(server.process.pid ?? 0).toFixed(0);
    console.log(
      `${what.padEnd(13)} ${String(took.length).padStart(6)} ${String(failed).padStart(6)} ${at(0.5)} ${at(0.95)} ${at(0.99)}  ${at(1)}  ${mib}`,
    );
  }
}

/** From Linux's own account of the process. */
function residentMib(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(line) / 1_024;
}
