/**
 * Other databases' ways of saying things, and ours: recognised in tokens where the text does not even parse, in calls where it does. A proposal is
 * an edit; whether it is right is for the check that it must pass before it is offered. Sources: the manuals of MySQL 8, SQL Server, Oracle.
 */

import type { DialectName } from "../schema/snapshot.js";
import { type Token, tokenize } from "../sql/lexer.js";
import type { Finding } from "./finding.js";
import { callIdiom } from "./idiom-calls.js";
import type { Edit } from "./relation.js";

interface Place {
  readonly sql: string;
  readonly tokens: readonly Token[];
  readonly at: number;
  readonly dialect: DialectName;
}

type Idiom = (place: Place) => { readonly message: string; readonly edits: readonly Edit[] } | undefined;

/** Findings for every foreign idiom that the tokens show. All of them are mended at once. */
export function wrongDialect(sql: string, dialect: DialectName): readonly Finding[] {
  const tokens = tokenize(sql, dialect);
  const findings: Finding[] = [];
  let end = 0;
  tokens.forEach((token, at) => {
    if (token.start < end) return;
    for (const idiom of idioms) {
      const found = idiom({ sql, tokens, at, dialect });
      if (found === undefined) continue;
      const [first] = found.edits;
      end = Math.max(end, first?.end ?? 0);
      const span = { start: token.start, end: Math.max(token.end, first?.end ?? 0) };
      findings.push({ code: "wrong_dialect", severity: "error", message: found.message, span, fixes: [found.edits] });
      return;
    }
  });
  return findings;
}

const idioms: readonly Idiom[] = [
  backticks,
  brackets,
  top,
  limitPair,
  doubleEquals,
  nullSafe,
  castColons,
  ilike,
  fetchFirst,
  doubleAmpersand,
  regexpWord,
  minus,
  fromDual,
  bareInterval,
  joinWithoutCondition,
  calls,
];

const word = (token: Token | undefined, ...values: readonly string[]): boolean =>
  token?.kind === "word" && values.includes(token.value);
const op = (token: Token | undefined, value: string): boolean => token?.kind === "op" && token.value === value;

function backticks({ tokens, at, dialect }: Place) {
  const token = tokens[at];
  if (dialect !== "postgres" || token?.quote !== "`") return undefined;
  return {
    message: "Names are quoted by double quotes, not by backticks.",
    edits: [{ start: token.start, end: token.end, text: quotedName(token.value) }],
  };
}

function quotedName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** `[name]` where no subscript can stand: not after a name, a bracket or a parenthesis, and not in ARRAY[…]. */
function brackets({ sql, tokens, at, dialect }: Place) {
  const open = tokens[at];
  if (dialect !== "postgres" || !op(open, "[") || open === undefined) return undefined;
  const before = tokens[at - 1];
  const subscript =
    before !== undefined &&
    (before.kind === "quoted" ||
      op(before, "]") ||
      op(before, ")") ||
      (before.kind === "word" && !isKeyword(before.value)));
  if (subscript) return undefined;
  let close = at + 1;
  while (close < tokens.length && !op(tokens[close], "]")) close++;
  const end = tokens[close];
  if (end === undefined) return undefined;
  return {
    message: "Names are quoted by double quotes, not by brackets.",
    edits: [{ start: open.start, end: end.end, text: quotedName(sql.slice(open.end, end.start)) }],
  };
}

function isKeyword(value: string): boolean {
  return /^(select|from|where|and|or|on|by|join|as|distinct|having|not|in|then|when|else|case|like|between|is|union|all|order|group|set)$/.test(
    value,
  );
}

/** SELECT TOP n … : LIMIT n at the end of that query. */
function top({ tokens, at }: Place) {
  if (!word(tokens[at], "top")) return undefined;
  const before = tokens[at - 1];
  if (!word(before, "select", "distinct", "all")) return undefined;
  let next = at + 1;
  const open = op(tokens[next], "(");
  if (open) next++;
  const number = tokens[next];
  if (number?.kind !== "number") return undefined;
  if (open) next++;
  const last = tokens[next];
  const end = queryEnd(tokens, next + 1);
  if (last === undefined || end === undefined) return undefined;
  const after = tokens[next + 1];
  const start = tokens[at]?.start ?? 0;
  return {
    message: "TOP is written LIMIT at the end of the query.",
    edits: [
      { start, end: after?.start ?? last.end, text: "" },
      { start: end, end, text: ` LIMIT ${number.text}` },
    ],
  };
}

/** The end of the query that the token at `from` stands in. */
function queryEnd(tokens: readonly Token[], from: number): number | undefined {
  let depth = 0;
  let end: number | undefined;
  for (let i = from; i < tokens.length; i++) {
    const token = tokens[i];
    if (op(token, "(")) depth++;
    if (op(token, ")") && depth-- === 0) return end;
    if (op(token, ";") && depth === 0) return end;
    end = token?.end;
  }
  return end;
}

