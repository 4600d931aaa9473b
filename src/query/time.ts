/**
 * The time of an intent: its range as half-open days, its grain, what it is compared with and accumulated over. Pure: today comes from the
 * moment passed in.
 */

import { error } from "../issue.js";
import type { QueryContext } from "./answer.js";
import {
  addDays,
  addMonths,
  addUnits,
  type Day,
  dayIn,
  daysBetween,
  isDay,
  startOf,
  type YearStart,
} from "./calendar.js";
import type { Intent, TimeGrain } from "./intent.js";
import { parsePhrase } from "./phrases.js";
import { refuse } from "./stop.js";

export interface TimePlan {
  readonly from?: string;
  /** Exclusive. */
  readonly to?: string;
  readonly grain?: TimeGrain;
  /** What the column of the periods is called. */
  readonly as?: string;
  readonly compare?: "previous_period" | "previous_year";
  readonly cumulative?: "all" | "ytd" | "qtd" | "mtd";
  /** Periods in a moving window, the last of which names it. */
  readonly rolling?: number;
  readonly fill: boolean;
  readonly zone: string;
  /** Whether the intent itself names a zone. */
  readonly zoneNamed: boolean;
  readonly fiscal: YearStart;
  readonly today: Day;
}

export function timePlan(
  intent: Intent,
  context: QueryContext,
  assume: (code: string, text: string) => void,
): TimePlan | undefined {
  const { time } = intent;
  if (time === undefined) return undefined;
  const zone = time.time_zone ?? context.settings.timeZone;
  if (!isZone(zone)) refuse(error("invalid_argument", `"${zone}" is no IANA time zone.`));
  const fiscal = fiscalStart(time.fiscal_year_start ?? context.settings.fiscalYearStart);
  const today = dayIn(context.now, zone);
  if (time.compare !== undefined && time.grain === undefined && time.range === undefined) {
    refuse(error("invalid_argument", "A comparison needs a period: give `range`, or a `grain`."));
  }
  checkCombined(time);
  const range = rangeOf(time.range, { today, fiscal }, assume);
  return {
    ...range,
    ...(time.grain === undefined ? {} : { grain: time.grain }),
    ...(time.as === undefined ? {} : { as: time.as }),
    ...(time.compare === undefined ? {} : { compare: time.compare }),
    ...(time.cumulative === undefined ? {} : { cumulative: time.cumulative }),
    ...(time.rolling === undefined ? {} : { rolling: time.rolling }),
    fill: time.fill === true,
    zone,
    zoneNamed: time.time_zone !== undefined,
    fiscal,
    today,
  };
}

/** What adds up over periods needs them, and says one thing at a time. */
function checkCombined(time: NonNullable<Intent["time"]>): void {
  const adding = time.cumulative === undefined ? "rolling" : "cumulative";
  if (time[adding] === undefined) return;
  if (time.grain === undefined) {
    refuse(error("invalid_argument", `\`${adding}\` needs a \`grain\`: over which steps shall be added up?`));
  }
  if (time.compare !== undefined || (time.cumulative !== undefined && time.rolling !== undefined)) {
    refuse(error("invalid_argument", "`cumulative`, `rolling` and `compare` exclude one another."));
  }
}

function rangeOf(
  range: NonNullable<Intent["time"]>["range"],
  context: { today: Day; fiscal: YearStart },
  assume: (code: string, text: string) => void,
): { from?: string; to?: string } {
  if (range === undefined) return {};
  if (typeof range === "string") {
    const period = parsePhrase(range, context);
    if (period === undefined) {
      refuse(
        error("invalid_argument", `The period "${range}" is not understood.`, {
          help: "Give `{from, to}` as dates (`to` exclusive), or a phrase such as `last quarter`, `March 2024`, `last 90 days`.",
        }),
      );
    }
    const reading = period.reading === undefined ? "" : ` (${period.reading})`;
    assume(
      "period",
      `"${range}" is ${period.from ?? "the beginning"} to before ${period.to ?? "the end"}, seen from ${context.today}${reading}.`,
    );
    return {
      ...(period.from === undefined ? {} : { from: period.from }),
      ...(period.to === undefined ? {} : { to: period.to }),
    };
  }
  const made = {
    ...(range.from === undefined ? {} : { from: bound(range.from) }),
    ...(range.to === undefined ? {} : { to: bound(range.to) }),
  };
  if (made.from !== undefined && made.to !== undefined && made.from >= made.to) {
    refuse(error("invalid_argument", `The range from ${made.from} to before ${made.to} is empty.`));
  }
  return made;
}

