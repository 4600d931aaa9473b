/** Tables side by side that no condition joins: every row of one with every row of the other. An explicit CROSS JOIN is taken at its word. */

import type { SchemaView } from "../../schema/view.js";
import { conjuncts, type Expr, type FromItem, type Join, queryOf, within } from "../../sql/tree.js";
import { joinConditions } from "../expressions.js";
import type { Finding } from "../finding.js";
import { clauseEnd } from "../grouping.js";
import { linksBetween } from "../links.js";
import type { Edit, Relation, SelectScope } from "../relation.js";
import type { RuleInput } from "../rule.js";
import { written } from "../written.js";
import { selfCompared } from "./self-comparison.js";

export function cartesianProduct(input: RuleInput): readonly Finding[] {
  return [...input.resolution.scopes.values()].flatMap((scope) =>
    scope.relations.length < 2 ? [] : inScope(scope, input),
  );
}

function inScope(scope: SelectScope, input: RuleInput): readonly Finding[] {
  const groups = new Map<Relation, Relation>(scope.relations.map((r) => [r, r]));
  const root = (r: Relation): Relation => {
    let at = r;
    for (let up = groups.get(at); up !== undefined && up !== at; up = groups.get(at)) at = up;
    return at;
  };
  const tie = (relations: readonly Relation[]) => {
    const [first, ...rest] = relations;
    for (const r of rest) if (first !== undefined) groups.set(root(r), root(first));
  };
  for (const expr of [...conjuncts(scope.select.where), ...joinConditions(scope.select.from)])
    tie(relationsIn(expr, scope, input));
  for (const join of joinsOf(scope.select.from)) if (isJoined(join)) tieSides(join, scope, tie);
  const lone = scope.relations.filter((r) => isOneRow(r, scope, input));
  const apart = new Map<Relation, Relation[]>();
  for (const relation of scope.relations) {
    if (lone.includes(relation)) continue;
    apart.set(root(relation), [...(apart.get(root(relation)) ?? []), relation]);
  }
  const islands = [...apart.values()];
  const [first, second] = islands;
  if (first === undefined || second === undefined) return [];
  const join = joinsOf(scope.select.from).find((j) => (!isJoined(j) && j.kind !== "cross") || j.comma);
  if (join === undefined) return [];
  return [finding(first, second, scope, input)];
}

/** Whether something other than a condition joins the two sides, or the author said CROSS JOIN. */
function isJoined(join: Join): boolean {
  return join.using.length > 0 || join.natural || (join.kind === "cross" && !join.comma);
}

function tieSides(join: Join, scope: SelectScope, tie: (relations: readonly Relation[]) => void): void {
  const left = scope.relations.filter((r) => holds(join.left, r.item));
  const right = scope.relations.filter((r) => holds(join.right, r.item));
  tie([...left.slice(-1), ...right.slice(0, 1)]);
}

function holds(item: FromItem, wanted: FromItem): boolean {
  return item === wanted || (item.type === "join" && (holds(item.left, wanted) || holds(item.right, wanted)));
}

function joinsOf(from: readonly FromItem[]): readonly Join[] {
  return from.flatMap((item) =>
    item.type === "join" ? [...joinsOf([item.left]), ...joinsOf([item.right]), item] : [],
  );
}

/** Relations that an expression names, inside its subqueries as well. An outer query's column ties nothing but fixes. */
function relationsIn(expr: Expr, scope: SelectScope, input: RuleInput): readonly Relation[] {
  const found = new Set<Relation>();
  const spans: { start: number; end: number }[] = [];
  for (const part of within(expr)) {
    const binding = part.type === "column" ? input.resolution.bindings.get(part) : undefined;
    if (binding !== undefined && scope.relations.includes(binding.relation)) found.add(binding.relation);
    const inner = queryOf(part);
    if (inner !== undefined) spans.push(inner.span);
  }
  if (spans.length > 0) {
    for (const [column, binding] of input.resolution.bindings) {
      const inside = spans.some((s) => s.start <= column.span.start && column.span.end <= s.end);
      if (inside && scope.relations.includes(binding.relation)) found.add(binding.relation);
    }
  }
  return [...found];
}

/** One row by its own nature, or made from its neighbours: a function, a lateral, a single-row subquery, a row picked by its key. */
function isOneRow(relation: Relation, scope: SelectScope, input: RuleInput): boolean {
  const { item } = relation;
  if (item.type === "function" || (item.type === "subquery" && item.lateral)) return true;
  if (input.keys.keysOf(relation).some((k) => k.length === 0)) return true;
  const inner = relation.query?.body.type === "select" ? input.resolution.scopes.get(relation.query.body) : undefined;
  if (inner !== undefined && inner.relations.length > 0 && inner.relations.every((r) => isPicked(r, inner, input)))
    return true;
  const equal = input.keys.equalities(scope);
  return input.keys.keysOf(relation).some((key) => key.every((c) => equal.fixes(relation, c, new Set())));
}

/** Rows picked by a value of any column: what a subquery of one look-up is made of. */
function isPicked(relation: Relation, scope: SelectScope, input: RuleInput): boolean {
  const equal = input.keys.equalities(scope);
  return relation.columns.some((c) => equal.fixes(relation, c.name.toLowerCase(), new Set()));
}

