/** Recording a change of a large schema: the work in CPU time, and for how long at a time the thread is not free for anyone else. */

import { monitorEventLoopDelay } from "node:perf_hooks";
import { createHistory } from "../src/catalog/history.js";
import type { LiveSchema } from "../src/catalog/live.js";
import { tableKey } from "../src/schema/names.js";
import { fingerprint } from "../src/schema/normal-form.js";
import type { SchemaSnapshot, Table } from "../src/schema/snapshot.js";
import { openState } from "../src/state/open.js";

export interface Recording {
  readonly changes: number;
  readonly cpuMs: number;
  /** The longest that another task waited, ms. */
  readonly longestHoldMs: number;
}

const columnsEach = 12;
const nsPerMs = 1e6;

/** One column added with all else as it was, the same where everything was read anew, and a column of every table retyped. */
export async function recordings(tables: number): Promise<Readonly<Record<string, Recording>>> {
  const base = schema(tables, "integer");
  const more = base.tables.map((t, i) => (i === 5 ? { ...t, columns: [...t.columns, added] } : t));
  return {
    "one column": await recording(base, { ...base, tables: more }),
    "one column, all read anew": await recording(base, structuredClone({ ...base, tables: more })),
    "a column of every table": await recording(base, schema(tables, "bigint")),
  };
}

const added = { name: "added", type: "text", nullable: true };

async function recording(before: SchemaSnapshot, after: SchemaSnapshot): Promise<Recording> {
  const history = createHistory(await openState("memory"));
  const [old, now] = [live(before, 0), live(after, 1)];
  await history.record(old);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await new Promise((resolve) => setTimeout(resolve, 20));
  delay.reset();
  const cpu = process.cpuUsage();
  const step = await history.record(now);
  const { user, system } = process.cpuUsage(cpu);
  await new Promise((resolve) => setTimeout(resolve, 5));
  delay.disable();
  const round = (ms: number) => Math.round(ms);
  return {
    changes: step?.changes.length ?? 0,
    cpuMs: round((user + system) / 1_000),
    longestHoldMs: round(delay.max / nsPerMs),
  };
}

function schema(tables: number, type: string): SchemaSnapshot {
  const column = (at: number) => ({ name: `c${at}`, type: at === 3 ? type : "text", nullable: at > 0 });
  const table = (at: number): Table => ({
    schema: "public",
    name: `table_${at}`,
    kind: "table",
    columns: Array.from({ length: columnsEach }, (_, i) => column(i)),
    primaryKey: { name: `pk_${at}`, columns: ["c0"] },
    uniques: [],
    foreignKeys: [],
    checks: [],
    indexes: [{ name: `ix_${at}`, columns: ["c1"], unique: false }],
    triggers: [],
    policies: [],
  });
  return {
    dialect: "postgres",
    defaultSchema: "public",
    schemas: [{ name: "public" }],
    tables: Array.from({ length: tables }, (_, i) => table(i)),
    enums: [],
    domains: [],
    composites: [],
    sequences: [],
    functions: [],
    extensions: [],
  };
}

function live(snapshot: SchemaSnapshot, second: number): LiveSchema {
  const identity = {
    database: "1/1",
    tables: Object.fromEntries(
      snapshot.tables.map((t, i) => [
        tableKey(t),
        { id: String(i), columns: Object.fromEntries(t.columns.map((c, n) => [c.name, n + 1])) },
      ]),
    ),
  };
  return {
    source: "large",
    snapshot,
    version: fingerprint(snapshot),
    statistics: { tables: {} },
    relationships: [],
    serverVersion: "",
    identity,
    asOf: new Date(second * 1_000).toISOString(),
    origin: "live",
    stale: false,
    issues: [],
  };
}
