/** Rows that a column marks as deleted are read along with the rest. Only for the table whose rows are counted or listed, not for look-ups. */

import type { Table } from "../../schema/snapshot.js";
import type { Finding } from "../finding.js";
import type { RuleInput } from "../rule.js";

const mark =
  /^(is_?)?(deleted|removed)(_?(at|on|date|dt|ts|flag|yn))?$|^deletion_?(at|date|dt|flag)$|^del(eted)?_?(fl|flag|flg|ind)$/i;

export function missingSoftDeleteFilter(input: RuleInput): readonly Finding[] {
  return [...input.resolution.scopes.values()].flatMap((scope) => {
    const equal = input.keys.equalities(scope);
    return scope.relations.flatMap((relation): readonly Finding[] => {
      const { table } = relation;
      const column = table === undefined ? undefined : markOf(table);
      if (table === undefined || table.kind === "view" || column === undefined) return [];
      if (input.keys.closure([relation], scope, equal).size < scope.relations.length) return [];
      const named = [...input.resolution.bindings.values()].some(
        (b) => b.relation === relation && b.column.name === column,
      );
      if (named) return [];
      return [
        {
          code: "missing_soft_delete_filter",
          severity: "warning",
          span: relation.item.span,
          message: `${relation.name} marks deleted rows in "${column}"; they are read as well.`,
          help: `Filter on ${relation.name}.${column} unless deleted rows are meant.`,
        },
      ];
    });
  });
}

function markOf(table: Table): string | undefined {
  return table.columns.find((c) => mark.test(c.name.replaceAll(/([a-z])([A-Z])/g, "$1_$2")))?.name;
}
