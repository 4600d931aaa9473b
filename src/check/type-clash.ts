/**
 * Types that cannot meet: comparisons, arithmetic and arguments. PostgreSQL refuses them (manual, chapter 10); SQLite converts or compares by storage
 * class (datatype3.html, 4), so that the condition runs and never holds: there it is a warning.
 */

import type { DialectName } from "../schema/snapshot.js";
import { type CallExpr, type Expr, type LiteralExpr, type OperatorExpr, within } from "../sql/tree.js";
import { callName } from "./calls.js";
import { expressionsOf } from "./expressions.js";
import type { Finding } from "./finding.js";
import { typeOf } from "./infer.js";
import { mixedTypes } from "./mixed-types.js";
import type { Edit } from "./relation.js";
import type { RuleInput } from "./rule.js";
import { familyOf, isNumeric, isTemporal, readsAs, type TypeFamily } from "./types.js";

const comparisons = new Set([
  "=",
  "<>",
  "<",
  "<=",
  ">",
  ">=",
  "between",
  "not between",
  "is distinct from",
  "is not distinct from",
]);

export function typeFindings(input: RuleInput): readonly Finding[] {
  const dialect = input.view.snapshot.dialect;
  return input.resolution.selects.flatMap((select) =>
    expressionsOf(select).flatMap((root) =>
      [...within(root)].flatMap((expr): readonly Finding[] => {
        if (expr.type === "operator" && comparisons.has(expr.op) && expr.quantifier === undefined)
          return comparison(expr, input, dialect);
        if (expr.type === "in" && expr.query === undefined)
          return expr.list.flatMap((item) => pair(expr.left, item, input, dialect, expr));
        if (expr.type === "operator" && /^(not )?i?like$/.test(expr.op))
          return dialect === "postgres" ? liked(expr, input) : [];
        if (expr.type === "operator" && (expr.op === "+" || expr.op === "-"))
          return [...(expr.op === "+" ? added(expr, input, dialect) : []), ...shifted(expr, input, dialect)];
        if (dialect === "sqlite") return [];
        return expr.type === "call" ? [...argument(expr, input), ...mixedTypes(expr, input)] : mixedTypes(expr, input);
      }),
    ),
  );
}

function comparison(expr: OperatorExpr, input: RuleInput, dialect: DialectName): readonly Finding[] {
  const [left, ...rest] = expr.args;
  return left === undefined ? [] : rest.flatMap((right) => pair(left, right, input, dialect, expr));
}

function pair(left: Expr, right: Expr, input: RuleInput, dialect: DialectName, whole: Expr): readonly Finding[] {
  const a = familyOf(typeOf(left, input.resolution, dialect), dialect);
  const b = familyOf(typeOf(right, input.resolution, dialect), dialect);
  if (right.type === "literal" && right.kind === "string" && a !== undefined)
    return textBeside(left, right, a, input, dialect);
  if (left.type === "literal" && left.kind === "string" && b !== undefined)
    return textBeside(right, left, b, input, dialect);
  if (dialect === "sqlite" || a === undefined || b === undefined || comparable(a, b)) return [];
  return [clash(a, b, whole, mendPair(left, right, a, b, input.sql))];
}

/** A quoted literal takes the column's type: it must read as one. */
function textBeside(
  column: Expr,
  literal: LiteralExpr,
  family: TypeFamily,
  input: RuleInput,
  dialect: DialectName,
): readonly Finding[] {
  const strict = isNumeric(family) || family === "boolean" || isTemporal(family) || family === "uuid";
  if (!strict || readsAs(literal.text, family)) return [];
  // SQLite has neither booleans nor dates of its own; only numbers never equal a text.
  if (dialect === "sqlite" && !isNumeric(family)) return [];
  const shown = input.sql.slice(column.span.start, column.span.end);
  const message = `${shown} is ${article(family)}; '${literal.text.slice(0, 60)}' is not.`;
  const severity = dialect === "sqlite" ? "warning" : "error";
  const digits = isNumeric(family) ? numberWithin(literal.text) : undefined;
  const fixes = digits === undefined ? [] : [[{ ...literal.span, text: digits }]];
  return [
    {
      code: "type_mismatch",
      severity,
      message,
      span: literal.span,
      help: "Compare it with a value of its type.",
      fixes,
    },
  ];
}

