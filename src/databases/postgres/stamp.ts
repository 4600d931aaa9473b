/**
 * Tells whether anything in the catalogs changed. The gate (no transaction id assigned and no WAL written since) is exact and costs
 * microseconds; behind it the truth is a hash over the xmin of every catalog row that describes user objects: an insert or update brings
 * a new xmin, a removal takes one away, however late a long transaction commits. Noise (VACUUM FULL, REINDEX) may change it; silence never lies.
 */

import type { ChangeStamp } from "../connector.js";
import type { Sessions } from "./sessions.js";
import { statement } from "./statements.js";
import { allRows } from "./wire.js";

type Client = Parameters<typeof allRows>[0];

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
      const gate = (await allRows(client, statement("stamp-gate")))[0]?.join("/") ?? "";
      if (this.last !== undefined && this.last.gate === gate) return this.last.stamp;
      const stamp = await readStamp(client);
      this.last = { gate, stamp };
      return stamp;
    });
  }
}

export async function readStamp(client: Client): Promise<ChangeStamp> {
  const rows = await allRows(client, statement("stamp"));
  const [schema, access] = rows[0] ?? [];
  return { schema: schema ?? "", access: access ?? "" };
}
