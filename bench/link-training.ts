/**
 * Databases whose declared foreign keys are hidden and asked for again: loading, gold, training and judging. Declared keys are all the truth there
 * is: a right link that nobody declared counts as wrong, unless it follows from declared ones (a key of a key). Beside that stands a second
 * reading, which counts as wrong only what the declared keys or the rows themselves refute.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "libpg-query";
import { type Client, DatabaseError } from "pg";
import { combineStatistics, profileTables, profileTargets } from "../src/catalog/profiles.js";
import { defaultDiscovery } from "../src/catalog/settings.js";
import type { Connector } from "../src/databases/connector.js";
import { openConnector } from "../src/databases/open.js";
import {
  hasSignals,
  inferRelationships,
  linksToCheck,
  namedSignals,
  type SignalledCandidate,
  scoreOf,
  signalledCandidates,
} from "../src/schema/inference.js";
import { linkTables } from "../src/schema/link-candidates.js";
import { dataSignals } from "../src/schema/link-data.js";
import type { Inclusion, LinkEvidence } from "../src/schema/link-evidence.js";
import { nameSignals } from "../src/schema/link-signals.js";
import type { linkWeights } from "../src/schema/link-weights.js";
import { tableKey } from "../src/schema/names.js";
import type { Relationship } from "../src/schema/relationships.js";
import type { SchemaSnapshot, Table } from "../src/schema/snapshot.js";
import { noStatistics } from "../src/schema/statistics.js";
import { finish } from "../src/schema/steps.js";
import { openScratch } from "./changes-pairs.js";

type Weights = Readonly<Record<string, number>>;
type Model = typeof linkWeights;

export interface LinkCase {
  readonly name: string;
  /** No key of any kind is declared: how warehouses and loaded dumps stand. */
  readonly keyless: boolean;
  /** With the declared keys taken out. */
  readonly hidden: SchemaSnapshot;
  readonly gold: ReadonlySet<string>;
  /** By column: the columns that declared keys lead to. */
  readonly next: ReadonlyMap<string, readonly string[]>;
  readonly evidence: LinkEvidence;
  /** Tables with rows, as `schema.table` in lower case. */
  readonly filled: ReadonlySet<string>;
  /** Real schemas that leave most of their keys undeclared: an undeclared column is no evidence against a link. */
  readonly sparse: boolean;
}

export const nameFeatures: readonly string[] = ["bias", ...nameSignals];
/** The score by names is a feature among those of rows. */
export const dataFeatures: readonly string[] = ["names", "names_silent", ...dataSignals];

const data = resolve(process.env["SEXTANT_DATA"] ?? fileURLToPath(new URL("../../shared/data", import.meta.url)));
const sparseSchemas = new Set(["sourcegraph", "lago"]);

/** All development databases with declared keys; `model` chooses which inclusions are asked of them. */
export async function loadCases(model: Model): Promise<readonly LinkCase[]> {
  const cases: LinkCase[] = [];
  const folder = join(data, "spider", "database");
  const files = existsSync(folder) ? readdirSync(folder).map((d) => [d, join(folder, d, `${d}.sqlite`)] as const) : [];
  for (const [name, path] of [...files, ["tpch", join(data, "semantic", "tpch.sqlite")] as const]) {
    if (!existsSync(path)) continue;
    const connector = openConnector({ url: `sqlite:${path}` });
    cases.push(...(await readCases(name, connector, model)));
    await connector.close();
  }
  for (const name of ["adventureworks", "chinook", "northwind", "killbill", "lago", "sourcegraph"]) {
    cases.push(...(await postgresCases(name, model)));
  }
  return cases.filter((c) => c.gold.size > 0);
}

