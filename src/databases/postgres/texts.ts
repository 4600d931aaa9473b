/**
 * Fetches what only the server can print (defaults, checks, index expressions, view queries, policies, triggers), apart from the raw
 * catalogs: these functions open relations and would wait behind an ALTER. Objects under an exclusive lock are skipped, the rest is
 * asked in small batches that give up at the lock timeout; a batch that fails is halved, a single object tried three times, and all of
 * it ends with the budget. What is missing then is reported, never guessed.
 */

import { oidArray } from "./catalog.js";
import { isServerError } from "./errors.js";
import type { Oid } from "./relations.js";
import type { Sessions } from "./sessions.js";
import { statement } from "./statements.js";
import type { RawRow } from "./wire.js";

export interface Texts {
  /** By relation oid and attnum: defaults and generated columns. */
  readonly defaults: Map<Oid, Map<number, string>>;
  readonly constraints: Map<Oid, string>;
  readonly indexes: Map<Oid, { readonly parts: readonly string[]; readonly predicate?: string }>;
  readonly views: Map<Oid, string>;
  readonly triggers: Map<Oid, string>;
  readonly policies: Map<Oid, { readonly using?: string; readonly check?: string }>;
  readonly partitions: Map<Oid, { readonly bound?: string; readonly key?: string }>;
  readonly routines: Map<Oid, string>;
  /** Relations of which some text could not be read. */
  readonly missing: Set<Oid>;
}

/** One kind of text: which objects want it, and the relation whose lock each would wait for (`0`: none). */
export interface TextWish {
  readonly kind: TextKind;
  readonly objects: readonly { readonly oid: Oid; readonly relation: Oid }[];
}

export type TextKind = keyof typeof readers;

/** Objects a statement asks for at once: small where the statement holds locks on what it prints. */
const batchSize = { held: 25, opened: 200, free: 2_000 } as const;
const maxTries = 3;

const readers = {
  defaults: { file: "text-defaults", batch: batchSize.free, keep: keepDefault },
  generated: { file: "text-generated", batch: batchSize.opened, keep: keepDefault },
  constraints: {
    file: "text-constraints",
    batch: batchSize.opened,
    keep: (t: Texts, r: RawRow) => keep(t.constraints, r[0], r[1]),
  },
  indexes: { file: "text-indexes", batch: batchSize.opened, keep: keepIndex },
  views: { file: "text-views", batch: batchSize.held, keep: (t: Texts, r: RawRow) => keep(t.views, r[0], r[1]) },
  triggers: {
    file: "text-triggers",
    batch: batchSize.opened,
    keep: (t: Texts, r: RawRow) => keep(t.triggers, r[0], r[1]),
  },
  policies: { file: "text-policies", batch: batchSize.opened, keep: keepPolicy },
  partitions: { file: "text-partitions", batch: batchSize.opened, keep: keepPartition },
  routines: {
    file: "text-routines",
    batch: batchSize.opened,
    keep: (t: Texts, r: RawRow) => keep(t.routines, r[0], r[1]),
  },
} as const;

export interface TextOptions {
  /** Schema that names are printed relative to. */
  readonly searchPath: readonly string[];
  readonly budgetMs: number;
  readonly signal?: AbortSignal;
}

export async function readTexts(sessions: Sessions, wishes: readonly TextWish[], options: TextOptions): Promise<Texts> {
  const texts: Texts = {
    defaults: new Map(),
    constraints: new Map(),
    indexes: new Map(),
    views: new Map(),
    triggers: new Map(),
    policies: new Map(),
    partitions: new Map(),
    routines: new Map(),
    missing: new Set(),
  };
  const wanted = wishes.filter((wish) => wish.objects.length > 0);
  if (wanted.length === 0) return texts;
  const until = performance.now() + options.budgetMs;
  const locked = await lockedRelations(sessions, options);
  for (const wish of wanted) {
    const open = wish.objects.filter((object) => {
      const free = object.relation === "0" || !locked.has(object.relation);
      if (!free) texts.missing.add(object.relation);
      return free;
    });
    for (let at = 0; at < open.length; at += readers[wish.kind].batch) {
      await readBatch(sessions, texts, wish.kind, open.slice(at, at + readers[wish.kind].batch), until, options, 1);
    }
  }
  return texts;
}

type Objects = TextWish["objects"];

async function readBatch(
  sessions: Sessions,
  texts: Texts,
  kind: TextKind,
  objects: Objects,
  until: number,
  options: TextOptions,
  tries: number,
): Promise<void> {
  if (objects.length === 0) return;
  const leftMs = until - performance.now();
  if (leftMs <= 0) return giveUp(texts, objects);
  try {
    const rows = await ask(sessions, statement(readers[kind].file), [oidArray(objects.map((o) => o.oid))], options);
    for (const row of rows) readers[kind].keep(texts, row);
  } catch (cause) {
    // 55P03, 57014: a lock; XX000, 42P01, 40P01: the object changed under us. Any other error means the same for us: no text.
    if (!isServerError(cause)) throw cause;
    if (objects.length > 1) {
      const middle = objects.length >> 1;
      await readBatch(sessions, texts, kind, objects.slice(0, middle), until, options, 1);
      return readBatch(sessions, texts, kind, objects.slice(middle), until, options, 1);
    }
    if (tries >= maxTries) return giveUp(texts, objects);
    await new Promise((resolve) => setTimeout(resolve, 5 * 3 ** tries));
    return readBatch(sessions, texts, kind, objects, until, options, tries + 1);
  }
}

function giveUp(texts: Texts, objects: Objects): void {
  for (const { relation } of objects) texts.missing.add(relation);
}

async function lockedRelations(sessions: Sessions, options: TextOptions): Promise<Set<Oid>> {
  const rows = await ask(sessions, statement("locked"), [], options);
  return new Set(rows.map((row) => row[0] ?? ""));
}

function ask(sessions: Sessions, sql: string, params: readonly string[], options: TextOptions): Promise<RawRow[]> {
  const { lockTimeoutMs } = sessions.limits;
  const limits = {
    // Longer than the lock timeout only for the work itself; a batch that needs more is halved.
    statementTimeoutMs: 10 * lockTimeoutMs,
    lockTimeoutMs,
    deadlineMs: 20 * lockTimeoutMs,
    searchPath: options.searchPath,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  return sessions.once(limits, sql, params);
}

function keep(map: Map<string, string>, key: string | null | undefined, text: string | null | undefined): void {
  if (key !== null && key !== undefined && text !== null && text !== undefined) map.set(key, text);
}

function keepDefault(texts: Texts, row: RawRow): void {
  const oid = row[0] ?? "";
  let ofTable = texts.defaults.get(oid);
  if (ofTable === undefined) texts.defaults.set(oid, (ofTable = new Map<number, string>()));
  ofTable.set(Number(row[1]), row[2] ?? "");
}

function keepIndex(texts: Texts, row: RawRow): void {
  const parts = JSON.parse(row[1] ?? "[]") as string[];
  texts.indexes.set(row[0] ?? "", { parts, ...(row[2] === null || row[2] === undefined ? {} : { predicate: row[2] }) });
}

function keepPolicy(texts: Texts, row: RawRow): void {
  texts.policies.set(row[0] ?? "", { ...(row[1] ? { using: row[1] } : {}), ...(row[2] ? { check: row[2] } : {}) });
}

function keepPartition(texts: Texts, row: RawRow): void {
  texts.partitions.set(row[0] ?? "", { ...(row[1] ? { bound: row[1] } : {}), ...(row[2] ? { key: row[2] } : {}) });
}
