/** A filter as a predicate, its values bound as the column's type needs them. Comparison is SQL's own. Pure. */

import { error } from "../issue.js";
import { type Cell, type Dialect, escapeLike } from "../sql/dialect.js";
import { isDay } from "./calendar.js";
import { bind, type Fragment, join, raw, sql } from "./fragment.js";
import type { ResolvedFilter } from "./resolved.js";
import { refuse } from "./stop.js";
import { isNumeric, type TypeClass, typeClass } from "./tables.js";

type Scalar = string | number | boolean;

/** The predicate of a filter over `column`, as printed. */
export function predicate(filter: ResolvedFilter, given: string, dialect: Dialect): Fragment {
  const { op } = filter;
  // Texts of moments in several notations compare only once they are read (sqlite.org/lang_datefunc.html).
  const column = filter.moment?.mixed === true && comparing.has(op) ? `datetime(${given})` : given;
  const type = typeClass(filter.item.column.type, dialect.name);
  const one = (): Fragment => bindValue(scalarOf(filter), type, filter, dialect);
  switch (op) {
    case "unmatched":
    case "is_null":
      return raw(`${column} IS NULL`);
    case "is_not_null":
      return raw(`${column} IS NOT NULL`);
    case "not_true":
      return raw(
        dialect.name === "postgres" && type === "boolean" ? `${column} IS NOT TRUE` : `COALESCE(${column}, 0) = 0`,
      );
    case "open_or_after":
      return sql`(${column} IS NULL OR ${column} > ${one()})`;
    case "in":
    case "not_in": {
      const list = listOf(filter).map((v) => bindValue(v, type, filter, dialect));
      return sql`${column} ${op === "in" ? "IN" : "NOT IN"} (${join(list, ", ")})`;
    }
    case "between": {
      const [low, high] = pairOf(filter);
      const ends = [low, high].map((end) => bindValue(end, type, filter, dialect));
      // What stands after BETWEEN takes no AT TIME ZONE without brackets (src/backend/parser/gram.y: b_expr).
      const [first, last] = filter.moment?.kind === "timestamptz" ? ends.map((end) => sql`(${end})`) : ends;
      return sql`${column} BETWEEN ${first ?? ""} AND ${last ?? ""}`;
    }
    case "like":
      // SQLite's LIKE folds the case of ASCII letters; one intent means one thing in both dialects.
      return sql`${textOf(column, type, dialect)} ${dialect.name === "postgres" ? "ILIKE" : "LIKE"} ${bind(String(scalarOf(filter)))}`;
    case "contains":
    case "starts_with": {
      const text = escapeLike(String(scalarOf(filter)));
      const pattern = op === "contains" ? `%${text}%` : `${text}%`;
      const [before, after] = dialect.matches(textOf(column, type, dialect), "\u0000").split("\u0000");
      return sql`${before ?? ""}${bind(pattern)}${after ?? ""}`;
    }
    default:
      return sql`${column} ${op === "!=" ? "<>" : op} ${one()}`;
  }
}

function textOf(column: string, type: TypeClass, dialect: Dialect): string {
  return dialect.name === "sqlite" || type === "text" ? column : `CAST(${column} AS text)`;
}

/**
 * A value as the column's type wants it. SQLite's driver binds every JavaScript number as REAL, and REAL 2016.0 against a TEXT column
 * compares as '2016.0' (sqlite.org/datatype3.html, 4.2): so a text column gets text.
 */
function bindValue(value: Scalar, type: TypeClass, filter: ResolvedFilter, dialect: Dialect): Fragment {
  if (filter.moment !== undefined) return bindMoment(value, filter.moment, filter.item.column.name, dialect);
  if (type === "text") return bind(typeof value === "boolean" ? String(value) : String(value));
  if (isNumeric(type)) return bind(numberFor(value, type, filter), numberCast(value, type, dialect));
  if (type === "boolean") return bindBoolean(value, filter, dialect);
  if (dialect.name === "sqlite") return bind(value);
  return bind(typeof value === "number" ? String(value) : value);
}

function numberFor(value: Scalar, type: TypeClass, filter: ResolvedFilter): Cell {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  const text = value.trim();
  if (text !== "" && Number.isFinite(Number(text))) return /^-?\d{16,}$/.test(text) ? text : Number(text);
  if (type === "decimal" && filter.item.column.type !== "" && /date|time/i.test(filter.item.column.type)) return value;
  return refuse(
    error("invalid_argument", `"${value}" is no number, and ${filter.item.column.name} holds numbers.`, {
      help: "Filter on the column that holds the text, or give the number it stands for.",
    }),
  );
}

