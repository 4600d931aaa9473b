/**
 * What short names stand for: a lexicon learned from pairs of short and full names (`data/abbreviations.json`, written by
 * `bench/train-abbreviations.ts`), the business vocabulary's own, and a measure of how well one word shortens another. Pure.
 */

import { jsonFile } from "./data-files.js";
import { businessAbbreviations } from "./vocabulary.js";

interface Meaning {
  readonly words: readonly string[];
  /** Share of the times that the short form stood for this, 0 to 1. */
  readonly weight: number;
  /** Our own vocabulary's: meant in a name even where ordinary text has the short form as a word (`stat`, `prem`, `ann`). */
  readonly business?: boolean;
}

let lexicon: ReadonlyMap<string, readonly Meaning[]> | undefined;

function load(): Map<string, readonly Meaning[]> {
  const learned = jsonFile("abbreviations.json") as {
    readonly meanings: Readonly<Record<string, readonly (readonly [string, number])[]>>;
  };
  const map = new Map<string, readonly Meaning[]>();
  for (const [short, meanings] of Object.entries(learned.meanings)) {
    map.set(
      short,
      meanings.map(([words, weight]) => ({ words: words.split(" "), weight })),
    );
  }
  for (const [short, meanings] of businessAbbreviations()) {
    const own = meanings.map((words, i) => ({ words: words.split(" "), weight: i === 0 ? 0.9 : 0.6, business: true }));
    const others = (map.get(short) ?? []).filter((m) => !meanings.includes(m.words.join(" ")));
    map.set(
      short,
      [...own, ...others].sort((a, b) => b.weight - a.weight),
    );
  }
  return map;
}

/** What a short form stands for, best first; empty where nothing is known. */
export function abbreviationMeanings(short: string): readonly Meaning[] {
  return shortForms().get(short) ?? [];
}

/** All short forms with what they stand for. */
export function shortForms(): ReadonlyMap<string, readonly Meaning[]> {
  lexicon ??= load();
  return lexicon;
}

const vowels = /[aeiouy]/gu;

/**
 * How well `short` reads as a shortening of the word `long`, 0 to 1: a prefix (`inspec`), the consonants (`mnth`), a contraction (`qty`).
 * Zero where a letter is out of order or the first letters differ.
 */
export function shortens(short: string, long: string): number {
  if (short.length < 2 || short.length >= long.length || short.charCodeAt(0) !== long.charCodeAt(0)) return 0;
  let at = 0;
  let runs = 0;
  let last = -2;
  for (let i = 0; i < short.length; i += 1) {
    at = long.indexOf(short.charAt(i), at);
    if (at < 0) return 0;
    if (at !== last + 1) runs += 1;
    last = at;
    at += 1;
  }
  const share = short.length / long.length;
  if (long.startsWith(short)) return short.length >= 3 ? Math.min(0.95, 0.7 + 0.4 * share) : 0.5;
  const consonants = long.charAt(0) + long.slice(1).replaceAll(vowels, "");
  if (short === consonants || short === consonants.replaceAll(/(.)\1/gu, "$1")) return short.length >= 3 ? 0.92 : 0.6;
  const ends = long.endsWith(short.charAt(short.length - 1)) ? 0.12 : 0;
  const skeleton = isSubsequence(short.charAt(0) + short.slice(1).replaceAll(vowels, ""), consonants) ? 0.1 : 0;
  const lengthBonus = short.length >= 4 ? 0.15 : short.length === 3 ? 0.08 : 0;
  return Math.max(0, Math.min(0.9, 0.35 + 0.35 * share + ends + skeleton + lengthBonus - 0.05 * (runs - 1)));
}

function isSubsequence(short: string, long: string): boolean {
  let at = 0;
  for (const letter of short) {
    at = long.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

const initial = 0.45;

/** How well one piece of a run-together name stands for `word`, 0 to 1: whole, by its initial, by its letters, else by the lexicon (`no` for number). */
function pieceFor(piece: string, word: string): number {
  if (piece === word) return 1;
  if (piece.length === 1) return word.startsWith(piece) ? initial : 0;
  const byLetters = shortens(piece, word);
  if (byLetters > 0) return byLetters;
  return abbreviationMeanings(piece).find((m) => m.words.length === 1 && m.words[0] === word)?.weight ?? 0;
}

/**
 * How well `short` reads as shortenings of all of `words` run together (`pkaddr` for park address), 0 to 1: the mean over its letters of how well each
 * piece shortens its word. Zero where some word has no piece.
 */
export function shortensAll(short: string, words: readonly string[]): number {
  // best[i]: the best sum for the words so far that uses up the first i letters.
  let best = new Map<number, number>([[0, 0]]);
  for (const word of words) {
    const next = new Map<number, number>();
    for (const [from, sum] of best) {
      for (let to = from + 1; to <= short.length && to - from <= word.length; to += 1) {
        const score = pieceFor(short.slice(from, to), word);
        if (score > 0) next.set(to, Math.max(next.get(to) ?? 0, sum + score * (to - from)));
      }
    }
    best = next;
  }
  return (best.get(short.length) ?? 0) / short.length;
}
