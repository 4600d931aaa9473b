/**
 * Training a source's correction from its feedback: examples of what people agree on, a fit on two thirds of the terms, both rankers measured on the rest and
 * on the schema's own names, and the result kept as a version with all that was found. Whether it may answer is the gate's word (`training.ts`).
 */

import type { SchemaView } from "../schema/view.js";
import type { State } from "../state/state.js";
import { type Correction, correctionFeatures, logOdds } from "../terms/correction.js";
import type { Glossary } from "../terms/glossary.js";
import { defaultMapSettings, rankMatches, shippedMatches } from "../terms/map.js";
import type { TermMatch, TermRequest } from "../terms/mapping.js";
import { prepareTermIndex, type TermIndex } from "../terms/term-index.js";
import { lemmasOf, splitIdentifier } from "../terms/words.js";
import type { FeedbackSettings, GivenVerdict } from "./feedback.js";
import { type AgreedTerm, agreedTerms, type Rename } from "./mappings.js";
import { keepModel, type Model, modelsOf } from "./models.js";
import {
  type Answered,
  type Example,
  fairWeights,
  fitCorrection,
  isHeldOut,
  nuisance,
  refusalsOf,
  scoreOf,
} from "./training.js";

export interface TrainInputs {
  readonly state: Pick<State, "put" | "documents">;
  readonly source: string;
  readonly view: SchemaView;
  readonly glossary: Glossary;
  readonly verdicts: readonly GivenVerdict[];
  readonly renames: readonly Rename[];
  readonly settings: FeedbackSettings;
  readonly champion: Correction | undefined;
  readonly author: string;
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  /** Lets others run in between. */
  pause(): Promise<void>;
}

/** Matches looked at for one term. */
const candidates = 8;
/** Of the schema's own names, so many are asked before and after. */
const maxNames = 1_000;

/** Fits, measures and keeps the next version. */
export async function trainCorrection(inputs: TrainInputs): Promise<Model> {
  const { view, settings, verdicts, renames, nowMs, pause } = inputs;
  const index = await prepareTermIndex(view, inputs.glossary, pause);
  const terms = fairWeights(agreedTerms(verdicts, nowMs, { renames, settings }));
  const examples: Example[] = [];
  for (const term of terms.filter((t) => !isHeldOut(t.key))) {
    examples.push(exampleOf(index, term));
    await pause();
  }
  const version = ((await modelsOf(inputs.state, inputs.source)).at(-1)?.version ?? 0) + 1;
  const made = { version, ...fitCorrection(examples) };
  const [before, after]: [Answered[], Answered[]] = [[], []];
  // A query's success proves too little to be measured by.
  for (const term of terms.filter((t) => isHeldOut(t.key) && t.weight > settings.queryWeight)) {
    before.push(answered(index, term, inputs.champion));
    after.push(answered(index, term, made));
    await pause();
  }
  const moved = await movedShare(index, terms, inputs.champion, made, pause);
  const model: Model = {
    ...made,
    provenance: {
      trainedAt: new Date(nowMs).toISOString(),
      author: inputs.author,
      upToSeq: verdicts.at(-1)?.seq ?? 0,
      schemaVersion: view.version,
      examples: examples.length,
      against: inputs.champion?.version ?? 0,
      champion: scoreOf(before),
      challenger: scoreOf(after),
      moved,
      refusals: [...refusalsOf(before, after, moved)],
    },
  };
  await keepModel(inputs.state, inputs.source, model);
  return model;
}

const requestOf = ({ term, question }: Pick<AgreedTerm, "term" | "question">): TermRequest => ({
  term,
  limit: candidates,
  ...(question === undefined ? {} : { question }),
});

function exampleOf(index: TermIndex, term: AgreedTerm): Example {
  const lemmas = lemmasOf(term.term);
  const offered = shippedMatches(index, requestOf(term)).map((match) => ({
    features: [`${nuisance}${match.kind}`, ...correctionFeatures(lemmas, match)],
    shipped: logOdds(match.confidence),
    right: match.ref === term.ref,
  }));
  return { key: term.key, weight: term.weight, candidates: offered };
}

function answered(index: TermIndex, term: AgreedTerm, correction: Correction | undefined): Answered {
  const matches = rankMatches(index, requestOf(term), [], correction).slice(0, candidates);
  const right = (m: TermMatch) => m.ref === term.ref;
  return {
    slice: matches.find(right)?.kind ?? "other",
    right: matches[0]?.ref === term.ref,
    matches: matches.map((m) => ({ confidence: m.confidence, right: right(m) })),
  };
}

/** Of the schema's own names that the champion is sure of, those aside that people spoke of: the share whose best answer is another one. */
async function movedShare(
  index: TermIndex,
  terms: readonly AgreedTerm[],
  champion: Correction | undefined,
  challenger: Correction,
  pause: () => Promise<void>,
): Promise<number> {
  const spoken = new Set(terms.map((t) => t.key));
  const all = [...new Set(index.columns.map((c) => splitIdentifier(c.name).join(" ")))];
  const names = all.filter((name) => name !== "" && !spoken.has(lemmasOf(name).join(" ")));
  const every = Math.ceil(names.length / maxNames);
  const asked = names.filter((_, i) => i % every === 0);
  let [sure, moved] = [0, 0];
  for (const term of asked) {
    const best = (correction: Correction | undefined) => rankMatches(index, { term }, [], correction)[0];
    const before = best(champion);
    if (before !== undefined && before.confidence >= defaultMapSettings.sureConfidence) {
      sure += 1;
      if (best(challenger)?.ref !== before.ref) moved += 1;
    }
    await pause();
  }
  return sure === 0 ? 0 : moved / sure;
}
