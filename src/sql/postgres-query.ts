/** PostgreSQL's SelectStmt as the neutral tree. The parser's tree says what there is; tokens say where a SELECT and a FROM item end. */

import { type Converter, exprOf, exprsOf, orderItemsOf, windowOf } from "./postgres-expressions.js";
import { listOf, type Raw, rawOf, Source, stringsOf, textOf, unwrap } from "./postgres-nodes.js";
import type { Body, CommonTable, Expr, FromItem, Join, Name, Query, Select, SelectItem, Span } from "./tree.js";

/** The tree of a SelectStmt that was parsed from `sql`. */
export function postgresQuery(select: Raw, sql: string): Query {
  const source = new Source(sql);
  const to: Converter = { source, query: (raw) => queryFrom(to, raw) };
  return to.query(select);
}

function queryFrom(to: Converter, raw: Raw): Query {
  const body = bodyOf(to, raw);
  const withClause = rawOf(raw, "withClause");
  const ctes = withClause === undefined ? [] : listOf(withClause, "ctes").map((n) => commonTable(to, unwrap(n)[1]));
  const limit = raw["limitCount"] === undefined ? undefined : exprOf(to, raw["limitCount"]);
  const offset = raw["limitOffset"] === undefined ? undefined : exprOf(to, raw["limitOffset"]);
  return {
    type: "query",
    span: querySpan(to, withClause, body),
    recursive: withClause?.["recursive"] === true,
    ctes,
    body,
    orderBy: orderItemsOf(to, listOf(raw, "sortClause")),
    ...(limit === undefined ? {} : { limit }),
    ...(offset === undefined ? {} : { offset }),
  };
}

function commonTable(to: Converter, raw: Raw): CommonTable {
  const [name] = to.source.path([textOf(raw, "ctename")], to.source.offset(raw));
  const columns = namesOf(stringsOf(raw, "aliascolnames"), name?.span);
  const [tag, inner] = unwrap(raw["ctequery"]);
  const empty: Raw = { targetList: [] };
  return { name: name as Name, columns, query: to.query(tag === "SelectStmt" ? inner : empty) };
}

function bodyOf(to: Converter, raw: Raw): Body {
  const op = textOf(raw, "op").replace("SETOP_", "").toLowerCase();
  if (op === "union" || op === "intersect" || op === "except") {
    return { type: "set", op, all: raw["all"] === true, left: armOf(to, raw, "larg"), right: armOf(to, raw, "rarg") };
  }
  const rows = listOf(raw, "valuesLists");
  if (rows.length > 0) return { type: "values", rows: rows.map((row) => exprsOf(to, [row])) };
  return selectFrom(to, raw);
}

function armOf(to: Converter, raw: Raw, member: string): Body {
  const arm = rawOf(raw, member) ?? {};
  const nested = ["withClause", "sortClause", "limitCount", "limitOffset"].some((m) => arm[m] !== undefined);
  return nested ? { type: "nested", query: to.query(arm) } : bodyOf(to, arm);
}

function selectFrom(to: Converter, raw: Raw): Select {
  const items = listOf(raw, "targetList").map((n): SelectItem => {
    const [, target] = unwrap(n);
    const expr = exprOf(to, target["val"]);
    const name = textOf(target, "name");
    return name === "" ? { expr } : { expr, alias: aliasAfter(to, name, expr.span.end) };
  });
  const distinct = listOf(raw, "distinctClause");
  const groups = listOf(raw, "groupClause");
  const groupingSets = groups.some((n) => unwrap(n)[0] === "GroupingSet");
  const where = raw["whereClause"] === undefined ? undefined : exprOf(to, raw["whereClause"]);
  const having = raw["havingClause"] === undefined ? undefined : exprOf(to, raw["havingClause"]);
  const windows = listOf(raw, "windowClause").map((n) => {
    const [, window] = unwrap(n);
    const [name] = to.source.path([textOf(window, "name")], to.source.offset(window));
    return { ...windowOf(to, { ...window, name: "" }), name: name as Name };
  });
  return {
    type: "select",
    span: selectSpan(to, items, raw),
    distinct: distinct.length > 0,
    distinctOn: exprsOf(to, distinct),
    items,
    from: listOf(raw, "fromClause")
      .map((n) => fromItem(to, n))
      .reduce(joinByComma, []),
    groupBy: groups.map((n) => exprOf(to, n)),
    groupingSets,
    windows,
    ...(where === undefined ? {} : { where }),
    ...(having === undefined ? {} : { having }),
  };
}

