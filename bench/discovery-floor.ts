/**
 * The floor that discovery is measured against: the fewest hand-written catalog queries that fetch the same facts, with the server's own
 * deparsing, put together by table and printed as JSON. No locks avoided, no retries, nothing marked: what one would write in an hour.
 */

import Database from "better-sqlite3";
import { Client } from "pg";

const userSchemas = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/** Name of the list in each table's JSON, and its query; the first column is the table's oid. */
const queries: Readonly<Record<string, string>> = {
  columns: `SELECT a.attrelid AS t, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null,
      pg_get_expr(d.adbin, d.adrelid) AS default, a.attidentity AS identity, a.attgenerated AS generated, col_description(a.attrelid, a.attnum) AS comment
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${userSchemas} ORDER BY a.attrelid, a.attnum`,
  constraints: `SELECT k.conrelid AS t, k.conname AS name, k.contype AS type, k.conkey AS columns, k.confrelid AS target, k.confkey AS target_columns,
      k.condeferrable, k.convalidated, CASE WHEN k.contype IN ('c', 'x') THEN pg_get_constraintdef(k.oid) END AS definition
    FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE k.conrelid <> 0 AND ${userSchemas}`,
  indexes: `SELECT i.indrelid AS t, x.relname AS name, i.indisunique AS unique, i.indkey::text AS columns, m.amname AS method,
      CASE WHEN i.indexprs IS NOT NULL OR i.indpred IS NOT NULL THEN pg_get_indexdef(i.indexrelid) END AS definition
    FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam JOIN pg_namespace n ON n.oid = x.relnamespace WHERE ${userSchemas}`,
  triggers: `SELECT g.tgrelid AS t, g.tgname AS name, pg_get_triggerdef(g.oid) AS definition FROM pg_trigger g WHERE NOT g.tgisinternal`,
  policies: `SELECT p.polrelid AS t, p.polname AS name, p.polcmd, pg_get_expr(p.polqual, p.polrelid) AS using FROM pg_policy p`,
};

const tables = `SELECT c.oid AS t, n.nspname AS schema, c.relname AS name, c.relkind AS kind, c.reltuples AS rows, c.relacl::text AS grants,
    has_table_privilege(c.oid, 'SELECT') AS readable, obj_description(c.oid, 'pg_class') AS comment,
    CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ${userSchemas}`;

const others = [
  `SELECT n.nspname, t.typname, t.typtype, t.typbasetype, (SELECT array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) AS values
   FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd') AND ${userSchemas}`,
  `SELECT n.nspname, c.relname, s.* FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace`,
  `SELECT n.nspname, p.proname, pg_get_function_identity_arguments(p.oid) AS arguments, p.provolatile, md5(p.prosrc) AS body
   FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE ${userSchemas}`,
];

/** Milliseconds and length of the JSON. */
export async function postgresFloor(url: string): Promise<{ ms: number; json: number }> {
  const started = performance.now();
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const byOid = new Map<unknown, Record<string, unknown[]>>();
  for (const row of (await client.query<{ t: unknown }>(tables)).rows) byOid.set(row.t, { table: [row] });
  for (const [list, sql] of Object.entries(queries)) {
    for (const row of (await client.query<{ t: unknown }>(sql)).rows) {
      const table = byOid.get(row.t);
      if (table !== undefined) (table[list] ??= []).push(row);
    }
  }
  const rest = [];
  for (const sql of others) rest.push((await client.query(sql)).rows);
  await client.query("COMMIT");
  const json = JSON.stringify([[...byOid.values()], rest]).length;
  await client.end();
  return { ms: performance.now() - started, json };
}

export function sqliteFloor(path: string): { ms: number; json: number } {
  const started = performance.now();
  const db = new Database(path, { readonly: true });
  const all = (sql: string) => db.prepare(sql).all() as { t: string }[];
  const byName = new Map<string, Record<string, unknown[]>>();
  for (const row of all("SELECT name AS t, type, sql FROM sqlite_schema WHERE type IN ('table', 'view')"))
    byName.set(row.t, { table: [row] });
  const from = "FROM sqlite_schema AS m JOIN";
  const lists = {
    columns: `SELECT m.name AS t, x.* ${from} pragma_table_xinfo(m.name) AS x WHERE m.type IN ('table', 'view')`,
    keys: `SELECT m.name AS t, f.* ${from} pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table'`,
    indexes: `SELECT m.name AS t, l.*, x.seqno, x.cid, x.name AS part ${from} pragma_index_list(m.name) AS l JOIN pragma_index_xinfo(l.name) AS x WHERE m.type = 'table' AND x.key`,
    triggers: "SELECT tbl_name AS t, name, sql FROM sqlite_schema WHERE type = 'trigger'",
  };
  for (const [list, sql] of Object.entries(lists)) {
    for (const row of all(sql)) {
      const table = byName.get(row.t);
      if (table !== undefined) (table[list] ??= []).push(row);
    }
  }
  const json = JSON.stringify([...byName.values()]).length;
  db.close();
  return { ms: performance.now() - started, json };
}
