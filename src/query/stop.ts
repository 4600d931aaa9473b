/** How building a query stops early: refused with issues, or with a question back. Caught in `build.ts` alone. */

import type { Issue } from "../issue.js";
import type { Option } from "./answer.js";

/** Stops the building of a query with what the caller can do next. */
export class Stopped extends Error {
  constructor(
    readonly outcome:
      | { readonly kind: "refused"; readonly issues: readonly Issue[] }
      | { readonly kind: "question"; readonly text: string; readonly options: readonly Option[] },
  ) {
    super(outcome.kind);
  }
}

export function refuse(issue: Issue): never {
  throw new Stopped({ kind: "refused", issues: [issue] });
}

export function ask(text: string, options: readonly Option[]): never {
  throw new Stopped({ kind: "question", text, options });
}
