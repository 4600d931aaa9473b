/**
 * Scratch databases for tests: each test file makes its own and drops it in `afterAll`. Real PostgreSQL, never a mock.
 */

import { connect } from "node:net";
import { Client, type QueryResultRow } from "pg";
import { inject } from "vitest";

export interface ScratchDatabase {
  readonly name: string;
  /** As the superuser: for DDL and for tests that allow superusers. */
  readonly url: string;
  /** As a role of this database alone with USAGE on `public` and SELECT on what is made there (present and future): what people should configure. */
  readonly readerUrl: string;
  readonly readerRole: string;
  /** Runs statements as the superuser; several at once are fine where there are no parameters. */
  query<Row extends QueryResultRow = QueryResultRow>(sql: string, params?: readonly unknown[]): Promise<readonly Row[]>;
  drop(): Promise<void>;
}

let made = 0;

/** A new, empty database (then filled with `sql`, if given). Call `drop` in `afterAll`. */
export async function createDatabase(sql?: string): Promise<ScratchDatabase> {
  const server = await postgresUrl();
  made += 1;
  const name = `${inject("runId")}_${process.pid}_${made}`;
  const readerRole = `${name}_reader`;
  await once(server, [
    `CREATE DATABASE "${name}" TEMPLATE template0`,
    `CREATE ROLE "${readerRole}" LOGIN PASSWORD 'reader'`,
  ]);
  const url = withPath(server, name);
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined); // a dropped database ends it; `drop` copes
  await client.connect();
  await client.query(`GRANT USAGE ON SCHEMA public TO "${readerRole}";
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO "${readerRole}"`);
  if (sql !== undefined) await client.query(sql);
  return {
    name,
    url,
    readerUrl: withPath(server, name, readerRole, "reader"),
    readerRole,
    query: async <Row extends QueryResultRow>(text: string, params?: readonly unknown[]) => {
      const result = await client.query<Row>(text, params as unknown[]);
      return result.rows;
    },
    drop: async () => {
      await client.end();
      await dropDatabase(server, name);
      await once(server, [`DROP ROLE IF EXISTS "${readerRole}"`]);
    },
  };
}

/** Drops a database with whoever is connected to it. */
export async function dropDatabase(server: string, name: string): Promise<void> {
  // WITH (FORCE) came with PostgreSQL 13.
  await once(server, [
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
    `DROP DATABASE IF EXISTS "${name}"`,
  ]);
}

/** URL of a superuser on the test server; starts the embedded one on first demand. */
export function postgresUrl(): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(inject("postgresDoor"), "127.0.0.1");
    socket.on("data", (chunk) => {
      text += chunk.toString();
    });
    socket.on("error", reject);
    socket.on("end", () => (text.startsWith("error ") ? reject(new Error(text)) : resolve(text)));
  });
}

function withPath(server: string, database: string, user?: string, password?: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  if (user !== undefined) url.username = user;
  if (password !== undefined) url.password = password;
  return url.href;
}

async function once(url: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}
