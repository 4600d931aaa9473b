/**
 * A schema as a record of state: whole, or as what differs from a whole one kept before, so that one altered table of thousands writes one
 * table. Pure. Tables are compared by what the schema's version says of them, and by identity; row counts alone make no difference.
 */

import type { ChangeStamp, Inspection } from "../databases/connector.js";
import { tableKey } from "../schema/names.js";
import { tableDigest } from "../schema/normal-form.js";
import type { SchemaSnapshot, Table } from "../schema/snapshot.js";
import type { SchemaIdentity, SchemaStatistics, TableIdentity } from "../schema/statistics.js";

/** The body of a `snapshot` record; its key is the schema version, its scope the source's name. */
export interface StoredSchema extends Pick<Inspection, "snapshot" | "statistics" | "identity" | "serverVersion"> {
  readonly format: 1;
  readonly version: string;
  /** Where it was read, without secrets: a kept schema of another place is not served. */
  readonly locator?: string;
  readonly stamp?: ChangeStamp;
  /** ISO 8601, UTC. */
  readonly asOf: string;
}

/** What differs from the whole schema that was kept as `base`. */
export interface StoredDelta extends Omit<StoredSchema, "format" | "snapshot"> {
  readonly format: 2;
  readonly base: { readonly version: string; readonly asOf: string };
  /** All but the tables. */
  readonly snapshot: Omit<SchemaSnapshot, "tables">;
  /** New ones and those that differ; `statistics` and `identity` hold theirs. */
  readonly tables: readonly Table[];
  /** Keys of those that left. */
  readonly gone: readonly string[];
}

/** Above this share of the tables a whole one is as good. */
const maxShare = 0.1;

/** Undefined where much differs, or another database was read. */
export function deltaOf(base: StoredSchema, next: StoredSchema): StoredDelta | undefined {
  if (base.identity.database !== next.identity.database) return undefined;
  const before = new Map(base.snapshot.tables.map((t) => [tableKey(t), t]));
  const limit = Math.max(1, maxShare * next.snapshot.tables.length);
  const changed: Table[] = [];
  for (const table of next.snapshot.tables) {
    const key = tableKey(table);
    const old = before.get(key);
    before.delete(key);
    const same =
      old !== undefined && isSame(old, table) && isSameIdentity(base.identity.tables[key], next.identity.tables[key]);
    if (!same) changed.push(table);
    if (changed.length > limit) return undefined;
  }
  const keys = changed.map(tableKey);
  const { tables: _, ...beside } = next.snapshot;
  return {
    ...next,
    format: 2,
    base: { version: base.version, asOf: base.asOf },
    snapshot: beside,
    tables: changed,
    gone: [...before.keys()],
    statistics: { tables: only(next.statistics.tables, keys) },
    identity: { ...next.identity, tables: only(next.identity.tables, keys) },
  };
}

/** The schema that `deltaOf` was given. */
export function wholeOf(base: StoredSchema, delta: StoredDelta): StoredSchema {
  const { base: _, tables, gone, ...rest } = delta;
  const replaced = new Set([...tables.map(tableKey), ...gone]);
  const kept = base.snapshot.tables.filter((t) => !replaced.has(tableKey(t)));
  const join = <T>(before: Readonly<Record<string, T>>, after: Readonly<Record<string, T>>): Record<string, T> => {
    const joined = { ...before, ...after };
    for (const key of gone) delete joined[key];
    return joined;
  };
  const statistics: SchemaStatistics = { tables: join(base.statistics.tables, delta.statistics.tables) };
  const identity: SchemaIdentity = { ...delta.identity, tables: join(base.identity.tables, delta.identity.tables) };
  return { ...rest, format: 1, snapshot: { ...delta.snapshot, tables: [...kept, ...tables] }, statistics, identity };
}

function isSame(a: Table, b: Table): boolean {
  return a === b || tableDigest(a) === tableDigest(b);
}

function isSameIdentity(a: TableIdentity | undefined, b: TableIdentity | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.id !== b.id) return false;
  const names = Object.keys(a.columns);
  return names.length === Object.keys(b.columns).length && names.every((name) => a.columns[name] === b.columns[name]);
}

function only<T>(record: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(keys.flatMap((key) => (record[key] === undefined ? [] : [[key, record[key] as T]])));
}
