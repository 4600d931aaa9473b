/**
 * Column names that shorten a term's words: `emp_fname` for "employee first name", `uid` for "user id", `flno` for "flight number".
 * Letters alone decide; which of several columns is meant is `readings.ts`. Pure.
 */

import { nameWords } from "../schema/name-words.js";

/** What words shorten to that is not their own letters in order. */
const aliases: ReadonlyMap<string, readonly string[]> = new Map([
  ["number", ["no", "nr", "num", "nbr"]],
  ["identifier", ["id"]],
  ["code", ["cd"]],
  ["quantity", ["qty"]],
  ["amount", ["amt"]],
]);

/**
 * Whether `name` has the letters of `words`, or short forms of them all, in order: each word of the name shortens one of them (`crs_desc`),
 * or runs several together, of which the last is whole (`lname`, `uid`, `flno`) or all are initials (`dob`).
 */
export function shortens(name: string, words: readonly string[]): boolean {
  const parts = nameWords(name);
  if (parts.join("") === words.join("")) return true;
  return words.length > 1 && parts.length <= words.length && fits(parts, words);
}

function fits(parts: readonly string[], words: readonly string[]): boolean {
  const [part, ...rest] = parts;
  if (part === undefined) return words.length === 0;
  for (let taken = 1; taken <= words.length - rest.length; taken++) {
    const said = words.slice(0, taken);
    const holds = taken === 1 ? isShort(part, said[0] ?? "") : runsTogether(part, said);
    if (holds && fits(rest, words.slice(taken))) return true;
  }
  return false;
}

/** Beginnings of all words but the last, and the last whole or by its alias; or the first letter of each. */
function runsTogether(part: string, words: readonly string[]): boolean {
  if (part === words.map((w) => w.charAt(0)).join("")) return true;
  const last = words.at(-1) ?? "";
  const end = [last, ...(aliases.get(last) ?? [])].find((e) => part.endsWith(e));
  return end !== undefined && beginnings(part.slice(0, -end.length), words.slice(0, -1));
}

const longestBeginning = 3;

function beginnings(letters: string, words: readonly string[]): boolean {
  const [word, ...rest] = words;
  if (word === undefined) return letters === "";
  for (let length = Math.min(letters.length - rest.length, longestBeginning); length > 0; length--) {
    if (word.startsWith(letters.slice(0, length)) && beginnings(letters.slice(length), rest)) return true;
  }
  return false;
}

/** Letters of the shortest short form that says by itself which word it is short for. */
const leastShort = 3;

/** Whether letters are short for a word, and enough to tell it from others. */
export const isShortOf = (part: string, word: string): boolean => part.length >= leastShort && isShort(part, word);

/** A beginning of the word, one of its aliases, or its first letter with some later ones in order (`dept`, `qty`). */
export function isShort(part: string, word: string): boolean {
  if (word.startsWith(part) || aliases.get(word)?.includes(part) === true) return true;
  if (part.length < 3 || part.charAt(0) !== word.charAt(0)) return false;
  let at = 0;
  for (const letter of part) {
    at = word.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
