/**
 * Asks PostgreSQL whether a statement is valid now: Parse and Describe of the extended protocol, in a read-only transaction with a short
 * lock timeout. Nothing is planned or executed, and a second statement in the text is an error of the protocol itself.
 */

import { performance } from "node:perf_hooks";
import type { Compiled } from "../connector.js";
import { isServerError, issueFromServer } from "./errors.js";
import { typedColumns, typeNames } from "./result-columns.js";
import type { Sessions } from "./sessions.js";
import { describe } from "./wire.js";

export async function compile(sessions: Sessions, sql: string, signal?: AbortSignal): Promise<Compiled> {
  const { limits } = sessions;
  const started = performance.now();
  const options = {
    statementTimeoutMs: limits.planTimeoutMs,
    lockTimeoutMs: limits.lockTimeoutMs,
    deadlineMs: limits.planTimeoutMs,
    ...(signal && { signal }),
  };
  try {
    return await sessions.transaction(options, async (client) => {
      const described = await describe(client, sql);
      const elapsedMs = performance.now() - started;
      // Where values come from is left out: one more question to the server, and the statement's own lineage tells more.
      const columns = await typedColumns(client, described.fields);
      const parameterTypes = await typeNames(
        client,
        described.parameterTypes.map((oid) => [oid, -1] as const),
      );
      return { valid: true, issues: [], columns, parameterTypes, elapsedMs };
    });
  } catch (cause) {
    if (!isServerError(cause)) throw cause;
    return { valid: false, issues: [issueFromServer(cause, sql)], columns: [], elapsedMs: performance.now() - started };
  }
}
