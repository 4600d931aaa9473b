/** What the resolver finds out: the row sources a statement sees, their columns with lineage, and which name means which. Types and lookups. */

import type { DialectName, Table, TableName } from "../schema/snapshot.js";
import type { Body, ColumnExpr, Expr, FromItem, Name, Query, Select, Span } from "../sql/tree.js";

/** A column of a stored table or view. */
export interface SourceColumn {
  readonly table: TableName;
  readonly column: string;
}

/** A column that a row source or a query gives. */
export interface OutColumn {
  readonly name: string;
  /** Stored columns that its values come from, in the order met. */
  readonly sources: readonly SourceColumn[];
  /** The type as the dialect prints it; undefined where unknown. */
  readonly type: string | undefined;
  /** The expression that makes it; undefined for a stored column. */
  readonly expr?: Expr;
  /** A plain pass-through of a column of this relation. */
  readonly from?: Binding;
  /** True where it may be NULL, as far as is known. */
  readonly nullable: boolean;
}

/** A row source in a FROM clause. */
export interface Relation {
  /** The name it goes by in the statement; "" where it has none. */
  readonly name: string;
  readonly item: FromItem;
  readonly columns: readonly OutColumn[];
  /** The stored table or view, where it is one. */
  readonly table?: Table;
  /** The query that makes its rows, where one does (a subquery or a CTE). */
  readonly query?: Query;
  /** True where more columns may exist than are known: an unknown table, a function. */
  readonly open: boolean;
  /** Filled with NULL by an outer join around it. */
  readonly optional: boolean;
}

export interface Binding {
  readonly relation: Relation;
  readonly column: OutColumn;
}

/** One SELECT's own names. */
export interface SelectScope {
  readonly select: Select;
  readonly relations: readonly Relation[];
  /** Columns merged by USING or NATURAL: not ambiguous though several relations have them. */
  readonly merged: ReadonlySet<string>;
  readonly output: readonly OutColumn[];
}

/** A name that means nothing or too much, with the edits that would mend it, best first. */
export interface NameProblem {
  readonly code: "unknown_table" | "unknown_column" | "ambiguous_column" | "unknown_schema";
  readonly span: Span;
  readonly message: string;
  readonly help?: string;
  readonly candidates: readonly string[];
  readonly fixes: readonly (readonly Edit[])[];
}

/** Text to stand instead of a stretch. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Resolution {
  readonly bindings: ReadonlyMap<ColumnExpr, Binding>;
  /** Column expressions that name an output column (ORDER BY alias, SQLite's aliases). */
  readonly aliases: ReadonlyMap<ColumnExpr, OutColumn>;
  readonly scopes: ReadonlyMap<Select, SelectScope>;
  readonly outputs: ReadonlyMap<Query, readonly OutColumn[]>;
  readonly output: readonly OutColumn[];
  readonly problems: readonly NameProblem[];
  readonly tables: readonly Table[];
  /** Every stored column that the statement touches, wherever. */
  readonly columns: readonly { readonly table: Table; readonly column: string; readonly span: Span }[];
  /** Every use of a stored table, for laying row filters over it. */
  readonly uses: readonly { readonly table: Table; readonly item: FromItem }[];
  /** Where each table name was looked at, by offset: stored tables, CTEs, catalogs and unknown ones. */
  readonly relationSpans: ReadonlySet<number>;
  /** The statement's selects in the order they are read, inner ones first. */
  readonly selects: readonly Select[];
}

/** Whether two identifiers are the same: SQLite folds case; PostgreSQL's parser has folded bare names already. */
export function sameName(dialect: DialectName, a: string, b: string): boolean {
  return a === b || (dialect === "sqlite" && a.toLowerCase() === b.toLowerCase());
}

export function aliasOf(item: FromItem): Name | undefined {
  if (item.alias !== undefined) return item.alias;
  if (item.type === "table") return item.path.at(-1);
  if (item.type !== "function") return undefined;
  const [call] = item.calls;
  return call?.type === "call" ? call.name.at(-1) : undefined;
}

/** The first select of a body: the one that names its columns. */
export function firstSelect(body: Body): Select | undefined {
  switch (body.type) {
    case "select":
      return body;
    case "set":
      return firstSelect(body.left);
    case "nested":
      return firstSelect(body.query.body);
    case "values":
      return undefined;
  }
}
