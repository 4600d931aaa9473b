/** The second look's numbers: how a column stands among the others (`context-features.ts`), and what the tables say (`need-features.ts`). Pure. */

import { columnFeatureNames, type QuestionContext } from "./column-features.js";
import { contextFeatureNames, type Standings, writeContextFeatures } from "./context-features.js";
import { type Needs, needNames, writeNeeds } from "./need-features.js";

/** Names of the second look's numbers, in order. */
export const secondFeatureNames: readonly string[] = [...contextFeatureNames, ...needNames];

/** Rows of the second look; `x` are those of the first. */
export function laySecond(
  context: QuestionContext,
  standings: Standings,
  needs: Needs,
  ids: readonly number[],
  x: Float32Array,
): Float32Array {
  const width = secondFeatureNames.length;
  const rows = new Float32Array(ids.length * width);
  for (const [i, id] of ids.entries()) {
    writeContextFeatures(context, standings, id, x, i * columnFeatureNames.length, rows, i * width);
    writeNeeds(context, standings, needs, id, rows, i * width + contextFeatureNames.length);
  }
  return rows;
}
