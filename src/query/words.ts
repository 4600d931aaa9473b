/** Names as words: `BillingAddressId`, `billing_address_id` and "billing address id" are the same three. Pure. */

/** Lower-case words of a name or phrase, plural endings cut. */
export function nameWords(name: string): readonly string[] {
  return name
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2")
    .replaceAll(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((w) => w !== "")
    .map(singular);
}

function singular(word: string): string {
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (word.length > 4 && /(?:ss|x|ch|sh)es$/.test(word)) return word.slice(0, -2);
  if (word.length > 3 && word.endsWith("s") && !/(?:ss|us|is)$/.test(word)) return word.slice(0, -1);
  return word;
}

/** Words that say "this is a key" and nothing of a role. */
export const keyWords: ReadonlySet<string> = new Set([
  "id",
  "key",
  "fk",
  "sk",
  "no",
  "num",
  "nr",
  "code",
  "cd",
  "ref",
  "number",
]);

/** Whether two words mean the same role: equal, or one a stem of the other (`bill` and `billing`, `ship` and `shipping`). */
export function sameStem(a: string, b: string): boolean {
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return (
    short.length >= 3 &&
    long.startsWith(short) &&
    /^(?:p?ing|p?ed|e?r|er|ment|t?ing|d|ed)$/.test(long.slice(short.length))
  );
}
