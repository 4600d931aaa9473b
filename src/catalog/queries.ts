/**
 * Queries that were saved or lately built, kept by fingerprint with what they read, so that a change of schema can say which of them it
 * breaks. Kept in state as records of kind `query`; the statement is kept, its parameters never.
 */

import { z } from "zod";
import type { KeptQuery } from "../changes/dependents.js";
import type { State } from "../state/state.js";

const body = z.object({
  fingerprint: z.string(),
  sql: z.string().optional(),
  title: z.string().optional(),
  reads: z.object({ tables: z.array(z.string()), columns: z.array(z.string()) }),
});

/** A query that is asked again and again is written so often, ms. */
const againMs = 3_600_000;
/** Queries beyond `keep` are dropped once in so many writes. */
const writesAPrune = 50;

/** When this process last wrote each query, by source and fingerprint. */
const written = new WeakMap<State, { readonly at: Map<string, number>; writes: number }>();

/** Keeps a query; of many with one fingerprint the last counts. `keep`: about how many records a source holds. */
export async function keepQuery(
  state: State,
  source: string,
  query: KeptQuery,
  at: string,
  keep = 1000,
): Promise<void> {
  const known = written.get(state) ?? { at: new Map<string, number>(), writes: 0 };
  written.set(state, known);
  const id = `${source}\0${query.fingerprint}`;
  const nowMs = Date.parse(at);
  if (nowMs - (known.at.get(id) ?? Number.NEGATIVE_INFINITY) < againMs) return;
  await state.append([{ kind: "query", scope: source, key: query.fingerprint, at, body: query }]);
  known.at.delete(id);
  known.at.set(id, nowMs);
  if (known.at.size > keep) known.at.delete(known.at.keys().next().value ?? "");
  known.writes += 1;
  if (known.writes % writesAPrune === 0) await state.prune("query", source, { keep });
}

/** The kept queries of a source, newest first, each once. */
export async function keptQueries(state: State, source: string, limit = 1000): Promise<readonly KeptQuery[]> {
  const records = await state.list({ kind: "query", scope: source, order: "desc", limit });
  const found = new Map<string, KeptQuery>();
  for (const record of records) {
    const parsed = body.safeParse(record.body);
    if (!parsed.success || found.has(parsed.data.fingerprint)) continue;
    const { sql, title, ...rest } = parsed.data;
    found.set(rest.fingerprint, {
      ...rest,
      ...(sql === undefined ? {} : { sql }),
      ...(title === undefined ? {} : { title }),
    });
  }
  return [...found.values()];
}
