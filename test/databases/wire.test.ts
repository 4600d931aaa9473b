/** The exchanges that node-postgres has no call for leave a connection as they found it. */

import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { allRows, describe as describeStatement, eachRow } from "../../src/databases/postgres/wire.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";

let database: ScratchDatabase;
let client: Client;

beforeAll(async () => {
  database = await createDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

function listeners(): number {
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
  return connection.listenerCount("parameterDescription");
}

test("statements that are refused leave no listener behind, and tell nothing to the next one", async () => {
  const before = listeners();
  for (let round = 0; round < 20; round += 1) {
    await expect(describeStatement(client, "SELECT no_such_column")).rejects.toMatchObject({ code: "42703" });
  }
  expect(listeners()).toBe(before);
  const described = await describeStatement(client, "SELECT $1::int AS n");
  expect(described).toMatchObject({ fields: [{ name: "n" }], parameterTypes: [23] });
  expect(listeners()).toBe(before);
});

test("a row's reader that throws fails the statement and leaves the connection usable", async () => {
  const failing = eachRow(client, "SELECT n FROM generate_series(1, 3) AS n", [], () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await allRows(client, "SELECT 1")).toEqual([["1"]]);
});
