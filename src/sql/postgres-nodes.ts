/** Reading libpg-query's JSON tree: members by name, offsets from UTF-8 bytes to UTF-16 units, places from tokens. Knows no meaning. */

import { type Token, tokenAt, tokenize } from "./lexer.js";
import type { Name, Span } from "./tree.js";

/** A node's members, or `{ Tag: members }` where the tree wraps them. */
export type Raw = Readonly<Record<string, unknown>>;

/** The tag and members of a wrapped node. An empty node (a hole in a list) has the tag "". */
export function unwrap(node: unknown): readonly [string, Raw] {
  const entry = Object.entries((node ?? {}) as Raw)[0];
  return entry === undefined ? ["", {}] : [entry[0], (entry[1] ?? {}) as Raw];
}

export function listOf(raw: Raw, member: string): readonly unknown[] {
  const value = raw[member];
  return Array.isArray(value) ? value : [];
}

export function textOf(raw: Raw, member: string): string {
  const value = raw[member];
  return typeof value === "string" ? value : "";
}

export function rawOf(raw: Raw, member: string): Raw | undefined {
  const value = raw[member];
  return value !== null && typeof value === "object" ? (value as Raw) : undefined;
}

/** A number; 0 where it is absent, since the JSON leaves zeros out. */
export function numberOf(raw: Raw, member: string): number {
  const value = raw[member];
  return typeof value === "number" ? value : 0;
}

/** The strings of a list of String nodes. */
export function stringsOf(raw: Raw, member: string): readonly string[] {
  return listOf(raw, member).map((n) => textOf(unwrap(n)[1], "sval"));
}

/** A text with its tokens, its pairs of parentheses, and where the parser's byte offsets fall. */
export class Source {
  readonly tokens: readonly Token[];
  /** For each parenthesis or bracket token the index of its partner, else -1. */
  readonly partner: Int32Array;
  private readonly units: Uint32Array | undefined;

  constructor(readonly sql: string) {
    this.tokens = tokenize(sql, "postgres");
    this.partner = pairParentheses(this.tokens);
    this.units = unitsByByte(sql);
  }

  /** The UTF-16 offset of a node's `location`; undefined where the parser gives none. Absent means 0: the JSON leaves zeros out. */
  offset(raw: Raw, member = "location"): number | undefined {
    const value = raw[member];
    if (value === undefined) return 0;
    if (typeof value !== "number" || value < 0) return undefined;
    return this.fromByte(value);
  }

  fromByte(byte: number): number {
    return this.units === undefined ? byte : (this.units[byte] ?? this.sql.length);
  }

  /** Index of the token at or after an offset. */
  index(offset: number): number {
    return tokenAt(this.tokens, offset);
  }

  isOp(index: number, op: string): boolean {
    const token = this.tokens[index];
    return token?.kind === "op" && token.value === op;
  }

  isWord(index: number, word: string): boolean {
    const token = this.tokens[index];
    return token?.kind === "word" && token.value === word;
  }

  tokenSpan(index: number): Span {
    const token = this.tokens[Math.min(index, this.tokens.length - 1)];
    return token === undefined ? { start: 0, end: 0 } : { start: token.start, end: token.end };
  }

  /** Names of `texts` written with dots from `offset` on; the whole falls on the first token where they are written otherwise. */
  path(texts: readonly string[], offset: number | undefined): readonly Name[] {
    let at = offset === undefined ? -1 : this.index(offset);
    return texts.map((text) => {
      const token = this.tokens[at];
      const span =
        token === undefined ? { start: offset ?? 0, end: offset ?? 0 } : { start: token.start, end: token.end };
      const quoted = token?.kind === "quoted";
      if (this.isOp(at + 1, ".")) at += 2;
      return { text, span, quoted };
    });
  }
}

function pairParentheses(tokens: readonly Token[]): Int32Array {
  const partner = new Int32Array(tokens.length).fill(-1);
  const open: number[] = [];
  tokens.forEach((token, i) => {
    if (token.kind !== "op") return;
    if (token.value === "(" || token.value === "[") open.push(i);
    else if (token.value === ")" || token.value === "]") {
      const start = open.pop();
      if (start === undefined) return;
      partner[start] = i;
      partner[i] = start;
    }
  });
  return partner;
}

/** UTF-16 offset by UTF-8 byte; undefined for plain ASCII, where they are the same. */
function unitsByByte(sql: string): Uint32Array | undefined {
  const size = Buffer.byteLength(sql, "utf8");
  if (size === sql.length) return undefined;
  const units = new Uint32Array(size + 1);
  let byte = 0;
  for (let unit = 0; unit < sql.length; ) {
    const code = sql.codePointAt(unit) ?? 0;
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    units.fill(unit, byte, byte + bytes);
    byte += bytes;
    unit += code > 0xffff ? 2 : 1;
  }
  units[size] = sql.length;
  return units;
}
