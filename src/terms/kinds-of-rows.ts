/**
 * Terms that put a stored value before what it is a value of: "active subscriptions", "open tickets", "high severity" are that value, whatever else is called
 * after its words (`opened_at`). Pure.
 */

import { light } from "./light-heads.js";
import type { PhraseContext } from "./phrase-features.js";
import { sharesOf } from "./question-ranker.js";
import { type ValueHit, valuesLike } from "./values.js";
import { lemmasOf, splitIdentifier } from "./words.js";

/** How sure it is that one of the values so said is meant, as a probability; they share it by what the question says of their columns. */
const saidConfidence = 0.8;
/** A stored text so like the words is what they say. */
const asSaid = 0.9;
/** The term itself is stored where a text is so like it ("American Airlines"). */
const wholeStored = 0.95;
/** Stored values that are looked at. */
const maxValues = 20;

/** Values that the words before a table's or a column's name say, in that table or column, with how sure each is. */
export function valuesBeforeNames({
  index,
  phrase,
  question,
  columnCover,
  tables,
}: PhraseContext): ReadonlyMap<ValueHit, number> {
  const words = phrase.tokens.filter((t) => t.kind !== "mark");
  if (valuesLike(index, phrase.text, 1).some(({ likeness }) => likeness >= wholeStored)) return new Map();
  for (let k = 0; k < words.length; k += 1) {
    const [first, last] = [words[0], words[k - 1]];
    const called = words
      .slice(k)
      .map((t) => t.lemma)
      .join(" ");
    const isCalled = (name: string) => lemmasOf(splitIdentifier(name).join(" ")).join(" ") === called;
    const rows = new Set(tables.filter((t) => isCalled(index.tables[t]?.name ?? "")));
    // "family name" is no name of a family that is stored.
    const columns = light.has(called)
      ? new Set<number>()
      : new Set([...columnCover.keys()].filter((id) => isCalled(index.columns[id]?.name ?? "")));
    if (rows.size + columns.size === 0) continue;
    // The whole is a name.
    if (first === undefined || last === undefined) break;
    const said = phrase.text.slice(first.start, last.end);
    const hits = valuesLike(index, said, maxValues).filter(
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
