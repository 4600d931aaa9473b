/**
 * What a label means where only its code is stored: "California" is `CA` in `addresses.state_cd`, by the table of codes that the column refers to.
 * Told beside the label's own match, never above it: which of the two a query wants, its other words say. Pure.
 */

import { findTable, printRef, tableKey } from "../schema/names.js";
import { oncePer } from "../schema/once.js";
import type { Relationship } from "../schema/relationships.js";
import type { SchemaView } from "../schema/view.js";
import type { TermMatch } from "./mapping.js";
import { plain } from "./plain.js";

/** A link less sure says nothing of what a code means. */
const minLinkConfidence = 0.9;
/** Of a label's own confidence, what its codes have together: beside it, or where its table is not among those asked about. */
export const beside = 0.2;
export const alone = 0.9;

/** Matches of columns that hold the code of a label that was matched, surest first. `share`: see above. */
export function codedMatches(view: SchemaView, matches: readonly TermMatch[], share: number): readonly TermMatch[] {
  const found = matches.flatMap((match): TermMatch[] => {
    const place = labelsByRef(view).get(match.ref);
    const code = place?.labels.pairs.find(([, label]) => label === match.value)?.[0];
    if (match.kind !== "value" || place === undefined || code === undefined) return [];
    return place.columns.map(({ ref, type }) => ({
      kind: "value" as const,
      ref,
      type,
      value: code,
      confidence: (match.confidence * share) / place.columns.length,
      why: [{ signal: "code_of_label", score: 1, detail: `${match.ref} = ${JSON.stringify(match.value)}` }],
    }));
  });
  return found.toSorted((a, b) => b.confidence - a.confidence);
}

/** The code that a column holds for a label, and where the label stands; undefined where no label, or more than one code, is so called. */
export function codeOf(
  view: SchemaView,
  ref: string,
  label: string,
): { readonly code: string | number; readonly label: string; readonly labels: string } | undefined {
  const found = [...labelsByRef(view)].flatMap(([labels, place]) =>
    place.columns.some((column) => column.ref === ref)
      ? place.labels.pairs
          .filter(([, text]) => plain(text) === plain(label))
          .map(([code, text]) => ({ code, label: text, labels }))
      : [],
  );
  const [only, second] = found;
  return second === undefined ? only : undefined;
}

/** By the Ref of a label's column: its codes, and the columns that hold them. */
const labelsByRef = oncePer((view: SchemaView) => {
  const { snapshot, statistics } = view;
  return new Map(
    snapshot.tables.flatMap((table) => {
      const labels = statistics.tables[tableKey(table)]?.labels;
      if (labels === undefined) return [];
      const columns = referring(view, tableKey(table), labels.code).flatMap(({ from }) => {
        const owner = findTable(snapshot, from.table.name, from.table.schema);
        const column = owner?.columns.find((c) => c.name === from.columns[0]);
        return owner === undefined || column === undefined
          ? []
          : [{ ref: printRef(snapshot, owner, column.name), type: column.type }];
      });
      return columns.length === 0 ? [] : [[printRef(snapshot, table, labels.label), { labels, columns }] as const];
    }),
  );
});

function referring(view: SchemaView, table: string, code: string): readonly Relationship[] {
  return view.relationships.filter(
    ({ to, confidence }) =>
      confidence >= minLinkConfidence &&
      to.columns.length === 1 &&
      to.columns[0] === code &&
      tableKey(to.table) === table,
  );
}
