/**
 * The columns of a schema worth ranking for a text: all of a small one; of a large one those whose names or comments the text touches, by an inverted
 * index, with whole tables where the table is what it touches. A column that repeats another table's (`copies.ts`) stands back for that, unless the
 * text names its table. Pure.
 */

import { type Asked, associated, cellWidth, exactly, synonymous } from "./asked.js";
import type { TermIndex } from "./term-index.js";

/** Schemas up to this many columns are ranked whole. */
const wholeUpTo = 350;
/** At most this many columns of a larger one are ranked for their own names. */
const maxCandidates = 160;
/** Tables that are ranked whole when the text touches them most, up to so many columns of each. */
const wholeTables = 4;
const maxColumnsOfWhole = 30;
/** Schemas up to this many tables have all of them ranked; of a larger one this many beside those of the columns. */
const allTablesUpTo = 400;
const maxTables = 40;

export interface Candidates {
  readonly columns: readonly number[];
  readonly tables: readonly number[];
}

/** `also`: columns to rank whatever the text says of them. */
export function candidatesFor(index: TermIndex, asked: Asked, also: readonly number[] = []): Candidates {
  const small = index.columns.length <= wholeUpTo;
  const isMeant = whatIsMeant(index, asked);
  const touched = small && index.tables.length <= allTablesUpTo ? undefined : touchedBy(index, asked, isMeant);
  const own = touched === undefined || small ? index.columns.map((c) => c.id).filter(isMeant) : touched.columns;
  const columns = also.length === 0 && small ? own : [...new Set([...own, ...also])].sort((a, b) => a - b);
  if (touched === undefined || index.tables.length <= allTablesUpTo)
    return { columns, tables: index.tables.map((t) => t.id) };
  const tables = new Set([...touched.tables, ...columns.map((c) => index.columns[c]?.table ?? 0)]);
  return { columns, tables: [...tables].sort((a, b) => a - b) };
}

/** A table that repeats others is named where the text has all words that set its name apart from theirs, as they are written. */
const asWritten = 0.8;

function whatIsMeant(index: TermIndex, asked: Asked): (column: number) => boolean {
  const named = new Map<number, boolean>();
  const hasWord = (concept: number) => {
    const cells = asked.touched.get(concept);
    return asked.tokens.some((_, t) => (cells?.[t * cellWidth + exactly] ?? 0) >= asWritten);
  };
  const isNamed = (table: number) => {
    const known = named.get(table);
    if (known !== undefined) return known;
    const words = index.tables[table]?.ownWords ?? [];
    const is = words.length > 0 && words.every(hasWord);
    named.set(table, is);
    return is;
  };
  return (id) => {
    const column = index.columns[id];
    return column === undefined || !column.copy || isNamed(column.table);
  };
}

function touchedBy(index: TermIndex, asked: Asked, isMeant: (column: number) => boolean): Candidates {
  const names = new Float32Array(index.names.length);
  const comments = new Float32Array(index.comments.length);
  const tables = new Float32Array(index.tables.length);
  const described = new Float32Array(index.tables.length);
  for (const [concept, strength] of conceptStrengths(index, asked)) {
    raise(names, strength, index.namesOf[concept] ?? [], index.nameShares[concept] ?? []);
    raise(comments, strength, index.commentsOf[concept] ?? [], index.commentShares[concept] ?? []);
    raise(tables, strength, index.tablesOf[concept] ?? [], index.tableShares[concept] ?? []);
    raise(described, strength, index.describedTablesOf[concept] ?? [], index.describedTableShares[concept] ?? []);
  }
  for (let id = 0; id < tables.length; id += 1) tables[id] = Math.max(tables[id] as number, described[id] as number);
  const { nameOf, commentOf } = index;
  const scores = new Float32Array(index.columns.length);
  for (const { id: table, from, to } of index.tables) {
    const ofTable = 0.5 * (tables[table] as number);
    for (let id = from; id < to; id += 1) {
      const name = names[nameOf[id] as number] as number;
      const place = commentOf[id] as number;
      // A comment says as much as a name does where it says more.
      const own = place < 0 ? name : Math.max(name, comments[place] as number);
      if (own + ofTable > 0 && isMeant(id)) scores[id] = own + ofTable;
    }
  }
  const best = top(tables, maxTables);
  const whole = best.slice(0, wholeTables).flatMap((t) => {
    const { from, to } = index.tables[t] ?? { from: 0, to: 0 };
    return Array.from({ length: Math.min(to - from, maxColumnsOfWhole) }, (_, i) => from + i).filter(isMeant);
  });
  return { columns: [...new Set([...top(scores, maxCandidates), ...whole])], tables: best };
}

/** A text touches a concept less than this by chance. */
const leastStrength = 0.1;

/** How strongly the text touches each concept that it does not touch by chance; concepts rising. */
function conceptStrengths(index: TermIndex, asked: Asked): readonly (readonly [number, number])[] {
  const concepts = new Set(asked.touched.keys());
  for (const row of asked.rows) for (const concept of row?.alike ?? []) concepts.add(concept);
  const strengths: (readonly [number, number])[] = [];
  for (const concept of concepts) {
    const cells = asked.touched.get(concept);
    const vector = index.vectorOf[concept] as number;
    let strength = 0;
    for (let t = 0; t < asked.tokens.length; t += 1) {
      const at = t * cellWidth;
      const near = vector < 0 ? 0 : (asked.rows[t]?.vector?.[vector] ?? 0);
      const said = Math.max(
        cells?.[at + exactly] ?? 0,
        0.8 * (cells?.[at + synonymous] ?? 0),
        near > 0.5 ? 0.8 * near : 0,
      );
      strength = Math.max(strength, (asked.weights[t] as number) * said, 0.15 * (cells?.[at + associated] ?? 0));
    }
    if (strength > leastStrength) strengths.push([concept, strength]);
  }
  return strengths.sort((a, b) => a[0] - b[0]);
}

function raise(scores: Float32Array, strength: number, ids: readonly number[], shares: readonly number[]): void {
  for (let i = 0; i < ids.length; i += 1) {
    const id = ids[i] as number;
    scores[id] = (scores[id] as number) + strength * (shares[i] as number);
  }
}

/** The `count` best with a score above zero, best first, of equals the first: a heap whose root is the worst that is kept. */
function top(scores: Float32Array, count: number): number[] {
  const heap: number[] = [];
  const worse = (a: number, b: number) => {
    const difference = (scores[a] as number) - (scores[b] as number);
    return difference < 0 || (difference === 0 && a > b);
  };
  const sink = (id: number) => {
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && worse(heap[child + 1] as number, heap[child] as number)) child += 1;
      if (!worse(heap[child] as number, id)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = id;
  };
  let least = 0;
  for (let id = 0; id < scores.length; id += 1) {
    if ((scores[id] as number) <= least) continue;
    if (heap.length < count) {
      heap.push(id);
      if (heap.length === count) {
        heap.sort((a, b) => (worse(a, b) ? -1 : 1));
        least = scores[heap[0] as number] as number;
      }
    } else {
      sink(id);
      least = scores[heap[0] as number] as number;
    }
  }
  return heap.sort((a, b) => (worse(a, b) ? 1 : -1));
}
