/**
 * Tokens of SQL text with exact places, for both dialects: what positions and edits rest on. It accepts any text (an unknown character is a
 * token of its own, an open quote runs to the end) and decides nothing about safety where the database's own parser can be asked.
 * Sources: PostgreSQL 15 manual, 4.1 "Lexical Structure"; SQLite's tokenize.c as documented in "SQL As Understood By SQLite".
 */

import type { DialectName } from "../schema/snapshot.js";

export type TokenKind = "word" | "quoted" | "string" | "number" | "blob" | "param" | "op" | "bad";

export interface Token {
  readonly kind: TokenKind;
  /** As written. */
  readonly text: string;
  /** Words in lower case; quoted names and strings without their quotes; operators as written. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** The quote of a quoted name or string: `"`, `` ` ``, `[`, `'`, `$`. */
  readonly quote?: string;
}

const wordStart = /[\p{L}_\u0080-\uffff]/u;
const wordPart = /[\p{L}\p{N}_$\u0080-\uffff]/u;

/** All tokens of `sql`, comments and white space left out. */
export function tokenize(sql: string, dialect: DialectName): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const skipped = skipBlank(sql, at, dialect);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    const token = readToken(sql, at, dialect);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

/** The end of the white space or comment at `at`; `at` itself where there is none. */
function skipBlank(sql: string, at: number, dialect: DialectName): number {
  const c = sql[at];
  if (c === " " || c === "\n" || c === "\t" || c === "\r" || c === "\f" || c === "\v") return at + 1;
  // A byte order mark: SQLite takes it for a blank wherever a word could start (tokenize.c, CC_BOM).
  if (c === "\ufeff" && (at === 0 || dialect === "sqlite")) return at + 1;
  if (c === "-" && sql[at + 1] === "-") return lineEnd(sql, at, dialect);
  if (c === "/" && sql[at + 1] === "*") return blockEnd(sql, at, dialect);
  return at;
}

/** PostgreSQL ends a line comment at CR as well as LF (scan.l); SQLite at LF alone (tokenize.c). */
function lineEnd(sql: string, at: number, dialect: DialectName): number {
  for (let i = at; i < sql.length; i++) {
    if (sql[i] === "\n" || (dialect === "postgres" && sql[i] === "\r")) return i + 1;
  }
  return sql.length;
}

/** PostgreSQL nests block comments; SQLite does not, and lets an open one run to the end. */
function blockEnd(sql: string, at: number, dialect: DialectName): number {
  let depth = 1;
  let i = at + 2;
  while (i < sql.length) {
    if (sql.startsWith("*/", i)) {
      depth--;
      i += 2;
      if (depth === 0 || dialect === "sqlite") return i;
    } else if (dialect === "postgres" && sql.startsWith("/*", i)) {
      depth++;
      i += 2;
    } else i++;
  }
  return sql.length;
}

function readToken(sql: string, at: number, dialect: DialectName): Token {
  const c = sql[at] ?? "";
  const next = sql[at + 1] ?? "";
  if (c === "'") return quoted(sql, at, at, "'", "string");
  if (c === '"') return quoted(sql, at, at, '"', "quoted");
  if (c === "`") return quoted(sql, at, at, "`", "quoted");
  if (c === "[" && dialect === "sqlite") return bracketed(sql, at);
  if ((c === "x" || c === "X") && next === "'") return quoted(sql, at, at + 1, "'", "blob");
  if (dialect === "postgres") {
    const special = postgresToken(sql, at, c, next);
    if (special !== undefined) return special;
  }
  if (/[0-9]/.test(c) || (c === "." && /[0-9]/.test(next))) return numberToken(sql, at);
  if (wordStart.test(c)) return wordToken(sql, at);
  if (
    dialect === "sqlite" &&
    (c === "?" || ((c === ":" || c === "@" || c === "$" || c === "#") && wordPart.test(next)))
  ) {
    return sqliteParam(sql, at);
  }
  return operator(sql, at, dialect);
}

/** E'…', U&'…', U&"…", B'…', N'…', $tag$…$tag$, $1. */
function postgresToken(sql: string, at: number, c: string, next: string): Token | undefined {
  if (/[eE]/.test(c) && next === "'") return escaped(sql, at);
  if (/[bBnN]/.test(c) && next === "'") return quoted(sql, at, at + 1, "'", "string");
  if (/[uU]/.test(c) && next === "&" && sql[at + 2] === "'") return quoted(sql, at, at + 2, "'", "string");
  if (/[uU]/.test(c) && next === "&" && sql[at + 2] === '"') return quoted(sql, at, at + 2, '"', "quoted");
  if (c !== "$") return undefined;
  const param = /\$[0-9]+/y;
  param.lastIndex = at;
  const number = param.exec(sql);
  if (number !== null) return make("param", sql, at, at + number[0].length, number[0]);
  const tag = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;
  tag.lastIndex = at;
  const open = tag.exec(sql);
  if (open === null) return undefined;
  const bodyStart = at + open[0].length;
  const close = sql.indexOf(open[0], bodyStart);
  const end = close < 0 ? sql.length : close + open[0].length;
  return { ...make("string", sql, at, end, sql.slice(bodyStart, close < 0 ? sql.length : close)), quote: "$" };
}

