/**
 * Applies changes to a snapshot: the law behind the diff, and how history rebuilds any version from a kept one. Pure.
 * Complete where the changes are: texts that differ only in how the database prints them are carried as `restated`.
 */

import { tableKey } from "../schema/names.js";
import type { Column, Index, KeyConstraint, SchemaSnapshot, Table, TableName } from "../schema/snapshot.js";
import type { Part, Place, SchemaChange } from "./change.js";
import { inPresentNames } from "./renamed.js";

/** The snapshot after `changes`, in any order of lists: compare normal forms. */
export function applyChanges(changes: readonly SchemaChange[], snapshot: SchemaSnapshot): SchemaSnapshot {
  if (changes.length === 0) return snapshot;
  const draft = open(inPresentNames(snapshot, renamesIn(changes)));
  for (const change of changes) removeOrSet(change, draft);
  for (const change of changes) add(change, draft);
  for (const change of changes)
    for (const edit of change.restated ?? []) replace(edit.place, edit.before, edit.after, draft);
  for (const change of changes) if (change.kind === "column_order_changed") reorder(change, draft);
  return close(draft);
}

type Member = Record<string, unknown> & { name?: string };

interface Editable {
  snapshot: SchemaSnapshot;
  readonly tables: Map<string, Table>;
  readonly lists: Map<ListName, Member[]>;
}

type ListName = "schemas" | "enums" | "domains" | "composites" | "sequences" | "functions" | "extensions";

const listOf: Partial<Record<Part, ListName>> = {
  schema: "schemas",
  enum: "enums",
  domain: "domains",
  composite: "composites",
  sequence: "sequences",
  function: "functions",
  extension: "extensions",
};

const tableLists = {
  unique: "uniques",
  foreign_key: "foreignKeys",
  foreign_key_copy: "foreignKeyCopies",
  check: "checks",
  exclusion: "exclusions",
  index: "indexes",
  trigger: "triggers",
  policy: "policies",
} as const satisfies Partial<Record<Part, keyof Table>>;

function open(snapshot: SchemaSnapshot): Editable {
  const lists = Object.values(listOf).map((name) => [name, [...snapshot[name]] as unknown as Member[]] as const);
  return { snapshot, tables: new Map(snapshot.tables.map((t) => [tableKey(t), t])), lists: new Map(lists) };
}

function close(draft: Editable): SchemaSnapshot {
  return { ...draft.snapshot, tables: [...draft.tables.values()], ...Object.fromEntries(draft.lists) };
}

function renamesIn(changes: readonly SchemaChange[]): Parameters<typeof inPresentNames>[1] {
  const schemas = new Map<string, string>();
  const tables = new Map<string, TableName>();
  const columns = new Map<string, Map<string, string>>();
  for (const { kind, place, formerPlace, before, after } of changes) {
    if (kind === "schema_renamed") schemas.set(before as string, after as string);
    if (kind === "table_renamed" && formerPlace !== undefined)
      tables.set(tableKey(before as TableName), after as TableName);
    if (kind !== "column_renamed") continue;
    const key = tableKey({ schema: place.schema, name: place.table ?? "" });
    columns.set(key, (columns.get(key) ?? new Map<string, string>()).set(before as string, after as string));
  }
  return { schemas, tables, columns };
}

/** Removals and changed properties first, so that what is dropped and created again under one name comes out as created. */
function removeOrSet(change: SchemaChange, draft: Editable): void {
  if (change.kind.endsWith("_renamed") && change.kind !== "enum_value_renamed") return;
  if (change.kind === "column_order_changed") return;
  if (change.displaced === true) return removeSequences(change, draft);
  if (change.kind.startsWith("enum_value_")) return enumValue(change, draft);
  if (change.after === undefined || change.before !== undefined)
    replace(change.place, change.before, change.after, draft, change.formerPlace);
  if (change.before !== undefined && change.after === undefined) removeSequences(change, draft);
}

