/** BETWEEN two dates, or up to a date, over a column with times: the last day counts only at midnight. Half-open ranges say what is meant. */

import { type Expr, type OperatorExpr, within } from "../../sql/tree.js";
import { expressionsOf } from "../expressions.js";
import type { Finding } from "../finding.js";
import { typeOf } from "../infer.js";
import type { RuleInput } from "../rule.js";
import { familyOf } from "../types.js";

export function timestampBetween(input: RuleInput): readonly Finding[] {
  return input.resolution.selects.flatMap((select) =>
    expressionsOf(select).flatMap((root) =>
      [...within(root)].flatMap((e) => (e.type === "operator" ? finding(e, input) : [])),
    ),
  );
}

/** The value, its lower bound where there is one, and the highest value that still counts. */
function boundsOf(expr: OperatorExpr): { readonly column: Expr; readonly low?: Expr; readonly high: Expr } | undefined {
  const [first, second, third] = expr.args;
  if (first === undefined || second === undefined || expr.quantifier !== undefined) return undefined;
  if (expr.op === "between" && third !== undefined) return { column: first, low: second, high: third };
  if (expr.op === "<=") return { column: first, high: second };
  return expr.op === ">=" ? { column: second, high: first } : undefined;
}

function finding(expr: OperatorExpr, input: RuleInput): readonly Finding[] {
  const { dialect } = input.view.snapshot;
  const bounds = boundsOf(expr);
  if (bounds === undefined) return [];
  const { column, low, high } = bounds;
  if (familyOf(typeOf(column, input.resolution, dialect), dialect) !== "timestamp") return [];
  const day = dateOnly(high);
  if (day === undefined) return [];
  const text = (e: Expr) => input.sql.slice(e.span.start, e.span.end);
  const above = low === undefined ? "" : `${text(column)} >= ${text(low)} AND `;
  const half = `${above}${text(column)} < '${nextDay(day)}'`;
  return [
    {
      code: "timestamp_between",
      severity: "warning",
      span: expr.span,
      message: `The column has times: of ${day} only midnight is within.`,
      help: `Write ${half}.`,
      fixes: [[{ ...expr.span, text: half }]],
    },
  ];
}

function dateOnly(expr: Expr): string | undefined {
  const inner = expr.type === "cast" ? expr.arg : expr;
  const match =
    inner.type === "literal" && inner.kind === "string" ? /^\d{4}-\d{2}-\d{2}$/.exec(inner.text.trim()) : null;
  return match?.[0] !== undefined && !Number.isNaN(Date.parse(match[0])) ? match[0] : undefined;
}

function nextDay(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
