/** The type that a phrase asks for by its head: a date is a time, an amount a number, "is active" true or false. Pure. */

import type { TypeClass } from "./type-class.js";
import type { Token } from "./words.js";

const times = new Set(["date", "time", "day", "datetime", "timestamp", "when", "moment", "deadline"]);
const numbers = new Set([
  "amount", "count", "total", "sum", "quantity", "price", "cost", "fee", "charge", "rate", "ratio", "percentage", "percent", "salary", "wage", "pay", "income", "revenue", "profit", "margin", "balance", "budget", "tax", "discount",
  "age", "weight", "height", "length", "width", "depth", "distance", "duration", "size", "area", "speed", "score", "average", "maximum", "minimum", "population", "capacity", "latitude", "longitude", "temperature",
]); // biome-ignore format: a list of words
const asksWhether = new Set(["is", "are", "was", "were", "has", "have", "does", "did"]);

/** The type of what a phrase means, as its head tells; undefined where it tells none. */
export function expectedType(phrase: readonly Token[]): TypeClass | undefined {
  const words = phrase.filter((token) => token.kind === "word");
  if (words.length > 1 && asksWhether.has(words[0]?.lower ?? "")) return "boolean";
  // "date of birth", "number of rooms"; else the last word.
  const of = words.findIndex((token) => token.lower === "of");
  const head = words[of > 0 ? of - 1 : words.length - 1];
  if (head === undefined) return undefined;
  if (of > 0 && head.lemma === "number") return "number";
  return times.has(head.lemma) ? "time" : numbers.has(head.lemma) ? "number" : undefined;
}
