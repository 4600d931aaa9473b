/**
 * What a SQLite statement is and uses. The kind comes from its words, since only the engine parses all of SQL; what a query uses comes from
 * tokens, not from the tree: a name before a parenthesis counts as a function even where it is none, so that nothing is missed.
 */

import type { Token } from "./lexer.js";
import type { Facts, StatementKind, Used } from "./statement.js";
import { argumentsOf, type Body, type Expr, type FromItem, type OrderItem, type Query, queryOf } from "./tree.js";

const kinds: Readonly<Record<string, StatementKind>> = {
  select: "select",
  values: "select",
  insert: "insert",
  replace: "insert",
  update: "update",
  delete: "delete",
  create: "ddl",
  alter: "ddl",
  drop: "ddl",
  reindex: "ddl",
  explain: "utility",
};

/** The kind by the first word; after WITH by the first statement word outside parentheses. */
export function sqliteKind(tokens: readonly Token[]): StatementKind {
  const first = tokens.find((t) => t.value !== ";");
  if (first?.kind !== "word") return "unparsable";
  if (first.value !== "with") return kinds[first.value] ?? (commands.has(first.value) ? "utility" : "unparsable");
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === "op" && token.value === "(") depth++;
    if (token.kind === "op" && token.value === ")") depth--;
    const kind = depth === 0 && token.kind === "word" ? kinds[token.value] : undefined;
    if (kind !== undefined) return kind;
  }
  return "unparsable";
}

/** What else a statement may start with (lang.html); any other word is none. */
const commands = new Set(
  "analyze attach begin commit detach end explain pragma reindex release rollback savepoint vacuum".split(" "),
);

/** The facts of one statement; with `tree` the functions are those of the tree, else every name before a parenthesis. */
export function sqliteFacts(tokens: readonly Token[], kind: StatementKind, tree: Query | undefined): Facts {
  const writes = kind === "select" ? [] : [{ name: [kind.toUpperCase()], span: tokens[0] ?? { start: 0, end: 0 } }];
  const functions: Used[] = [];
  const relations: Used[] = [];
  if (tree === undefined) functions.push(...namesBeforeParentheses(tokens));
  else collectQuery(tree, functions, relations);
  const params = tokens.filter((t) => t.kind === "param").map((t) => t.text);
  return { kind, writes, functions, operators: [], types: [], relations, unknown: [], params };
}

function namesBeforeParentheses(tokens: readonly Token[]): readonly Used[] {
  return tokens.flatMap((token, i) => {
    const next = tokens[i + 1];
    const named = token.kind === "word" || token.kind === "quoted";
    return named && next?.kind === "op" && next.value === "("
      ? [{ name: [token.value.toLowerCase()], span: token }]
      : [];
  });
}

function collectQuery(query: Query, functions: Used[], relations: Used[]): void {
  for (const cte of query.ctes) collectQuery(cte.query, functions, relations);
  collectBody(query.body, functions, relations);
  collectOrder(query.orderBy, functions, relations);
  for (const bound of [query.limit, query.offset]) if (bound !== undefined) collectExpr(bound, functions, relations);
}

function collectOrder(items: readonly OrderItem[], functions: Used[], relations: Used[]): void {
  for (const item of items) collectExpr(item.expr, functions, relations);
}

function collectBody(body: Body, functions: Used[], relations: Used[]): void {
  switch (body.type) {
    case "set":
      collectBody(body.left, functions, relations);
      collectBody(body.right, functions, relations);
      return;
    case "nested":
      collectQuery(body.query, functions, relations);
      return;
    case "values":
      for (const row of body.rows) for (const value of row) collectExpr(value, functions, relations);
      return;
    case "select": {
      for (const item of body.items) collectExpr(item.expr, functions, relations);
      for (const item of body.from) collectFrom(item, functions, relations);
      for (const expr of [body.where, body.having, ...body.groupBy]) {
        if (expr !== undefined) collectExpr(expr, functions, relations);
      }
      for (const window of body.windows) {
        for (const expr of [...window.partitionBy, ...window.bounds]) collectExpr(expr, functions, relations);
        collectOrder(window.orderBy, functions, relations);
      }
    }
  }
}

function collectFrom(item: FromItem, functions: Used[], relations: Used[]): void {
  switch (item.type) {
    case "table":
      relations.push({ name: item.path.map((n) => n.text), span: item.span });
      return;
    case "subquery":
      collectQuery(item.query, functions, relations);
      return;
    case "function":
      for (const call of item.calls) collectExpr(call, functions, relations);
      return;
    case "join":
      collectFrom(item.left, functions, relations);
      collectFrom(item.right, functions, relations);
      if (item.on !== undefined) collectExpr(item.on, functions, relations);
  }
}

function collectExpr(expr: Expr, functions: Used[], relations: Used[]): void {
  if (expr.type === "call") {
    const [first, last] = [expr.name[0], expr.name.at(-1)];
    const name = expr.name.map((n) => n.text.toLowerCase());
    functions.push({ name, span: { start: first?.span.start ?? 0, end: last?.span.end ?? 0 } });
  }
  // LIKE, GLOB, REGEXP and MATCH are functions that an application may replace.
  if (expr.type === "operator" && /(?:like|glob|regexp|match)$/.test(expr.op)) {
    functions.push({ name: [expr.op.replace("not ", "")], span: expr.opSpan });
  }
  for (const arg of argumentsOf(expr)) collectExpr(arg, functions, relations);
  const inner = queryOf(expr);
  if (inner !== undefined) collectQuery(inner, functions, relations);
}
