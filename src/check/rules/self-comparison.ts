/** A column compared with itself: true of every row that has a value. In a join's condition the other table was meant, and nothing is joined. */

import { type ColumnExpr, conjuncts, type Expr, within } from "../../sql/tree.js";
import { expressionsOf, joinConditions } from "../expressions.js";
import type { Finding } from "../finding.js";
import { linksBetween } from "../links.js";
import type { Binding, Edit, Relation, SelectScope } from "../relation.js";
import type { RuleInput } from "../rule.js";
import { columnIn } from "../scope.js";
import { written } from "../written.js";

export function selfComparison(input: RuleInput): readonly Finding[] {
  return [...input.resolution.scopes.values()].flatMap((scope) =>
    expressionsOf(scope.select).flatMap((root) => [...within(root)].flatMap((expr) => finding(expr, scope, input))),
  );
}

/** The column that a condition compares with itself, and both places where it stands. */
export function selfCompared(
  expr: Expr,
  input: RuleInput,
): { readonly own: Binding; readonly sides: readonly [ColumnExpr, ColumnExpr] } | undefined {
  if (expr.type !== "operator" || expr.op !== "=" || expr.quantifier !== undefined) return undefined;
  const [left, right] = expr.args;
  if (left?.type !== "column" || right?.type !== "column") return undefined;
  const [own, other] = [input.resolution.bindings.get(left), input.resolution.bindings.get(right)];
  const isSame = own !== undefined && own.relation === other?.relation && own.column === other.column;
  return isSame ? { own, sides: [left, right] } : undefined;
}

function finding(expr: Expr, scope: SelectScope, input: RuleInput): readonly Finding[] {
  const found = selfCompared(expr, input);
  if (found === undefined) return [];
  const { own, sides } = found;
  const [left] = sides;
  const name = input.sql.slice(left.span.start, left.span.end);
  return [
    {
      code: "self_comparison",
      severity: "warning",
      span: expr.span,
      message: `${name} is compared with itself: that holds for every row where it is not NULL.`,
      help: "Compare it with the column of the other table.",
      fixes: mendings(sides, own, scope, input),
    },
  ];
}

/** What was meant: the same column of another table, or the whole link to it; the table that nothing joins yet comes first. */
function mendings(
  [left, right]: readonly [ColumnExpr, ColumnExpr],
  own: Binding,
  scope: SelectScope,
  input: RuleInput,
): readonly (readonly Edit[])[] {
  const { snapshot, relationships } = input.view;
  const others = scope.relations.filter((r) => r !== own.relation);
  const apart = joinedApart(own.relation, scope, input);
  const ordered = [...others.filter((r) => apart.has(r)), ...others.filter((r) => !apart.has(r))];
  return ordered.flatMap((other): readonly (readonly Edit[])[] => {
    const namesake = columnIn(other, own.column.name, snapshot.dialect);
    const table = own.relation.table;
    const links =
      table === undefined || other.table === undefined ? [] : linksBetween(relationships, table, other.table);
    const linked = links.flatMap((link): readonly (readonly Edit[])[] => {
      const isFrom = link.from.table.name === table?.name && link.from.table.schema === table.schema;
      const [mine, theirs] = isFrom ? [link.from.columns, link.to.columns] : [link.to.columns, link.from.columns];
      const at = mine.indexOf(own.column.name);
      const column = theirs[at];
      return at < 0 || column === undefined ? [] : [[{ ...right.span, text: written(other, column, snapshot) }]];
    });
    const sides = own.relation.item.span.start < other.item.span.start ? [right, left] : [left, right];
    const same =
      namesake === undefined
        ? []
        : sides.map((side): readonly Edit[] => [{ ...side.span, text: written(other, namesake.name, snapshot) }]);
    return [...linked, ...same];
  });
}

/** The tables that no condition ties to `relation`, directly or through others. */
function joinedApart(relation: Relation, scope: SelectScope, input: RuleInput): ReadonlySet<Relation> {
  const tied = new Set([relation]);
  const conditions = [...joinConditions(scope.select.from), ...conjuncts(scope.select.where)].map((root) => {
    const columns = [...within(root)].flatMap((e) =>
      e.type === "column" ? (input.resolution.bindings.get(e) ?? []) : [],
    );
    return columns.map((b) => b.relation);
  });
  for (let size = 0; size !== tied.size; ) {
    size = tied.size;
    for (const relations of conditions) if (relations.some((r) => tied.has(r))) for (const r of relations) tied.add(r);
  }
  return new Set(scope.relations.filter((r) => !tied.has(r)));
}
