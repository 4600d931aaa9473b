/**
 * Foreign keys that nobody declared: inferred from names, types, keys and, where rows may be looked at, from values. Pure: evidence from rows
 * is an argument. A guess is never more than a guess: every link carries its confidence and why, a column has one target, no circle of guesses.
 */

import { type Candidate, candidates, type LinkColumn, type LinkTable, linkTables } from "./link-candidates.js";
import { type CompositeCandidate, compositeLinks } from "./link-composites.js";
import { chanceOfAll, dataSignalsOf, inclusionLookup, pairKey } from "./link-data.js";
import type { LinkEnd, LinkEvidence } from "./link-evidence.js";
import { type Signals, signalsOf } from "./link-signals.js";
import { linkWeights } from "./link-weights.js";
import { tableKey } from "./names.js";
import { isUniqueKey, type Relationship } from "./relationships.js";
import type { SchemaSnapshot } from "./snapshot.js";
import { finish, mapInSteps, type Steps } from "./steps.js";

type Weights = Readonly<Record<string, number>>;

/** A candidate with its signals; `training` and `judging` see the same. */
export interface SignalledCandidate {
  readonly candidate: Candidate;
  /** By names, types and keys. */
  readonly signals: Signals;
  /** By rows; empty where none were asked. */
  readonly data: Signals;
}

/** Links below this confidence are not worth telling anybody. */
const leastConfidence = 0.3;
/** The score by names of a column whose name says nothing. */
const nameless = -3;
/** Less likely pairs are not worth a question to the database. */
const leastWorthChecking = 0.0005;
/** Signals shown as evidence, those that weigh most. */
const shownSignals = 4;

/** Columns weighed between two stops. */
const columnsAStep = 50;

/** Links that are believed with some confidence, surest first. Columns with declared keys get no guess. */
export function inferRelationships(
  snapshot: SchemaSnapshot,
  evidence: LinkEvidence,
  weights: typeof linkWeights = linkWeights,
): readonly Relationship[] {
  return finish(inferInSteps(snapshot, evidence, weights));
}

/** The same in steps: in a schema of thousands of tables it takes seconds. */
export function* inferInSteps(
  snapshot: SchemaSnapshot,
  evidence: LinkEvidence,
  weights: typeof linkWeights = linkWeights,
): Steps<readonly Relationship[]> {
  const tables = yield* linkTables(snapshot, evidence.statistics);
  const judged = (yield* judge(snapshot, tables, evidence, weights)).filter((j) => j.confidence >= leastConfidence);
  const single = withoutCircles(bestOfEach(judged)).map(toRelationship);
  const composite = (yield* composites(tables, evidence, judged))
    .filter((c) => c.confidence >= leastConfidence)
    .map(compositeRelationship);
  return [...single, ...composite].toSorted((a, b) => b.confidence - a.confidence);
}

/** The pairs whose inclusion would decide most, likeliest first, at most `max`; those already checked are left out. */
export function* linksToCheck(
  snapshot: SchemaSnapshot,
  evidence: LinkEvidence,
  max: number,
  weights: typeof linkWeights = linkWeights,
): Steps<readonly { readonly from: LinkEnd; readonly to: LinkEnd }[]> {
  const asked = new Set(evidence.inclusions.map(({ from, to }) => keyOf(from, to)));
  const tables = yield* linkTables(snapshot, evidence.statistics);
  const judged = yield* judge(snapshot, tables, evidence, weights);
  const likely = judged
    .filter((j) => j.confidence > leastWorthChecking)
    .toSorted((a, b) => b.confidence - a.confidence);
  const believed = judged.filter((j) => j.confidence >= leastConfidence);
  const found = yield* composites(tables, evidence, believed);
  const whole = found.map((c) => ({ from: endOf(c.from), to: endOf(c.to) }));
  return [...whole, ...likely.map(({ candidate }) => endsOf(candidate))]
    .filter(({ from, to }) => !asked.has(keyOf(from, to)))
    .slice(0, max);
}

/** The surest candidate of each column, surest first. */
function bestOfEach(judged: readonly Judged[]): readonly Judged[] {
  const best = new Map<LinkColumn, Judged>();
  for (const j of judged) {
    const known = best.get(j.candidate.from);
    if (known === undefined || j.confidence > known.confidence) best.set(j.candidate.from, j);
  }
  return [...best.values()].toSorted((a, b) => b.confidence - a.confidence);
}

function composites(
  tables: readonly LinkTable[],
  evidence: LinkEvidence,
  believed: readonly Judged[],
): Steps<readonly CompositeCandidate[]> {
  const linked = new Set(believed.map((j) => columnKey(j.candidate.from)));
  const shares = new Map(evidence.inclusions.map(({ from, to, share }) => [keyOf(from, to), share]));
  return compositeLinks(tables, {
    isLinked: (column) => column.declared || linked.has(columnKey(column)),
    shareOf: (from, to) => shares.get(keyOf(endOf(from), endOf(to))),
    chanceOf: (from, to) => chanceOfAll(from, to, evidence),
  });
}

function keyOf(from: LinkEnd, to: LinkEnd): string {
  return pairKey(tableKey(from.table), from.columns, tableKey(to.table), to.columns);
}

