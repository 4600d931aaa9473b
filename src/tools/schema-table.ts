/** One table as `discover_schema` tells it: the contract's `Table`, at each level of detail, and cut into parts where it is too big. */

import { z } from "zod";
import { sensitivityOf } from "../access/classification.js";
import type { LiveSchema } from "../catalog/live.js";
import { nameWords } from "../schema/name-words.js";
import { printRef, tableKey } from "../schema/names.js";
import { oncePer } from "../schema/once.js";
import type { Relationship } from "../schema/relationships.js";
import type { Column, SchemaSnapshot, Table } from "../schema/snapshot.js";
import { isJunction, isView, polymorphicPairs } from "../schema/table-shapes.js";

export type Detail = "overview" | "names" | "summary" | "full";

const columnOutput = z.object({
  name: z.string(),
  type: z.string().optional(),
  nullable: z.boolean().optional(),
  default: z.string().optional(),
  comment: z.string().optional(),
  primary_key: z.literal(true).optional(),
  unique: z.literal(true).optional(),
  generated: z.literal(true).optional(),
  identity: z.literal(true).optional(),
  enum: z.array(z.string()).optional(),
  enum_more: z.int().optional().describe("How many further enum values were left out for size."),
  sensitivity: z
    .string()
    .optional()
    .describe(
      "What the values are by name or comment: secret, identity, payment, confidential, contact, personal, health.",
    ),
  references: z.string().optional().describe("The column that a single-column foreign key points to."),
});

const checkOutput = z.object({ name: z.string().optional(), expression: z.string() });

export const tableOutput = z.object({
  name: z.string().describe("Ref; the default schema is left out."),
  kind: z.enum(["table", "view", "materialized_view", "partitioned_table", "foreign_table", "virtual_table"]),
  comment: z.string().optional(),
  row_estimate: z.number().optional(),
  score: z.number().optional().describe("With `about`: relevance in [0, 1]."),
  columns: z.array(columnOutput),
  primary_key: z.array(z.string()).optional(),
  foreign_keys: z
    .array(
      z.object({
        name: z.string().optional(),
        columns: z.array(z.string()),
        references: z.object({ table: z.string(), columns: z.array(z.string()) }),
        origin: z.enum(["declared", "inferred", "confirmed"]),
        confidence: z.number(),
      }),
    )
    .optional(),
  unique: z.array(z.array(z.string())).optional(),
  junction: z.literal(true).optional().describe("Its rows are links between other tables."),
  polymorphic: z
    .array(z.object({ type: z.string(), id: z.string(), targets: z.array(z.string()).optional() }))
    .optional()
    .describe(
      "Pairs of columns that point into one of several tables: `type` says which, `id` the row. `targets`: those seen.",
    ),
  indexes: z
    .array(
      z.object({
        name: z.string(),
        columns: z.array(z.string()),
        unique: z.boolean(),
        partial: z.string().optional(),
        expression: z.string().optional(),
      }),
    )
    .optional(),
  checks: z.array(checkOutput).optional(),
  triggers: z
    .array(z.object({ name: z.string(), timing: z.string(), events: z.array(z.string()), enabled: z.boolean() }))
    .optional(),
  policies: z
    .array(
      z.object({
        name: z.string(),
        command: z.string(),
        permissive: z.boolean(),
        roles: z.array(z.string()),
        using: z.string().optional(),
        check: z.string().optional(),
      }),
    )
    .optional(),
  partitions: z.array(z.object({ name: z.string(), bound: z.string().optional() })).optional(),
  partition_key: z.string().optional(),
  partition_of: z.string().optional(),
  inherits: z.array(z.string()).optional(),
  row_security: z.enum(["enabled", "forced"]).optional(),
  options: z.array(z.string()).optional(),
  unreadable: z.literal(true).optional().describe("The connected role may not read its rows."),
  definition: z.string().optional(),
  part: z
    .object({ from: z.int(), to: z.int(), of: z.int() })
    .optional()
    .describe("This is a part of the table's columns, keys, indexes and so on; the rest comes with `next_cursor`."),
});

export type TableAnswer = z.infer<typeof tableOutput>;
type ColumnAnswer = TableAnswer["columns"][number];

/** Guesses below this make no table a junction. */
const believed = 0.9;
/** Tables told as targets of a polymorphic pair, at most. */
const maxTargets = 20;

