/** Turns what was read of relations into tables of the snapshot. Pure: drafts and texts in, values out. Unknown text is left out, never guessed. */

import type {
  CheckConstraint,
  ForeignKey,
  KeyConstraint,
  Policy,
  Table,
  TableKind,
  TableName,
  Trigger,
} from "../../schema/snapshot.js";
import { type Catalog, classOf, oidList } from "./catalog.js";
import { grantsOf } from "./grants.js";
import { needsText, plainIndex, printedIndex } from "./indexes.js";
import { columnsOf, type Mutable, type Oid, type RelationDraft } from "./relations.js";
import type { Texts } from "./texts.js";
import type { RawRow } from "./wire.js";

const kinds: Readonly<Record<string, TableKind>> = {
  r: "table",
  v: "view",
  m: "materialized_view",
  p: "partitioned_table",
  f: "foreign_table",
};

/** A table as far as the raw rows tell it; `addTexts` completes it. Undefined for what is no table (a composite type). */
export function tableOf(catalog: Catalog, relation: RelationDraft): Mutable<Table> | undefined {
  const { row, oid } = relation;
  const kind = kinds[row[3] ?? ""];
  if (kind === undefined) return undefined;
  markUnreadable(catalog, relation);
  // Assigned instead of spread, here and below: this runs for every part of every table.
  const table: Mutable<Table> = {
    schema: relation.schema,
    name: relation.name,
    kind,
    columns: columnsOf(relation),
    ...keysOf(catalog, relation),
    checks: [],
    indexes: relation.indexes.flatMap((index) => (needsText(index) ? [] : plainIndex(catalog, relation, index))),
    triggers: [],
    policies: [],
  };
  set(table, "comment", catalog.comments.get(`${classOf.relation}:${oid}`));
  if (row[7] === "t") table.rowSecurity = row[8] === "t" ? "forced" : "enabled";
  const parents = relation.parents.flatMap((parent) => nameOf(catalog, parent));
  if (row[9] === "t") set(table, "partitionOf", parents[0]);
  else if (parents.length > 0) table.inherits = parents;
  if (relation.reads.length > 0) table.viewReads = relation.reads.flatMap((read) => nameOf(catalog, read));
  set(table, "options", optionsOf(row));
  set(table, "grants", grantsOf(row[11]));
  set(table, "owner", catalog.roles.get(row[10] ?? ""));
  if (isClosed(catalog, relation)) table.unreadable = true;
  return table;
}

/** What only the server could print: defaults, checks, expressions of indexes, queries, conditions. */
export function addTexts(table: Mutable<Table>, catalog: Catalog, texts: Texts, relation: RelationDraft): void {
  addDefaults(texts, relation);
  const of = (kind: string) =>
    relation.constraints.flatMap((row) => (row[4] === kind ? checkOf(catalog, texts, row) : []));
  table.checks = of("c");
  const exclusions = of("x");
  if (exclusions.length > 0) table.exclusions = exclusions;
  if (relation.indexes.some(needsText)) {
    const printed = relation.indexes.filter(needsText);
    table.indexes = [...table.indexes, ...printed.flatMap((row) => printedIndex(catalog, texts, relation, row))];
  }
  if (relation.triggers.length > 0) table.triggers = relation.triggers.map((trigger) => triggerOf(texts, trigger));
  if (relation.policies.length > 0) table.policies = relation.policies.map((row) => policyOf(catalog, texts, row));
  const partition = texts.partitions.get(relation.oid);
  set(table, "partitionKey", partition?.key);
  set(table, "partitionBound", partition?.bound);
  set(table, "definition", texts.views.get(relation.oid));
}

/** None of its columns may be read. */
function isClosed(catalog: Catalog, { oid, row, byAttnum }: RelationDraft): boolean {
  return row[13] === "f" && !byAttnum.some((_, attnum) => catalog.readableColumns.has(`${oid}:${attnum}`));
}

/** Of a table that is open in part. */
function markUnreadable(catalog: Catalog, relation: RelationDraft): void {
  if (relation.row[13] !== "f" || isClosed(catalog, relation)) return;
  relation.byAttnum.forEach((column, attnum) => {
    if (!catalog.readableColumns.has(`${relation.oid}:${attnum}`)) column.unreadable = true;
  });
}

function addDefaults(texts: Texts, { oid, byAttnum, generated }: RelationDraft): void {
  const found = texts.defaults.get(oid);
  if (found !== undefined) {
    for (const [attnum, text] of found) {
      const column = byAttnum[attnum];
      if (column?.generated !== undefined) column.generated = { expression: text, stored: column.generated.stored };
      else if (column !== undefined) column.default = text;
    }
  }
  if (generated === undefined) return;
  // An expression that could not be read is left out, never guessed.
  for (const attnum of generated) if (!found?.has(attnum)) delete byAttnum[attnum]?.generated;
}

function set<T, K extends keyof T>(object: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined) object[key] = value;
}

type Keys = Pick<Table, "primaryKey" | "uniques" | "foreignKeys" | "foreignKeyCopies">;

