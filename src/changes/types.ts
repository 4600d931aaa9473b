/** What a change of a column's type does to readers: nothing but room, another meaning, or statements that fail. Pure. */

import type { Effect } from "./kinds.js";

type Family =
  | "text"
  | "integer"
  | "decimal"
  | "float"
  | "boolean"
  | "date"
  | "time"
  | "bytes"
  | "json"
  | "uuid"
  | "other";

const families: readonly (readonly [RegExp, Family])[] = [
  [/^(?:character varying|varchar|character|char|bpchar|text|clob|nchar|nvarchar|citext|name)\b/u, "text"],
  [/^(?:smallint|integer|int|int2|int4|int8|bigint|tinyint|mediumint|smallserial|serial|bigserial)\b/u, "integer"],
  [/^(?:numeric|decimal|money)\b/u, "decimal"],
  [/^(?:real|double precision|double|float|float4|float8)\b/u, "float"],
  [/^(?:boolean|bool)\b/u, "boolean"],
  [/^(?:timestamp|datetime|date)\b/u, "date"],
  [/^(?:time|interval)\b/u, "time"],
  [/^(?:bytea|blob)\b/u, "bytes"],
  [/^jsonb?\b/u, "json"],
  [/^uuid\b/u, "uuid"],
];

/**
 * More room in the same type is for writers (`varchar(20)` to `varchar(40)`, `numeric(10,2)` to `numeric(12,2)`); within a family or between
 * numbers answers may differ; between families comparisons with literals fail (PostgreSQL 15, 10.2 Operators: no implicit cast).
 */
export function typeEffect(before: string, after: string): Effect {
  const [old, now] = [before.toLowerCase(), after.toLowerCase()];
  if (roomier(old, now)) return "write";
  const [was, is] = [familyOf(old), familyOf(now)];
  const numbers: readonly Family[] = ["integer", "decimal", "float"];
  const near = was === is || (numbers.includes(was) && numbers.includes(is));
  if (old.endsWith("[]") !== now.endsWith("[]")) return "break";
  if (!near || was === "other") return "break";
  return "silent";
}

function familyOf(type: string): Family {
  return families.find(([shape]) => shape.test(type))?.[1] ?? "other";
}

function roomier(before: string, after: string): boolean {
  const [old, now] = [sized(before), sized(after)];
  const varying = /^(?:character varying|varchar|text)$/u;
  if (varying.test(old.name) && varying.test(now.name)) {
    return now.sizes.length === 0 || (old.sizes.length > 0 && (old.sizes[0] ?? 0) <= (now.sizes[0] ?? 0));
  }
  if (old.name !== now.name || !/^(?:numeric|decimal)$/u.test(old.name)) return false;
  return (
    old.sizes[1] === now.sizes[1] && (old.sizes[0] ?? 0) <= (now.sizes[0] ?? 0) && old.sizes.length === now.sizes.length
  );
}

function sized(type: string): { name: string; sizes: readonly number[] } {
  const match = /^(?<name>[^()]+?)\s*(?:\((?<sizes>[\d,\s]+)\))?$/u.exec(type);
  const sizes = match?.groups?.sizes?.split(",").map(Number) ?? [];
  return { name: match?.groups?.name ?? type, sizes };
}
