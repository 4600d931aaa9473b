/** What the parser door says of a text: what kind of statement it is, what it uses, and its tree where it is a query. Types alone. */

import type { Query, Span } from "./tree.js";

export type StatementKind = "select" | "insert" | "update" | "delete" | "ddl" | "utility" | "multiple" | "unparsable";

/** Something a statement names, with its qualifiers, and where. */
export interface Used {
  readonly name: readonly string[];
  readonly span: Span;
}

export interface Facts {
  readonly kind: StatementKind;
  /** Writes, locks and INTO, wherever they stand. Empty is read-only by form. */
  readonly writes: readonly Used[];
  readonly functions: readonly Used[];
  readonly operators: readonly Used[];
  readonly types: readonly Used[];
  readonly relations: readonly Used[];
  /** Parts that are not known to be harmless: refused. */
  readonly unknown: readonly string[];
  /** Parameters as written: `$1`, `?`, `:name`. */
  readonly params: readonly string[];
}

export interface Parsed {
  readonly kind: StatementKind;
  readonly facts?: Facts;
  /** The tree, where the statement is one query. */
  readonly query?: Query;
  /** Why there is no tree, and where. */
  readonly fault?: { readonly message: string; readonly span: Span };
  /** The stretches of the statements, where there are several. */
  readonly statements: readonly { readonly sql: string; readonly start: number; readonly end: number }[];
}