/** A comma is a cross join of what stands left of it with what stands right of it. */
function joinByComma(done: readonly FromItem[], right: FromItem): readonly FromItem[] {
  const [left] = done;
  if (left === undefined) return [right];
  const span = { start: left.span.start, end: right.span.end };
  return [{ type: "join", kind: "cross", natural: false, comma: true, left, right, using: [], span }];
}

function fromItem(to: Converter, node: unknown): FromItem {
  const [tag, raw] = unwrap(node);
  switch (tag) {
    case "RangeVar":
      return tableSource(to, raw);
    case "RangeSubselect":
      return subquerySource(to, raw);
    case "JoinExpr":
      return joinOf(to, raw);
    case "RangeTableSample": {
      return fromItem(to, raw["relation"]);
    }
    default:
      return functionSource(to, raw);
  }
}

function tableSource(to: Converter, raw: Raw): FromItem {
  const texts = ["catalogname", "schemaname", "relname"].map((m) => textOf(raw, m)).filter((t) => t !== "");
  const start = to.source.offset(raw) ?? 0;
  // `ONLY (t)` starts at the name; `TABLE t` as well.
  const path = to.source.path(texts, start);
  const end = path.at(-1)?.span.end ?? start;
  return { type: "table", path, span: { start, end }, ...aliasOf(to, raw, end) };
}

function subquerySource(to: Converter, raw: Raw): FromItem {
  const [, select] = unwrap(raw["subquery"]);
  const query = to.query(select);
  const open = to.source.index(query.span.start) - 1;
  const close = to.source.partner[open] ?? -1;
  const span = close < 0 ? query.span : { start: to.source.tokenSpan(open).start, end: to.source.tokenSpan(close).end };
  return { type: "subquery", lateral: raw["lateral"] === true, query, span, ...aliasOf(to, raw, span.end) };
}

function functionSource(to: Converter, raw: Raw): FromItem {
  const calls =
    listOf(raw, "functions").length > 0
      ? exprsOf(to, listOf(raw, "functions"))
      : exprsOf(to, [{ RangeTableFunc: raw }]);
  const start = calls[0]?.span.start ?? 0;
  const end = calls.at(-1)?.span.end ?? start;
  const columns = listOf(raw, "coldeflist").map((n) => textOf(unwrap(n)[1], "colname"));
  const alias = aliasOf(to, raw, end);
  const columnAliases = columns.length > 0 ? namesOf(columns, { start, end }) : alias.columnAliases;
  return {
    type: "function",
    calls,
    ordinality: raw["ordinality"] === true,
    span: { start, end },
    ...alias,
    columnAliases,
  };
}

function joinOf(to: Converter, raw: Raw): Join {
  const left = fromItem(to, raw["larg"]);
  const right = fromItem(to, raw["rarg"]);
  const on = raw["quals"] === undefined ? undefined : exprOf(to, raw["quals"]);
  const type = textOf(raw, "jointype").replace("JOIN_", "").toLowerCase();
  const usingTexts = stringsOf(raw, "usingClause");
  const using = namesOf(usingTexts, undefined).map((n) => usingName(to, n.text, right.span.end));
  const natural = raw["isNatural"] === true;
  const kind =
    type === "left" || type === "right" || type === "full" ? type : on || using.length || natural ? "inner" : "cross";
  const alias = rawOf(raw, "alias");
  const usingAlias = rawOf(raw, "join_using_alias");
  const end = Math.max(right.span.end, on?.span.end ?? 0, using.at(-1)?.span.end ?? 0);
  return {
    type: "join",
    kind,
    natural,
    comma: false,
    left,
    right,
    using,
    span: { start: left.span.start, end },
    ...(on === undefined ? {} : { on }),
    ...(alias === undefined ? {} : { alias: aliasAfter(to, textOf(alias, "aliasname"), end) }),
    ...(usingAlias === undefined ? {} : { usingAlias: aliasAfter(to, textOf(usingAlias, "aliasname"), end) }),
  };
}

/** Where a USING column is written: the first such name in the parentheses after USING. */
function usingName(to: Converter, text: string, after: number): Name {
  let at = to.source.index(after);
  while (at < to.source.tokens.length && !to.source.isWord(at, "using")) at++;
  for (let i = at + 1; i <= (to.source.partner[at + 1] ?? -1); i++) {
    const token = to.source.tokens[i];
    if (token?.value === text)
      return { text, span: { start: token.start, end: token.end }, quoted: token.kind === "quoted" };
  }
  return { text, span: { start: after, end: after }, quoted: false };
}

