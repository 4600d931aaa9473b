/**
 * How good mapping was, week by week, told by later feedback: what people were shown just before they said what is right. Pure; reads the log alone, so every
 * ranker that ever answered is judged by what it answered then.
 */

import { roundScore } from "../terms/mapping.js";
import type { GivenVerdict } from "./feedback.js";

export interface WeekOfQuality {
  /** Monday, ISO 8601 date, UTC. */
  readonly week: string;
  readonly verdicts: number;
  /** Of those whose right answer is known, the share whose best answer was right. */
  readonly accuracy: number | null;
  /** Share that was answered with one match rather than with a question or with nothing. */
  readonly coverage: number | null;
  /** Mean gap between confidence and truth over bins of equal mass (15, fewer while there are few). */
  readonly ece: number | null;
  /** The corrections that answered; 0 for none. */
  readonly models: readonly number[];
}

const weekMs = 7 * 86_400_000;
/** 1970-01-05 was a Monday. */
const firstMondayMs = 4 * 86_400_000;
const maxBins = 15;
const leastOfBin = 5;

/** Weeks in order; those in which nobody spoke are left out. */
export function qualityByWeek(verdicts: readonly GivenVerdict[]): readonly WeekOfQuality[] {
  const weeks = new Map<number, GivenVerdict[]>();
  for (const verdict of verdicts) {
    if (verdict.origin !== "person" || verdict.served === undefined) continue;
    const week = Math.floor((Date.parse(verdict.at) - firstMondayMs) / weekMs);
    const list = weeks.get(week);
    if (list === undefined) weeks.set(week, [verdict]);
    else list.push(verdict);
  }
  return [...weeks]
    .sort(([a], [b]) => a - b)
    .map(([week, said]) => {
      const judged = said.flatMap((v) => judgedBy(v) ?? []);
      const share = (part: number, of: number) => (of === 0 ? null : roundScore(part / of));
      return {
        week: new Date(week * weekMs + firstMondayMs).toISOString().slice(0, 10),
        verdicts: said.length,
        accuracy: share(judged.filter((j) => j.right).length, judged.length),
        coverage: share(said.filter((v) => v.served?.status === "matched").length, said.length),
        ece: judged.length === 0 ? null : roundScore(expectedError(judged)),
        models: [...new Set(said.map((v) => v.served?.model ?? 0))].sort((a, b) => a - b),
      };
    });
}

interface Judged {
  readonly confidence: number;
  readonly right: boolean;
}

/** Whether the best answer was right; undefined where the verdict does not tell. */
function judgedBy({ served, verdict, ref, correctRef }: GivenVerdict): Judged | undefined {
  if (served === undefined) return undefined;
  const meant = verdict === "correct" ? ref : correctRef;
  if (meant !== undefined) return { confidence: served.confidence, right: served.ref === meant };
  return served.ref === ref ? { confidence: served.confidence, right: false } : undefined;
}

function expectedError(judged: readonly Judged[]): number {
  const sorted = judged.toSorted((a, b) => a.confidence - b.confidence);
  const bins = Math.max(1, Math.min(maxBins, Math.floor(sorted.length / leastOfBin)));
  let sum = 0;
  for (let b = 0; b < bins; b += 1) {
    const bin = sorted.slice(Math.floor((b * sorted.length) / bins), Math.floor(((b + 1) * sorted.length) / bins));
    const mean = (of: (j: Judged) => number) => bin.reduce((s, j) => s + of(j), 0) / bin.length;
    sum += (bin.length / sorted.length) * Math.abs(mean((j) => j.confidence) - mean((j) => (j.right ? 1 : 0)));
  }
  return sum;
}

export interface Comparison {
  readonly experiment: string;
  readonly champion: number;
  readonly challenger: number;
  /** Chance that a fair coin parts the credits at least so unevenly: two-sided sign test. */
  readonly p: number;
}

/** Credits of each comparison on live traffic, oldest first; each caller counts once a term. */
export function comparisons(verdicts: readonly GivenVerdict[]): readonly Comparison[] {
  const credits = new Map<string, Map<string, "champion" | "challenger">>();
  for (const { served, user, term, origin } of verdicts) {
    if (origin !== "person" || served?.experiment === undefined || served.credit === undefined) continue;
    const own = credits.get(served.experiment) ?? new Map<string, "champion" | "challenger">();
    credits.set(served.experiment, own);
    own.set(`${user}\u0000${term.toLowerCase()}`, served.credit);
  }
  return [...credits].map(([experiment, given]) => {
    const challenger = [...given.values()].filter((team) => team === "challenger").length;
    const champion = given.size - challenger;
    return { experiment, champion, challenger, p: signTest(champion, challenger) };
  });
}

function signTest(a: number, b: number): number {
  const n = a + b;
  let [tail, term] = [0, 0.5 ** n];
  for (let k = 0; k <= Math.min(a, b); k += 1) {
    tail += term;
    term *= (n - k) / (k + 1);
  }
  return roundScore(Math.min(1, 2 * tail));
}
