/** The watch triggers under other people's DDL: whatever the session, they announce or keep quiet, and never fail the statement. */

import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { installWatch, removeWatch } from "../../src/databases/watch.js";
import { createDatabase, type ScratchDatabase } from "../servers/databases.js";

let database: ScratchDatabase;
let ears: Client;
const heard: string[] = [];

beforeAll(async () => {
  database = await createDatabase();
  const { channel } = await installWatch({ url: database.url });
  ears = new Client({ connectionString: database.url });
  await ears.connect();
  ears.on("notification", (message) => heard.push(message.payload ?? ""));
  await ears.query(`LISTEN "${channel}"`);
});
afterAll(async () => {
  await ears.end();
  await database.drop();
});

/** What was announced while `sql` ran in a session of its own. */
async function announced(sql: string): Promise<readonly string[]> {
  heard.length = 0;
  const session = new Client({ connectionString: database.url });
  await session.connect();
  try {
    for (const statement of sql.split(";;")) await session.query(statement);
  } finally {
    await session.end();
  }
  await ears.query("SELECT 1"); // what was sent before this answer has arrived with it
  return [...heard];
}

const long = "x".repeat(55);

/** [what, statements (each `;;` a message of its own), whether anything is announced] */
const cases: readonly (readonly [string, string, boolean])[] = [
  ["plain DDL", "CREATE TABLE plain (id int)", true],
  [
    "a role without any rights to the triggers",
    `CREATE ROLE watched_nobody; GRANT CREATE, USAGE ON SCHEMA public TO watched_nobody;; SET ROLE watched_nobody; CREATE TABLE theirs (id int);;
     DROP TABLE theirs; RESET ROLE; DROP OWNED BY watched_nobody; DROP ROLE watched_nobody`,
    true,
  ],
  ["a session in replica role", "SET session_replication_role = replica;; CREATE TABLE replicated (id int)", true],
  [
    "a search path with functions that look like the catalog's",
    `CREATE SCHEMA trap; CREATE FUNCTION trap.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''trapped''; END';;
     SET search_path = trap, pg_catalog; CREATE TABLE trap.walked (id int)`,
    true,
  ],
  ["temporary tables", "CREATE TEMP TABLE fleeting (id int);; DROP TABLE fleeting", false],
  [
    "hundreds of long names at once",
    `CREATE SCHEMA wide;; DO $$ BEGIN FOR i IN 1..300 LOOP EXECUTE format('CREATE TABLE wide.%I (id int)', '${long}' || i); END LOOP; END $$;;
     DROP SCHEMA wide CASCADE`,
    true,
  ],
  ["an index built concurrently", "CREATE TABLE busy (id int);; CREATE INDEX CONCURRENTLY busy_id ON busy (id)", true],
  [
    "a savepoint that is rolled back",
    "BEGIN; SAVEPOINT s; CREATE TABLE undone (id int); ROLLBACK TO s; CREATE TABLE done (id int); COMMIT",
    true,
  ],
  ["a transaction that is rolled back", "BEGIN; CREATE TABLE never (id int); ROLLBACK", false],
  ["a serialisable transaction", "BEGIN ISOLATION LEVEL SERIALIZABLE; CREATE TABLE serial_one (id int); COMMIT", true],
];

it.each(cases)("%s", async (_, sql, loud) => {
  const told = await announced(sql);
  expect(told.length > 0).toBe(loud);
  for (const payload of told) {
    expect(Buffer.byteLength(payload)).toBeLessThan(8_000);
    expect(JSON.parse(payload)).toHaveProperty("tag");
  }
});

it("leaves nothing behind when it is removed", async () => {
  await removeWatch({ url: database.url });
  expect(await database.query("SELECT 1 FROM pg_namespace WHERE nspname = 'sextant_watch'")).toEqual([]);
  expect(await announced("CREATE TABLE unheard (id int)")).toEqual([]);
});
