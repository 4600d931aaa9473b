/**
 * `npm run bench terms`: term mapping. The accuracies that count are those with databases left out, written by `npm run train` beside the weights; this prints
 * them, then measures what ships: latency, memory and index build at 10,000 columns and at a million, abbreviated names, and what each signal is worth.
 */

import { readFileSync } from "node:fs";
import type { SchemaView } from "../src/schema/view.js";
import { columnFeatureNames } from "../src/terms/column-features.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import { mapTerm } from "../src/terms/map.js";
import { rankColumns } from "../src/terms/question-ranker.js";
import { buildTermIndex, type TermIndex } from "../src/terms/term-index.js";
import { matching } from "./matching.js";
import { averagePrecision, interval, mean } from "./metrics.js";
import type { NamePair } from "./naming.js";
import {
  foldOf,
  lines,
  manyColumns,
  namesView,
  type PhraseCase,
  spiderPhrases,
  spiderQuestions,
  spiderViews,
} from "./term-data.js";

type Report = Record<string, Record<string, unknown>>;

export async function run(): Promise<void> {
  heldOut();
  const views = spiderViews();
  const indexes = new Map([...views].map(([db, view]) => [db, buildTermIndex(view, emptyGlossary)]));
  shippedOnSample(indexes);
  print("a foreign schema's columns by name and description -> ours, never trained on", matching());
  abbreviated();
  latency();
  await Promise.resolve();
}

function print(title: string, rows: Report): void {
  console.log(`\n${title}`);
  for (const [name, numbers] of Object.entries(rows)) {
    console.log(
      `  ${name.padEnd(22)} ${Object.entries(numbers)
        .map(([k, v]) => `${k} ${String(v)}`)
        .join("  ")}`,
    );
  }
}

/** What `npm run train` measured on databases that the scoring model never saw. */
function heldOut(): void {
  const read = (file: string) =>
    (
      JSON.parse(readFileSync(new URL(`../src/terms/data/${file}`, import.meta.url), "utf8")) as {
        provenance: { heldOut: Record<string, Report> & Report; tables: Report; signals: Record<string, number> };
      }
    ).provenance;
  const provenance = (file: string) => read(file).heldOut;
  const questions = read("question-ranker.json");
  print(
    "question -> columns, databases left out (map, at: columns that the question tells of; All: with those that only join, of which fitsIn5 can be within five; Low, High: 95 % bootstrap over databases)",
    questions.heldOut,
  );
  print(
    "question -> tables, databases left out (exact: those above one half; setExact: the likeliest set; setMap: by the sets that hold them)",
    questions.tables,
  );
  print("mapAll of the first look with one signal's numbers drawn from other rows (no training anew)", {
    spider: questions.signals,
  });
  const phrases = provenance("phrase-ranker.json");
  print(
    "phrase -> column, databases left out (at1Any: right, or what the same words mean elsewhere in their question; twin: or linked to it by a key)",
    phrases.column as Report,
  );
  print("phrase -> table, databases left out", phrases.table as Report);
  print(
    "phrase -> thing of any kind, databases left out (at1OfKind: first among its own kind)",
    phrases.kinds as Report,
  );
  print("phrase -> stored value, databases left out", provenance("value-ranker.json"));
}

const every = 25;

/** The shipped model over a sample of the development sets, which it was trained on: that what ships is what was measured, not how good it is. */
function shippedOnSample(indexes: ReadonlyMap<string, TermIndex>): void {
  const questions = spiderQuestions().filter((q, i) => i % every === 0 && indexes.has(q.db) && q.telling.length > 0);
  const precision = questions.map((q) => {
    const ranked = rankColumns(indexes.get(q.db) as TermIndex, q.question).map((r) => r.ref.toLowerCase());
    return [q.db, averagePrecision(ranked, new Set(q.telling))] as const;
  });
  const phrases = spiderPhrases().filter((p, i) => i % every === 0 && indexes.has(p.db));
  const right = phrases.map((p) => {
    const question = p.question === undefined ? {} : { question: p.question };
    const found = mapTerm(indexes.get(p.db) as TermIndex, { term: p.phrase, kinds: [p.kind], ...question });
    return [p.db, found.matches[0]?.ref.replaceAll('"', "").toLowerCase() === p.gold ? 1 : 0] as const;
  });
  print(`shipped model, every ${every}th development case (seen in training; 95 % bootstrap over databases)`, {
    "questions, map": measured(precision),
    "phrases, at1": measured(right),
  });
}

