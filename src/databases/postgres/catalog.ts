/**
 * Reads PostgreSQL's catalogs as they are: raw columns, no deparsing, nothing that opens or locks a table. Rows become drafts keyed by
 * oid; `tables.ts` and `objects.ts` turn them into the snapshot. One REPEATABLE READ transaction, so all drafts are of one moment; the
 * statements travel together, so that a distant server costs few round trips.
 */

import type { PoolClient } from "pg";
import { ColumnReader, draftOf, type Oid, type RelationDraft } from "./relations.js";
import { statement } from "./statements.js";
import { allRows, eachOf, type RawRow, type RowRequest } from "./wire.js";

export interface ServerFacts {
  readonly version: string;
  readonly versionNumber: number;
  /** System identifier and database oid: identities hold only within it. */
  readonly database: string;
  readonly defaultSchema: string;
  readonly blockSize: number;
  /** The role is superuser or bypasses row security. */
  readonly isPrivileged: boolean;
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
  /** Operator classes that are not their type's own. */
  readonly operatorClasses: ReadonlyMap<Oid, string>;
  readonly domainConstraints: readonly RawRow[];
  readonly nullsNotDistinct: ReadonlySet<Oid>;
  /** PostgreSQL 18: constraints by oid with what else is told of them (`p` a period, `e` not enforced). */
  readonly constraintTraits: ReadonlyMap<Oid, string>;
  readonly sequences: readonly RawRow[];
  readonly functions: readonly RawRow[];
  readonly extensions: readonly RawRow[];
  /** Of objects themselves (not of their columns): class oid and object oid, joined with `:`. */
  readonly comments: ReadonlyMap<string, string>;
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
  /** Read only these relations and the types that their columns may name; nothing else beside them. */
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
    isPrivileged: row?.[7] === "t",
  };
}

/** Oids of the catalogs themselves, fixed in every version (src/include/catalog/pg_*.h). */
export const classOf = { relation: 1259, type: 1247, namespace: 2615, routine: 1255 } as const;

export async function readCatalog(client: PoolClient, server: ServerFacts, scope: CatalogScope): Promise<Catalog> {
  const every = await allRows(client, statement("schemas"));
  const inScope = every.filter((row) => !isSystem(row[1] ?? "") && (scope.schemas?.includes(row[1] ?? "") ?? true));
  const schemaNames = pairs(inScope);
  const read = new CatalogRead(server, schemaNames, scope.oids);
  await eachOf(client, read.requests());
  const { owned, relations } = read;
  const isOurs = (kind: number) => (row: RawRow) => !owned.has(`${kind}:${row[0]}`);
  const typeKeys = typeKeysOf(read);
  const typeNames = new Map<string, string>();
  const targets = new Map<Oid, { schema: string; name: string; columns: Map<string, string> }>();
  const readableColumns = new Set<string>();
  await eachOf(client, [
    typesRequest(typeKeys, typeNames),
    ...targetsRequest(relations, targets),
    ...readableRequest(relations, readableColumns),
  ]);
  nameTypes(relations, typeNames);
  return {
    server,
    schemas: inScope.filter(isOurs(classOf.namespace)),
    schemaNames,
    allSchemaNames: pairs(every),
    roles: read.roles,
    relations,
    typeNames,
    types: read.types,
    enumValues: read.enumValues,
    collations: read.collations,
    operatorClasses: read.operatorClasses,
    domainConstraints: read.domainConstraints,
    nullsNotDistinct: read.nullsNotDistinct,
    constraintTraits: read.constraintTraits,
    sequences: read.sequences.filter(isOurs(classOf.relation)),
    functions: read.functions.filter(isOurs(classOf.routine)),
    extensions: read.extensions,
    comments: read.comments,
    targets,
    readableColumns,
  };
}

/** `sextant_watch` is our own: installing the triggers is no change of people's schema. */
function isSystem(schema: string): boolean {
  return schema.startsWith("pg_") || schema === "information_schema" || schema === "sextant_watch";
}

