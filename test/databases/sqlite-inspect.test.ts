/** Complete inspection of SQLite: what pragmas tell, what only the CREATE text tells, and files that are missing, wrong or replaced. */

import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Connector, Inspection } from "../../src/databases/connector.js";
import { openConnector } from "../../src/databases/open.js";
import { viewReads } from "../../src/databases/sqlite/view-reads.js";
import { fingerprint } from "../../src/schema/normal-form.js";
import type { Table } from "../../src/schema/snapshot.js";

const ddl = `
CREATE TABLE customers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  email VARCHAR(200) NOT NULL COLLATE NOCASE CONSTRAINT one_email UNIQUE, -- a comment, with "quotes" and (brackets
  name TEXT DEFAULT 'O''Hara, (Inc)',
  credit DECIMAL(12, 2) DEFAULT (1 + 1) CHECK (credit >= 0 AND name <> 'a)b'),
  label TEXT GENERATED ALWAYS AS (name || ' <' || email || '>') STORED,
  short TEXT AS (substr(name, 1, 3)),
  CONSTRAINT named CHECK (length(email) > 3)
  CONSTRAINT unseparated CHECK (id > 0)
);
CREATE TABLE "order lines" (
  [order id] INT NOT NULL, \`line no\` INT NOT NULL, customer INTEGER REFERENCES Customers ON DELETE CASCADE ON UPDATE SET NULL,
  "check" TEXT, qty,
  PRIMARY KEY ([line no], [order id]),
  UNIQUE (qty, "check"),
  CONSTRAINT later FOREIGN KEY (customer) REFERENCES customers (ID) DEFERRABLE INITIALLY DEFERRED
) WITHOUT ROWID;
CREATE TABLE parent (a INT, b INT, PRIMARY KEY (a, b)) STRICT;
CREATE TABLE child (x INT, y INT, FOREIGN KEY (x, y) REFERENCES parent);
CREATE UNIQUE INDEX lower_email ON customers (lower(email), name COLLATE RTRIM DESC) WHERE credit > 0;
CREATE INDEX plain ON customers (name DESC);
CREATE VIEW rich AS SELECT id, name FROM customers WHERE credit > 100;
CREATE TABLE doomed (x); CREATE VIEW broken AS SELECT x FROM doomed; DROP TABLE doomed;
CREATE VIRTUAL TABLE pages USING fts5(title, body);
CREATE TRIGGER keep INSTEAD OF UPDATE OF name ON rich BEGIN SELECT 1; END;
CREATE TRIGGER after_insert AFTER INSERT ON customers BEGIN SELECT 1; END;
CREATE TABLE "we""ird ; -- ' name" ("co,l (1)" INT, "ünï" TEXT);
CREATE TABLE copied AS SELECT 1 AS one, 'x' AS two;
`;

let folder: string;
let path: string;
let connector: Connector;
let seen: Inspection;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sextant-sqlite-"));
  path = join(folder, "all.db");
  make(path, ddl);
  connector = openConnector({ url: `sqlite:${path}` });
  seen = await connector.inspect();
});

afterAll(async () => {
  await connector.close();
  rmSync(folder, { recursive: true, force: true });
});

function make(at: string, sql: string): void {
  const db = new Database(at);
  db.exec(sql);
  db.close();
}

function table(name: string): Table {
  const found = seen.snapshot.tables.find((t) => t.name === name);
  if (found === undefined) throw new Error(`no table ${name}`);
  return found;
}

test("tables of every kind, without shadow tables and SQLite's own", () => {
  expect(Object.fromEntries(seen.snapshot.tables.map((t) => [t.name, t.kind]))).toEqual({
    customers: "table",
    "order lines": "table",
    parent: "table",
    child: "table",
    rich: "view",
    broken: "view",
    pages: "virtual_table",
    "we\"ird ; -- ' name": "table",
    copied: "table",
  });
  expect(table("pages").options).toEqual(["module:fts5"]);
  expect(table("pages").columns.map((c) => c.name)).toEqual(["title", "body"]);
  expect(table("order lines").options).toEqual(["without_rowid"]);
  expect(table("parent").options).toEqual(["strict"]);
  expect(table("customers").options).toEqual(["autoincrement"]);
  expect(table("we\"ird ; -- ' name").columns.map((c) => c.name)).toEqual(["co,l (1)", "ünï"]);
});

