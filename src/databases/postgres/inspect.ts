/**
 * Reads a whole PostgreSQL schema, or some tables again. Raw catalogs in one REPEATABLE READ READ ONLY transaction, with the stamp of the
 * same moment; then the texts that only the server can print, apart. Never waits behind a migration, never makes one wait.
 */

import { type Issue, warning } from "../../issue.js";
import { printRef, tableKey } from "../../schema/names.js";
import type { SchemaSnapshot, Table } from "../../schema/snapshot.js";
import type { SchemaIdentity, SchemaStatistics, TableStatistics } from "../../schema/statistics.js";
import type { Inspection, InspectOptions } from "../connector.js";
import { type Catalog, readCatalog, readServer } from "./catalog.js";
import { needsText } from "./indexes.js";
import { compositesOf, domainsOf, enumsOf, extensionsOf, functionsOf, schemasOf, sequencesOf } from "./objects.js";
import type { Mutable, RelationDraft } from "./relations.js";
import type { Sessions } from "./sessions.js";
import type { Stamps } from "./stamp.js";
import { statement } from "./statements.js";
import { addTexts, tableOf } from "./tables.js";
import { readTexts, type Texts, type TextWish } from "./texts.js";
import { allRows } from "./wire.js";

/** All text of one inspection, ms; what is not read by then is reported as unavailable. */
const textBudgetMs = 10_000;

/** Tables put together at a stretch; then others have their turn, the texts' next statements among them. */
const tablesAtOnce = 250;

export async function inspect(sessions: Sessions, stamps: Stamps, options: InspectOptions = {}): Promise<Inspection> {
  const { limits, settings } = sessions;
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const schemas = options.schemas ?? settings.schemas;
  const textsOf = (catalog: Catalog) => {
    const texts = readTexts(sessions, wishesOf(catalog), {
      searchPath: [catalog.server.defaultSchema],
      budgetMs: textBudgetMs,
      ...signal,
    });
    texts.catch(() => undefined); // whoever awaits it hears of the failure
    return texts;
  };
  const { catalog, stamp, texts } = await sessions.transaction(
    {
      repeatable: true,
      statementTimeoutMs: limits.inspectTimeoutMs,
      lockTimeoutMs: limits.lockTimeoutMs,
      deadlineMs: 2 * limits.inspectTimeoutMs,
      ...signal,
    },
    async (client) => {
      const server = await readServer(client);
      // Types are printed relative to the default schema alone: the same text whatever else the role's search path holds.
      await allRows(client, "SELECT pg_catalog.set_config('search_path', pg_catalog.quote_ident($1), true)", [
        server.defaultSchema,
      ]);
      const oids = options.only && (await oidsOf(client, options.only));
      const catalog = await readCatalog(client, server, { ...(schemas && { schemas }), ...(oids && { oids }) });
      // Texts come over another connection: beside the stamp where the pool has one to spare, after it where not.
      const texts = limits.poolMax > 1 ? textsOf(catalog) : undefined;
      return { catalog, texts, stamp: await stamps.within(client, oids) };
    },
  );
  const found = await assemble(catalog, texts ?? textsOf(catalog), stamp, options.only !== undefined);
  return catalog.server.isPrivileged ? { ...found, issues: [...found.issues, privileged(limits)] } : found;
}

function privileged({ allowSuperuser }: Sessions["limits"]): Issue {
  const queries = allowSuperuser ? "the database keeps nothing from the queries that run" : "run_query is refused";
  return warning(
    "superuser_connection",
    `The source connects as a role that is superuser or bypasses row security: ${queries}.`,
    { help: "Connect as a role that may only read what it should." },
  );
}

type Client = Parameters<typeof allRows>[0];

async function oidsOf(client: Client, only: NonNullable<InspectOptions["only"]>): Promise<string[]> {
  const params = [textArray(only.map((t) => t.schema)), textArray(only.map((t) => t.name))];
  return (await allRows(client, statement("relation-oids"), params)).map((row) => row[0] ?? "");
}

async function assemble(
  catalog: Catalog,
  reading: Promise<Texts>,
  stamp: Inspection["stamp"],
  partial: boolean,
): Promise<Inspection> {
  const { tables, texts } = await tablesOf(catalog, reading);
  const snapshot: SchemaSnapshot = {
    dialect: "postgres",
    defaultSchema: catalog.server.defaultSchema,
    tables,
    ...(partial ? nothingBeside : besideTables(catalog, texts)),
  };
  const relations = [...catalog.relations.values()].filter((relation) => relation.row[3] !== "c");
  const missing = relations.filter((relation) => texts.missing.has(relation.oid)).map(nameOfDraft);
  return {
    snapshot,
    statistics: statisticsOf(relations, catalog.server.blockSize),
    identity: identityOf(catalog, relations),
    serverVersion: `PostgreSQL ${catalog.server.version}`,
    issues: missing.map((name) => unavailable(printRef(snapshot, name))),
    ...(missing.length === 0 ? {} : { incomplete: missing }),
    stamp,
  };
}

