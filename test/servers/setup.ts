/**
 * Servers for the tests, started on first demand so that runs without a database pay nothing. PostgreSQL is the one that
 * SEXTANT_TEST_POSTGRES_URL names, else an embedded one. (Tests that need Redis start their own: `cache/redis-server.ts`.)
 * Workers learn the address through a small local door (`provide` alone cannot wait for a demand).
 */

import { createServer, type Server } from "node:net";
import { Client } from "pg";
import type { TestProject } from "vitest/node";
import { dropDatabase } from "./databases.js";
import { type EmbeddedServer, startEmbeddedPostgres } from "./embedded.js";

declare module "vitest" {
  export interface ProvidedContext {
    /** Port on 127.0.0.1 that answers any connection with the URL of a PostgreSQL superuser, or `error …`. */
    postgresDoor: number;
    /** Prefix of this run's scratch databases and roles. */
    runId: string;
  }
}

let door: Server | undefined;
let starting: Promise<EmbeddedServer> | undefined;
let askedFor = false;
const runId = `sextant_test_${process.pid}`;

export async function setup(project: TestProject): Promise<void> {
  door = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    postgresUrl().then(
      (url) => socket.end(url),
      (cause: unknown) => socket.end(`error ${String(cause)}`),
    );
  });
  await new Promise<void>((resolve) => door?.listen(0, "127.0.0.1", () => resolve()));
  const address = door.address();
  project.provide("postgresDoor", typeof address === "object" && address !== null ? address.port : 0);
  project.provide("runId", runId);
}

export async function teardown(): Promise<void> {
  door?.close();
  if (starting !== undefined) await (await starting).stop();
  else if (askedFor) await dropLeftovers();
}

async function postgresUrl(): Promise<string> {
  askedFor = true;
  const given = process.env["SEXTANT_TEST_POSTGRES_URL"];
  if (given !== undefined && given !== "") return given;
  starting ??= startEmbeddedPostgres();
  return (await starting).url;
}

/** A test file that died leaves its database behind; nothing of a run stays on a server that outlives it. */
async function dropLeftovers(): Promise<void> {
  const client = new Client({ connectionString: await postgresUrl() });
  await client.connect();
  const pattern = `${runId}\\_%`;
  const databases = await client.query<{ name: string }>(
    "SELECT datname AS name FROM pg_database WHERE datname LIKE $1",
    [pattern],
  );
  for (const { name } of databases.rows) await dropDatabase(await postgresUrl(), name);
  const roles = await client.query<{ name: string }>("SELECT rolname AS name FROM pg_roles WHERE rolname LIKE $1", [
    pattern,
  ]);
  for (const { name } of roles.rows) await client.query(`DROP ROLE IF EXISTS "${name}"`);
  await client.end();
}
