/**
 * A hand-kept static configuration (which metric is which table and column, which template is which question) read into entries, whatever of the
 * usual shapes it has. Says what an entry is, not whether it still holds: `import-static.ts` does. What is not understood is an entry of
 * its own with the reason; nothing is dropped in silence. Pure.
 */

import { isObject } from "./layers.js";

export interface StaticFilter {
  readonly column: string;
  readonly op: "=" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "is_null" | "is_not_null";
  readonly value?: string | number | (string | number)[];
}

export type StaticEntry =
  | {
      readonly kind: "term";
      readonly name: string;
      readonly path: readonly string[];
      readonly ref: string;
      readonly synonyms: readonly string[];
      readonly description?: string;
    }
  | {
      readonly kind: "metric";
      readonly name: string;
      readonly path: readonly string[];
      readonly table: string;
      /** `sum(total)`: columns of `table`, not yet qualified. */
      readonly expression: string;
      readonly filters: readonly StaticFilter[];
      readonly time?: string;
      readonly unit?: string;
      readonly synonyms: readonly string[];
      readonly description?: string;
    }
  | { readonly kind: "template"; readonly name: string; readonly path: readonly string[]; readonly sql: string }
  | { readonly kind: "unknown"; readonly name: string; readonly path: readonly string[]; readonly why: string };

type Shape = Readonly<Record<string, unknown>>;
type Read = (name: string, value: unknown, path: readonly string[]) => StaticEntry;

/** The names that such files give their parts. */
const parts: readonly (readonly [RegExp, Read])[] = [
  [/^(metrics?|metric_?(map|maps|mapping|mappings)|measures?|kpis?)$/iu, metricOf],
  [/^(tables?|table_?(map|mapping|mappings)|entities)$/iu, termOf],
  [/^(columns?|column_?(map|mapping|mappings)|dimensions?|fields?|terms?|synonyms|mappings?)$/iu, termOf],
  [/^(templates?|sql_?templates?|queries|query_?templates?)$/iu, templateOf],
];

/** Every entry of a parsed file, in its order. */
export function staticEntries(file: unknown): readonly StaticEntry[] {
  if (!isObject(file)) return [{ kind: "unknown", name: "", path: [], why: "the file holds no object at its top" }];
  return Object.entries(file).flatMap(([part, entries]) => {
    const read = parts.find(([name]) => name.test(part))?.[1];
    if (read === undefined)
      return [
        {
          kind: "unknown" as const,
          name: part,
          path: [part],
          why: "is no part that is understood (metrics, tables, columns, templates)",
        },
      ];
    return named(entries).map(([name, value, at]) => read(name, value, [part, at]));
  });
}

/** A map by name, or a list of objects that carry theirs. */
function named(entries: unknown): readonly (readonly [name: string, value: unknown, at: string])[] {
  if (Array.isArray(entries))
    return entries.map((entry: unknown, i) => [
      textOf(entry, "name", "id", "metric", "term") ?? `entry ${i + 1}`,
      entry,
      String(i),
    ]);
  return isObject(entries) ? Object.entries(entries).map(([name, value]) => [name, value, name]) : [];
}

function termOf(name: string, value: unknown, path: readonly string[]): StaticEntry {
  const ref = typeof value === "string" ? value : refOf(value);
  if (ref === undefined) return { kind: "unknown", name, path, why: "names no table or column" };
  return { kind: "term", name: words(name), path, ref, ...about(value) };
}

function metricOf(name: string, value: unknown, path: readonly string[]): StaticEntry {
  const sql =
    typeof value === "string" && /^\s*(select|with)\b/iu.test(value)
      ? value
      : textOf(value, "sql", "query", "template");
  if (sql !== undefined) return templateOf(name, sql, path);
  // A column alone does not say how it is summed up: it is a term, and the agent says the rest.
  if (typeof value === "string") return termOf(name, value, path);
  const [table, column] = [
    textOf(value, "table", "from", "source_table"),
    textOf(value, "column", "field", "value_column"),
  ];
  const aggregate = textOf(value, "agg", "aggregation", "aggregate", "function")?.toLowerCase();
  const written = textOf(value, "expression", "formula", "expr");
  if (table === undefined) return { kind: "unknown", name, path, why: "names no table" };
  if (written === undefined && aggregate === undefined) return termOf(name, value, path);
  const expression = written ?? aggregateOf(aggregate ?? "", column ?? "*");
  if (expression === undefined)
    return { kind: "unknown", name, path, why: `has an aggregation that is not known: ${aggregate}` };
  const filters = filtersOf((value as Shape).filters ?? (value as Shape).filter ?? (value as Shape).where);
  if (filters === undefined)
    return { kind: "unknown", name, path, why: "has a filter that is more than comparisons joined by AND" };
  const [time, unit] = [textOf(value, "time", "time_column", "date_column", "date"), textOf(value, "unit")];
  return {
    kind: "metric",
    name: words(name),
    path,
    table,
    expression,
    filters,
    ...(time && { time }),
    ...(unit && { unit }),
    ...about(value),
  };
}

