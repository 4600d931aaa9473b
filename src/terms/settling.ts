/**
 * The last look at a phrase's best candidates: each beside its rivals, by boosted trees trained on what the ranker says of databases that it never saw, and then
 * as a probability. One model a kind of thing (column, table, stored value). The same numbers in training and in use. Pure.
 */

import { type Curve, curveAt, readCurve } from "./calibration.js";
import { type Forest, readForest, scoreRows } from "./trees.js";

/** What ranks one kind of thing for phrases. */
export interface KindModel {
  readonly forest: Forest;
  readonly settling: Forest;
  /** Where the caller asked for this kind alone; among others, see `kinds.ts`. */
  readonly asked: Curve;
}

export function readKindModel(file: unknown): KindModel {
  const given = file as { readonly [K in keyof KindModel]: unknown };
  return {
    forest: readForest(given.forest),
    settling: readForest(given.settling),
    asked: readCurve(given.asked),
  };
}

export type Kind = "column" | "table" | "value";

/** Numbers of the ranker that the last look sees as well. */
const kept = {
  column: [
    "name.exact", "name.soft", "name.askedExact", "name.askedSoft", "name.headExact", "name.whole", "table.exact", "table.askedExact", "hasQuestion", "questionLog", "questionRank", "questionGap",
    "exactGap", "softGap", "shareGap", "exactRivals", "phraseWords", "tableDistance", "tableAfter", "valueHit", "isTableName", "owner", "ownerGap", "ownerLess", "ownerKind", "together", "togetherGap", "comment.exact", "comment.askedExact", "commentGap", "commentTogether", "commentTogetherGap", "question.primary", "question.foreign", "question.referred",
    "need.needed", "need.inTree", "need.joins", "need.sameNeededGap", "need.twinNeeded",
    "number", "fits", "apart", "nearer",
  ],
  table: ["name.exact", "name.soft", "name.askedExact", "name.askedSoft", "name.whole", "hasQuestion", "tableBest", "needed", "exactGap", "shareGap", "exactRivals", "phraseWords", "columnExact", "columnWhole", "comment.exact", "comment.askedExact", "commentGap", "columnAdds", "columnTogetherGap"],
  value: ["likeness", "likenessGap", "rivals", "logCount", "questionLog", "questionGap", "tableBest", "phraseName", "phraseTable", "words", "hasQuestion", "number", "apart", "nearer", "compared"],
} as const satisfies Record<Kind, readonly string[]>; // biome-ignore format: lists of names

const standing = [
  "log",
  "gap",
  "rank",
  "best",
  "second",
  "othersSum",
  "near",
  "sameGap",
  "twinGap",
  "isLinked",
] as const;

export const settlingNames = (kind: Kind): readonly string[] => [...standing, ...kept[kind]];

/** One of the candidates that a ranker scored. */
export interface Candidate {
  /** Its row of the ranker's numbers. */
  readonly row: number;
  /** The ranker's log-odds. */
  readonly log: number;
  /** Candidates of one name, and those linked by keys, are told apart by more than their names; -1 no link. */
  readonly name: string;
  readonly twins: number;
}

/** Candidates that get a last look. */
export const maxSettled = 12;
const noRival = 12;

/** Rows of the last look for the best of `candidates`, which come best first; `names` are those of the ranker's numbers `rows`. */
export function laySettling(
  kind: Kind,
  candidates: readonly Candidate[],
  names: readonly string[],
  rows: Float32Array,
): Float32Array {
  const places = kept[kind].map((name) => names.indexOf(name));
  const few = candidates.slice(0, maxSettled);
  const width = standing.length + places.length;
  const out = new Float32Array(few.length * width);
  const sum = few.reduce((total, c) => total + Math.exp(c.log), 0);
  for (const [i, c] of few.entries()) {
    const others = few.filter((o) => o !== c);
    const best = (of: readonly Candidate[]) => Math.max(c.log - noRival, ...of.map((o) => o.log));
    const numbers = [
      c.log,
      c.log - best(others),
      i,
      few[0]?.log ?? 0,
      few[1]?.log ?? (few[0]?.log ?? 0) - noRival,
      Math.log(Math.max(1e-6, sum - Math.exp(c.log))),
      others.filter((o) => Math.abs(o.log - c.log) < 1).length,
      c.log - best(others.filter((o) => o.name === c.name)),
      c.log - best(others.filter((o) => o.twins >= 0 && o.twins === c.twins)),
      c.twins >= 0 ? 1 : 0,
    ];
    out.set(numbers, i * width);
    for (const [p, place] of places.entries())
      out[i * width + numbers.length + p] = rows[c.row * names.length + place] ?? 0;
  }
  return out;
}

/** Log-odds after the last look and confidence, in the order of `candidates`, which come best first. Those beyond the last look follow in their order. */
export function settle(
  model: KindModel,
  kind: Kind,
  candidates: readonly Candidate[],
  rows: Float32Array,
): readonly { readonly score: number; readonly confidence: number }[] {
  const few = Math.min(maxSettled, candidates.length);
  const settled = scoreRows(model.settling, laySettling(kind, candidates, model.forest.features, rows), few);
  const least = Math.min(0, ...settled);
  return candidates.map((c, i) => {
    const score = i < few ? (settled[i] as number) : least - 1 - ((candidates[few - 1]?.log ?? 0) - c.log);
    return { score, confidence: curveAt(model.asked, score) };
  });
}
