/** `= NULL` and `<> NULL` are never true (SQL-92, 8.2): IS NULL is meant. */

import { type Expr, within } from "../../sql/tree.js";
import { expressionsOf } from "../expressions.js";
import type { Finding } from "../finding.js";
import type { RuleInput } from "../rule.js";

export function nullComparison(input: RuleInput): readonly Finding[] {
  return input.resolution.selects.flatMap((select) =>
    expressionsOf(select).flatMap((root) => [...within(root)].flatMap((e) => finding(e, input))),
  );
}

function finding(expr: Expr, input: RuleInput): readonly Finding[] {
  if (expr.type !== "operator" || !/^(=|<>)$/.test(expr.op) || expr.args.length !== 2) return [];
  const isNull = (e: Expr | undefined) => e?.type === "literal" && e.kind === "null";
  const other = expr.args.find((a) => !isNull(a));
  if (!expr.args.some(isNull) || other === undefined) return [];
  const text = `${input.sql.slice(other.span.start, other.span.end)} ${expr.op === "=" ? "IS NULL" : "IS NOT NULL"}`;
  return [
    {
      code: "null_comparison",
      severity: "warning",
      span: expr.span,
      message: "A comparison with NULL is never true.",
      help: `Write ${text}.`,
      fixes: [[{ ...expr.span, text }]],
    },
  ];
}
