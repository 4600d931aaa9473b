/** One SELECT as parts, and how it is laid out for a reader. Pure. */

import { type Fragment, indent, join, raw, sql } from "./fragment.js";

export interface SelectItem {
  readonly expression: Fragment;
  /** Printed name of the result column. */
  readonly name: string;
}

export interface Select {
  readonly distinct?: boolean;
  /** Taken whole before the items: `r.*`. */
  readonly star?: string;
  readonly items: readonly SelectItem[];
  /** `orders AS o` */
  readonly from: Fragment;
  /** `LEFT JOIN customers AS c ON …`, in order. */
  readonly joins?: readonly Fragment[];
  readonly where?: readonly Fragment[];
  readonly groupBy?: readonly Fragment[];
  readonly having?: readonly Fragment[];
  readonly orderBy?: readonly Fragment[];
  readonly limit?: number;
}

/** A SELECT, one clause a line. */
export function printSelect(select: Select): Fragment {
  const named = select.items.map((i) => sql`${i.expression} AS ${i.name}`);
  const items = select.star === undefined ? named : [raw(select.star), ...named];
  const lines = [
    sql`SELECT${select.distinct === true ? " DISTINCT" : ""}\n  ${join(items, ",\n  ")}`,
    sql`FROM ${select.from}`,
    ...(select.joins ?? []),
    ...clause("WHERE", select.where, "\n  AND "),
    ...clause("GROUP BY", select.groupBy, ", "),
    ...clause("HAVING", select.having, "\n  AND "),
    ...clause("ORDER BY", select.orderBy, ", "),
    ...(select.limit === undefined ? [] : [raw(`LIMIT ${select.limit}`)]),
  ];
  return join(lines, "\n");
}

/** `WITH a AS (…), b AS (…) …` */
export function withTables(
  tables: readonly { readonly name: string; readonly body: Fragment }[],
  main: Fragment,
): Fragment {
  if (tables.length === 0) return main;
  const list = tables.map((t) => sql`${t.name} AS (\n  ${indent(t.body, 2)}\n)`);
  return sql`WITH ${join(list, ",\n")}\n${main}`;
}

function clause(word: string, parts: readonly Fragment[] | undefined, between: string): readonly Fragment[] {
  return parts === undefined || parts.length === 0 ? [] : [sql`${word} ${join(parts, between)}`];
}
