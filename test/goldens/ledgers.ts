/** The sample ledger in both dialects, ready to be asked: its schema as the query room sees it, and its rows as plain text. */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { Client } from "pg";
import { parse } from "yaml";
import { openConnector } from "../../src/databases/open.js";
import type { QueryContext, TermResolver } from "../../src/query/answer.js";
import { defaultQuerySettings } from "../../src/query/settings.js";
import { resolveRef } from "../../src/schema/names.js";
import { fingerprint, normalForm } from "../../src/schema/normal-form.js";
import { declaredRelationships, isUniqueKey, type Relationship } from "../../src/schema/relationships.js";
import type { DialectName, SchemaSnapshot } from "../../src/schema/snapshot.js";
import { noStatistics } from "../../src/schema/statistics.js";
import { glossaryFile } from "../../src/terms/glossary.js";
import { nearestNames } from "../../src/terms/nearest.js";
import { createDatabase } from "../servers/databases.js";
import { readContext } from "./golden.js";
import type { Cell, Rows } from "./rows.js";

export interface Ledger {
  readonly dialect: DialectName;
  readonly context: QueryContext;
  run(sql: string, params?: readonly unknown[]): Promise<{ readonly columns: readonly string[]; readonly rows: Rows }>;
  close(): Promise<void>;
}

const folder = new URL("../../fixtures/ledger/", import.meta.url).pathname;

export async function openSqliteLedger(): Promise<Ledger> {
  const directory = mkdtempSync(join(tmpdir(), "sextant-goldens-"));
  const path = join(directory, "ledger.db");
  const database = new Database(path);
  database.exec(readFileSync(join(folder, "sqlite.sql"), "utf8"));
  database.defaultSafeIntegers(true);
  const context = await contextOf(`sqlite:${path}`);
  return {
    dialect: "sqlite",
    context,
    run: (sql, params = []) => {
      const statement = database.prepare(sql).raw();
      const rows = statement.all(...params) as (string | number | bigint | null)[][];
      return Promise.resolve({
        columns: statement.columns().map((c) => c.name),
        rows: rows.map((row) => row.map((value) => (value === null ? null : String(value)))),
      });
    },
    close: () => {
      database.close();
      rmSync(directory, { recursive: true });
      return Promise.resolve();
    },
  };
}

export async function openPostgresLedger(): Promise<Ledger> {
  const scratch = await createDatabase(readFileSync(join(folder, "postgres.sql"), "utf8"));
  const context = await contextOf(scratch.url);
  const client = new Client({
    connectionString: scratch.url,
    types: { getTypeParser: textParser as never },
    // What is built may not lean on the session's own zone.
    options: "-c TimeZone=America/Los_Angeles",
  });
  await client.connect();
  return {
    dialect: "postgres",
    context,
    run: async (sql, params = []) => {
      const result = await client.query<Cell[]>({ text: sql, values: [...params], rowMode: "array" });
      return { columns: result.fields.map((f) => f.name), rows: result.rows };
    },
    close: async () => {
      await client.end();
      await scratch.drop();
    },
  };
}

/** PostgreSQL's type bool (pg_type.dat). */
const boolOid = 16;

function textParser(oid: number): (text: string) => Cell {
  return oid === boolOid ? (text) => (text === "t" ? "1" : "0") : (text) => text;
}

async function contextOf(url: string): Promise<QueryContext> {
  const connector = openConnector({ url });
  const { snapshot } = await connector.inspect();
  await connector.close();
  const given = readContext();
  const normal = normalForm(snapshot);
  return {
    view: {
      snapshot: normal,
      version: fingerprint(normal),
      statistics: noStatistics,
      relationships: [...declaredRelationships(normal), ...given.links.map((link) => inferred(normal, link))],
    },
    resolve: resolverOf(normal, given.phrases),
    glossary: glossaryFile.parse(parse(readFileSync(join(folder, "glossary.yaml"), "utf8"))),
    now: Date.parse(given.now),
    settings: defaultQuerySettings,
  };
}

type Context = ReturnType<typeof readContext>;

function inferred(snapshot: SchemaSnapshot, link: Context["links"][number]): Relationship {
  const [from, to] = [resolveRef(snapshot, link.from), resolveRef(snapshot, link.to)];
  if (from?.column === undefined || to?.column === undefined)
    throw new Error(`no such link: ${link.from} > ${link.to}`);
  return {
    from: { table: { schema: from.table.schema, name: from.table.name }, columns: [from.column] },
    to: { table: { schema: to.table.schema, name: to.table.name }, columns: [to.column] },
    origin: "inferred",
    confidence: link.confidence,
    cardinality: "n:1",
    targetUnique: isUniqueKey(to.table, [to.column]),
  };
}

/** Phrases mean what `context.json` says and nothing else: the goldens test the compiler, not the mapping of words. */
function resolverOf(snapshot: SchemaSnapshot, phrases: Context["phrases"]): TermResolver {
  const names = snapshot.tables.flatMap((t) => t.columns.map((c) => `${t.name}.${c.name}`));
  return ({ term }) => {
    const matches = (phrases[term.toLowerCase()] ?? []).map((m) => ({ ...m, kind: "column" as const, why: [] }));
    const status = matches.length === 0 ? "no_match" : matches.length === 1 ? "matched" : "ambiguous";
    return { term, status, matches, did_you_mean: status === "no_match" ? nearestNames(term, names, 5) : [] };
  };
}
