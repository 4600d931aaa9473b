/** What a question asks for, by its function words: a person, a time, a place, a count, an extreme, a number. Pure. */

import type { Token } from "./words.js";

export const cueNames = [
  "who",
  "when",
  "where",
  "howMany",
  "extreme",
  "aggregate",
  "each",
  "hasNumber",
  "hasYear",
  "hasQuoted",
  "asksName",
  "asksId",
  "tokens",
] as const;

const extremes = new Set(
  "most least highest lowest largest smallest biggest maximum minimum max min top best worst oldest youngest longest shortest latest earliest newest more less greater fewer older younger larger smaller higher lower".split(
    " ",
  ),
);
const aggregates = new Set("average avg mean sum total median number count amount".split(" "));

/** One number a cue, in the order of `cueNames`. */
export function cuesOf(tokens: readonly Token[]): Float32Array {
  const words = new Set(tokens.map((t) => t.lower));
  const lemmas = new Set(tokens.map((t) => t.lemma));
  const any = (...of: readonly string[]) => (of.some((w) => words.has(w)) ? 1 : 0);
  const text = tokens.map((t) => t.lower).join(" ");
  return Float32Array.of(
    any("who", "whose", "whom"),
    any("when"),
    any("where"),
    /\bhow many\b|\bnumber of\b|\bcount\b/u.test(text) ? 1 : 0,
    tokens.some((t) => extremes.has(t.lower)) ? 1 : 0,
    tokens.some((t) => aggregates.has(t.lower)) ? 1 : 0,
    any("each", "every", "per", "by", "different", "distinct"),
    tokens.some((t) => t.kind === "number") ? 1 : 0,
    tokens.some((t) => /^(?:1[5-9]|20)\d\d$/u.test(t.text)) ? 1 : 0,
    tokens.some((t) => t.quoted) ? 1 : 0,
    lemmas.has("name") || lemmas.has("title") ? 1 : 0,
    any("id", "ids", "identifier", "code", "codes", "number", "numbers", "key"),
    tokens.length,
  );
}
