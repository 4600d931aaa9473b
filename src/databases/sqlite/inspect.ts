/**
 * Reads a SQLite schema, or some tables again: pragma functions joined over lists of names in few statements, in one read transaction,
 * with pauses so that a big schema never blocks the process; then the CREATE texts for what no pragma tells.
 */

import type Database from "better-sqlite3";
import { type Issue, warning } from "../../issue.js";
import { printName, tableKey } from "../../schema/names.js";
import type { Inspection, InspectOptions } from "../connector.js";
import { openFailure } from "./errors.js";
import type { SqliteFile } from "./file.js";
import type { SqliteSource } from "./source.js";
import { readStamp } from "./stamp.js";
import { statement } from "./statements.js";
import { type FileDraft, identityOf, type Row, snapshotOf, type TableDraft } from "./tables.js";

/** Tables asked about at once: some tens of milliseconds. */
const sliceSize = 250;

export async function inspect(source: SqliteSource, options: InspectOptions = {}): Promise<Inspection> {
  const stamp = readStamp(source.catalog);
  const issues: Issue[] = [];
  const files: FileRead[] = [];
  for (const file of source.catalog.all) files.push(await readFile(file, options, issues));
  const drafts = files.flatMap((file) => file.drafts);
  return {
    snapshot: snapshotOf(files),
    statistics: { tables: Object.assign({}, ...files.map((file) => file.statistics)) as TablesStatistics },
    identity: identityOf(source.catalog.identity(), drafts),
    serverVersion: `SQLite ${files[0]?.version ?? ""}`,
    issues,
    stamp,
  };
}

type TablesStatistics = Record<string, { rowEstimate?: number; columns: Record<string, never> }>;

interface FileRead extends FileDraft {
  readonly statistics: TablesStatistics;
  readonly version: string;
}

/** One file in one read transaction of its own. */
async function readFile(file: SqliteFile, options: InspectOptions, issues: Issue[]): Promise<FileRead> {
  const { schema } = file;
  const db = file.handle();
  try {
    db.exec("BEGIN");
    const { drafts, names } = draftsOf(db, schema, options);
    await readParts(db, drafts, options, issues);
    const version = String(db.prepare("SELECT sqlite_version()").pluck().get());
    return { schema, drafts, names, statistics: statisticsOf(db, drafts), version };
  } catch (cause) {
    throw openFailure(cause);
  } finally {
    if (db.open && db.inTransaction) db.exec("ROLLBACK");
  }
}

async function readParts(
  db: Database.Database,
  drafts: readonly TableDraft[],
  options: InspectOptions,
  issues: Issue[],
): Promise<void> {
  const byName = new Map(drafts.map((draft) => [draft.name, draft]));
  const plain = drafts.filter((draft) => draft.type === "table").map((draft) => draft.name);
  for (let at = 0; at < plain.length; at += sliceSize) {
    options.signal?.throwIfAborted();
    const names = JSON.stringify(plain.slice(at, at + sliceSize));
    fill(db, "columns", names, byName, (draft, row) => draft.columns.push(row));
    fill(db, "foreign-keys", names, byName, (draft, row) => draft.foreignKeys.push(row));
    fill(db, "indexes", names, byName, (draft, row) => draft.indexes.push(row));
    await new Promise((resolve) => setImmediate(resolve));
  }
  // Views and virtual tables one by one: SQLite refuses the whole statement for a view over a table that is gone.
  for (const draft of drafts) if (draft.type !== "table") readOne(db, draft, byName, issues);
}

function readOne(
  db: Database.Database,
  draft: TableDraft,
  byName: ReadonlyMap<string, TableDraft>,
  issues: Issue[],
): void {
  try {
    fill(db, "columns", JSON.stringify([draft.name]), byName, (found, row) => found.columns.push(row));
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "SQLITE_ERROR")) throw cause;
    issues.push(
      warning(
        "unavailable",
        `The columns of ${draft.schema === "main" ? "" : `${printName(draft.schema)}.`}${printName(draft.name)} could not be read: it names something that does not exist (any more).`,
        {
          help: "The object is broken in the database itself; drop or mend it there.",
        },
      ),
    );
  }
}

function fill(
  db: Database.Database,
  name: string,
  names: string,
  byName: ReadonlyMap<string, TableDraft>,
  add: (draft: TableDraft, row: Row) => void,
): void {
  for (const row of db.prepare(statement(name)).raw(true).all(names) as Row[]) {
    const draft = byName.get(String(row[0]));
    if (draft !== undefined) add(draft, row);
  }
}

/** Every table and view, without shadow tables and SQLite's own, with its SQL text and that of what belongs to it. */
function draftsOf(
  db: Database.Database,
  schema: string,
  options: InspectOptions,
): { readonly drafts: TableDraft[]; readonly names: ReadonlyMap<string, string> } {
  const only = options.only && new Set(options.only.flatMap((table) => (table.schema === schema ? [table.name] : [])));
  const drafts = new Map<string, TableDraft>();
  const names = new Map<string, string>();
  for (const [name, type, wr, strict] of db.prepare(statement("tables")).raw(true).all() as [
    string,
    string,
    number,
    number,
  ][]) {
    if (type === "shadow") continue;
    names.set(name.toLowerCase(), name);
    if (only !== undefined && !only.has(name)) continue;
    drafts.set(name, {
      schema,
      name,
      type,
      withoutRowid: wr === 1,
      strict: strict === 1,
      rootPage: 0,
      sql: "",
      columns: [],
      foreignKeys: [],
      indexes: [],
      indexTexts: new Map(),
      triggers: [],
    });
  }
  const tableOf = new Map([...drafts.values()].map((draft) => [draft.name.toLowerCase(), draft]));
  for (const [type, name, table, page, sql] of db.prepare(statement("objects")).raw(true).all() as [
    string,
    string,
    string,
    number | null,
    string | null,
  ][]) {
    const draft = type === "table" || type === "view" ? drafts.get(name) : tableOf.get(table.toLowerCase());
    if (draft === undefined || sql === null) continue;
    if (type === "index") draft.indexTexts.set(name, sql);
    else if (type === "trigger") draft.triggers.push({ name, sql });
    else Object.assign(draft, { sql, rootPage: page ?? 0 });
  }
  return { drafts: [...drafts.values()].filter((draft) => draft.sql !== ""), names };
}

/** Rows that ANALYZE counted. Source: https://www.sqlite.org/fileformat2.html#stat1tab */
function statisticsOf(db: Database.Database, drafts: readonly TableDraft[]): TablesStatistics {
  const analysed = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'").get() !== undefined;
  const rows = analysed
    ? (db.prepare("SELECT tbl, stat FROM sqlite_stat1").raw(true).all() as [string, string | null][])
    : [];
  const counted = new Map(rows.map(([table, stat]) => [table, Number.parseInt(stat ?? "", 10)]));
  return Object.fromEntries(
    drafts.map((draft) => {
      const count = counted.get(draft.name);
      return [
        tableKey(draft),
        { ...(count === undefined || Number.isNaN(count) ? {} : { rowEstimate: count }), columns: {} },
      ];
    }),
  );
}
