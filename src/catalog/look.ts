/**
 * One look at a database: is the schema what it was, and if not, what is it now. Reads as little as the stamps allow.
 * It keeps nothing and decides nothing: `source.ts` does.
 */

import type { ChangeStamp, Connector, Inspection } from "../databases/connector.js";
import { mergeInspection, refreshScope } from "./refresh.js";

export type Read = Pick<Inspection, "snapshot" | "statistics" | "identity" | "serverVersion" | "issues">;

export interface Seen {
  readonly read: Read;
  readonly stamp: ChangeStamp | undefined;
}

export type Look =
  | { readonly changed: false; readonly stamp: ChangeStamp }
  | { readonly changed: true; readonly seen: Seen; readonly how: "all" | "tables" };

export interface LookOptions {
  readonly schemas?: readonly string[];
  readonly partialShare: number;
  readonly signal: AbortSignal;
  progress(done: number, total: number | undefined, message: string): void;
}

export async function look(connector: Connector, before: Seen | undefined, options: LookOptions): Promise<Look> {
  if (before === undefined) return readAll(connector, options);
  const stamp = await connector.stamp();
  const scope = refreshScope(before.read.snapshot, before.stamp, stamp, options.partialShare);
  if (scope.read === "nothing") return { changed: false, stamp };
  if (scope.read === "all") return readAll(connector, options);
  options.progress(0, 1, `reading ${scope.tables.length} changed tables`);
  const part = await connector.inspect({ ...schemasOf(options), only: scope.tables, signal: options.signal });
  // Something moved between the stamp and the read: the part and the rest might not fit each other.
  if (part.stamp.schema !== stamp.schema) return readAll(connector, options);
  const merged = mergeInspection(before.read, part, scope);
  const read = { ...merged, serverVersion: part.serverVersion, issues: part.issues };
  return { changed: true, seen: { read, stamp: part.stamp }, how: "tables" };
}

async function readAll(connector: Connector, options: LookOptions): Promise<Look> {
  options.progress(0, undefined, "reading the schema");
  const { stamp, ...read } = await connector.inspect({ ...schemasOf(options), signal: options.signal });
  return { changed: true, seen: { read, stamp }, how: "all" };
}

function schemasOf(options: LookOptions): { readonly schemas?: readonly string[] } {
  return options.schemas === undefined ? {} : { schemas: options.schemas };
}
