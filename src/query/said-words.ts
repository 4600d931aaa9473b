/** Which words of a phrase a table's and a column's own words say: names, comments, other words for the same. Pure. */

import type { Column, Table } from "../schema/snapshot.js";
import { abbreviationMeanings } from "../terms/abbreviations.js";
import { acronymsOf } from "../terms/acronyms.js";
import { relatedness } from "../terms/synonyms.js";
import { isStopWord, isWord } from "../terms/words.js";
import { aggregations } from "./question-words.js";
import { spokenWords } from "./spoken-words.js";
import { isWholeAmount, wordsBeside } from "./tables.js";
import { sameStem, sameWord, saysMoney } from "./words.js";

/** Words nearer than this are as good as said by one another. */
const nearlySaid = 0.6;

/** Words that say of a measure only how it is taken or held. */
const untold: ReadonlySet<string> = new Set([
  ...[...aggregations.keys()].flatMap((words) => words.split(" ")),
  ..."of by in on at for from to with per the a an all and or no number count amount value quantity volume size rate ratio percentage pct figure level date time name".split(
    " ",
  ),
]);

/** Words of a column's name that say of what is asked for no more than that it is a number. */
const held: ReadonlySet<string> = new Set(["amount", "value", "total", "number"]);

/** What a table and a column of it are called and said to be. */
function ownWords(table: Table, column: Column | undefined): readonly string[] {
  const texts = [table.name, table.comment ?? "", column?.name ?? "", column?.comment ?? ""];
  return texts.flatMap(spokenWords);
}

/** The words of a phrase that tell what it is about. */
const tellingWords = (phrase: string): readonly string[] => spokenWords(phrase).filter((w) => !untold.has(w));

/** The telling words of a phrase that nothing of a table and its column says. */
export function wordsUnsaid(phrase: string, table: Table, column: Column | undefined): readonly string[] {
  const own = ownWords(table, column);
  const words = tellingWords(withoutEnd(phrase, column?.name ?? table.name));
  const [only, second] = words;
  if (only === undefined) return [];
  const isSaid = (w: string) => own.some((o) => sameWord(o, w) || relatedness(o, w) >= nearlySaid);
  // "ARR" is an annual revenue where that recurs.
  if (second === undefined && !isSaid(only) && !isWord(only)) return leastUnsaid(only, isSaid);
  if (acronymsOf(spokenWords(phrase)).some((short) => own.includes(short))) return [];
  return words.filter((w) => !isSaid(w));
}

/** The words that are not said of that meaning of a short form of which the fewest are not; itself where it has none. */
function leastUnsaid(short: string, isSaid: (word: string) => boolean): readonly string[] {
  const unsaid = abbreviationMeanings(short).map(({ words }) => words.filter((w) => !isStopWord(w) && !isSaid(w)));
  return unsaid.toSorted((a, b) => a.length - b.length)[0] ?? [short];
}

/** A phrase without a name that its letters end with: "kWh" is two words to those who split names. */
function withoutEnd(phrase: string, name: string): string {
  const letters = (text: string) => text.replaceAll(/[^\p{L}\p{N}]/gu, "").toLowerCase();
  const [said, own] = [letters(phrase), letters(name)];
  if (!said.endsWith(own)) return phrase;
  let end = phrase.length;
  while (letters(phrase.slice(0, end)).length > said.length - own.length) end -= 1;
  return phrase.slice(0, end);
}

/** Whether a table or its column says some telling word of a phrase. */
export function saysSomeOf(phrase: string, table: Table, column: Column | undefined): boolean {
  return tellingWords(phrase).length > wordsUnsaid(phrase, table, column).length;
}

/**
 * Other columns of a table, of the same type, that say as much of a phrase as one that is called by more: of "claim amount" `billed_amt` beside `paid_amt`. None where
 * the phrase says something that may tell them apart, or the column is the whole amount.
 */
