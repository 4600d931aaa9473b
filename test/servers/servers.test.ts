/** The test servers themselves: a scratch database is empty, apart from others, and gone after it is dropped. */

import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase, postgresUrl, type ScratchDatabase } from "./databases.js";

let database: ScratchDatabase;

beforeAll(async () => {
  database = await createDatabase("CREATE TABLE one (id int PRIMARY KEY); INSERT INTO one VALUES (7)");
});

afterAll(() => database.drop());

test("the reader reads what is there and writes nothing", async () => {
  const client = new Client({ connectionString: database.readerUrl });
  await client.connect();
  const result = await client.query<{ id: number }>("SELECT id FROM one");
  expect(result.rows).toEqual([{ id: 7 }]);
  await expect(client.query("INSERT INTO one VALUES (8)")).rejects.toMatchObject({ code: "42501" });
  await client.end();
});

test("a dropped database is gone", async () => {
  const other = await createDatabase();
  await other.drop();
  const client = new Client({ connectionString: await postgresUrl() });
  await client.connect();
  const left = await client.query("SELECT 1 FROM pg_database WHERE datname = $1", [other.name]);
  expect(left.rowCount).toBe(0);
  await client.end();
});
