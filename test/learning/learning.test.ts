/** Learning over a kept state: a correction sticks and moves nothing else, follows renames, is undone without a trace, holds in every replica; training end to end. */

import { beforeAll, describe, expect, it } from "vitest";
import type { FeedbackBody, Verdict } from "../../src/learning/feedback.js";
import { defaultFeedbackSettings, feedbackId, termKey } from "../../src/learning/feedback.js";
import { createLearning, type Learning } from "../../src/learning/learning.js";
import { agreedTerms, type Rename } from "../../src/learning/mappings.js";
import { actOnModels } from "../../src/learning/models.js";
import { servedOf, showTerm } from "../../src/learning/shown.js";
import { createSuccesses } from "../../src/learning/successes.js";
import { trainCorrection } from "../../src/learning/trainer.js";
import type { Table } from "../../src/schema/snapshot.js";
import { openState } from "../../src/state/open.js";
import type { State } from "../../src/state/state.js";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { mapTerm } from "../../src/terms/map.js";
import { buildTermIndex } from "../../src/terms/term-index.js";
import { viewOf } from "../schema/snapshots.js";
import { given } from "./said.js";

const things = ["amount", "price", "discount", "freight", "margin", "quantity", "rebate", "bonus", "tariff", "deposit"];
const parts = ["gross", "net", "planned", "actual", "monthly", "yearly", "average", "initial", "final", "local"];

const table = (name: string, columns: readonly string[]): Table => ({
  schema: "main",
  name,
  kind: "table",
  columns: columns.map((column) => ({ name: column, type: "NUMERIC", nullable: true })),
  uniques: [],
  foreignKeys: [],
  checks: [],
  indexes: [],
  triggers: [],
  policies: [],
});

const names = parts.flatMap((part) => things.map((thing) => `${part}_${thing}`));
const customers = table("customers", ["customer_id", "city"]);

const view = viewOf([table("booking", names), table("booking_ledger", names), customers]);
const small = buildTermIndex(viewOf([table("booking", names.slice(0, 20)), customers]), emptyGlossary);
const index = buildTermIndex(view, emptyGlossary);
const nowMs = Date.parse("2026-01-10T00:00:00Z");

function learningOver(state: State, renames: readonly Rename[] = []): Learning {
  return createLearning({
    state,
    renames: (_source, afterSeq) =>
      Promise.resolve({ renames: renames.filter((r) => r.seq > afterSeq), upToSeq: renames.at(-1)?.seq ?? afterSeq }),
    settings: () => defaultFeedbackSettings,
    now: () => nowMs,
  });
}

async function say(state: State, body: FeedbackBody): Promise<number> {
  const key = body.what === "verdict" ? termKey(body.term) : "";
  const [record] = await state.append([{ kind: "feedback", scope: "erp", key, at: "2026-01-09T00:00:00.000Z", body }]);
  return record?.seq ?? 0;
}

function verdict(user: string, term: string, ref: string, more: Partial<Verdict> = {}): Verdict {
  const { id: _id, at: _at, seq: _seq, ...body } = given(user, ref, { term, ...more }, "");
  return body;
}

const ann = { user: "ann", role: "reader" };
const answers = async (learning: Learning, terms: readonly string[]) => {
  const learned = await learning.mappings("erp", ann);
  return JSON.stringify(terms.map((term) => mapTerm(small, { term }, learned)));
};

