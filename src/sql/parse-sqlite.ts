/**
 * SQLite's SELECT as a neutral tree with exact places, and what kind of statement a text is. Source of the grammar:
 * sqlite.org/lang_select.html. It never decides safety alone: the engine's own `prepare` and the policy do.
 */

import { Cursor, nameOf } from "./sqlite-cursor.js";
import { expressions, orderItems, parseExpr, startsQuery, windowSpec } from "./sqlite-expressions.js";
import type {
  Body,
  CommonTable,
  Expr,
  FromItem,
  Join,
  Name,
  Query,
  Select,
  SelectItem,
  Span,
  WindowSpec,
} from "./tree.js";

/** One SELECT statement's tree; throws GrammarFault where the text is none. A trailing semicolon is allowed. */
export function parseSqliteQuery(sql: string): Query {
  const cursor = new Cursor(sql, query);
  while (cursor.takeOp(";"));
  const tree = query(cursor);
  while (cursor.takeOp(";"));
  if (cursor.peek() !== undefined) cursor.unexpected("the end of the statement");
  return tree;
}

function query(cursor: Cursor): Query {
  return cursor.deeper(() => {
    const start = cursor.here();
    let recursive = false;
    const ctes: CommonTable[] = [];
    if (cursor.takeWord("with")) {
      recursive = cursor.takeWord("recursive");
      do ctes.push(commonTable(cursor));
      while (cursor.takeOp(","));
    }
    const body = compound(cursor);
    const orderBy = cursor.takeWord("order", "by") ? orderItems(cursor) : [];
    const bounds = limitClause(cursor);
    return { type: "query", span: span(start, cursor.lastEnd()), recursive, ctes, body, orderBy, ...bounds };
  });
}

function limitClause(cursor: Cursor): { limit?: Expr; offset?: Expr } {
  if (!cursor.takeWord("limit")) return {};
  const first = parseExpr(cursor);
  if (cursor.takeWord("offset")) return { limit: first, offset: parseExpr(cursor) };
  // LIMIT a, b: the offset comes first.
  if (cursor.takeOp(",")) return { limit: parseExpr(cursor), offset: first };
  return { limit: first };
}

function commonTable(cursor: Cursor): CommonTable {
  const name = cursor.name("a name");
  const columns = cursor.isOp("(") ? cursor.names() : [];
  cursor.expectWord("as");
  if (!cursor.takeWord("materialized")) cursor.takeWord("not", "materialized");
  cursor.expectOp("(");
  const inner = query(cursor);
  cursor.expectOp(")");
  return { name, columns, query: inner };
}

/** SQLite's set operators have one precedence and go from left to right (lang_select.html, "Compound Select Statements"). */
function compound(cursor: Cursor): Body {
  let left = arm(cursor);
  for (;;) {
    const op = cursor.takeWord("union")
      ? "union"
      : cursor.takeWord("intersect")
        ? "intersect"
        : cursor.takeWord("except")
          ? "except"
          : undefined;
    if (op === undefined) return left;
    const all = cursor.takeWord("all");
    left = { type: "set", op, all, left, right: arm(cursor) };
  }
}

function arm(cursor: Cursor): Body {
  if (cursor.takeWord("values")) {
    const rows: (readonly Expr[])[] = [];
    do {
      cursor.expectOp("(");
      rows.push(expressions(cursor));
      cursor.expectOp(")");
    } while (cursor.takeOp(","));
    return { type: "values", rows };
  }
  return select(cursor);
}

function select(cursor: Cursor): Select {
  const start = cursor.here();
  cursor.expectWord("select");
  const distinct = cursor.takeWord("distinct");
  if (!distinct) cursor.takeWord("all");
  const items = [selectItem(cursor)];
  while (cursor.takeOp(",")) items.push(selectItem(cursor));
  const from = cursor.takeWord("from") ? [fromClause(cursor)] : [];
  const where = cursor.takeWord("where") ? parseExpr(cursor) : undefined;
  const groupBy = cursor.takeWord("group", "by") ? expressions(cursor) : [];
  const having = cursor.takeWord("having") ? parseExpr(cursor) : undefined;
  const windows = cursor.isWord("window") ? windowClause(cursor) : [];
  return {
    type: "select",
    span: span(start, cursor.lastEnd()),
    distinct,
    distinctOn: [],
    items,
    from,
    groupBy,
    groupingSets: false,
    windows,
    ...(where === undefined ? {} : { where }),
    ...(having === undefined ? {} : { having }),
  };
}

function windowClause(cursor: Cursor): readonly WindowSpec[] {
  cursor.expectWord("window");
  const windows: WindowSpec[] = [];
  do {
    const name = cursor.name("a window");
    cursor.expectWord("as");
    windows.push({ ...windowSpec(cursor), name });
  } while (cursor.takeOp(","));
  return windows;
}

