/** Terms that are written as Refs and name nothing here (any more). Pure. */

import { error } from "../issue.js";
import { nameWords } from "../schema/name-words.js";
import { findTable, parseRef, printRef } from "../schema/names.js";
import type { SchemaSnapshot } from "../schema/snapshot.js";
import { nearestNames } from "../terms/nearest.js";
import type { QueryContext } from "./answer.js";
import { type Instead, refuse } from "./stop.js";

/** A term that is written as a Ref of two or three names. */
export const refShape =
  /^(?:[\p{L}_][\p{L}\p{N}_$]*|"(?:[^"]|"")+")(?:\.(?:[\p{L}_][\p{L}\p{N}_$]*|"(?:[^"]|"")+")){1,2}$/u;

/** A Ref that names nothing here is refused with the nearest ones, never read as words: what was meant is not there (any more). */
export function refuseLostRef(
  term: string,
  snapshot: SchemaSnapshot,
  instead: (near: readonly string[], column: string) => readonly Instead[],
): void {
  const parts = refShape.test(term) ? parseRef(term) : undefined;
  if (parts === undefined) return;
  const [column = "", table = "", schema] = parts.toReversed();
  const owner = findTable(snapshot, table, schema);
  const help = "Take Refs from discover_schema, or use business words.";
  if (owner === undefined) {
    const names = snapshot.tables.map((t) => printRef(snapshot, t));
    const candidates = nearestNames(schema === undefined ? table : `${schema}.${table}`, names, 3);
    refuse(error("unknown_table", `There is no table for "${term}".`, { help, candidates }), instead([], column));
  }
  const near = nearestNames(
    column,
    owner.columns.map((c) => c.name),
    3,
  );
  const candidates = near.map((name) => printRef(snapshot, owner, name));
  refuse(
    error("unknown_column", `${printRef(snapshot, owner)} has no column "${column}".`, { help, candidates }),
    instead(candidates, column),
  );
}

/** Columns elsewhere that say what a lost one said. */
export function carriers(lost: string, { resolve }: Pick<QueryContext, "resolve">): readonly string[] {
  const term = nameWords(lost).join(" ");
  return resolve({ term, kinds: ["column"], limit: 3 }).matches.map((m) => m.ref);
}
