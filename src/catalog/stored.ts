/**
 * Schemas kept in state: every version a source has had (records of kind `snapshot`, whole or as what differs from a whole one, see
 * `kept.ts`), and the one that is pinned (a document of kind `checkpoint`). Stored values are never kept: a profile holds data, and is taken
 * again after a restart.
 */

import type { SchemaStatistics, TableStatistics } from "../schema/statistics.js";
import type { State, StoredRecord } from "../state/state.js";
import { deltaOf, type StoredDelta, type StoredSchema, wholeOf } from "./kept.js";
import type { CatalogSource } from "./source-options.js";

const pinKey = "static-schema";
/** After so many records that tell differences a whole one is kept: they differ by ever more, and rest on it. */
const wholeEvery = 25;
/** Records kept beyond those asked for, so that what the oldest rests on stays: several replicas may write side by side. */
const sparedForBases = 4 * wholeEvery;

/** The last schema kept of a source, unless it was read somewhere else. */
export async function loadLast(state: State, source: CatalogSource): Promise<StoredSchema | undefined> {
  const [record] = await state.list({ kind: "snapshot", scope: source.name, order: "desc", limit: 1 });
  const stored = await asStored(state, record);
  return stored?.locator === source.locator ? stored : undefined;
}

/** A kept version of a source's schema. */
export async function loadVersion(state: State, source: string, version: string): Promise<StoredSchema | undefined> {
  const [record] = await state.list({ kind: "snapshot", scope: source, key: version, order: "desc", limit: 1 });
  return asStored(state, record);
}

/** Keeps one source's schemas, one after another; durable when it returns. `keep`: how many versions. */
export type Keep = (stored: StoredSchema) => Promise<void>;

export function createKeep(state: State, source: string, keep: number): Keep {
  let base: StoredSchema | undefined;
  let since = 0;
  return async (given) => {
    const stored = { ...given, statistics: withoutValues(given.statistics) };
    const delta = base === undefined || since >= wholeEvery ? undefined : deltaOf(base, stored);
    const body = delta ?? stored;
    await state.append([{ kind: "snapshot", scope: source, key: stored.version, at: stored.asOf, body }]);
    if (delta === undefined) base = stored;
    since = delta === undefined ? 0 : since + 1;
    await state.prune("snapshot", source, { keep: keep + sparedForBases });
  };
}

export async function loadPin(state: State, source: string): Promise<StoredSchema | undefined> {
  const document = await state.get("checkpoint", source, pinKey);
  return isWhole(document?.body) ? document.body : undefined;
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
  const bare = (table: TableStatistics) => table.labels === undefined && Object.keys(table.columns).length === 0;
  if (Object.values(statistics.tables).every(bare)) return statistics;
  const tables = Object.entries(statistics.tables).map(([key, table]) => {
    const { labels: _labels, ...sizes } = table;
    return [key, { ...sizes, columns: {} }];
  });
  return { tables: Object.fromEntries(tables) };
}

/** A record as kept by this version of Sextant, put together; anything else is as good as nothing kept. */
async function asStored(state: State, record: StoredRecord | undefined): Promise<StoredSchema | undefined> {
  const body = record?.body;
  if (isWhole(body)) return body;
  if (!isDelta(body)) return undefined;
  const { version, asOf } = body.base;
  const scope = record?.scope ?? "";
  const bases = await state.list({ kind: "snapshot", scope, key: version, from: asOf, to: asOf, order: "desc" });
  const base = bases.map(({ body: kept }) => kept).find(isWhole);
  return base === undefined ? undefined : wholeOf(base, body);
}

function isWhole(body: unknown): body is StoredSchema {
  const stored = body as Partial<StoredSchema> | null | undefined;
  return stored?.format === 1 && stored.snapshot !== undefined && stored.version !== undefined;
}

function isDelta(body: unknown): body is StoredDelta {
  const stored = body as Partial<StoredDelta> | null | undefined;
  return stored?.format === 2 && stored.base !== undefined && stored.tables !== undefined;
}
