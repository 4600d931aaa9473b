/** The statements of state, shared by both dialects: constant clauses put together, every value bound. */

import type { RecordQuery } from "./state.js";

export interface Statement {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** How a dialect writes its tables and its nth parameter (from 1). */
export interface Writing {
  readonly prefix: string;
  parameter(n: number): string;
}

const columns = "seq, kind, scope, key, at, body";

export function listStatement(query: RecordQuery, writing: Writing): Statement {
  const values: (string | number)[] = [];
  const bind = (value: string | number): string => writing.parameter(values.push(value));
  const where = [`kind = ${bind(query.kind)}`];
  if (query.scope !== undefined) where.push(`scope = ${bind(query.scope)}`);
  if (query.key !== undefined) where.push(`key = ${bind(query.key)}`);
  if (query.from !== undefined) where.push(`at >= ${bind(query.from)}`);
  if (query.to !== undefined) where.push(`at <= ${bind(query.to)}`);
  if (query.afterSeq !== undefined) where.push(`seq > ${bind(query.afterSeq)}`);
  if (query.beforeSeq !== undefined) where.push(`seq < ${bind(query.beforeSeq)}`);
  const order = query.order === "desc" ? "desc" : "asc";
  const limit = query.limit === undefined ? "" : ` limit ${bind(query.limit)}`;
  const sql = `select ${columns} from ${writing.prefix}record where ${where.join(" and ")} order by seq ${order}${limit}`;
  return { sql, values };
}

/** Drops what is older than the newest `keep`, or than `before`. */
export function pruneStatements(
  kind: string,
  scope: string,
  limits: { readonly keep?: number; readonly before?: string },
  writing: Writing,
): readonly Statement[] {
  const table = `${writing.prefix}record`;
  const p = (n: number): string => writing.parameter(n);
  const statements: Statement[] = [];
  if (limits.keep !== undefined) {
    const newest = `select seq from ${table} where kind = ${p(3)} and scope = ${p(4)} order by seq desc limit ${p(5)}`;
    statements.push({
      sql: `delete from ${table} where kind = ${p(1)} and scope = ${p(2)} and seq not in (${newest})`,
      values: [kind, scope, kind, scope, limits.keep],
    });
  }
  if (limits.before !== undefined) {
    statements.push({
      sql: `delete from ${table} where kind = ${p(1)} and scope = ${p(2)} and at < ${p(3)}`,
      values: [kind, scope, limits.before],
    });
  }
  return statements;
}

export function insertStatement(writing: Writing): string {
  const p = [1, 2, 3, 4, 5].map((n) => writing.parameter(n)).join(", ");
  return `insert into ${writing.prefix}record (kind, scope, key, at, body) values (${p}) returning seq`;
}

export function getStatement(writing: Writing): string {
  const p = (n: number): string => writing.parameter(n);
  return `select kind, scope, key, revision, at, body from ${writing.prefix}document where kind = ${p(1)} and scope = ${p(2)} and key = ${p(3)}`;
}

export function documentsStatement(writing: Writing): string {
  return `select kind, scope, key, revision, at, body from ${writing.prefix}document where kind = ${writing.parameter(1)} order by scope, key`;
}

/**
 * Writes a document and returns its new revision, or no row when `expected` lost. One statement each, so that the database decides the race:
 * without an expectation an upsert, with 0 an insert only, else an update of exactly that revision.
 */
export function putStatement(expected: number | undefined, writing: Writing): string {
  const p = (n: number): string => writing.parameter(n);
  const table = `${writing.prefix}document`;
  const insert = `insert into ${table} as d (kind, scope, key, revision, at, body) values (${p(1)}, ${p(2)}, ${p(3)}, 1, ${p(4)}, ${p(5)}) on conflict (kind, scope, key)`;
  if (expected === undefined) {
    return `${insert} do update set revision = d.revision + 1, at = excluded.at, body = excluded.body returning revision`;
  }
  if (expected === 0) return `${insert} do nothing returning revision`;
  return `update ${table} set revision = revision + 1, at = ${p(4)}, body = ${p(5)} where kind = ${p(1)} and scope = ${p(2)} and key = ${p(3)} and revision = ${p(6)} returning revision`;
}

/** A body as it is kept; throws TypeError for what JSON cannot hold. */
export function bodyText(body: unknown): string {
  return JSON.stringify(body) ?? "null";
}
