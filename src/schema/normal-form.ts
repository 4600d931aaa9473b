/**
 * The normal form of a snapshot: every list whose order has no meaning is sorted, absent stays absent, keys are ordered.
 * Two inspections of one schema, in any discovery order and on any machine, have the same normal form. Pure.
 * Kept as given: columns (position is meaning), key columns, enum values, trigger events.
 */

import { createHash } from "node:crypto";
import type { ForeignKey, SchemaSnapshot, Table, TableName } from "./snapshot.js";

type Lists = Omit<SchemaSnapshot, "dialect" | "defaultSchema">;

/** The normal form of each list of a snapshot. */
const lists: { readonly [K in keyof Lists]: (list: Lists[K]) => Lists[K] } = {
  schemas: (list) => sorted(list, (s) => s.name),
  tables: (list) => sorted(list, qualified).map(normalTable),
  enums: (list) => sorted(list, qualified),
  domains: (list) => sorted(list, qualified).map((d) => ({ ...d, checks: sorted(d.checks, named) })),
  composites: (list) => sorted(list, qualified),
  sequences: (list) => sorted(list, qualified),
  functions: (list) => sorted(list, (f) => `${qualified(f)}(${f.arguments})`),
  extensions: (list) => sorted(list, (e) => e.name),
};

export function normalForm(snapshot: SchemaSnapshot): SchemaSnapshot {
  const normal = (key: keyof Lists) => [key, (lists[key] as (list: unknown) => unknown)(snapshot[key])];
  return { ...snapshot, ...(Object.fromEntries((Object.keys(lists) as (keyof Lists)[]).map(normal)) as Lists) };
}

/**
 * The version of a schema: `sha256:` + 64 hex over the canonical JSON (RFC 8785 key order) of its normal form, in which each table, and
 * each list beside them, stands as the SHA-256 of its own canonical JSON (tables in the order of these): where one table of thousands
 * changed, one is written out again.
 */
export function fingerprint(snapshot: SchemaSnapshot): string {
  const { dialect, defaultSchema, tables, ...beside } = snapshot;
  const digests: Record<string, unknown> = { dialect, defaultSchema };
  digests["tables"] = tables.map(tableDigest).sort();
  for (const key of Object.keys(beside) as (keyof typeof beside)[]) {
    digests[key] = digest(snapshot[key], lists[key] as (list: object) => unknown);
  }
  return `sha256:${sha256(canonicalJson(digests))}`;
}

/** What the version says of one table: SHA-256, hex, of its canonical JSON. */
export function tableDigest(table: Table): string {
  return digest(table, normalTable);
}

/** Digests of what was seen: snapshots are never changed, and a new one shares with the old what stayed the same. */
const digested = new WeakMap<object, string>();

function digest<T extends object>(part: T, normal: (part: T) => unknown): string {
  const known = digested.get(part);
  if (known !== undefined) return known;
  const fresh = sha256(canonicalJson(normal(part)));
  digested.set(part, fresh);
  return fresh;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** JSON with object keys in code-unit order and absent members left out (after RFC 8785). */
export function canonicalJson(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return canonicalArray(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  let text = "";
  for (const key of inOrder(Object.keys(value))) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (member !== undefined) text += `${text === "" ? "{" : ","}${quotedKey(key)}${canonicalJson(member)}`;
  }
  return text === "" ? "{}" : `${text}}`;
}

function canonicalArray(items: readonly unknown[]): string {
  let text = "";
  for (const item of items) text += `${text === "" ? "[" : ","}${canonicalJson(item ?? null)}`;
  return text === "" ? "[]" : `${text}]`;
}

/** Insertion sort: objects have few keys, and this runs for every column of every table. */
function inOrder(keys: string[]): string[] {
  if (keys.length > 30) return keys.sort();
  for (let at = 1; at < keys.length; at += 1) {
    const key = keys[at] as string;
    let to = at - 1;
    for (; to >= 0 && (keys[to] as string) > key; to -= 1) keys[to + 1] = keys[to] as string;
    keys[to + 1] = key;
  }
  return keys;
}

/** The names of members of our own types, each quoted once. */
const quoted = new Map<string, string>();

function quotedKey(key: string): string {
  const known = quoted.get(key);
  if (known !== undefined) return known;
  const text = `${JSON.stringify(key)}:`;
  if (quoted.size < 200) quoted.set(key, text);
  return text;
}

/** Order by UTF-16 code units: the same on every machine and locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function normalTable(table: Table): Table {
  return {
    ...table,
    uniques: sorted(table.uniques, (u) => `${named(u)}\u0000${u.columns.join("\u0000")}`),
    foreignKeys: sorted(table.foreignKeys, keyText),
    ...(table.foreignKeyCopies && { foreignKeyCopies: sorted(table.foreignKeyCopies, keyText) }),
    checks: sorted(table.checks, (c) => `${named(c)}\u0000${c.expression}`),
    ...(table.exclusions && { exclusions: sorted(table.exclusions, (c) => `${named(c)}\u0000${c.expression}`) }),
    indexes: sorted(table.indexes, (i) => i.name),
    triggers: sorted(table.triggers, (t) => t.name),
    policies: sorted(table.policies, (p) => p.name),
    ...(table.grants && { grants: sorted(table.grants, (g) => g) }),
    ...(table.viewReads && { viewReads: sorted(table.viewReads, qualified) }),
    ...(table.options && { options: sorted(table.options, (o) => o) }),
  };
}

function keyText(k: ForeignKey): string {
  return [named(k), ...k.columns, k.references.schema, k.references.table, ...k.references.columns].join("\u0000");
}

function qualified(name: TableName): string {
  return `${name.schema}\u0000${name.name}`;
}

function named(item: { readonly name?: string }): string {
  return item.name ?? "";
}

/** In the order of the items' keys, each computed once. */
export function sorted<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  if (items.length < 2) return items;
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => compareText(a.key, b.key))
    .map(({ item }) => item);
}
