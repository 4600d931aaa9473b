/** Waiting for shared work: with a time limit, with the caller's own cancellation, and without a rejection that nobody hears. */

export type Waited<T> =
  | { readonly outcome: "done"; readonly value: T }
  | { readonly outcome: "late" }
  | { readonly outcome: "cancelled" };

/** Waits for `work` at most `waitMs` (Infinity: no limit). The work itself goes on when the wait ends early; its rejection is rethrown. */
export async function waitFor<T>(
  work: Promise<T>,
  waitMs: number,
  signal: AbortSignal | undefined,
): Promise<Waited<T>> {
  if (signal?.aborted === true) return { outcome: "cancelled" };
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const ends: Promise<Waited<T>>[] = [work.then((value) => ({ outcome: "done", value }))];
  if (Number.isFinite(waitMs)) {
    ends.push(
      new Promise((resolve) => {
        timer = setTimeout(() => resolve({ outcome: "late" }), waitMs);
      }),
    );
  }
  if (signal !== undefined) {
    ends.push(
      new Promise((resolve) => {
        onAbort = () => resolve({ outcome: "cancelled" });
        signal.addEventListener("abort", onAbort, { once: true });
      }),
    );
  }
  try {
    return await Promise.race(ends);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal?.removeEventListener("abort", onAbort);
  }
}

/** Work that many callers share: started once, stopped when every caller that waits for it has gone. */
export interface Flight<T> {
  /** Joins the work in the air, or starts it. */
  join(start: Start<T>, passenger: Passenger): Promise<Waited<T>>;
  /** Stops what is in the air and waits for its end. */
  stop(): Promise<void>;
}

type Start<T> = (signal: AbortSignal, progress: Progress) => Promise<T>;

export type Progress = (done: number, total: number | undefined, message: string) => void;

export interface Passenger {
  readonly waitMs: number;
  /** Takes nothing that is in the air already: it may have begun before what this passenger knows of. */
  readonly afresh?: boolean;
  /** Content with work that looks at a part; others do not join that, they wait for its end. */
  readonly partial?: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: Progress | undefined;
}

export function createFlight<T>(): Flight<T> {
  interface Work {
    readonly work: Promise<T>;
    readonly partial: boolean;
    readonly controller: AbortController;
    readonly passengers: Set<Passenger>;
  }
  let flying: Work | undefined;

  async function join(start: Start<T>, passenger: Passenger): Promise<Waited<T>> {
    const isUnfit = flying?.partial === true && passenger.partial !== true;
    if (flying !== undefined && (passenger.afresh === true || isUnfit)) {
      const landed = flying.work.then(
        () => undefined,
        () => undefined,
      );
      const { outcome } = await waitFor(landed, passenger.waitMs, passenger.signal);
      // What began since then began after this passenger asked.
      return outcome === "done" ? join(start, { ...passenger, afresh: false }) : { outcome };
    }
    if (flying === undefined) {
      const passengers = new Set<Passenger>();
      const controller = new AbortController();
      const progress: Progress = (...step) => {
        for (const p of passengers) p.progress?.(...step);
      };
      const work = start(controller.signal, progress).finally(() => {
        flying = undefined;
      });
      flying = { work, partial: passenger.partial === true, controller, passengers };
    }
    const mine = flying;
    mine.passengers.add(passenger);
    const waited = await waitFor(mine.work, passenger.waitMs, passenger.signal);
    mine.passengers.delete(passenger);
    // One who ran out of patience still wants the result for the next call; one who cancelled does not.
    if (waited.outcome === "cancelled" && mine.passengers.size === 0) mine.controller.abort();
    return waited;
  }

  return {
    join,
    async stop() {
      flying?.controller.abort();
      await flying?.work.catch(() => undefined);
    },
  };
}
