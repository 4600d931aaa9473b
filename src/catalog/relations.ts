/** What people said about links between tables: confirmed or refused, kept as records of kind `relation`. The last word on a link holds. */

import { z } from "zod";
import type { Relationship } from "../schema/relationships.js";
import type { State } from "../state/state.js";

const side = z.object({ schema: z.string(), table: z.string(), columns: z.array(z.string()).min(1) });

/** The body of a `relation` record: a link, and whether it holds. Its scope is the source, its key `linkKey`. */
export const relationBody = z.object({ from: side, to: side, verdict: z.enum(["confirmed", "refused"]) });

export type RelationDecision = z.infer<typeof relationBody>;

/** The key of a link in state and in maps: both ends with their columns in order. */
export function linkKey(from: z.infer<typeof side>, to: z.infer<typeof side>): string {
  return JSON.stringify([from.schema, from.table, ...from.columns, "->", to.schema, to.table, ...to.columns]);
}

export function relationshipKey(link: Pick<Relationship, "from" | "to">): string {
  return linkKey(sideOf(link.from), sideOf(link.to));
}

export async function loadDecisions(state: State, source: string): Promise<readonly RelationDecision[]> {
  const records = await state.list({ kind: "relation", scope: source, order: "asc" });
  const last = new Map<string, RelationDecision>();
  for (const record of records) {
    const parsed = relationBody.safeParse(record.body);
    if (parsed.success) last.set(linkKey(parsed.data.from, parsed.data.to), parsed.data);
  }
  return [...last.values()];
}

function sideOf(end: Relationship["from"]): z.infer<typeof side> {
  return { schema: end.table.schema, table: end.table.name, columns: [...end.columns] };
}
