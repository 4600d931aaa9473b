/** Which tables a whole question needs: each scored as a phrase's table is, with the question for phrase. Pure. */

import { layPhrase, scoreTables } from "./phrase-ranker.js";
import { type Ranked, rankQuestion } from "./question-ranker.js";
import type { TermIndex } from "./term-index.js";

/** Tables that a question or some business words need, best first. */
export function rankTables(index: TermIndex, question: string): readonly Ranked[] {
  const { needs } = rankQuestion(index, question);
  const { context } = layPhrase(index, question, question);
  return scoreTables(context, context.tables)
    .map((s) => {
      const best = needs.sets.tables[s.id] ?? 0;
      // A table whose columns are needed is needed, named or not.
      return {
        ref: index.tables[s.id]?.ref ?? "",
        score: Math.max(best, s.confidence * 0.9) + 0.1 * best,
        confidence: Math.max(best, s.confidence * 0.9),
      };
    })
    .sort((a, b) => b.score - a.score);
}
