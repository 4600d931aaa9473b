/**
 * Resolves every name of a query against a snapshot: scopes, CTEs (recursive ones too), laterals, windows, USING and NATURAL, aliases, stars. Says
 * which stored columns are touched and where each result column comes from. Reports names that mean nothing; repairs nothing.
 */

import { findTable } from "../schema/names.js";
import type { SchemaSnapshot, Table } from "../schema/snapshot.js";
import {
  argumentsOf,
  type Body,
  type Expr,
  type FromItem,
  type FunctionSource,
  type Join,
  type Name,
  type OrderItem,
  type Query,
  queryOf,
  type Select,
  type SelectItem,
  type StarExpr,
  type SubquerySource,
  type TableSource,
  windowExpressions,
} from "../sql/tree.js";
import { readingOrder } from "./cte-order.js";
import { typeOf } from "./infer.js";
import { findColumnOf, goesBy } from "./lookup.js";
import { unknownTable } from "./name-problems.js";
import { defaultName, joinedAs, markOptional, maybeNull, mergeArms, rename } from "./out-columns.js";
import { aliasOf, type OutColumn, type Relation, type Resolution, sameName } from "./relation.js";
import { Resolved } from "./resolved.js";
import { columnIn, type Scope, type Using } from "./scope.js";

/** Resolves `query` against `snapshot`. Never throws for what a statement can hold. */
export function resolve(query: Query, snapshot: SchemaSnapshot): Resolution {
  const resolver = new Resolver(snapshot);
  const output = resolver.query(query, undefined, undefined);
  return resolver.seen.resolution(output);
}

/** CTEs in sight, inner ones first. */
interface CteScope {
  readonly name: string;
  readonly columns: readonly OutColumn[];
  readonly query: Query;
  readonly next: CteScope | undefined;
}

type Join1 = { readonly relations: Relation[]; readonly merged: Set<string>; readonly usings?: Using[] };

class Resolver {
  readonly seen: Resolved;

  constructor(private readonly snapshot: SchemaSnapshot) {
    this.seen = new Resolved(snapshot);
  }

  query(query: Query, outer: Scope | undefined, ctes: CteScope | undefined): readonly OutColumn[] {
    let inSight = ctes;
    const unordered = query.recursive || this.snapshot.dialect === "sqlite";
    for (const cte of unordered ? readingOrder(query.ctes) : query.ctes) {
      const named = (columns: readonly OutColumn[]): CteScope => ({
        name: cte.name.text,
        columns: rename(columns, cte.columns),
        query: cte.query,
        next: inSight,
      });
      // SQLite lets any CTE refer to itself; PostgreSQL wants RECURSIVE.
      const recursive = query.recursive || this.snapshot.dialect === "sqlite";
      const columns = recursive
        ? this.recursive(cte.query, outer, inSight, named)
        : this.query(cte.query, outer, inSight);
      inSight = named(columns);
    }
    const columns = this.body(query.body, outer, inSight);
    this.seen.outputs.set(query, columns);
    this.tail(query, columns, outer, inSight);
    return columns;
  }

  /** A CTE that may name itself: its first arm gives the columns that the others see. */
  private recursive(
    query: Query,
    outer: Scope | undefined,
    ctes: CteScope | undefined,
    named: (columns: readonly OutColumn[]) => CteScope,
  ): readonly OutColumn[] {
    if (query.body.type !== "set" || query.ctes.length > 0) return this.query(query, outer, ctes);
    const columns = this.body(query.body, outer, ctes, named);
    this.seen.outputs.set(query, columns);
    this.tail(query, columns, outer, named(columns));
    return columns;
  }

  /** ORDER BY, LIMIT and OFFSET: a name in ORDER BY means an output column first, in the whole term alone. */
  private tail(
    query: Query,
    columns: readonly OutColumn[],
    outer: Scope | undefined,
    ctes: CteScope | undefined,
  ): void {
    const select = query.body.type === "select" ? query.body : undefined;
    const own = select && this.seen.scopes.get(select);
    const scope: Scope = {
      relations: own?.relations ?? [],
      merged: own?.merged ?? new Set(),
      aliases: this.snapshot.dialect === "sqlite" || own === undefined ? columns : [],
      outer,
    };
    for (const item of query.orderBy) this.orderItem(item, columns, scope, ctes);
    for (const bound of [query.limit, query.offset]) if (bound !== undefined) this.expr(bound, outer, ctes);
  }

