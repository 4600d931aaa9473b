/** The names that an expression sees: its own SELECT's sources, then those of the queries around it. */

import type { DialectName } from "../schema/snapshot.js";
import type { Name } from "../sql/tree.js";
import { type OutColumn, type Relation, sameName } from "./relation.js";

export interface Scope {
  readonly relations: readonly Relation[];
  readonly merged: ReadonlySet<string>;
  /** Names of the SELECT list that expressions here may use (SQLite). */
  readonly aliases: readonly OutColumn[];
  readonly outer: Scope | undefined;
  /** Names that joins give to the columns that they merge. */
  readonly usings?: readonly Using[];
  /** True in a join's condition: the table just joined is the likelier one meant. */
  readonly joining?: boolean;
}

/** `USING (a, b) AS name` (PostgreSQL manual, SELECT, "join_using_alias"): `name.a` is the merged column. */
export interface Using {
  readonly name: string;
  readonly columns: readonly Name[];
  readonly of: readonly Relation[];
}

/** The columns of a relation by a name. */
export function columnIn(relation: Relation, name: string, dialect: DialectName): OutColumn | undefined {
  return relation.columns.find((c) => sameName(dialect, c.name, name));
}

/** The sources of all queries around, inner ones first. */
export function relationsInSight(scope: Scope | undefined): readonly Relation[] {
  const all: Relation[] = [];
  for (let at = scope; at !== undefined; at = at.outer) all.push(...at.relations);
  return all;
}
