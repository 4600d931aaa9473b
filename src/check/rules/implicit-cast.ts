/**
 * An indexed column converted before it is compared, so that the index cannot serve: whole numbers against decimals in PostgreSQL (manual, 10.2), text
 * against numbers in a SQLite join (datatype3.html, 4.2).
 */

import type { Table } from "../../schema/snapshot.js";
import { type Expr, type OperatorExpr, within } from "../../sql/tree.js";
import { expressionsOf } from "../expressions.js";
import type { Finding } from "../finding.js";
import { typeOf } from "../infer.js";
import type { RuleInput } from "../rule.js";
import { familyOf } from "../types.js";

export function implicitCast(input: RuleInput): readonly Finding[] {
  return input.resolution.selects.flatMap((select) =>
    expressionsOf(select).flatMap((root) =>
      [...within(root)].flatMap((e) =>
        e.type === "operator" && /^(=|<|<=|>|>=)$/.test(e.op) && e.quantifier === undefined ? finding(e, input) : [],
      ),
    ),
  );
}

function finding(expr: OperatorExpr, input: RuleInput): readonly Finding[] {
  const [left, right] = expr.args;
  if (left === undefined || right === undefined) return [];
  const found = converted(left, right, input) ? left : converted(right, left, input) ? right : undefined;
  if (found === undefined) return [];
  const name = input.sql.slice(found.span.start, found.span.end);
  return [
    {
      code: "implicit_cast",
      severity: "warning",
      span: found.span,
      message: `${name} is converted before it is compared, so its index does not serve.`,
      help: "Compare it with a value of its own type, or cast the other side.",
    },
  ];
}

function converted(column: Expr, other: Expr, input: RuleInput): boolean {
  const binding = column.type === "column" ? input.resolution.bindings.get(column) : undefined;
  const table = binding?.relation.table;
  if (binding === undefined || table === undefined || !leadsIndex(table, binding.column.name)) return false;
  const { dialect } = input.view.snapshot;
  const own = familyOf(binding.column.type, dialect);
  const type = typeOf(other, input.resolution, dialect);
  const meets = familyOf(type, dialect);
  if (dialect === "postgres") return own === "integer" && meets === "number" && other.type !== "param";
  return own === "text" && (meets === "integer" || meets === "number") && other.type === "column";
}

function leadsIndex(table: Table, column: string): boolean {
  return table.primaryKey?.columns[0] === column || table.indexes.some((i) => i.columns[0] === column);
}
