/**
 * Which rows of a join are told apart by which columns: what every check of fan-outs rests on. A relation is determined by others when equalities fix
 * one of its unique keys; what is determined is met at most once for each of their rows. Works through CTEs and subqueries by what they group by.
 */

import { isUniqueKey } from "../schema/relationships.js";
import type { Table } from "../schema/snapshot.js";
import type { SchemaView } from "../schema/view.js";
import type { Body, Expr, Query, Select } from "../sql/tree.js";
import { type Equalities, equalitiesOf, sameExpression } from "./equalities.js";
import { linksInto } from "./links.js";
import type { Binding, OutColumn, Relation, Resolution, SelectScope } from "./relation.js";

/** Sets of column names, lower case, of which each tells rows apart. The empty set: at most one row. */
type Keys = readonly (readonly string[])[];

/** Finds keys and equalities of one resolved statement; remembers what it found. */
export class KeyFinder {
  private readonly found = new Map<Query, Keys>();
  private readonly known = new Map<Relation, Keys>();

  /** The view's links tell what is taken for a key where none is declared. */
  constructor(
    private readonly resolution: Resolution,
    private readonly view: Pick<SchemaView, "relationships">,
  ) {}

  /** The unique keys of a relation's rows. */
  keysOf(relation: Relation): Keys {
    if (relation.query !== undefined) return this.renamed(relation, relation.query);
    const { table } = relation;
    if (table === undefined) return [];
    const keys = this.known.get(relation) ?? this.tableKeys(table);
    this.known.set(relation, keys);
    return keys;
  }

  private tableKeys(table: Table): Keys {
    const keys = [
      ...(table.primaryKey === undefined ? [] : [table.primaryKey.columns]),
      ...table.uniques.map((u) => u.columns),
      ...table.indexes.filter((i) => i.unique).map((i) => i.columns),
    ];
    const declared = keys.length > 0;
    // A link that is likely names a key; where nothing is declared, any link does, and so does the table's own number.
    const targets = linksInto(this.view.relationships, table)
      .filter((r) => !declared || r.confidence >= 0.9)
      .map((r) => r.to.columns);
    const assumed = declared ? [] : ownNumbers(table);
    const sure = keys.filter((k) => isUniqueKey(table, k));
    return [...sure, ...targets, ...assumed, ["rowid"]].map((k) => k.map((c) => c.toLowerCase()));
  }

  /** A CTE's or subquery's keys under the names that the relation gives its columns. */
  private renamed(relation: Relation, query: Query): Keys {
    const inner = this.resolution.outputs.get(query) ?? [];
    const names = new Map(inner.map((c, i) => [c.name.toLowerCase(), relation.columns[i]?.name.toLowerCase() ?? ""]));
    return this.queryKeys(query).map((key) => key.map((c) => names.get(c) ?? c));
  }

  queryKeys(query: Query): Keys {
    const known = this.found.get(query);
    if (known !== undefined) return known;
    this.found.set(query, []); // a recursive CTE promises nothing about itself
    const keys = isLimitOne(query) ? [[]] : this.bodyKeys(query.body, this.resolution.outputs.get(query) ?? []);
    this.found.set(query, keys);
    return keys;
  }

  /** Whether a body gives at most one row. */
  bodyIsOneRow(body: Body, output: readonly OutColumn[]): boolean {
    return this.bodyKeys(body, output).some((k) => k.length === 0);
  }

  private bodyKeys(body: Body, output: readonly OutColumn[]): Keys {
    switch (body.type) {
      case "select":
        return this.selectKeys(body);
      case "nested":
        return this.queryKeys(body.query);
      case "set":
        return body.all ? [] : [output.map((c) => c.name.toLowerCase())];
      case "values":
        return body.rows.length === 1 ? [[]] : [];
    }
  }

  private selectKeys(select: Select): Keys {
    const scope = this.resolution.scopes.get(select);
    if (scope === undefined) return [];
    const all = scope.output.map((c) => c.name.toLowerCase());
    const distinct = select.distinct && select.distinctOn.length === 0 ? [all] : [];
    if (select.distinctOn.length > 0) return this.grouped(select.distinctOn, scope);
    if (select.groupingSets) return distinct;
    if (select.groupBy.length > 0) return [...distinct, ...this.grouped(select.groupBy, scope)];
    if (select.items.some((i) => holdsPlainAggregate(i.expr))) return [[]];
    return [...distinct, ...this.passedOn(scope)];
  }

