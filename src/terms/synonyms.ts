/**
 * How near two words are in meaning by a dictionary: pairs out of WordNet 3.1 (`data/synonyms.txt`, its licence beside it) and the finance
 * vocabulary. Pure lookups over data read once; vectors are another matter (`vectors.ts`).
 */

import { dataFile } from "./data-files.js";
import { attributeWords, businessSynonyms, sameWords } from "./vocabulary.js";
import { lemmaOf } from "./words.js";

let related: ReadonlyMap<string, ReadonlyMap<string, number>> | undefined;

function relations(): ReadonlyMap<string, ReadonlyMap<string, number>> {
  related ??= load();
  return related;
}

function load(): Map<string, Map<string, number>> {
  const map = new Map<string, Map<string, number>>();
  const note = (from: string, to: string, score: number) => {
    const own = map.get(from) ?? new Map<string, number>();
    own.set(to, Math.max(own.get(to) ?? 0, score));
    map.set(from, own);
  };
  const scores: Readonly<Record<string, number>> = { "3": 0.85, "2": 0.6, "1": 0.4 };
  for (const line of dataFile("synonyms.txt").toString("utf8").split("\n")) {
    const [word, ...others] = line.split(" ");
    if (word === undefined || word === "") continue;
    for (const other of others) note(word, other.slice(1), scores[other.charAt(0)] ?? 0);
  }
  // Pairs are asked for by their lemmas.
  const asAsked = (word: string) => (word.includes("_") ? word.split("_").map(lemmaOf).join("_") : word);
  const noteGroups = (groups: readonly (readonly string[])[], score: number) => {
    for (const group of groups.map((words) => words.map(asAsked)))
      for (const word of group) for (const other of group) if (word !== other) note(word, other, score);
  };
  // Who is a client is a subscriber where a customer is.
  const alike = sameWords();
  const withSame = (group: readonly string[]) => [
    ...new Set([...group, ...alike.filter((words) => words.some((word) => group.includes(word))).flat()]),
  ];
  noteGroups(businessSynonyms().map(withSame), inBusiness);
  noteGroups(alike, same);
  for (const [word, attributes] of attributeWords()) for (const other of attributes) note(word, other, 0.85);
  return map;
}

/** How near words are that business uses for one another. */
const inBusiness = 0.95;

/** How near words are that are one thing by other words: whoever says one of them has as good as said the other. */
export const same = 1;

/** 0 to 1: 1 one thing by other words, .95 same in business, .85 same meaning, .6 a rarer sense or a derived form, .4 broader or narrower, 0 nothing known. */
export function relatedness(a: string, b: string): number {
  return Math.max(relations().get(a)?.get(b) ?? 0, relations().get(b)?.get(a) ?? 0);
}

/** Whether business uses two words for one thing. */
export function areOneInBusiness(a: string, b: string): boolean {
  return a === b || relatedness(a, b) >= inBusiness;
}

/** Words and two-word phrases (`head_office`) related to a word, with how near. */
export function relatedWords(word: string): ReadonlyMap<string, number> {
  return relations().get(word) ?? nothing;
}

/** Other words for the same thing as one lemma or two, each as one lemma or two with a blank between. */
export function otherWords(lemmas: string): readonly string[] {
  const key = lemmas.replaceAll(" ", "_");
  const alone = [...relatedWords(key), ...wordsForPair(key)].filter(([, score]) => score === same);
  return [...new Set(alone.map(([word]) => word.replaceAll("_", " ")))];
}

let pairs: ReadonlyMap<string, readonly (readonly [string, number])[]> | undefined;

/** Words that a two-word phrase (`head_office`) is given as related to, with how near: `relatedness` read backwards. */
export function wordsForPair(pair: string): readonly (readonly [string, number])[] {
  if (pairs === undefined) {
    const map = new Map<string, (readonly [string, number])[]>();
    for (const [word, others] of relations()) {
      for (const [other, score] of others) {
        if (!other.includes("_")) continue;
        const list = map.get(other);
        if (list === undefined) map.set(other, [[word, score]]);
        else list.push([word, score]);
      }
    }
    pairs = map;
  }
  return pairs.get(pair) ?? [];
}

const nothing: ReadonlyMap<string, number> = new Map();
