/** The nearest right names to a wrong one, by spelling and by meaning, quickly even among thousands. Pure. */

import { distance } from "fastest-levenshtein";
import { nearestNames } from "../terms/nearest.js";

/** Names that meaning is asked about: spelling picks them first, since meaning costs some tens of microseconds a name. */
const meaningPool = 60;
/** Where a name is a slip of the pen away, so few are enough. */
const slipPool = 8;
/** Share of letters that differ in a slip of the pen. */
const slipShare = 0.25;
/** What a name gains that lies within the other. */
const withinGain = 0.4;

/** At most `limit` of `names`, nearest first. Case is no difference. */
export function nearest(name: string, names: readonly string[], limit: number): readonly string[] {
  const asked = name.toLowerCase();
  const same = names.filter((n) => n.length === name.length && n.toLowerCase() === asked);
  if (same.length > 0) return [...new Set(same)].slice(0, limit);
  return nearestNames(name, spelledAlike(asked, names), limit);
}

interface Scored {
  readonly name: string;
  readonly score: number;
}

/** The names that are spelt nearest, best first; of equals the earlier. Lengths alone rule most of a long list out. */
function spelledAlike(asked: string, names: readonly string[]): readonly string[] {
  const best: Scored[] = [];
  for (const name of new Set(names)) {
    const worst = best.length < meaningPool ? Number.POSITIVE_INFINITY : (best.at(-1)?.score ?? 0);
    const longest = Math.max(asked.length, name.length, 1);
    const least = Math.abs(asked.length - name.length) / longest;
    if (least - withinGain >= worst) continue;
    const lower = name.toLowerCase();
    const gain = lower.includes(asked) || asked.includes(lower) ? withinGain : 0;
    if (least - gain >= worst) continue;
    const score = distance(asked, lower) / longest - gain;
    if (score < worst) insert(best, { name, score });
  }
  const slip = (best[0]?.score ?? 1) <= slipShare;
  return best.slice(0, slip ? slipPool : meaningPool).map((s) => s.name);
}

function insert(best: Scored[], scored: Scored): void {
  let [low, high] = [0, best.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((best[middle] as Scored).score <= scored.score) low = middle + 1;
    else high = middle;
  }
  best.splice(low, 0, scored);
  if (best.length > meaningPool) best.pop();
}

/** Whether one name can be a slip of the pen for the other: only such a name is put in by itself. */
export function alike(a: string, b: string): boolean {
  const x = a.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  const y = b.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  if (x === y) return true;
  if (Math.min(x.length, y.length) >= 4 && (x.startsWith(y) || y.startsWith(x))) return true;
  return (
    Math.abs(x.length - y.length) <= 2 &&
    (distance(x, y) <= Math.max(1, Math.floor(Math.max(x.length, y.length) / 4)) || sorted(x) === sorted(y))
  );
}

function sorted(text: string): string {
  return text.split("").sort().join("");
}