async function postgresCases(name: string, model: Model): Promise<readonly LinkCase[]> {
  const path = [`${name}.sql`, `${name}.postgres.sql`].map((f) => join(data, "schemas", f)).find((f) => existsSync(f));
  if (path === undefined) return [];
  const scratch = await openScratch(`bench_links_${name}`);
  try {
    await loadDump(scratch.client, readFileSync(path, "utf8").replaceAll(/^\\.*$/gm, ""));
    return await readCases(name, scratch.connector, model);
  } catch (cause) {
    console.log(`links: ${name} does not load without psql and is left out: ${String(cause)}`);
    return [];
  } finally {
    await scratch.drop();
  }
}

/** A key broken by rows whose parents stand in files that are not here; a seed row whose trigger wants a setting of the application. */
const aboutRows = new Set(["23503", "42704"]);

/** Runs a dump statement by statement, as psql does: those that its few rows make fail are left out, and the rest stands. */
async function loadDump(client: Client, text: string): Promise<void> {
  const bytes = Buffer.from(text, "utf8");
  for (const { stmt_location: from = 0, stmt_len: length } of (await parse(text)).stmts ?? []) {
    const statement = bytes.subarray(from, length === undefined ? undefined : from + length).toString("utf8");
    await client.query(statement).catch((cause: unknown) => {
      if (!(cause instanceof DatabaseError) || !aboutRows.has(cause.code ?? "")) throw cause;
    });
  }
}

/** The database without its foreign keys; and where it has rows, without any key. */
async function readCases(name: string, connector: Connector, model: Model): Promise<readonly LinkCase[]> {
  const { snapshot, statistics } = await connector.inspect();
  const settings = { ...defaultDiscovery.profile, maxTimeMs: 20_000, maxValuesPerColumn: 50 };
  const clock = { now: Date.now, signal: new AbortController().signal };
  const targets = profileTargets(snapshot, statistics, settings);
  const profiled = combineStatistics(
    statistics,
    await profileTables(connector, targets, settings, clock, () => undefined),
  );
  const filled = new Set(
    snapshot.tables
      .filter((t) => (profiled.tables[tableKey(t)]?.rowEstimate ?? 0) > 0)
      .map((t) => `${t.schema}.${t.name}`.toLowerCase()),
  );
  const known = { filled, sparse: sparseSchemas.has(name), ...goldOf(snapshot) };
  const linked: SchemaSnapshot = { ...snapshot, tables: snapshot.tables.map((t) => ({ ...t, foreignKeys: [] })) };
  const kinds: { readonly name: string; readonly keyless: boolean; readonly hidden: SchemaSnapshot }[] = [
    { name, keyless: false, hidden: linked },
  ];
  if (filled.size > 0) kinds.push({ name: `${name} without keys`, keyless: true, hidden: withoutKeys(linked) });
  const cases: LinkCase[] = [];
  for (const kind of kinds) {
    const evidence = await checkedEvidence(kind.name, kind.hidden, profiled, connector, model);
    cases.push({ ...kind, evidence, ...known });
  }
  return cases;
}

function withoutKeys(snapshot: SchemaSnapshot): SchemaSnapshot {
  const tables = snapshot.tables.map((table): Table => {
    const { primaryKey, ...bare } = table;
    if (primaryKey === undefined && table.uniques.length === 0 && table.indexes.length === 0) return table;
    return { ...bare, columns: table.columns.map((c) => ({ ...c, nullable: true })), uniques: [], indexes: [] };
  });
  return { ...snapshot, tables };
}

async function checkedEvidence(
  name: string,
  hidden: SchemaSnapshot,
  statistics: LinkEvidence["statistics"],
  connector: Connector,
  model: Model,
): Promise<LinkEvidence> {
  const evidence = { statistics, inclusions: [] as Inclusion[] };
  const { maxChecks, maxCheckRows } = defaultDiscovery.inference;
  for (const { from, to } of finish(linksToCheck(hidden, evidence, maxChecks, model))) {
    try {
      evidence.inclusions.push({ from, to, share: await connector.inclusion(from, to, maxCheckRows) });
    } catch (cause) {
      // As the catalog does: one check that the database refuses leaves the others their turn.
      console.log(`links: ${name}: one check left out: ${String(cause)}`);
    }
  }
  return evidence;
}

