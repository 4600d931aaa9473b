/** An average of averages, or of ratios made per group: small groups weigh as much as large ones (Simpson's paradox at work). */

import { argumentsOf, type Expr } from "../../sql/tree.js";
import { aggregatesIn, callName, isAggregate } from "../calls.js";
import type { Finding } from "../finding.js";
import type { OutColumn } from "../relation.js";
import type { RuleInput } from "../rule.js";

export function aggregatedAverage(input: RuleInput): readonly Finding[] {
  const { snapshot } = input.view;
  return input.resolution.selects.flatMap((select) => {
    const exprs = [...select.items.map((i) => i.expr), ...(select.having === undefined ? [] : [select.having])];
    return exprs
      .flatMap((e) => aggregatesIn(e, snapshot))
      .flatMap((call): readonly Finding[] => {
        const [arg] = call.args;
        if (callName(call) !== "avg" || arg === undefined || !readsAverage(arg, input)) return [];
        return [
          {
            code: "aggregated_average",
            severity: "warning",
            span: call.span,
            message: "This is an average of averages: each group weighs the same, whatever its size.",
            help: "Divide the sum of all values by the count of all values.",
          },
        ];
      });
  });
}

function readsAverage(expr: Expr, input: RuleInput): boolean {
  if (expr.type === "column") {
    const column = input.resolution.bindings.get(expr)?.column;
    return column !== undefined && isAverage(column, input);
  }
  return argumentsOf(expr).some((a) => readsAverage(a, input));
}

/** A column made by avg() or by a ratio of aggregates, through as many subqueries as it passes. */
function isAverage(column: OutColumn, input: RuleInput): boolean {
  if (column.from !== undefined) return isAverage(column.from.column, input);
  const { expr } = column;
  if (expr === undefined) return false;
  const aggregates = aggregatesIn(expr, input.view.snapshot);
  if (aggregates.some((c) => callName(c) === "avg")) return true;
  return (
    expr.type === "operator" &&
    expr.op === "/" &&
    expr.args.every((a) => aggregatesIn(a, input.view.snapshot).some((c) => isAggregate(c, input.view.snapshot)))
  );
}
