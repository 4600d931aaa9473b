/**
 * When to freeze without being told: too many calls failed, a loss of tables was held back, or a source could not be watched for long. Decides only;
 * pure but for the clock it is given.
 */

export interface AutoFreezeSettings {
  /** Share of the last minute's calls; 0 = never. */
  readonly freezeErrorShare: number;
  readonly freezeOnLoss: boolean;
  /** ms; 0 = never. */
  readonly freezeWhenBlindMs: number;
}

export interface AutoFreeze {
  /** A call ended; `failed` by a fault of ours or of a database, not by a question that was wrong. */
  call(failed: boolean): void;
  loss(source: string): void;
  /** A source was looked at, or could not be. */
  seen(source: string, wasReached: boolean): void;
  /** Why to freeze now; undefined where there is no reason. */
  reason(): string | undefined;
}

const windowMs = 60_000;
/** Fewer calls prove nothing. */
const leastCalls = 20;

export function createAutoFreeze(settings: () => AutoFreezeSettings, now: () => number): AutoFreeze {
  let calls: { readonly at: number; readonly failed: boolean }[] = [];
  const lost = new Set<string>();
  const blindSince = new Map<string, number>();
  return {
    call: (failed) => {
      const at = now();
      calls.push({ at, failed });
      if (calls[0] !== undefined && calls[0].at < at - 2 * windowMs)
        calls = calls.filter((each) => each.at >= at - windowMs);
    },
    loss: (source) => void lost.add(source),
    seen: (source, wasReached) => {
      if (wasReached) blindSince.delete(source);
      else if (!blindSince.has(source)) blindSince.set(source, now());
    },
    reason: () => {
      const { freezeErrorShare, freezeOnLoss, freezeWhenBlindMs } = settings();
      const recent = calls.filter((each) => each.at >= now() - windowMs);
      const failed = recent.filter((each) => each.failed).length;
      if (freezeErrorShare > 0 && recent.length >= leastCalls && failed / recent.length > freezeErrorShare) {
        return `${failed} of ${recent.length} calls failed within a minute`;
      }
      if (freezeOnLoss && lost.size > 0) return `a loss of tables is held back in ${[...lost].join(", ")}`;
      const blind = [...blindSince].find(([, since]) => freezeWhenBlindMs > 0 && now() - since >= freezeWhenBlindMs);
      return blind === undefined ? undefined : `${blind[0]} could not be watched for ${now() - blind[1]} ms`;
    },
  };
}
