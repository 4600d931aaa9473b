/** Which calls aggregate: fold many rows into one. */

import type { DialectName, SchemaSnapshot } from "../schema/snapshot.js";
import { argumentsOf, type CallExpr, type Expr, within } from "../sql/tree.js";

const aggregates: Readonly<Record<DialectName, ReadonlySet<string>>> = {
  postgres: new Set(
    `any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp every json_agg json_object_agg jsonb_agg
    jsonb_object_agg max min mode percentile_cont percentile_disc range_agg range_intersect_agg regr_avgx regr_avgy regr_count regr_intercept regr_r2
    regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance xmlagg grouping`.split(
      /\s+/,
    ),
  ),
  sqlite: new Set(
    `avg count group_concat string_agg sum total max min median percentile percentile_cont percentile_disc json_group_array json_group_object
    jsonb_group_array jsonb_group_object geopoly_group_bbox`.split(/\s+/),
  ),
};

export function callName(expr: CallExpr): string {
  return (expr.name.at(-1)?.text ?? "").toLowerCase();
}

/** Whether a call is an aggregate (and not a window function). In SQLite min and max of several arguments are plain functions. */
export function isAggregate(expr: Expr, snapshot: SchemaSnapshot): expr is CallExpr {
  if (expr.type !== "call" || expr.over !== undefined) return false;
  const name = callName(expr);
  if (snapshot.dialect === "sqlite" && (name === "min" || name === "max")) return expr.args.length === 1;
  return (
    aggregates[snapshot.dialect].has(name) || snapshot.functions.some((f) => f.kind === "aggregate" && f.name === name)
  );
}

export function holdsAggregate(expr: Expr, snapshot: SchemaSnapshot): boolean {
  for (const part of within(expr)) if (isAggregate(part, snapshot)) return true;
  return false;
}

/** The aggregates below an expression, outermost only. */
export function aggregatesIn(expr: Expr, snapshot: SchemaSnapshot): readonly CallExpr[] {
  return isAggregate(expr, snapshot) ? [expr] : argumentsOf(expr).flatMap((a) => aggregatesIn(a, snapshot));
}
