/** What our reading does to the database and survives of it: locks, migrations, killed connections, servers that are not there. */

import { connect as connectSocket, createServer, type Socket } from "node:net";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { profileTargets } from "../../src/catalog/profiles.js";
import { defaultDiscovery } from "../../src/catalog/settings.js";
import type { ChangeSignal, Connector } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { installWatch, removeWatch, watchStatus } from "../../src/databases/watch.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";

let database: ScratchDatabase;
let connector: Connector;

beforeAll(async () => {
  database = await createDatabase(`
    CREATE TABLE busy (id serial PRIMARY KEY, amount numeric DEFAULT 0, CONSTRAINT positive CHECK (amount >= 0));
    CREATE INDEX busy_expression ON busy ((amount * 2));
    CREATE VIEW over_busy AS SELECT id, amount FROM busy;
    CREATE TABLE calm (id int PRIMARY KEY, CONSTRAINT small CHECK (id < 1000000));
    INSERT INTO busy (amount) SELECT n FROM generate_series(1, 100) AS n;
  `);
  connector = openConnector({ url: database.readerUrl });
});

afterAll(async () => {
  await connector.close();
  await database.drop();
});

async function client(): Promise<Client> {
  const made = new Client({ connectionString: database.url });
  made.on("error", () => undefined);
  await made.connect();
  return made;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "ok";
  } catch (cause) {
    return String((cause as { code?: string }).code);
  }
}

describe("beside a migration", () => {
  test("an ALTER held open hides only the text of what it holds, and only while it does", async () => {
    const before = await connector.inspect();
    const migration = await client();
    await migration.query("BEGIN; ALTER TABLE busy ADD COLUMN later int");
    const during = await connector.inspect();
    const busy = during.snapshot.tables.find((t) => t.name === "busy");
    expect(busy?.columns.map((c) => [c.name, c.default])).toEqual([
      ["id", "nextval('busy_id_seq'::regclass)"],
      ["amount", "0"],
    ]);
    expect(busy?.checks).toEqual([]);
    expect(during.issues.map((issue) => issue.code)).toContain("unavailable");
    expect(during.incomplete?.map((t) => t.name)).toContain("busy");
    expect(during.snapshot.tables.find((t) => t.name === "calm")?.checks).toHaveLength(1);
    const compiling = await connector.compile("SELECT amount FROM busy");
    expect(compiling.issues.map((issue) => issue.code)).toEqual(["lock_timeout"]);
    await migration.query("ROLLBACK");
    await migration.end();
    const after = await connector.inspect();
    expect(after.snapshot).toEqual(before.snapshot);
  });

  // How long an ALTER waits is measured by `npm run bench discovery`.
  test("beside discovery without pause no ALTER fails, deadlocks or waits out its own lock timeout", async () => {
    const migration = await client();
    await migration.query("SET lock_timeout = '1s'");
    const stop = new AbortController();
    let discoveries = 0;
    const discovery = (async () => {
      for (; !stop.signal.aborted; discoveries += 1) await connector.inspect();
    })();
    for (let step = 0; step < 60; step += 1) {
      const [what, other] = step % 2 === 0 ? ["ADD COLUMN extra int", "calm"] : ["DROP COLUMN extra", "busy"];
      await migration.query(`BEGIN; LOCK TABLE ${other} IN ACCESS SHARE MODE; ALTER TABLE busy ${what}; COMMIT`);
    }
    stop.abort();
    await discovery;
    await migration.end();
    expect(discoveries).toBeGreaterThan(0);
  });
});

