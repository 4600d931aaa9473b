/**
 * The versions of a source's correction and what is done with them: kept as documents that never change, and acts in the feedback log that say which one
 * answers. The last act counts, in every replica; a rollback is an act like any other.
 */

import { z } from "zod";
import { error, fail, ok, type Result } from "../issue.js";
import type { State } from "../state/state.js";
import type { Correction } from "../terms/correction.js";
import type { FeedbackBody, ModelAct } from "./feedback.js";

const score = z.object({
  examples: z.number(),
  right: z.number(),
  /** Mean over candidates, nats. */
  logLoss: z.number(),
});

const body = z.object({
  version: z.number(),
  scale: z.number(),
  weights: z.record(z.string(), z.number()),
  provenance: z.object({
    trainedAt: z.string(),
    author: z.string(),
    /** The feedback log up to this record was looked at. */
    upToSeq: z.number(),
    schemaVersion: z.string(),
    examples: z.number(),
    /** The champion that it was measured against; 0 for the shipped rankers alone. */
    against: z.number(),
    champion: score,
    challenger: score,
    /** Of the schema's own names that the champion is sure of, the share whose best answer moved. */
    moved: z.number(),
    /** Why it may not answer; empty where it passed the gate. */
    refusals: z.array(z.string()),
  }),
});

export type Model = z.infer<typeof body>;
export type Score = z.infer<typeof score>;

const keyOf = (version: number): string => `correction/${version}`;

export async function readModel(
  state: Pick<State, "get">,
  source: string,
  version: number,
): Promise<Correction | undefined> {
  const found = body.safeParse((await state.get("model", source, keyOf(version)))?.body);
  return found.success ? found.data : undefined;
}

/** All versions of a source's correction, oldest first. */
export async function modelsOf(state: Pick<State, "documents">, source: string): Promise<readonly Model[]> {
  const all = await state.documents("model");
  return all
    .filter((d) => d.scope === source)
    .flatMap((d) => body.safeParse(d.body).data ?? [])
    .sort((a, b) => a.version - b.version);
}

/** Keeps a new version; throws `config_conflict` where another trainer took the number first. */
export async function keepModel(state: Pick<State, "put">, source: string, model: Model): Promise<void> {
  const { version, provenance } = model;
  await state.put({ kind: "model", scope: source, key: keyOf(version), at: provenance.trainedAt, body: model }, 0);
}

export interface ActRequest {
  readonly act: "promote" | "rollback" | "compare" | "stop";
  /** For `promote` and `compare`; the newest where absent. */
  readonly version?: number;
  readonly author: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Does what was asked, and says what answers from now on. `acts` are those so far, oldest first. */
export async function actOnModels(
  state: Pick<State, "append" | "documents">,
  source: string,
  acts: readonly ModelAct[],
  request: ActRequest,
): Promise<Result<ModelAct>> {
  const next = nextAct(acts, await modelsOf(state, source), request);
  if (!next.ok) return next;
  const record: FeedbackBody = next.value;
  await state.append([
    { kind: "feedback", scope: source, key: "", at: request.at, body: record },
    { kind: "audit", scope: source, key: "learn", at: request.at, body: record },
  ]);
  return next;
}

/** What an act comes to. Pure. */
export function nextAct(
  acts: readonly ModelAct[],
  models: readonly Model[],
  { act, version, author, reason }: ActRequest,
): Result<ModelAct> {
  const champion = acts.at(-1)?.champion ?? 0;
  const by = { what: "model", author, reason } as const;
  if (act === "rollback") {
    const before = beforeLast(acts, champion);
    if (champion === 0) return fail(refused("The shipped rankers answer already; there is nothing to go back from."));
    return ok({ ...by, act: "rolled_back", champion: before });
  }
  if (act === "stop") {
    if (acts.at(-1)?.challenger === undefined) return fail(refused("Nothing is being compared."));
    return ok({ ...by, act: "stopped", champion });
  }
  const model = version === undefined ? models.at(-1) : models.find((m) => m.version === version);
  if (model === undefined) {
    const help = models.length === 0 ? "Train one first: sextant learn train." : undefined;
    return fail(error("not_found", "There is no such model.", help === undefined ? {} : { help }));
  }
  if (model.version === champion) return fail(refused(`Model ${champion} answers already.`));
  // Comparing is how a model shows what it is worth where there is too little to measure it on.
  if (act === "promote" && model.provenance.refusals.length > 0)
    return fail(refused(`Model ${model.version} did not pass the gate: ${model.provenance.refusals.join("; ")}.`));
  return ok(
    act === "promote"
      ? { ...by, act: "promoted", champion: model.version }
      : { ...by, act: "compared", champion, challenger: model.version },
  );
}

/** What answered before the present champion was promoted. */
function beforeLast(acts: readonly ModelAct[], champion: number): number {
  const promoted = acts.findLastIndex((a) => a.act === "promoted" && a.champion === champion);
  return promoted <= 0 ? 0 : (acts[promoted - 1]?.champion ?? 0);
}

function refused(message: string) {
  return error("invalid_argument", message);
}
