/**
 * `npm run bench learning`: learning at size. One correction among thousands of verdicts on 10,000 columns: that it sticks, that no other term moves, what it
 * costs a call; voters of whom a fifth is hostile; a correction of the rankers trained from simulated feedback, measured on terms and users it never saw.
 */

import type { GivenVerdict } from "../src/learning/feedback.js";
import { defaultFeedbackSettings } from "../src/learning/feedback.js";
import { learnedMappings } from "../src/learning/mappings.js";
import type { Model } from "../src/learning/models.js";
import { trainCorrection } from "../src/learning/trainer.js";
import { openState } from "../src/state/open.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import { mapTerm } from "../src/terms/map.js";
import { buildTermIndex, type TermIndex } from "../src/terms/term-index.js";
import { lemmasOf, splitIdentifier } from "../src/terms/words.js";
import { manyColumns, type PhraseCase, spiderPhrases, spiderViews } from "./term-data.js";

const nowMs = Date.parse("2026-01-10T00:00:00Z");
const said = new Date(nowMs - 86_400_000).toISOString();

/** A small generator (mulberry32), so that every run draws the same. */
function drawing(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

let seq = 0;
function verdict(user: string, term: string, ref: string, question?: string): GivenVerdict {
  seq += 1;
  return {
    what: "verdict",
    term,
    ref,
    verdict: "correct",
    origin: "person",
    user,
    role: "reader",
    scope: "user",
    rank: 1,
    version: "v",
    ...(question === undefined ? {} : { question }),
    id: `fb_${seq}`,
    at: said,
    seq,
  };
}

const cpuMs = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

function row(name: string, numbers: Record<string, string | number>): void {
  const shown = Object.entries(numbers).map(([key, value]) => `${key} ${value}`);
  console.log(`  ${name.padEnd(34)} ${shown.join("  ")}`);
}

export async function run(): Promise<void> {
  console.log("learning");
  oneCorrection();
  hostileFifth();
  await trained();
}

/** One correction on 10,000 columns, among 10,000 verdicts on other terms. */
function oneCorrection(): void {
  const index = buildTermIndex(manyColumns(10_000), emptyGlossary);
  const names = [...new Set(index.columns.map((c) => splitIdentifier(c.name).join(" ")))];
  const others = names.filter((n) => lemmasOf(n).join(" ") !== "turnover").slice(0, 1_000);
  const crowd = Array.from({ length: 10_000 }, (_, i) =>
    verdict(`u${i % 500}`, `term ${i} of many`, index.columns[i]?.ref ?? ""),
  );
  const caller = { user: "ann", role: "reader" };
  const target = index.columns[4_321]?.ref ?? "";
  const before = learnedMappings(crowd, caller, nowMs);
  const decided = process.cpuUsage();
  const after = learnedMappings([...crowd, verdict("ann", "turnover", target)], caller, nowMs);
  const decidedMs = cpuMs(decided);
  const answer = (term: string, learned: typeof after) => JSON.stringify(mapTerm(index, { term }, learned));
  const moved = others.filter((term) => answer(term, before) !== answer(term, after)).length;
  row("one correction, 10,000 columns", {
    sticks: mapTerm(index, { term: "Turnovers" }, after).matches[0]?.ref === target ? "yes" : "no",
    moved: `${moved} of ${others.length}`,
    "undone exactly":
      answer("turnover", before) === answer("turnover", learnedMappings(crowd, caller, nowMs)) ? "yes" : "no",
    "CPU ms to decide 10,001 verdicts": decidedMs.toFixed(0),
  });
}

/** Voters of whom a fifth pushes one wrong meaning, in any order, each as often as he likes. */
function hostileFifth(): void {
  const random = drawing(7);
  const trials = 2_000;
  let taken = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const fifth = 1 + Math.floor(random() * 8);
    const votes = [
      ...Array.from({ length: 4 * fifth }, (_, i) => ({ user: `h${i}`, ref: "orders.total" })),
      ...Array.from({ length: fifth }, (_, i) => ({ user: `x${i}`, ref: "orders.junk" })).flatMap((v) =>
        Array<typeof v>(1 + Math.floor(random() * 20)).fill(v),
      ),
    ]
      .map((vote) => ({ vote, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ vote }) => verdict(vote.user, "revenue", vote.ref));
    const held = learnedMappings(votes, { user: "newcomer", role: "reader" }, nowMs);
    if (held.some((m) => m.ref === "orders.junk" && m.verdict === "correct")) taken += 1;
  }
  row("a fifth of the voters hostile", { trials, taken });
}

