/**
 * One neutral tree of a read-only statement, the same for both dialects: what the checks think over. Offsets count UTF-16 code units of
 * the text that was parsed. It holds what names, rows and keys mean; it is not a printer's tree and leaves out what only the planner needs.
 */

/** A stretch of the text: `start` inclusive, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** An identifier as it means (quotes undone, case folded where the dialect folds) and where it stands. */
export interface Name {
  readonly text: string;
  readonly span: Span;
  /** True where it was written in quotes. */
  readonly quoted: boolean;
}

export interface Query {
  readonly type: "query";
  readonly span: Span;
  readonly recursive: boolean;
  readonly ctes: readonly CommonTable[];
  readonly body: Body;
  readonly orderBy: readonly OrderItem[];
  readonly limit?: Expr;
  readonly offset?: Expr;
}

export interface CommonTable {
  readonly name: Name;
  readonly columns: readonly Name[];
  readonly query: Query;
}

export type Body = Select | SetOperation | Values | QueryBody;

/** A query in parentheses as an arm of a set operation. */
export interface QueryBody {
  readonly type: "nested";
  readonly query: Query;
}

export interface SetOperation {
  readonly type: "set";
  readonly op: "union" | "intersect" | "except";
  readonly all: boolean;
  readonly left: Body;
  readonly right: Body;
}

export interface Values {
  readonly type: "values";
  readonly rows: readonly (readonly Expr[])[];
}

export interface Select {
  readonly type: "select";
  readonly span: Span;
  readonly distinct: boolean;
  /** PostgreSQL's DISTINCT ON. */
  readonly distinctOn: readonly Expr[];
  readonly items: readonly SelectItem[];
  readonly from: readonly FromItem[];
  readonly where?: Expr;
  readonly groupBy: readonly Expr[];
  /** True where GROUP BY holds grouping sets, cube or rollup. */
  readonly groupingSets: boolean;
  readonly having?: Expr;
  readonly windows: readonly WindowSpec[];
}

export interface SelectItem {
  readonly expr: Expr;
  readonly alias?: Name;
}

export interface OrderItem {
  readonly expr: Expr;
  readonly descending: boolean;
}

export type FromItem = TableSource | SubquerySource | FunctionSource | Join;

interface Aliased {
  readonly span: Span;
  readonly alias?: Name;
  readonly columnAliases: readonly Name[];
}

export interface TableSource extends Aliased {
  readonly type: "table";
  /** One to three names: table, schema.table, catalog.schema.table. */
  readonly path: readonly Name[];
}

export interface SubquerySource extends Aliased {
  readonly type: "subquery";
  readonly lateral: boolean;
  readonly query: Query;
}

export interface FunctionSource extends Aliased {
  readonly type: "function";
  readonly calls: readonly Expr[];
  readonly ordinality: boolean;
}

export interface Join {
  readonly type: "join";
  readonly span: Span;
  readonly kind: "inner" | "left" | "right" | "full" | "cross";
  readonly natural: boolean;
  /** True where joined by a comma. */
  readonly comma: boolean;
  readonly left: FromItem;
  readonly right: FromItem;
  readonly on?: Expr;
  readonly using: readonly Name[];
  readonly alias?: Name;
  /** PostgreSQL's `USING (…) AS name`: a name for the merged columns alone. */
  readonly usingAlias?: Name;
}

export interface WindowSpec {
  readonly name?: Name;
  /** The named window that this one starts from. */
  readonly base?: string;
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly OrderItem[];
  /** Frame bounds. */
  readonly bounds: readonly Expr[];
}

export type Expr =
  | ColumnExpr
  | StarExpr
  | LiteralExpr
  | ParamExpr
  | CallExpr
  | OperatorExpr
  | InExpr
  | SubqueryExpr
  | CaseExpr
  | CastExpr
  | OtherExpr;

export interface ColumnExpr {
  readonly type: "column";
  readonly span: Span;
  readonly path: readonly Name[];
}

export interface StarExpr {
  readonly type: "star";
  readonly span: Span;
  readonly qualifier: readonly Name[];
}

export interface LiteralExpr {
  readonly type: "literal";
  readonly span: Span;
  readonly kind: "number" | "string" | "null" | "boolean" | "blob";
  /** The value: digits as written, a string's content. */
  readonly text: string;
}