/** PostgreSQL types a bare parameter by the column beside it: 2.5 against an integer column would be an error. */
function numberCast(value: Scalar, type: TypeClass, dialect: Dialect): string | undefined {
  const fraction = typeof value === "boolean" ? false : !Number.isInteger(Number(value));
  return dialect.name === "postgres" && type === "integer" && fraction ? "numeric" : undefined;
}

function bindBoolean(value: Scalar, filter: ResolvedFilter, dialect: Dialect): Fragment {
  if (typeof value === "boolean") return bind(value);
  const word = String(value).trim().toLowerCase();
  const truth = ["true", "t", "yes", "y", "1"].includes(word)
    ? true
    : ["false", "f", "no", "n", "0"].includes(word)
      ? false
      : undefined;
  if (truth !== undefined) return bind(truth);
  if (dialect.name === "sqlite") return bind(value);
  return refuse(
    error(
      "invalid_argument",
      `"${word}" is neither true nor false, and ${filter.item.column.name} holds nothing else.`,
    ),
  );
}

const comparing: ReadonlySet<string> = new Set([
  "=",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "in",
  "not_in",
  "between",
  "open_or_after",
]);

const momentPattern = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** A moment as the column holds it; what is no ISO 8601 date is refused, for each dialect would read it in its own way. */
function bindMoment(
  value: Scalar,
  moment: NonNullable<ResolvedFilter["moment"]>,
  name: string,
  dialect: Dialect,
): Fragment {
  const { kind, zone } = moment;
  if ((kind === "epoch" || kind === "epoch_ms") && typeof value === "number") return bind(value);
  const match = momentPattern.exec(String(value).trim());
  if (match === null || !isDay(match[1] ?? "")) {
    refuse(
      error("invalid_argument", `"${String(value)}" is no date, and ${name} holds dates.`, {
        help: "Write `2024-03-01` or `2024-03-01 13:00:00`; for a month or a year use `time.range`.",
      }),
    );
  }
  const [, day = "", clock, seconds = "00", fraction = "", offset] = match;
  const local = `${day} ${clock ?? "00:00"}:${seconds}${fraction}`;
  const at =
    offset === undefined ? undefined : new Date(`${day}T${clock ?? "00:00"}:${seconds}${fraction}${isoOffset(offset)}`);
  const plain =
    at === undefined
      ? local
      : at
          .toISOString()
          .replace("T", " ")
          .replace(/(?:\.000)?Z$/, "");
  const epochMs = Date.parse(`${plain.replace(" ", "T")}Z`);
  if (kind === "epoch" || kind === "epoch_ms") return bind(kind === "epoch" ? epochMs / 1000 : epochMs);
  if (dialect.name === "sqlite") return bind(kind === "text_date" && clock === undefined ? day : plain);
  if (kind === "date" && clock === undefined) return bind(day, "date");
  if (kind !== "timestamptz") return bind(plain, "timestamp");
  return at === undefined
    ? sql`${bind(local, "timestamp")} AT TIME ZONE ${dialect.literal(zone)}`
    : bind(at.toISOString(), "timestamptz");
}

function isoOffset(offset: string): string {
  return /^[+-]\d{4}$/.test(offset) ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset.toUpperCase();
}

function scalarOf(filter: ResolvedFilter): Scalar {
  const { value } = filter;
  if (Array.isArray(value) && value.length === 1 && value[0] !== undefined) return value[0];
  if (value === undefined || Array.isArray(value)) {
    refuse(error("invalid_argument", `The filter on "${filter.item.term}" needs one \`value\` for "${filter.op}".`));
  }
  return value;
}

function listOf(filter: ResolvedFilter): readonly Scalar[] {
  const { value } = filter;
  const list = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (list.length === 0) {
    refuse(
      error("invalid_argument", `The filter on "${filter.item.term}" needs at least one value for "${filter.op}".`),
    );
  }
  return list;
}

function pairOf(filter: ResolvedFilter): readonly [Scalar, Scalar] {
  const list = listOf(filter);
  const [low, high] = list;
  if (list.length !== 2 || low === undefined || high === undefined) {
    refuse(error("invalid_argument", `"between" on "${filter.item.term}" needs two values, both included.`));
  }
  if (typeof low === typeof high && low > high) {
    refuse(error("invalid_argument", `"between" on "${filter.item.term}" has its ends the wrong way round.`));
  }
  return [low, high];
}
