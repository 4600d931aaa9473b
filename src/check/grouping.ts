/**
 * Grouping: columns that are neither grouped nor aggregated, and aggregates where no groups exist yet. PostgreSQL refuses both; SQLite takes a bare
 * column from an arbitrary row of its group (lang_select.html, "Bare columns in an aggregate query"), so there it is a warning.
 */

import type { SchemaSnapshot } from "../schema/snapshot.js";
import { tokenAt, tokenize } from "../sql/lexer.js";
import { argumentsOf, type ColumnExpr, conjuncts, type Expr, type Select } from "../sql/tree.js";
import { callName, holdsAggregate, isAggregate } from "./calls.js";
import { sameExpression } from "./equalities.js";
import { joinConditions } from "./expressions.js";
import type { Finding } from "./finding.js";
import type { KeyFinder } from "./keys.js";
import type { Edit, Relation, SelectScope } from "./relation.js";
import type { RuleInput } from "./rule.js";

export function groupingFindings(input: RuleInput): readonly Finding[] {
  const { keys } = input;
  return input.resolution.selects.flatMap((select) => {
    const scope = input.resolution.scopes.get(select);
    return scope === undefined ? [] : [...early(input, select), ...ungrouped(input, scope, keys)];
  });
}

/** Aggregates in WHERE, JOIN … ON or GROUP BY: rows are not grouped yet there. */
function early(input: RuleInput, select: Select): readonly Finding[] {
  const { snapshot } = input.view;
  const places = [...conjuncts(select.where), ...select.groupBy, ...joinConditions(select.from)];
  return places.flatMap((expr): readonly Finding[] => {
    if (!holdsAggregate(expr, snapshot)) return [];
    const fix = conjuncts(select.where).includes(expr) ? movedToHaving(input.sql, select, expr, snapshot) : undefined;
    const message = "An aggregate may not stand here: rows are grouped only after WHERE.";
    const help = "Put the condition in HAVING, or compute the aggregate in a subquery.";
    return [
      {
        code: "grouping_error",
        severity: "error",
        message,
        help,
        span: expr.span,
        ...(fix === undefined ? {} : { fixes: [fix] }),
      },
    ];
  });
}