export interface ParamExpr {
  readonly type: "param";
  readonly span: Span;
  readonly name: string;
}

export interface CallExpr {
  readonly type: "call";
  readonly span: Span;
  readonly name: readonly Name[];
  readonly args: readonly Expr[];
  readonly star: boolean;
  readonly distinct: boolean;
  readonly orderBy: readonly OrderItem[];
  readonly filter?: Expr;
  readonly over?: WindowSpec;
}

/** Any operator; `op` in lower case: `+`, `=`, `and`, `not`, `is`, `is not distinct from`, `between`, `like`, `is null`, … */
export interface OperatorExpr {
  readonly type: "operator";
  readonly span: Span;
  readonly op: string;
  readonly opSpan: Span;
  readonly args: readonly Expr[];
  /** `any` or `all` where the right side is a set. */
  readonly quantifier?: "any" | "all";
}

export interface InExpr {
  readonly type: "in";
  readonly span: Span;
  readonly not: boolean;
  readonly left: Expr;
  readonly list: readonly Expr[];
  readonly query?: Query;
}

export interface SubqueryExpr {
  readonly type: "subquery";
  readonly span: Span;
  readonly kind: "scalar" | "exists" | "array";
  readonly query: Query;
}

export interface CaseExpr {
  readonly type: "case";
  readonly span: Span;
  readonly operand?: Expr;
  readonly whens: readonly { readonly when: Expr; readonly result: Expr }[];
  readonly otherwise?: Expr;
}

export interface CastExpr {
  readonly type: "cast";
  readonly span: Span;
  readonly arg: Expr;
  /** The type's name in lower case without its arguments, `[]` for arrays: `numeric`, `integer[]`. */
  readonly to: string;
  readonly toSpan: Span;
}

/** What the checks need not tell apart: rows, arrays, subscripts, collations, grouping sets. */
export interface OtherExpr {
  readonly type: "other";
  readonly span: Span;
  readonly what: string;
  readonly args: readonly Expr[];
}

/** The expressions directly within one. Queries within are reached by `queriesOf`. */
export function argumentsOf(expr: Expr): readonly Expr[] {
  switch (expr.type) {
    case "call":
      return [
        ...expr.args,
        ...expr.orderBy.map((o) => o.expr),
        ...(expr.filter === undefined ? [] : [expr.filter]),
        ...(expr.over === undefined ? [] : windowExpressions(expr.over)),
      ];
    case "operator":
    case "other":
      return expr.args;
    case "in":
      return [expr.left, ...expr.list];
    case "case":
      return [
        ...(expr.operand === undefined ? [] : [expr.operand]),
        ...expr.whens.flatMap((w) => [w.when, w.result]),
        ...(expr.otherwise === undefined ? [] : [expr.otherwise]),
      ];
    case "cast":
      return [expr.arg];
    default:
      return [];
  }
}

/** The query directly within an expression. */
export function queryOf(expr: Expr): Query | undefined {
  return expr.type === "subquery" || expr.type === "in" ? expr.query : undefined;
}

export function windowExpressions(window: WindowSpec): readonly Expr[] {
  return [...window.partitionBy, ...window.orderBy.map((o) => o.expr), ...window.bounds];
}

/** Every expression below and including `expr`, queries within left out. */
export function* within(expr: Expr): Generator<Expr> {
  yield expr;
  for (const arg of argumentsOf(expr)) yield* within(arg);
}

/** The conditions that must all hold: `a and (b and c)` as `[a, b, c]`. */
export function conjuncts(expr: Expr | undefined): readonly Expr[] {
  if (expr === undefined) return [];
  if (expr.type === "operator" && expr.op === "and") return expr.args.flatMap(conjuncts);
  return [expr];
}

/** The selects of a body, arms of set operations and nested queries included. */
export function selectsOf(body: Body): readonly Select[] {
  switch (body.type) {
    case "select":
      return [body];
    case "set":
      return [...selectsOf(body.left), ...selectsOf(body.right)];
    case "nested":
      return selectsOf(body.query.body);
    case "values":
      return [];
  }
}

/** The sources of a FROM clause, joins taken apart, left to right. */
export function sourcesOf(from: readonly FromItem[]): readonly Exclude<FromItem, Join>[] {
  return from.flatMap((item) => (item.type === "join" ? sourcesOf([item.left, item.right]) : [item]));
}
