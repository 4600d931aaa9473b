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

/** Calls are counted by the second, over the last so many seconds. */
const windowSeconds = 60;
/** Fewer calls prove nothing. */
const leastCalls = 20;

export function createAutoFreeze(settings: () => AutoFreezeSettings, now: () => number): AutoFreeze {
  const seconds: { second: number; calls: number; failed: number }[] = [];
  const lost = new Set<string>();
  const blindSince = new Map<string, number>();
  return {
    call: (failed) => {
      const second = Math.floor(now() / 1_000);
      let last = seconds.at(-1);
      if (last?.second !== second) {
        last = { second, calls: 0, failed: 0 };
        seconds.push(last);
        if (seconds.length > windowSeconds) seconds.shift();
      }
      last.calls += 1;
      if (failed) last.failed += 1;
    },
    loss: (source) => void lost.add(source),
    seen: (source, wasReached) => {
      if (wasReached) blindSince.delete(source);
      else if (!blindSince.has(source)) blindSince.set(source, now());
    },
    reason: () => {
      const { freezeErrorShare, freezeOnLoss, freezeWhenBlindMs } = settings();
      const from = Math.floor(now() / 1_000) - windowSeconds;
      const recent = seconds.filter((each) => each.second > from);
      const calls = recent.reduce((sum, each) => sum + each.calls, 0);
      const failed = recent.reduce((sum, each) => sum + each.failed, 0);
      if (freezeErrorShare > 0 && calls >= leastCalls && failed / calls > freezeErrorShare) {
        return `${failed} of ${calls} calls failed within a minute`;
      }
      if (freezeOnLoss && lost.size > 0) return `a loss of tables is held back in ${[...lost].join(", ")}`;
      const blind = [...blindSince].find(([, since]) => freezeWhenBlindMs > 0 && now() - since >= freezeWhenBlindMs);
      return blind === undefined ? undefined : `${blind[0]} could not be watched for ${now() - blind[1]} ms`;
    },
  };
}
