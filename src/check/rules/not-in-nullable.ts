/** `x NOT IN (…)` with a NULL among the values is never true (SQL-92, 8.4; PostgreSQL manual, 9.24): the result is silently empty. */

import { conjuncts, type Expr, type InExpr, type Query, within } from "../../sql/tree.js";
import { expressionsOf } from "../expressions.js";
import type { Finding } from "../finding.js";
import { clauseEnd } from "../grouping.js";
import { type Edit, firstSelect } from "../relation.js";
import type { RuleInput } from "../rule.js";

export function notInNullable(input: RuleInput): readonly Finding[] {
  return input.resolution.selects.flatMap((select) =>
    expressionsOf(select).flatMap((root) =>
      [...within(root)].flatMap((expr) => {
        const inner = negated(expr) ?? differsFromAll(expr);
        return inner === undefined ? [] : finding(inner, input);
      }),
    ),
  );
}

function negated(expr: Expr): InExpr | undefined {
  if (expr.type === "in" && expr.not) return expr;
  const [arg] = expr.type === "operator" && expr.op === "not" ? expr.args : [];
  return arg?.type === "in" && !arg.not ? arg : undefined;
}

/** `x <> ALL (…)` is NOT IN in other words. */
function differsFromAll(expr: Expr): Pick<InExpr, "list" | "query"> | undefined {
  if (expr.type !== "operator" || expr.op !== "<>" || expr.quantifier !== "all") return undefined;
  const set = expr.args[1];
  return set?.type === "subquery" && set.kind === "scalar" ? { list: [], query: set.query } : undefined;
}

function finding(expr: Pick<InExpr, "list" | "query">, input: RuleInput): readonly Finding[] {
  const literal = expr.list.find((e) => e.type === "literal" && e.kind === "null");
  if (literal !== undefined)
    return [told("The list holds NULL: NOT IN is then never true.", literal.span, "Leave NULL out of the list.")];
  const { query } = expr;
  if (query === undefined) return [];
  const column = input.resolution.outputs.get(query)?.[0];
  if (column === undefined || !column.nullable || column.from === undefined) return [];
  if (excludesNull(query, column.from.column.name, input)) return [];
  const fix = filtered(query, input);
  const message = `"${column.name}" can be NULL: NOT IN is then never true, and the result empty.`;
  return [
    {
      ...told(message, query.span, "Add IS NOT NULL inside, or use NOT EXISTS."),
      ...(fix === undefined ? {} : { fixes: [fix] }),
    },
  ];
}

/** A condition on the column that no NULL passes. */
function excludesNull(query: Query, column: string, input: RuleInput): boolean {
  const select = firstSelect(query.body);
  return conjuncts(select?.where).some((c) => {
    const passesNull = c.type === "operator" && /^(is null|or|not|is distinct from|is not distinct from)$/.test(c.op);
    if (passesNull) return false;
    return [...within(c)].some((e) => e.type === "column" && input.resolution.bindings.get(e)?.column.name === column);
  });
}

function filtered(query: Query, input: RuleInput): readonly Edit[] | undefined {
  const select = query.body.type === "select" ? query.body : undefined;
  const item = select?.items[0]?.expr;
  if (select === undefined || item?.type !== "column") return undefined;
  const text = `${input.sql.slice(item.span.start, item.span.end)} IS NOT NULL`;
  const { where } = select;
  if (where !== undefined) {
    return [
      { start: where.span.start, end: where.span.start, text: "(" },
      { start: where.span.end, end: where.span.end, text: `) AND ${text}` },
    ];
  }
  const at = clauseEnd(input.sql, select, input.view.snapshot, "where");
  return [{ start: at, end: at, text: ` WHERE ${text}` }];
}

function told(message: string, span: Finding["span"], help: string): Finding {
  return { code: "not_in_nullable", severity: "warning", message, help, ...(span === undefined ? {} : { span }) };
}
