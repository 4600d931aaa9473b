/**
 * A question or phrase laid against a schema's concepts: for each of its words how near each concept is, by spelling, dictionary, vector and
 * learned association. Computed once a text; columns and tables then read it off. Pure.
 */

import { shortensAll } from "./abbreviations.js";
import { acronymsOf, spelledOut } from "./acronyms.js";
import type { Associations } from "./associations.js";
import { shapeOf } from "./cues.js";
import { relatedWords, same, wordsForPair } from "./synonyms.js";
import type { TermIndex } from "./term-index.js";
import { phraseVector, rarity } from "./vectors.js";
import { asGoodAsSaid, type WordRow, wordRow } from "./word-rows.js";
import { type Token, tokensOf } from "./words.js";

export interface Asked {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Weight of each token, 0 (function words, marks) to 1. */
  readonly weights: Float32Array;
  /** Concepts that some token meets by spelling, dictionary or association: `cellWidth` numbers a token. */
  readonly touched: ReadonlyMap<number, Float32Array>;
  /** Each token against the concepts, where it is a telling word. */
  readonly rows: readonly (WordRow | undefined)[];
  /** Mean of the telling words. */
  readonly meaning: Float32Array | undefined;
}

/** A token against one concept: how near it is by each means, 0 to 1. */
export const exactly = 0;
export const synonymous = 1;
export const associated = 2;
export const vectorial = 3;
export const cellWidth = 4;

/** Longest text that is looked at, tokens; the rest says nothing more about columns. */
const maxTokens = 80;

export function ask(index: TermIndex, text: string, associations: Associations): Asked {
  const tokens = tokensOf(text)
    .flatMap((token) => spelledOut(index, token))
    .slice(0, maxTokens);
  const rows = tokens.map((token) => (token.kind === "mark" ? undefined : wordRow(index, token)));
  const laid = new Cells(tokens);
  for (const [i, token] of tokens.entries()) {
    for (const [concept, score] of rows[i]?.exact ?? []) laid.raise(concept, i, exactly, score);
    for (const [concept, score] of rows[i]?.synonym ?? []) laid.raise(concept, i, synonymous, score);
    for (const [other, score] of token.kind === "mark" ? [] : (associations.get(shapeOf(token) ?? token.lemma) ?? [])) {
      for (const { concept, weight } of index.byForm.get(other) ?? [])
        if (weight >= 0.9) laid.raise(concept, i, associated, score);
    }
  }
  layPairs(index, laid);
  layRuns(index, laid);
  layAcronyms(index, laid);
  lowerLoneWords(index, laid);
  return {
    text,
    tokens,
    weights: Float32Array.from(tokens, weigh),
    touched: laid.byConcept,
    rows,
    meaning: phraseVector(tokens.filter((t) => t.kind === "word" && !t.stop).map((t) => t.lower)),
  };
}

/** All tokens against one concept, `cellWidth` numbers a token. */
export function cellsOf(index: TermIndex, asked: Asked, concept: number): Float32Array {
  const known = asked.touched.get(concept);
  const cells = known === undefined ? new Float32Array(asked.tokens.length * cellWidth) : known.slice();
  const row = index.vectorOf[concept] as number;
  if (row < 0) return cells;
  for (let t = 0; t < asked.rows.length; t += 1) cells[t * cellWidth + vectorial] = asked.rows[t]?.vector?.[row] ?? 0;
  return cells;
}

/** A word that is met so well by spelling, or by dictionary, is said. */
export const said = 0.8;

/** Whether some word says a concept by its spelling. */
export const isSaid = (asked: Asked, concept: number): boolean =>
  asked.rows.some((row) => (row?.exact.get(concept) ?? 0) >= said);

const untouched = new Float32Array(0);

class Cells {
  readonly byConcept = new Map<number, Float32Array>();
  readonly tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  raise(concept: number, token: number, means: number, score: number): void {
    let cells = this.byConcept.get(concept);
    if (cells === undefined) {
      cells = new Float32Array(this.tokens.length * cellWidth);
      this.byConcept.set(concept, cells);
    }
    const at = token * cellWidth + means;
    if (score > (cells[at] as number)) cells[at] = score;
  }

  /** How well a concept is met at best, by spelling or by dictionary. */
  most(concept: number): number {
    let most = 0;
    const cells = this.byConcept.get(concept) ?? untouched;
    for (let at = 0; at < cells.length; at += cellWidth)
      most = Math.max(most, cells[at + exactly] as number, cells[at + synonymous] as number);
    return most;
  }

  scale(concept: number, by: number): void {
    const cells = this.byConcept.get(concept) ?? untouched;
    for (let at = 0; at < cells.length; at += 1) cells[at] = (cells[at] as number) * by;
  }
}

function weigh(token: Token): number {
  if (token.kind === "mark") return 0;
  if (token.kind === "number") return 0.15;
  return token.stop ? 0.06 : Math.max(0.25, rarity(token.lemma));
}

