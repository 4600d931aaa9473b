/** Finding what a name means in the scopes around it, and what it could have meant where it means nothing. */

import { distance } from "fastest-levenshtein";
import { findTable, printName, printRef } from "../schema/names.js";
import type { DialectName, SchemaSnapshot, Table } from "../schema/snapshot.js";
import type { ColumnExpr, Name } from "../sql/tree.js";
import { nearest } from "./candidates.js";
import { type Binding, type Edit, type NameProblem, type OutColumn, type Relation, sameName } from "./relation.js";

export interface Scope {
  readonly relations: readonly Relation[];
  readonly merged: ReadonlySet<string>;
  /** Names of the SELECT list that expressions here may use (SQLite). */
  readonly aliases: readonly OutColumn[];
  readonly outer: Scope | undefined;
  /** Names that joins give to the columns that they merge. */
  readonly usings?: readonly Using[];
  /** True in a join's condition: the table just joined is the likelier one meant. */
  readonly joining?: boolean;
}

/** `USING (a, b) AS name` (PostgreSQL manual, SELECT, "join_using_alias"): `name.a` is the merged column. */
export interface Using {
  readonly name: string;
  readonly columns: readonly Name[];
  readonly of: readonly Relation[];
}

export interface Found {
  readonly binding?: Binding;
  readonly alias?: OutColumn;
  /** PostgreSQL: a whole row of this relation. */
  readonly row?: Relation;
  readonly problem?: NameProblem;
}

/** Most candidates that a problem offers. */
const maxCandidates = 5;

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

