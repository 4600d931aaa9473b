/**
 * Terms that end in a word which says next to nothing of a column (`phone number`, `city name`, `currency code`): where no column is meant by the whole, one
 * that is called by the rest. Pure.
 */

import { coverageNames } from "./coverage.js";
import type { PhraseContext } from "./phrase-features.js";
import { tokensOf } from "./words.js";

const light = new Set(["name", "number", "code", "address", "value", "amount"]);

/** What a lighter reading is worth beside the rest of the term by itself. */
export const lighterShare = 0.85;
/** A name met by so much of it, and a term by so much of it, by letters or by dictionary, are one. */
const wholly = 0.93;
const ofName = coverageNames.indexOf("soft");
const ofTerm = coverageNames.indexOf("askedSoft");

/** The term without its light last word; undefined where it has none, or is nothing else. */
export function withoutLightHead(term: string): string | undefined {
  const tokens = tokensOf(term).filter((t) => t.kind !== "mark");
  const last = tokens.at(-1);
  const isLonger = tokens.slice(0, -1).some((t) => t.kind === "word" && !t.stop);
  return last === undefined || !light.has(last.lemma) || !isLonger ? undefined : term.slice(0, last.start).trimEnd();
}

/** Whether a column is called by what is left of a term, and holds it: a key that is so called points at what has a name, a number or a code of its own. */
export function isCalled({ index, columnCover, tableCover, tables }: PhraseContext, id: number): boolean {
  const isWhole = (numbers: Float32Array | undefined) =>
    (numbers?.[ofName] ?? 0) > wholly && (numbers?.[ofTerm] ?? 0) > wholly;
  const column = index.columns[id];
  return (
    column !== undefined &&
    column.refersTo < 0 &&
    isWhole(columnCover.get(id)?.numbers) &&
    !tables.some((table) => isWhole(tableCover[table]?.numbers))
  );
}