function aliasOf(to: Converter, raw: Raw, end: number): { alias?: Name; columnAliases: readonly Name[] } {
  const alias = rawOf(raw, "alias");
  if (alias === undefined) return { columnAliases: [] };
  const name = aliasAfter(to, textOf(alias, "aliasname"), end);
  return { alias: name, columnAliases: namesOf(stringsOf(alias, "colnames"), name.span) };
}

/** The token of an alias: the first of that name soon after `end`. */
function aliasAfter(to: Converter, text: string, end: number): Name {
  const from = to.source.index(end);
  for (let i = from; i < from + 6; i++) {
    const token = to.source.tokens[i];
    if (token !== undefined && (token.kind === "word" || token.kind === "quoted") && token.value === text) {
      return { text, span: { start: token.start, end: token.end }, quoted: token.kind === "quoted" };
    }
  }
  return { text, span: { start: end, end }, quoted: false };
}

function namesOf(texts: readonly string[], at: Span | undefined): readonly Name[] {
  return texts.map((text) => ({ text, span: at ?? { start: 0, end: 0 }, quoted: false }));
}

/** From the SELECT word to the end of the select's own clauses (ORDER BY and after belong to the query). */
function selectSpan(to: Converter, items: readonly SelectItem[], raw: Raw): Span {
  const first = items.find((i) => i.expr.span.end > 0)?.expr.span.start ?? firstLocation(to, raw) ?? 0;
  const { source } = to;
  let at = source.index(first);
  if (!isSelectStart(to, at)) at--;
  for (; at > 0 && !isSelectStart(to, at); at--) {
    const partner = source.partner[at] ?? -1;
    if (source.isOp(at, ")") && partner >= 0) at = partner;
  }
  const ends = new Set(["union", "intersect", "except", "order", "limit", "offset", "fetch", "for"]);
  return { start: source.tokenSpan(Math.max(at, 0)).start, end: endAtDepth(to, Math.max(at, 0) + 1, ends) };
}

function isSelectStart(to: Converter, at: number): boolean {
  return ["select", "values", "table"].some((w) => to.source.isWord(at, w));
}

/** The end of the last token before one of `words`, a closing parenthesis or the end, inner parentheses skipped. */
function endAtDepth(to: Converter, from: number, words: ReadonlySet<string>): number {
  const { source } = to;
  let end = source.tokenSpan(Math.max(from - 1, 0)).end;
  for (let i = from; i < source.tokens.length; i++) {
    const token = source.tokens[i];
    if (token === undefined || (token.kind === "op" && (token.value === ")" || token.value === ";"))) break;
    if (token.kind === "word" && words.has(token.value)) break;
    const partner = source.partner[i] ?? -1;
    if (partner > i) i = partner;
    end = source.tokenSpan(i).end;
  }
  return end;
}

function querySpan(to: Converter, withClause: Raw | undefined, body: Body): Span {
  const start = (withClause && to.source.offset(withClause)) ?? bodyStart(to, body) ?? 0;
  return { start, end: endAtDepth(to, to.source.index(start) + 1, new Set()) };
}

function bodyStart(to: Converter, body: Body): number | undefined {
  switch (body.type) {
    case "select":
      return body.span.start;
    case "set":
      return bodyStart(to, body.left);
    case "nested":
      return body.query.span.start;
    case "values":
      return valuesStart(to, body.rows[0]?.[0]);
  }
}

/** VALUES has no place of its own: it is the last such word before its first value. */
function valuesStart(to: Converter, first: Expr | undefined): number | undefined {
  if (first === undefined) return undefined;
  let at = to.source.index(first.span.start);
  while (at > 0 && !to.source.isWord(at, "values")) at--;
  return to.source.tokenSpan(at).start;
}

function firstLocation(to: Converter, value: unknown): number | undefined {
  if (value === null || typeof value !== "object") return undefined;
  let least: number | undefined;
  for (const [member, inner] of Object.entries(value)) {
    const found =
      member === "location" && typeof inner === "number"
        ? inner < 0
          ? undefined
          : to.source.fromByte(inner)
        : firstLocation(to, inner);
    if (found !== undefined && (least === undefined || found < least)) least = found;
  }
  return least;
}
