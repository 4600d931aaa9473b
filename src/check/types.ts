/**
 * Types as far as the checks need them: which family a value belongs to, and so what it can be compared with. Source: PostgreSQL manual, chapter 8 and
 * 10 (type conversion); SQLite: datatype3.html, 3.1 (affinity).
 */

import type { DialectName } from "../schema/snapshot.js";

export type TypeFamily =
  | "integer"
  | "number"
  | "text"
  | "boolean"
  | "date"
  | "timestamp"
  | "time"
  | "interval"
  | "json"
  | "uuid"
  | "bytes"
  | "array"
  | "other";

const families: readonly (readonly [RegExp, TypeFamily])[] = [
  [/\[\]$/, "array"],
  [
    /^(small|big|tiny|medium)?int(eger)?\d?$|^int\d|^(small|big)?serial|^int unsigned|^bigint|^smallint|^oid$|^year$/,
    "integer",
  ],
  [/^(numeric|decimal|dec|real|float|double|money|number)/, "number"],
  [/^bool/, "boolean"],
  [/^(timestamp|datetime|timestamptz)/, "timestamp"],
  [/^date/, "date"],
  [/^time/, "time"],
  [/^interval/, "interval"],
  [/^jsonb?/, "json"],
  [/^uuid/, "uuid"],
  [/^(bytea|blob|binary|varbinary)/, "bytes"],
  [/(char|text|clob|string|citext|^name$|enum)/, "text"],
];

/** The family of a type by its printed name; undefined where there is no type. Unknown names are `other`. */
export function familyOf(type: string | undefined, dialect: DialectName): TypeFamily | undefined {
  if (type === undefined || type === "") return undefined;
  const plain = type.toLowerCase().trim();
  const found = families.find(([pattern]) => pattern.test(plain))?.[1];
  if (found !== undefined) return found;
  // SQLite's affinity rule: INT anywhere in a type's name is an integer.
  return dialect === "sqlite" && plain.includes("int") ? "integer" : "other";
}

export function isNumeric(family: TypeFamily | undefined): boolean {
  return family === "integer" || family === "number";
}

export function isTemporal(family: TypeFamily | undefined): boolean {
  return family === "date" || family === "timestamp";
}

/** Whether a text can be read as a value of a family: what a quoted literal beside a column must be. */
export function readsAs(text: string, family: TypeFamily): boolean {
  const plain = text.trim();
  switch (family) {
    case "integer":
      return /^[+-]?\d+$/.test(plain);
    case "number":
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain) || /^[+-]?(nan|infinity|inf)$/i.test(plain);
    case "boolean":
      return /^(t|tr|tru|true|f|fa|fal|fals|false|y|ye|yes|n|no|on|off|of|1|0)$/i.test(plain);
    case "date":
    case "timestamp":
      return /\d/.test(plain) || /^(now|today|yesterday|tomorrow|epoch|-?infinity)$/i.test(plain);
    case "uuid":
      return /^\{?[0-9a-f]{4}(-?[0-9a-f]{4}){7}\}?$/i.test(plain);
    default:
      return true;
  }
}
