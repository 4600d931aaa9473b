/** Forests as they are applied, against a plain walk of the trees that a file has. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ForestFile, readForest, scoreRow, scoreRows } from "../../src/terms/trees.js";

const width = 3;

type Tree = number | { readonly feature: number; readonly threshold: number; readonly children: readonly [Tree, Tree] };

const numbers = fc.float({ min: -4, max: 4, noNaN: true });

const { tree } = fc.letrec<{ tree: Tree; leaf: number; split: Tree }>((tie) => ({
  tree: fc.oneof({ depthSize: "small", withCrossShrink: true }, tie("leaf"), tie("split")),
  leaf: numbers,
  split: fc.record({
    feature: fc.nat({ max: width - 1 }),
    threshold: numbers,
    children: fc.tuple(tie("tree"), tie("tree")),
  }),
}));

function fileOf(trees: readonly Tree[], base: number): ForestFile {
  const roots: number[] = [];
  const feature: number[] = [];
  const threshold: number[] = [];
  const left: number[] = [];
  const right: number[] = [];
  const value: number[] = [];
  const put = (from: Tree): number => {
    const node = feature.length;
    const leaf = typeof from === "number";
    feature.push(leaf ? -1 : from.feature);
    threshold.push(leaf ? 0 : from.threshold);
    value.push(leaf ? from : 0);
    left.push(0);
    right.push(0);
    if (!leaf) [left[node], right[node]] = [put(from.children[0]), put(from.children[1])];
    return node;
  };
  for (const each of trees) roots.push(put(each));
  return { features: ["a", "b", "c"], base, roots, feature, threshold, left, right, value };
}

function walk(from: Tree, row: readonly number[]): number {
  if (typeof from === "number") return from;
  return walk(from.children[(row[from.feature] ?? 0) <= from.threshold ? 0 : 1], row);
}

describe("a forest", () => {
  it("sums the leaf of each tree, whatever the depths of the trees and the number of rows", () => {
    const rows = fc.array(fc.array(numbers, { minLength: width, maxLength: width }), { maxLength: 11 });
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 6 }), rows, numbers, (trees, given, base) => {
        const forest = readForest(fileOf(trees, base));
        const flat = Float32Array.from(given.flat());
        const expected = given.map((row) => trees.reduce<number>((sum, each) => sum + walk(each, row), base));
        expect([...scoreRows(forest, flat, given.length)]).toEqual(expected);
        expect(given.map((_, i) => scoreRow(forest, flat, i * width))).toEqual(expected);
      }),
    );
  });

  it("takes a number that is just at a threshold to the left", () => {
    const forest = readForest(fileOf([{ feature: 1, threshold: 0.5, children: [1, 2] }], 0));
    expect([...scoreRows(forest, Float32Array.of(9, 0.5, 9, 9, 0.75, 9), 2)]).toEqual([1, 2]);
  });
});
