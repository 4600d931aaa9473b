/**
 * Databases as people document them: made of the development sets by giving tables and columns comments that say in plain words what they hold, and to
 * some of them names that hardly say it. What is learned from them is how far a comment is to be believed. The same on every run.
 */

import type { Column, Table } from "../src/schema/snapshot.js";
import type { SchemaView } from "../src/schema/view.js";
import { splitIdentifier } from "../src/terms/words.js";
import { type Dice, isKey, type Renamed, renamedView } from "./renamed-views.js";
import { foldOf, otherViews, type PhraseCase, readableNames } from "./term-data.js";

/** The name under which a database stands with comments. */
export const described = (db: string): string => `${db}#`;
export const isDescribed = (db: string): boolean => db.includes("#");

export function describedViews(views: ReadonlyMap<string, SchemaView>): Renamed {
  const made = new Map<string, SchemaView>();
  const renamed = new Map<string, ReadonlyMap<string, string>>();
  const readable = readableNames();
  for (const [db, view] of views) {
    const { tables } = view.snapshot;
    const called = tableNames(db, tables);
    const now = renamedView(described(db), view, called, (table) => {
      const saying = (column: string) =>
        readable.get(`${db}.${table.name}.${column}`.toLowerCase()) ?? splitIdentifier(column).join(" ");
      return { ...describe(db, table, tables, saying), comment: tableComment(db, table) };
    });
    made.set(described(db), now.view);
    renamed.set(db, now.refs);
  }
  for (const set of ["bull", "science"] as const)
    for (const [db, view] of otherViews(set, true)) made.set(described(db), view);
  return { views: made, renamed };
}

/** The comments as terms for what they are of, under the names of old: how agents speak of what they know from a document. */
export function sentences({ views, renamed }: Renamed): PhraseCase[] {
  return [...renamed].flatMap(([db, refs]) => {
    const before = new Map([...refs].map(([old, now]) => [now, old]));
    const common = { set: "described", db, question: undefined } as const;
    return (views.get(described(db))?.snapshot.tables ?? []).flatMap((table): PhraseCase[] => {
      const old = (ref: string) => before.get(ref.toLowerCase()) ?? ref.toLowerCase();
      const own: PhraseCase[] =
        table.comment === undefined ? [] : [{ ...common, phrase: table.comment, kind: "table", gold: old(table.name) }];
      const ofColumns = table.columns.flatMap(({ name, comment }): PhraseCase[] =>
        comment === undefined
          ? []
          : [{ ...common, phrase: comment, kind: "column", gold: old(`${table.name}.${name}`) }],
      );
      return [...own, ...ofColumns];
    });
  });
}

/** Of ten tables, how many have a comment, and how many of those a name that is cut short. */
const commentedTables = 5;
const shortNamedTables = 4;

function tableDice(db: string, table: Table): Dice {
  return (purpose, of) => foldOf(`${db} ${table.name} ${purpose}`, of);
}

function tableComment(db: string, table: Table): string | undefined {
  const dice = tableDice(db, table);
  if (dice("commented", 10) >= commentedTables) return undefined;
  const own = splitIdentifier(table.name).join(" ");
  const other = splitIdentifier(table.columns[dice("other", table.columns.length)]?.name ?? "").join(" ");
  return [
    own,
    `The ${own}.`,
    `One row for each ${own}`,
    `${own}, with their ${other}`,
    `Holds the ${own} of the company.`,
    `Master data: ${own}`,
    `${own} as of now; history is kept elsewhere.`,
  ][dice("sentence", 7)];
}

/** By the names of old: those of tables that are cut short. */
function tableNames(db: string, tables: readonly Table[]): ReadonlyMap<string, string> {
  const taken = new Set(tables.map((t) => t.name.toLowerCase()));
  const called = new Map<string, string>();
  for (const [i, table] of tables.entries()) {
    const dice = tableDice(db, table);
    if (tableComment(db, table) === undefined || dice("name", 10) >= shortNamedTables) continue;
    const name =
      dice("nameless", 4) === 0
        ? `${["t", "tab", "z_"][dice("letter", 3)] ?? "t"}${i + 1}`
        : shortName(table.name, dice);
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    called.set(table.name, name);
  }
  return called;
}

/** Of ten columns, how many have a comment; of ten of those, how many a name that is cut short, and one that says nothing. */
const commented = 7;
const shortNamed = 4;
const namelessNamed = 1;

function describe(
  db: string,
  table: Table,
  all: readonly Table[],
  saying: (column: string) => string,
): { readonly columns: readonly Column[]; readonly names: ReadonlyMap<string, string> } {
  const names = new Map<string, string>();
  const taken = new Set(table.columns.map((c) => c.name.toLowerCase()));
  const owner = splitIdentifier(table.name).join(" ");
  const columns = table.columns.map((column, position): Column => {
    const dice: Dice = (purpose, of) => foldOf(`${db} ${table.name} ${column.name} ${purpose}`, of);
    if (dice("commented", 10) >= commented) return column;
    const other = table.columns[dice("other", table.columns.length)]?.name ?? column.name;
    const comment = sentence(saying(column.name), owner, saying(other), dice);
    const place = dice("name", 10);
    const name =
      isKey(table, all, column.name) || place >= shortNamed + namelessNamed
        ? column.name
        : place < namelessNamed
          ? `${["f", "attr", "col_", "x"][dice("letter", 4)] ?? "f"}${position + 1}`
          : shortName(column.name, dice);
    if (name === column.name || taken.has(name.toLowerCase())) return { ...column, comment };
    taken.add(name.toLowerCase());
    names.set(column.name, name);
    return { ...column, name, comment };
  });
  return { columns, names };
}

/** What people write of a column: its words, often whose it is, sometimes what else stands there. */
function sentence(own: string, owner: string, other: string, dice: Dice): string {
  const told = [
    own,
    own,
    `The ${own}.`,
    `${own} of the ${owner}`,
    `The ${owner}'s ${own}.`,
    `${own} (${owner})`,
    `Holds the ${own} for each ${owner}.`,
    `${own}, kept beside the ${other}`,
    `Indicates the ${own}; see also ${other}.`,
    `Used to record the ${own}`,
  ][dice("sentence", 10)] as string;
  const more = ["", "", "", " Default: 0.", " Not used in reports.", " Unique.", " In upper case.", ""][
    dice("more", 8)
  ] as string;
  const text = `${told}${more}`;
  return dice("case", 2) === 0 ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

/** As old databases name: each word by its first letters or without its vowels. */
function shortName(name: string, dice: Dice): string {
  const words = splitIdentifier(name).map((word, i) => {
    if (word.length <= 2) return word;
    const kind = dice(`short ${i}`, 3);
    if (kind === 0) return word.slice(0, 3);
    if (kind === 1)
      return (
        word.charAt(0) +
        word
          .slice(1)
          .replaceAll(/[aeiou]/gu, "")
          .slice(0, 3)
      );
    return word.slice(0, 1);
  });
  return words.join(dice("joint", 2) === 0 ? "_" : "");
}
