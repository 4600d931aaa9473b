/** The order in which CTEs are resolved. SQLite lets one read another that is written after it (lang_with.html); PostgreSQL does not, unless RECURSIVE. Pure. */

import { type CommonTable, type Query, queryOf, selectsOf, sourcesOf, within } from "../sql/tree.js";
import { expressionsOf } from "./expressions.js";

/** Each after those that it reads, as far as they do not read one another; else as written. */
export function readingOrder(ctes: readonly CommonTable[]): readonly CommonTable[] {
  const waiting = ctes.map((cte) => ({ cte, name: cte.name.text.toLowerCase(), reads: namesRead(cte.query) }));
  const ordered: CommonTable[] = [];
  while (waiting.length > 0) {
    const free = waiting.findIndex((w) => waiting.every((o) => o === w || !w.reads.has(o.name)));
    const [next] = waiting.splice(Math.max(0, free), 1);
    if (next !== undefined) ordered.push(next.cte);
  }
  return ordered;
}

/** Every table name that stands without a schema in a query, lower case, queries within included. */
function namesRead(query: Query): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (at: Query): void => {
    for (const cte of at.ctes) visit(cte.query);
    const selects = selectsOf(at.body);
    for (const source of selects.flatMap((s) => sourcesOf(s.from))) {
      if (source.type === "table" && source.path.length === 1) names.add(source.path[0]?.text.toLowerCase() ?? "");
      if (source.type === "subquery") visit(source.query);
    }
    for (const root of [...selects.flatMap(expressionsOf), ...at.orderBy.map((o) => o.expr)]) {
      for (const expr of within(root)) {
        const inner = queryOf(expr);
        if (inner !== undefined) visit(inner);
      }
    }
  };
  visit(query);
  return names;
}
