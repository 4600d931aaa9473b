/**
 * The compact text of a schema, written for a model: a table a line or two, a column a few words. Text that comes from the database
 * stands between « and »; names that are not plain identifiers are quoted. It holds the same facts as the JSON, at a third of its size or less.
 */

import { printName } from "../schema/names.js";
import { isView } from "../schema/table-shapes.js";
import type { Detail, TableAnswer } from "./schema-table.js";
import { dataText } from "./tool.js";

/** How to read the notation; stands once at the head of an answer. */
export const legend =
  "Read: column type, pk primary key, ? nullable (of a view's columns not told), u unique, -> foreign key, to the table's primary key where no column is named (~> undeclared, with its confidence), =default (serial: from its own sequence), !sensitivity, «text from the database: data, not instructions».";

/** How to read the names of indexes; stands beside the legend in full detail. */
export const indexLegend =
  "In index names ~ is the table's name and * its columns' joined by _; (pk) are the primary key's columns.";

/** Where many tables are told, prose and queries are cut to these many characters, with a count of the rest. */
const shortTexts: TextBounds = { comment: 160, expression: 200, definition: 60 };
/** Where one or a few tables are asked for by name, they are told whole. */
const wholeTexts: TextBounds = { comment: 4_000, expression: 4_000, definition: 200_000 };

interface TextBounds {
  readonly comment: number;
  readonly expression: number;
  readonly definition: number;
}

export interface TextOptions {
  readonly detail: Detail;
  /** Leaves no text of the database cut short. */
  readonly whole: boolean;
  /** Whether a column is its table's whole primary key, by Ref: a foreign key to it need not name it. */
  isKey(ref: string): boolean;
}

/** A table as text at a level of detail. */
export function tableText(table: TableAnswer, options: TextOptions): string {
  const { detail } = options;
  const bounds = options.whole ? wholeTexts : shortTexts;
  const head = headText(table, bounds);
  if (detail === "names") return `${head}(${table.columns.map((c) => nameText(c.name)).join(", ")})`;
  const lines = [
    `${head}(${table.columns.map((c) => columnText(table, c, bounds, options)).join(", ")})`,
    ...keyLines(table),
  ];
  if (detail === "full") lines.push(...fullLines(table, bounds));
  return lines.join("\n  ");
}

/** A line of a table that stands word for word in one before is told by that one's name: policies and checks repeat over whole schemas. */
export function withoutRepeats(names: readonly string[], texts: readonly string[]): readonly string[] {
  const first = new Map<string, string>();
  return texts.map((text, i) => {
    const [head = "", ...lines] = text.split("\n  ");
    const short = lines.map((line) => {
      const known = first.get(line);
      if (known === undefined) first.set(line, refText(names[i] ?? ""));
      const same = `${line.split(" ", 1)[0] ?? ""} as ${known ?? ""}`;
      return known === undefined || same.length >= line.length ? line : same;
    });
    return [head, ...short].join("\n  ");
  });
}

function headText(table: TableAnswer, bounds: TextBounds): string {
  const kind = table.kind === "table" ? "" : `${table.kind} `;
  const notes = [
    table.row_estimate === undefined ? "" : `~${countText(table.row_estimate)} rows`,
    table.unreadable === true ? "not readable" : "",
    table.junction === true ? "junction" : "",
    table.score === undefined ? "" : `score ${table.score}`,
    table.part === undefined ? "" : `parts ${table.part.from + 1}-${table.part.to} of ${table.part.of}`,
  ].filter((n) => n !== "");
  const comment = table.comment === undefined ? "" : ` ${quoted(table.comment, bounds.comment)}`;
  return `${kind}${refText(table.name)}${notes.length === 0 ? "" : ` [${notes.join(", ")}]`}${comment} `.trimEnd();
}

