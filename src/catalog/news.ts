/**
 * Tells every step of a source's history to this process's listeners: in order, once, whichever replica wrote it. Where a process begins,
 * what was recorded before is no news. It reads the history and writes nothing.
 */

import type { HistoryStep } from "./chain.js";
import type { History } from "./history.js";

export interface News {
  /** From here on steps are news. Nothing happens where it has begun already. */
  begin(source: string): Promise<void>;
  /** Tells what was recorded since the last time; does nothing before `begin`. Fails where the history cannot be read; the next call goes on. */
  tell(source: string): Promise<void>;
  /** Whether steps are recorded that were not told: another replica's, as a rule. */
  waits(source: string): Promise<boolean>;
}

export function createNews(
  history: Pick<History, "steps" | "lastSeq">,
  onStep: (source: string, step: HistoryStep) => void,
): News {
  const told = new Map<string, number>();
  const queues = new Map<string, Promise<void>>();
  /** One after another: two that tell at once would tell twice. */
  const queued = (source: string, act: () => Promise<void>): Promise<void> => {
    const next = (queues.get(source) ?? Promise.resolve()).then(act);
    queues.set(
      source,
      next.catch(() => undefined),
    );
    return next;
  };
  return {
    begin: (source) =>
      told.has(source)
        ? Promise.resolve()
        : queued(source, async () => {
            if (!told.has(source)) told.set(source, await history.lastSeq(source));
          }),
    tell: (source) =>
      queued(source, async () => {
        const last = told.get(source);
        if (last === undefined) return;
        for (const step of await history.steps(source, last)) {
          told.set(source, step.seq);
          onStep(source, step);
        }
      }),
    async waits(source) {
      const last = told.get(source);
      return last !== undefined && (await history.lastSeq(source)) > last;
    },
  };
}
