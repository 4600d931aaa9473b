/**
 * How long a statement will take, from how long others took on the same source: its own earlier runs where there are some, else a robust line
 * through run times by estimated work. Theil (1950) and Sen (1968): the median of all pairwise slopes, which a few odd runs do not move.
 * Pure and deterministic. Says nothing where too little was observed.
 */

export interface RunObservation {
  /** Of the statement's text, its parameters apart. */
  readonly fingerprint: string;
  /** The planner's cost, or rows read where it has none; absent where it was not asked. */
  readonly work?: number;
  readonly elapsedMs: number;
}

export interface RunTime {
  readonly ms: number;
  /** Nine of ten earlier runs lay below `highMs`, nine of ten above `lowMs`. */
  readonly lowMs: number;
  readonly highMs: number;
  /** Runs that it rests on. */
  readonly runs: number;
  readonly basis: "same statement" | "statements of like cost";
}

/** Runs of one statement that say how long it takes. */
const enoughRuns = 3;
/** Different statements with an estimate that give a line. */
const enoughStatements = 8;
/** The share of runs below and above the range. */
const tail = 0.1;
/** Time and work below which differences say nothing: ms, and cost units or rows. */
const leastMs = 0.1;
const leastWork = 1;
/** Time grows at most with this power of work; what a line says beyond comes of odd runs. */
const steepest = 2;

/** The time of a statement by its fingerprint and its estimated work; `undefined` where too little was observed. */
export function predictRunTime(
  observations: readonly RunObservation[],
  fingerprint: string,
  work: number | undefined,
): RunTime | undefined {
  const own = observations.filter((o) => o.fingerprint === fingerprint).map((o) => o.elapsedMs);
  if (own.length >= enoughRuns) {
    const low = rounded(quantile(own, tail));
    return {
      ms: rounded(quantile(own, 0.5)),
      lowMs: low,
      highMs: rounded(quantile(own, 1 - tail)),
      runs: own.length,
      basis: "same statement",
    };
  }
  return work === undefined ? undefined : byWork(observations, work);
}

function byWork(observations: readonly RunObservation[], work: number): RunTime | undefined {
  const points = statements(observations);
  if (points.length < enoughStatements) return undefined;
  const slopes = points.flatMap((a, i) =>
    points.slice(i + 1).flatMap((b) => (a.x === b.x ? [] : [(b.y - a.y) / (b.x - a.x)])),
  );
  const slope = Math.min(steepest, Math.max(0, slopes.length === 0 ? 0 : quantile(slopes, 0.5)));
  const rests = points.map((p) => p.y - slope * p.x);
  const at = (share: number) => rounded(Math.exp(quantile(rests, share) + slope * Math.log(Math.max(work, leastWork))));
  return { ms: at(0.5), lowMs: at(tail), highMs: at(1 - tail), runs: points.length, basis: "statements of like cost" };
}

/** One point a statement, at the median of its runs, so that what runs often weighs no more. */
function statements(observations: readonly RunObservation[]): readonly { readonly x: number; readonly y: number }[] {
  const runs = new Map<string, { work: number; times: number[] }>();
  for (const { fingerprint, work, elapsedMs } of observations) {
    if (work === undefined) continue;
    const known = runs.get(fingerprint) ?? { work, times: [] };
    known.times.push(elapsedMs);
    runs.set(fingerprint, known);
  }
  return [...runs.values()].map(({ work, times }) => ({
    x: Math.log(Math.max(work, leastWork)),
    y: Math.log(Math.max(quantile(times, 0.5), leastMs)),
  }));
}

/** Linear between neighbours (Hyndman and Fan 1996, type 7). */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return low + (high - low) * (at - Math.floor(at));
}

function rounded(ms: number): number {
  return Number(ms.toPrecision(3));
}
