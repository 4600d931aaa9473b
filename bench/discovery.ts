/**
 * Discovery against its floor in the same run: a first inspection by the product and the floor of `discovery-floor.ts` in turns, each in a
 * fresh process, medians of wall and CPU time; then memory after five inspections, a refresh after one ALTER, tokens by level of detail, and
 * what an ALTER TABLE waits beside discovery. Real schemas from SEXTANT_DATA, generated ones of 1,000 and 10,000 tables (SQLite: 5,000).
 * PostgreSQL: SEXTANT_TEST_POSTGRES_URL or an embedded server. `SEXTANT_BENCH_ONLY` keeps schemas whose names contain it.
 */

import { fork } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { Client } from "pg";
import { startEmbeddedPostgres } from "../test/servers/embedded.js";
import type { Answers, Mode } from "./discovery-child.js";
import { generateSchema } from "./generate-schema.js";
import { batches, inScratch, schemaOf } from "./scratch.js";

const rounds = 5;

export async function run(): Promise<void> {
  const given = process.env["SEXTANT_TEST_POSTGRES_URL"];
  const embedded = given === undefined || given === "" ? await startEmbeddedPostgres() : undefined;
  const folder = mkdtempSync(join(tmpdir(), "sextant-bench-"));
  try {
    const load = (loadavg()[0] ?? 0).toFixed(1);
    console.log(
      `discovery: medians of ${rounds} rounds in turns, fresh processes; load average ${load} on ${cpus().length} cores`,
    );
    await measurePostgres(given || embedded?.url || "");
    const path = join(folder, "generated.sqlite");
    const db = new Database(path);
    db.exec(`BEGIN; ${generateSchema(5_000, "sqlite").join(";\n")}; COMMIT`);
    db.close();
    if (wanted("sqlite 5000")) await report("sqlite 5000 generated", `sqlite:${path}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await embedded?.stop();
  }
}

function wanted(name: string): boolean {
  return name.includes(process.env["SEXTANT_BENCH_ONLY"] ?? "");
}

async function measurePostgres(server: string): Promise<void> {
  const data = resolve(
    process.env["SEXTANT_DATA"] ?? fileURLToPath(new URL("../../shared/data", import.meta.url)),
    "schemas",
  );
  const files = existsSync(data) ? readdirSync(data).filter((file) => file.endsWith(".sql")) : [];
  if (files.length === 0) console.log("(no schemas in SEXTANT_DATA: real schemas are left out)");
  for (const file of files) {
    const name = file.replace(/(\.postgres)?\.sql$/, "");
    if (!wanted(name)) continue;
    await inScratch(server, await schemaOf(readFileSync(join(data, file), "utf8")), (url) => report(name, url));
  }
  for (const tables of [1_000, 10_000]) {
    const name = `postgres ${tables} generated`;
    if (!wanted(name)) continue;
    await inScratch(server, batches(generateSchema(tables, "postgres")), async (url) => {
      await report(name, url);
      await reportWaits(url);
    });
  }
}

async function report(name: string, url: string): Promise<void> {
  const product: Answers["first"][] = [];
  const floor: Answers["floor"][] = [];
  for (let round = 0; round < rounds; round += 1) {
    product.push(await inProcess(url, "first"));
    floor.push(await inProcess(url, "floor"));
  }
  const ms = [median(product.map((p) => p.ms)), median(floor.map((f) => f.ms))] as const;
  const cpu = [median(product.map((p) => p.cpuMs)), median(floor.map((f) => f.cpuMs))] as const;
  const [one] = product;
  const five = await inProcess(url, "five");
  console.log(`\n${name}: ${one?.tables} tables, ${one?.columns} columns`);
  console.log(`  first discovery  ${ms[0].toFixed(0)} ms, floor ${ms[1].toFixed(0)} ms: ${(ms[0] / ms[1]).toFixed(2)}`);
  console.log(
    `  CPU, client      ${cpu[0].toFixed(0)} ms, floor ${cpu[1].toFixed(0)} ms: ${(cpu[0] / cpu[1]).toFixed(2)}`,
  );
  console.log(`  statements       ${one?.statements} in ${one?.roundTrips} round trips`);
  console.log(
    `  peak memory      ${median(product.map((p) => p.peakMiB)).toFixed(0)} MiB after one, ${five.peakMiB.toFixed(0)} MiB after five; floor ${median(floor.map((f) => f.peakMiB)).toFixed(0)} MiB`,
  );
  if (!url.startsWith("sqlite:")) {
    const { fullMs, refreshMs, stampMs, toldMs, gateMs } = await inProcess(url, "refresh");
    const share = (ms: number) => `${((100 * ms) / fullMs).toFixed(1)} %`;
    console.log(
      `  one ALTER        ${toldMs.toFixed(0)} ms to read it where it is announced, of ${fullMs.toFixed(0)} ms for all: ${share(toldMs)}; ${refreshMs.toFixed(0)} ms by polling: ${share(refreshMs)}, the poll alone ${stampMs.toFixed(0)} ms; nothing new ${gateMs.toFixed(1)} ms`,
    );
  }
  for (const level of await inProcess(url, "tokens")) {
    const { detail, textTokens, jsonTokens } = level;
    console.log(
      `  ${detail.padEnd(16)} ${textTokens} tokens of text, ${jsonTokens} of JSON: ${(textTokens / jsonTokens).toFixed(2)}`,
    );
  }
}

/** What ALTER TABLE takes, alone and while discovery runs without pause. */
async function reportWaits(url: string): Promise<void> {
  const steps = 200;
  const client = new Client({ connectionString: url });
  await client.connect();
  const alter = async (): Promise<number[]> => {
    const waits: number[] = [];
    for (let step = 0; step < steps; step += 1) {
      const started = performance.now();
      await client.query(`ALTER TABLE web.account_7 ${step % 2 === 0 ? "ADD COLUMN extra int" : "DROP COLUMN extra"}`);
      waits.push(performance.now() - started);
      await new Promise((done) => setTimeout(done, 20));
    }
    return waits.sort((a, b) => a - b);
  };
  const alone = await alter();
  const busy = fork(child, [url, "endless"]);
  await new Promise((done) => busy.once("message", done));
  const beside = await alter();
  busy.kill();
  await client.end();
  const told = (waits: readonly number[]) =>
    `median ${median(waits).toFixed(1)}, worst ${(waits.at(-1) ?? 0).toFixed(0)} ms`;
  console.log(`  ALTER TABLE      beside discovery ${told(beside)}; alone ${told(alone)} (${steps} each)`);
}

const child = fileURLToPath(new URL("./discovery-child.ts", import.meta.url));

function inProcess<M extends Mode>(url: string, mode: M): Promise<Answers[M]> {
  return new Promise((done, fail) => {
    const process = fork(child, [url, mode]);
    process.once("message", (answer) => done(answer as Answers[M]));
    process.once("exit", (code) => fail(new Error(`the measurement ended with ${code}`)));
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}
