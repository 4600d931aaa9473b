/**
 * What a refresh must read again, and how the part that was read joins the rest. Pure. An object that only names a changed one (a foreign
 * key to a renamed table, a view over it) is read again too, because its own catalog rows need not have changed.
 */

import type { ChangeStamp, Inspection } from "../databases/connector.js";
import { parseRef, tableKey } from "../schema/names.js";
import type { SchemaSnapshot, Sequence, Table, TableName } from "../schema/snapshot.js";

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
  if (before.access !== after.access) return { read: "all", why: "rights changed" };
  if (before.tables === undefined || after.tables === undefined)
    return { read: "all", why: "stamps by table are absent" };
  if (before.tables[beside] !== after.tables[beside])
    return { read: "all", why: "something beside the tables changed" };
  const changed = Object.keys(after.tables).filter((key) => after.tables?.[key] !== before.tables?.[key]);
  const gone = Object.keys(before.tables).filter((key) => after.tables?.[key] === undefined);
  // What changed is nothing that is read (a column of an index, a TOAST table).
  if (changed.length + gone.length === 0) return { read: "nothing" };
  if (gone.some((key) => inRoutines(snapshot, key))) return { read: "all", why: "a function names a table that left" };
  const touched = new Set([...changed, ...gone]);
  for (const key of dependents(snapshot, touched, gone)) touched.add(key);
  for (const key of gone) touched.delete(key);
  if (touched.size > Math.max(20, partialShare * snapshot.tables.length)) return { read: "all", why: "much changed" };
  return { read: "tables", tables: [...touched].map(nameOfKey), gone };
}

/** The last full picture with the tables of `part` in place of their old selves; `gone` tables leave. */
export function mergeInspection(
  before: Pick<Inspection, "snapshot" | "statistics" | "identity">,
  part: Inspection,
  scope: Extract<Scope, { read: "tables" }>,
): Pick<Inspection, "snapshot" | "statistics" | "identity"> {
  const replaced = new TableSet([...scope.tables.map(tableKey), ...scope.gone]);
  const kept = before.snapshot.tables.filter((t) => !replaced.has(t));
  return {
    snapshot: {
      ...before.snapshot,
      tables: [...kept, ...part.snapshot.tables.filter((t) => replaced.has(t))],
      sequences: sequencesAfter(before, part, replaced),
    },
    statistics: { tables: replacing(before.statistics.tables, part.statistics.tables, replaced.keys) },
    identity: {
      ...before.identity,
      database: part.identity.database,
      tables: replacing(before.identity.tables, part.identity.tables, replaced.keys),
    },
  };
}

/** Asked of each of thousands of tables: most are told by the bare name, which need not be printed. */
class TableSet {
  private readonly names: ReadonlySet<string>;

  constructor(readonly keys: readonly string[]) {
    this.names = new Set(keys.map((key) => nameOfKey(key).name));
  }

  has(table: TableName): boolean {
    return this.names.has(table.name) && this.keys.includes(tableKey(table));
  }
}

/** A sequence names the column that owns it, and has no row of its own that changes when that is renamed; identities tell. */
function sequencesAfter(
  before: Pick<Inspection, "snapshot" | "identity">,
  part: Inspection,
  replaced: TableSet,
): SchemaSnapshot["sequences"] {
  const { sequences } = before.snapshot;
  const ownerOf = (owner: NonNullable<Sequence["ownedBy"]>) => ({ schema: owner.schema, name: owner.table });
  if (!sequences.some(({ ownedBy }) => ownedBy !== undefined && replaced.has(ownerOf(ownedBy)))) return sequences;
  const fresh = new Map(part.snapshot.tables.map((t) => [part.identity.tables[tableKey(t)]?.id, t]));
  let renamed = false;
  const after = sequences.map((sequence) => {
    const { ownedBy } = sequence;
    if (ownedBy === undefined || !replaced.has(ownerOf(ownedBy))) return sequence;
    const known = before.identity.tables[tableKey(ownerOf(ownedBy))];
    const table = fresh.get(known?.id);
    if (known === undefined || table === undefined) return sequence;
    const places = Object.entries(part.identity.tables[tableKey(table)]?.columns ?? {});
    const column = places.find(([, at]) => at === known.columns[ownedBy.column])?.[0] ?? ownedBy.column;
    if (table.schema === ownedBy.schema && table.name === ownedBy.table && column === ownedBy.column) return sequence;
    renamed = true;
    return { ...sequence, ownedBy: { schema: table.schema, table: table.name, column } };
  });
  return renamed ? after : sequences;
}

/** Tables with a foreign key to one of `touched`, and the views, partitions and heirs of them, views of views included. */
function dependents(
  snapshot: SchemaSnapshot,
  touched: ReadonlySet<string>,
  gone: readonly string[],
): ReadonlySet<string> {
  const found = new Set<string>();
  const readers = new Map<string, string[]>();
  const targets = new TableSet([...touched]);
  const bare = (keys: Iterable<string>) => [...keys].map((key) => nameOfKey(key).name);
  const [names, left] = [bare(touched), bare(gone)];
  const refers = (k: Table["foreignKeys"][number]) =>
    targets.has({ schema: k.references.schema, name: k.references.table });
  for (const table of snapshot.tables) {
    if (
      mentions(table, names, left) ||
      table.foreignKeys.some(refers) ||
      table.foreignKeyCopies?.some(refers) === true
    ) {
      found.add(tableKey(table));
    }
    for (const source of sourcesOf(table)) {
      const list = readers.get(tableKey(source));
      if (list === undefined) readers.set(tableKey(source), [tableKey(table)]);
      else list.push(tableKey(table));
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

/** A policy's subquery is printed with the tables' names; so is a column of the row type of a table that left, under its new name. */
function mentions(table: Table, names: readonly string[], left: readonly string[]): boolean {
  const inText = (text: string | undefined) => text !== undefined && names.some((name) => text.includes(name));
  if (table.policies.some((p) => inText(p.using) || inText(p.check))) return true;
  return left.length > 0 && table.columns.some(({ type }) => left.some((name) => type.includes(name)));
}

function sourcesOf(table: Table): readonly TableName[] {
  const parent = table.partitionOf === undefined ? [] : [table.partitionOf];
  return [...(table.viewReads ?? []), ...parent, ...(table.inherits ?? [])];
}

/** Arguments and results may be rows of a table. */
function inRoutines(snapshot: SchemaSnapshot, key: string): boolean {
  const { name } = nameOfKey(key);
  return snapshot.functions.some((f) => f.arguments.includes(name) || f.returns.includes(name));
}

/** `before` with what is in `part`; those of `replaced` that are not there leave. A removal makes a large record slow: most have none. */
function replacing<T>(
  before: Readonly<Record<string, T>>,
  part: Readonly<Record<string, T>>,
  replaced: readonly string[],
): Record<string, T> {
  const merged: Record<string, T> = {};
  for (const key of Object.keys(before)) merged[key] = before[key] as T; // twice as fast as spreading a large record
  Object.assign(merged, part);
  for (const key of replaced) if (!Object.hasOwn(part, key) && Object.hasOwn(merged, key)) delete merged[key];
  return merged;
}

/** The name that `tableKey` printed. */
function nameOfKey(key: string): TableName {
  const [schema = "", name = ""] = parseRef(key) ?? [];
  return { schema, name };
}
