/**
 * Joins on columns that nothing relates, between tables that a key does relate: `orders.id = customers.id` where `orders.customer_id` is the key.
 * Columns of one name are taken to be related, unless both are their own table's key.
 */

import { printRef } from "../../schema/names.js";
import type { Relationship } from "../../schema/relationships.js";
import type { Expr, OperatorExpr } from "../../sql/tree.js";
import { conjuncts } from "../../sql/tree.js";
import { joinConditions } from "../expressions.js";
import type { Finding } from "../finding.js";
import { linksBetween } from "../links.js";
import type { Binding, SelectScope } from "../relation.js";
import type { RuleInput } from "../rule.js";
import { written } from "../written.js";

export function joinOnUnrelated(input: RuleInput): readonly Finding[] {
  return [...input.resolution.scopes.values()].flatMap((scope) => {
    const pairs = [...conjuncts(scope.select.where), ...joinConditions(scope.select.from)].flatMap((c) =>
      pairOf(c, scope, input),
    );
    return pairs.flatMap((pair) => {
      const others = pairs.filter((p) => p !== pair && sameTables(p, pair));
      return others.some((p) => related(p, input).length > 0) ? [] : finding(pair, input);
    });
  });
}

interface Pair {
  readonly expr: OperatorExpr;
  readonly left: Binding;
  readonly right: Binding;
}

function pairOf(expr: Expr, scope: SelectScope, input: RuleInput): readonly Pair[] {
  if (expr.type !== "operator" || expr.op !== "=") return [];
  const [a, b] = expr.args.map((arg) => (arg.type === "column" ? input.resolution.bindings.get(arg) : undefined));
  const stored = (x: Binding | undefined): x is Binding =>
    x?.relation.table !== undefined && scope.relations.includes(x.relation);
  return stored(a) && stored(b) && a.relation !== b.relation ? [{ expr, left: a, right: b }] : [];
}

function sameTables(a: Pair, b: Pair): boolean {
  const [x, y] = [new Set([a.left.relation, a.right.relation]), [b.left.relation, b.right.relation]];
  return y.every((r) => x.has(r));
}

/** The links between the two tables, either way. */
function linksOf(pair: Pair, input: RuleInput): readonly Relationship[] {
  const [left, right] = [pair.left.relation.table, pair.right.relation.table];
  return left === undefined || right === undefined ? [] : linksBetween(input.view.relationships, left, right);
}

/** The links that the pair is a part of. */
function related(pair: Pair, input: RuleInput): readonly Relationship[] {
  const pairs = (r: Relationship, a: string, b: string) =>
    r.from.columns.some((c, i) => c === a && r.to.columns[i] === b);
  const [l, r] = [pair.left.column.name, pair.right.column.name];
  return linksOf(pair, input).filter((link) => pairs(link, l, r) || pairs(link, r, l));
}

function finding(pair: Pair, input: RuleInput): readonly Finding[] {
  const links = linksOf(pair, input).filter((r) => r.from.columns.length === 1);
  if (links.length === 0 || related(pair, input).length > 0) return [];
  const [l, r] = [pair.left, pair.right];
  const ownKey = (b: Binding) =>
    b.relation.table?.primaryKey?.columns.length === 1 && b.relation.table.primaryKey.columns[0] === b.column.name;
  const sameName = l.column.name.toLowerCase() === r.column.name.toLowerCase();
  if (sameName ? !(ownKey(l) && ownKey(r)) : !(ownKey(l) || ownKey(r))) return [];
  const { snapshot } = input.view;
  const meant = links.map((link) => {
    const leftIsFrom =
      l.relation.table?.name === link.from.table.name && l.relation.table.schema === link.from.table.schema;
    const [from, to] = leftIsFrom ? [l.relation, r.relation] : [r.relation, l.relation];
    return `${written(from, link.from.columns[0] ?? "", snapshot)} = ${written(to, link.to.columns[0] ?? "", snapshot)}`;
  });
  const names = [l, r].map((b) =>
    b.relation.table === undefined ? "" : printRef(snapshot, b.relation.table, b.column.name),
  );
  const fixes = meant.length === 1 ? { fixes: [[{ ...pair.expr.span, text: meant[0] ?? "" }]] } : {};
  return [
    {
      code: "join_on_unrelated",
      severity: "warning",
      span: pair.expr.span,
      message: `Nothing relates ${names.join(" and ")}; the tables are linked otherwise.`,
      help: `Did you mean ${meant.join(" or ")}?`,
      candidates: meant,
      ...fixes,
    },
  ];
}
