/** Scratch databases of the benchmarks: real schemas as dumps that load without psql, and generated ones. Each is dropped after its use. */

import { loadModule, parse } from "libpg-query";
import { Client } from "pg";

/** Makes a database, runs `statements` in it, and hands its URL to `work`. What cannot be loaded is said and left out. */
export async function inScratch(
  server: string,
  statements: readonly string[],
  work: (url: string) => Promise<void>,
): Promise<void> {
  const name = `sextant_bench_${process.pid}`;
  const admin = new Client({ connectionString: server });
  await admin.connect();
  await drop(admin, name);
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  try {
    await load(url.href, statements);
    await work(url.href);
  } catch (cause) {
    console.log(`(left out: ${String(cause)})`);
  }
  await drop(admin, name);
  await admin.end();
}

/** WITH (FORCE) came with PostgreSQL 13. */
async function drop(admin: Client, name: string): Promise<void> {
  await admin.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [name]);
  await admin.query(`DROP DATABASE IF EXISTS ${name}`);
}

async function load(url: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  client.on("error", () => undefined); // the query that it breaks reports it
  try {
    await client.query("SET synchronous_commit = off; SET client_min_messages = warning");
    for (const statement of statements) await client.query(statement);
    await client.query("VACUUM ANALYZE");
  } finally {
    await client.end();
  }
}

/**
 * The schema of a dump, statement by statement: psql's own commands, rows (COPY … FROM stdin, INSERT) and sequences' positions are left
 * out, because rows without their foreign rows would fail the constraints that follow.
 */
export async function schemaOf(dump: string): Promise<string[]> {
  await loadModule();
  const sql = dump
    .replace(/^COPY\b[^;]*\bFROM\s+stdin\b[^;]*;\r?\n(?:[\s\S]*?^)?\\\.\r?$/gim, "")
    .replace(/^[ \t]*\\[a-z!?].*$/gim, "");
  const bytes = Buffer.from(sql);
  const { stmts = [] } = (await parse(sql)) as { stmts?: readonly Parsed[] };
  return stmts
    .filter(({ stmt }) => !rows.has(Object.keys(stmt)[0] ?? ""))
    .map(({ stmt_location: from = 0, stmt_len: length }) =>
      bytes.subarray(from, length === undefined ? undefined : from + length).toString(),
    );
}

interface Parsed {
  readonly stmt: object;
  /** In bytes. */
  readonly stmt_location?: number;
  readonly stmt_len?: number;
}

const rows = new Set(["InsertStmt", "UpdateStmt", "DeleteStmt", "SelectStmt", "TransactionStmt"]);

/** Several statements at a time: few round trips, and locks of a few hundred objects in each. */
export function batches(statements: readonly string[]): string[] {
  const size = 200;
  return Array.from({ length: Math.ceil(statements.length / size) }, (_, at) =>
    statements.slice(at * size, (at + 1) * size).join(";\n"),
  );
}
