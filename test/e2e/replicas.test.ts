/**
 * Three servers as processes on one PostgreSQL state and one Redis, as a platform team runs them: a schema change, a verdict and a setting through one
 * hold in all; one is killed in the middle of writing and the others lose nothing that was acknowledged.
 */

import { writeFileSync } from "node:fs";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openState } from "../../src/state/open.js";
import { hasRedis, startRedis, type TestRedis } from "../cache/redis-server.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";
import { call, type HttpServer, httpServer, scratchFolder } from "./sextant.js";

interface Sent {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Replica {
  readonly server: HttpServer;
  readonly client: Client;
}

const token = "a token of this test";
const others = { timeout: 15_000, interval: 100 };

describe.skipIf(!hasRedis("three replicas as processes"))("three replicas as processes", () => {
  const folder = scratchFolder();
  let [database, stateDatabase]: ScratchDatabase[] = [];
  let redis: TestRedis;
  let replicas: Replica[] = [];

  beforeAll(async () => {
    database = await createDatabase(
      "create table orders (id integer primary key, total numeric, customer_id integer); create table customers (id integer primary key, name text)",
    );
    stateDatabase = await createDatabase();
    redis = await startRedis();
    const file = `${folder.path}/sextant.json`;
    const config = {
      sources: { shop: { url: database.readerUrl } },
      discovery: { interval_min_ms: 500, interval_max_ms: 500 },
      state: { url: stateDatabase.url },
      cache: { url: redis.url },
      server: { token, admin_token: token, reload_poll_ms: 500 },
    };
    writeFileSync(file, JSON.stringify(config));
    replicas = await Promise.all(
      [1, 2, 3].map(async () => {
        const server = await httpServer("--config", file);
        const client = new Client({ name: "replicas-test", version: "1" });
        const requestInit = { headers: { authorization: `Bearer ${token}` } };
        await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}/mcp`), { requestInit }));
        return { server, client };
      }),
    );
  }, 60_000);
  afterAll(async () => {
    await Promise.all(replicas.map(({ server }) => server.stop()));
    await redis.stop();
    await Promise.all([database?.drop(), stateDatabase?.drop()]);
    folder.remove();
  });

  const all = <T>(ask: (replica: Replica) => Promise<T>): Promise<readonly T[]> => Promise.all(replicas.map(ask));
  const alike = <T>(value: T): readonly T[] => replicas.map(() => value);
  const names = async ({ client }: Replica): Promise<string> =>
    (await call(client, "discover_schema", { detail: "names" })).structuredContent.tables.map((t) => t.name).join();
  const meaning = async ({ client }: Replica): Promise<string | undefined> =>
    (await call(client, "map_term", { terms: ["takings"] })).structuredContent.results[0]?.matches[0]?.ref;
  const admin = async ({ server }: Replica, path: string, init: Sent = {}): Promise<Record<string, unknown>> => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", ...init.headers };
    const reply = await fetch(`${server.url}/admin/${path}`, { ...init, headers });
    return (await reply.json()) as Record<string, unknown>;
  };
  const steps = async ({ client }: Replica): Promise<string> => {
    const { structuredContent } = await call(client, "schema_changes", { since: "1970-01-01T00:00:00Z" });
    return JSON.stringify((structuredContent as unknown as { changes: unknown }).changes);
  };
  const first = (): Replica => replicas[0] as Replica;

  test("see a schema change without being told to look", async () => {
    expect(await all(names)).toEqual(alike("customers,orders"));
    await database?.query("create table invoices (id integer primary key)");
    await expect.poll(() => all(names), others).toEqual(alike("customers,invoices,orders"));
  });

  test("hold a verdict given to one of them from the next call on", async () => {
    await all(meaning);
    const verdict = { term: "takings", ref: "orders.total", verdict: "correct" };
    expect((await call(first().client, "record_feedback", verdict)).isError).toBeUndefined();
    expect(await all(meaning)).toEqual(alike("orders.total"));
  });

  test("take over a setting that one of them was given", async () => {
    const body = JSON.stringify({ query: { default_rows: 7 } });
    const changed = await admin(first(), "config", { method: "PATCH", body, headers: { "if-match": "*" } });
    expect(changed.issues).toBeUndefined();
    const rows = async (replica: Replica) => {
      const { config } = (await admin(replica, "config")) as { config: { query: { default_rows: number } } };
      return config.query.default_rows;
    };
    await expect.poll(() => all(rows), others).toEqual(alike(7));
  });

  test("lose one by kill -9 in the middle of writing, and nothing that was acknowledged", async () => {
    const dying = replicas.at(-1) as Replica;
    const acknowledged: string[] = [];
    const write = async (): Promise<void> => {
      for (let n = 0; ; n += 1) {
        const term = `word ${n}`;
        const reply = await call(dying.client, "record_feedback", { term, ref: "customers.name", verdict: "correct" });
        if (reply.isError !== true) acknowledged.push(term);
        if (n === 20) dying.server.process.kill("SIGKILL");
      }
    };
    await expect(write()).rejects.toThrow(/fetch failed|terminated|ECONN|closed/u);
    replicas = replicas.slice(0, 2);
    expect(acknowledged.length).toBeGreaterThan(19);
    const state = await openState(stateDatabase?.url ?? "");
    const kept = new Set((await state.list({ kind: "feedback", scope: "shop" })).map((record) => record.key));
    await state.close();
    expect(acknowledged.filter((term) => ![...kept].some((key) => key.includes(term)))).toEqual([]);
    expect(await all(meaning)).toEqual(alike("orders.total"));
  });

  test("agree on what happened, with each change once, and go on seeing changes", async () => {
    await database?.query("alter table customers add column email text");
    await expect.poll(() => all(steps), others).toEqual(alike(expect.stringContaining("customers.email")));
    const [one, two] = (await all(steps)).map((text) => JSON.parse(text) as readonly { readonly kind: string }[]);
    expect(one).toEqual(two);
    expect(one?.map((change) => change.kind).toSorted()).toEqual(["column_added", "table_added"]);
  });
});