test("columns: type, null, default, collation, generation", () => {
  expect(table("customers").columns).toEqual([
    { name: "id", type: "INTEGER", nullable: false },
    { name: "email", type: "VARCHAR(200)", nullable: false, collation: "NOCASE" },
    { name: "name", type: "TEXT", nullable: true, default: "'O''Hara, (Inc)'" },
    { name: "credit", type: "DECIMAL(12, 2)", nullable: true, default: "1 + 1" },
    {
      name: "label",
      type: "TEXT",
      nullable: true,
      generated: { expression: "name || ' <' || email || '>'", stored: true },
    },
    { name: "short", type: "TEXT", nullable: true, generated: { expression: "substr(name, 1, 3)", stored: false } },
  ]);
});

test("keys, checks, foreign keys", () => {
  expect(table("customers").checks).toEqual([
    { expression: "credit >= 0 AND name <> 'a)b'" },
    { name: "named", expression: "length(email) > 3" },
    { name: "unseparated", expression: "id > 0" },
  ]);
  expect(table("customers").uniques).toEqual([{ name: "one_email", columns: ["email"] }]);
  const lines = table("order lines");
  expect(lines.primaryKey).toEqual({ columns: ["line no", "order id"] });
  expect(lines.uniques).toEqual([{ columns: ["qty", "check"] }]);
  expect(lines.foreignKeys).toEqual([
    {
      columns: ["customer"],
      references: { schema: "main", table: "customers", columns: ["id"] },
      onDelete: "cascade",
      onUpdate: "set_null",
    },
    {
      name: "later",
      columns: ["customer"],
      references: { schema: "main", table: "customers", columns: ["id"] },
      deferrable: "deferred",
    },
  ]);
  // No target columns: the parent's primary key, in its order.
  expect(table("child").foreignKeys).toEqual([
    { columns: ["x", "y"], references: { schema: "main", table: "parent", columns: ["a", "b"] } },
  ]);
});

test("indexes, views, triggers", () => {
  const byName = Object.fromEntries(table("customers").indexes.map((i) => [i.name, i]));
  expect(byName["lower_email"]).toEqual({
    name: "lower_email",
    columns: ["lower(email)", "name"],
    unique: true,
    partial: "credit > 0",
    expression: "lower(email), name",
    descending: ["name"],
    collations: ["RTRIM"],
  });
  expect(byName["plain"]).toEqual({ name: "plain", columns: ["name"], unique: false, descending: ["name"] });
  expect(table("rich").definition).toBe("SELECT id, name FROM customers WHERE credit > 100");
  expect(table("rich").triggers).toMatchObject([{ name: "keep", timing: "INSTEAD OF", events: ["UPDATE"] }]);
  expect(table("customers").triggers).toMatchObject([{ name: "after_insert", timing: "AFTER", events: ["INSERT"] }]);
  expect(seen.issues.map((issue) => issue.code)).toEqual(["unavailable"]);
  expect(seen.issues[0]?.message).toContain("broken");
});

describe("what a view reads", () => {
  const known = new Map(["a", "b", "c d", "v", "t"].map((name) => [name, name.toUpperCase()]));
  const cases: readonly (readonly [string, string])[] = [
    ["SELECT * FROM a", "A"],
    ["SELECT 1", ""],
    ['SELECT x.b FROM a AS x, main."C D" c LEFT JOIN v USING (t) WHERE x.b IS NOT DISTINCT FROM t', "A,C D,V"],
    ["SELECT (SELECT max(b) FROM [b]) FROM a WHERE b IN (SELECT t FROM v)", "A,B,V"],
    ["SELECT * FROM (a JOIN b ON a.x = b.x), (SELECT t FROM t)", "A,B,T"],
    ["WITH b AS (SELECT * FROM a), w(x, y) AS NOT MATERIALIZED (SELECT 1, t FROM v) SELECT * FROM b, w", "A,V"],
    ["SELECT 'FROM b', a FROM a -- FROM t\n ORDER BY a, b", "A"],
    ["SELECT t.x, b FROM t(1), other.b, json_each(a) GROUP BY a, v", ""],
    ["SELECT a FROM a UNION SELECT b, t FROM b", "A,B"],
  ];
  test.each(cases)("%s", (query, names) => {
    const reads = viewReads(query.replace("\\n", "\n"), known, "main");
    expect(reads.map((read) => read.name).join()).toBe(names);
  });

  test("of the file", () => {
    expect(table("rich").viewReads).toEqual([{ schema: "main", name: "customers" }]);
    expect(table("customers").viewReads).toBeUndefined();
  });
});

