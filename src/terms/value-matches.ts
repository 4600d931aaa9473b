/** A phrase that is a stored value: the column that holds it and the literal as stored, with how sure that is. Pure. */

import { curveAt, readCurve } from "./calibration.js";
import { jsonFile } from "./data-files.js";
import type { TermMatch } from "./mapping.js";
import type { PhraseContext } from "./phrase-features.js";
import { type Forest, readForest, scoreRows } from "./trees.js";
import { valueFeatureNames, writeValueFeatures } from "./value-features.js";
import { type ValueHit, valuesLike } from "./values.js";

let shipped: { readonly forest: Forest; readonly curve: ReturnType<typeof readCurve> } | undefined;

function model() {
  if (shipped === undefined) {
    const file = jsonFile("value-ranker.json") as { readonly forest: unknown; readonly curve: unknown };
    shipped = { forest: readForest(file.forest), curve: readCurve(file.curve) };
  }
  return shipped;
}

/** How many stored values a phrase is compared with. */
export const maxValueCandidates = 60;

export function valueMatches(
  context: PhraseContext,
  limit: number,
  pinned: ReadonlySet<number> | undefined,
): readonly TermMatch[] {
  const { index } = context;
  const hits = valuesLike(index, context.phrase.text, maxValueCandidates).filter(
    (h) => pinned?.has(index.columns[h.column]?.table ?? -1) !== false,
  );
  const width = valueFeatureNames.length;
  const rows = new Float32Array(hits.length * width);
  const { forest, curve } = model();
  for (const [i, hit] of hits.entries()) writeValueFeatures(context, hits, hit, rows, i * width);
  const scores = scoreRows(forest, rows, hits.length);
  return hits
    .map((hit, i) => ({ hit, score: scores[i] as number }))
    .sort((a, b) => b.score - a.score || b.hit.likeness - a.hit.likeness || a.hit.column - b.hit.column)
    .slice(0, limit)
    .map(({ hit, score }) => asMatch(context, hit, curveAt(curve, score)));
}

function asMatch({ index, question }: PhraseContext, hit: ValueHit, confidence: number): TermMatch {
  const column = index.columns[hit.column];
  const log = question?.log.get(hit.column);
  return {
    kind: "value",
    ref: column?.ref ?? "",
    type: column?.type ?? "",
    value: hit.stored,
    confidence,
    why: [
      { signal: "stored_value", score: Number(hit.likeness.toFixed(2)), detail: `${hit.count} rows` },
      ...(log === undefined ? [] : [{ signal: "question", score: Number((1 / (1 + Math.exp(-log))).toFixed(2)) }]),
    ],
  };
}
