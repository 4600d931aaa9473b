/**
 * Compares two pieces of a snapshot: equal, equal but for how the database prints a text, or different. And lists of named members.
 * Pure. The canonical print decides about texts (`text.ts`); everything else is compared as it is.
 */

import type { DialectName } from "../schema/snapshot.js";
import { sameJson } from "./same.js";
import { type NameMap, sameSql } from "./text.js";

export type Verdict = "same" | "restated" | "changed";

/** What a comparison must know: how texts are spelt and what was renamed. */
export interface Spelling {
  readonly dialect: DialectName;
  readonly names: NameMap;
}

/** Fields whose value is SQL text, or a list of it, in whatever piece they stand. */
const sqlFields = new Set([
  "expression",
  "partial",
  "definition",
  "using",
  "check",
  "default",
  "partitionKey",
  "partitionBound",
]);

/** Compares field by field, nested pieces too. The key parts of an index on expressions are texts as well. */
export function compare(before: object, after: object, spelling: Spelling): Verdict {
  if (before === after) return "same";
  const [a, b] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const lists = typeof a.expression === "string" && typeof b.expression === "string";
  let verdict: Verdict = "same";
  for (const field of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [old, now] = [a[field], b[field]];
    if (sameJson(old, now)) continue;
    if (!sameField(field, old, now, spelling, lists)) return "changed";
    verdict = "restated";
  }
  return verdict;
}

function sameField(field: string, old: unknown, now: unknown, spelling: Spelling, lists: boolean): boolean {
  const same = (x: string, y: string) => sameSql(x, y, spelling.names, spelling.dialect);
  if (sqlFields.has(field) && typeof old === "string" && typeof now === "string") return same(old, now);
  if (lists && Array.isArray(old) && Array.isArray(now)) {
    return old.length === now.length && old.every((x, i) => same(String(x), String(now[i])));
  }
  if (field === "type" && typeof old === "string" && typeof now === "string")
    return sameType(old, now, spelling.dialect);
  if (isPiece(old) && isPiece(now)) return compare(old, now, spelling) !== "changed";
  return false;
}

/** SQLite keeps a type as it was typed, and its case and spacing mean nothing (datatype3.html, 3.1). */
function sameType(old: string, now: string, dialect: DialectName): boolean {
  const plain = (type: string) =>
    type
      .toLowerCase()
      .replaceAll(/\s+/gu, " ")
      .replaceAll(/ ?([(),]) ?/gu, "$1")
      .trim();
  return dialect === "sqlite" ? plain(old) === plain(now) : old === now;
}

function isPiece(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export interface Matched<T> {
  readonly both: readonly (readonly [T, T])[];
  readonly gone: readonly T[];
  readonly fresh: readonly T[];
}

/** Pairs members by key; several under one key pair up in order. */
export function match<T>(before: readonly T[], after: readonly T[], keyOf: (item: T) => string): Matched<T> {
  const waiting = new Map<string, T[]>();
  for (const item of before) {
    const key = keyOf(item);
    const list = waiting.get(key);
    if (list === undefined) waiting.set(key, [item]);
    else list.push(item);
  }
  const both: (readonly [T, T])[] = [];
  const fresh: T[] = [];
  for (const item of after) {
    const old = waiting.get(keyOf(item))?.shift();
    if (old === undefined) fresh.push(item);
    else both.push([old, item]);
  }
  return { both, gone: [...waiting.values()].flat(), fresh };
}

/** An object of `fields` alone, absent ones left out: the before and after of a change of properties. */
export function pick(piece: object, fields: readonly string[]): Record<string, unknown> {
  const source = piece as Record<string, unknown>;
  return Object.fromEntries(fields.filter((f) => source[f] !== undefined).map((f) => [f, source[f]]));
}