  /** Rows of a grouping are told apart by its expressions, as far as they are in the output. */
  private grouped(groups: readonly Expr[], scope: SelectScope): Keys {
    const names: string[] = [];
    for (const group of groups) {
      const column = this.outputOf(group, scope);
      if (column === undefined) return [];
      names.push(column.name.toLowerCase());
    }
    return [names];
  }

  /** The output column that holds an expression: by ordinal, alias, binding or the same text. */
  outputOf(expr: Expr, scope: SelectScope): OutColumn | undefined {
    if (expr.type === "literal" && expr.kind === "number") return scope.output[Number(expr.text) - 1];
    const alias = expr.type === "column" ? this.resolution.aliases.get(expr) : undefined;
    if (alias !== undefined) return scope.output.find((c) => c === alias || c.name === alias.name);
    const binding = expr.type === "column" ? this.resolution.bindings.get(expr) : undefined;
    return scope.output.find((c) =>
      binding === undefined
        ? c.expr !== undefined && sameExpression(c.expr, expr, this.resolution)
        : c.from !== undefined && c.from.relation === binding.relation && c.from.column.name === binding.column.name,
    );
  }

  /** Without grouping, a key of the one relation that determines all others stays a key where it is in the output. */
  private passedOn(scope: SelectScope): Keys {
    const equal = this.equalities(scope);
    return scope.relations
      .filter((r) => this.closure([r], scope, equal).size === scope.relations.length)
      .flatMap((relation) =>
        this.keysOf(relation).flatMap((key): Keys => {
          const names = key.map(
            (c) =>
              scope.output.find((o) => o.from?.relation === relation && o.from.column.name.toLowerCase() === c)?.name,
          );
          return names.every((n) => n !== undefined) ? [names.map((n) => n.toLowerCase())] : [];
        }),
      );
  }

  /**
   * All relations whose row is fixed once a row of each of `from` is: at most one row of them joins each combination. Columns in `given`
   * are taken to be constant.
   */
  closure(
    from: readonly Relation[],
    scope: SelectScope,
    equal: Equalities = this.equalities(scope),
    given: readonly Binding[] = [],
  ): ReadonlySet<Relation> {
    const isGiven = (relation: Relation, column: string) => given.some((b) => equal.same(relation, column, b));
    const fixed = new Set(from);
    for (let grown = true; grown; ) {
      grown = false;
      for (const relation of scope.relations) {
        if (fixed.has(relation)) continue;
        if (
          this.keysOf(relation).some((key) => key.every((c) => equal.fixes(relation, c, fixed) || isGiven(relation, c)))
        ) {
          fixed.add(relation);
          grown = true;
        }
      }
    }
    return fixed;
  }

  /** The columns that a select's conditions make equal. */
  equalities(scope: SelectScope): Equalities {
    return equalitiesOf(scope, this.resolution);
  }
}

/** In a table without any key: the column that bears its name (`business_id` in `businesses`), or an id that comes first and refers to no other table. */
function ownNumbers(table: Table): readonly (readonly string[])[] {
  const stem = table.name.toLowerCase().replace(/ies$/, "y").replace(/s$/, "");
  const referring = new Set(table.foreignKeys.flatMap((k) => k.columns));
  const isOwn = (name: string, i: number) => {
    const plain = name.toLowerCase().replaceAll("_", "");
    const named = plain.startsWith(stem.replaceAll("_", "")) && /(id|code|key|number|no)$/.test(plain);
    return named || (i === 0 && /(id|code|key)$/.test(plain) && !referring.has(name));
  };
  return table.columns.filter((c, i) => isOwn(c.name, i)).map((c) => [c.name]);
}

function isLimitOne(query: Query): boolean {
  return query.limit?.type === "literal" && query.limit.text === "1";
}

function holdsPlainAggregate(expr: Expr): boolean {
  if (expr.type === "call" && expr.over === undefined) {
    const name = (expr.name.at(-1)?.text ?? "").toLowerCase();
    const scalar = (name === "min" || name === "max") && expr.args.length > 1;
    if (
      !scalar &&
      /^(count|sum|avg|min|max|total|group_concat|string_agg|array_agg|json_agg|bool_and|bool_or|median|stddev.*|var.*|percentile.*)$/.test(
        name,
      )
    ) {
      return true;
    }
  }
  return "args" in expr
    ? expr.args.some(holdsPlainAggregate)
    : expr.type === "cast"
      ? holdsPlainAggregate(expr.arg)
      : false;
}
