/**
 * Measures validate_query's heart on real databases: agreement with the database about what is valid, single faults mended (the mended statement
 * gives the same rows), first candidates right, attacks stopped, time a statement. Data: the folder in SEXTANT_DATA.
 */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { defaultPolicy } from "../src/access/policy.js";
import { type CheckContext, type CheckReport, checkStatement } from "../src/check/check.js";
import type { Connector } from "../src/databases/connector.js";
import { openConnector } from "../src/databases/open.js";
import { declaredRelationships } from "../src/schema/relationships.js";
import { faultsOf } from "./check-faults.js";

const data = process.env.SEXTANT_DATA ?? fileURLToPath(new URL("../../shared/data", import.meta.url));
const attacks = new URL("../fixtures/checks/attacks/", import.meta.url);
/** A PostgreSQL server that scratch databases may be made on. */
const server = process.env.SEXTANT_BENCH_POSTGRES ?? "postgres://root@127.0.0.1:5432/postgres";
/** Every n-th gold statement gets faults. */
const faultEvery = Number(process.env.SEXTANT_BENCH_EVERY ?? 10);

interface Score {
  statements: number;
  agreed: number;
  warned: number;
  /** Warnings on right statements, by code. */
  readonly warnings: Map<string, number>;
  candidates: number;
  candidatesRight: number;
  readonly faults: Map<string, { made: number; mended: number }>;
  readonly timesMs: number[];
  readonly worst: string[];
}

const newScore = (): Score => ({
  statements: 0,
  agreed: 0,
  warned: 0,
  warnings: new Map(),
  candidates: 0,
  candidatesRight: 0,
  faults: new Map(),
  timesMs: [],
  worst: [],
});

/** One dialect alone, where named. */
const only = process.env.SEXTANT_BENCH_DIALECT;

export async function run(): Promise<void> {
  if (only !== "postgres") await onSqlite();
  if (only !== "sqlite") await onPostgres();
  await countAttacks();
}

async function onSqlite(): Promise<void> {
  const sqlite = newScore();
  const gold = readLines(`${data}/spider/intents_train.jsonl`) as readonly {
    readonly db_id: string;
    readonly gold_sql: string;
  }[];
  for (const [db, statements] of groups(gold, (g) => g.db_id)) {
    const path = `${data}/spider/database/${db}/${db}.sqlite`;
    if (existsSync(path))
      await measure(
        `sqlite:${path}`,
        statements.map((s) => s.gold_sql),
        sqlite,
      );
  }
  report("SQLite (Spider gold)", sqlite);
}

async function onPostgres(): Promise<void> {
  const postgres = newScore();
  const questions = JSON.parse(readFileSync(`${data}/defog/questions.json`, "utf8")) as readonly {
    readonly db: string;
    readonly gold_sql_first: string;
  }[];
  for (const [db, statements] of groups(questions, (q) => q.db)) {
    const url = await scratch(`check_bench_${db}`, readFileSync(`${data}/defog/${db}/${db}.sql`, "utf8"));
    await measure(
      url,
      statements.map((s) => s.gold_sql_first),
      postgres,
    );
    await drop(`check_bench_${db}`);
  }
  report("PostgreSQL (defog gold)", postgres);
}

async function measure(url: string, statements: readonly string[], score: Score): Promise<void> {
  const connector = openConnector({ url, allowSuperuser: true });
  const { snapshot, statistics } = await connector.inspect();
  const view = { snapshot, version: "", statistics, relationships: declaredRelationships(snapshot) };
  const context: CheckContext = {
    view,
    policy: defaultPolicy(snapshot.dialect),
    compile: (sql) => connector.compile(sql),
  };
  for (const [i, sql] of statements.entries()) {
    const truth = await connector.compile(sql);
    const known: CheckContext = {
      ...context,
      compile: (s) => (s === sql ? Promise.resolve(truth) : connector.compile(s)),
    };
    const started = performance.now();
    const checked = await checkStatement(sql, undefined, known);
    score.timesMs.push(performance.now() - started);
    tally(checked, truth.valid, sql, score);
    const right = truth.valid ? sql : checked.fixed_sql;
    if (i % faultEvery === 0 && right !== undefined) await mend(right, i, connector, context, score);
  }
  await connector.close();
}

function tally(checked: CheckReport, valid: boolean, sql: string, score: Score): void {
  score.statements++;
  if (checked.valid === valid) score.agreed++;
  else score.worst.push(`disagreed: ${sql}`);
  const codes = new Set(checked.issues.flatMap((i) => (i.severity === "warning" ? [i.code] : [])));
  if (codes.size > 0) score.warned++;
  for (const code of codes) {
    score.warnings.set(code, (score.warnings.get(code) ?? 0) + 1);
    score.worst.push(`warned ${code}: ${sql}\n    ${checked.issues.find((i) => i.code === code)?.message}`);
  }
}

