/**
 * How SQL is printed in each dialect: quoting, literals, parameters, casts, cutting times. Pure values and functions; parsing is
 * `parser.ts`, and nothing here decides whether a statement is safe.
 */

import type { DialectName } from "../schema/snapshot.js";
import { isReserved } from "./reserved.js";

export type Cell = string | number | boolean | null;

/** Units that a time can be cut to or moved by. */
export type TimeUnit = "hour" | "day" | "week" | "month" | "quarter" | "year";

/** How a column holds times. `text_date` and `text_time` are ISO 8601 texts; `epoch` counts seconds, `epoch_ms` milliseconds. */
export type TimeKind = "date" | "timestamp" | "timestamptz" | "text_date" | "text_time" | "epoch" | "epoch_ms";

export interface Dialect {
  readonly name: DialectName;
  /** An identifier, quoted only where the bare word would be read otherwise. */
  name_(identifier: string): string;
  /** A literal, for statements that carry no parameters. Throws nothing; NUL characters are dropped (neither dialect stores them). */
  literal(value: Cell): string;
  /** The placeholder of the `index`th parameter (from 1), cast where the place does not fix its type. */
  placeholder(index: number, cast?: string): string;
  /** An expression as a number with a fraction, so that division is never of integers. */
  decimal(expression: string): string;
  /** A time expression cut to a unit; weeks start on Monday (ISO 8601). Days and longer give a date, hours a timestamp. */
  truncate(expression: string, kind: TimeKind, unit: TimeUnit, zone: string): string;
  /** A date expression (as `truncate` gives it) moved by a count of units; a month's end clamps to the target month's last day. */
  shift(expression: string, unit: TimeUnit, count: number): string;
  median(expression: string): string;
  /** Case-insensitive LIKE with `\` as escape. */
  matches(expression: string, pattern: string): string;
}

export function dialectOf(name: DialectName): Dialect {
  return name === "sqlite" ? sqlite : postgres;
}

/** A pattern that matches `text` itself under LIKE with `\` as escape. */
export function escapeLike(text: string): string {
  return text.replaceAll(/[\\%_]/g, (c) => `\\${c}`);
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function textLiteral(text: string): string {
  return `'${text.replaceAll("\0", "").replaceAll("'", "''")}'`;
}

function numberLiteral(value: number): string {
  return Number.isFinite(value) ? String(value) : "NULL";
}

const sqlite: Dialect = {
  name: "sqlite",
  // SQLite folds case when it compares names, so any plain word that is no keyword may stand bare.
  name_: (identifier) =>
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(identifier) && !isReserved(identifier) ? identifier : quote(identifier),
  literal: (value) =>
    value === null
      ? "NULL"
      : typeof value === "boolean"
        ? value
          ? "1"
          : "0"
        : typeof value === "number"
          ? numberLiteral(value)
          : textLiteral(value),
  placeholder: () => "?",
  decimal: (expression) => `CAST(${expression} AS REAL)`,
  truncate: (expression, kind, unit) => sqliteTruncate(sqliteTime(expression, kind), unit),
  shift: sqliteShift,
  // SQLite 3.51+ carries median(); it ignores NULL and takes the mean of the two middle values.
  median: (expression) => `median(${expression})`,
  matches: (expression, pattern) => `${expression} LIKE ${pattern} ESCAPE '\\'`,
};

const postgres: Dialect = {
  name: "postgres",
  // PostgreSQL folds bare names to lower case (manual, 4.1.1): anything else needs quotes.
  name_: (identifier) =>
    /^[a-z_][a-z0-9_]*$/.test(identifier) && !isReserved(identifier) ? identifier : quote(identifier),
  literal: (value) =>
    value === null
      ? "NULL"
      : typeof value === "boolean"
        ? value
          ? "TRUE"
          : "FALSE"
        : typeof value === "number"
          ? numberLiteral(value)
          : value.includes("\\")
            ? ` E${textLiteral(value.replaceAll("\\", "\\\\"))}`
            : textLiteral(value),
  placeholder: (index, cast) => (cast === undefined ? `$${index}` : `CAST($${index} AS ${cast})`),
  decimal: (expression) => `CAST(${expression} AS numeric)`,
  truncate: postgresTruncate,
  shift: postgresShift,
  median: (expression) => `percentile_cont(0.5) WITHIN GROUP (ORDER BY ${expression})`,
  matches: (expression, pattern) => `${expression} ILIKE ${pattern} ESCAPE '\\'`,
};

function sqliteTime(expression: string, kind: TimeKind): string {
  if (kind === "epoch") return `${expression}, 'unixepoch'`;
  if (kind === "epoch_ms") return `${expression} / 1000, 'unixepoch'`;
  return expression;
}

// date() and strftime() read ISO 8601 texts and, with 'unixepoch', seconds. Source: sqlite.org/lang_datefunc.html.
function sqliteTruncate(time: string, unit: TimeUnit): string {
  switch (unit) {
    case "hour":
      return `strftime('%Y-%m-%d %H:00:00', ${time})`;
    case "day":
      return `date(${time})`;
    case "week":
      return `date(${time}, '-6 days', 'weekday 1')`;
    case "month":
      return `date(${time}, 'start of month')`;
    case "quarter":
      return `date(${time}, 'start of month', '-' || ((CAST(strftime('%m', ${time}) AS INTEGER) - 1) % 3) || ' months')`;
    case "year":
      return `date(${time}, 'start of year')`;
  }
}

function sqliteShift(expression: string, unit: TimeUnit, count: number): string {
  const sign = count < 0 ? "-" : "+";
  const size = Math.abs(count);
  if (unit === "hour") return `datetime(${expression}, '${sign}${size} hours')`;
  if (unit === "day") return `date(${expression}, '${sign}${size} days')`;
  if (unit === "week") return `date(${expression}, '${sign}${size * 7} days')`;
  const months = size * (unit === "month" ? 1 : unit === "quarter" ? 3 : 12);
  // 'floor' (SQLite 3.46+) clamps 31 January + 1 month to the end of February.
  return `date(${expression}, '${sign}${months} months', 'floor')`;
}

function postgresTruncate(expression: string, kind: TimeKind, unit: TimeUnit, zone: string): string {
  const time = postgresTime(expression, kind, zone);
  const cut = `date_trunc('${unit}', ${time})`;
  return unit === "hour" ? cut : `CAST(${cut} AS date)`;
}

function postgresTime(expression: string, kind: TimeKind, zone: string): string {
  switch (kind) {
    case "timestamptz":
      return `${expression} AT TIME ZONE ${textLiteral(zone)}`;
    case "text_date":
    case "text_time":
      return `CAST(${expression} AS timestamp)`;
    case "epoch":
      return `to_timestamp(${expression}) AT TIME ZONE ${textLiteral(zone)}`;
    case "epoch_ms":
      return `to_timestamp(${expression} / 1000.0) AT TIME ZONE ${textLiteral(zone)}`;
    // date_trunc over a date would go through timestamptz and the session's time zone.
    case "date":
      return `CAST(${expression} AS timestamp)`;
    case "timestamp":
      return expression;
  }
}

function postgresShift(expression: string, unit: TimeUnit, count: number): string {
  const [size, word] = unit === "quarter" ? [count * 3, "month"] : [count, unit];
  const moved = `${expression} + INTERVAL '${size} ${word}'`;
  return unit === "hour" ? moved : `CAST(${moved} AS date)`;
}
