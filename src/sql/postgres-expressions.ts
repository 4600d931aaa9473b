/**
 * PostgreSQL's expressions as the neutral tree. Starts come from the parser's own tree, ends from tokens. A kind of node not named here
 * keeps its parts (`other`): nothing that holds a column is lost.
 */

import { listOf, numberOf, type Raw, rawOf, type Source, stringsOf, textOf, unwrap } from "./postgres-nodes.js";
import type { Expr, LiteralExpr, OrderItem, Query, Span, WindowSpec } from "./tree.js";

/** Converts one text's nodes; `query` converts a SelectStmt and is given from outside, since expressions and queries hold one another. */
export interface Converter {
  readonly source: Source;
  query(select: Raw): Query;
}

export function exprOf(to: Converter, node: unknown): Expr {
  const [tag, raw] = unwrap(node);
  const convert = converters[tag];
  return convert === undefined ? otherOf(to, tag, raw) : convert(to, raw);
}

export function exprsOf(to: Converter, nodes: readonly unknown[]): readonly Expr[] {
  return nodes.flatMap((node) => {
    const [tag, raw] = unwrap(node);
    if (tag === "") return [];
    return tag === "List" ? exprsOf(to, listOf(raw, "items")) : [exprOf(to, node)];
  });
}

type Convert = (to: Converter, raw: Raw) => Expr;

const converters: Readonly<Record<string, Convert>> = {
  ColumnRef: columnRef,
  A_Const: constant,
  ParamRef: (to, raw) => {
    const span = to.source.tokenSpan(to.source.index(to.source.offset(raw) ?? 0));
    return { type: "param", span, name: `$${numberOf(raw, "number")}` };
  },
  FuncCall: funcCall,
  A_Expr: operatorExpr,
  BoolExpr: boolExpr,
  NullTest: (to, raw) => postfix(to, raw, textOf(raw, "nulltesttype") === "IS_NULL" ? "is null" : "is not null"),
  BooleanTest: (to, raw) =>
    postfix(to, raw, textOf(raw, "booltesttype").toLowerCase().replaceAll("_", " ").replace("is not", "is not")),
  SubLink: subLink,
  CaseExpr: caseExpr,
  TypeCast: typeCast,
  CoalesceExpr: (to, raw) => namedCall(to, raw, "coalesce", listOf(raw, "args")),
  MinMaxExpr: (to, raw) =>
    namedCall(to, raw, textOf(raw, "op") === "IS_LEAST" ? "least" : "greatest", listOf(raw, "args")),
  SQLValueFunction: (to, raw) => {
    const name = textOf(raw, "op").replace("SVFOP_", "").toLowerCase().replace(/_n$/, "");
    return namedCall(to, raw, name, []);
  },
  GroupingFunc: (to, raw) => namedCall(to, raw, "grouping", listOf(raw, "args")),
  NamedArgExpr: (to, raw) => exprOf(to, raw["arg"]),
  ResTarget: (to, raw) => exprOf(to, raw["val"]),
};

function columnRef(to: Converter, raw: Raw): Expr {
  const fields = listOf(raw, "fields").map(unwrap);
  const names = fields.filter(([tag]) => tag === "String").map(([, s]) => textOf(s, "sval"));
  const offset = to.source.offset(raw);
  const path = to.source.path(names, offset);
  const start = offset ?? 0;
  const last = path.at(-1)?.span.end ?? start;
  if (fields.at(-1)?.[0] === "A_Star") {
    const star = names.length === 0 ? to.source.tokenSpan(to.source.index(start)) : { start, end: starEnd(to, last) };
    return { type: "star", qualifier: path, span: offset === undefined ? { start: 0, end: 0 } : star };
  }
  return { type: "column", path, span: { start, end: last } };
}

function starEnd(to: Converter, after: number): number {
  const dot = to.source.index(after);
  return to.source.tokenSpan(dot + 1).end;
}