/** The one number that a text says beside a currency or a unit; undefined where it could be another (`12,5`, `5 %`, `3k`). */
function numberWithin(text: string): string | undefined {
  const match =
    /^\s*(?:\p{Sc}|[A-Z]{3}\s)?\s*([+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+-]?\d+(?:\.\d+)?)\s*(\p{Sc}|\p{L}[\p{L}\s]*)?\s*$/u.exec(
      text,
    );
  const isScaled =
    /^(k|m|g|t|b|bn|mn|mio|mrd|tsd|thousand|million|billion|hundred|dozen|lakh|crore|percent|pct|th|st|nd|rd|e)\b/i.test(
      match?.[2] ?? "",
    );
  return isScaled ? undefined : match?.[1]?.replaceAll(",", "");
}

function comparable(a: TypeFamily, b: TypeFamily): boolean {
  if (a === b || a === "other" || b === "other" || a === "array" || b === "array" || a === "json" || b === "json")
    return true;
  if (isNumeric(a) && isNumeric(b)) return true;
  return isTemporal(a) && isTemporal(b);
}

/** A number literal beside text is quoted; otherwise the side that is not text is cast to text. */
function mendPair(left: Expr, right: Expr, a: TypeFamily, b: TypeFamily, sql: string): readonly (readonly Edit[])[] {
  const quoted = (e: Expr): readonly Edit[] => [{ ...e.span, text: `'${sql.slice(e.span.start, e.span.end)}'` }];
  if (a === "text" && right.type === "literal") return [quoted(right)];
  if (b === "text" && left.type === "literal") return [quoted(left)];
  if (a === "boolean" && right.type === "literal" && /^[01]$/.test(right.text))
    return [[{ ...right.span, text: right.text === "1" ? "true" : "false" }]];
  if (isTemporal(a) && right.type === "literal" && /^(19|20)\d\d$/.test(right.text))
    return [[wrap(left, sql, (t) => `EXTRACT(YEAR FROM ${t})`)]];
  if (isTemporal(a) && right.type === "literal" && right.kind === "number") return [quoted(right)];
  if (a === "text") return [[castTo(right, "text", sql)]];
  if (b === "text") return [[castTo(left, "text", sql)]];
  return [];
}

function castTo(expr: Expr, type: string, sql: string): Edit {
  return wrap(expr, sql, (text) => `CAST(${text} AS ${type})`);
}

function wrap(expr: Expr, sql: string, around: (text: string) => string): Edit {
  return { ...expr.span, text: around(sql.slice(expr.span.start, expr.span.end)) };
}

function clash(a: TypeFamily, b: TypeFamily, at: Expr, fixes: readonly (readonly Edit[])[]): Finding {
  const message = `${article(a)} and ${article(b)} cannot be compared.`;
  return {
    code: "type_mismatch",
    severity: "error",
    message: message.slice(0, 1).toUpperCase() + message.slice(1),
    help: "Cast one side.",
    span: at.type === "operator" ? at.opSpan : at.span,
    fixes,
  };
}

function liked(expr: OperatorExpr, input: RuleInput): readonly Finding[] {
  const [left] = expr.args;
  const family = left === undefined ? undefined : familyOf(typeOf(left, input.resolution, "postgres"), "postgres");
  if (left === undefined || !(isNumeric(family) || isTemporal(family) || family === "boolean" || family === "uuid"))
    return [];
  return [clash(family ?? "other", "text", expr, [[castTo(left, "text", input.sql)]])];
}

