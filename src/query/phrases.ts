/**
 * Phrases for periods: `last quarter`, `March 2024`, `past 90 days`, `YTD`, `FY2025`, `2024-Q3`. Pure: today is an argument.
 * A phrase it does not know is undefined, never a guess. Periods are half-open: `to` is the first day after.
 */

import {
  addDays,
  addMonths,
  addUnits,
  calendarYear,
  type Day,
  dayIn,
  dayOf,
  isDay,
  startOf,
  type YearStart,
} from "./calendar.js";
import type { TimeGrain } from "./intent.js";

export interface Period {
  readonly from?: Day;
  /** Exclusive. */
  readonly to?: Day;
  /** What was taken for granted, for the assumptions. */
  readonly reading?: string;
}

export interface PhraseContext {
  readonly today: Day;
  readonly fiscal: YearStart;
}

const months = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const monthPattern =
  "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?";
const numberWords = new Map([
  ["one", 1],
  ["two", 2],
  ["three", 3],
  ["four", 4],
  ["five", 5],
  ["six", 6],
  ["seven", 7],
  ["eight", 8],
  ["nine", 9],
  ["ten", 10],
  ["twelve", 12],
]);
const countPattern = `(\\d{1,4}|${[...numberWords.keys()].join("|")})`;
const ordinals = new Map([
  ["first", 1],
  ["1st", 1],
  ["second", 2],
  ["2nd", 2],
  ["third", 3],
  ["3rd", 3],
  ["fourth", 4],
  ["4th", 4],
]);

type Rule = readonly [
  pattern: string,
  read: (m: readonly (string | undefined)[], c: PhraseContext) => Period | undefined,
];

const rules: readonly Rule[] = [
  ["(\\d{4})-(\\d{2})-(\\d{2})", (m) => dayPeriod(`${m[1]}-${m[2]}-${m[3]}`)],
  ["(\\d{4})-(\\d{2})", (m) => monthPeriod(Number(m[1]), Number(m[2]))],
  [
    "(?:in |during |for )?(?:the )?(?:calendar )?(?:year )?((?:19|20)\\d{2})",
    (m) => yearPeriod(Number(m[1]), calendarYear),
  ],
  ["(?:in |during )?(?:fy|fiscal(?: year)?|financial year) ?'?(\\d{4}|\\d{2})", (m, c) => fiscalYear(m[1], c)],
  [
    "(?:in |during )?(?:fy|fiscal(?: year)?) ?'?(\\d{4}|\\d{2})[- ]?q([1-4])|(?:fiscal )q([1-4]) (?:of )?(\\d{4})",
    (m, c) => fiscalQuarter(m[1] ?? m[4], m[2] ?? m[3], c),
  ],
  [
    "(?:in |during )?(\\d{4})[- ]?q([1-4])|(?:in |during )?q([1-4])[- ]?(?:of )?'?(\\d{4})",
    (m) => quarterPeriod(Number(m[1] ?? m[4]), Number(m[2] ?? m[3])),
  ],
  [
    "(?:in |during )?(?:the )?(first|second|third|fourth|1st|2nd|3rd|4th) quarter (?:of )?(\\d{4})",
    (m) => quarterPeriod(Number(m[2]), ordinals.get(m[1] ?? "") ?? 0),
  ],
  [
    "(?:in |during )?(?:the )?(first|second|1st|2nd) half (?:of )?(\\d{4})|(?:in |during )?h([12]) (\\d{4})",
    (m) => halfPeriod(Number(m[2] ?? m[4]), m[3] === undefined ? (ordinals.get(m[1] ?? "") ?? 0) : Number(m[3])),
  ],
  [
    `(?:in |during )?(?:the month of )?${monthPattern},? (?:of )?(\\d{4})`,
    (m) => monthPeriod(Number(m[2]), monthNumber(m[1])),
  ],
  [`(?:on )?${monthPattern} (\\d{1,2})(?:st|nd|rd|th)?,? (\\d{4})`, (m) => exactDay(m[3], m[1], m[2])],
  [`(?:on )?(\\d{1,2})(?:st|nd|rd|th)? ${monthPattern},? (\\d{4})`, (m) => exactDay(m[3], m[2], m[1])],
  ["today", (_, c) => dayPeriod(c.today)],
  ["yesterday", (_, c) => dayPeriod(addDays(c.today, -1))],
  ["tomorrow", (_, c) => dayPeriod(addDays(c.today, 1))],
  [
    "(?:in |during )?(?:the )?(this|current|last|previous|prior|past|next) (fiscal |financial )?(day|week|month|quarter|year)",
    (m, c) => nearPeriod(m[1] ?? "", m[3] as TimeGrain, m[2] === undefined ? calendarYear : c.fiscal, c),
  ],
  [
    `(?:in |during |over )?(?:the )?(?:last|past|previous|trailing) ${countPattern} (full |complete |calendar )?(day|week|month|quarter|year)s?`,
    (m, c) => countPeriod(countOf(m[1]), m[3] as Exclude<TimeGrain, "hour">, m[2] !== undefined, c),
  ],
  [
    "(?:fiscal )?(ytd|qtd|mtd|wtd)",
    (m, c) =>
      toDate(({ ytd: "year", qtd: "quarter", mtd: "month", wtd: "week" } as const)[m[1] as "ytd"], calendarYear, c),
  ],
  [
    "(fiscal )?(year|quarter|month|week)[- ]to[- ]date|(?:so far )?this (fiscal )?(year|quarter|month|week) so far",
    (m, c) =>
      toDate((m[2] ?? m[4]) as TimeGrain, m[1] === undefined && m[3] === undefined ? calendarYear : c.fiscal, c),
  ],
];

