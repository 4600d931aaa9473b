/**
 * Query building on public questions: answered, right, wrong, declined, by exact references and by business terms; and the time to plan
 * by schema size. Right is: the same rows as the gold SQL on the same database.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { BuildAnswer, TermResolver } from "../src/query/answer.js";
import { buildQuery } from "../src/query/build.js";
import type { Intent } from "../src/query/intent.js";
import { defaultQuerySettings } from "../src/query/settings.js";
import type { Relationship } from "../src/schema/relationships.js";
import type { Table } from "../src/schema/snapshot.js";
import type { SchemaView } from "../src/schema/view.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import { mapTerm } from "../src/terms/map.js";
import { buildTermIndex } from "../src/terms/term-index.js";
import { randomFrom } from "../test/query/oracle/world.js";
import {
  type IntentLine,
  intentOf,
  kindOf,
  type LineKind,
  readLines,
  rowsOf,
  sameRows,
  unmatchedKept,
  type Wording,
} from "./query-cases.js";
import { servedView } from "./query-views.js";

const dataDirectory = process.env.SEXTANT_DATA ?? new URL("../../shared/data", import.meta.url).pathname;

/** `kept`: right by the contract, which keeps rows without a match under NULL where the gold's inner join drops them. */
type Verdict = "right" | "kept" | "wrong" | "asked" | "refused" | "broken";

interface Outcome {
  readonly line: IntentLine;
  readonly kind: LineKind;
  readonly verdict: Verdict;
  readonly sql?: string;
  readonly why?: string;
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
  const answer = buildQuery(intent, {
    view,
    resolve,
    glossary: emptyGlossary,
    now: 0,
    settings: defaultQuerySettings,
    ...(wording === "ref" ? {} : { question: line.question }),
  });
  if (answer.status === "needs_clarification") {
    const why = `${answer.question?.text} ${answer.question?.options.map((o) => o.label).join(" | ")}`;
    return { ...of, verdict: "asked", why };
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
  if (sameRows(rows, gold, line.shape === "rows" && unshown)) return { verdict: "right" };
  const keyed = picks.flatMap((p, i) => (answer.columns[p]?.role === "measure" ? [] : [i]));
  const verdict = line.limit === null && unmatchedKept(rows, gold, keyed) ? "kept" : "wrong";
  return { verdict, why: `${rows.length} rows for ${gold.length}` };
}

/** Rows of a gold statement; some write texts in double quotes, which better-sqlite3's build of SQLite takes for names alone. */
function goldRows(db: Database.Database, sql: string): unknown[][] {
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

const noTerms: TermResolver = ({ term }) => ({ term, status: "no_match", matches: [], did_you_mean: [] });

/** Every usable line of the Spider intents, database by database. */
async function spider(
  wording: Wording,
  resolverOf: (view: SchemaView) => TermResolver,
  only?: RegExp,
): Promise<readonly Outcome[]> {
  const lines = readLines(join(dataDirectory, "spider/intents_train.jsonl")).filter(
    (l) =>
      l.verify.gold_exec === "ok" &&
      l.verify.limit_tie !== true &&
      l.clean &&
      (only === undefined || only.test(l.db_id)),
  );
  const outcomes: Outcome[] = [];
  for (const id of new Set(lines.map((l) => l.db_id))) {
    const file = join(dataDirectory, "spider/database", id, `${id}.sqlite`);
    if (!existsSync(file)) continue;
    const db = new Database(file, { readonly: true });
    const view = await servedView(`sqlite:${file}`);
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

/** CPU time of one build by schema size: two measures, a dimension and two filters anywhere in a random graph of keys. */
function planTimes(): void {
  for (const tables of [10, 100, 1_000, 10_000]) {
    const view = randomSchema(tables);
    const next = randomFrom(tables);
    const any = (column: string) => `t${Math.floor(next() * tables)}.${column}`;
    const times = Array.from({ length: 200 }, () => {
      const intent: Intent = {
        measures: [
          { term: any("amount"), agg: "sum" },
          { term: any("amount"), agg: "sum", as: "second" },
        ],
        dimensions: [{ term: any("name") }],
        filters: [
          { term: any("name"), op: "=", value: "x" },
          { term: any("name"), op: "=", value: "y" },
        ],
      };
      const before = process.cpuUsage();
      buildQuery(intent, { view, resolve: noTerms, glossary: emptyGlossary, now: 0, settings: defaultQuerySettings });
      const spent = process.cpuUsage(before);
      return (spent.user + spent.system) / 1000;
    }).sort((a, b) => a - b);
    const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
    console.log(`plan, ${tables} tables: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms of CPU`);
  }
}

/** Tables that refer to up to three earlier ones each, some of them to a few hubs. */
function randomSchema(count: number): SchemaView {
  const next = randomFrom(7);
  const tables: Table[] = [];
  const relationships: Relationship[] = [];
  for (let i = 0; i < count; i++) {
    const keys = Array.from({ length: i === 0 ? 0 : 1 + Math.floor(next() * 3) }, () =>
      Math.floor(next() * (next() < 0.3 ? Math.min(i, 20) : i)),
    );
    const columns = [
      ["id", "integer"],
      ["amount", "numeric"],
      ["name", "text"],
      ...keys.map((k, j) => [`t${k}_${j}_id`, "integer"]),
    ];
    const bare = { uniques: [], foreignKeys: [], checks: [], indexes: [], triggers: [], policies: [] };
    tables.push({
      schema: "main",
      name: `t${i}`,
      kind: "table",
      columns: columns.map(([name = "", type = ""]) => ({ name, type, nullable: name !== "id" })),
      primaryKey: { columns: ["id"] },
      ...bare,
    });
    keys.forEach((k, j) =>
      relationships.push({
        from: { table: { schema: "main", name: `t${i}` }, columns: [`t${k}_${j}_id`] },
        to: { table: { schema: "main", name: `t${k}` }, columns: ["id"] },
        origin: "declared",
        confidence: 1,
        cardinality: "n:1",
        targetUnique: true,
      }),
    );
  }
  const none = { enums: [], domains: [], composites: [], sequences: [], functions: [], extensions: [] };
  const snapshot = { dialect: "sqlite" as const, defaultSchema: "main", schemas: [], tables, ...none };
  return { snapshot, version: `sha256:${count}`, statistics: { tables: {} }, relationships };
}

function tally(outcomes: readonly Outcome[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = { all: outcomes.length };
  for (const o of outcomes) counts[o.verdict] = (counts[o.verdict] ?? 0) + 1;
  return counts;
}

export async function run(): Promise<void> {
  if (!existsSync(dataDirectory)) {
    console.error(`SKIPPED: query bench: no data at SEXTANT_DATA (${dataDirectory})`);
    return;
  }
  console.log("spider, by reference", tally(await spider("ref", () => noTerms)));
  for (const wording of ["term", "term_qualified"] as const) {
    console.log(`spider, by ${wording}`, tally(await spider(wording, mapperOf)));
  }
  planTimes();
}
