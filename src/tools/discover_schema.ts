/**
 * `discover_schema`: what is in a database, as much of it as an agent can afford. Chooses tables, tells them at a level of detail, and keeps the
 * token bound; the notation stands in `schema-text.ts`. It reads the live schema alone, never rows.
 */

import { z } from "zod";
import type { LiveSchema } from "../catalog/live.js";
import { error, fail, type Issue, ok, type Result } from "../issue.js";
import { type Area, areasOf } from "../schema/areas.js";
import { printRef, tableKey } from "../schema/names.js";
import type { Table } from "../schema/snapshot.js";
import { type Listing, type Position, readCursor, writeCursor } from "./schema-cursor.js";
import { fillPage, type Paged } from "./schema-page.js";
import { relevantTables } from "./schema-relevance.js";
import { selectTables } from "./schema-selection.js";
import {
  cutTable,
  type Detail,
  describeTable,
  indexSchema,
  partsOf,
  type TableAnswer,
  tableOutput,
  totalsOf,
} from "./schema-table.js";
import { indexLegend, legend, quoted, refText, tableText, withoutRepeats } from "./schema-text.js";
import {
  type Call,
  dataText,
  formatInput,
  freshnessFields,
  freshnessOf,
  issueAnswer,
  issueOutput,
  issuesText,
  pickLive,
  readOnly,
  sourceInput,
  type Tool,
  type ToolAnswer,
  type ToolDeps,
  tokensOf,
} from "./tool.js";

/** The least and the most an answer may be bounded to, and an overview's own bound, in tokens. */
const minTokens = 250;
const maxTokens = 900_000;
const overviewTokens = 1_950;
/** Up to this many tables asked for by name are told without any text cut short. */
const fewTables = 5;
/** Issues told with an answer; more are counted. */
const maxIssues = 4;

const input = z.strictObject({
  source: sourceInput,
  detail: z
    .enum(["overview", "names", "summary", "full"])
    .default("summary")
    .describe(
      "`overview`: areas with hub tables and key words, the map of a large schema. `names`: tables with column names. `summary`: types, keys, comments, enums. `full`: also defaults, indexes, checks, triggers, policies, view definitions.",
    ),
  about: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe("Business words: only the tables that matter for them, best first."),
  tables: z
    .array(z.string().min(1).max(300))
    .min(1)
    .max(500)
    .optional()
    .describe("Exact names (`orders`, `sales.orders`) or globs (`inv_*`)."),
  schemas: z.array(z.string().min(1)).min(1).max(200).optional().describe("Only tables of these schemas."),
  kinds: z
    .array(z.enum(["table", "view", "materialized_view", "partitioned_table", "foreign_table", "virtual_table"]))
    .min(1)
    .optional()
    .describe("Only these kinds."),
  limit: z.int().min(1).max(10_000).optional().describe("At most this many tables (areas, in an overview) a page."),
  cursor: z.string().max(1000).optional().describe("`next_cursor` of the page before, with all else the same."),
  max_tokens: z
    .int()
    .min(minTokens)
    .max(maxTokens)
    .default(4000)
    .describe("Bound of the answer in tokens (UTF-8 bytes / 4); the rest is reachable by `next_cursor`."),
  refresh: z.boolean().optional().describe("Look at the database now, even if it was looked at a moment ago."),
  format: formatInput,
});

const areaOutput = z.object({
  name: z.string(),
  tables: z.int(),
  columns: z.int(),
  hubs: z.array(z.string()),
  about: z.array(z.string()),
});

const output = z.object({
  source: z.object({
    name: z.string(),
    dialect: z.enum(["sqlite", "postgres"]),
    server_version: z.string(),
    default_schema: z.string(),
  }),
  ...freshnessFields,
  totals: z.object({
    schemas: z.int(),
    tables: z.int(),
    views: z.int(),
    columns: z.int(),
    foreign_keys: z.int(),
    indexes: z.int(),
  }),
  areas: z.array(areaOutput).optional(),
  tables: z.array(tableOutput),
  matched: z.int().describe("Tables (areas, in an overview) that fit the query."),
  returned: z.int().describe("How many of them this page holds."),
  next_cursor: z.string().optional(),
  issues: z.array(issueOutput).optional().describe("What could not be read or is held back."),
});

type Input = z.infer<typeof input>;
type Output = z.infer<typeof output>;
type AreaAnswer = z.infer<typeof areaOutput>;

