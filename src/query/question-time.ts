/** The time that a question speaks of, cut out of its sentence: a period, what it is compared with, accumulation, a moving window. Pure. */

import type { QueryContext } from "./answer.js";
import { dayIn } from "./calendar.js";
import type { Intent, TimeGrain } from "./intent.js";
import { parsePhrase, phraseAt } from "./phrases.js";
import { fiscalStart } from "./time.js";

type Time = NonNullable<Intent["time"]>;

const comparedWith =
  /,?\s*(?:compared (?:to|with)|versus|vs\.?) (?:the )?(previous|prior|last|preceding) (year|period|quarter|month|week|day)\b/i;
/** "running experiments" are under way. */
const accumulated = /\b(?:cumulative|running total of|running(?=\s+(?:total|sum|count|number|balance)\b))\s+/i;
const moving = /\b(?:rolling|trailing|moving) (\d+)[- ](day|week|month|quarter|year)s?\b/i;

/**
 * The sentence without what it says of time, that, and before which of its characters a period stood. A bare year stays: it may be the value of a column; so
 * does a fiscal one where the schema itself `tellsFiscal` years.
 */
export function withoutTime(
  sentence: string,
  now: number,
  tellsFiscal = false,
): { readonly rest: string; readonly time: Time; readonly at?: number } {
  let rest = sentence;
  let time: Time = {};
  const compare = comparedWith.exec(rest);
  if (compare !== null) {
    time = { ...time, compare: compare[2]?.toLowerCase() === "year" ? "previous_year" : "previous_period" };
    rest = rest.replace(compare[0], "");
  }
  const running = accumulated.exec(rest);
  if (running !== null) {
    time = { ...time, cumulative: "all" };
    rest = rest.replace(running[0], "");
  }
  const window = moving.exec(rest);
  const unit = window?.[2]?.toLowerCase() as TimeGrain | undefined;
  if (window !== null && unit !== undefined && Number(window[1]) > 1) {
    time = { ...time, grain: unit, rolling: Number(window[1]) };
    rest = rest.replace(window[0], "");
  }
  // What stands in quotation marks is a value, whatever it looks like.
  const found = /["“”]/.test(rest) ? undefined : phraseAt(rest, now);
  const isTold = tellsFiscal && /\b(?:fiscal|fy ?\d)/i.test(found?.phrase ?? "");
  if (found === undefined || isTold || /^\d{4}$/.test(found.phrase)) return { rest, time };
  const plain = (text: string) => text.replaceAll(/\s+/g, " ").trim();
  const before = plain(rest.slice(0, found.start));
  const after = plain(rest.slice(found.end));
  return { rest: `${before} ${after}`.trim(), time: { ...time, range: found.phrase }, at: before.length };
}

/** The days of a period as a question says it, `to` exclusive; undefined where it names none. */
export function daysOf(
  phrase: string,
  { now, settings }: Pick<QueryContext, "now" | "settings">,
): { readonly from?: string; readonly to?: string } | undefined {
  return parsePhrase(phrase, { today: dayIn(now, settings.timeZone), fiscal: fiscalStart(settings.fiscalYearStart) });
}