function goldOf(snapshot: SchemaSnapshot): Pick<LinkCase, "gold" | "next"> {
  const tables = new Map(snapshot.tables.map((t) => [`${t.schema}.${t.name}`.toLowerCase(), t]));
  const gold = new Set<string>();
  const next = new Map<string, string[]>();
  for (const table of snapshot.tables) {
    for (const key of table.foreignKeys) {
      const target = tables.get(`${key.references.schema}.${key.references.table}`.toLowerCase());
      if (target === undefined) continue;
      gold.add(linkName(table, key.columns, target, key.references.columns));
      for (const [i, column] of key.columns.entries()) {
        const from = `${table.schema}.${table.name}.${column}`.toLowerCase();
        const to = `${target.schema}.${target.name}.${key.references.columns[i] ?? ""}`.toLowerCase();
        next.set(from, [...(next.get(from) ?? []), to]);
      }
    }
  }
  return { gold, next };
}

type Named = { readonly schema: string; readonly name: string };

function linkName(from: Named, columns: readonly string[], to: Named, references: readonly string[]): string {
  const end = (table: Named, of: readonly string[]) => `${table.schema}.${table.name}(${of.join(",")})`;
  return `${end(from, columns)}->${end(to, references)}`.toLowerCase();
}

/** A column's candidates as sparse features, and which of them is declared (-1: none). */
interface Group {
  readonly rows: readonly (readonly (readonly [number, number])[])[];
  readonly gold: number;
}

/** Weights of both models: the one of rows stands on the one of names. */
export function trainModel(cases: readonly LinkCase[]): Model {
  const names = fit(
    cases.flatMap((c) => nameGroups(c)),
    nameFeatures,
  );
  const data = fit(
    cases.flatMap((c) => dataGroups(c, names)),
    dataFeatures,
  );
  return { names, data };
}

/** Conditional logit: softmax over a column's candidates and "none". L2, Adam (Kingma and Ba 2015), deterministic. */
function fit(groups: readonly Group[], features: readonly string[], l2 = 0.5): Weights {
  const w = new Float64Array(features.length);
  const m = new Float64Array(features.length);
  const v = new Float64Array(features.length);
  for (let step = 1; step <= 250; step++) {
    const gradient = gradientOf(groups, w);
    for (let i = 0; i < w.length; i++) {
      const g = (gradient[i] ?? 0) + l2 * (w[i] ?? 0);
      m[i] = 0.9 * (m[i] ?? 0) + 0.1 * g;
      v[i] = 0.999 * (v[i] ?? 0) + 0.001 * g * g;
      const scale = Math.sqrt((v[i] ?? 0) / (1 - 0.999 ** step)) + 1e-8;
      w[i] = (w[i] ?? 0) - (0.1 * (m[i] ?? 0)) / (1 - 0.9 ** step) / scale;
    }
  }
  return Object.fromEntries(features.map((name, i) => [name, Math.round((w[i] ?? 0) * 1000) / 1000]));
}

function gradientOf(groups: readonly Group[], w: Float64Array): Float64Array {
  const gradient = new Float64Array(w.length);
  for (const { rows, gold } of groups) {
    const scores = rows.map((row) => row.reduce((sum, [i, value]) => sum + (w[i] ?? 0) * value, 0));
    const top = Math.max(0, ...scores);
    const powers = scores.map((s) => Math.exp(s - top));
    const total = Math.exp(-top) + powers.reduce((a, b) => a + b, 0);
    for (const [j, row] of rows.entries()) {
      const error = (powers[j] ?? 0) / total - (j === gold ? 1 : 0);
      for (const [i, value] of row) gradient[i] = (gradient[i] ?? 0) + error * value;
    }
  }
  return gradient;
}

