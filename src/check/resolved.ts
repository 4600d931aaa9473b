/** What the resolver has found so far: what each name means, which stored columns are touched, what is wrong. Decides nothing. */

import { findTable } from "../schema/names.js";
import type { SchemaSnapshot, Table } from "../schema/snapshot.js";
import {
  argumentsOf,
  type ColumnExpr,
  type Expr,
  type FromItem,
  type Query,
  queryOf,
  type Select,
  type Span,
} from "../sql/tree.js";
import { findColumnOf } from "./lookup.js";
import type { Binding, NameProblem, OutColumn, Relation, Resolution, SelectScope, SourceColumn } from "./relation.js";
import type { Scope } from "./scope.js";

export class Resolved {
  readonly bindings = new Map<ColumnExpr, Binding>();
  readonly aliases = new Map<ColumnExpr, OutColumn>();
  readonly scopes = new Map<Select, SelectScope>();
  readonly outputs = new Map<Query, readonly OutColumn[]>();
  readonly problems: NameProblem[] = [];
  readonly tables = new Set<Table>();
  private readonly columns = new Map<string, { table: Table; column: string; span: Span }>();
  readonly uses: { table: Table; item: FromItem }[] = [];
  readonly selects: Select[] = [];
  readonly relationSpans = new Set<number>();

  constructor(private readonly snapshot: SchemaSnapshot) {}

  /** What was found, with the statement's own result columns. */
  resolution(output: readonly OutColumn[]): Resolution {
    const { bindings, aliases, scopes, outputs, problems, uses, selects, relationSpans } = this;
    const tables = [...this.tables];
    return {
      bindings,
      aliases,
      scopes,
      outputs,
      output,
      problems,
      tables,
      columns: [...this.columns.values()],
      uses,
      selects,
      relationSpans,
    };
  }

  /** Finds what a column's name means, and keeps it. */
  column(expr: ColumnExpr, scope: Scope | undefined): void {
    const found = findColumnOf(expr, scope, this.snapshot);
    if (found.binding !== undefined) {
      this.bindings.set(expr, found.binding);
      this.touch(found.binding.column.sources, expr.span);
    }
    if (found.alias !== undefined) this.aliases.set(expr, found.alias);
    if (found.row !== undefined) this.touchRow(found.row, expr.span);
    if (found.problem !== undefined) this.problems.push(found.problem);
  }

  touchRow(relation: Relation, span: Span): void {
    for (const column of relation.columns) this.touch(column.sources, span);
  }

  /** A use of stored columns, at its first place. */
  touch(sources: readonly SourceColumn[], span: Span): void {
    for (const { table, column } of sources) {
      const key = `${table.schema}\u0000${table.name}\u0000${column}`;
      if (this.columns.has(key)) continue;
      const stored = findTable(this.snapshot, table.name, table.schema);
      if (stored !== undefined) this.columns.set(key, { table: stored, column, span });
    }
  }

  /** The stored columns that an expression's value comes from. */
  sources(expr: Expr): readonly SourceColumn[] {
    const found = new Map<string, SourceColumn>();
    const add = (columns: readonly SourceColumn[]) => {
      for (const s of columns) found.set(`${s.table.schema}\u0000${s.table.name}\u0000${s.column}`, s);
    };
    const visit = (at: Expr): void => {
      if (at.type === "column") add(this.bindings.get(at)?.column.sources ?? this.aliases.get(at)?.sources ?? []);
      for (const arg of argumentsOf(at)) visit(arg);
      const inner = queryOf(at);
      if (inner !== undefined) add((this.outputs.get(inner) ?? []).flatMap((c) => c.sources));
    };
    visit(expr);
    return [...found.values()];
  }
}
