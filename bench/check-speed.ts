/**
 * Measures how long a check takes on 1,000 tables, right statements and faulty ones apart: the wall time of a call, and the CPU of this process
 * alone (the database's own work is in the first). EXPLAIN is not asked.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { Client } from "pg";
import { defaultPolicy } from "../src/access/policy.js";
import { type CheckContext, checkStatement } from "../src/check/check.js";
import { openConnector } from "../src/databases/open.js";
import { printRef } from "../src/schema/names.js";
import { declaredRelationships, type Relationship } from "../src/schema/relationships.js";
import type { DialectName, SchemaSnapshot } from "../src/schema/snapshot.js";
import { faultsOf } from "./check-faults.js";
import { generateSchema } from "./generate-schema.js";

const tables = Number(process.env.SEXTANT_BENCH_TABLES ?? 1_000);
/** Every n-th link between two tables gets its statements. */
const every = Number(process.env.SEXTANT_BENCH_EVERY ?? 20);
const server = process.env.SEXTANT_BENCH_POSTGRES ?? "postgres://root@127.0.0.1:5432/postgres";
const scratchName = "check_bench_speed";

export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "check-speed-"));
  const file = join(folder, "speed.sqlite");
  const db = new Database(file);
  db.exec(`BEGIN; ${generateSchema(tables, "sqlite").join(";\n")}; COMMIT`);
  db.close();
  await measure(`sqlite:${file}`, "sqlite");
  rmSync(folder, { recursive: true });
  await inPostgres(server, [`DROP DATABASE IF EXISTS ${scratchName} WITH (FORCE)`, `CREATE DATABASE ${scratchName}`]);
  const url = new URL(server);
  url.pathname = `/${scratchName}`;
  await inPostgres(url.href, generateSchema(tables, "postgres"));
  await measure(url.href, "postgres");
  await inPostgres(server, [`DROP DATABASE ${scratchName} WITH (FORCE)`]);
}

async function measure(url: string, dialect: DialectName): Promise<void> {
  const connector = openConnector({ url, allowSuperuser: true });
  const { snapshot, statistics } = await connector.inspect();
  const view = { snapshot, version: "", statistics, relationships: declaredRelationships(snapshot) };
  const context: CheckContext = { view, policy: defaultPolicy(dialect), compile: (sql) => connector.compile(sql) };
  const right = view.relationships.filter((_, i) => i % every === 0).flatMap((link) => statementsOf(link, snapshot));
  const faulty = right.flatMap((sql, i) => faultsOf(sql, snapshot, i).map((f) => ({ kind: f.kind, sql: f.sql })));
  for (const sql of [...right.slice(0, 20), ...faulty.slice(0, 20).map((f) => f.sql)])
    await checkStatement(sql, undefined, context); // warm
  await timed(`${dialect}, ${snapshot.tables.length} tables, right`, right, context);
  await timed(
    `${dialect}, faulty`,
    faulty.map((f) => f.sql),
    context,
  );
  const kinds = process.env.SEXTANT_BENCH_KINDS === undefined ? [] : new Set(faulty.map((f) => f.kind));
  for (const kind of kinds)
    await timed(
      `  ${kind}`,
      faulty.filter((f) => f.kind === kind).map((f) => f.sql),
      context,
    );
  await connector.close();
}

/** A lookup, a join, a grouped join and a CTE over one link. */
function statementsOf(link: Relationship, snapshot: SchemaSnapshot): readonly string[] {
  const [from, to] = [printRef(snapshot, link.from.table), printRef(snapshot, link.to.table)];
  const on = `a.${link.from.columns[0]} = b.${link.to.columns[0]}`;
  return [
    `SELECT id, status, amount FROM ${from} WHERE due_on >= '2024-01-01' ORDER BY amount DESC, id LIMIT 10`,
    `SELECT a.code, b.note FROM ${from} a JOIN ${to} b ON ${on} WHERE b.is_active ORDER BY a.id`,
    `SELECT b.status, sum(a.amount) AS total, count(*) AS n FROM ${from} a JOIN ${to} b ON ${on} WHERE a.quantity > 3 GROUP BY b.status ORDER BY total DESC, b.status`,
    `WITH t AS (SELECT ${link.from.columns[0]} AS k, avg(rate) AS r FROM ${from} GROUP BY ${link.from.columns[0]}) SELECT b.code, t.r FROM ${to} b LEFT JOIN t ON t.k = b.id WHERE b.status IN ('open', 'done') ORDER BY b.code, b.id`,
  ];
}

async function timed(title: string, statements: readonly string[], context: CheckContext): Promise<void> {
  const [wall, cpu]: [number[], number[]] = [[], []];
  for (const sql of statements) {
    const before = process.cpuUsage();
    const started = performance.now();
    await checkStatement(sql, undefined, context);
    wall.push(performance.now() - started);
    const used = process.cpuUsage(before);
    cpu.push((used.user + used.system) / 1000);
  }
  const at = (times: readonly number[], share: number) =>
    (times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(2);
  console.log(
    `${title}: ${statements.length} statements, wall p50 ${at(wall, 0.5)} p95 ${at(wall, 0.95)} ms, CPU of this process p50 ${at(cpu, 0.5)} p95 ${at(cpu, 0.95)} ms`,
  );
}

async function inPostgres(url: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  for (const sql of statements) await client.query(sql);
  await client.end();
}
