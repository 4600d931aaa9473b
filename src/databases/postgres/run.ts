/**
 * Runs one validated statement, read-only, under row, byte and time limits. The extended protocol makes a second statement an error; the
 * transaction is READ ONLY with every timeout inside; rows come through a cursor and are counted in bytes as they arrive; the session is
 * reset before anyone else uses it. A role for which read-only and row security mean nothing is refused.
 */

import { performance } from "node:perf_hooks";
import type { PoolClient } from "pg";
import Cursor from "pg-cursor";
import { SextantError } from "../../issue.js";
import type { RunRequest, RunResult } from "../connector.js";
import { resultColumns } from "./result-columns.js";
import { foreignError, type Sessions } from "./sessions.js";
import { statement } from "./statements.js";
import { converterOf } from "./values.js";
import { allRows, cancelOn, countBytes, cutOff, type WireField } from "./wire.js";

/** What the protocol may send beside row data before we call it a flood, bytes. */
const slackBytes = 64 * 1024;

export async function run(sessions: Sessions, request: RunRequest, signal?: AbortSignal): Promise<RunResult> {
  const { limits } = sessions;
  const started = performance.now();
  const options = {
    statementTimeoutMs: request.timeoutMs,
    lockTimeoutMs: Math.min(request.timeoutMs, 10 * limits.lockTimeoutMs),
    deadlineMs: request.timeoutMs,
    foreign: true,
    ...(signal && { signal }),
  } as const;
  try {
    const result = await sessions.transaction(options, async (client) => {
      if (!limits.allowSuperuser) await refuseSuperuser(client);
      const fetched = await fetch(client, request);
      return { ...fetched, columns: fetched.cut ? undefined : await resultColumns(client, fetched.fields) };
    });
    const { rows, truncated, fields } = result;
    const columns = result.columns ?? (await sessions.transaction(options, (client) => resultColumns(client, fields)));
    return { columns, rows, truncated, elapsedMs: performance.now() - started };
  } catch (cause) {
    throw foreignError(cause, request.sql, request.timeoutMs);
  }
}

async function refuseSuperuser(client: PoolClient): Promise<void> {
  const [row] = await allRows(client, statement("role"));
  if (row?.[0] !== "t") return;
  throw new SextantError(
    "superuser_refused",
    "This source connects as a role that is superuser or bypasses row security; queries are not run through it.",
    {
      help: "Connect as a role that may only read what it should, or allow superusers for this source in the configuration.",
    },
  );
}

interface Fetched {
  readonly fields: readonly WireField[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  /** The byte limit was passed and the connection cut: the rest was on its way already, and only that spares us its bytes. */
  readonly cut: boolean;
}

async function fetch(client: PoolClient, request: RunRequest): Promise<Fetched> {
  const rows: unknown[][] = [];
  let arrived = 0;
  let counted = 0;
  let cut = false;
  let endReading: () => void = () => undefined;
  // The cursor may never hear of the cut: its last message can lie in the chunk that is being parsed.
  const ended = new Promise<void>((resolve) => {
    endReading = resolve;
  });
  const flood = () => {
    if (cut) return;
    cut = true;
    void cancelOn(client);
    cutOff(client);
    endReading();
  };
  const stop = countBytes(client, (count) => {
    arrived += count;
    if (arrived > request.maxBytes + slackBytes + arrivedOverhead(rows.length)) flood();
  });
  const types = {
    getTypeParser: (oid: number) => {
      const convert = converterOf(oid);
      return (text: string) => {
        counted += text.length;
        return convert(text);
      };
    },
  };
  const cursor = client.query(
    new Cursor<unknown[]>(request.sql, [...request.params], { rowMode: "array", types } as never),
  );
  cursor.on("row", (row: unknown[]) => {
    if (counted > request.maxBytes) flood();
    else rows.push(row);
  });
  try {
    const reading = cursor.read(request.maxRows + 1).then(() => (cut ? undefined : cursor.close()));
    reading.catch(() => undefined); // after a cut nobody waits for it any more
    await Promise.race([reading, ended]);
  } catch (cause) {
    if (!cut) throw cause;
  } finally {
    stop();
  }
  if (cut && rows.length === 0) throw tooLarge(request.maxBytes);
  const { fields } = (cursor as unknown as { readonly _result: { readonly fields: readonly WireField[] } })._result;
  return { fields, rows: rows.slice(0, request.maxRows), truncated: cut || rows.length > request.maxRows, cut };
}

/** Bytes of the protocol around each row and field, generously. */
function arrivedOverhead(rows: number): number {
  return rows * 4_096;
}

function tooLarge(maxBytes: number): SextantError {
  return new SextantError("too_large", `A single row of the result is larger than the limit of ${maxBytes} bytes.`, {
    help: "Select fewer or shorter columns, or a part of the text (left(column, 200)).",
  });
}
