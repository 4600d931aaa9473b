/**
 * Areas: a large schema's map. Tables are grouped by schema, links and shared name words; each area has hub tables and key words. Pure and
 * deterministic. It says what stands together, not what it means.
 */

import { nameWords } from "./name-words.js";
import { tableKey } from "./names.js";
import { compareText, sorted } from "./normal-form.js";
import type { Table } from "./snapshot.js";
import type { SchemaView } from "./view.js";

export interface Area {
  readonly name: string;
  readonly tables: readonly Table[];
  /** The most linked tables, best first. */
  readonly hubs: readonly Table[];
  /** Words that set the area apart, best first. */
  readonly about: readonly string[];
}

/** Hubs and key words of an area, at most. */
const maxHubs = 4;
const maxWords = 8;
/** Rounds of moving tables between groups; it settles within a few. */
const maxRounds = 8;
/** Levels of groups of groups. */
const maxLevels = 6;

interface Graph {
  readonly nodes: readonly Table[];
  /** By node: neighbours with weights. */
  readonly edges: readonly ReadonlyMap<number, number>[];
}

/** The areas of the tables that `view` holds, largest first, at most `maxAreas` and one for what is left. */
export function areasOf(view: Pick<SchemaView, "snapshot" | "relationships">, maxAreas: number): readonly Area[] {
  const graph = tableGraph(view);
  const group = joinStrays(graph, settle(graph));
  const members = new Map<number, number[]>();
  for (const [node, g] of group.entries()) push(members, g, node);
  const groups = [...members.values()].toSorted((a, b) => b.length - a.length || (a[0] ?? 0) - (b[0] ?? 0));
  const kept = groups.length <= maxAreas ? groups : groups.slice(0, maxAreas - 1);
  const rest = groups.slice(kept.length).flat();
  const all = rest.length === 0 ? kept : [...kept, rest];
  const frequency = documentFrequency(graph.nodes);
  const names = new Set<string>();
  return all.map((nodes, i) => describe(graph, nodes, frequency, names, rest.length > 0 && i === all.length - 1));
}

function tableGraph(view: Pick<SchemaView, "snapshot" | "relationships">): Graph {
  const nodes = sorted(
    view.snapshot.tables.filter((t) => t.partitionOf === undefined),
    tableKey,
  );
  const index = new Map(nodes.map((t, i) => [tableKey(t), i]));
  const edges = nodes.map(() => new Map<number, number>());
  const link = (a: number | undefined, b: number | undefined, weight: number) => {
    if (a === undefined || b === undefined || a === b) return;
    edges[a]?.set(b, (edges[a].get(b) ?? 0) + weight);
    edges[b]?.set(a, (edges[b].get(a) ?? 0) + weight);
  };
  const degree = new Map<string, number>();
  for (const r of view.relationships) degree.set(tableKey(r.to.table), (degree.get(tableKey(r.to.table)) ?? 0) + 1);
  for (const r of view.relationships) {
    // A table that half the schema refers to (users, currencies) says little about where the referring table belongs.
    const weight = r.confidence / Math.sqrt(degree.get(tableKey(r.to.table)) ?? 1);
    const sameSchema = r.from.table.schema === r.to.table.schema;
    link(index.get(tableKey(r.from.table)), index.get(tableKey(r.to.table)), sameSchema ? 2 * weight : weight / 2);
  }
  for (const table of nodes) {
    for (const read of table.viewReads ?? []) link(index.get(tableKey(table)), index.get(tableKey(read)), 0.7);
  }
  linkByWords(nodes, link);
  return { nodes, edges };
}