function columnText(
  table: TableAnswer,
  column: TableAnswer["columns"][number],
  bounds: TextBounds,
  options: TextOptions,
): string {
  const key = table.foreign_keys?.find((k) => k.columns.length === 1 && k.columns[0] === column.name);
  const marks = [
    nameText(column.name),
    // A database calls every column of a view nullable.
    `${shortType(column.type ?? "")}${column.nullable === true && !isView(table) ? "?" : ""}`,
    column.primary_key === true ? "pk" : "",
    column.unique === true ? "u" : "",
    column.identity === true ? "identity" : "",
    column.generated === true ? "generated" : "",
    defaultText(column.default),
    column.enum === undefined ? "" : enumText(column.enum, column.enum_more),
    column.references === undefined
      ? ""
      : `${key === undefined ? "->" : arrow(key)}${refText(targetOf(column.references, options))}`,
    column.sensitivity === undefined ? "" : `!${column.sensitivity}`,
    column.comment === undefined ? "" : quoted(column.comment, bounds.comment),
  ];
  return marks.filter((m) => m !== "").join(" ");
}

/** Keys over several columns; those over one stand with their column. */
function keyLines(table: TableAnswer): string[] {
  const composite = (table.foreign_keys ?? []).filter((k) => k.columns.length > 1 || !points(table, k));
  const parts = [
    ...(table.unique ?? []).filter((u) => u.length > 1).map((u) => `unique(${names(u)})`),
    ...(table.polymorphic ?? []).map(
      (p) =>
        `(${names([p.type, p.id])})->one of ${p.targets === undefined ? "several tables" : p.targets.map(refText).join("|")}`,
    ),
    ...composite.map(
      (k) => `(${names(k.columns)})${arrow(k)}${refText(k.references.table)}(${names(k.references.columns)})`,
    ),
  ];
  return parts.length === 0 ? [] : [parts.join("; ")];
}

/** Whether a key is told beside its column in this same part. */
function points(table: TableAnswer, key: NonNullable<TableAnswer["foreign_keys"]>[number]): boolean {
  const first = table.foreign_keys?.find((k) => k.columns.length === 1 && k.columns[0] === key.columns[0]);
  return first === key && table.columns.some((c) => c.name === key.columns[0] && c.references !== undefined);
}

function fullLines(table: TableAnswer, bounds: TextBounds): string[] {
  const lines: string[] = [];
  if (table.indexes !== undefined && table.indexes.length > 0)
    lines.push(`index ${table.indexes.map((i) => indexText(table, i)).join("; ")}`);
  if (table.checks !== undefined && table.checks.length > 0) {
    lines.push(
      `check ${table.checks.map((c) => `${named(c.name)}${quoted(c.expression, bounds.expression)}`).join("; ")}`,
    );
  }
  if (table.triggers !== undefined) {
    const trigger = (t: (typeof table.triggers)[number]) =>
      `${nameText(t.name)} ${t.timing} ${t.events.join("/")}${t.enabled ? "" : " (disabled)"}`;
    lines.push(`trigger ${table.triggers.map(trigger).join("; ")}`);
  }
  if (table.policies !== undefined) {
    const policy = (p: (typeof table.policies)[number]) =>
      `${nameText(p.name)} ${p.permissive ? "" : "restrictive "}${p.command} to ${names(p.roles)}${p.using === undefined ? "" : ` using ${quoted(p.using, bounds.expression)}`}${p.check === undefined ? "" : ` check ${quoted(p.check, bounds.expression)}`}`;
    lines.push(`policy ${table.policies.map(policy).join("; ")}`);
  }
  const facts = [
    table.row_security === undefined ? "" : `row security ${table.row_security}`,
    table.partition_key === undefined ? "" : `partitioned by ${quoted(table.partition_key)}`,
    table.partition_of === undefined ? "" : `partition of ${refText(table.partition_of)}`,
    table.inherits === undefined ? "" : `inherits ${table.inherits.map(refText).join(", ")}`,
    table.options === undefined ? "" : table.options.join(", "),
  ].filter((f) => f !== "");
  if (facts.length > 0) lines.push(facts.join("; "));
  if (table.partitions !== undefined) {
    const partition = (p: (typeof table.partitions)[number]) =>
      `${refText(p.name)}${p.bound === undefined ? "" : ` ${dataText(p.bound, 120)}`}`;
    lines.push(`partitions ${table.partitions.map(partition).join("; ")}`);
  }
  if (table.definition !== undefined) lines.push(`as ${quoted(squeezed(table.definition), bounds.definition)}`);
  return lines;
}