/** What `describeTable` looks up again and again for one live schema. */
export interface SchemaIndex {
  readonly live: LiveSchema;
  readonly linksFrom: ReadonlyMap<string, readonly Relationship[]>;
  readonly partitionsOf: ReadonlyMap<string, readonly Table[]>;
  readonly enums: ReadonlyMap<string, readonly string[]>;
  /** Refs of tables by the words of their names in one, in the singular: `orderline`. */
  readonly tablesByWords: ReadonlyMap<string, string>;
  /** Whether a Ref is a column that is its table's whole primary key. Dotted names are left alone. */
  isKey(ref: string): boolean;
}

export function indexSchema(live: LiveSchema): SchemaIndex {
  return { live, ...namesIn(live.snapshot), linksFrom: linksFrom(live.relationships) };
}

const linksFrom = oncePer((links: readonly Relationship[]) => groupBy(links, (r) => tableKey(r.from.table)));

const namesIn = oncePer((snapshot: SchemaSnapshot) => {
  const partitions = snapshot.tables.filter((t) => t.partitionOf !== undefined);
  const keys = new Set(
    snapshot.tables.flatMap((t) => {
      const [key, more] = t.primaryKey?.columns ?? [];
      return key === undefined || more !== undefined || key.includes(".") ? [] : [printRef(snapshot, t, key)];
    }),
  );
  return {
    partitionsOf: groupBy(partitions, (t) => tableKey(t.partitionOf ?? t)),
    enums: new Map(snapshot.enums.map((e) => [tableKey(e), e.values])),
    tablesByWords: new Map(snapshot.tables.map((t) => [nameWords(t.name).join(""), printRef(snapshot, t)] as const)),
    isKey: (ref: string) => keys.has(ref),
  };
});

export function describeTable(index: SchemaIndex, table: Table, detail: Detail, score?: number): TableAnswer {
  const { snapshot, statistics } = index.live;
  const name = printRef(snapshot, table);
  const scored = score === undefined ? {} : { score: Math.round(score * 1000) / 1000 };
  if (detail === "names") {
    return { name, kind: table.kind, ...scored, columns: table.columns.map((c) => ({ name: c.name })) };
  }
  const links = index.linksFrom.get(tableKey(table)) ?? [];
  const rows = statistics.tables[tableKey(table)]?.rowEstimate;
  return {
    name,
    kind: table.kind,
    ...defined({ comment: table.comment, row_estimate: rows, unreadable: table.unreadable }),
    ...scored,
    columns: table.columns.map((c) => describeColumn(index, table, c, links, detail)),
    primary_key: [...(table.primaryKey?.columns ?? [])],
    foreign_keys: links.map((link) => ({
      ...defined({ name: link.name }),
      columns: [...link.from.columns],
      references: { table: printRef(snapshot, link.to.table), columns: [...link.to.columns] },
      origin: link.origin,
      confidence: Math.round(link.confidence * 1000) / 1000,
    })),
    unique: table.uniques.map((u) => [...u.columns]),
    ...(isJunction(
      table,
      links.filter((l) => l.confidence >= believed),
    )
      ? { junction: true as const }
      : {}),
    ...nonEmpty({ polymorphic: pairsOf(index, table) }),
    ...(detail === "full" ? fullDetail(index, table) : {}),
  };
}

type PairAnswer = NonNullable<TableAnswer["polymorphic"]>[number];

function pairsOf(index: SchemaIndex, table: Table): PairAnswer[] {
  return polymorphicPairs(table, (joined) => index.tablesByWords.has(joined)).map((pair) => {
    const column = table.columns.find((c) => c.name === pair.type);
    const stored = index.live.statistics.tables[tableKey(table)]?.columns[pair.type]?.values?.map((v) =>
      String(v.value),
    );
    const kinds = (column?.enumType && index.enums.get(tableKey(column.enumType))) ?? stored ?? [];
    const targets = kinds.flatMap((kind) => index.tablesByWords.get(nameWords(kind).join("")) ?? []);
    return { ...pair, ...nonEmpty({ targets: [...new Set(targets)].slice(0, maxTargets) }) };
  });
}

