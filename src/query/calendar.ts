/** Days of the proleptic Gregorian calendar as ISO 8601 texts, and arithmetic on them. Pure: no clock, no time zone but the one given. */

import type { TimeGrain } from "./intent.js";

/** `2024-02-29` */
export type Day = string;

/** The first day of each (fiscal) year: month 1 to 12, day 1 to 28, so that every year and quarter has it. */
export interface YearStart {
  readonly month: number;
  readonly day: number;
}

export const calendarYear: YearStart = { month: 1, day: 1 };

/** The day it is at `now` (ms since the epoch) in an IANA zone. */
export function dayIn(now: number, zone: string): Day {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return parts.format(new Date(now));
}

export function dayOf(year: number, month: number, day: number): Day {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

export function isDay(text: string): boolean {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return m !== null && dayOf(Number(m[1]), Number(m[2]), Number(m[3])) === text;
}

export function addDays(day: Day, count: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

/** Months later; a day beyond the month's end becomes its last. */
export function addMonths(day: Day, count: number): Day {
  const [y, m, d] = partsOf(day);
  const first = y * 12 + (m - 1) + count;
  const [year, month] = [Math.floor(first / 12), (first % 12) + 1];
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return dayOf(year, month, Math.min(d, last));
}

export function addUnits(day: Day, unit: Exclude<TimeGrain, "hour">, count: number): Day {
  if (unit === "day") return addDays(day, count);
  if (unit === "week") return addDays(day, count * 7);
  return addMonths(day, count * (unit === "month" ? 1 : unit === "quarter" ? 3 : 12));
}

/** The first day of the period a day lies in; weeks start on Monday; quarters and years where `year` starts, months on their first. */
export function startOf(day: Day, unit: TimeGrain, year = calendarYear): Day {
  const [y, m] = partsOf(unit === "quarter" || unit === "year" ? addDays(day, 1 - year.day) : day);
  if (unit === "hour" || unit === "day") return day;
  if (unit === "week") return addDays(day, -((new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7));
  if (unit === "month") return dayOf(y, m, 1);
  const into = (m - year.month + 12) % (unit === "quarter" ? 3 : 12);
  return addMonths(dayOf(y, m, year.day), -into);
}

export function daysBetween(from: Day, to: Day): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

function partsOf(day: Day): [number, number, number] {
  return [Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8, 10))];
}
