/**
 * The chain of steps in a source's history: which records count, and how identities travel as differences. Pure.
 * A record counts if its parent is the record that was last before it; of several with one parent the first written counts.
 */

import type { SchemaChange } from "../changes/change.js";
import { sameJson } from "../changes/same.js";
import type { ChangeSignal } from "../databases/connector.js";
import type { SchemaSnapshot } from "../schema/snapshot.js";
import type { SchemaIdentity } from "../schema/statistics.js";

/** The body of a `change` record; its scope is the source, its key the version it leads to. */
export interface StepBody {
  readonly format: 1;
  /** `seq` of the step before; 0 for the first. */
  readonly parent: number;
  readonly from?: string;
  readonly to: string;
  readonly changes: readonly SchemaChange[];
  readonly causes?: readonly ChangeSignal[];
  /** The whole schema: in the first step, every so many steps, and where the changes alone would not rebuild it. */
  readonly whole?: { readonly snapshot: SchemaSnapshot; readonly identity: SchemaIdentity };
  readonly identity?: IdentityDelta;
  /** The look's stamp where it proves renames (SQLite): so that it still does after a restart. */
  readonly stamp?: { readonly schema: string };
}

/** One step of a schema, from one version to the next. */
export interface HistoryStep {
  /** Rises with every step of any source. */
  readonly seq: number;
  /** When the new version was first seen: ISO 8601, UTC. */
  readonly at: string;
  /** Absent for the first step: where the record begins. */
  readonly from?: string;
  readonly to: string;
  readonly changes: readonly SchemaChange[];
  /** Who changed it and by which statements, where the database told. */
  readonly causes?: readonly ChangeSignal[];
}

/** What became of identities: a value is new or changed, null is gone. */
export interface IdentityDelta {
  readonly database: string;
  readonly tables: Readonly<Record<string, SchemaIdentity["tables"][string] | null>>;
  readonly others: Readonly<Record<string, string | null>>;
}

/** A step without its weight. */
export interface ChainLink {
  readonly seq: number;
  readonly at: string;
  readonly parent: number;
  readonly from?: string;
  readonly to: string;
  readonly count: number;
  readonly whole: boolean;
}

/**
 * The steps that count, oldest first. Where the beginning was dropped by retention, the chain begins at a step with the whole schema
 * whose parent is gone; of several such, the one whose chain reaches furthest.
 */
export function chainOf(links: readonly ChainLink[]): readonly ChainLink[] {
  const known = new Set(links.map((l) => l.seq));
  const next = new Map<number, ChainLink>();
  for (const link of links) if (!next.has(link.parent)) next.set(link.parent, link);
  const starts = links.filter((l) => l.whole && !known.has(l.parent) && next.get(l.parent) === l);
  let best: ChainLink[] = [];
  for (const start of starts) {
    const chain = [start];
    for (let link = next.get(start.seq); link !== undefined; link = next.get(link.seq)) chain.push(link);
    if ((chain.at(-1)?.seq ?? 0) > (best.at(-1)?.seq ?? 0)) best = chain;
  }
  return best;
}

/** A record's body as written by this version of Sextant; anything else does not count. */
export function asStep(body: unknown): StepBody | undefined {
  const step = body as Partial<StepBody> | null;
  return step?.format === 1 && typeof step.parent === "number" && typeof step.to === "string"
    ? (step as StepBody)
    : undefined;
}

export function stepOf(seq: number, at: string, body: StepBody): HistoryStep {
  return {
    seq,
    at,
    ...(body.from === undefined ? {} : { from: body.from }),
    to: body.to,
    changes: body.changes,
    ...(body.causes === undefined ? {} : { causes: body.causes }),
  };
}

export function identityDelta(before: SchemaIdentity | undefined, after: SchemaIdentity): IdentityDelta {
  return {
    database: after.database,
    tables: recordDelta(before?.tables ?? {}, after.tables),
    others: recordDelta(before?.others ?? {}, after.others ?? {}),
  };
}

export function withDelta(
  before: SchemaIdentity | undefined,
  delta: IdentityDelta | undefined,
): { identity?: SchemaIdentity } {
  if (delta === undefined) return before === undefined ? {} : { identity: before };
  const tables = applied(before?.tables ?? {}, delta.tables);
  return { identity: { database: delta.database, tables, others: applied(before?.others ?? {}, delta.others) } };
}

export function sameIdentity(a: SchemaIdentity | undefined, b: SchemaIdentity): boolean {
  if (a === b) return true;
  return a !== undefined && sameJson({ others: {}, ...a }, { others: {}, ...b });
}

function recordDelta<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
): Record<string, T | null> {
  const delta: Record<string, T | null> = {};
  for (const [key, value] of Object.entries(after)) {
    const old = before[key];
    if (!sameJson(old, value)) delta[key] = value;
  }
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) delta[key] = null;
  return delta;
}

function applied<T>(before: Readonly<Record<string, T>>, delta: Readonly<Record<string, T | null>>): Record<string, T> {
  const merged: Record<string, T | null> = { ...before, ...delta };
  return Object.fromEntries(Object.entries(merged).filter((entry): entry is [string, T] => entry[1] !== null));
}