const compiled = rules.map(([pattern, read]) => ({
  whole: new RegExp(`^(?:${pattern})$`, "i"),
  within: new RegExp(`\\b(?:${pattern})\\b`, "i"),
  read,
}));

/** The period that a phrase names; `undefined` where it names none. */
export function parsePhrase(phrase: string, context: PhraseContext): Period | undefined {
  const text = phrase.trim().toLowerCase().replaceAll(/\s+/g, " ");
  const open = /^(since|from|after|starting|before|until|till|up to) (.+)$/.exec(text);
  const between = /^(?:between|from) (.+?) (?:and|to|until|through) (.+)$/.exec(text);
  if (between !== null) {
    const [a, b] = [simple(between[1] ?? "", context), simple(between[2] ?? "", context)];
    if (a?.from === undefined || b?.to === undefined || a.from >= b.to) return undefined;
    return { from: a.from, to: b.to, reading: "both ends are included" };
  }
  if (open !== null) return openPeriod(open[1] ?? "", simple(open[2] ?? "", context));
  return simple(text, context);
}

/** A period phrase within a sentence, and where it stands; the longest wins. */
export function phraseAt(
  sentence: string,
  now: number,
): { readonly phrase: string; readonly start: number; readonly end: number } | undefined {
  const context = { today: dayIn(now, "UTC"), fiscal: calendarYear };
  let best: { phrase: string; start: number; end: number } | undefined;
  const consider = (m: { readonly 0: string; readonly index: number } | null) => {
    if (m === null || (best !== undefined && m[0].length <= best.end - best.start)) return;
    if (parsePhrase(m[0], context) !== undefined)
      best = { phrase: m[0].replace(/^(?:in|during|for|over|on) /i, ""), start: m.index, end: m.index + m[0].length };
  };
  const opened = /\b(?:since|after|before|until|between|from) (?:(?!\bby\b).)+?(?= by | per |$)/i.exec(sentence);
  // What follows the period is cut off word by word: "before 2025-06-01 that are not paid".
  const cut = opened === null ? [] : beginnings(opened[0]);
  const period = cut.find((text) => parsePhrase(text, context) !== undefined);
  if (opened !== null && period !== undefined) consider({ 0: period, index: opened.index });
  for (const rule of compiled) consider(rule.within.exec(sentence));
  return best;
}

/** A text, and it without its last words, longest first. */
function beginnings(text: string): readonly string[] {
  const words = text.split(" ");
  return words.map((_, i) => words.slice(0, words.length - i).join(" "));
}