test("the same version again; part of it reads like the whole, in parallel too", async () => {
  const [whole, part] = await Promise.all([
    connector.inspect(),
    connector.inspect({ only: [{ schema: "main", name: "customers" }] }),
  ]);
  expect(fingerprint(whole.snapshot)).toBe(fingerprint(seen.snapshot));
  expect(part.snapshot.tables).toEqual([table("customers")]);
});

test("the stamp changes with DDL and with the file, and with nothing else", async () => {
  const other = join(folder, "stamp.db");
  make(other, "CREATE TABLE a (x)");
  const watched = openConnector({ url: `sqlite:${other}` });
  const first = await watched.stamp();
  make(other, "INSERT INTO a VALUES (1)");
  expect(await watched.stamp()).toEqual(first);
  make(other, "CREATE TABLE b (y)");
  const second = await watched.stamp();
  expect(second).not.toEqual(first);
  make(`${other}.new`, "CREATE TABLE other (z); CREATE TABLE another (z)");
  renameSync(`${other}.new`, other);
  expect(await watched.stamp()).not.toEqual(second);
  expect((await watched.inspect()).snapshot.tables.map((t) => t.name).sort()).toEqual(["another", "other"]);
  const run = await watched.run({
    sql: "SELECT count(*) FROM other",
    params: [],
    maxRows: 1,
    maxBytes: 100,
    timeoutMs: 5_000,
  });
  expect(run.rows).toEqual([[0]]);
  await watched.close();
});

describe("files that are not there or not right", () => {
  async function failure(url: string): Promise<{ code?: string; message: string }> {
    const opened = openConnector({ url });
    try {
      for (const call of [() => opened.inspect(), () => opened.stamp(), () => opened.compile("SELECT 1")]) {
        const found = await call().then(
          () => undefined,
          (cause: unknown) => cause as Error & { code: string },
        );
        if (found === undefined) throw new Error("no failure");
        if (call.toString().includes("compile")) return found;
      }
      throw new Error("unreachable");
    } finally {
      await opened.close();
    }
  }

  test("missing, then made", async () => {
    const missing = join(folder, "missing.db");
    const found = await failure(`sqlite:${missing}`);
    expect(found).toMatchObject({ code: "file_missing" });
    expect(found.message).not.toContain(folder);
    const patient = openConnector({ url: `sqlite:${missing}` });
    await expect(patient.inspect()).rejects.toMatchObject({ code: "file_missing" });
    make(missing, "CREATE TABLE born (x)");
    expect((await patient.inspect()).snapshot.tables).toHaveLength(1);
    await patient.close();
  });

  test("no database, a folder, an empty file", async () => {
    const text = join(folder, "text.db");
    writeFileSync(text, "this is only text, but long enough to be taken for a header of something".repeat(20));
    expect(await failure(`sqlite:${text}`)).toMatchObject({ code: "not_a_database" });
    mkdirSync(join(folder, "folder.db"));
    expect(await failure(`sqlite:${join(folder, "folder.db")}`)).toMatchObject({ code: "not_a_database" });
    const empty = join(folder, "empty.db");
    writeFileSync(empty, "");
    const opened = openConnector({ url: `sqlite:${empty}` });
    expect((await opened.inspect()).snapshot.tables).toEqual([]);
    await opened.close();
  });
});

