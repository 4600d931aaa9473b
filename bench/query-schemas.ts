/**
 * Intents over schemas of which names alone are known (BULL, ScienceBenchmark): tables, columns and keys are those that the set's own references
 * and joins name, without rows. Right is: it compiles on SQLite, reads the gold SQL's tables, joins on its edges, and means its columns.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { BuildAnswer, TermResolver } from "../src/query/answer.js";
import { buildQuery } from "../src/query/build.js";
import { defaultQuerySettings } from "../src/query/settings.js";
import { declaredRelationships } from "../src/schema/relationships.js";
import type { SchemaSnapshot, Table } from "../src/schema/snapshot.js";
import type { SchemaView } from "../src/schema/view.js";
import { emptyGlossary } from "../src/terms/glossary.js";
import { type IntentLine, intentOf, noTerms, readLines, type Wording } from "./query-cases.js";

interface SchemaSet {
  readonly file: string;
  readonly name: string;
  /** Whether the set's joins are declared keys of its schema; else the caller pins them (to columns that are unique). */
  readonly keys: boolean;
}

export const schemaOnlySets: readonly SchemaSet[] = [
  { file: "bull/intents_bull_train.jsonl", name: "bull", keys: false },
  { file: "science/intents_science_cordis_seed.jsonl", name: "science cordis", keys: true },
  { file: "science/intents_science_oncomx_seed.jsonl", name: "science oncomx", keys: true },
  { file: "science/intents_science_sdss_seed.jsonl", name: "science sdss", keys: true },
];

type Verdict = "right" | "other columns" | "other joins" | "asked" | "refused" | "broken";

