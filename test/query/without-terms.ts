/** What a query is built in where no term is known: all that an intent or a question names stands in the schema itself. */

import type { QueryContext } from "../../src/query/answer.js";
import { defaultQuerySettings } from "../../src/query/settings.js";
import { emptyGlossary } from "../../src/terms/glossary.js";

/** `question`: the one that is read, where it is a question. */
export function withoutTerms(view: QueryContext["view"], question?: string): QueryContext {
  return {
    view,
    resolve: ({ term }) => ({ term, status: "no_match", matches: [], did_you_mean: [] }),
    glossary: emptyGlossary,
    now: 0,
    settings: defaultQuerySettings,
    ...(question === undefined ? {} : { question }),
  };
}
