/**
 * Query building on public questions: answered, right, wrong, declined, by exact references and by business terms; and the time to plan
 * by schema size. Right is: the same rows as the gold SQL on the same database.
 */

import { existsSync } from "node:fs";
import Database from "better-sqlite3";
import type { BuildAnswer, TermResolver } from "../src/query/answer.js";
import { buildQuery } from "../src/query/build.js";
import type { Intent } from "../src/query/intent.js";
import { defaultQuerySettings } from "../src/query/settings.js";
import type { SchemaView } from "../src/schema/view.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import { mapTerm } from "../src/terms/map.js";
import { buildTermIndex } from "../src/terms/term-index.js";
import {
  type IntentLine,
  intentOf,
  kindOf,
  type LineKind,
  noTerms,
  rowsOf,
  sameRows,
  unmatchedKept,
  type Wording,
} from "./query-cases.js";
import { joinEdges } from "./query-joins.js";
import { metricflow } from "./query-metricflow.js";
import { planTimes } from "./query-plan.js";
import { schemaOnly, schemaOnlySets } from "./query-schemas.js";
import { tpch } from "./query-tpch.js";
import { bootstrap, databaseFile, spiderLines, spiderViews } from "./query-views.js";

const dataDirectory = process.env.SEXTANT_DATA ?? new URL("../../shared/data", import.meta.url).pathname;

/** `kept`: right by the contract, which keeps rows without a match under NULL where the gold's inner join drops them. */
type Verdict = "right" | "kept" | "wrong" | "asked" | "refused" | "broken";

interface Outcome {
  readonly line: IntentLine;
  readonly kind: LineKind;
  readonly verdict: Verdict;
  readonly sql?: string;
  readonly why?: string;
  /** Of what was asked: whether one of the options gives the gold's rows. */
  readonly settles?: boolean;
}

/** One line built, run and compared. */
function judge(
  line: IntentLine,
  wording: Wording,
  view: SchemaView,
  db: Database.Database,
  resolve: TermResolver,
): Outcome | undefined {
  const intent = intentOf(line, wording);
  if (intent === undefined) return undefined;
  const of = { line, kind: kindOf(line) };
  const build = (asked: Intent) =>
    buildQuery(asked, {
      view,
      resolve,
      glossary: emptyGlossary,
      now: 0,
      settings: defaultQuerySettings,
      ...(wording === "ref" ? {} : { question: line.question }),
    });
  const answer = build(intent);
  if (answer.status === "needs_clarification") {
    const options = answer.question?.options ?? [];
    const why = `${answer.question?.text} ${options.map((o) => o.label).join(" | ")}`;
    const settles = options
      .map((o) => build(o.intent))
      .some((a) => a.status === "ok" && compared(line, a, db).verdict !== "wrong");
    return { ...of, verdict: "asked", why, settles };
  }
  if (answer.status === "refused" || answer.sql === undefined) {
    return { ...of, verdict: "refused", why: answer.issues.map((i) => `${i.code}: ${i.message}`).join("; ") };
  }
  try {
    return { ...of, sql: answer.sql, ...compared(line, answer, db) };
  } catch (thrown) {
    return {
      ...of,
      verdict: "broken",
      sql: answer.sql,
      why: thrown instanceof Error ? thrown.message : String(thrown),
    };
  }
}

function compared(line: IntentLine, answer: BuildAnswer, db: Database.Database): Pick<Outcome, "verdict" | "why"> {
  const names = answer.columns.map((c) => c.name);
  const picks = line.select_order.map((id) => names.indexOf(id));
  const rows = rowsOf(db, answer.sql ?? "", answer.params ?? []).map((r) => picks.map((p) => r[p]));
  const gold = goldRows(db, line.gold_sql);
  const shown = new Set(line.dimensions.filter((d) => d.selected).map((d) => d.gold.split(".")[0]));
  const unshown = [...line.filters, ...line.extra_tables].some((f) => !shown.has(f.gold.split(".")[0]));
  // The gold's DISTINCT over groups is one over the columns shown, which the contract's `distinct` is not.
  const asSets = line.shape === "rows" ? unshown : line.select_distinct;
  if (sameRows(rows, gold, asSets)) return { verdict: "right" };
  const keyed = picks.flatMap((p, i) => (answer.columns[p]?.role === "measure" ? [] : [i]));
  const verdict = line.limit === null && unmatchedKept(rows, gold, keyed) ? "kept" : "wrong";
  return { verdict, why: `${rows.length} rows for ${gold.length}` };
}