function movedToHaving(
  sql: string,
  select: Select,
  condition: Expr,
  snapshot: SchemaSnapshot,
): readonly Edit[] | undefined {
  const all = conjuncts(select.where);
  const rest = all.filter((c) => !holdsAggregate(c, snapshot));
  const { where } = select;
  if (where === undefined || !all.includes(condition)) return undefined;
  const text = (exprs: readonly Expr[]) => exprs.map((e) => sql.slice(e.span.start, e.span.end)).join(" AND ");
  const moved = text(all.filter((c) => holdsAggregate(c, snapshot)));
  const start = rest.length > 0 ? where.span.start : sql.slice(0, where.span.start).search(/\bwhere\s*\(*\s*$/i);
  if (start < 0) return undefined;
  const removed: Edit = { start, end: where.span.end, text: text(rest) };
  const added: Edit =
    select.having === undefined
      ? {
          start: clauseEnd(sql, select, snapshot, "having"),
          end: clauseEnd(sql, select, snapshot, "having"),
          text: ` HAVING ${moved} `,
        }
      : { start: select.having.span.start, end: select.having.span.start, text: `${moved} AND ` };
  return [removed, added];
}

function ungrouped(input: RuleInput, scope: SelectScope, keys: KeyFinder): readonly Finding[] {
  const { select } = scope;
  const { snapshot } = input.view;
  const exprs = [
    ...select.items.map((i) => i.expr),
    ...(select.having === undefined ? [] : [select.having]),
    ...sortKeys(select, input),
  ];
  const aggregated = select.groupBy.length > 0 || exprs.some((e) => holdsAggregate(e, snapshot));
  if (!aggregated || select.groupingSets) return [];
  if (snapshot.dialect === "sqlite" && takesExtremeRow(exprs, snapshot)) return [];
  const groups = select.groupBy.map((g) => groupExpression(g, scope, input));
  const fixed = determined(groups, scope, keys, input);
  const loose = exprs.flatMap((e) => looseColumns(e, groups, input));
  const wrong = loose.filter((c) => !isFixed(c, scope, fixed, input));
  const starred = select.items.filter((i) => i.expr.type === "star").map((i) => i.expr);
  const openStar = starred.length > 0 && scope.relations.some((r) => !fixed.has(r));
  if (wrong.length === 0 && !openStar) return [];
  const whole = [...select.items.map((i) => i.expr), ...sortKeys(select, input)].filter(
    (e) => e.type !== "star" && !holdsAggregate(e, snapshot),
  );
  const missing = whole.filter((e) => wrong.some((c) => holds(e, c)));
  const inside = wrong.filter((c) => !missing.some((e) => holds(e, c)));
  const fix = openStar ? undefined : groupedBy(input.sql, select, [...missing, ...inside], snapshot);
  const first = wrong[0] ?? starred[0];
  const name = first === undefined ? "" : input.sql.slice(first.span.start, first.span.end);
  const sqlite = snapshot.dialect === "sqlite";
  const message = sqlite
    ? `${name} is neither grouped nor aggregated: SQLite shows it from an arbitrary row of each group.`
    : `${name} must be aggregated or stand in GROUP BY.`;
  const code = sqlite ? "missing_group_by" : "grouping_error";
  const at = first === undefined ? {} : { span: first.span };
  const fixes = fix === undefined ? {} : { fixes: [fix] };
  return [
    {
      code,
      severity: sqlite ? "warning" : "error",
      message,
      help: "Add it to GROUP BY, or aggregate it.",
      ...at,
      ...fixes,
    },
  ];
}

/** What ORDER BY reads of the rows themselves: neither a result column's name nor its number. */
function sortKeys(select: Select, input: RuleInput): readonly Expr[] {
  const query = [...input.resolution.outputs.keys()].find((q) => q.body === select);
  return (query?.orderBy ?? [])
    .map((item) => item.expr)
    .filter((e) => e.type !== "literal" && !(e.type === "column" && input.resolution.aliases.has(e)));
}

/** With a lone min() or max(), SQLite takes bare columns from the row that has it: a documented promise. */
function takesExtremeRow(exprs: readonly Expr[], snapshot: SchemaSnapshot): boolean {
  const calls = exprs.flatMap((e) => collect(e, (x) => isAggregate(x, snapshot)));
  return calls.length === 1 && calls.every((c) => c.type === "call" && /^(min|max)$/.test(callName(c)));
}

function collect(expr: Expr, wanted: (e: Expr) => boolean): readonly Expr[] {
  return wanted(expr) ? [expr] : argumentsOf(expr).flatMap((a) => collect(a, wanted));
}

/** A group by ordinal or alias stands for the expression of that result column. */
export function groupExpression(group: Expr, scope: SelectScope, input: RuleInput): Expr {
  if (group.type === "literal" && group.kind === "number")
    return scope.select.items[Number(group.text) - 1]?.expr ?? group;
  const alias = group.type === "column" ? input.resolution.aliases.get(group) : undefined;
  return alias?.expr ?? group;
}

/** Relations whose row is the same throughout a group. PostgreSQL sees this for a table's own primary key alone; it then says so itself. */
export function determined(
  groups: readonly Expr[],
  scope: SelectScope,
  keys: KeyFinder,
  input: RuleInput,
): ReadonlySet<Relation> {
  const grouped = groups.flatMap((g) => (g.type === "column" ? (input.resolution.bindings.get(g) ?? []) : []));
  const equal = keys.equalities(scope);
  const direct = scope.relations.filter((relation) =>
    keys
      .keysOf(relation)
      .some((key) =>
        key.every((c) =>
          grouped.some(
            (b) =>
              (b.relation === relation && b.column.name.toLowerCase() === c) ||
              (b.relation !== relation && equal.same(relation, c, b)),
          ),
        ),
      ),
  );
  if (input.view.snapshot.dialect === "sqlite") return keys.closure(direct, scope, equal);
  const own = (relation: Relation) =>
    relation.table?.primaryKey?.columns.every((c) =>
      grouped.some((b) => b.relation === relation && b.column.name === c),
    ) === true;
  return new Set(scope.relations.filter(own));
}

/** Columns outside aggregates that are not part of a grouped expression. */
function looseColumns(expr: Expr, groups: readonly Expr[], input: RuleInput): readonly ColumnExpr[] {
  if (groups.some((g) => sameExpression(g, expr, input.resolution))) return [];
  if (isAggregate(expr, input.view.snapshot)) return [];
  if (expr.type === "column") return [expr];
  return argumentsOf(expr).flatMap((a) => looseColumns(a, groups, input));
}

/** Fixed within a group: of a determined relation, or of an outer query. */
function isFixed(column: ColumnExpr, scope: SelectScope, fixed: ReadonlySet<Relation>, input: RuleInput): boolean {
  const binding = input.resolution.bindings.get(column);
  if (binding === undefined) return true; // an alias, a whole row, or a name reported elsewhere
  return !scope.relations.includes(binding.relation) || fixed.has(binding.relation);
}

function holds(expr: Expr, column: ColumnExpr): boolean {
  return expr === column || argumentsOf(expr).some((a) => holds(a, column));
}

/** The edit that groups by more. */
function groupedBy(sql: string, select: Select, exprs: readonly Expr[], snapshot: SchemaSnapshot): readonly Edit[] {
  const texts = [...new Set(exprs.map((e) => sql.slice(e.span.start, e.span.end)))].join(", ");
  const last = select.groupBy.at(-1);
  if (last !== undefined) return [{ start: last.span.end, end: last.span.end, text: `, ${texts}` }];
  const at = clauseEnd(sql, select, snapshot, "group");
  return [{ start: at, end: at, text: ` GROUP BY ${texts} ` }];
}

const after: Readonly<Record<string, readonly string[]>> = {
  where: ["group", "having", "window"],
  group: ["having", "window"],
  having: ["window"],
};

/** Where a clause would be written: before the clauses that come after it, else at the end of the select. */
export function clauseEnd(
  sql: string,
  select: Select,
  snapshot: SchemaSnapshot,
  clause: "where" | "group" | "having",
): number {
  const tokens = tokenize(sql, snapshot.dialect);
  let depth = 0;
  for (let i = tokenAt(tokens, select.span.start); i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined || token.start >= select.span.end) break;
    if (token.kind === "op" && token.value === "(") depth++;
    if (token.kind === "op" && token.value === ")") depth--;
    if (depth === 0 && token.kind === "word" && after[clause]?.includes(token.value) === true) return token.start;
  }
  return select.span.end;
}