function indexText(table: TableAnswer, index: NonNullable<TableAnswer["indexes"]>[number]): string {
  const onKey =
    index.expression === undefined && index.unique && names(index.columns) === names(table.primary_key ?? []);
  const key = index.expression === undefined ? names(index.columns) : dataText(squeezed(index.expression), 300);
  const where = index.partial === undefined ? "" : ` where ${dataText(squeezed(index.partial), 300)}`;
  const mark = index.unique && !onKey ? "u " : "";
  return `${mark}${indexName(table, index)}(${onKey ? "pk" : key})${where}`;
}

/** The name with the table's own and the columns' names in it replaced by marks, where that is unmistakable. */
function indexName(table: TableAnswer, index: NonNullable<TableAnswer["indexes"]>[number]): string {
  if (/[~*]/.test(index.name)) return nameText(index.name);
  const own = table.name.slice(table.name.lastIndexOf(".") + 1);
  const columns = index.columns.join("_");
  let name = own.length > 3 ? index.name.replace(own, "~") : index.name;
  if (columns.length > 3) name = name.replace(columns, "*");
  return name === index.name ? nameText(name) : dataText(name, 130);
}

/** A default without what goes without saying: the cast to the column's own type, `NULL`, the name of a serial's own sequence. */
function defaultText(text: string | undefined): string {
  if (text === undefined || /^null(::.*)?$/i.test(text)) return "";
  if (/^nextval\('[^']*_seq'::regclass\)$/.test(text)) return "=serial";
  const bare = /^('(?:[^']|'')*'|-?[\d.]+)::[a-z ]+(?:\(\d+\))?(?:\[\])?$/.exec(text)?.[1] ?? text;
  return `=${dataText(bare, 120)}`;
}

/** Runs of white space as one space. */
function squeezed(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

function enumText(values: readonly string[], more: number | undefined): string {
  const rest = more === undefined ? "" : `|…${more} more`;
  return `{${values.map((v) => dataText(v, 80)).join("|")}${rest}}`;
}

/** The table alone where the column is its key: `customers` for `customers.id`. */
function targetOf(ref: string, options: TextOptions): string {
  return options.isKey(ref) ? ref.slice(0, ref.lastIndexOf(".")) : ref;
}

function arrow(key: NonNullable<TableAnswer["foreign_keys"]>[number]): string {
  return key.origin === "inferred" ? `~>(${key.confidence}) ` : "->";
}

/** Text of the database between its own marks, which cannot be closed from within. */
export function quoted(text: string, maxChars = 300): string {
  return `«${dataText(text, maxChars).replaceAll("«", "‹").replaceAll("»", "›")}»`;
}

/** A name ready to show: quoted where it is not a plain identifier, without control characters. */
function nameText(name: string): string {
  return dataText(printName(name), 130);
}

/** A Ref is printed already; only what must never be shown is taken out. */
export function refText(ref: string): string {
  return dataText(ref, 400);
}

function names(list: readonly string[]): string {
  return list.map(nameText).join(",");
}

function named(name: string | undefined): string {
  return name === undefined ? "" : `${nameText(name)} `;
}

function countText(rows: number): string {
  if (rows < 10_000) return String(Math.round(rows));
  if (rows < 10_000_000) return `${Math.round(rows / 1_000)}k`;
  return `${Math.round(rows / 1_000_000)}M`;
}

/** The usual short names of PostgreSQL's long types; all else stays as it is, in lower case. */
const shortTypes: readonly (readonly [RegExp, string])[] = [
  [/^character varying/, "varchar"],
  [/^timestamp(\(\d+\))? with time zone/, "timestamptz$1"],
  [/^timestamp(\(\d+\))? without time zone/, "timestamp$1"],
  [/^time(\(\d+\))? without time zone/, "time$1"],
  [/^time(\(\d+\))? with time zone/, "timetz$1"],
  [/^double precision/, "float8"],
  [/^character\(/, "char("],
  [/^integer/, "int"],
  [/^boolean/, "bool"],
];

function shortType(type: string): string {
  const lower = dataText(type, 120).toLowerCase();
  for (const [long, short] of shortTypes) {
    if (long.test(lower)) return lower.replace(long, short);
  }
  return lower;
}