/** Puts tables together from the raw rows while their texts arrive, then adds those. */
async function tablesOf(catalog: Catalog, reading: Promise<Texts>): Promise<{ tables: Table[]; texts: Texts }> {
  const drafts: { readonly relation: RelationDraft; readonly table: Mutable<Table> }[] = [];
  let at = 0;
  for (const relation of catalog.relations.values()) {
    const table = tableOf(catalog, relation);
    if (table !== undefined) drafts.push({ relation, table });
    at += 1;
    if (at % tablesAtOnce === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const texts = await reading;
  for (const { relation, table } of drafts) addTexts(table, catalog, texts, relation);
  return { tables: drafts.map(({ table }) => table), texts };
}

type Beside = Omit<SchemaSnapshot, "dialect" | "defaultSchema" | "tables">;

function besideTables(catalog: Catalog, texts: Texts): Beside {
  return {
    schemas: schemasOf(catalog),
    enums: enumsOf(catalog),
    domains: domainsOf(catalog, texts),
    composites: compositesOf(catalog),
    sequences: sequencesOf(catalog),
    functions: functionsOf(catalog, texts),
    extensions: extensionsOf(catalog, (oid) => catalog.allSchemaNames.get(oid) ?? ""),
  };
}

/** A part holds tables alone. */
const nothingBeside: Beside = {
  schemas: [],
  enums: [],
  domains: [],
  composites: [],
  sequences: [],
  functions: [],
  extensions: [],
};

function unavailable(ref: string): Issue {
  return warning(
    "unavailable",
    `Definitions of ${ref} (checks, index expressions or the query of a view) could not be read now.`,
    {
      help: "Another transaction is changing it; refresh when that is done.",
    },
  );
}

function nameOfDraft(relation: RelationDraft): { schema: string; name: string } {
  return { schema: relation.schema, name: relation.name };
}

function statisticsOf(relations: readonly RelationDraft[], blockSize: number): SchemaStatistics {
  const tables: Record<string, TableStatistics> = {};
  for (const relation of relations) {
    const kind = relation.row[3] ?? "";
    const rows = Number(relation.row[5]);
    const pages = Number(relation.row[6]);
    // Never analysed: -1 since PostgreSQL 14, before that 0 rows on 0 pages.
    const known = kind !== "v" && rows >= 0 && !(rows === 0 && pages === 0);
    tables[tableKey(nameOfDraft(relation))] = {
      ...(known ? { rowEstimate: rows } : {}),
      ...(known && kind !== "p" && kind !== "f" ? { sizeBytes: pages * blockSize } : {}),
      columns: {},
    };
  }
  return { tables };
}

function identityOf(catalog: Catalog, relations: readonly RelationDraft[]): SchemaIdentity {
  const tables: Record<string, { id: string; columns: Record<string, number> }> = {};
  const others: Record<string, string> = {};
  for (const relation of relations) {
    const columns: Record<string, number> = {};
    relation.byAttnum.forEach((column, attnum) => {
      columns[column.name] = attnum;
    });
    tables[tableKey(nameOfDraft(relation))] = { id: relation.oid, columns };
  }
  for (const [oid, name] of catalog.schemaNames) others[`schema:${name}`] = oid;
  for (const [oid, row] of catalog.types) {
    if (row[3] === "b") continue;
    others[`${row[3] === "e" ? "enum" : "domain"}:${catalog.schemaNames.get(row[1] ?? "") ?? ""}.${row[2]}`] = oid;
  }
  return { database: catalog.server.database, tables, others };
}

/** Which text each relation still needs; what can be told from the raw rows is not asked for. */
function wishesOf(catalog: Catalog): TextWish[] {
  const wishes = {
    defaults: [] as Wanted[],
    generated: [] as Wanted[],
    constraints: catalog.domainConstraints.filter((row) => row[4] === "c").map((row) => wanted(row[0], "0")),
    indexes: [] as Wanted[],
    views: [] as Wanted[],
    triggers: [] as Wanted[],
    policies: [] as Wanted[],
    partitions: [] as Wanted[],
    routines: [] as Wanted[],
  };
  for (const relation of catalog.relations.values()) {
    const { oid, row } = relation;
    if (relation.generated !== undefined) wishes.generated.push(wanted(oid, oid));
    else if (relation.hasDefaults) wishes.defaults.push(wanted(oid, "0"));
    for (const constraint of relation.constraints) {
      if (constraint[4] === "c" || constraint[4] === "x") wishes.constraints.push(wanted(constraint[0], oid));
    }
    for (const index of relation.indexes) if (needsText(index)) wishes.indexes.push(wanted(index[0], oid));
    if (row[3] === "v" || row[3] === "m") wishes.views.push(wanted(oid, oid));
    for (const trigger of relation.triggers) wishes.triggers.push(wanted(trigger[0], oid));
    for (const policy of relation.policies) wishes.policies.push(wanted(policy[0], oid));
    if (row[9] === "t" || row[3] === "p") wishes.partitions.push(wanted(oid, oid));
  }
  if (catalog.server.versionNumber >= 140_000) {
    for (const row of catalog.functions)
      if (row[12] === "sql" && row[13] === "") wishes.routines.push(wanted(row[0], "0"));
  }
  return (Object.entries(wishes) as [TextWish["kind"], Wanted[]][]).map(([kind, objects]) => ({ kind, objects }));
}

type Wanted = TextWish["objects"][number];

function wanted(oid: string | null | undefined, relation: string): Wanted {
  return { oid: oid ?? "0", relation };
}

/** `{"a","b"}` for a text[] parameter. */
function textArray(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/(["\\])/g, "\\$1")}"`).join(",")}}`;
}