describe("one correction", () => {
  /** A thousand terms that are not the corrected one, many of them near it. */
  const others = things
    .flatMap((a) =>
      things.flatMap((b) => parts.map((part) => (a === b ? `${part} ${a} booked` : `${part} ${a} of ${b}`))),
    )
    .slice(0, 1_000);

  it("sticks at once, moves none of a thousand other terms, and is undone without a trace", async () => {
    const state = await openState("memory");
    const learning = learningOver(state);
    expect(new Set(others.map(termKey)).size).toBe(1_000);
    const before = await answers(learning, others);
    const untaught = await answers(learning, ["turnover"]);
    const seq = await say(
      state,
      verdict("ann", "turnover", "booking.gross_amount", { verdict: "wrong", correctRef: "booking.net_amount" }),
    );
    const [best] = mapTerm(small, { term: "Turnovers" }, await learning.mappings("erp", ann)).matches;
    expect([best?.ref, best?.why[0]?.signal]).toEqual(["booking.net_amount", "confirmed"]);
    expect((await answers(learning, others)) === before).toBe(true);
    await say(state, { what: "undo", undone: feedbackId({ seq }), user: "ann", role: "reader" });
    expect(await answers(learning, ["turnover"])).toBe(untaught);
    await state.close();
  });

  it("holds in another replica from its next call on, and after a restart", async () => {
    const state = await openState("memory");
    const [one, two] = [learningOver(state), learningOver(state)];
    expect(await two.mappings("erp", ann)).toEqual([]);
    await say(state, verdict("ann", "turnover", "booking.net_amount"));
    for (const learning of [one, two, learningOver(state)])
      expect((await learning.mappings("erp", ann)).map((m) => m.ref)).toEqual(["booking.net_amount"]);
    await state.close();
  });

  it("follows the renames after it, not those before it, and names that were swapped", async () => {
    const state = await openState("memory");
    const seq = await say(state, verdict("ann", "turnover", "booking.net_amount"));
    const refs = async (renames: readonly Rename[]) =>
      (await learningOver(state, renames).mappings("erp", ann)).map((m) => m.ref);
    const later = seq + 1;
    expect(await refs([{ from: "booking", to: "sales", seq: later }])).toEqual(["sales.net_amount"]);
    expect(
      await refs([
        { from: "booking", to: "sales", seq: later },
        { from: "booking.net_amount", to: "sales.net", seq: later },
        { from: "sales.net", to: "sales.net_eur", seq: later + 1 },
      ]),
    ).toEqual(["sales.net_eur"]);
    expect(
      await refs([
        { from: "booking.net_amount", to: "booking.gross_amount", seq: later },
        { from: "booking.gross_amount", to: "booking.net_amount", seq: later },
      ]),
    ).toEqual(["booking.gross_amount"]);
    expect(await refs([{ from: "booking.net_amount", to: "booking.old_amount", seq: seq - 1 }])).toEqual([
      "booking.net_amount",
    ]);
    await state.close();
  });

  it("is a person's: a query's success neither replaces a word nor spreads, and a steward completes what one refuses", async () => {
    const state = await openState("memory");
    const learning = learningOver(state);
    await say(state, verdict("ann", "turnover", "booking.net_amount"));
    await say(state, verdict("ann", "turnover", "booking.gross_amount", { origin: "query" }));
    await say(state, verdict("ann", "takings", "booking.gross_amount", { verdict: "wrong" }));
    await say(state, verdict("sue", "takings", "booking.net_amount", { role: "steward", scope: "everyone", rank: 3 }));
    const held = (await learning.mappings("erp", ann)).map((m) => `${m.term} ${m.verdict} ${m.ref}`);
    expect(held.toSorted()).toEqual([
      "takings correct booking.net_amount",
      "takings wrong booking.gross_amount",
      "turnover correct booking.net_amount",
    ]);
    await state.close();
  });
});

describe("a query's success", () => {
  it("is kept once for who built and ran it, weighs a fraction of a word, and confirms nothing by itself", async () => {
    const state = await openState("memory");
    const successes = createSuccesses();
    const what = { version: "v", mapping: [{ term: "turnover", ref: "booking.net_amount" }] };
    const at = new Date(nowMs).toISOString();
    successes.built("erp", ann, "select 1", what);
    await successes.ran(state, "erp", { user: "bob", role: "reader" }, "select 1", at);
    await successes.ran(state, "erp", ann, "select 2", at);
    expect((await learningOver(state).log("erp")).verdicts).toEqual([]);
    for (let run = 0; run < 3; run += 1) await successes.ran(state, "erp", ann, " select 1\n", at);
    const { verdicts } = await learningOver(state).log("erp");
    expect(verdicts).toMatchObject([{ term: "turnover", origin: "query", user: "ann" }]);
    expect(agreedTerms(verdicts, nowMs)).toMatchObject([
      { ref: "booking.net_amount", weight: defaultFeedbackSettings.queryWeight },
    ]);
    expect(await learningOver(state).mappings("erp", ann)).toEqual([]);
    await say(state, verdict("sue", "turnover", "booking.gross_amount"));
    expect(agreedTerms((await learningOver(state).log("erp")).verdicts, nowMs)).toMatchObject([
      { ref: "booking.gross_amount" },
    ]);
    await state.close();
  });
});

