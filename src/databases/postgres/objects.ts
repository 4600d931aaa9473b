/** Turns what was read beside tables (types, sequences, functions, schemas, extensions) into the snapshot. Pure. */

import { createHash } from "node:crypto";
import type {
  CompositeType,
  DomainType,
  EnumType,
  Extension,
  Routine,
  SchemaObject,
  Sequence,
  TableName,
} from "../../schema/snapshot.js";
import { type Catalog, classOf, oidList } from "./catalog.js";
import { arrayItems, grantsOf } from "./grants.js";
import { columnsOf, type Mutable } from "./relations.js";
import type { Texts } from "./texts.js";
import type { RawRow } from "./wire.js";

export function schemasOf(catalog: Catalog): SchemaObject[] {
  return catalog.schemas.map((row) => {
    const comment = commentOf(catalog, classOf.namespace, row);
    const grants = grantsOf(row[2]);
    return { name: row[1] ?? "", ...(comment && { comment }), ...(grants && { grants }) };
  });
}

export function enumsOf(catalog: Catalog): EnumType[] {
  return typesOfKind(catalog, "e").map((row) => {
    const comment = commentOf(catalog, classOf.type, row);
    return { ...nameOf(catalog, row), values: catalog.enumValues.get(row[0] ?? "") ?? [], ...(comment && { comment }) };
  });
}

export function domainsOf(catalog: Catalog, texts: Texts): DomainType[] {
  return typesOfKind(catalog, "d").map((row) => {
    const comment = commentOf(catalog, classOf.type, row);
    const checks = catalog.domainConstraints.flatMap((constraint) => {
      const expression = texts.constraints.get(constraint[0] ?? "");
      if (constraint[3] !== row[0] || constraint[4] !== "c" || expression === undefined) return [];
      return [
        { name: constraint[1] ?? "", expression, ...(constraint[7] === "f" ? { notValidated: true as const } : {}) },
      ];
    });
    return {
      ...nameOf(catalog, row),
      type: catalog.typeNames.get(`${row[5]}:${row[6]}`) ?? "???",
      nullable: row[7] !== "t",
      ...(row[8] === null || row[8] === undefined ? {} : { default: row[8] }),
      checks,
      ...(comment && { comment }),
    };
  });
}

export function compositesOf(catalog: Catalog): CompositeType[] {
  return [...catalog.relations.values()]
    .filter((relation) => relation.row[3] === "c")
    .map((relation) => ({
      schema: relation.schema,
      name: relation.name,
      attributes: columnsOf(relation).map(({ name, type }) => ({ name, type })),
    }));
}

export function sequencesOf(catalog: Catalog): Sequence[] {
  return catalog.sequences.map((row) => {
    const owner = catalog.relations.get(row[9] ?? "");
    const column = owner?.byAttnum[Number(row[10])]?.name;
    const sequence: Mutable<Sequence> = {
      schema: catalog.schemaNames.get(row[1] ?? "") ?? "",
      name: row[2] ?? "",
      type: catalog.typeNames.get(`${row[3]}:-1`) ?? "bigint",
      start: row[4] ?? "1",
      increment: row[5] ?? "1",
      min: row[6] ?? "1",
      max: row[7] ?? "9223372036854775807",
      cycle: row[8] !== null,
    };
    if (owner !== undefined && column !== undefined) {
      sequence.ownedBy = { schema: owner.schema, table: owner.name, column };
    }
    return sequence;
  });
}

const routineKinds: Readonly<Record<string, Routine["kind"]>> = {
  f: "function",
  p: "procedure",
  a: "aggregate",
  w: "window",
};
const volatilities: Readonly<Record<string, Routine["volatility"]>> = { i: "immutable", s: "stable", v: "volatile" };

export function functionsOf(catalog: Catalog, texts: Texts): Routine[] {
  return catalog.functions.map((row) => {
    const comment = commentOf(catalog, classOf.routine, row);
    const body = texts.routines.get(row[0] ?? "") ?? row[13] ?? "";
    return {
      ...nameOf(catalog, row),
      kind: routineKinds[row[3] ?? ""] ?? "function",
      arguments: argumentTypes(catalog, row).join(", "),
      returns: returnsOf(catalog, row),
      volatility: volatilities[row[10] ?? ""] ?? "volatile",
      securityDefiner: row[11] === "t",
      language: row[12] ?? "",
      bodyHash: createHash("sha256").update(body).digest("hex"),
      ...(comment && { comment }),
    };
  });
}

export function extensionsOf(catalog: Catalog, schemaName: (oid: string) => string): Extension[] {
  return catalog.extensions.map((row) => ({
    name: row[1] ?? "",
    version: row[2] ?? "",
    schema: schemaName(row[3] ?? ""),
  }));
}

function argumentTypes(catalog: Catalog, row: RawRow): string[] {
  return oidList(row[4]).map((oid) => catalog.typeNames.get(`${oid}:-1`) ?? "???");
}

/** RETURNS TABLE columns have mode `t` among all arguments. */
function returnsOf(catalog: Catalog, row: RawRow): string {
  const modes = row[6] === null || row[6] === undefined ? [] : arrayItems(row[6]);
  const all = oidList(row[5]);
  if (modes.includes("t")) {
    const names = JSON.parse(row[7] ?? "[]") as readonly (string | null)[];
    const columns = modes.flatMap((mode, at) =>
      mode === "t" ? [`${names[at] ?? ""} ${catalog.typeNames.get(`${all[at]}:-1`) ?? "???"}`.trim()] : [],
    );
    return `TABLE(${columns.join(", ")})`;
  }
  const type = row[8] === "0" ? "" : (catalog.typeNames.get(`${row[8]}:-1`) ?? "???");
  return row[9] === "t" ? `SETOF ${type}` : type;
}

function typesOfKind(catalog: Catalog, kind: string): RawRow[] {
  return [...catalog.types.values()].filter((row) => row[3] === kind && catalog.schemaNames.has(row[1] ?? ""));
}

function nameOf(catalog: Catalog, row: RawRow): TableName {
  return { schema: catalog.schemaNames.get(row[1] ?? "") ?? "", name: row[2] ?? "" };
}

function commentOf(catalog: Catalog, kind: number, row: RawRow): string | undefined {
  return catalog.comments.get(`${kind}:${row[0]}`);
}
