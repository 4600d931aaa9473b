/**
 * What is learned about a source's terms as it stands now: its feedback log read once and then only what is new, in any replica, since a verdict counts from
 * the next call on. What holds for whom is `mappings.ts`; which correction of the rankers answers is `models.ts`.
 */

import type { State, StoredRecord } from "../state/state.js";
import type { Correction } from "../terms/correction.js";
import type { LearnedMapping } from "../terms/mapping.js";
import { type FeedbackLog, type FeedbackSettings, readLog } from "./feedback.js";
import { type Caller, learnedMappings, type Rename } from "./mappings.js";
import { readModel } from "./models.js";
import { readSuccesses } from "./successes.js";

/** The rankers that answer: corrections over the shipped ones, absent for those alone. */
export interface LiveRankers {
  readonly champion?: Correction;
  /** Where two are compared on live traffic. */
  readonly compared?: { readonly experiment: string; readonly challenger: Correction | undefined };
}

export interface Learning {
  /** Standing verdicts with what queries proved, acts on models and the schema's renames, oldest first. */
  log(source: string): Promise<FeedbackLog & { readonly renames: readonly Rename[] }>;
  settings(): FeedbackSettings;
  mappings(source: string, caller: Caller): Promise<readonly LearnedMapping[]>;
  rankers(source: string): Promise<LiveRankers>;
}

export interface LearningDeps {
  readonly state: Pick<State, "list" | "get">;
  /** Proven renames that the schema's history keeps after the step `afterSeq`, oldest first, and its last step. */
  renames(source: string, afterSeq: number): Promise<{ readonly renames: readonly Rename[]; readonly upToSeq: number }>;
  settings(): FeedbackSettings;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Weights fade by days: within this time they are taken as they were, ms. */
const freshMs = 600_000;
/** Callers whose mappings are kept a source. */
const maxCallers = 1_000;

interface Known {
  records: readonly StoredRecord[];
  renames: readonly Rename[];
  /** The history's last step that was read. */
  stepSeq: number;
  log: FeedbackLog;
  /** By caller; emptied by whatever changes them. */
  readonly mappings: Map<
    string,
    { readonly atMs: number; readonly settings: string; readonly list: readonly LearnedMapping[] }
  >;
}

export function createLearning(deps: LearningDeps): Learning {
  const sources = new Map<string, Known>();
  const models = new Map<string, Promise<Correction | undefined>>();

  const current = async (source: string): Promise<Known> => {
    const before = sources.get(source);
    const afterSeq = before?.records.at(-1)?.seq ?? 0;
    const news = await deps.state.list({ kind: "feedback", scope: source, afterSeq });
    // Nobody said anything: nothing to rename.
    const nothing = news.length === 0 && (before?.records.length ?? 0) === 0;
    const stepSeq = before?.stepSeq ?? 0;
    const renamed = nothing ? { renames: [], upToSeq: stepSeq } : await deps.renames(source, stepSeq);
    const known = sources.get(source) ?? {
      records: [],
      renames: [],
      stepSeq: 0,
      log: readLog([]),
      mappings: new Map(),
    };
    sources.set(source, known);
    // Another call may have read the same meanwhile.
    const fresh = news.filter((r) => r.seq > (known.records.at(-1)?.seq ?? 0));
    const later = renamed.renames.filter((r) => r.seq > known.stepSeq);
    known.stepSeq = Math.max(known.stepSeq, renamed.upToSeq);
    if (fresh.length > 0) {
      known.records = [...known.records, ...fresh];
      known.log = readLog(known.records);
    }
    if (later.length > 0) known.renames = [...known.renames, ...later];
    if (fresh.length + later.length > 0) known.mappings.clear();
    return known;
  };

  const model = async (source: string, version: number): Promise<Correction | undefined> => {
    if (version === 0) return undefined;
    const key = `${version} ${source}`;
    const found = models.get(key) ?? readModel(deps.state, source, version);
    models.set(key, found);
    return found.catch((cause: unknown) => {
      models.delete(key);
      throw cause;
    });
  };

  return {
    log: async (source) => {
      const { log, renames } = await current(source);
      const verdicts = [...log.verdicts, ...(await readSuccesses(deps.state, source))].sort((a, b) => a.seq - b.seq);
      return { ...log, verdicts, renames };
    },
    settings: deps.settings,
    mappings: async (source, caller) => {
      const known = await current(source);
      const settings = deps.settings();
      const [key, nowMs, said] = [JSON.stringify([caller.user, caller.role]), deps.now(), JSON.stringify(settings)];
      const kept = known.mappings.get(key);
      if (kept !== undefined && kept.settings === said && nowMs - kept.atMs < freshMs) return kept.list;
      const list = learnedMappings(known.log.verdicts, caller, nowMs, { renames: known.renames, settings });
      if (known.mappings.size >= maxCallers) known.mappings.clear();
      known.mappings.set(key, { atMs: nowMs, settings: said, list });
      return list;
    },
    rankers: async (source) => {
      const act = (await current(source)).log.acts.at(-1);
      if (act === undefined) return {};
      const champion = await model(source, act.champion);
      const shown = champion === undefined ? {} : { champion };
      if (act.challenger === undefined) return shown;
      return {
        ...shown,
        compared: { experiment: `${source} ${act.seq}`, challenger: await model(source, act.challenger) },
      };
    },
  };
}
