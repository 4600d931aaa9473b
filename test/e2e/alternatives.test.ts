/** What build_query offers in place of what it cannot answer, on the sample: each a ready intent with SQL that runs. */

import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, overStdio } from "./sextant.js";

let client: Client;
beforeAll(async () => {
  client = await overStdio("--state", "memory");
});
afterAll(() => client.close());

interface Built {
  readonly status: string;
  readonly issues: readonly { readonly code: string }[];
  readonly alternatives: readonly { readonly why: string; readonly intent: object; readonly sql?: string }[];
}

async function build(intent: object): Promise<Built> {
  // The order of keys is the cache's business: each call asks anew.
  return (await call(client, "build_query", { ...intent, limit: ++asked })).structuredContent as unknown as Built;
}
let asked = 1_000;

function withValue(value: string): object {
  return {
    measures: [{ term: "customers", agg: "count", as: "customers" }],
    filters: [{ term: "customers.segment", op: "=", value }],
    dimensions: [{ term: "customers.region_cd" }],
  };
}

async function allRun({ alternatives }: Built): Promise<void> {
  expect(alternatives.length).toBeGreaterThan(0);
  for (const { intent, sql } of alternatives) {
    expect(sql).toBeDefined();
    const again = await call(client, "build_query", intent);
    expect(again.structuredContent).toMatchObject({ status: "ok", sql });
    const { sql: text, params } = again.structuredContent;
    expect((await call(client, "run_query", { sql: text, params })).isError).not.toBe(true);
  }
}

test("a value that is stored nowhere: the nearest stored one, and the question without the filter", async () => {
  // Stored values are looked at in the background; only then is a value known to be absent.
  const count = async () => (await build(withValue("Enterprize"))).alternatives.length;
  await expect.poll(count, { timeout: 60_000 }).toBeGreaterThan(0);
  const built = await build(withValue("Enterprize"));
  expect(built.status).toBe("ok");
  const filters = built.alternatives.map((a) => JSON.stringify((a.intent as { filters?: unknown }).filters));
  expect(filters).toContain('[{"term":"customers.segment","op":"=","value":"Enterprise"}]');
  expect(filters).toContain("[]");
  await allRun(built);
});

test("a column that is not there: its like in the table and elsewhere", async () => {
  const built = await build({ measures: [{ term: "orders.refund_amt", agg: "sum" }] });
  expect(built).toMatchObject({ status: "refused", issues: [{ code: "unknown_column" }] });
  expect(JSON.stringify(built.alternatives)).toContain('"returns.refund_amt"');
  await allRun(built);
});

test("dimensions on two to-many branches: one of them at a time", async () => {
  const built = await build({
    measures: [{ term: "orders.freight_amt", agg: "sum", as: "freight" }],
    dimensions: [{ term: "promotions.name" }, { term: "products.name" }],
  });
  expect(built).toMatchObject({ status: "refused", issues: [{ code: "fan_out" }] });
  await allRun(built);
});
