/**
 * The small language of glossary metrics: aggregates over columns, arithmetic, CASE, a few functions, other metrics in braces.
 * Parses to a tree; knows no schema. Anything outside the language is an issue, never passed through.
 */

import { error, fail, ok, placeIn, type Result } from "../issue.js";

export type Expression =
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "null" }
  | { readonly kind: "name"; readonly ref: string }
  | { readonly kind: "metric"; readonly name: string }
  | { readonly kind: "star" }
  | {
      readonly kind: "call";
      readonly name: string;
      readonly distinct: boolean;
      readonly args: readonly Expression[];
    }
  | { readonly kind: "unary"; readonly op: "-" | "not"; readonly operand: Expression }
  | { readonly kind: "is_null"; readonly operand: Expression; readonly negated: boolean }
  | { readonly kind: "binary"; readonly op: string; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: "case";
      readonly branches: readonly { readonly when: Expression; readonly result: Expression }[];
      readonly otherwise: Expression | undefined;
    };

export const aggregateNames: ReadonlySet<string> = new Set(["sum", "avg", "min", "max", "count", "median"]);
const scalarNames: ReadonlySet<string> = new Set(["abs", "round", "coalesce", "nullif", "lower", "upper", "length"]);

const binding: ReadonlyMap<string, number> = new Map([
  ["or", 1],
  ["and", 2],
  ...["=", "!=", "<>", "<", "<=", ">", ">="].map((op): [string, number] => [op, 4]),
  ["+", 5],
  ["-", 5],
  ["*", 6],
  ["/", 6],
]);

interface Token {
  readonly kind: "number" | "text" | "word" | "metric" | "sign" | "end";
  readonly text: string;
  readonly offset: number;
}

/** The tree of a metric's expression, or `invalid_argument` with the place. */
export function parseExpression(text: string): Result<Expression> {
  try {
    const parser = new Parser(tokens(text));
    const tree = parser.expression(0);
    parser.end();
    return ok(tree);
  } catch (thrown) {
    if (!(thrown instanceof Misread)) throw thrown;
    const at = placeIn(text, thrown.token.offset, Math.max(1, thrown.token.text.length));
    return fail(error("invalid_argument", `The expression cannot be read: ${thrown.message}`, { at }));
  }
}

/** Every expression below (and with) `root`. */
export function* walk(root: Expression): Generator<Expression> {
  yield root;
  for (const child of childrenOf(root)) yield* walk(child);
}

function childrenOf(e: Expression): readonly Expression[] {
  switch (e.kind) {
    case "call":
      return e.args;
    case "unary":
    case "is_null":
      return [e.operand];
    case "binary":
      return [e.left, e.right];
    case "case":
      return [...e.branches.flatMap((b) => [b.when, b.result]), ...(e.otherwise === undefined ? [] : [e.otherwise])];
    default:
      return [];
  }
}

class Misread extends Error {
  constructor(
    message: string,
    readonly token: Token,
  ) {
    super(message);
  }
}

const tokenPattern =
  /\s*(?:(\d+(?:\.\d+)?|\.\d+)|'((?:[^']|'')*)'|\{([^{}]+)\}|((?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_]*)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_]*))*)|(<>|!=|<=|>=|[-+*/=<>(),]))/uy;

function tokens(text: string): readonly Token[] {
  const list: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== "") {
    tokenPattern.lastIndex = at;
    const m = tokenPattern.exec(text);
    if (m === null) {
      const offset = at + (text.slice(at).length - text.slice(at).trimStart().length);
      throw new Misread("an unknown sign", { kind: "sign", text: text.charAt(offset), offset });
    }
    const offset = tokenPattern.lastIndex - m[0].trimStart().length;
    if (m[1] !== undefined) list.push({ kind: "number", text: m[1], offset });
    else if (m[2] !== undefined) list.push({ kind: "text", text: m[2].replaceAll("''", "'"), offset });
    else if (m[3] !== undefined) list.push({ kind: "metric", text: m[3].trim(), offset });
    else if (m[4] !== undefined) list.push({ kind: "word", text: m[4], offset });
    else list.push({ kind: "sign", text: m[5] ?? "", offset });
    at = tokenPattern.lastIndex;
  }
  list.push({ kind: "end", text: "", offset: text.length });
  return list;
}

