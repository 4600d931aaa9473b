/**
 * "Did you mean": the nearest of some names to one that is unknown, by spelling and by meaning (words, abbreviations, synonyms, vectors).
 * Pure and deterministic; ties go to the name that comes first.
 */

import { distance } from "fastest-levenshtein";
import { shortens } from "./abbreviations.js";
import { relatedness } from "./synonyms.js";
import { cosine, rarity, wordVector } from "./vectors.js";
import { expandAbbreviations, lemmaOf, splitIdentifier } from "./words.js";

/** At most `limit` of `candidates`, nearest first; none that has nothing to do with `name`. */
export function nearestNames(name: string, candidates: readonly string[], limit: number): readonly string[] {
  const asked = described(name);
  return candidates
    .map((candidate, i) => ({ candidate, i, score: nearness(asked, described(candidate)) }))
    .filter((c) => c.score >= leastNearness)
    .sort((a, b) => b.score - a.score || a.i - b.i)
    .slice(0, limit)
    .map((c) => c.candidate);
}

/** Below this a candidate has nothing to do with the name. Chosen on misspelt and swapped names of the development schemas. */
const leastNearness = 0.36;

interface Described {
  readonly flat: string;
  readonly words: readonly string[];
}

const described = (name: string): Described => ({
  flat: name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, ""),
  words: expandAbbreviations(splitIdentifier(name)).flatMap((e) => [...(e.meanings[0]?.words ?? [e.token])]),
});

function nearness(a: Described, b: Described): number {
  if (a.flat === b.flat) return 1;
  return Math.max(spelling(a.flat, b.flat), 0.94 * meaning(a.words, b.words));
}

/** 1 minus the share of letters that differ; two neighbours swapped count as one slip, a name within the other counts for more. */
function spelling(a: string, b: string): number {
  const longest = Math.max(a.length, b.length);
  if (longest === 0) return 0;
  const slips = Math.max(0, distance(a, b) - swaps(a, b));
  const near = 1 - slips / longest;
  const shared = sharedStart(a, b) / longest;
  const within = a.length >= 3 && b.length >= 3 && (b.includes(a) || a.includes(b));
  return Math.min(
    0.99,
    Math.max(near + 0.02 * shared, within ? 0.55 + 0.4 * (Math.min(a.length, b.length) / longest) : 0),
  );
}

function swaps(a: string, b: string): number {
  if (a.length !== b.length) return 0;
  let found = 0;
  for (let i = 0; i + 1 < a.length; i += 1) {
    if (a[i] !== b[i] && a[i] === b[i + 1] && a[i + 1] === b[i]) found += 1;
  }
  return found;
}

function sharedStart(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}

/** How much of either name's words the other covers: the harmonic mean, each word by its rarity. */
function meaning(a: readonly string[], b: readonly string[]): number {
  const there = covered(a, b);
  const back = covered(b, a);
  return there + back === 0 ? 0 : (2 * there * back) / (there + back);
}

function covered(words: readonly string[], by: readonly string[]): number {
  let sum = 0;
  let total = 0;
  for (const word of words) {
    const weight = 0.2 + rarity(word);
    total += weight;
    sum += weight * Math.max(0, ...by.map((other) => alike(word, other)));
  }
  return total === 0 ? 0 : sum / total;
}

function alike(a: string, b: string): number {
  if (a === b || lemmaOf(a) === lemmaOf(b)) return 1;
  const short = a.length < b.length ? shortens(a, b) : shortens(b, a);
  const slips =
    Math.min(a.length, b.length) >= 4 ? 1 - (distance(a, b) - swaps(a, b)) / Math.max(a.length, b.length) : 0;
  const vector = 0.8 * cosine(wordVector(a), wordVector(b));
  return Math.max(
    short >= 0.6 ? short : 0,
    slips >= 0.7 ? slips : 0,
    0.85 * relatedness(lemmaOf(a), lemmaOf(b)),
    vector > 0.3 ? vector : 0,
  );
}
