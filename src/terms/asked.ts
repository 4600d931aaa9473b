/**
 * A question or phrase laid against a schema's concepts: for each of its words how near each concept is, by spelling, dictionary, vector and
 * learned association. Computed once a text; columns and tables then read it off. Pure.
 */

import { shortensAll } from "./abbreviations.js";
import type { Associations } from "./associations.js";
import { relatedWords, wordsForPair } from "./synonyms.js";
import type { TermIndex } from "./term-index.js";
import { phraseVector, rarity } from "./vectors.js";
import { wordRow } from "./word-rows.js";
import { type Token, tokensOf } from "./words.js";

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
  const word = wordRow(index, token);
  for (const [concept, score] of word.exact) set(rows.exact, start + concept, score);
  for (const [concept, score] of word.synonym) set(rows.synonym, start + concept, score);
  if (word.vector !== undefined) rows.vector.set(word.vector, start);
  for (const [other, score] of associations.get(token.lemma) ?? []) {
    for (const { concept, weight } of index.byForm.get(other) ?? [])
      if (weight >= 0.9) set(rows.association, start + concept, score);
  }
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
  for (const [i, [, first]] of words.entries()) {
    const names = index.shortByInitial.get(first.lower.charCodeAt(0)) ?? [];
    for (let count = 2; names.length > 0 && count <= maxRunWords && i + count <= words.length; count += 1) {
      const run = words.slice(i, i + count);
      const said = run.map(([, t]) => t.lower);
      for (const id of names) {
        const score = shortensAll(index.concepts[id]?.token ?? "", said);
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
