/**
 * One word against all concepts of a schema: by spelling, by dictionary and by vector. Depends on nothing but the word and the schema, so it is worked
 * out once and kept for the next text that has the word. Pure.
 */

import { distance } from "fastest-levenshtein";
import { shortens } from "./abbreviations.js";
import { relatedness, relatedWords, same } from "./synonyms.js";
import type { TermIndex } from "./term-index.js";
import { cosine, products, vectorLength, wordVector } from "./vectors.js";
import { isWord, lemmaOf, type Token } from "./words.js";

/** Concepts that a word meets, each with how well. */
type Scores = ReadonlyMap<number, number>;

export interface WordRow {
  readonly exact: Scores;
  readonly synonym: Scores;
  /** Cosine by the concepts' vectors (`TermIndex.vectorOf`), 0 where it is not above zero; absent for a word without a vector. */
  readonly vector: Float32Array | undefined;
  /** Concepts whose cosine is above `alike`. */
  readonly alike: readonly number[];
}

const kept = new WeakMap<TermIndex, Map<string, WordRow>>();
/** Words with a higher cosine are likely of one meaning. */
const alike = 0.5;
/** Words with a lower one are not worth asking the dictionary backwards for. */
const hardlyAlike = 0.25;
/** How well a word meets another for the same thing. */
export const asGoodAsSaid = 0.9;
/** Memory of one index's kept words, numbers of their vectors (4 bytes each). */
const maxKeptNumbers = 4_000_000;
const minKeptWords = 64;

export function wordRow(index: TermIndex, token: Token): WordRow {
  const rows = kept.get(index) ?? new Map<string, WordRow>();
  kept.set(index, rows);
  const key = `${token.kind} ${token.stop ? 1 : 0} ${token.lemma} ${token.lower}`;
  const known = rows.get(key);
  if (known !== undefined) return known;
  if (rows.size >= Math.max(minKeptWords, maxKeptNumbers / Math.max(1, index.vectorConcepts.length)))
    rows.delete(rows.keys().next().value ?? "");
  const made = makeRow(index, token);
  rows.set(key, made);
  return made;
}

function makeRow(index: TermIndex, token: Token): WordRow {
  const exact = new Map<number, number>();
  const synonym = new Map<number, number>();
  raise(index, exact, token.lemma, 1);
  if (token.lower !== token.lemma) raise(index, exact, token.lower, 1);
  if (token.kind !== "word") return { exact, synonym, vector: undefined, alike: [] };
  for (const written of new Set([token.lower, token.lemma]))
    if (written.length >= 4) for (const concept of index.joined.get(written) ?? []) set(exact, concept, 0.95);
  if (token.stop) return { exact, synonym, vector: undefined, alike: [] };
  for (const [other, score] of relatedWords(token.lemma))
    if (!other.includes("_")) {
      const lemma = lemmaOf(other);
      raise(index, synonym, lemma, score);
      if (derives(token.lemma, lemma)) raise(index, exact, lemma, 0.85);
      if (score === same) raise(index, exact, lemma, asGoodAsSaid);
    }
  if (token.lemma.length >= 4) {
    const odd = !isWord(token.lower);
    for (const id of index.byInitial.get(token.lemma.charCodeAt(0)) ?? []) {
      const concept = index.concepts[id];
      if (concept === undefined) continue;
      const kin = kinship(token.lemma, concept.meaning, concept.short, concept.token);
      if (kin > 0 && (kin === 1 || concept.short || odd || isKin(token.lemma, concept.meaning))) set(exact, id, kin);
      if (odd || concept.short) set(exact, id, slip(token.lemma, concept.meaning));
    }
  }
  const vector = cosines(index, wordVector(token.lower));
  if (vector === undefined) return { exact, synonym, vector, alike: [] };
  const near: number[] = [];
  for (let row = 0; row < vector.length; row += 1) {
    const cosine = vector[row] as number;
    if (cosine <= hardlyAlike) continue;
    const id = index.vectorConcepts[row] as number;
    if (cosine > alike) near.push(id);
    if (!synonym.has(id)) set(synonym, id, relatedness(index.concepts[id]?.meaning ?? "", token.lemma));
  }
  return { exact, synonym, vector, alike: near };
}

function cosines(index: TermIndex, vector: Float32Array | undefined): Float32Array | undefined {
  if (vector === undefined) return undefined;
  const near = new Float32Array(index.vectorConcepts.length);
  products(index.vectors, { from: 0, stride: vectorLength, count: near.length }, vector, 0, vectorLength, near, 0);
  for (let row = 0; row < near.length; row += 1) if ((near[row] as number) < 0) near[row] = 0;
  return near;
}

/** Related words that begin alike are one word's forms (`ship` and `shipment`, `act` and `actor`). */
function derives(a: string, b: string): boolean {
  const least = Math.min(a.length, b.length);
  return a !== b && least >= 3 && a.slice(0, least - 1) === b.slice(0, least - 1) && Math.abs(a.length - b.length) <= 5;
}

/** A name that has all consonants of a word, and nothing else, shortens it so well. */
const wholeSkeleton = 0.92;

/** Two words of one root are said near each other; `country` and `county` only begin alike. */
const kindred = 0.3;

/** Whether two words that begin alike are of one root, as far as that is known: one begins the other, the dictionary relates them, or they are said alike. */
function isKin(a: string, b: string): boolean {
  if (a.startsWith(b) || b.startsWith(a) || relatedness(a, b) > 0) return true;
  const [one, other] = [wordVector(a), wordVector(b)];
  return one === undefined || other === undefined || cosine(one, other) >= kindred;
}

/** Words of one root (`manufacturer`, `manufacturing`), a shortening, or a slip of the pen: .6 to .9, else 0. */
function kinship(lemma: string, form: string, short: boolean, token: string): number {
  if (lemma === form) return 1;
  let shared = 0;
  while (shared < lemma.length && shared < form.length && lemma.charCodeAt(shared) === form.charCodeAt(shared))
    shared += 1;
  const longest = Math.max(lemma.length, form.length);
  if (shared >= 5 && shared >= longest - 4) return 0.6 + 0.3 * (shared / longest);
  if (short && token.length >= 3 && token.length < lemma.length) {
    const score = shortens(token, lemma);
    return score >= wholeSkeleton ? score * 0.92 : score >= 0.7 ? score * 0.85 : 0;
  }
  return 0;
}

/** A word that is not one, or a name that is not one, a letter or two apart from the other (`bugdet`, `measuerment`): .75 or .8, else 0. */
function slip(lemma: string, form: string): number {
  const least = Math.min(lemma.length, form.length);
  if (least < 4 || Math.abs(lemma.length - form.length) > 2) return 0;
  const slips = distance(lemma, form);
  if (slips <= 1 || (slips === 2 && lemma.length === form.length && isSwap(lemma, form))) return 0.8;
  return slips === 2 && least >= 8 ? 0.75 : 0;
}

/** Two neighbouring letters have changed places, and nothing else. */
function isSwap(a: string, b: string): boolean {
  let at = 0;
  while (a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return a.charAt(at) === b.charAt(at + 1) && a.charAt(at + 1) === b.charAt(at) && a.slice(at + 2) === b.slice(at + 2);
}

function raise(index: TermIndex, cells: Map<number, number>, form: string, score: number): void {
  for (const { concept, weight } of index.byForm.get(form) ?? []) set(cells, concept, score * weight);
}

function set(cells: Map<number, number>, at: number, score: number): void {
  if (score > (cells.get(at) ?? 0)) cells.set(at, score);
}
