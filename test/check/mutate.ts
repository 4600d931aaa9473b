/** Statements made wrong, or differently right, by their grammar: words left out, doubled, swapped, exchanged with another statement's, clauses spliced in. Deterministic by seed. */

import type { DialectName } from "../../src/schema/snapshot.js";
import { type Token, tokenize } from "../../src/sql/lexer.js";

/** Text that ends a comment, a quote or a statement where it should not, or writes. */
const scraps = [
  ";",
  "--",
  "/*",
  "*/",
  "'",
  '"',
  "`",
  "(",
  ")",
  "\r",
  "\n",
  "\v",
  "\u00a0",
  "\0",
  "\ufeff",
  "$$",
  "$a$",
  "E'\\'",
  "U&",
  "😀",
  "::",
  "?",
  "$1",
  ":a",
  "@a",
  "[",
  "]",
  ",",
  ".",
  "*",
  "NULL",
  "DISTINCT",
  "ALL",
  "NOT",
  "WITH",
  "RECURSIVE",
  "SELECT",
  "FROM",
  "WHERE",
  "VALUES",
  "LATERAL",
  "NATURAL",
  "OVER",
  "FILTER",
  "CASE",
  "END",
  "UNION",
  "EXCEPT",
  "FOR UPDATE",
  "FOR SHARE",
  "INTO x",
  "RETURNING id",
  "DELETE FROM orders",
  "INSERT INTO orders (id) VALUES (1)",
  "UPDATE orders SET qty = 1",
  "DROP TABLE orders",
  "WITH d AS (DELETE FROM orders RETURNING id) SELECT id FROM d",
  "ATTACH 'x' AS y",
  "PRAGMA user_version = 1",
  "COMMIT",
  "SET TRANSACTION READ WRITE",
  "EXPLAIN",
  "EXPLAIN ANALYZE",
] as const;

/** One to three changes to a statement of the corpus. */
export function mutant(corpus: readonly string[], dialect: DialectName, next: () => number): string {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(next() * items.length)] as T;
  let sql = pick(corpus);
  const changes = 1 + Math.floor(next() * 3);
  for (let i = 0; i < changes; i++) sql = changed(sql, pick(corpus), dialect, pick, next);
  return sql;
}

function changed(
  sql: string,
  other: string,
  dialect: DialectName,
  pick: <T>(items: readonly T[]) => T,
  next: () => number,
): string {
  const tokens = tokenize(sql, dialect);
  const others = tokenize(other, dialect);
  if (tokens.length === 0 || others.length === 0) return sql + pick(scraps);
  const at = pick(tokens);
  const put = (token: Token, text: string) => `${sql.slice(0, token.start)}${text}${sql.slice(token.end)}`;
  const between = (from: Token, to: Token, text: string) => `${sql.slice(0, from.start)}${text}${sql.slice(to.end)}`;
  switch (Math.floor(next() * 9)) {
    case 0: // left out
      return put(at, "");
    case 1: // doubled
      return put(at, `${at.text} ${at.text}`);
    case 2: // exchanged with another statement's
      return put(at, pick(others).text);
    case 3: {
      // of one kind with it: a name for a name, a number for a number
      const same = others.filter((t) => t.kind === at.kind);
      return same.length === 0 ? sql : put(at, pick(same).text);
    }
    case 4: // between two words
      return put(at, `${at.text} ${pick(scraps)} `);
    case 5: {
      // a stretch of another statement
      const from = Math.floor(next() * others.length);
      const to = Math.min(others.length - 1, from + Math.floor(next() * 8));
      return put(at, other.slice(others[from]?.start, others[to]?.end));
    }
    case 6: {
      // a stretch gone
      const from = tokens.indexOf(at);
      return between(at, tokens[Math.min(tokens.length - 1, from + Math.floor(next() * 5))] ?? at, "");
    }
    case 7: // within another
      return pick([
        `SELECT * FROM (${sql}) AS q`,
        `WITH q AS (${sql}) SELECT * FROM q`,
        `${sql} UNION ALL ${other}`,
        `SELECT EXISTS (${sql})`,
        `${sql}; ${other}`,
      ]);
    default: {
      // a scrap anywhere, also within a word
      const place = Math.floor(next() * (sql.length + 1));
      return sql.slice(0, place) + pick(scraps) + sql.slice(place + Math.floor(next() * 3));
    }
  }
}