/** Two words that the schema writes as one (`home town`, `e-mail`), or that one word of it stands for (`head office`). */
function layPairs(index: TermIndex, laid: Cells): void {
  const byForm = (form: string, token: number, means: number, score: number) => {
    for (const { concept, weight } of index.byForm.get(form) ?? []) laid.raise(concept, token, means, score * weight);
  };
  // What is the same thing by other words is as good as said.
  const relate = (concept: number, token: number, score: number) => {
    laid.raise(concept, token, synonymous, score);
    if (score === same) laid.raise(concept, token, exactly, asGoodAsSaid);
  };
  for (let i = 0; i + 1 < laid.tokens.length; i += 1) {
    const next = isHyphen(laid.tokens, i + 1) ? i + 2 : i + 1;
    const [a, b] = [laid.tokens[i], laid.tokens[next]];
    if (a?.kind !== "word" || b?.kind !== "word") continue;
    for (const token of [i, next]) {
      byForm(a.lower + b.lower, token, exactly, 0.95);
      byForm(a.lemma + b.lemma, token, exactly, 0.95);
      if (a.stop || b.stop) continue;
      for (const [other, score] of relatedWords(`${a.lemma}_${b.lemma}`)) {
        byForm(other, token, synonymous, score);
        if (score === same) byForm(other, token, exactly, asGoodAsSaid);
        // Two words for two: "invoice date" for `issue_date`.
        const both = other.includes("_") ? (index.joined.get(other.replace("_", "")) ?? []) : [];
        for (const concept of both) relate(concept, token, score);
      }
    }
    if (a.stop || b.stop) continue;
    for (const [word, score] of wordsForPair(`${a.lemma}_${b.lemma}`)) {
      for (const { concept } of index.byForm.get(word) ?? []) {
        if (index.concepts[concept]?.meaning !== word) continue;
        for (const token of [i, next]) relate(concept, token, score);
      }
    }
  }
}

/** Whether a token joins the words on both sides of it. */
function isHyphen(tokens: readonly Token[], at: number): boolean {
  const [before, hyphen, after] = [tokens[at - 1], tokens[at], tokens[at + 1]];
  return hyphen?.text === "-" && before?.end === hyphen.start && after?.start === hyphen.end;
}

/** Most words that an acronym is looked for behind. */
const maxAcronymWords = 6;

/** Neighbouring words that an acronym of the schema stands for, though it may stand for something else as well (`arr`: annual recurring revenue, arrival). */
function layAcronyms(index: TermIndex, laid: Cells): void {
  const words = [...laid.tokens.entries()].filter(([, t]) => t.kind === "word" && !t.stop);
  for (const i of words.keys()) {
    for (let count = 2; count <= maxAcronymWords && i + count <= words.length; count += 1) {
      const run = words.slice(i, i + count);
      for (const acronym of acronymsOf(run.map(([, t]) => t.lemma)))
        for (const { concept } of index.byForm.get(acronym) ?? [])
          if (index.concepts[concept]?.token === acronym)
            for (const [token] of run) laid.raise(concept, token, exactly, 0.95);
    }
  }
}

/** A word of an acronym that is met so well counts as said; what it is worth where too few are. */
const partSaid = 0.8;
const loneWord = 0.5;

/** One word of an acronym is not it: who asks for stock does not mean the stock keeping unit. More than two thirds of them are. */
function lowerLoneWords(index: TermIndex, laid: Cells): void {
  const seen = new Set<string>();
  for (const touched of laid.byConcept.keys()) {
    const acronym = index.concepts[touched]?.acronym;
    if (acronym === undefined || seen.has(acronym)) continue;
    seen.add(acronym);
    const parts = (index.byForm.get(acronym) ?? []).filter((f) => index.concepts[f.concept]?.acronym === acronym);
    const said = parts.filter((f) => laid.most(f.concept) >= partSaid).length;
    if (3 * said <= 2 * parts.length) for (const { concept } of parts) laid.scale(concept, loneWord);
  }
}

/** Most words that one run-together name shortens, and the least that such a reading must be worth. */
const maxRunWords = 4;
const leastRun = 0.62;

/** Neighbouring words that a run-together name shortens as one (`pkaddr` for park address). */
function layRuns(index: TermIndex, laid: Cells): void {
  const words = [...laid.tokens.entries()].filter(([, t]) => t.kind === "word" && (!t.stop || t.lower.length > 2));
  for (const [i, [, first]] of words.entries()) {
    const names = index.shortByInitial.get(first.lower.charCodeAt(0)) ?? [];
    for (let count = 2; names.length > 0 && count <= maxRunWords && i + count <= words.length; count += 1) {
      const run = words.slice(i, i + count);
      const said = run.map(([, t]) => t.lemma);
      for (const id of names) {
        const score = shortensAll(index.concepts[id]?.token ?? "", said);
        if (score < leastRun) continue;
        for (const [token] of run) laid.raise(id, token, exactly, Math.min(0.95, score + 0.1));
      }
    }
  }
}
