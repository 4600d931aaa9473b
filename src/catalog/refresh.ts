/**
 * What a refresh must read again, and how the part that was read joins the rest. Pure. An object that only names a changed one (a foreign
 * key to a renamed table, a view over it) is read again too, because its own catalog rows need not have changed.
 */

import type { ChangeStamp, Inspection } from "../databases/connector.js";
import { parseRef, tableKey } from "../schema/names.js";
import type { SchemaSnapshot, Table, TableName } from "../schema/snapshot.js";

/** What a look says: nothing happened, only `tables` did, or everything must be read. */
export type Scope =
  | { readonly read: "nothing" }
  | { readonly read: "tables"; readonly tables: readonly TableName[]; readonly gone: readonly string[] }
  | { readonly read: "all"; readonly why: string };

/** The entry of a stamp's tables that stands for everything else: types, functions, sequences. */
const beside = "*";

/** Compares two stamps of one source. Above `partialShare` of the tables, reading all is cheaper and simpler. */
export function refreshScope(
  snapshot: SchemaSnapshot,
  before: ChangeStamp | undefined,
  after: ChangeStamp,
  partialShare: number,
): Scope {
  if (before === undefined) return { read: "all", why: "no stamp is kept" };
  if (before.schema === after.schema && before.access === after.access) return { read: "nothing" };
  if (before.tables === undefined || after.tables === undefined)
    return { read: "all", why: "stamps by table are absent" };
  if (before.access !== after.access) return { read: "all", why: "rights changed" };
  if (before.tables[beside] !== after.tables[beside])
    return { read: "all", why: "something beside the tables changed" };
  const changed = Object.keys(after.tables).filter((key) => after.tables?.[key] !== before.tables?.[key]);
  const gone = Object.keys(before.tables).filter((key) => after.tables?.[key] === undefined);
  if (changed.length + gone.length === 0) return { read: "all", why: "something beside the tables changed" };
  const touched = new Set([...changed, ...gone]);
  for (const key of dependents(snapshot, touched)) touched.add(key);
  for (const key of gone) touched.delete(key);
  if (touched.size > Math.max(20, partialShare * snapshot.tables.length)) return { read: "all", why: "much changed" };
  const names = namesOf(snapshot, touched);
  return names === undefined ? { read: "all", why: "a new table" } : { read: "tables", tables: names, gone };
}

/** The last full picture with the tables of `part` in place of their old selves; `gone` tables leave. */
export function mergeInspection(
  before: Pick<Inspection, "snapshot" | "statistics" | "identity">,
  part: Inspection,
  scope: Extract<Scope, { read: "tables" }>,
): Pick<Inspection, "snapshot" | "statistics" | "identity"> {
  const replaced = new Set([...scope.tables.map(tableKey), ...scope.gone]);
  const kept = before.snapshot.tables.filter((t) => !replaced.has(tableKey(t)));
  return {
    snapshot: {
      ...before.snapshot,
      tables: [...kept, ...part.snapshot.tables.filter((t) => replaced.has(tableKey(t)))],
    },
    statistics: { tables: { ...without(before.statistics.tables, replaced), ...part.statistics.tables } },
    identity: {
      ...before.identity,
      database: part.identity.database,
      tables: { ...without(before.identity.tables, replaced), ...part.identity.tables },
    },
  };
}

/** Tables with a foreign key to one of `touched`, and the views, partitions and heirs of them, views of views included. */
function dependents(snapshot: SchemaSnapshot, touched: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>();
  const readers = new Map<string, string[]>();
  for (const table of snapshot.tables) {
    const key = tableKey(table);
    const keys = [...table.foreignKeys, ...(table.foreignKeyCopies ?? [])];
    if (keys.some((k) => touched.has(tableKey({ schema: k.references.schema, name: k.references.table })))) {
      found.add(key);
    }
    for (const source of sourcesOf(table)) {
      const list = readers.get(tableKey(source));
      if (list === undefined) readers.set(tableKey(source), [key]);
      else list.push(key);
    }
  }
  const queue = [...touched];
  for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
    for (const reader of readers.get(key) ?? []) {
      if (!found.has(reader)) queue.push(reader);
      found.add(reader);
    }
  }
  return found;
}

function sourcesOf(table: Table): readonly TableName[] {
  const parent = table.partitionOf === undefined ? [] : [table.partitionOf];
  return [...(table.viewReads ?? []), ...parent, ...(table.inherits ?? [])];
}

/** The names behind keys; a key the snapshot does not know is taken apart by its print form. */
function namesOf(snapshot: SchemaSnapshot, keys: ReadonlySet<string>): readonly TableName[] | undefined {
  const known = new Map(snapshot.tables.map((t) => [tableKey(t), t]));
  const names: TableName[] = [];
  for (const key of keys) {
    const name = known.get(key) ?? nameOfKey(key);
    if (name === undefined) return undefined;
    names.push({ schema: name.schema, name: name.name });
  }
  return names;
}

function without<T>(record: Readonly<Record<string, T>>, keys: ReadonlySet<string>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.has(key)));
}

function nameOfKey(key: string): TableName | undefined {
  const [schema, name, more] = parseRef(key) ?? [];
  return schema === undefined || name === undefined || more !== undefined ? undefined : { schema, name };
}
