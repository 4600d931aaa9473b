/** Which columns a select's conditions make equal, to one another or to a constant; and when two expressions are the same. Pure. */

import type { Expr, FromItem } from "../sql/tree.js";
import { conjuncts } from "../sql/tree.js";
import type { Binding, Relation, Resolution, SelectScope } from "./relation.js";

/** What a select's joins and WHERE say. */
export function equalitiesOf(scope: SelectScope, resolution: Resolution): Equalities {
  const equal = new Equalities(resolution, scope);
  for (const condition of conjuncts(scope.select.where)) equal.learn(condition);
  for (const item of scope.select.from) learnJoins(item, equal);
  return equal;
}

function learnJoins(item: FromItem, equal: Equalities): void {
  if (item.type !== "join") return;
  learnJoins(item.left, equal);
  learnJoins(item.right, equal);
  for (const condition of conjuncts(item.on)) equal.learn(condition);
  if (item.using.length > 0 || item.natural)
    equal.learnShared(item.natural ? undefined : item.using.map((n) => n.text.toLowerCase()));
}

/** Columns in classes of equal values; a class may be tied to a constant. */
export class Equalities {
  private readonly parent = new Map<string, string>();
  private readonly members = new Map<string, Binding>();
  private readonly constants = new Set<string>();

  constructor(
    private readonly resolution: Resolution,
    private readonly scope: SelectScope,
  ) {}

  /** Takes in `a = b`, `a IS NOT DISTINCT FROM b`, `a = constant`, `a IS NULL`, and rows of them. */
  learn(condition: Expr): void {
    if (condition.type !== "operator" || condition.quantifier !== undefined) return;
    if (condition.op === "is null" && condition.args[0] !== undefined) {
      const key = this.keyOf(condition.args[0]);
      if (key !== undefined) this.constants.add(this.root(key));
      return;
    }
    // `a = b OR (a IS NULL AND b IS NULL)` is how NULL-safe equality is spelt where the operator is lacking.
    if (condition.op === "or") {
      const equal = condition.args.find((a) => a.type === "operator" && a.op === "=");
      const other = condition.args.find((a) => a !== equal);
      if (
        equal !== undefined &&
        condition.args.length === 2 &&
        other !== undefined &&
        conjuncts(other).every(isNullTest)
      )
        this.learn(equal);
      return;
    }
    if (condition.op !== "=" && condition.op !== "is not distinct from") return;
    const [left, right] = condition.args;
    if (left === undefined || right === undefined) return;
    if (left.type === "other" && right.type === "other" && left.args.length === right.args.length) {
      left.args.forEach((a, i) => this.equate(a, right.args[i] as Expr));
    } else this.equate(left, right);
  }

  /** USING and NATURAL make equal what bears the same name. */
  learnShared(names: readonly string[] | undefined): void {
    const first = new Map<string, string>();
    for (const relation of this.scope.relations) {
      for (const column of relation.columns) {
        const name = column.name.toLowerCase();
        if (names === undefined ? !this.scope.merged.has(name) : !names.includes(name)) continue;
        const key = this.keyFor({ relation, column });
        const before = first.get(name);
        if (before === undefined) first.set(name, key);
        else this.union(before, key);
      }
    }
  }

  /** Whether `column` of `relation` is tied to a constant or to a column of one of `fixed`. */
  fixes(relation: Relation, column: string, fixed: ReadonlySet<Relation>): boolean {
    const own = relation.columns.find((c) => c.name.toLowerCase() === column);
    if (own === undefined) return false;
    const root = this.root(this.keyFor({ relation, column: own }));
    if (this.constants.has(root)) return true;
    for (const [key, binding] of this.members) {
      if (fixed.has(binding.relation) && this.root(key) === root) return true;
    }
    return false;
  }

  /** Whether `column` of `relation` equals a column of another relation. */
  same(relation: Relation, column: string, other: Binding): boolean {
    const own = relation.columns.find((c) => c.name.toLowerCase() === column);
    return own !== undefined && this.root(this.keyFor({ relation, column: own })) === this.root(this.keyFor(other));
  }

