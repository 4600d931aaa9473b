/**
 * The door to the package's own data files (word vectors, synonyms, abbreviations, trained weights): each is read once, when first needed.
 * Opens nothing else, never a path from outside.
 */

import { readFileSync } from "node:fs";

type DataFile =
  | "abbreviations.json"
  | "affinities.json"
  | "associations.json"
  | "phrase-ranker.json"
  | "question-ranker.json"
  | "standard-codes.json"
  | "synonyms.txt"
  | "value-ranker.json"
  | "vectors.bin"
  | "vocabulary.json";

const read = new Map<DataFile, Buffer>();

export function dataFile(name: DataFile): Buffer {
  const known = read.get(name);
  if (known !== undefined) return known;
  const bytes = readFileSync(new URL(`data/${name}`, import.meta.url));
  read.set(name, bytes);
  return bytes;
}

/** A JSON data file; its shape is the promise of the script that wrote it. */
export function jsonFile(name: DataFile): unknown {
  return JSON.parse(dataFile(name).toString("utf8")) as unknown;
}
