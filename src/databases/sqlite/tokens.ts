/**
 * Splits SQLite's SQL into tokens with their places. Pure. Only as much as reading CREATE statements takes: quotes, comments, brackets.
 * Source: https://www.sqlite.org/lang_keywords.html (four ways to quote) and tokenize.c.
 */

export interface Token {
  readonly kind: "word" | "quoted" | "string" | "number" | "punctuation";
  /** A word or number as written; the inside of quotes with doubled quotes undone. */
  readonly text: string;
  /** Words and punctuation in upper case, as keywords are compared; undefined for what no keyword can be. */
  readonly plain?: string;
  readonly start: number;
  readonly end: number;
}

const pattern =
  /\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|("(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])|([xX]?'(?:[^']|'')*')|(\d[\w.]*(?:[eE][+-]?\d+)?|\.\d+)|([\p{L}_\u0080-\uFFFF$@:?][\p{L}\p{N}_$\u0080-\uFFFF]*)|\|\||<=|>=|<>|!=|==|<<|>>|->>?|[\s\S]/gu;

export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (const match of sql.matchAll(pattern)) {
    const [text, quoted, string, number, word] = match;
    const start = match.index;
    const end = start + text.length;
    if (quoted !== undefined) tokens.push({ kind: "quoted", text: unquote(quoted), start, end });
    else if (string !== undefined) tokens.push({ kind: "string", text: unquote(string), start, end });
    else if (number !== undefined) tokens.push({ kind: "number", text, start, end });
    else if (word !== undefined) tokens.push({ kind: "word", text, plain: text.toUpperCase(), start, end });
    else if (!isBlank(text)) tokens.push({ kind: "punctuation", text, plain: text, start, end });
  }
  return tokens;
}

function isBlank(text: string): boolean {
  return text.trim() === "" || text.startsWith("--") || text.startsWith("/*");
}

function unquote(text: string): string {
  const open = text.slice(0, 1);
  const inside = text.slice(1, -1);
  return open === "[" ? inside : inside.replaceAll(open + open, open);
}

/** A cursor over tokens: keywords match words alone, never quoted names. */
export class TokenReader {
  at = 0;
  constructor(
    readonly sql: string,
    readonly tokens: readonly Token[],
  ) {}

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.at + ahead];
  }

  /** Whether the next words are these, in any case. */
  sees(...words: readonly string[]): boolean {
    for (let ahead = 0; ahead < words.length; ahead += 1) {
      if (this.tokens[this.at + ahead]?.plain !== words[ahead]) return false;
    }
    return true;
  }

  /** Steps over these words where they come next. */
  takes(...words: readonly string[]): boolean {
    if (!this.sees(...words)) return false;
    this.at += words.length;
    return true;
  }

  /** A name in any quoting (SQLite takes strings for names too). */
  name(): string {
    const token = this.peek();
    this.at += 1;
    return token?.text ?? "";
  }

  /** The text between the bracket that comes next and its partner, the reader behind it; empty where there is none. */
  bracketed(): string {
    if (!this.takes("(")) return "";
    const from = this.tokens[this.at - 1]?.end ?? 0;
    for (let depth = 1; !this.done; this.at += 1) {
      const token = this.peek();
      if (token?.kind === "punctuation" && token.text === "(") depth += 1;
      if (token?.kind === "punctuation" && token.text === ")") depth -= 1;
      if (depth === 0) {
        this.at += 1;
        return this.sql.slice(from, token?.start).trim();
      }
    }
    return this.sql.slice(from).trim();
  }
}
