/**
 * The words of a name or phrase as people say them: short forms spelled out (`BankTxn`: bank transaction), so that a name and what a question calls it are the
 * same words. Both sides are read alike: a short form that a question uses is spelled out as well. Pure.
 */

import { nameWords, singular } from "../schema/name-words.js";
import { expandAbbreviations, isWord } from "../terms/words.js";

const known = new Map<string, readonly string[]>();
/** Names kept; the memory simply starts over. */
const maxKnown = 200_000;

/** A short form that stands for something at least this often is spelled out, 0 to 1. */
const mostly = 0.75;

/** Lower case, in the singular. */
export function spokenWords(name: string): readonly string[] {
  const kept = known.get(name);
  if (kept !== undefined) return kept;
  if (known.size >= maxKnown) known.clear();
  const words = nameWords(name).flatMap(spelledOut);
  known.set(name, words);
  return words;
}

function spelledOut(word: string): readonly string[] {
  if (isWord(word) || /^\p{N}/u.test(word)) return [word];
  const [best] = expandAbbreviations([word])[0]?.meanings ?? [];
  return best === undefined || best.weight < mostly ? [word] : best.words.map(singular);
}
