/** What holds for whom: scopes, quorum, ranks, decay, undo, renames, and that a hostile fifth never takes a term over. */

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type FeedbackBody, feedbackId, readLog, type Verdict } from "../../src/learning/feedback.js";
import { followRenames, learnedMappings, type Rename } from "../../src/learning/mappings.js";
import type { StoredRecord } from "../../src/state/state.js";

const now = Date.parse("2026-01-10T00:00:00Z");
let seq = 0;

function record(body: FeedbackBody, at = "2026-01-09T00:00:00Z"): StoredRecord {
  seq += 1;
  return { kind: "feedback", scope: "erp", key: "k", at, body, seq };
}

const said = (user: string, ref: string, more: Partial<Verdict> = {}, at?: string): StoredRecord =>
  record(
    {
      what: "verdict",
      term: "revenue",
      ref,
      verdict: "correct",
      origin: "person",
      user,
      role: "reader",
      scope: "user",
      rank: 1,
      version: "v",
      ...more,
    },
    at,
  );

const refs = (records: readonly StoredRecord[], user: string, role = "reader", renames: readonly Rename[] = []) =>
  learnedMappings(readLog(records).verdicts, { user, role }, now, { renames }).map((m) => `${m.verdict} ${m.ref}`);

describe("learnedMappings", () => {
  it("holds a person's own word at once, for that person alone", () => {
    const records = [said("ann", "orders.total")];
    expect(refs(records, "ann")).toEqual(["correct orders.total"]);
    expect(refs(records, "bob")).toEqual([]);
  });

  it("takes the last word of a person", () => {
    const records = [said("ann", "orders.total"), said("ann", "orders.net")];
    expect(refs(records, "ann")).toEqual(["correct orders.net"]);
  });

  it("reads `wrong` with a correction as both", () => {
    const records = [said("ann", "orders.total", { verdict: "wrong", correctRef: "orders.net" })];
    expect(refs(records, "ann").toSorted()).toEqual(["correct orders.net", "wrong orders.total"]);
  });

  it("holds a team's word for the team, a steward's for everyone", () => {
    const team = [said("ann", "orders.total", { role: "analyst", scope: "team", rank: 2 })];
    expect(refs(team, "bob", "analyst")).toEqual(["correct orders.total"]);
    expect(refs(team, "bob", "reader")).toEqual([]);
    const all = [...team, said("sue", "orders.net", { role: "steward", scope: "everyone", rank: 3 })];
    expect(refs(all, "bob", "reader")).toEqual(["correct orders.net"]);
    expect(refs(all, "bob", "analyst")).toEqual(["correct orders.net"]);
  });

  it("spreads beyond its givers only by quorum", () => {
    const two = [said("ann", "orders.total"), said("bob", "orders.total")];
    expect(refs(two, "eve")).toEqual([]);
    expect(refs([...two, said("cid", "orders.total")], "eve")).toEqual(["correct orders.total"]);
  });

  it("lets a hostile fifth take nothing over, whatever the order", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.nat(), { minLength: 30, maxLength: 30 }),
        (fifth, order) => {
          const honest = Array.from({ length: fifth * 4 }, (_, i) => said(`h${i}`, "orders.total"));
          const hostile = Array.from({ length: fifth }, (_, i) => [
            said(`x${i}`, "orders.junk"),
            said(`x${i}`, "orders.total", { verdict: "wrong" }),
            said(`x${i}`, "orders.junk"),
          ]);
          const records = [...honest, ...hostile.flat()]
            .map((r, i) => ({ r, k: order[i % order.length] ?? 0 }))
            .sort((a, b) => a.k - b.k)
            .map(({ r }, i) => ({ ...r, seq: i + 1 }));
          const found = refs(records, "newcomer");
          expect(found).not.toContain("correct orders.junk");
          expect(found).not.toContain("wrong orders.total");
        },
      ),
    );
  });

  it("weighs old words less", () => {
    const old = ["a", "b", "c"].map((u) => said(u, "orders.total", {}, "2023-01-01T00:00:00Z"));
    const fresh = ["d", "e", "f"].map((u) => said(u, "orders.net"));
    expect(refs([...old, ...fresh], "eve")).toEqual(["correct orders.net"]);
  });

  it("never spreads by queries alone", () => {
    const records = Array.from({ length: 40 }, (_, i) => said(`u${i}`, "orders.total", { origin: "query" }));
    expect(refs(records, "eve")).toEqual([]);
  });

  it("forgets what was undone", () => {
    const first = said("ann", "orders.total");
    const undo = record({ what: "undo", undone: feedbackId(first), user: "ann", role: "reader" });
    expect(refs([first, undo], "ann")).toEqual([]);
  });

  it("follows renames of tables and columns", () => {
    expect(
      followRenames("orders.total", [
        { from: "orders", to: "sales_orders", seq: 1 },
        { from: "sales_orders.total", to: "sales_orders.amount", seq: 2 },
      ]),
    ).toBe("sales_orders.amount");
    expect(
      refs([said("ann", "orders.total")], "ann", "reader", [{ from: "orders.total", to: "orders.amount", seq: 1e9 }]),
    ).toEqual(["correct orders.amount"]);
  });
});