/** Where the rows of all statements go. The order of the requests matters: columns need types, collations and comments. */
class CatalogRead {
  /** What extensions own: `class oid:object oid`. */
  readonly owned = new Set<string>();
  readonly types = new Map<Oid, RawRow>();
  readonly enumValues = new Map<Oid, string[]>();
  readonly collations = new Map<Oid, string>();
  readonly operatorClasses = new Map<Oid, string>();
  readonly roles = new Map<Oid, string>();
  readonly comments = new Map<string, string>();
  readonly columnComments = new Map<Oid, Map<string, string>>();
  readonly relations = new Map<Oid, RelationDraft>();
  readonly domainConstraints: RawRow[] = [];
  readonly nullsNotDistinct = new Set<Oid>();
  readonly constraintTraits = new Map<Oid, string>();
  readonly sequences: RawRow[] = [];
  readonly functions: RawRow[] = [];
  readonly extensions: RawRow[] = [];
  readonly columns: ColumnReader;
  private readonly spaces: string;
  private readonly some: string | null;

  constructor(
    private readonly server: ServerFacts,
    readonly schemaNames: ReadonlyMap<Oid, string>,
    oids: readonly Oid[] | undefined,
  ) {
    this.columns = new ColumnReader(this);
    this.spaces = oidArray([...schemaNames.keys()]);
    this.some = oids === undefined ? null : oidArray(oids);
  }

  requests(): RowRequest[] {
    return [
      ...this.dictionaries(),
      ...this.tables(),
      ...this.versioned(),
      ...(this.some === null ? this.besideTables() : []),
    ];
  }

  private dictionaries(): RowRequest[] {
    return [
      this.ask("extension-members", [], (row) => this.owned.add(`${row[0]}:${row[1]}`)),
      this.ask("types", [], (row) => {
        if (!this.owned.has(`${classOf.type}:${row[0]}`)) this.types.set(row[0] ?? "", row);
      }),
      this.ask("enum-values", [], (row) => this.addEnumValue(row)),
      this.ask("collations", [], (row) => this.collations.set(row[0] ?? "", row[1] ?? "")),
      this.ask("operator-classes", [], (row) => this.operatorClasses.set(row[0] ?? "", row[1] ?? "")),
      this.ask("roles", [], (row) => this.roles.set(row[0] ?? "", row[1] ?? "")),
      this.ask("comments", [this.some], (row) => this.addComment(row)),
    ];
  }

  private tables(): RowRequest[] {
    const [where, of] = [[this.spaces, this.some], [this.some]];
    const find = (row: RawRow, at: number) => this.relations.get(row[at] ?? "");
    return [
      this.ask("relations", where, (row) => this.addRelation(row)),
      this.ask("columns", where, (row) => {
        const relation = find(row, 0);
        if (relation !== undefined) this.columns.read(relation, row);
      }),
      this.ask("constraints", where, (row) => {
        if (row[2] === "0") this.domainConstraints.push(row);
        else find(row, 2)?.constraints.push(row);
      }),
      this.ask("indexes", where, (row) => find(row, 1)?.indexes.push(row)),
      this.ask("triggers", of, (row) => find(row, 1)?.triggers.push(row)),
      this.ask("policies", of, (row) => find(row, 1)?.policies.push(row)),
      this.ask("inheritance", of, (row) => find(row, 0)?.parents.push(row[1] ?? "")),
      this.ask("view-reads", of, (row) => find(row, 0)?.reads.push(row[1] ?? "")),
    ];
  }

  /** Catalog columns that came with a version. */
  private versioned(): RowRequest[] {
    const { versionNumber } = this.server;
    const requests: RowRequest[] = [];
    if (versionNumber >= 150_000) {
      requests.push(this.ask("nulls-not-distinct", [this.some], (row) => this.nullsNotDistinct.add(row[0] ?? "")));
    }
    if (versionNumber >= 180_000) {
      requests.push(
        this.ask("constraint-traits", [this.some], (row) => this.constraintTraits.set(row[0] ?? "", row[1] ?? "")),
        this.ask("not-null-unvalidated", [this.some], (row) => {
          const column = this.relations.get(row[0] ?? "")?.byAttnum[Number(row[1])];
          if (column !== undefined) column.nullable = true;
        }),
      );
    }
    return requests;
  }

  private besideTables(): RowRequest[] {
    return [
      this.ask("sequences", [this.spaces], (row) => this.sequences.push(row)),
      this.ask("functions", [this.spaces], (row) => this.functions.push(row)),
      this.ask("extensions", [], (row) => this.extensions.push(row)),
    ];
  }

