/**
 * How well a name (a column's, a table's, a comment) is met by a text: shares of the name and of the text that are met, by spelling, by dictionary, by
 * vector and by association, the last word (the head of an English name) apart. Pure.
 */

import type { Asked } from "./asked.js";
import type { Doc } from "./read-names.js";

/** Numbers of one coverage, in the order of `coverageNames`. */
export const coverageNames = [
  "exact",
  "soft",
  "vector",
  "leastSoft",
  "headExact",
  "headSoft",
  "askedExact",
  "askedSoft",
  "bestExact",
  "association",
  "associationBest",
  "span",
  "whole",
] as const;

export interface Covered {
  /** In the order of `coverageNames`. */
  readonly numbers: Float32Array;
  /** The token where the best match stands, -1 where nothing matches. */
  readonly at: number;
}

const nothing: Covered = { numbers: new Float32Array(coverageNames.length), at: -1 };

/** Below this a soft match is chance: vectors of any two words are somewhat alike. */
const softFloor = 0.35;

const covered = new WeakMap<Asked, Map<Doc, Covered>>();

/** Many columns share one name: each name is covered once a text. */
export function cover(asked: Asked, doc: Doc): Covered {
  if (doc.concepts.length === 0) return nothing;
  const own = covered.get(asked) ?? new Map<Doc, Covered>();
  covered.set(asked, own);
  const known = own.get(doc);
  if (known !== undefined) return known;
  const made = coverName(asked, doc);
  own.set(doc, made);
  return made;
}

function coverName(asked: Asked, doc: Doc): Covered {
  const { concepts, weights } = doc;
  const length = concepts.length;
  const { tokens, width, exact, synonym, vector, association } = asked;
  const askedBest = new Float32Array(tokens.length);
  const askedExact = new Float32Array(tokens.length);
  let [total, sumExact, sumSoft, sumVector, least, bestExact, sumAssociation, bestAssociation, at] = [
    0, 0, 0, 0, 1, 0, 0, 0, -1,
  ];
  let [headExact, headSoft, atScore] = [0, 0, 0];
  for (let c = 0; c < length; c += 1) {
    const concept = concepts[c] as number;
    const weight = weights[c] as number;
    let [e, soft, v, a, where] = [0, 0, 0, 0, -1];
    for (let t = 0; t < tokens.length; t += 1) {
      const cell = t * width + concept;
      const x = exact[cell] as number;
      const y = synonym[cell] as number;
      const z = vector[cell] as number;
      const w = association[cell] as number;
      if (w > a) a = w;
      const s = Math.max(x, 0.9 * y, z > softFloor ? z : 0);
      if (x > e) e = x;
      if (z > v) v = z;
      if (s > soft) {
        soft = s;
        where = t;
      }
      if (s > (askedBest[t] as number)) askedBest[t] = s;
      if (x > (askedExact[t] as number)) askedExact[t] = x;
    }
    total += weight;
    sumExact += weight * e;
    sumSoft += weight * soft;
    sumVector += weight * Math.max(e, v);
    sumAssociation += weight * a;
    if (a > bestAssociation) bestAssociation = a;
    if (soft < least) least = soft;
    if (weight * e > bestExact) bestExact = weight * e;
    if (weight * soft > atScore) {
      atScore = weight * soft;
      at = where;
    }
    if (c === length - 1) [headExact, headSoft] = [e, soft];
  }
  const span = longestSpan(asked, doc);
  const shares = shareOfAsked(asked.weights, askedExact, askedBest);
  const numbers = Float32Array.of(
    sumExact / total,
    sumSoft / total,
    sumVector / total,
    least,
    headExact,
    headSoft,
    shares.exact,
    shares.soft,
    bestExact,
    sumAssociation / total,
    bestAssociation,
    span.length,
    span.length >= length ? 1 : 0,
  );
  return { numbers, at: span.length >= 2 ? span.at : at };
}

function shareOfAsked(
  weights: Float32Array,
  exact: Float32Array,
  soft: Float32Array,
): { readonly exact: number; readonly soft: number } {
  let [total, sumExact, sumSoft] = [0, 0, 0];
  for (let t = 0; t < weights.length; t += 1) {
    const weight = weights[t] as number;
    total += weight;
    sumExact += weight * (exact[t] as number);
    sumSoft += weight * (soft[t] as number);
  }
  return total === 0 ? { exact: 0, soft: 0 } : { exact: sumExact / total, soft: sumSoft / total };
}

/** The longest stretch of neighbouring words ("of", "the" skipped) that spell out different parts of the name, and where it begins. */
function longestSpan(asked: Asked, doc: Doc): { readonly length: number; readonly at: number } {
  const { tokens, width, exact } = asked;
  let best = { length: 0, at: -1 };
  for (let start = 0; start < tokens.length; start += 1) {
    if (tokens[start]?.kind === "mark") continue;
    let used = 0;
    let length = 0;
    let gap = 0;
    for (let t = start; t < tokens.length && gap <= 1; t += 1) {
      let hit = -1;
      for (let c = 0; c < doc.concepts.length && c < 30; c += 1) {
        if ((used & (1 << c)) === 0 && (exact[t * width + (doc.concepts[c] as number)] as number) >= 0.8) {
          hit = c;
          break;
        }
      }
      if (hit >= 0) {
        used |= 1 << hit;
        length += 1;
        gap = 0;
      } else if (t === start) break;
      else if (tokens[t]?.stop === true) gap += 1;
      else break;
    }
    if (length > best.length) best = { length, at: start };
  }
  return best;
}
