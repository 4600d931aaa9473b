/** The role that a term's words name: by which of several links its table is reached (`billing city`: `orders.billing_address_id`). Pure. */

import { nameWords } from "../schema/name-words.js";
import type { JoinGraph, Link } from "./graph.js";
import type { Item } from "./resolved.js";
import { keyWords, sameStem } from "./words.js";

interface RoleContext {
  readonly graph: JoinGraph;
  usable(link: Link): boolean;
}

/** An item whose words name one link into its table (`billing city`: `orders.billing_address_id`) takes that link. */
export function withRole(item: Item, anchor: number | undefined, all: readonly Item[], context: RoleContext): Item {
  if (item.via !== undefined || item.table === anchor) return item;
  const extra = extraWords(item, context.graph);
  if (extra.length === 0) return item;
  const { graph } = context;
  const named = (graph.at[item.table] ?? [])
    .filter((l) => l.to === item.table && l.uniqueTo && context.usable(l))
    .map((link) => ({ link, score: roleScore(link, extra, context) }))
    .filter((c) => c.score > 0);
  const best = Math.max(0, ...named.map((c) => c.score));
  const fits = named.filter((c) => c.score === best).map((c) => c.link);
  const near = fits.filter((l) => l.from === anchor || all.some((i) => i !== item && i.table === l.from));
  const chosen = near.length > 0 ? near : fits;
  const [link] = chosen;
  return link !== undefined && chosen.length === 1 ? { ...item, via: link } : item;
}

/** How many words of a link's role (`billing` of `billing_address_id`) are said; 0 unless all are. */
function roleScore(link: Link, said: readonly string[], context: RoleContext): number {
  const role = roleWords(link, context);
  return role.length > 0 && role.every((r) => said.some((w) => sameStem(w, r))) ? role.length : 0;
}

function roleWords(link: Link, context: RoleContext): readonly string[] {
  const target = context.graph.tables[link.to];
  const own = new Set([...nameWords(target?.name ?? ""), ...link.toColumns.flatMap(nameWords)]);
  return [...new Set(link.fromColumns.flatMap(nameWords))].filter((w) => !own.has(w) && !keyWords.has(w));
}

/** The words of an item beyond its own table and column names. */
export function extraWords(item: Item, graph: JoinGraph): readonly string[] {
  const table = graph.tables[item.table];
  const own = new Set([
    ...nameWords(table?.name ?? ""),
    ...nameWords(item.column.name),
    ...nameWords(table?.schema ?? ""),
  ]);
  // Numbers and scraps of letters (`g0`, `c1`) name nothing.
  return item.words.filter((w) => w.length > 2 && !own.has(w));
}