/** All candidates with their signals, those of one column together. */
export function* signalledCandidates(
  snapshot: SchemaSnapshot,
  tables: readonly LinkTable[],
  evidence: LinkEvidence,
): Steps<readonly (readonly SignalledCandidate[])[]> {
  const groups = new Map<Candidate["from"], Candidate[]>();
  for (const candidate of yield* candidates(tables, snapshot.dialect === "postgres")) {
    const group = groups.get(candidate.from);
    if (group === undefined) groups.set(candidate.from, [candidate]);
    else group.push(candidate);
  }
  const inclusionOf = inclusionLookup(evidence);
  return yield* mapInSteps([...groups.values()], columnsAStep, (rivals) => {
    const named = signalsOf(rivals);
    const data = dataSignalsOf(rivals, named, evidence, inclusionOf);
    return rivals.map((candidate, i) => ({ candidate, signals: named[i] ?? {}, data: data[i] ?? {} }));
  });
}

interface Judged {
  readonly candidate: Candidate;
  readonly confidence: number;
  /** Put together only for links that are told. */
  evidence(): NonNullable<Relationship["evidence"]>;
}

/**
 * The confidence of every candidate: a softmax over the rivals of one column and "none of them" (score 0), so that at most one can be
 * believed (conditional logit, McFadden 1974).
 */
function* judge(
  snapshot: SchemaSnapshot,
  tables: readonly LinkTable[],
  evidence: LinkEvidence,
  weights: typeof linkWeights,
): Steps<readonly Judged[]> {
  const groups = yield* signalledCandidates(snapshot, tables, evidence);
  const judged = yield* mapInSteps(groups, columnsAStep, (rivals) => {
    const powers = scoresOf(rivals, weights).map((score) => Math.exp(Math.min(30, score)));
    const total = 1 + powers.reduce((sum, p) => sum + p, 0);
    return rivals.map((r, i) => ({
      candidate: r.candidate,
      confidence: (powers[i] ?? 0) / total,
      evidence: () => shownEvidence(r, weights),
    }));
  });
  return judged.flat();
}

/** Names speak first; where rows were looked at, they raise or lower what the names of all rivals have said. */
function scoresOf(rivals: readonly SignalledCandidate[], weights: typeof linkWeights): readonly number[] {
  const looked = rivals.some(({ data }) => hasSignals(data));
  return rivals.map(({ signals, data }) => {
    const named = (weights.names.bias ?? 0) + scoreOf(signals, weights.names);
    return looked ? scoreOf({ ...data, ...namedSignals(named) }, weights.data) : named;
  });
}

/** The score by names as signals beside those of rows; `names_silent` is how far below saying nothing it lies. */
export function namedSignals(score: number): Signals {
  return { names: score, names_silent: Math.max(0, nameless - score) };
}

export function hasSignals(signals: Signals): boolean {
  for (const _ in signals) return true;
  return false;
}

export function scoreOf(signals: Signals, weights: Weights): number {
  let score = 0;
  for (const name in signals) score += (signals[name] ?? 0) * (weights[name] ?? 0);
  return score;
}

function shownEvidence(
  { signals, data }: SignalledCandidate,
  weights: typeof linkWeights,
): NonNullable<Relationship["evidence"]> {
  const scores = (of: Signals, by: Weights) =>
    Object.entries(of).map(([signal, value]) => ({ signal, score: value * (by[signal] ?? 0) }));
  return [...scores(signals, weights.names), ...scores(data, weights.data)]
    .filter((s) => Math.abs(s.score) > 0.05)
    .toSorted((a, b) => Math.abs(b.score) - Math.abs(a.score))
    .slice(0, shownSignals)
    .map(({ signal, score }) => ({ signal, score: Math.round(score * 100) / 100 }));
}

/** Drops guesses that would close a circle of guesses over primary keys, weakest first: two tables cannot each be the other's detail. */
function withoutCircles(sure: readonly Judged[]): readonly Judged[] {
  const after = new Map<string, Set<string>>();
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set<string>();
    const stack = [from];
    for (let key = stack.pop(); key !== undefined; key = stack.pop()) {
      if (key === to) return true;
      if (seen.has(key)) continue;
      seen.add(key);
      stack.push(...(after.get(key) ?? []));
    }
    return false;
  };
  return sure.filter(({ candidate: { from, to } }) => {
    if (from.table === to.table) return true;
    // Circles through ordinary columns are real (department.manager, employee.department); through keys alone they are not.
    const [a, b] = [columnKey(from), columnKey(to)];
    if (reaches(b, a)) return false;
    after.set(a, (after.get(a) ?? new Set()).add(b));
    return true;
  });
}

function columnKey(column: Candidate["from"]): string {
  return `${column.table.key}.${column.column.name}`;
}

function endsOf({ from, to }: Candidate): { readonly from: LinkEnd; readonly to: LinkEnd } {
  return { from: endOf([from]), to: endOf([to]) };
}

function endOf(columns: readonly LinkColumn[]): LinkEnd {
  const table = columns[0]?.table.table;
  return {
    table: { schema: table?.schema ?? "", name: table?.name ?? "" },
    columns: columns.map((c) => c.column.name),
  };
}

function compositeRelationship({ from, to, confidence }: CompositeCandidate): Relationship {
  const [source, target] = [from[0]?.table.table, to[0]?.table.table];
  const columns = from.map((c) => c.column.name);
  return {
    from: endOf(from),
    to: endOf(to),
    origin: "inferred",
    confidence,
    cardinality: source !== undefined && isUniqueKey(source, columns) ? "1:1" : "n:1",
    targetUnique: target !== undefined,
    evidence: [{ signal: "holds_whole_key", score: confidence }],
  };
}

function toRelationship({ candidate, confidence, evidence: tell }: Judged): Relationship {
  const { from, to } = candidate;
  return {
    ...endsOf(candidate),
    origin: "inferred",
    confidence,
    cardinality: isUniqueKey(from.table.table, [from.column.name]) ? "1:1" : "n:1",
    targetUnique: isUniqueKey(to.table.table, [to.column.name]),
    evidence: tell(),
  };
}
