/**
 * Compares one table with its later self, both in present names: its properties, columns and members. Writes drafts; pure otherwise.
 * A constraint's own index is told with the constraint, never apart.
 */

import { canonicalJson } from "../schema/normal-form.js";
import type {
  CheckConstraint,
  Column,
  ForeignKey,
  Index,
  KeyConstraint,
  Table,
  TableName,
} from "../schema/snapshot.js";
import type { Place } from "./change.js";
import { compare, match, pick, type Spelling } from "./compare.js";
import type { Draft, Notebook } from "./draft.js";
import type { ChangeKind } from "./kinds.js";
import { sameJson } from "./same.js";
import { mentionsColumn } from "./text.js";

/** A key or exclusion with the index that backs it. */
export type Backed<T> = T & { readonly backing?: Index };

/** What comparing a table needs beside the two tables. */
export interface TableContext extends Spelling {
  readonly notebook: Notebook;
  /** Columns that were dropped and added again under one name. */
  readonly recreated: ReadonlySet<string>;
  /** Former names of renamed columns by their present ones. */
  readonly formerColumns: ReadonlyMap<string, string>;
  /** Former names of the renamed columns of some tables, by the table's present name. */
  renamedIn(tables: readonly TableName[]): ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether the same object stands behind two names, where identities tell. */
  sameObject(part: Place["part"], table: Table, old: string, now: string): boolean;
}

export function diffTable(before: Table, after: Table, context: TableContext): void {
  const untouched = context.recreated.size + context.formerColumns.size + context.renamedIn(readsOf(after)).size === 0;
  if (untouched && sameJson(before, after)) return;
  properties(before, after, context);
  columns(before, after, context);
  primaryKey(before, after, context);
  for (const member of memberKinds) members(before, after, member, context);
}

interface PropertyGroup {
  readonly kind: ChangeKind;
  readonly fields: readonly (keyof Table)[];
}

function tableGroups(before: Table, after: Table): readonly PropertyGroup[] {
  const partitioned = becamePartitioned(before, after);
  // A view's options say with whose rights it reads (security_invoker, security_barrier).
  const views = before.kind === "view" && after.kind === "view";
  const access: readonly (keyof Table)[] = ["grants", "owner", "unreadable", ...(views ? (["options"] as const) : [])];
  return [
    { kind: "table_kind_changed", fields: views ? ["kind"] : partitioned ? ["options"] : ["kind", "options"] },
    { kind: "view_changed", fields: ["definition", "viewReads"] },
    { kind: "partition_key_changed", fields: partitioned ? ["kind", "partitionKey"] : ["partitionKey"] },
    { kind: "row_security_changed", fields: ["rowSecurity"] },
    { kind: "grant_changed", fields: access },
    { kind: "comment_changed", fields: ["comment"] },
  ];
}

/** A table that became partitioned, or ceased to be, is told by its partition key alone. */
function becamePartitioned(before: Table, after: Table): boolean {
  return isPlain(before) && isPlain(after) && before.kind !== after.kind;
}

function isPlain(table: Table): boolean {
  return table.kind === "table" || table.kind === "partitioned_table";
}

function properties(before: Table, after: Table, context: TableContext): void {
  const place: Place = { part: "table", schema: after.schema, name: after.name };
  for (const group of tableGroups(before, after)) fieldChange(before, after, group, place, context);
  const parents = ["partitionOf", "partitionBound", "inherits"] as const;
  const [old, now] = [pick(before, parents), pick(after, parents)];
  if (compare(old, now, context) !== "changed") return;
  const where = { ...place, fields: parents };
  if (before.partitionOf !== undefined || before.inherits !== undefined) {
    context.notebook.drafts.push({ kind: "partition_removed", place: where, before: old });
  }
  if (after.partitionOf !== undefined || after.inherits !== undefined) {
    context.notebook.drafts.push({ kind: "partition_added", place: where, after: now });
  }
}

function fieldChange(
  before: object,
  after: object,
  group: { kind: ChangeKind; fields: readonly string[] },
  place: Place,
  context: TableContext,
): void {
  const [old, now] = [pick(before, group.fields), pick(after, group.fields)];
  // A view's text that could not be read this time is no change of the view.
  const view = "kind" in before && "kind" in after && before.kind === after.kind && group.kind === "view_changed";
  if (view && (old.definition === undefined) !== (now.definition === undefined)) return;
  const verdict = view && keptOldNames(old, after as Table, context) ? "changed" : compare(old, now, context);
  if (verdict === "same") return;
  const where = { ...place, fields: group.fields };
  if (verdict === "restated") context.notebook.restated.push({ place: where, before: old, after: now });
  else context.notebook.drafts.push({ kind: group.kind, place: where, before: old, after: now });
}

