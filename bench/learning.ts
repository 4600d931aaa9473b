/**
 * `npm run bench learning`: learning at size. One correction among thousands of verdicts on 10,000 columns: that it sticks, that no other term moves, what it
 * costs a call; voters of whom a fifth is hostile; a correction of the rankers trained from simulated feedback, measured on terms and users it never saw.
 */

import type { GivenVerdict } from "../src/learning/feedback.js";
import { defaultFeedbackSettings } from "../src/learning/feedback.js";
import { learnedMappings } from "../src/learning/mappings.js";
import type { Model } from "../src/learning/models.js";
import { trainCorrection } from "../src/learning/trainer.js";
import type { SchemaView } from "../src/schema/view.js";
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

/** Databases that make up the company, and phrases that its people speak of. */
const databases = 40;
const phrases = 6_000;

/**
 * A company of forty databases that keeps each table twice (live and archive) and means the live one; a dozen people confirm what they meant, one word in ten
 * is something else. Phrases of databases that trained the shipped rankers, which favours those.
 */
async function trained(): Promise<void> {
  const byDb = new Map<string, PhraseCase[]>();
  for (const phrase of spiderPhrases()) {
    if (phrase.set !== "phrase" || phrase.kind !== "column") continue;
    byDb.set(phrase.db, [...(byDb.get(phrase.db) ?? []), phrase]);
  }
  const chosen = [...byDb].sort(([, a], [, b]) => b.length - a.length).slice(0, databases);
  const view = companyOf(chosen.map(([db]) => db));
  const index = buildTermIndex(view, emptyGlossary);
  const spoken = chosen.flatMap(([, own]) => own);
  const every = Math.max(1, Math.floor(spoken.length / phrases));
  const verdicts = feedbackOf(
    index,
    spoken.filter((_, i) => i % every === 0),
  );
  const { model, ms } = await trainOn(view, verdicts);
  const { champion, challenger, refusals, examples, moved } = model.provenance;
  const share = ({ right, examples: of }: typeof champion) => (right / of).toFixed(3);
  row("trained from feedback, terms left out", {
    columns: index.columns.length,
    verdicts: verdicts.length,
    "trained on": examples,
    "measured on": champion.examples,
    "at1 shipped": share(champion),
    "at1 corrected": share(challenger),
    "loss shipped": champion.logLoss,
    "loss corrected": challenger.logLoss,
    "sure names moved": moved.toFixed(4),
    gate: refusals.length === 0 ? "passed" : refusals.join("; "),
    "CPU ms": ms.toFixed(0),
  });
}

/** The databases side by side as schemas, each table with an archive of the same columns. */
function companyOf(dbs: readonly string[]): SchemaView {
  const views = spiderViews();
  const [first] = views.values();
  if (first === undefined) throw new Error("The data directory has no databases.");
  const tables = dbs.flatMap((schema) =>
    (views.get(schema)?.snapshot.tables ?? []).flatMap((t) => [
      { ...t, schema, name: `archive_${t.name}`, foreignKeys: [] },
      { ...t, schema, foreignKeys: [] },
    ]),
  );
  return { ...first, snapshot: { ...first.snapshot, tables }, statistics: { tables: {} }, relationships: [] };
}

function feedbackOf(index: TermIndex, phrases: readonly PhraseCase[]): GivenVerdict[] {
  const random = drawing(11);
  const refs = new Map(index.columns.map((c) => [c.ref.replaceAll('"', "").toLowerCase(), c.ref]));
  return phrases.flatMap((p, i): GivenVerdict[] => {
    const gold = refs.get(`${p.db}.${p.gold}`.toLowerCase());
    const noise = index.columns[Math.floor(random() * index.columns.length)]?.ref;
    const ref = random() < 0.1 ? noise : gold;
    return ref === undefined ? [] : [verdict(`u${i % 12}`, p.phrase, ref, p.question)];
  });
}

async function trainOn(
  view: SchemaView,
  verdicts: readonly GivenVerdict[],
): Promise<{ readonly model: Model; readonly ms: number }> {
  const state = await openState("memory");
  const before = process.cpuUsage();
  const model = await trainCorrection({
    state,
    source: "company",
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
