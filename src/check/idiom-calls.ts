/** Foreign functions and what they are called here. `args` undefined: the bare word, without parentheses. Texts only; the check decides whether they fit. */

import type { DialectName } from "../schema/snapshot.js";

type Args = readonly string[];
type Form = (args: Args) => string | undefined;
type Forms = Readonly<Record<string, Form>>;

const renamed =
  (name: string, least = 1): Form =>
  (args) =>
    args.length >= least ? `${name}(${args.join(", ")})` : undefined;

const unitOf = (text: string): string | undefined => {
  const unit = text.replaceAll(/["'\s]/g, "").toLowerCase();
  const units: Readonly<Record<string, string>> = {
    yy: "year",
    yyyy: "year",
    qq: "quarter",
    mm: "month",
    wk: "week",
    dd: "day",
    hh: "hour",
    mi: "minute",
    ss: "second",
  };
  const plain = (units[unit] ?? unit).replace(/s$/, "");
  return /^(year|quarter|month|week|day|hour|minute|second)$/.test(plain) ? plain : undefined;
};

const interval = (text: string): readonly [string, string] | undefined => {
  const match = /^interval\s+'?\s*(.+?)\s*'?\s+([a-z]+)'?$/i.exec(text.trim());
  const unit = match?.[2] === undefined ? undefined : unitOf(match[2]);
  return match?.[1] === undefined || unit === undefined ? undefined : [match[1].replaceAll("'", ""), unit];
};

const conditional: Form = ([test, yes, no]) =>
  test !== undefined && yes !== undefined
    ? `CASE WHEN ${test} THEN ${yes}${no === undefined ? "" : ` ELSE ${no}`} END`
    : undefined;

const swapped =
  (name: string): Form =>
  ([needle, text]) =>
    needle !== undefined && text !== undefined ? `${name}(${text}, ${needle})` : undefined;

const both: Forms = {
  nvl: renamed("coalesce", 2),
  isnull: (args) =>
    args.length === 2 ? `coalesce(${args.join(", ")})` : args.length === 1 ? `(${args[0] ?? ""} IS NULL)` : undefined,
  nvl2: ([value, yes, no]) =>
    no === undefined ? undefined : `CASE WHEN ${value ?? ""} IS NOT NULL THEN ${yes ?? ""} ELSE ${no} END`,
  len: renamed("length"),
  lcase: renamed("lower"),
  ucase: renamed("upper"),
  rand: () => "random()",
  safe_divide: ([a, b]) => (b === undefined ? undefined : `(${a ?? ""}) / nullif(${b}, 0)`),
};

const postgres: Forms = {
  ...both,
  ifnull: renamed("coalesce", 2),
  iif: conditional,
  if: conditional,
  getdate: () => "CURRENT_TIMESTAMP",
  sysdate: () => "CURRENT_TIMESTAMP",
  sysdatetime: () => "CURRENT_TIMESTAMP",
  curdate: () => "CURRENT_DATE",
  curtime: () => "CURRENT_TIME",
  today: () => "CURRENT_DATE",
  group_concat: (args) =>
    args.length === 1
      ? `string_agg(CAST(${args[0] ?? ""} AS text), ',')`
      : `string_agg(CAST(${args[0] ?? ""} AS text), ${args[1] ?? "','"})`,
  listagg: (args) => `string_agg(CAST(${args[0] ?? ""} AS text), ${args[1] ?? "','"})`,
  charindex: swapped("strpos"),
  instr: ([text, needle]) => (needle === undefined ? undefined : `strpos(${text ?? ""}, ${needle})`),
  locate: swapped("strpos"),
  year: ([d]) => (d === undefined ? undefined : `EXTRACT(YEAR FROM ${d})`),
  month: ([d]) => (d === undefined ? undefined : `EXTRACT(MONTH FROM ${d})`),
  day: ([d]) => (d === undefined ? undefined : `EXTRACT(DAY FROM ${d})`),
  quarter: ([d]) => (d === undefined ? undefined : `EXTRACT(QUARTER FROM ${d})`),
  dateadd: ([unit, count, d]) => {
    const plain = unitOf(unit ?? "");
    return plain === undefined || d === undefined ? undefined : `(${d} + (${count ?? ""}) * INTERVAL '1 ${plain}')`;
  },
  date_add: ([d, by]) => shifted(d, by, "+"),
  date_sub: ([d, by]) => shifted(d, by, "-"),
  datediff: (args) => daysBetween(args),
  strftime: ([format, d]) => (format === undefined || d === undefined ? undefined : strftimeToChar(format, d)),
  date_format: ([d, format]) => (format === undefined || d === undefined ? undefined : strftimeToChar(format, d)),
  datetime: ([d]) => (d === undefined || /^'now'$/i.test(d) ? "CURRENT_TIMESTAMP" : `CAST(${d} AS timestamp)`),
  julianday: ([d]) =>
    d === undefined
      ? undefined
      : `EXTRACT(JULIAN FROM CAST(${/^'now'$/i.test(d) ? "CURRENT_TIMESTAMP" : d} AS timestamp))`,
  unix_timestamp: ([d]) => `EXTRACT(EPOCH FROM ${d ?? "CURRENT_TIMESTAMP"})`,
  median: ([x]) => (x === undefined ? undefined : `percentile_cont(0.5) WITHIN GROUP (ORDER BY ${x})`),
  total: ([x]) => (x === undefined ? undefined : `coalesce(sum(${x}), 0)`),
  hex: renamed("to_hex"),
  typeof: renamed("pg_typeof"),
  convert: ([type, x]) =>
    x === undefined || !/^[a-z]+(\(\d+(,\s*\d+)?\))?$/i.test(type ?? "") ? undefined : `CAST(${x} AS ${type ?? ""})`,
  to_days: ([d]) => (d === undefined ? undefined : `(CAST(${d} AS date) - DATE '0001-01-01')`),
  last_day: ([d]) =>
    d === undefined ? undefined : `CAST(date_trunc('month', ${d}) + INTERVAL '1 month - 1 day' AS date)`,
};

const sqlite: Forms = {
  ...both,
  getdate: () => "datetime('now')",
  sysdate: () => "datetime('now')",
  now: () => "datetime('now')",
  curdate: () => "date('now')",
  today: () => "date('now')",
  left: ([text, count]) => (count === undefined ? undefined : `substr(${text ?? ""}, 1, ${count})`),
  right: ([text, count]) => (count === undefined ? undefined : `substr(${text ?? ""}, -(${count}))`),
  charindex: swapped("instr"),
  locate: swapped("instr"),
  strpos: renamed("instr", 2),
  position: ([inside]) => {
    const parts = inside?.split(/\s+in\s+/i);
    return parts?.length === 2 ? `instr(${parts[1] ?? ""}, ${parts[0] ?? ""})` : undefined;
  },
  year: ([d]) => datePart("%Y", d),
  month: ([d]) => datePart("%m", d),
  day: ([d]) => datePart("%d", d),
  extract: ([inside]) => extractPart(inside),
  date_part: ([unit, d]) => (d === undefined ? undefined : extractPart(`${unitOf(unit ?? "") ?? ""} from ${d}`)),
  date_trunc: ([unit, d]) => truncated(unitOf(unit ?? ""), d),
  to_char: ([d, format]) => (d === undefined || format === undefined ? undefined : toCharStrftime(d, format)),
  date_format: ([d, format]) =>
    d === undefined || format === undefined
      ? undefined
      : `strftime(${format.replaceAll("%i", "%M").replaceAll("%s", "%S")}, ${d})`,
  dateadd: ([unit, count, d]) => {
    const plain = unitOf(unit ?? "");
    return plain === undefined || d === undefined ? undefined : `datetime(${d}, (${count ?? ""}) || ' ${plain}')`;
  },
  date_add: ([d, by]) => sqliteShift(d, by, "+"),
  date_sub: ([d, by]) => sqliteShift(d, by, "-"),
  datediff: (args) => {
    const [a, b] = args.length === 3 ? [args[2], args[1]] : [args[0], args[1]];
    return a === undefined || b === undefined ? undefined : `CAST(julianday(${a}) - julianday(${b}) AS INTEGER)`;
  },
  greatest: renamed("max", 2),
  least: renamed("min", 2),
  array_agg: renamed("json_group_array"),
  json_agg: renamed("json_group_array"),
  listagg: renamed("group_concat"),
  char_length: renamed("length"),
  character_length: renamed("length"),
  to_date: ([d]) => (d === undefined ? undefined : `date(${d})`),
  convert: ([type, x]) =>
    x === undefined || !/^[a-z]+(\(\d+(,\s*\d+)?\))?$/i.test(type ?? "") ? undefined : `CAST(${x} AS ${type ?? ""})`,
  stddev: ([x]) => (x === undefined ? undefined : `sqrt(avg((${x}) * (${x})) - avg(${x}) * avg(${x}))`),
  bool_and: renamed("min"),
  bool_or: renamed("max"),
};

/** Words that other databases call without parentheses. */
const bareWords: Readonly<Record<DialectName, Readonly<Record<string, string>>>> = {
  postgres: { sysdate: "CURRENT_TIMESTAMP", systimestamp: "CURRENT_TIMESTAMP" },
  sqlite: { sysdate: "datetime('now')", localtimestamp: "datetime('now', 'localtime')" },
};

/** What a foreign call or bare word is here, as text; undefined where it is not foreign or has no equal. */
export function callIdiom(name: string, args: Args | undefined, dialect: DialectName): string | undefined {
  if (args === undefined) return bareWords[dialect][name];
  const forms = dialect === "postgres" ? postgres : sqlite;
  return Object.hasOwn(forms, name) ? forms[name]?.(args) : undefined;
}

function shifted(d: string | undefined, by: string | undefined, sign: string): string | undefined {
  const step = by === undefined ? undefined : interval(by);
  return d === undefined || step === undefined ? undefined : `(${d} ${sign} INTERVAL '${step[0]} ${step[1]}')`;
}

function sqliteShift(d: string | undefined, by: string | undefined, sign: string): string | undefined {
  const step = by === undefined ? undefined : interval(by);
  return d === undefined || step === undefined ? undefined : `date(${d}, '${sign}${step[0]} ${step[1]}')`;
}

function daysBetween(args: Args): string | undefined {
  const [a, b] = args.length === 3 ? [args[2], args[1]] : [args[0], args[1]];
  if (a === undefined || b === undefined || (args.length === 3 && unitOf(args[0] ?? "") !== "day")) return undefined;
  return `(CAST(${a} AS date) - CAST(${b} AS date))`;
}

function datePart(format: string, d: string | undefined): string | undefined {
  return d === undefined ? undefined : `CAST(strftime('${format}', ${d}) AS INTEGER)`;
}

function extractPart(inside: string | undefined): string | undefined {
  const match = /^(\w+)\s+from\s+([\s\S]+)$/i.exec(inside ?? "");
  const formats: Readonly<Record<string, string>> = {
    year: "%Y",
    month: "%m",
    day: "%d",
    hour: "%H",
    minute: "%M",
    second: "%S",
    dow: "%w",
    doy: "%j",
    week: "%W",
    epoch: "%s",
  };
  const format = formats[(match?.[1] ?? "").toLowerCase()];
  return format === undefined ? undefined : datePart(format, match?.[2]);
}

function truncated(unit: string | undefined, d: string | undefined): string | undefined {
  if (d === undefined) return undefined;
  switch (unit) {
    case "year":
      return `strftime('%Y-01-01', ${d})`;
    case "month":
      return `strftime('%Y-%m-01', ${d})`;
    case "day":
      return `date(${d})`;
    case "week":
      return `date(${d}, '-6 days', 'weekday 1')`;
    case "hour":
      return `strftime('%Y-%m-%d %H:00:00', ${d})`;
    default:
      return undefined;
  }
}

const formatPairs: readonly (readonly [string, string])[] = [
  ["%Y", "YYYY"],
  ["%m", "MM"],
  ["%d", "DD"],
  ["%H", "HH24"],
  ["%M", "MI"],
  ["%i", "MI"],
  ["%S", "SS"],
  ["%s", "SS"],
  ["%j", "DDD"],
  ["%y", "YY"],
];

function strftimeToChar(format: string, d: string): string {
  const text = formatPairs.reduce((f, [from, to]) => f.replaceAll(from, to), format);
  return `to_char(${/^'now'$/i.test(d) ? "CURRENT_TIMESTAMP" : d}, ${text})`;
}

function toCharStrftime(d: string, format: string): string | undefined {
  if (!/^'[YMDHIS24\-/: .]*'$/i.test(format)) return undefined;
  const text = formatPairs.reduce(
    (f, [to, from]) => (to === "%i" || to === "%s" ? f : f.replaceAll(new RegExp(from, "gi"), to)),
    format,
  );
  return `strftime(${text}, ${d})`;
}
