/** The type that a phrase asks for by its head: a date is a time, an amount a number, "is active" true or false. Pure. */

import { headOf } from "./phrase-head.js";
import type { TypeClass } from "./type-class.js";
import type { Token } from "./words.js";

/** Words that begin what is true or false. */
export const asksWhether: ReadonlySet<string> = new Set(["is", "are", "was", "were", "has", "have", "does", "did"]);

const asking = (type: TypeClass, words: readonly string[]) => words.map((word) => [word, type] as const);

/** Heads that say no more than a type: `arrival`, where it is a date, is the arrival date, and a number `bonus` the bonus amount. */
const bare: ReadonlyMap<string, TypeClass> = new Map([
  ...asking("time", ["date", "time", "day", "datetime", "timestamp"]),
  ...asking("number", ["amount", "count", "total", "value", "figure"]),
]);
const typeOfHead: ReadonlyMap<string, TypeClass> = new Map([
  ...bare,
  ...asking("time", ["when", "moment", "deadline"]),
  ...asking("number", [
    "sum", "quantity", "price", "cost", "fee", "charge", "rate", "ratio", "percentage", "percent", "salary", "wage", "pay", "income", "revenue", "profit", "margin", "balance", "budget", "tax", "discount",
    "age", "weight", "height", "length", "width", "depth", "distance", "duration", "size", "area", "speed", "score", "average", "maximum", "minimum", "population", "capacity", "latitude", "longitude", "temperature",
  ]), // biome-ignore format: a list of words
]);

export interface ExpectedType {
  readonly type: TypeClass;
  /** The token that asks for nothing but the type, -1 where none does. */
  readonly bare: number;
}

/** The type of what a phrase means, as its head tells; undefined where it tells none. */
export function expectedType(phrase: readonly Token[]): ExpectedType | undefined {
  const words = [...phrase.keys()].filter((t) => phrase[t]?.kind === "word");
  const [first] = words.map((t) => phrase[t]?.lower ?? "");
  if (words.length > 1 && asksWhether.has(first ?? "")) return { type: "boolean", bare: -1 };
  const { head, of } = headOf(phrase, words);
  const lemma = phrase[head]?.lemma ?? "";
  if (of && lemma === "number") return { type: "number", bare: head };
  const type = typeOfHead.get(lemma);
  return type === undefined ? undefined : { type, bare: words.length > 1 && bare.has(lemma) ? head : -1 };
}
