/**
 * What queries prove: a statement that `build_query` made, run by the same caller and answered, speaks for the mappings it was built on, a little. Kept apart
 * from people's verdicts, each caller, term and Ref once; it is trained from at its own weight and confirms nothing by itself.
 */

import { z } from "zod";
import type { State } from "../state/state.js";
import { type GivenVerdict, termKey } from "./feedback.js";
import type { Caller } from "./mappings.js";

const body = z.object({ term: z.string(), ref: z.string(), user: z.string(), role: z.string(), version: z.string() });

interface Built {
  readonly version: string;
  readonly mapping: readonly { readonly term: string; readonly ref: string }[];
}

export interface Successes {
  /** A statement was built for the caller. */
  built(source: string, caller: Caller, sql: string, what: Built): void;
  /** It was run and answered; writes what is new in it. */
  ran(state: Pick<State, "append" | "prune">, source: string, caller: Caller, sql: string, at: string): Promise<void>;
}

/** Statements remembered between building and running, and proofs remembered so that none is written twice. */
const maxBuilt = 1_000;
const maxTold = 50_000;
/** Proofs kept a source, the newest. */
const keep = 5_000;

const scopeOf = (source: string): string => `success:${source}`;

export function createSuccesses(): Successes {
  const built = new Map<string, Built>();
  const told = new Set<string>();
  const keyOf = (...parts: readonly string[]) => JSON.stringify(parts);
  return {
    built: (source, { user, role }, sql, what) => {
      if (built.size >= maxBuilt) built.delete(built.keys().next().value ?? "");
      built.set(keyOf(source, user, role, sql.trim()), what);
    },
    ran: async (state, source, { user, role }, sql, at) => {
      const found = built.get(keyOf(source, user, role, sql.trim()));
      const records = (found?.mapping ?? []).flatMap(({ term, ref }) => {
        const key = keyOf(source, user, termKey(term), ref);
        if (told.has(key)) return [];
        told.add(key);
        const proof = { term, ref, user, role, version: found?.version ?? "" };
        return [{ kind: "query" as const, scope: scopeOf(source), key: termKey(term), at, body: proof }];
      });
      if (told.size > maxTold) told.clear();
      if (records.length === 0) return;
      await state.append(records);
      await state.prune("query", scopeOf(source), { keep });
    },
  };
}

/** Proofs as verdicts of origin `query`, oldest first. */
export async function readSuccesses(state: Pick<State, "list">, source: string): Promise<readonly GivenVerdict[]> {
  const records = await state.list({ kind: "query", scope: scopeOf(source) });
  return records.flatMap(({ body: given, at, seq }): GivenVerdict[] => {
    const proof = body.safeParse(given);
    if (!proof.success) return [];
    const common = { what: "verdict", verdict: "correct", origin: "query", scope: "user", rank: 0 } as const;
    return [{ ...common, ...proof.data, id: `q_${seq}`, at, seq }];
  });
}
