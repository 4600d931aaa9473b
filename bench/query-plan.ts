/** CPU time of planning by schema size, on a random graph of keys. */

import { buildQuery } from "../src/query/build.js";
import type { Intent } from "../src/query/intent.js";
import { defaultQuerySettings } from "../src/query/settings.js";
import type { Relationship } from "../src/schema/relationships.js";
import type { Table } from "../src/schema/snapshot.js";
import type { SchemaView } from "../src/schema/view.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import { randomFrom } from "../test/query/oracle/world.js";
import { noTerms } from "./query-cases.js";

/** CPU time of one build by schema size: two measures, a dimension and two filters anywhere in a random graph of keys. */
export function planTimes(): void {
  for (const tables of [10, 100, 1_000, 10_000]) {
    const view = randomSchema(tables);
    const next = randomFrom(tables);
    const any = (column: string) => `t${Math.floor(next() * tables)}.${column}`;
    const times = Array.from({ length: 200 }, () => {
      const intent: Intent = {
        measures: [
          { term: any("amount"), agg: "sum" },
          { term: any("amount"), agg: "sum", as: "second" },
        ],
        dimensions: [{ term: any("name") }],
        filters: [
          { term: any("name"), op: "=", value: "x" },
          { term: any("name"), op: "=", value: "y" },
        ],
      };
      const before = process.cpuUsage();
      buildQuery(intent, { view, resolve: noTerms, glossary: emptyGlossary, now: 0, settings: defaultQuerySettings });
      const spent = process.cpuUsage(before);
      return (spent.user + spent.system) / 1000;
    }).sort((a, b) => a - b);
    const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
    console.log(`plan, ${tables} tables: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms of CPU`);
  }
}

/** Tables that refer to up to three earlier ones each, some of them to a few hubs. */
function randomSchema(count: number): SchemaView {
  const next = randomFrom(7);
  const tables: Table[] = [];
  const relationships: Relationship[] = [];
  for (let i = 0; i < count; i++) {
    const keys = Array.from({ length: i === 0 ? 0 : 1 + Math.floor(next() * 3) }, () =>
      Math.floor(next() * (next() < 0.3 ? Math.min(i, 20) : i)),
    );
    const columns = [
      ["id", "integer"],
      ["amount", "numeric"],
      ["name", "text"],
      ...keys.map((k, j) => [`t${k}_${j}_id`, "integer"]),
    ];
    const bare = { uniques: [], foreignKeys: [], checks: [], indexes: [], triggers: [], policies: [] };
    tables.push({
      schema: "main",
      name: `t${i}`,
      kind: "table",
      columns: columns.map(([name = "", type = ""]) => ({ name, type, nullable: name !== "id" })),
      primaryKey: { columns: ["id"] },
      ...bare,
    });
    keys.forEach((k, j) =>
      relationships.push({
        from: { table: { schema: "main", name: `t${i}` }, columns: [`t${k}_${j}_id`] },
        to: { table: { schema: "main", name: `t${k}` }, columns: ["id"] },
        origin: "declared",
        confidence: 1,
        cardinality: "n:1",
        targetUnique: true,
      }),
    );
  }
  const none = { enums: [], domains: [], composites: [], sequences: [], functions: [], extensions: [] };
  const snapshot = { dialect: "sqlite" as const, defaultSchema: "main", schemas: [], tables, ...none };
  return { snapshot, version: `sha256:${count}`, statistics: { tables: {} }, relationships };
}
