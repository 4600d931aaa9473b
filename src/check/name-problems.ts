/** What is told of a name that means nothing or too much, with the edits that would mend it, best first. Pure. */

import { findTable, printName, printRef } from "../schema/names.js";
import type { SchemaSnapshot, Table } from "../schema/snapshot.js";
import type { ColumnExpr, Name } from "../sql/tree.js";
import { alike, nearest } from "./candidates.js";
import { type Binding, type Edit, type NameProblem, type Relation, sameName } from "./relation.js";
import { columnIn, relationsInSight, type Scope } from "./scope.js";
import { printSql, sqlOf, written } from "./written.js";

/** Most candidates that a problem offers. */
const maxCandidates = 5;

export function ambiguous(name: Name, found: readonly Binding[]): NameProblem {
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

export function unknownColumn(name: Name, scope: Scope | undefined, snapshot: SchemaSnapshot): NameProblem {
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

export function unknownIn(
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

export function unknownQualifier(
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