function constant(to: Converter, raw: Raw): LiteralExpr {
  const index = to.source.index(to.source.offset(raw) ?? 0);
  const first = to.source.tokenSpan(index);
  // The parser folds the sign into a number: `-1` is one constant.
  const signed = to.source.isOp(index, "-") || to.source.isOp(index, "+");
  const span = signed ? { start: first.start, end: to.source.tokenSpan(index + 1).end } : first;
  const base = { type: "literal", span } as const;
  if (raw["isnull"] === true) return { ...base, kind: "null", text: "" };
  const string = rawOf(raw, "sval");
  if (string !== undefined) return { ...base, kind: "string", text: textOf(string, "sval") };
  const boolean = rawOf(raw, "boolval");
  if (boolean !== undefined) return { ...base, kind: "boolean", text: boolean["boolval"] === true ? "true" : "false" };
  const float = rawOf(raw, "fval");
  if (float !== undefined) return { ...base, kind: "number", text: textOf(float, "fval") };
  const bits = rawOf(raw, "bsval");
  if (bits !== undefined) return { ...base, kind: "blob", text: textOf(bits, "bsval") };
  return { ...base, kind: "number", text: String(numberOf(rawOf(raw, "ival") ?? {}, "ival")) };
}

function funcCall(to: Converter, raw: Raw): Expr {
  const texts = stringsOf(raw, "funcname");
  const start = to.source.offset(raw) ?? 0;
  const plain = textOf(raw, "funcformat") !== "COERCE_SQL_SYNTAX";
  const written = plain ? texts : texts.slice(-1);
  const name = to.source.path(written, start);
  const args = exprsOf(to, listOf(raw, "args"));
  const over = rawOf(raw, "over");
  const filter = raw["agg_filter"] === undefined ? undefined : exprOf(to, raw["agg_filter"]);
  return {
    type: "call",
    name,
    args,
    star: raw["agg_star"] === true,
    distinct: raw["agg_distinct"] === true,
    orderBy: orderItemsOf(to, listOf(raw, "agg_order")),
    span: callSpan(to, start, name.at(-1)?.span.end ?? start, args),
    ...(filter === undefined ? {} : { filter }),
    ...(over === undefined ? {} : { over: windowOf(to, over) }),
  };
}

/** From the name to the closing parenthesis, with what may follow: WITHIN GROUP (…), FILTER (…), OVER (…) or OVER name. */
function callSpan(to: Converter, start: number, nameEnd: number, args: readonly Expr[]): Span {
  const { source } = to;
  let at = source.index(nameEnd);
  let end = nameEnd;
  const takeParens = () => {
    const close = source.isOp(at, "(") ? (source.partner[at] ?? -1) : -1;
    if (close < 0) return;
    end = source.tokenSpan(close).end;
    at = close + 1;
  };
  takeParens();
  for (const words of [["within", "group"], ["filter"], ["over"]]) {
    if (!words.every((w, i) => source.isWord(at + i, w))) continue;
    at += words.length;
    if (source.isOp(at, "(")) takeParens();
    else end = source.tokenSpan(at).end;
  }
  return spanOver({ start, end }, args);
}

function namedCall(to: Converter, raw: Raw, name: string, args: readonly unknown[]): Expr {
  const start = to.source.offset(raw) ?? 0;
  const at = to.source.tokenSpan(to.source.index(start));
  const exprs = exprsOf(to, args);
  return {
    type: "call",
    name: [{ text: name, span: at, quoted: false }],
    args: exprs,
    star: false,
    distinct: false,
    orderBy: [],
    span: callSpan(to, at.start, at.end, exprs),
  };
}

