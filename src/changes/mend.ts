/**
 * Rewrites what depends on a schema to present names after proven renames: Refs, metric expressions, queries. Pure and careful: where a
 * mention could mean something else, nothing is returned. The result is a proposal; the database validates it before anyone runs it.
 */

import { parseRef, printName, printRef, resolveRef, tableKey } from "../schema/names.js";
import type { SchemaSnapshot, Table, TableName } from "../schema/snapshot.js";
import type { SchemaChange } from "./change.js";
import { presentName } from "./renamed.js";
import { type Token, tokens } from "./text.js";

/** The proven renames between two snapshots. */
export interface NameChanges {
  readonly before: SchemaSnapshot;
  readonly after: SchemaSnapshot;
  /** The present name of a table. */
  table(name: TableName): TableName;
  /** The present name of a column of a table in its former name. */
  column(table: TableName, column: string): string;
  /** Former keys of a table by its present key. */
  formerTables(presentKey: string): readonly string[];
}

export function renamesOf(
  changes: readonly SchemaChange[],
  before: SchemaSnapshot,
  after: SchemaSnapshot,
): NameChanges {
  const schemas = new Map<string, string>();
  const tables = new Map<string, TableName>();
  const columns = new Map<string, Map<string, string>>();
  for (const { kind, place, before: old, after: now } of changes) {
    if (kind === "schema_renamed") schemas.set(old as string, now as string);
    if (kind === "table_renamed") tables.set(tableKey(old as TableName), now as TableName);
    if (kind !== "column_renamed") continue;
    const key = tableKey({ schema: place.schema, name: place.table ?? "" });
    columns.set(key, (columns.get(key) ?? new Map<string, string>()).set(old as string, now as string));
  }
  const naming = { schemas, tables, columns };
  const former = new Map<string, string[]>();
  for (const table of before.tables) {
    const key = tableKey(presentName(table, naming));
    former.set(key, [...(former.get(key) ?? []), tableKey(table)]);
  }
  return {
    before,
    after,
    table: (name) => presentName(name, naming),
    column: (table, column) => columns.get(tableKey(presentName(table, naming)))?.get(column) ?? column,
    formerTables: (key) => former.get(key) ?? [],
  };
}

/** A Ref in present names; undefined where it named nothing before. */
export function mendRef(ref: string, renames: NameChanges): string | undefined {
  const found = resolveRef(renames.before, ref);
  if (found === undefined) return undefined;
  const column = found.column === undefined ? undefined : renames.column(found.table, found.column);
  return printRef(renames.after, renames.table(found.table), column);
}

/** A metric's expression: dotted Refs in it are mended one by one. */
export function mendExpression(expression: string, renames: NameChanges): string | undefined {
  const list = tokens(expression, renames.before.dialect);
  let mended = "";
  let done = 0;
  for (let i = 0; i < list.length; i++) {
    const first = list[i];
    if (first === undefined || !isName(first)) continue;
    let last = i;
    while (list[last + 1]?.text === "." && list[last + 2] !== undefined) last += 2;
    const end = list[last]?.end ?? first.end;
    const ref = expression.slice(first.start, end);
    const next = (parseRef(ref)?.length ?? 0) > 1 || last > i ? mendRef(ref, renames) : undefined;
    mended += expression.slice(done, first.start) + (next ?? ref);
    done = end;
    i = last;
  }
  mended += expression.slice(done);
  return mended === expression ? undefined : mended;
}

