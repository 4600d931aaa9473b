/** Whole numbers divided by whole numbers: both dialects cut the fraction off (PostgreSQL manual, 9.3; sqlite.org/lang_expr.html). */

import { argumentsOf, type Expr, type OperatorExpr } from "../../sql/tree.js";
import { expressionsOf } from "../expressions.js";
import type { Finding } from "../finding.js";
import { typeOf } from "../infer.js";
import type { RuleInput } from "../rule.js";
import { familyOf } from "../types.js";

export function integerDivision(input: RuleInput): readonly Finding[] {
  return input.resolution.selects.flatMap((select) =>
    expressionsOf(select).flatMap((root) => [...divisions(root, undefined, input)]),
  );
}

function* divisions(expr: Expr, parent: Expr | undefined, input: RuleInput): Generator<Finding> {
  if (expr.type === "operator" && expr.op === "/" && !isBucket(expr, parent)) {
    const found = finding(expr, input);
    if (found !== undefined) yield found;
  }
  for (const arg of argumentsOf(expr)) yield* divisions(arg, expr, input);
}

/** `(x / 10) * 10` and a cast to a whole number cut off on purpose. */
function isBucket(expr: OperatorExpr, parent: Expr | undefined): boolean {
  if (parent?.type === "cast" && /int/.test(parent.to)) return true;
  if (parent?.type === "call" && /^(floor|trunc)$/i.test(parent.name.at(-1)?.text ?? "")) return true;
  const by = expr.args[1];
  return (
    parent?.type === "operator" &&
    parent.op === "*" &&
    by?.type === "literal" &&
    parent.args.some((a) => a.type === "literal" && a.text === by.text)
  );
}

function finding(expr: OperatorExpr, input: RuleInput): Finding | undefined {
  const { dialect } = input.view.snapshot;
  const [left, right] = expr.args;
  if (left === undefined || right === undefined || (left.type === "literal" && right.type === "literal"))
    return undefined;
  if (![left, right].every((e) => familyOf(typeOf(e, input.resolution, dialect), dialect) === "integer"))
    return undefined;
  const type = dialect === "sqlite" ? "REAL" : "numeric";
  const text = `CAST(${input.sql.slice(left.span.start, left.span.end)} AS ${type})`;
  return {
    code: "integer_division",
    severity: "warning",
    span: expr.span,
    message: "Whole numbers are divided here, and the fraction is cut off.",
    help: `Make one side a decimal: ${text.slice(0, 120)} / ….`,
    fixes: [[{ ...left.span, text }]],
  };
}
