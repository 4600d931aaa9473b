/** Running people's SQL: right values, every limit, and every attack of the threat model that is this room's to stop. Both dialects. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Connector, RunRequest } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";

const limits = { params: [], maxRows: 100, maxBytes: 1_000_000, timeoutMs: 5_000 } as const;

function request(sql: string, more: Partial<RunRequest> = {}): RunRequest {
  return { sql, ...limits, ...more };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "ok";
  } catch (cause) {
    return String((cause as { code?: string }).code);
  }
}

let database: ScratchDatabase;
let postgres: Connector;
let folder: string;
let sqlite: Connector;

beforeAll(async () => {
  database = await createDatabase(`
    CREATE TABLE nums (id int PRIMARY KEY, big bigint, exact numeric(30,10), real8 float8, at timestamptz, day date, raw bytea, tags text[], doc jsonb);
    INSERT INTO nums VALUES (1, 9007199254740993, 12345678901234567890.5, 'NaN', '2024-05-01 10:00:00.5+02', '2024-05-01', '\\x00ff', '{a,"b,c",NULL}', '{"k": [1]}'),
      (2, 7, 1.50, 'Infinity', NULL, NULL, NULL, NULL, NULL);
    CREATE TABLE words (w text); INSERT INTO words SELECT 'secret-' || n FROM generate_series(1, 1000) AS n;
    CREATE TABLE victim (x int); INSERT INTO victim VALUES (1);
  `);
  await database.query(`GRANT INSERT, UPDATE, DELETE ON victim TO "${database.readerRole}"`);
  postgres = openConnector({ url: database.readerUrl, poolMax: 2 });
  folder = mkdtempSync(join(tmpdir(), "sextant-run-"));
  const db = new Database(join(folder, "run.db"));
  db.exec(`CREATE TABLE nums (id INTEGER PRIMARY KEY, big INTEGER, real8 REAL, raw BLOB, t TEXT);
    INSERT INTO nums VALUES (1, 9007199254740993, 9e999, x'00ff', 'a'), (2, 7, 0.5, NULL, NULL);
    CREATE TABLE words (w TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) INSERT INTO words SELECT 'secret-' || i FROM n;
    CREATE TABLE victim (x INTEGER); INSERT INTO victim VALUES (1);`);
  db.close();
  sqlite = openConnector({ url: `sqlite:${join(folder, "run.db")}` });
});

afterAll(async () => {
  await postgres.close();
  await sqlite.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe("values are ready for JSON", () => {
  test("PostgreSQL", async () => {
    const result = await postgres.run(request("SELECT * FROM nums ORDER BY id"));
    expect(result.rows[0]).toEqual([
      1,
      "9007199254740993",
      "12345678901234567890.5000000000",
      "NaN",
      expect.stringMatching(/^2024-05-01T\d\d:00:00\.5(Z|[+-]\d\d:\d\d)$/),
      "2024-05-01",
      "AP8=",
      ["a", "b,c", null],
      { k: [1] },
    ]);
    expect(result.rows[1]?.slice(0, 5)).toEqual([2, 7, "1.5000000000", "Infinity", null]);
    expect(result.columns.slice(0, 3)).toEqual([
      { name: "id", type: "integer", origin: { table: { schema: "public", name: "nums" }, column: "id" } },
      { name: "big", type: "bigint", origin: { table: { schema: "public", name: "nums" }, column: "big" } },
      { name: "exact", type: "numeric(30,10)", origin: { table: { schema: "public", name: "nums" }, column: "exact" } },
    ]);
    expect(result.truncated).toBe(false);
  });

  test("SQLite", async () => {
    const result = await sqlite.run(request("SELECT *, 1 + 1 AS two FROM nums ORDER BY id"));
    expect(result.rows).toEqual([
      [1, "9007199254740993", "Infinity", "AP8=", "a", 2],
      [2, 7, 0.5, null, null, 2],
    ]);
    expect(result.columns[1]).toEqual({
      name: "big",
      type: "INTEGER",
      origin: { table: { schema: "main", name: "nums" }, column: "big" },
    });
    expect(result.columns[5]).toEqual({ name: "two", type: "INTEGER" });
  });

  test("parameters", async () => {
    const fromPostgres = await postgres.run(
      request("SELECT id FROM nums WHERE big > $1 AND id = ANY ($2::int[])", { params: ["8", [1, 2]] }),
    );
    expect(fromPostgres.rows).toEqual([[1]]);
    const fromSqlite = await sqlite.run(request("SELECT ? / 2, ?, ?", { params: [5, "x", null] }));
    expect(fromSqlite.rows).toEqual([[2, "x", null]]);
    const numbered = await sqlite.run(request("SELECT ?2, ?1", { params: ["a", "b"] }));
    expect(numbered.rows).toEqual([["b", "a"]]);
    expect(await codeOf(postgres.run(request("SELECT $1::int", { params: [1, 2] })))).toBe("parameter_missing");
    expect(await codeOf(sqlite.run(request("SELECT ?", { params: [] })))).toBe("parameter_missing");
  });
});

describe("limits", () => {
  test.each(["postgres", "sqlite"])("rows: %s", async (dialect) => {
    const connector = dialect === "postgres" ? postgres : sqlite;
    const cut = await connector.run(request("SELECT w FROM words", { maxRows: 10 }));
    expect([cut.rows.length, cut.truncated]).toEqual([10, true]);
    const whole = await connector.run(request("SELECT w FROM words", { maxRows: 1_000 }));
    expect([whole.rows.length, whole.truncated]).toEqual([1_000, false]);
  });

  test.each(["postgres", "sqlite"])("bytes: %s", async (dialect) => {
    const connector = dialect === "postgres" ? postgres : sqlite;
    const cut = await connector.run(request("SELECT w FROM words", { maxRows: 1_000, maxBytes: 1_000 }));
    expect(cut.truncated).toBe(true);
    expect(cut.rows.length).toBeGreaterThan(10);
    expect(cut.rows.length).toBeLessThan(120);
    expect(cut.columns).toMatchObject([{ name: "w" }]);
  });

  test("one giant value is cut off as it arrives", async () => {
    const before = process.memoryUsage().rss;
    expect(
      await codeOf(postgres.run(request("SELECT repeat('x', 200000000)", { maxBytes: 100_000, timeoutMs: 30_000 }))),
    ).toBe("too_large");
    expect(
      await codeOf(sqlite.run(request("SELECT hex(zeroblob(50000000))", { maxBytes: 100_000, timeoutMs: 30_000 }))),
    ).toBe("too_large");
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    expect((await postgres.run(request("SELECT 1"))).rows).toEqual([[1]]);
  });

  const runaways = {
    postgres: "SELECT count(*) FROM generate_series(1, 100000000) a, generate_series(1, 100000000) b",
    sqlite: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
  };

  test.each(["postgres", "sqlite"] as const)("time: a runaway %s query ends at its deadline", async (dialect) => {
    const connector = dialect === "postgres" ? postgres : sqlite;
    await connector.run(request("SELECT 1"));
    expect(await codeOf(connector.run(request(runaways[dialect], { timeoutMs: 300 })))).toBe("timeout");
    expect((await connector.run(request("SELECT 1"))).rows).toEqual([[1]]);
    if (dialect === "postgres") await nothingRuns();
  });

  test.each(["postgres", "sqlite"] as const)("cancelling a %s query stops it in the database", async (dialect) => {
    const connector = dialect === "postgres" ? postgres : sqlite;
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 200);
    expect(await codeOf(connector.run(request(runaways[dialect], { timeoutMs: 30_000 }), stop.signal))).toBe(
      "cancelled",
    );
    if (dialect === "postgres") await nothingRuns();
  });

  async function nothingRuns(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const rows = await database.query("SELECT query FROM pg_stat_activity WHERE usename = $1 AND state = 'active'", [
      database.readerRole,
    ]);
    expect(rows).toEqual([]);
  }
});

describe("attacks on PostgreSQL", () => {
  const refused: readonly (readonly [string, string])[] = [
    ["SELECT 1; COMMIT; DROP TABLE victim", "multiple_statements"],
    ["SELECT 1;DROP TABLE victim", "multiple_statements"],
    ["SELECT 1 -- \r; DROP TABLE victim", "multiple_statements"], // to PostgreSQL, \r ends the comment
    ["DELETE FROM victim", "not_read_only"],
    ["WITH d AS (DELETE FROM victim RETURNING *) SELECT * FROM d", "not_read_only"],
    ["INSERT INTO victim VALUES (2) RETURNING x", "not_read_only"],
    ["SELECT * FROM victim FOR UPDATE", "not_read_only"],
    ["CREATE TABLE more (x int)", "not_read_only"],
    ["SET TRANSACTION READ WRITE", "database_error"],
    ["SELECT pg_read_file('/etc/passwd')", "permission_denied"],
    ["COPY victim TO PROGRAM 'true'", "permission_denied"],
  ];

  test.each(refused)("%s", async (sql, code) => {
    const got = await codeOf(postgres.run(request(sql)));
    expect(got).toBe(code);
    expect(await database.query("SELECT x FROM victim")).toEqual([{ x: 1 }]);
  });

  test("COMMIT alone ends our transaction and reaches nothing", async () => {
    await codeOf(postgres.run(request("COMMIT")));
    expect(await codeOf(postgres.run(request("DELETE FROM victim")))).toBe("not_read_only");
  });

  test("no state of the session leaks to the next query", async () => {
    await postgres.run(request("SELECT set_config('search_path', 'nowhere', false)"));
    await postgres.run(request("SELECT set_config('statement_timeout', '0', false)"));
    await postgres.run(request("SELECT pg_advisory_lock(42)"));
    for (let at = 0; at < 4; at += 1) {
      const [row] = (
        await postgres.run(request("SELECT current_setting('search_path'), current_setting('statement_timeout')"))
      ).rows;
      expect(row?.[0]).toContain("public");
      expect(row?.[1]).toBe("5s");
    }
    const locks = await database.query(
      "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND a.usename = $1",
      [database.readerRole],
    );
    expect(locks).toEqual([]);
  });

  test("no stored value shows in an error", async () => {
    const result = await postgres.run(request("SELECT w::int FROM words")).catch((cause: unknown) => cause as Error);
    expect((result as Error).message).not.toContain("secret");
    const compiled = await postgres.compile("SELECT 'hidden'::int");
    expect(compiled.issues.map((issue) => issue.message).join()).not.toContain("hidden");
  });

  test("a superuser is refused unless allowed", async () => {
    const asSuperuser = openConnector({ url: database.url });
    expect(await codeOf(asSuperuser.run(request("SELECT 1")))).toBe("superuser_refused");
    expect((await asSuperuser.compile("SELECT 1")).valid).toBe(true);
    await asSuperuser.close();
    const allowed = openConnector({ url: database.url, allowSuperuser: true });
    expect((await allowed.run(request("SELECT 1"))).rows).toEqual([[1]]);
    await allowed.close();
  });
});

describe("attacks on SQLite", () => {
  test.each([
    "ATTACH DATABASE '/etc/passwd' AS other",
    "VACUUM INTO '/tmp/sextant-stolen.db'",
    "PRAGMA query_only = 0",
    "PRAGMA table_info(victim)",
    "PRAGMA database_list",
    "EXPLAIN SELECT 1",
    "BEGIN IMMEDIATE",
    "CREATE TEMP TABLE t (x)",
    "DELETE FROM victim RETURNING *",
    "WITH d AS (SELECT 1) DELETE FROM victim RETURNING *",
    "/* SELECT */ PRAGMA database_list",
    "-- SELECT\nPRAGMA database_list",
  ])("%s", async (sql) => {
    expect(await codeOf(sqlite.run(request(sql)))).toBe("not_read_only");
    expect((await sqlite.run(request("SELECT x FROM victim"))).rows).toEqual([[1]]);
  });

  test("two statements", async () => {
    expect(await codeOf(sqlite.run(request("SELECT 1; SELECT 2")))).toBe("multiple_statements");
  });

  test("the host's paths do not show through pragma functions", async () => {
    expect(await codeOf(sqlite.run(request("SELECT file FROM pragma_database_list")))).toBe("not_read_only");
    expect(await codeOf(sqlite.run(request('SELECT file FROM "pragma_database_list"')))).toBe("not_read_only");
  });

  test("a memory bomb is refused by the heap limit", async () => {
    expect(await codeOf(sqlite.run(request("SELECT hex(zeroblob(400000000))", { timeoutMs: 50_000 })))).toBe(
      "too_large",
    );
    expect((await sqlite.run(request("SELECT 1"))).rows).toEqual([[1]]);
  });
});
