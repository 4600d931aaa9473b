/**
 * SQLite's expressions by precedence climbing. Source: "SQL Language Expressions", sqlite.org/lang_expr.html, and its operator table.
 * The engine decides what is valid; this yields the tree and its places.
 */

import { type Cursor, nameOf } from "./sqlite-cursor.js";
import type { CaseExpr, Expr, Name, OrderItem, Span, WindowSpec } from "./tree.js";

const binaryPower: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  "=": 4,
  "==": 4,
  "<>": 4,
  "!=": 4,
  is: 4,
  in: 4,
  like: 4,
  glob: 4,
  regexp: 4,
  match: 4,
  between: 4,
  isnull: 4,
  notnull: 4,
  not: 4,
  "<": 5,
  "<=": 5,
  ">": 5,
  ">=": 5,
  "&": 7,
  "|": 7,
  "<<": 7,
  ">>": 7,
  "+": 8,
  "-": 8,
  "*": 9,
  "/": 9,
  "%": 9,
  "||": 10,
  "->": 10,
  "->>": 10,
  collate: 11,
};
const notPower = 3;
const unaryPower = 12;

export function parseExpr(cursor: Cursor, minPower = 0): Expr {
  return cursor.deeper(() => {
    let left = prefix(cursor);
    for (;;) {
      const token = cursor.peek();
      if (token === undefined || (token.kind !== "op" && token.kind !== "word")) return left;
      const power = binaryPower[token.value];
      if (power === undefined || power <= minPower) return left;
      const more = infix(cursor, left, token.value, power);
      if (more === undefined) return left;
      left = more;
    }
  });
}

function prefix(cursor: Cursor): Expr {
  const token = cursor.peek();
  if (token?.kind === "op" && (token.value === "-" || token.value === "+" || token.value === "~")) {
    cursor.next();
    const arg = parseExpr(cursor, unaryPower - 1);
    return { type: "operator", op: token.value, opSpan: token, args: [arg], span: span(token.start, arg.span.end) };
  }
  if (cursor.isWord("not")) {
    const not = cursor.next();
    const arg = parseExpr(cursor, notPower - 1);
    return { type: "operator", op: "not", opSpan: not, args: [arg], span: span(not.start, arg.span.end) };
  }
  return primary(cursor);
}

function infix(cursor: Cursor, left: Expr, op: string, power: number): Expr | undefined {
  const token = cursor.peek();
  if (token === undefined) return undefined;
  const at = span(token.start, token.end);
  if (op === "not") {
    const after = cursor.peek(1);
    if (after?.kind !== "word") return undefined;
    if (after.value === "null") {
      cursor.next();
      cursor.next();
      return unary("is not null", left, span(token.start, after.end));
    }
    if (!["in", "like", "glob", "regexp", "match", "between"].includes(after.value)) return undefined;
    cursor.next();
    return negatable(cursor, left, after.value, true, power);
  }
  if (op === "isnull" || op === "notnull") {
    cursor.next();
    return unary(op === "isnull" ? "is null" : "is not null", left, at);
  }
  if (op === "collate") {
    cursor.next();
    const name = cursor.name("a collation");
    return { type: "other", what: `collate ${name.text}`, args: [left], span: span(left.span.start, name.span.end) };
  }
  if (op === "is") return isOperator(cursor, left, power);
  if (["in", "like", "glob", "regexp", "match", "between"].includes(op))
    return negatable(cursor, left, op, false, power);
  cursor.next();
  const right = parseExpr(cursor, power);
  const plain = op === "==" ? "=" : op === "!=" ? "<>" : op;
  return { type: "operator", op: plain, opSpan: at, args: [left, right], span: span(left.span.start, right.span.end) };
}

