/**
 * Tells whether anything in the catalogs changed. The gate (no transaction id assigned and no WAL written since) is exact and costs
 * microseconds; behind it the truth is a hash over the xmin of every catalog row that describes user objects: an insert or update brings
 * a new xmin, a removal takes one away, however late a long transaction commits. Noise (VACUUM FULL, REINDEX) may change it; silence never
 * lies. Hashes by table are asked for only when the truth has changed, or has not been seen before.
 */

import { tableKey } from "../../schema/names.js";
import type { ChangeStamp } from "../connector.js";
import type { Sessions } from "./sessions.js";
import { statement } from "./statements.js";
import { allRows, eachRow } from "./wire.js";

type Client = Parameters<typeof allRows>[0];

/** Key of what stands beside tables (types, functions, sequences, …) among the hashes by table; no table key looks like it. */
const besideTables = "*";

export class Stamps {
  private last: { readonly gate: string; readonly stamp: ChangeStamp } | undefined;
  constructor(private readonly sessions: Sessions) {}

  read(): Promise<ChangeStamp> {
    const { limits } = this.sessions;
    const options = {
      statementTimeoutMs: limits.inspectTimeoutMs,
      lockTimeoutMs: limits.lockTimeoutMs,
      deadlineMs: limits.inspectTimeoutMs,
      searchPath: ["pg_catalog"],
    };
    return this.sessions.transaction(options, async (client) => {
      // The gate is read before the truth: what happens between them shows at the next look.
      const gate = await readGate(client);
      if (this.last?.gate === gate) return this.last.stamp;
      const { schema, beside, access } = await readTruth(client);
      const same = this.last?.stamp.schema === schema ? this.last.stamp.tables : undefined;
      const tables = same ?? (await readTables(client, beside));
      this.last = { gate, stamp: { schema, access, tables } };
      return this.last.stamp;
    });
  }

  /**
   * The stamp for a transaction whose snapshot is already taken. The last one still holds where nothing was committed since; else only the
   * truth is read, and not kept: the gate read here would be newer than what this snapshot sees.
   */
  async within(client: Client): Promise<ChangeStamp> {
    if (this.last !== undefined && this.last.gate === (await readGate(client))) return this.last.stamp;
    const { schema, access } = await readTruth(client);
    return { schema, access };
  }
}

async function readGate(client: Client): Promise<string> {
  return (await allRows(client, statement("stamp-gate")))[0]?.join("/") ?? "";
}

async function readTruth(client: Client): Promise<{ schema: string; beside: string; access: string }> {
  const [schema, beside, access] = (await allRows(client, statement("stamp")))[0] ?? [];
  return { schema: schema ?? "", beside: beside ?? "", access: access ?? "" };
}

async function readTables(client: Client, beside: string): Promise<Record<string, string>> {
  const tables: Record<string, string> = { [besideTables]: beside };
  await eachRow(client, statement("stamp-tables"), [], ([schema, name, hash]) => {
    tables[tableKey({ schema: schema ?? "", name: name ?? "" })] = hash ?? "";
  });
  return tables;
}
