/** Names as PostgreSQL's SQL writes them, always quoted. */

import type { TableName } from "../../schema/snapshot.js";

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteTable(table: TableName): string {
  return `${quoteName(table.schema)}.${quoteName(table.name)}`;
}
