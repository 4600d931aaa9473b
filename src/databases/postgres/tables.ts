/** Turns what was read of relations into tables of the snapshot. Pure: drafts and texts in, values out. Unknown text is left out, never guessed. */

import type {
  CheckConstraint,
  Column,
  ForeignKey,
  Index,
  KeyConstraint,
  Policy,
  Table,
  TableKind,
  TableName,
  Trigger,
} from "../../schema/snapshot.js";
import { type Catalog, type ColumnDraft, classOf, type Oid, oidList, type RelationDraft } from "./catalog.js";
import { grantsOf } from "./grants.js";
import type { Texts } from "./texts.js";
import type { RawRow } from "./wire.js";

const kinds: Readonly<Record<string, TableKind>> = {
  r: "table",
  v: "view",
  m: "materialized_view",
  p: "partitioned_table",
  f: "foreign_table",
};

export function tablesOf(catalog: Catalog, texts: Texts): Table[] {
  const tables: Table[] = [];
  for (const relation of catalog.relations.values()) {
    const kind = kinds[relation.row[3] ?? ""];
    if (kind !== undefined) tables.push(tableOf(catalog, texts, relation, kind));
  }
  return tables;
}

function tableOf(catalog: Catalog, texts: Texts, relation: RelationDraft, kind: TableKind): Table {
  const { row, oid } = relation;
  const closed = row[13] === "f";
  const unread = closed && !relation.columns.some((c) => catalog.readableColumns.has(`${oid}:${c.attnum}`));
  return {
    schema: relation.schema,
    name: row[2] ?? "",
    kind,
    ...optional("comment", catalog.comments.get(`${classOf.relation}:${oid}:0`)),
    columns: relation.columns.map((column) => columnOf(catalog, texts, relation, column, closed && !unread)),
    ...constraintsOf(catalog, texts, relation),
    indexes: relation.indexes.flatMap((index) => indexOf(catalog, texts, relation, index)),
    triggers: relation.triggers.map((trigger) => triggerOf(texts, trigger)),
    policies: relation.policies.map((policy) => policyOf(catalog, texts, policy)),
    ...(row[7] === "t" ? { rowSecurity: row[8] === "t" ? ("forced" as const) : ("enabled" as const) } : {}),
    ...placesOf(catalog, texts, relation),
    ...optional("definition", texts.views.get(oid)),
    ...(relation.reads.length === 0 ? {} : { viewReads: relation.reads.flatMap((read) => nameOf(catalog, read)) }),
    ...optionsOf(row),
    ...optional("grants", grantsOf(row[11])),
    ...optional("owner", catalog.roles.get(row[10] ?? "")),
    ...(unread ? { unreadable: true as const } : {}),
  };
}

type Mutable<T> = { -readonly [P in keyof T]: T[P] };

/** Assigns instead of spreading: this runs for every column of every table. */
function columnOf(
  catalog: Catalog,
  texts: Texts,
  relation: RelationDraft,
  draft: ColumnDraft,
  partly: boolean,
): Column {
  const column: Mutable<Column> = {
    name: draft.name,
    type: catalog.typeNames.get(draft.type) ?? "???",
    nullable: !draft.notNull,
  };
  if (draft.hasDefault) {
    const text = texts.defaults.get(relation.oid)?.get(draft.attnum);
    if (text !== undefined && draft.generated === "") column.default = text;
    else if (text !== undefined) column.generated = { expression: text, stored: draft.generated === "s" };
  }
  const comment = catalog.commented.has(relation.oid)
    ? catalog.comments.get(`${classOf.relation}:${relation.oid}:${draft.attnum}`)
    : undefined;
  if (comment !== undefined) column.comment = comment;
  if (draft.identity !== "") column.identity = draft.identity === "a" ? "always" : "by_default";
  const collation = collationOf(catalog, draft);
  if (collation !== undefined) column.collation = collation;
  const links = typeLinks(catalog, draft.typeOid);
  if (links !== noLinks) Object.assign(column, links);
  if (partly && !catalog.readableColumns.has(`${relation.oid}:${draft.attnum}`)) column.unreadable = true;
  if (draft.acl !== null) {
    const grants = grantsOf(draft.acl);
    if (grants !== undefined) column.grants = grants;
  }
  return column;
}

/** A collation is told where it is not the type's own. */
function collationOf(catalog: Catalog, { collation, typeOid }: ColumnDraft): string | undefined {
  if (collation === null) return undefined;
  if (catalog.types.get(typeOid)?.[9] === collation || builtInCollations[typeOid] === collation) return undefined;
  return catalog.collations.get(collation);
}

/** `name` collates as "C" by itself (oid 950). */
const builtInCollations: Readonly<Record<string, string>> = { "19": "950", "1003": "950" };

const noLinks = {};

function typeLinks(catalog: Catalog, oid: Oid): Pick<Column, "enumType" | "domain"> {
  const type = catalog.types.get(oid);
  if (type === undefined) return noLinks;
  const name = { schema: catalog.schemaNames.get(type[1] ?? "") ?? "", name: type[2] ?? "" };
  if (type[3] === "e") return { enumType: name };
  if (type[3] === "d") return { ...typeLinks(catalog, type[5] ?? ""), domain: name };
  return typeLinks(catalog, type[4] ?? "");
}

