/**
 * Names that say what a phrase rules out: `first_name` is not the last name, `departure_time` no arrival, `address_2` not address 1. Vectors hold opposites for
 * near alike, so the rankers cannot tell. Pure; facts are in the vocabulary.
 */

import type { Asked } from "./asked.js";
import { headOf } from "./phrase-head.js";
import type { Doc } from "./read-names.js";
import type { TermIndex } from "./term-index.js";
import { businessOpposites } from "./vocabulary.js";
import { lemmaOf, type Token } from "./words.js";

let known: ReadonlyMap<string, ReadonlySet<string>> | undefined;

/** Lemmas that a lemma rules out; undefined where it rules out none. */
function ruledOutBy(lemma: string): ReadonlySet<string> | undefined {
  known ??= load();
  return known.get(lemma);
}

function load(): Map<string, Set<string>> {
  const map = new Map<string, Set<string>>();
  for (const group of businessOpposites()) {
    const kinds = group.map((words) => words.map(lemmaOf));
    for (const [i, kind] of kinds.entries()) {
      const others = kinds.flatMap((other, j) => (j === i ? [] : other));
      for (const word of kind) {
        const own = map.get(word) ?? new Set<string>();
        map.set(word, own);
        for (const other of others) own.add(other);
      }
    }
  }
  return map;
}

/** A word that is met so well by spelling, or by dictionary, is said. */
const said = 0.8;

/** What a phrase rules out. */
export interface RuledOut {
  /** By token that rules something out, what that is. */
  readonly words: ReadonlyMap<number, ReadonlySet<string>>;
  /** Its numbers, each with the tokens of the words before it. */
  readonly numbers: readonly { readonly number: string; readonly of: readonly number[] }[];
  /** What its number is, where it asks for one: "number of seats" how many there are, "seat number" which of them. */
  readonly number: "count" | "identifier" | undefined;
  /** Tokens that say only what is in it and what not ("amount before tax"). */
  readonly beside: readonly number[];
  /** Whether it tells what was done, and not by whom ("approved"). */
  readonly done: boolean;
}

/** Words before a number that say what it counts: "address line 2". */
const countedWords = 2;

/** Undefined where a phrase rules out nothing. */
export function ruledOut(phrase: Asked): RuledOut | undefined {
  const words = new Map<number, ReadonlySet<string>>();
  const numbers: RuledOut["numbers"][number][] = [];
  const before: number[] = [];
  for (const [t, token] of phrase.tokens.entries()) {
    if (token.kind === "number" && before.length > 0)
      numbers.push({ number: plainNumber(token.lower), of: before.slice(-countedWords) });
    if (token.kind !== "word") continue;
    before.push(t);
    const lemmas = ruledOutBy(token.lemma);
    if (lemmas !== undefined) words.set(t, lemmas);
  }
  const number = numberAsked(phrase.tokens);
  const [beside, done] = [besideOf(phrase.tokens), isDone(phrase.tokens)];
  const some = words.size + numbers.length + beside.length > 0 || number !== undefined || done;
  return some ? { words, numbers, number, beside, done } : undefined;
}

/** Words before what is in an amount, or not. */
const besides = new Set(["before", "after", "excluding", "including", "excl", "incl", "without", "less", "plus"]);
/** Words of names that say so themselves (`total_incl_tax`). */
const saysBeside = new Set([
  ...besides, "pre", "post", "ex", "exc", "inc", "inclusive", "exclusive", "with", "wo", "net", "gross", "minus", "past",
]); // biome-ignore format: a list of words

function besideOf(tokens: readonly Token[]): readonly number[] {
  const at = tokens.findIndex((token) => besides.has(token.lower));
  const telling = (t: number) => tokens[t]?.kind === "word" && !tokens[t].stop;
  const places = [...tokens.keys()];
  if (at <= 0 || !places.slice(0, at).some(telling)) return [];
  const end = tokens.findIndex((token, t) => t > at && token.kind === "mark");
  return places.slice(at + 1, end < 0 ? tokens.length : end).filter(telling);
}

function isDone(tokens: readonly Token[]): boolean {
  const words = tokens.filter((token) => token.kind === "word");
  return /..ed$/u.test(words.at(-1)?.lower ?? "") && !words.some(({ lower }) => lower === "by" || lower === "who");
}

function numberAsked(tokens: readonly Token[]): RuledOut["number"] {
  const words = [...tokens.keys()].filter((t) => tokens[t]?.kind === "word");
  const { head, of } = headOf(tokens, words);
  if (tokens[head]?.lemma !== "number" || words.length < 2) return undefined;
  if (!of) return "identifier";
  return isPlural(tokens.at(-1)) ? "count" : undefined;
}

