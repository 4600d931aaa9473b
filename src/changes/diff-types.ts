/** Compares what stands beside tables: schemas, enums, domains, composites, sequences, functions, extensions. Writes drafts. */

import { canonicalJson } from "../schema/normal-form.js";
import type { EnumType, SchemaSnapshot, TableName } from "../schema/snapshot.js";
import type { Part, Place } from "./change.js";
import { compare, match, pick, type Spelling } from "./compare.js";
import type { Notebook } from "./draft.js";
import type { ChangeKind } from "./kinds.js";

export interface TypeContext extends Spelling {
  readonly notebook: Notebook;
  /** Former schema names by present ones. */
  readonly formerSchemas: ReadonlyMap<string, string>;
  /** Identity of an object that is no table, by side; undefined where none is known. */
  id(side: "before" | "after", key: string): string | undefined;
}

export function diffTypes(before: SchemaSnapshot, after: SchemaSnapshot, context: TypeContext): void {
  schemas(before, after, context);
  enums(before, after, context);
  for (const sort of sorts) objects(sort.list(before), sort.list(after), sort, context);
  if (before.defaultSchema !== after.defaultSchema) {
    context.notebook.drafts.push({
      kind: "grant_changed",
      place: { part: "snapshot", schema: after.defaultSchema, fields: ["defaultSchema"] },
      before: pick(before, ["defaultSchema"]),
      after: pick(after, ["defaultSchema"]),
    });
  }
}

function schemas(before: SchemaSnapshot, after: SchemaSnapshot, context: TypeContext): void {
  const { drafts } = context.notebook;
  const place = (name: string): Place => ({ part: "schema", schema: name, name });
  const found = match(before.schemas, after.schemas, (s) => s.name);
  for (const schema of found.gone) drafts.push({ kind: "schema_removed", place: place(schema.name), before: schema });
  for (const schema of found.fresh) drafts.push({ kind: "schema_added", place: place(schema.name), after: schema });
  for (const [old, now] of found.both) {
    const former = context.formerSchemas.get(now.name);
    if (former !== undefined) {
      drafts.push({
        kind: "schema_renamed",
        place: place(now.name),
        formerPlace: place(former),
        before: former,
        after: now.name,
      });
    }
    fields(old, now, "comment_changed", ["comment"], place(now.name), context);
    fields(old, now, "grant_changed", ["grants"], place(now.name), context);
  }
}

function enums(before: SchemaSnapshot, after: SchemaSnapshot, context: TypeContext): void {
  const { drafts } = context.notebook;
  const found = match(before.enums, after.enums, keyOf);
  for (const type of found.gone) drafts.push({ kind: "enum_removed", place: placeOf("enum", type), before: type });
  for (const type of found.fresh) {
    const former = found.gone.find((g) => sameThing(`enum:${dotted(g)}`, `enum:${dotted(type)}`, context));
    const moved = former === undefined ? {} : { formerPlace: placeOf("enum", former) };
    drafts.push({ kind: "enum_added", place: placeOf("enum", type), ...moved, after: type });
  }
  for (const [old, now] of found.both) {
    enumValues(old, now, context);
    fields(old, now, "comment_changed", ["comment"], placeOf("enum", now), context);
  }
}

/**
 * PostgreSQL can add and rename the values of an enum type, never drop or move them: within one type (one oid), values that stayed in
 * number differ by renames alone. With the type created anew, or other values beside, names decide.
 */
function enumValues(old: EnumType, now: EnumType, context: TypeContext): void {
  if (canonicalJson(old.values) === canonicalJson(now.values)) return;
  const { drafts } = context.notebook;
  const place: Place = { ...placeOf("enum", now), fields: ["values"] };
  const renamed = renamedValues(old, now, context);
  for (const [from, to] of renamed) drafts.push({ kind: "enum_value_renamed", place, before: from, after: to });
  const stayed = old.values.filter((v) => !renamed.has(v) && now.values.includes(v));
  const fresh = new Set(renamed.values());
  const gone = old.values.filter((v) => !renamed.has(v) && !now.values.includes(v));
  const added = now.values.filter((v) => !fresh.has(v) && !stayed.includes(v));
  for (const value of gone) drafts.push({ kind: "enum_value_removed", place, before: value });
  for (const value of added) {
    drafts.push({ kind: "enum_value_added", place: { ...place, position: now.values.indexOf(value) }, after: value });
  }
  const order = now.values.filter((v) => stayed.includes(v));
  if (canonicalJson(order) !== canonicalJson(stayed)) {
    drafts.push({ kind: "enum_removed", place: placeOf("enum", old), before: old, recreated: true });
    drafts.push({ kind: "enum_added", place: placeOf("enum", now), after: now, recreated: true });
  }
}

