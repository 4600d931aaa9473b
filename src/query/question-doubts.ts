/** Measures that a question is hardly about, once it is known what they are grouped by: each reads well alone. Pure. */

import type { QueryContext } from "./answer.js";
import { isDetail, type JoinGraph } from "./graph.js";
import type { Measure } from "./question-reading.js";
import { isOnlyMeant } from "./said-words.js";
import type { Found } from "./schema-terms.js";
import { endOfSome, isOfKind, isRecurring } from "./table-facts.js";

interface Schema {
  readonly context: QueryContext;
  readonly graph: JoinGraph;
  /** What a Ref names. */
  place(ref: string): Pick<Found, "table" | "column"> | undefined;
}

/** A measure, by its Ref, and what the question leaves open about it. */
interface Doubt {
  readonly why: string;
  readonly ref: string;
}

const taken: ReadonlySet<Measure["agg"]> = new Set(["avg", "min", "max", "median"]);

/** The first doubt about what is measured by `groups`; `said`: the question's words, `isAll`: whether nothing tells which rows count. */
export function doubtOf(
  measures: readonly Measure[],
  groups: readonly string[],
  { said, isAll }: { readonly said: string; readonly isAll: boolean },
  schema: Schema,
): Doubt | undefined {
  const { graph, context } = schema;
  const places = groups.flatMap((g) => schema.place(g) ?? []);
  // What is grouped by rows of a table itself, not by what they have.
  const rows = places.filter((p) => p.column === undefined).map((p) => p.table);
  for (const { term: ref, agg } of measures) {
    const { table, column } = schema.place(ref) ?? {};
    if (table === undefined || column === undefined) continue;
    // The average capacity of each stadium is taken over one row.
    if (taken.has(agg) && rows.includes(table)) return { ref, why: `of which rows ${ref} is taken` };
    if (agg === "avg" && rows.some((head) => isDetail(graph, table, head)))
      return { ref, why: `whether ${ref} is added up before it is averaged` };
    if (agg === "sum" && places.some((p) => isOfKind(table, p.table, graph, context)))
      return { ref, why: `of how many of each kind ${ref} is` };
    // MRR is hardly of subscriptions that have ended.
    const isOfAll = agg === "sum" && isAll && isRecurring(column) && endOfSome(table, graph, context) !== undefined;
    if (isOfAll) return { ref, why: `whether rows of ${ref} that have ended count` };
    if (isOnlyMeant(said, column)) return { ref, why: `whether ${ref} is meant` };
  }
  return undefined;
}
