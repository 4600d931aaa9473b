/**
 * How well a name (a column's, a table's, a comment) is met by a text: shares of the name and of the text that are met, by spelling, by dictionary, by
 * vector and by association, the last word (the head of an English name) apart. Pure.
 */

import { type Asked, associated, cellsOf, cellWidth, exactly, synonymous, vectorial } from "./asked.js";
import { type Doc, leastTelling } from "./read-names.js";
import type { TermIndex } from "./term-index.js";

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

/** A word met at least this well is met. */
export const metWell = 0.8;

export interface Covered {
  /** In the order of `coverageNames`. */
  readonly numbers: Float32Array;
  /** The token where the best match stands, -1 where nothing matches. */
  readonly at: number;
  /** How well each token is met, 0 to 1; empty where nothing is. */
  readonly met: Float32Array;
}

const exactShare = coverageNames.indexOf("exact");
/** A name met by so much of it, by letters, is what is said. */
const wholly = 0.93;

/** Whether a text has a whole name in it, by its letters. */
export const isSpelled = ({ numbers }: Covered): boolean => (numbers[exactShare] ?? 0) >= wholly;

export const nothingCovered: Covered = {
  numbers: new Float32Array(coverageNames.length),
  at: -1,
  met: new Float32Array(0),
};

/** Below this a soft match is chance: vectors of any two words are somewhat alike. */
const softFloor = 0.35;

interface Laid {
  readonly names: Map<Doc, Covered>;
  readonly cells: Map<number, Float32Array>;
}

const laid = new WeakMap<Asked, Laid>();

/** Many columns share one name, and many names one word: each is laid against a text once. */
export function cover(index: TermIndex, asked: Asked, doc: Doc): Covered {
  if (doc.concepts.length === 0) return nothingCovered;
  const own = laid.get(asked) ?? { names: new Map<Doc, Covered>(), cells: new Map<number, Float32Array>() };
  laid.set(asked, own);
  const known = own.names.get(doc);
  if (known !== undefined) return known;
  const cells = Array.from(doc.concepts, (concept) => {
    const made = own.cells.get(concept) ?? cellsOf(index, asked, concept);
    own.cells.set(concept, made);
    return made;
  });
  const made = coverName(asked, doc, cells);
  own.names.set(doc, made);
  return made;
}

function coverName(asked: Asked, doc: Doc, cellsOfName: readonly Float32Array[]): Covered {
  const { concepts, weights } = doc;
  const length = concepts.length;
  const { tokens } = asked;
  const askedBest = new Float32Array(tokens.length);
  const askedExact = new Float32Array(tokens.length);
  let [total, sumExact, sumSoft, sumVector, least, bestExact, sumAssociation, bestAssociation, at] = [
    0, 0, 0, 0, 1, 0, 0, 0, -1,
  ];
  let [headExact, headSoft, atScore] = [0, 0, 0];
  const { head, telling } = tellingParts(weights);
  for (let c = 0; c < length; c += 1) {
    const cells = cellsOfName[c] as Float32Array;
    const weight = weights[c] as number;
    let [e, soft, v, a, where] = [0, 0, 0, 0, -1];
    for (let t = 0; t < tokens.length; t += 1) {
      const at = t * cellWidth;
      const x = cells[at + exactly] as number;
      const y = cells[at + synonymous] as number;
      const z = cells[at + vectorial] as number;
      const w = cells[at + associated] as number;
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
    if (c === head) [headExact, headSoft] = [e, soft];
  }
  const span = longestSpan(asked, cellsOfName);
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
    span.length >= telling ? 1 : 0,
  );
  return { numbers, at: span.length >= 2 ? span.at : at, met: askedBest };
}

/** Where the last word stands that says something, and how many there are; of a name without any, all count. */
function tellingParts(weights: Float32Array): { readonly head: number; readonly telling: number } {
  let [head, telling] = [-1, 0];
  for (let c = 0; c < weights.length; c += 1) {
    if ((weights[c] as number) <= leastTelling) continue;
    head = c;
    telling += 1;
  }
  return telling === 0 ? { head: weights.length - 1, telling: weights.length } : { head, telling };
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

const coordinates = new Set(["and", "or", "&", "/", ","]);

/**
 * The longest stretch of neighbouring words ("of", "the" and what "and" puts beside one of them skipped) that spell out different parts of the name, and
 * where it begins.
 */
function longestSpan(asked: Asked, cells: readonly Float32Array[]): { readonly length: number; readonly at: number } {
  const { tokens } = asked;
  let best = { length: 0, at: -1 };
  for (let start = 0; start < tokens.length; start += 1) {
    if (tokens[start]?.kind === "mark") continue;
    let used = 0;
    let length = 0;
    let gap = 0;
    for (let t = start; t < tokens.length && gap <= 1; t += 1) {
      let hit = -1;
      for (let c = 0; c < cells.length && c < 30; c += 1) {
        if ((used & (1 << c)) === 0 && (cells[c]?.[t * cellWidth + exactly] ?? 0) >= 0.8) {
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
      // "first and last names" has first names.
      else if (coordinates.has(tokens[t - 1]?.lower ?? "")) gap = 0;
      else break;
    }
    if (length > best.length) best = { length, at: start };
  }
  return best;
}
