/** Terms that are names of the schema as they stand: Refs, and names written out with blanks. Pure. */

import { parseRef, printRef, resolveRef } from "../schema/names.js";
import type { Table } from "../schema/snapshot.js";
import type { MatchKind, TermMatch } from "./mapping.js";
import { hasMarker, isUnit, quantitiesOf } from "./naming-marks.js";
import type { PhraseContext } from "./phrase-features.js";
import { columnsOfTable, type TermIndex } from "./term-index.js";
import { columnWhy } from "./why.js";
import { lemmasOf, splitIdentifier } from "./words.js";

/** A Ref as it stands in the schema, quoted or not, in any case. One bare word is a name only where no column shares it. */
export function exactRef(index: TermIndex, term: string, kinds: ReadonlySet<MatchKind>): TermMatch | undefined {
  const parts = parseRef(term.trim());
  if (parts === undefined) return undefined;
  const { snapshot } = index.view;
  const found = resolveRef(snapshot, term.trim()) ?? spelledOut(index, term);
  if (found === undefined) return undefined;
  if (found.column !== undefined) {
    if (!kinds.has("column")) return undefined;
    const type = found.table.columns.find((c) => c.name === found.column)?.type ?? "";
    return {
      kind: "column",
      ref: printRef(snapshot, found.table, found.column),
      type,
      confidence: 1,
      why: [{ signal: "exact_name", score: 1 }],
    };
  }
  const plainWord = parts.length === 1 && /^\p{L}+$/u.test(term.trim());
  if (
    !kinds.has("table") ||
    (plainWord &&
      kinds.has("column") &&
      kinds.size > 1 &&
      index.columns.some((c) => c.name.toLowerCase() === term.trim().toLowerCase()))
  )
    return undefined;
  return {
    kind: "table",
    ref: printRef(snapshot, found.table),
    confidence: 1,
    why: [{ signal: "exact_name", score: 1 }],
  };
}

/** The one table whose name, its marker included ("fct bookings", "customer table"), stands there with blanks. */
function spelledOut(
  index: TermIndex,
  term: string,
): { readonly table: Table; readonly column?: undefined } | undefined {
  const said = splitIdentifier(term);
  if (!hasMarker(said)) return undefined;
  const [table, second] = index.view.snapshot.tables.filter(
    ({ name }) => splitIdentifier(name).join(" ") === said.join(" "),
  );
  return table === undefined || second !== undefined ? undefined : { table };
}

/**
 * How sure a column is whose name stands there word for word, as a probability. In the development sets all of 890 phrases that spell one column's name of
 * several words mean it, and of 1,492 that spell its table's and its own all but a few whose label is wrong.
 */
const spelledConfidence = 0.97;

/** The one column, and no table, whose name of several words is the term, or its table's name and its own; else the one whose name is the term in short forms. */
export function spelledColumn(context: PhraseContext, term: string, candidates: readonly number[]): number | undefined {
  const { columns, tables } = context.index;
  const words = splitIdentifier(term);
  const said = words.join(" ");
  if (words.length < 2) return undefined;
  const length = said.length - words.length + 1;
  // Names are split only where their length tells that they may be it: letters, and at most as many marks as there are words.
  const spells = (name: string) =>
    name.length >= length &&
    name.length <= said.length + longestUnit &&
    withoutUnit(splitIdentifier(name), said) === said;
  const near = candidates.filter((id) => {
    const { name = "", table = -1, sameName } = columns[id] ?? {};
    return (sameName === 1 && spells(name)) || spells(`${tables[table]?.name ?? ""}_${name}`);
  });
  const whole = near.filter((id) => {
    const { name = "", table = -1 } = columns[id] ?? {};
    return [name, `${tables[table]?.name ?? ""}_${name}`].some((n) => splitIdentifier(n).join(" ") === said);
  });
  const fits = whole.length > 0 ? whole : near;
  const lemmas = lemmasOf(said).join(" ");
  const meant = fits.length > 0 ? fits : candidates.filter((c) => means(context.index, c, lemmas));
  const [id, second] = meant.length > 0 ? meant : titles(context, lemmas);
  if (id === undefined || second !== undefined) return undefined;
  const isTable = context.tables.some(
    (t) => lemmasOf(splitIdentifier(tables[t]?.name ?? "").join(" ")).join(" ") === lemmas,
  );
  return isTable ? undefined : id;
}

/** Letters of the longest unit, and what parts it from the name. */
const longestUnit = 14;

/** A name's words without a unit at its end that is not said (`payment_terms_days`). */
function withoutUnit(parts: readonly string[], said: string): string {
  const whole = parts.join(" ");
  const last = parts.at(-1) ?? "";
  return whole !== said && (isUnit(last) || quantitiesOf(parts).length > 0) ? parts.slice(0, -1).join(" ") : whole;
}

/** "product name" where the table of products has a title and no name: that. */
function titles({ index, tables }: PhraseContext, lemmas: string): readonly number[] {
  const rows = lemmas.endsWith(" name") ? lemmas.slice(0, -" name".length) : "";
  const called = tables.filter(
    (t) => lemmasOf(splitIdentifier(index.tables[t]?.name ?? "").join(" ")).join(" ") === rows,
  );
  return called.flatMap((t) => {
    const own = columnsOfTable(index, t);
    const isNamed = own.some((id) => splitIdentifier(index.columns[id]?.name ?? "").at(-1) === "name");
    return isNamed ? [] : own.filter((id) => index.columns[id]?.name.toLowerCase() === "title");
  });
}

/** Whether the name of a column, which no other has, is some lemmas with its short forms written out (`freight_amt`). */
function means({ columns, concepts }: TermIndex, id: number, lemmas: string): boolean {
  const column = columns[id];
  if (column === undefined || column.sameName > 1 || column.doc.concepts.length < 2) return false;
  return [...column.doc.concepts].map((c) => concepts[c]?.meaning ?? "").join(" ") === lemmas;
}

export function withSpelled(context: PhraseContext, found: readonly TermMatch[], id: number): readonly TermMatch[] {
  const column = context.index.columns[id];
  if (column === undefined) return found;
  const isIt = (m: TermMatch) => m.kind === "column" && m.ref === column.ref;
  const known = found.find(isIt);
  const confidence = Math.max(known?.confidence ?? 0, spelledConfidence);
  const why = [{ signal: "spelled_name", score: 1 }, ...(known?.why ?? columnWhy(context, id))];
  const others = found.filter((m) => !isIt(m)).map((m) => ({ ...m, confidence: m.confidence * (1 - confidence) }));
  return [{ kind: "column", ref: column.ref, type: column.type, confidence, why }, ...others];
}
