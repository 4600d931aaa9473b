/** A condition in WHERE on the optional side of an outer join drops the rows that the join kept: it is an inner join that looks like an outer one. */

import { conjuncts, type Expr, type FromItem, sourcesOf, within } from "../../sql/tree.js";
import { callName } from "../calls.js";
import type { Finding } from "../finding.js";
import type { Relation, SelectScope } from "../relation.js";
import type { RuleInput } from "../rule.js";

export function outerJoinUndone(input: RuleInput): readonly Finding[] {
  return [...input.resolution.scopes.values()].flatMap((scope) => {
    const optional = scope.relations.filter((r) => r.optional);
    // In a full join either side may be filtered on purpose.
    const isFull = scope.relations.every((r) => r.optional);
    if (optional.length === 0 || isFull) return [];
    return [
      ...conjuncts(scope.select.where).flatMap((condition) => finding(condition, optional, input)),
      ...scope.select.from.flatMap((item) => laterJoins(item, scope, input)),
    ];
  });
}

/** Inner joins on what an outer join before them may have left empty. */
function laterJoins(item: FromItem, scope: SelectScope, input: RuleInput): readonly Finding[] {
  if (item.type !== "join") return [];
  const optional = emptied(item.left, scope);
  const own =
    item.kind === "inner" ? conjuncts(item.on).flatMap((condition) => finding(condition, optional, input)) : [];
  return [...laterJoins(item.left, scope, input), ...laterJoins(item.right, scope, input), ...own];
}

/** The relations that joins within a FROM item fill with NULL. In a full join either side may be dropped on purpose. */
function emptied(item: FromItem, scope: SelectScope): readonly Relation[] {
  if (item.type !== "join") return [];
  const sources = (of: FromItem) => sourcesOf([of]);
  const all = (of: FromItem) => scope.relations.filter((r) => sources(of).some((s) => s === r.item));
  if (item.kind === "left") return [...emptied(item.left, scope), ...all(item.right)];
  if (item.kind === "right") return [...all(item.left), ...emptied(item.right, scope)];
  return item.kind === "full" ? [] : [...emptied(item.left, scope), ...emptied(item.right, scope)];
}

const rejecting = /^(=|<>|<|<=|>|>=|(not )?(i?like|between|similar to|glob|regexp|match)|~\*?|!~\*?|is not null)$/;

function finding(condition: Expr, optional: readonly Relation[], input: RuleInput): readonly Finding[] {
  const rejects = condition.type === "in" || (condition.type === "operator" && rejecting.test(condition.op));
  if (!rejects) return [];
  const parts = condition.type === "in" ? [condition.left] : condition.type === "operator" ? condition.args : [];
  const relation = parts.flatMap((p) => strictRelation(p, input) ?? []).find((r) => optional.includes(r));
  if (relation === undefined) return [];
  // Another optional relation that this one is joined to may be what is wanted; IS NOT NULL is said on purpose.
  if (condition.type === "operator" && condition.op === "is not null") return [];
  const shown = relation.name || "a subquery";
  return [
    {
      code: "outer_join_undone",
      severity: "warning",
      span: condition.span,
      message: `The condition drops the rows that the outer join keeps where ${shown} has none.`,
      help: `Move it into the join's ON, or write an inner join.`,
    },
  ];
}

/** Functions that give NULL for NULL. */
const strictCalls = new Set(
  "lower upper trim ltrim rtrim length char_length substr substring left right replace abs round floor ceil ceiling date datetime time julianday strftime date_trunc date_part extract to_char".split(
    " ",
  ),
);

/** The relation whose NULL makes the expression NULL: a plain column, or arithmetic, casts and strict functions over one. */
function strictRelation(expr: Expr, input: RuleInput): Relation | undefined {
  if (expr.type === "case" || expr.type === "subquery") return undefined;
  for (const part of within(expr)) {
    if (part.type === "case" || (part.type === "call" && !strictCalls.has(callName(part)))) return undefined;
    if (part.type === "column") return input.resolution.bindings.get(part)?.relation;
  }
  return undefined;
}