/** LIMIT offset, count (MySQL; SQLite takes it as well). */
function limitPair({ tokens, at, dialect }: Place) {
  const [limit, first, comma, second] = tokens.slice(at, at + 4);
  if (dialect !== "postgres" || !word(limit, "limit") || !op(comma, ",")) return undefined;
  if (first === undefined || second === undefined) return undefined;
  return {
    message: "LIMIT a, b is written LIMIT b OFFSET a.",
    edits: [{ start: first.start, end: second.end, text: `${second.text} OFFSET ${first.text}` }],
  };
}

function doubleEquals({ tokens, at, dialect }: Place) {
  const token = tokens[at];
  if (dialect !== "postgres" || token?.kind !== "op" || token.value !== "==") return undefined;
  return { message: "Equality is written =.", edits: [{ start: token.start, end: token.end, text: "=" }] };
}

function nullSafe({ tokens, at, dialect }: Place) {
  const token = tokens[at];
  if (dialect === "postgres" ? !op(token, "<=>") : !(op(token, "<=") && op(tokens[at + 1], ">"))) return undefined;
  const end = dialect === "postgres" ? token?.end : tokens[at + 1]?.end;
  const text = dialect === "postgres" ? "IS NOT DISTINCT FROM" : "IS";
  return {
    message: "NULL-safe equality is written IS NOT DISTINCT FROM.",
    edits: [{ start: token?.start ?? 0, end: end ?? 0, text }],
  };
}

/** PostgreSQL's `x::type` in SQLite. Only simple operands: a name, a literal, a call in parentheses. */
function castColons({ sql, tokens, at, dialect }: Place) {
  if (dialect !== "sqlite") return undefined;
  const start = at;
  const end = operandEnd(tokens, at);
  if (end === undefined || !op(tokens[end], ":") || !op(tokens[end + 1], ":"))
    return castParam({ sql, tokens, at, dialect });
  const type = tokens[end + 2];
  if (type?.kind !== "word") return undefined;
  const text = `CAST(${sql.slice(tokens[start]?.start ?? 0, tokens[end - 1]?.end ?? 0)} AS ${sqliteType(type.value)})`;
  return {
    message: "A cast is written CAST(x AS type).",
    edits: [{ start: tokens[start]?.start ?? 0, end: type.end, text }],
  };
}

/** `x::type` is read as `x`, `:`, and the parameter `:type`. */
function castParam({ sql, tokens, at }: Place) {
  const end = operandEnd(tokens, at);
  const type = end === undefined ? undefined : tokens[end + 1];
  if (end === undefined || !op(tokens[end], ":") || type?.kind !== "param" || !type.text.startsWith(":"))
    return undefined;
  const text = `CAST(${sql.slice(tokens[at]?.start ?? 0, tokens[end - 1]?.end ?? 0)} AS ${sqliteType(type.text.slice(1).toLowerCase())})`;
  return {
    message: "A cast is written CAST(x AS type).",
    edits: [{ start: tokens[at]?.start ?? 0, end: type.end, text }],
  };
}

function sqliteType(type: string): string {
  if (/int/.test(type)) return "INTEGER";
  if (/char|text|date|time/.test(type)) return "TEXT";
  return /numeric|decimal/.test(type) ? "NUMERIC" : "REAL";
}

/** Index after a simple operand that starts at `at`: names with dots, a literal, a call or a parenthesis. */
function operandEnd(tokens: readonly Token[], at: number): number | undefined {
  const first = tokens[at];
  if (first === undefined || op(tokens[at - 1], ".")) return undefined;
  let i = at;
  if (first.kind === "word" && isKeyword(first.value)) return undefined;
  if (first.kind === "word" || first.kind === "quoted") {
    i++;
    while (op(tokens[i], ".")) i += 2;
  } else if (first.kind === "string" || first.kind === "number") return at + 1;
  if (!op(tokens[i], "(")) return i === at ? undefined : i;
  let depth = 0;
  for (; i < tokens.length; i++) {
    if (op(tokens[i], "(")) depth++;
    if (op(tokens[i], ")") && --depth === 0) return i + 1;
  }
  return undefined;
}

function ilike({ tokens, at, dialect }: Place) {
  const token = tokens[at];
  if (dialect !== "sqlite" || !word(token, "ilike") || token === undefined) return undefined;
  return {
    message: "SQLite's LIKE ignores case already (ASCII).",
    edits: [{ start: token.start, end: token.end, text: "LIKE" }],
  };
}

function fetchFirst({ tokens, at, dialect }: Place) {
  if (dialect !== "sqlite" || !word(tokens[at], "fetch") || !word(tokens[at + 1], "first", "next")) return undefined;
  const number = tokens[at + 2];
  const count = number?.kind === "number" ? number.text : "1";
  const rows = number?.kind === "number" ? at + 3 : at + 2;
  const only = tokens[rows + 1];
  if (!word(tokens[rows], "row", "rows") || !word(only, "only")) return undefined;
  return {
    message: "FETCH FIRST is written LIMIT.",
    edits: [{ start: tokens[at]?.start ?? 0, end: only?.end ?? 0, text: `LIMIT ${count}` }],
  };
}

