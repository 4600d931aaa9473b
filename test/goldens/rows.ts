/** Whether two results hold the same rows, whatever dialect they come from: as bags or in order, numbers within a rounding error. */

/** Values as text (NULL apart): numbers in decimal, times as ISO 8601 with a blank, truth as 1 and 0. */
export type Cell = string | null;
export type Rows = readonly (readonly Cell[])[];

export interface Comparison {
  readonly ordered: boolean;
  readonly exact: boolean;
}

const number = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
/** Sums in floating point (SQLite) differ from decimals (PostgreSQL) by so much of their size at most. */
const relativeError = 1e-9;
const absoluteError = 1e-6;

/** What differs, in words; undefined where nothing does. */
export function difference(actual: Rows, wanted: Rows, how: Comparison): string | undefined {
  if (how.ordered) {
    const at = wanted.findIndex((row, i) => !sameRow(actual[i], row, how));
    if (at < 0 && actual.length === wanted.length) return undefined;
    return `${actual.length} rows for ${wanted.length}; row ${at}: got ${show(actual[at])}, wanted ${show(wanted[at])}`;
  }
  const left = byText(actual);
  const missing: (readonly Cell[])[] = [];
  for (const row of wanted) {
    const alike = left.get(textKey(row)) ?? [];
    const at = alike.findIndex((candidate) => sameRow(candidate, row, how));
    if (at < 0) missing.push(row);
    else alike.splice(at, 1);
  }
  const extra = [...left.values()].flat();
  if (missing.length === 0 && extra.length === 0) return undefined;
  const first = (rows: Rows) => rows.slice(0, 3).map(show).join(" ");
  return `${actual.length} rows for ${wanted.length}; ${missing.length} missing: ${first(missing)}; ${extra.length} too many: ${first(extra)}`;
}

function byText(rows: Rows): Map<string, (readonly Cell[])[]> {
  const groups = new Map<string, (readonly Cell[])[]>();
  for (const row of rows) groups.set(textKey(row), [...(groups.get(textKey(row)) ?? []), row]);
  return groups;
}

function textKey(row: readonly Cell[]): string {
  return JSON.stringify(row.map((cell) => (cell !== null && number.test(cell) ? 0 : cell)));
}

function sameRow(a: readonly Cell[] | undefined, b: readonly Cell[], how: Comparison): boolean {
  return a !== undefined && a.length === b.length && a.every((cell, i) => sameCell(cell, b[i] ?? null, how));
}

function sameCell(a: Cell, b: Cell, how: Comparison): boolean {
  if (a === null || b === null) return a === b;
  if (how.exact || !number.test(a) || !number.test(b)) return a === b;
  const size = Math.max(Math.abs(Number(a)), Math.abs(Number(b)));
  return Math.abs(Number(a) - Number(b)) <= Math.max(absoluteError, size * relativeError);
}

function show(row: readonly Cell[] | undefined): string {
  return row === undefined ? "nothing" : `(${row.map((c) => c ?? "NULL").join(", ")})`;
}