function isOperator(cursor: Cursor, left: Expr, power: number): Expr {
  const is = cursor.next();
  const not = cursor.takeWord("not");
  const distinct = cursor.takeWord("distinct", "from");
  const opSpan = span(is.start, cursor.lastEnd());
  const right = parseExpr(cursor, power);
  const whole = span(left.span.start, right.span.end);
  if (!distinct && right.type === "literal" && right.kind === "null") {
    return { type: "operator", op: not ? "is not null" : "is null", opSpan, args: [left], span: whole };
  }
  // In SQLite `a IS b` is `a IS NOT DISTINCT FROM b` (lang_expr.html, "The IS and IS NOT operators").
  const same = distinct === not;
  return {
    type: "operator",
    op: same ? "is not distinct from" : "is distinct from",
    opSpan,
    args: [left, right],
    span: whole,
  };
}

/** What may stand after NOT: IN, LIKE and its kin, BETWEEN. */
function negatable(cursor: Cursor, left: Expr, op: string, not: boolean, power: number): Expr {
  const word = cursor.next();
  if (op === "in") return inExpr(cursor, left, not);
  const opSpan = span(word.start, word.end);
  // The lower bound runs up to its AND, whatever stands before that.
  const first = parseExpr(cursor, op === "between" ? binaryPower["and"] : power);
  const args: Expr[] = [left, first];
  if (op === "between") {
    cursor.expectWord("and");
    args.push(parseExpr(cursor, power));
  } else if (cursor.takeWord("escape")) args.push(parseExpr(cursor, power));
  const whole = span(left.span.start, cursor.lastEnd());
  return { type: "operator", op: not ? `not ${op}` : op, opSpan, args, span: whole };
}

function inExpr(cursor: Cursor, left: Expr, not: boolean): Expr {
  const done = (list: readonly Expr[], query?: ReturnType<Cursor["parseQuery"]>): Expr => ({
    type: "in",
    not,
    left,
    list,
    span: span(left.span.start, cursor.lastEnd()),
    ...(query === undefined ? {} : { query }),
  });
  if (cursor.takeOp("(")) {
    if (startsQuery(cursor)) {
      const query = cursor.parseQuery(cursor);
      cursor.expectOp(")");
      return done([], query);
    }
    const list: Expr[] = [];
    if (!cursor.isOp(")")) list.push(...expressions(cursor));
    cursor.expectOp(")");
    return done(list);
  }
  // `x IN table`: all rows of a table with one column.
  const path = [cursor.name("a table")];
  while (cursor.takeOp(".")) path.push(cursor.name("a table"));
  const whole = span(path[0]?.span.start ?? 0, cursor.lastEnd());
  const query = wholeTable(path, whole);
  return done([], query);
}

function wholeTable(path: readonly Name[], at: Span): ReturnType<Cursor["parseQuery"]> {
  return {
    type: "query",
    span: at,
    recursive: false,
    ctes: [],
    orderBy: [],
    body: {
      type: "select",
      span: at,
      distinct: false,
      distinctOn: [],
      items: [{ expr: { type: "star", span: at, qualifier: [] } }],
      from: [{ type: "table", span: at, path, columnAliases: [] }],
      groupBy: [],
      groupingSets: false,
      windows: [],
    },
  };
}

/** Whether a query starts here; an open parenthesis starts an expression (SQLite knows no parenthesised arms). */
export function startsQuery(cursor: Cursor): boolean {
  if (cursor.isWord("with")) return cursor.isName(1) || cursor.isWord("recursive", 1);
  return cursor.isWord("select") || cursor.isWord("values");
}

function primary(cursor: Cursor): Expr {
  const token = cursor.peek();
  if (token === undefined) return cursor.unexpected("an expression");
  const at = span(token.start, token.end);
  if (token.kind === "number" || token.kind === "string" || token.kind === "blob") {
    cursor.next();
    return { type: "literal", kind: token.kind, text: token.value, span: at };
  }
  if (token.kind === "param") {
    cursor.next();
    return { type: "param", name: token.text, span: at };
  }
  if (cursor.isOp("(")) return parenthesised(cursor);
  if (token.kind === "word") {
    const keyword = keywordPrimary(cursor, token.value, at);
    if (keyword !== undefined) return keyword;
  }
  if (cursor.isName(0, true)) return nameOrCall(cursor);
  return cursor.unexpected("an expression");
}

