/** A schema as it is served, put together from what was read, what was profiled and what people decided. Pure. */

import { inferInSteps } from "../schema/inference.js";
import type { Inclusion } from "../schema/link-evidence.js";
import { findTable, tableKey } from "../schema/names.js";
import { fingerprint } from "../schema/normal-form.js";
import { declaredRelationships, isUniqueKey, type Relationship } from "../schema/relationships.js";
import type { SchemaSnapshot, Table } from "../schema/snapshot.js";
import { noStatistics, type SchemaStatistics } from "../schema/statistics.js";
import { finish, type Steps } from "../schema/steps.js";
import type { LiveSchema } from "./live.js";
import type { Read } from "./look.js";
import { combineStatistics } from "./profiles.js";
import { type RelationDecision, relationshipKey } from "./relations.js";
import type { InferenceSettings } from "./settings.js";

/** What looking at rows has shown. */
export interface Evidence {
  readonly profiled: SchemaStatistics;
  /** Answers of inclusion checks. */
  readonly inclusions: readonly Inclusion[];
}

export const noEvidence: Evidence = { profiled: noStatistics, inclusions: [] };

export interface Served {
  readonly source: string;
  readonly read: Read;
  readonly asOf: string;
  readonly origin: LiveSchema["origin"];
  readonly stale: boolean;
  readonly stamp?: LiveSchema["stamp"];
  readonly closedWords?: readonly string[];
  /** Whether the settings have stored values looked at. */
  readonly profiles?: boolean;
  /** Spares the fingerprint where the schema is known to be the same. */
  readonly version?: string;
}

export function assemble(
  served: Served,
  evidence: Evidence,
  decisions: readonly RelationDecision[],
  settings: InferenceSettings,
): LiveSchema {
  return finish(assembleInSteps(served, evidence, decisions, settings));
}

/**
 * The same in steps: guesses at links take seconds in a schema of thousands of tables. Where `guessed` is given, those guesses are taken over
 * and none are made.
 */
export function* assembleInSteps(
  served: Served,
  evidence: Evidence,
  decisions: readonly RelationDecision[],
  settings: InferenceSettings,
  guessed?: readonly Relationship[],
): Steps<LiveSchema> {
  const { snapshot, identity, serverVersion, issues } = served.read;
  const statistics = combineStatistics(served.read.statistics, evidence.profiled);
  return {
    source: served.source,
    serverVersion,
    identity,
    asOf: served.asOf,
    origin: served.origin,
    stale: served.stale,
    ...(served.stamp === undefined ? {} : { stamp: served.stamp }),
    ...(served.closedWords === undefined ? {} : { closedWords: served.closedWords }),
    ...(served.profiles === true && evidence === noEvidence ? { valuesPending: true } : {}),
    issues,
    snapshot,
    version: served.version ?? fingerprint(snapshot),
    statistics,
    relationships: yield* links(snapshot, { ...evidence, profiled: statistics }, decisions, settings, guessed),
  };
}

/** Declared links, then confirmed ones, then inferred ones above the floor; refused ones are left out. */
function* links(
  snapshot: SchemaSnapshot,
  evidence: Evidence,
  decisions: readonly RelationDecision[],
  settings: InferenceSettings,
  guessed: readonly Relationship[] | undefined,
): Steps<readonly Relationship[]> {
  const refused = new Set(decisions.filter((d) => d.verdict === "refused").map((d) => relationshipKey(endsOf(d))));
  const declared = declaredRelationships(snapshot);
  if (decisions.length === 0 && (!settings.enabled || guessed?.length === 0)) return declared;
  const seen = new Set(declared.map(relationshipKey));
  const confirmed = decisions.flatMap((d) => (d.verdict === "confirmed" ? confirmedLink(snapshot, d) : []));
  const fresh = confirmed.filter((link) => !seen.has(relationshipKey(link)));
  for (const link of fresh) seen.add(relationshipKey(link));
  if (!settings.enabled) return [...declared, ...fresh];
  const rows = { statistics: evidence.profiled, inclusions: evidence.inclusions };
  const inferred = guessed ?? (yield* inferInSteps(snapshot, rows));
  const taken = new Set(fresh.map((link) => fromKey(link)));
  const kept = inferred.filter(
    (link) =>
      link.confidence >= settings.minConfidence &&
      !refused.has(relationshipKey(link)) &&
      !seen.has(relationshipKey(link)) &&
      !taken.has(fromKey(link)),
  );
  return [...declared, ...fresh, ...kept];
}

/** The guesses of before that still stand between tables that are the same; others must be made anew. */
export function guessesKept(before: LiveSchema | undefined, after: SchemaSnapshot): readonly Relationship[] {
  const guesses = before?.relationships.filter((link) => link.origin === "inferred") ?? [];
  if (before === undefined || guesses.length === 0) return [];
  const then = new Map(before.snapshot.tables.map((t) => [tableKey(t), t]));
  const same = new Set(after.tables.filter((t) => then.get(tableKey(t)) === t).map(tableKey));
  return guesses.filter((link) => same.has(tableKey(link.from.table)) && same.has(tableKey(link.to.table)));
}

function fromKey(link: Pick<Relationship, "from">): string {
  return JSON.stringify([link.from.table.schema, link.from.table.name, ...link.from.columns]);
}

function confirmedLink(snapshot: SchemaSnapshot, decision: RelationDecision): Relationship[] {
  const from = findTable(snapshot, decision.from.table, decision.from.schema);
  const to = findTable(snapshot, decision.to.table, decision.to.schema);
  if (from === undefined || to === undefined) return [];
  if (!hasColumns(from, decision.from.columns) || !hasColumns(to, decision.to.columns)) return [];
  return [
    {
      ...endsOf(decision),
      origin: "confirmed",
      confidence: 1,
      cardinality: isUniqueKey(from, decision.from.columns) ? "1:1" : "n:1",
      targetUnique: isUniqueKey(to, decision.to.columns),
    },
  ];
}

function endsOf(decision: RelationDecision): Pick<Relationship, "from" | "to"> {
  const end = (side: RelationDecision["from"]) => ({
    table: { schema: side.schema, name: side.table },
    columns: side.columns,
  });
  return { from: end(decision.from), to: end(decision.to) };
}

function hasColumns(table: Table, columns: readonly string[]): boolean {
  return columns.every((name) => table.columns.some((c) => c.name === name));
}
