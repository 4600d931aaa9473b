/** How building a query stops early: refused with issues, or with a question back. Caught in `build.ts` alone. */

import type { Issue } from "../issue.js";
import type { Option } from "./answer.js";
import type { Intent } from "./intent.js";

/** Another intent that may be what is wanted, and why. */
export interface Instead {
  readonly why: string;
  readonly intent: Intent;
}

/** Stops the building of a query with what the caller can do next. */
export class Stopped extends Error {
  constructor(
    readonly outcome:
      | { readonly kind: "refused"; readonly issues: readonly Issue[]; readonly instead: readonly Instead[] }
      | { readonly kind: "question"; readonly text: string; readonly options: readonly Option[] },
  ) {
    super(outcome.kind);
  }
}

/** Stops with an issue, and with intents that would work in its place. */
export function refuse(issue: Issue, instead: readonly Instead[] = []): never {
  throw new Stopped({ kind: "refused", issues: [issue], instead });
}

export function ask(text: string, options: readonly Option[]): never {
  throw new Stopped({ kind: "question", text, options });
}