  private orderItem(item: OrderItem, columns: readonly OutColumn[], scope: Scope, ctes: CteScope | undefined): void {
    const { expr } = item;
    if (expr.type === "column" && expr.path.length === 1) {
      const named = columns.find((c) => sameName(this.snapshot.dialect, c.name, expr.path[0]?.text ?? ""));
      if (named !== undefined) {
        this.seen.aliases.set(expr, named);
        return;
      }
    }
    this.expr(expr, scope, ctes);
  }

  private body(
    body: Body,
    outer: Scope | undefined,
    ctes: CteScope | undefined,
    recursive?: (columns: readonly OutColumn[]) => CteScope,
  ): readonly OutColumn[] {
    switch (body.type) {
      case "select":
        return this.select(body, outer, ctes);
      case "nested":
        return this.query(body.query, outer, ctes);
      case "values":
        return this.values(body.rows, outer, ctes);
      case "set": {
        // A recursive arm may itself be a set of arms: the hook goes to the leftmost.
        const left = this.body(body.left, outer, ctes, body.left.type === "set" ? recursive : undefined);
        const right = this.body(body.right, outer, recursive?.(left) ?? ctes);
        return left.map((column, i) => mergeArms(column, right[i]));
      }
    }
  }

  private values(
    rows: readonly (readonly Expr[])[],
    outer: Scope | undefined,
    ctes: CteScope | undefined,
  ): readonly OutColumn[] {
    for (const row of rows) for (const value of row) this.expr(value, outer, ctes);
    return (rows[0] ?? []).map((expr, i) => ({
      name: `column${i + 1}`,
      sources: [],
      type: typeOf(expr, this.seen, this.snapshot.dialect),
      nullable: true,
      expr,
    }));
  }

  private select(select: Select, outer: Scope | undefined, ctes: CteScope | undefined): readonly OutColumn[] {
    const usings: Using[] = [];
    const from: Join1 = { relations: [], merged: new Set(), usings };
    for (const item of select.from) this.from(item, from, outer, ctes, []);
    const bare: Scope = { relations: from.relations, merged: from.merged, usings, aliases: [], outer };
    const output = select.items.flatMap((item) => this.selectItem(item, bare, ctes));
    // SQLite lets WHERE, GROUP BY and HAVING use the SELECT list's names; PostgreSQL only GROUP BY, as a whole term.
    const lenient: Scope = this.snapshot.dialect === "sqlite" ? { ...bare, aliases: output } : bare;
    if (select.where !== undefined) this.expr(select.where, lenient, ctes);
    for (const expr of select.groupBy) this.groupItem(expr, output, bare, lenient, ctes);
    if (select.having !== undefined) this.expr(select.having, lenient, ctes);
    for (const expr of select.distinctOn) this.expr(expr, { ...bare, aliases: output }, ctes);
    for (const window of select.windows) for (const expr of windowExpressions(window)) this.expr(expr, lenient, ctes);
    this.seen.scopes.set(select, { select, relations: from.relations, merged: from.merged, output });
    this.seen.selects.push(select);
    return output;
  }

  private groupItem(
    expr: Expr,
    output: readonly OutColumn[],
    bare: Scope,
    lenient: Scope,
    ctes: CteScope | undefined,
  ): void {
    const named = expr.type === "column" && expr.path.length === 1 ? expr.path[0]?.text : undefined;
    const isColumn =
      named !== undefined && bare.relations.some((r) => columnIn(r, named, this.snapshot.dialect) !== undefined);
    this.expr(expr, named !== undefined && !isColumn ? { ...bare, aliases: output } : lenient, ctes);
  }

  private selectItem(item: SelectItem, scope: Scope, ctes: CteScope | undefined): readonly OutColumn[] {
    const { expr, alias } = item;
    if (expr.type === "star") return this.star(expr, scope);
    this.expr(expr, scope, ctes);
    const binding = expr.type === "column" ? this.seen.bindings.get(expr) : undefined;
    const type = typeOf(expr, this.seen, this.snapshot.dialect);
    const name = alias?.text ?? defaultName(expr, this.snapshot.dialect);
    const base = { name, sources: this.seen.sources(expr), type, expr };
    if (binding === undefined) return [{ ...base, nullable: maybeNull(expr) }];
    return [{ ...base, from: binding, nullable: binding.column.nullable || binding.relation.optional }];
  }

