/** What build_query answers and what it needs to know, to the letter of the tools' contract. Types alone. */

import type { Issue } from "../issue.js";
import type { DialectName } from "../schema/snapshot.js";
import type { SchemaView } from "../schema/view.js";
import type { Cell } from "../sql/dialect.js";
import type { Glossary } from "../terms/glossary.js";
import type { TermRequest, TermResult } from "../terms/mapping.js";
import type { Intent } from "./intent.js";
import type { QuerySettings } from "./settings.js";

/** Maps one business phrase to what it may mean, best first. */
export type TermResolver = (request: TermRequest) => TermResult;

export interface QueryContext {
  readonly view: SchemaView;
  readonly resolve: TermResolver;
  readonly glossary: Glossary;
  /** The Ref, or metric, that people confirmed a term to mean. */
  readonly confirmed?: (term: string) => string | undefined;
  /** The Refs that people said a term does not mean. */
  readonly refused?: (term: string) => readonly string[];
  /** The moment of the call, milliseconds since the epoch. */
  readonly now: number;
  readonly settings: QuerySettings;
  /** The sentence the terms stand in, where there is one. */
  readonly question?: string;
  /** True where what is read as a question is made up around a phrase: its terms are found by themselves, not by their sentence. */
  readonly isMadeUp?: boolean;
}

/** A resolver that finds a term once: a build asks for the same again and again. */
export function resolveOnce(resolve: TermResolver): TermResolver {
  const found = new Map<string, ReturnType<TermResolver>>();
  return (request) => {
    const key = JSON.stringify(request);
    const known = found.get(key) ?? resolve(request);
    found.set(key, known);
    return known;
  };
}

export interface AnswerColumn {
  readonly name: string;
  readonly type: string;
  readonly role: "dimension" | "measure" | "column";
  readonly ref?: string;
  readonly expression?: string;
}

export interface AnswerJoin {
  readonly from: string;
  readonly to: string;
  readonly kind: "inner" | "left";
  readonly origin: "declared" | "inferred" | "confirmed";
  readonly cardinality: "1:1" | "n:1" | "1:n" | "n:m";
}

export interface Remark {
  readonly code: string;
  readonly text: string;
}

export interface Hint extends Remark {
  readonly sql?: string;
}

export interface Option {
  readonly label: string;
  readonly intent: Intent;
}

export interface Estimate {
  readonly rows: number;
  readonly cost?: number;
  readonly basis: string;
}

export interface BuildAnswer {
  readonly status: "ok" | "needs_clarification" | "refused";
  readonly sql?: string;
  readonly params?: readonly Cell[];
  readonly dialect: DialectName;
  readonly columns: readonly AnswerColumn[];
  readonly mapping: readonly { readonly term: string; readonly ref: string; readonly confidence: number }[];
  readonly joins: readonly AnswerJoin[];
  /** What one row of the answer is. */
  readonly grain: string;
  readonly proof: readonly { readonly measure: string; readonly safe_because: string }[];
  readonly assumptions: readonly Remark[];
  /** Runs as it is, without parameters: the totals before and after joining. */
  readonly reconcile_sql?: string;
  readonly estimate?: Estimate;
  readonly hints: readonly Hint[];
  readonly alternatives: readonly { readonly why: string; readonly intent: Intent; readonly sql?: string }[];
  readonly question?: { readonly text: string; readonly options: readonly Option[] };
  readonly intent: Intent;
  readonly issues: readonly Issue[];
}