describe("training from feedback", () => {
  let state: State;
  let learning: Learning;
  /** What people mean here: the ledger, which the names alone do not tell. */
  const meant = parts.flatMap((part) =>
    things.map((thing) => [`${part} ${thing}`, `booking_ledger.${part}_${thing}`] as const),
  );

  beforeAll(async () => {
    state = await openState("memory");
    learning = learningOver(state);
    for (const [i, [term, ref]] of meant.slice(0, 90).entries()) await say(state, verdict(`u${i % 9}`, term, ref));
    for (const [term] of meant.slice(0, 20)) await say(state, verdict("mallory", term, "customers.city"));
  });

  const train = async () => {
    const { verdicts, renames } = await learning.log("erp");
    return trainCorrection({
      state,
      source: "erp",
      view,
      glossary: emptyGlossary,
      verdicts,
      renames,
      settings: defaultFeedbackSettings,
      champion: (await learning.rankers("erp")).champion,
      author: "operator",
      nowMs,
      pause: () => Promise.resolve(),
    });
  };
  const by = { author: "operator", reason: "tried", at: "2026-01-10T00:00:00.000Z" };
  const best = async (term: string) =>
    mapTerm(index, { term }, [], (await learning.rankers("erp")).champion).matches[0]?.ref;

  it("keeps a version, which answers once promoted, generalises, and is rolled back", async () => {
    const unseen = meant.slice(90);
    const right = async () =>
      (await Promise.all(unseen.map(async ([term, ref]) => ((await best(term)) === ref ? 1 : 0)))).reduce(
        (a: number, b) => a + b,
        0,
      );
    const before = await right();
    const model = await train();
    expect(model).toMatchObject({ version: 1, provenance: { against: 0, upToSeq: expect.any(Number) } });
    expect(model.provenance.challenger.right).toBeGreaterThan(model.provenance.champion.right);
    expect(Object.keys(model.weights).some((f) => f.includes("customers"))).toBe(false);
    expect(await right()).toBe(before);
    expect(model.provenance.refusals).toEqual([]);
    const acts = async () => (await learning.log("erp")).acts;
    expect(await actOnModels(state, "erp", await acts(), { ...by, act: "promote" })).toMatchObject({ ok: true });
    expect(await right()).toBeGreaterThan(before);
    expect(await actOnModels(state, "erp", await acts(), { ...by, act: "rollback" })).toMatchObject({ ok: true });
    expect(await right()).toBe(before);
  });

  it("compares two rankers by who gave what people then confirmed", async () => {
    await say(state, { what: "model", act: "compared", champion: 0, challenger: 1, author: "operator", reason: "try" });
    const rankers = await learning.rankers("erp");
    const credits = meant.map(
      ([term, ref]) => servedOf(showTerm(index, { term }, [], rankers, "zoe"), rankers, ref).credit,
    );
    expect(credits.filter((c) => c === "challenger").length).toBeGreaterThan(
      credits.filter((c) => c === "champion").length,
    );
    const [term, ref] = meant[3] ?? ["", ""];
    const confirmed = [{ term, ref, verdict: "correct", weight: 1 } as const];
    const { result, teams } = showTerm(index, { term }, confirmed, rankers, "zoe");
    expect(result.matches[0]?.ref).toBe(ref);
    expect(teams.get(ref)).toBeUndefined();
  });
});