function selectItem(cursor: Cursor): SelectItem {
  const star = starItem(cursor);
  if (star !== undefined) return star;
  const expr = parseExpr(cursor);
  const alias = cursor.alias();
  return alias === undefined ? { expr } : { expr, alias };
}

/** `*` or `t.*` or `s.t.*`. */
function starItem(cursor: Cursor): SelectItem | undefined {
  const qualifier: Name[] = [];
  let ahead = 0;
  while (cursor.isName(ahead, true) && cursor.isOp(".", ahead + 1)) ahead += 2;
  if (!cursor.isOp("*", ahead)) return undefined;
  const start = cursor.here();
  for (let i = 0; i < ahead; i += 2) {
    qualifier.push(nameOf(cursor.next()));
    cursor.next();
  }
  cursor.next();
  return { expr: { type: "star", qualifier, span: span(start, cursor.lastEnd()) } };
}

function fromClause(cursor: Cursor): FromItem {
  let left = tableOrSubquery(cursor);
  for (;;) {
    const op = joinOperator(cursor);
    if (op === undefined) return left;
    const right = tableOrSubquery(cursor);
    const on = cursor.takeWord("on") ? parseExpr(cursor) : undefined;
    const using = on === undefined && cursor.takeWord("using") ? cursor.names() : [];
    const join: Join = {
      type: "join",
      ...op,
      left,
      right,
      using,
      span: span(left.span.start, cursor.lastEnd()),
      ...(on === undefined ? {} : { on }),
    };
    left = join;
  }
}

function joinOperator(cursor: Cursor): Pick<Join, "kind" | "natural" | "comma"> | undefined {
  if (cursor.takeOp(",")) return { kind: "cross", natural: false, comma: true };
  const words: string[] = [];
  while (["natural", "left", "right", "full", "inner", "cross", "outer"].some((w) => cursor.isWord(w))) {
    words.push(cursor.next().value);
  }
  if (!cursor.takeWord("join")) {
    if (words.length > 0) cursor.unexpected("JOIN");
    return undefined;
  }
  const left = words.includes("left");
  const right = words.includes("right");
  const full = words.includes("full") || (left && right);
  // A plain JOIN without a condition is a cross join; whether it has one is seen by its `on` and `using`.
  const kind = full ? "full" : left ? "left" : right ? "right" : words.includes("cross") ? "cross" : "inner";
  return { kind, natural: words.includes("natural"), comma: false };
}

function tableOrSubquery(cursor: Cursor): FromItem {
  const start = cursor.here();
  if (cursor.isOp("(")) {
    cursor.next();
    if (startsQuery(cursor)) {
      const inner = query(cursor);
      cursor.expectOp(")");
      return withAlias(cursor, start, { type: "subquery", lateral: false, query: inner });
    }
    const item = fromClause(cursor);
    cursor.expectOp(")");
    const alias = cursor.alias();
    return alias === undefined ? item : aliasedJoin(item, alias);
  }
  const path = [cursor.name("a table")];
  while (cursor.takeOp(".")) path.push(cursor.name("a table"));
  if (cursor.isOp("(")) {
    cursor.next();
    const args = cursor.isOp(")") ? [] : expressions(cursor);
    cursor.expectOp(")");
    const callSpan = span(start, cursor.lastEnd());
    const call: Expr = { type: "call", name: path, args, star: false, distinct: false, orderBy: [], span: callSpan };
    const alias = cursor.alias();
    const whole = span(start, cursor.lastEnd());
    const base = { type: "function", calls: [call], ordinality: false, columnAliases: [], span: whole } as const;
    return alias === undefined ? base : { ...base, alias };
  }
  const pathSpan = span(start, cursor.lastEnd());
  const alias = cursor.alias();
  if (cursor.takeWord("indexed", "by")) cursor.name("an index");
  else cursor.takeWord("not", "indexed");
  const base = { type: "table", path, columnAliases: [], span: pathSpan } as const;
  return alias === undefined ? base : { ...base, alias };
}

function withAlias(
  cursor: Cursor,
  start: number,
  source: { readonly type: "subquery"; readonly lateral: boolean; readonly query: Query },
): FromItem {
  const inner = span(start, cursor.lastEnd());
  const alias = cursor.alias();
  return { ...source, columnAliases: [], span: inner, ...(alias === undefined ? {} : { alias }) };
}

function aliasedJoin(item: FromItem, alias: Name): FromItem {
  return { ...item, alias };
}

function span(start: number, end: number): Span {
  return { start, end };
}