function quoted(sql: string, at: number, open: number, quote: string, kind: TokenKind): Token {
  let value = "";
  let i = open + 1;
  while (i < sql.length) {
    if (sql[i] === quote) {
      if (sql[i + 1] !== quote) return { ...make(kind, sql, at, i + 1, value), quote };
      i++;
    }
    value += sql[i] ?? "";
    i++;
  }
  return { ...make("bad", sql, at, sql.length, value), quote };
}

function escaped(sql: string, at: number): Token {
  let value = "";
  let i = at + 2;
  while (i < sql.length) {
    if (sql[i] === "\\") {
      value += sql.slice(i, i + 2);
      i += 2;
    } else if (sql[i] === "'" && sql[i + 1] === "'") {
      value += "'";
      i += 2;
    } else if (sql[i] === "'") return { ...make("string", sql, at, i + 1, value), quote: "'" };
    else {
      value += sql[i] ?? "";
      i++;
    }
  }
  return { ...make("bad", sql, at, sql.length, value), quote: "'" };
}

function bracketed(sql: string, at: number): Token {
  const close = sql.indexOf("]", at + 1);
  if (close < 0) return make("bad", sql, at, sql.length, sql.slice(at + 1));
  return { ...make("quoted", sql, at, close + 1, sql.slice(at + 1, close)), quote: "[" };
}

function numberToken(sql: string, at: number): Token {
  const number = /0[xX][0-9a-fA-F_]+|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?/y;
  number.lastIndex = at;
  const match = number.exec(sql);
  const end = at + (match?.[0].length ?? 1);
  return make("number", sql, at, end, sql.slice(at, end));
}

function wordToken(sql: string, at: number): Token {
  let end = at + 1;
  while (end < sql.length && wordPart.test(sql[end] ?? "")) end++;
  return make("word", sql, at, end, sql.slice(at, end).toLowerCase());
}

function sqliteParam(sql: string, at: number): Token {
  let end = at + 1;
  while (end < sql.length && wordPart.test(sql[end] ?? "")) end++;
  return make("param", sql, at, end, sql.slice(at, end));
}

const sqliteOperators = ["->>", "->", "<<", ">>", "<=", ">=", "<>", "!=", "==", "||"];

function operator(sql: string, at: number, dialect: DialectName): Token {
  if (dialect === "sqlite") {
    const long = sqliteOperators.find((op) => sql.startsWith(op, at));
    return make(isSymbol(sql[at]) ? "op" : "bad", sql, at, at + (long?.length ?? 1), long ?? sql[at] ?? "");
  }
  for (const fixed of ["::", ":=", ".."]) {
    if (sql.startsWith(fixed, at)) return make("op", sql, at, at + 2, fixed);
  }
  const run = /[-+*/<>=~!@#%^&|`?]+/y;
  run.lastIndex = at;
  const match = run.exec(sql)?.[0];
  if (match === undefined) return make(isSymbol(sql[at]) ? "op" : "bad", sql, at, at + 1, sql[at] ?? "");
  const text = trimOperator(match);
  return make("op", sql, at, at + text.length, text);
}

/** A comment start ends an operator, and `+`/`-` end one only beside `~ ! @ # % ^ & | ` ?` (PostgreSQL manual, 4.1.3). */
function trimOperator(run: string): string {
  const comment = run.search(/--|\/\*/);
  let text = comment > 0 ? run.slice(0, comment) : run;
  while (text.length > 1 && /[+-]$/.test(text) && !/[~!@#%^&|`?]/.test(text)) text = text.slice(0, -1);
  return text;
}

function isSymbol(c: string | undefined): boolean {
  return c !== undefined && /[-+*/<>=~!@#%^&|?.,;:()[\]{}]/.test(c);
}

function make(kind: TokenKind, sql: string, start: number, end: number, value: string): Token {
  return { kind, text: sql.slice(start, end), value, start, end };
}

/** Index of the first token that starts at or after `offset`, by bisection; `tokens.length` where there is none. */
export function tokenAt(tokens: readonly Token[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The texts between top-level semicolons that hold any token, with where each begins. */
export function splitStatements(
  sql: string,
  tokens: readonly Token[],
): readonly { readonly sql: string; readonly start: number; readonly end: number }[] {
  const parts: { sql: string; start: number; end: number }[] = [];
  let first: Token | undefined;
  let last: Token | undefined;
  const close = () => {
    if (first !== undefined && last !== undefined) {
      parts.push({ sql: sql.slice(first.start, last.end), start: first.start, end: last.end });
    }
    first = undefined;
    last = undefined;
  };
  for (const token of tokens) {
    if (token.kind === "op" && token.value === ";") close();
    else {
      first ??= token;
      last = token;
    }
  }
  close();
  return parts;
}
