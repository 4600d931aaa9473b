/**
 * Questions about PostgreSQL databases that declare no key at all (the defog set), as agents put them: through build_query's own parser, and which
 * columns they need by the term ranker, with and without the columns' descriptions as comments. Answered rightly is: all columns of one answer are
 * among the other's, with the same rows, for the gold SQL often shows keys beside names. PostgreSQL: SEXTANT_TEST_POSTGRES_URL or an embedded server.
 */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { defaultPolicy } from "../src/access/policy.js";
import { checkStatement } from "../src/check/check.js";
import { openConnector } from "../src/databases/open.js";
import { buildQuestion } from "../src/query/build-question.js";
import { defaultQuerySettings } from "../src/query/settings.js";
import type { SchemaView } from "../src/schema/view.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import { mapTerm } from "../src/terms/map.js";
import { rankColumns } from "../src/terms/question-ranker.js";
import { buildTermIndex, type TermIndex } from "../src/terms/term-index.js";
import { startEmbeddedPostgres } from "../test/servers/embedded.js";
import { mean } from "./metrics.js";
import { arrangements, sameRows } from "./query-cases.js";
import { servedView } from "./query-views.js";
import { inScratch } from "./scratch.js";

interface Asked {
  readonly db: string;
  readonly question: string;
  readonly gold_sql_first: string;
}

type Verdict = "right" | "wrong" | "asked" | "refused" | "unread";

/** What is measured of a question in one view of its database. */
interface Seen {
  readonly verdict: Verdict;
  /** Average precision of its columns, and whether all are among the first ten. */
  readonly precision: number;
  readonly inTen: boolean;
}

/** `verbose`: one line for each question, to a person who looks for what is misread. */
export async function keylessQuestions(data: string, verbose: boolean): Promise<void> {
  const folder = join(data, "defog");
  if (!existsSync(folder)) return;
  const asked = JSON.parse(readFileSync(join(folder, "questions.json"), "utf8")) as readonly Asked[];
  const given = process.env["SEXTANT_TEST_POSTGRES_URL"];
  const embedded = given === undefined || given === "" ? await startEmbeddedPostgres() : undefined;
  const seen = new Map<string, Seen[]>();
  try {
    for (const db of readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory())) {
      const dump = readFileSync(join(folder, db, `${db}.sql`), "utf8");
      const described = JSON.parse(readFileSync(join(folder, db, `${db}.json`), "utf8")) as Descriptions;
      await inScratch(given || embedded?.url || "", [dump], async (url) => {
        for (const [name, some] of await measure(
          url,
          asked.filter((q) => q.db === db),
          described,
          verbose,
        ))
          seen.set(name, [...(seen.get(name) ?? []), ...some]);
      });
    }
  } finally {
    await embedded?.stop();
  }
  for (const [name, some] of seen) report(name, some);
}

function report(name: string, seen: readonly Seen[]): void {
  const count = (verdict: Verdict): number => seen.filter((s) => s.verdict === verdict).length;
  const verdicts = (["right", "wrong", "asked", "refused", "unread"] as const)
    .map((v) => `${v} ${count(v)}`)
    .join(", ");
  const map = mean(seen.map((s) => s.precision)).toFixed(3);
  const ten = mean(seen.map((s) => (s.inTen ? 1 : 0))).toFixed(3);
  console.log(
    `no declared keys, ${name}: ${seen.length} questions: ${verdicts}; columns (joins too) mAP ${map}, all in ten ${ten}`,
  );
}

interface Descriptions {
  readonly table_metadata: Readonly<
    Record<string, readonly { readonly column_name: string; readonly column_description?: string }[]>
  >;
}