function renamedValues(old: EnumType, now: EnumType, context: TypeContext): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>();
  const valueIds = new Map(now.values.map((v) => [context.id("after", `enum_value:${dotted(now)}.${v}`), v]));
  for (const value of old.values) {
    const id = context.id("before", `enum_value:${dotted(old)}.${value}`);
    const to = id === undefined ? undefined : valueIds.get(id);
    if (to !== undefined && to !== value) renamed.set(value, to);
  }
  if (renamed.size > 0 || old.values.length !== now.values.length) return renamed;
  if (!sameThing(`enum:${dotted(old)}`, `enum:${dotted(now)}`, context)) return renamed;
  for (const [i, value] of old.values.entries()) {
    const to = now.values[i];
    if (to !== undefined && to !== value) renamed.set(value, to);
  }
  return renamed;
}

interface Sort {
  readonly part: Part;
  list(snapshot: SchemaSnapshot): readonly (TableName & { readonly arguments?: string })[];
  readonly added: ChangeKind;
  readonly removed: ChangeKind;
  readonly changed: ChangeKind;
}

const sorts: readonly Sort[] = [
  {
    part: "domain",
    list: (s) => s.domains,
    added: "domain_changed",
    removed: "domain_changed",
    changed: "domain_changed",
  },
  {
    part: "composite",
    list: (s) => s.composites,
    added: "domain_changed",
    removed: "domain_changed",
    changed: "domain_changed",
  },
  {
    part: "sequence",
    list: (s) => s.sequences,
    added: "sequence_changed",
    removed: "sequence_changed",
    changed: "sequence_changed",
  },
  {
    part: "function",
    list: (s) => s.functions,
    added: "function_added",
    removed: "function_removed",
    changed: "function_changed",
  },
  {
    part: "extension",
    list: (s) => s.extensions,
    added: "domain_changed",
    removed: "domain_changed",
    changed: "domain_changed",
  },
];

function objects(
  before: ReturnType<Sort["list"]>,
  after: ReturnType<Sort["list"]>,
  sort: Sort,
  context: TypeContext,
): void {
  const { drafts, restated } = context.notebook;
  // Of ten thousand sequences most stand as they were read before.
  if (before === after && context.names.size === 0) return;
  const key = sort.part === "extension" ? (x: TableName) => x.name : keyOf;
  const place = (x: TableName & { readonly arguments?: string }) => placeOf(sort.part, x);
  const found = match(before, after, key);
  for (const item of found.gone) drafts.push({ kind: sort.removed, place: place(item), before: item });
  for (const item of found.fresh) drafts.push({ kind: sort.added, place: place(item), after: item });
  for (const [old, now] of found.both) {
    const verdict = compare(uncommented(old), uncommented(now), context);
    if (verdict === "changed") drafts.push({ kind: sort.changed, place: place(now), before: old, after: now });
    if (verdict === "restated") restated.push({ place: place(now), before: old, after: now });
    if (verdict !== "changed") fields(old, now, "comment_changed", ["comment"], place(now), context);
  }
}

function fields(
  old: object,
  now: object,
  kind: ChangeKind,
  names: readonly string[],
  place: Place,
  context: TypeContext,
): void {
  const [before, after] = [pick(old, names), pick(now, names)];
  if (compare(before, after, context) === "changed") {
    context.notebook.drafts.push({ kind, place: { ...place, fields: names }, before, after });
  }
}

function uncommented(item: object): object {
  return { ...item, comment: undefined };
}

function sameThing(old: string, now: string, context: TypeContext): boolean {
  const id = context.id("before", old);
  return id !== undefined && id === context.id("after", now);
}

function placeOf(part: Part, item: TableName & { readonly arguments?: string }): Place {
  const name = item.arguments === undefined ? item.name : `${item.name}(${item.arguments})`;
  return { part, schema: item.schema, name };
}

function keyOf(item: TableName & { readonly arguments?: string }): string {
  return `${item.schema}\u0000${item.name}\u0000${item.arguments ?? ""}`;
}

function dotted(item: TableName): string {
  return `${item.schema}.${item.name}`;
}
