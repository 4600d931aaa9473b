/** Cutting times to periods in SQL, where quarters and years may begin on any day of the calendar. Pure. */

import type { Dialect, TimeKind } from "../sql/dialect.js";
import type { YearStart } from "./calendar.js";
import type { TimeGrain } from "./intent.js";

/** An expression cut to a grain; fiscal quarters and years are calendar ones moved by months and days. */
export function cutTo(
  expression: string,
  kind: TimeKind,
  grain: TimeGrain,
  zone: string,
  fiscal: YearStart,
  dialect: Dialect,
): string {
  const [months, days] = [fiscal.month - 1, fiscal.day - 1];
  if ((grain !== "quarter" && grain !== "year") || (months === 0 && days === 0)) {
    return dialect.truncate(expression, kind, grain, zone);
  }
  const date = dialect.name === "sqlite" ? "text_date" : "date";
  const back = days === 0 ? undefined : dialect.shift(dialect.truncate(expression, kind, "day", zone), "day", -days);
  const month = dialect.truncate(back ?? expression, back === undefined ? kind : date, "month", zone);
  const cut = dialect.truncate(months === 0 ? month : dialect.shift(month, "month", -months), date, grain, zone);
  const moved = months === 0 ? cut : dialect.shift(cut, "month", months);
  return days === 0 ? moved : dialect.shift(moved, "day", days);
}