/** Tables that share a rare first words belong together: `billing_invoice` and `billing_run`. Each is tied to the next of its kind. */
function linkByWords(nodes: readonly Table[], link: (a: number, b: number, weight: number) => void): void {
  const byWord = new Map<string, number[]>();
  for (const [i, table] of nodes.entries()) {
    const words = nameWords(table.name);
    for (const [place, word] of words.entries()) {
      const key = `${table.schema}\u0000${word}`;
      push(byWord, key, place === 0 ? i : -i - 1);
    }
  }
  for (const list of byWord.values()) {
    if (list.length < 2 || list.length > Math.max(12, nodes.length / 5)) continue;
    const weight = 1.2 / Math.sqrt(list.length);
    for (let k = 1; k < list.length; k++) {
      const [a, b] = [list[k - 1] ?? 0, list[k] ?? 0];
      const first = (a >= 0 ? 1 : 0.4) * (b >= 0 ? 1 : 0.4);
      link(a >= 0 ? a : -a - 1, b >= 0 ? b : -b - 1, weight * first);
    }
  }
}

/** Groups of tables, by node: groups of groups until none gains by joining another (Blondel et al. 2008). */
function settle(graph: Graph): number[] {
  let weights: Weights = { edges: graph.edges, inner: graph.nodes.map(() => 0) };
  let group = graph.nodes.map((_, i) => i);
  for (let level = 0; level < maxLevels; level++) {
    const moved = settleOnce(weights);
    const names = new Map([...new Set(moved)].map((g, i) => [g, i]));
    if (names.size === weights.edges.length) break;
    const next = moved.map((g) => names.get(g) ?? 0);
    group = group.map((g) => next[g] ?? 0);
    weights = folded(weights, next, names.size);
  }
  return group;
}

interface Weights {
  readonly edges: readonly ReadonlyMap<number, number>[];
  /** Twice the weight within each node, where it stands for a group. */
  readonly inner: readonly number[];
}

/** The graph of the groups. */
function folded({ edges, inner }: Weights, group: readonly number[], groups: number): Weights {
  const between = Array.from({ length: groups }, () => new Map<number, number>());
  const within = Array.from({ length: groups }, () => 0);
  for (const [node, neighbours] of edges.entries()) {
    const own = group[node] ?? 0;
    within[own] = (within[own] ?? 0) + (inner[node] ?? 0);
    for (const [other, weight] of neighbours) {
      const to = group[other] ?? 0;
      if (to === own) within[own] = (within[own] ?? 0) + weight;
      else between[own]?.set(to, (between[own].get(to) ?? 0) + weight);
    }
  }
  return { edges: between, inner: within };
}

/** Moves each node to the group where it gains most modularity, until none moves. */
function settleOnce({ edges, inner }: Weights): number[] {
  const group = edges.map((_, i) => i);
  const strength = edges.map((e, i) => [...e.values()].reduce((sum, w) => sum + w, inner[i] ?? 0));
  const total = strength.reduce((sum, s) => sum + s, 0) || 1;
  const groupStrength = [...strength];
  for (let round = 0; round < maxRounds; round++) {
    let moved = 0;
    for (const node of edges.keys()) {
      const own = group[node] ?? node;
      const mine = strength[node] ?? 0;
      groupStrength[own] = (groupStrength[own] ?? 0) - mine;
      const best = bestGroup(edges, group, groupStrength, node, own, mine / total);
      group[node] = best;
      groupStrength[best] = (groupStrength[best] ?? 0) + mine;
      if (best !== own) moved += 1;
    }
    if (moved === 0) break;
  }
  return group;
}

function bestGroup(
  edges: Weights["edges"],
  group: readonly number[],
  groupStrength: readonly number[],
  node: number,
  own: number,
  share: number,
): number {
  const gain = new Map<number, number>([[own, 0]]);
  for (const [other, weight] of edges[node] ?? []) {
    const g = group[other] ?? other;
    gain.set(g, (gain.get(g) ?? 0) + weight);
  }
  let best = own;
  let bestGain = Number.NEGATIVE_INFINITY;
  for (const [g, weight] of gain) {
    const value = weight - share * (groupStrength[g] ?? 0);
    if (value > bestGain + 1e-12 || (Math.abs(value - bestGain) <= 1e-12 && g < best)) {
      best = g;
      bestGain = value;
    }
  }
  return best;
}