export function asWellSaid(phrase: string, table: Table, column: Column): readonly Column[] {
  const said = spokenWords(phrase);
  const isSaid = (w: string) => said.some((s) => sameWord(s, w));
  const words = spokenWords(column.name);
  const common = words.filter(isSaid);
  const own = spokenWords(table.name);
  const isTold = (w: string) => untold.has(w) || [...common, ...own].some((o) => sameWord(o, w));
  const saysNoMore = (w: string) => isSaid(w) || own.includes(w) || held.has(w);
  const isWhole = words.every(saysNoMore) || isWholeAmount(wordsBeside(column.name, table.name).join(" "));
  if (common.length === 0 || isWhole || !said.every(isTold)) return [];
  const saysAll = (c: Column) => common.every((w) => spokenWords(c.name).some((o) => sameWord(o, w)));
  const bare = ({ type }: Column) => type.replace(/\(.*/, "");
  return table.columns.filter((c) => c !== column && bare(c) === bare(column) && saysAll(c));
}

/** Whether a phrase asks for a number of things ("invoice count") and a column does not say that it is one, or for a value and a column holds a number of things. */
export function isOtherNumber(phrase: string, column: Column | undefined): boolean {
  const own = spokenWords(column?.name ?? "");
  if (/\bcounts?$/i.test(phrase)) return !own.some((w) => numbering.has(w));
  const isWorth = /\bvalues?$/i.test(phrase) || saysMoney(phrase);
  // "unit sales" are so many.
  return isWorth && own.some((w) => howMany.has(w)) && !spokenWords(phrase).some((w) => howMany.has(w));
}

const howMany: ReadonlySet<string> = new Set(["quantity", "unit", "count", "click", "impression", "view"]);

const numbering: ReadonlySet<string> = new Set(["count", "number", "num", "total"]);

/** Words of amounts that were meant to be, and need not have come about. */
const meant: ReadonlySet<string> = new Set(
  "committed commitment planned plan budget budgeted estimated estimate expected forecast forecasted target projected promised quoted potential proposed requested".split(
    " ",
  ),
);

/** Whether a column is of what was meant to be, and a phrase does not say so: "spend" is no `committed_spend`. */
export function isOnlyMeant(phrase: string, { name }: Column): boolean {
  const said = spokenWords(phrase);
  return spokenWords(name).some((w) => meant.has(w) && !said.some((s) => sameWord(s, w)));
}

/** Whether a phrase says what is left out ("off-contract spend", "non-billable hours"), and no name does. */
export function isDenied(phrase: string, table: Table, column: Column | undefined): boolean {
  const denials =
    phrase.toLowerCase().match(/(?<![\p{L}\p{N}])(?:off|non|not|excluding|except|without)(?![\p{L}\p{N}])/gu) ?? [];
  const own = ownWords(table, column);
  return denials.some((d) => !own.includes(d));
}

/** Whether a column is of things to which was done what a phrase says: "purchases" are no `seats_purchased`. */
export function isDoneToOthers(phrase: string, { name }: Column): boolean {
  const [said = "", second] = spokenWords(phrase);
  const words = spokenWords(name);
  const done = words.findIndex((w, i) => i > 0 && w.endsWith("ed") && sameStem(said, w));
  return (
    second === undefined && done > 0 && !words.some((w) => untold.has(w) || (sameWord(w, said) && !w.endsWith("ed")))
  );
}

/** Whether a phrase is of those who do what rows of a table tell: "viewers" of `views`. */
export function saysDoers(phrase: string, table: string): boolean {
  const [said = "", own = ""] = [phrase, table].map((text) => spokenWords(text).at(-1));
  return /..(?:er|or)$/.test(said) && said.length > own.length && sameStem(own, said);
}

/** Whether a phrase and a name have a word in common, as it stands in both. */
export function saysWordOf(phrase: string, name: string): boolean {
  const said = spokenWords(phrase);
  return spokenWords(name).some((word) => said.includes(word));
}

/** Whether a term has all words of another: "order status" may mean what "status" does. */
export function containsAll(term: string, other: string): boolean {
  const words = spokenWords(term);
  return spokenWords(other).every((w) => words.includes(w));
}
