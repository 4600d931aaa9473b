/**
 * Words that stand for several: acronyms (`MRR`) and what the vocabulary has for two words (`overdue`: past due), read either way between what is asked and
 * what names say. Pure lookups over data read once.
 */

import { abbreviationMeanings, shortForms } from "./abbreviations.js";
import { relatedWords } from "./synonyms.js";
import type { TermIndex } from "./term-index.js";
import { isStopWord, isWord, lemmaOf, type Token } from "./words.js";

/** A two-word phrase at least this related to a word is the same in business. */
const sameInBusiness = 0.9;

/** A word or short form (`overdue`, `MRR`, `qty`) that no name has, as the words that it stands for where names have them all, or what they are about; else the token. */
export function spelledOut({ byForm, joined }: TermIndex, token: Token): readonly Token[] {
  const isKnown = [token.lower, token.lemma].some((word) => byForm.has(word) || joined.has(word));
  if (token.kind !== "word" || token.stop || isKnown) return [token];
  const pairs = [...relatedWords(token.lemma)].filter(([o, score]) => score > sameInBusiness && o.includes("_"));
  const meanings = [
    ...(isWord(token.lower) ? [] : abbreviationMeanings(token.lower).map(({ words }) => words)),
    ...pairs.map(([other]) => other.split("_")).filter((words) => !words.some(isStopWord)),
  ];
  const [only, second] = meanings;
  for (const words of meanings) {
    const telling = tellingOf(words).map((word) => ({ ...token, lower: word, lemma: lemmaOf(word) }));
    if (telling.length > 0 && telling.every(({ lemma }) => byForm.has(lemma))) return telling;
    // The cost of goods sold is a cost: of the only meaning it is enough that names have what it is about.
    const isAbout = words === only && second === undefined && isStopWord(words[1] ?? "");
    if (isAbout && byForm.has(telling[0]?.lemma ?? "")) return telling;
  }
  return [token];
}

const tellingOf = (words: readonly string[]): readonly string[] => words.filter((word) => !isStopWord(word));

let acronyms: ReadonlyMap<string, readonly string[]> | undefined;

/** Short forms that a run of words, given as lemmas, may be written as (`annual`, `recurring`, `revenue`: `arr`). */
export function acronymsOf(lemmas: readonly string[]): readonly string[] {
  acronyms ??= load();
  return acronyms.get(lemmas.join(" ")) ?? [];
}

function load(): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const [short, meanings] of shortForms()) {
    for (const { words } of meanings) {
      const lemmas = tellingOf(words).map(lemmaOf);
      const key = lemmas.join(" ");
      if (lemmas.length > 1) map.set(key, [...(map.get(key) ?? []), short]);
    }
  }
  return map;
}
