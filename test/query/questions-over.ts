/** Plain questions put to a database in memory: how they are read with the rankers that ship, and the rows that they come to. */

import type Database from "better-sqlite3";
import { expect } from "vitest";
import type { QueryContext } from "../../src/query/answer.js";
import { buildQuery } from "../../src/query/build.js";
import { buildQuestion } from "../../src/query/build-question.js";
import type { Intent } from "../../src/query/intent.js";
import { emptyGlossary } from "../../src/terms/glossary.js";
import { mapTerm } from "../../src/terms/map.js";
import { buildTermIndex, type TermIndex } from "../../src/terms/term-index.js";
import { sqliteView } from "./sqlite-view.js";
import { withoutTerms } from "./without-terms.js";

/** What each intent comes to. */
export type Answered = readonly (readonly [what: string, intent: Intent, expected: readonly unknown[]])[];

interface Questions {
  readonly index: TermIndex;
  context(question: string): QueryContext;
  read(question: string): ReturnType<typeof buildQuestion>;
  /** What a question that is not answered is met with: the question back, or why it is declined. */
  askedBack(question: string): string | undefined;
  /** Of a question that is answered, in the database. */
  rows(question: string): readonly unknown[];
  /** Of an intent that is answered, in the database. */
  rowsFor(intent: Intent): readonly unknown[];
  rowsOf(answer: { readonly sql?: string; readonly params?: readonly unknown[] }): readonly unknown[];
}

/** `now`: the moment that questions are asked at, in ms since the epoch. */
export function questionsOver(db: Database.Database, now = 0): Questions {
  const view = sqliteView(db, [], true);
  const index = buildTermIndex(view, emptyGlossary);
  const context = (question: string): QueryContext => ({
    ...withoutTerms(view, question),
    now,
    resolve: (request) => mapTerm(index, request),
  });
  const read = (question: string) => buildQuestion(question, context(question));
  const askedBack = (question: string) => {
    const built = read(question);
    return built.ok ? built.value.question?.text : built.issues.map((i) => i.message).join();
  };
  const rowsOf: Questions["rowsOf"] = ({ sql = "", params = [] }) =>
    db
      .prepare(sql)
      .raw()
      .all(...params);
  const rows = (question: string) => {
    const built = read(question);
    if (!built.ok) throw new Error(built.issues.map((i) => i.message).join());
    expect(built.value).toMatchObject({ status: "ok", issues: [] });
    return rowsOf(built.value);
  };
  const rowsFor = (intent: Intent) => {
    const answer = buildQuery(intent, context(""));
    expect(answer).toMatchObject({ status: "ok", issues: [] });
    return rowsOf(answer);
  };
  return { index, context, read, askedBack, rows, rowsFor, rowsOf };
}
