/**
 * Word vectors: 80,000 English words in order of frequency, 100 dimensions, int8, loaded once. Written by `bench/train-vectors.ts`, which gives the layout.
 * A phrase is the mean of its words weighted by smooth inverse frequency (Arora, Liang, Ma 2017), scaled to length one.
 */

import { dataFile } from "./data-files.js";

/** Numbers of one vector. */
export const vectorLength = 100;

interface Vectors {
  /** A word's row, which is its rank by frequency from 0. */
  readonly rows: ReadonlyMap<string, number>;
  readonly dimensions: number;
  readonly body: Int8Array;
}

let loaded: Vectors | undefined;

function vectors(): Vectors {
  loaded ??= load(dataFile("vectors.bin"));
  return loaded;
}

function load(bytes: Buffer): Vectors {
  const count = bytes.readUInt32LE(0);
  const dimensions = bytes.readUInt32LE(4);
  const start = 12 + bytes.readUInt32LE(8);
  const words = bytes.subarray(12, start).toString("latin1").split("\n");
  const rows = new Map<string, number>();
  for (let i = 0; i < words.length; i += 1) rows.set(words[i] ?? "", i);
  const body = new Int8Array(bytes.buffer, bytes.byteOffset + start, count * dimensions);
  return { rows, dimensions, body };
}

/** Rank of a lower-case word by frequency, 0 the most frequent; undefined where it is not among the words known. */
export function wordRank(word: string): number | undefined {
  return vectors().rows.get(word);
}

/** Smooth inverse frequency of a word, 0 to 1: near 1 for a rare word, near 0 for "the". Frequencies follow Zipf's law over ranks. */
export function rarity(word: string): number {
  const rank = vectors().rows.get(word) ?? 60_000;
  const frequency = 1 / ((rank + 2.7) * 11.5);
  return 1e-3 / (1e-3 + frequency);
}

const units = new Map<number, Float32Array>();
/** Vectors kept at full precision, 400 bytes each. */
const maxUnits = 20_000;

/** A word's vector, of length one and not to be written to; undefined where the word has none. */
export function wordVector(word: string): Float32Array | undefined {
  const { rows, body, dimensions } = vectors();
  const row = rows.get(word);
  if (row === undefined) return undefined;
  const known = units.get(row);
  if (known !== undefined) return known;
  const made = unit(Float32Array.from(body.subarray(row * dimensions, (row + 1) * dimensions)));
  if (units.size >= maxUnits) units.clear();
  units.set(row, made);
  return made;
}

/** The vector of several words, of length one; undefined where none has a vector. `weightOf` defaults to rarity. */
export function phraseVector(words: readonly string[], weightOf = rarity): Float32Array | undefined {
  let sum: Float32Array | undefined;
  for (const word of words) {
    const vector = wordVector(word);
    if (vector === undefined) continue;
    sum ??= new Float32Array(vector.length);
    const weight = weightOf(word);
    for (let d = 0; d < vector.length; d += 1) sum[d] = (sum[d] ?? 0) + weight * (vector[d] ?? 0);
  }
  return sum === undefined ? undefined : unit(sum);
}

export function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  return a === undefined || b === undefined ? 0 : dot(a, b, 0);
}

/** Sum of products of `a` with the numbers of `b` from `offset`. */
export const dot = (a: Float32Array, b: Float32Array, offset: number): number => product(a, 0, b, offset, a.length);

/** Sum of products of so many numbers of `a` from `from` with those of `b` from `at`; the length is a multiple of four, or the rest costs more. */
export function product(a: Float32Array, from: number, b: Float32Array, at: number, length: number): number {
  // Four sums at once: one alone waits for each addition before the next.
  let [p, q, r, s] = [0, 0, 0, 0];
  const [end, last] = [from + length - (length % 4), from + length];
  let [i, j] = [from, at];
  for (; i < end; i += 4, j += 4) {
    p += (a[i] as number) * (b[j] as number);
    q += (a[i + 1] as number) * (b[j + 1] as number);
    r += (a[i + 2] as number) * (b[j + 2] as number);
    s += (a[i + 3] as number) * (b[j + 3] as number);
  }
  for (; i < last; i += 1, j += 1) p += (a[i] as number) * (b[j] as number);
  return p + q + r + s;
}

/**
 * Sums of products of each of `count` rows, that begin `stride` apart from `from`, with the numbers of `b` from `at`: written to `out` from `to`. No number
 * is handed back, so none is put on the heap.
 */
export function products(
  rows: Float32Array,
  { from, stride, count }: { readonly from: number; readonly stride: number; readonly count: number },
  b: Float32Array,
  at: number,
  length: number,
  out: Float32Array | Float64Array,
  to: number,
): void {
  const abreast = count - (count % 4);
  for (let row = 0; row < abreast; row += 4) {
    let i = from + row * stride;
    let [p, q, r, s] = [0, 0, 0, 0];
    for (let j = at; j < at + length; j += 1, i += 1) {
      const number = b[j] as number;
      p += (rows[i] as number) * number;
      q += (rows[i + stride] as number) * number;
      r += (rows[i + 2 * stride] as number) * number;
      s += (rows[i + 3 * stride] as number) * number;
    }
    out[to + row] = p;
    out[to + row + 1] = q;
    out[to + row + 2] = r;
    out[to + row + 3] = s;
  }
  for (let row = abreast; row < count; row += 1) out[to + row] = product(rows, from + row * stride, b, at, length);
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(cosine(vector, vector));
  if (length > 0) for (let d = 0; d < vector.length; d += 1) vector[d] = (vector[d] as number) / length;
  return vector;
}
