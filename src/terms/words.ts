/**
 * Words: how text and identifiers become tokens and lemmas. Identifiers split at separators, case and digits, and run-together ones
 * (`custacctno`) by a lexicon. Lemmas are wink-nlp's, word by word, so that a word in a question and in a schema meet. Pure.
 */

import { createRequire } from "node:module";
import winkNLP, { type ItsFunction, type WinkMethods } from "wink-nlp";
import { abbreviationMeanings, shortens } from "./abbreviations.js";
import { wordRank } from "./vectors.js";

export interface Token {
  /** As written. */
  readonly text: string;
  readonly lower: string;
  readonly lemma: string;
  /** UTF-16 code units from 0; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  readonly kind: "word" | "number" | "mark";
  /** A function word ("the", "of", "show"), which says little about the schema. */
  readonly stop: boolean;
  /** Stands inside quotation marks. */
  readonly quoted: boolean;
}

const stopWords = new Set(
  (
    "a an the of in on at to for from by with and or not no is are was were be been being am do does did done have has had having can could will would shall should may might must " +
    "it its this that these those there here their them they he she his her him we our us you your i my me what which who whom whose when where why how as than then so if but nor " +
    "also all any each every both either neither some such only just very too more most much many few other another same own one ones give find tell display provide get " +
    "please want need know let see describe identify retrieve select along respectively ordered sorted into about between among per via out up down over under after before during " +
    "s t re ve ll d m"
  ).split(" "),
);

/** Verbs that ask for an answer where a sentence begins, and nouns of business elsewhere (`order date`, `list price`, `state`, `return`). */
const commands = new Set("show list return report state order sort".split(" "));
/** A text of so many words is a phrase, which commands nothing. */
const maxPhraseWords = 4;
const opens = new Set(". ? ! ; : , and then please to you can also".split(" "));
/** "Order" as in "order them by", "in ascending order of". */
const orderBefore = new Set(
  "in ascending descending alphabetical alphabetic lexicographical chronological and then".split(" "),
);
const orderAfter = new Set("by of the them these those it from in".split(" "));

