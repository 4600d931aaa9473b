/**
 * What a PostgreSQL statement does and uses, from a walk over EVERY node of the parser's tree, whatever holds it: a function in FROM, in a
 * sort key, in a frame bound, a write in a CTE, a lock. Allow-list: a kind of node that is not known to be harmless is told as `unknown`.
 */

import { typeText } from "./postgres-expressions.js";
import { listOf, numberOf, type Raw, rawOf, type Source, stringsOf, textOf, unwrap } from "./postgres-nodes.js";
import type { Facts, StatementKind, Used } from "./statement.js";
import type { Span } from "./tree.js";

/** Kinds of nodes that a read-only query is made of. Source: PostgreSQL's nodes/parsenodes.h and primnodes.h. */
const harmless = new Set(
  `SelectStmt ColumnRef A_Const A_Expr A_Star A_Indices A_Indirection A_ArrayExpr ParamRef FuncCall BoolExpr NullTest BooleanTest SubLink
  CaseExpr CaseWhen TypeCast CoalesceExpr MinMaxExpr SQLValueFunction GroupingFunc GroupingSet NamedArgExpr ResTarget RangeVar RangeSubselect
  RangeFunction RangeTableSample JoinExpr WithClause CommonTableExpr CTESearchClause CTECycleClause SortBy WindowDef String Integer Float Boolean BitString
  List Alias RowExpr CollateClause LockingClause IntoClause TypeName ColumnDef CurrentOfExpr XmlExpr XmlSerialize RangeTableFunc RangeTableFuncCol
  JsonObjectConstructor JsonArrayConstructor JsonArrayQueryConstructor JsonAggConstructor JsonObjectAgg JsonArrayAgg JsonKeyValue JsonValueExpr
  JsonOutput JsonReturning JsonFormat JsonIsPredicate JsonParseExpr JsonScalarExpr JsonSerializeExpr JsonFuncExpr JsonBehavior JsonArgument
  JsonTable JsonTableColumn JsonTablePathSpec JsonTablePath MergeSupportFunc SetToDefault`.split(/\s+/),
);

const writes: Readonly<Record<string, StatementKind>> = {
  InsertStmt: "insert",
  UpdateStmt: "update",
  DeleteStmt: "delete",
  MergeStmt: "update",
};

/** What a top-level statement is, by its node's name. */
export function kindOf(tag: string): StatementKind {
  if (tag === "SelectStmt") return "select";
  const write = writes[tag];
  if (write !== undefined) return write;
  return /^(Create|Alter|Drop|Truncate|Define|Rename|Index|View|Rule|Grant|Comment|Cluster|Reindex|Refresh|CompositeType|SecLabel|Import|Composite)/.test(
    tag,
  )
    ? "ddl"
    : "utility";
}

interface Found {
  kind: StatementKind;
  readonly writes: Used[];
  readonly functions: Used[];
  readonly operators: Used[];
  readonly types: Used[];
  readonly relations: Used[];
  readonly unknown: string[];
  readonly params: Set<string>;
}

/** The facts of one parsed statement. */
export function factsOf(tag: string, raw: Raw, source: Source): Facts {
  const found: Found = {
    kind: kindOf(tag),
    writes: [],
    functions: [],
    operators: [],
    types: [],
    relations: [],
    unknown: [],
    params: new Set(),
  };
  visit(tag, raw, source, found);
  const { params, ...facts } = found;
  return { ...facts, params: [...params] };
}

function visit(tag: string, raw: Raw, source: Source, found: Found): void {
  note(tag, raw, source, found);
  for (const [member, value] of Object.entries(raw)) descend(member, value, source, found);
}

/** A wrapped node is a lone member with a capital; unwrapped members are typed by their name. */
function descend(member: string, value: unknown, source: Source, found: Found): void {
  if (Array.isArray(value)) {
    for (const item of value) descend(member, item, source, found);
    return;
  }
  if (value === null || typeof value !== "object") return;
  const inner = value as Raw;
  const [tag, body] = unwrap(inner);
  if (/^[A-Z]/.test(tag) && Object.keys(inner).length === 1) visit(tag, body, source, found);
  else visit(bareTags[member] ?? "", inner, source, found);
}

