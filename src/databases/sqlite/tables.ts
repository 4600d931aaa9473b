/** Turns pragma rows and CREATE texts into the snapshot. Pure. */

import { tableKey } from "../../schema/names.js";
import type {
  Column,
  ForeignKey,
  Index,
  KeyConstraint,
  SchemaSnapshot,
  Table,
  TableKind,
  Trigger,
} from "../../schema/snapshot.js";
import type { SchemaIdentity } from "../../schema/statistics.js";
import {
  readCreateIndex,
  readCreateTable,
  readCreateTrigger,
  readCreateView,
  readVirtualModule,
  type TableText,
} from "./ddl.js";
import { viewReads } from "./view-reads.js";

/** A pragma row: text, numbers, nulls. */
export type Row = readonly (string | number | null)[];

/** One table or view as it was read; rows in the order of the `.sql` files' comments. */
export interface TableDraft {
  /** `main`, or the name under which its file is attached. */
  readonly schema: string;
  readonly name: string;
  /** `table`, `view` or `virtual`. */
  readonly type: string;
  readonly withoutRowid: boolean;
  readonly strict: boolean;
  readonly rootPage: number;
  readonly sql: string;
  readonly columns: Row[];
  readonly foreignKeys: Row[];
  readonly indexes: Row[];
  readonly indexTexts: Map<string, string>;
  readonly triggers: { readonly name: string; readonly sql: string }[];
}

const kinds: Readonly<Record<string, TableKind>> = { table: "table", view: "view", virtual: "virtual_table" };

/** The text is read only where it can hold something that no pragma tells. */
const worthReading = /check|collate|constraint|deferrable|generated|\bas\b|autoincrement/i;

/** What was read of one file. */
export interface FileDraft {
  readonly schema: string;
  readonly drafts: readonly TableDraft[];
  /** Every table and view of the file by lower-case name, those that were not read as well. */
  readonly names: ReadonlyMap<string, string>;
}

/** Keys and views stay within their file: neither can name another database (SQLite manual, "CREATE VIEW", "Foreign Key Support"). */
export function snapshotOf(files: readonly FileDraft[]): SchemaSnapshot {
  return {
    dialect: "sqlite",
    defaultSchema: "main",
    schemas: files.map(({ schema }) => ({ name: schema })),
    tables: files.flatMap(({ drafts, names }) => {
      const byName = new Map(drafts.map((draft) => [draft.name.toLowerCase(), draft]));
      return drafts.map((draft) => tableOf(draft, byName, names));
    }),
    enums: [],
    domains: [],
    composites: [],
    sequences: [],
    functions: [],
    extensions: [],
  };
}

function tableOf(
  draft: TableDraft,
  byName: ReadonlyMap<string, TableDraft>,
  names: ReadonlyMap<string, string>,
): Table {
  const isTable = draft.type === "table";
  const text: TableText =
    isTable && worthReading.test(draft.sql)
      ? readCreateTable(draft.sql)
      : { columns: new Map(), checks: [], uniques: [], foreignKeys: [] };
  const rowidAlias = rowidAliasOf(draft);
  const options = optionsOf(draft, text);
  const primaryKey = primaryKeyOf(draft, text);
  return {
    schema: draft.schema,
    name: draft.name,
    kind: kinds[draft.type] ?? "table",
    columns: draft.columns.filter((row) => row[7] !== 1).map((row) => columnOf(row, text, rowidAlias)),
    ...(primaryKey && { primaryKey }),
    uniques: uniquesOf(draft, text),
    foreignKeys: foreignKeysOf(draft, text, byName),
    checks: text.checks,
    indexes: indexesOf(draft, text),
    triggers: draft.triggers.map(triggerOf),
    policies: [],
    ...(draft.type === "view" ? viewOf(draft, names) : {}),
    ...(options.length === 0 ? {} : { options }),
  };
}

