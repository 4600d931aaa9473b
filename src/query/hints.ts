/** Advice on cost from what is known of sizes and indexes: a missing index with its statement, a filter that no index serves. Pure. */

import { printRef, resolveRef, tableKey } from "../schema/names.js";
import type { Table } from "../schema/snapshot.js";
import { dialectOf } from "../sql/dialect.js";
import type { AnswerJoin, Hint, QueryContext } from "./answer.js";
import type { ResolvedIntent } from "./resolved.js";

/** Tables below this many rows are read in a moment, index or not. */
const smallRows = 10_000;

export function hintsOf(intent: ResolvedIntent, joins: readonly AnswerJoin[], context: QueryContext): readonly Hint[] {
  const hints: Hint[] = [];
  for (const join of joins) {
    if (join.cardinality !== "1:n" && join.cardinality !== "n:m") continue;
    const found = resolveRef(context.view.snapshot, join.to);
    if (found?.column !== undefined)
      hints.push(...missingIndex(found.table, found.column, "is looked for by it", context));
  }
  for (const filter of intent.filters) {
    const { snapshot } = context.view;
    const found = resolveRef(snapshot, filter.item.term);
    const table = found?.table;
    if (table === undefined || found?.column === undefined || rowsOf(table, context) < smallRows) continue;
    if (filter.op === "contains" || (filter.op === "like" && String(filter.value).startsWith("%"))) {
      hints.push({
        code: "not_sargable",
        text: `No index serves a search within ${printRef(snapshot, table, found.column)}: every row is read.`,
      });
    } else if (filter.op === "=" || filter.op === "in") {
      hints.push(...missingIndex(table, found.column, "is filtered by it", context));
    }
    if (table.partitionKey !== undefined && !table.partitionKey.includes(found.column)) {
      hints.push({
        code: "all_partitions",
        text: `${printRef(snapshot, table)} is partitioned by ${table.partitionKey}; without a filter on that every partition is read.`,
      });
    }
  }
  return [...new Map(hints.map((h) => [h.text, h])).values()].slice(0, 5);
}

/** A large table without an index that begins with a column. */
function missingIndex(table: Table, column: string, why: string, context: QueryContext): readonly Hint[] {
  if (rowsOf(table, context) < smallRows || table.kind === "view") return [];
  const keys = [
    table.primaryKey?.columns ?? [],
    ...table.uniques.map((u) => u.columns),
    ...table.indexes.filter((i) => i.partial === undefined).map((i) => i.columns),
  ];
  if (keys.some((k) => k[0] === column)) return [];
  const { snapshot } = context.view;
  const name = dialectOf(snapshot.dialect).name_;
  const sql = `CREATE INDEX ON ${name(table.name)} (${name(column)})`;
  const named = `CREATE INDEX ${name(`${table.name}_${column}_idx`)} ON ${name(table.name)} (${name(column)})`;
  return [
    {
      code: "missing_index",
      text: `${printRef(snapshot, table, column)} has no index, and the table ${why}.`,
      sql: snapshot.dialect === "postgres" && table.schema === snapshot.defaultSchema ? sql : named,
    },
  ];
}

function rowsOf(table: Table, context: QueryContext): number {
  return context.view.statistics.tables[tableKey(table)]?.rowEstimate ?? 0;
}
