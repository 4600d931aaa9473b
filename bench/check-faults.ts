/** One fault put into a right statement, and the name or text that was right. Deterministic: a fault comes from its seed alone. */

import type { DialectName, SchemaSnapshot } from "../src/schema/snapshot.js";
import { type Token, tokenize } from "../src/sql/lexer.js";

export interface Fault {
  readonly kind: string;
  readonly sql: string;
  /** The right name, where a name was made wrong. */
  readonly right?: string;
}

/** A random number in [0, 1) from a seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Every kind of fault that the statement has room for, one of each. */
export function faultsOf(sql: string, snapshot: SchemaSnapshot, seed: number): readonly Fault[] {
  const next = random(seed);
  const tokens = tokenize(sql, snapshot.dialect);
  const kinds = [
    misspeltColumn,
    misspeltTable,
    wrongTable,
    wrongQualifier,
    missingGroupBy,
    missingCondition,
    typeClash,
    extraStatement,
    misspeltFunction,
  ];
  return kinds.flatMap((kind) => kind(sql, tokens, snapshot, next) ?? []);
}

type Maker = (sql: string, tokens: readonly Token[], snapshot: SchemaSnapshot, next: () => number) => Fault | undefined;

const pick = <T>(items: readonly T[], next: () => number): T | undefined => items[Math.floor(next() * items.length)];

function replaced(sql: string, token: { readonly start: number; readonly end: number }, text: string): string {
  return sql.slice(0, token.start) + text + sql.slice(token.end);
}

/** A slip of the pen: two letters swapped, one left out, doubled or changed. */
function misspell(name: string, next: () => number): string {
  const at = 1 + Math.floor(next() * Math.max(1, name.length - 2));
  const how = Math.floor(next() * 4);
  if (how === 0) return name.slice(0, at) + (name[at + 1] ?? "") + (name[at] ?? "") + name.slice(at + 2);
  if (how === 1) return name.slice(0, at) + name.slice(at + 1);
  if (how === 2) return name.slice(0, at) + (name[at] ?? "") + name.slice(at);
  return name.slice(0, at) + "x" + name.slice(at + 1);
}

const columnNames = (s: SchemaSnapshot): ReadonlySet<string> =>
  new Set(s.tables.flatMap((t) => t.columns.map((c) => c.name.toLowerCase())));
const tableNames = (s: SchemaSnapshot): ReadonlySet<string> => new Set(s.tables.map((t) => t.name.toLowerCase()));
const isWord = (t: Token | undefined): t is Token => t?.kind === "word";
const isOp = (t: Token | undefined, op: string): boolean => t?.kind === "op" && t.value === op;

const misspeltColumn: Maker = (sql, tokens, snapshot, next) => {
  const [columns, tables] = [columnNames(snapshot), tableNames(snapshot)];
  const words = tokens.filter(
    (t, i) =>
      isWord(t) &&
      t.value.length >= 4 &&
      columns.has(t.value) &&
      !tables.has(t.value) &&
      !isOp(tokens[i + 1], ".") &&
      !isOp(tokens[i + 1], "("),
  );
  const token = pick(words, next);
  const wrong = token && misspell(token.text, next);
  return token === undefined || wrong === undefined || columns.has(wrong.toLowerCase())
    ? undefined
    : { kind: "misspelt column", sql: replaced(sql, token, wrong), right: token.value };
};

function tableTokens(tokens: readonly Token[], snapshot: SchemaSnapshot): readonly Token[] {
  const tables = tableNames(snapshot);
  return tokens.filter((t, i) => isWord(t) && tables.has(t.value) && /^(from|join)$/.test(tokens[i - 1]?.value ?? ""));
}

const misspeltTable: Maker = (sql, tokens, snapshot, next) => {
  const token = pick(
    tableTokens(tokens, snapshot).filter((t) => t.value.length >= 4),
    next,
  );
  const wrong = token && misspell(token.text, next);
  return token === undefined || wrong === undefined || tableNames(snapshot).has(wrong.toLowerCase())
    ? undefined
    : { kind: "misspelt table", sql: replaced(sql, token, wrong), right: token.value };
};

