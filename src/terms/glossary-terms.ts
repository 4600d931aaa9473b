/**
 * Terms and metrics that a company's own glossary names: a match by name or synonym is as good as certain. "Revenue" where there are a net and a
 * gross revenue means one of them, and which is worth asking. Pure.
 */

import { printRef, resolveRef } from "../schema/names.js";
import type { Glossary, GlossaryMetric } from "./glossary.js";
import type { MatchKind, TermMatch } from "./mapping.js";
import type { TermIndex } from "./term-index.js";
import { lemmasOf } from "./words.js";

/** A glossary's own words are a decision that people wrote down. */
const certainty = 0.99;
/** The asked word is what a metric's name is about ("revenue" of "net revenue"): by one such metric, and by several of which one must be chosen. */
const headOfOne = 0.97;
const headOfSeveral = 0.95;

export function glossaryMatches(index: TermIndex, term: string, kinds: ReadonlySet<MatchKind>): readonly TermMatch[] {
  const asked = lemmasOf(term).join(" ");
  const named = (entry: { readonly name: string; readonly synonyms: readonly string[] }) =>
    [entry.name, ...entry.synonyms].find(
      (n) => n.toLowerCase() === term.trim().toLowerCase() || lemmasOf(n).join(" ") === asked,
    );
  const found: TermMatch[] = kinds.has("measure") ? [...metricMatches(index, asked, named)] : [];
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

function metricMatches(
  index: TermIndex,
  asked: string,
  named: (metric: TermIndex["glossary"]["metrics"][number]) => string | undefined,
): readonly TermMatch[] {
  const { metrics } = index.glossary;
  const whole = metrics.flatMap((metric) => {
    const name = named(metric);
    return name === undefined ? [] : [{ metric, name, signal: "glossary" }];
  });
  const about = (name: string) => ` ${lemmasOf(name).join(" ")}`.endsWith(` ${asked}`);
  const part = metrics.flatMap((metric) => {
    const name = asked === "" ? undefined : [metric.name, ...metric.synonyms].find(about);
    return name === undefined ? [] : [{ metric, name, signal: "glossary_part" }];
  });
  const chosen = whole.length > 0 ? whole : part;
  const confidence = whole.length > 0 ? certainty : part.length === 1 ? headOfOne : headOfSeveral;
  return chosen.map(({ metric, name, signal }) => ({
    kind: "measure",
    ref: metric.name,
    expression: metric.expression,
    confidence,
    why: [{ signal, score: whole.length > 0 ? 1 : confidence, detail: name }],
  }));
}

/** The metrics that a text speaks of: by a whole name of theirs, or by the one word that the name is about. */
export function metricsIn(glossary: Glossary, text: string): readonly { metric: GlossaryMetric; whole: boolean }[] {
  const words = ` ${lemmasOf(text).join(" ")} `;
  return glossary.metrics.flatMap((metric) => {
    const names = [metric.name, ...metric.synonyms].map((name) => lemmasOf(name)).filter((name) => name.length > 0);
    const whole = names.some((name) => words.includes(` ${name.join(" ")} `));
    return whole || names.some((name) => words.includes(` ${name.at(-1)} `)) ? [{ metric, whole }] : [];
  });
}