export const discoverSchemaTool: Tool<typeof input, typeof output> = {
  name: "discover_schema",
  title: "Discover the schema",
  description:
    "Shows what is in a database: tables, columns, types, keys, foreign keys (declared and inferred), enums, comments. Call it first. " +
    'For a large schema start with detail: "overview", or name your topic in `about` to get only the tables that matter and those that link them; ' +
    "then read chosen `tables` in `summary` or `full`. Answers are bounded by `max_tokens`; `next_cursor` continues.",
  input,
  output,
  annotations: readOnly,
  run,
};

async function run(deps: ToolDeps, asked: Input, call: Call): Promise<Result<ToolAnswer<Output>>> {
  const picked = await pickLive(deps, asked.source, call, asked.refresh);
  if (!picked.ok) return picked;
  const live = picked.value;
  const issues = shownIssues([...live.issues, ...picked.warnings]);
  const chosen = selectTables(live.snapshot, asked);
  if (!chosen.ok) return chosen;
  if (asked.detail === "overview" && asked.about === undefined) return overview(live, chosen.value, asked, issues);
  const detail: Detail = asked.detail === "overview" ? "summary" : asked.detail;
  const ranked =
    asked.about === undefined
      ? chosen.value.map((table): { table: Table; score?: number } => ({ table }))
      : relevantTables(live, deps.glossary(live.source), chosen.value, asked.about);
  const index = indexSchema(live);
  const whole = asked.tables !== undefined && ranked.length <= fewTables;
  const paged: Paged<TableAnswer> = {
    partsOf,
    cut: cutTable,
    text: (t) => tableText(t, { detail, whole, isKey: index.isKey }),
  };
  const itemAt = (i: number): TableAnswer => {
    const { table, score } = ranked[i] as { table: Table; score?: number };
    return describeTable(index, table, detail, score);
  };
  const names = ranked.map(({ table }) => tableKey(table));
  const reading = detail === "full" ? `${legend} ${indexLegend}` : legend;
  return answer(live, asked, issues, {
    names,
    itemAt,
    paged,
    what: "tables",
    reading,
    bound: asked.max_tokens,
  });
}

function overview(
  live: LiveSchema,
  tables: readonly Table[],
  asked: Input,
  issues: readonly Issue[],
): Result<ToolAnswer<Output>> {
  const snapshot = { ...live.snapshot, tables };
  const areas = areasOf({ snapshot, relationships: live.relationships }, maxAreas(tables.length));
  const itemAt = (i: number) => areaAnswer(live, areas[i] as Area);
  const paged: Paged<AreaAnswer> = { partsOf: () => 1, cut: (area) => area, text: areaText };
  const names = areas.map((a) => a.name);
  const bound = Math.min(asked.max_tokens, overviewTokens);
  const reading =
    "Areas: name [tables, columns] hub tables; key words. Go on with `about` (an area's name or your topic) or `tables`.";
  return answer(live, asked, issues, { names, itemAt, paged, what: "areas", reading, bound });
}

/** A map has few regions: about the root of the tables, at most two dozen. */
function maxAreas(tables: number): number {
  return Math.max(1, Math.min(24, Math.ceil(Math.sqrt(tables) * 1.2)));
}

function areaAnswer(live: LiveSchema, area: Area): AreaAnswer {
  return {
    name: area.name,
    tables: area.tables.length,
    columns: area.tables.reduce((sum, t) => sum + t.columns.length, 0),
    hubs: area.hubs.map((t) => printRef(live.snapshot, t)),
    about: [...area.about],
  };
}

function areaText(area: AreaAnswer): string {
  return `${quoted(area.name)} [${area.tables}, ${area.columns}] ${area.hubs.map(refText).join(", ")}; ${area.about.map((w) => dataText(w)).join(" ")}`;
}

interface Told<T> {
  /** Names of all matched items, in order. */
  readonly names: readonly string[];
  readonly itemAt: (index: number) => T;
  readonly paged: Paged<T>;
  readonly what: "tables" | "areas";
  readonly reading: string;
  readonly bound: number;
}

