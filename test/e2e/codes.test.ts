/** Codes and their labels, over the protocol on both databases: a label is found where only its code is stored, and a filter on either is right. */

import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";
import { call, overStdio, scratchFolder } from "./sextant.js";

const ddl = `
  CREATE TABLE states (code varchar(2) PRIMARY KEY, name varchar(40) NOT NULL);
  CREATE TABLE stages (id int PRIMARY KEY, label varchar(40), position int);
  CREATE TABLE deals (id int PRIMARY KEY, state_cd varchar(2) REFERENCES states (code), stage_id int REFERENCES stages (id), amount int);
  INSERT INTO states VALUES ('CA', 'California'), ('NY', 'New York'), ('TX', 'Texas');
  INSERT INTO stages VALUES (10, 'Won', 1), (20, 'Lost', 2), (30, 'Waiting', 3);
  INSERT INTO deals VALUES (1, 'CA', 10, 5), (2, 'CA', 20, 7), (3, 'NY', 10, 9);
`;
const folder = scratchFolder();
let database: ScratchDatabase;

beforeAll(async () => {
  database = await createDatabase(ddl);
});
afterAll(async () => {
  await database.drop();
  folder.remove();
});

describe.each(["sqlite", "postgres"] as const)("%s", (dialect) => {
  let client: Client;
  beforeAll(async () => {
    const path = join(folder.path, "deals.db");
    if (dialect === "sqlite") {
      const db = new Database(path);
      db.exec(ddl);
      db.close();
    }
    const url = dialect === "sqlite" ? `sqlite:${path}` : database.readerUrl;
    client = await overStdio("--source", `x=${url}`, "--state", "memory");
  });
  afterAll(() => client.close());

  type Match = {
    readonly ref: string;
    readonly value?: string | number;
    readonly why: readonly { readonly signal: string }[];
  };
  const matches = async (term: string, more: object = {}) => {
    const { structuredContent } = await call(client, "map_term", { terms: [term], kinds: ["value"], ...more });
    return structuredContent.results[0]?.matches as unknown as readonly Match[];
  };
  const told = (list: readonly Match[]) => list.map(({ ref, value }) => `${ref} = ${JSON.stringify(value)}`);

  test("a label is found, and behind it the code that stands for it elsewhere", async () => {
    await expect.poll(async () => told(await matches("California"))).toContain('deals.state_cd = "CA"');
    const found = await matches("California");
    expect(told(found)).toEqual(['states.name = "California"', 'deals.state_cd = "CA"']);
    expect(found[1]?.why[0]?.signal).toBe("code_of_label");
    expect(told(await matches("Lost"))).toContain("deals.stage_id = 20");
    expect(told(await matches("California", { tables: ["deals"] }))).toEqual(['deals.state_cd = "CA"']);
  });

  test.each([
    [{ term: "states.name", op: "=", value: "California" }, 12],
    [{ term: "deals.state_cd", op: "=", value: "California" }, 12],
    [{ term: "deals.state_cd", op: "=", value: "CA" }, 12],
    [{ term: "deals.stage_id", op: "=", value: "Won" }, 14],
    [{ term: "deals.stage_id", op: "in", value: ["Won", "Lost"] }, 21],
  ])("a filter %o", async (filter, sum) => {
    const measures = [{ term: "deals.amount", agg: "sum" }];
    const { structuredContent: built } = await call(client, "build_query", { measures, filters: [filter] });
    const ran = await call(client, "run_query", { sql: built.sql, params: built.params });
    expect(Number(ran.structuredContent.rows[0]?.[0])).toBe(sum);
  });
});
