/** Rows that hold from one day until another (`valid_from`, `valid_to`): which columns say so, and which day is meant. Pure. */

import { error } from "../issue.js";
import { nameWords } from "../schema/name-words.js";
import type { Column, Table } from "../schema/snapshot.js";
import type { QueryContext } from "./answer.js";
import { addDays, calendarYear, type Day, dayIn } from "./calendar.js";
import type { Filter, Intent } from "./intent.js";
import { parsePhrase } from "./phrases.js";
import { refuse } from "./stop.js";
import { timeKindOf } from "./time-kinds.js";

const beginWords: ReadonlySet<string> = new Set([
  "from",
  "start",
  "starts",
  "begin",
  "begins",
  "since",
  "hire",
  "hired",
  "joined",
]);
const endWords: ReadonlySet<string> = new Set([
  "to",
  "end",
  "ends",
  "until",
  "till",
  "thru",
  "through",
  "expiry",
  "expires",
  "termination",
  "terminated",
  "separation",
  "separated",
  "left",
]);
/** Words beside them that name no stretch of their own. */
const plainWords: ReadonlySet<string> = new Set(["date", "dt", "day", "time", "at", "on", "ts", "timestamp"]);

/** The columns between which a row holds; with `named` the pair that it is one of. `undefined` where there is no such pair, or several. */
export function validityOf(
  table: Table,
  named: Column | undefined,
  context: QueryContext,
): { readonly from: Column; readonly to: Column } | undefined {
  const times = table.columns.filter((c) => timeKindOf(table, c, context) !== undefined);
  const key = (column: Column, marks: ReadonlySet<string>) => {
    const words = nameWords(column.name).filter((w) => !plainWords.has(w));
    return words.some((w) => marks.has(w)) ? words.filter((w) => !marks.has(w)).join(" ") : undefined;
  };
  const pairs = times.flatMap((from) => {
    const begins = key(from, beginWords);
    const ends = begins === undefined ? [] : times.filter((to) => to !== from && key(to, endWords) === begins);
    return ends.map((to) => ({ from, to }));
  });
  const fits = named === undefined ? pairs : pairs.filter((p) => p.from === named || p.to === named);
  return fits.length === 1 ? fits[0] : undefined;
}

/** The day that an `as_of` means: as given, or the last one of the period that a phrase names (`today`, `last month`). */
export function dayOfPhrase(value: Filter["value"], intent: Intent, context: QueryContext): Day {
  const zone = intent.time?.time_zone ?? context.settings.timeZone;
  const today = dayIn(context.now, zone);
  const text = String(value ?? "today").trim();
  const period = parsePhrase(/^now$/i.test(text) ? "today" : text, { today, fiscal: calendarYear });
  if (Array.isArray(value) || period?.to === undefined) {
    refuse(error("invalid_argument", `"${text}" is no day.`, { help: "Write `2024-03-01`, or `today`." }));
  }
  return addDays(period.to, -1);
}