/** What a view reads; a table's own checks and indexes read itself. */
function readsOf(table: Table): readonly TableName[] {
  return table.viewReads ?? [table];
}

/**
 * The database carries a renamed column through every text that means it. A text that still means the old name was written anew: over two
 * columns that swapped names it reads the same and says something else.
 */
function keptOldNames(old: Record<string, unknown>, now: Table, context: TableContext): boolean {
  const { definition } = now;
  if (definition === undefined || old.definition !== definition || now.viewReads === undefined) return false;
  return mentionsColumn(definition, context.renamedIn(now.viewReads), now.viewReads.length, context.dialect);
}

const columnGroups: readonly { kind: ChangeKind; fields: readonly (keyof Column)[] }[] = [
  { kind: "column_type_changed", fields: ["type", "enumType", "domain"] },
  { kind: "column_nullability_changed", fields: ["nullable"] },
  { kind: "column_default_changed", fields: ["default"] },
  { kind: "column_generated_changed", fields: ["generated"] },
  { kind: "column_identity_changed", fields: ["identity"] },
  { kind: "collation_changed", fields: ["collation"] },
  { kind: "grant_changed", fields: ["grants", "unreadable"] },
  { kind: "comment_changed", fields: ["comment"] },
];

function columns(before: Table, after: Table, context: TableContext): void {
  const { drafts } = context.notebook;
  const place = (name: string): Place => ({ part: "column", schema: after.schema, table: after.name, name });
  const found = match(before.columns, after.columns, (c) => c.name);
  const again = found.both.filter(([old]) => context.recreated.has(old.name));
  const stayed = found.both.filter(([old]) => !context.recreated.has(old.name));
  for (const column of found.gone) drafts.push({ kind: "column_removed", place: place(column.name), before: column });
  for (const column of found.fresh)
    drafts.push({ kind: "column_added", place: added(after, column, place), after: column });
  for (const [old, now] of again) {
    drafts.push({ kind: "column_removed", place: place(old.name), before: old, recreated: true });
    drafts.push({ kind: "column_added", place: added(after, now, place), after: now, recreated: true });
  }
  for (const [old, now] of stayed) {
    const former = context.formerColumns.get(now.name);
    if (former !== undefined) {
      drafts.push({
        kind: "column_renamed",
        place: place(now.name),
        formerPlace: place(former),
        before: former,
        after: now.name,
      });
    }
    for (const group of columnGroups) fieldChange(old, now, group, place(now.name), context);
  }
  const kept = new Set(stayed.map(([, now]) => now.name));
  const order = (table: Table) => table.columns.map((c) => c.name).filter((name) => kept.has(name));
  if (!sameJson(order(before), order(after))) {
    drafts.push({
      kind: "column_order_changed",
      place: { part: "table", schema: after.schema, name: after.name, fields: ["columns"] },
      before: before.columns.map((c) => c.name),
      after: after.columns.map((c) => c.name),
    });
  }
}

function added(table: Table, column: Column, place: (name: string) => Place): Place {
  return { ...place(column.name), position: table.columns.findIndex((c) => c.name === column.name) };
}

function primaryKey(before: Table, after: Table, context: TableContext): void {
  const [old, now] = [backed(before, before.primaryKey), backed(after, after.primaryKey)];
  if (old === undefined && now === undefined) return;
  const place = (key: KeyConstraint): Place => memberPlace("primary_key", after, key.name);
  const { drafts } = context.notebook;
  if (old !== undefined && now !== undefined) {
    if (old.name !== now.name && !sameJson(old.columns, now.columns)) {
      drafts.push({ kind: "primary_key_changed", place: place(old), before: old });
      drafts.push({ kind: "primary_key_changed", place: place(now), after: now });
    } else if (compare(old, now, context) === "changed") {
      const former = old.name === now.name ? {} : { formerPlace: place(old) };
      drafts.push({ kind: "primary_key_changed", place: place(now), ...former, before: old, after: now });
    }
    return;
  }
  const key = old ?? now;
  if (key === undefined) return;
  drafts.push({ kind: "primary_key_changed", place: place(key), ...(old ? { before: old } : { after: now }) });
}

interface MemberKind {
  readonly part: Place["part"];
  list(table: Table): readonly Named[];
  /** Where the list holds several parts: that of an item of `table`. */
  partOf?(table: Table, item: Named): Place["part"];
  readonly added: ChangeKind;
  readonly removed: ChangeKind;
  /** Absent where the contract has no such kind: a removal and an addition say it. */
  readonly changed?: ChangeKind;
}

interface Named {
  readonly name?: string;
  readonly columns?: readonly string[];
  readonly expression?: string;
}