function keywordPrimary(cursor: Cursor, word: string, at: Span): Expr | undefined {
  if (word === "null") {
    cursor.next();
    return { type: "literal", kind: "null", text: "", span: at };
  }
  if ((word === "true" || word === "false") && !cursor.isOp(".", 1) && !cursor.isOp("(", 1)) {
    cursor.next();
    return { type: "literal", kind: "boolean", text: word, span: at };
  }
  if (/^current_(date|time|timestamp)$/.test(word) && !cursor.isOp(".", 1)) {
    cursor.next();
    return call([{ text: word, span: at, quoted: false }], [], at);
  }
  if (word === "case") return caseExpr(cursor);
  if (word === "cast" && cursor.isOp("(", 1)) return castExpr(cursor);
  if (word === "exists" && cursor.isOp("(", 1)) {
    cursor.next();
    cursor.expectOp("(");
    const query = cursor.parseQuery(cursor);
    cursor.expectOp(")");
    return { type: "subquery", kind: "exists", query, span: span(at.start, cursor.lastEnd()) };
  }
  return undefined;
}

function parenthesised(cursor: Cursor): Expr {
  const open = cursor.next();
  if (startsQuery(cursor)) {
    const query = cursor.parseQuery(cursor);
    cursor.expectOp(")");
    return { type: "subquery", kind: "scalar", query, span: span(open.start, cursor.lastEnd()) };
  }
  const items = expressions(cursor);
  cursor.expectOp(")");
  const whole = span(open.start, cursor.lastEnd());
  const [only] = items;
  if (items.length === 1 && only !== undefined) return { ...only, span: whole };
  return { type: "other", what: "row", args: items, span: whole };
}

function nameOrCall(cursor: Cursor): Expr {
  const first = cursor.next();
  if (first.kind === "string")
    return { type: "literal", kind: "string", text: first.value, span: span(first.start, first.end) };
  const path = [nameOf(first)];
  if (cursor.isOp("(")) return callRest(cursor, path);
  while (cursor.isOp(".") && !cursor.isOp("*", 1)) {
    cursor.next();
    path.push(cursor.name("a column"));
  }
  return { type: "column", path, span: span(first.start, cursor.lastEnd()) };
}

function callRest(cursor: Cursor, name: readonly Name[]): Expr {
  const start = name[0]?.span.start ?? 0;
  cursor.expectOp("(");
  let star = false;
  let distinct = false;
  let args: readonly Expr[] = [];
  let orderBy: readonly OrderItem[] = [];
  if (cursor.takeOp("*")) star = true;
  else if (!cursor.isOp(")")) {
    distinct = cursor.takeWord("distinct");
    if (!distinct) cursor.takeWord("all");
    args = expressions(cursor);
    if (cursor.takeWord("order", "by")) orderBy = orderItems(cursor);
  }
  cursor.expectOp(")");
  // Ordered-set aggregates: percentile_cont(x) WITHIN GROUP (ORDER BY y).
  if (cursor.isWord("within") && cursor.isWord("group", 1)) {
    cursor.takeWord("within", "group");
    cursor.expectOp("(");
    cursor.takeWord("order", "by");
    orderBy = orderItems(cursor);
    cursor.expectOp(")");
  }
  let filter: Expr | undefined;
  if (cursor.isWord("filter") && cursor.isOp("(", 1)) {
    cursor.takeWord("filter");
    cursor.expectOp("(");
    cursor.expectWord("where");
    filter = parseExpr(cursor);
    cursor.expectOp(")");
  }
  const over = overClause(cursor);
  return {
    ...call(name, args, span(start, cursor.lastEnd())),
    star,
    distinct,
    orderBy,
    ...(filter === undefined ? {} : { filter }),
    ...(over === undefined ? {} : { over }),
  };
}

function call(name: readonly Name[], args: readonly Expr[], at: Span) {
  return {
    type: "call" as const,
    name,
    args,
    star: false,
    distinct: false,
    orderBy: [] as readonly OrderItem[],
    span: at,
  };
}

function overClause(cursor: Cursor): WindowSpec | undefined {
  if (!cursor.isWord("over") || !(cursor.isOp("(", 1) || cursor.isName(1))) return undefined;
  cursor.takeWord("over");
  if (cursor.isOp("(")) return windowSpec(cursor);
  return { base: cursor.name("a window").text, partitionBy: [], orderBy: [], bounds: [] };
}

