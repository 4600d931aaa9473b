/**
 * Rows that were read before, for the same statement. Off unless a lifetime is set. The key holds all that rows rest on but the rows themselves: statement with
 * its row filters, parameters, limits, schema version, rights, configuration. Tags are the tables read, so that a change of their shape drops exactly
 * these. What is written to the tables meanwhile is not seen: that is what the lifetime bounds.
 */

import { createHash } from "node:crypto";
import type { Policy } from "../access/policy.js";
import type { Cache } from "../cache/cache.js";
import type { LiveSchema } from "../catalog/live.js";
import type { RunRequest, RunResult } from "../databases/connector.js";
import { resolveRef } from "../schema/names.js";
import type { SchemaSnapshot } from "../schema/snapshot.js";
import { tokenize } from "../sql/lexer.js";

export interface ResultCache {
  readonly cache: Cache;
  /** How old rows may be at most, ms; 0 keeps none. */
  readonly ttlMs: number;
  /** Names what else rows rest on: the configuration's version. */
  restsOn(): string;
}

interface Asked {
  readonly live: LiveSchema;
  readonly request: RunRequest;
  /** Refs of the tables that the statement reads. */
  readonly reads: readonly string[];
  readonly policy: Policy;
  readonly nowMs: number;
}

/** The rows, and whether they were read before. `read` is called where they were not. */
export async function answered(
  results: ResultCache | undefined,
  asked: Asked,
  read: () => Promise<RunResult>,
): Promise<{ readonly result: RunResult; readonly cached: boolean }> {
  if (results === undefined || results.ttlMs <= 0) return { result: await read(), cached: false };
  const { live, request, reads, policy, nowMs } = asked;
  const { sql, params, maxRows, maxBytes } = request;
  const rests = [sql, params, maxRows, maxBytes, results.restsOn(), Math.floor(nowMs / results.ttlMs)];
  const key = {
    source: live.source,
    rights: hashOf(policy),
    version: live.version,
    key: `run_query ${hashOf(rests)}`,
  };
  let own: RunResult | undefined;
  const load = async (): Promise<RunResult> => {
    own = await read();
    return own;
  };
  const tags = tagsOf(sql, reads, live.snapshot);
  const result = await results.cache.getOrLoad(key, { kind: "run_query", tags, load });
  return { result, cached: result !== own };
}

/** The tables read; all of the source where a view or a function of its own may reach further than the statement says. */
function tagsOf(sql: string, reads: readonly string[], snapshot: SchemaSnapshot): readonly string[] {
  const isStored = (ref: string): boolean => {
    const kind = resolveRef(snapshot, ref)?.table.kind;
    return kind === "table" || kind === "partitioned_table";
  };
  if (!reads.every(isStored)) return ["*"];
  const own = new Set(snapshot.functions.map((f) => f.name.toLowerCase()));
  const callsOwn = own.size > 0 && tokenize(sql, snapshot.dialect).some((t) => own.has(t.value.toLowerCase()));
  return callsOwn ? ["*"] : reads;
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64url");
}
