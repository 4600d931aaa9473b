/**
 * What the form of a phrase rules out, whatever its words: how many there are is not which of them (`seat_no`), which of them is no amount, what is in an
 * amount or not is not it ("amount before tax"), and what was done is not by whom (`approved_by`). Pure.
 */

import { type Asked, isSaid, said } from "./asked.js";
import { headOf } from "./phrase-head.js";
import type { Doc } from "./read-names.js";
import type { TermIndex } from "./term-index.js";
import { lemmaOf, type Token } from "./words.js";

export interface Form {
  /** What its number is, where it asks for one: "number of seats" how many there are, "seat number" which of them. */
  readonly number: "count" | "identifier" | undefined;
  /** Tokens that say only what is in it and what not ("amount before tax"). */
  readonly beside: readonly number[];
  /** Whether it tells what was done, and not by whom ("approved"). */
  readonly done: boolean;
}

/** Undefined where a phrase's form rules out nothing. */
export function formOf(tokens: readonly Token[]): Form | undefined {
  const form = { number: numberAsked(tokens), beside: besideOf(tokens), done: isDone(tokens) };
  return form.number === undefined && form.beside.length === 0 && !form.done ? undefined : form;
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

function numberAsked(tokens: readonly Token[]): Form["number"] {
  const words = [...tokens.keys()].filter((t) => tokens[t]?.kind === "word");
  const { head, of } = headOf(tokens, words);
  if (tokens[head]?.lemma !== "number" || words.length < 2) return undefined;
  if (!of) return "identifier";
  return isPlural(tokens.at(-1)) ? "count" : undefined;
}

const isPlural = (token: Token | undefined): boolean => token !== undefined && token.lower !== token.lemma;

/** Whether a name is of another form than is asked for. */
export function isOfOtherForm(index: TermIndex, phrase: Asked, form: Form, name: Doc): boolean {
  return isOtherNumber(index, phrase, form, name) || isBeside(index, phrase, form, name) || isDoer(index, form, name);
}

/** Whether a column is what another one is told to be with or without, and does not say so itself (`tax` for "amount before tax"). */
function isBeside({ concepts }: TermIndex, phrase: Asked, { beside }: Form, name: Doc): boolean {
  const own = [...name.concepts];
  return (
    beside.some((t) => own.some((concept) => (phrase.rows[t]?.exact.get(concept) ?? 0) >= said)) &&
    !own.some((concept) => saysBeside.has(concepts[concept]?.token ?? ""))
  );
}

/** Whether a column tells by whom it was done (`approved_by`). */
const isDoer = ({ concepts }: TermIndex, { done }: Form, name: Doc): boolean =>
  done && name.concepts.length > 1 && concepts[name.concepts.at(-1) ?? -1]?.token === "by";

/** A name's word stands for another so surely (`no` for number). */
const surely = 0.9;
const identifiers = new Set(["number", "code", "id", "identifier"]);
const amounts = new Set(["amount", "price", "cost", "balance", "fee", "quantity", "percentage", "percent", "rate"]);

/** Whether a name is that of an identifier (`seat_no`) where a count is asked for, or of an amount (`tax_amt`) where an identifier is. */
function isOtherNumber({ concepts }: TermIndex, phrase: Asked, { number: asked }: Form, name: Doc): boolean {
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
