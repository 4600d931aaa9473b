/** What a change touches: tables and columns in the names of both snapshots, or a word (a function's name). Pure. */

import { tableKey } from "../schema/names.js";
import type { CheckConstraint, ForeignKey, Index, SchemaSnapshot, Table } from "../schema/snapshot.js";
import type { SchemaChange } from "./change.js";
import type { ChangeKind } from "./kinds.js";
import type { NameChanges } from "./mend.js";
import { tokens } from "./text.js";

export interface Touched {
  /** Columns by table key; undefined is the table as a whole. */
  readonly tables: ReadonlyMap<string, ReadonlySet<string> | undefined>;
  /** Whether a text mentions the thing. */
  readonly word?: (text: string) => boolean;
}

/** Kinds that no reader depends on: nothing is touched. */
const quiet: ReadonlySet<ChangeKind> = new Set<ChangeKind>([
  "schema_added",
  "schema_removed",
  "schema_renamed",
  "table_added",
  "view_added",
  "column_added",
  "column_identity_changed",
  "unique_added",
  "foreign_key_added",
  "check_added",
  "index_added",
  "trigger_added",
  "trigger_removed",
  "trigger_changed",
  "enum_added",
  "sequence_changed",
  "function_added",
  "comment_changed",
]);

export function touchedBy(
  change: SchemaChange,
  before: SchemaSnapshot,
  after: SchemaSnapshot,
  renames: NameChanges,
): Touched | undefined {
  if (quiet.has(change.kind)) return undefined;
  const { part } = change.place;
  if (part === "enum" || part === "domain" || part === "composite") return typed(change, before, after);
  if (part === "function" || part === "extension") return mentioned(change, before);
  if (part === "snapshot" || part === "foreign_key_copy") return undefined;
  const table = part === "table" ? (change.place.name ?? "") : (change.place.table ?? "");
  const present = tableKey({ schema: change.place.schema, name: table });
  const keys = new Set([present, ...renames.formerTables(present)]);
  const parents = parentKeys(change);
  const columns = columnsOf(change, before);
  const tables = new Map([...keys].map((key) => [key, columns] as const));
  for (const key of parents) tables.set(key, undefined);
  return { tables };
}

/** The columns that a change is about; undefined for the whole table. */
function columnsOf(change: SchemaChange, before: SchemaSnapshot): ReadonlySet<string> | undefined {
  const { part, name } = change.place;
  if (part === "column") return new Set([name ?? "", change.formerPlace?.name ?? name ?? ""]);
  const piece = change.before as Partial<Index & ForeignKey & CheckConstraint> | undefined;
  if (part === "check" || part === "exclusion") {
    return new Set(tokens(piece?.expression ?? "", before.dialect).map((t) => t.text));
  }
  if (part === "primary_key" || part === "unique" || part === "foreign_key" || part === "index")
    return new Set(piece?.columns ?? []);
  return undefined;
}

/** A partition that comes or goes changes what its parent answers. */
function parentKeys(change: SchemaChange): readonly string[] {
  if (change.kind !== "partition_added" && change.kind !== "partition_removed") return [];
  const piece = (change.after ?? change.before) as Pick<Table, "partitionOf" | "inherits">;
  return [...(piece.partitionOf ? [piece.partitionOf] : []), ...(piece.inherits ?? [])].map(tableKey);
}

function typed(change: SchemaChange, before: SchemaSnapshot, after: SchemaSnapshot): Touched {
  const tables = new Map<string, Set<string>>();
  const wanted = { schema: change.place.schema, name: change.place.name };
  for (const table of [...before.tables, ...after.tables]) {
    const columns = table.columns.filter((c) =>
      [c.enumType, c.domain].some((t) => t?.name === wanted.name && t?.schema === wanted.schema),
    );
    if (columns.length > 0) tables.set(tableKey(table), new Set(columns.map((c) => c.name)));
  }
  return { tables };
}

function mentioned(change: SchemaChange, before: SchemaSnapshot): Touched {
  const name = (change.place.name ?? "").replace(/\(.*$/su, "");
  return {
    tables: new Map(),
    word: (text) => tokens(text, before.dialect).some((t) => t.text === name && t.kind !== "string"),
  };
}
