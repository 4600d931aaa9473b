/**
 * Terms that put a stored value before what it is a value of: "active subscriptions", "open tickets", "high severity" are that value, whatever else is called
 * after its words (`opened_at`). Pure.
 */

import { type Covered, coverageNames, metWell } from "./coverage.js";
import { light } from "./light-heads.js";
import type { PhraseContext } from "./phrase-features.js";
import { sharesOf } from "./question-ranker.js";
import type { Doc } from "./read-names.js";
import { type ValueHit, valuesLike } from "./values.js";

/** How sure it is that one of the values so said is meant, as a probability; they share it by what the question says of their columns. */
const saidConfidence = 0.8;
/** A stored text so like the words is what they say. */
const asSaid = 0.9;
/** The term itself is stored where a text is so like it ("American Airlines"). */
const wholeStored = 0.95;
/** Stored values that are looked at. */
const maxValues = 20;

/** A name met by so much of it, by letters, is what stands there. */
const wholly = 0.93;
const exact = coverageNames.indexOf("exact");

/** Values that the words before a table's or a column's name say, in that table or column, with how sure each is. */
export function valuesBeforeNames(context: PhraseContext): ReadonlyMap<ValueHit, number> {
  const { index, phrase, question, columnCover, tableCover, tables } = context;
  const places = [...phrase.tokens.keys()].filter((t) => phrase.tokens[t]?.kind !== "mark");
  if (places.length < 2 || valuesLike(index, phrase.text, 1).some(({ likeness }) => likeness >= wholeStored))
    return new Map();
  for (let k = 0; k < places.length; k += 1) {
    const called = places.slice(k);
    const isCalled = (covered: Covered | undefined, name: Doc | undefined) =>
      covered !== undefined &&
      name?.concepts.length === called.length &&
      (covered.numbers[exact] ?? 0) >= wholly &&
      called.every((t) => (covered.met[t] ?? 0) >= metWell);
    const rows = new Set(tables.filter((t) => isCalled(tableCover[t], index.tables[t]?.doc)));
    // "family name" is no name of a family that is stored.
    const isLight = called.length === 1 && light.has(phrase.tokens[called[0] ?? -1]?.lemma ?? "");
    const own = isLight ? [] : [...columnCover].filter(([id, covered]) => isCalled(covered, index.columns[id]?.doc));
    if (rows.size + own.length === 0) continue;
    const [first, last] = [phrase.tokens[places[0] ?? -1], phrase.tokens[places[k - 1] ?? -1]];
    // The whole is a name.
    if (first === undefined || last === undefined) break;
    const columns = new Set(own.map(([id]) => id));
    const hits = valuesLike(index, phrase.text.slice(first.start, last.end), maxValues).filter(
      ({ column, likeness }) =>
        likeness >= asSaid && (columns.has(column) || rows.has(index.columns[column]?.table ?? -1)),
    );
    const shares = sharesOf(
      question,
      hits.map(({ column }) => column),
    );
    if (hits.length > 0) return new Map(hits.map((hit, i) => [hit, saidConfidence * (shares[i] as number)]));
  }
  return new Map();
}
