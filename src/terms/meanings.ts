/** What whole names mean, as vectors: worked out once a name, and set against a text once a text. Pure. */

import type { Asked } from "./asked.js";
import type { Doc } from "./read-names.js";
import type { TermIndex } from "./term-index.js";
import { cosine, phraseVector } from "./vectors.js";

const meanings = new WeakMap<Doc, { readonly vector: Float32Array | undefined }>();

/** The vector of a whole name, of length one; undefined where no word of it has one. */
export function meaningOf(index: TermIndex, doc: Doc): Float32Array | undefined {
  const known = meanings.get(doc);
  if (known !== undefined) return known.vector;
  const vector = phraseVector([...doc.concepts].map((c) => index.concepts[c]?.meaning ?? ""));
  meanings.set(doc, { vector });
  return vector;
}

const likenesses = new WeakMap<Asked, Map<Doc, number>>();

/** Cosine of what a text and a whole name mean, 0 where either has no vector. Many columns share one name. */
export function likenessOf(index: TermIndex, asked: Asked, doc: Doc): number {
  let byName = likenesses.get(asked);
  if (byName === undefined) {
    byName = new Map();
    likenesses.set(asked, byName);
  }
  let likeness = byName.get(doc);
  if (likeness === undefined) {
    likeness = cosine(asked.meaning, meaningOf(index, doc));
    byName.set(doc, likeness);
  }
  return likeness;
}
