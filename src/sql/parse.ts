/**
 * The one door to SQL parsers. PostgreSQL's own parser (libpg-query) decides for PostgreSQL; for SQLite a grammar of our own yields the tree and
 * its places, and the engine decides what is valid. Never throws for what a text can hold; never repairs.
 */

import * as libpg from "libpg-query";
import type { DialectName } from "../schema/snapshot.js";
import { splitStatements, type Token, tokenize } from "./lexer.js";
import { parseSqliteQuery } from "./parse-sqlite.js";
import { factsOf, kindOf } from "./postgres-facts.js";
import { listOf, type Raw, Source, unwrap } from "./postgres-nodes.js";
import { postgresQuery } from "./postgres-query.js";
import { GrammarFault } from "./sqlite-cursor.js";
import { sqliteFacts, sqliteKind } from "./sqlite-facts.js";
import type { Parsed } from "./statement.js";
import type { Span } from "./tree.js";

/** Longest text that is parsed, in UTF-16 units: beyond it a statement is a mistake or an attack. */
const maxLength = 1_000_000;
/** Most tokens that stand in one statement. */
const maxTokens = 100_000;
/** Deepest nesting of parentheses: below what exhausts the parsers' stacks. */
const maxNesting = 500;

/** Parses any text. Loads PostgreSQL's parser at the first call for it. */
export async function parseSql(sql: string, dialect: DialectName): Promise<Parsed> {
  const refused = bounds(sql);
  if (refused !== undefined) return refused;
  const tokens = tokenize(sql, dialect);
  const tooMuch = tokenBounds(tokens);
  if (tooMuch !== undefined) return tooMuch;
  if (dialect === "sqlite") return parseSqlite(sql, tokens);
  await libpg.loadModule();
  return parsePostgres(sql, tokens);
}

function bounds(sql: string): Parsed | undefined {
  if (sql.length > maxLength)
    return unparsable(`The statement is longer than ${maxLength} characters.`, { start: maxLength, end: sql.length });
  const nul = sql.indexOf("\0");
  // Both engines would stop reading at a NUL, and see another statement than this parser does.
  return nul < 0 ? undefined : unparsable("The statement holds a NUL character.", { start: nul, end: nul + 1 });
}

function tokenBounds(tokens: readonly Token[]): Parsed | undefined {
  if (tokens.length > maxTokens)
    return unparsable(`The statement has more than ${maxTokens} words.`, tokens[maxTokens] as Token);
  let depth = 0;
  for (const token of tokens) {
    if (token.kind !== "op") continue;
    if (token.value === "(" || token.value === "[") depth++;
    else if (token.value === ")" || token.value === "]") depth--;
    if (depth > maxNesting) return unparsable(`Parentheses nest deeper than ${maxNesting}.`, token);
  }
  return undefined;
}

function unparsable(message: string, span: Span): Parsed {
  return { kind: "unparsable", fault: { message, span: { start: span.start, end: span.end } }, statements: [] };
}

function parseSqlite(sql: string, tokens: readonly Token[]): Parsed {
  const statements = splitStatements(sql, tokens);
  if (statements.length === 0) return unparsable("The statement is empty.", { start: 0, end: sql.length });
  if (statements.length > 1) return { kind: "multiple", statements };
  const kind = sqliteKind(tokens);
  if (kind !== "select") {
    return {
      kind,
      statements,
      ...(kind === "unparsable" ? { fault: fault(tokens) } : { facts: sqliteFacts(tokens, kind, undefined) }),
    };
  }
  return guarded(() => {
    const query = parseSqliteQuery(sql);
    return { kind, query, facts: sqliteFacts(tokens, kind, query), statements };
  }, statements);
}

function fault(tokens: readonly Token[]): NonNullable<Parsed["fault"]> {
  const token = tokens[0];
  return { message: "The text does not start with a statement.", span: token ?? { start: 0, end: 0 } };
}

function parsePostgres(sql: string, tokens: readonly Token[]): Parsed {
  if (tokens.length === 0) return unparsable("The statement is empty.", { start: 0, end: sql.length });
  const statements = splitStatements(sql, tokens);
  return guarded(
    () => {
      const nodes = listOf(libpg.parseSync(sql) as unknown as Raw, "stmts");
      if (nodes.length === 0) return unparsable("The statement is empty.", { start: 0, end: sql.length });
      if (nodes.length > 1) return { kind: "multiple", statements };
      const [tag, raw] = unwrap(unwrapStatement(nodes[0]));
      const kind = kindOf(tag);
      const source = new Source(sql);
      const facts = factsOf(tag, raw, source);
      if (kind !== "select") return { kind, facts, statements };
      return { kind: facts.kind, facts, statements, query: postgresQuery(raw, sql) };
    },
    statements,
    sql,
  );
}

function unwrapStatement(node: unknown): unknown {
  return (node as { readonly stmt?: unknown }).stmt;
}

/** Turns what a parser throws into a fault with its place. */
function guarded(parse: () => Parsed, statements: Parsed["statements"], sql = ""): Parsed {
  try {
    return parse();
  } catch (thrown) {
    if (thrown instanceof GrammarFault)
      return { kind: "unparsable", fault: { message: thrown.message, span: thrown.span }, statements };
    if (thrown instanceof RangeError)
      return { ...unparsable("The statement nests too deep.", { start: 0, end: sql.length }), statements };
    if (!(thrown instanceof Error)) throw thrown;
    return { kind: "unparsable", fault: postgresFault(thrown, sql), statements };
  }
}

function postgresFault(thrown: Error, sql: string): NonNullable<Parsed["fault"]> {
  const position = libpg.hasSqlDetails(thrown) ? thrown.sqlDetails?.cursorPosition : undefined;
  if (position === undefined) return { message: thrown.message, span: { start: 0, end: sql.length } };
  const source = new Source(sql);
  // The error counts code points from 0 (the tree counts bytes); its "end of input" stands behind the last token.
  const offset = Array.from(sql).slice(0, Math.max(0, position)).join("").length;
  const token = source.tokens[source.index(offset)];
  const span =
    token !== undefined && token.start <= offset
      ? token
      : { start: offset, end: Math.max(offset, token?.end ?? offset) };
  return { message: thrown.message, span: { start: span.start, end: span.end } };
}
