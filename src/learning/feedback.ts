/**
 * What people said about mappings, as durable records: the shape of a record's body, who speaks for whom, and what an undo takes back. Pure; the tool
 * `record_feedback` writes, `mappings.ts` reads.
 */

import { z } from "zod";
import type { StoredRecord } from "../state/state.js";
import { lemmasOf } from "../terms/words.js";

/** For whom a verdict holds at once: its giver, all of the giver's role, or everyone. */
export type FeedbackScope = "user" | "team" | "everyone";

export const feedbackBody = z.discriminatedUnion("what", [
  z.object({
    what: z.literal("verdict"),
    term: z.string(),
    ref: z.string(),
    verdict: z.enum(["correct", "wrong"]),
    correctRef: z.string().optional(),
    /** A person said so, or a query built on it ran and was kept. */
    origin: z.enum(["person", "query"]),
    user: z.string(),
    role: z.string(),
    scope: z.enum(["user", "team", "everyone"]),
    /** Rank of the role: a higher one decides over a lower one. */
    rank: z.number(),
    question: z.string().optional(),
    note: z.string().optional(),
    /** Schema version that it was said about. */
    version: z.string(),
    /** What the term was mapped to just before, when the giver was shown it. */
    served: z
      .object({
        ref: z.string().optional(),
        confidence: z.number(),
        status: z.enum(["matched", "ambiguous", "no_match"]),
        /** The correction in use; 0 for none. */
        model: z.number(),
        /** Where two rankers were compared: the experiment, and which of them gave what turned out right. */
        experiment: z.string().optional(),
        credit: z.enum(["champion", "challenger"]).optional(),
      })
      .optional(),
  }),
  z.object({ what: z.literal("undo"), undone: z.string(), user: z.string(), role: z.string() }),
  z.object({
    what: z.literal("model"),
    act: z.enum(["promoted", "rolled_back", "compared", "stopped"]),
    /** The correction that answers from now on; 0 for the shipped rankers alone. */
    champion: z.number(),
    /** The one that it is compared with on live traffic. */
    challenger: z.number().optional(),
    author: z.string(),
    reason: z.string(),
  }),
]);

export type FeedbackBody = z.infer<typeof feedbackBody>;
export type Verdict = Extract<FeedbackBody, { what: "verdict" }>;
export type ModelAct = Extract<FeedbackBody, { what: "model" }>;

export interface FeedbackSettings {
  /** Scope and rank by role; `*` is any other role. */
  readonly roles: Readonly<Record<string, { readonly scope: FeedbackScope; readonly rank: number }>>;
  /** So many different people of one rank must agree before a verdict holds beyond its own scope. */
  readonly quorum: number;
  /** Share of the weight that must agree, 0.5 to 1. */
  readonly majority: number;
  /** After so many days a verdict weighs half. */
  readonly halfLifeDays: number;
  /** What a query that was built on a mapping and kept weighs beside a person's word, 0 to 1. */
  readonly queryWeight: number;
}

export const defaultFeedbackSettings: FeedbackSettings = {
  roles: {
    admin: { scope: "everyone", rank: 3 },
    steward: { scope: "everyone", rank: 3 },
    analyst: { scope: "team", rank: 2 },
    "*": { scope: "user", rank: 1 },
  },
  quorum: 3,
  majority: 0.67,
  halfLifeDays: 180,
  queryWeight: 0.2,
};

export function standingOf(
  role: string,
  settings: FeedbackSettings,
): { readonly scope: FeedbackScope; readonly rank: number } {
  return settings.roles[role] ?? settings.roles["*"] ?? { scope: "user", rank: 1 };
}

/** The key of a term in the records: its lemmas, so that "Sales" and "sale" are one. */
export function termKey(term: string): string {
  return lemmasOf(term).join(" ");
}

export interface GivenVerdict extends Verdict {
  readonly id: string;
  readonly at: string;
  readonly seq: number;
}

/** A record's id, as callers name it in `undo`. */
export const feedbackId = (record: Pick<StoredRecord, "seq">): string => `fb_${record.seq}`;

/** What a source's log says: the verdicts that stand, in order, without what was undone, and what was done with models. */
export interface FeedbackLog {
  readonly verdicts: readonly GivenVerdict[];
  readonly acts: readonly (ModelAct & { readonly at: string; readonly seq: number })[];
}

/** A record of another shape says nothing. */
export function readLog(records: readonly StoredRecord[]): FeedbackLog {
  const verdicts: GivenVerdict[] = [];
  const acts: (ModelAct & { at: string; seq: number })[] = [];
  const undone = new Set<string>();
  for (const record of [...records].sort((a, b) => a.seq - b.seq)) {
    const body = feedbackBody.safeParse(record.body);
    if (!body.success) continue;
    const { at, seq } = record;
    if (body.data.what === "undo") undone.add(body.data.undone);
    else if (body.data.what === "model") acts.push({ ...body.data, at, seq });
    else verdicts.push({ ...body.data, id: feedbackId(record), at, seq });
  }
  return { verdicts: verdicts.filter((v) => !undone.has(v.id)), acts };
}
