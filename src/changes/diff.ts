/**
 * Compares two snapshots of one source: every kind of the contract, in a stable order that does not depend on the order of discovery.
 * Pure. Never guesses: an unproven rename is a removal and an addition, with the likeness of the two beside them as data.
 */

import { tableKey } from "../schema/names.js";
import { compareText } from "../schema/normal-form.js";
import type { SchemaSnapshot, Sequence, Table, TableName } from "../schema/snapshot.js";
import { isView } from "../schema/table-shapes.js";
import type { Place, SchemaChange, Seen } from "./change.js";
import { match } from "./compare.js";
import { diffTable, type TableContext } from "./diff-table.js";
import { diffTypes, type TypeContext } from "./diff-types.js";
import { type Draft, emptyNotebook, type Notebook } from "./draft.js";
import { type ChangeKind, kindOrder } from "./kinds.js";
import { displaced, inPresentNames } from "./renamed.js";
import { provenRenames, type Renames } from "./renames.js";
import { judge } from "./severity.js";
import { refOf, summaryOf } from "./summary.js";
import { suspectRenames } from "./suspects.js";

export interface DiffOptions {
  /** Whether removals and additions are scored as possible renames. Default true. */
  readonly suspects?: boolean;
}

/** Tables compared, and changes written out, between two pauses of `diffing`: some milliseconds. */
const atOnce = 200;

/** What changed from `before` to `after`. Equal snapshots give an empty list. */
export function diffSnapshots(before: Seen, after: Seen, options: DiffOptions = {}): readonly SchemaChange[] {
  const work = diffing(before, after, options);
  for (;;) {
    const part = work.next();
    if (part.done === true) return part.value;
  }
}

/** The same in parts: between them the caller may let others have the thread. */
export function* diffing(
  before: Seen,
  after: Seen,
  options: DiffOptions = {},
): Generator<undefined, readonly SchemaChange[]> {
  if (before.snapshot === after.snapshot) return [];
  const renames = provenRenames(before, after);
  const past = inPresentNames(before.snapshot, renames);
  const present = after.snapshot;
  const notebook = emptyNotebook();
  diffTypes(past, present, typeContext(before, after, renames, notebook));
  yield;
  yield* tables(past, before, after, renames, notebook);
  const drafts = withOwnedSequences(notebook.drafts);
  const order = new Map(kindOrder.map((kind, i) => [kind, i]));
  const sorted: { readonly change: SchemaChange; readonly key: string }[] = [];
  for (const [at, draft] of drafts.entries()) {
    if (at % atOnce === atOnce - 1) yield;
    const change = finished(draft, before.snapshot, present);
    sorted.push({ change, key: sortKey(change, order) });
  }
  const changes = sorted.sort((a, b) => compareText(a.key, b.key)).map(({ change }) => change);
  const scored = options.suspects === false ? changes : suspectRenames(changes, past, present);
  return withRestated(scored, notebook);
}

function* tables(
  past: SchemaSnapshot,
  before: Seen,
  after: Seen,
  renames: Renames,
  notebook: Notebook,
): Generator<undefined, void> {
  const found = match(past.tables, after.snapshot.tables, tableKey);
  const formerTables = new Map([...renames.tables].map(([old, now]) => [tableKey(now), old]));
  const wanted = new Set(formerTables.values());
  const pastByKey = new Map(
    wanted.size === 0
      ? []
      : before.snapshot.tables.map((t) => [tableKey(t), t] as const).filter(([k]) => wanted.has(k)),
  );
  const gone = new Set(found.gone.map(tableKey));
  const fresh = new Set(found.fresh.map(tableKey));
  for (const table of found.gone) leave(table, gone, notebook);
  for (const table of found.fresh) arrive(table, fresh, notebook);
  const lost = displaced(before.snapshot, renames);
  for (const table of lost.tables) {
    const kind = isView(table) ? "view_removed" : "table_removed";
    notebook.drafts.push({ kind, place: tablePlace(table), before: table, displaced: true });
  }
  for (const { table, column } of lost.columns) {
    const place: Place = { part: "column", schema: table.schema, table: table.name, name: column.name };
    notebook.drafts.push({ kind: "column_removed", place, before: column, displaced: true });
  }
  const names = allNames(renames);
  const renamed =
    renames.tables.size + renames.columns.size + renames.recreatedColumns.size + renames.recreatedTables.size;
  for (const [at, [old, now]] of found.both.entries()) {
    if (at % atOnce === atOnce - 1) yield;
    if (old === now && renamed === 0) continue;
    const key = tableKey(now);
    const former = pastByKey.get(formerTables.get(key) ?? "");
    if (former !== undefined) {
      notebook.drafts.push({
        kind: "table_renamed",
        place: tablePlace(now),
        formerPlace: tablePlace(former),
        before: { schema: former.schema, name: former.name },
        after: { schema: now.schema, name: now.name },
      });
    }
    if (renames.recreatedTables.has(key)) {
      notebook.drafts.push({ kind: "table_removed", place: tablePlace(old), before: old, recreated: true });
      notebook.drafts.push({ kind: "table_added", place: tablePlace(now), after: now, recreated: true });
      continue;
    }
    diffTable(old, now, tableContext(key, before, after, renames, names, notebook));
  }
}

