/**
 * Where a phrase stands in its question beside what the question calls the columns, and what its number, if it is one, could be stored in: of "older than 20
 * with 3 cars", 20 is an age. The same numbers in training and in use. Pure.
 */

import type { Asked } from "./asked.js";
import { type Covered, coverageNames, metWell } from "./coverage.js";
import { comparedAt, isExtreme, shapeOf } from "./cues.js";
import { type NumberFits, numberFits } from "./number-fits.js";
import type { QuestionRanking } from "./question-ranker.js";
import type { TermIndex } from "./term-index.js";
import type { Token } from "./words.js";

export interface PhrasePlaces {
  /** Whether the phrase is numbers and dates alone. */
  readonly number: boolean;
  readonly fits: NumberFits;
  /** Place of the phrase among the question's tokens, -1 where it is not found. */
  readonly at: number;
  /** Whether it is a number of rows, and so of nothing that is stored ("at least 3 orders", "the top 5"). */
  readonly counts: boolean;
  /** Whether the question compares something with it ("more than"). */
  readonly compared: boolean;
  /** Distances from the phrase of the places where the question names columns, rising; one a place. */
  readonly named: readonly number[];
}

export const placeNames = ["number", "fits", "apart", "nearer", "compared"] as const;

/** A name met by so much of it, by whatever means, is a name that the question says. */
const saidOf = 0.8;
const soft = coverageNames.indexOf("soft");
const exact = coverageNames.indexOf("exact");
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
  const number = words.length > 0 && words.every((t) => t.kind === "number");
  return {
    number,
    counts: number && question !== undefined && at >= 0 && countsRows(question, at, phrase.tokens.length),
    fits: numberFits(index, phrase.tokens, () => false),
    at,
    compared: question !== undefined && comparedAt(question.asked.tokens, at),
    named: [...said].map((place) => Math.abs(place - at)).sort((a, b) => a - b),
  };
}

const ordering = new Set(["top", "first", "last", "bottom", "best"]);
const between = new Set([
  "different",
  "distinct",
  "separate",
  "unique",
  "or",
  "more",
  "fewer",
  "less",
  "other",
  "of",
  "the",
]);

/** Whether a number stands before what a table holds, and no column is called so ("3 stations"), or beside a word that orders ("top 5", "3 largest"). */
function countsRows({ asked, context }: QuestionRanking, at: number, length: number): boolean {
  const { tokens } = asked;
  if (ordering.has(tokens[at - 1]?.lower ?? "")) return true;
  let next = at + length;
  while (between.has(tokens[next]?.lower ?? "")) next += 1;
  const [after, later] = [tokens[at + length]?.lower ?? "", tokens[at + length + 1]?.lower ?? ""];
  // "in room 111 most recently" asks for no 111 rows.
  if (isExtreme(after) && !later.endsWith("ly")) return true;
  if (shapeOf(tokens[at] as Token) === "#year" || tokens[next]?.stop !== false) return false;
  const isNamed = (covered: Covered) => (covered.met[next] ?? 0) >= metWell;
  // `review_count` holds how many there are; `review_id` does not.
  const isHeld = ([id, covered]: readonly [number, Covered]) => {
    const { typeClass, primary, refersTo = -1 } = context.index.columns[id] ?? {};
    const holds = typeClass === "number" && primary === false && refersTo < 0;
    return isNamed(covered) && (holds || (covered.numbers[exact] ?? 0) >= metWell);
  };
  return context.tableCover.some(isNamed) && ![...context.columnCover].some(isHeld);
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
