/**
 * Tables whose rows are days, with what the calendar says of each (a date dimension): rows elsewhere tell when by a key to one of them, and by several
 * keys in several roles (`order_date_key`, `ship_date_key`). Pure.
 */

import type { Column } from "../schema/snapshot.js";
import type { SchemaView } from "../schema/view.js";
import type { QueryContext } from "./answer.js";
import { type JoinGraph, keyLinks, type Link } from "./graph.js";
import type { Item } from "./resolved.js";
import { spokenWords } from "./spoken-words.js";
import { timeKindOf } from "./time-kinds.js";

/** Words of columns that tell where in the calendar a day lies. */
const calendarParts: ReadonlySet<string> = new Set(
  "year quarter month week weekday weekend day holiday fiscal semester season period".split(" "),
);
/** A table with fewer such columns, or with more others, is no calendar. */
const leastParts = 3;

/** Words of the column that holds the day itself. */
const dayWords: ReadonlySet<string> = new Set(
  "full date calendar the day actual value alternate key iso sql".split(" "),
);

/** Whether a phrase asks for a day or a time. */
export function saysWhen(phrase: string): boolean {
  return spokenWords(phrase).some((w) => calendarParts.has(w) || whenWords.has(w));
}

const whenWords: ReadonlySet<string> = new Set(["date", "time", "when", "calendar", "key", "ts", "at", "on"]);

const dayColumns = new WeakMap<SchemaView, Map<number, Column | undefined>>();

/** The column that holds the day of each row of a calendar; `undefined` for other tables. */
export function dayColumn(table: number, graph: JoinGraph, context: QueryContext): Column | undefined {
  const known = dayColumns.get(context.view) ?? new Map<number, Column | undefined>();
  dayColumns.set(context.view, known);
  if (!known.has(table)) known.set(table, findDay(table, graph, context));
  return known.get(table);
}

function findDay(table: number, graph: JoinGraph, context: QueryContext): Column | undefined {
  const here = graph.tables[table];
  const key = here?.primaryKey?.columns ?? [];
  if (here === undefined || key.length > 1) return undefined;
  const times = here.columns.filter((c) => timeKindOf(here, c, context) !== undefined);
  const others = here.columns.filter((c) => !times.includes(c) && !key.includes(c.name));
  const parts = others.filter((c) => spokenWords(c.name).some((w) => calendarParts.has(w)));
  if (parts.length < leastParts || parts.length * 2 < others.length) return undefined;
  const own = spokenWords(here.name);
  const plain = times.filter((c) => spokenWords(c.name).every((w) => dayWords.has(w) || own.includes(w)));
  const [day, second] = plain.length > 0 ? plain : times;
  return second === undefined ? day : undefined;
}

/** The link by which a column refers to a day; `undefined` where it does not. */
export function dayLink(table: number, column: string, graph: JoinGraph, context: QueryContext): Link | undefined {
  const links = keyLinks(graph, table, column, context.settings.minLinkConfidence);
  return links.find((l) => dayColumn(l.to, graph, context) !== undefined);
}

/** A key to a day as the day that it refers to, by that key alone; other columns, and dates that are such a key, as they are. */
export function asDay(item: Item, graph: JoinGraph, context: QueryContext): Item {
  const here = graph.tables[item.table];
  const isTime = here !== undefined && timeKindOf(here, item.column, context) !== undefined;
  const via = item.via === undefined && !isTime ? dayLink(item.table, item.column.name, graph, context) : undefined;
  const column = via && dayColumn(via.to, graph, context);
  return via === undefined || column === undefined ? item : { ...item, table: via.to, column, via };
}
