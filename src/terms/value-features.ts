/** What speaks for one stored value among those that a phrase may mean. The same numbers in training and in use. Pure. */

import { columnFeatureNames } from "./column-features.js";
import type { PhraseContext } from "./phrase-features.js";
import { placeNames, placeNumbers } from "./phrase-places.js";
import { profileOf, type ValueHit } from "./values.js";

const asked = [
  "name.exact", "name.soft", "name.association", "table.exact", "table.soft", "distance", "neighbourTable", "twinTable", "sameNameTableGap", "othersExact", "valueWords", "type", "primary", "foreign",
  "referred", "position", "tableColumns", "nameLike", "idLike", "schemaTables", "sharesTableWord", "junction",
] as const; // biome-ignore format: a list of names

const askedPlaces = asked.map((name) => columnFeatureNames.indexOf(name));

/** A stored number fits where it is stored; whether the phrase is one is told already. */
const heldPlaces = ["apart", "nearer", "compared"] as const;
const heldAt = heldPlaces.map((name) => placeNames.indexOf(name));

export const valueFeatureNames: readonly string[] = [
  "likeness", "likenessGap", "rivals", "logCount", "countShare", "distinct", "questionLog", "questionGap", "tableBest", "phraseName", "phraseTable", "chars", "words", "hasQuestion", "number",
  ...heldPlaces,
  ...asked,
]; // biome-ignore format: a list of names

export function writeValueFeatures(
  context: PhraseContext,
  hits: readonly ValueHit[],
  hit: ValueHit,
  out: Float32Array,
  offset: number,
): void {
  const { index, question, phrase } = context;
  const column = index.columns[hit.column];
  const table = index.tables[column?.table ?? -1];
  const bestLikeness = Math.max(...hits.map((h) => h.likeness));
  const logs = hits.map((h) => question?.log.get(h.column) ?? -8);
  const log = question?.log.get(hit.column) ?? -8;
  const places = placeNumbers(context.places, question, hit.column);
  const values = column === undefined ? undefined : profileOf(index, column)?.values;
  const numbers = [
    hit.likeness,
    hit.likeness - bestLikeness,
    hit.rivals,
    Math.log1p(hit.count),
    hit.count / Math.max(1, table?.rows ?? 1),
    Math.log1p(values?.length ?? 0),
    log,
    log - Math.max(...logs),
    question?.standings.tableBest[table?.id ?? -1] ?? 0,
    context.columnCover.get(hit.column)?.numbers[1] ?? 0,
    context.tableCover[table?.id ?? -1]?.numbers[0] ?? 0,
    phrase.text.length,
    phrase.tokens.length,
    question === undefined ? 0 : 1,
    phrase.tokens.every((t) => t.kind === "number") ? 1 : 0,
    ...heldAt.map((place) => places[place] ?? 0),
  ];
  out.set(numbers, offset);
  const row = question?.rowOf.get(hit.column);
  if (row === undefined || question === undefined) return;
  for (const [i, place] of askedPlaces.entries())
    out[offset + numbers.length + i] = question.x[row * columnFeatureNames.length + place] ?? 0;
}