function constraintsOf(
  catalog: Catalog,
  texts: Texts,
  relation: RelationDraft,
): Pick<Table, "primaryKey" | "uniques" | "foreignKeys" | "foreignKeyCopies" | "checks" | "exclusions"> {
  const uniques: KeyConstraint[] = [];
  const foreignKeys: ForeignKey[] = [];
  const copies: ForeignKey[] = [];
  const checks: CheckConstraint[] = [];
  const exclusions: CheckConstraint[] = [];
  let primaryKey: KeyConstraint | undefined;
  const isOwn = (oid: string | null | undefined) => oid !== "0" && relation.constraints.some((row) => row[0] === oid);
  for (const row of relation.constraints) {
    if (row[4] === "p") primaryKey = keyOf(catalog, relation, row);
    else if (row[4] === "u") uniques.push(keyOf(catalog, relation, row));
    // A key to a partitioned table has a child of its own for each partition of the target; the parent says it all.
    else if (row[4] === "f") (isOwn(row[15]) ? copies : foreignKeys).push(...foreignKeyOf(catalog, relation, row));
    else if (row[4] === "c") checks.push(...checkOf(texts, row));
    else if (row[4] === "x") exclusions.push(...checkOf(texts, row));
  }
  return {
    ...optional("primaryKey", primaryKey),
    uniques,
    foreignKeys,
    ...(copies.length === 0 ? {} : { foreignKeyCopies: copies }),
    checks,
    ...(exclusions.length === 0 ? {} : { exclusions }),
  };
}

function named(relation: RelationDraft, list: string | null | undefined): string[] {
  return oidList(list).map((attnum) => relation.byAttnum.get(attnum)?.name ?? "?");
}

function keyOf(catalog: Catalog, relation: RelationDraft, row: RawRow): KeyConstraint {
  const key: Mutable<KeyConstraint> = { name: row[1] ?? "", columns: named(relation, row[12]), ...deferrable(row) };
  if (catalog.nullsNotDistinct.has(row[14] ?? "")) key.nullsNotDistinct = true;
  return key;
}

function deferrable(row: RawRow): Pick<KeyConstraint, "deferrable"> {
  return row[5] === "t" ? { deferrable: row[6] === "t" ? "deferred" : "immediate" } : {};
}

const actions: Readonly<Record<string, NonNullable<ForeignKey["onDelete"]>>> = {
  c: "cascade",
  n: "set_null",
  d: "set_default",
  r: "restrict",
};

function foreignKeyOf(catalog: Catalog, relation: RelationDraft, row: RawRow): ForeignKey[] {
  const target = targetOf(catalog, row[8] ?? "");
  if (target === undefined) return [];
  const match: ForeignKey["match"] | undefined = row[11] === "f" ? "full" : row[11] === "p" ? "partial" : undefined;
  return [
    {
      name: row[1] ?? "",
      columns: named(relation, row[12]),
      references: { schema: target.schema, table: target.name, columns: oidList(row[13]).map(target.columnOf) },
      ...optional("onDelete", actions[row[10] ?? ""]),
      ...optional("onUpdate", actions[row[9] ?? ""]),
      ...(match && { match }),
      ...deferrable(row),
      ...(row[7] === "f" ? { notValidated: true as const } : {}),
    },
  ];
}

interface Target extends TableName {
  readonly columnOf: (attnum: string) => string;
}

function targetOf(catalog: Catalog, oid: Oid): Target | undefined {
  const known = catalog.relations.get(oid);
  if (known !== undefined) {
    const columnOf = (attnum: string) => known.byAttnum.get(attnum)?.name ?? "?";
    return { schema: known.schema, name: known.row[2] ?? "", columnOf };
  }
  const outside = catalog.targets.get(oid);
  return outside && { ...outside, columnOf: (attnum: string) => outside.columns.get(attnum) ?? "?" };
}

function nameOf(catalog: Catalog, oid: Oid): TableName[] {
  const target = catalog.relations.get(oid);
  if (target !== undefined) return [{ schema: target.schema, name: target.row[2] ?? "" }];
  const outside = catalog.targets.get(oid);
  return outside === undefined ? [] : [{ schema: outside.schema, name: outside.name }];
}

function checkOf(texts: Texts, row: RawRow): CheckConstraint[] {
  const expression = texts.constraints.get(row[0] ?? "");
  if (expression === undefined) return [];
  return [{ name: row[1] ?? "", expression, ...(row[7] === "f" ? { notValidated: true as const } : {}) }];
}

