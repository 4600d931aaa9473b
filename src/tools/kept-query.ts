/**
 * Keeps a statement that was run or built, with what it reads, so that a change of schema can say that it breaks it. Not waited for: the
 * answer stands without. A statement that this process kept already is not written again.
 */

import { createHash } from "node:crypto";
import { keepQuery } from "../catalog/queries.js";
import type { KeptQuery } from "../changes/dependents.js";
import type { State } from "../state/state.js";
import type { ToolDeps } from "./tool.js";

/** Statements remembered as kept, of all sources; the oldest go first. */
const maxRemembered = 1_000;

const keptBy = new WeakMap<State, Set<string>>();

export function rememberQuery(
  deps: Pick<ToolDeps, "state" | "emit" | "now">,
  source: string,
  sql: string,
  reads: KeptQuery["reads"],
): void {
  const fingerprint = createHash("sha256").update(sql).digest("hex");
  const kept = keptBy.get(deps.state) ?? new Set();
  keptBy.set(deps.state, kept);
  const key = `${source}\u0000${fingerprint}\u0000${reads.tables.join()}\u0000${reads.columns.join()}`;
  if (kept.has(key)) return;
  kept.add(key);
  for (const oldest of kept) {
    if (kept.size <= maxRemembered) break;
    kept.delete(oldest);
  }
  keepQuery(deps.state, source, { fingerprint, sql, reads }, new Date(deps.now()).toISOString()).catch(
    (cause: unknown) => {
      kept.delete(key);
      deps.emit({ event: "failure", where: "kept queries", cause });
    },
  );
}