  private ask(name: string, params: readonly (string | null)[], onRow: (row: RawRow) => unknown): RowRequest {
    return { sql: statement(name), params, onRow };
  }

  private addRelation(row: RawRow): void {
    const oid = row[0] ?? "";
    if (this.owned.has(`${classOf.relation}:${oid}`)) return;
    this.relations.set(oid, draftOf(row, this.schemaNames.get(row[1] ?? "") ?? ""));
  }

  private addEnumValue([oid, label]: RawRow): void {
    const known = this.enumValues.get(oid ?? "");
    if (known === undefined) this.enumValues.set(oid ?? "", [label ?? ""]);
    else known.push(label ?? "");
  }

  private addComment([kind, oid, column, text]: RawRow): void {
    if (column === "0") {
      this.comments.set(`${kind}:${oid}`, text ?? "");
      return;
    }
    let ofRelation = this.columnComments.get(oid ?? "");
    if (ofRelation === undefined) this.columnComments.set(oid ?? "", (ofRelation = new Map<string, string>()));
    ofRelation.set(column ?? "", text ?? "");
  }
}

/** Every type that is printed anywhere, each once: a schema of 100,000 columns has some hundred. */
function typeKeysOf(read: CatalogRead): readonly string[] {
  const keys = new Set(read.columns.typeKeys);
  for (const row of read.types.values()) if (row[3] === "d") keys.add(`${row[5]}:${row[6]}`);
  for (const row of read.sequences) keys.add(`${row[3]}:-1`);
  for (const row of read.functions) {
    for (const oid of [...oidList(row[4]), ...oidList(row[5]), row[8] ?? "0"]) keys.add(`${oid}:-1`);
  }
  return [...keys];
}

function typesRequest(keys: readonly string[], into: Map<string, string>): RowRequest {
  const wanted = keys.map((key) => key.split(":"));
  const params = [oidArray(wanted.map((p) => p[0] ?? "")), oidArray(wanted.map((p) => p[1] ?? ""))];
  let at = 0;
  return {
    sql: statement("type-names"),
    params,
    onRow: (row) => {
      into.set(keys[at] ?? "", row[0] ?? "???");
      at += 1;
    },
  };
}

function nameTypes(relations: ReadonlyMap<Oid, RelationDraft>, typeNames: ReadonlyMap<string, string>): void {
  for (const { byAttnum } of relations.values()) {
    for (let attnum = 1; attnum < byAttnum.length; attnum += 1) {
      const column = byAttnum[attnum];
      if (column !== undefined) column.type = typeNames.get(column.type) ?? "???";
    }
  }
}

function targetsRequest(
  relations: ReadonlyMap<Oid, RelationDraft>,
  into: Map<Oid, { schema: string; name: string; columns: Map<string, string> }>,
): RowRequest[] {
  const missing = new Set<Oid>();
  const want = (oid: Oid | null | undefined) => {
    if (oid !== null && oid !== undefined && oid !== "0" && !relations.has(oid)) missing.add(oid);
  };
  for (const relation of relations.values()) {
    for (const constraint of relation.constraints) if (constraint[4] === "f") want(constraint[8]);
    relation.parents.forEach(want);
    relation.reads.forEach(want);
  }
  if (missing.size === 0) return [];
  const onRow = ([oid, schema, name, attnum, column]: RawRow) => {
    let known = into.get(oid ?? "");
    if (known === undefined)
      into.set(oid ?? "", (known = { schema: schema ?? "", name: name ?? "", columns: new Map() }));
    known.columns.set(attnum ?? "", column ?? "");
  };
  return [{ sql: statement("key-targets"), params: [oidArray([...missing])], onRow }];
}

function readableRequest(relations: ReadonlyMap<Oid, RelationDraft>, into: Set<string>): RowRequest[] {
  const closed = [...relations.values()].filter((relation) => relation.row[13] === "f").map((relation) => relation.oid);
  if (closed.length === 0) return [];
  const onRow = (row: RawRow) => void into.add(`${row[0]}:${row[1]}`);
  return [{ sql: statement("readable-columns"), params: [oidArray(closed)], onRow }];
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

function pairs(rows: readonly RawRow[]): Map<string, string> {
  return new Map(rows.map((row) => [row[0] ?? "", row[1] ?? ""]));
}
