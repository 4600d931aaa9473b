/**
 * The goldens of build_query on the sample ledger: what comes back has the status and the words expected, its text is the one kept in the
 * folder, and its rows are those of the handwritten query, in both dialects. `fixtures/queries/regenerate.ts` rewrites the kept texts.
 */

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildQuery } from "../../src/query/build.js";
import { allowed, readGoldens, sameRowsSql } from "./golden.js";
import { checkComplaints, complaintsOf, keptText } from "./judge.js";
import { type Ledger, openPostgresLedger, openSqliteLedger } from "./ledgers.js";
import { difference } from "./rows.js";

const goldens = readGoldens();

const dialects = ["sqlite", "postgres"] as const;
let ledgers: Readonly<Record<(typeof dialects)[number], Ledger>>;

beforeAll(async () => {
  ledgers = { sqlite: await openSqliteLedger(), postgres: await openPostgresLedger() };
});
afterAll(async () => {
  await Promise.all(dialects.map((dialect) => ledgers[dialect].close()));
});

describe.each(dialects)("%s", (dialect) => {
  test.each(goldens.map((g) => [g.name, g] as const))("%s", async (_name, golden) => {
    const ledger = ledgers[dialect];
    const answer = buildQuery(golden.intent, ledger.context);
    expect(await complaintsOf(answer, golden, ledger)).toEqual([]);
    await expect(keptText(answer)).toMatchFileSnapshot(join(golden.folder, `${dialect}.sql`));
  });

  test("what is built passes validate_query without a warning", async () => {
    const ledger = ledgers[dialect];
    const complaints: string[] = [];
    for (const golden of goldens) {
      const found = await checkComplaints(buildQuery(golden.intent, ledger.context), ledger);
      complaints.push(...found.map((complaint) => `${golden.name}: ${complaint}`));
    }
    expect(complaints).toEqual([]);
  });
});

describe("the handwritten queries", () => {
  test("are there wherever rows are expected", () => {
    const lacking = goldens.filter((golden) =>
      dialects.some((dialect) => {
        const rowsExpected = allowed(golden, dialect).includes("ok") && golden.expected.columns !== undefined;
        return (sameRowsSql(golden, dialect) !== undefined) !== rowsExpected;
      }),
    );
    expect(lacking.map((g) => g.name)).toEqual([]);
  });

  test("give the same rows in both dialects", async () => {
    const { sqlite, postgres } = ledgers;
    const differing: string[] = [];
    for (const golden of goldens) {
      const [left, right] = [sameRowsSql(golden, "sqlite"), sameRowsSql(golden, "postgres")];
      if (left === undefined || right === undefined) continue;
      const found = difference((await sqlite.run(left)).rows, (await postgres.run(right)).rows, golden.expected);
      if (found !== undefined) differing.push(`${golden.name}: ${found}`);
    }
    expect(differing).toEqual([]);
  });
});
