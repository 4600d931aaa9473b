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
    const codes: readonly string[] = report.issues.map((i) => i.code);
    const code = folder.replaceAll("-", "_");
    // PostgreSQL refuses what SQLite only warns of.
    const refused = dialect === "postgres" && folder === "missing-group-by";
    const wanted = refused ? "grouping_error" : code;
    expect(codes.length === 0 ? "nothing" : codes.includes(wanted) ? wanted : codes.join(" ")).toBe(
      side === "good" ? "nothing" : wanted,
    );
    expect(report.valid).toBe(side === "good" || !refused);
    const mended = await checkStatement(report.fixed_sql ?? "SELECT 1", [], shop.context);
    expect(mended.valid).toBe(true);
    expect(mended.issues.map((i) => i.code)).not.toContain(code);
  });
});