interface Scope {
  /** Alias or table name, folded, to the table it stands for. */
  readonly named: ReadonlyMap<string, Table>;
  readonly edits: Edit[];
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A query in present names; undefined where a mention is ambiguous, or where nothing had to change. */
export function mendQuery(sql: string, renames: NameChanges): string | undefined {
  const list = tokens(sql, renames.before.dialect);
  const scope = tablesIn(list, renames);
  if (scope === undefined) return undefined;
  const bare = list.some((t, i) => t.text === "with" || (t.text === "(" && list[i - 1]?.text === "from"));
  for (let i = 0; i < list.length; i++) {
    const token = list[i];
    if (token === undefined || !isName(token)) continue;
    const edit = columnEdit(list, i, scope.named, renames, bare);
    if (edit === "ambiguous") return undefined;
    if (edit !== undefined) scope.edits.push(edit);
  }
  if (scope.edits.length === 0) return undefined;
  const edits = scope.edits.toSorted((a, b) => b.start - a.start);
  return edits.reduce((text, e) => text.slice(0, e.start) + e.text + text.slice(e.end), sql);
}

const clauseWords = new Set(
  "where group order having limit offset fetch union intersect except on using join left right full inner outer cross natural window for as returning tablesample".split(
    " ",
  ),
);

/** The tables after FROM, JOIN and the commas of FROM; a renamed one without an alias keeps its old name as one. */
function tablesIn(list: readonly Token[], renames: NameChanges): Scope | undefined {
  const named = new Map<string, Table>();
  const edits: Edit[] = [];
  for (let i = 0; i < list.length; i++) {
    if (!opensTable(list, i)) continue;
    let last = i + 1;
    while (list[last + 1]?.text === ".") last += 2;
    const [first, end] = [list[i + 1], list[last]];
    if (first === undefined || end === undefined || !isName(first) || list[last + 1]?.text === "(") continue;
    const table = resolveRef(renames.before, refOf(list.slice(i + 1, last + 1)))?.table;
    if (table === undefined) continue;
    const alias = aliasAfter(list, last);
    const name = alias ?? end.text;
    const known = named.get(name);
    if (known !== undefined && known !== table) return undefined;
    named.set(name, table);
    const now = renames.table(table);
    if (tableKey(now) === tableKey(table)) continue;
    const keep = alias === undefined ? ` AS ${printName(table.name)}` : "";
    edits.push({ start: first.start, end: end.end, text: printRef(renames.after, now) + keep });
  }
  return { named, edits };
}

function opensTable(list: readonly Token[], i: number): boolean {
  const word = list[i]?.kind === "word" ? list[i]?.text : undefined;
  if (word === "from" || word === "join") return true;
  if (list[i]?.text !== ",") return false;
  // A comma separates tables where the clause that it stands in began with FROM, at the same depth.
  let depth = 0;
  for (let j = i - 1; j >= 0; j--) {
    const text = list[j]?.text;
    if (text === ")") depth++;
    if (text === "(" && --depth < 0) return false;
    if (depth > 0 || list[j]?.kind !== "word") continue;
    if (text === "from") return true;
    if (text === "select" || text === "by" || text === "where" || text === "on" || text === "having") return false;
  }
  return false;
}

function aliasAfter(list: readonly Token[], last: number): string | undefined {
  const next = list[last + 1];
  if (next?.kind === "word" && next.text === "as") return list[last + 2]?.text;
  if (next === undefined || !isName(next) || (next.kind === "word" && clauseWords.has(next.text))) return undefined;
  return next.text;
}

function columnEdit(
  list: readonly Token[],
  i: number,
  named: ReadonlyMap<string, Table>,
  renames: NameChanges,
  bare: boolean,
): Edit | "ambiguous" | undefined {
  const token = list[i];
  if (token === undefined || list[i + 1]?.text === "." || list[i + 1]?.text === "(") return undefined;
  if (list[i - 1]?.text === "as" && list[i - 1]?.kind === "word") return undefined;
  const qualifier = list[i - 1]?.text === "." ? list[i - 2] : undefined;
  const owners =
    qualifier === undefined ? [...new Set(named.values())] : [named.get(qualifier.text)].filter((t) => t !== undefined);
  const owning = owners.filter((t) => t.columns.some((c) => fold(c.name, renames) === fold(token.text, renames)));
  const changed = owning.filter(
    (t) => renames.column(t, exact(t, token.text, renames)) !== exact(t, token.text, renames),
  );
  const [table] = changed;
  if (table === undefined) return undefined;
  if (owning.length > 1 || (qualifier === undefined && bare) || inUsing(list, i)) return "ambiguous";
  if (qualifier === undefined && list.some((t, j) => t.text === token.text && list[j - 1]?.text === "as"))
    return "ambiguous";
  const old = exact(table, token.text, renames);
  const keep = isWholeItem(list, i, qualifier !== undefined) ? ` AS ${printName(old)}` : "";
  return { start: token.start, end: token.end, text: printName(renames.column(table, old)) + keep };
}

/** `SELECT t.old, …`: the item's result column keeps its name by an alias. */
function isWholeItem(list: readonly Token[], i: number, qualified: boolean): boolean {
  const before = list[qualified ? i - 3 : i - 1]?.text ?? "";
  const after = list[i + 1]?.text ?? "";
  if (!["select", "distinct", ","].includes(before) || ![",", "from"].includes(after)) return false;
  let depth = 0;
  for (let j = i; j >= 0; j--) {
    const token = list[j];
    if (token?.text === ")") depth++;
    if (token?.text === "(" && --depth < 0) return false;
    if (depth > 0 || token?.kind !== "word") continue;
    if (token.text === "select") return true;
    if (["from", "where", "by", "having"].includes(token.text)) return false;
  }
  return false;
}

function inUsing(list: readonly Token[], i: number): boolean {
  for (let j = i - 1; j >= 0 && list[j]?.text !== ")"; j--)
    if (list[j]?.text === "(") return list[j - 1]?.text === "using";
  return false;
}

function exact(table: Table, column: string, renames: NameChanges): string {
  return table.columns.find((c) => fold(c.name, renames) === fold(column, renames))?.name ?? column;
}

function fold(name: string, renames: NameChanges): string {
  return renames.before.dialect === "sqlite" ? name.toLowerCase() : name;
}

function refOf(list: readonly Token[]): string {
  return list.map((t) => (t.text === "." ? "." : `"${t.text.replaceAll('"', '""')}"`)).join("");
}

function isName(token: Token): boolean {
  return token.kind === "word" || token.kind === "quoted";
}
