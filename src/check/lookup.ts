/** Finding what a name means in the scopes around it. */

import type { DialectName, SchemaSnapshot } from "../schema/snapshot.js";
import type { ColumnExpr, Name } from "../sql/tree.js";
import { ambiguous, unknownColumn, unknownIn, unknownQualifier } from "./name-problems.js";
import { type Binding, type NameProblem, type OutColumn, type Relation, sameName } from "./relation.js";
import { columnIn, relationsInSight, type Scope } from "./scope.js";

export interface Found {
  readonly binding?: Binding;
  readonly alias?: OutColumn;
  /** PostgreSQL: a whole row of this relation. */
  readonly row?: Relation;
  readonly problem?: NameProblem;
}

/** Pseudo-columns that no listing shows. Sources: PostgreSQL manual, 5.5 "System Columns"; SQLite: lang_createtable.html, "ROWIDs". */
const hiddenColumns: Readonly<Record<DialectName, readonly string[]>> = {
  postgres: ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"],
  sqlite: ["rowid", "_rowid_", "oid", "rank"],
};

export function findColumnOf(expr: ColumnExpr, scope: Scope | undefined, snapshot: SchemaSnapshot): Found {
  const last = expr.path.at(-1);
  if (last === undefined) return {};
  return expr.path.length === 1 ? bare(last, scope, snapshot) : qualified(expr, last, scope, snapshot);
}

function bare(name: Name, scope: Scope | undefined, snapshot: SchemaSnapshot): Found {
  const { dialect } = snapshot;
  let sawOpen = false;
  for (let at = scope; at !== undefined; at = at.outer) {
    const found = at.relations.flatMap((relation): Binding[] => {
      const column = columnIn(relation, name.text, dialect);
      return column === undefined ? [] : [{ relation, column }];
    });
    const [first] = found;
    if (first !== undefined && (found.length === 1 || at.merged.has(name.text.toLowerCase())))
      return { binding: first };
    if (first !== undefined) return { problem: ambiguous(name, found) };
    const alias = at.aliases.find((c) => sameName(dialect, c.name, name.text));
    if (alias !== undefined) return { alias };
    const row = dialect === "postgres" ? at.relations.find((r) => r.name === name.text) : undefined;
    if (row !== undefined) return { row };
    const hidden = hiddenBinding(name.text, at.relations, dialect);
    if (hidden !== undefined) return { binding: hidden };
    sawOpen ||= at.relations.some((r) => r.open);
  }
  return sawOpen ? {} : { problem: unknownColumn(name, scope, snapshot) };
}

function hiddenBinding(name: string, relations: readonly Relation[], dialect: DialectName): Binding | undefined {
  if (!hiddenColumns[dialect].includes(name.toLowerCase())) return undefined;
  const tables = relations.filter((r) => r.table !== undefined && r.table.kind !== "view");
  const [only] = tables;
  return only === undefined ? undefined : hiddenIn(only, name, dialect);
}

function hiddenIn(relation: Relation, name: string, dialect: DialectName): Binding | undefined {
  const { table } = relation;
  if (table === undefined || !hiddenColumns[dialect].includes(name.toLowerCase())) return undefined;
  if (dialect === "sqlite" && (table.kind === "view" || table.options?.includes("WITHOUT ROWID") === true))
    return undefined;
  // An INTEGER PRIMARY KEY is the rowid itself (lang_createtable.html, "ROWIDs and the INTEGER PRIMARY KEY").
  const key = dialect === "sqlite" && table.primaryKey?.columns.length === 1 ? table.primaryKey.columns[0] : undefined;
  const keyColumn = table.columns.find((c) => c.name === key && /^integer$/i.test(c.type));
  const sources = keyColumn === undefined ? [] : [{ table, column: keyColumn.name }];
  const type = dialect === "sqlite" ? "INTEGER" : undefined;
  return { relation, column: { name, sources, type, nullable: false } };
}

function qualified(expr: ColumnExpr, last: Name, scope: Scope | undefined, snapshot: SchemaSnapshot): Found {
  const { dialect } = snapshot;
  const qualifier = expr.path.at(-2);
  if (qualifier === undefined) return {};
  for (let at = scope; at !== undefined; at = at.outer) {
    const merged = expr.path.length === 2 ? mergedBinding(qualifier, last, at, dialect) : undefined;
    if (merged !== undefined) return { binding: merged };
    const relation = at.relations.find((r) => goesBy(r, expr.path.slice(0, -1), dialect));
    if (relation === undefined) continue;
    const column = columnIn(relation, last.text, dialect);
    if (column !== undefined) return { binding: { relation, column } };
    const hidden = hiddenIn(relation, last.text, dialect);
    if (hidden !== undefined) return { binding: hidden };
    return relation.open ? {} : { problem: unknownIn(expr, last, relation, scope, snapshot) };
  }
  // Beside a table that is itself unknown, a qualifier may be that table's right name: told once the table is.
  const unsure = relationsInSight(scope).some((r) => r.open && r.table === undefined && r.item.type === "table");
  return unsure ? {} : { problem: unknownQualifier(expr, qualifier, last, scope, snapshot) };
}

function mergedBinding(qualifier: Name, last: Name, scope: Scope, dialect: DialectName): Binding | undefined {
  const using = scope.usings?.find((u) => u.name === qualifier.text && u.columns.some((c) => c.text === last.text));
  return using?.of.flatMap((relation): Binding[] => {
    const column = columnIn(relation, last.text, dialect);
    return column === undefined ? [] : [{ relation, column }];
  })[0];
}

/** Whether a relation goes by a qualifier: its alias, or for `schema.table` its own full name where it has no alias. */
export function goesBy(relation: Relation, qualifier: readonly Name[], dialect: DialectName): boolean {
  const name = qualifier.at(-1)?.text ?? "";
  if (!sameName(dialect, relation.name, name)) return false;
  const schema = qualifier.at(-2)?.text;
  if (schema === undefined) return true;
  return (
    relation.item.alias === undefined &&
    relation.table !== undefined &&
    sameName(dialect, relation.table.schema, schema)
  );
}