const wrongTable: Maker = (sql, tokens, snapshot, next) => {
  const token = pick(tableTokens(tokens, snapshot), next);
  const other = pick(
    snapshot.tables.filter((t) => t.name.toLowerCase() !== token?.value && /^\w+$/.test(t.name)),
    next,
  );
  return token === undefined || other === undefined
    ? undefined
    : { kind: "wrong table", sql: replaced(sql, token, other.name) };
};

const wrongQualifier: Maker = (sql, tokens, _snapshot, next) => {
  const qualifiers = tokens.filter((t, i) => isWord(t) && isOp(tokens[i + 1], ".") && !isOp(tokens[i - 1], "."));
  const token = pick(qualifiers, next);
  const other = pick(
    qualifiers.filter((t) => t.value !== token?.value),
    next,
  );
  return token === undefined || other === undefined
    ? undefined
    : { kind: "wrong qualifier", sql: replaced(sql, token, other.text) };
};

const missingGroupBy: Maker = (sql, tokens) => {
  const at = tokens.findIndex((t, i) => isWord(t) && t.value === "group" && tokens[i + 1]?.value === "by");
  const ends = tokens.findIndex(
    (t, i) => i > at && (/^(having|order|limit|union|intersect|except)$/.test(t.value) || isOp(t, ")")),
  );
  const start = tokens[at]?.start;
  const selected = sql.slice(0, start).toLowerCase();
  if (
    start === undefined ||
    !/(count|sum|avg)\s*\(/.test(selected) ||
    tokens.filter((t) => t.value === "select").length > 1
  )
    return undefined;
  return { kind: "missing group by", sql: sql.slice(0, start) + (ends < 0 ? "" : sql.slice(tokens[ends]?.start)) };
};

const missingCondition: Maker = (sql, tokens) => {
  const at = tokens.findIndex((t) => isWord(t) && t.value === "on");
  if (at < 0) return undefined;
  const ends = tokens.findIndex(
    (t, i) =>
      i > at &&
      (/^(join|left|inner|where|group|having|order|limit|union|intersect|except)$/.test(t.value) || isOp(t, ")")),
  );
  const joins = tokens.filter((t) => t.value === "join").length;
  return joins === 1
    ? {
        kind: "missing join condition",
        sql: `${sql.slice(0, tokens[at]?.start)} ${ends < 0 ? "" : sql.slice(tokens[ends]?.start)}`,
      }
    : undefined;
};

/** A value or an operator of another type than the column's: what PostgreSQL refuses and other databases let pass. */
const typeClash: Maker = (sql, tokens, snapshot, next) => {
  if (snapshot.dialect === ("sqlite" satisfies DialectName)) return undefined;
  const compares = (t: Token | undefined) => t?.kind === "op" && /^(=|<|>|<=|>=|<>)$/.test(t.value);
  const edits = tokens.flatMap(
    (t, i): readonly { readonly start: number; readonly end: number; readonly text: string }[] => {
      if (t.kind === "string" && compares(tokens[i - 1])) {
        if (/^\d+$/.test(t.value)) return [{ start: t.start, end: t.end, text: t.value }];
        if (/^\d{4}-\d\d-\d\d$/.test(t.value))
          return [{ start: t.start, end: t.end, text: t.value.replaceAll("-", "") }];
      }
      if (isWord(t) && /^(true|false)$/.test(t.value) && compares(tokens[i - 1]))
        return [{ start: t.start, end: t.end, text: t.value === "true" ? "1" : "0" }];
      if (isOp(t, "||")) return [{ start: t.start, end: t.end, text: "+" }];
      return [];
    },
  );
  const edit = pick(edits, next);
  return edit === undefined ? undefined : { kind: "type clash", sql: replaced(sql, edit, edit.text) };
};

const extraStatement: Maker = (sql) => ({ kind: "extra statement", sql: `${sql.replace(/;\s*$/, "")}; SELECT 1` });

const misspeltFunction: Maker = (sql, tokens, _snapshot, next) => {
  const functions = tokens.filter(
    (t, i) =>
      isWord(t) &&
      isOp(tokens[i + 1], "(") &&
      /^(count|sum|avg|max|min|lower|upper|round|coalesce|substr|extract)$/.test(t.value),
  );
  const token = pick(functions, next);
  const wrong = token && misspell(token.text, next);
  return token === undefined || wrong === undefined || wrong.toLowerCase() === token.value
    ? undefined
    : { kind: "misspelt function", sql: replaced(sql, token, wrong), right: token.value };
};