function leave(table: Table, gone: ReadonlySet<string>, notebook: Notebook): void {
  notebook.drafts.push({
    kind: isView(table) ? "view_removed" : "table_removed",
    place: tablePlace(table),
    before: table,
  });
  if (table.partitionOf === undefined || gone.has(tableKey(table.partitionOf))) return;
  notebook.drafts.push({ kind: "partition_removed", place: partitionPlace(table), before: parentage(table) });
}

function arrive(table: Table, fresh: ReadonlySet<string>, notebook: Notebook): void {
  notebook.drafts.push({ kind: isView(table) ? "view_added" : "table_added", place: tablePlace(table), after: table });
  if (table.partitionOf === undefined || fresh.has(tableKey(table.partitionOf))) return;
  notebook.drafts.push({ kind: "partition_added", place: partitionPlace(table), after: parentage(table) });
}

function parentage(table: Table): Pick<Table, "partitionOf" | "partitionBound"> {
  return {
    ...(table.partitionOf && { partitionOf: table.partitionOf }),
    ...(table.partitionBound && { partitionBound: table.partitionBound }),
  };
}

function tablePlace(table: Table): Place {
  return { part: "table", schema: table.schema, name: table.name };
}

function partitionPlace(table: Table): Place {
  return { ...tablePlace(table), fields: ["partitionOf", "partitionBound", "inherits"] };
}

function tableContext(
  key: string,
  before: Seen,
  after: Seen,
  renames: Renames,
  names: ReadonlyMap<string, string>,
  notebook: Notebook,
): TableContext {
  const former = renames.columns.get(key);
  return {
    dialect: after.snapshot.dialect,
    names,
    notebook,
    recreated: renames.recreatedColumns.get(key) ?? new Set(),
    formerColumns: new Map([...(former ?? [])].map(([old, now]) => [now, old])),
    renamedIn: (list) => formerNames(list, renames),
    sameObject: (part, table, old, now) => sameMember(part, table, old, now, before, after),
  };
}

/** Former names of renamed columns, by the name of their table. */
function formerNames(tables: readonly TableName[], renames: Renames): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>();
  if (renames.columns.size === 0) return found;
  for (const table of tables) {
    const columns = renames.columns.get(tableKey(table));
    if (columns !== undefined) found.set(table.name, new Set(columns.keys()));
  }
  return found;
}

function sameMember(part: Place["part"], table: Table, old: string, now: string, before: Seen, after: Seen): boolean {
  if (before.identity?.database !== after.identity?.database) return false;
  const keys = (name: string) => [`${part}:${table.schema}.${name}`, `${part}:${table.schema}.${table.name}.${name}`];
  const id = (seen: Seen, name: string) =>
    keys(name)
      .map((k) => seen.identity?.others?.[k])
      .find((x) => x !== undefined);
  const [was, is] = [id(before, old), id(after, now)];
  return was !== undefined && was === is;
}

function typeContext(before: Seen, after: Seen, renames: Renames, notebook: Notebook): TypeContext {
  const sameDatabase = before.identity !== undefined && before.identity.database === after.identity?.database;
  return {
    dialect: after.snapshot.dialect,
    names: allNames(renames),
    notebook,
    formerSchemas: new Map([...renames.schemas].map(([old, now]) => [now, old])),
    id: (side, key) => (sameDatabase ? (side === "before" ? before : after).identity?.others?.[key] : undefined),
  };
}

