/** A correction fitted to feedback: what it learns, what it must not, the gate before it, versions with rollback, and comparison on live traffic. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelAct } from "../../src/learning/feedback.js";
import { interleave } from "../../src/learning/interleave.js";
import { actOnModels, keepModel, type Model, modelsOf, nextAct, readModel } from "../../src/learning/models.js";
import { comparisons, qualityByWeek } from "../../src/learning/quality.js";
import {
  type Answered,
  type Example,
  fairWeights,
  fitCorrection,
  isHeldOut,
  refusalsOf,
} from "../../src/learning/training.js";
import { openState } from "../../src/state/open.js";
import { corrected, correctedLogOdds, correctionFeatures, logOdds, maxShift } from "../../src/terms/correction.js";
import type { TermMatch } from "../../src/terms/mapping.js";
import { given } from "./said.js";

const column = (ref: string, confidence: number): TermMatch => ({ kind: "column", ref, confidence, why: [] });

/** People mean the ledger's columns where the rankers slightly prefer the archive's. */
const examples: readonly Example[] = Array.from({ length: 30 }, (_, i) => ({
  key: `word${i}`,
  weight: 1,
  candidates: [column(`archive.c${i}`, 0.55), column(`ledger.c${i}`, 0.45)].map((match) => ({
    features: correctionFeatures([`word${i}`], match),
    shipped: logOdds(match.confidence),
    right: match.ref.startsWith("ledger"),
  })),
}));

describe("a fitted correction", () => {
  const fitted = { version: 1, ...fitCorrection(examples) };

  it("turns near ties towards the tables that are meant here, on terms that it never saw", () => {
    const order = corrected([column("archive.rate", 0.55), column("ledger.rate", 0.45)], "rate", fitted)
      .toSorted((a, b) => b.confidence - a.confidence)
      .map((m) => m.ref);
    expect(order).toEqual(["ledger.rate", "archive.rate"]);
    expect(corrected([column("ledger.rate", 0.45)], "rate", fitted)[0]?.why[0]?.signal).toBe("learned_here");
  });

  it("leaves a clear answer where it is, and what is no ranker's", () => {
    const [clear, other] = corrected([column("archive.rate", 0.97), column("ledger.rate", 0.02)], "rate", fitted);
    expect(clear?.confidence).toBeGreaterThan(other?.confidence ?? 1);
    const metric: TermMatch = { kind: "measure", ref: "rate", confidence: 0.4, why: [] };
    expect(corrected([metric], "rate", fitted)).toEqual([metric]);
  });

  it("takes nothing from a single term, and fits the same again", () => {
    expect(Object.keys(fitCorrection(examples.slice(0, 2)).weights)).toEqual([]);
    expect(fitCorrection(examples)).toEqual(fitCorrection(structuredClone(examples)));
    expect(Object.keys(fitted.weights).filter((f) => f.startsWith("word"))).toEqual([]);
  });

  it("never shifts by more than its bound", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -50, max: 50, noNaN: true })),
        fc.double({ min: -6, max: 6, noNaN: true }),
        (weights, shipped) => {
          const named = Object.fromEntries(weights.map((w, i) => [`f${i}`, w]));
          const shifted = correctedLogOdds({ scale: 1, weights: named }, Object.keys(named), shipped);
          expect(Math.abs(shifted - shipped)).toBeLessThanOrEqual(maxShift + 1e-9);
        },
      ),
    );
  });

  it("lets nobody decide alone by saying much", () => {
    const terms = [
      ...Array.from({ length: 90 }, () => ({ weight: 1, users: ["loud"] })),
      ...Array.from({ length: 10 }, (_, i) => ({ weight: 1, users: [`u${i}`] })),
    ];
    const fair = fairWeights(terms);
    const sum = (user: string) => fair.filter((t) => t.users.includes(user)).reduce((s, t) => s + t.weight, 0);
    expect(sum("loud")).toBeCloseTo(25);
    expect(sum("u1")).toBe(1);
  });

  it("holds out about a third of all terms, always the same", () => {
    const keys = Array.from({ length: 3_000 }, (_, i) => `term ${i}`);
    const share = keys.filter(isHeldOut).length / keys.length;
    expect(share).toBeGreaterThan(0.29);
    expect(share).toBeLessThan(0.38);
  });
});

const answers = (right: number, of: number, slice = "column"): Answered[] =>
  Array.from({ length: of }, (_, i) => ({
    slice,
    right: i < right,
    matches: [{ confidence: i < right ? 0.9 : 0.6, right: i < right }],
  }));

describe("the gate", () => {
  it("lets a better one through, and says why another may not answer", () => {
    expect(refusalsOf(answers(30, 60), answers(36, 60), 0)).toEqual([]);
    expect(refusalsOf(answers(3, 6), answers(6, 6), 0)).toEqual(["6 held-out terms are too few; 20 decide"]);
    expect(refusalsOf(answers(30, 60), answers(29, 60), 0)[0]).toContain("the champion on 30");
    expect(refusalsOf(answers(30, 60), answers(30, 60), 0)[0]).toContain("no better");
    expect(refusalsOf(answers(30, 60), answers(36, 60), 0.05)[0]).toContain("5.0 %");
  });

  it("lets none through that loses in one place what it wins in another", () => {
    const before = [...answers(20, 50), ...answers(20, 20, "table")];
    const after = [...answers(30, 50), ...answers(18, 20, "table")];
    expect(refusalsOf(before, after, 0)).toEqual(["loses 2 of 20 with a table"]);
  });
});

