/** What people said of a term, laid over what the rankers found: confirmed mappings come first, refused ones sink. Pure. */

import { resolveRef } from "../schema/names.js";
import { type LearnedMapping, type MatchKind, roundScore, type TermMatch } from "./mapping.js";
import type { TermIndex } from "./term-index.js";
import { lemmasOf } from "./words.js";

const terms = new WeakMap<readonly LearnedMapping[], ReadonlyMap<string, readonly LearnedMapping[]>>();

/** Learned mappings by the lemmas of their terms; read once a list. */
function byTerm(learned: readonly LearnedMapping[]): ReadonlyMap<string, readonly LearnedMapping[]> {
  const known = terms.get(learned);
  if (known !== undefined) return known;
  const made = new Map<string, LearnedMapping[]>();
  for (const mapping of learned) {
    const key = lemmasOf(mapping.term).join(" ");
    const list = made.get(key);
    if (list === undefined) made.set(key, [mapping]);
    else list.push(mapping);
  }
  terms.set(learned, made);
  return made;
}

/** What people confirmed a term to mean, of several the one with the most behind it; `undefined` where they confirmed none, or two as much. */
export function confirmedRef(learned: readonly LearnedMapping[], term: string): string | undefined {
  const own = (byTerm(learned).get(lemmasOf(term).join(" ")) ?? []).filter((l) => l.verdict === "correct");
  const [best, second] = own.toSorted((a, b) => b.weight - a.weight);
  return second !== undefined && second.weight === best?.weight && second.ref !== best.ref ? undefined : best?.ref;
}

/** What people said that a term does not mean. */
export function refusedRefs(learned: readonly LearnedMapping[], term: string): readonly string[] {
  const own = byTerm(learned).get(lemmasOf(term).join(" ")) ?? [];
  return own.filter((l) => l.verdict === "wrong").map((l) => l.ref);
}

/** Confirmed mappings come first; refused ones sink by the weight behind the refusal. */
export function applyLearned(
  index: TermIndex,
  found: readonly TermMatch[],
  term: string,
  kinds: ReadonlySet<MatchKind>,
  learned: readonly LearnedMapping[],
): readonly TermMatch[] {
  const own = byTerm(learned).get(lemmasOf(term).join(" ")) ?? [];
  if (own.length === 0) return found;
  const result = found.map((match) => {
    const said = own.find((l) => l.ref === match.ref);
    if (said === undefined) return match;
    const confidence =
      said.verdict === "correct"
        ? Math.max(match.confidence, confirmed(said.weight))
        : match.confidence * (1 - said.weight) * 0.5;
    return {
      ...match,
      confidence,
      why: [
        { signal: said.verdict === "correct" ? "confirmed" : "refused", score: roundScore(said.weight) },
        ...match.why,
      ],
    };
  });
  for (const said of own) {
    if (said.verdict !== "correct" || found.some((m) => m.ref === said.ref)) continue;
    const target = resolveRef(index.view.snapshot, said.ref);
    const kind: MatchKind = target === undefined ? "measure" : target.column === undefined ? "table" : "column";
    const metric = index.glossary.metrics.find((m) => m.name === said.ref);
    if (!kinds.has(kind) || (target === undefined && metric === undefined)) continue;
    const type = target?.table.columns.find((c) => c.name === target.column)?.type;
    result.push({
      kind,
      ref: said.ref,
      ...(type === undefined ? {} : { type }),
      ...(metric === undefined ? {} : { expression: metric.expression }),
      confidence: confirmed(said.weight),
      why: [{ signal: "confirmed", score: roundScore(said.weight) }],
    });
  }
  return result;
}

const confirmed = (weight: number): number => 0.9 + 0.09 * Math.min(1, weight);