const kinds: Readonly<Record<string, string>> = {
  AEXPR_DISTINCT: "is distinct from",
  AEXPR_NOT_DISTINCT: "is not distinct from",
  AEXPR_BETWEEN: "between",
  AEXPR_NOT_BETWEEN: "not between",
  AEXPR_BETWEEN_SYM: "between",
  AEXPR_NOT_BETWEEN_SYM: "not between",
};
const likes: Readonly<Record<string, string>> = {
  "~~": "like",
  "!~~": "not like",
  "~~*": "ilike",
  "!~~*": "not ilike",
  "~": "similar to",
  "!~": "not similar to",
};

function operatorExpr(to: Converter, raw: Raw): Expr {
  const kind = textOf(raw, "kind");
  const symbol = stringsOf(raw, "name").at(-1) ?? "";
  const offset = to.source.offset(raw) ?? 0;
  const opSpan = to.source.tokenSpan(to.source.index(offset));
  const left = raw["lexpr"] === undefined ? [] : exprsOf(to, [raw["lexpr"]]);
  const right = raw["rexpr"] === undefined ? [] : exprsOf(to, [raw["rexpr"]]);
  if (kind === "AEXPR_NULLIF") return namedCallOf(to, offset, "nullif", [...left, ...right]);
  const sides = [...left.map((e) => widenLeft(to, e, opSpan)), ...right.map((e) => widenRight(to, e, opSpan))];
  if (kind === "AEXPR_IN") return inList(to, raw, sides[0], right, symbol === "<>");
  const liked = kind === "AEXPR_LIKE" || kind === "AEXPR_ILIKE" || kind === "AEXPR_SIMILAR" ? likes[symbol] : undefined;
  const quantifier = kind === "AEXPR_OP_ANY" ? "any" : kind === "AEXPR_OP_ALL" ? "all" : undefined;
  return {
    type: "operator",
    op: liked ?? kinds[kind] ?? (symbol === "!=" ? "<>" : symbol),
    opSpan,
    args: kind === "AEXPR_SIMILAR" ? [...left, ...right] : sides,
    span: spanOver(opSpan, sides),
    ...(quantifier === undefined ? {} : { quantifier }),
  };
}

function namedCallOf(to: Converter, offset: number, name: string, args: readonly Expr[]): Expr {
  const at = to.source.tokenSpan(to.source.index(offset));
  const id = { text: name, span: at, quoted: false };
  const span = callSpan(to, at.start, at.end, args);
  return { type: "call", name: [id], args, star: false, distinct: false, orderBy: [], span };
}

function inList(to: Converter, raw: Raw, left: Expr | undefined, list: readonly Expr[], not: boolean): Expr {
  const offset = to.source.offset(raw) ?? 0;
  let open = to.source.index(offset);
  while (open < to.source.tokens.length && !to.source.isOp(open, "(")) open++;
  const close = to.source.partner[open] ?? -1;
  const end = close < 0 ? offset : to.source.tokenSpan(close).end;
  const nothing: Expr = { type: "other", what: "none", args: [], span: { start: offset, end: offset } };
  const side = left ?? nothing;
  return { type: "in", not, left: side, list, span: { start: side.span.start, end } };
}

/** Grouping parentheses around an operand belong to it: `(a + b) * c`. */
function widenLeft(to: Converter, expr: Expr, op: Span): Expr {
  let at = to.source.index(expr.span.end);
  let span = expr.span;
  while ((to.source.tokens[at]?.start ?? Number.POSITIVE_INFINITY) < op.start && to.source.isOp(at, ")")) {
    const open = to.source.partner[at] ?? -1;
    if (open < 0) break;
    const start = to.source.tokenSpan(open).start;
    if (start > span.start) break;
    span = { start, end: to.source.tokenSpan(at).end };
    at++;
  }
  return span === expr.span ? expr : { ...expr, span };
}

function widenRight(to: Converter, expr: Expr, op: Span): Expr {
  let at = to.source.index(expr.span.start) - 1;
  let span = expr.span;
  while (at >= 0 && (to.source.tokens[at]?.start ?? 0) >= op.end && to.source.isOp(at, "(")) {
    const close = to.source.partner[at] ?? -1;
    if (close < 0) break;
    const end = to.source.tokenSpan(close).end;
    if (end < span.end) break;
    span = { start: to.source.tokenSpan(at).start, end };
    at--;
  }
  return span === expr.span ? expr : { ...expr, span };
}

