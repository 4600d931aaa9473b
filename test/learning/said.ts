/** Verdicts as the log gives them, with what a test does not care about filled in. */

import type { GivenVerdict, Verdict } from "../../src/learning/feedback.js";

let seq = 0;

/** `user` says that "revenue" means `ref`, unless `more` says otherwise; `at` is ISO 8601. */
export function given(user: string, ref: string, more: Partial<Verdict>, at: string): GivenVerdict {
  seq += 1;
  return {
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
    id: `fb_${seq}`,
    at,
    seq,
  };
}
