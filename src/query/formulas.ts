/** Expressions and aggregates as SQL: division is never of integers, a zero denominator gives NULL. Pure. */

import { error } from "../issue.js";
import type { Dialect } from "../sql/dialect.js";
import type { Expression } from "./expression.js";
import { bind, type Fragment, join, raw, sql } from "./fragment.js";
import type { Aggregate } from "./resolved.js";
import { refuse } from "./stop.js";

/** An expression as SQL; `name` says how a name in it is printed. */
export function printExpression(e: Expression, dialect: Dialect, name: (ref: string) => Fragment): Fragment {
  const again = (x: Expression) => printExpression(x, dialect, name);
  switch (e.kind) {
    case "number":
      return raw(e.text);
    case "text":
      return raw(dialect.literal(e.value));
    case "null":
      return raw("NULL");
    case "star":
      return raw("*");
    case "name":
      return name(e.ref);
    case "metric":
      return refuse(error("invalid_argument", `The metric {${e.name}} stands where a column is needed.`));
    case "call":
      return sql`${e.name}(${e.distinct ? "DISTINCT " : ""}${join(e.args.map(again), ", ")})`;
    case "unary":
      return sql`${e.op === "not" ? "NOT " : "-"}${inner(e.operand, again)}`;
    case "is_null":
      return sql`${inner(e.operand, again)} IS ${e.negated ? "NOT " : ""}NULL`;
    case "binary": {
      const right = inner(e.right, again);
      if (e.op !== "/") return sql`${inner(e.left, again)} ${e.op.toUpperCase()} ${right}`;
      return sql`${decimal(again(e.left), dialect)} / NULLIF(${again(e.right)}, 0)`;
    }
    case "case": {
      const branches = e.branches.map((b) => sql`WHEN ${again(b.when)} THEN ${again(b.result)}`);
      const otherwise = e.otherwise === undefined ? raw("") : sql` ELSE ${again(e.otherwise)}`;
      return sql`CASE ${join(branches, " ")}${otherwise} END`;
    }
  }
}

/** An aggregate over the rows of a statement. */
export function printAggregate(aggregate: Aggregate, dialect: Dialect, name: (ref: string) => Fragment): Fragment {
  if (aggregate.argument === undefined) return raw("COUNT(*)");
  const argument = printExpression(aggregate.argument, dialect, name);
  switch (aggregate.agg) {
    case "count_distinct":
      return sql`COUNT(DISTINCT ${argument})`;
    case "median": {
      const [before, after] = dialect.median("\u0000").split("\u0000");
      return sql`${before ?? ""}${argument}${after ?? ""}`;
    }
    case "first":
    case "last":
      // The rows were narrowed to the first or last one of each group before (see `legs.ts`).
      return sql`MAX(${argument})`;
    default:
      return sql`${aggregate.agg.toUpperCase()}(${argument})`;
  }
}

function decimal(expression: Fragment, dialect: Dialect): Fragment {
  const [before, after] = dialect.decimal("\u0000").split("\u0000");
  return sql`${before ?? ""}${expression}${after ?? ""}`;
}

/** A value bound with the type that a bare parameter would lack. */
export function bindNumber(value: number | string, dialect: Dialect): Fragment {
  return bind(value, dialect.name === "postgres" ? "numeric" : undefined);
}

function inner(e: Expression, print: (x: Expression) => Fragment): Fragment {
  return e.kind === "binary" || e.kind === "is_null" || (e.kind === "unary" && e.op === "not")
    ? sql`(${print(e)})`
    : print(e);
}