const memberKinds: readonly MemberKind[] = [
  { part: "unique", list: (t) => t.uniques.map((u) => backed(t, u)), added: "unique_added", removed: "unique_removed" },
  {
    part: "exclusion",
    list: (t) => (t.exclusions ?? []).map((e) => backed(t, e)),
    added: "unique_added",
    removed: "unique_removed",
  },
  {
    part: "foreign_key",
    list: (t) => [...t.foreignKeys, ...(t.foreignKeyCopies ?? [])],
    partOf: (t, item) => (t.foreignKeyCopies?.includes(item as ForeignKey) ? "foreign_key_copy" : "foreign_key"),
    added: "foreign_key_added",
    removed: "foreign_key_removed",
    changed: "foreign_key_changed",
  },
  { part: "check", list: (t) => t.checks, added: "check_added", removed: "check_removed", changed: "check_changed" },
  {
    part: "index",
    list: (t) => t.indexes.filter((i) => !backs(t, i)),
    added: "index_added",
    removed: "index_removed",
    changed: "index_changed",
  },
  {
    part: "trigger",
    list: (t) => t.triggers,
    added: "trigger_added",
    removed: "trigger_removed",
    changed: "trigger_changed",
  },
  {
    part: "policy",
    list: (t) => t.policies,
    added: "policy_added",
    removed: "policy_removed",
    changed: "policy_changed",
  },
];

function members(before: Table, after: Table, member: MemberKind, context: TableContext): void {
  const { drafts, restated } = context.notebook;
  const [old, now] = [member.list(before), member.list(after)];
  if (old.length + now.length === 0) return;
  const keyOf = (item: Named) => item.name ?? `\u0000${canonicalJson(item.columns ?? item.expression ?? "")}`;
  const found = match(old, now, keyOf);
  const partIn = (table: Table, item: Named) => member.partOf?.(table, item) ?? member.part;
  const placeIn = (table: Table, item: Named) =>
    memberPlace(partIn(table, item), after, item.name ?? only(item.columns));
  const place = (item: Named) => placeIn(after, item);
  for (const [a, b] of found.both) {
    if (member.changed !== undefined && partIn(before, a) !== partIn(after, b)) {
      drafts.push({ kind: member.changed, place: place(b), formerPlace: placeIn(before, a), before: a, after: b });
      continue;
    }
    // A partitioned table's index stands for those of its partitions: another index, though it reads the same.
    const other = member.part === "index" && becamePartitioned(before, after);
    const text = b.expression;
    const anew = text !== undefined && text === a.expression && context.formerColumns.size > 0;
    const own = anew && mentionsColumn(text, context.renamedIn([after]), 1, context.dialect);
    const verdict = other || own ? "changed" : compare(a, b, context);
    if (verdict === "restated") restated.push({ place: place(b), before: a, after: b });
    if (verdict !== "changed") continue;
    if (member.changed === undefined) {
      drafts.push(
        { kind: member.removed, place: place(a), before: a },
        { kind: member.added, place: place(b), after: b },
      );
    } else drafts.push({ kind: member.changed, place: place(b), before: a, after: b });
  }
  for (const item of found.gone) drafts.push({ kind: member.removed, place: placeIn(before, item), before: item });
  for (const item of found.fresh) drafts.push(arrival(item, found.gone, place(item), member, after, context));
}

/** An added member; where an identity says that it is a removed one under a new name, its former place is told. */
function arrival(
  item: Named,
  gone: readonly Named[],
  place: Place,
  member: MemberKind,
  after: Table,
  context: TableContext,
): Draft {
  const name = item.name;
  const former =
    name === undefined
      ? undefined
      : gone.find((old) => old.name !== undefined && context.sameObject(member.part, after, old.name, name));
  return {
    kind: member.added,
    place,
    ...(former?.name === undefined ? {} : { formerPlace: memberPlace(member.part, after, former.name) }),
    after: item,
  };
}

function memberPlace(part: Place["part"], table: Table, name: string | undefined): Place {
  return { part, schema: table.schema, table: table.name, ...(name === undefined ? {} : { name }) };
}

function only(columns: readonly string[] | undefined): string | undefined {
  return columns?.length === 1 ? columns[0] : undefined;
}

function backed<T extends KeyConstraint | CheckConstraint | undefined>(table: Table, key: T): Backed<T> {
  const backing = key?.name === undefined ? undefined : table.indexes.find((i) => i.constraint === key.name);
  return (backing === undefined ? key : { ...key, backing }) as Backed<T>;
}

function backs(table: Table, index: Index): boolean {
  if (index.constraint === undefined) return false;
  return [table.primaryKey, ...table.uniques, ...(table.exclusions ?? [])].some((k) => k?.name === index.constraint);
}