function boolExpr(to: Converter, raw: Raw): Expr {
  const op = textOf(raw, "boolop").replace("_EXPR", "").toLowerCase();
  const opSpan = to.source.tokenSpan(to.source.index(to.source.offset(raw) ?? 0));
  const args = exprsOf(to, listOf(raw, "args"));
  return { type: "operator", op, opSpan, args, span: spanOver(op === "not" ? opSpan : undefined, args) };
}

function postfix(to: Converter, raw: Raw, op: string): Expr {
  const arg = exprOf(to, raw["arg"]);
  let at = to.source.index(arg.span.end);
  while (to.source.isOp(at, ")")) at++;
  const first = to.source.tokenSpan(at);
  let end = first.end;
  const words = new Set(["is", "not", "null", "true", "false", "unknown", "isnull", "notnull"]);
  for (let i = at; i < at + 3 && words.has(to.source.tokens[i]?.value ?? ""); i++) end = to.source.tokenSpan(i).end;
  const wide = widenLeft(to, arg, first);
  return {
    type: "operator",
    op,
    opSpan: { start: first.start, end },
    args: [wide],
    span: { start: wide.span.start, end },
  };
}

function subLink(to: Converter, raw: Raw): Expr {
  const kind = textOf(raw, "subLinkType");
  const [, select] = unwrap(raw["subselect"]);
  const query = to.query(select);
  const offset = to.source.offset(raw) ?? query.span.start;
  const open = to.source.index(query.span.start) - 1;
  const close = to.source.partner[open] ?? -1;
  const end = close < 0 ? query.span.end : to.source.tokenSpan(close).end;
  if (raw["testexpr"] === undefined) {
    const what = kind === "EXISTS_SUBLINK" ? "exists" : kind === "ARRAY_SUBLINK" ? "array" : "scalar";
    return { type: "subquery", kind: what, query, span: { start: offset, end } };
  }
  const left = exprOf(to, raw["testexpr"]);
  const span = { start: left.span.start, end };
  const symbol = stringsOf(raw, "operName").at(-1);
  if (kind === "ANY_SUBLINK" && symbol === undefined) return { type: "in", not: false, left, list: [], query, span };
  const set: Expr = { type: "subquery", kind: "scalar", query, span: { start: query.span.start, end: query.span.end } };
  const quantifier = kind === "ALL_SUBLINK" ? "all" : "any";
  const opSpan = to.source.tokenSpan(to.source.index(offset));
  return { type: "operator", op: symbol ?? "=", opSpan, args: [left, set], quantifier, span };
}