const model = (version: number, refusals: readonly string[] = []): Model => ({
  version,
  scale: 1,
  weights: { "table ledger": 0.5 },
  provenance: {
    trainedAt: "2026-01-01T00:00:00.000Z",
    author: "operator",
    upToSeq: 9,
    schemaVersion: "v",
    examples: 40,
    against: version - 1,
    champion: { examples: 30, right: 20, logLoss: 0.4 },
    challenger: { examples: 30, right: 24, logLoss: 0.3 },
    moved: 0,
    refusals: [...refusals],
  },
});

describe("versions of a model", () => {
  const by = { author: "operator", reason: "tried", at: "2026-01-02T00:00:00.000Z" };

  it("are kept, answer by an act, and are taken back by another", async () => {
    const state = await openState("memory");
    for (const version of [1, 2]) await keepModel(state, "erp", model(version));
    await expect(keepModel(state, "erp", model(2))).rejects.toMatchObject({ code: "config_conflict" });
    expect((await modelsOf(state, "erp")).map((m) => m.version)).toEqual([1, 2]);
    expect((await readModel(state, "erp", 1))?.weights).toEqual({ "table ledger": 0.5 });
    const acts: ModelAct[] = [];
    const act = async (act: "promote" | "rollback", version?: number) => {
      const done = await actOnModels(state, "erp", acts, { ...by, act, ...(version === undefined ? {} : { version }) });
      if (done.ok) acts.push(done.value);
      return done.ok ? done.value.champion : done.issues[0]?.code;
    };
    expect(await act("rollback")).toBe("invalid_argument");
    expect(await act("promote", 1)).toBe(1);
    expect(await act("promote")).toBe(2);
    expect(await act("rollback")).toBe(1);
    expect(await act("rollback")).toBe(0);
    expect(await act("promote", 7)).toBe("not_found");
    expect(await state.list({ kind: "audit", scope: "erp" })).toHaveLength(4);
    await state.close();
  });

  it("answer only past the gate, though they may be compared", () => {
    const models = [model(1, ["too little"])];
    expect(nextAct([], models, { ...by, act: "promote" })).toMatchObject({ ok: false });
    expect(nextAct([], models, { ...by, act: "compare" })).toMatchObject({
      ok: true,
      value: { champion: 0, challenger: 1 },
    });
  });
});

describe("interleaving", () => {
  const a = ["x", "y", "z"].map((ref, i) => column(ref, 0.9 - i / 10));
  const b = ["y", "q", "x"].map((ref, i) => column(ref, 0.8 - i / 10));

  it("shows the same to the same caller, all that either has, never rising", () => {
    fc.assert(
      fc.property(fc.string(), (coin) => {
        const drafted = interleave(a, b, coin);
        expect(drafted).toEqual(interleave(a, b, coin));
        expect(new Set(drafted.map((d) => d.match.ref))).toEqual(new Set(["x", "y", "z", "q"]));
        const confidences = drafted.map((d) => d.match.confidence);
        expect(confidences).toEqual(confidences.toSorted((x, y) => y - x));
        expect(["x", "y"]).toContain(drafted[0]?.match.ref);
      }),
    );
  });

  it("gives both the first turn about as often, and credits neither for what both put there", () => {
    const first = Array.from({ length: 1_000 }, (_, i) => interleave(a, b, `coin ${i}`)[0]?.team);
    const share = first.filter((team) => team === "champion").length / first.length;
    expect(share).toBeGreaterThan(0.45);
    expect(share).toBeLessThan(0.55);
    expect(interleave(a, a, "coin").map((d) => d.team)).toEqual([undefined, undefined, undefined]);
    expect(interleave(a, a, "coin").map((d) => d.match)).toEqual(a);
  });
});

describe("quality over time", () => {
  const served = (ref: string, confidence: number, more = {}) => ({
    served: { ref, confidence, status: "matched" as const, model: 0, ...more },
  });

  it("tells accuracy, coverage and calibration by week", () => {
    const verdicts = [
      given("ann", "a.x", served("a.x", 0.9), "2026-01-05T09:00:00Z"),
      given("bob", "a.x", { verdict: "wrong", correctRef: "a.y", ...served("a.x", 0.7) }, "2026-01-11T09:00:00Z"),
      given("ann", "a.z", { verdict: "wrong", ...served("a.y", 0.7) }, "2026-01-12T00:00:00Z"),
      given("ann", "a.z", {}, "2026-01-12T00:00:00Z"),
    ];
    expect(qualityByWeek(verdicts)).toEqual([
      { week: "2026-01-05", verdicts: 2, accuracy: 0.5, coverage: 1, ece: 0.3, models: [0] },
      { week: "2026-01-12", verdicts: 1, accuracy: null, coverage: 1, ece: null, models: [0] },
    ]);
  });

  it("counts credits once a caller and term, with the chance of a fair coin", () => {
    const said = (user: string, credit: "champion" | "challenger") =>
      given(user, "a.x", served("a.x", 0.9, { experiment: "erp 7", credit }), "2026-01-05T09:00:00Z");
    const verdicts = [
      ...Array.from({ length: 9 }, (_, i) => said(`u${i}`, "challenger")),
      said("v", "champion"),
      said("v", "champion"),
    ];
    expect(comparisons(verdicts)).toEqual([{ experiment: "erp 7", champion: 1, challenger: 9, p: 0.0215 }]);
  });
});
