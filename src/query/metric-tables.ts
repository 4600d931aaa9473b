/** The tables that a glossary metric is computed from. Pure. */

import { resolveRef } from "../schema/names.js";
import type { SchemaSnapshot, Table } from "../schema/snapshot.js";
import type { GlossaryMetric } from "../terms/glossary.js";
import { parseExpression, walk } from "./expression.js";

/** Those of the metrics within it included. What cannot be read or is not in the schema is left out: building the metric says so. */
export function metricTables(
  snapshot: SchemaSnapshot,
  metric: GlossaryMetric,
  metrics: readonly GlossaryMetric[],
): ReadonlySet<Table> {
  const tables = new Set<Table>();
  const seen = new Set<GlossaryMetric>();
  const read = (one: GlossaryMetric): void => {
    if (seen.has(one)) return;
    seen.add(one);
    const parsed = parseExpression(one.expression);
    if (!parsed.ok) return;
    for (const part of walk(parsed.value)) {
      const table = part.kind === "name" ? resolveRef(snapshot, part.ref)?.table : undefined;
      if (table !== undefined) tables.add(table);
      if (part.kind !== "metric") continue;
      const inner = metrics.find((m) => m.name.toLowerCase() === part.name.toLowerCase());
      if (inner !== undefined) read(inner);
    }
  };
  read(metric);
  return tables;
}