describe("recovery", () => {
  test("killed backends are replaced without the caller noticing", async () => {
    for (let round = 0; round < 3; round += 1) {
      await connector.run({ sql: "SELECT 1", params: [], maxRows: 1, maxBytes: 1_000, timeoutMs: 5_000 });
      await database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", [
        database.readerRole,
      ]);
      const result = await connector.run({
        sql: "SELECT 2",
        params: [],
        maxRows: 1,
        maxBytes: 1_000,
        timeoutMs: 5_000,
      });
      expect(result.rows).toEqual([[2]]);
    }
  });

  test("killed in the middle: a clear error, and the next call works", async () => {
    const request = { sql: "SELECT pg_sleep(20)", params: [], maxRows: 1, maxBytes: 1_000, timeoutMs: 20_000 };
    const running = codeOf(connector.run(request));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", [
      database.readerRole,
    ]);
    expect(await running).toBe("source_unreachable");
    expect((await connector.compile("SELECT 1")).valid).toBe(true);
  });

  test("opening never fails; calls say why, without address or secret, and work once the server is there", async () => {
    const proxy = await proxyTo(database.readerUrl);
    const url = new URL(database.readerUrl);
    url.port = String(proxy.port);
    url.hostname = "127.0.0.1";
    await proxy.stop();
    const away = openConnector({ url: url.href, connectTimeoutMs: 1_000 });
    const failure = await away.inspect().catch((cause: unknown) => cause as Error);
    expect(failure).toMatchObject({ code: "source_unreachable" });
    expect((failure as Error).message).not.toMatch(/127|reader|:\d/);
    await proxy.start();
    expect((await away.inspect()).snapshot.tables.length).toBeGreaterThan(0);
    await away.close();
    await proxy.stop();
  });

  test("wrong credentials and unknown databases", async () => {
    const url = new URL(database.readerUrl);
    url.pathname = "/no_such_database";
    const lost = openConnector({ url: url.href });
    expect(await codeOf(lost.stamp())).toBe("source_unreachable");
    await lost.close();
    url.pathname = `/${database.name}`;
    url.username = "no_such_role_at_all";
    const stranger = openConnector({ url: url.href });
    expect(await codeOf(stranger.stamp())).toBe("authentication_failed");
    await stranger.close();
    expect(() => openConnector({ url: "mysql://x" })).toThrow(/scheme/);
  });

  test("the pool's queue has a deadline", async () => {
    const narrow = openConnector({ url: database.readerUrl, poolMax: 1, connectTimeoutMs: 300 });
    const slow = narrow.run({ sql: "SELECT pg_sleep(1)", params: [], maxRows: 1, maxBytes: 1_000, timeoutMs: 5_000 });
    expect(
      await codeOf(narrow.run({ sql: "SELECT 1", params: [], maxRows: 1, maxBytes: 1_000, timeoutMs: 5_000 })),
    ).toBe("source_unreachable");
    await slow;
    await narrow.close();
  });
});

describe("watching", () => {
  test("triggers announce DDL of anyone, fail nobody's, and go without trace", async () => {
    const settings = { url: database.url };
    const plain = await connector.inspect();
    expect(await installWatch(settings)).toMatchObject({ installed: true, complete: true });
    expect(await installWatch(settings)).toMatchObject({ installed: true, complete: true });
    expect((await connector.inspect()).snapshot.schemas).toEqual(plain.snapshot.schemas);
    const heard: ChangeSignal[] = [];
    const listening = await connector.listen?.((signal) => heard.push(signal));
    const developer = await client();
    await developer.query(
      `GRANT CREATE ON SCHEMA public TO "${database.readerRole}"; SET ROLE "${database.readerRole}"`,
    );
    await developer.query("CREATE TABLE announced (id int)");
    await developer.query("DROP TABLE announced");
    await developer.query("CREATE TEMP TABLE unheard (id int)");
    const many = Array.from(
      { length: 300 },
      (_, at) => `CREATE TABLE with_quite_a_long_name_so_that_payloads_grow_${at} (id int)`,
    );
    await developer.query(`BEGIN; ${many.join(";")}; COMMIT`);
    await expect.poll(() => heard.filter((signal) => signal.statement === "CREATE TABLE").length).toBeGreaterThan(100);
    expect(heard.find((signal) => signal.objects?.includes("public.announced"))).toBeDefined();
    expect(heard.find((signal) => signal.statement === "DROP TABLE")).toBeDefined();
    expect(heard.flatMap((signal) => signal.objects ?? []).join()).not.toContain("unheard");
    await listening?.stop();
    expect(await removeWatch(settings)).toMatchObject({ installed: false });
    expect(await database.query("SELECT 1 FROM pg_namespace WHERE nspname = 'sextant_watch'")).toEqual([]);
    await developer.end();
  });

  test("a role without the right is told so", async () => {
    expect(await codeOf(installWatch({ url: database.readerUrl }))).toBe("permission_denied");
    expect(await watchStatus({ url: database.readerUrl })).toMatchObject({ installed: false });
  });

  test("a lost line is made again, and says so", async () => {
    const heard: ChangeSignal[] = [];
    const listening = await connector.listen?.((signal) => heard.push(signal));
    await database.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", [
      database.readerRole,
    ]);
    await expect.poll(() => heard.length, { timeout: 5_000 }).toBe(1);
    expect(heard[0]?.statement).toBe("reconnected");
    await database.query(`SELECT pg_notify('sextant_schema', 'not json')`);
    await expect.poll(() => heard.length, { timeout: 5_000 }).toBe(2);
    await listening?.stop();
  });
});

