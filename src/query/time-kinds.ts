/** How columns hold times, and which of them say when a row was written rather than when what it tells happened. Pure. */

import { tableKey } from "../schema/names.js";
import type { Column, Table } from "../schema/snapshot.js";
import type { TimeKind } from "../sql/dialect.js";
import type { QueryContext } from "./answer.js";
import { spokenWords } from "./spoken-words.js";
import { isTime, typeClass } from "./tables.js";

/** How a column holds times, by its type and, in SQLite, by its stored values; `undefined` where it holds none. */
export function timeKindOf(table: Table, column: Column, context: QueryContext): TimeKind | undefined {
  const { dialect } = context.view.snapshot;
  const type = typeClass(column.type, dialect);
  if (dialect === "postgres") return isTime(type) ? type : undefined;
  const stored = context.view.statistics.tables[tableKey(table)]?.columns[column.name];
  const samples = [...(stored?.values?.map((v) => v.value) ?? []), stored?.min, stored?.max].filter(
    (v) => v !== undefined,
  );
  const declared = isTime(type);
  const named = spokenWords(column.name).some((w) => timeWords.has(w));
  if (samples.length > 0) {
    if (samples.every((s) => /^\d{4}-\d{2}-\d{2}$/.test(String(s)))) return "text_date";
    if (samples.every((s) => /^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}.*)?$/.test(String(s)))) return "text_time";
    if ((declared || named) && samples.every((s) => typeof s === "number")) {
      const least = Math.min(...samples.map(Number));
      if (least > 1e11 && least < 1e14) return "epoch_ms";
      if (least > 1e8 && least < 1e11) return "epoch";
    }
    return undefined;
  }
  if (declared) return type === "date" ? "text_date" : "text_time";
  return type === "text" && named ? "text_time" : undefined;
}

/** Words of a time's name that say no more than that it is one. */
export const timeWords: ReadonlySet<string> = new Set([
  "date",
  "dt",
  "time",
  "at",
  "on",
  "day",
  "ts",
  "timestamp",
  "datetime",
  "ds",
]);

/** Words of columns that tell when a row was written, not when what it tells happened. */
export const auditWords: ReadonlySet<string> = new Set([
  "created",
  "updated",
  "update",
  "modified",
  "inserted",
  "deleted",
  "loaded",
  "changed",
  "synced",
  "etl",
  "voided",
]);

/** Words of times that are planned or owed: when something happened is another time. */
const plannedWords: ReadonlySet<string> = new Set(
  "valid until due expiry expires expiration deadline expected scheduled planned promised required requested estimated target".split(
    " ",
  ),
);

/** Whether a time is called one that was planned, and no happening. */
export const isPlanned = ({ name }: Column): boolean =>
  !askedAt.test(name) && spokenWords(name).some((w) => plannedWords.has(w));

/** The moment at which something was asked for, not the day for which it was. */
const askedAt = /^requested_?(?:at|ts|time)$/i;

/** Words of times at which what rows tell of was over. */
const endWords: ReadonlySet<string> = new Set(
  "churned cancelled canceled end ended closed resolved restored finished completed terminated deactivated decommissioned removed removal discharged separated separation".split(
    " ",
  ),
);

/** Whether a time is called one at which something was over. */
export const isEnd = ({ name }: Column): boolean => spokenWords(name).some((w) => endWords.has(w));
