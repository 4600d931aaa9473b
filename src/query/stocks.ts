/** Columns that say what there was at a time (a balance, goods on hand): over time they do not add up, and the last of each counts. Pure. */

import type { Table } from "../schema/snapshot.js";
import type { QueryContext } from "./answer.js";
import { asDay } from "./day-tables.js";
import type { JoinGraph } from "./graph.js";
import type { Item } from "./resolved.js";
import { spokenWords } from "./spoken-words.js";
import { rowKey } from "./tables.js";
import { tellsWhen } from "./telling-when.js";

/** Words of columns and of tables that tell what there is, not what happened. */
const stockWords: ReadonlySet<string> = new Set(
  "balance reserve exposure valuation appraisal appraised nav aum hand stock inventory headcount backlog snapshot holding position storage census occupied occupancy available remaining outstanding enrolled capacity level".split(
    " ",
  ),
);
/** Words before "value" that say what something is worth. */
const worthWords: ReadonlySet<string> = new Set(["market", "fair", "book", "asset"]);
/** Words of columns beside them that tell what happened since the last row. */
const flowWords: ReadonlySet<string> = new Set(
  (
    "change delta movement received receipt issued sold shipped purchased added removed in out inflow outflow credit debit new lost " +
    "revenue sale income earning expense spend fee charge booking order arrival departure visit"
  ).split(" "),
);

/** Words of what is spent while something is active. */
const spentWords: ReadonlySet<string> = new Set([
  "second",
  "minute",
  "hour",
  "day",
  "time",
  "duration",
  "energy",
  "calorie",
]);

/** Words of a table that tell what its rows are: prices of stocks are no stock. */
function tellingWords({ name }: Table): readonly string[] {
  const words = spokenWords(name);
  return words.some((w) => w === "price" || w === "quote") ? [] : words;
}

/**
 * The time by which rows of a column's table follow one another, where the column holds a stock, and there is one row at a time, or one of each of something
 * else: the table's key holds that time.
 */
export function stockOver(item: Item, graph: JoinGraph, context: QueryContext): Item | undefined {
  const table = graph.tables[item.table];
  const key = table === undefined ? undefined : rowKey(table);
  if (table === undefined || key === undefined) return undefined;
  const words = spokenWords(item.column.name);
  const isWorth = words.includes("value") && words.some((w) => worthWords.has(w));
  // "active accounts" are so many today; active minutes are spent.
  const isActive = words.at(-1) === "online" || (words.includes("active") && !spentWords.has(words.at(-1) ?? ""));
  const isStock =
    isWorth ||
    isActive ||
    /^on_?(?:hand|order)\b/i.test(item.column.name) ||
    [...words, ...tellingWords(table)].some((w) => stockWords.has(w));
  // What is on order is there to come.
  if (words[0] !== "on" && words.some((w) => flowWords.has(w))) return undefined;
  const [time, second] = table.columns.filter((c) => key.includes(c.name) && tellsWhen(item.table, c, graph, context));
  if (time === undefined || second !== undefined) return undefined;
  if (!isStock && !/as_?of|snapshot/i.test(time.name)) return undefined;
  return asDay({ place: item.place, term: time.name, table: item.table, column: time, words: [] }, graph, context);
}
