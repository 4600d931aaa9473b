/**
 * A question or phrase laid against a schema's concepts: for each of its words how near each concept is, by spelling, dictionary, vector and
 * learned association. Computed once a text; columns and tables then read it off. Pure.
 */

import { shortens, shortensAll } from "./abbreviations.js";
import type { Associations } from "./associations.js";
import { relatedness, relatedWords, wordsForPair } from "./synonyms.js";
import type { TermIndex } from "./term-index.js";
import { phraseVector, rarity, wordVector } from "./vectors.js";
import { lemmaOf, type Token, tokensOf } from "./words.js";

export interface Asked {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Weight of each token, 0 (function words, marks) to 1. */
  readonly weights: Float32Array;
  /** Token by concept, row-major, `concepts` wide. */
  readonly exact: Float32Array;
  readonly synonym: Float32Array;
  readonly vector: Float32Array;
  readonly association: Float32Array;
  readonly width: number;
  /** Mean of the telling words. */
  readonly meaning: Float32Array | undefined;
}

/** Longest text that is looked at, tokens; the rest says nothing more about columns. */
const maxTokens = 80;

export function ask(index: TermIndex, text: string, associations: Associations): Asked {
  const tokens = tokensOf(text).slice(0, maxTokens);
  const width = index.concepts.length;
  const asked = {
    text,
    tokens,
    weights: Float32Array.from(tokens, weigh),
    exact: new Float32Array(tokens.length * width),
    synonym: new Float32Array(tokens.length * width),
    vector: new Float32Array(tokens.length * width),
    association: new Float32Array(tokens.length * width),
    width,
    meaning: phraseVector(tokens.filter((t) => t.kind === "word" && !t.stop).map((t) => t.lower)),
  };
  for (const [i, token] of tokens.entries()) {
    if (token.kind === "mark") continue;
    fillRow(index, asked, i, token, associations);
  }
  fillPairs(index, asked);
  fillRuns(index, asked);
  return asked;
}

function weigh(token: Token): number {
  if (token.kind === "mark") return 0;
  if (token.kind === "number") return 0.15;
  return token.stop ? 0.06 : Math.max(0.25, rarity(token.lemma));
}

type Rows = Pick<Asked, "tokens" | "exact" | "synonym" | "vector" | "association" | "width">;

function fillRow(index: TermIndex, rows: Rows, i: number, token: Token, associations: Associations): void {
  const start = i * rows.width;
  raise(index, rows.exact, start, token.lemma, 1);
  if (token.lower !== token.lemma) raise(index, rows.exact, start, token.lower, 1);
  for (const [other, score] of associations.get(token.lemma) ?? []) {
    for (const { concept, weight } of index.byForm.get(other) ?? []) {
      if (weight >= 0.9) rows.association[start + concept] = Math.max(rows.association[start + concept] ?? 0, score);
    }
  }
  if (token.kind !== "word") return;
  const joined = index.joined.get(token.lower);
  if (joined !== undefined && token.lower.length >= 5)
    for (const concept of joined) set(rows.exact, start + concept, 0.95);
  if (token.stop) return;
  for (const [other, score] of relatedWords(token.lemma)) {
    if (!other.includes("_")) raise(index, rows.synonym, start, lemmaOf(other), score);
  }
  fillVectors(index, rows, start, wordVector(token.lower));
  const rare = token.lemma.length >= 4;
  for (let id = 0; id < rows.width; id += 1) {
    const concept = index.concepts[id];
    if (concept === undefined) continue;
    if (rare && concept.meaning.charCodeAt(0) === token.lemma.charCodeAt(0)) {
      const kin = kinship(token.lemma, concept.meaning, concept.short, concept.token);
      if (kin > 0) set(rows.exact, start + id, kin);
    }
    if ((rows.vector[start + id] as number) > 0.25 && (rows.synonym[start + id] ?? 0) === 0) {
      const back = relatedness(concept.meaning, token.lemma);
      if (back > 0) set(rows.synonym, start + id, back);
    }
  }
}

/** Cosines of one word with all concepts, where above zero. */
function fillVectors(index: TermIndex, rows: Rows, start: number, vector: Float32Array | undefined): void {
  if (vector === undefined) return;
  const { vectors } = index;
  const { length } = vector;
  for (let id = 0; id < rows.width; id += 1) {
    const at = id * length;
    let near = 0;
    for (let d = 0; d < length; d += 1) near += (vector[d] as number) * (vectors[at + d] as number);
    if (near > 0) rows.vector[start + id] = near;
  }
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
    return score >= 0.7 ? score * 0.85 : 0;
  }
  return 0;
}

/** Two words that the schema writes as one (`home town` for `hometown`), or that one word of it stands for (`head office`). */
function fillPairs(index: TermIndex, rows: Rows): void {
  for (let i = 0; i + 1 < rows.tokens.length; i += 1) {
    const [a, b] = [rows.tokens[i], rows.tokens[i + 1]];
    if (a?.kind !== "word" || b?.kind !== "word") continue;
    for (const start of [i * rows.width, (i + 1) * rows.width]) {
      raise(index, rows.exact, start, a.lower + b.lower, 0.95);
      raise(index, rows.exact, start, a.lemma + b.lemma, 0.95);
      if (a.stop || b.stop) continue;
      for (const [other, score] of relatedWords(`${a.lemma}_${b.lemma}`))
        raise(index, rows.synonym, start, other, score);
    }
    if (a.stop || b.stop) continue;
    for (const [word, score] of wordsForPair(`${a.lemma}_${b.lemma}`)) {
      for (const { concept } of index.byForm.get(word) ?? []) {
        if (index.concepts[concept]?.meaning !== word) continue;
        for (const row of [i, i + 1]) set(rows.synonym, row * rows.width + concept, score);
      }
    }
  }
}

/** Most words that one run-together name shortens, and the least that such a reading must be worth. */
const maxRunWords = 4;
const leastRun = 0.62;

/** Neighbouring words that a run-together name shortens as one (`pkaddr` for park address). */
function fillRuns(index: TermIndex, rows: Rows): void {
  const words = [...rows.tokens.entries()].filter(([, t]) => t.kind === "word" && (!t.stop || t.lower.length > 2));
  for (const [id, concept] of index.concepts.entries()) {
    if (!concept.short || concept.token.length < 4) continue;
    for (let i = 0; i < words.length; i += 1) {
      if (words[i]?.[1].lower.charCodeAt(0) !== concept.token.charCodeAt(0)) continue;
      for (let count = 2; count <= maxRunWords && i + count <= words.length; count += 1) {
        const run = words.slice(i, i + count);
        const score = shortensAll(
          concept.token,
          run.map(([, t]) => t.lower),
        );
        if (score >= leastRun)
          for (const [row] of run) set(rows.exact, row * rows.width + id, Math.min(0.95, score + 0.1));
      }
    }
  }
}

function raise(index: TermIndex, cells: Float32Array, start: number, form: string, score: number): void {
  for (const { concept, weight } of index.byForm.get(form) ?? []) set(cells, start + concept, score * weight);
}

function set(cells: Float32Array, at: number, score: number): void {
  if (score > (cells[at] ?? 0)) cells[at] = score;
}
