/**
 * What speaks for a set of tables as a whole: how likely its tables are one by one, whether keys join them, what each end of it is needed for, how many of the
 * question's words it explains and what it leaves outside. One row of numbers a set, the same in training and in use. Pure.
 */

import { metByColumn, metByTable, type QuestionContext } from "./column-features.js";
import type { Standings } from "./context-features.js";
import { cueNames } from "./cues.js";
import { linksOf } from "./join-tree.js";
import { countParts, joinsWithin, type TableSet } from "./table-sets.js";

const standing = [
  "logLikelihood", "likelihoodGap", "likelihoodRank", "size", "sizeGap", "parts", "views", "leastNeeded", "meanNeeded", "unlikely", "mostOutside", "sumOutside",
  "leastEndOwn", "leastEndName", "leastEnd", "leastEndNeeded", "between", "leastBetween", "spare", "keyBest", "keySum",
  "explained", "unexplained", "leastExplains", "leastEndExplains", "missedColumn", "missedOwn", "missedName", "missedValue", "missedTwin",
  "ownSum", "ownShare", "topInside", "mentionedInside", "sets", "expected", "schemaTables", "mentioned",
] as const; // biome-ignore format: a list of names

export const setFeatureNames: readonly string[] = [...standing, ...cueNames.map((n) => `cue.${n}`)];

/** Below this probability a column says nothing. */
const audible = 0.02;
/** A table less probable than this, or with less to speak for it, is there only to join. */
const unlikely = 0.3;
/** A name met by at least so much of it is mentioned. */
const mentioned = 0.8;

/** What one table has to say of a question. */
interface Evidence {
  /** By token: the most that its name, its comment, a column or a stored value explains. */
  readonly explains: Float32Array;
  /** Best and summed probability of its columns that are no keys. */
  readonly own: number;
  readonly ownSum: number;
  /** How well a stored value is met. */
  readonly value: number;
  /** How well its name is met. */
  readonly name: number;
  /** Best of these. */
  readonly any: number;
  /** Best probability of any column. */
  readonly best: number;
  /** By group of twins by key: the best probability of a column. */
  readonly twins: ReadonlyMap<number, number>;
}

function evidenceOf(context: QuestionContext, standings: Standings, id: number): Evidence {
  const { index } = context;
  const table = index.tables[id];
  const explains = new Float32Array(context.asked.tokens.length);
  const raise = (at: number, share: number) => {
    if (share > (explains[at] ?? 1)) explains[at] = share;
  };
  const twins = new Map<number, number>();
  let [own, ownSum, value] = [0, 0, 0];
  for (const [at, met] of metByTable(context, id).entries()) raise(at, met);
  for (let c = table?.from ?? 0; c < (table?.to ?? 0); c += 1) {
    const p = standings.p.get(c) ?? 0;
    const group = index.columns[c]?.twins ?? -1;
    if (group >= 0) twins.set(group, Math.max(twins.get(group) ?? 0, p));
    else [own, ownSum] = [Math.max(own, p), ownSum + p];
    if (p <= audible) continue;
    for (const [at, met] of metByColumn(context, c).entries()) raise(at, Math.sqrt(p) * met);
    const hit = context.hits.get(c);
    if (hit === undefined) continue;
    value = Math.max(value, hit.likeness * p);
    for (let at = hit.from; at < hit.to; at += 1) raise(at, Math.sqrt(p) * hit.likeness);
  }
  const name = context.tableExact[id] ?? 0;
  const best = standings.tableBest[id] ?? 0;
  return { explains, own, ownSum, value, name, any: Math.max(own, name, value), best, twins };
}

/** What all sets of a question share. */
interface Shared {
  readonly context: QuestionContext;
  readonly standings: Standings;
  readonly probability: Float32Array;
  readonly evidence: ReadonlyMap<number, Evidence>;
  /** Weight of the words that all tables together explain. */
  readonly explained: number;
  readonly ownSum: number;
  /** The table of the best column. */
  readonly top: number;
  readonly expected: number;
}

/** A row for each of `sets`, one after the other; `probability`: of each table. */
export function laySets(
  context: QuestionContext,
  standings: Standings,
  probability: Float32Array,
  sets: readonly TableSet[],
): Float32Array {
  const width = setFeatureNames.length;
  const rows = new Float32Array(sets.length * width);
  const involved = [...new Set(sets.flatMap((s) => s.tables))];
  const evidence = new Map(involved.map((t) => [t, evidenceOf(context, standings, t)]));
  const shared: Shared = {
    context,
    standings,
    probability,
    evidence,
    explained: weightExplained(context, evidence, involved),
    ownSum: involved.reduce((sum, t) => sum + (evidence.get(t)?.ownSum ?? 0), 0),
    top: standings.tableRank.indexOf(0),
    expected: probability.reduce((a, b) => a + b, 0),
  };
  for (const [i, set] of sets.entries()) {
    const placed = place(shared, set.tables);
    const numbers = [
      set.logLikelihood,
      (sets[0]?.logLikelihood ?? 0) - set.logLikelihood,
      i,
      ...shapeNumbers(shared, placed),
      ...endNumbers(shared, placed),
      ...explainNumbers(shared, placed),
      ...missedNumbers(shared, placed),
      ...insideNumbers(shared, set.tables),
      sets.length,
      shared.expected,
      Math.log(context.index.tables.length),
      context.mentionedTables,
    ];
    rows.set(numbers, i * width);
    rows.set(context.cues, i * width + numbers.length);
  }
  return rows;
}

