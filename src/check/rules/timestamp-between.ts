/** BETWEEN two dates over a column with times: the last day counts only at midnight. Half-open ranges say what is meant. */

import { type Expr, type OperatorExpr, within } from "../../sql/tree.js";
import { expressionsOf } from "../expressions.js";
import type { Finding } from "../finding.js";
import { typeOf } from "../infer.js";
import type { RuleInput } from "../rule.js";
import { familyOf } from "../types.js";

export function timestampBetween(input: RuleInput): readonly Finding[] {
  return input.resolution.selects.flatMap((select) =>
    expressionsOf(select).flatMap((root) =>
      [...within(root)].flatMap((e) => (e.type === "operator" && e.op === "between" ? finding(e, input) : [])),
    ),
  );
}

function finding(expr: OperatorExpr, input: RuleInput): readonly Finding[] {
  const { dialect } = input.view.snapshot;
  const [column, low, high] = expr.args;
  if (column === undefined || low === undefined || high === undefined) return [];
  if (familyOf(typeOf(column, input.resolution, dialect), dialect) !== "timestamp") return [];
  const day = dateOnly(high);
  if (day === undefined) return [];
  const text = (e: Expr) => input.sql.slice(e.span.start, e.span.end);
  const half = `${text(column)} >= ${text(low)} AND ${text(column)} < '${nextDay(day)}'`;
  return [
    {
      code: "timestamp_between",
      severity: "warning",
      span: expr.span,
      message: `The column has times: of ${day} only midnight is between.`,
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
