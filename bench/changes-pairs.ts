/** The before/after pairs of the data directory, loaded into scratch databases, inspected by the connectors, compared and tallied. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import Database from "better-sqlite3";
import { Client } from "pg";
import type { Seen } from "../src/changes/change.js";
import { diffSnapshots } from "../src/changes/diff.js";
import type { Connector } from "../src/databases/connector.js";
import { openConnector } from "../src/databases/open.js";
import { isCovered, saidMarks, Tally, type TruthEvent, truthMarks } from "./changes-truth.js";

interface Pair {
  readonly id: string;
  readonly before: string;
  readonly after: string;
  readonly events: readonly TruthEvent[];
  readonly status?: string;
}

/** A scratch PostgreSQL database that is emptied between loads. */
export interface Scratch {
  readonly client: Client;
  readonly connector: Connector;
  readonly url: string;
  /** Roles made on the way. */
  readonly roles: string[];
  clear(): Promise<void>;
  drop(): Promise<void>;
}

const tablesDroppedAtOnce = 100;
/** The server's lock table is shared with whoever works there at the same time: a load that found it full is tried again. */
const lockTries = 10;
const lockPauseMs = 3_000;

const serverUrl = process.env.SEXTANT_POSTGRES ?? "postgres://root@127.0.0.1:5432/postgres";

export async function openScratch(name: string): Promise<Scratch> {
  const admin = new Client({ connectionString: serverUrl });
  await admin.connect();
  await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(`ALTER DATABASE ${name} SET synchronous_commit = off`);
  const connector = openConnector({ url: url.href });
  const roles: string[] = [];
  return {
    client,
    connector,
    url: url.href,
    roles,
    clear: async () => {
      await client.query("RESET ALL; SET synchronous_commit = off");
      const { rows } = await client.query<{ nspname: string }>(
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'",
      );
      await dropTables(client);
      for (const { nspname } of rows) await client.query(`DROP SCHEMA "${nspname.replaceAll('"', '""')}" CASCADE`);
      await client.query("CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC");
      const extensions = await client.query<{ extname: string }>(
        "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'",
      );
      for (const { extname } of extensions.rows) await client.query(`DROP EXTENSION "${extname}" CASCADE`);
    },
    drop: async () => {
      await connector.close();
      await client.end();
      await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      for (const role of roles) await admin.query(`DROP ROLE IF EXISTS "${role}"`);
      await admin.end();
    },
  };
}

/** Some at a time: one statement over thousands of tables would take every lock the server has room for. */
async function dropTables(client: Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ list: string | null }>(
      `SELECT string_agg(format('%I.%I', nspname, relname), ', ') AS list
       FROM (SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
               AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
             LIMIT ${tablesDroppedAtOnce}) t`,
    );
    const list = rows[0]?.list;
    if (typeof list !== "string") return;
    await client.query(`DROP TABLE ${list} CASCADE`);
  }
}

/** Pairs of whole DDL texts. */
export async function postgresPairs(directory: string, scratch: Scratch): Promise<Tally> {
  const tally = new Tally();
  for (const pair of read(join(directory, "changes/pairs_postgres.jsonl")).filter((p) => p.status === "ok")) {
    try {
      const before = await loaded(scratch, pair.before);
      const after = await loaded(scratch, pair.after);
      tallyPair(tally, pair, before, after, "postgres");
    } catch (cause) {
      tally.skipped.push(`${pair.id}: ${String(cause)}`);
    }
  }
  return tally;
}

/** Consecutive versions of one real schema. */
export async function versionPairs(
  directory: string,
  name: string,
  scratch: Scratch,
  limit = Number.POSITIVE_INFINITY,
): Promise<Tally> {
  const tally = new Tally();
  const folder = join(directory, "changes", name);
  let last: { readonly file: string; readonly seen: Seen } | undefined;
  for (const pair of read(join(folder, "pairs.jsonl")).slice(0, limit)) {
    const at = async (file: string) =>
      loaded(scratch, gunzipSync(readFileSync(join(folder, "versions", file))).toString("utf8"));
    try {
      const before = last?.file === pair.before ? last.seen : await at(pair.before);
      const after = await at(pair.after);
      last = { file: pair.after, seen: after };
      tallyPair(tally, pair, before, after, "postgres");
    } catch (cause) {
      tally.skipped.push(`${pair.id}: ${String(cause)}`);
    }
  }
  return tally;
}

