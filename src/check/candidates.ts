/** The nearest right names to a wrong one, by spelling and by meaning, quickly even among thousands. Pure. */

import { distance } from "fastest-levenshtein";
import { nearestNames } from "../terms/nearest.js";

/** Names that meaning is asked about: spelling picks them first, since meaning costs some microseconds a name. */
const meaningPool = 60;

/** At most `limit` of `names`, nearest first. Case is no difference. */
export function nearest(name: string, names: readonly string[], limit: number): readonly string[] {
  const unique = [...new Set(names)];
  const asked = name.toLowerCase();
  const same = unique.filter((n) => n.toLowerCase() === asked);
  if (same.length > 0) return same.slice(0, limit);
  if (unique.length <= meaningPool) return nearestNames(name, unique, limit);
  return nearestNames(name, spelledAlike(asked, unique), limit);
}

function spelledAlike(asked: string, names: readonly string[]): readonly string[] {
  const scored = names.map((name) => {
    const lower = name.toLowerCase();
    const within = lower.includes(asked) || asked.includes(lower);
    return { name, score: distance(asked, lower) / Math.max(asked.length, lower.length, 1) - (within ? 0.4 : 0) };
  });
  scored.sort((a, b) => a.score - b.score);
  return scored.slice(0, meaningPool).map((s) => s.name);
}
