/** Joins that use some columns of a composite key and leave out others: every row then meets several of the other table's. */

import { printRef } from "../../schema/names.js";
import type { Finding } from "../finding.js";
import { linksBetween } from "../links.js";
import type { Relation, SelectScope } from "../relation.js";
import type { RuleInput } from "../rule.js";
import { written } from "../written.js";

export function joinOnPartOfKey(input: RuleInput): readonly Finding[] {
  return [...input.resolution.scopes.values()].flatMap((scope) =>
    scope.relations.flatMap((from) =>
      scope.relations.flatMap((to) =>
        from === to || from.table === undefined || to.table === undefined
          ? []
          : linksBetween(input.view.relationships, from.table, to.table)
              .filter((r) => r.from.columns.length > 1 && is(from, r.from.table) && is(to, r.to.table))
              .flatMap((r) => finding(from, to, r.from.columns, r.to.columns, scope, input)),
      ),
    ),
  );
}

function is(relation: Relation, table: { readonly schema: string; readonly name: string }): boolean {
  return relation.table?.name === table.name && relation.table.schema === table.schema;
}

function finding(
  from: Relation,
  to: Relation,
  fromColumns: readonly string[],
  toColumns: readonly string[],
  scope: SelectScope,
  input: RuleInput,
): readonly Finding[] {
  const equal = input.keys.equalities(scope);
  const column = (r: Relation, name: string) => r.columns.find((c) => c.name === name);
  const joined = fromColumns.map((name, i) => {
    const other = column(to, toColumns[i] ?? "");
    const own = column(from, name);
    return (
      own !== undefined && other !== undefined && equal.same(from, name.toLowerCase(), { relation: to, column: other })
    );
  });
  const fixed = toColumns.map((name, i) => joined[i] === true || equal.fixes(to, name.toLowerCase(), new Set([from])));
  if (!joined.includes(true) || fixed.every(Boolean)) return [];
  // Another key of the target may be whole.
  if (input.keys.closure([from], scope, equal).has(to) || input.keys.closure([to], scope, equal).has(from)) return [];
  const { snapshot } = input.view;
  const missing = fromColumns.flatMap((name, i) =>
    fixed[i] === true ? [] : [`${written(from, name, snapshot)} = ${written(to, toColumns[i] ?? "", snapshot)}`],
  );
  const shown = to.table === undefined ? to.name : printRef(snapshot, to.table);
  return [
    {
      code: "join_on_part_of_key",
      severity: "warning",
      span: to.item.span,
      message: `The key of ${shown} is (${toColumns.join(", ")}); the join uses only a part of it.`,
      help: `Add ${missing.join(" AND ")}.`,
      candidates: missing,
    },
  ];
}