/** Groups of one or two tables join the group they are most linked to, else the strays of their schema. */
function joinStrays(graph: Graph, group: readonly number[]): number[] {
  const size = new Map<number, number>();
  for (const g of group) size.set(g, (size.get(g) ?? 0) + 1);
  const strays = new Map<string, number>();
  const joined = [...group];
  for (const [node, table] of graph.nodes.entries()) {
    const own = group[node] ?? node;
    if ((size.get(own) ?? 0) > 2) continue;
    const towards = [...(graph.edges[node] ?? [])].toSorted((a, b) => b[1] - a[1]);
    const near = towards.find(([other]) => (size.get(group[other] ?? other) ?? 0) > 2);
    const stray = strays.get(table.schema) ?? own;
    if (near === undefined) strays.set(table.schema, stray);
    joined[node] = near === undefined ? stray : (group[near[0]] ?? own);
  }
  return joined;
}

function documentFrequency(tables: readonly Table[]): ReadonlyMap<string, number> {
  const frequency = new Map<string, number>();
  for (const table of tables) {
    for (const word of tableWords(table)) frequency.set(word, (frequency.get(word) ?? 0) + 1);
  }
  return frequency;
}

function tableWords(table: Table): ReadonlySet<string> {
  const words = [table.name, ...table.columns.map((c) => c.name)].flatMap((name) => nameWords(name));
  return new Set(words.filter((w) => w.length > 2 && !/^\d+$/.test(w)));
}

function describe(
  graph: Graph,
  nodes: readonly number[],
  frequency: ReadonlyMap<string, number>,
  taken: Set<string>,
  isRest: boolean,
): Area {
  const tables = nodes.flatMap((n) => graph.nodes[n] ?? []);
  const degree = (n: number) => [...(graph.edges[n]?.values() ?? [])].reduce((sum, w) => sum + w, 0);
  const hubs = nodes
    .toSorted((a, b) => degree(b) - degree(a) || a - b)
    .slice(0, maxHubs)
    .flatMap((n) => graph.nodes[n] ?? []);
  const about = keyWords(tables, frequency, graph.nodes.length);
  const name = isRest ? "others" : areaName(tables, about, hubs, taken);
  taken.add(name);
  return { name, tables, hubs, about };
}

/** Words by how much more often they stand in the area than elsewhere (tf-idf over tables); table names count thrice. */
function keyWords(tables: readonly Table[], frequency: ReadonlyMap<string, number>, all: number): readonly string[] {
  const score = new Map<string, number>();
  for (const table of tables) {
    const inName = new Set(nameWords(table.name));
    for (const word of tableWords(table)) {
      const idf = Math.log((all + 1) / (frequency.get(word) ?? 1));
      score.set(word, (score.get(word) ?? 0) + (inName.has(word) ? 3 : 1) * idf);
    }
  }
  return [...score]
    .toSorted((a, b) => b[1] - a[1] || compareText(a[0], b[0]))
    .slice(0, maxWords)
    .map(([word]) => word);
}

/** A schema of its own, the word most table names share, or the first hub. */
function areaName(
  tables: readonly Table[],
  about: readonly string[],
  hubs: readonly Table[],
  taken: ReadonlySet<string>,
): string {
  const share = (word: string) => tables.filter((t) => nameWords(t.name).includes(word)).length / tables.length;
  const common = about.filter((w) => share(w) >= 0.4).toSorted((a, b) => share(b) - share(a))[0];
  const hub = hubs[0]?.name;
  const options = [common, hub, ...about].filter((n): n is string => n !== undefined && !taken.has(n));
  return options[0] ?? `area ${taken.size + 1}`;
}

function push<K>(lists: Map<K, number[]>, key: K, item: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