async function measure(
  url: string,
  asked: readonly Asked[],
  described: Descriptions,
  verbose: boolean,
): Promise<readonly (readonly [string, readonly Seen[]])[]> {
  const plain = await servedView(url);
  const connector = openConnector({ url, allowSuperuser: true });
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const context = {
      view: plain,
      policy: defaultPolicy("postgres"),
      compile: (sql: string) => connector.compile(sql),
    };
    const needed = new Map<string, readonly string[]>();
    for (const { gold_sql_first: gold } of asked)
      needed.set(gold, (await checkStatement(gold, undefined, context)).reads.columns);
    const found: [string, Seen[]][] = [];
    for (const [name, view] of [["plain", plain] as const, ["described", withComments(plain, described)] as const]) {
      const index = buildTermIndex(view, emptyGlossary);
      const seen: Seen[] = [];
      for (const { question, gold_sql_first: gold } of asked) {
        const verdict = await judge(question, gold, index, client);
        if (verbose) console.log(JSON.stringify({ verdict, name, question, gold }));
        seen.push({ ...ranked(index, question, needed.get(gold) ?? []), verdict });
      }
      found.push([name, seen]);
    }
    return found;
  } finally {
    await client.end();
    await connector.close();
  }
}

function withComments(view: SchemaView, { table_metadata: told }: Descriptions): SchemaView {
  const tables = view.snapshot.tables.map((table) => ({
    ...table,
    columns: table.columns.map((column) => {
      const comment = told[table.name]?.find((t) => t.column_name === column.name)?.column_description;
      return comment === undefined ? column : { ...column, comment };
    }),
  }));
  return { ...view, snapshot: { ...view.snapshot, tables }, relationships: [...view.relationships] };
}

function ranked(index: TermIndex, question: string, gold: readonly string[]): Pick<Seen, "precision" | "inTen"> {
  const refs = rankColumns(index, question).map((r) => r.ref);
  const places = gold
    .map((ref) => refs.indexOf(ref))
    .toSorted((a, b) => a - b)
    .filter((at) => at >= 0);
  const precisions = places.map((at, i) => (i + 1) / (at + 1));
  const precision = precisions.reduce((sum, p) => sum + p, 0) / Math.max(1, gold.length);
  return { precision, inTen: places.filter((at) => at < 10).length === gold.length };
}

async function judge(question: string, gold: string, index: TermIndex, client: Client): Promise<Verdict> {
  const built = buildQuestion(question, {
    view: index.view,
    resolve: (request) => mapTerm(index, request),
    glossary: emptyGlossary,
    now: Date.UTC(2024, 5, 1),
    settings: defaultQuerySettings,
    question,
  });
  if (!built.ok) return "unread";
  const { status, sql: text, params = [] } = built.value;
  if (status === "needs_clarification") return "asked";
  if (text === undefined) return "refused";
  const ours = await client.query<unknown[]>({ text, values: [...params], rowMode: "array" });
  const theirs = await client.query<unknown[]>({ text: gold, rowMode: "array" });
  const rows = ours.rows.map(cells);
  // Rows without a match stay, under NULL, by the contract; a gold SQL that joins leaves them out.
  const matched = rows.filter((row) => !row.includes(null));
  return [rows, matched].some((some) => alike(some, theirs.rows.map(cells))) ? "right" : "wrong";
}

/** Numbers come as text, and with more digits here than there. */
const cells = (row: readonly unknown[]): readonly unknown[] =>
  row.map((cell) => (typeof cell === "string" && /^-?\d+(?:\.\d+)?$/.test(cell) ? Number(cell) : cell));

function alike(a: readonly (readonly unknown[])[], b: readonly (readonly unknown[])[]): boolean {
  const [narrow, wide] = (a[0]?.length ?? 0) <= (b[0]?.length ?? 0) ? [a, b] : [b, a];
  const width = narrow[0]?.length ?? 0;
  const picked = (picks: readonly number[]) => wide.map((row) => picks.map((p) => row[p]));
  return (
    a.length === b.length && arrangements(wide[0]?.length ?? 0, width).some((p) => sameRows(narrow, picked(p), false))
  );
}
