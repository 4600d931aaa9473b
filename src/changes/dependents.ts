/** What may depend on a schema, and what a change does to it. Types alone. */

import type { Relationship } from "../schema/relationships.js";

export interface Impact {
  readonly what: "query" | "mapping" | "glossary" | "policy" | "view" | "relationship";
  /** What is touched: a metric's or view's name, a term, a query's fingerprint. */
  readonly ref: string;
  readonly effect: string;
  /** The same in present names, where a rename is proven and every mention was found. Not yet validated by the database. */
  readonly mended?: string;
}

/** A query that was saved or lately built, with what it read, as Refs of the schema it was built on. */
export interface KeptQuery {
  readonly fingerprint: string;
  readonly sql?: string;
  readonly title?: string;
  readonly reads: { readonly tables: readonly string[]; readonly columns: readonly string[] };
}

/** A rule of access that names tables and columns: by Refs, or by globs over `table`, `schema.table` and `table.column`. */
export interface NamedPolicy {
  readonly name: string;
  readonly refs: readonly string[];
}

/** What impact needs of a glossary; `terms/` has the whole. */
export interface MetricShape {
  readonly name: string;
  readonly expression: string;
  readonly time?: string | undefined;
  readonly semi_additive?: { readonly over: string } | undefined;
  readonly currency?: string | undefined;
  readonly filters: readonly { readonly term: string }[];
}

export interface GlossaryShape {
  readonly metrics: readonly MetricShape[];
  readonly terms: readonly { readonly name: string; readonly ref: string }[];
}

interface MappingShape {
  readonly term: string;
  readonly ref: string;
  readonly verdict: "correct" | "wrong";
}

/** What may depend on a schema; all of one source. */
export interface Dependents {
  readonly glossary?: GlossaryShape;
  readonly mappings?: readonly MappingShape[];
  readonly relationships?: readonly Relationship[];
  readonly queries?: readonly KeptQuery[];
  readonly policies?: readonly NamedPolicy[];
}
