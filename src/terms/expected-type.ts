/** The type that a phrase asks for by its head: a date is a time, an amount a number, "is active" true or false. Pure. */

import type { TypeClass } from "./type-class.js";
import type { Token } from "./words.js";

const times = new Set(["date", "time", "day", "datetime", "timestamp", "when", "moment", "deadline"]);
const numbers = new Set([
  "amount", "count", "total", "sum", "quantity", "price", "cost", "fee", "charge", "rate", "ratio", "percentage", "percent", "salary", "wage", "pay", "income", "revenue", "profit", "margin", "balance", "budget", "tax", "discount",
  "age", "weight", "height", "length", "width", "depth", "distance", "duration", "size", "area", "speed", "score", "average", "maximum", "minimum", "population", "capacity", "latitude", "longitude", "temperature",
]); // biome-ignore format: a list of words
const asksWhether = new Set(["is", "are", "was", "were", "has", "have", "does", "did"]);

/** Heads that say no more than a type: `arrival`, where it is a date, is the arrival date, and a number `bonus` the bonus amount. */
const bare: ReadonlyMap<string, TypeClass> = new Map([
  ...["date", "time", "day", "datetime", "timestamp"].map((word) => [word, "time"] as const),
  ...["amount", "count", "total", "value", "figure"].map((word) => [word, "number"] as const),
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
  // "date of birth", "number of rooms"; else the last word.
  const of = words.findIndex((t) => phrase[t]?.lower === "of");
  const head = words[of > 0 ? of - 1 : words.length - 1] ?? -1;
  const lemma = phrase[head]?.lemma ?? "";
  if (of > 0 && lemma === "number") return { type: "number", bare: head };
  const type = times.has(lemma) ? "time" : numbers.has(lemma) ? "number" : bare.get(lemma);
  return type === undefined ? undefined : { type, bare: words.length > 1 && bare.get(lemma) === type ? head : -1 };
}