function fullDetail(index: SchemaIndex, table: Table): Partial<TableAnswer> {
  const { snapshot } = index.live;
  const partitions = index.partitionsOf.get(tableKey(table)) ?? [];
  return {
    indexes: table.indexes.map((i) => ({
      name: i.name,
      columns: [...i.columns],
      unique: i.unique,
      ...defined({ partial: i.partial, expression: i.expression }),
    })),
    checks: [...table.checks, ...(table.exclusions ?? [])].map((c) => ({
      ...defined({ name: c.name }),
      expression: c.expression,
    })),
    ...nonEmpty({
      triggers: table.triggers.map((t) => ({
        name: t.name,
        timing: t.timing,
        events: [...t.events],
        enabled: t.enabled,
      })),
      policies: table.policies.map((p) => ({
        name: p.name,
        command: p.command,
        permissive: p.permissive,
        roles: [...p.roles],
        ...defined({ using: p.using, check: p.check }),
      })),
      partitions: partitions.map((p) => ({ name: printRef(snapshot, p), ...defined({ bound: p.partitionBound }) })),
      inherits: (table.inherits ?? []).map((t) => printRef(snapshot, t)),
      options: [...(table.options ?? [])],
    }),
    ...defined({
      partition_key: table.partitionKey,
      partition_of: table.partitionOf && printRef(snapshot, table.partitionOf),
      row_security: table.rowSecurity,
      definition: table.definition,
    }),
  };
}

function describeColumn(
  index: SchemaIndex,
  table: Table,
  column: Column,
  links: readonly Relationship[],
  detail: Detail,
): ColumnAnswer {
  const { snapshot } = index.live;
  const link = links.find((l) => l.from.columns.length === 1 && l.from.columns[0] === column.name);
  const values = column.enumType && index.enums.get(tableKey(column.enumType));
  const only = (key: { readonly columns: readonly string[] }) =>
    key.columns.length === 1 && key.columns[0] === column.name;
  return {
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    ...defined({ default: detail === "full" ? column.default : undefined, comment: column.comment }),
    ...(table.primaryKey?.columns.includes(column.name) === true ? { primary_key: true as const } : {}),
    ...(table.uniques.some(only) ? { unique: true as const } : {}),
    ...(column.generated === undefined ? {} : { generated: true as const }),
    ...(column.identity === undefined ? {} : { identity: true as const }),
    ...(values === undefined ? {} : { enum: [...values] }),
    ...defined({ sensitivity: sensitivityOf(column, index.live.closedWords ?? []) }),
    ...(link === undefined ? {} : { references: printRef(snapshot, link.to.table, link.to.columns[0]) }),
  };
}

/** The lists of a table that are cut, in the order they are told. */
const slots = ["columns", "foreign_keys", "unique", "indexes", "checks", "triggers", "policies", "partitions"] as const;

/** A view's query is cut into pieces of this many characters. */
const definitionChunk = 400;

/** How many parts a table can be cut into. */
export function partsOf(table: TableAnswer): number {
  const listed = slots.reduce((sum, slot) => sum + (table[slot]?.length ?? 0), 0);
  return listed + Math.ceil((table.definition?.length ?? 0) / definitionChunk);
}

/** The parts `from` to `to` (exclusive) of a table; the head stays with each part, what is large in it with the first alone. */
export function cutTable(table: TableAnswer, from: number, to: number): TableAnswer {
  const cut: Record<string, unknown> = { ...table, part: { from, to, of: partsOf(table) } };
  if (from > 0) delete cut.comment;
  let start = 0;
  for (const slot of slots) {
    const list = table[slot];
    if (list === undefined) continue;
    const taken = list.slice(Math.max(0, from - start), Math.max(0, to - start));
    start += list.length;
    if (taken.length > 0 || slot === "columns") cut[slot] = taken;
    else delete cut[slot];
  }
  const text = table.definition?.slice(
    Math.max(0, from - start) * definitionChunk,
    Math.max(0, to - start) * definitionChunk,
  );
  if (text === undefined || text === "") delete cut.definition;
  else cut.definition = text;
  return cut as TableAnswer;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves absent members out, as JSON and `exactOptionalPropertyTypes` want them. */
function defined<T extends Record<string, unknown>>(members: T): Defined<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function nonEmpty<T extends Record<string, readonly unknown[]>>(lists: T): Partial<T> {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)) as Partial<T>;
}

/** Counts over a whole source, as the contract's `totals`. */
export function totalsOf(
  snapshot: SchemaSnapshot,
  links: readonly Relationship[],
): { schemas: number; tables: number; views: number; columns: number; foreign_keys: number; indexes: number } {
  const views = snapshot.tables.filter(isView).length;
  return {
    schemas: snapshot.schemas.length,
    tables: snapshot.tables.length - views,
    views,
    columns: snapshot.tables.reduce((sum, t) => sum + t.columns.length, 0),
    foreign_keys: links.filter((l) => l.origin === "declared").length,
    indexes: snapshot.tables.reduce((sum, t) => sum + t.indexes.length, 0),
  };
}
