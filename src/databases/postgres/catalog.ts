/**
 * Reads PostgreSQL's catalogs as they are: raw columns, no deparsing, nothing that opens or locks a table. Rows become drafts keyed by
 * oid; `tables.ts` and `objects.ts` turn them into the snapshot. One REPEATABLE READ transaction, so all drafts are of one moment.
 */

import type { PoolClient } from "pg";
import { statement } from "./statements.js";
import { allRows, eachRow, type RawRow } from "./wire.js";

export type Oid = string;

export interface ServerFacts {
  readonly version: string;
  readonly versionNumber: number;
  /** System identifier and database oid: identities hold only within it. */
  readonly database: string;
  readonly defaultSchema: string;
  readonly blockSize: number;
}

export interface RelationDraft {
  readonly oid: Oid;
  readonly schema: string;
  readonly row: RawRow;
  readonly columns: ColumnDraft[];
  /** Columns by attnum, as the catalogs' number lists print it. */
  readonly byAttnum: Map<string, ColumnDraft>;
  readonly constraints: RawRow[];
  readonly indexes: RawRow[];
  readonly triggers: RawRow[];
  readonly policies: RawRow[];
  readonly parents: Oid[];
  readonly reads: Oid[];
  partitionKey?: RawRow;
}

export interface ColumnDraft {
  readonly attnum: number;
  readonly name: string;
  readonly typeOid: Oid;
  /** Type oid and modifier: key of `typeNames`. */
  readonly type: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** `a` always, `d` by default, or empty. */
  readonly identity: string;
  /** `s` stored, `v` virtual, or empty. */
  readonly generated: string;
  /** Null: none, or the default one. */
  readonly collation: Oid | null;
  readonly acl: string | null;
}

/** Everything read, by oid. `relations` holds composite types as well (kind `c`). */
export interface Catalog {
  readonly server: ServerFacts;
  readonly schemas: readonly RawRow[];
  readonly schemaNames: ReadonlyMap<Oid, string>;
  /** Those not read as well: an extension's schema, say. */
  readonly allSchemaNames: ReadonlyMap<Oid, string>;
  readonly roles: ReadonlyMap<Oid, string>;
  readonly relations: ReadonlyMap<Oid, RelationDraft>;
  /** Printed types by `oid:modifier`. */
  readonly typeNames: ReadonlyMap<string, string>;
  readonly types: ReadonlyMap<Oid, RawRow>;
  readonly enumValues: ReadonlyMap<Oid, string[]>;
  readonly collations: ReadonlyMap<Oid, string>;
  readonly domainConstraints: readonly RawRow[];
  readonly nullsNotDistinct: ReadonlySet<Oid>;
  readonly sequences: readonly RawRow[];
  readonly functions: readonly RawRow[];
  readonly extensions: readonly RawRow[];
  /** `class oid` (name of the catalog), object oid and column number, joined with `:`. */
  readonly comments: ReadonlyMap<string, string>;
  /** Oids of objects with any comment. */
  readonly commented: ReadonlySet<Oid>;
  /** Tables that keys point at but that were not read: name and columns by attnum. */
  readonly targets: ReadonlyMap<
    Oid,
    { readonly schema: string; readonly name: string; readonly columns: ReadonlyMap<string, string> }
  >;
  /** Of tables not readable as a whole: `relation oid:attnum` of what may be read. */
  readonly readableColumns: ReadonlySet<string>;
}

export interface CatalogScope {
  readonly schemas?: readonly string[];
  /** Read only these relations; the parts beside tables are always complete. */
  readonly oids?: readonly Oid[];
}

export async function readServer(client: PoolClient): Promise<ServerFacts> {
  const [row] = await allRows(client, statement("server"));
  const [version = "", number, database, system, first, path] = row ?? [];
  const schemas = JSON.parse(path ?? "[]") as readonly string[];
  return {
    version: version ?? "",
    versionNumber: Number(number),
    database: `${system ?? "unknown"}/${database}`,
    defaultSchema: first ?? schemas[0] ?? "public",
    blockSize: Number(row?.[6] ?? 8192),
  };
}