async function mend(
  sql: string,
  seed: number,
  connector: Connector,
  context: CheckContext,
  score: Score,
): Promise<void> {
  const wanted = await rowsOf(sql, connector);
  if (wanted === undefined) return;
  for (const fault of faultsOf(sql, context.view.snapshot, seed)) {
    const given = await rowsOf(fault.sql, connector);
    if (given === wanted) continue; // the fault changes nothing: no fault
    const checked = await checkStatement(fault.sql, undefined, context);
    const count = score.faults.get(fault.kind) ?? { made: 0, mended: 0 };
    score.faults.set(fault.kind, count);
    count.made++;
    const got = checked.fixed_sql === undefined ? undefined : await rowsOf(checked.fixed_sql, connector);
    if (got === wanted) count.mended++;
    else
      score.worst.push(
        `${fault.kind}: ${fault.sql}\n    -> ${checked.fixed_sql ?? "nothing"} ${JSON.stringify(checked.issues[0]?.message)}`,
      );
    if (fault.right === undefined) continue;
    score.candidates++;
    const first = checked.issues.find((i) => i.candidates !== undefined)?.candidates?.[0];
    if (first?.toLowerCase().split(".").at(-1) === fault.right) score.candidatesRight++;
    else score.worst.push(`candidate: ${fault.sql}\n    ${fault.right}, got ${first ?? "none"}`);
  }
}

/** The rows as a bag, in one text; undefined where the statement fails. */
async function rowsOf(sql: string, connector: Connector): Promise<string | undefined> {
  const truth = await connector.compile(sql);
  if (!truth.valid) return undefined;
  try {
    const { rows } = await connector.run({ sql, params: [], maxRows: 2_000, maxBytes: 4_000_000, timeoutMs: 5_000 });
    return rows
      .map((r) => JSON.stringify(r))
      .toSorted()
      .join("\n");
  } catch {
    return undefined; // a statement that compiles and cannot run gives no rows
  }
}

async function countAttacks(): Promise<void> {
  for (const dialect of ["sqlite", "postgres"] as const) {
    const file = new URL(`${dialect}.sql`, attacks);
    const texts = readFileSync(file, "utf8")
      .split(/^-- attack: .*$/m)
      .map((t) => t.trim())
      .filter((t) => t !== "");
    const snapshot = {
      dialect,
      defaultSchema: dialect === "sqlite" ? "main" : "public",
      schemas: [],
      tables: [],
      enums: [],
      domains: [],
      composites: [],
      sequences: [],
      functions: [],
      extensions: [],
    };
    const view = { snapshot, version: "", statistics: { tables: {} }, relationships: [] };
    let passed = 0;
    for (const sql of texts)
      if ((await checkStatement(sql, undefined, { view, policy: defaultPolicy(dialect) })).valid) passed++;
    console.log(`attacks ${dialect}: ${texts.length} tried, ${passed} passed`);
  }
}

function report(title: string, score: Score): void {
  const share = (a: number, b: number) => (b === 0 ? "-" : (a / b).toFixed(3));
  const times = score.timesMs.toSorted((a, b) => a - b);
  console.log(
    `\n${title}: ${score.statements} statements, agreement ${share(score.agreed, score.statements)}, warned ${share(score.warned, score.statements)}, p50 ${times[times.length >> 1]?.toFixed(2)} ms, p95 ${times[Math.floor(times.length * 0.95)]?.toFixed(2)} ms`,
  );
  for (const [code, count] of [...score.warnings].toSorted((a, b) => b[1] - a[1]))
    console.log(`  warned ${code}: ${share(count, score.statements)} (${count})`);
  console.log(`first candidate right ${share(score.candidatesRight, score.candidates)} of ${score.candidates}`);
  let [made, mended] = [0, 0];
  for (const [kind, count] of score.faults) {
    made += count.made;
    mended += count.mended;
    console.log(`  mended ${kind}: ${share(count.mended, count.made)} of ${count.made}`);
  }
  console.log(`  mended in all: ${share(mended, made)} of ${made}`);
  if (process.env.SEXTANT_BENCH_WORST !== undefined)
    console.log(score.worst.slice(0, Number(process.env.SEXTANT_BENCH_WORST)).join("\n"));
}

function readLines(path: string): readonly unknown[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((l) => l !== "")
    .map((l) => JSON.parse(l) as unknown);
}

function groups<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) found.set(keyOf(item), [...(found.get(keyOf(item)) ?? []), item]);
  return found;
}

async function scratch(name: string, sql: string): Promise<string> {
  await drop(name);
  await asServer(`CREATE DATABASE "${name}"`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(sql);
  await client.end();
  return url.href;
}

async function drop(name: string): Promise<void> {
  await asServer(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
}

async function asServer(sql: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  await client.query(sql);
  await client.end();
}