export async function sqlitePairs(directory: string): Promise<Tally> {
  const tally = new Tally();
  const folder = mkdtempSync(join(tmpdir(), "sextant-changes-"));
  try {
    for (const pair of read(join(directory, "changes/pairs_sqlite.jsonl")).filter((p) => p.status === "ok")) {
      const [before, after] = [
        await sqliteSeen(join(folder, `${pair.id}-a.db`), pair.before),
        await sqliteSeen(join(folder, `${pair.id}-b.db`), pair.after),
      ];
      const events = pair.events.map((e) => ({ ...e, object: `main.${e.object}` }));
      tallyPair(tally, { ...pair, events }, before, after, "sqlite");
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return tally;
}

async function sqliteSeen(path: string, sql: string): Promise<Seen> {
  const db = new Database(path);
  db.exec(sql);
  db.close();
  const connector = openConnector({ url: `sqlite:${path}` });
  try {
    return await connector.inspect();
  } finally {
    await connector.close();
  }
}

async function loaded(scratch: Scratch, sql: string, tries = lockTries): Promise<Seen> {
  try {
    await scratch.clear();
    await load(scratch, sql.replaceAll(/^\\(?:un)?restrict .*$/gmu, ""));
  } catch (cause) {
    if (tries === 0 || !/out of shared memory/u.test(String(cause))) throw cause;
    await new Promise((resolve) => setTimeout(resolve, lockPauseMs));
    return loaded(scratch, sql, tries - 1);
  }
  await scratch.client.query("RESET ALL");
  return scratch.connector.inspect();
}

/** Runs a DDL text; roles that it expects are made, and go with the scratch database. */
async function load(scratch: Scratch, sql: string): Promise<void> {
  try {
    await scratch.client.query(sql);
  } catch (cause) {
    if (/cannot run inside a transaction block/u.test(String(cause)) && /\bconcurrently\b/iu.test(sql)) {
      return load(scratch, sql.replaceAll(/\bconcurrently\b/giu, ""));
    }
    const extension = /^extension "(?<name>.+)" is not available$/u.exec(cause instanceof Error ? cause.message : "")
      ?.groups?.name;
    if (extension !== undefined) {
      await scratch.clear();
      const named = new RegExp(`^(?:CREATE|COMMENT ON) EXTENSION (?:IF NOT EXISTS )?"?${extension}\\b.*;$`, "gmu");
      const rest = sql.replaceAll(named, "");
      if (rest !== sql) return load(scratch, rest);
    }
    // A dump's few rows cannot always be loaded again; rows are no part of a schema.
    if (/^INSERT INTO .* VALUES .*;$/mu.test(sql)) {
      await scratch.clear();
      return load(scratch, sql.replaceAll(/^INSERT INTO .* VALUES .*;$/gmu, ""));
    }
    const role = /^role "(?<role>.+)" does not exist$/u.exec(cause instanceof Error ? cause.message : "")?.groups?.role;
    if (role === undefined) throw cause;
    await scratch.clear();
    await scratch.client.query(`CREATE ROLE "${role}"`);
    scratch.roles.push(role);
    await load(scratch, sql);
  }
}

function tallyPair(tally: Tally, pair: Pair, before: Seen, after: Seen, dialect: "postgres" | "sqlite"): void {
  const covered = (marks: readonly string[]) => new Set(marks.filter((m) => isCovered(m, dialect)));
  tally.add(
    pair.id,
    covered(pair.events.flatMap(truthMarks)),
    covered(diffSnapshots(before, after).flatMap(saidMarks)),
  );
}

function read(path: string): readonly Pair[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line) as Pair);
}
