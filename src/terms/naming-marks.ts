/** Parts of names that say how a thing is kept or measured, and nothing of what it is: a warehouse's layers, units, and that a moment is meant. Pure. */

/** What warehouses write before a table's name, and what is written behind it, to say which kind of table it is, and nothing of what is in it. */
const before = new Set(["dim", "fct", "fact", "stg", "tbl", "tb", "vw", "mart", "agg", "rpt"]);
const behind = new Set(["dim", "fct", "fact", "tbl", "table", "vw"]);

/** Whether a split name has such a mark. */
export const hasMarker = (parts: readonly string[]): boolean => withoutMarkers(parts).length < parts.length;

export function withoutMarkers(parts: readonly string[]): readonly string[] {
  const from = parts.length > 1 && before.has(parts[0] ?? "") ? 1 : 0;
  const to = parts.length - from > 1 && behind.has(parts.at(-1) ?? "") ? parts.length - 1 : parts.length;
  return parts.slice(from, to);
}

/** In what money is counted; at the end of a name it says that an amount is meant. */
const moneyUnits = new Set(["cent", "cents", "usd", "eur", "gbp"]);

/** At the end of a name these say in what something is measured (`amount_cents`), which is seldom said of it. */
const units = new Set([
  ...moneyUnits, "ms", "msec", "millis", "milliseconds", "sec", "secs", "seconds", "kg", "lbs", "km", "cm", "mm", "ft", "bytes", "kb", "mb", "gb", "px", "pct", "utc",
]); // biome-ignore format: a list of words
/** Whether a word at the end of a name says in what its values are measured. */
export const isUnit = (word: string): boolean => units.has(word.toLowerCase());

const amounts = ["amount", "cost", "fee", "charge"];

/** What the last of a name's words stands for where it is what money is counted in (`shipping_cents`); empty where it is not. */
export const moneyOf = (parts: readonly string[]): readonly string[] =>
  parts.length > 1 && moneyUnits.has(parts.at(-1) ?? "") ? amounts : [];

/** Lemmas that `at` and `on` stand for behind a verb (`paid_on`, `created_at`). */
const moments: Readonly<Record<string, readonly string[]>> = { at: ["time", "date"], on: ["date", "day"] };
/** What a thing is based on is no moment. */
const noMoment = new Set(["based", "relied"]);
/** Verbs in the past that do not end in "ed". */
const irregular = new Set([
  "paid", "sent", "sold", "bought", "begun", "began", "born", "done", "drawn", "due", "found", "given", "held", "left", "lost", "met", "put", "read", "run", "seen", "set", "shown", "spent", "taken", "told", "won", "written", "withdrawn",
]); // biome-ignore format: a list of words

/** What the last of a name's words stands for where it says that the verb before it is a moment's; empty where it does not. */
export function momentOf(parts: readonly string[]): readonly string[] {
  const [last = "", verb = "", before = ""] = parts.toReversed();
  const isPast = (word: string) => !noMoment.has(word) && (/..ed$/u.test(word) || irregular.has(word));
  // "logged_in_at": a particle may stand between.
  return isPast(verb) || (/^(?:in|out|up|off)$/u.test(verb) && isPast(before)) ? (moments[last] ?? []) : [];
}
