/** The columns that sources and queries give: their names, what becomes of them in joins and set operations. Pure. */

import type { Expr, Join, Name } from "../sql/tree.js";
import type { OutColumn, Relation } from "./relation.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function rename(columns: readonly OutColumn[], names: readonly Name[]): readonly OutColumn[] {
  return names.length === 0 ? columns : columns.map((c, i) => ({ ...c, name: names[i]?.text ?? c.name }));
}

export function mergeArms(left: OutColumn, right: OutColumn | undefined): OutColumn {
  if (right === undefined) return left;
  const { name, type } = left;
  return {
    name,
    type: type ?? right.type,
    sources: [...left.sources, ...right.sources],
    nullable: left.nullable || right.nullable,
  };
}

export function markOptional(relations: readonly Relation[]): void {
  for (const relation of relations) (relation as Mutable<Relation>).optional = true;
}

export function joinedAs(item: Join, alias: Name, relations: readonly Relation[]): Relation {
  const columns = relations.flatMap((relation) =>
    relation.columns.map((c) => ({ ...c, nullable: c.nullable || relation.optional })),
  );
  return { name: alias.text, item, columns, open: relations.some((r) => r.open), optional: false };
}

/** The name that a result column gets without AS. PostgreSQL: the column's or function's name; SQLite: the column's, else the text. */
export function defaultName(expr: Expr, dialect: string): string {
  if (expr.type === "column") return expr.path.at(-1)?.text ?? "";
  if (dialect === "sqlite") return "";
  if (expr.type === "call") return expr.name.at(-1)?.text ?? "";
  if (expr.type === "cast") return expr.arg.type === "column" ? (expr.arg.path.at(-1)?.text ?? expr.to) : expr.to;
  if (expr.type === "case") return "case";
  if (expr.type === "subquery" && expr.kind === "exists") return "exists";
  return "?column?";
}

/** Only what certainly is not NULL is said not to be: counts and literals. */
export function maybeNull(expr: Expr): boolean {
  if (expr.type === "literal") return expr.kind === "null";
  return !(expr.type === "call" && /^(count|row_number|rank|dense_rank)$/i.test(expr.name.at(-1)?.text ?? ""));
}
