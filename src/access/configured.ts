/** The policy that a configuration asks for: the default one, narrowed to its tables and columns, widened by its functions. Pure. */

import type { DialectName } from "../schema/snapshot.js";
import { defaultPolicy, type Policy, type TableRule } from "./policy.js";

export interface AccessSettings {
  /** Globs of the tables that may be read; all where absent. */
  readonly allow_tables?: readonly string[] | undefined;
  /** Globs of tables that may not; wins. */
  readonly deny_tables: readonly string[];
  /** Columns that may not be read: `table.column` or `schema.table.column`; the table may be a glob. */
  readonly deny_columns: readonly string[];
  readonly allow_functions: readonly string[];
}

export function policyFor(dialect: DialectName, access: AccessSettings): Policy {
  const base = defaultPolicy(dialect);
  const denied: readonly TableRule[] = access.deny_tables.map((table) => ({ table, allow: false }));
  const closed = columnsByTable(access.deny_columns);
  const open = access.allow_tables ?? ["*"];
  const narrowed = [...closed].map(
    ([table, columns]): TableRule => ({
      table,
      allow: open.includes("*") || open.includes(table),
      withoutColumns: columns,
    }),
  );
  const tables = [...denied, ...narrowed, ...open.map((table): TableRule => ({ table, allow: true }))];
  const allow = [...base.functions.allow, ...access.allow_functions.map((name) => name.toLowerCase())];
  return { ...base, functions: { ...base.functions, allow }, tables };
}

function columnsByTable(refs: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const tables = new Map<string, string[]>();
  for (const ref of refs) {
    const dot = ref.lastIndexOf(".");
    const table = dot < 0 ? "*" : ref.slice(0, dot);
    tables.set(table, [...(tables.get(table) ?? []), ref.slice(dot + 1)]);
  }
  return tables;
}