function simple(text: string, context: PhraseContext): Period | undefined {
  for (const rule of compiled) {
    const m = rule.whole.exec(text);
    if (m !== null) return rule.read(m, context);
  }
  return undefined;
}

function openPeriod(word: string, period: Period | undefined): Period | undefined {
  if (period?.from === undefined || period.to === undefined) return undefined;
  if (word === "since" || word === "from" || word === "starting") return { from: period.from };
  if (word === "after") return { from: period.to };
  return word === "before" ? { to: period.from } : { to: period.to };
}

function dayPeriod(day: Day): Period | undefined {
  return isDay(day) ? { from: day, to: addDays(day, 1) } : undefined;
}

/** A day as written; 30 February is none. */
function exactDay(year: string | undefined, month: string | undefined, day: string | undefined): Period | undefined {
  return dayPeriod(`${year}-${String(monthNumber(month)).padStart(2, "0")}-${(day ?? "").padStart(2, "0")}`);
}

function monthPeriod(year: number, month: number): Period | undefined {
  if (month < 1 || month > 12) return undefined;
  const from = dayOf(year, month, 1);
  return { from, to: addMonths(from, 1) };
}

function yearPeriod(year: number, start: YearStart): Period {
  const from = dayOf(year, start.month, start.day);
  return { from, to: addMonths(from, 12) };
}

function quarterPeriod(year: number, quarter: number): Period | undefined {
  if (quarter < 1 || quarter > 4) return undefined;
  const from = dayOf(year, quarter * 3 - 2, 1);
  return { from, to: addMonths(from, 3) };
}

function halfPeriod(year: number, half: number): Period | undefined {
  if (half !== 1 && half !== 2) return undefined;
  const from = dayOf(year, half * 6 - 5, 1);
  return { from, to: addMonths(from, 6) };
}

/** A fiscal year is named for the calendar year in which it ends. */
function fiscalYear(text: string | undefined, c: PhraseContext): Period {
  const named = Number(text) < 100 ? 2000 + Number(text) : Number(text);
  const asCalendar = c.fiscal.month === 1 && c.fiscal.day === 1;
  const period = yearPeriod(asCalendar ? named : named - 1, c.fiscal);
  return { ...period, reading: `fiscal year ${named} runs from ${period.from} to before ${period.to}` };
}

function fiscalQuarter(year: string | undefined, quarter: string | undefined, c: PhraseContext): Period {
  const from = addMonths(fiscalYear(year, c).from ?? "", (Number(quarter) - 1) * 3);
  return { from, to: addMonths(from, 3), reading: `the fiscal quarter runs from ${from}` };
}

function nearPeriod(word: string, unit: TimeGrain, year: YearStart, c: PhraseContext): Period {
  const step = unit as Exclude<TimeGrain, "hour">;
  const now = startOf(c.today, unit, year);
  const from = word === "this" || word === "current" ? now : addUnits(now, step, word === "next" ? 1 : -1);
  return { from, to: addUnits(from, step, 1) };
}

/** Days and weeks count back from today, today included; months and longer are whole calendar periods before the running one. */
function countPeriod(
  count: number,
  unit: Exclude<TimeGrain, "hour">,
  whole: boolean,
  c: PhraseContext,
): Period | undefined {
  if (!(count > 0)) return undefined;
  if ((unit === "day" || unit === "week") && !whole) {
    const to = addDays(c.today, 1);
    const from = addDays(to, -count * (unit === "day" ? 1 : 7));
    return { from, to, reading: `the ${count} ${unit}s up to and with today, from ${from}` };
  }
  const to = startOf(c.today, unit);
  const from = addUnits(to, unit, -count);
  return { from, to, reading: `${count} whole ${unit}s, from ${from} to before ${to}` };
}

function toDate(unit: TimeGrain, year: YearStart, c: PhraseContext): Period {
  return { from: startOf(c.today, unit, year), to: addDays(c.today, 1), reading: "up to and with today" };
}

function monthNumber(text: string | undefined): number {
  return months.findIndex((m) => m.startsWith((text ?? "").toLowerCase().slice(0, 3))) + 1;
}

function countOf(text: string | undefined): number {
  return numberWords.get((text ?? "").toLowerCase()) ?? Number(text);
}