interface Proxy {
  readonly port: number;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A TCP proxy that can be there or not. */
async function proxyTo(url: string): Promise<Proxy> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((inner) => {
    const outer = connectSocket(Number(target.port || 5432), target.hostname);
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
    }
    inner.pipe(outer).pipe(inner);
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
  await listen(0);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    port,
    start: () => listen(port),
    stop: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

test("values of an enum are read, by its own name and through a domain; arrays are not", async () => {
  await database.query(`CREATE TYPE stage AS ENUM ('won', 'lost', 'open'); CREATE DOMAIN known_stage AS stage;
    CREATE TABLE deals (id int PRIMARY KEY, at stage, was known_stage, tags text[], stages stage[]);
    INSERT INTO deals VALUES (1, 'won', 'open', '{a}', '{won}'), (2, 'won', 'lost', '{b}', '{open}'), (3, 'open', NULL, '{c}', NULL)`);
  const { snapshot, statistics } = await connector.inspect();
  const deals = { ...snapshot, tables: snapshot.tables.filter((t) => t.name === "deals") };
  const targets = profileTargets(deals, statistics, defaultDiscovery.profile);
  const budget = { maxRowsPerTable: 100, maxValuesPerColumn: 10, maxTimeMs: 10_000 };
  const read = (await connector.profile(targets, budget)).tables["public.deals"]?.columns;
  expect(
    Object.fromEntries(Object.entries(read ?? {}).map(([name, c]) => [name, c.values?.map((v) => v.value)])),
  ).toEqual({
    id: undefined,
    at: ["won", "open"],
    was: ["lost", "open"],
    tags: undefined,
    stages: undefined,
  });
  expect(read?.["at"]).toMatchObject({ distinct: 2, nullShare: 0, min: "open", max: "won", valuesComplete: true });
});

test("profiles and inclusion in PostgreSQL, sampled above the limit; what fails says so in our words", async () => {
  await database.query(`CREATE TABLE facts AS SELECT n AS id, (ARRAY['open', 'closed', NULL])[1 + n % 3] AS state, n % 10 AS ref FROM generate_series(1, 20000) AS n;
    ANALYZE facts; CREATE TABLE few AS SELECT n AS id FROM generate_series(0, 4) AS n; CREATE TABLE words AS SELECT 'x' AS w`);
  const table = { schema: "public", name: "facts" };
  const columns = [
    { name: "state", type: "text", keepValues: true },
    { name: "id", type: "integer", keepValues: false },
  ];
  const budget = { maxRowsPerTable: 50_000, maxValuesPerColumn: 10, maxTimeMs: 10_000 };
  const exact = await connector.profile([{ table, columns, rowEstimate: 20_000 }], budget);
  expect(exact.tables["public.facts"]).toMatchObject({ rowEstimate: 20_000, rowsExact: true });
  const state = exact.tables["public.facts"]?.columns["state"];
  expect(state).toMatchObject({ distinct: 2, valuesComplete: true, exact: true });
  expect(state?.values?.map((v) => v.value).sort()).toEqual(["closed", "open"]);
  expect(state?.nullShare).toBeCloseTo(1 / 3, 2);
  const sampled = await connector.profile([{ table, columns, rowEstimate: 20_000 }], {
    ...budget,
    maxRowsPerTable: 1_000,
  });
  expect(sampled.tables["public.facts"]?.columns["id"]?.exact).toBe(false);
  // Above the limit what ANALYZE knows of all rows stands in: more than a sample of 1,000 could count.
  const known = sampled.tables["public.facts"]?.columns["state"];
  expect(known?.values?.map((v) => v.value).sort()).toEqual(["closed", "open"]);
  expect(known?.values?.[0]?.count).toBeGreaterThan(5_000);
  expect(known?.nullShare).toBeCloseTo(1 / 3, 1);
  const few = { schema: "public", name: "few" };
  expect(await connector.inclusion({ table, columns: ["ref"] }, { table: few, columns: ["id"] }, 5_000)).toBe(0.5);
  const wrong = connector.inclusion(
    { table: { schema: "public", name: "words" }, columns: ["w"] },
    { table: few, columns: ["id"] },
    10,
  );
  expect(await codeOf(wrong)).toBe("unknown_function");
});
