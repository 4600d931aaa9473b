/**
 * Terms that count rows (`number of bookings`, `booking count`): the table is meant, unless a column tells the number. What is numbered otherwise
 * (`bookings.n_adults`) is not meant. Pure.
 */

import { type Covered, coverageNames, metWell } from "./coverage.js";
import type { PhraseContext } from "./phrase-features.js";
import { headOf } from "./phrase-head.js";

/** How sure it is that one of the tables so called is meant, as a probability; they share it. */
const countedConfidence = 0.85;
/** A name met by so much of it, by letters or by dictionary, is the thing's that is counted. */
const wholly = 0.85;
const soft = coverageNames.indexOf("soft");
const exact = coverageNames.indexOf("exact");
const counting = new Set(["number", "count", "tally"]);
/** What is said beside it of all rows. */
const ofAll = new Set(["total", "overall", "distinct", "different", "unique"]);

/** Tables whose rows a term counts, with how sure that is of each; none where it counts no rows, or a column tells their number. */
export function countedRows({
  index,
  phrase,
  columnCover,
  tableCover,
  tables,
}: PhraseContext): ReadonlyMap<number, number> {
  const words = [...phrase.tokens.keys()].filter((t) => phrase.tokens[t]?.kind !== "mark");
  const isCounting = (t: number) => counting.has(phrase.tokens[t]?.lemma ?? "");
  const { head, of } = headOf(phrase.tokens, words);
  // "phone number" and "room number" count nothing.
  const counts = isCounting(head) && (of || phrase.tokens[head]?.lemma !== "number");
  const things = words.filter(
    (t) => t !== head && phrase.tokens[t]?.stop === false && !ofAll.has(phrase.tokens[t]?.lower ?? ""),
  );
  if (!counts || things.length === 0) return new Map();
  const isCalled = ({ numbers, met }: Covered) =>
    (numbers[soft] ?? 0) >= wholly && things.every((t) => (met[t] ?? 0) >= metWell);
  const isKey = (id: number) => index.columns[id]?.primary === true || (index.columns[id]?.refersTo ?? -1) >= 0;
  const isNumber = (id: number) => index.columns[id]?.typeClass === "number" && !isKey(id);
  const isTold = [...columnCover].some(([id, own]) => isNumber(id) && isCalled(own));
  const some = tables.filter((table) => isCalled(tableCover[table] as Covered));
  const exactOf = (table: number) => tableCover[table]?.numbers[exact] ?? 0;
  const best = Math.max(...some.map(exactOf));
  // Authorships are no authors, where both are stored.
  const called = some.filter((table) => exactOf(table) >= best);
  return isTold ? new Map() : new Map(called.map((table) => [table, countedConfidence / called.length]));
}
