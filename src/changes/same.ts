/** Whether two pieces of plain JSON, or two snapshots, are the same; absent and undefined alike. Much cheaper than printing both. Pure. */

import { tableKey } from "../schema/names.js";
import { normalForm } from "../schema/normal-form.js";
import type { SchemaSnapshot, Table } from "../schema/snapshot.js";

/** Deep equality of JSON values; the order of keys means nothing, that of lists does. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  }
  if (Array.isArray(b)) return false;
  const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in x) if (!sameJson(x[key], y[key])) return false;
  for (const key in y) if (x[key] === undefined && y[key] !== undefined) return false;
  return true;
}

/** Whether two snapshots have one normal form, and so one version. Only tables that differ at first sight are brought into it. */
export function sameSchema(a: SchemaSnapshot, b: SchemaSnapshot): boolean {
  if (a.tables.length !== b.tables.length) return false;
  const others = new Map(b.tables.map((t) => [tableKey(t), t]));
  const differing: (readonly [Table, Table])[] = [];
  for (const table of a.tables) {
    const other = others.get(tableKey(table));
    if (other === undefined) return false;
    if (!sameJson(table, other)) differing.push([table, other]);
  }
  const [x, y] = [differing.map(([t]) => t), differing.map(([, t]) => t)];
  return sameJson(normalForm({ ...a, tables: x }), normalForm({ ...b, tables: y }));
}
