/** Which columns of a table tell when its rows happened. Pure. */

import { tableKey } from "../schema/names.js";
import type { Column, Table } from "../schema/snapshot.js";
import type { QueryContext } from "./answer.js";
import { dayLink } from "./day-tables.js";
import type { JoinGraph } from "./graph.js";
import { spokenWords } from "./spoken-words.js";
import { isDeletionMark } from "./tables.js";
import { auditWords, isPlanned, timeKindOf, timeWords } from "./time-kinds.js";
import { isDeed, keyWords } from "./words.js";

/** Words of times at which a row began to be. */
const making: ReadonlySet<string> = new Set(["created", "inserted"]);

/** Words of times at which people were born, long before they were anybody's customers. */
const bornWords: ReadonlySet<string> = new Set(["birth", "birthdate", "birthday", "dob", "born"]);

/** Whether a time is when somebody was born. */
export const isBirth = ({ name }: Column): boolean => spokenWords(name).some((w) => bornWords.has(w));

/** Words of times of what happens to a row again and again, as it stands now ("last login"). */
const presentWords: ReadonlySet<string> = new Set(["last", "latest", "next"]);

/** Whether a time is of what happened last, or happens next. */
export const isPresent = ({ name }: Column): boolean => spokenWords(name).some((w) => presentWords.has(w));

/** Whether a column tells when: a time, or a key to a day of a calendar that the table does not hold itself as well (`OrderDate` beside `OrderDateKey`). */
export function tellsWhen(table: number, column: Column, graph: JoinGraph, context: QueryContext): boolean {
  const here = graph.tables[table];
  if (here === undefined) return false;
  const isTime = (c: Column) => timeKindOf(here, c, context) !== undefined;
  if (isTime(column)) return true;
  if (dayLink(table, column.name, graph, context) === undefined) return false;
  const called = (c: Column) =>
    spokenWords(c.name)
      .filter((w) => !keyWords.has(w))
      .join(" ");
  return !here.columns.some((c) => c !== column && called(c) === called(column) && isTime(c));
}

/** Of several times of a table the one that is called after what an amount is of: `refund_amount` by `refunded_at`. */
export function timeOfAmount(amount: Column, table: Table, times: readonly Column[]): Column | undefined {
  const own = spokenWords(table.name);
  const said = spokenWords(amount.name).filter((w) => !own.includes(w) && !timeWords.has(w));
  const isCalled = (word: string) => said.some((s) => isDeed(word, s) || isDeed(s, word));
  const [time, other] = times.filter((c) => !isPlanned(c) && spokenWords(c.name).some(isCalled));
  return times.length > 1 && other === undefined ? time : undefined;
}

/**
 * The columns of a table that may be meant by "when": times and keys to days, those of bookkeeping, of births and of what happened last only where there is no other, and when a row
 * was made only where it is the one that all rows have (`converted_at` of some leads is not when leads came).
 */
export function timeColumns(table: number, graph: JoinGraph, context: QueryContext): readonly Column[] {
  const here = graph.tables[table];
  if (here === undefined) return [];
  const all = here.columns.filter((c) => !isDeletionMark(c) && tellsWhen(table, c, graph, context));
  const has = (c: Column, words: ReadonlySet<string>) => spokenWords(c.name).some((w) => words.has(w));
  const told = all.filter((c) => !has(c, auditWords) && !isBirth(c) && !isPresent(c));
  if (told.length === 0) return all;
  const stored = context.view.statistics.tables[tableKey(here)]?.columns ?? {};
  const isOfSome = told.every((c) => c.nullable && (stored[c.name]?.nullShare ?? 1) > 0);
  return isOfSome ? all.filter((c) => told.includes(c) || has(c, making)) : told;
}
