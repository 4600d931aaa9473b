/** LIMIT without ORDER BY: which rows come is up to the plan, and may change from run to run (PostgreSQL manual, 7.6). */

import type { Query } from "../../sql/tree.js";
import type { Finding } from "../finding.js";
import type { RuleInput } from "../rule.js";

export function limitWithoutOrder(input: RuleInput): readonly Finding[] {
  return [...input.resolution.outputs.keys()].flatMap((query): readonly Finding[] => {
    const { limit } = query;
    if (limit === undefined || query.orderBy.length > 0 || isOneRow(query, input) || isTest(query)) return [];
    return [
      {
        code: "limit_without_order",
        severity: "warning",
        span: limit.span,
        message: "Without ORDER BY the limit gives arbitrary rows.",
        help: "Order by what makes them the first, and by a key for ties.",
      },
    ];
  });
}

function isOneRow(query: Query, input: RuleInput): boolean {
  const { limit: _limit, ...unlimited } = query;
  return input.keys.bodyIsOneRow(unlimited.body, input.resolution.outputs.get(query) ?? []);
}

/** `SELECT 1 … LIMIT 1`: only whether a row exists is asked. */
function isTest(query: Query): boolean {
  return query.body.type === "select" && query.body.items.every((i) => i.expr.type === "literal");
}
