/** Words of names that speak of a role, and those that only say "this is a key". Pure. */

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

/** Whether two words mean the same role: equal, or one a stem of the other (`bill` and `billing`, `ship` and `shipping`, `cancel` and `cancelled`). */
export function sameStem(a: string, b: string): boolean {
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  if (short.length < 3 || !long.startsWith(short)) return false;
  const end = long.slice(short.length);
  const doubled = end.startsWith(short.slice(-1)) ? end.slice(1) : end;
  return /^(?:e?r|ment|d)$/.test(end) || /^(?:ing|ed|er)$/.test(doubled);
}
