/** What whole names mean, as vectors: worked out once a name. Pure. */

import type { Doc } from "./read-names.js";
import type { TermIndex } from "./term-index.js";
import { phraseVector } from "./vectors.js";

const meanings = new WeakMap<Doc, { readonly vector: Float32Array | undefined }>();

/** The vector of a whole name, of length one; undefined where no word of it has one. */
export function meaningOf(index: TermIndex, doc: Doc): Float32Array | undefined {
  const known = meanings.get(doc);
  if (known !== undefined) return known.vector;
  const vector = phraseVector([...doc.concepts].map((c) => index.concepts[c]?.meaning ?? ""));
  meanings.set(doc, { vector });
  return vector;
}