const isPlural = (token: Token | undefined): boolean => token !== undefined && token.lower !== token.lemma;

const plainNumber = (digits: string): string => digits.replace(/^0+(?=\d)/u, "");

/** Whether one of `names` (the thing's own, its table's) says what the phrase rules out where neither they nor `comments` say what it asks for. */
export function saysOpposite(
  index: TermIndex,
  phrase: Asked,
  ruled: RuledOut,
  names: readonly Doc[],
  comments: readonly Doc[],
): boolean {
  const { words, numbers, number } = ruled;
  const [own] = names;
  if (own !== undefined && (otherNumber(index, phrase, numbers, own) || isOther(index, phrase, number, own)))
    return true;
  if (own !== undefined && names.length > 1 && (isBeside(index, phrase, ruled, own) || isDoer(index, ruled, own)))
    return true;
  for (const [t, lemmas] of words) {
    const row = phrase.rows[t];
    // A name's word that another word of the phrase says is not this one's synonym as well ("buy price": price).
    const isMet = (concept: number) =>
      (row?.exact.get(concept) ?? 0) >= said || ((row?.synonym.get(concept) ?? 0) >= said && !isSaid(phrase, concept));
    const isRuledOut = (concept: number) =>
      lemmas.has(index.concepts[concept]?.meaning ?? "") && !isSaid(phrase, concept);
    const some = (docs: readonly Doc[], is: (concept: number) => boolean) => docs.some((doc) => doc.concepts.some(is));
    if (some(names, isRuledOut) && !some(names, isMet) && !some(comments, isMet)) return true;
  }
  return false;
}

const isSaid = (phrase: Asked, concept: number): boolean =>
  phrase.rows.some((row) => (row?.exact.get(concept) ?? 0) >= said);

/** Whether a column is what another one is told to be with or without, and does not say so itself (`tax` for "amount before tax"). */
function isBeside({ concepts }: TermIndex, phrase: Asked, { beside }: RuledOut, name: Doc): boolean {
  const own = [...name.concepts];
  return (
    beside.some((t) => own.some((concept) => (phrase.rows[t]?.exact.get(concept) ?? 0) >= said)) &&
    !own.some((concept) => saysBeside.has(concepts[concept]?.token ?? ""))
  );
}

/** Whether a column tells by whom it was done (`approved_by`). */
const isDoer = ({ concepts }: TermIndex, { done }: RuledOut, name: Doc): boolean =>
  done && name.concepts.length > 1 && concepts[name.concepts.at(-1) ?? -1]?.token === "by";

/** A name's word stands for another so surely (`no` for number). */
const surely = 0.9;
const identifiers = new Set(["number", "code", "id", "identifier"]);
const amounts = new Set(["amount", "price", "cost", "balance", "fee", "quantity", "percentage", "percent", "rate"]);

/** Whether a name is that of an identifier (`seat_no`) where a count is asked for, or of an amount (`tax_amt`) where an identifier is. */
function isOther({ concepts }: TermIndex, phrase: Asked, asked: RuledOut["number"], name: Doc): boolean {
  const last = name.concepts.at(-1);
  if (asked === undefined || last === undefined || name.concepts.length < 2) return false;
  const { token, meaning = "", forms = [] } = concepts[last] ?? {};
  if (asked === "identifier") return amounts.has(meaning) && !isSaid(phrase, last);
  const before = concepts[name.concepts.at(-2) ?? -1]?.token ?? "";
  const isMany = before.endsWith("s") && lemmaOf(before) !== before;
  // `citation_num` is how many, more often than which.
  const tells = isMany || token === "num";
  return !tells && forms.some(({ lemma, weight }) => weight >= surely && identifiers.has(lemma));
}

/** Whether a name counts the same thing otherwise (`address_1` for "address 2"); `age7079` is from 70 to 79, and `co2_emissions` those of any year. */
function otherNumber(index: TermIndex, phrase: Asked, numbers: RuledOut["numbers"], { concepts }: Doc): boolean {
  const own = [...concepts].map((concept) => index.concepts[concept]?.token ?? "");
  const counted = own.flatMap((token, i) => (i > 0 && /^\d+$/u.test(token) ? [i] : []));
  return numbers.some(({ number, of }) => {
    const isMet = (concept: number) => of.some((t) => (phrase.rows[t]?.exact.get(concept) ?? 0) >= said);
    const sameThing = counted.filter((i) => isMet(concepts[i - 1] as number));
    const isIn = (i: number) => {
      const other = plainNumber(own[i] ?? "");
      return other.includes(number) || number.includes(other);
    };
    return sameThing.length > 0 && !counted.some(isIn);
  });
}