export async function readCatalog(client: PoolClient, server: ServerFacts, scope: CatalogScope): Promise<Catalog> {
  const every = await allRows(client, statement("schemas"));
  const schemas = every.filter((row) => !isSystem(row[1] ?? "") && (scope.schemas?.includes(row[1] ?? "") ?? true));
  const schemaNames = new Map(schemas.map((row) => [row[0] ?? "", row[1] ?? ""]));
  const owned = new Set((await allRows(client, statement("extension-members"))).map((row) => `${row[0]}:${row[1]}`));
  const spaces = oidArray([...schemaNames.keys()]);
  const some = scope.oids === undefined ? null : oidArray(scope.oids);
  const relations = await readRelations(client, schemaNames, owned, spaces, some);
  const domainConstraints = await readConstraints(client, relations, spaces, some);
  await readTableParts(client, relations, spaces, some);
  const types = byOid(await allRows(client, statement("types")));
  const functions = await allRows(client, statement("functions"), [spaces]);
  const own = (kind: number) => (row: RawRow) => !owned.has(`${kind}:${row[0]}`);
  const sequences = await allRows(client, statement("sequences"), [spaces]);
  const comments = await readComments(client);
  return {
    server,
    schemas: schemas.filter(own(classOf.namespace)),
    schemaNames,
    allSchemaNames: pairs(every),
    roles: pairs(await allRows(client, statement("roles"))),
    relations,
    typeNames: await readTypeNames(client, relations, types, sequences, functions),
    types: new Map([...types].filter(([, row]) => own(classOf.type)(row))),
    enumValues: await readEnumValues(client),
    collations: pairs(await allRows(client, statement("collations"))),
    domainConstraints,
    nullsNotDistinct:
      server.versionNumber >= 150_000
        ? new Set((await allRows(client, statement("nulls-not-distinct"))).map((row) => row[0] ?? ""))
        : new Set(),
    sequences: sequences.filter(own(classOf.relation)),
    functions: functions.filter(own(classOf.routine)),
    extensions: await allRows(client, statement("extensions")),
    comments,
    commented: new Set([...comments.keys()].map((key) => key.split(":")[1] ?? "")),
    targets: await readTargets(client, relations),
    readableColumns: await readReadable(client, relations),
  };
}

/** `sextant_watch` is our own: installing the triggers is no change of people's schema. */
function isSystem(schema: string): boolean {
  return schema.startsWith("pg_") || schema === "information_schema" || schema === "sextant_watch";
}

/** Oids of the catalogs themselves, fixed in every version (src/include/catalog/pg_*.h). */
export const classOf = { relation: 1259, type: 1247, namespace: 2615, routine: 1255 } as const;

async function readRelations(
  client: PoolClient,
  schemaNames: ReadonlyMap<Oid, string>,
  owned: ReadonlySet<string>,
  spaces: string,
  some: string | null,
): Promise<Map<Oid, RelationDraft>> {
  const relations = new Map<Oid, RelationDraft>();
  await eachRow(client, statement("relations"), [spaces, some], (row) => {
    const oid = row[0] ?? "";
    if (owned.has(`${classOf.relation}:${oid}`)) return;
    const lists = {
      columns: [],
      byAttnum: new Map<string, ColumnDraft>(),
      constraints: [],
      indexes: [],
      triggers: [],
      policies: [],
      parents: [],
      reads: [],
    };
    relations.set(oid, { oid, schema: schemaNames.get(row[1] ?? "") ?? "", row, ...lists });
  });
  const same = new Interned();
  await eachRow(client, statement("columns"), [spaces, some], (row) => {
    const relation = relations.get(row[0] ?? "");
    if (relation === undefined) return;
    const type = row[3] ?? "";
    const column: ColumnDraft = {
      attnum: Number(row[1]),
      name: same.text(row[2] ?? ""),
      typeOid: same.text(type),
      type: same.text(`${type}:${row[4] ?? "-1"}`),
      notNull: row[5] === "t",
      hasDefault: row[6] === "t",
      identity: row[7] ?? "",
      generated: row[8] ?? "",
      collation: row[9] ?? null,
      acl: row[10] ?? null,
    };
    relation.columns.push(column);
    relation.byAttnum.set(row[1] ?? "", column);
  });
  for (const relation of relations.values()) relation.columns.sort((a, b) => a.attnum - b.attnum);
  return relations;
}

/** One copy of each text: a schema of 100,000 columns has few names and fewer types. */
class Interned {
  private readonly known = new Map<string, string>();
  text(value: string): string {
    const known = this.known.get(value);
    if (known !== undefined) return known;
    this.known.set(value, value);
    return value;
  }
}

async function readConstraints(
  client: PoolClient,
  relations: ReadonlyMap<Oid, RelationDraft>,
  spaces: string,
  some: string | null,
): Promise<readonly RawRow[]> {
  const ofDomains: RawRow[] = [];
  await eachRow(client, statement("constraints"), [spaces, some], (row) => {
    if (row[2] === "0") ofDomains.push(row);
    else relations.get(row[2] ?? "")?.constraints.push(row);
  });
  return ofDomains;
}

