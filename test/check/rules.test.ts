/** Every lint rule's fixtures, on both databases: each bad statement is told by its rule, each good one is told nothing. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkStatement } from "../../src/check/check.js";
import { fixtures, openShop, type Shop, statementsFor } from "./shop.js";

const folders = readdirSync(fixtures).filter((name) => existsSync(new URL(`${name}/bad.sql`, fixtures)));

describe.each(["sqlite", "postgres"] as const)("%s", (dialect) => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop(dialect);
  });
  afterAll(() => shop.close());

  const cases = folders.flatMap((folder) =>
    (["bad", "good"] as const).flatMap((side) =>
      statementsFor(readFileSync(new URL(`${folder}/${side}.sql`, fixtures), "utf8"), dialect).map((sql) => ({
        folder,
        side,
        sql,
      })),
    ),
  );

  test.each(cases)("$folder $side: $sql", async ({ folder, side, sql }) => {
    const report = await checkStatement(sql, [], shop.context);
    const codes = report.issues.map((i) => i.code);
    const code = folder.replaceAll("-", "_");
    if (dialect === "postgres" && folder === "missing-group-by") {
      expect(codes).toEqual(side === "bad" ? ["grouping_error"] : []);
    } else if (side === "bad") {
      expect(report.valid).toBe(true);
      expect(codes).toContain(code);
    } else expect(report.issues).toEqual([]);
    if (report.fixed_sql !== undefined) {
      const mended = await checkStatement(report.fixed_sql, [], shop.context);
      expect(mended.valid).toBe(true);
      expect(mended.issues.map((i) => i.code)).not.toContain(code);
    }
  });
});
