/** Every listed attack is refused: by the check alone, and no text that writes is ever called read-only. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { configuredPolicy, defaultPolicy, type Policy } from "../../src/access/policy.js";
import { checkStatement } from "../../src/check/check.js";
import type { SchemaSnapshot, Table } from "../../src/schema/snapshot.js";
import { fixtures } from "./shop.js";

const column = (name: string, type = "text") => ({ name, type, nullable: true });
const table = (name: string, ...columns: readonly string[]): Table => ({
  schema: "public",
  name,
  kind: "table",
  columns: columns.map((c) => column(c)),
  uniques: [],
  foreignKeys: [],
  checks: [],
  indexes: [],
  triggers: [],
  policies: [],
});

function snapshotOf(dialect: "sqlite" | "postgres", ...tables: readonly Table[]): SchemaSnapshot {
  const schema = dialect === "sqlite" ? "main" : "public";
  const shared = { schemas: [], enums: [], domains: [], composites: [], sequences: [], functions: [], extensions: [] };
  return { dialect, defaultSchema: schema, tables: tables.map((t) => ({ ...t, schema })), ...shared };
}

function contextOf(snapshot: SchemaSnapshot, policy: Policy = defaultPolicy(snapshot.dialect)) {
  return { view: { snapshot, version: "", statistics: { tables: {} }, relationships: [] }, policy };
}

describe.each(["sqlite", "postgres"] as const)("%s", (dialect) => {
  const texts = readFileSync(new URL(`attacks/${dialect}.sql`, fixtures), "utf8")
    .split(/^-- attack: /m)
    .slice(1);
  test.each(texts.map((t) => [t.slice(0, t.indexOf("\n")), t.slice(t.indexOf("\n")).trim()] as const))(
    "%s",
    async (_what, sql) => {
      const report = await checkStatement(
        sql,
        undefined,
        contextOf(snapshotOf(dialect, table("x", "a"), table("y", "a"))),
      );
      expect(report.valid).toBe(false);
      expect(report.issues.some((i) => i.severity === "error")).toBe(true);
      const mended = await checkStatement(
        report.fixed_sql ?? "SELECT 1",
        undefined,
        contextOf(snapshotOf(dialect, table("x", "a"), table("y", "a"))),
      );
      expect(mended.valid && mended.read_only).toBe(true);
    },
  );
});

describe("a role without a column", () => {
  const snapshot = snapshotOf("postgres", table("staff", "id", "name", "salary"), table("pay", "id", "salary"));
  const policy = configuredPolicy("postgres", "clerk", {
    denyTables: ["pay"],
    denyColumns: ["staff.salary"],
    allowFunctions: [],
  });
  const clauses = [
    "SELECT salary FROM staff",
    "SELECT * FROM staff",
    "SELECT s.* FROM staff s",
    "SELECT staff FROM staff",
    "SELECT row_to_json(s) FROM staff s",
    "SELECT to_jsonb(s.*) FROM staff s",
    "SELECT count(salary) FROM staff",
    "SELECT name FROM staff WHERE salary > '1'",
    "SELECT name FROM staff ORDER BY salary",
    "SELECT name, count(*) FROM staff GROUP BY name, salary",
    "SELECT name FROM staff GROUP BY name HAVING max(salary) > '1'",
    "SELECT a.name FROM staff a JOIN staff b USING (salary)",
    "SELECT a.name FROM staff a NATURAL JOIN staff b",
    "SELECT a.name FROM staff a JOIN staff b ON a.salary = b.salary",
    "SELECT sum(1) OVER (ORDER BY salary) FROM staff",
    "SELECT count(*) FILTER (WHERE salary = '1') FROM staff",
    "SELECT x.s FROM (SELECT salary AS s FROM staff) x",
    "WITH x AS (SELECT * FROM staff) SELECT name FROM x",
    "SELECT (SELECT salary FROM staff LIMIT 1)",
    "SELECT name FROM staff WHERE EXISTS (SELECT 1 FROM staff t WHERE t.salary = staff.salary)",
    "SELECT name FROM staff s, LATERAL (SELECT s.salary) q",
    "SELECT DISTINCT ON (salary) name FROM staff",
    "SELECT CASE WHEN salary = '1' THEN 1 END FROM staff",
    "SELECT q.c3 FROM staff AS q (c1, c2, c3)",
    "SELECT id FROM pay",
    "SELECT name FROM staff UNION SELECT salary FROM pay",
  ];
  test.each(clauses)("may not: %s", async (sql) => {
    const report = await checkStatement(sql, undefined, contextOf(snapshot, policy));
    expect(report.valid).toBe(false);
    expect(report.issues.map((i) => i.code)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(column|table)_closed$/)]),
    );
  });

  test("may read the rest, with a row filter laid over", async () => {
    const filtered: Policy = { ...policy, tables: [{ table: "staff", allow: true, rowFilter: "id = '1'" }] };
    const report = await checkStatement(
      "SELECT s.name FROM staff s JOIN staff ON staff.id = s.id",
      undefined,
      contextOf(snapshot, filtered),
    );
    expect(report.valid).toBe(true);
    expect(report.sql).toBe(
      "SELECT s.name FROM (SELECT * FROM staff WHERE (id = '1')) s JOIN (SELECT * FROM staff WHERE (id = '1')) AS staff ON staff.id = s.id",
    );
  });

  test("a function of the database's own passes by volatility, language, rights and body", async () => {
    const routine = {
      schema: "public",
      name: "tax",
      kind: "function",
      arguments: "text",
      returns: "text",
      volatility: "stable",
      securityDefiner: false,
      language: "sql",
      bodyHash: "a",
    } as const;
    const valid = async (change: object, p: Policy) =>
      (
        await checkStatement(
          "SELECT tax(name) FROM staff",
          undefined,
          contextOf({ ...snapshot, functions: [{ ...routine, ...change }] }, p),
        )
      ).valid;
    expect(await valid({}, policy)).toBe(true);
    expect(await valid({ volatility: "volatile" }, policy)).toBe(false);
    expect(await valid({ securityDefiner: true }, policy)).toBe(false);
    expect(await valid({ language: "plpython3u" }, policy)).toBe(false);
    const pinned: Policy = {
      ...policy,
      functions: { ...policy.functions, named: [{ name: "public.tax", bodyHash: "a" }] },
    };
    expect(await valid({ securityDefiner: true }, pinned)).toBe(true);
    expect(await valid({ securityDefiner: true, bodyHash: "b" }, pinned)).toBe(false);
  });
});