/** A bound as given: a day, or a moment `2024-03-01 13:00:00`. */
function bound(text: string): string {
  const clean = text.trim().replace("T", " ").replace(/Z$/, "");
  if (isDay(clean)) return clean;
  if (/^\d{4}-\d{2}$/.test(clean) && isDay(`${clean}-01`)) return `${clean}-01`;
  if (/^\d{4}$/.test(clean)) return `${clean}-01-01`;
  if (/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(clean) && isDay(clean.slice(0, 10))) return clean;
  return refuse(
    error("invalid_argument", `"${text}" is no date.`, { help: "Write `2024-03-01` or `2024-03-01 13:00:00`." }),
  );
}

/** `04-06` or `4`; the last days of a month begin no year, since not every quarter has them. */
export function fiscalStart(text: string): YearStart {
  const m = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(text.trim());
  const [month, day] = [Number(m?.[1]), Number(m?.[2] ?? 1)];
  if (m === null || month < 1 || month > 12 || day < 1 || day > 31) {
    refuse(
      error("invalid_argument", `"${text}" is no start of a fiscal year.`, {
        help: "Write `MM-DD` or a month's number.",
      }),
    );
  }
  if (day > 28) {
    refuse(
      error("invalid_argument", `Not every quarter of a fiscal year that starts on ${text} has a first day.`, {
        help: "Group by the columns of a calendar table, or give a day up to the 28th.",
      }),
    );
  }
  return { month, day };
}

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch (thrown) {
    if (thrown instanceof RangeError) return false;
    throw thrown;
  }
}

/** How far back what it is compared with lies. */
export function comparison(plan: TimePlan): { readonly unit: Exclude<TimeGrain, "hour">; readonly count: number } {
  if (plan.compare === "previous_year") {
    return plan.grain === "week" ? { unit: "week", count: 52 } : { unit: "year", count: 1 };
  }
  if (plan.grain !== undefined && plan.grain !== "hour") return { unit: plan.grain, count: 1 };
  if (plan.from === undefined || plan.to === undefined || !isDay(plan.from) || !isDay(plan.to)) {
    refuse(
      error(
        "invalid_argument",
        "A comparison with the previous period needs a range of days with both ends, or a grain of days or longer.",
      ),
    );
  }
  const months = monthsBetween(plan.from, plan.to, plan.fiscal);
  return months > 0 ? { unit: "month", count: months } : { unit: "day", count: daysBetween(plan.from, plan.to) };
}

/** The range that a comparison looks at: a first of a month moves to a first of a month, other ends by their last day. */
export function comparedRange(plan: TimePlan): { readonly from?: string; readonly to?: string } {
  const { unit, count } = comparison(plan);
  const back = (day: string) => addUnits(day, unit, -count);
  const from = plan.from === undefined ? {} : { from: back(plan.from.slice(0, 10)) };
  if (plan.to === undefined) return from;
  const to = plan.to.slice(0, 10);
  const moved = to.endsWith("-01") || unit === "day" || unit === "week" ? back(to) : addDays(back(addDays(to, -1)), 1);
  return { ...from, to: moved };
}

/** Whether values are added up over periods, so that earlier ones count for the first of a range. */
export function addsUp(plan: TimePlan | undefined): boolean {
  return plan?.cumulative !== undefined || plan?.rolling !== undefined;
}

/** Where an accumulation begins to count for a range's first period. */
export function accumulationStart(plan: TimePlan): string | undefined {
  if (plan.cumulative === "all" || plan.from === undefined) return undefined;
  if (plan.rolling !== undefined && plan.grain !== undefined) {
    if (plan.grain === "hour") return hoursBefore(plan.from, plan.rolling - 1);
    return addUnits(startOf(plan.from.slice(0, 10), plan.grain, plan.fiscal), plan.grain, 1 - plan.rolling);
  }
  const unit = plan.cumulative === "ytd" ? "year" : plan.cumulative === "qtd" ? "quarter" : "month";
  return startOf(plan.from.slice(0, 10), unit, plan.fiscal);
}

function hoursBefore(moment: string, hours: number): string {
  const at = Date.parse(`${moment.slice(0, 10)}T${moment.length > 10 ? moment.slice(11, 13) : "00"}:00:00Z`);
  return new Date(at - hours * 3_600_000).toISOString().slice(0, 19).replace("T", " ");
}

/** Whole months from one day to another, where both begin a month of the calendar or of the fiscal year; 0 otherwise. */
function monthsBetween(from: Day, to: Day, fiscal: YearStart): number {
  const months =
    (Number(to.slice(0, 4)) - Number(from.slice(0, 4))) * 12 + Number(to.slice(5, 7)) - Number(from.slice(5, 7));
  const begins = Number(from.slice(8)) === 1 || Number(from.slice(8)) === fiscal.day;
  return begins && addMonths(from, months) === to ? months : 0;
}
