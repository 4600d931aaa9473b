/**
 * One business question all the way, over the protocol, on databases in both dialects: discover about a topic, map terms, build a query that
 * joins two tables and groups, validate it, run it, and see the right rows.
 */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import Database from "better-sqlite3";
import { Client as Postgres } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";
import { call, overStdio, scratchFolder } from "./sextant.js";

const ledger = (file: string) => readFileSync(resolve(import.meta.dirname, "../../fixtures/ledger", file), "utf8");

/** Handwritten: freight by region, deleted orders left out, orders of customers without a region under null. */
const freightByRegion = `
  select r.name, sum(o.freight_amt) as freight
  from orders o join customers c on c.cust_id = o.cust_id left join regions r on r.region_cd = c.region_cd
  where o.deleted_at is null
  group by r.name`;

const folder = scratchFolder();
let postgres: ScratchDatabase;
let client: Client;
const expected: Record<string, readonly (readonly [string | null, number])[]> = {};

beforeAll(async () => {
  const file = `${folder.path}/ledger.db`;
  const sqlite = new Database(file);
  sqlite.exec(ledger("sqlite.sql"));
  expected.lite = sorted(sqlite.prepare(freightByRegion).raw().all() as [string | null, number][]);
  sqlite.close();

  postgres = await createDatabase(ledger("postgres.sql"));
  const { rows } = await asArrays(postgres.url, freightByRegion);
  expected.pg = sorted(rows as [string | null, string][]);

  client = await overStdio(
    "--state",
    "memory",
    "--source",
    `lite=sqlite:${file}`,
    "--source",
    `pg=${postgres.readerUrl}`,
  );
}, 120_000);

afterAll(async () => {
  await client?.close();
  await postgres?.drop();
  folder.remove();
});

async function asArrays(url: string, text: string): Promise<{ rows: unknown[][] }> {
  const admin = new Postgres({ connectionString: url });
  await admin.connect();
  const result = await admin.query({ text, rowMode: "array" });
  await admin.end();
  return result;
}

function sorted(
  rows: readonly (readonly [string | null, string | number])[],
): readonly (readonly [string | null, number])[] {
  return rows
    .map(([name, amount]) => [name, Math.round(Number(amount) * 100) / 100] as const)
    .sort(([a], [b]) => (a ?? "").localeCompare(b ?? ""));
}

describe.each(["lite", "pg"])("source %s", (source) => {
  test("a question travels all the way", async () => {
    const discovered = await call(client, "discover_schema", { source, about: "orders by region", detail: "names" });
    const names = discovered.structuredContent.tables.map((t) => t.name);
    expect(names).toEqual(expect.arrayContaining(["orders", "regions"]));

    const mapped = await call(client, "map_term", { source, terms: ["freight amount", "region", "customer"] });
    const best = mapped.structuredContent.results.map((r) => r.matches[0]?.ref);
    expect(best).toEqual(["orders.freight_amt", "regions", "customers"]);

    const built = await call(client, "build_query", {
      source,
      measures: [{ term: "orders.freight_amt", agg: "sum", as: "freight" }],
      dimensions: [{ term: "regions.name", as: "region" }],
      joins: [{ from: "customers.region_cd", to: "regions.region_cd" }],
      order_by: [{ by: "freight", direction: "desc" }],
    });
    const { status, sql, params } = built.structuredContent;
    expect(status, JSON.stringify(built.structuredContent)).toBe("ok");

    const validated = await call(client, "validate_query", { source, sql, params });
    expect(validated.structuredContent).toMatchObject({ valid: true, statement: "select", read_only: true });
    expect(validated.structuredContent.issues.filter((i) => i.severity !== "info")).toEqual([]);

    const ran = await call(client, "run_query", { source, sql, params });
    expect(sorted(ran.structuredContent.rows)).toEqual(expected[source]);
    expect(ran.structuredContent.truncated).toBe(false);
  });

  test("the answer names its version, and the version is that of any other call", async () => {
    const versions = await Promise.all([
      call(client, "discover_schema", { source, detail: "overview" }),
      call(client, "map_term", { source, terms: ["order"] }),
      call(client, "validate_query", { source, sql: "select 1" }),
    ]);
    expect(new Set(versions.map((v) => v.structuredContent.version)).size).toBe(1);
  });

  test.each([
    ["a misspelt table", "select * from ordrs", "unknown_table", "orders"],
    ["a misspelt column", "select freigt_amt from orders", "unknown_column", "freight_amt"],
  ])("%s gets its candidate", async (_name, sql, code, candidate) => {
    const { structuredContent } = await call(client, "validate_query", { source, sql });
    const issue = structuredContent.issues.find((i) => i.code === code);
    expect(structuredContent.valid).toBe(false);
    expect(issue?.candidates[0]).toContain(candidate);
  });

  test.each([
    ["two statements", "select 1; drop table orders"],
    ["a write", "delete from orders"],
    ["malformed SQL", "selec * frm orders"],
    ["DDL", "create table x (a int)"],
    ["a write in a CTE", "with d as (delete from orders returning *) select * from d"],
  ])("%s is refused, and nothing happens", async (_name, sql) => {
    const validated = await call(client, "validate_query", { source, sql });
    expect(validated.structuredContent.valid).toBe(false);
    const ran = await call(client, "run_query", { source, sql });
    expect(ran.isError).toBe(true);
    const still = await call(client, "run_query", { source, sql: "select count(*) as n from orders" });
    expect(Number(still.structuredContent.rows[0]?.[0])).toBe(1500);
  });
});