  private star(expr: StarExpr, scope: Scope): readonly OutColumn[] {
    const named = expr.qualifier.length > 0;
    const relations = named ? this.starRelations(expr, scope) : scope.relations;
    const seen = new Set<string>();
    return relations.flatMap((relation) =>
      relation.columns.flatMap((column): OutColumn[] => {
        const key = column.name.toLowerCase();
        // A merged column comes once (SQL-92, 7.5).
        if (!named && scope.merged.has(key)) {
          if (seen.has(key)) return [];
          seen.add(key);
        }
        this.seen.touch(column.sources, expr.span);
        const { name, sources, type } = column;
        return [{ name, sources, type, from: { relation, column }, nullable: column.nullable || relation.optional }];
      }),
    );
  }

  private starRelations(expr: StarExpr, scope: Scope): readonly Relation[] {
    const found = scope.relations.find((r) => goesBy(r, expr.qualifier, this.snapshot.dialect));
    if (found !== undefined) return [found];
    const qualifier = expr.qualifier.at(-1) as Name;
    const star = { text: "*", span: { start: expr.span.end - 1, end: expr.span.end }, quoted: false };
    const result = findColumnOf({ type: "column", path: [qualifier, star], span: expr.span }, scope, this.snapshot);
    if (result.problem !== undefined) this.seen.problems.push(result.problem);
    return [];
  }

  /** Adds what a FROM item gives to `into`. `left` is what stands before it, seen by laterals and functions. */
  private from(
    item: FromItem,
    into: Join1,
    outer: Scope | undefined,
    ctes: CteScope | undefined,
    left: readonly Relation[],
  ): void {
    const lateral: Scope = { relations: [...left, ...into.relations], merged: new Set(), aliases: [], outer };
    switch (item.type) {
      case "table":
        into.relations.push(this.table(item, ctes));
        return;
      case "subquery":
        into.relations.push(this.subquery(item, item.lateral ? lateral : outer, ctes));
        return;
      case "function":
        into.relations.push(this.functionSource(item, lateral, ctes));
        return;
      case "join":
        this.join(item, into, outer, ctes, lateral.relations);
    }
  }

  private join(
    item: Join,
    into: Join1,
    outer: Scope | undefined,
    ctes: CteScope | undefined,
    before: readonly Relation[],
  ): void {
    const usings = into.usings ?? [];
    const left: Join1 = { relations: [], merged: new Set(), usings };
    this.from(item.left, left, outer, ctes, before);
    const right: Join1 = { relations: [], merged: new Set(), usings };
    this.from(item.right, right, outer, ctes, [...before, ...left.relations]);
    if (item.kind === "left" || item.kind === "full") markOptional(right.relations);
    if (item.kind === "right" || item.kind === "full") markOptional(left.relations);
    const merged = new Set([...left.merged, ...right.merged]);
    for (const name of this.joinNames(item, left.relations, right.relations)) {
      merged.add(name.text.toLowerCase());
      this.touchUsing(name, left.relations, right.relations);
    }
    if (item.usingAlias !== undefined)
      usings.push({ name: item.usingAlias.text, columns: item.using, of: left.relations });
    const relations = [...left.relations, ...right.relations];
    if (item.on !== undefined) this.expr(item.on, { relations, merged, aliases: [], outer, joining: true }, ctes);
    for (const name of merged) into.merged.add(name);
    into.relations.push(...(item.alias === undefined ? relations : [joinedAs(item, item.alias, relations)]));
  }

  private joinNames(item: Join, left: readonly Relation[], right: readonly Relation[]): readonly Name[] {
    if (!item.natural) return item.using;
    const names = right.flatMap((r) => r.columns.map((c) => c.name));
    const shared = names.filter((n) => left.some((r) => columnIn(r, n, this.snapshot.dialect) !== undefined));
    return [...new Set(shared)].map((text) => ({ text, span: item.span, quoted: false }));
  }

  private touchUsing(name: Name, left: readonly Relation[], right: readonly Relation[]): void {
    for (const side of [left, right]) {
      const column = side.flatMap((r) => columnIn(r, name.text, this.snapshot.dialect) ?? [])[0];
      if (column !== undefined) this.seen.touch(column.sources, name.span);
      else if (!side.some((r) => r.open)) {
        const scope: Scope = { relations: side, merged: new Set(), aliases: [], outer: undefined };
        const found = findColumnOf({ type: "column", path: [name], span: name.span }, scope, this.snapshot);
        if (found.problem !== undefined) this.seen.problems.push(found.problem);
      }
    }
  }

