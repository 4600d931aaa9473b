/** The nearest right names to a wrong one, by spelling and by meaning, quickly even among thousands. Pure. */

import { distance } from "fastest-levenshtein";
import { nearestNames } from "../terms/nearest.js";

/** Names that meaning is asked about: spelling picks them first, since meaning costs some tens of microseconds a name. */
const meaningPool = 60;
/** Where a name is a slip of the pen away, so few are enough. */
const slipPool = 8;
/** Share of letters that differ in a slip of the pen. */
const slipShare = 0.25;

/** At most `limit` of `names`, nearest first. Case is no difference. */
export function nearest(name: string, names: readonly string[], limit: number): readonly string[] {
  const unique = [...new Set(names)];
  const asked = name.toLowerCase();
  const same = unique.filter((n) => n.toLowerCase() === asked);
  if (same.length > 0) return same.slice(0, limit);
  return nearestNames(name, spelledAlike(asked, unique), limit);
}

function spelledAlike(asked: string, names: readonly string[]): readonly string[] {
  const scored = names.map((name) => {
    const lower = name.toLowerCase();
    const within = lower.includes(asked) || asked.includes(lower);
    return { name, score: distance(asked, lower) / Math.max(asked.length, lower.length, 1) - (within ? 0.4 : 0) };
  });
  scored.sort((a, b) => a.score - b.score);
  const slip = (scored[0]?.score ?? 1) <= slipShare;
  return scored.slice(0, slip ? slipPool : meaningPool).map((s) => s.name);
}