function viewOf(draft: TableDraft, names: ReadonlyMap<string, string>): Pick<Table, "definition" | "viewReads"> {
  const definition = readCreateView(draft.sql);
  const reads = viewReads(definition, names, draft.schema);
  return { definition, ...(reads.length === 0 ? {} : { viewReads: reads }) };
}

function columnOf(row: Row, text: TableText, rowidAlias: string | undefined): Column {
  const name = String(row[2]);
  const told = text.columns.get(name.toLowerCase());
  const hidden = Number(row[7]);
  const generated = hidden === 2 || hidden === 3;
  return {
    name,
    type: String(row[3] ?? ""),
    nullable: row[4] !== 1 && name !== rowidAlias,
    ...(row[5] === null || row[5] === undefined ? {} : { default: String(row[5]) }),
    ...(generated ? { generated: { expression: told?.generated ?? "", stored: hidden === 3 } } : {}),
    ...(told?.collation === undefined ? {} : { collation: told.collation.toUpperCase() }),
  };
}

/** `INTEGER PRIMARY KEY` is the rowid and never null. Source: https://www.sqlite.org/lang_createtable.html#rowid */
function rowidAliasOf(draft: TableDraft): string | undefined {
  if (draft.withoutRowid || draft.type !== "table") return undefined;
  const keys = draft.columns.filter((row) => Number(row[6]) > 0);
  const [only] = keys;
  return keys.length === 1 && String(only?.[3]).toUpperCase() === "INTEGER" ? String(only?.[2]) : undefined;
}

/** SQLite's "pk" is the 1-based place in the key, not a flag. */
function keyColumns(draft: TableDraft): string[] {
  return draft.columns
    .filter((row) => Number(row[6]) > 0)
    .sort((a, b) => Number(a[6]) - Number(b[6]))
    .map((row) => String(row[2]));
}

function primaryKeyOf(draft: TableDraft, text: TableText): KeyConstraint | undefined {
  const columns = keyColumns(draft);
  if (columns.length === 0) return undefined;
  const name = text.primaryKey?.name;
  return { ...(name === undefined ? {} : { name }), columns };
}

interface IndexDraft {
  readonly name: string;
  readonly unique: boolean;
  readonly origin: string;
  readonly partial: boolean;
  readonly parts: Row[];
}

function indexDrafts(draft: TableDraft): IndexDraft[] {
  const found = new Map<string, IndexDraft>();
  for (const row of draft.indexes) {
    const name = String(row[1]);
    const known = found.get(name);
    if (known !== undefined) known.parts.push(row);
    else found.set(name, { name, unique: row[2] === 1, origin: String(row[3]), partial: row[4] === 1, parts: [row] });
  }
  return [...found.values()];
}

function uniquesOf(draft: TableDraft, text: TableText): KeyConstraint[] {
  return indexDrafts(draft)
    .filter((index) => index.origin === "u")
    .map((index) => {
      const columns = index.parts.map((row) => String(row[7]));
      const key = columns.join("\u0000").toLowerCase();
      const name = text.uniques.find((u) => u.columns.join("\u0000").toLowerCase() === key)?.name;
      return { ...(name === undefined ? {} : { name }), columns };
    });
}

function indexesOf(draft: TableDraft, text: TableText): Index[] {
  return indexDrafts(draft)
    .filter((index) => index.origin === "c")
    .map((index) => {
      const sql = draft.indexTexts.get(index.name);
      const hasExpression = index.parts.some((row) => row[6] === -2);
      const told = sql !== undefined && (hasExpression || index.partial) ? readCreateIndex(sql) : undefined;
      const columns = index.parts.map((row, at) =>
        row[6] === -2 ? (told?.parts[at] ?? "") : String(row[7] ?? "rowid"),
      );
      const descending = columns.filter((_, at) => index.parts[at]?.[8] === 1);
      const collations = index.parts.flatMap((row) => differs(row, text));
      return {
        name: index.name,
        columns,
        unique: index.unique,
        ...(told?.predicate === undefined ? {} : { partial: told.predicate }),
        ...(hasExpression ? { expression: columns.join(", ") } : {}),
        ...(descending.length === 0 ? {} : { descending }),
        ...(collations.length === 0 ? {} : { collations }),
      };
    });
}

