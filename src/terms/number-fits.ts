/**
 * Which columns could hold a number or date that a question names ("after 2010", "more than 6000"): those whose least and greatest stored value, by the
 * value profile, lie around it. Pure.
 */

import { shapeOf } from "./cues.js";
import type { ColumnDoc, TermIndex } from "./term-index.js";
import { profileOf } from "./values.js";
import type { Token } from "./words.js";

interface Range {
  readonly least: number;
  readonly greatest: number;
  /** Whether it is of dates, as years. */
  readonly dates: boolean;
}

/** By question: by column, how telling its fit is: 1 over the number of columns that a literal fits, of the literal that fits fewest. */
export interface NumberFits {
  readonly literals: number;
  readonly share: ReadonlyMap<number, number>;
  /** By table: the best fit of its columns, whose it is, and the second best. */
  readonly byTable: ReadonlyMap<number, TableFit>;
  /** By column, its range where that is known. */
  readonly known: ReadonlyMap<number, Range>;
}

interface TableFit {
  readonly column: number;
  readonly share: number;
  readonly second: number;
}

const ranges = new WeakMap<TermIndex, ReadonlyMap<number, Range>>();

const dateText = /^(\d{4})-\d{2}/u;

function rangesOf(index: TermIndex): ReadonlyMap<number, Range> {
  const known = ranges.get(index);
  if (known !== undefined) return known;
  const made = new Map<number, Range>();
  for (const column of index.columns) {
    // Any number fits some key.
    if (column.primary || column.twins >= 0) continue;
    const range = rangeOf(index, column);
    if (range !== undefined) made.set(column.id, range);
  }
  ranges.set(index, made);
  return made;
}

/** A column's range, where it holds numbers or dates. */
function rangeOf(index: TermIndex, column: ColumnDoc): Range | undefined {
  const found = profileOf(index, column);
  if (found?.min === undefined || found.max === undefined) return undefined;
  const [from, to] = [dateText.exec(String(found.min))?.[1], dateText.exec(String(found.max))?.[1]];
  if (from !== undefined && to !== undefined) return { least: Number(from), greatest: Number(to), dates: true };
  const [least, greatest] = [Number(found.min), Number(found.max)];
  if (found.min === "" || found.max === "" || !Number.isFinite(least) || !Number.isFinite(greatest)) return undefined;
  return { least, greatest, dates: false };
}

/** Of a text without numbers nobody asks what the columns hold. */
const noNumbers: NumberFits = { literals: 0, share: new Map(), byTable: new Map(), known: new Map() };

/** What the numbers of a text fit. `taken`: tokens that stored values or quotation marks explain. */
export function numberFits(index: TermIndex, tokens: readonly Token[], taken: (token: number) => boolean): NumberFits {
  const share = new Map<number, number>();
  let literals = 0;
  for (const [at, token] of tokens.entries()) {
    const shape = shapeOf(token);
    if (shape === undefined || token.quoted || taken(at)) continue;
    literals += 1;
    const number = Number(token.text.replaceAll(",", ""));
    const year = Number(/\d{4}/u.exec(token.text)?.[0]);
    const fits: number[] = [];
    for (const [id, range] of rangesOf(index)) {
      const value = range.dates ? (shape === "#number" ? Number.NaN : year) : shape === "#date" ? Number.NaN : number;
      if (value >= range.least && value <= range.greatest) fits.push(id);
    }
    for (const id of fits) share.set(id, Math.max(share.get(id) ?? 0, 1 / fits.length));
  }
  return literals === 0 ? noNumbers : { literals, share, byTable: bestOfTables(index, share), known: rangesOf(index) };
}

function bestOfTables(index: TermIndex, share: ReadonlyMap<number, number>): ReadonlyMap<number, TableFit> {
  const best = new Map<number, TableFit>();
  for (const [column, own] of share) {
    const table = index.columns[column]?.table ?? -1;
    const known = best.get(table);
    if (known === undefined || own > known.share) best.set(table, { column, share: own, second: known?.share ?? 0 });
    else if (own > known.second) best.set(table, { ...known, second: own });
  }
  return best;
}
