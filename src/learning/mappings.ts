/**
 * From verdicts to what holds for one caller now. A caller's own word holds for the caller; a scope's word for its scope; beyond that only what a quorum
 * of one rank agrees on by a clear majority, each person one voice, higher ranks first, older words lighter. Pure: time is an argument.
 */

import type { StoredRecord } from "../state/state.js";
import type { LearnedMapping } from "../terms/mapping.js";
import {
  defaultFeedbackSettings,
  type FeedbackSettings,
  type GivenVerdict,
  standingVerdicts,
  termKey,
} from "./feedback.js";

export interface Caller {
  readonly user: string;
  readonly role: string;
}

/** A table or column that has a new name; `from` and `to` are Refs. In order of time. */
export interface Rename {
  readonly from: string;
  readonly to: string;
}

/** What is learned about terms, for `caller` at `nowMs`. */
export function learnedMappings(
  records: readonly StoredRecord[],
  caller: Caller,
  nowMs: number,
  options: { readonly renames?: readonly Rename[]; readonly settings?: FeedbackSettings } = {},
): readonly LearnedMapping[] {
  const settings = options.settings ?? defaultFeedbackSettings;
  const byTerm = new Map<string, Claim[]>();
  for (const verdict of standingVerdicts(records)) {
    for (const claim of claimsOf(verdict, options.renames ?? [])) {
      const key = termKey(claim.verdict.term);
      const list = byTerm.get(key);
      if (list === undefined) byTerm.set(key, [claim]);
      else list.push(claim);
    }
  }
  return [...byTerm.values()].flatMap((claims) => decide(claims, caller, nowMs, settings));
}

/** One thing that a verdict says: this ref is, or is not, what the term means. */
interface Claim {
  readonly ref: string;
  readonly says: "correct" | "wrong";
  readonly verdict: GivenVerdict;
}

function claimsOf(verdict: GivenVerdict, renames: readonly Rename[]): readonly Claim[] {
  const own = { ref: followRenames(verdict.ref, renames), says: verdict.verdict, verdict };
  return verdict.correctRef === undefined
    ? [own]
    : [own, { ref: followRenames(verdict.correctRef, renames), says: "correct", verdict }];
}

/** Where a Ref stands after renames; a renamed table takes its columns along. */
export function followRenames(ref: string, renames: readonly Rename[]): string {
  let now = ref;
  for (const { from, to } of renames) {
    if (now === from) now = to;
    else if (now.startsWith(`${from}.`)) now = to + now.slice(from.length);
  }
  return now;
}

function decide(
  claims: readonly Claim[],
  caller: Caller,
  nowMs: number,
  settings: FeedbackSettings,
): readonly LearnedMapping[] {
  const own = latestByUser(claims.filter((c) => c.verdict.user === caller.user && c.verdict.origin === "person"));
  if (own.length > 0) return own.map((c) => learned(c, 1));
  const scoped = latestByUser(claims.filter((c) => c.verdict.origin === "person" && reaches(c, caller)));
  const nearest = topRank(scoped);
  // A word given for one's scope holds at once; where its givers disagree the clear majority does, else nothing.
  const within = agreed(nearest, nowMs, settings, 1);
  if (within.length > 0) return within;
  return agreed(topRank(latestByUser(claims)), nowMs, settings, settings.quorum);
}

const reaches = (claim: Claim, caller: Caller): boolean =>
  claim.verdict.scope === "everyone" || (claim.verdict.scope === "team" && claim.verdict.role === caller.role);

/** Each person's last word about the term: all that was said in it. */
function latestByUser(claims: readonly Claim[]): readonly Claim[] {
  const last = new Map<string, { correct?: number; wrong: Map<string, number> }>();
  for (const claim of claims) {
    const said = last.get(claim.verdict.user) ?? { wrong: new Map<string, number>() };
    last.set(claim.verdict.user, said);
    if (claim.says === "correct") said.correct = Math.max(said.correct ?? 0, claim.verdict.seq);
    else said.wrong.set(claim.ref, claim.verdict.seq);
  }
  return claims.filter((claim) => {
    const said = last.get(claim.verdict.user);
    if (claim.says === "correct")
      return said?.correct === claim.verdict.seq && (said.wrong.get(claim.ref) ?? -1) <= claim.verdict.seq;
    const taken = claims.some(
      (c) =>
        c.says === "correct" &&
        c.ref === claim.ref &&
        c.verdict.user === claim.verdict.user &&
        c.verdict.seq > claim.verdict.seq,
    );
    return said?.wrong.get(claim.ref) === claim.verdict.seq && !taken;
  });
}

function topRank(claims: readonly Claim[]): readonly Claim[] {
  const people = claims.filter((c) => c.verdict.origin === "person");
  const top = Math.max(...people.map((c) => c.verdict.rank));
  return claims.filter((c) => c.verdict.rank >= top || (people.length === 0 && c.verdict.origin === "query"));
}

function agreed(
  claims: readonly Claim[],
  nowMs: number,
  settings: FeedbackSettings,
  quorum: number,
): readonly LearnedMapping[] {
  const total = new Map<string, number>();
  for (const claim of claims) {
    const user = claim.verdict.user;
    total.set(user, Math.max(total.get(user) ?? 0, weightOf(claim, nowMs, settings)));
  }
  const all = [...total.values()].reduce((a, b) => a + b, 0);
  const found: LearnedMapping[] = [];
  for (const ref of new Set(claims.map((c) => c.ref))) {
    for (const says of ["correct", "wrong"] as const) {
      const for_ = claims.filter((c) => c.ref === ref && c.says === says);
      const people = new Set(for_.filter((c) => c.verdict.origin === "person").map((c) => c.verdict.user)).size;
      const weight = for_.reduce((sum, c) => sum + weightOf(c, nowMs, settings), 0);
      const [first] = for_;
      if (first === undefined || people < quorum || all === 0 || weight / all < settings.majority) continue;
      found.push(learned(first, Math.min(1, (weight / all) * Math.min(1, weight / Math.max(1, quorum)) + 0.2)));
    }
  }
  return found;
}

const dayMs = 86_400_000;

/** What a word weighs now: half after each half-life; a query's success a fraction of a person's word. */
function weightOf(claim: Claim, nowMs: number, settings: FeedbackSettings): number {
  const days = Math.max(0, (nowMs - Date.parse(claim.verdict.at)) / dayMs);
  return 0.5 ** (days / settings.halfLifeDays) * (claim.verdict.origin === "query" ? settings.queryWeight : 1);
}

const learned = (claim: Claim, weight: number): LearnedMapping => ({
  term: claim.verdict.term,
  ref: claim.ref,
  verdict: claim.says,
  weight,
});
