/**
 * The columns of a schema worth ranking for a text: all of a small one; of a large one those whose names the text touches, by an inverted index,
 * with whole tables where the table is what it touches. Pure.
 */

import type { Asked } from "./asked.js";
import type { TermIndex } from "./term-index.js";

/** Schemas up to this many columns are ranked whole. */
const wholeUpTo = 350;
/** At most this many columns of a larger one are ranked. */
const maxCandidates = 300;
/** Tables that are ranked whole when the text touches them most. */
const wholeTables = 6;

export function candidateColumns(index: TermIndex, asked: Asked, also: readonly number[] = []): readonly number[] {
  if (index.columns.length <= wholeUpTo) return index.columns.map((c) => c.id);
  const strengths = conceptStrengths(asked);
  const scores = new Map<number, number>();
  const tables = new Map<number, number>();
  const add = (map: Map<number, number>, id: number, score: number) => map.set(id, (map.get(id) ?? 0) + score);
  for (const [concept, strength] of strengths) {
    for (const id of index.columnsOf[concept] ?? []) add(scores, id, strength * share(index.columns[id]?.doc, concept));
    for (const id of index.tablesOf[concept] ?? []) add(tables, id, strength * share(index.tables[id]?.doc, concept));
  }
  for (const [table, score] of tables) {
    const { from, to } = index.tables[table] ?? { from: 0, to: 0 };
    for (let id = from; id < to; id += 1) add(scores, id, 0.5 * score);
  }
  const best = top(scores, maxCandidates);
  const whole = top(tables, wholeTables).flatMap((t) =>
    range(index.tables[t]?.from ?? 0, Math.min(index.tables[t]?.to ?? 0, (index.tables[t]?.from ?? 0) + 40)),
  );
  return [...new Set([...best, ...whole, ...also])].sort((a, b) => a - b);
}

/** How strongly the text touches each concept; those hardly touched are left out. */
function conceptStrengths(asked: Asked): Map<number, number> {
  const strengths = new Map<number, number>();
  for (let t = 0; t < asked.tokens.length; t += 1) {
    const weight = asked.weights[t] ?? 0;
    for (let c = 0; c < asked.width; c += 1) {
      const cell = t * asked.width + c;
      const near = asked.vector[cell] as number;
      const score = Math.max(
        weight *
          Math.max(asked.exact[cell] as number, 0.8 * (asked.synonym[cell] as number), near > 0.5 ? 0.8 * near : 0),
        0.15 * (asked.association[cell] as number),
      );
      if (score > 0.1 && score > (strengths.get(c) ?? 0)) strengths.set(c, score);
    }
  }
  return strengths;
}

/** The concept's share of a name's weight. */
function share(
  doc: { readonly concepts: Int32Array; readonly weights: Float32Array } | undefined,
  concept: number,
): number {
  if (doc === undefined) return 0;
  let [own, total] = [0, 0];
  for (let i = 0; i < doc.concepts.length; i += 1) {
    const weight = doc.weights[i] as number;
    total += weight;
    if (doc.concepts[i] === concept) own = weight;
  }
  return total === 0 ? 0 : (own / total) * (0.5 + own);
}

function top(scores: ReadonlyMap<number, number>, count: number): number[] {
  return [...scores]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, count)
    .map(([id]) => id);
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