/** Rows of a gold statement; some write texts in double quotes, which better-sqlite3's build of SQLite takes for names alone. */
export function goldRows(db: Database.Database, sql: string): unknown[][] {
  try {
    return rowsOf(db, sql);
  } catch (thrown) {
    if (!(thrown instanceof Error) || !/no such column/.test(thrown.message)) throw thrown;
    return rowsOf(
      db,
      sql.replaceAll(/"([^"]*)"/g, (_, text: string) => `'${text.replaceAll("'", "''")}'`),
    );
  }
}

/** Every usable line of the Spider intents, database by database. */
function spider(
  lines: readonly IntentLine[],
  views: ReadonlyMap<string, SchemaView>,
  wording: Wording,
  resolverOf: (view: SchemaView) => TermResolver,
): readonly Outcome[] {
  const outcomes: Outcome[] = [];
  for (const [id, view] of views) {
    const db = new Database(databaseFile(dataDirectory, id), { readonly: true });
    const resolve = resolverOf(view);
    for (const line of lines.filter((l) => l.db_id === id)) {
      const outcome = judge(line, wording, view, db, resolve);
      if (outcome !== undefined) outcomes.push(outcome);
    }
    db.close();
  }
  return outcomes;
}

/** The terms room's mapping over one schema. */
function mapperOf(view: SchemaView): TermResolver {
  const index = buildTermIndex(view, emptyGlossary);
  return (request) => mapTerm(index, request);
}

/** Counts and shares by what the links leave open, and a 95 % bootstrap interval of the share right over databases. */
function report(title: string, outcomes: readonly Outcome[]): void {
  console.log(`\n${title}: ${outcomes.length} lines of ${new Set(outcomes.map((o) => o.line.db_id)).size} databases`);
  for (const kind of [undefined, ...lineKinds]) {
    const of = outcomes.filter((o) => kind === undefined || o.kind === kind);
    const share = (...verdicts: readonly Verdict[]) => {
      const count = of.filter((o) => verdicts.includes(o.verdict)).length;
      return `${verdicts[0]} ${count} (${(count / Math.max(1, of.length)).toFixed(3)})`;
    };
    const asked = of.filter((o) => o.verdict === "asked");
    const settled = asked.filter((o) => o.settles === true).length;
    const figures = [share("right"), share("kept"), share("wrong"), share("asked"), share("refused"), share("broken")];
    console.log(
      `  ${(kind ?? "all").padEnd(16)} ${figures.join("  ")}  of those asked ${settled} have the gold among the options`,
    );
  }
  const inside = interval(
    outcomes,
    (of) => of.filter((o) => o.verdict === "right" || o.verdict === "kept").length / of.length,
  );
  const wrong = interval(outcomes, (of) => of.filter((o) => o.verdict === "wrong").length / of.length);
  console.log(`  right or kept ${inside}, wrong ${wrong}`);
}

const lineKinds: readonly LineKind[] = ["fixed", "other tables", "several paths", "no declared path", "fan-out"];

function interval(outcomes: readonly Outcome[], of: (some: readonly Outcome[]) => number): string {
  const groups = [...new Set(outcomes.map((o) => o.line.db_id))].map((id) =>
    outcomes.filter((o) => o.line.db_id === id),
  );
  const [low, high] = bootstrap(groups, of);
  return `${of(outcomes).toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`;
}

export async function run(): Promise<void> {
  if (!existsSync(dataDirectory)) {
    console.error(`SKIPPED: query bench: no data at SEXTANT_DATA (${dataDirectory})`);
    return;
  }
  const lines = spiderLines(dataDirectory);
  const views = await spiderViews(dataDirectory, lines);
  report(
    "spider, by reference",
    spider(lines, views, "ref", () => noTerms),
  );
  for (const wording of ["term", "term_qualified"] as const) {
    report(`spider, by ${wording}`, spider(lines, views, wording, mapperOf));
  }
  joinEdges(lines, views);
  for (const set of schemaOnlySets) schemaOnly(dataDirectory, set, mapperOf);
  await metricflow(dataDirectory);
  await tpch(dataDirectory);
  planTimes();
}
