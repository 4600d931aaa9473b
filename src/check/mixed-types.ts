/**
 * Values that become one result and have different types: the arguments of coalesce and its kin, the branches of CASE. PostgreSQL wants one type
 * (manual, 10.5 "UNION, CASE, and Related Constructs"); what is meant beside a text is text.
 */

import type { Expr } from "../sql/tree.js";
import { callName } from "./calls.js";
import type { Finding } from "./finding.js";
import { typeOf } from "./infer.js";
import type { RuleInput } from "./rule.js";
import { familyOf, isNumeric, isTemporal, readsAs, type TypeFamily } from "./types.js";

/** For PostgreSQL; SQLite takes any mixture. */
export function mixedTypes(expr: Expr, input: RuleInput): readonly Finding[] {
  const values = valuesOf(expr).map((value) => ({ value, family: familyHere(value, input) }));
  const typed = values.filter(({ value, family }) => family !== undefined && value.type !== "literal");
  const odd = values.find(({ value, family }) =>
    isTextBeside(
      value,
      family,
      typed.map((t) => t.family),
    ),
  );
  if (odd === undefined) return [];
  const others = values.filter(({ value, family }) => family !== undefined && isPlain(family) && !isString(value));
  if (others.length === 0) return [];
  const text = (e: Expr) => input.sql.slice(e.span.start, e.span.end);
  return [
    {
      code: "type_mismatch",
      severity: "error",
      message: `${text(odd.value)} is a text, and the other values here are not.`,
      span: odd.value.span,
      help: "Cast the others to text.",
      fixes: [others.map(({ value }) => ({ ...value.span, text: `CAST(${text(value)} AS text)` }))],
    },
  ];
}

function valuesOf(expr: Expr): readonly Expr[] {
  if (expr.type === "call") return /^(coalesce|greatest|least)$/.test(callName(expr)) ? expr.args : [];
  if (expr.type !== "case") return [];
  return [...expr.whens.map((w) => w.result), ...(expr.otherwise === undefined ? [] : [expr.otherwise])];
}

function familyHere(value: Expr, input: RuleInput): TypeFamily | undefined {
  return familyOf(typeOf(value, input.resolution, "postgres"), "postgres");
}

/** A text, or a quoted literal that cannot be read as any of the other values' types. */
function isTextBeside(
  value: Expr,
  family: TypeFamily | undefined,
  others: readonly (TypeFamily | undefined)[],
): boolean {
  const strange = others.filter((o): o is TypeFamily => o !== undefined && isPlain(o));
  if (strange.length === 0) return false;
  if (value.type === "literal") return value.kind === "string" && strange.every((o) => !readsAs(value.text, o));
  return family === "text";
}

function isString(value: Expr): boolean {
  return value.type === "literal" && (value.kind === "string" || value.kind === "null");
}

function isPlain(family: TypeFamily): boolean {
  return isNumeric(family) || isTemporal(family) || family === "boolean" || family === "uuid";
}