async function readTableParts(
  client: PoolClient,
  relations: ReadonlyMap<Oid, RelationDraft>,
  spaces: string,
  some: string | null,
): Promise<void> {
  const of = (row: RawRow, at: number) => relations.get(row[at] ?? "");
  await eachRow(client, statement("indexes"), [spaces, some], (row) => of(row, 1)?.indexes.push(row));
  await eachRow(client, statement("triggers"), [some], (row) => of(row, 1)?.triggers.push(row));
  await eachRow(client, statement("policies"), [some], (row) => of(row, 1)?.policies.push(row));
  await eachRow(client, statement("inheritance"), [some], (row) => of(row, 0)?.parents.push(row[1] ?? ""));
  await eachRow(client, statement("view-reads"), [some], (row) => of(row, 0)?.reads.push(row[1] ?? ""));
  await eachRow(client, statement("partition-keys"), [some], (row) => {
    const relation = of(row, 0);
    if (relation !== undefined) relation.partitionKey = row;
  });
}

/** Every type that is printed anywhere, each once: a schema of 100,000 columns has some hundred. */
async function readTypeNames(
  client: PoolClient,
  relations: ReadonlyMap<Oid, RelationDraft>,
  types: ReadonlyMap<Oid, RawRow>,
  sequences: readonly RawRow[],
  functions: readonly RawRow[],
): Promise<Map<string, string>> {
  const keys = new Set<string>();
  for (const relation of relations.values()) for (const column of relation.columns) keys.add(column.type);
  for (const row of types.values()) if (row[3] === "d") keys.add(`${row[5]}:${row[6]}`);
  for (const row of sequences) keys.add(`${row[3]}:-1`);
  for (const row of functions) {
    for (const oid of [...oidList(row[4]), ...oidList(row[5]), row[8] ?? "0"]) keys.add(`${oid}:-1`);
  }
  const wanted = [...keys].map((key) => key.split(":"));
  const params = [oidArray(wanted.map((p) => p[0] ?? "")), oidArray(wanted.map((p) => p[1] ?? ""))];
  const printed = await allRows(client, statement("type-names"), params);
  return new Map(wanted.map((pair, at) => [pair.join(":"), printed[at]?.[0] ?? "???"]));
}

async function readEnumValues(client: PoolClient): Promise<Map<Oid, string[]>> {
  const values = new Map<Oid, string[]>();
  await eachRow(client, statement("enum-values"), [], ([oid, label]) => {
    const known = values.get(oid ?? "");
    if (known === undefined) values.set(oid ?? "", [label ?? ""]);
    else known.push(label ?? "");
  });
  return values;
}

async function readComments(client: PoolClient): Promise<Map<string, string>> {
  const comments = new Map<string, string>();
  await eachRow(client, statement("comments"), [null], ([kind, oid, column, text]) => {
    comments.set(`${kind}:${oid}:${column}`, text ?? "");
  });
  return comments;
}

async function readTargets(
  client: PoolClient,
  relations: ReadonlyMap<Oid, RelationDraft>,
): Promise<Catalog["targets"]> {
  const missing = new Set<Oid>();
  const want = (oid: Oid | null | undefined) => {
    if (oid !== null && oid !== undefined && oid !== "0" && !relations.has(oid)) missing.add(oid);
  };
  for (const relation of relations.values()) {
    for (const constraint of relation.constraints) if (constraint[4] === "f") want(constraint[8]);
    relation.parents.forEach(want);
    relation.reads.forEach(want);
  }
  const targets = new Map<Oid, { schema: string; name: string; columns: Map<string, string> }>();
  if (missing.size === 0) return targets;
  await eachRow(client, statement("key-targets"), [oidArray([...missing])], ([oid, schema, name, attnum, column]) => {
    const known = targets.get(oid ?? "") ?? {
      schema: schema ?? "",
      name: name ?? "",
      columns: new Map<string, string>(),
    };
    known.columns.set(attnum ?? "", column ?? "");
    targets.set(oid ?? "", known);
  });
  return targets;
}

async function readReadable(client: PoolClient, relations: ReadonlyMap<Oid, RelationDraft>): Promise<Set<string>> {
  const closed = [...relations.values()].filter((relation) => relation.row[13] === "f").map((relation) => relation.oid);
  if (closed.length === 0) return new Set();
  const rows = await allRows(client, statement("readable-columns"), [oidArray(closed)]);
  return new Set(rows.map((row) => `${row[0]}:${row[1]}`));
}

/** `{1,2}` for an array parameter. */
export function oidArray(oids: readonly (string | number)[]): string {
  return `{${oids.join(",")}}`;
}

/** Numbers of an `int2vector`/`oidvector` ("1 2") or an array of them ("{1,2}"). */
export function oidList(text: string | null | undefined): string[] {
  if (text === null || text === undefined || text === "" || text === "{}") return [];
  return text.startsWith("{") ? text.slice(1, -1).split(",") : text.split(" ");
}

function byOid(rows: readonly RawRow[]): Map<Oid, RawRow> {
  return new Map(rows.map((row) => [row[0] ?? "", row]));
}

function pairs(rows: readonly RawRow[]): Map<string, string> {
  return new Map(rows.map((row) => [row[0] ?? "", row[1] ?? ""]));
}
