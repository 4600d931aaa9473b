/**
 * From verdicts to what holds for one caller now. A caller's own word holds for the caller; a scope's word for its scope; beyond that only what a quorum
 * of one rank agrees on by a clear majority, each person one voice, higher ranks first, older words lighter. Pure: time is an argument.
 */

import type { LearnedMapping } from "../terms/mapping.js";
import { defaultFeedbackSettings, type FeedbackSettings, type GivenVerdict, termKey } from "./feedback.js";

export interface Caller {
  readonly user: string;
  readonly role: string;
}

/** A table or column that has a new name; `from` and `to` are Refs. In order of time; those of one step have one `seq`. */
export interface Rename {
  readonly from: string;
  readonly to: string;
  /** The step's place in the state's log: what was said after it is in the new names already. */
  readonly seq: number;
}

/** What is learned about terms, for `caller` at `nowMs`. */
export function learnedMappings(
  verdicts: readonly GivenVerdict[],
  caller: Caller,
  nowMs: number,
  options: { readonly renames?: readonly Rename[]; readonly settings?: FeedbackSettings } = {},
): readonly LearnedMapping[] {
  const settings = options.settings ?? defaultFeedbackSettings;
  const byTerm = claimsByTerm(verdicts, options.renames ?? []);
  return [...byTerm.values()].flatMap((claims) => decide(claims, caller, nowMs, settings));
}

/** A term on whose meaning those who spoke of it agree. */
export interface AgreedTerm {
  readonly term: string;
  readonly key: string;
  readonly question?: string;
  readonly ref: string;
  /** Weight of the evidence, 0 to 1: of queries alone at most what a query weighs. */
  readonly weight: number;
  readonly users: readonly string[];
}

/** What those of the highest rank agree on by a clear majority, term by term, whoever they said it for: what may be learned from. */
export function agreedTerms(
  verdicts: readonly GivenVerdict[],
  nowMs: number,
  options: { readonly renames?: readonly Rename[]; readonly settings?: FeedbackSettings } = {},
): readonly AgreedTerm[] {
  const settings = options.settings ?? defaultFeedbackSettings;
  return [...claimsByTerm(verdicts, options.renames ?? [])].flatMap(([key, claims]): AgreedTerm[] => {
    const people = latestByUser(claims.filter((c) => c.verdict.origin === "person"));
    const heard = topRank([...people, ...byQueries(claims, people)]);
    const best = agreed(heard, nowMs, settings, 0).find((m) => m.verdict === "correct");
    const support = heard.filter((c) => c.says === "correct" && c.ref === best?.ref);
    const last = support.at(-1);
    if (best === undefined || last === undefined) return [];
    const { term, question } = last.verdict;
    return [
      {
        term,
        key,
        ...(question === undefined ? {} : { question }),
        ref: best.ref,
        weight: Math.min(
          1,
          support.reduce((sum, c) => sum + weightOf(c, nowMs, settings), 0),
        ),
        users: [...new Set(support.map((c) => c.verdict.user))],
      },
    ];
  });
}

function claimsByTerm(verdicts: readonly GivenVerdict[], renames: readonly Rename[]): Map<string, Claim[]> {
  const byTerm = new Map<string, Claim[]>();
  for (const verdict of verdicts) {
    for (const claim of claimsOf(verdict, renames)) {
      const key = termKey(claim.verdict.term);
      const list = byTerm.get(key);
      if (list === undefined) byTerm.set(key, [claim]);
      else list.push(claim);
    }
  }
  return byTerm;
}

/** One thing that a verdict says: this ref is, or is not, what the term means. */
interface Claim {
  readonly ref: string;
  readonly says: "correct" | "wrong";
  readonly verdict: GivenVerdict;
}

function claimsOf(verdict: GivenVerdict, all: readonly Rename[]): readonly Claim[] {
  const renames = all.filter((r) => r.seq > verdict.seq);
  const own = { ref: followRenames(verdict.ref, renames), says: verdict.verdict, verdict };
  return verdict.correctRef === undefined
    ? [own]
    : [own, { ref: followRenames(verdict.correctRef, renames), says: "correct", verdict }];
}

/** Where a Ref stands after renames; a renamed table takes its columns along. What one step renames is renamed at once, so names may be swapped. */
export function followRenames(ref: string, renames: readonly Rename[]): string {
  let now = ref;
  for (const seq of new Set(renames.map((r) => r.seq))) {
    const step = renames.filter((r) => r.seq === seq);
    const itself = step.find((r) => r.from === now);
    const table = step.find((r) => now.startsWith(`${r.from}.`));
    if (itself !== undefined) now = itself.to;
    else if (table !== undefined) now = table.to + now.slice(table.from.length);
  }
  return now;
}

function decide(
  claims: readonly Claim[],
  caller: Caller,
  nowMs: number,
  settings: FeedbackSettings,
): readonly LearnedMapping[] {
  const people = latestByUser(claims.filter((c) => c.verdict.origin === "person"));
  const own = people.filter((c) => c.verdict.user === caller.user).map((c) => learned(c, 1));
  const others = people.filter((c) => c.verdict.user !== caller.user);
  // A word given for one's scope holds at once; where its givers disagree the clear majority does, else nothing.
  const within = agreed(topRank(others.filter((c) => reaches(c, caller))), nowMs, settings, 1);
  const spread = () => agreed(topRank([...people, ...byQueries(claims, people)]), nowMs, settings, settings.quorum);
  const settled = own.some((m) => m.verdict === "correct");
  const rest = (within.length > 0 ? within : spread()).filter(
    (m) => !own.some((o) => o.ref === m.ref) && !(settled && m.verdict === "correct"),
  );
  return [...own, ...rest];
}

/** What queries speak for, of users who said nothing themselves: a query never stands in for a word. */
function byQueries(claims: readonly Claim[], people: readonly Claim[]): readonly Claim[] {
  const spoke = new Set(people.map((c) => c.verdict.user));
  return latestByUser(claims.filter((c) => c.verdict.origin === "query" && !spoke.has(c.verdict.user)));
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

/** The word of the highest rank that people spoke with; queries weigh in whatever their rank. */
function topRank(claims: readonly Claim[]): readonly Claim[] {
  let top = Number.NEGATIVE_INFINITY;
  for (const { verdict } of claims) if (verdict.origin === "person") top = Math.max(top, verdict.rank);
  return claims.filter((c) => c.verdict.rank >= top || c.verdict.origin === "query");
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
