/** Short and full names laid side by side: what `train-abbreviations.ts` learns from and `terms.ts` measures. Pure. */

import { shortens } from "../src/terms/abbreviations.js";

export interface NamePair {
  readonly source: string;
  readonly table_id: string;
  readonly technical_name: string;
  readonly label: string;
  readonly table_columns: readonly string[];
}

/** Tokens by separators, case and digits alone: the lexicon is what is learned here and may not help. */
function roughTokens(name: string): string[] {
  return [...name.matchAll(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+/gu)].map((m) => m[0].toLowerCase());
}

/** For each token of the short name the words it covers, as `[token, words]`; undefined where they do not fit. */
export function alignShortName(short: string, full: string): readonly (readonly [string, string])[] | undefined {
  const tokens = roughTokens(short);
  const words = roughTokens(full);
  const best = new Map<string, { score: number; steps: readonly (readonly [string, string])[] }>([
    ["0,0", { score: 0, steps: [] }],
  ]);
  for (let i = 0; i < tokens.length; i += 1) {
    for (let j = 0; j < words.length; j += 1) {
      const before = best.get(`${i},${j}`);
      if (before === undefined) continue;
      for (let take = 1; take <= 4 && j + take <= words.length; take += 1) {
        const token = tokens[i] ?? "";
        const covered = words.slice(j, j + take);
        const score = fits(token, covered);
        if (score <= 0) continue;
        const key = `${i + 1},${j + take}`;
        const total = before.score + score * take;
        if (total > (best.get(key)?.score ?? -1))
          best.set(key, { score: total, steps: [...before.steps, [token, covered.join(" ")]] });
      }
    }
  }
  return best.get(`${tokens.length},${words.length}`)?.steps;
}

function fits(token: string, words: readonly string[]): number {
  const [first] = words;
  if (words.length === 1 && first !== undefined) {
    if (token === first) return 1;
    if (token.length === 1) return first.startsWith(token) ? 0.3 : 0;
    return shortens(token, first);
  }
  if (token === words.map((w) => w.charAt(0)).join("")) return 0.6;
  return 0;
}

/** Short form -> meanings with the share of times each was meant, best first; only those seen twice, or the only reading. */
export function learnMeanings(pairs: readonly NamePair[]): Record<string, (readonly [string, number])[]> {
  const counts = new Map<string, Map<string, number>>();
  for (const pair of pairs) {
    for (const [token, words] of alignShortName(pair.technical_name, pair.label) ?? []) {
      if (token === words && counts.get(token) === undefined) continue;
      if (token.length < 2 || /\d/u.test(token)) continue;
      const own = counts.get(token) ?? new Map<string, number>();
      own.set(words, (own.get(words) ?? 0) + 1);
      counts.set(token, own);
    }
  }
  const meanings: Record<string, (readonly [string, number])[]> = {};
  for (const token of [...counts.keys()].sort()) {
    const own = [...(counts.get(token) ?? [])]
      .filter(([words]) => words !== token)
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    const total = [...(counts.get(token)?.values() ?? [])].reduce((a, b) => a + b, 0);
    const kept = own.slice(0, 4).map(([words, n]) => [words, Number((n / (total + 1)).toFixed(2))] as const);
    if (kept.length > 0) meanings[token] = kept;
  }
  return meanings;
}
