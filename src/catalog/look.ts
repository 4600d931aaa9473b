/**
 * One look at a database: is the schema what it was, and if not, what is it now. Reads as little as the stamps allow.
 * It keeps nothing and decides nothing: `source.ts` does.
 */

import type { ChangeStamp, Connector, Inspection } from "../databases/connector.js";
import { tableKey } from "../schema/names.js";
import type { SchemaSnapshot, Table, TableName } from "../schema/snapshot.js";
import { mergeInspection, refreshScope, type Scope } from "./refresh.js";

export type Read = Pick<Inspection, "snapshot" | "statistics" | "identity" | "serverVersion" | "issues">;

export interface Seen {
  readonly read: Read;
  readonly stamp: ChangeStamp | undefined;
  /** Tables of which parts could not be read in time: read again at the next look. */
  readonly incomplete?: readonly TableName[];
}

export type Look =
  | { readonly changed: false; readonly stamp: ChangeStamp }
  | { readonly changed: true; readonly seen: Seen };

export interface LookOptions {
  readonly schemas?: readonly string[];
  readonly partialShare: number;
  /** What alone changed, where the database has said so: see `Connector.stamp`. */
  readonly told?: readonly string[];
  readonly signal: AbortSignal;
  progress(done: number, total: number | undefined, message: string): void;
}

export async function look(connector: Connector, before: Seen | undefined, options: LookOptions): Promise<Look> {
  if (before === undefined) return readAll(connector, before, options);
  const stamp = await connector.stamp(options.told);
  const scope = withIncomplete(refreshScope(before.read.snapshot, before.stamp, stamp, options.partialShare), before);
  if (scope.read === "nothing") return { changed: false, stamp };
  if (scope.read === "all") return readAll(connector, before, options);
  options.progress(0, 1, `reading ${scope.tables.length} changed tables`);
  const part = await connector.inspect({ ...schemasOf(options), only: scope.tables, signal: options.signal });
  // Something moved between the stamp and the read: the part and the rest might not fit each other.
  if (part.stamp.schema !== stamp.schema) return readAll(connector, before, options);
  const merged = mergeInspection(before.read, { ...part, snapshot: mended(before, part) }, scope);
  const read = { ...merged, serverVersion: part.serverVersion, issues: part.issues };
  // The stamp that was asked for tells tables apart; the one taken with the read need not.
  return { changed: true, seen: { read, stamp, ...incompleteOf(part) } };
}

async function readAll(connector: Connector, before: Seen | undefined, options: LookOptions): Promise<Look> {
  options.progress(0, undefined, "reading the schema");
  const whole = await connector.inspect({ ...schemasOf(options), signal: options.signal });
  const { statistics, identity, serverVersion, issues, stamp } = whole;
  const read = { snapshot: mended(before, whole), statistics, identity, serverVersion, issues };
  return { changed: true, seen: { read, stamp, ...incompleteOf(whole) } };
}

/** A table left incomplete is read again even where nothing has changed since. */
function withIncomplete(scope: Scope, before: Seen): Scope {
  const again = before.incomplete ?? [];
  if (again.length === 0 || scope.read === "all") return scope;
  if (scope.read === "nothing") return { read: "tables", tables: again, gone: [] };
  const gone = new Set(scope.gone);
  const known = new Set(scope.tables.map(tableKey));
  const more = again.filter((t) => !known.has(tableKey(t)) && !gone.has(tableKey(t)));
  return { ...scope, tables: [...scope.tables, ...more] };
}

/** Where a table could not be read whole but has the columns it had, what was known of it stands: an absent default is no change. */
function mended(before: Seen | undefined, inspection: Inspection): SchemaSnapshot {
  const { snapshot, incomplete = [] } = inspection;
  if (before === undefined || incomplete.length === 0) return snapshot;
  const partial = new Set(incomplete.map(tableKey));
  const old = new Map(before.read.snapshot.tables.map((t) => [tableKey(t), t]));
  const shape = (table: Table) => JSON.stringify(table.columns.map((c) => [c.name, c.type, c.nullable]));
  const tables = snapshot.tables.map((table) => {
    const then = partial.has(tableKey(table)) ? old.get(tableKey(table)) : undefined;
    return then !== undefined && shape(then) === shape(table) ? then : table;
  });
  return { ...snapshot, tables };
}

function incompleteOf(inspection: Inspection): Pick<Seen, "incomplete"> {
  return inspection.incomplete === undefined ? {} : { incomplete: inspection.incomplete };
}

function schemasOf(options: LookOptions): { readonly schemas?: readonly string[] } {
  return options.schemas === undefined ? {} : { schemas: options.schemas };
}