/** Every renamed name at once: texts of one table may mention the columns of another. */
function allNames(renames: Renames): ReadonlyMap<string, string> {
  const names = new Map<string, string>(renames.schemas);
  for (const [key, now] of renames.tables) {
    const old = nameOfKey(key);
    if (old.name !== now.name) names.set(old.name, now.name);
  }
  for (const columns of renames.columns.values()) for (const [old, now] of columns) names.set(old, now);
  return names;
}

function nameOfKey(key: string): { name: string } {
  const match = /(?:^|\.)(?:"((?:[^"]|"")+)"|([^".]+))$/u.exec(key);
  return { name: match?.[1]?.replaceAll('""', '"') ?? match?.[2] ?? key };
}

/** A sequence that an added or removed column owns is part of it, not news of its own. */
function withOwnedSequences(drafts: readonly Draft[]): readonly Draft[] {
  const owners = new Map<string, Draft>();
  const mark = (draft: Draft, column: string, table = draft.place.table ?? draft.place.name) =>
    owners.set([sideOf(draft), draft.place.schema, table, column].join("\u0000"), draft);
  for (const draft of drafts) {
    if (draft.kind === "column_added" || draft.kind === "column_removed" || draft.kind === "column_identity_changed") {
      mark(draft, draft.place.name ?? "");
    }
    if (draft.kind === "table_added" || draft.kind === "table_removed") {
      for (const column of ((draft.after ?? draft.before) as Table).columns) mark(draft, column.name);
    }
  }
  const owned = new Map<Draft, Sequence[]>();
  const rest = drafts.filter((draft) => {
    if (draft.place.part !== "sequence" || (draft.before !== undefined && draft.after !== undefined)) return true;
    const sequence = (draft.after ?? draft.before) as Sequence;
    const by = sequence.ownedBy;
    const owner = by && ownerOf(owners, sideOf(draft), by);
    if (owner === undefined) return true;
    owned.set(owner, [...(owned.get(owner) ?? []), sequence]);
    return false;
  });
  return rest.map((draft) => (owned.has(draft) ? { ...draft, sequences: owned.get(draft) ?? [] } : draft));
}

function ownerOf(
  owners: ReadonlyMap<string, Draft>,
  side: string,
  by: { schema: string; table: string; column: string },
): Draft | undefined {
  const key = [by.schema, by.table, by.column].join("\u0000");
  return owners.get(`${side}\u0000${key}`) ?? owners.get(`both\u0000${key}`);
}

function sideOf(draft: Draft): "before" | "after" | "both" {
  if (draft.before !== undefined && draft.after !== undefined) return "both";
  return draft.before === undefined ? "after" : "before";
}

function finished(draft: Draft, before: SchemaSnapshot, after: SchemaSnapshot): SchemaChange {
  const object = refOf(after, draft.place);
  // A thing that became of another part (a declared key, a copy of one) under its name is not renamed.
  const moved = draft.formerPlace?.part !== draft.place.part;
  const renamedFrom = draft.formerPlace === undefined || moved ? undefined : refOf(before, draft.formerPlace);
  const named = { ...draft, object, ...(renamedFrom === undefined ? {} : { renamedFrom }) };
  return { ...named, ...judge(named), summary: summaryOf(named) };
}

/** Schemas and types first, then table by table; within one object in the order of kinds. */
function sortKey(change: SchemaChange, order: ReadonlyMap<ChangeKind, number>): string {
  const { part, schema, table, name } = change.place;
  const rank = part === "snapshot" ? 0 : part === "schema" ? 1 : table === undefined && part !== "table" ? 2 : 3;
  const owner = table ?? (part === "table" ? (name ?? "") : "");
  const kind = String(order.get(change.kind) ?? 99).padStart(2, "0");
  const position = String(change.place.position ?? 0).padStart(5, "0");
  return [
    rank,
    rank === 1 ? "" : schema,
    owner,
    kind,
    position,
    change.object,
    JSON.stringify(change.before ?? null),
    part,
  ].join("\u0000");
}

/** What the database restated by itself travels with the first change: applying needs it, reading does not. */
function withRestated(changes: readonly SchemaChange[], notebook: Notebook): readonly SchemaChange[] {
  const [first, ...rest] = changes;
  if (first === undefined || notebook.restated.length === 0) return changes;
  return [{ ...first, restated: notebook.restated }, ...rest];
}
