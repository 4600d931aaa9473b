/**
 * Terms that put a stored value before what it is a value of: "active subscriptions", "open tickets", "high severity" are that value, whatever else is called
 * after its words (`opened_at`). Pure.
 */

import { type Covered, isSpelled, metWell } from "./coverage.js";
import { light } from "./light-heads.js";
import type { PhraseContext } from "./phrase-features.js";
import { sharedOut } from "./question-ranker.js";
import type { Doc } from "./read-names.js";
import { relatedness, same } from "./synonyms.js";
import { type ValueHit, valuesLike, wholeLikeness } from "./values.js";

/** How sure it is that one of the values so said is meant, as a probability; they share it by what the question says of their columns. */
const saidConfidence = 0.8;
/** A stored text so like the words is what they say. */
const asSaid = 0.9;
/** Stored values that are looked at. */
const maxValues = 20;

/** Whether a table's name ends with some words of a phrase. */
export function endsSo({ index, phrase }: PhraseContext, table: number, words: readonly number[]): boolean {
  const concepts = index.tables[table]?.doc.concepts ?? [];
  const from = concepts.length - words.length;
  const isSaid = (concept: number, lemma: string) =>
    index.concepts[concept]?.forms.some(
      (form) => form.weight >= metWell && (form.lemma === lemma || relatedness(form.lemma, lemma) >= same),
    ) === true;
  return from >= 0 && words.every((t, i) => isSaid(concepts[from + i] ?? -1, phrase.tokens[t]?.lemma ?? ""));
}

/** Values that the words before a table's or a column's name say, in that table or column, with how sure each is. */
export function valuesBeforeNames(context: PhraseContext): ReadonlyMap<ValueHit, number> {
  const { index, phrase, question, columnCover, tableCover, tables } = context;
  const places = [...phrase.tokens.keys()].filter((t) => phrase.tokens[t]?.kind !== "mark");
  // "American Airlines" is stored itself.
  if ([...context.values.values()].some(({ likeness }) => likeness >= wholeLikeness)) return new Map();
  for (let k = 0; k < places.length; k += 1) {
    const called = places.slice(k);
    const isCalled = (covered: Covered | undefined, name: Doc | undefined) =>
      covered !== undefined &&
      name?.concepts.length === called.length &&
      isSpelled(covered) &&
      called.every((t) => (covered.met[t] ?? 0) >= metWell);
    const whole = tables.filter((t) => isCalled(tableCover[t], index.tables[t]?.doc));
    // "rejected claims" of `expense_claims`: where no table is called so, those whose names end so.
    const rows = new Set(whole.length > 0 || k === 0 ? whole : tables.filter((t) => endsSo(context, t, called)));
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
    if (hits.length === 0) continue;
    return sharedOut(
      question,
      hits,
      ({ column }) => column,
      () => saidConfidence,
    );
  }
  return new Map();
}
