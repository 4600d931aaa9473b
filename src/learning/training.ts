/**
 * A source's correction fitted to what its people agree on, and the gate that decides whether it may answer: logistic regression over the shipped rankers'
 * log-odds, held to small weights, by full-batch gradient steps (Adagrad; Duchi, Hazan, Singer 2011). Deterministic; pure.
 */

import { type Correction, sigmoid } from "../terms/correction.js";
import { roundScore } from "../terms/mapping.js";
import type { Score } from "./models.js";

/** One term with what the shipped rankers offer for it. */
export interface Example {
  readonly key: string;
  readonly weight: number;
  readonly candidates: readonly {
    readonly features: readonly string[];
    readonly shipped: number;
    readonly right: boolean;
  }[];
}

export interface TrainingSettings {
  readonly steps: number;
  readonly rate: number;
  /** Pull of every weight towards nothing, of the scale towards one. */
  readonly l2: number;
  /** A word or table counts only where so many different terms speak of it: one correction moves its own term alone. */
  readonly leastTerms: number;
}

export const defaultTraining: TrainingSettings = { steps: 200, rate: 0.1, l2: 0.5, leastTerms: 3 };

export function fitCorrection(examples: readonly Example[], settings = defaultTraining): Omit<Correction, "version"> {
  const usable = usableFeatures(examples, settings.leastTerms);
  const rows = examples.flatMap(({ weight, candidates }) =>
    candidates.map(({ features, shipped, right }) => ({
      weight: weight / candidates.length,
      shipped,
      right: right ? 1 : 0,
      own: features.flatMap((f) => usable.get(f) ?? []),
    })),
  );
  const names = [...usable.keys()];
  const weights = new Float64Array(names.length);
  const slope = new Float64Array(names.length + 1);
  const seen = new Float64Array(names.length + 1).fill(1e-8);
  const total = rows.reduce((sum, r) => sum + r.weight, 0) || 1;
  let scale = 1;
  for (let step = 0; step < settings.steps; step += 1) {
    for (let f = 0; f < names.length; f += 1) slope[f] = (settings.l2 * (weights[f] as number)) / total;
    slope[names.length] = (settings.l2 * (scale - 1)) / total;
    for (const row of rows) {
      let z = scale * row.shipped;
      for (const f of row.own) z += weights[f] as number;
      const miss = (row.weight * (sigmoid(z) - row.right)) / total;
      for (const f of row.own) slope[f] = (slope[f] as number) + miss;
      slope[names.length] = (slope[names.length] as number) + miss * row.shipped;
    }
    const move = (f: number): number => {
      const g = slope[f] as number;
      seen[f] = (seen[f] as number) + g * g;
      return (settings.rate * g) / Math.sqrt(seen[f] as number);
    };
    for (let f = 0; f < names.length; f += 1) weights[f] = (weights[f] as number) - move(f);
    scale = Math.min(maxScale, Math.max(minScale, scale - move(names.length)));
  }
  const told = names.flatMap((name, f): [string, number][] => {
    const weight = roundScore(weights[f] as number);
    return weight === 0 || name.startsWith(nuisance) ? [] : [[name, weight]];
  });
  return { scale: roundScore(scale), weights: Object.fromEntries(told.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** Features so named take up, in the fit, what is no evidence of meaning (which kinds people speak of), and are left out of what is fitted. */
export const nuisance = "nuisance ";

/** The shipped rankers' order is never turned round, nor flattened. */
const [minScale, maxScale] = [0.75, 1.5];

/** Features that enough different terms have among their candidates, the right one at least once, numbered in a fixed order. */
function usableFeatures(examples: readonly Example[], leastTerms: number): Map<string, number> {
  const terms = new Map<string, Set<string>>();
  const right = new Set<string>();
  for (const { key, candidates } of examples) {
    for (const candidate of candidates) {
      for (const feature of candidate.features) {
        terms.set(feature, (terms.get(feature) ?? new Set()).add(key));
        if (candidate.right) right.add(feature);
      }
    }
  }
  const enough = [...terms].filter(([feature, keys]) => keys.size >= leastTerms && right.has(feature));
  return new Map(
    enough
      .map(([feature]) => feature)
      .sort()
      .map((feature, i) => [feature, i]),
  );
}

/** One held-out term as a ranker answered it. */
export interface Answered {
  /** What the case is counted under as well: the kind of what is meant. */
  readonly slice: string;
  /** Whether the best answer was right. */
  readonly right: boolean;
  /** Confidence and truth of each match. */
  readonly matches: readonly { readonly confidence: number; readonly right: boolean }[];
}

export function scoreOf(answered: readonly Answered[]): Score {
  const all = answered.flatMap((a) => a.matches);
  const loss = (m: { readonly confidence: number; readonly right: boolean }) => {
    const p = Math.min(0.999, Math.max(0.001, m.confidence));
    return -Math.log(m.right ? p : 1 - p);
  };
  const logLoss = all.length === 0 ? 0 : all.reduce((sum, m) => sum + loss(m), 0) / all.length;
  return {
    examples: answered.length,
    right: answered.filter((a) => a.right).length,
    logLoss: roundScore(logLoss),
  };
}

export interface GateSettings {
  /** Held-out terms without which nothing is decided. */
  readonly leastHeldOut: number;
  /** A slice of at least `leastOfSlice` terms may lose at most this share of its right answers. */
  readonly maxSliceLoss: number;
  readonly leastOfSlice: number;
  /** Of the schema's own names that the champion is sure of, at most this share may get another best answer. */
  readonly maxMoved: number;
}

export const defaultGate: GateSettings = { leastHeldOut: 20, maxSliceLoss: 0.02, leastOfSlice: 10, maxMoved: 0.01 };

/**
 * Why a challenger may not answer in the champion's place; empty where it may. It must answer more terms rightly or with a lower loss,
 * neither of them worse, and lose nowhere by more than the margin. Both answered the same terms, in the same order, and neither was trained on them.
 */
export function refusalsOf(
  champion: readonly Answered[],
  challenger: readonly Answered[],
  moved: number,
  settings = defaultGate,
): readonly string[] {
  const [before, after] = [scoreOf(champion), scoreOf(challenger)];
  if (before.examples < settings.leastHeldOut)
    return [`${before.examples} held-out terms are too few; ${settings.leastHeldOut} decide`];
  const refusals: string[] = [];
  if (after.right < before.right)
    refusals.push(`right on ${after.right} of ${after.examples}, the champion on ${before.right}`);
  if (after.logLoss > before.logLoss) refusals.push(`loss ${after.logLoss}, the champion's ${before.logLoss}`);
  if (after.right === before.right && after.logLoss === before.logLoss)
    refusals.push(`no better: right on ${after.right}, loss ${after.logLoss}`);
  for (const slice of new Set(champion.map((a) => a.slice))) {
    const own = champion.filter((a) => a.slice === slice);
    if (own.length < settings.leastOfSlice) continue;
    const lost = scoreOf(own).right - scoreOf(challenger.filter((a) => a.slice === slice)).right;
    if (lost / own.length > settings.maxSliceLoss) refusals.push(`loses ${lost} of ${own.length} with a ${slice}`);
  }
  if (moved > settings.maxMoved)
    refusals.push(`moves the best answer of ${(100 * moved).toFixed(1)} % of the schema's own names that were sure`);
  return refusals;
}

/** Terms are never trained on where this says so, by a hash of the term (FNV-1a): champion and challengers are measured on the same ones for ever. */
export function isHeldOut(key: string): boolean {
  let hash = 2_166_136_261;
  for (const letter of key) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return ((hash ^ (hash >>> 15)) >>> 0) % heldOutOf === 0;
}

/** One term in so many is held out. */
const heldOutOf = 3;

/** No one's examples count for more than this share of all. */
const maxUserShare = 0.25;

/** Examples with the weight of those lowered who said so much that they would decide alone. */
export function fairWeights<T extends { readonly weight: number; readonly users: readonly string[] }>(
  terms: readonly T[],
): readonly T[] {
  const said = new Map<string, number>();
  for (const { users } of terms) for (const user of users) said.set(user, (said.get(user) ?? 0) + 1);
  const most = Math.max(1, maxUserShare * terms.length);
  return terms.map((term) => {
    const share = Math.max(...term.users.map((user) => Math.min(1, most / (said.get(user) ?? 1))));
    return { ...term, weight: term.weight * share };
  });
}