/** Precedence climbing over the token list. */
class Parser {
  private at = 0;
  private depth = 0;
  constructor(private readonly list: readonly Token[]) {}

  expression(least: number): Expression {
    if (++this.depth > 100) throw new Misread("nested too deeply", this.peek());
    let left = this.operand();
    for (;;) {
      if (this.word("is")) {
        const negated = this.word("not");
        this.needWord("null");
        left = { kind: "is_null", operand: left, negated };
        continue;
      }
      const op = this.peek().text.toLowerCase();
      const power = this.peek().kind === "sign" || this.peek().kind === "word" ? binding.get(op) : undefined;
      if (power === undefined || power < least) break;
      this.at++;
      left = { kind: "binary", op: op === "!=" ? "<>" : op, left, right: this.expression(power + 1) };
    }
    this.depth--;
    return left;
  }

  end(): void {
    if (this.peek().kind !== "end") throw new Misread(`"${this.peek().text}" is not expected here`, this.peek());
  }

  private operand(): Expression {
    const token = this.next();
    if (token.kind === "number") return { kind: "number", text: token.text };
    if (token.kind === "text") return { kind: "text", value: token.text };
    if (token.kind === "metric") return { kind: "metric", name: token.text };
    if (token.kind === "sign" && token.text === "-") return { kind: "unary", op: "-", operand: this.expression(7) };
    if (token.kind === "sign" && token.text === "(") {
      const inner = this.expression(0);
      this.need(")");
      return inner;
    }
    if (token.kind === "word") return this.wordOperand(token);
    throw new Misread(token.kind === "end" ? "it ends too early" : `"${token.text}" is not expected here`, token);
  }

  private wordOperand(token: Token): Expression {
    const word = token.text.toLowerCase();
    if (word === "null") return { kind: "null" };
    if (word === "not") return { kind: "unary", op: "not", operand: this.expression(3) };
    if (word === "case") return this.caseOf();
    if (this.peek().text !== "(") return { kind: "name", ref: token.text };
    if (!aggregateNames.has(word) && !scalarNames.has(word))
      throw new Misread(`no function "${token.text}" here`, token);
    this.need("(");
    const distinct = this.word("distinct");
    const args: Expression[] = [];
    if (this.peek().text === "*") {
      this.at++;
      args.push({ kind: "star" });
    } else {
      do args.push(this.expression(0));
      while (this.sign(","));
    }
    this.need(")");
    return { kind: "call", name: word, distinct, args };
  }

  private caseOf(): Expression {
    const branches: { when: Expression; result: Expression }[] = [];
    while (this.word("when")) {
      const when = this.expression(0);
      this.needWord("then");
      branches.push({ when, result: this.expression(0) });
    }
    if (branches.length === 0) throw new Misread("CASE needs WHEN", this.peek());
    const otherwise = this.word("else") ? this.expression(0) : undefined;
    this.needWord("end");
    return { kind: "case", branches, otherwise };
  }

  private peek(): Token {
    return this.list[Math.min(this.at, this.list.length - 1)] as Token;
  }

  private next(): Token {
    const token = this.peek();
    this.at++;
    return token;
  }

  private sign(text: string): boolean {
    if (this.peek().kind !== "sign" || this.peek().text !== text) return false;
    this.at++;
    return true;
  }

  private word(text: string): boolean {
    if (this.peek().kind !== "word" || this.peek().text.toLowerCase() !== text) return false;
    this.at++;
    return true;
  }

  private need(text: string): void {
    if (!this.sign(text)) throw new Misread(`"${text}" is missing`, this.peek());
  }

  private needWord(text: string): void {
    if (!this.word(text)) throw new Misread(`${text.toUpperCase()} is missing`, this.peek());
  }
}