/** `'a' + b`: texts are joined by || in both dialects; SQLite adds them as numbers and gives 0. */
function added(expr: OperatorExpr, input: RuleInput, dialect: DialectName): readonly Finding[] {
  const isText = (e: Expr) =>
    e.type === "literal"
      ? e.kind === "string" && !/^\s*\d/.test(e.text)
      : familyOf(typeOf(e, input.resolution, dialect), dialect) === "text";
  const [left, right] = expr.args;
  if (left === undefined || right === undefined) return [];
  const joined = (e: Expr): boolean => isText(e) || (e.type === "operator" && e.op === "+" && e.args.some(joined));
  const hasLiteral = [left, right].some((e) => e.type === "literal" && e.kind === "string");
  if (!(joined(left) && joined(right)) && !(hasLiteral && (joined(left) || joined(right)))) return [];
  const severity = dialect === "sqlite" ? "warning" : "error";
  return [
    {
      code: "wrong_dialect",
      severity,
      message: "Texts are joined by ||, not by +.",
      span: expr.opSpan,
      fixes: [[{ ...expr.opSpan, text: "||" }]],
    },
  ];
}

/** A moment and a bare number: of days, as with a date (PostgreSQL manual, 9.9); SQLite takes the text for a number. */
function shifted(expr: OperatorExpr, input: RuleInput, dialect: DialectName): readonly Finding[] {
  const [left, right] = expr.args;
  if (dialect === "sqlite" || left === undefined || right?.type !== "literal" || right.kind !== "number") return [];
  if (familyOf(typeOf(left, input.resolution, dialect), dialect) !== "timestamp") return [];
  return [
    {
      code: "type_mismatch",
      severity: "error",
      message: "A number cannot be added to a timestamp, nor taken from it: an interval can.",
      span: right.span,
      help: `Write INTERVAL '${right.text} days'.`,
      fixes: [[{ ...right.span, text: `INTERVAL '${right.text} days'` }]],
    },
  ];
}

const wantsText = new Set(
  "lower upper initcap trim ltrim rtrim btrim length char_length substring substr replace left right split_part position strpos reverse lpad rpad regexp_replace".split(
    " ",
  ),
);
const wantsNumber = new Set(
  "sum avg abs sqrt ceil ceiling floor power round stddev stddev_samp stddev_pop variance var_samp var_pop".split(" "),
);

function argument(expr: CallExpr, input: RuleInput): readonly Finding[] {
  const name = callName(expr);
  const dateArg = name === "date_trunc" || name === "extract" || name === "date_part" ? expr.args[1] : undefined;
  const arg = dateArg ?? expr.args[0];
  if (arg === undefined || arg.type === "literal") return [];
  const type = typeOf(arg, input.resolution, "postgres");
  const family = familyOf(type, "postgres");
  if (family === undefined || family === "other" || family === "array") return [];
  const said = (wants: string, to: string): readonly Finding[] => [
    {
      code: "type_mismatch",
      severity: "error",
      message: `${name}() wants ${wants}, not ${article(family)}.`,
      help: `Cast the argument to ${to}.`,
      span: arg.span,
      fixes: [[castTo(arg, to, input.sql)]],
    },
  ];
  if (dateArg !== undefined) return family === "text" ? said("a date or time", "timestamp") : [];
  if (wantsText.has(name) && (isNumeric(family) || isTemporal(family) || family === "boolean"))
    return said("a text", "text");
  if (wantsNumber.has(name) && (family === "text" || family === "boolean"))
    return said("a number", family === "text" ? "numeric" : "int");
  // round(double precision, integer) does not exist (manual, 9.3).
  if (
    name === "round" &&
    expr.args.length === 2 &&
    type !== undefined &&
    /^(double precision|real|float\d?)$/i.test(type)
  )
    return said("a numeric for two arguments", "numeric");
  return [];
}

function article(family: TypeFamily): string {
  const names: Partial<Record<TypeFamily, string>> = {
    integer: "an integer",
    interval: "an interval",
    array: "an array",
    other: "another type",
    bytes: "bytes",
  };
  return names[family] ?? `a ${family}`;
}
