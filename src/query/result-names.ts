/** Result columns of an intent by what it calls them: a measure's alias, name or term. Pure. */

import { error } from "../issue.js";
import type { Intent } from "./intent.js";
import type { Measure } from "./resolved.js";
import { resultName } from "./spoken-measures.js";

/** A measure by its alias, its result name, its term, or `agg(term)`. */
export function findMeasure(measures: readonly Measure[], intent: Intent, by: string): Measure | undefined {
  const wanted = by.trim().toLowerCase();
  const asked = intent.measures ?? [];
  const at = (test: (i: number) => boolean) => measures.find((_, i) => test(i));
  return (
    at((i) => asked[i]?.as?.toLowerCase() === wanted) ??
    measures.find((m) => m.name.toLowerCase() === wanted || m.name === resultName(by)) ??
    at((i) => `${asked[i]?.agg ?? ""}(${asked[i]?.term ?? ""})`.toLowerCase() === wanted) ??
    at((i) => asked[i]?.term.toLowerCase() === wanted)
  );
}

export function unknownResult(by: string, candidates: readonly string[]) {
  return error("invalid_argument", `"${by}" is no result column of this intent.`, {
    help: "Name a measure's or dimension's `as` or `term`.",
    candidates,
  });
}