/** The columns of a relation by a name. */
export function columnIn(relation: Relation, name: string, dialect: DialectName): OutColumn | undefined {
  return relation.columns.find((c) => sameName(dialect, c.name, name));
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

/** How a relation's column is written in the statement. */
export function written(relation: Relation, column: string, snapshot: SchemaSnapshot): string {
  const name = printSql(column, snapshot.dialect);
  return relation.name === "" ? name : `${printSql(relation.name, snapshot.dialect)}.${name}`;
}

/** An identifier as SQL: quoted where PostgreSQL would fold it or the bare name would be misread. */
export function printSql(name: string, dialect: DialectName): string {
  const bareEnough = dialect === "postgres" ? /^[a-z_][a-z0-9_$]*$/.test(name) : /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
  return bareEnough && !keywords.has(name.toLowerCase()) ? name : `"${name.replaceAll('"', '""')}"`;
}

const keywords = new Set(
  `all analyse analyze and any array as asc between both by case cast check collate column constraint create cross current default delete desc distinct do drop else end
  except exists false fetch for foreign from full grant group having if in index inner insert intersect into is isnull join key lateral leading left like limit
  localtime natural not notnull null offset on only or order outer overlaps placing primary references right select set similar some symmetric table
  then to trailing transaction true union unique update user using values view when where window with`.split(/\s+/),
);

function ambiguous(name: Name, found: readonly Binding[]): NameProblem {
  const refs = found.map((b) => `${b.relation.name}.${b.column.name}`);
  return {
    code: "ambiguous_column",
    span: name.span,
    message: `"${name.text}" stands in ${refs.map((r) => r.split(".")[0]).join(" and ")}.`,
    help: "Say which table it is from.",
    candidates: refs,
    fixes: refs.map((text) => [{ ...name.span, text }]),
  };
}

function relationsInSight(scope: Scope | undefined): readonly Relation[] {
  const all: Relation[] = [];
  for (let at = scope; at !== undefined; at = at.outer) all.push(...at.relations);
  return all;
}

/** Whether one name can be a slip of the pen for the other: only such a name is put in by itself. */
export function alike(a: string, b: string): boolean {
  const x = a.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  const y = b.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  if (x === y) return true;
  if (Math.min(x.length, y.length) >= 4 && (x.startsWith(y) || y.startsWith(x))) return true;
  return (
    Math.abs(x.length - y.length) <= 2 &&
    (distance(x, y) <= Math.max(1, Math.floor(Math.max(x.length, y.length) / 4)) || sorted(x) === sorted(y))
  );
}

function sorted(text: string): string {
  return text.split("").sort().join("");
}

function unknownColumn(name: Name, scope: Scope | undefined, snapshot: SchemaSnapshot): NameProblem {
  const relations = relationsInSight(scope);
  const names = relations.flatMap((r) => r.columns.map((c) => c.name));
  const near = nearest(name.text, names, maxCandidates);
  const asColumn = near
    .filter((n) => alike(name.text, n))
    .map((n): readonly Edit[] => [{ ...name.span, text: printSql(n, snapshot.dialect) }]);
  const literal: readonly Edit[] = [{ ...name.span, text: `'${name.text.replaceAll("'", "''")}'` }];
  const closest = near[0];
  const likelyText = name.quoted && !(closest !== undefined && alike(name.text, closest));
  const fixes = name.quoted ? (likelyText ? [literal, ...asColumn] : [...asColumn, literal]) : asColumn;
  const shown = relations.map((r) => r.name).filter((n) => n !== "");
  const where = shown.length === 0 ? "The statement" : shown.length === 1 ? shown[0] : `None of ${shown.join(", ")}`;
  return {
    code: "unknown_column",
    span: name.span,
    message: `${where} has ${shown.length > 1 ? "a" : "no"} column "${name.text}"${didYouMean(near)}`,
    candidates: near,
    fixes,
    ...helpFor(name, likelyText, snapshot),
  };
}

function helpFor(name: Name, likelyText: boolean, snapshot: SchemaSnapshot): { help?: string } {
  if (likelyText) return { help: `Double quotes hold names; write a text as '${name.text.replaceAll("'", "''")}'.` };
  const owners = ownersOf(snapshot, name.text);
  if (owners.size === 0) return {};
  return {
    help: `It is a column of ${[...owners]
      .slice(0, shownOwners)
      .map((t) => printRef(snapshot, t))
      .join(", ")}: join it.`,
  };
}

/** Tables that a help names at most. */
const shownOwners = 3;

const owners = new WeakMap<SchemaSnapshot, ReadonlyMap<string, ReadonlySet<Table>>>();
const noOwners: ReadonlySet<Table> = new Set();

/** The tables that have a column by this name, case folded. */
export function ownersOf(snapshot: SchemaSnapshot, column: string): ReadonlySet<Table> {
  let index = owners.get(snapshot);
  if (index === undefined) {
    const made = new Map<string, Set<Table>>();
    for (const table of snapshot.tables) {
      for (const c of table.columns) {
        const key = c.name.toLowerCase();
        made.set(key, (made.get(key) ?? new Set()).add(table));
      }
    }
    index = made;
    owners.set(snapshot, made);
  }
  return index.get(column.toLowerCase()) ?? noOwners;
}

function unknownIn(
  expr: ColumnExpr,
  last: Name,
  relation: Relation,
  scope: Scope | undefined,
  snapshot: SchemaSnapshot,
): NameProblem {
  const { dialect } = snapshot;
  const near = nearest(
    last.text,
    relation.columns.map((c) => c.name),
    maxCandidates,
  );
  const here = near
    .filter((n) => alike(last.text, n))
    .map((n): readonly Edit[] => [{ ...last.span, text: printSql(n, dialect) }]);
  const others = relationsInSight(scope).filter((r) => r !== relation && columnIn(r, last.text, dialect) !== undefined);
  const elsewhere = others.map((r) => written(r, columnIn(r, last.text, dialect)?.name ?? last.text, snapshot));
  const moved = elsewhere.map((text): readonly Edit[] => [{ ...expr.span, text }]);
  const closest = near[0];
  // The very name on another table here is likelier meant than a like one on this.
  const spelled = closest !== undefined && alike(closest, last.text) && elsewhere.length === 0;
  return {
    code: "unknown_column",
    span: last.span,
    message: `${relation.name} has no column "${last.text}"${didYouMean(spelled || elsewhere.length === 0 ? near : elsewhere)}`,
    candidates: spelled ? [...near, ...elsewhere] : [...elsewhere, ...near],
    fixes: spelled ? [...here, ...moved] : [...moved, ...here],
  };
}

function unknownQualifier(
  expr: ColumnExpr,
  qualifier: Name,
  last: Name,
  scope: Scope | undefined,
  snapshot: SchemaSnapshot,
): NameProblem {
  const { dialect } = snapshot;
  const seen = relationsInSight(scope).filter((r) => r.name !== "");
  const inSight = scope?.joining === true ? seen.toReversed() : seen;
  const whole = { start: expr.span.start, end: last.span.start };
  // The table's own name where the statement gave it an alias is the commonest slip.
  const aliased = inSight.filter((r) => r.table !== undefined && sameName(dialect, r.table.name, qualifier.text));
  const holding = inSight.filter((r) => columnIn(r, last.text, dialect) !== undefined);
  const byName = nearest(
    qualifier.text,
    inSight.map((r) => r.name),
    maxCandidates,
  );
  const ordered = [
    ...aliased.map((r) => r.name),
    ...byName.filter((n) => holding.some((r) => r.name === n)),
    ...holding.map((r) => r.name),
    ...byName,
  ];
  const names = [...new Set(ordered)].slice(0, maxCandidates);
  const known = findTable(snapshot, qualifier.text);
  const help =
    aliased.length === 0 && known !== undefined
      ? `${printRef(snapshot, known)} is a table, but it is not joined here.`
      : undefined;
  return {
    code: "unknown_table",
    span: qualifier.span,
    message: `No table or alias "${qualifier.text}" is joined here${didYouMean(names)}`,
    candidates: names,
    fixes: names.map((n) => [{ ...whole, text: `${printSql(n, dialect)}.` }]),
    ...(help === undefined ? {} : { help }),
  };
}

/** The problem of a table that is not there. */
export function unknownTable(
  path: readonly Name[],
  cteNames: readonly string[],
  snapshot: SchemaSnapshot,
): NameProblem {
  const last = path.at(-1) as Name;
  const first = path[0] as Name;
  const span = { start: first.span.start, end: last.span.end };
  const { dialect } = snapshot;
  const elsewhere = snapshot.tables.filter((t) => t.name.toLowerCase() === last.text.toLowerCase());
  const near = nearest(last.text, [...cteNames, ...tableNames(snapshot)], maxCandidates);
  const texts = near.flatMap((n) =>
    cteNames.includes(n) ? [printSql(n, dialect)] : tablesNamed(snapshot, n).map((t) => sqlOf(snapshot, t)),
  );
  const exact = elsewhere.map((t) => sqlOf(snapshot, t));
  const candidates = [...new Set([...exact, ...texts])].slice(0, maxCandidates);
  const schema = path.length > 1 ? path.at(-2)?.text : undefined;
  const knownSchema = schema === undefined || snapshot.tables.some((t) => sameName(dialect, t.schema, schema));
  return {
    code: knownSchema ? "unknown_table" : "unknown_schema",
    span,
    message: `There is no ${knownSchema ? `table "${last.text}"` : `schema "${schema ?? ""}"`}${didYouMean(candidates)}`,
    candidates,
    fixes: candidates
      .filter((c) => exact.includes(c) || alike(last.text, c.split(".").at(-1) ?? c))
      .map((text) => [{ ...span, text }]),
  };
}

function sqlOf(snapshot: SchemaSnapshot, table: Table): string {
  const name = printSql(table.name, snapshot.dialect);
  return table.schema === snapshot.defaultSchema ? name : `${printSql(table.schema, snapshot.dialect)}.${name}`;
}

const namesBySnapshot = new WeakMap<SchemaSnapshot, readonly string[]>();

function tableNames(snapshot: SchemaSnapshot): readonly string[] {
  let names = namesBySnapshot.get(snapshot);
  if (names === undefined) {
    names = [...new Set(snapshot.tables.map((t) => t.name))];
    namesBySnapshot.set(snapshot, names);
  }
  return names;
}

function tablesNamed(snapshot: SchemaSnapshot, name: string): readonly Table[] {
  const found = snapshot.tables.filter((t) => t.name === name);
  return found.toSorted(
    (a, b) => Number(b.schema === snapshot.defaultSchema) - Number(a.schema === snapshot.defaultSchema),
  );
}

function didYouMean(candidates: readonly string[]): string {
  const [first] = candidates;
  return first === undefined
    ? "."
    : `; did you mean ${first.startsWith('"') ? first : printName(first) === first ? `"${first}"` : first}?`;
}
