/** The corpus of statements on both databases: what is valid, what is not and why; the check and the database agree on each. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkStatement } from "../../src/check/check.js";
import { casesOf } from "./corpus.js";
import { openShop, type Shop } from "./shop.js";

describe.each(["sqlite", "postgres"] as const)("%s", (dialect) => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop(dialect);
  });
  afterAll(() => shop.close());

  test.each(casesOf("valid", dialect))("valid: $said: $sql", async ({ sql }) => {
    const truth = await shop.connector.compile(sql);
    const report = await checkStatement(sql, undefined, shop.context);
    expect([truth.valid, report.valid, report.read_only, report.issues.filter((i) => i.severity === "error")]).toEqual([
      true,
      true,
      true,
      [],
    ]);
    expect(report.result_columns.map((c) => c.name)).toEqual(truth.columns.map((c) => c.name));
    // The resolver reads what the engine opens; what the engine does not need to open, it may read as well.
    const opened = (truth.readsTables ?? []).map((t) => t.name).filter((name) => !name.startsWith("json_"));
    expect(report.reads.tables).toEqual(expect.arrayContaining(opened));
  });

  test.each(casesOf("invalid", dialect))("invalid: $said: $sql", async ({ said, sql }) => {
    const truth = await shop.connector.compile(sql);
    const report = await checkStatement(sql, undefined, shop.context);
    // A statement that writes is one that PostgreSQL would take.
    const writes = said.startsWith("not_read_only");
    expect([truth.valid && !writes, report.valid, report.read_only && writes]).toEqual([false, false, false]);
    expect(report.issues.filter((i) => i.severity === "error").map((i) => i.code)).toContain(said.split(":")[0]);
    const mended = await checkStatement(report.fixed_sql ?? "SELECT 1", undefined, shop.context);
    expect([mended.valid, mended.read_only]).toEqual([true, true]);
  });
});
