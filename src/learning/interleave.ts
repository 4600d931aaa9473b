/**
 * Team-draft interleaving of two rankings (Radlinski, Kurup, Joachims 2008): the two take turns, a coin for each pair of turns, each giving its best that
 * is not yet there. The coin is a hash, so that the same caller is shown the same order for the same term. Pure.
 */

import { createHash } from "node:crypto";
import type { TermMatch } from "../terms/mapping.js";

export type Team = "champion" | "challenger";

export interface Drafted {
  readonly match: TermMatch;
  /** Undefined for a match that both put in the same place. */
  readonly team: Team | undefined;
}

const keyOf = (m: TermMatch): string => `${m.kind}\u0000${m.ref}\u0000${m.value ?? ""}`;

/** `coin` names the draw: experiment, caller and term. Confidences never rise down the list: each is at most the one before. */
export function interleave(
  champion: readonly TermMatch[],
  challenger: readonly TermMatch[],
  coin: string,
): readonly Drafted[] {
  const taken = new Set<string>();
  const drafted: Drafted[] = [];
  const bits = createHash("sha256").update(coin).digest();
  const next = (from: readonly TermMatch[]) => from.find((m) => !taken.has(keyOf(m)));
  for (let round = 0; ; round += 1) {
    const [a, b] = [next(champion), next(challenger)];
    if (a === undefined && b === undefined) return drafted;
    const championFirst = (((bits[(round >> 3) % bits.length] as number) >> (round & 7)) & 1) === 0;
    const agree = a !== undefined && b !== undefined && keyOf(a) === keyOf(b);
    for (const team of championFirst ? (["champion", "challenger"] as const) : (["challenger", "champion"] as const)) {
      const match = next(team === "champion" ? champion : challenger);
      if (match === undefined) continue;
      taken.add(keyOf(match));
      const confidence = Math.min(match.confidence, drafted.at(-1)?.match.confidence ?? 1);
      drafted.push({ match: { ...match, confidence }, team: agree ? undefined : team });
      if (agree) break; // both gave it: neither is credited
    }
  }
}
