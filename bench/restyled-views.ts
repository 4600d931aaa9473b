/**
 * Databases as others would have named them: made of the development sets by the conventions of today's and yesterday's schemas (`started_at`, `paid_on`,
 * `cust_nm`, `qtyOrdered`, `n_rooms`, `tbl_order`). What is learned from them is how far a name that is cut short, or bent, is to be believed. The same on every run.
 */

import type { Column, Table } from "../src/schema/snapshot.js";
import type { SchemaView } from "../src/schema/view.js";
import { shortForms } from "../src/terms/abbreviations.js";
import { splitIdentifier } from "../src/terms/words.js";
import { type Dice, isKey, type Renamed, renamedView } from "./renamed-views.js";
import { foldOf, readableNames } from "./term-data.js";

/** The name under which a database stands restyled. */
export const restyled = (db: string): string => `${db}~`;
export const isRestyled = (db: string): boolean => db.includes("~");

interface Style {
  /** Of ten words that have a short form, how many are written so. */
  readonly shortened: number;
  /** Of ten long words without one, how many are cut. */
  readonly cut: number;
  readonly camel: boolean;
  /** Before the name of every table. */
  readonly tablePrefix: string;
  /** Whether columns begin with their table's initials. */
  readonly columnPrefix: boolean;
}

function styleOf(db: string): Style {
  const dice: Dice = (purpose, of) => foldOf(`${db} ${purpose}`, of);
  const level = dice("level", 3);
  return {
    shortened: [3, 6, 9][level] as number,
    cut: [0, 1, 3][level] as number,
    camel: dice("camel", 4) === 0,
    tablePrefix: ["", "", "", "", "tbl_", "t_"][dice("table prefix", 6)] as string,
    columnPrefix: dice("column prefix", 6) === 0,
  };
}

export function restyledViews(views: ReadonlyMap<string, SchemaView>): Renamed {
  const made = new Map<string, SchemaView>();
  const renamed = new Map<string, ReadonlyMap<string, string>>();
  const readable = readableNames();
  for (const [db, view] of views) {
    const style = styleOf(db);
    const { tables } = view.snapshot;
    const called = new Map<string, string>();
    for (const { name } of tables) called.set(name, fresh(tableName(db, name, style), name, called));
    const now = renamedView(restyled(db), view, called, (table) => {
      const saying = (column: string) => readAs(column, readable.get(`${db}.${table.name}.${column}`.toLowerCase()));
      return rename(db, table, tables, style, saying);
    });
    made.set(restyled(db), now.view);
    renamed.set(db, now.refs);
  }
  return { views: made, renamed };
}

/** The words of a name: its readable form, where that is of this name (some stand beside the wrong one). */
function readAs(column: string, readable: string | undefined): string {
  const own = splitIdentifier(column);
  const begins = new Set(own.map((word) => word.slice(0, 2)));
  const fits = readable?.split(" ").every((word) => small.has(word) || begins.has(word.slice(0, 2))) === true;
  return readable !== undefined && fits ? readable : own.join(" ");
}

/** A new name, or the old one where another has the new one. */
function fresh(now: string, old: string, called: ReadonlyMap<string, string>): string {
  const taken = [...called.values()].some((name) => name.toLowerCase() === now.toLowerCase());
  return taken || now === "" ? old : now;
}

function tableName(db: string, name: string, style: Style): string {
  const dice: Dice = (purpose, of) => foldOf(`${db} ${name} ${purpose}`, of);
  const words = dice("short", 10) < style.shortened / 2 ? shortWords(splitIdentifier(name), style, dice) : [name];
  return `${style.tablePrefix}${words.join("_")}`;
}

function rename(
  db: string,
  table: Table,
  all: readonly Table[],
  style: Style,
  saying: (column: string) => string,
): { readonly columns: readonly Column[]; readonly names: ReadonlyMap<string, string> } {
  const names = new Map<string, string>();
  const taken = new Set(table.columns.map((c) => c.name.toLowerCase()));
  const initials = splitIdentifier(table.name)
    .map((w) => w.charAt(0))
    .join("");
  const columns = table.columns.map((column): Column => {
    const dice: Dice = (purpose, of) => foldOf(`${db} ${table.name} ${column.name} ${purpose}`, of);
    if (isKey(table, all, column.name) || column.name.length <= 3) return column;
    const words = shortWords(
      bent(
        saying(column.name)
          .toLowerCase()
          .split(/[^a-z0-9]+/u),
        dice,
      ),
      style,
      dice,
    );
    const parts = style.columnPrefix ? [initials, ...words] : words;
    const name = style.camel
      ? parts.map((w, i) => (i === 0 ? w : w.charAt(0).toUpperCase() + w.slice(1))).join("")
      : parts.join("_");
    if (words.length === 0 || taken.has(name.toLowerCase())) return column;
    taken.add(name.toLowerCase());
    names.set(column.name, name);
    return { ...column, name };
  });
  return { columns, names };
}