function measured(cases: readonly (readonly [string, number])[]): Record<string, unknown> {
  const groups = new Map<string, number[]>();
  for (const [db, score] of cases) groups.set(db, [...(groups.get(db) ?? []), score]);
  const [low, high] = interval(groups);
  return {
    n: cases.length,
    mean: mean(cases.map(([, score]) => score)).toFixed(3),
    low: low.toFixed(3),
    high: high.toFixed(3),
  };
}

/** A full name among the short names of its own table. */
function abbreviated(): void {
  const pairs = lines<NamePair>("naming/nameguess.jsonl").filter((_, i) => i % 5 === 0);
  const right = pairs.map((pair) => {
    const index = buildTermIndex(
      namesView(pair.table_id, [...new Set([...pair.table_columns, pair.technical_name])]),
      emptyGlossary,
    );
    const [best] = mapTerm(index, { term: pair.label.toLowerCase(), kinds: ["column"] }).matches;
    return best?.ref.replaceAll('"', "") === `t.${pair.technical_name}` ? 1 : 0;
  });
  print("full name -> short name within its table (lexicon learned from the same set)", {
    nameguess: { n: pairs.length, at1: mean(right).toFixed(3) },
  });
}

function latency(): void {
  const view = manyColumns(10_000);
  const before = process.memoryUsage().rss;
  const started = performance.now();
  const index = buildTermIndex(view, emptyGlossary);
  const builtMs = performance.now() - started;
  const megabytes = ((process.memoryUsage().rss - before) / 1e6).toFixed(0);
  const request = (p: PhraseCase, i: number) => ({
    term: p.phrase,
    ...(i % 2 === 0 && p.question !== undefined ? { question: p.question } : {}),
  });
  const phrases = (fold: number) => spiderPhrases().filter((_, i) => foldOf(String(i), 40) === fold);
  // A server that has been up for a minute: data loaded, code compiled.
  for (const [i, p] of phrases(1).entries()) mapTerm(index, request(p, i));
  const times = phrases(0).map((p, i) => {
    const cpu = process.cpuUsage();
    mapTerm(index, request(p, i));
    const used = process.cpuUsage(cpu);
    return (used.user + used.system) / 1000;
  });
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.floor(share * times.length)] ?? Number.NaN).toFixed(1);
  print("10,000 columns", {
    index: { buildMs: builtMs.toFixed(0), megabytes, "rebuild CPU ms after a change": rebuildMs(view).toFixed(0) },
    "CPU ms a term": { n: times.length, p50: at(0.5), p95: at(0.95), features: columnFeatureNames.length },
  });
  const many = manyColumns(1_000_000);
  const cpu = process.cpuUsage();
  const { columns, concepts } = buildTermIndex(many, emptyGlossary);
  const used = process.cpuUsage(cpu);
  print("1,000,000 columns", {
    index: {
      "build CPU ms": ((used.user + used.system) / 1000).toFixed(0),
      columns: columns.length,
      words: concepts.length,
      megabytes: ((process.memoryUsage().rss - before) / 1e6).toFixed(0),
    },
  });
}

/** The index of a schema in which one table has a new column, while the earlier one is known. */
function rebuildMs(view: SchemaView): number {
  const [first, ...rest] = view.snapshot.tables;
  if (first === undefined) return 0;
  const added = { ...first, columns: [...first.columns, { name: "flumbergast", type: "text", nullable: true }] };
  const cpu = process.cpuUsage();
  buildTermIndex({ ...view, snapshot: { ...view.snapshot, tables: [added, ...rest] } }, emptyGlossary);
  const used = process.cpuUsage(cpu);
  return (used.user + used.system) / 1000;
}
