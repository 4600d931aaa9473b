/**
 * Configuration versions in durable state. The document `current` is the truth: it holds the newest version whole and is only ever replaced by
 * compare-and-swap; the history beside it follows, and is caught up when a crash came between the two (faults.md #31).
 */

import type { SettingChange } from "./difference.js";

/** What is needed of state; `State` fits. */
export interface ConfigStore {
  append(records: readonly (Entry & { readonly kind: "config" })[]): Promise<unknown>;
  list(query: {
    readonly kind: "config";
    readonly scope: string;
    readonly key?: string;
    readonly order?: "asc" | "desc";
    readonly limit?: number;
  }): Promise<readonly { readonly body: unknown }[]>;
  prune(kind: "config", scope: string, limits: { readonly keep?: number }): Promise<number>;
  put(document: Entry & { readonly kind: "config" | "checkpoint" }, expected?: number): Promise<unknown>;
  get(
    kind: "config" | "checkpoint",
    scope: string,
    key: string,
  ): Promise<{ readonly revision: number; readonly body: unknown } | undefined>;
}

interface Entry {
  readonly scope: string;
  readonly key: string;
  readonly at: string;
  readonly body: unknown;
}

export interface ConfigVersion {
  /** 1, 2, … without gaps. */
  readonly version: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly author: string;
  readonly reason: string;
  readonly from: "start" | "file" | "runtime" | "rollback";
  /** What it changed of the version before, as written; secrets hidden. */
  readonly changes: readonly SettingChange[];
  /** Files and runtime changes together, as written; secrets as references or hidden. */
  readonly written: Readonly<Record<string, unknown>>;
  /** The layer of runtime changes alone. */
  readonly runtime: Readonly<Record<string, unknown>>;
}

const scope = "*";
const checkpointScope = "config";

export async function newest(
  store: ConfigStore,
): Promise<{ readonly revision: number; readonly version: ConfigVersion } | undefined> {
  const document = await store.get("config", scope, "current");
  return document === undefined ? undefined : { revision: document.revision, version: document.body as ConfigVersion };
}

/** Makes `version` the newest, if `revision` still is; throws `config_conflict` otherwise. Then writes history and drops what is too old. */
export async function putVersion(
  store: ConfigStore,
  version: ConfigVersion,
  revision: number,
  keep: number,
): Promise<void> {
  await store.put({ kind: "config", scope, key: "current", at: version.at, body: version }, revision);
  await remember(store, version);
  await store.prune("config", scope, { keep });
}

/** Writes the history entry of the newest version where a crash left it out. */
export async function catchUp(store: ConfigStore, version: ConfigVersion): Promise<void> {
  if ((await findVersion(store, version.version)) === undefined) await remember(store, version);
}

export async function findVersion(store: ConfigStore, version: number): Promise<ConfigVersion | undefined> {
  const [found] = await store.list({ kind: "config", scope, key: String(version), order: "desc", limit: 1 });
  return found?.body as ConfigVersion | undefined;
}

/** Of replicas that change settings at once, one may write its version into the history after a later one: so far out of place, at most. */
const maxOutOfPlace = 20;

/** Newest first, by number. */
export async function listVersions(store: ConfigStore, limit: number): Promise<readonly ConfigVersion[]> {
  const records = await store.list({ kind: "config", scope, order: "desc", limit: limit + maxOutOfPlace });
  const byNumber = new Map(records.map((r) => r.body as ConfigVersion).map((v) => [v.version, v]));
  return [...byNumber.values()].toSorted((a, b) => b.version - a.version).slice(0, limit);
}

/** A checkpoint holds its version whole, so that pruning history cannot take it away. */
export async function putCheckpoint(
  store: ConfigStore,
  name: string,
  version: ConfigVersion,
  at: string,
): Promise<void> {
  await store.put({ kind: "checkpoint", scope: checkpointScope, key: name, at, body: version });
}

export async function findCheckpoint(store: ConfigStore, name: string): Promise<ConfigVersion | undefined> {
  return (await store.get("checkpoint", checkpointScope, name))?.body as ConfigVersion | undefined;
}

async function remember(store: ConfigStore, version: ConfigVersion): Promise<void> {
  await store.append([{ kind: "config", scope, key: String(version.version), at: version.at, body: version }]);
}