function caseExpr(to: Converter, raw: Raw): Expr {
  const start = to.source.offset(raw) ?? 0;
  const whens = listOf(raw, "args").map((node) => {
    const [, when] = unwrap(node);
    return { when: exprOf(to, when["expr"]), result: exprOf(to, when["result"]) };
  });
  const operand = raw["arg"] === undefined ? undefined : exprOf(to, raw["arg"]);
  const otherwise = raw["defresult"] === undefined ? undefined : exprOf(to, raw["defresult"]);
  return {
    type: "case",
    whens,
    span: { start, end: caseEnd(to, start) },
    ...(operand === undefined ? {} : { operand }),
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}

function caseEnd(to: Converter, start: number): number {
  let depth = 0;
  for (let i = to.source.index(start); i < to.source.tokens.length; i++) {
    if (to.source.isWord(i, "case")) depth++;
    if (to.source.isWord(i, "end") && --depth === 0) return to.source.tokenSpan(i).end;
  }
  return to.source.sql.length;
}

function typeCast(to: Converter, raw: Raw): Expr {
  const arg = exprOf(to, raw["arg"]);
  const type = rawOf(raw, "typeName") ?? {};
  const typeStart = to.source.offset(type) ?? arg.span.end;
  const index = to.source.index(typeStart);
  const toSpan = to.source.tokenSpan(index);
  const at = to.source.offset(raw);
  let end = Math.max(arg.span.end, toSpan.end);
  const own = at === undefined ? undefined : to.source.index(at);
  if (own !== undefined && to.source.isWord(own, "cast")) {
    const close = to.source.partner[own + 1] ?? -1;
    if (close >= 0) end = to.source.tokenSpan(close).end;
  } else if (to.source.isOp(index + 1, "(") && typeStart > arg.span.end) {
    const close = to.source.partner[index + 1] ?? -1;
    if (close >= 0) end = to.source.tokenSpan(close).end;
  }
  const start = Math.min(arg.span.start, at ?? typeStart, typeStart);
  return { type: "cast", arg, to: typeText(type), toSpan, span: { start, end } };
}

/** `pg_catalog.int4` as `int4`, arrays with `[]`; another schema's type keeps its schema. */
export function typeText(type: Raw): string {
  const names = stringsOf(type, "names");
  const shown = names[0] === "pg_catalog" ? names.slice(1) : names;
  return shown.join(".") + "[]".repeat(listOf(type, "arrayBounds").length > 0 ? 1 : 0);
}

export function orderItemsOf(to: Converter, nodes: readonly unknown[]): readonly OrderItem[] {
  return nodes.map((node) => {
    const [tag, raw] = unwrap(node);
    if (tag !== "SortBy") return { expr: exprOf(to, node), descending: false };
    return { expr: exprOf(to, raw["node"]), descending: textOf(raw, "sortby_dir") === "SORTBY_DESC" };
  });
}

export function windowOf(to: Converter, raw: Raw): WindowSpec {
  const bounds = ["startOffset", "endOffset"].flatMap((m) => (raw[m] === undefined ? [] : [exprOf(to, raw[m])]));
  const base = textOf(raw, "refname") || (isBareReference(raw) ? textOf(raw, "name") : "");
  return {
    partitionBy: exprsOf(to, listOf(raw, "partitionClause")),
    orderBy: orderItemsOf(to, listOf(raw, "orderClause")),
    bounds,
    ...(base === "" ? {} : { base }),
  };
}

/** `OVER w`: a window with a name and nothing else. */
function isBareReference(raw: Raw): boolean {
  return listOf(raw, "partitionClause").length === 0 && listOf(raw, "orderClause").length === 0;
}

/** A node kept for its parts: every expression and query below it, whatever its kind. */
function otherOf(to: Converter, tag: string, raw: Raw): Expr {
  const args: Expr[] = [];
  collect(to, raw, args);
  const offset = to.source.offset(raw) ?? args[0]?.span.start ?? 0;
  return { type: "other", what: tag, args, span: spanOver(to.source.tokenSpan(to.source.index(offset)), args) };
}

function collect(to: Converter, value: unknown, into: Expr[]): void {
  if (Array.isArray(value)) {
    for (const item of value) collect(to, item, into);
    return;
  }
  if (value === null || typeof value !== "object") return;
  for (const [member, inner] of Object.entries(value)) {
    if (member in converters) into.push(exprOf(to, { [member]: inner }));
    else if (member === "SelectStmt") {
      const query = to.query(inner as Raw);
      into.push({ type: "subquery", kind: "scalar", query, span: query.span });
    } else collect(to, inner, into);
  }
}

function spanOver(own: Span | undefined, parts: readonly { readonly span: Span }[]): Span {
  let start = own?.start ?? Number.POSITIVE_INFINITY;
  let end = own?.end ?? 0;
  for (const { span } of parts) {
    start = Math.min(start, span.start);
    end = Math.max(end, span.end);
  }
  return Number.isFinite(start) ? { start, end } : { start: 0, end: 0 };
}
