/** A place in SQLite's token stream, and the words that may not be names there. Only for the SQLite grammar beside it. */

import { type Token, tokenize } from "./lexer.js";
import type { Name, Query, Span } from "./tree.js";

/** A statement outside the grammar; `span` is the token that did not fit. Caught at the door. */
export class GrammarFault extends Error {
  override readonly name = "GrammarFault";
  readonly span: Span;

  constructor(message: string, span: Span) {
    super(message);
    this.span = span;
  }
}

/** Words that never name anything unquoted. Source: the tokens without %fallback in SQLite's parse.y. */
const reserved = new Set(
  `add all alter and as autoincrement between case check collate commit constraint create default deferrable delete distinct drop else
  escape except exists foreign from group having in index insert intersect into is isnull join limit not nothing notnull null on or order
  primary references returning select set table then to transaction union unique update using values when where`.split(
    /\s+/,
  ),
);
const joinWords = new Set(["cross", "full", "inner", "left", "natural", "outer", "right"]);

/** Nesting beyond this is refused, not parsed: SQLite's own SQLITE_MAX_EXPR_DEPTH. */
const maxDepth = 1000;

export class Cursor {
  private at = 0;
  private depth = 0;
  readonly tokens: readonly Token[];

  constructor(
    readonly sql: string,
    /** Parses a query at the cursor: given from outside, since expressions and queries hold one another. */
    readonly parseQuery: (cursor: Cursor) => Query,
  ) {
    this.tokens = tokenize(sql, "sqlite");
  }

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.at + ahead];
  }

  next(): Token {
    const token = this.tokens[this.at];
    if (token === undefined) throw new GrammarFault("The statement ends too early.", this.endSpan());
    this.at++;
    return token;
  }

  /** The end of the last token taken. */
  lastEnd(): number {
    return this.tokens[this.at - 1]?.end ?? 0;
  }

  here(): number {
    return this.peek()?.start ?? this.sql.length;
  }

  isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token?.kind === "word" && token.value === word;
  }

  isOp(op: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token?.kind === "op" && token.value === op;
  }

  takeWord(...words: readonly string[]): boolean {
    for (let i = 0; i < words.length; i++) if (!this.isWord(words[i] ?? "", i)) return false;
    this.at += words.length;
    return true;
  }

  takeOp(op: string): boolean {
    if (!this.isOp(op)) return false;
    this.at++;
    return true;
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) this.unexpected(word.toUpperCase());
  }

  expectOp(op: string): void {
    if (!this.takeOp(op)) this.unexpected(`"${op}"`);
  }

  unexpected(wanted: string): never {
    const token = this.peek();
    if (token === undefined) throw new GrammarFault(`The statement ends where ${wanted} is expected.`, this.endSpan());
    throw new GrammarFault(`Unexpected ${JSON.stringify(token.text.slice(0, 40))} where ${wanted} is expected.`, token);
  }

  /** A name where the grammar wants one: a word, a quoted name, or (SQLite's leniency) a string. */
  name(what: string): Name {
    const token = this.peek();
    if (token !== undefined && this.isName(0, true)) {
      this.at++;
      return nameOf(token);
    }
    return this.unexpected(what);
  }

  isName(ahead = 0, allowJoinWords = false): boolean {
    const token = this.peek(ahead);
    if (token === undefined) return false;
    if (token.kind === "quoted" || token.kind === "string") return true;
    return token.kind === "word" && !reserved.has(token.value) && (allowJoinWords || !joinWords.has(token.value));
  }

  /** `AS name`, or a bare name that cannot be the start of what follows. */
  alias(): Name | undefined {
    if (this.takeWord("as")) return this.name("a name");
    if (!this.isName()) return undefined;
    if (this.isWord("indexed") && this.isWord("by", 1)) return undefined;
    if (this.isWord("window") && this.isName(1) && this.isWord("as", 2)) return undefined;
    if ((this.isWord("limit") || this.isWord("offset")) && this.peek()?.kind === "word") return undefined;
    return this.name("a name");
  }

  names(): readonly Name[] {
    const names: Name[] = [];
    this.expectOp("(");
    do names.push(this.name("a name"));
    while (this.takeOp(","));
    this.expectOp(")");
    return names;
  }

  /** Runs `parse` one level deeper; too deep is a fault, so that no text can exhaust the stack. */
  deeper<T>(parse: () => T): T {
    if (++this.depth > maxDepth)
      throw new GrammarFault(`Nested deeper than ${maxDepth}.`, this.peek() ?? this.endSpan());
    const value = parse();
    this.depth--;
    return value;
  }

  private endSpan(): Span {
    return { start: this.sql.length, end: this.sql.length };
  }
}

export function nameOf(token: Token): Name {
  return {
    text: token.kind === "word" ? token.text : token.value,
    span: { start: token.start, end: token.end },
    quoted: token.kind !== "word",
  };
}
