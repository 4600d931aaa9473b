/** The business vocabulary of our own: groups of words that mean the same in finance and trade, and short forms. Facts as data; see the JSON file. */

import { jsonFile } from "./data-files.js";

interface Vocabulary {
  readonly same: readonly string[];
  readonly synonyms: readonly string[];
  readonly opposites: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly abbreviations: Readonly<Record<string, string>>;
}

let loaded: Vocabulary | undefined;

function vocabulary(): Vocabulary {
  loaded ??= jsonFile("vocabulary.json") as Vocabulary;
  return loaded;
}

/** Groups of words and two-word phrases that are one thing by other words, in any schema (`vendor`, `supplier`). */
export function sameWords(): readonly (readonly string[])[] {
  return vocabulary().same.map((group) => group.split(" "));
}

/** Groups of words and two-word phrases (`net_income`) that stand for one another. */
export function businessSynonyms(): readonly (readonly string[])[] {
  return vocabulary().synonyms.map((group) => group.split(" "));
}

/** Groups of kinds that exclude one another, each as the words that say it (`start`, `begin` against `end`, `finish`). */
export function businessOpposites(): readonly (readonly (readonly string[])[])[] {
  return vocabulary().opposites.map((group) => group.split("|").map((words) => words.split(" ")));
}

/** Short forms with what they stand for, most usual first. */
export function businessAbbreviations(): readonly (readonly [string, readonly string[]])[] {
  return Object.entries(vocabulary().abbreviations).map(([short, meanings]) => [short, meanings.split("|")]);
}

/** Adjectives and verbs with the attributes that they ask for (`heavy`: weight). */
export function attributeWords(): readonly (readonly [string, readonly string[]])[] {
  return Object.entries(vocabulary().attributes).map(([word, attributes]) => [word, attributes.split(" ")]);
}
