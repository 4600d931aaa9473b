/**
 * Trains what sets columns, tables and stored values beside one another, on what the rankers of the kinds say of databases that they never saw, with
 * databases held out once more. Now and then a kind is left out, as callers leave one out.
 */

import { type Curve, curveAt } from "../src/terms/calibration.js";
import { kindFeatureNames, kinds, layKinds, logsByKind } from "../src/terms/kinds.js";
import type { Kind } from "../src/terms/settling.js";
import type { TermIndex } from "../src/terms/term-index.js";
import type { ForestFile } from "../src/terms/trees.js";
import { seeded, usualForest } from "./forest-training.js";
import { calibration, calibrationError, mean } from "./metrics.js";
import { type Asking, type Entrants, foreignWeight, isotonic, joined, setOf, slim } from "./train-phrases.js";
import { trainFolds } from "./train-questions.js";

/** Of a phrase's kinds each that is not the one meant is left out in this share of the cases. */
const leftOutShare = 0.15;
/** Few numbers, which are scores already. */
const kindForest = { ...usualForest, trees: 200, depth: 5, rate: 0.05, featureShare: 0.4, seed: 13 };

interface Contest {
  readonly asking: Asking;
  readonly index: TermIndex;
  readonly entrants: { readonly [K in Kind]?: Entrants };
}

export interface TrainedKinds {
  readonly model: { readonly forest: ForestFile; readonly curve: Curve };
  readonly report: Record<string, Record<string, number>>;
}

export async function trainKinds(
  of: Readonly<Record<Kind, ReadonlyMap<number, Entrants>>>,
  askings: readonly Asking[],
  indexes: ReadonlyMap<string, TermIndex>,
  foldOf: (db: string) => number,
  folds: number,
): Promise<TrainedKinds> {
  const contests = contestsOf(of, askings, indexes);
  const width = kindFeatureNames.length;
  const blocks = contests.map(({ index, entrants }) => layKinds(index, contendersOf(entrants)));
  const y = contests.flatMap(({ entrants }) => kinds.flatMap((kind) => wins(entrants[kind])));
  const starts: number[] = [0];
  for (const block of blocks) starts.push((starts.at(-1) ?? 0) + block.length / width);
  const x = joined(blocks);
  const fold = contests.flatMap(({ asking }, i) =>
    Array.from({ length: (blocks[i]?.length ?? 0) / width }, () => foldOf(asking.on)),
  );
  const trained = await trainFolds(x, Float32Array.from(y), Uint8Array.from(fold), folds, kindFeatureNames, kindForest);
  const logs = contests.map(({ entrants }, i) =>
    logsByKind(contendersOf(entrants), trained.outOfFold.subarray(starts[i], starts[i + 1])).flat(),
  );
  const curve = isotonic(
    contests.flatMap(({ asking }, i) =>
      (logs[i] ?? []).map((log, row) => ({
        log,
        right: y[(starts[i] ?? 0) + row] === 1,
        weight: asking.answer === "nothing here" ? foreignWeight : 1,
      })),
    ),
  );
  return { model: { forest: slim(trained.whole), curve }, report: reportOf(contests, logs, curve) };
}

/** Phrases that were asked as things of every kind; where one kind found nothing at all it has no entrants, but was asked. */
function contestsOf(
  of: Readonly<Record<Kind, ReadonlyMap<number, Entrants>>>,
  askings: readonly Asking[],
  indexes: ReadonlyMap<string, TermIndex>,
): readonly Contest[] {
  const random = seeded(14);
  return askings.flatMap((asking): Contest[] => {
    const index = indexes.get(asking.on);
    if (asking.group < 0 || asking.as !== asking.kind || index === undefined) return [];
    const asked = kinds.filter((kind) => kind === asking.kind || random() >= leftOutShare);
    if (asked.length < 2) return [];
    const none: Entrants = { asking, contenders: [], right: -1 };
    const entrants = Object.fromEntries(asked.map((kind) => [kind, of[kind].get(asking.group) ?? none]));
    return [{ asking, index, entrants }];
  });
}

const contendersOf = (entrants: Contest["entrants"]) =>
  Object.fromEntries(kinds.flatMap((k) => (entrants[k] === undefined ? [] : [[k, entrants[k].contenders]])));

const wins = (entrants: Entrants | undefined): readonly number[] =>
  (entrants?.contenders ?? []).map((_, place) => (place === entrants?.right ? 1 : 0));

/** Of each set: the right thing first among all kinds, and first among its own; how far confidences of the first are from the truth. */
function reportOf(
  contests: readonly Contest[],
  logs: readonly (readonly number[])[],
  curve: Curve,
): TrainedKinds["report"] {
  const groups = new Map<string, { readonly confidence: number; readonly right: boolean; readonly own: boolean }[]>();
  for (const [i, { asking, entrants }] of contests.entries()) {
    const own = logs[i] ?? [];
    const won = kinds.flatMap((kind) => wins(entrants[kind]));
    const top = own.indexOf(Math.max(...own));
    const key = asking.answer === "here" ? `${setOf(asking)} ${asking.kind}` : "nothing here";
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    const confidence = top < 0 ? 0 : curveAt(curve, own[top] ?? 0);
    group.push({ confidence, right: won[top] === 1, own: entrants[asking.kind]?.right === 0 });
  }
  const round = (n: number) => Number(n.toFixed(4));
  const report: TrainedKinds["report"] = {};
  for (const [key, cases] of groups) {
    report[key] = {
      n: cases.length,
      at1: round(mean(cases.map((c) => (c.right ? 1 : 0)))),
      at1OfKind: round(mean(cases.map((c) => (c.own ? 1 : 0)))),
      ...calibration(cases),
    };
  }
  const here = [...groups].filter(([key]) => key !== "nothing here").flatMap(([, cases]) => cases);
  report["all"] = { n: here.length, ece: round(calibrationError(here)) };
  return report;
}