/** Prints how the set's lines fare by reference and by term. */
export function schemaOnly(data: string, set: SchemaSet, resolverOf: (view: SchemaView) => TermResolver): void {
  const file = join(data, set.file);
  if (!existsSync(file)) {
    console.error(`SKIPPED: ${set.name}: no ${set.file}`);
    return;
  }
  const lines = readLines(file);
  for (const wording of ["ref", "term"] as const) {
    const counts = new Map<string, number>();
    for (const id of new Set(lines.map((l) => l.db_id))) {
      const own = lines.filter((l) => l.db_id === id);
      const view = viewOf(own, set.keys);
      const db = emptyDatabase(view);
      const resolve = wording === "ref" ? noTerms : resolverOf(view);
      for (const line of own) {
        const intent = intentOf(line, wording, !set.keys);
        if (intent === undefined) continue;
        const context = { view, resolve, glossary: emptyGlossary, now: 0, settings: defaultQuerySettings };
        const verdict = judge(line, wording, buildQuery(intent, context), db);
        const key = `${line.gold_tables.length > 1 ? "several tables" : "one table"}: ${verdict}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      db.close();
    }
    console.log(
      `\n${set.name}, by ${wording}: ${lines.length} lines`,
      Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1))),
    );
  }
}

function judge(line: IntentLine, wording: Wording, answer: BuildAnswer, db: Database.Database): Verdict {
  if (answer.status === "needs_clarification") return "asked";
  if (answer.status === "refused" || answer.sql === undefined) return "refused";
  try {
    db.prepare(answer.sql);
  } catch {
    return "broken";
  }
  const plain = (ref: string) => ref.replaceAll('"', "").toLowerCase();
  const gold = new Set(
    [...line.measures, ...line.dimensions, ...line.filters].map((x) => plain(x.gold).replace(".*", "")),
  );
  const meant = answer.mapping.map((m) => plain(m.ref));
  const extra = new Set(line.gold_tables.map(plain));
  if (wording !== "ref" && meant.some((m) => !gold.has(m) && !extra.has(m))) return "other columns";
  const edge = (a: string, b: string) => [plain(a), plain(b)].sort().join(" = ");
  const edges = new Set(answer.joins.map((j) => edge(j.from, j.to)));
  const wanted = new Set(line.gold_joins.map(([a, b]) => edge(a, b)));
  return edges.size === wanted.size && [...edges].every((e) => wanted.has(e)) ? "right" : "other joins";
}

/** The schema that the lines' references speak of; comments say what a column is called, as descriptions do. */
function viewOf(lines: readonly IntentLine[], keys: boolean): SchemaView {
  const columns = new Map<string, Map<string, { comment?: string; number: boolean }>>();
  const put = (ref: string, comment?: string, number = false) => {
    const [table = "", column = ""] = splitRef(ref);
    const known = columns.get(table) ?? new Map();
    columns.set(table, known);
    if (column === "" || column === "*") return;
    const before = known.get(column);
    known.set(column, { comment: before?.comment ?? comment, number: number || before?.number === true });
  };
  for (const l of lines) {
    for (const t of l.gold_tables) put(t);
    for (const m of l.measures) if (m.gold !== "*") put(m.gold, m.term_qualified, m.agg === "sum" || m.agg === "avg");
    for (const d of l.dimensions) put(d.gold, d.term_qualified);
    for (const f of l.filters) put(f.gold, f.term_qualified, typeof f.value === "number");
    for (const [a, b] of l.gold_joins) for (const end of [a, b]) put(end);
  }
  const links = keysOf(lines);
  const tables = [...columns].map(([name, own]): Table => {
    const about = commonStart([...own.values()].flatMap((c) => (c.comment === undefined ? [] : [c.comment])));
    const unique = new Set(links.filter((l) => l.to.table === name).map((l) => l.to.column));
    return {
      schema: "main",
      name,
      kind: "table",
      ...(about === "" ? {} : { comment: about }),
      columns: [...own].map(([column, { comment, number }]) => ({
        name: column,
        type: number ? "numeric" : "text",
        nullable: true,
        ...(comment === undefined ? {} : { comment: comment.slice(about.length).trim() }),
      })),
      uniques: [...unique].map((c) => ({ columns: [c] })),
      foreignKeys: (keys ? links : [])
        .filter((l) => l.from.table === name)
        .map((l) => ({
          columns: [l.from.column],
          references: { schema: "main", table: l.to.table, columns: [l.to.column] },
        })),
      checks: [],
      indexes: [],
      triggers: [],
      policies: [],
    };
  });
  const none = { enums: [], domains: [], composites: [], sequences: [], functions: [], extensions: [] };
  const snapshot: SchemaSnapshot = { dialect: "sqlite", defaultSchema: "main", schemas: [], tables, ...none };
  const relationships = declaredRelationships(snapshot);
  return { snapshot, version: "sha256:bench", statistics: { tables: {} }, relationships };
}

/** The words that all texts begin with, which name their table; none of a single text. */
function commonStart(texts: readonly string[]): string {
  const [first = [], ...rest] = texts.map((t) => t.split(" "));
  if (rest.length === 0) return "";
  let length = 0;
  while (length < first.length - 1 && rest.every((t) => t[length] === first[length])) length++;
  return first.slice(0, length).join(" ");
}

interface End {
  readonly table: string;
  readonly column: string;
}

/** The set's joins as keys: of two columns the one that more other columns are joined to is the key. */
function keysOf(lines: readonly IntentLine[]): readonly { readonly from: End; readonly to: End }[] {
  const joins = new Map(lines.flatMap((l) => l.gold_joins.map((j) => [[...j].sort().join(" "), j] as const)));
  const partners = new Map<string, number>();
  for (const j of joins.values()) for (const end of j) partners.set(end, (partners.get(end) ?? 0) + 1);
  const end = (ref: string): End => {
    const [table = "", column = ""] = splitRef(ref);
    return { table, column };
  };
  return [...joins.values()].map(([a, b]) => {
    const isKey = (r: string) => (partners.get(r) ?? 0) + (/\.(id|unics_id|code)$/.test(r) ? 0.5 : 0);
    return isKey(a) > isKey(b) ? { from: end(b), to: end(a) } : { from: end(a), to: end(b) };
  });
}

function splitRef(ref: string): readonly string[] {
  const at = ref.lastIndexOf(".");
  return at < 0 ? [ref] : [ref.slice(0, at), ref.slice(at + 1)];
}

function emptyDatabase(view: SchemaView): Database.Database {
  const db = new Database(":memory:");
  const name = (n: string) => `"${n.replaceAll('"', '""')}"`;
  for (const t of view.snapshot.tables) {
    const columns = t.columns.map((c) => `${name(c.name)} ${c.type}`);
    db.exec(`CREATE TABLE ${name(t.name)} (${columns.length > 0 ? columns.join(", ") : "nothing_is_known"})`);
  }
  return db;
}
