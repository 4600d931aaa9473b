/**
 * State in one SQLite file (or in memory). WAL with synchronous=FULL: a commit that returned is on the disk, also after power loss.
 * Several processes may share the file; writers wait for one another. Makes the folder for its owner alone.
 */

import { chmodSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { SextantError } from "../issue.js";
import { dialectWords, migrations, missing } from "./migrate.js";
import type { Document, NewRecord, RecordQuery, State, StoredRecord } from "./state.js";
import {
  bodyText,
  documentsStatement,
  getStatement,
  insertStatement,
  listStatement,
  pruneStatements,
  putStatement,
  type Writing,
} from "./statements.js";

// `?NNN` is numbered, so that one statement text may use a value twice (SQLite manual, "Parameters"); better-sqlite3 calls them by name.
const writing: Writing = { prefix: dialectWords.sqlite.prefix, parameter: (n) => `?${n}` };
const busyTimeoutMs = 10_000;

/** Opens (and where needed makes and migrates) the state at `path`; `:memory:` for none that lasts. */
export function openSqliteState(path: string): State {
  const db = openDatabase(path);
  const insert = db.prepare(insertStatement(writing)).pluck();
  const get = db.prepare(getStatement(writing));
  // Few texts occur, and preparing costs more than running most of them.
  const statements = new Map<string, Database.Statement>();
  const prepared = (sql: string): Database.Statement => {
    const known = statements.get(sql) ?? db.prepare(sql);
    statements.set(sql, known);
    return known;
  };
  const append = db.transaction((records: readonly NewRecord[]) =>
    records.map((r) => ({
      ...r,
      seq: Number(insert.get(bound([r.kind, r.scope, r.key, r.at, bodyText(r.body)]))),
    })),
  );
  const prune = db.transaction((...[kind, scope, limits]: Parameters<State["prune"]>) =>
    pruneStatements(kind, scope, limits, writing).reduce((n, s) => n + prepared(s.sql).run(bound(s.values)).changes, 0),
  );
  return {
    append: async (records) => append.immediate(records),
    list: async (query: RecordQuery) => {
      const { sql, values } = listStatement(query, writing);
      return (prepared(sql).all(bound(values)) as (StoredRecord & { body: string })[]).map(parsed);
    },
    prune: async (kind, scope, limits) => prune.immediate(kind, scope, limits),
    put: async (document, expected) => {
      const { kind, scope, key, at } = document;
      const values = [kind, scope, key, at, bodyText(document.body), ...(expected ? [expected] : [])];
      const revision = db.prepare(putStatement(expected, writing)).pluck().get(bound(values));
      if (revision === undefined) throw lostRace(kind, key);
      return { ...document, revision: Number(revision) };
    },
    get: async (kind, scope, key) => {
      const row = get.get(bound([kind, scope, key])) as (Document & { body: string }) | undefined;
      return row === undefined ? undefined : parsed(row);
    },
    documents: async (kind) =>
      (prepared(documentsStatement(writing)).all(bound([kind])) as (Document & { body: string })[]).map(parsed),
    close: async () => {
      db.close();
    },
  };
}

/** The error of a compare-and-swap that came too late. */
export function lostRace(kind: string, key: string): SextantError {
  return new SextantError("config_conflict", `Another writer changed the ${kind} "${key}" first.`, {
    help: "Read it again and repeat the change on the new revision.",
  });
}

function bound(values: readonly (string | number)[]): Readonly<Record<string, string | number>> {
  return Object.fromEntries(values.map((value, index) => [index + 1, value]));
}

function parsed<T extends { readonly body: unknown }>(row: T): T {
  return { ...row, body: JSON.parse(String(row.body)) as unknown };
}

function openDatabase(path: string): Database.Database {
  try {
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const db = new Database(path, { timeout: busyTimeoutMs });
    if (path !== ":memory:") chmodSync(path, 0o600);
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    migrate(db);
    return db;
  } catch (cause) {
    if (cause instanceof SextantError) throw cause;
    throw new SextantError("state_unavailable", "The state file cannot be opened.", {
      help: "Check that its folder can be written and that the file is a SQLite database; --state names another place.",
      cause,
    });
  }
}

/** `user_version` counts the migrations done; immediate, so that two processes starting at once do not both migrate. */
function migrate(db: Database.Database): void {
  const step = db.transaction(() => {
    for (const m of missing(migrations("sqlite"), Number(db.pragma("user_version", { simple: true })))) {
      db.exec(m.sql);
      db.pragma(`user_version = ${m.version}`);
    }
  });
  step.immediate();
}
