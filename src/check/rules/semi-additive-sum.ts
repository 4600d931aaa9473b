/**
 * A balance, stock or head count summed over days: such values may be added over accounts but not over time. Known by the column's name in a table
 * that holds one row a date. Convention: Kimball and Ross, "The Data Warehouse Toolkit", semi-additive facts.
 */

import type { Expr } from "../../sql/tree.js";
import { within } from "../../sql/tree.js";
import { aggregatesIn, callName } from "../calls.js";
import type { Finding } from "../finding.js";
import { groupExpression } from "../grouping.js";
import type { Relation, SelectScope } from "../relation.js";
import type { RuleInput } from "../rule.js";
import { familyOf, isTemporal } from "../types.js";

const stockName =
  /(^|_)(bal|balance|balances|on_hand|onhand|stock|stock_level|inventory|inventory_level|head_?count|outstanding|open_positions|market_value|nav|aum)(_|$)/i;
const dateName = /(^|_)(date|dt|day|as_of|asof|snapshot|period|month)(_|$)/i;

export function semiAdditiveSum(input: RuleInput): readonly Finding[] {
  return [...input.resolution.scopes.values()].flatMap((scope) =>
    scope.select.items
      .flatMap((i) => aggregatesIn(i.expr, input.view.snapshot))
      .flatMap((call): readonly Finding[] => {
        const [arg] = call.args;
        if (!/^(sum|total)$/.test(callName(call)) || arg === undefined) return [];
        const found = balanceIn(arg, scope, input);
        if (found === undefined || datePinned(found.relation, found.date, scope, input)) return [];
        return [
          {
            code: "semi_additive_sum",
            severity: "warning",
            span: call.span,
            message: `"${found.column}" is a level at a date: summed over ${found.date} it counts the same amount once a date.`,
            help: `Take the last ${found.date} of each period, or group by ${found.date}.`,
          },
        ];
      }),
  );
}

function balanceIn(
  arg: Expr,
  scope: SelectScope,
  input: RuleInput,
): { relation: Relation; column: string; date: string } | undefined {
  for (const part of within(arg)) {
    const binding = part.type === "column" ? input.resolution.bindings.get(part) : undefined;
    if (
      binding === undefined ||
      !scope.relations.includes(binding.relation) ||
      !stockName.test(snake(binding.column.name))
    )
      continue;
    const date = dateKey(binding.relation, input);
    if (date !== undefined) return { relation: binding.relation, column: binding.column.name, date };
  }
  return undefined;
}

/** The date among the columns of a table's own key: the table holds one row a date. */
function dateKey(relation: Relation, input: RuleInput): string | undefined {
  const { table } = relation;
  if (table === undefined) return undefined;
  const keys = [
    table.primaryKey?.columns ?? [],
    ...table.uniques.map((u) => u.columns),
    ...table.indexes.filter((i) => i.unique).map((i) => i.columns),
  ];
  const isDate = (name: string) => {
    const column = table.columns.find((c) => c.name === name);
    return isTemporal(familyOf(column?.type, input.view.snapshot.dialect)) || dateName.test(snake(name));
  };
  return keys.filter((k) => k.length > 1).flatMap((k) => k.filter(isDate))[0];
}

/** Grouped by the date itself, or fixed to one date. */
function datePinned(relation: Relation, date: string, scope: SelectScope, input: RuleInput): boolean {
  const grouped = scope.select.groupBy
    .map((g) => groupExpression(g, scope, input))
    .some((g) => {
      const binding = g.type === "column" ? input.resolution.bindings.get(g) : undefined;
      return binding?.relation === relation && binding.column.name === date;
    });
  const others = new Set(scope.relations.filter((r) => r !== relation));
  return grouped || input.keys.equalities(scope).fixes(relation, date.toLowerCase(), others);
}

function snake(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, "$1_$2");
}