/** `SELECT agg(…) FROM one_table [WHERE comparisons]` is a metric; any other template stays one. */
function templateOf(name: string, value: unknown, path: readonly string[]): StaticEntry {
  const sql = typeof value === "string" ? value : textOf(value, "sql", "query", "template");
  if (sql === undefined) return { kind: "unknown", name, path, why: "holds no SQL" };
  const simple =
    /^\s*select\s+((?:sum|count|avg|min|max)\s*\((?:[^()]|\([^()]*\))*\))(?:\s+(?:as\s+)?[\w"]+)?\s+from\s+([\w."]+)(?:\s+where\s+(.+?))?\s*;?\s*$/isu.exec(
      sql,
    );
  const [, expression, table, where] = simple ?? [];
  const filters = where === undefined ? [] : filtersOf(where);
  if (expression === undefined || table === undefined || filters === undefined)
    return { kind: "template", name: words(name), path, sql };
  return { kind: "metric", name: words(name), path, table, expression, filters, ...about(value) };
}

function aggregateOf(aggregate: string, column: string): string | undefined {
  if (/^(count_distinct|distinct_count|countdistinct)$/u.test(aggregate)) return `count(distinct ${column})`;
  if (aggregate === "average" || aggregate === "mean") return `avg(${column})`;
  return /^(sum|count|avg|min|max)$/u.test(aggregate) ? `${aggregate}(${column})` : undefined;
}

/** Comparisons, from text or from a map of column to value; undefined for more than that. */
function filtersOf(given: unknown): readonly StaticFilter[] | undefined {
  if (given === undefined || given === null || given === "") return [];
  const each = Array.isArray(given) ? given : typeof given === "string" ? given.split(/\s+and\s+/iu) : [given];
  const filters = each.flatMap((one: unknown) => {
    if (typeof one === "string") return [comparisonOf(one)];
    return isObject(one) ? Object.entries(one).map(([column, value]) => equalOf(column, value)) : [undefined];
  });
  return filters.every((filter) => filter !== undefined) ? filters : undefined;
}

function equalOf(column: string, value: unknown): StaticFilter | undefined {
  if (value === null) return { column, op: "is_null" };
  if (typeof value === "string" || typeof value === "number") return { column, op: "=", value };
  const isList = Array.isArray(value) && value.every((v) => typeof v === "string" || typeof v === "number");
  return isList ? { column, op: "in", value } : undefined;
}

function comparisonOf(text: string): StaticFilter | undefined {
  const nothing = /^\s*([\w."]+)\s+is\s+(not\s+)?null\s*$/iu.exec(text);
  if (nothing !== null) return { column: nothing[1] ?? "", op: nothing[2] === undefined ? "is_null" : "is_not_null" };
  const list = /^\s*([\w."]+)\s+in\s*\(([^()]*)\)\s*$/iu.exec(text);
  if (list !== null) {
    const values = (list[2] ?? "").split(",").map(literalOf);
    return values.every((v) => v !== undefined) ? { column: list[1] ?? "", op: "in", value: values } : undefined;
  }
  const [, column, op, right] = /^\s*([\w."]+)\s*(=|<>|!=|<=|>=|<|>)\s*(.+?)\s*$/u.exec(text) ?? [];
  const value = literalOf(right ?? "");
  if (column === undefined || value === undefined) return undefined;
  return { column, op: (op === "<>" ? "!=" : op) as StaticFilter["op"], value };
}

function literalOf(text: string): string | number | undefined {
  const quoted = /^\s*'((?:[^']|'')*)'\s*$/u.exec(text);
  if (quoted !== null) return (quoted[1] ?? "").replaceAll("''", "'");
  return /^\s*-?\d+(\.\d+)?\s*$/u.test(text) ? Number(text) : undefined;
}

function refOf(value: unknown): string | undefined {
  const [table, column] = [
    textOf(value, "table", "from", "source_table"),
    textOf(value, "column", "field", "value_column"),
  ];
  return table === undefined ? textOf(value, "ref", "column") : column === undefined ? table : `${table}.${column}`;
}

function about(value: unknown): { readonly synonyms: readonly string[]; readonly description?: string } {
  const given = isObject(value) ? (value.synonyms ?? value.aliases ?? value.keywords) : undefined;
  const synonyms = Array.isArray(given)
    ? given.filter((each): each is string => typeof each === "string" && each !== "")
    : [];
  const description = textOf(value, "description", "label", "comment");
  return { synonyms, ...(description !== undefined && { description }) };
}

function textOf(value: unknown, ...names: readonly string[]): string | undefined {
  if (!isObject(value)) return undefined;
  const found = names.map((name) => value[name]).find((each) => typeof each === "string" && each.trim() !== "");
  return found as string | undefined;
}

/** `gross_revenue` and `grossRevenue` as people say them. */
function words(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/gu, "$1 $2")
    .replaceAll(/[_-]+/gu, " ")
    .trim()
    .toLowerCase();
}