const pieces = /\p{L}[\p{L}\p{M}\p{N}_]*(?:['’]\p{L}+)?|\p{N}+(?:[.,:/-]\p{N}+)*|[^\s]/gu;

/** Tokens of a sentence or phrase, in order. Words with separators or inner capitals come out as their parts. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const quotes = quotedRanges(text);
  for (const match of text.matchAll(pieces)) {
    const piece = match[0];
    const start = match.index;
    const quoted = quotes.some(([from, to]) => start > from && start < to);
    const kind = /^\p{L}/u.test(piece) ? "word" : /^\p{N}/u.test(piece) ? "number" : "mark";
    if (kind !== "word") {
      tokens.push({
        text: piece,
        lower: piece,
        lemma: piece,
        start,
        end: start + piece.length,
        kind,
        stop: kind === "mark",
        quoted,
      });
      continue;
    }
    const bare = piece.replace(/['’]\p{L}+$/u, "");
    for (const [part, at] of partsOf(bare)) {
      const lower = part.toLowerCase();
      const begin = start + at;
      tokens.push({
        text: part,
        lower,
        lemma: lemmaOf(lower),
        start: begin,
        end: begin + part.length,
        kind: /^\p{N}/u.test(part) ? "number" : "word",
        stop: stopWords.has(lower),
        quoted,
      });
    }
  }
  return tokens.some((t) => commands.has(t.lower)) ? withoutCommands(tokens) : tokens;
}

/** The tokens, those that command as function words. */
function withoutCommands(tokens: readonly Token[]): readonly Token[] {
  if (tokens.filter((t) => t.kind === "word").length <= maxPhraseWords) return tokens;
  return tokens.map((token, i) => {
    if (!commands.has(token.lower)) return token;
    const [before, after] = [tokens[i - 1]?.lower, tokens[i + 1]?.lower];
    const sorts = token.lower === "order" && (orderBefore.has(before ?? "") || orderAfter.has(after ?? ""));
    return before === undefined || opens.has(before) || sorts ? { ...token, stop: true } : token;
  });
}

/** Whether a word, in lower case, says nothing by itself. */
export const isStopWord = (lower: string): boolean => stopWords.has(lower);

/** Lemmas of the words and numbers of a text that say something; all of them where none does. */
export function lemmasOf(text: string): readonly string[] {
  const tokens = tokensOf(text).filter((t) => t.kind !== "mark");
  const telling = tokens.filter((t) => !t.stop);
  return (telling.length > 0 ? telling : tokens).map((t) => t.lemma);
}

/** Lower-case words of an identifier: `custAcctNo2` gives cust, acct, no, 2; `hiredate` gives hire, date. */
export function splitIdentifier(name: string): readonly string[] {
  const known = splits.get(name);
  if (known !== undefined) return known;
  const words: string[] = [];
  for (const chunk of name.split(/[^\p{L}\p{N}]+/u)) {
    for (const [part] of partsOf(chunk)) words.push(...runTogether(part.toLowerCase()));
  }
  remember(splits, name, words);
  return words;
}

export interface Expansion {
  readonly token: string;
  /** What it may stand for, best first, each as words; the token itself where it is a word or nothing is known. */
  readonly meanings: readonly {
    readonly words: readonly string[];
    readonly weight: number;
    readonly business?: boolean;
  }[];
}

/** What each token of an identifier may stand for. `context` are words that the schema itself uses (its comments, longer names): they win. */
export function expandAbbreviations(tokens: readonly string[], context: Iterable<string> = []): readonly Expansion[] {
  const near = [...context];
  return tokens.map((token) => {
    const meanings = abbreviationMeanings(token).map((m) => ({
      ...m,
      weight: isWord(token) && m.business !== true ? m.weight * 0.5 : m.weight,
    }));
    const own = near
      .filter((w) => w.length > token.length + 1 && w !== token && !isWord(token))
      .map((w) => ({ words: [w], weight: shortens(token, w) }))
      .filter((m) => m.weight >= 0.75);
    const itself = { words: [token], weight: isWord(token) ? 1 : 0.3 };
    const all = [...own, ...meanings, itself].sort((a, b) => b.weight - a.weight);
    return {
      token,
      meanings: all.filter((m, i) => all.findIndex((o) => o.words.join(" ") === m.words.join(" ")) === i),
    };
  });
}

/** True of a word that ordinary text uses, which is not first of all an abbreviation. */
export function isWord(token: string): boolean {
  const rank = wordRank(token);
  if (rank === undefined) return false;
  const limit = token.length <= 2 ? 150 : token.length === 3 ? 6000 : 40_000;
  return rank < limit;
}

const splits = new Map<string, readonly string[]>();
const lemmas = new Map<string, string>();
/** Memory bound of each cache above, entries. */
const maxRemembered = 200_000;

function remember<V>(cache: Map<string, V>, key: string, value: V): void {
  if (cache.size >= maxRemembered) cache.clear();
  cache.set(key, value);
}

/** The parts of one chunk by case and digits, with where each begins. */
function partsOf(chunk: string): readonly (readonly [string, number])[] {
  const found: (readonly [string, number])[] = [];
  for (const match of chunk.matchAll(
    /\p{Lu}{2,}s(?!\p{Ll})|\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{Lu}+|\p{N}+/gu,
  )) {
    found.push([match[0], match.index]);
  }
  return found;
}

function quotedRanges(text: string): readonly (readonly [number, number])[] {
  return [...text.matchAll(/"[^"]+"|“[^”]+”|(?<![\p{L}\p{N}])['‘][^'’]+['’](?!\p{L})|`[^`]+`/gu)].map(
    (m) => [m.index, m.index + m[0].length - 1] as const,
  );
}

const longestRun = 40;

/** A run of letters cut into known words where that is clearly better than leaving it whole. */
function runTogether(token: string): readonly string[] {
  if (token.length < 5 || token.length > longestRun || !/^[a-z]+$/u.test(token)) return [token];
  const rank = wordRank(token);
  if (rank !== undefined && rank < 45_000) return [token];
  if (abbreviationMeanings(token).length > 0) return [token];
  const [, rest, ofClass] = endsNoWord.exec(token) ?? [];
  if (rest !== undefined && ofClass !== undefined) return [...runTogether(rest), ofClass];
  const best: { readonly cost: number; readonly words: readonly string[] }[] = [{ cost: 0, words: [] }];
  for (let end = 1; end <= token.length; end += 1) {
    for (let start = Math.max(0, end - 16); start < end; start += 1) {
      const before = best[start];
      if (before === undefined) continue;
      const piece = token.slice(start, end);
      const cost = before.cost + costOf(piece, start, end === token.length);
      const now = best[end];
      if (now === undefined || cost < now.cost) best[end] = { cost, words: [...before.words, piece] };
    }
  }
  const whole = best[token.length];
  return whole !== undefined && whole.cost < costOfWhole(token) ? whole.words : [token];
}

/** What ends a short name to say of which class it is: a code, a date, a name, a number, ... */
const classWords = new Set("addr amt cde desc descr dte ind num stat tm uom val".split(" "));
/** Those that no word ends in: whatever stands before them stands by itself. */
const endsNoWord = /^(.{3,})(cd|cnt|dt|flg|nbr|nm|pct|prc|qty|typ)$/u;

/** Minus log probability of a piece: Zipf's law over ranks, dearer for short pieces, which fit anywhere. A table's initial may come first (`bname`). */
function costOf(piece: string, start: number, last: boolean): number {
  const rank = wordRank(piece);
  if (piece === "id" || piece === "no" || (last && start > 2 && classWords.has(piece))) return 7;
  if (piece.length === 1) return start === 0 ? 9 : 30;
  if (rank === undefined || (piece.length === 2 && rank > 60) || (piece.length === 3 && rank > 12_000)) {
    return abbreviationMeanings(piece).length > 0 && piece.length > 2 ? 10 : 40;
  }
  return Math.log((rank + 3) * 11.5) + (piece.length <= 3 ? 3 : 0.5);
}

function costOfWhole(token: string): number {
  return 14 + 1.1 * token.length;
}

let nlp: WinkMethods | undefined;

export function language(): WinkMethods {
  // The model is a CommonJS package without types.
  nlp ??= winkNLP(createRequire(import.meta.url)("wink-eng-lite-web-model"), ["sbd", "pos"]);
  return nlp;
}

/** A word's dictionary form, whatever sentence it stands in. */
export function lemmaOf(lower: string): string {
  const known = lemmas.get(lower);
  if (known !== undefined) return known;
  const lemma = unusual.get(lower) ?? readLemma(lower);
  remember(lemmas, lower, lemma);
  return lemma;
}

function readLemma(lower: string): string {
  if (!/^[a-z]{3,}$/u.test(lower)) return lower;
  const tokens = language().readDoc(lower).tokens();
  if (tokens.length() !== 1) return lower;
  // wink-nlp's own types give `its.lemma` a third argument that `out` does not declare.
  const found = tokens.itemAt(0).out(language().its.lemma as unknown as ItsFunction<string>);
  return /^[a-z]+$/u.test(found) && found !== lower ? found : withoutPlural(lower);
}

/** A plural that the lemmatizer does not know (`mailshots`, `datasets`): of a rare word, or of a word that is known without its s. */
function withoutPlural(lower: string): string {
  if (!/^[a-z]{4,}[^aious]s$/u.test(lower) || lower.endsWith("ics")) return lower;
  const one = lower.slice(0, -1);
  const [many, single] = [wordRank(lower) ?? Number.POSITIVE_INFINITY, wordRank(one) ?? Number.POSITIVE_INFINITY];
  return many === Number.POSITIVE_INFINITY || single < many ? one : lower;
}

/** Words whose lemma without a sentence comes out wrong, or apart from its kin. */
const unusual: ReadonlyMap<string, string> = new Map([
  ["analyses", "analysis"],
  ["bases", "base"],
  ["born", "birth"],
  ["cancellation", "cancellation"],
  ["cancellations", "cancellation"],
  ["data", "data"],
  ["gauge", "gauge"],
  ["gauges", "gauge"],
  ["hours", "hour"],
  ["ids", "id"],
  ["indices", "index"],
  ["indexes", "index"],
  ["earlier", "early"],
  ["later", "late"],
  ["leaves", "leave"],
  ["longer", "long"],
  ["media", "media"],
  ["people", "person"],
  ["persons", "person"],
  ["rating", "rating"],
  ["ratings", "rating"],
  ["building", "building"],
  ["buildings", "building"],
  ["sales", "sale"],
  ["statuses", "status"],
  ["taxes", "tax"],
  ["titled", "title"],
]);
