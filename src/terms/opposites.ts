/**
 * Names that say what a phrase rules out: `first_name` is not the last name, `departure_time` no arrival, `address_2` not address 1. Vectors hold opposites for
 * near alike, so the rankers cannot tell. Pure; facts are in the vocabulary.
 */

import { type Asked, isSaid, said } from "./asked.js";
import { type Form, formOf, isOfOtherForm } from "./phrase-forms.js";
import type { Doc } from "./read-names.js";
import type { TermIndex } from "./term-index.js";
import { businessOpposites } from "./vocabulary.js";
import { lemmaOf } from "./words.js";

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

/** What a phrase rules out. */
export interface RuledOut {
  /** By token that rules something out, what that is. */
  readonly words: ReadonlyMap<number, ReadonlySet<string>>;
  /** Its numbers, each with the tokens of the words before it. */
  readonly numbers: readonly { readonly number: string; readonly of: readonly number[] }[];
  readonly form: Form | undefined;
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
  const form = formOf(phrase.tokens);
  return words.size + numbers.length === 0 && form === undefined ? undefined : { words, numbers, form };
}

const plainNumber = (digits: string): string => digits.replace(/^0+(?=\d)/u, "");

/** Whether one of `names` (the thing's own, its table's) says what the phrase rules out where neither they nor `comments` say what it asks for. */
export function saysOpposite(
  index: TermIndex,
  phrase: Asked,
  { words, numbers, form }: RuledOut,
  names: readonly Doc[],
  comments: readonly Doc[],
): boolean {
  const [own] = names;
  if (own !== undefined && otherNumber(index, phrase, numbers, own)) return true;
  if (own !== undefined && form !== undefined && isOfOtherForm(index, phrase, form, own)) return true;
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
