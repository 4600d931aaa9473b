/**
 * Periods that an intent names where a column is asked for: "month" among its dimensions, "year = 2025" among its filters. Where no column is called so they are
 * the time's grain and range. Pure.
 */

import { nameWords } from "../schema/name-words.js";
import type { Table } from "../schema/snapshot.js";
import { addDays, calendarYear, isDay } from "./calendar.js";
import type { Filter, Intent, TimeGrain } from "./intent.js";
import { parsePhrase } from "./phrases.js";
import { grains } from "./question-words.js";
import { resultName } from "./spoken-measures.js";

/** What the schema says of a term. */
export interface PeriodNames {
  readonly tables: readonly Table[];
  /** Whether what a table has may be meant: its rows have more to do with what is measured than that both belong to the same of a third. */
  isNear(table: number): boolean;
  /** Whether each row of the table at a place is a day of the calendar. */
  isCalendar(table: number): boolean;
  /** Whether a term is a Ref, or people or the glossary say what it means. */
  isSure(term: string): boolean;
  /** Whether all that is called so are columns that hold times, and something is. */
  areTimes(term: string): boolean;
}

type AskedDimension = NonNullable<Intent["dimensions"]>[number];
type AskedTime = NonNullable<Intent["time"]>;

/** The coarsest first. */
const steps: readonly TimeGrain[] = ["year", "quarter", "month", "week", "day", "hour"];
/** Words of a column's name that leave it called by its other one. */
const beside: ReadonlySet<string> = new Set("calendar cal name number num nbr no short long full".split(" "));

/** The intent with periods that no column is called by as its time's grain and range. */
export function withPeriods(intent: Intent, names: PeriodNames, today: string): Intent {
  return withRanges(withGrains(intent, names), names, today);
}

/** Whether a column is called so; of a calendar one that is called so alone, as months have their names and numbers there. */
function isNamed(word: string, { tables, isNear, isCalendar }: PeriodNames): boolean {
  const isCalled = (name: string, table: number) => {
    const words = nameWords(name);
    if (!words.includes(word)) return false;
    const own = isCalendar(table) ? words : words.filter((w) => !beside.has(w));
    return own.length === 1 && own[0] === word;
  };
  return tables.some((t, at) => t.columns.some((c) => isCalled(c.name, at)) && isNear(at));
}

/** The grain that a term is, alone ("month", "by month"), where nothing is called so. */
function grainOf(term: string, names: PeriodNames): TimeGrain | undefined {
  const [only = "", second] = nameWords(term).filter((w) => w !== "by" && w !== "calendar");
  const grain = second !== undefined ? undefined : only === "date" ? "day" : grains.get(only);
  const isCalled = (word: string) => isNamed(word, names);
  return grain === undefined || names.isSure(term) || [only, grain].some(isCalled) ? undefined : grain;
}

/** "invoice month" as invoice dates by month, where nothing is called so. */
function ofTime(d: AskedDimension, names: PeriodNames): AskedDimension {
  const [last = "", ...others] = nameWords(d.term).toReversed();
  const grain = grains.get(last);
  const said = others.toReversed().join(" ");
  if (grain === undefined || said === "" || d.grain !== undefined || names.isSure(d.term)) return d;
  const isCalled = names.tables.some((t) => t.columns.some((c) => nameWords(c.name).join(" ") === `${said} ${last}`));
  const time = isCalled ? undefined : [said, `${said} date`, `${said} time`].find((text) => names.areTimes(text));
  return time === undefined ? d : { ...d, term: time, grain, as: d.as ?? resultName(d.term) };
}

function withGrains(intent: Intent, names: PeriodNames): Intent {
  const { dimensions, measures, time } = intent;
  if (dimensions === undefined || !measures?.length) return intent;
  const asked = dimensions.map((d) => (d.grain === undefined ? grainOf(d.term, names) : undefined));
  const given = time?.grain === undefined ? [] : [time.grain];
  const said = new Set([...given, ...asked.filter((g) => g !== undefined)]);
  // Months tell their year; weeks of months do not.
  const finest = steps.findLast((s) => said.has(s));
  const isNested = said.size === 1 || !said.has("week");
  if (finest === undefined || asked.every((g) => g === undefined) || !isNested)
    return { ...intent, dimensions: dimensions.map((d) => ofTime(d, names)) };
  const fills = dimensions.some((d, i) => asked[i] !== undefined && d.include_empty === true);
  const finestAt = asked.indexOf(finest);
  const as = time?.as ?? dimensions[finestAt]?.as;
  const order = intent.order_by?.filter(
    ({ by }) => !dimensions.some((d, i) => asked[i] !== undefined && i !== finestAt && [d.as, d.term].includes(by)),
  );
  return {
    ...intent,
    dimensions: dimensions.flatMap((d, i) => (asked[i] === undefined ? [ofTime(d, names)] : [])),
    ...(order === undefined ? {} : { order_by: order }),
    time: { ...time, grain: finest, ...(as === undefined ? {} : { as }), ...(fills ? { fill: true } : {}) },
  };
}

/** Words for a day that is compared with. */
const dayWords: ReadonlySet<string> = new Set(["date", "day"]);

function withRanges(intent: Intent, names: PeriodNames, today: string): Intent {
  if (intent.filters === undefined || intent.time?.range !== undefined) return intent;
  const read = intent.filters.map((f) => rangeOf(f, names, today));
  const ranges = read.filter((r) => r !== undefined);
  if (ranges.length === 0) return intent;
  const [only, second] = ranges;
  const filters = intent.filters.filter((_, i) => read[i] === undefined);
  const { filters: _, ...rest } = intent;
  const range = second === undefined ? only : both(ranges);
  // Two periods that are no ends of one are for the columns to tell.
  if (range === undefined) return intent;
  return { ...rest, ...(filters.length === 0 ? {} : { filters }), time: { ...intent.time, range } };
}

type Range = NonNullable<AskedTime["range"]>;

/** From one day to another, of which each was said alone. */
function both(ranges: readonly Range[]): Range | undefined {
  const ends = ranges.filter((r) => typeof r !== "string");
  const [from, secondFrom] = ends.flatMap((r) => r.from ?? []);
  const [to, secondTo] = ends.flatMap((r) => r.to ?? []);
  const isOne = ends.length === ranges.length && secondFrom === undefined && secondTo === undefined;
  return isOne && from !== undefined && to !== undefined ? { from, to } : undefined;
}

function rangeOf({ term, op, value }: Filter, names: PeriodNames, today: string): Range | undefined {
  const [only = "", second] = nameWords(term);
  const word = grains.get(only) ?? only;
  const isPeriod = second === undefined && (dayWords.has(word) || word === "period" || grains.has(word));
  if (!isPeriod || names.isSure(term) || isNamed(word, names)) return undefined;
  const day = (v: unknown) => (typeof v === "string" && isDay(v) ? v : undefined);
  if (dayWords.has(word) && value !== undefined) {
    const [from, to] = (Array.isArray(value) ? value : [value, value]).map(day);
    if (op === "between" && from !== undefined && to !== undefined) return { from, to: addDays(to, 1) };
    if (from === undefined || Array.isArray(value)) return undefined;
    if (op === ">=") return { from };
    if (op === ">") return { from: addDays(from, 1) };
    if (op === "<") return { to: from };
    if (op === "<=") return { to: addDays(from, 1) };
  }
  if (op !== "=" || (typeof value !== "string" && typeof value !== "number")) return undefined;
  const text = String(value);
  return parsePhrase(text, { today, fiscal: calendarYear }) === undefined ? undefined : text;
}