/** What happened, by the noun or verb that says so. */
const happened: Readonly<Record<string, string>> = {
  start: "started", begin: "began", end: "ended", finish: "finished", open: "opened", opening: "opened", close: "closed", order: "ordered", ship: "shipped", shipping: "shipped", shipment: "shipped",
  payment: "paid", pay: "paid", hire: "hired", hiring: "hired", release: "released", publication: "published", publish: "published", creation: "created", create: "created", created: "created",
  update: "updated", updated: "updated", booking: "booked", join: "joined", joined: "joined", arrival: "arrived", departure: "departed", birth: "born", death: "died", purchase: "purchased",
  delivery: "delivered", registration: "registered", enrollment: "enrolled", graduation: "graduated", submission: "submitted", expiration: "expired", expiry: "expired", issue: "issued", issued: "issued",
  cancellation: "cancelled", founded: "founded", established: "established", approval: "approved", assignment: "assigned", installation: "installed", completion: "completed", complete: "completed",
  transaction: "transacted", login: "logged_in", logon: "logged_on", placed: "placed", visit: "visited", reservation: "reserved", checkout: "checked_out", review: "reviewed", test: "tested",
}; // biome-ignore format: a list of words
const moments = new Set(["date", "time", "day", "datetime", "timestamp"]);
const small = new Set(["of", "the", "a", "an", "in", "for", "and", "to"]);

/** The words of a name in the order and form of a convention. */
function bent(words: readonly string[], dice: Dice): readonly string[] {
  const telling = words.filter((w) => w !== "" && !small.has(w));
  const moment = telling.find((w) => moments.has(w));
  const stem = telling.filter((w) => !moments.has(w));
  const [only = ""] = stem;
  if (moment !== undefined && stem.length > 0) {
    const last = stem.at(-1) ?? "";
    const past = happened[last] ?? (/..ed$/u.test(last) ? last : undefined);
    const suffix =
      moment === "time" || moment === "timestamp" || moment === "datetime" ? "at" : ["on", "at"][dice("at", 2)];
    // "arrival" alone: that it is a date, its type says.
    if (dice("moment left", 7) === 0) return stem;
    if (past !== undefined && dice("bend", 10) < 8) return [...stem.slice(0, -1), past, suffix as string];
    return [...stem, ["date", "dt", "dt", "ts"][dice("moment", 4)] as string];
  }
  if (words[0] === "number" && words[1] === "of" && only !== "")
    return [
      ["n", ...telling.slice(1)],
      ["num", ...telling.slice(1)],
      [...telling.slice(1), "cnt"],
      [...telling.slice(1), "count"],
    ][dice("number", 4)] as readonly string[];
  return telling;
}

let shortBy: ReadonlyMap<string, readonly string[]> | undefined;

/** By word, or words, what they are cut to, likeliest first. */
function shorts(): ReadonlyMap<string, readonly string[]> {
  if (shortBy !== undefined) return shortBy;
  const map = new Map<string, string[]>();
  for (const [short, meanings] of shortForms())
    for (const { words, weight } of meanings.slice(0, 2)) {
      const long = words.join(" ");
      if (weight < 0.5 || short.length >= long.length || short.length < 2) continue;
      map.set(long, [...(map.get(long) ?? []), short]);
    }
  shortBy = map;
  return map;
}

const leastCut = 7;

function shortWords(words: readonly string[], style: Style, dice: Dice): readonly string[] {
  const whole = words.length > 1 ? shorts().get(words.join(" ")) : undefined;
  if (whole !== undefined && dice("whole", 10) < style.shortened) return [whole[0] as string];
  return words.map((word, i) => {
    // What happened is written out before "at" and "on".
    if (/^(?:at|on)$/u.test(words[i + 1] ?? "")) return word;
    const known = shorts().get(word) ?? [];
    if (known.length > 0)
      return dice(`short ${i}`, 10) < style.shortened
        ? (known[dice(`which ${i}`, Math.min(3, known.length))] as string)
        : word;
    if (word.length < leastCut || dice(`cut ${i}`, 10) >= style.cut) return word;
    const consonants = word.charAt(0) + word.slice(1).replaceAll(/[aeiou]/gu, "");
    return dice(`how ${i}`, 2) === 0 ? word.slice(0, 4) : consonants.slice(0, 5);
  });
}
