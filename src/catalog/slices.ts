/** Runs long computations in slices, so that other calls are answered meanwhile: the event loop has its turn after each. */

import { setImmediate } from "node:timers/promises";
import type { Steps } from "../schema/steps.js";

/** The longest slice, in ms: well below what a caller would notice. */
const sliceMs = 8;

/** The steps' outcome. Rejects with the signal's reason once it is aborted. */
export async function inSlices<T>(steps: Steps<T>, signal?: AbortSignal): Promise<T> {
  let until = performance.now() + sliceMs;
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() < until) continue;
    await setImmediate();
    signal?.throwIfAborted();
    until = performance.now() + sliceMs;
  }
}
