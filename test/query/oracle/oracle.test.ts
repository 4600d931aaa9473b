/**
 * The compiler against an oracle that shares nothing with it: random worlds, random intents, rows compared, on both dialects.
 * Not one number may differ; an ambiguity is asked; of what has a fixed meaning at least 97 % is answered. `ORACLE_SEED`, `ORACLE_WORLDS` rerun.
 */

import { Client, types } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BuildAnswer } from "../../../src/query/answer.js";
import { buildQuery } from "../../../src/query/build.js";
import type { Intent } from "../../../src/query/intent.js";
import type { DialectName } from "../../../src/schema/snapshot.js";
import type { SchemaView } from "../../../src/schema/view.js";
import { createDatabase, type ScratchDatabase } from "../../servers/databases.js";
import { withoutTerms } from "../without-terms.js";
import { bagOf, ddlOf, sqliteOf, viewOf } from "./databases.js";
import { evaluate } from "./evaluate.js";
import { makeIntent } from "./intents.js";
import { Dice, makeWorld, randomFrom, type World } from "./world.js";

const seed = Number(process.env.ORACLE_SEED ?? 20_261_122);
const worlds = Number(process.env.ORACLE_WORLDS ?? 40);
const intentsPerWorld = 40;

type Run = (sql: string, params: readonly unknown[]) => Promise<readonly (readonly unknown[])[]>;

interface Count {
  fixed: number;
  answered: number;
  asked: number;
  ambiguous: number;
}

async function judge(
  intent: Intent,
  world: World,
  view: SchemaView,
  run: Run,
  count: Count,
): Promise<string | undefined> {
  const meaning = evaluate(intent, world);
  const answer: BuildAnswer = buildQuery(intent, withoutTerms(view));
  const told = () =>
    `${JSON.stringify(intent)}\n${answer.sql ?? JSON.stringify(answer.issues)}\n${JSON.stringify(answer.params)}`;
  if (answer.status === "ok") {
    const rows = await run(answer.sql ?? "", answer.params ?? []).catch((e: unknown) => String(e));
    if (typeof rows === "string") return `it does not run: ${rows}\n${told()}`;
    if (meaning.kind === "ambiguous") return `an ambiguity was not asked\n${told()}`;
    if (meaning.kind !== "rows")
      return meaning.kind === "open" ? undefined : `answered what cannot be reached\n${told()}`;
    count.fixed++;
    count.answered++;
    const [got, wanted] = [bagOf(rows), bagOf(meaning.rows)];
    return got.join() === wanted.join()
      ? undefined
      : `wrong rows\n${told()}\ngot ${got.join(" ")}\nnot ${wanted.join(" ")}`;
  }
  if (meaning.kind === "ambiguous") count.ambiguous++;
  if (meaning.kind === "ambiguous" && answer.status === "needs_clarification") count.asked++;
  if (meaning.kind === "rows") count.fixed++;
  return undefined;
}

async function tryWorlds(
  dialect: DialectName,
  runnerOf: (world: World, index: number) => Promise<{ run: Run; close(): Promise<void> }>,
): Promise<Count> {
  const count: Count = { fixed: 0, answered: 0, asked: 0, ambiguous: 0 };
  for (let w = 0; w < worlds; w++) {
    const dice = new Dice(randomFrom(seed + w));
    const world = makeWorld(dice);
    const view = viewOf(world, dialect);
    const { run, close } = await runnerOf(world, w);
    for (let i = 0; i < intentsPerWorld; i++) {
      const complaint = await judge(makeIntent(dice, world), world, view, run, count);
      if (complaint !== undefined)
        throw new Error(
          `ORACLE_SEED=${seed + w} ORACLE_WORLDS=1, intent ${i}: ${complaint}\n${ddlOf(world, dialect)}\n${JSON.stringify(world.links)}`,
        );
    }
    await close();
  }
  console.log(
    `oracle ${dialect}: seed ${seed}, ${worlds * intentsPerWorld} cases, fixed meaning ${count.fixed}, answered ${count.answered}, ambiguous ${count.ambiguous}, asked ${count.asked}`,
  );
  return count;
}

describe("the oracle", () => {
  let database: ScratchDatabase;
  let client: Client;
  beforeAll(async () => {
    database = await createDatabase();
    const raw = {
      getTypeParser: (oid: number) =>
        [20, 21, 23, 700, 701, 1700].includes(oid) ? Number : oid === 1082 ? String : types.getTypeParser(oid),
    };
    client = new Client({ connectionString: database.url, types: raw });
    client.on("error", () => undefined); // the dropped database ends it
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  test("agrees on SQLite", async () => {
    const count = await tryWorlds("sqlite", async (world) => {
      const db = sqliteOf(world);
      const run: Run = async (sql, params) =>
        db
          .prepare(sql)
          .raw()
          .all(...params) as unknown[][];
      return { run, close: async () => void db.close() };
    });
    expect(count.answered / Math.max(1, count.fixed)).toBeGreaterThanOrEqual(0.97);
    expect(count.asked).toBe(count.ambiguous);
  });

  test("agrees on PostgreSQL", async () => {
    const count = await tryWorlds("postgres", async (world, index) => {
      await client.query(
        `${index === 0 ? "" : `DROP SCHEMA w${index - 1} CASCADE; `}CREATE SCHEMA w${index}; SET search_path TO w${index}; ${ddlOf(world, "postgres")}`,
      );
      const run: Run = async (sql, params) =>
        (await client.query({ text: sql, values: [...params], rowMode: "array" })).rows as unknown[][];
      return { run, close: async () => undefined };
    });
    expect(count.answered / Math.max(1, count.fixed)).toBeGreaterThanOrEqual(0.97);
    expect(count.asked).toBe(count.ambiguous);
  });
});
