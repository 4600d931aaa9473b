/**
 * Scores removals against additions as possible renames: half by type and place, half by the letters of the names. Pure.
 * The score is data for people to judge. Nothing is ever remapped on it.
 */

import { tableKey } from "../schema/names.js";
import type { Column, SchemaSnapshot, Table, TableName } from "../schema/snapshot.js";
import type { SchemaChange } from "./change.js";

/** Below this score nothing is suspected. From a simulation of random renames, drops and additions: precision .98 at .55. */
const leastScore = 0.55;

/** The changes with `suspected` on the removals and additions that fit each other best; each is used once. */
export function suspectRenames(
  changes: readonly SchemaChange[],
  before: SchemaSnapshot,
  after: SchemaSnapshot,
): readonly SchemaChange[] {
  const [past, present] = [positionsIn(before), positionsIn(after)];
  const columns = pairs(changes, "column_removed", "column_added", (gone, fresh) =>
    gone.place.schema === fresh.place.schema && gone.place.table === fresh.place.table
      ? columnScore(gone, fresh, past, present)
      : 0,
  );
  const tables = pairs(changes, "table_removed", "table_added", (gone, fresh) =>
    tableScore(gone.before as Table, fresh.after as Table),
  );
  const views = pairs(changes, "view_removed", "view_added", (gone, fresh) =>
    tableScore(gone.before as Table, fresh.after as Table),
  );
  const found = new Map([...columns, ...tables, ...views]);
  if (found.size === 0) return changes;
  return changes.map((change) => {
    const suspected = found.get(change);
    return suspected === undefined ? change : { ...change, suspected };
  });
}

type Suspicion = NonNullable<SchemaChange["suspected"]>;

function pairs(
  changes: readonly SchemaChange[],
  removed: SchemaChange["kind"],
  added: SchemaChange["kind"],
  scoreOf: (gone: SchemaChange, fresh: SchemaChange) => number,
): ReadonlyMap<SchemaChange, Suspicion> {
  const gone = changes.filter((c) => c.kind === removed && c.recreated !== true);
  const fresh = changes.filter((c) => c.kind === added && c.recreated !== true);
  // A hundred on each side is a load of another schema, not a rename.
  if (gone.length * fresh.length === 0 || gone.length * fresh.length > 10_000) return new Map();
  const scored = gone
    .flatMap((g) => fresh.map((f) => ({ g, f, score: scoreOf(g, f) })))
    .filter((pair) => pair.score >= leastScore)
    .sort((a, b) => b.score - a.score);
  const found = new Map<SchemaChange, Suspicion>();
  for (const { g, f, score } of scored) {
    if (found.has(g) || found.has(f)) continue;
    const rounded = Math.round(score * 100) / 100;
    found.set(g, { ref: f.object, score: rounded });
    found.set(f, { ref: g.object, score: rounded });
  }
  return found;
}

type Position = (table: TableName, column: string) => number | undefined;

/** Where a column stands in its table; the tables are looked up once asked for. */
function positionsIn(snapshot: SchemaSnapshot): Position {
  let tables: ReadonlyMap<string, Table> | undefined;
  return (table, column) => {
    tables ??= new Map(snapshot.tables.map((t) => [tableKey(t), t]));
    return tables.get(tableKey(table))?.columns.findIndex((c) => c.name === column);
  };
}

function columnScore(gone: SchemaChange, fresh: SchemaChange, past: Position, present: Position): number {
  const [old, now] = [gone.before as Column, fresh.after as Column];
  const place = { schema: fresh.place.schema, name: fresh.place.table ?? "" };
  const sameType = old.type === now.type && old.nullable === now.nullable;
  const samePlace = past(place, old.name) === present(place, now.name);
  return (sameType ? 0.25 : 0) + (samePlace ? 0.25 : 0) + likeness(old.name, now.name) / 2;
}

function tableScore(old: Table, now: Table): number {
  const shape = (t: Table) => t.columns.map((c) => `${c.name} ${c.type}`);
  const [a, b] = [new Set(shape(old)), new Set(shape(now))];
  const common = [...a].filter((x) => b.has(x)).length;
  const shared = common / Math.max(1, a.size + b.size - common);
  return old.kind === now.kind ? shared / 2 + likeness(old.name, now.name) / 2 : 0;
}

/** Share of three-letter pieces two names have in common (Dice's coefficient over trigrams of the padded names). */
function likeness(a: string, b: string): number {
  const pieces = (name: string) => {
    const padded = `  ${name.toLowerCase()} `;
    return new Set(Array.from({ length: padded.length - 2 }, (_, i) => padded.slice(i, i + 3)));
  };
  const [x, y] = [pieces(a), pieces(b)];
  return (2 * [...x].filter((p) => y.has(p)).length) / (x.size + y.size);
}