  private equate(left: Expr, right: Expr): void {
    const a = this.keyOf(left);
    const b = this.keyOf(right);
    if (a !== undefined && b !== undefined) this.union(a, b);
    else if (a !== undefined && this.isConstant(right)) this.constants.add(this.root(a));
    else if (b !== undefined && this.isConstant(left)) this.constants.add(this.root(b));
  }

  /** A constant within this select: a literal, a parameter, or a column of an outer one. */
  private isConstant(expr: Expr): boolean {
    if (expr.type === "literal") return expr.kind !== "null";
    if (expr.type === "param" || expr.type === "subquery") return true;
    if (expr.type === "cast") return this.isConstant(expr.arg);
    const binding = expr.type === "column" ? this.resolution.bindings.get(expr) : undefined;
    return binding !== undefined && !this.scope.relations.includes(binding.relation);
  }

  private keyOf(expr: Expr): string | undefined {
    if (expr.type === "cast") return this.keyOf(expr.arg);
    // coalesce(a, b) over the sides of a full join stands for either of them.
    if (expr.type === "call" && /^(coalesce|ifnull)$/i.test(expr.name.at(-1)?.text ?? "")) {
      const keys = expr.args.flatMap((a) => this.keyOf(a) ?? []);
      return keys.length === expr.args.length ? keys[0] : undefined;
    }
    const binding = expr.type === "column" ? this.resolution.bindings.get(expr) : undefined;
    return binding !== undefined && this.scope.relations.includes(binding.relation) ? this.keyFor(binding) : undefined;
  }

  private keyFor(binding: Binding): string {
    const key = `${this.scope.relations.indexOf(binding.relation)}\u0000${binding.column.name.toLowerCase()}`;
    if (!this.parent.has(key)) {
      this.parent.set(key, key);
      this.members.set(key, binding);
    }
    return key;
  }

  private root(key: string): string {
    let at = key;
    for (;;) {
      const up = this.parent.get(at) ?? at;
      if (up === at) return at;
      at = up;
    }
  }

  private union(a: string, b: string): void {
    const [x, y] = [this.root(a), this.root(b)];
    if (x === y) return;
    this.parent.set(y, x);
    if (this.constants.has(y)) this.constants.add(x);
  }
}

function isNullTest(expr: Expr): boolean {
  return expr.type === "operator" && expr.op === "is null";
}

/** Whether two expressions are the same: by binding for columns, by form for the rest. */
export function sameExpression(a: Expr, b: Expr, resolution: Resolution): boolean {
  if (a.type !== b.type) return false;
  if (a.type === "column" && b.type === "column") {
    const [x, y] = [resolution.bindings.get(a), resolution.bindings.get(b)];
    return x !== undefined && y !== undefined && x.relation === y.relation && x.column.name === y.column.name;
  }
  if (a.type === "literal" && b.type === "literal") return a.kind === b.kind && a.text === b.text;
  if (a.type === "param" && b.type === "param") return a.name === b.name && a.name !== "?";
  if (a.type === "cast" && b.type === "cast") return a.to === b.to && sameExpression(a.arg, b.arg, resolution);
  if (a.type === "case" && b.type === "case") return sameAll(caseParts(a), caseParts(b), resolution);
  if (a.type === "call" && b.type === "call") {
    const [x, y] = [a.name.at(-1)?.text.toLowerCase(), b.name.at(-1)?.text.toLowerCase()];
    return x === y && a.distinct === b.distinct && a.star === b.star && sameAll(a.args, b.args, resolution);
  }
  if (a.type === "operator" && b.type === "operator") return a.op === b.op && sameAll(a.args, b.args, resolution);
  if (a.type === "other" && b.type === "other") return a.what === b.what && sameAll(a.args, b.args, resolution);
  return false;
}

function caseParts(expr: Extract<Expr, { type: "case" }>): readonly Expr[] {
  return [
    ...(expr.operand === undefined ? [] : [expr.operand]),
    ...expr.whens.flatMap((w) => [w.when, w.result]),
    ...(expr.otherwise === undefined ? [] : [expr.otherwise]),
  ];
}

function sameAll(a: readonly Expr[], b: readonly Expr[], resolution: Resolution): boolean {
  return a.length === b.length && a.every((x, i) => sameExpression(x, b[i] as Expr, resolution));
}