function finding(
  first: readonly Relation[],
  second: readonly Relation[],
  scope: SelectScope,
  input: RuleInput,
): Finding {
  const names = (rs: readonly Relation[]) => rs.map((r) => r.name || "a subquery").join(", ");
  const conditions = linking(first, second, input.view);
  const [only] = conditions;
  // A condition that compares a column with itself is mended where it stands.
  const isMended = joinConditions(scope.select.from).some((c) => selfCompared(c, input) !== undefined);
  const fix =
    only === undefined || conditions.length > 1 || isMended ? undefined : joinedBy(only, second, scope, input);
  const at = second[0]?.item.span;
  return {
    code: "cartesian_product",
    severity: "warning",
    message: `Nothing joins ${names(first)} with ${names(second)}: every row meets every row.`,
    help: only === undefined ? "Add the condition that joins them." : `Join them on ${conditions.join(" or ")}.`,
    candidates: conditions,
    ...(at === undefined ? {} : { span: at }),
    ...(fix === undefined ? {} : { fixes: [fix] }),
  };
}

/** The conditions by which the schema links two groups of tables. */
function linking(first: readonly Relation[], second: readonly Relation[], view: SchemaView): readonly string[] {
  const is = (r: Relation, t: { readonly schema: string; readonly name: string }) =>
    r.table?.name === t.name && r.table.schema === t.schema;
  const found: string[] = [];
  for (const a of first) {
    for (const b of second) {
      if (a.table === undefined || b.table === undefined) continue;
      for (const link of linksBetween(view.relationships, a.table, b.table)) {
        const [from, to] =
          is(a, link.from.table) && is(b, link.to.table)
            ? [a, b]
            : is(b, link.from.table) && is(a, link.to.table)
              ? [b, a]
              : [];
        if (from === undefined || to === undefined) continue;
        const pairs = link.from.columns.map(
          (c, i) => `${written(from, c, view.snapshot)} = ${written(to, link.to.columns[i] ?? "", view.snapshot)}`,
        );
        found.push(pairs.join(" AND "));
      }
    }
  }
  return found.length > 0 ? [...new Set(found)] : namesakes(first, second, view);
}

/**
 * Without a link: a column of the same name on both sides that is the whole key of one of them, or, where neither has a key, an id; else one that bears
 * the other table's name (`state_name` beside `state`); else the only name that both have.
 */
function namesakes(first: readonly Relation[], second: readonly Relation[], view: SchemaView): readonly string[] {
  const isKey = (r: Relation, column: string) =>
    r.table?.primaryKey?.columns.length === 1 && r.table.primaryKey.columns[0]?.toLowerCase() === column.toLowerCase();
  const pairs = first.flatMap((a) => second.flatMap((b) => sharedColumns(a, b).map((name) => ({ a, b, name }))));
  const keyed = pairs.filter(({ a, b, name }) => {
    const keyless = a.table?.primaryKey === undefined && b.table?.primaryKey === undefined && /.id$/i.test(name);
    return keyless || isKey(a, name) || isKey(b, name);
  });
  const stored = pairs.filter(({ a, b }) => a.table !== undefined && b.table !== undefined && a.table !== b.table);
  const named = stored.filter(({ a, b, name }) => [a, b].some((r) => bearsName(name, r.table?.name ?? "")));
  const found = keyed.length > 0 ? keyed : named.length > 0 ? named : stored.length === 1 ? stored : [];
  return found.map(({ a, b, name }) => {
    const column = (r: Relation) => r.columns.find((c) => c.name.toLowerCase() === name)?.name ?? name;
    return `${written(a, column(a), view.snapshot)} = ${written(b, column(b), view.snapshot)}`;
  });
}

/** Names that both have, but `id`, which each table has for itself. */
function sharedColumns(a: Relation, b: Relation): readonly string[] {
  const theirs = new Set(b.columns.map((c) => c.name.toLowerCase()));
  return a.columns.map((c) => c.name.toLowerCase()).filter((n) => n !== "id" && theirs.has(n));
}

function bearsName(column: string, table: string): boolean {
  const stem = table.toLowerCase().replace(/s$/, "");
  return stem.length >= 3 && column.startsWith(stem) && /(id|name|code|key|no|number)$/.test(column);
}

/** The condition added where the join is written: ON after a JOIN without one, else in WHERE. */
function joinedBy(
  condition: string,
  second: readonly Relation[],
  scope: SelectScope,
  input: RuleInput,
): readonly Edit[] {
  const { select } = scope;
  const join = joinsOf(select.from).find(
    (j) =>
      !j.comma &&
      (j.on === undefined || isTrue(j.on)) &&
      j.using.length === 0 &&
      second.some((r) => r.item === j.right),
  );
  if (join?.on !== undefined) return [{ ...join.on.span, text: condition }];
  if (join !== undefined) {
    const end =
      join.right.alias === undefined ? join.right.span.end : Math.max(join.right.alias.span.end, join.right.span.end);
    return [{ start: end, end, text: ` ON ${condition}` }];
  }
  if (select.where !== undefined) {
    const { start, end } = select.where.span;
    return [
      { start, end: start, text: "(" },
      { start: end, end, text: `) AND ${condition}` },
    ];
  }
  const at = clauseEnd(input.sql, select, input.view.snapshot, "where");
  return [{ start: at, end: at, text: ` WHERE ${condition} ` }];
}

function isTrue(expr: Expr): boolean {
  return expr.type === "literal" && expr.kind === "boolean" && expr.text === "true";
}
