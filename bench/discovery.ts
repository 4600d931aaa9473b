/**
 * Discovery against its floor in the same run: whole inspection by the product, on a connection of its own each time, and the floor of
 * `discovery-floor.ts`, in turns. Real schemas from SEXTANT_DATA, and generated ones of 1,000 and 10,000 tables (SQLite: 5,000).
 * Each schema runs in a process of its own, so that its peak memory is its own. PostgreSQL: SEXTANT_TEST_POSTGRES_URL or an embedded server.
 */

import { fork } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { Client } from "pg";
import { openConnector } from "../src/databases/open.js";
import { startEmbeddedPostgres } from "../test/servers/embedded.js";
import { postgresFloor, sqliteFloor } from "./discovery-floor.js";
import { generateSchema } from "./generate-schema.js";

const rounds = 5;

interface Figures {
  readonly tables: number;
  readonly productMs: number;
  readonly floorMs: number;
  readonly refreshMs: number;
  readonly stampMs: number;
  readonly peakMiB: number;
}

export async function run(): Promise<void> {
  const given = process.env["SEXTANT_TEST_POSTGRES_URL"];
  const embedded = given === undefined || given === "" ? await startEmbeddedPostgres() : undefined;
  const folder = mkdtempSync(join(tmpdir(), "sextant-bench-"));
  try {
    console.log(
      "discovery: medians of",
      rounds,
      "rounds; refresh: one table again; stamp: the truth behind the gate; memory: of the product alone",
    );
    console.log(line(["schema", "tables", "product ms", "floor ms", "ratio", "refresh ms", "stamp ms", "peak MiB"]));
    await measurePostgres(given || embedded?.url || "");
    for (const tables of [5_000]) {
      const path = join(folder, `generated-${tables}.sqlite`);
      fillSqlite(path, tables);
      await report(`sqlite ${tables} generated`, `sqlite:${path}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await embedded?.stop();
  }
}

async function measurePostgres(server: string): Promise<void> {
  const data = resolve(
    process.env["SEXTANT_DATA"] ?? fileURLToPath(new URL("../../shared/data", import.meta.url)),
    "schemas",
  );
  const files = existsSync(data) ? readdirSync(data).filter((file) => file.endsWith(".sql")) : [];
  if (files.length === 0) console.log(`(no schemas in SEXTANT_DATA: real schemas are left out)`);
  for (const file of files) {
    await inScratch(server, [plainSql(readFileSync(join(data, file), "utf8"))], (url) =>
      report(file.replace(/(\.postgres)?\.sql$/, ""), url),
    );
  }
  for (const tables of [1_000, 10_000]) {
    await inScratch(server, batches(generateSchema(tables, "postgres")), (url) =>
      report(`postgres ${tables} generated`, url),
    );
  }
}

async function inScratch(
  server: string,
  statements: readonly string[],
  work: (url: string) => Promise<void>,
): Promise<void> {
  const name = `sextant_bench_${process.pid}`;
  const admin = new Client({ connectionString: server });
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  client.on("error", () => undefined); // the query that it breaks reports it
  try {
    for (const statement of statements) await client.query(statement);
    await client.query("VACUUM ANALYZE");
    await client.end();
    await work(url.href);
  } catch (cause) {
    await client.end();
    console.log(`(left out: ${String(cause)})`);
  }
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await admin.end();
}

/** Without psql's own commands. */
function plainSql(text: string): string {
  return text.replace(/^\\.*$/gm, "");
}

function fillSqlite(path: string, tables: number): void {
  const db = new Database(path);
  db.exec(`BEGIN; ${generateSchema(tables, "sqlite").join(";\n")}; COMMIT`);
  db.close();
}

function batches(statements: readonly string[]): string[] {
  const size = 200;
  return Array.from({ length: Math.ceil(statements.length / size) }, (_, at) =>
    statements.slice(at * size, (at + 1) * size).join(";\n"),
  );
}

async function report(name: string, url: string): Promise<void> {
  const product = await inProcess(url, "product");
  const floor = await inProcess(url, "floor");
  const figures = { ...product, floorMs: floor.floorMs };
  const ratio = (figures.productMs / figures.floorMs).toFixed(2);
  const { tables, productMs, floorMs, refreshMs, stampMs, peakMiB } = figures;
  console.log(
    line([
      name,
      tables,
      productMs.toFixed(0),
      floorMs.toFixed(0),
      ratio,
      refreshMs.toFixed(1),
      stampMs.toFixed(1),
      peakMiB.toFixed(0),
    ]),
  );
}

function inProcess(url: string, what: "product" | "floor"): Promise<Figures> {
  return new Promise((done, fail) => {
    const child = fork(fileURLToPath(import.meta.url), [url, what]);
    child.once("message", (figures) => done(figures as Figures));
    child.once("exit", (code) => fail(new Error(`the measurement ended with ${code}`)));
  });
}

async function measure(url: string, what: string): Promise<Figures> {
  const times: number[] = [];
  const found = { tables: 0, refreshMs: 0, stampMs: 0 };
  for (let round = 0; round < rounds; round += 1) {
    if (what === "floor") {
      const floor = url.startsWith("sqlite:") ? sqliteFloor(url.slice("sqlite:".length)) : await postgresFloor(url);
      times.push(floor.ms);
    } else {
      const connector = openConnector({ url, allowSuperuser: true });
      const started = performance.now();
      const { snapshot } = await connector.inspect();
      times.push(performance.now() - started);
      found.tables = snapshot.tables.length;
      const first = snapshot.tables.slice(0, 1).map(({ schema, name }) => ({ schema, name }));
      found.refreshMs = await timed(() => connector.inspect({ only: first }));
      found.stampMs = await timed(() => connector.stamp());
      await connector.close();
    }
  }
  const median = times.sort((a, b) => a - b)[rounds >> 1] ?? 0;
  return { ...found, productMs: median, floorMs: median, peakMiB: process.resourceUsage().maxRSS / 1024 };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function line(cells: readonly (string | number)[]): string {
  return cells.map((cell, at) => (at === 0 ? String(cell).padEnd(26) : String(cell).padStart(11))).join("");
}

if (process.send !== undefined && process.argv[3] !== undefined) {
  process.send(await measure(process.argv[2] ?? "", process.argv[3]));
  process.disconnect();
}
