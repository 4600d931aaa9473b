/** Estimates that learn: after some runs on a source, validate_query foretells how long a statement takes, and a new process still knows. */

import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { afterAll, expect, test } from "vitest";
import { call, overStdio, scratchFolder } from "./sextant.js";

const folder = scratchFolder();
const open: Client[] = [];
afterAll(async () => {
  await Promise.all(open.map((c) => c.close()));
  folder.remove();
});

async function started(): Promise<Client> {
  const made = await overStdio("--state", folder.path);
  open.push(made);
  return made;
}

async function timeOf(client: Client, sql: string): Promise<unknown> {
  const { structuredContent } = await call(client, "validate_query", { sql });
  return (structuredContent as unknown as { run_time?: unknown }).run_time;
}

test("a statement's time, then that of statements never run, then after a restart", async () => {
  const client = await started();
  const sql = "SELECT count(*) AS n FROM orders";
  expect(await timeOf(client, sql)).toBeUndefined();
  for (let i = 0; i < 3; i++) await call(client, "run_query", { sql });
  const own = { basis: "same statement", runs: 3, ms: expect.any(Number) as number };
  await expect.poll(() => timeOf(client, sql)).toMatchObject(own);

  // Rows are counted in the background; until then a statement has no estimate to stand beside others.
  const rowsOf = async (table: string) => {
    const found = await call(client, "discover_schema", { tables: [table] });
    return (found.structuredContent.tables[0] as { row_estimate?: number } | undefined)?.row_estimate;
  };
  await expect.poll(() => rowsOf("shipments"), { timeout: 60_000 }).toBeGreaterThan(0);
  await timeOf(client, sql);
  await call(client, "run_query", { sql });
  const fresh = "SELECT max(line_no) AS n FROM order_lines WHERE qty > 1";
  expect(await timeOf(client, fresh)).toBeUndefined();
  for (const table of ["customers", "invoices", "payments", "products", "employees", "addresses", "shipments"]) {
    const statement = `SELECT count(*) AS n FROM ${table}`;
    await timeOf(client, statement);
    await call(client, "run_query", { sql: statement });
  }
  const alike = { basis: "statements of like cost", runs: 8 };
  await expect.poll(() => timeOf(client, fresh)).toMatchObject(alike);

  await client.close();
  const again = await started();
  expect(await timeOf(again, sql)).toMatchObject({ ...own, runs: 4 });
});
