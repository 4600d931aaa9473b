/**
 * Why a match is believed, in a few signals that a person can check, each 0 to 1. `learned` is the share of nearness (`affinities.ts`) that the column has
 * among all that were looked at; `fits`: the phrase is a number between the least and the greatest that the column stores. Pure; reads what the rankers
 * read.
 */

import { cover } from "./coverage.js";
import type { Signal } from "./mapping.js";
import { likenessOf } from "./meanings.js";
import type { PhraseContext } from "./phrase-features.js";

const leastShown = 0.3;
const maxShown = 4;

export function columnWhy(context: PhraseContext, id: number): readonly Signal[] {
  const { index, phrase, question } = context;
  const column = index.columns[id];
  const own = context.columnCover.get(id)?.numbers;
  const table = context.tableCover[column?.table ?? -1]?.numbers;
  const hit = context.values.get(id);
  const log = question?.log.get(id);
  return shown([
    { signal: "name", score: Math.min(own?.[0] ?? 0, 1) },
    { signal: "synonym", score: (own?.[0] ?? 0) > 0.6 ? 0 : (own?.[1] ?? 0) },
    { signal: "comment", score: context.comments.get(id)?.own.numbers[7] ?? 0 },
    { signal: "table", score: table?.[0] ?? 0, detail: index.tables[column?.table ?? -1]?.ref ?? "" },
    { signal: "meaning", score: column === undefined ? 0 : likenessOf(index, phrase, column.doc) },
    { signal: "learned", score: Math.exp(context.affinities.get(id)?.[0] ?? Number.NEGATIVE_INFINITY) },
    { signal: "stored_value", score: hit?.likeness ?? 0, detail: String(hit?.stored ?? "") },
    { signal: "fits", score: context.places.number && context.places.fits.share.has(id) ? 1 : 0 },
    { signal: "question", score: log === undefined ? 0 : 1 / (1 + Math.exp(-log)) },
  ]);
}

export function tableWhy(context: PhraseContext, id: number): readonly Signal[] {
  const table = context.index.tables[id];
  const own = context.tableCover[id]?.numbers;
  const meaning = table === undefined ? 0 : likenessOf(context.index, context.phrase, table.doc);
  const comment = table === undefined ? 0 : (cover(context.index, context.phrase, table.comment).numbers[7] ?? 0);
  return shown([
    { signal: "name", score: own?.[0] ?? 0 },
    { signal: "synonym", score: (own?.[0] ?? 0) > 0.6 ? 0 : (own?.[1] ?? 0) },
    { signal: "comment", score: comment },
    { signal: "meaning", score: meaning },
    { signal: "question", score: context.question?.standings.tableBest[id] ?? 0 },
  ]);
}

function shown(signals: readonly Signal[]): readonly Signal[] {
  return signals
    .filter((s) => s.score >= leastShown)
    .sort((a, b) => b.score - a.score)
    .slice(0, maxShown)
    .map((s) => ({ ...s, score: Number(Math.min(1, s.score).toFixed(2)) }));
}
