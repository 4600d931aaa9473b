/**
 * The schema as arithmetic and comparison see it: a column of a domain has the type beneath it (through domains over domains), which is also
 * what a query's result reports (PostgreSQL manual, "Domain Types"). Pure. What is shown to people keeps the domain's name.
 */

import { tableKey } from "./names.js";
import { oncePer } from "./once.js";
import type { Column, SchemaSnapshot, Table } from "./snapshot.js";
import type { SchemaView } from "./view.js";

/** The same view where no column has a domain. */
export const plainView = oncePer((view: SchemaView): SchemaView => {
  const snapshot = plainSnapshot(view.snapshot);
  return snapshot === view.snapshot ? view : { ...view, snapshot };
});

const plainSnapshot = oncePer((snapshot: SchemaSnapshot): SchemaSnapshot => {
  if (snapshot.domains.length === 0) return snapshot;
  const tables = snapshot.tables.map((table): Table => {
    if (table.columns.every((column) => column.domain === undefined)) return table;
    return { ...table, columns: table.columns.map((column) => ({ ...column, type: plainType(snapshot, column) })) };
  });
  return { ...snapshot, tables };
});

/** A column's type, a domain's replaced by the one beneath it; arrays stay arrays. */
export function plainType(snapshot: SchemaSnapshot, column: Pick<Column, "type" | "domain">): string {
  if (column.domain === undefined) return column.type;
  const found = baseTypes(snapshot).get(tableKey(column.domain));
  return found === undefined ? column.type : `${found}${column.type.endsWith("[]") ? "[]" : ""}`;
}

const baseTypes = oncePer((snapshot: SchemaSnapshot): ReadonlyMap<string, string> => {
  const own = new Map(snapshot.domains.map((domain) => [tableKey(domain), domain.type]));
  // A domain names the one it rests on as any type is printed: without the default schema, or with its own.
  const printed = new Map(
    snapshot.domains.flatMap((d) => [
      [tableKey(d), d.type] as const,
      ...(d.schema === snapshot.defaultSchema ? [[d.name, d.type] as const, [`"${d.name}"`, d.type] as const] : []),
    ]),
  );
  const under = (type: string, depth: number): string => {
    const next = printed.get(type);
    return next === undefined || depth > snapshot.domains.length ? type : under(next, depth + 1);
  };
  return new Map([...own].map(([key, type]) => [key, under(type, 0)]));
});