const pointing = ["names_table", "same_name", "names_table_with_role", "names_table_tail", "by_person"];

function nameGroups(one: LinkCase): readonly Group[] {
  return groupsOf(one, nameFeatures, ({ signals }) => ({ bias: 1, ...signals }));
}

/** Candidates that rows were asked about; those beside them keep their score by names. */
function dataGroups(one: LinkCase, names: Weights): readonly Group[] {
  return groupsOf(one, dataFeatures, ({ signals, data }) => {
    const named = (names.bias ?? 0) + scoreOf(signals, names);
    return { ...namedSignals(named), ...data };
  });
}

function groupsOf(
  one: LinkCase,
  features: readonly string[],
  rowOf: (candidate: SignalledCandidate) => Readonly<Record<string, number>>,
): readonly Group[] {
  const place = new Map(features.map((name, i) => [name, i]));
  const tables = finish(linkTables(one.hidden, one.evidence.statistics));
  const candidates = signalledCandidates(one.hidden, tables, one.evidence);
  return finish(candidates).flatMap((rivals): Group[] => {
    if (features === dataFeatures && !rivals.some(({ data }) => hasSignals(data))) return [];
    const gold = rivals.findIndex(({ candidate: { from, to } }) =>
      one.gold.has(linkName(from.table.table, [from.column.name], to.table.table, [to.column.name])),
    );
    const points = rivals.some((r) => pointing.some((s) => (r.signals[s] ?? 0) > 0));
    const holds = rivals.some((r) => r.data.all_found === 1 && pointing.some((s) => (r.signals[s] ?? 0) > 0));
    if (gold < 0 && ((one.sparse && points) || holds)) return [];
    const rows = rivals.map((candidate) =>
      Object.entries(rowOf(candidate)).flatMap(([name, value]) => {
        const i = place.get(name);
        return i === undefined || value === 0 ? [] : [[i, value] as const];
      }),
    );
    return [{ rows, gold }];
  });
}

export interface JudgedLink {
  readonly db: string;
  readonly link: string;
  readonly confidence: number;
  readonly right: boolean;
  /** Not declared itself, but a declared key of a declared key. */
  readonly implied: boolean;
  /** Something speaks against it: one of its columns has a declared key elsewhere, or a value is not in the target. */
  readonly refuted: boolean;
}

export function judgeCase(one: LinkCase, model: Model, withRows: boolean): readonly JudgedLink[] {
  const evidence = withRows ? one.evidence : { statistics: noStatistics, inclusions: [] };
  const nameOf = ({ from, to }: Pick<Relationship, "from" | "to">) =>
    linkName(from.table, from.columns, to.table, to.columns);
  const missing = new Set(one.evidence.inclusions.filter((i) => (i.share ?? 1) < 1).map(nameOf));
  return inferRelationships(one.hidden, evidence, model).map((r) => {
    const link = nameOf(r);
    const right = one.gold.has(link);
    const declared = r.from.columns.some((c) =>
      one.next.has(`${r.from.table.schema}.${r.from.table.name}.${c}`.toLowerCase()),
    );
    const refuted = !right && (declared || missing.has(link));
    return { db: one.name, link, confidence: r.confidence, right, implied: !right && follows(one, r), refuted };
  });
}

/** Whether both tables of a link hold rows: only there can rows speak. */
export function holdsRows(one: LinkCase, link: string): boolean {
  return link.split("->").every((end) => one.filled.has(end.slice(0, end.indexOf("("))));
}

function follows(one: LinkCase, link: Relationship): boolean {
  const name = (end: Relationship["from"]) =>
    `${end.table.schema}.${end.table.name}.${end.columns[0] ?? ""}`.toLowerCase();
  const seen = new Set<string>();
  const stack = [name(link.from)];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (at === name(link.to)) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    stack.push(...(one.next.get(at) ?? []));
  }
  return false;
}
