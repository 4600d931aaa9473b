/**
 * The table that was meant where another was named: when columns are missing from a relation, the one table (near it by foreign keys or name)
 * that has them all. Pure.
 */

import { findTable } from "../schema/names.js";
import type { Relationship } from "../schema/relationships.js";
import type { SchemaSnapshot, Table } from "../schema/snapshot.js";
import type { ColumnExpr } from "../sql/tree.js";
import { argumentsOf, type Expr, queryOf } from "../sql/tree.js";
import { alike } from "./candidates.js";
import type { Examined } from "./examined.js";
import { expressionsOf } from "./expressions.js";
import { neighboursOf } from "./links.js";
import { ownersOf } from "./name-problems.js";
import type { Edit, Relation, Resolution, SelectScope } from "./relation.js";
import { printSql } from "./written.js";

/** Another table to try: the edits, and whether the one named exists at all. */
interface OtherTable {
  readonly edits: readonly Edit[];
  readonly known: boolean;
}

/** Sets of edits that put another table in a FROM clause, likeliest first; at most a few. */
export function wrongTables(
  examined: Examined,
  snapshot: SchemaSnapshot,
  relationships: readonly Relationship[],
): readonly OtherTable[] {
  const { resolution } = examined;
  if (resolution === undefined) return [];
  return [...resolution.scopes.values()].flatMap((scope) => inScope(scope, resolution, snapshot, relationships));
}

function inScope(
  scope: SelectScope,
  resolution: Resolution,
  snapshot: SchemaSnapshot,
  relationships: readonly Relationship[],
): readonly OtherTable[] {
  const columns = [...expressionsOf(scope.select)].flatMap(columnsOf);
  const named = namedButNotJoined(scope, columns, resolution, snapshot);
  if (named.length > 0) return named;
  return scope.relations.flatMap((relation) => {
    if (relation.item.type !== "table") return [];
    const qualifier = relation.name.toLowerCase();
    const mine = columns.filter((c) =>
      c.path.length > 1 ? c.path.at(-2)?.text.toLowerCase() === qualifier : scope.relations.length === 1,
    );
    const names = [...new Set(mine.map((c) => (c.path.at(-1)?.text ?? "").toLowerCase()))].filter((n) => n !== "");
    const missing = mine.filter(
      (c) => !resolution.bindings.has(c) && !resolution.aliases.has(c) && isProblem(c, resolution),
    );
    if (missing.length === 0 && relation.table !== undefined) return [];
    if (names.length === 0) return [];
    const holders = holdersOf(names, snapshot).filter((t) => t !== relation.table);
    const ranked = rank(holders, relation, scope, snapshot, relationships);
    // A lone missing name is as likely misspelt: only a table that is linked is tried then.
    const slip = missing.every((c) => relation.columns.some((r) => alike(r.name, c.path.at(-1)?.text ?? "")));
    const enough =
      missing.length >= 2 || relation.table === undefined || !slip ? ranked : ranked.filter((r) => r.linked);
    return enough
      .slice(0, 3)
      .map(({ table }) => ({ edits: replaced(relation, table, mine, snapshot), known: relation.table !== undefined }));
  });
}

/** A table that columns are qualified with but FROM does not hold, put where a table stands that nothing uses. */
function namedButNotJoined(
  scope: SelectScope,
  columns: readonly ColumnExpr[],
  resolution: Resolution,
  snapshot: SchemaSnapshot,
): readonly OtherTable[] {
  const missing = columns.flatMap((c) => {
    const qualifier = c.path.at(-2);
    const told = resolution.problems.some((p) => p.code === "unknown_table" && p.span.start === qualifier?.span.start);
    return told && qualifier !== undefined ? (findTable(snapshot, qualifier.text) ?? []) : [];
  });
  const [table] = missing;
  if (table === undefined) return [];
  const used = (r: Relation) => columns.some((c) => resolution.bindings.get(c)?.relation === r);
  const idle = scope.relations.filter((r) => r.item.type === "table" && r.item.alias === undefined && !used(r));
  return idle.map((r) => ({ edits: replaced(r, table, [], snapshot), known: true }));
}

function columnsOf(expr: Expr): readonly ColumnExpr[] {
  const inner = expr.type === "column" ? [expr] : [];
  return queryOf(expr) === undefined
    ? [...inner, ...argumentsOf(expr).flatMap(columnsOf)]
    : expr.type === "in"
      ? columnsOf(expr.left)
      : inner;
}

function isProblem(column: ColumnExpr, resolution: Resolution): boolean {
  const last = column.path.at(-1);
  return resolution.problems.some(
    (p) => p.code === "unknown_column" && last !== undefined && p.span.start === last.span.start,
  );
}

function holdersOf(names: readonly string[], snapshot: SchemaSnapshot): readonly Table[] {
  const [rarest, ...rest] = names.map((n) => ownersOf(snapshot, n)).toSorted((a, b) => a.size - b.size);
  return [...(rarest ?? [])].filter((t) => rest.every((owners) => owners.has(t)));
}

function rank(
  tables: readonly Table[],
  relation: Relation,
  scope: SelectScope,
  snapshot: SchemaSnapshot,
  relationships: readonly Relationship[],
): readonly { readonly table: Table; readonly linked: boolean }[] {
  const others = scope.relations.flatMap((r) => (r === relation || r.table === undefined ? [] : [r.table]));
  const neighbours = new Set(
    others.flatMap((o) => neighboursOf(relationships, o)).map((n) => findTable(snapshot, n.name, n.schema)),
  );
  const asked = (relation.item.type === "table" ? relation.item.path.at(-1)?.text : "")?.toLowerCase() ?? "";
  const score = (t: Table) => {
    const name = t.name.toLowerCase();
    const alike = name.includes(asked) || asked.includes(name) ? 1 : 0;
    return alike + (t.schema === snapshot.defaultSchema ? 1 : 0);
  };
  return tables
    .map((table) => {
      const linked = neighbours.has(table);
      return { table, linked, score: score(table) + (linked ? 4 : 0) };
    })
    .toSorted((a, b) => b.score - a.score);
}

/** The table's name in FROM, and where it has no alias every use of it as a qualifier. */
function replaced(
  relation: Relation,
  table: Table,
  uses: readonly ColumnExpr[],
  snapshot: SchemaSnapshot,
): readonly Edit[] {
  const name = printSql(table.name, snapshot.dialect);
  const full = table.schema === snapshot.defaultSchema ? name : `${printSql(table.schema, snapshot.dialect)}.${name}`;
  const from: Edit = { ...relation.item.span, text: full };
  if (relation.item.alias !== undefined) return [from];
  const qualifiers = uses.flatMap((c): readonly Edit[] => {
    const qualifier = c.path.length > 1 ? c.path.at(-2) : undefined;
    return qualifier === undefined ? [] : [{ ...qualifier.span, text: name }];
  });
  return [from, ...qualifiers];
}
