/**
 * Undeclared foreign keys: every declared one is hidden and inferred again, by weights trained on other databases (five folds over
 * databases). Directed F1 from names and types alone and with rows, precision by confidence, 95 % bootstrap interval over databases. Two readings:
 * raw, where every link that is not declared is wrong; and unrefuted ones left out, where wrong is what a declared key of the same column or a
 * missing value speaks against (many schemas do not declare all that holds).
 */

import { linkWeights } from "../src/schema/link-weights.js";
import { seeded } from "./forest-training.js";
import { holdsRows, type JudgedLink, judgeCase, type LinkCase, loadCases, trainModel } from "./link-training.js";

const folds = 5;
const thresholds = [0.3, 0.4, 0.5, 0.7, 0.9, 0.95];
const inPostgres = new Set(["adventureworks", "chinook", "northwind"]);
const families: readonly (readonly [string, (c: LinkCase) => boolean])[] = [
  ["small SQLite databases", (c) => !c.keyless && !c.sparse && !inPostgres.has(c.name)],
  ["PostgreSQL schemas", (c) => !c.keyless && inPostgres.has(c.name)],
  ["schemas with most keys undeclared", (c) => !c.keyless && c.sparse],
];

export async function run(): Promise<void> {
  const cases = await loadCases(linkWeights);
  const databases = cases.filter((c) => !c.keyless);
  const gold = databases.reduce((sum, c) => sum + c.gold.size, 0);
  console.log(`links: ${gold} declared keys of ${databases.length} databases, hidden; ${folds} folds over databases`);
  for (const withRows of [false, true]) {
    const judged = crossValidated(cases, withRows);
    console.log(withRows ? "\nwith rows" : "\nfrom names and types alone");
    for (const [family, belongs] of families) {
      const members = cases.filter(belongs);
      if (members.length > 0) report(family, members, judged, () => true);
    }
    if (!withRows) continue;
    const declaring = cases.filter((c) => !c.sparse);
    const between = "links between tables that hold rows";
    const [keyless, keyed] = [declaring.filter((c) => c.keyless), declaring.filter((c) => !c.keyless)];
    report(`all but those, ${between}`, keyed, judged, holdsRows);
    report(`the same without any declared key, ${between}`, keyless, judged, holdsRows);
  }
}

function crossValidated(cases: readonly LinkCase[], withRows: boolean): ReadonlyMap<string, readonly JudgedLink[]> {
  const judged = new Map<string, readonly JudgedLink[]>();
  const databases = [...new Set(cases.map((c) => c.gold))];
  const foldOf = (one: LinkCase): number => databases.indexOf(one.gold) % folds;
  for (let fold = 0; fold < folds; fold++) {
    const model = trainModel(cases.filter((c) => foldOf(c) !== fold));
    for (const one of cases) if (foldOf(one) === fold) judged.set(one.name, judgeCase(one, model, withRows));
  }
  return judged;
}

type Counts = (one: LinkCase, link: string) => boolean;

function report(
  family: string,
  cases: readonly LinkCase[],
  judged: ReadonlyMap<string, readonly JudgedLink[]>,
  counts: Counts,
): void {
  console.log(`${family}: ${cases.length} databases`);
  for (const threshold of thresholds) {
    const tallies = cases.map((c) => tallyOf(c, judged.get(c.name) ?? [], threshold, counts));
    const raw = figures(tallies, (t) => t.told);
    const unrefuted = figures(tallies, (t) => t.told - t.unrefuted);
    const { told, gold } = sumOf(tallies);
    console.log(
      `  >= ${threshold.toFixed(2)}  raw P R F1 ${raw}; unrefuted left out ${unrefuted}; told ${told} of ${gold}`,
    );
  }
}

interface Counted {
  readonly told: number;
  readonly right: number;
  readonly gold: number;
  /** Told, not declared, and nothing speaks against it. */
  readonly unrefuted: number;
}

function tallyOf(one: LinkCase, judged: readonly JudgedLink[], threshold: number, counts: Counts): Counted {
  const links = judged.filter((l) => l.confidence >= threshold && !l.implied && counts(one, l.link));
  return {
    told: links.length,
    right: links.filter((l) => l.right).length,
    gold: [...one.gold].filter((link) => counts(one, link)).length,
    unrefuted: links.filter((l) => !l.right && !l.refuted).length,
  };
}

function sumOf(tallies: readonly Counted[]): Counted {
  const sum = (key: keyof Counted) => tallies.reduce((total, t) => total + t[key], 0);
  return { told: sum("told"), right: sum("right"), gold: sum("gold"), unrefuted: sum("unrefuted") };
}

/** Precision, recall, F1 and F1's 95 % interval: a percentile bootstrap over databases, 1,000 draws of a fixed seed. */
function figures(tallies: readonly Counted[], toldOf: (sum: Counted) => number): string {
  const f1 = (sum: Counted) => (2 * sum.right) / Math.max(1, toldOf(sum) + sum.gold);
  const all = sumOf(tallies);
  const next = seeded(42);
  const draws = Array.from({ length: 1_000 }, () =>
    f1(sumOf(tallies.map(() => tallies[Math.floor(next() * tallies.length)] as Counted))),
  ).toSorted((a, b) => a - b);
  const [low, high] = [draws[25] ?? 0, draws[974] ?? 0];
  const numbers = [all.right / Math.max(1, toldOf(all)), all.right / Math.max(1, all.gold), f1(all)];
  return `${numbers.map((x) => x.toFixed(3)).join(" ")} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
}
