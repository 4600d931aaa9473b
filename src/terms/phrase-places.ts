/**
 * Where a phrase stands in its question beside what the question calls the columns, and what its number, if it is one, could be stored in: of "older than 20
 * with 3 cars", 20 is an age. The same numbers in training and in use. Pure.
 */

import type { Asked } from "./asked.js";
import { coverageNames } from "./coverage.js";
import { comparedAt, shapeOf } from "./cues.js";
import { type NumberFits, numberFits } from "./number-fits.js";
import type { QuestionRanking } from "./question-ranker.js";
import type { TermIndex } from "./term-index.js";

export interface PhrasePlaces {
  /** Whether the phrase is numbers and dates alone. */
  readonly number: boolean;
  readonly fits: NumberFits;
  /** Place of the phrase among the question's tokens, -1 where it is not found. */
  readonly at: number;
  /** Whether the question compares something with it ("more than"). */
  readonly compared: boolean;
  /** Distances from the phrase of the places where the question names columns, rising; one a place. */
  readonly named: readonly number[];
}

export const placeNames = ["number", "fits", "apart", "nearer", "compared"] as const;

/** A name met by so much of it, by whatever means, is a name that the question says. */
const saidOf = 0.8;
const soft = coverageNames.indexOf("soft");
/** Distances beyond this are all alike, tokens; that of a column which the question does not name. */
const farthest = 20;

export function phrasePlaces(
  index: TermIndex,
  phrase: Asked,
  question: QuestionRanking | undefined,
  at: number,
): PhrasePlaces {
  const words = phrase.tokens.filter((t) => t.kind !== "mark");
  const said = new Set<number>();
  if (question !== undefined && at >= 0)
    for (const covered of question.context.columnCover.values())
      if (covered.at >= 0 && (covered.numbers[soft] ?? 0) > saidOf) said.add(covered.at);
  return {
    number: words.length > 0 && words.every((t) => shapeOf(t) !== undefined),
    fits: numberFits(index, phrase.tokens, () => false),
    at,
    compared: question !== undefined && comparedAt(question.asked.tokens, at),
    named: [...said].map((place) => Math.abs(place - at)).sort((a, b) => a - b),
  };
}

/** Numbers of one column, in the order of `placeNames`: its `fits` is 1 over the columns that the number fits, -1 where it lies outside, 0 where nothing is known. */
export function placeNumbers(
  places: PhrasePlaces,
  question: QuestionRanking | undefined,
  id: number,
): readonly number[] {
  const { number, fits, at, compared, named } = places;
  const place = question?.context.columnCover.get(id)?.at ?? -1;
  const apart = at < 0 || place < 0 ? farthest : Math.max(-farthest, Math.min(farthest, place - at));
  return [
    number ? 1 : 0,
    fits.share.get(id) ?? (fits.known.has(id) ? -1 : 0),
    apart,
    named.filter((distance) => distance < Math.abs(apart)).length,
    compared ? 1 : 0,
  ];
}
