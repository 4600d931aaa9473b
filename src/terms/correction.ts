/**
 * A source's own layer over the shipped rankers: their log-odds scaled, with a little for tables that are meant here and for words that
 * go with a table or a column here. Trained from feedback (`learning/training.ts`); the shipped weights stay as they are. Pure.
 */

import { parseRef } from "../schema/names.js";
import type { MatchKind, TermMatch } from "./mapping.js";
import { lemmasOf, splitIdentifier } from "./words.js";

export interface Correction {
  /** Names the model among those of its source, from 1. */
  readonly version: number;
  /** By feature, as `correctionFeatures` names them; `scale` multiplies the shipped log-odds. */
  readonly scale: number;
  readonly weights: Readonly<Record<string, number>>;
}

/** What words and tables may add up to, log-odds: enough to turn near ties, never a clear answer. */
export const maxShift = 1;
/** Confidences are read as log-odds within these bounds. */
const leastConfidence = 0.002;

export function logOdds(confidence: number): number {
  const p = Math.min(1 - leastConfidence, Math.max(leastConfidence, confidence));
  return Math.log(p / (1 - p));
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * What may speak for a match of a term: its table and the words of that table's name, and each word of the term with its table and its column. Not its kind:
 * which kinds people speak of is no evidence of what is meant.
 */
export function correctionFeatures(
  lemmas: readonly string[],
  match: Pick<TermMatch, "kind" | "ref">,
): readonly string[] {
  const parts = parseRef(match.ref) ?? [match.ref];
  const table = match.kind === "column" || match.kind === "value" ? parts.slice(0, -1).join(".") : match.ref;
  const own = [`table ${table}`];
  for (const word of new Set(splitIdentifier(table))) own.push(`named ${word}`);
  for (const lemma of new Set(lemmas)) {
    own.push(`word ${lemma} in ${table}`);
    if (table !== match.ref) own.push(`word ${lemma} is ${match.ref}`);
  }
  return own;
}

/** The shipped log-odds as corrected. */
export function correctedLogOdds(
  correction: Pick<Correction, "scale" | "weights">,
  features: readonly string[],
  shipped: number,
): number {
  let shift = 0;
  for (const feature of features) shift += correction.weights[feature] ?? 0;
  return correction.scale * shipped + Math.max(-maxShift, Math.min(maxShift, shift));
}

const ranked: ReadonlySet<MatchKind> = new Set(["table", "column", "value"]);

/** Matches of the rankers with their confidence corrected; not in order. What people or a glossary decided is left as it is. */
export function corrected(
  matches: readonly TermMatch[],
  term: string,
  correction: Correction | undefined,
): readonly TermMatch[] {
  if (correction === undefined) return matches;
  const lemmas = lemmasOf(term);
  return matches.map((match) => {
    if (!ranked.has(match.kind)) return match;
    const features = correctionFeatures(lemmas, match);
    const confidence = sigmoid(correctedLogOdds(correction, features, logOdds(match.confidence)));
    const known = features.some((f) => correction.weights[f] !== undefined);
    if (!known) return { ...match, confidence };
    const why = [{ signal: "learned_here", score: Number(confidence.toFixed(2)) }, ...match.why];
    return { ...match, confidence, why };
  });
}
