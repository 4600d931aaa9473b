/**
 * What a change breaks or makes doubtful: glossary metrics, confirmed mappings, inferred links, kept queries, views, row policies.
 * Transitive through views and metrics. Each with its effect and, for a proven rename, the mended form. Pure; sends nothing anywhere.
 */

import type { SchemaSnapshot } from "../schema/snapshot.js";
import type { SchemaChange } from "./change.js";
import type { Dependents, Impact } from "./dependents.js";
import { mendExpression, mendQuery, mendRef, type NameChanges, renamesOf } from "./mend.js";
import { type Touched, touchedBy } from "./touched.js";
import { type Use, usesOf } from "./uses.js";

/** The impacts of each change, in the order of `changes`. Dependents may be named in either snapshot's names. */
export function impactsOf(
  changes: readonly SchemaChange[],
  before: SchemaSnapshot,
  after: SchemaSnapshot,
  dependents: Dependents,
): readonly (readonly Impact[])[] {
  const uses = usesOf(before, dependents);
  const renames = renamesOf(changes, before, after);
  return changes.map((change) => {
    const touched = touchedBy(change, before, after, renames);
    if (touched === undefined) return [];
    const found = new Map<string, Impact>();
    for (const use of uses) {
      if (!touches(use, touched)) continue;
      const key = `${use.what}\u0000${use.ref}`;
      if (!found.has(key)) found.set(key, impact(use, change, renames));
    }
    return [...found.values()];
  });
}

function touches(use: Use, touched: Touched): boolean {
  if (touched.word !== undefined && use.text !== undefined && touched.word(use.text)) return true;
  for (const [key, columns] of touched.tables) {
    const read = use.reads.get(key);
    if (read === undefined) continue;
    if (columns === undefined || [...columns].some((c) => read.has(c))) return true;
  }
  return false;
}

function impact(use: Use, change: SchemaChange, renames: NameChanges): Impact {
  const through = use.through === undefined ? "" : ` (through ${use.through})`;
  const mended = use.through === undefined && change.renamedFrom !== undefined ? mend(use, renames) : undefined;
  return {
    what: use.what,
    ref: use.ref,
    effect: `${effectOf(use, change)}${through}`,
    ...(mended === undefined ? {} : { mended }),
  };
}

function mend(use: Use, renames: NameChanges): string | undefined {
  if (use.text === undefined) return undefined;
  if (use.what === "query") return mendQuery(use.text, renames);
  if (use.what === "mapping") return mendRef(use.text, renames);
  return use.what === "glossary" ? mendExpression(use.text, renames) : undefined;
}

function effectOf(use: Use, change: SchemaChange): string {
  if (change.kind === "table_renamed" || change.kind === "column_renamed") return renameEffect(use, change);
  if (change.effect === "break") return brokenEffects[use.what](change);
  if (change.effect === "policy") return `sees other rows or columns: ${change.summary}`;
  return `may answer otherwise: ${change.summary}`;
}

function renameEffect(use: Use, change: SchemaChange): string {
  if (use.what === "view")
    return "follows the rename by itself; where its own columns have other names now, that is a change of its own";
  if (use.what === "mapping") return `moves to ${change.object}`;
  if (use.what === "relationship" || use.what === "policy") return `follows to ${change.object}`;
  return `fails by the old name ${change.renamedFrom ?? ""}`;
}

const brokenEffects: Readonly<Record<Impact["what"], (change: SchemaChange) => string>> = {
  query: (c) => `fails: ${c.summary}`,
  view: (c) => `fails or is gone: ${c.summary}`,
  mapping: (c) => `points at what is gone: ${c.object}`,
  glossary: (c) => `cannot be computed: ${c.summary}`,
  policy: (c) => `names what is gone: ${c.object}`,
  relationship: (c) => `is gone with ${c.object}`,
};
