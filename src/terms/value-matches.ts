/** A phrase that is a stored value: the column that holds it and the literal as stored, with how sure that is. Pure. */

import { coverageNames, metWell } from "./coverage.js";
import { jsonFile } from "./data-files.js";
import type { TermMatch } from "./mapping.js";
import type { PhraseContext } from "./phrase-features.js";
import type { Scored } from "./phrase-ranker.js";
import { plain } from "./plain.js";
import { sharedOut } from "./question-ranker.js";
import { type Candidate, type KindModel, readKindModel, settle } from "./settling.js";
import type { TermIndex } from "./term-index.js";
import { scoreRows } from "./trees.js";
import { valueFeatureNames, writeValueFeatures } from "./value-features.js";
import { isOneOf, type ValueHit, valuesLike, wholeLikeness } from "./values.js";

let shipped: KindModel | undefined;

function model(): KindModel {
  shipped ??= readKindModel((jsonFile("value-ranker.json") as { readonly value: unknown }).value);
  return shipped;
}

/** How many stored values a phrase is compared with. */
export const maxValueCandidates = 60;

/** A stored value that may be meant; `id` is its column. */
export interface ScoredValue extends Scored {
  readonly hit: ValueHit;
}

/** Stored values best first; `pinned` are the tables that the caller named. */
export function scoreValues(context: PhraseContext, pinned: ReadonlySet<number> | undefined): readonly ScoredValue[] {
  const { index } = context;
  const hits = valuesLike(index, context.phrase.text, maxValueCandidates).filter(
    (h) => pinned?.has(index.columns[h.column]?.table ?? -1) !== false,
  );
  const width = valueFeatureNames.length;
  const rows = new Float32Array(hits.length * width);
  for (const [i, hit] of hits.entries()) writeValueFeatures(context, hits, hit, rows, i * width);
  const logs = scoreRows(model().forest, rows, hits.length);
  const candidates = hits.map((hit, row) => valueCandidate(index, hit, row, logs[row] as number)).sort(byLog(hits));
  return settle(model(), "value", candidates, rows)
    .map((s, i) => {
      const row = candidates[i]?.row ?? -1;
      const hit = hits[row] as ValueHit;
      return { id: hit.column, ...s, numbers: rows.subarray(row * width, (row + 1) * width), hit };
    })
    .sort((a, b) => b.score - a.score || b.hit.likeness - a.hit.likeness || a.id - b.id);
}

/** How sure it is that one of the values so found is meant, as a probability; they share it by what the question says of their columns. */
const otherwiseConfidence = { standard: 0.9, words: 0.8 };
/** The same of a kind of rows whose table is called otherwise. */
const kindConfidence = 0.75;
const askedExact = coverageNames.indexOf("askedExact");

/** Stored values that stand for the whole phrase though they are written otherwise (`CA` for "California", `denied` for "rejected"), with how sure each is: by their letters they say nothing, so no ranker learns them. Where the phrase itself is stored, that is meant. */
export function otherwiseStored(
  { question }: PhraseContext,
  values: readonly ScoredValue[],
): ReadonlyMap<ValueHit, number> {
  const hits = values.map(({ hit }) => hit);
  if (hits.some(({ by, likeness }) => by === undefined && likeness >= wholeLikeness)) return new Map();
  return sharedOut(
    question,
    hits.filter(({ by }) => by !== undefined),
    ({ column }) => column,
    ({ by = "words" }) => otherwiseConfidence[by],
  );
}

/** Stored values of which the phrase says several ("no-shows" for `No Show`), with how sure each is; none where the phrase itself is stored. */
export function severalStored(
  { question, phrase }: PhraseContext,
  values: readonly ScoredValue[],
): ReadonlyMap<ValueHit, number> {
  const written = values.map(({ hit }) => hit).filter(({ by }) => by === undefined);
  if (written.some(({ likeness }) => likeness >= wholeLikeness)) return new Map();
  const hits = written.filter(({ stored }) => isOneOf(stored, phrase.text));
  return sharedOut(
    question,
    hits,
    ({ column }) => column,
    () => otherwiseConfidence.words,
  );
}

/** Of a table that is called otherwise, the kind that is stored for its rows ("technicians" of `staff`, "suites" of `rooms`): likelier meant than all of its rows. */
export function kindsOfTable(
  context: PhraseContext,
  table: number,
  values: readonly ScoredValue[],
): ReadonlyMap<ValueHit, number> {
  const { index, tableCover, question, phrase } = context;
  if ((tableCover[table]?.numbers[askedExact] ?? 0) >= metWell) return new Map();
  const near = new Set([table, ...(index.tables[table]?.neighbours ?? [])]);
  const hits = values
    .map(({ hit }) => hit)
    .filter(
      ({ by, likeness, stored, column }) =>
        by === undefined &&
        (likeness >= wholeLikeness || isOneOf(stored, phrase.text)) &&
        near.has(index.columns[column]?.table ?? -1),
    );
  return sharedOut(
    question,
    hits,
    ({ column }) => column,
    () => kindConfidence,
  );
}

const byLog = (hits: readonly ValueHit[]) => (a: Candidate, b: Candidate) =>
  b.log - a.log || (hits[b.row]?.likeness ?? 0) - (hits[a.row]?.likeness ?? 0) || a.row - b.row;

/** A stored value as the last look sees it. */
export function valueCandidate(index: TermIndex, hit: ValueHit, row: number, log: number): Candidate {
  return { row, log, name: plain(String(hit.stored)), twins: index.columns[hit.column]?.twins ?? -1 };
}

const signals = { stored: "stored_value", standard: "standard_code", words: "stored_otherwise" } as const;

export function valueMatch({ index, question }: PhraseContext, hit: ValueHit, confidence: number): TermMatch {
  const column = index.columns[hit.column];
  const log = question?.log.get(hit.column);
  return {
    kind: "value",
    ref: column?.ref ?? "",
    type: column?.type ?? "",
    value: hit.stored,
    confidence,
    why: [
      {
        signal: signals[hit.by ?? "stored"],
        score: Number(hit.likeness.toFixed(2)),
        detail: `${hit.count} rows`,
      },
      ...(log === undefined ? [] : [{ signal: "question", score: Number((1 / (1 + Math.exp(-log))).toFixed(2)) }]),
    ],
  };
}