function removeSequences(change: SchemaChange, draft: Editable): void {
  for (const s of change.sequences ?? []) removeFrom(list(draft, "sequences"), s as unknown as Member);
}

function add(change: SchemaChange, draft: Editable): void {
  if (change.kind.startsWith("enum_value_")) {
    if (change.kind === "enum_value_added") enumInsert(change, draft);
    return;
  }
  if (change.after === undefined) return;
  if (change.before === undefined) replace(change.place, undefined, change.after, draft);
  for (const s of change.sequences ?? []) list(draft, "sequences").push(s as unknown as Member);
}

function replace(place: Place, before: unknown, after: unknown, draft: Editable, former?: Place): void {
  if (former !== undefined && former.part !== place.part) {
    replace(former, before, undefined, draft);
    return replace(place, undefined, after, draft);
  }
  if (place.part === "snapshot") {
    draft.snapshot = { ...draft.snapshot, ...(after as object) };
    return;
  }
  const listName = listOf[place.part];
  if (listName !== undefined) return inList(list(draft, listName), place, before, after);
  if (place.part === "table") return wholeTable(place, before, after, draft);
  const key = tableKey({ schema: place.schema, name: place.table ?? "" });
  const table = draft.tables.get(key);
  if (table !== undefined) draft.tables.set(key, inTable(table, place, before, after, former));
}

function wholeTable(place: Place, before: unknown, after: unknown, draft: Editable): void {
  const key = tableKey({ schema: place.schema, name: place.name ?? "" });
  if (place.fields === undefined) {
    if (after === undefined) draft.tables.delete(key);
    else draft.tables.set(key, after as Table);
    return;
  }
  const table = draft.tables.get(key);
  if (table !== undefined)
    draft.tables.set(key, withFields(table, place.fields, after ?? (before === undefined ? {} : {})));
}

function inTable(table: Table, place: Place, before: unknown, after: unknown, former?: Place): Table {
  if (place.part === "column") return { ...table, columns: columns(table, place, before, after) };
  if (place.part === "primary_key") return primaryKey(table, before, after);
  const field = tableLists[place.part as keyof typeof tableLists];
  const items = [...((table[field] ?? []) as readonly unknown[])] as Member[];
  const { plain: old } = split(before);
  const { plain: now, backing } = split(after);
  const at = items.findIndex((m) => sameMember(m, old ?? { name: former?.name ?? place.name }));
  if (old !== undefined && at >= 0) items.splice(at, 1, ...(now === undefined ? [] : [now]));
  else if (now !== undefined && old === undefined) items.push(now);
  const { [field]: _, ...rest } = table;
  const kept =
    items.length === 0 && (field === "exclusions" || field === "foreignKeyCopies") ? rest : { ...rest, [field]: items };
  return withBacking(kept as Table, split(before).backing, backing);
}

function columns(table: Table, place: Place, before: unknown, after: unknown): readonly Column[] {
  const list = [...table.columns];
  const at = list.findIndex((c) => c.name === place.name);
  const old = list[at];
  if (place.fields !== undefined) {
    if (old !== undefined) list[at] = withFields(old, place.fields, after ?? {});
    return list;
  }
  if (before !== undefined && at >= 0) list.splice(at, 1);
  if (after !== undefined) list.splice(place.position ?? list.length, 0, after as Column);
  return list;
}

function primaryKey(table: Table, before: unknown, after: unknown): Table {
  const { primaryKey: old, ...rest } = table;
  const [was, now] = [split(before), split(after)];
  // Where a key is dropped and another added, the removal must not take the newcomer with it.
  if (now.plain === undefined && old !== undefined && !sameMember(old as unknown as Member, was.plain ?? {}))
    return table;
  const keyed = now.plain === undefined ? rest : { ...rest, primaryKey: now.plain as unknown as KeyConstraint };
  return withBacking(keyed, was.backing, now.backing);
}

