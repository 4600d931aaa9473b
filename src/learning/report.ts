/** What there is to know about a source's learning at one glance, for `sextant learn status` and the admin API. Pure. */

import type { FeedbackLog } from "./feedback.js";
import type { Model } from "./models.js";
import { type Comparison, comparisons, qualityByWeek, type WeekOfQuality } from "./quality.js";

export interface LearningReport {
  readonly source: string;
  /** Standing verdicts of people, and what their queries proved. */
  readonly feedback: {
    readonly verdicts: number;
    readonly people: number;
    readonly terms: number;
    readonly queries: number;
  };
  /** The correction that answers; 0 for the shipped rankers alone. */
  readonly champion: number;
  readonly compared: { readonly challenger: number; readonly since: string } | null;
  readonly models: readonly {
    readonly version: number;
    readonly provenance: Model["provenance"];
    readonly weights: number;
  }[];
  readonly acts: readonly {
    readonly at: string;
    readonly act: string;
    readonly champion: number;
    readonly author: string;
    readonly reason: string;
  }[];
  readonly comparisons: readonly Comparison[];
  readonly quality: readonly WeekOfQuality[];
}

export function learningReport(
  source: string,
  { verdicts: all, acts }: FeedbackLog,
  models: readonly Model[],
): LearningReport {
  const verdicts = all.filter((v) => v.origin === "person");
  const last = acts.at(-1);
  const challenger = last?.challenger;
  return {
    source,
    feedback: {
      verdicts: verdicts.length,
      people: new Set(verdicts.map((v) => v.user)).size,
      terms: new Set(verdicts.map((v) => v.term.toLowerCase())).size,
      queries: all.length - verdicts.length,
    },
    champion: last?.champion ?? 0,
    compared: challenger === undefined || last === undefined ? null : { challenger, since: last.at },
    models: models.map(({ version, provenance, weights }) => ({
      version,
      provenance,
      weights: Object.keys(weights).length,
    })),
    acts: acts.map(({ at, act, champion, author, reason }) => ({ at, act, champion, author, reason })),
    comparisons: comparisons(verdicts),
    quality: qualityByWeek(verdicts),
  };
}
