/** The words of an identifier: split at case changes, digits and punctuation, lower case, in the singular. Pure; knows no meanings. */

const known = new Map<string, readonly string[]>();
/** Names are asked for again and again; the memory is bounded and simply starts over. */
const maxKnown = 200_000;

export function nameWords(name: string): readonly string[] {
  const kept = known.get(name);
  if (kept !== undefined) return kept;
  if (known.size >= maxKnown) known.clear();
  const words = name
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2")
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .replaceAll(/(\p{L})(\p{N})/gu, "$1 $2")
    .replaceAll(/(\p{N})(\p{L})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((w) => w !== "")
    .map(singular);
  known.set(name, words);
  return words;
}

/** English plural endings undone; irregular nouns are left to the terms room. */
export function singular(word: string): string {
  if (word.length <= 3 || !word.endsWith("s")) return word;
  if (/(?:ss|us|is)$/.test(word)) return word;
  if (/(?:diagno|analy|paraly|cri|hypothe|synthe|parenthe|prosthe|empha)ses$/.test(word))
    return `${word.slice(0, -2)}is`;
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ch|sh|x|z|ss)es$/.test(word)) return word.slice(0, -2);
  if (/(?:address|[^aeocx\s]us)es$/.test(word) && word.length > 5) return word.slice(0, -2);
  return word.slice(0, -1);
}