function withBacking(table: Table, before: Index | undefined, after: Index | undefined): Table {
  if (before === undefined && after === undefined) return table;
  const rest = table.indexes.filter((i) => i.name !== before?.name);
  return { ...table, indexes: after === undefined ? rest : [...rest.filter((i) => i.name !== after.name), after] };
}

function split(value: unknown): { plain: Member | undefined; backing: Index | undefined } {
  if (value === undefined) return { plain: undefined, backing: undefined };
  const { backing, ...plain } = value as Member & { backing?: Index };
  return { plain, backing };
}

function sameMember(a: Member, b: Member): boolean {
  if (a.name !== undefined || b.name !== undefined) return a.name === b.name;
  return JSON.stringify([a.columns, a.expression]) === JSON.stringify([b.columns, b.expression]);
}

function inList(items: Member[], place: Place, before: unknown, after: unknown): void {
  const named = place.part === "function" ? place.name?.replace(/\(.*$/su, "") : place.name;
  const wanted = {
    schema: place.schema,
    name: named,
    ...(before as object),
    ...(before === undefined ? (after as object) : {}),
  };
  const at = items.findIndex((m) =>
    sameObject(m, place.fields === undefined ? wanted : { schema: place.schema, name: place.name }, place),
  );
  const old = items[at];
  if (place.fields !== undefined) {
    if (old !== undefined) items[at] = withFields(old, place.fields, after ?? {});
  } else if (after === undefined) {
    if (at >= 0) items.splice(at, 1);
  } else if (at >= 0) items[at] = after as Member;
  else items.push(after as Member);
}

function sameObject(member: Member, wanted: Record<string, unknown>, place: Place): boolean {
  if (place.part === "schema" || place.part === "extension") return member.name === wanted.name;
  if (place.part === "function") {
    return member.schema === wanted.schema && `${member.name}(${String(member.arguments)})` === place.name;
  }
  return member.schema === wanted.schema && member.name === wanted.name;
}

function removeFrom(items: Member[], item: Member): void {
  const at = items.findIndex((m) => m.schema === item.schema && m.name === item.name);
  if (at >= 0) items.splice(at, 1);
}

function list(draft: Editable, name: ListName): Member[] {
  return draft.lists.get(name) ?? [];
}

function withFields<T extends object>(piece: T, fields: readonly string[], values: object): T {
  const rest = Object.fromEntries(Object.entries(piece).filter(([field]) => !fields.includes(field)));
  return { ...rest, ...values } as T;
}

function enumValue(change: SchemaChange, draft: Editable): void {
  editEnum(change, draft, (values) => {
    if (change.kind === "enum_value_removed") return values.filter((v) => v !== change.before);
    return change.kind === "enum_value_renamed"
      ? values.map((v) => (v === change.before ? String(change.after) : v))
      : values;
  });
}

function enumInsert(change: SchemaChange, draft: Editable): void {
  editEnum(change, draft, (values) => {
    const next = values.filter((v) => v !== change.after);
    next.splice(change.place.position ?? next.length, 0, String(change.after));
    return next;
  });
}

function editEnum(
  change: SchemaChange,
  draft: Editable,
  edit: (values: readonly string[]) => string[] | readonly string[],
): void {
  const enums = list(draft, "enums");
  const at = enums.findIndex((e) => e.schema === change.place.schema && e.name === change.place.name);
  const old = enums[at];
  if (old !== undefined) enums[at] = { ...old, values: edit(old.values as readonly string[]) };
}

function reorder(change: SchemaChange, draft: Editable): void {
  const key = tableKey({ schema: change.place.schema, name: change.place.name ?? "" });
  const table = draft.tables.get(key);
  if (table === undefined) return;
  const order = change.after as readonly string[];
  const sorted = [...table.columns].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  draft.tables.set(key, { ...table, columns: sorted });
}