  private table(item: TableSource, ctes: CteScope | undefined): Relation {
    this.seen.relationSpans.add(item.span.start);
    const name = aliasOf(item)?.text ?? "";
    const base = { name, item, open: false, optional: false };
    const bare = item.path.length === 1 ? item.path[0]?.text : undefined;
    for (let cte = bare === undefined ? undefined : ctes; cte !== undefined; cte = cte.next) {
      if (!sameName(this.snapshot.dialect, cte.name, bare ?? "")) continue;
      return { ...base, query: cte.query, columns: rename(cte.columns, item.columnAliases) };
    }
    const table = this.storedTable(item);
    if (table === undefined) {
      if (!isCatalog(item.path) && !isTableFunction(item.path, this.snapshot))
        this.seen.problems.push(unknownTable(item.path, cteNames(ctes), this.snapshot));
      return { ...base, columns: [], open: true };
    }
    this.seen.tables.add(table);
    this.seen.uses.push({ table, item });
    const columns = table.columns.map(
      (c): OutColumn => ({
        name: c.name,
        sources: [{ table, column: c.name }],
        type: c.type,
        nullable: c.nullable && table.primaryKey?.columns.includes(c.name) !== true,
      }),
    );
    return { ...base, table, columns: rename(columns, item.columnAliases), open: table.kind === "virtual_table" };
  }

  /** PostgreSQL's names are exact after folding, and only the first schema needs no qualifier. */
  private storedTable(item: TableSource): Table | undefined {
    const [last, schema] = [item.path.at(-1)?.text ?? "", item.path.at(-2)?.text];
    if (this.snapshot.dialect === "sqlite") {
      // Unqualified names are looked for in the main database, then in those attached, in their order (SQLite manual, "ATTACH DATABASE").
      const places = schema === undefined ? this.snapshot.schemas.map(({ name }) => name) : [schema];
      for (const place of places) {
        const found = findTable(this.snapshot, last, place);
        if (found !== undefined) return found;
      }
      return undefined;
    }
    const table = findTable(this.snapshot, last, schema);
    const exact = table?.name === last && table.schema === (schema ?? this.snapshot.defaultSchema);
    return exact ? table : undefined;
  }

  private subquery(item: SubquerySource, outer: Scope | undefined, ctes: CteScope | undefined): Relation {
    const columns = rename(this.query(item.query, outer, ctes), item.columnAliases);
    return { name: item.alias?.text ?? "", item, query: item.query, columns, open: false, optional: false };
  }

  private functionSource(item: FunctionSource, scope: Scope, ctes: CteScope | undefined): Relation {
    for (const call of item.calls) this.expr(call, scope, ctes);
    const name = aliasOf(item)?.text ?? "";
    const given = item.columnAliases.length > 0 ? item.columnAliases.map((n) => n.text) : [name];
    const sources = item.calls.flatMap((c) => this.seen.sources(c));
    const columns = given.map((column): OutColumn => ({ name: column, sources, type: undefined, nullable: true }));
    return { name, item, columns, open: item.columnAliases.length === 0 || item.ordinality, optional: false };
  }

  /** Resolves every name below an expression, queries within included. */
  private expr(expr: Expr, scope: Scope | undefined, ctes: CteScope | undefined): void {
    if (expr.type === "column") this.seen.column(expr, scope);
    else if (expr.type === "star") {
      for (const relation of scope?.relations ?? []) {
        if (expr.qualifier.length > 0 && goesBy(relation, expr.qualifier, this.snapshot.dialect))
          this.seen.touchRow(relation, expr.span);
      }
    }
    for (const arg of argumentsOf(expr)) this.expr(arg, scope, ctes);
    const inner = queryOf(expr);
    if (inner !== undefined) this.query(inner, scope, ctes);
  }
}

/** System catalogs: the policy closes them by name. */
export function isCatalog(path: readonly Name[]): boolean {
  const last = path.at(-1)?.text.toLowerCase() ?? "";
  const schema = path.at(-2)?.text.toLowerCase();
  if (schema !== undefined && /^(pg_catalog|information_schema|pg_toast.*|pg_temp.*)$/.test(schema)) return true;
  return /^(pg_|sqlite_)/.test(last) && (schema === undefined || last.startsWith("sqlite_"));
}

/** A function that SQLite lets stand in FROM without parentheses, as a table of no rows (vtab.html, "Table-valued functions"). */
function isTableFunction(path: readonly Name[], snapshot: SchemaSnapshot): boolean {
  return snapshot.dialect === "sqlite" && path.length === 1 && /^json_(each|tree)$/i.test(path[0]?.text ?? "");
}

function cteNames(ctes: CteScope | undefined): readonly string[] {
  const names: string[] = [];
  for (let at = ctes; at !== undefined; at = at.next) names.push(at.name);
  return names;
}