function keysOf(catalog: Catalog, relation: RelationDraft): Keys {
  const uniques: KeyConstraint[] = [];
  const foreignKeys: ForeignKey[] = [];
  const copies: ForeignKey[] = [];
  const found: Mutable<Keys> = { uniques, foreignKeys };
  const isOwn = (oid: string | null | undefined) => oid !== null && relation.constraints.some((row) => row[0] === oid);
  for (const row of relation.constraints) {
    if (row[4] === "p") found.primaryKey = keyOf(catalog, relation, row);
    else if (row[4] === "u") uniques.push(keyOf(catalog, relation, row));
    // A key to a partitioned table has a child of its own for each partition of the target; the parent says it all.
    else if (row[4] === "f") add(isOwn(row[15]) ? copies : foreignKeys, foreignKeyOf(catalog, relation, row));
  }
  if (copies.length > 0) found.foreignKeyCopies = copies;
  return found;
}

function add<T>(list: T[], item: T | undefined): void {
  if (item !== undefined) list.push(item);
}

function named(relation: RelationDraft, list: string | null | undefined): string[] {
  return oidList(list).map((attnum) => nameAt(relation, attnum));
}

function nameAt(relation: RelationDraft, attnum: string): string {
  return relation.byAttnum[Number(attnum)]?.name ?? "?";
}

function keyOf(catalog: Catalog, relation: RelationDraft, row: RawRow): KeyConstraint {
  const key: Mutable<KeyConstraint> = { name: row[1] ?? "", columns: named(relation, row[12]) };
  set(key, "deferrable", deferrable(row));
  if (catalog.nullsNotDistinct.has(row[14] ?? "")) key.nullsNotDistinct = true;
  if (catalog.constraintTraits.get(row[0] ?? "")?.includes("p")) key.withoutOverlaps = true;
  return key;
}

function deferrable(row: RawRow): KeyConstraint["deferrable"] {
  if (row[5] === null) return undefined;
  return row[6] === null ? "immediate" : "deferred";
}

const actions: Readonly<Record<string, NonNullable<ForeignKey["onDelete"]>>> = {
  c: "cascade",
  n: "set_null",
  d: "set_default",
  r: "restrict",
};

function foreignKeyOf(catalog: Catalog, relation: RelationDraft, row: RawRow): ForeignKey | undefined {
  const target = targetOf(catalog, row[8] ?? "");
  if (target === undefined) return undefined;
  const key: Mutable<ForeignKey> = {
    name: row[1] ?? "",
    columns: named(relation, row[12]),
    references: { schema: target.schema, table: target.name, columns: oidList(row[13]).map(target.columnOf) },
  };
  if (row[10] !== null) set(key, "onDelete", actions[row[10] ?? ""]);
  if (row[9] !== null) set(key, "onUpdate", actions[row[9] ?? ""]);
  if (row[11] === "f") key.match = "full";
  else if (row[11] === "p") key.match = "partial";
  set(key, "deferrable", deferrable(row));
  if (row[7] === "f") key.notValidated = true;
  const traits = catalog.constraintTraits.get(row[0] ?? "");
  if (traits?.includes("p")) key.period = true;
  if (traits?.includes("e")) key.notEnforced = true;
  return key;
}

interface Target extends TableName {
  readonly columnOf: (attnum: string) => string;
}

function targetOf(catalog: Catalog, oid: Oid): Target | undefined {
  const known = catalog.relations.get(oid);
  if (known !== undefined) {
    return { schema: known.schema, name: known.name, columnOf: (attnum) => nameAt(known, attnum) };
  }
  const outside = catalog.targets.get(oid);
  return outside && { ...outside, columnOf: (attnum: string) => outside.columns.get(attnum) ?? "?" };
}

function nameOf(catalog: Catalog, oid: Oid): TableName[] {
  const target = catalog.relations.get(oid);
  if (target !== undefined) return [{ schema: target.schema, name: target.name }];
  const outside = catalog.targets.get(oid);
  return outside === undefined ? [] : [{ schema: outside.schema, name: outside.name }];
}

function checkOf(catalog: Catalog, texts: Texts, row: RawRow): CheckConstraint[] {
  const expression = texts.constraints.get(row[0] ?? "");
  if (expression === undefined) return [];
  const check: Mutable<CheckConstraint> = { name: row[1] ?? "", expression };
  if (row[7] === "f") check.notValidated = true;
  if (catalog.constraintTraits.get(row[0] ?? "")?.includes("e")) check.notEnforced = true;
  return [check];
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

function optionsOf(row: RawRow): string[] | undefined {
  const options = [...(row[4] === "u" ? ["unlogged"] : []), ...securityOptions(row[12])];
  return options.length === 0 ? undefined : options;
}

/** Of the storage options, those that change what a reader sees. */
function securityOptions(text: string | null | undefined): string[] {
  return text?.match(/security_(?:barrier|invoker)=(?:true|on|1)/g)?.map((option) => option.replace(/=.*/, "")) ?? [];
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V });
}