function doubleAmpersand({ tokens, at, dialect }: Place) {
  const token = tokens[at];
  if (token === undefined || dialect !== "sqlite" || !op(token, "&") || !op(tokens[at + 1], "&")) return undefined;
  return {
    message: "Conditions are joined by AND.",
    edits: [{ start: token.start, end: tokens[at + 1]?.end ?? token.end, text: "AND" }],
  };
}

function regexpWord({ tokens, at, dialect }: Place) {
  const token = tokens[at];
  if (dialect !== "postgres" || token === undefined || !word(token, "regexp", "rlike")) return undefined;
  const not = word(tokens[at - 1], "not") ? tokens[at - 1] : undefined;
  if (op(tokens[at + 1], "(")) return undefined;
  return {
    message: "A regular expression is matched by ~.",
    edits: [{ start: not?.start ?? token.start, end: token.end, text: not === undefined ? "~" : "!~" }],
  };
}

/** Oracle's set difference. */
function minus({ tokens, at }: Place) {
  const token = tokens[at];
  if (token === undefined || !word(token, "minus") || !word(tokens[at + 1], "select")) return undefined;
  return { message: "MINUS is written EXCEPT.", edits: [{ start: token.start, end: token.end, text: "EXCEPT" }] };
}

function fromDual({ tokens, at }: Place) {
  const [from, dual] = [tokens[at], tokens[at + 1]];
  if (from === undefined || dual === undefined || !word(from, "from") || !word(dual, "dual")) return undefined;
  return {
    message: "A query needs no table: leave FROM dual out.",
    edits: [{ start: from.start, end: dual.end, text: "" }],
  };
}

/** INTERVAL 1 DAY (MySQL). */
function bareInterval({ tokens, at, dialect }: Place) {
  const [interval, number, unit] = tokens.slice(at, at + 3);
  if (dialect !== "postgres" || !word(interval, "interval") || number?.kind !== "number" || unit?.kind !== "word")
    return undefined;
  return {
    message: "An interval is written INTERVAL '1 day'.",
    edits: [{ start: number.start, end: unit.end, text: `'${number.text} ${unit.value}'` }],
  };
}

/** PostgreSQL wants a condition after every JOIN but CROSS and NATURAL; ON true keeps what was written, for the check to judge. */
function joinWithoutCondition({ tokens, at, dialect }: Place) {
  if (dialect !== "postgres" || !word(tokens[at], "join")) return undefined;
  if ([1, 2].some((back) => word(tokens[at - back], "cross", "natural"))) return undefined;
  let depth = 0;
  let end = tokens[at]?.end ?? 0;
  for (let i = at + 1; i < tokens.length; i++) {
    const token = tokens[i];
    if (op(token, "(")) depth++;
    if (op(token, ")") && depth-- === 0) break;
    if (depth === 0 && word(token, "on", "using")) return undefined;
    if (
      depth === 0 &&
      (op(token, ";") ||
        word(
          token,
          "join",
          "left",
          "right",
          "full",
          "inner",
          "cross",
          "natural",
          "where",
          "group",
          "having",
          "order",
          "limit",
          "union",
        ))
    )
      break;
    end = token?.end ?? end;
  }
  return { message: "A JOIN needs its condition: ON …", edits: [{ start: end, end, text: " ON true" }] };
}

/** A call of a foreign function, or a foreign word that is called without parentheses. */
function calls({ sql, tokens, at, dialect }: Place) {
  const name = tokens[at];
  if (name?.kind !== "word" || op(tokens[at - 1], ".")) return undefined;
  const open = op(tokens[at + 1], "(");
  const close = open ? operandEnd(tokens, at) : undefined;
  if (open && close === undefined) return undefined;
  const args = open ? splitArguments(sql, tokens, at + 2, (close ?? 0) - 1) : undefined;
  const text = callIdiom(name.value, args, dialect);
  if (text === undefined) return undefined;
  const end = close === undefined ? name.end : (tokens[close - 1]?.end ?? name.end);
  return {
    message: `${name.text.toUpperCase()} is written ${text.slice(0, 60)}.`,
    edits: [{ start: name.start, end, text }],
  };
}

/** The texts between the commas of an argument list. */
function splitArguments(sql: string, tokens: readonly Token[], from: number, to: number): readonly string[] {
  const args: string[] = [];
  let depth = 0;
  let start = from;
  const push = (end: number) => {
    if (end > start) args.push(sql.slice(tokens[start]?.start ?? 0, tokens[end - 1]?.end ?? 0));
    start = end + 1;
  };
  for (let i = from; i < to; i++) {
    if (op(tokens[i], "(")) depth++;
    if (op(tokens[i], ")")) depth--;
    if (depth === 0 && op(tokens[i], ",")) push(i);
  }
  push(to);
  return args;
}
