/** What kind of thing a column holds, judged by its type and, where the type is loose (SQLite), by its name. Pure. */

import type { Column } from "../schema/snapshot.js";
import { isDayKey, momentOf } from "./naming-marks.js";
import { splitIdentifier } from "./words.js";

export const typeClasses = ["text", "number", "time", "boolean", "other"] as const;
export type TypeClass = (typeof typeClasses)[number];

const timeWords = new Set(["date", "time", "datetime", "timestamp", "dt", "dte", "year", "month", "day"]);

export function typeClassOf(column: Pick<Column, "type" | "name">): TypeClass {
  const type = column.type.toLowerCase();
  if (/bool|^bit$|bit\(1\)/u.test(type)) return "boolean";
  if (/date|time|year|interval/u.test(type)) return "time";
  if (/int|num|dec|real|double|float|money|serial/u.test(type))
    return isDayKey(splitIdentifier(column.name)) ? "time" : "number";
  if (/char|text|clob|string|name|uuid|enum|citext/u.test(type)) {
    const words = splitIdentifier(column.name);
    return timeWords.has(words.at(-1) ?? "") || momentOf(words).length > 0 ? "time" : "text";
  }
  return "other";
}
