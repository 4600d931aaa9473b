/**
 * Which words of questions go with which words of schemas ("old" with age, "who" with name): learned by `bench/train.ts` from questions whose
 * columns are known, as log-odds. Data read once; an absent pair says nothing.
 */

import { jsonFile } from "./data-files.js";

/** Question lemma -> schema lemma -> log-odds that the column is meant, above what the column's word alone says. */
export type Associations = ReadonlyMap<string, ReadonlyMap<string, number>>;

let shipped: Associations | undefined;

/** The associations that ship with the package. */
export function shippedAssociations(): Associations {
  shipped ??= readAssociations(jsonFile("associations.json"));
  return shipped;
}

/** Associations from their file's shape: `{ pairs: { question lemma: { schema lemma: log-odds } } }`. */
function readAssociations(file: unknown): Associations {
  const { pairs } = file as { readonly pairs: Readonly<Record<string, Readonly<Record<string, number>>>> };
  return new Map(Object.entries(pairs).map(([word, others]) => [word, new Map(Object.entries(others))]));
}
