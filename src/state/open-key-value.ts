/** The door to values that may be lost: which store a URL means. A store that cannot be opened is reported and done without. */

import { type KeyValue, type KeyValueLimits } from "./key-value.js";
import { openPostgresKeyValue } from "./postgres-key-value.js";
import { openSqliteKeyValue } from "./sqlite-key-value.js";

/** `sqlite:/absolute/path` or `postgres://…`; undefined for anything else, and where the file cannot be opened. */
export function openKeyValue(
  url: string,
  limits: KeyValueLimits,
  report: (cause: unknown) => void,
): KeyValue | undefined {
  try {
    if (url.startsWith("sqlite:")) return openSqliteKeyValue(url.slice("sqlite:".length), limits);
    if (/^postgres(ql)?:\/\//u.test(url)) return openPostgresKeyValue(url, limits, report);
  } catch (cause) {
    report(cause);
  }
  return undefined;
}
