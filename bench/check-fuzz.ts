/**
 * Mutates the corpus of statements by its grammar, many times, and tells where the check and the database disagree: valid where the database refuses,
 * invalid where it runs, read-only where it writes, or a crash. The first seed is printed; a seed makes the same text again.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { Client } from "pg";
import { defaultPolicy } from "../src/access/policy.js";
import { openConnector } from "../src/databases/open.js";
import { declaredRelationships } from "../src/schema/relationships.js";
import type { DialectName } from "../src/schema/snapshot.js";
import { disagreement } from "../test/check/agreement.js";
import { everyStatement } from "../test/check/corpus.js";
import { mutant } from "../test/check/mutate.js";
import { randomFrom } from "../test/query/oracle/world.js";

const runs = Number(process.env.SEXTANT_BENCH_RUNS ?? 2_000);
const firstSeed = Number(process.env.SEXTANT_BENCH_SEED ?? Date.now() % 1_000_000_000);
const server = process.env.SEXTANT_BENCH_POSTGRES ?? "postgres://root@127.0.0.1:5432/postgres";
const scratchName = "check_bench_fuzz";
const shown = 50;

export async function run(): Promise<void> {
  const schema = readFileSync(new URL("../fixtures/checks/schema.sql", import.meta.url), "utf8");
  console.log(`${runs} mutants a dialect from seed ${firstSeed}`);
  const folder = mkdtempSync(join(tmpdir(), "check-fuzz-"));
  const file = join(folder, "shop.db");
  new Database(file).exec(schema).close();
  await fuzz(`sqlite:${file}`, "sqlite");
  rmSync(folder, { recursive: true });
  await inPostgres(server, `DROP DATABASE IF EXISTS ${scratchName} WITH (FORCE)`);
  await inPostgres(server, `CREATE DATABASE ${scratchName}`);
  const url = new URL(server);
  url.pathname = `/${scratchName}`;
  await inPostgres(url.href, schema);
  await fuzz(url.href, "postgres");
  await inPostgres(server, `DROP DATABASE ${scratchName} WITH (FORCE)`);
}

async function fuzz(url: string, dialect: DialectName): Promise<void> {
  const connector = openConnector({ url, allowSuperuser: true });
  const { snapshot, statistics } = await connector.inspect();
  const view = { snapshot, version: "", statistics, relationships: declaredRelationships(snapshot) };
  const context = { view, policy: defaultPolicy(dialect), compile: (sql: string) => connector.compile(sql) };
  const corpus = everyStatement(dialect);
  const wrong: string[] = [];
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
    const sql = mutant(corpus, dialect, randomFrom(seed));
    const found = await disagreement(sql, connector, context).catch((thrown: unknown) => `crashed: ${String(thrown)}`);
    if (found !== undefined) wrong.push(`  seed ${seed}: ${found}: ${JSON.stringify(sql)}`);
  }
  await connector.close();
  console.log(`${dialect}: ${corpus.length} statements, ${runs} mutants, ${wrong.length} disagreements`);
  for (const line of wrong.slice(0, shown)) console.log(line);
}

async function inPostgres(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}