/** What stands in the parentheses of OVER or of a WINDOW clause. */
export function windowSpec(cursor: Cursor): WindowSpec {
  cursor.expectOp("(");
  const frameWords = ["rows", "range", "groups"];
  const startsPart = () =>
    cursor.isOp(")") ||
    cursor.isWord("partition") ||
    cursor.isWord("order") ||
    frameWords.some((w) => cursor.isWord(w));
  const base = startsPart() ? undefined : cursor.name("a window").text;
  const partitionBy = cursor.takeWord("partition", "by") ? expressions(cursor) : [];
  const orderBy = cursor.takeWord("order", "by") ? orderItems(cursor) : [];
  const bounds: Expr[] = [];
  if (frameWords.some((w) => cursor.takeWord(w))) {
    const between = cursor.takeWord("between");
    frameBound(cursor, bounds);
    if (between) {
      cursor.expectWord("and");
      frameBound(cursor, bounds);
    }
    if (cursor.takeWord("exclude")) {
      if (!cursor.takeWord("no", "others") && !cursor.takeWord("current", "row")) cursor.next();
    }
  }
  cursor.expectOp(")");
  return { partitionBy, orderBy, bounds, ...(base === undefined ? {} : { base }) };
}

function frameBound(cursor: Cursor, bounds: Expr[]): void {
  if (cursor.takeWord("current", "row")) return;
  if (!cursor.takeWord("unbounded")) bounds.push(parseExpr(cursor, 2));
  if (!cursor.takeWord("preceding")) cursor.expectWord("following");
}

export function orderItems(cursor: Cursor): readonly OrderItem[] {
  const items: OrderItem[] = [];
  do {
    const expr = parseExpr(cursor);
    const descending = cursor.takeWord("desc");
    if (!descending) cursor.takeWord("asc");
    if (cursor.takeWord("nulls") && !cursor.takeWord("first")) cursor.expectWord("last");
    items.push({ expr, descending });
  } while (cursor.takeOp(","));
  return items;
}

export function expressions(cursor: Cursor): readonly Expr[] {
  const list = [parseExpr(cursor)];
  while (cursor.takeOp(",")) list.push(parseExpr(cursor));
  return list;
}

function caseExpr(cursor: Cursor): CaseExpr {
  const start = cursor.next().start;
  const operand = cursor.isWord("when") ? undefined : parseExpr(cursor);
  const whens: { when: Expr; result: Expr }[] = [];
  while (cursor.takeWord("when")) {
    const when = parseExpr(cursor);
    cursor.expectWord("then");
    whens.push({ when, result: parseExpr(cursor) });
  }
  if (whens.length === 0) cursor.unexpected("WHEN");
  const otherwise = cursor.takeWord("else") ? parseExpr(cursor) : undefined;
  cursor.expectWord("end");
  return {
    type: "case",
    whens,
    span: span(start, cursor.lastEnd()),
    ...(operand === undefined ? {} : { operand }),
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}

function castExpr(cursor: Cursor): Expr {
  const start = cursor.next().start;
  cursor.expectOp("(");
  const arg = parseExpr(cursor);
  cursor.expectWord("as");
  const typeStart = cursor.here();
  const words: string[] = [];
  while (!cursor.isOp(")") && !cursor.isOp("(")) words.push(cursor.name("a type").text.toLowerCase());
  const toSpan = span(typeStart, cursor.lastEnd());
  if (cursor.takeOp("(")) {
    while (!cursor.isOp(")")) cursor.next();
    cursor.expectOp(")");
  }
  cursor.expectOp(")");
  return { type: "cast", arg, to: words.join(" "), toSpan, span: span(start, cursor.lastEnd()) };
}

function unary(op: string, arg: Expr, opSpan: Span): Expr {
  return { type: "operator", op, opSpan, args: [arg], span: span(arg.span.start, opSpan.end) };
}

function span(start: number, end: number): Span {
  return { start, end };
}
