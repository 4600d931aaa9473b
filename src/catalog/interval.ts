/** How often to look: shorter after a change, longer without one, and never more than a share of the time. Pure. */

import type { DiscoverySettings } from "./settings.js";

/** The next interval of background looks, in ms: a quarter after a change, half as long again without one, within the bounds. */
export function nextInterval(
  previousMs: number,
  changed: boolean,
  settings: { readonly intervalMinMs: number; readonly intervalMaxMs: number },
): number {
  const next = changed ? previousMs / 4 : previousMs * 1.5;
  return Math.round(Math.min(settings.intervalMaxMs, Math.max(settings.intervalMinMs, next)));
}

/** For how long a look holds, in ms, given what the last one cost: cheap looks are taken on almost every call. */
export function holdsForMs(lookMs: number, settings: Pick<DiscoverySettings, "maxAgeMs" | "checkShare">): number {
  return Math.min(settings.maxAgeMs, lookMs / settings.checkShare);
}

/** The wait before the next try after `failures` failed looks in a row, in ms. */
export function retryAfterMs(failures: number, settings: Pick<DiscoverySettings, "retryMinMs" | "retryMaxMs">): number {
  return Math.min(settings.retryMaxMs, settings.retryMinMs * 2 ** Math.max(0, failures - 1));
}
