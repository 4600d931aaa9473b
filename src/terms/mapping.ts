/** What it means to map a term: the request, the match, the result. `map.ts` does it. */

export type MatchKind = "table" | "column" | "value" | "measure";

export interface TermRequest {
  readonly term: string;
  /** The sentence that the term stands in. */
  readonly question?: string;
  readonly kinds?: readonly MatchKind[];
  /** Only these tables, as Refs. */
  readonly tables?: readonly string[];
  readonly limit?: number;
  readonly minConfidence?: number;
  /** False where no names are wanted that are spelt like a term that fits nothing. */
  readonly suggests?: boolean;
}

export interface TermMatch {
  readonly kind: MatchKind;
  /** `table`, `table.column`, or a glossary metric's name; the default schema left out. */
  readonly ref: string;
  readonly type?: string;
  /** The stored literal of a `value` match. */
  readonly value?: string | number;
  /** A glossary metric's definition. */
  readonly expression?: string;
  /** Calibrated probability in [0, 1] that this is the one meant. */
  readonly confidence: number;
  readonly why: readonly Signal[];
}

export interface Signal {
  readonly signal: string;
  readonly score: number;
  readonly detail?: string;
}

export interface TermResult {
  readonly term: string;
  readonly status: "matched" | "ambiguous" | "no_match";
  /** Best first. */
  readonly matches: readonly TermMatch[];
  readonly did_you_mean: readonly string[];
  /** The shortest question that decides, where the status is `ambiguous`. */
  readonly clarify?: string;
}

/** A mapping that people confirmed or refused, as `learning/` keeps it. */
export interface LearnedMapping {
  readonly term: string;
  readonly ref: string;
  readonly verdict: "correct" | "wrong";
  /** Weight of the evidence behind it, 0 to 1, after quorum, rank and decay. */
  readonly weight: number;
}

/** Probabilities and scores are told to four places. */
export const roundScore = (n: number): number => Number(n.toFixed(4));
