/** Terms and metrics that a company's own glossary names: a match by name or synonym is as good as certain. Pure. */

import { printRef, resolveRef } from "../schema/names.js";
import type { MatchKind, TermMatch } from "./mapping.js";
import type { TermIndex } from "./term-index.js";
import { lemmasOf } from "./words.js";

/** A glossary's own words are a decision that people wrote down. */
const certainty = 0.99;

export function glossaryMatches(index: TermIndex, term: string, kinds: ReadonlySet<MatchKind>): readonly TermMatch[] {
  const asked = lemmasOf(term).join(" ");
  const named = (entry: { readonly name: string; readonly synonyms: readonly string[] }) =>
    [entry.name, ...entry.synonyms].find(
      (n) => n.toLowerCase() === term.trim().toLowerCase() || lemmasOf(n).join(" ") === asked,
    );
  const found: TermMatch[] = [];
  for (const metric of index.glossary.metrics) {
    const name = kinds.has("measure") ? named(metric) : undefined;
    if (name === undefined) continue;
    found.push({
      kind: "measure",
      ref: metric.name,
      expression: metric.expression,
      confidence: certainty,
      why: [{ signal: "glossary", score: 1, detail: name }],
    });
  }
  for (const entry of index.glossary.terms) {
    const name = named(entry);
    const target = name === undefined ? undefined : resolveRef(index.view.snapshot, entry.ref);
    if (target === undefined) continue;
    const kind: MatchKind = entry.value !== undefined ? "value" : target.column === undefined ? "table" : "column";
    if (!kinds.has(kind)) continue;
    const type = target.table.columns.find((c) => c.name === target.column)?.type;
    found.push({
      kind,
      ref: printRef(index.view.snapshot, target.table, target.column),
      ...(type === undefined ? {} : { type }),
      ...(entry.value === undefined ? {} : { value: entry.value }),
      confidence: certainty,
      why: [{ signal: "glossary", score: 1, detail: entry.name }],
    });
  }
  return found;
}
