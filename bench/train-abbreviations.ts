/**
 * Learns `src/terms/data/abbreviations.json` from pairs of short and full column names (NameGuess, see the data's README):
 * `npx tsx bench/train-abbreviations.ts`. Each short name's tokens are laid along the full name's words by dynamic programming, and what each
 * token covered is counted. Deterministic.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { alignShortName, learnMeanings, type NamePair } from "./naming.js";

const data = process.env.SEXTANT_DATA ?? new URL("../../shared/data", import.meta.url).pathname;

const pairs = readFileSync(`${data}/naming/nameguess.jsonl`, "utf8")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => JSON.parse(line) as NamePair);
const meanings = learnMeanings(pairs);
const aligned = pairs.filter((p) => alignShortName(p.technical_name, p.label) !== undefined).length;
const file = {
  provenance: {
    set: "NameGuess (Zhang et al. 2023)",
    pairs: pairs.length,
    aligned,
    script: "bench/train-abbreviations.ts",
  },
  meanings,
};
writeFileSync(new URL("../src/terms/data/abbreviations.json", import.meta.url), `${JSON.stringify(file)}\n`);
process.stdout.write(`${pairs.length} pairs, ${aligned} aligned, ${Object.keys(meanings).length} short forms\n`);
