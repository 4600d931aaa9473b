/**
 * Sums, averages and counts over rows that a join has multiplied: a table's value is met once for each row of a to-many table beside it. Also the
 * chasm: rows counted where two to-many tables hang on one parent, so that no table's rows are what is counted.
 */

import { printRef } from "../../schema/names.js";
import { type CallExpr, type Expr, within } from "../../sql/tree.js";
import { aggregatesIn, callName } from "../calls.js";
import type { Finding } from "../finding.js";
import { determined, groupExpression } from "../grouping.js";
import type { Binding, Relation, SelectScope } from "../relation.js";
import type { RuleInput } from "../rule.js";

export function fanOut(input: RuleInput): readonly Finding[] {
  return [...input.resolution.scopes.values()].flatMap((scope) => {
    const { select } = scope;
    const exprs = [...select.items.map((i) => i.expr), ...(select.having === undefined ? [] : [select.having])];
    const calls = exprs.flatMap((e) => aggregatesIn(e, input.view.snapshot));
    return calls.flatMap((call) => finding(call, scope, input) ?? []);
  });
}

/** Not moved by rows that come twice: min, max, a distinct count, and collections. A distinct sum drops equal values of different rows instead. */
function isMultiplied(call: CallExpr): boolean {
  const name = callName(call);
  if (call.distinct) return /^(sum|avg|total)$/.test(name);
  return /^(sum|avg|count|total|median|stddev.*|var.*|percentile_cont|percentile_disc)$/.test(name);
}

function finding(call: CallExpr, scope: SelectScope, input: RuleInput): Finding | undefined {
  if (!isMultiplied(call)) return undefined;
  const equal = input.keys.equalities(scope);
  const own = relationsOf([...call.args, ...call.orderBy.map((o) => o.expr)], scope, input);
  if (own.length === 0)
    return call.star || call.args.every((a) => a.type === "literal") ? chasm(call, scope, input) : undefined;
  const fixed = input.keys.closure(own, scope, equal, groupedColumns(scope, input));
  const multiplying = scope.relations.filter((r) => !fixed.has(r));
  if (multiplying.length > 0 && constantInGroup(call, own, scope, input)) return undefined;
  return multiplying.length > 0 ? told(call, own[0], multiplying, input) : withinSource(call, scope, input);
}

/** A subquery or CTE that does no more than join: a value of one of its tables has come several times before it gets here. */
function withinSource(call: CallExpr, scope: SelectScope, input: RuleInput): Finding | undefined {
  if (!/^(sum|avg|total)$/.test(callName(call))) return undefined;
  const equal = input.keys.equalities(scope);
  const grouped = groupedColumns(scope, input);
  for (const part of call.args.flatMap((arg) => [...within(arg)])) {
    const binding = part.type === "column" ? input.resolution.bindings.get(part) : undefined;
    const inner = binding === undefined ? undefined : plainJoin(binding.relation, input);
    const from = binding?.column.from;
    if (binding === undefined || inner === undefined || from === undefined) continue;
    const { relation } = binding;
    const picked = relation.columns.filter((c) => equal.fixes(relation, c.name.toLowerCase(), new Set()));
    const known = [...picked, ...grouped.filter((b) => b.relation === relation).map((b) => b.column)];
    const given = known.flatMap((column) => column.from ?? []);
    const fixed = input.keys.closure([from.relation], inner, input.keys.equalities(inner), given);
    const multiplying = inner.relations.filter((r) => !fixed.has(r));
    if (multiplying.length > 0) return told(call, from.relation, multiplying, input);
  }
  return undefined;
}

/** The scope of a source that neither groups nor picks rows, and joins. */
function plainJoin(relation: Relation, input: RuleInput): SelectScope | undefined {
  const { query } = relation;
  if (query?.body.type !== "select" || query.limit !== undefined) return undefined;
  const select = query.body;
  const folds = select.items.some((i) => [...within(i.expr)].some((e) => e.type === "call" && e.over !== undefined));
  const groups = select.distinct || select.groupBy.length > 0 || select.groupingSets;
  const aggregates = select.items.some((i) => aggregatesIn(i.expr, input.view.snapshot).length > 0);
  return folds || groups || aggregates ? undefined : input.resolution.scopes.get(select);
}

function told(call: CallExpr, one: Relation | undefined, multiplying: readonly Relation[], input: RuleInput): Finding {
  const shown = one === undefined ? "A row" : nameOf(one, input);
  const by = multiplying.map((r) => nameOf(r, input)).join(", ");
  return {
    code: "fan_out",
    severity: "warning",
    span: call.span,
    message: call.distinct
      ? `${callName(call)}(DISTINCT) takes equal values of several rows of ${shown} for one, while each row meets every matching row of ${by}.`
      : `${callName(call)}() meets each row of ${shown} once for every matching row of ${by}.`,
    help: `Aggregate ${shown} apart (in a CTE or subquery grouped by its key) and join the result, or ask build_query.`,
  };
}

/** Within a group its columns are constant: a row that meets another table once in each group is counted once there. */
function groupedColumns(scope: SelectScope, input: RuleInput): readonly Binding[] {
  return scope.select.groupBy
    .map((g) => groupExpression(g, scope, input))
    .flatMap((g) => (g.type === "column" ? (input.resolution.bindings.get(g) ?? []) : []));
}

/** A count of a column, or an average, of rows that are fixed by the groups: the count is of the joined rows, the average is the value. */
function constantInGroup(call: CallExpr, own: readonly Relation[], scope: SelectScope, input: RuleInput): boolean {
  if (callName(call) !== "count" && callName(call) !== "avg") return false;
  const groups = scope.select.groupBy.map((g) => groupExpression(g, scope, input));
  const fixed = determined(groups, scope, input.keys, input);
  return own.every((r) => fixed.has(r));
}

/** count(*) counts the rows of the one table that determines all others; where there is none, it counts pairs. */
function chasm(call: CallExpr, scope: SelectScope, input: RuleInput): Finding | undefined {
  const equal = input.keys.equalities(scope);
  const grouped = groupedColumns(scope, input);
  const decides = (r: Relation) => input.keys.closure([r], scope, equal, grouped).size === scope.relations.length;
  if (scope.relations.some((r) => r.open || decides(r))) return undefined;
  const names = scope.relations.map((r) => nameOf(r, input)).join(", ");
  return {
    code: "fan_out",
    severity: "warning",
    span: call.span,
    message: `${callName(call)}(*) counts combinations of ${names}: none of them decides a row of the others.`,
    help: "Count each table apart, or count distinct keys.",
  };
}

/** The relations of this select that an aggregate's argument reads. */
function relationsOf(exprs: readonly Expr[], scope: SelectScope, input: RuleInput): readonly Relation[] {
  const found = new Set<Relation>();
  for (const expr of exprs) {
    for (const part of within(expr)) {
      const binding = part.type === "column" ? input.resolution.bindings.get(part) : undefined;
      if (binding !== undefined && scope.relations.includes(binding.relation)) found.add(binding.relation);
    }
  }
  return [...found];
}

function nameOf(relation: Relation, input: RuleInput): string {
  return relation.table === undefined ? relation.name || "a subquery" : printRef(input.view.snapshot, relation.table);
}