describe("compile, explain, profile", () => {
  test.each([
    ["SELECT nope FROM customers", "unknown_column"],
    ["SELECT * FROM nowhere", "unknown_table"],
    ["SELECT nofunc(1)", "unknown_function"],
    ["SELECT id FROM customers a, customers b", "ambiguous_column"],
    ["SELECT FROM WHERE", "syntax_error"],
    ["SELECT sum(sum(id)) FROM customers", "grouping_error"],
    ["SELECT 1; SELECT 2", "multiple_statements"],
    ["", "syntax_error"],
  ])("%s: %s", async (sql, code) => {
    const compiled = await connector.compile(sql);
    expect(compiled.valid).toBe(false);
    expect(compiled.issues.map((issue) => issue.code)).toEqual([code]);
  });

  test("what a statement reads, writes and returns", async () => {
    const join = await connector.compile(
      'SELECT c.email, count(*) AS n FROM "order lines" o JOIN customers c ON c.id = o.customer WHERE c.id = ? GROUP BY 1',
    );
    expect(join.valid).toBe(true);
    expect(join.writes).toBe(false);
    expect(join.readsTables?.map((t) => t.name).sort()).toEqual(["customers", "order lines"]);
    expect(join.columns[0]).toEqual({
      name: "email",
      type: "VARCHAR(200)",
      origin: { table: { schema: "main", name: "customers" }, column: "email" },
    });
    expect((await connector.compile("DELETE FROM child WHERE x = :x")).writes).toBe(true);
    expect((await connector.compile("ATTACH '/tmp/x' AS y")).writes).toBe(true);
  });

  test("full scans by table, not by alias", async () => {
    const scan = await connector.explain("SELECT max(length(z.name)) FROM customers AS z", []);
    expect(scan.fullScans).toEqual([{ schema: "main", name: "customers" }]);
    const seek = await connector.explain("SELECT name FROM customers AS z WHERE id = ?", [1]);
    expect(seek.fullScans).toEqual([]);
  });

  test("profiles within the budget, and inclusion", async () => {
    const data = join(folder, "data.db");
    make(
      data,
      `CREATE TABLE big (id INTEGER PRIMARY KEY, state TEXT, ref INT); CREATE TABLE few (id INTEGER PRIMARY KEY);
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
       INSERT INTO big SELECT i, CASE i % 3 WHEN 0 THEN 'open' WHEN 1 THEN 'closed' END, i % 10 FROM n;
       INSERT INTO few VALUES (0), (1), (2), (3), (4)`,
    );
    const opened = openConnector({ url: `sqlite:${data}` });
    const target = {
      table: { schema: "main", name: "big" },
      columns: [
        { name: "state", type: "TEXT", keepValues: true },
        { name: "id", type: "INTEGER", keepValues: false },
      ],
    };
    const exact = await opened.profile([target], {
      maxRowsPerTable: 50_000,
      maxValuesPerColumn: 10,
      maxTimeMs: 10_000,
    });
    expect(exact.tables["main.big"]).toMatchObject({ rowEstimate: 20_000, rowsExact: true });
    const state = exact.tables["main.big"]?.columns["state"];
    expect(state).toMatchObject({ distinct: 2, valuesComplete: true, exact: true });
    expect(state?.values?.map((v) => v.value).sort()).toEqual(["closed", "open"]);
    expect(state?.nullShare).toBeCloseTo(1 / 3, 3);
    const sampled = await opened.profile([target], {
      maxRowsPerTable: 1_000,
      maxValuesPerColumn: 10,
      maxTimeMs: 10_000,
    });
    const id = sampled.tables["main.big"]?.columns["id"];
    expect(id?.exact).toBe(false);
    expect(Number(id?.distinct)).toBeLessThanOrEqual(1_000);
    expect(Number(id?.max)).toBeGreaterThan(15_000); // spread over the table, not its head
    const share = await opened.inclusion(
      { table: target.table, columns: ["ref"] },
      { table: { schema: "main", name: "few" }, columns: ["id"] },
      5_000,
    );
    expect(share).toBe(0.5);
    await opened.close();
  });
});