/** Only a collation that is not the column's own. */
function differs(row: Row, text: TableText): string[] {
  const collation = String(row[9] ?? "BINARY").toUpperCase();
  const own = text.columns.get(String(row[7] ?? "").toLowerCase())?.collation?.toUpperCase() ?? "BINARY";
  return row[6] === -2 || collation === own ? [] : [collation];
}

const actions: Readonly<Record<string, NonNullable<ForeignKey["onDelete"]>>> = {
  CASCADE: "cascade",
  "SET NULL": "set_null",
  "SET DEFAULT": "set_default",
  RESTRICT: "restrict",
};

function foreignKeysOf(draft: TableDraft, text: TableText, byName: ReadonlyMap<string, TableDraft>): ForeignKey[] {
  const byId = new Map<number, Row[]>();
  for (const row of draft.foreignKeys) byId.set(Number(row[1]), [...(byId.get(Number(row[1])) ?? []), row]);
  // SQLite numbers keys from the last declared to the first.
  return [...byId].reverse().flatMap(([, rows], place): ForeignKey[] => {
    const [first] = rows;
    if (first === undefined) return [];
    const target = byName.get(String(first[3]).toLowerCase());
    const told = text.foreignKeys.length === byId.size ? text.foreignKeys[place] : undefined;
    const onDelete = actions[String(first[7])];
    const onUpdate = actions[String(first[6])];
    return [
      {
        ...(told?.name === undefined ? {} : { name: told.name }),
        columns: rows.map((row) => spelled(draft, String(row[4]))),
        references: {
          schema: draft.schema,
          table: target?.name ?? String(first[3]),
          columns: targetColumns(rows, target),
        },
        ...(onDelete && { onDelete }),
        ...(onUpdate && { onUpdate }),
        ...(told?.deferrable && { deferrable: told.deferrable }),
      },
    ];
  });
}

/** A key without target columns means the target's primary key. Source: https://www.sqlite.org/foreignkeys.html#fk_indexes */
function targetColumns(rows: readonly Row[], target: TableDraft | undefined): string[] {
  if (rows.some((row) => row[5] === null)) return target === undefined ? [] : keyColumns(target);
  return rows.map((row) => (target === undefined ? String(row[5]) : spelled(target, String(row[5]))));
}

/** A column as its table spells it: keys may be declared in another case. */
function spelled(draft: TableDraft, name: string): string {
  const found = draft.columns.find((row) => String(row[2]).toLowerCase() === name.toLowerCase());
  return found === undefined ? name : String(found[2]);
}

function triggerOf({ name, sql }: TableDraft["triggers"][number]): Trigger {
  const told = readCreateTrigger(sql);
  return { name, timing: told.timing, events: [told.event], definition: sql, enabled: true };
}

function optionsOf(draft: TableDraft, text: TableText): string[] {
  const module = draft.type === "virtual" ? readVirtualModule(draft.sql) : undefined;
  return [
    ...(draft.strict ? ["strict"] : []),
    ...(draft.withoutRowid ? ["without_rowid"] : []),
    ...([...text.columns.values()].some((column) => column.autoincrement) ? ["autoincrement"] : []),
    ...(module === undefined ? [] : [`module:${module}`]),
  ];
}

/** Root page and column place: enough to prove a rename where one DDL step lies between two looks. */
export function identityOf(database: string, drafts: readonly TableDraft[]): SchemaIdentity {
  const tables: Record<string, { id: string; columns: Record<string, number> }> = {};
  for (const draft of drafts) {
    const columns = Object.fromEntries(draft.columns.map((row) => [String(row[2]), Number(row[1])]));
    const id = draft.schema === "main" ? String(draft.rootPage) : `${draft.schema}:${draft.rootPage}`;
    tables[tableKey(draft)] = { id, columns };
  }
  return { database, tables };
}
