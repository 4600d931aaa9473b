/** The parser door: what a text is, whatever it holds, in both dialects; places are exact in UTF-16 units. */

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tokenize } from "../../src/sql/lexer.js";
import { parseSql } from "../../src/sql/parse.js";
import { type Expr, selectsOf, within } from "../../src/sql/tree.js";

describe.each(["sqlite", "postgres"] as const)("%s", (dialect) => {
  test.each([
    ["SELECT 1", "select"],
    ["VALUES (1)", "select"],
    ["WITH a AS (SELECT 1) SELECT * FROM a;", "select"],
    ["SELECT 1; SELECT 2", "multiple"],
    ["SELECT ';' -- ; x", "select"],
    ["INSERT INTO x VALUES (1)", "insert"],
    ["UPDATE x SET a = 1", "update"],
    ["DELETE FROM x", "delete"],
    ["WITH a AS (SELECT 1) DELETE FROM x", "delete"],
    ["CREATE TABLE x (a int)", "ddl"],
    ["DROP TABLE x", "ddl"],
    ["BEGIN", "utility"],
    ["EXPLAIN SELECT 1", "utility"],
    ["", "unparsable"],
    ["-- nothing", "unparsable"],
    ["SELECT 1\u0000; DROP TABLE x", "unparsable"],
    ["SELEC 1", "unparsable"],
  ])("%j is %s", async (sql, kind) => {
    expect((await parseSql(sql, dialect)).kind).toBe(kind);
  });

  test("each expression's place is its own text", async () => {
    const sql =
      "SELECT é.\"a b\", (x + 1) * 2, count(*), CASE WHEN y THEN '😀' END, CAST(z AS int) FROM é WHERE (x + 1) * 2 > 3 AND name IN ('a', 'b')";
    const { query } = await parseSql(sql, dialect);
    const [select] = query === undefined ? [] : selectsOf(query.body);
    const text = (e: Expr | undefined) => (e === undefined ? "" : sql.slice(e.span.start, e.span.end));
    expect(select?.items.map((i) => text(i.expr))).toEqual([
      'é."a b"',
      "(x + 1) * 2",
      "count(*)",
      "CASE WHEN y THEN '😀' END",
      "CAST(z AS int)",
    ]);
    expect(text(select?.where)).toBe("(x + 1) * 2 > 3 AND name IN ('a', 'b')");
    expect([...within(select?.where as Expr)].filter((e) => e.type === "column").map(text)).toEqual(["x", "name"]);
  });

  test("deep nesting and long chains are answered, not a crash", async () => {
    for (const sql of [
      `SELECT ${"(".repeat(5_000)}1${")".repeat(5_000)}`,
      `SELECT ${"NOT ".repeat(20_000)}1`,
      `SELECT ${"1+".repeat(30_000)}1`,
      `SELECT ${"CASE WHEN 1 THEN ".repeat(3_000)}`,
    ]) {
      expect((await parseSql(sql, dialect)).kind).toBe("unparsable");
    }
    expect((await parseSql("SELECT 1", dialect)).kind).toBe("select");
  });

  test("any text is parsed or refused, and its tokens lie in order within it", async () => {
    const scrap = fc.constantFrom(
      "SELECT ",
      "FROM t ",
      "(",
      ")",
      "'",
      '"',
      "`",
      "[",
      "]",
      "--",
      "/*",
      "*/",
      "$$",
      "$a$",
      ";",
      "\r",
      "\n",
      "E'",
      "x'",
      "?",
      "$1",
      ":a",
      "::",
      "😀",
      "é",
      " a.b ",
      ",",
      "*",
      "1e5",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.array(scrap, { maxLength: 12 }).map((s) => s.join("")),
        ),
        async (sql) => {
          let end = 0;
          for (const token of tokenize(sql, dialect)) {
            expect(token.start).toBeGreaterThanOrEqual(end);
            expect(token.end).toBeGreaterThan(token.start);
            end = token.end;
          }
          expect(end).toBeLessThanOrEqual(sql.length);
          await parseSql(sql, dialect);
        },
      ),
      { numRuns: 500, seed: 3 },
    );
  });
});

test("what ends a line comment differs: PostgreSQL sees a second statement behind a carriage return", async () => {
  const sql = "SELECT 1 -- \r; DROP TABLE x";
  expect((await parseSql(sql, "postgres")).kind).toBe("multiple");
  expect((await parseSql(sql, "sqlite")).kind).toBe("select");
});
