/**
 * What each signal is worth: a ranker's numbers of one signal are taken from another row drawn at random, and the ranking is measured again with forests that
 * never saw the database (permutation importance, Breiman 2001). No forest is trained anew, so a signal that others could stand in for looks dearer than it is.
 */

import { type Forest, scoreRow } from "../src/terms/trees.js";
import { seeded } from "./forest-training.js";

/** The signal that a number of the first look belongs to. */
export function signalOf(name: string): string {
  const [of = "", what = ""] = name.includes(".") ? name.split(".") : ["", name];
  if (/omment/u.test(of)) return "comments";
  if (what.startsWith("affinity")) return "affinities";
  if (of === "cue" || /^(?:before|after|tableBefore|tableAfter|at|tableAt|distance|order)$/u.test(what))
    return "place and cues";
  if (/ssociation/u.test(what)) return "associations";
  if (/^(?:soft|vector|leastSoft|headSoft|askedSoft|meaning|tableMeaning)$/u.test(what)) return "synonyms and vectors";
  if (/^(?:value|tableValue|fit|tableFits)/u.test(what)) return "stored values";
  if (of === "table" || /able|same|twin|others/iu.test(what)) return "tables and namesakes";
  if (of !== "") return "spelling";
  return "keys, types, shape";
}

/** Out-of-fold log-odds with one signal's numbers drawn from other rows, by signal. */
export function* withoutSignals(
  x: Float32Array,
  fold: Uint8Array,
  names: readonly string[],
  forests: readonly Forest[],
): Generator<readonly [string, Float32Array]> {
  const width = names.length;
  const rows = x.length / width;
  const row = new Float32Array(width);
  for (const signal of new Set(names.map(signalOf))) {
    const random = seeded(21);
    const places = names.flatMap((name, i) => (signalOf(name) === signal ? [i] : []));
    const logs = new Float32Array(rows);
    for (let r = 0; r < rows; r += 1) {
      row.set(x.subarray(r * width, (r + 1) * width));
      const other = Math.floor(random() * rows) * width;
      for (const place of places) row[place] = x[other + place] as number;
      logs[r] = scoreRow(forests[fold[r] as number] as Forest, row, 0);
    }
    yield [signal, logs];
  }
}
