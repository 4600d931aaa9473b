/**
 * Schemas kept in state: every version a source has had (records of kind `snapshot`), and the one that is pinned (a document of kind
 * `checkpoint`). Stored values are never kept: a profile holds data, and is taken again after a restart.
 */

import type { ChangeStamp, Inspection } from "../databases/connector.js";
import type { SchemaStatistics } from "../schema/statistics.js";
import type { State } from "../state/state.js";
import type { CatalogSource } from "./source-options.js";

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

const pinKey = "static-schema";

/** The last schema kept of a source, unless it was read somewhere else. */
export async function loadLast(state: State, source: CatalogSource): Promise<StoredSchema | undefined> {
  const [record] = await state.list({ kind: "snapshot", scope: source.name, order: "desc", limit: 1 });
  const stored = asStored(record?.body);
  return stored?.locator === source.locator ? stored : undefined;
}

/** A kept version of a source's schema. */
export async function loadVersion(state: State, source: string, version: string): Promise<StoredSchema | undefined> {
  const [record] = await state.list({ kind: "snapshot", scope: source, key: version, order: "desc", limit: 1 });
  return asStored(record?.body);
}

/** Keeps a schema; durable when it returns. */
export async function keepSchema(state: State, source: string, stored: StoredSchema, keep: number): Promise<void> {
  const body = { ...stored, statistics: withoutValues(stored.statistics) };
  await state.append([{ kind: "snapshot", scope: source, key: stored.version, at: stored.asOf, body }]);
  await state.prune("snapshot", source, { keep });
}

export async function loadPin(state: State, source: string): Promise<StoredSchema | undefined> {
  const document = await state.get("checkpoint", source, pinKey);
  return asStored(document?.body);
}

/** Pins a schema, or releases the pin where `stored` is undefined. */
export async function keepPin(
  state: State,
  source: string,
  stored: StoredSchema | undefined,
  at: string,
): Promise<void> {
  const body = stored === undefined ? null : { ...stored, statistics: withoutValues(stored.statistics) };
  await state.put({ kind: "checkpoint", scope: source, key: pinKey, at, body });
}

function withoutValues(statistics: SchemaStatistics): SchemaStatistics {
  const tables = Object.entries(statistics.tables).map(([key, table]) => [key, { ...table, columns: {} }]);
  return { tables: Object.fromEntries(tables) };
}

/** A body as kept by this version of Sextant; anything else is as good as nothing kept. */
function asStored(body: unknown): StoredSchema | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const stored = body as Partial<StoredSchema>;
  return stored.format === 1 && stored.snapshot !== undefined && stored.version !== undefined
    ? (stored as StoredSchema)
    : undefined;
}
