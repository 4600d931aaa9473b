/**
 * Terms whose head says next to nothing of a column (`phone number`, `city name`, `name of the city`): where no column is meant by the whole, those that are
 * called by the rest. Pure.
 */

import { type Covered, coverageNames, metWell } from "./coverage.js";
import type { PhraseContext } from "./phrase-features.js";
import { headOf } from "./phrase-head.js";
import { sharedOut } from "./question-ranker.js";

/** Heads that say next to nothing of what a column holds. */
export const light: ReadonlySet<string> = new Set(["name", "number", "code", "address", "value", "amount", "type"]);

/** How sure it is that one of the columns so called is meant, as a probability; they share it by what the question says of each. */
const calledConfidence = 0.85;
/** A name met by so much of it is the term's, by letters or, less surely, by dictionary. */
const wholly = 0.93;
const bySynonym = 0.85;
const synonymDoubt = 0.7;
const soft = coverageNames.indexOf("soft");

/**
 * Columns that the term without its light head calls, with how sure each is; none where it has no such head. A key that is so called points at what has
 * a name, a number or a code of its own, and so does a table.
 */
export function calledByRest({
  index,
  phrase,
  question,
  columnCover,
  tableCover,
  tables,
}: PhraseContext): ReadonlyMap<number, number> {
  const words = [...phrase.tokens.keys()].filter((t) => phrase.tokens[t]?.kind !== "mark");
  const { head } = headOf(phrase.tokens, words);
  const telling = words.filter((t) => t !== head && phrase.tokens[t]?.stop === false);
  if (telling.length === 0 || !light.has(phrase.tokens[head]?.lemma ?? "")) return new Map();
  const isCalled = ({ numbers, met }: Covered) =>
    (numbers[soft] ?? 0) >= bySynonym && (met[head] ?? 0) < metWell && telling.every((t) => (met[t] ?? 0) >= metWell);
  if (tables.some((table) => isCalled(tableCover[table] as Covered))) return new Map();
  const called = [...columnCover].filter(([id, own]) => (index.columns[id]?.refersTo ?? 0) < 0 && isCalled(own));
  const doubt = (id: number) => ((columnCover.get(id)?.numbers[soft] ?? 0) >= wholly ? 1 : synonymDoubt);
  return sharedOut(
    question,
    called.map(([id]) => id),
    (id) => id,
    (id) => calledConfidence * doubt(id),
  );
}
