/**
 * Join edges: those of the answer against those of the gold SQL, on Spider's questions over several tables; and ambiguities planted into the
 * schema (a second key beside the one that the gold SQL travels), each of which must be asked.
 */

import { buildQuery } from "../src/query/build.js";
import type { Intent } from "../src/query/intent.js";
import { defaultQuerySettings } from "../src/query/settings.js";
import { findTable } from "../src/schema/names.js";
import type { Relationship } from "../src/schema/relationships.js";
import type { SchemaView } from "../src/schema/view.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import { type IntentLine, intentOf, kindOf, noTerms } from "./query-cases.js";

/** Prints how often the edges are exactly the gold's, where its path is the only smallest one, and how many planted ambiguities are asked. */
export function joinEdges(lines: readonly IntentLine[], views: ReadonlyMap<string, SchemaView>): void {
  const count = { answered: 0, exact: 0, asked: 0, planted: 0, plantedAsked: 0, plantedRefused: 0 };
  for (const line of lines) {
    const view = views.get(line.db_id);
    const intent = intentOf(line, "ref");
    const fixed = kindOf(line) === "fixed" && line.join_class === "fk" && line.gold_joins.length > 0;
    if (view === undefined || intent === undefined || !fixed) continue;
    const answer = build(intent, view);
    if (answer.status === "needs_clarification") count.asked++;
    if (answer.status !== "ok") continue;
    count.answered++;
    const edges = new Set(answer.joins.map((j) => edge(j.from, j.to)));
    const gold = new Set(line.gold_joins.map(([from, to]) => edge(from, to)));
    if (edges.size === gold.size && [...edges].every((e) => gold.has(e))) count.exact++;
    const doubled = withSecondKey(view, answer.joins[0]?.from, answer.joins[0]?.to);
    if (doubled === undefined || answer.joins.length === 0) continue;
    count.planted++;
    const planted = build(intent, doubled);
    if (planted.status === "needs_clarification") count.plantedAsked++;
    if (planted.status === "refused") count.plantedRefused++;
  }
  const share = (count.exact / Math.max(1, count.answered)).toFixed(4);
  console.log(
    `\njoin edges exactly the gold's: ${count.exact} of ${count.answered} answered (${share}), asked ${count.asked}`,
  );
  console.log(`planted ambiguities: asked ${count.plantedAsked}, refused ${count.plantedRefused} of ${count.planted}`);
}

function build(intent: Intent, view: SchemaView) {
  return buildQuery(intent, {
    view,
    resolve: noTerms,
    glossary: emptyGlossary,
    now: 0,
    settings: defaultQuerySettings,
  });
}

function edge(a: string, b: string): string {
  return [a, b]
    .map((r) => r.replaceAll('"', "").toLowerCase())
    .sort()
    .join(" = ");
}

/** The view with a second key between the two tables of a join, on a new column of the referring one. */
function withSecondKey(view: SchemaView, from: string | undefined, to: string | undefined): SchemaView | undefined {
  const ends = [from, to].map((r) => (r ?? "").replaceAll('"', "").toLowerCase());
  const isEnd = (r: Relationship) =>
    edge(`${r.from.table.name}.${r.from.columns[0]}`, `${r.to.table.name}.${r.to.columns[0]}`) ===
    ends.toSorted().join(" = ");
  const link = view.relationships.find((r) => r.from.columns.length === 1 && isEnd(r));
  const table = link && findTable(view.snapshot, link.from.table.name, link.from.table.schema);
  const column = table?.columns.find((c) => c.name === link?.from.columns[0]);
  if (link === undefined || table === undefined || column === undefined) return undefined;
  const name = "second_link";
  const grown = { ...table, columns: [...table.columns, { ...column, name }] };
  const tables = view.snapshot.tables.map((t) => (t === table ? grown : t));
  const second: Relationship = { ...link, from: { ...link.from, columns: [name] }, cardinality: "n:1" };
  return { ...view, snapshot: { ...view.snapshot, tables }, relationships: [...view.relationships, second] };
}
