/** Parts of names that say how a thing is kept or measured, and nothing of what it is: a warehouse's layers, units, and that a moment is meant. Pure. */

/** What is written before a table's name or behind it to say which kind of table it is, and nothing of what is in it: a warehouse's layers, a master or head record. */
const before = new Set(["dim", "fct", "fact", "stg", "tbl", "tb", "vw", "mart", "agg", "rpt"]);
const behind = new Set(["dim", "fct", "fact", "tbl", "table", "vw", "mst", "mstr", "master", "hdr", "header"]);

/** Whether a split name has such a mark. */
export function hasMarker(parts: readonly string[]): boolean {
  const [from, to] = unmarked(parts);
  return to - from < parts.length;
}

export function withoutMarkers(parts: readonly string[]): readonly string[] {
  const kept = parts.slice(...unmarked(parts));
  return kept.length < parts.length && kept.length === 1 ? (records.get(kept[0] ?? "") ?? kept) : kept;
}

/** From where to where a name stands without its marks. */
function unmarked(parts: readonly string[]): readonly [from: number, to: number] {
  const from = parts.length > 1 && before.has(parts[0] ?? "") ? 1 : 0;
  const to = parts.length - from > 1 && behind.has(parts.at(-1) ?? "") ? parts.length - 1 : parts.length;
  return [from, to];
}

/** Short forms of records that are words by themselves, and none beside a mark (`so_mstr`). */
const records: ReadonlyMap<string, readonly string[]> = new Map([["so", ["sales", "order"]]]);

/** In what money is counted; at the end of a name it says that an amount is meant. */
const moneyUnits = new Set(["cent", "cents", "usd", "eur", "gbp"]);

/** At the end of a name these say in what something is measured (`amount_cents`), which is seldom said of it. */
const units = new Set([
  ...moneyUnits, "ms", "msec", "millis", "milliseconds", "sec", "secs", "seconds", "kg", "lbs", "km", "cm", "mm", "ft", "bytes", "kb", "mb", "gb", "px", "pct", "utc",
]); // biome-ignore format: a list of words
/** Whether a word at the end of a name says in what its values are measured. */
export const isUnit = (word: string): boolean => units.has(word.toLowerCase());

const measuredIn = (units: readonly string[], quantities: readonly string[]) =>
  units.map((unit) => [unit, quantities] as const);

/** What is measured in a unit, by how it ends a name (`shipping_cents`, `setup_hrs`); "day" and "year" alone are dates. */
const quantities: ReadonlyMap<string, readonly string[]> = new Map([
  ...measuredIn([...moneyUnits], ["amount", "cost", "fee", "charge"]),
  ...measuredIn(["ms", "sec", "secs", "seconds", "mins", "minutes", "hrs", "hours", "days", "weeks", "mths", "months", "years", "yrs"], ["duration", "time", "length"]),
  ...measuredIn(["kg", "lbs"], ["weight", "mass"]),
  ...measuredIn(["km", "mi", "miles", "kilometers"], ["distance", "length"]),
  ...measuredIn(["bytes", "kb", "mb", "gb"], ["size", "volume"]),
  ...measuredIn(["kwh"], ["energy", "electricity", "kilowatt"]),
  ...measuredIn(["kw"], ["power", "kilowatt"]),
]); // biome-ignore format: a list of words

/** What the last of a name's words stands for where it is a unit; empty where it is none. */
export const quantitiesOf = (parts: readonly string[]): readonly string[] =>
  parts.length > 1 ? (quantities.get(parts.at(-1) ?? "") ?? []) : [];

/** Lemmas that `at` and `on` stand for behind a verb (`paid_on`, `created_at`). */
const moments: Readonly<Record<string, readonly string[]>> = { at: ["time", "date"], on: ["date", "day"] };
/** What a thing is based on is no moment. */
const noMoment = new Set(["based", "relied"]);
/** Verbs in the past that do not end in "ed". */
const irregular = new Set([
  "paid", "sent", "sold", "bought", "begun", "began", "born", "done", "drawn", "due", "found", "given", "held", "left", "lost", "met", "put", "read", "run", "seen", "set", "shown", "spent", "taken", "told", "won", "written", "withdrawn",
]); // biome-ignore format: a list of words

/** Verbs in the present by which names tell when something will be, or is by plan (`expires_on`). */
const present = new Set([
  "arrives", "begins", "closes", "commences", "departs", "ends", "expires", "finishes", "lapses", "matures", "opens", "renews", "resumes", "starts", "terminates",
]); // biome-ignore format: a list of words

/** What the last of a name's words stands for where it says that the verb before it is a moment's; empty where it does not. */
export function momentOf(parts: readonly string[]): readonly string[] {
  const [last = "", verb = "", before = ""] = parts.toReversed();
  const happens = (word: string) =>
    !noMoment.has(word) && (/..ed$/u.test(word) || irregular.has(word) || present.has(word));
  // "logged_in_at": a particle may stand between.
  return happens(verb) || (/^(?:in|out|up|off)$/u.test(verb) && happens(before)) ? (moments[last] ?? []) : [];
}

const keyWords: ReadonlySet<string> = new Set(["key", "sk", "id", "fk"]);

/** Whether a name is that of a key to a day of a calendar and says which day (`order_date_key`, `SoldDateSK`). */
export function isDayKey(parts: readonly string[]): boolean {
  return parts.length > 2 && keyWords.has(parts.at(-1) ?? "") && parts.at(-2) === "date";
}
