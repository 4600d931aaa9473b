/** Which tables a `discover_schema` call means: by name or glob, schema, kind and topic. Unknown names are issues with the nearest ones. */

import picomatch from "picomatch";
import { error, fail, type Issue, ok, type Result } from "../issue.js";
import { printRef, resolveRef, tableKey } from "../schema/names.js";
import { sorted } from "../schema/normal-form.js";
import { oncePer } from "../schema/once.js";
import type { SchemaSnapshot, Table, TableKind } from "../schema/snapshot.js";
import { nearestNames } from "../terms/nearest.js";

export interface Selection {
  readonly tables?: readonly string[] | undefined;
  readonly schemas?: readonly string[] | undefined;
  readonly kinds?: readonly TableKind[] | undefined;
}

/** The tables meant, in the listing's order: the default schema first, then by name. Partitions stand with their parent unless named. */
export function selectTables(snapshot: SchemaSnapshot, selection: Selection): Result<readonly Table[]> {
  const issues = unknownSchemas(snapshot, selection.schemas ?? []);
  const named = selection.tables === undefined ? undefined : namedTables(snapshot, selection.tables, issues);
  if (issues.length > 0) return fail(...issues);
  const { tables, isPart } = listingOf(snapshot);
  const schemas = selection.schemas && new Set(selection.schemas);
  const kinds = selection.kinds && new Set(selection.kinds);
  const chosen = tables.filter((t) => {
    if (named === undefined ? isPart.has(t) : !named.has(tableKey(t))) return false;
    return (schemas === undefined || schemas.has(t.schema)) && (kinds === undefined || kinds.has(t.kind));
  });
  return ok(chosen);
}

/** All tables in the listing's order, and which of them are partitions of one that is there. */
const listingOf = oncePer((snapshot: SchemaSnapshot) => {
  const present = new Set(snapshot.tables.map(tableKey));
  const isPart = snapshot.tables.filter((t) => t.partitionOf !== undefined && present.has(tableKey(t.partitionOf)));
  const first = (t: Table) => (t.schema === snapshot.defaultSchema ? "0" : "1");
  return { tables: sorted(snapshot.tables, (t) => `${first(t)}${tableKey(t)}`), isPart: new Set(isPart) };
});

function namedTables(snapshot: SchemaSnapshot, asked: readonly string[], issues: Issue[]): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const name of asked) {
    const exact = resolveRef(snapshot, name);
    if (exact !== undefined && exact.column === undefined) {
      keys.add(tableKey(exact.table));
      continue;
    }
    if (!picomatch.scan(name).isGlob) {
      issues.push(unknownTable(snapshot, name));
      continue;
    }
    const matches = picomatch(name, { nocase: true, dot: true, nonegate: true });
    for (const table of snapshot.tables) {
      if (matches(printRef(snapshot, table)) || matches(`${table.schema}.${table.name}`) || matches(table.name)) {
        keys.add(tableKey(table));
      }
    }
  }
  return keys;
}

function unknownTable(snapshot: SchemaSnapshot, name: string): Issue {
  const refs = snapshot.tables.map((t) => printRef(snapshot, t));
  const candidates = nearestNames(name, refs, 5);
  const help =
    candidates.length > 0
      ? "Use one of the candidates, or a glob such as order*."
      : 'List what is there with detail: "names", or ask by topic with `about`.';
  return error("unknown_table", `There is no table "${name}".`, { candidates, help });
}

function unknownSchemas(snapshot: SchemaSnapshot, asked: readonly string[]): Issue[] {
  const known = snapshot.schemas.map((s) => s.name);
  return asked
    .filter((name) => !known.includes(name) && !snapshot.tables.some((t) => t.schema === name))
    .map((name) => {
      const near = nearestNames(name, known, 5);
      const candidates = near.length > 0 ? near : known.slice(0, 10);
      return error("unknown_schema", `There is no schema "${name}".`, {
        candidates,
        help: "Use one of the candidates.",
      });
    });
}
