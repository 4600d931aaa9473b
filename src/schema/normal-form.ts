/**
 * The normal form of a snapshot: every list whose order has no meaning is sorted, absent stays absent, keys are ordered.
 * Two inspections of one schema, in any discovery order and on any machine, have the same normal form. Pure.
 * Kept as given: columns (position is meaning), key columns, enum values, trigger events.
 */

import { createHash } from "node:crypto";
import type { ForeignKey, SchemaSnapshot, Table, TableName } from "./snapshot.js";

export function normalForm(snapshot: SchemaSnapshot): SchemaSnapshot {
  return {
    ...snapshot,
    schemas: sorted(snapshot.schemas, (s) => s.name),
    tables: sorted(snapshot.tables, qualified).map(normalTable),
    enums: sorted(snapshot.enums, qualified),
    domains: sorted(snapshot.domains, qualified).map((d) => ({ ...d, checks: sorted(d.checks, named) })),
    composites: sorted(snapshot.composites, qualified),
    sequences: sorted(snapshot.sequences, qualified),
    functions: sorted(snapshot.functions, (f) => `${qualified(f)}(${f.arguments})`),
    extensions: sorted(snapshot.extensions, (e) => e.name),
  };
}

/** The version of a schema: `sha256:` + 64 hex over the canonical JSON of its normal form (RFC 8785 key order). */
export function fingerprint(snapshot: SchemaSnapshot): string {
  return `sha256:${createHash("sha256")
    .update(canonicalJson(normalForm(snapshot)))
    .digest("hex")}`;
}

/** JSON with object keys in code-unit order and absent members left out (after RFC 8785). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((v) => canonicalJson(v ?? null)).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const members = Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => compareText(a, b))
      .map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value);
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

function sorted<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  return items
    .map((item) => ({ item, key: keyOf(item) }))
    .sort((a, b) => compareText(a.key, b.key))
    .map(({ item }) => item);
}
