/**
 * Undeclared foreign keys: every declared one is hidden and inferred again, by weights trained on other databases (five folds over
 * databases). Directed F1 from names and types alone and with rows, precision by confidence, 95 % bootstrap interval over databases.
 */

import { linkWeights } from "../src/schema/link-weights.js";
import {
  dataFeatures,
  type JudgedLink,
  judgeCase,
  type LinkCase,
  loadCases,
  nameFeatures,
  train,
} from "./link-training.js";

const folds = 5;
const thresholds = [0.3, 0.4, 0.5, 0.7, 0.9, 0.95];
const families: readonly (readonly [string, (c: { readonly name: string; readonly sparse: boolean }) => boolean])[] = [
  ["small SQLite databases", (c) => !c.sparse && !["adventureworks", "chinook", "northwind"].includes(c.name)],
  ["PostgreSQL schemas", (c) => ["adventureworks", "chinook", "northwind"].includes(c.name)],
  ["schemas with most keys undeclared", (c) => c.sparse],
];

export async function run(): Promise<void> {
  const cases = await loadCases(linkWeights);
  const gold = cases.reduce((sum, c) => sum + c.gold.size, 0);
  console.log(`links: ${gold} declared keys of ${cases.length} databases, hidden; ${folds} folds over databases`);
  for (const withRows of [false, true]) {
    const judged = crossValidated(cases, withRows);
    console.log(withRows ? "\nwith rows" : "\nfrom names and types alone");
    for (const [family, belongs] of families) {
      const members = cases.filter(belongs);
      if (members.length > 0) report(family, members, judged);
    }
  }
}

function crossValidated(cases: readonly LinkCase[], withRows: boolean): ReadonlyMap<string, readonly JudgedLink[]> {
  const judged = new Map<string, readonly JudgedLink[]>();
  for (let fold = 0; fold < folds; fold++) {
    const others = cases.filter((_, i) => i % folds !== fold);
    const model = {
      names: train(others, nameFeatures),
      data: withRows ? train(others, dataFeatures) : linkWeights.data,
    };
    for (const [i, one] of cases.entries())
      if (i % folds === fold) judged.set(one.name, judgeCase(one, model, withRows));
  }
  return judged;
}

function report(family: string, cases: readonly LinkCase[], judged: ReadonlyMap<string, readonly JudgedLink[]>): void {
  console.log(`${family}: ${cases.length} databases`);
  for (const threshold of thresholds) {
    const score = scoreOf(cases, judged, threshold);
    const [low, high] = interval(cases, judged, threshold);
    const figures = [score.precision, score.recall, score.f1].map((x) => x.toFixed(3)).join("  ");
    console.log(
      `  >= ${threshold.toFixed(2)}  P R F1  ${figures}  [${low.toFixed(3)}, ${high.toFixed(3)}]  told ${score.told}`,
    );
  }
}

interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly told: number;
}

function scoreOf(
  cases: readonly LinkCase[],
  judged: ReadonlyMap<string, readonly JudgedLink[]>,
  threshold: number,
): Score {
  const links = cases.flatMap((c) => judged.get(c.name) ?? []).filter((l) => l.confidence >= threshold && !l.implied);
  const right = links.filter((l) => l.right).length;
  const gold = cases.reduce((sum, c) => sum + c.gold.size, 0);
  const precision = right / Math.max(1, links.length);
  const recall = right / Math.max(1, gold);
  return { precision, recall, f1: (2 * right) / Math.max(1, links.length + gold), told: links.length };
}

/** Percentile bootstrap of F1 over databases, 1,000 draws of a fixed seed. */
function interval(
  cases: readonly LinkCase[],
  judged: ReadonlyMap<string, readonly JudgedLink[]>,
  threshold: number,
): readonly [number, number] {
  let seed = 42;
  const next = () => {
    seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return seed / 4_294_967_296;
  };
  const draws = Array.from({ length: 1_000 }, () => {
    const drawn = cases.flatMap(() => cases[Math.floor(next() * cases.length)] ?? []);
    return scoreOf(drawn, judged, threshold).f1;
  }).toSorted((a, b) => a - b);
  return [draws[25] ?? 0, draws[974] ?? 0];
}