/** Databases whose phrases are enough to hold some out. */
const leastPhrases = 120;
/** What people mean that the names do not tell, in this many databases each. */
const databases = 12;

/**
 * People of a company that keeps each table twice (live and archive) and means the live one; they confirm what they meant, one in ten says something else.
 * Phrases of databases that trained the shipped rankers, which favours the champion.
 */
async function trained(): Promise<void> {
  const views = spiderViews();
  const byDb = new Map<string, PhraseCase[]>();
  for (const phrase of spiderPhrases()) {
    if (phrase.set !== "phrase" || phrase.kind !== "column") continue;
    byDb.set(phrase.db, [...(byDb.get(phrase.db) ?? []), phrase]);
  }
  const chosen = [...byDb]
    .filter(([db, phrases]) => views.has(db) && phrases.length >= leastPhrases)
    .slice(0, databases);
  const sums = { terms: 0, before: 0, after: 0, promoted: 0, ms: 0, lossBefore: 0, lossAfter: 0, worst: 0 };
  for (const [db, phrases] of chosen) {
    const view = views.get(db);
    if (view === undefined) continue;
    const tables = view.snapshot.tables.flatMap((t) => [t, { ...t, name: `${t.name}_archive`, foreignKeys: [] }]);
    const doubled = { ...view, snapshot: { ...view.snapshot, tables } };
    const index = buildTermIndex(doubled, emptyGlossary);
    const { model, ms } = await trainOn(db, doubled, feedbackOf(index, phrases));
    const { champion, challenger, refusals } = model.provenance;
    sums.terms += champion.examples;
    sums.before += champion.right;
    sums.after += challenger.right;
    sums.lossBefore += champion.logLoss * champion.examples;
    sums.lossAfter += challenger.logLoss * challenger.examples;
    sums.ms += ms;
    if (refusals.length === 0) sums.promoted += 1;
    sums.worst = Math.min(sums.worst, challenger.right - champion.right);
  }
  row("trained from feedback, terms left out", {
    databases: chosen.length,
    terms: sums.terms,
    "at1 shipped": (sums.before / sums.terms).toFixed(3),
    "at1 corrected": (sums.after / sums.terms).toFixed(3),
    "loss shipped": (sums.lossBefore / sums.terms).toFixed(3),
    "loss corrected": (sums.lossAfter / sums.terms).toFixed(3),
    "passed the gate": sums.promoted,
    "worst database, terms": sums.worst,
    "CPU ms a training": (sums.ms / chosen.length).toFixed(0),
  });
}

function feedbackOf(index: TermIndex, phrases: readonly PhraseCase[]): GivenVerdict[] {
  const random = drawing(11);
  const refs = new Map(index.columns.map((c) => [c.ref.replaceAll('"', "").toLowerCase(), c.ref]));
  return phrases.flatMap((p, i): GivenVerdict[] => {
    const gold = refs.get(p.gold);
    const noise = index.columns[Math.floor(random() * index.columns.length)]?.ref;
    const ref = random() < 0.1 ? noise : gold;
    return ref === undefined ? [] : [verdict(`u${i % 12}`, p.phrase, ref, p.question)];
  });
}

async function trainOn(
  db: string,
  view: Parameters<typeof buildTermIndex>[0],
  verdicts: readonly GivenVerdict[],
): Promise<{ readonly model: Model; readonly ms: number }> {
  const state = await openState("memory");
  const before = process.cpuUsage();
  const model = await trainCorrection({
    state,
    source: db,
    view,
    glossary: emptyGlossary,
    verdicts,
    renames: [],
    settings: defaultFeedbackSettings,
    champion: undefined,
    author: "bench",
    nowMs,
    pause: () => Promise.resolve(),
  });
  await state.close();
  return { model, ms: cpuMs(before) };
}