/** Members whose node the JSON leaves unwrapped. */
const bareTags: Readonly<Record<string, string>> = {
  larg: "SelectStmt",
  rarg: "SelectStmt",
  typeName: "TypeName",
  over: "WindowDef",
  withClause: "WithClause",
  intoClause: "IntoClause",
  relation: "RangeVar",
};

function note(tag: string, raw: Raw, source: Source, found: Found): void {
  const write = writes[tag];
  if (write !== undefined) {
    if (found.kind === "select") found.kind = write;
    found.writes.push({ name: [write.toUpperCase()], span: spanAt(raw, source, "location") });
  }
  switch (tag) {
    case "":
      return;
    case "FuncCall":
      found.functions.push(used(stringsOf(raw, "funcname"), raw, source));
      return;
    case "A_Expr":
      found.operators.push(used(stringsOf(raw, "name"), raw, source));
      return;
    case "SubLink":
      if (listOf(raw, "operName").length > 0) found.operators.push(used(stringsOf(raw, "operName"), raw, source));
      return;
    case "SortBy":
      if (listOf(raw, "useOp").length > 0) found.operators.push(used(stringsOf(raw, "useOp"), raw, source));
      return;
    case "TypeName":
      found.types.push(used([typeText(raw)], raw, source));
      return;
    case "SQLValueFunction":
      found.functions.push(
        used([textOf(raw, "op").replace("SVFOP_", "").toLowerCase().replace(/_n$/, "")], raw, source),
      );
      return;
    case "ParamRef":
      found.params.add(`$${numberOf(raw, "number")}`);
      return;
    case "RangeVar":
      noteRelation(raw, source, found);
      return;
    case "RangeTableSample":
      noteSampling(raw, source, found);
      return;
    case "LockingClause":
      found.writes.push({ name: ["FOR UPDATE/SHARE"], span: wordSpan(source, "for") });
      return;
    case "IntoClause":
      found.kind = "ddl";
      found.writes.push({ name: ["INTO"], span: wordSpan(source, "into") });
      return;
    default:
      if (!harmless.has(tag) && write === undefined) found.unknown.push(tag);
  }
}

function noteRelation(raw: Raw, source: Source, found: Found): void {
  const name = ["catalogname", "schemaname", "relname"].map((m) => textOf(raw, m)).filter((t) => t !== "");
  found.relations.push(used(name, raw, source));
}

/** A sampling method is a function as well. */
function noteSampling(raw: Raw, source: Source, found: Found): void {
  found.functions.push(used(stringsOf(raw, "method"), raw, source));
  const relation = rawOf(raw, "relation");
  if (relation === undefined) found.unknown.push("RangeTableSample");
}

function used(name: readonly string[], raw: Raw, source: Source): Used {
  const offset = source.offset(raw);
  const span = offset === undefined ? { start: 0, end: 0 } : pathSpan(source, name.length, offset);
  return { name, span };
}

function pathSpan(source: Source, parts: number, offset: number): Span {
  const first = source.index(offset);
  let last = first;
  for (let i = 1; i < parts && source.isOp(last + 1, "."); i++) last += 2;
  return { start: source.tokenSpan(first).start, end: source.tokenSpan(last).end };
}

function spanAt(raw: Raw, source: Source, member: string): Span {
  const relation = rawOf(raw, "relation");
  const offset = relation === undefined ? source.offset(raw, member) : source.offset(relation);
  return offset === undefined ? { start: 0, end: source.sql.length } : source.tokenSpan(source.index(offset));
}

function wordSpan(source: Source, word: string): Span {
  const token = source.tokens.findLast((t) => t.kind === "word" && t.value === word);
  return token === undefined ? { start: 0, end: source.sql.length } : { start: token.start, end: token.end };
}
