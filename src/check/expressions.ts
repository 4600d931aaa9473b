/** The expressions of one SELECT, clause by clause: where rules look. Queries within them have selects of their own. */

import { conjuncts, type Expr, type FromItem, type Select, windowExpressions } from "../sql/tree.js";

/** Every expression that stands directly in a select: items, conditions of joins and WHERE, groups, HAVING, windows. */
export function expressionsOf(select: Select): readonly Expr[] {
  return [
    ...select.items.map((i) => i.expr),
    ...joinConditions(select.from),
    ...(select.where === undefined ? [] : [select.where]),
    ...select.groupBy,
    ...(select.having === undefined ? [] : [select.having]),
    ...select.windows.flatMap(windowExpressions),
    ...functionArguments(select.from),
  ];
}

/** The conditions of all joins of a FROM clause. */
export function joinConditions(from: readonly FromItem[]): readonly Expr[] {
  return from.flatMap((item) =>
    item.type === "join" ? [...joinConditions([item.left, item.right]), ...conjuncts(item.on)] : [],
  );
}

function functionArguments(from: readonly FromItem[]): readonly Expr[] {
  return from.flatMap((item) => {
    if (item.type === "join") return functionArguments([item.left, item.right]);
    return item.type === "function" ? item.calls : [];
  });
}
