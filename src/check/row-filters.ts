/**
 * Lays a policy's row filters over a statement: each use of a filtered table becomes a subquery of its allowed rows. Pure text over exact places; the
 * filter itself comes from the policy, never from a caller.
 */

import { type Policy, rowFilterOf } from "../access/policy.js";
import type { DialectName } from "../schema/snapshot.js";
import { applyEdits } from "./finding.js";
import type { Edit, Resolution } from "./relation.js";
import { printSql } from "./written.js";

export function withRowFilters(sql: string, resolution: Resolution, policy: Policy, dialect: DialectName): string {
  const edits = resolution.uses.flatMap((use): readonly Edit[] => {
    const filter = rowFilterOf(policy, use.table);
    if (filter === undefined) return [];
    const { span, alias } = use.item;
    const name = alias === undefined ? ` AS ${printSql(use.table.name, dialect)}` : "";
    return [{ ...span, text: `(SELECT * FROM ${sql.slice(span.start, span.end)} WHERE (${filter}))${name}` }];
  });
  // Uses of tables never overlap: a table's name holds no other.
  return applyEdits(sql, edits) ?? sql;
}