function indexOf(catalog: Catalog, texts: Texts, relation: RelationDraft, row: RawRow): Index[] {
  const oid = row[0] ?? "";
  const attnums = oidList(row[6]);
  const parts = Number(row[7]);
  const text = texts.indexes.get(oid);
  if (text === undefined && (row[10] === "t" || row[11] === "t")) return [];
  const columns = attnums
    .slice(0, parts)
    .map((n, at) => (n === "0" ? (text?.parts[at] ?? "") : (relation.byAttnum.get(n)?.name ?? "?")));
  const include = attnums.slice(parts).map((n) => relation.byAttnum.get(n)?.name ?? "?");
  // Bit 0 of indoption is DESC, bit 1 NULLS FIRST (src/include/catalog/pg_index.h).
  const partsWhere = (has: (bits: number) => boolean) =>
    oidList(row[8]).flatMap((option, at) => (has(Number(option)) ? [columns[at] ?? ""] : []));
  const descending = partsWhere((bits) => (bits & 1) !== 0);
  const nullsMoved = partsWhere((bits) => bits === 1 || bits === 2);
  const classes = row[12] == null ? [] : (JSON.parse(row[12]) as readonly (string | null)[]);
  const operatorClasses = classes.flatMap((name, at) => (name === null ? [] : [`${columns[at] ?? ""} ${name}`]));
  const collations = indexCollations(catalog, relation, row, attnums);
  const constraint = relation.constraints.find((c) => c[14] === oid && c[4] !== "f")?.[1];
  return [
    {
      name: row[2] ?? "",
      columns,
      unique: row[4] === "t",
      ...(row[3] === "btree" ? {} : { method: row[3] ?? "" }),
      ...optional("partial", text?.predicate),
      ...(row[10] === "t" ? { expression: columns.join(", ") } : {}),
      ...(include.length === 0 ? {} : { include }),
      ...(descending.length === 0 ? {} : { descending }),
      ...(nullsMoved.length === 0 ? {} : { nullsMoved }),
      ...(operatorClasses.length === 0 ? {} : { operatorClasses }),
      ...(collations.length === 0 ? {} : { collations }),
      ...(row[5] === "f" ? { invalid: true as const } : {}),
      ...optional("constraint", constraint ?? undefined),
    },
  ];
}

const defaultCollation = "100";

/** Only collations that differ from the column's own. */
function indexCollations(catalog: Catalog, relation: RelationDraft, row: RawRow, attnums: readonly string[]): string[] {
  return oidList(row[9]).flatMap((collation, at) => {
    const column = relation.byAttnum.get(attnums[at] ?? "");
    if (collation === "0" || column === undefined || (column.collation ?? defaultCollation) === collation) return [];
    return [catalog.collations.get(collation) ?? "default"];
  });
}

/** Bits of tgtype: src/include/catalog/pg_trigger.h. */
function triggerOf(texts: Texts, row: RawRow): Trigger {
  const bits = Number(row[3]);
  const timing = bits & 64 ? "INSTEAD OF" : bits & 2 ? "BEFORE" : "AFTER";
  const events = [
    ...(bits & 4 ? ["INSERT"] : []),
    ...(bits & 16 ? ["UPDATE"] : []),
    ...(bits & 8 ? ["DELETE"] : []),
    ...(bits & 32 ? ["TRUNCATE"] : []),
  ];
  return {
    name: row[2] ?? "",
    timing,
    events,
    ...optional("definition", texts.triggers.get(row[0] ?? "")),
    enabled: row[4] !== "D",
  };
}

const commands: Readonly<Record<string, string>> = { r: "SELECT", a: "INSERT", w: "UPDATE", d: "DELETE", "*": "ALL" };

function policyOf(catalog: Catalog, texts: Texts, row: RawRow): Policy {
  const text = texts.policies.get(row[0] ?? "");
  return {
    name: row[2] ?? "",
    command: commands[row[3] ?? ""] ?? "ALL",
    permissive: row[4] === "t",
    roles: oidList(row[5])
      .map((oid) => (oid === "0" ? "PUBLIC" : (catalog.roles.get(oid) ?? oid)))
      .sort(),
    ...optional("using", text?.using),
    ...optional("check", text?.check),
  };
}

function placesOf(
  catalog: Catalog,
  texts: Texts,
  relation: RelationDraft,
): Pick<Table, "partitionKey" | "partitionOf" | "partitionBound" | "inherits"> {
  const partition = texts.partitions.get(relation.oid);
  const parents = relation.parents.flatMap((oid) => nameOf(catalog, oid));
  const isPartition = relation.row[9] === "t";
  return {
    ...optional("partitionKey", partition?.key),
    ...optional("partitionOf", isPartition ? parents[0] : undefined),
    ...optional("partitionBound", isPartition ? partition?.bound : undefined),
    ...(isPartition || parents.length === 0 ? {} : { inherits: parents }),
  };
}

function optionsOf(row: RawRow): Pick<Table, "options"> {
  const options = [...(row[4] === "u" ? ["unlogged"] : []), ...securityOptions(row[12])];
  return options.length === 0 ? {} : { options };
}

/** Of the storage options, those that change what a reader sees. */
function securityOptions(text: string | null | undefined): string[] {
  return text?.match(/security_(?:barrier|invoker)=(?:true|on|1)/g)?.map((option) => option.replace(/=.*/, "")) ?? [];
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