const most = (tables: readonly number[], by: (t: number) => number): number =>
  tables.reduce((m, t) => Math.max(m, by(t)), 0);
const least = (tables: readonly number[], by: (t: number) => number): number =>
  tables.reduce((m, t) => Math.min(m, by(t)), 1);
const sum = (tables: readonly number[], by: (t: number) => number): number => tables.reduce((s, t) => s + by(t), 0);

function weightExplained(
  context: QuestionContext,
  evidence: ReadonlyMap<number, Evidence>,
  tables: readonly number[],
): number {
  const { weights } = context.asked;
  return weights.reduce((total, w, at) => total + w * most(tables, (t) => evidence.get(t)?.explains[at] ?? 0), 0);
}

/** A set's tables among all that are spoken of. Those at its ends, which keys join to at most one other of it, are there for themselves; those between may only join. */
interface Placed {
  readonly tables: readonly number[];
  readonly outside: readonly number[];
  readonly ends: readonly number[];
  readonly between: readonly number[];
  readonly parts: number;
}

function place({ context, evidence }: Shared, tables: readonly number[]): Placed {
  const links = linksOf(context.index);
  const joined = (t: number) =>
    new Set((links.get(t) ?? []).map((l) => l.table).filter((o) => tables.includes(o))).size;
  const ends = tables.filter((t) => joined(t) <= 1);
  return {
    tables,
    outside: [...evidence.keys()].filter((t) => !tables.includes(t)),
    ends,
    between: tables.filter((t) => !ends.includes(t)),
    parts: countParts(context.index, tables),
  };
}

function shapeNumbers(shared: Shared, { tables, outside, parts }: Placed): readonly number[] {
  const { context, probability, expected } = shared;
  const p = (t: number) => probability[t] as number;
  return [
    tables.length,
    tables.length - expected,
    parts,
    tables.filter((t) => context.index.tables[t]?.view).length,
    least(tables, p),
    sum(tables, p) / tables.length,
    tables.filter((t) => p(t) < unlikely).length,
    most(outside, p),
    sum(outside, p),
  ];
}

function endNumbers(
  { context, standings, probability, evidence }: Shared,
  { tables, ends, between, parts }: Placed,
): readonly number[] {
  const { index } = context;
  const any = (t: number) => evidence.get(t)?.any ?? 0;
  const spare = (t: number) =>
    any(t) < unlikely &&
    countParts(
      index,
      tables.filter((o) => o !== t),
    ) <= parts;
  const keys = [...joinsWithin(index, tables)].map((key) => standings.p.get(key) ?? 0);
  return [
    least(ends, (t) => evidence.get(t)?.own ?? 0),
    least(ends, (t) => evidence.get(t)?.name ?? 0),
    least(ends, any),
    least(ends, (t) => probability[t] as number),
    between.length,
    least(between, any),
    tables.length === 1 ? 0 : tables.filter(spare).length,
    Math.max(0, ...keys),
    keys.reduce((a, b) => a + b, 0),
  ];
}

function explainNumbers(shared: Shared, { tables, ends }: Placed): readonly number[] {
  const { context, evidence, explained } = shared;
  const own = weightExplained(context, evidence, tables);
  const alone = (t: number) =>
    own -
    weightExplained(
      context,
      evidence,
      tables.filter((o) => o !== t),
    );
  return [
    explained === 0 ? 0 : own / explained,
    explained - own,
    tables.length === 1 ? own : least(tables, alone),
    tables.length === 1 ? own : least(ends, alone),
  ];
}

function missedNumbers({ evidence }: Shared, { tables, outside }: Placed): readonly number[] {
  const within = new Set(tables.flatMap((t) => [...(evidence.get(t)?.twins.keys() ?? [])]));
  const twin = (t: number) => {
    let best = 0;
    for (const [group, p] of evidence.get(t)?.twins ?? []) if (within.has(group)) best = Math.max(best, p);
    return best;
  };
  return [
    most(outside, (t) => evidence.get(t)?.best ?? 0),
    most(outside, (t) => evidence.get(t)?.own ?? 0),
    most(outside, (t) => evidence.get(t)?.name ?? 0),
    most(outside, (t) => evidence.get(t)?.value ?? 0),
    most(outside, twin),
  ];
}

function insideNumbers({ evidence, ownSum, top }: Shared, tables: readonly number[]): readonly number[] {
  const own = sum(tables, (t) => evidence.get(t)?.ownSum ?? 0);
  return [
    own,
    ownSum === 0 ? 0 : own / ownSum,
    tables.includes(top) ? 1 : 0,
    tables.filter((t) => (evidence.get(t)?.name ?? 0) > mentioned).length,
  ];
}
