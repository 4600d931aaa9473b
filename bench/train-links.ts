/** Trains the weights of `src/schema/link-weights.ts` on all development databases and writes them. Deterministic. */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { linkWeights } from "../src/schema/link-weights.js";
import { loadCases, trainModel } from "./link-training.js";

export async function run(): Promise<void> {
  const first = trainModel(await loadCases(linkWeights));
  // The weights decide which pairs are checked, so the cases are read again with the new ones.
  const cases = await loadCases(first);
  const { names, data } = trainModel(cases);
  const path = fileURLToPath(new URL("../src/schema/link-weights.ts", import.meta.url));
  writeFileSync(path, fileText(names, data));
  console.log(`links: weights of ${cases.length} databases written; format them with biome`);
}

function fileText(names: Readonly<Record<string, number>>, data: Readonly<Record<string, number>>): string {
  return `/**
 * Weights of the link model, written by \`bench/train-links.ts\`; do not edit by hand. Provenance: the declared foreign keys of the development
 * databases. \`names\` judges by names, types and keys; \`data\` with rows as well.
 */

export const linkWeights: {
  readonly names: Readonly<Record<string, number>>;
  readonly data: Readonly<Record<string, number>>;
} = ${JSON.stringify({ names, data }, undefined, 2)};
`;
}