/** The page that fits, in both forms, with where the rest is. */
function answer<T extends TableAnswer | AreaAnswer>(
  live: LiveSchema,
  asked: Input,
  issues: readonly Issue[],
  told: Told<T>,
): Result<ToolAnswer<Output>> {
  const { detail, about, tables, schemas, kinds } = asked;
  const listing: Listing = {
    version: live.version,
    query: [live.source, detail, about, tables, schemas, kinds],
    items: told.names,
  };
  const at = readCursor(asked.cursor, listing);
  if (!at.ok) return at;
  const base: Omit<Output, "tables" | "returned"> = {
    source: sourceAnswer(live),
    ...freshnessOf(live),
    totals: totalsOf(live.snapshot, live.relationships),
    matched: told.names.length,
    ...(issues.length === 0 ? {} : { issues: issues.map(issueAnswer) }),
  };
  const make = (items: readonly T[], next: Position | undefined): ToolAnswer<Output> => {
    const cursor = next === undefined ? {} : { next_cursor: writeCursor(listing, next) };
    const list =
      told.what === "tables"
        ? { tables: [...items] as TableAnswer[] }
        : { areas: [...items] as AreaAnswer[], tables: [] };
    const structured: Output = { ...base, ...list, returned: items.length, ...cursor };
    const texts = items.map((item) => told.paged.text(item));
    const body = withoutRepeats(
      items.map((item) => item.name),
      texts,
    );
    return {
      structured,
      text: [headText(live, structured, told, at.value, items), ...body, ...tailText(structured)].join("\n"),
    };
  };
  // The frame of the largest cursor and counts, so that what is left is surely free for items.
  const frame = make([], { item: told.names.length, part: 9_999_999 });
  const bytes = told.bound * 4;
  const room = {
    textBytes: bytes - Buffer.byteLength(frame.text, "utf8") - 40,
    jsonBytes: bytes - Buffer.byteLength(JSON.stringify(frame.structured), "utf8") - 20,
    maxItems: asked.limit ?? Number.POSITIVE_INFINITY,
  };
  const page = fillPage(told.names.length, told.itemAt, at.value, room, told.paged);
  if (page.items.length === 0 && page.next !== undefined) return tooSmall(told, page.next);
  const made = make(page.items, page.next);
  return tokensOf(made.text) > told.bound || tokensOf(JSON.stringify(made.structured)) > told.bound
    ? tooSmall(told, at.value)
    : ok(made);
}

/** Not even a part of the next item fits: said, with what would be enough, never left out in silence. */
function tooSmall<T>(told: Told<T>, at: Position): Result<ToolAnswer<Output>> {
  const item = told.itemAt(at.item);
  const least = tokensOf(JSON.stringify(told.paged.cut(item, at.part, at.part + 1))) + minTokens;
  return fail(
    error("too_large", `max_tokens is too small for any part of ${told.names[at.item] ?? "the next item"}.`, {
      help: `Call again with the same cursor and max_tokens of at least ${least}.`,
    }),
  );
}

function sourceAnswer(live: LiveSchema): Output["source"] {
  const { dialect, defaultSchema } = live.snapshot;
  return { name: live.source, dialect, server_version: live.serverVersion, default_schema: defaultSchema };
}

function headText<T>(live: LiveSchema, shown: Output, told: Told<T>, at: Position, items: readonly T[]): string {
  const { totals: t } = shown;
  const count = (n: number, what: string) => (n === 0 ? [] : [`${n} ${what}`]);
  const totals = [
    ...count(t.schemas > 1 ? t.schemas : 0, "schemas"),
    ...count(t.tables, "tables"),
    ...count(t.views, "views"),
    ...count(t.columns, "columns"),
    ...count(t.foreign_keys, "foreign keys"),
    ...count(t.indexes, "indexes"),
  ].join(", ");
  const stale = shown.stale ? ", STALE" : "";
  const lines = [
    `${live.source}: ${shown.source.dialect} ${dataText(shown.source.server_version, 80)}; ${totals || "empty"}; version ${shown.version}, ${shown.origin}${stale} as of ${shown.as_of}`,
  ];
  const which = items.length === 0 ? "none" : `${at.item + 1} to ${at.item + items.length}`;
  if (items.length !== shown.matched) lines.push(`Showing ${told.what} ${which} of ${shown.matched}.`);
  if (shown.matched === 0)
    lines.push(`Nothing fits the query; list everything with detail: "names", or start with "overview".`);
  else lines.push(told.reading);
  return lines.join("\n");
}

function tailText(shown: Output): string[] {
  const lines: string[] = [];
  if (shown.issues !== undefined) lines.push(issuesText(shown.issues as readonly Issue[]));
  if (shown.next_cursor !== undefined) lines.push(`More: call again with cursor: "${shown.next_cursor}"`);
  return lines;
}

/** The first issues and a count of the rest, their texts bounded. */
function shownIssues(issues: readonly Issue[]): readonly Issue[] {
  const shown = issues.slice(0, maxIssues).map((i) => ({ ...i, message: dataText(i.message, 300) }));
  const more = issues.length - shown.length;
  if (more <= 0) return shown;
  const [first] = issues;
  return [
    ...shown,
    {
      code: first?.code ?? "database_error",
      severity: "info",
      message: `${more} further issues of discovery are not shown.`,
    },
  ];
}
