/**
 * Plain questions through build_query's own parser: answered, right, wrong, asked, by shape. Right is: the columns of the gold SQL are
 * among ours, with the same rows. Precision is what counts: a question that is not understood is to be declined. Then the questions of databases
 * without any declared key (`question-keyless.ts`).
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { buildQuestion } from "../src/query/build-question.js";
import { defaultQuerySettings } from "../src/query/settings.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import { mapTerm } from "../src/terms/map.js";
import { buildTermIndex } from "../src/terms/term-index.js";
import { goldRows } from "./query.js";
import { arrangements, type IntentLine, readLines, rowsOf, sameRows, unmatchedKept } from "./query-cases.js";
import { servedView } from "./query-views.js";
import { keylessQuestions } from "./question-keyless.js";

const dataDirectory = process.env.SEXTANT_DATA ?? new URL("../../shared/data", import.meta.url).pathname;
/** One line for each question, to a person who looks for what is misread. */
const verbose = process.env.SEXTANT_BENCH_VERBOSE === "1";
/** Every so manieth database, from which one on; all by default. */
const every = Number(process.env.SEXTANT_BENCH_EVERY ?? 1);
const first = Number(process.env.SEXTANT_BENCH_FIRST ?? 0);

type Verdict = "right" | "kept" | "wrong" | "broken" | "asked" | "refused" | "unread";

export async function run(): Promise<void> {
  const path = join(dataDirectory, "spider/intents_train.jsonl");
  if (!existsSync(path)) {
    console.error(`SKIPPED: question bench: no data at SEXTANT_DATA (${dataDirectory})`);
    return;
  }
  const lines = readLines(path).filter((l) => l.verify.gold_exec === "ok" && l.verify.limit_tie !== true && l.clean);
  const counts = new Map<string, Map<Verdict, number>>();
  const byDatabase: { answered: number; right: number }[] = [];
  const databases = [...new Set(lines.map((l) => l.db_id))].filter((_, i) => i % every === first);
  for (const id of databases) {
    const file = join(dataDirectory, "spider/database", id, `${id}.sqlite`);
    if (!existsSync(file)) continue;
    const db = new Database(file, { readonly: true });
    const view = await servedView(`sqlite:${file}`);
    const index = buildTermIndex(view, emptyGlossary);
    const tally = { answered: 0, right: 0 };
    for (const line of lines.filter((l) => l.db_id === id)) {
      const { verdict, why } = judge(line, db, (question) =>
        buildQuestion(question, {
          view,
          resolve: (request) => mapTerm(index, request),
          glossary: emptyGlossary,
          now: Date.UTC(2024, 0, 1),
          settings: defaultQuerySettings,
          question,
        }),
      );
      for (const key of ["all", line.shape]) {
        const known = counts.get(key) ?? new Map<Verdict, number>();
        counts.set(key, known.set(verdict, (known.get(verdict) ?? 0) + 1));
      }
      const right = verdict === "right" || verdict === "kept";
      if (right || verdict === "wrong" || verdict === "broken") tally.answered++;
      if (right) tally.right++;
      if (verbose)
        console.log(
          JSON.stringify({ verdict, shape: line.shape, db: id, question: line.question, gold: line.gold_sql, why }),
        );
    }
    byDatabase.push(tally);
    db.close();
  }
  for (const [shape, found] of counts) console.log(shape, summary(found));
  const [low, high] = interval(byDatabase);
  console.log(`precision, 95 % over ${byDatabase.length} databases: ${low.toFixed(3)} to ${high.toFixed(3)}`);
  await keylessQuestions(dataDirectory, verbose);
}

function judge(
  line: IntentLine,
  db: Database.Database,
  build: (question: string) => ReturnType<typeof buildQuestion>,
): { readonly verdict: Verdict; readonly why: unknown } {
  const built = build(line.question);
  if (!built.ok) return { verdict: "unread", why: built.issues.map((i) => i.message).join("; ") };
  const answer = built.value;
  if (answer.status === "needs_clarification") return { verdict: "asked", why: answer.question?.text };
  if (answer.sql === undefined) return { verdict: "refused", why: answer.issues.map((i) => i.message).join("; ") };
  try {
    const ours = rowsOf(db, answer.sql, answer.params ?? []);
    const gold = goldRows(db, line.gold_sql);
    return { verdict: compared(ours, gold, line, answer.columns.length), why: answer.intent };
  } catch (thrown) {
    return { verdict: "broken", why: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

/** Whether some of our columns, in some order, hold the gold's rows. */
function compared(ours: unknown[][], gold: unknown[][], line: IntentLine, width: number): Verdict {
  const wanted = line.select_order.length;
  const unshown = line.shape === "rows";
  let kept = false;
  for (const picks of arrangements(width, wanted)) {
    const rows = ours.map((r) => picks.map((p) => r[p]));
    if (sameRows(rows, gold, unshown)) return "right";
    if (
      line.limit === null &&
      unmatchedKept(
        rows,
        gold,
        picks.map((_, i) => i),
      )
    )
      kept = true;
  }
  return kept ? "kept" : "wrong";
}

function summary(found: ReadonlyMap<Verdict, number>): string {
  const n = (v: Verdict) => found.get(v) ?? 0;
  const right = n("right") + n("kept");
  const answered = right + n("wrong") + n("broken");
  const all = [...found.values()].reduce((a, b) => a + b, 0);
  const parts = [...found].map(([verdict, count]) => `${verdict} ${count}`).join(", ");
  return `${all} questions: answered ${answered} (${((100 * answered) / all).toFixed(1)} %), right of those ${(right / Math.max(1, answered)).toFixed(3)}; ${parts}`;
}

/** Bootstrap over databases of the share of right among answered. */
function interval(tallies: readonly { answered: number; right: number }[]): readonly [number, number] {
  let state = 1;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const shares = Array.from({ length: 1_000 }, () => {
    const picked = tallies.map(() => tallies[Math.floor(next() * tallies.length)] ?? { answered: 0, right: 0 });
    const answered = picked.reduce((a, t) => a + t.answered, 0);
    return answered === 0 ? 0 : picked.reduce((a, t) => a + t.right, 0) / answered;
  }).sort((a, b) => a - b);
  return [shares[25] ?? 0, shares[974] ?? 0];
}
