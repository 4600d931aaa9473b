/**
 * What a caller is shown for a term: the champion's answer, or, where two rankers are compared on live traffic, both interleaved, with who gave what. Pure.
 * A query that is built on a term takes the champion's word alone: numbers are not experimented with.
 */

import { rankMatches, resultOf } from "../terms/map.js";
import type { LearnedMapping, TermRequest, TermResult } from "../terms/mapping.js";
import type { TermIndex } from "../terms/term-index.js";
import { termKey, type Verdict } from "./feedback.js";
import { interleave, type Team } from "./interleave.js";
import type { LiveRankers } from "./learning.js";

export interface Shown {
  readonly result: TermResult;
  /** Who gave each Ref, where the two differ; empty where nothing is compared. */
  readonly teams: ReadonlyMap<string, Team>;
}

export function showTerm(
  index: TermIndex,
  request: TermRequest,
  learned: readonly LearnedMapping[],
  rankers: LiveRankers,
  user: string,
): Shown {
  const champion = rankMatches(index, request, learned, rankers.champion);
  if (rankers.compared === undefined) return { result: resultOf(index, request, champion), teams: new Map() };
  const { experiment, challenger } = rankers.compared;
  const other = rankMatches(index, request, learned, challenger);
  const drafted = interleave(champion, other, `${experiment}\u0000${user}\u0000${termKey(request.term)}`);
  return {
    result: resultOf(
      index,
      request,
      drafted.map((d) => d.match),
    ),
    teams: new Map(drafted.flatMap((d) => (d.team === undefined ? [] : [[d.match.ref, d.team] as const]))),
  };
}

/** What feedback keeps of what was shown; `meant` is the right Ref, where it is known. */
export function servedOf(
  shown: Shown,
  rankers: LiveRankers,
  meant: string | undefined,
): NonNullable<Verdict["served"]> {
  const [best] = shown.result.matches;
  const credit = meant === undefined ? undefined : shown.teams.get(meant);
  return {
    ...(best === undefined ? {} : { ref: best.ref }),
    confidence: best?.confidence ?? 0,
    status: shown.result.status,
    model: rankers.champion?.version ?? 0,
    ...(rankers.compared === undefined ? {} : { experiment: rankers.compared.experiment }),
    ...(credit === undefined ? {} : { credit }),
  };
}
