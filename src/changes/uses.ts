/**
 * Who uses what: every dependent with the tables and columns it reads, views followed to the tables beneath them. Pure.
 * A column list that is not known (a view's) is not guessed: the view then depends on each column whose name its text mentions.
 */

import { globFits } from "../schema/glob.js";
import { parseRef, printRef, resolveRef, tableKey } from "../schema/names.js";
import type { SchemaSnapshot, Table } from "../schema/snapshot.js";
import type { Dependents, GlossaryShape, Impact, MetricShape } from "./dependents.js";
import { tokens } from "./text.js";

export interface Use {
  readonly what: Impact["what"];
  readonly ref: string;
  /** The text that mentions names, where there is one to mend. */
  readonly text?: string;
  /** Keys of the tables it reads, with the columns by name; an empty set means the table as a whole. */
  readonly reads: ReadonlyMap<string, ReadonlySet<string>>;
  /** Through which view or metric, where not by itself. */
  readonly through?: string;
}

/** All dependents of a source with what they read. */
export function usesOf(snapshot: SchemaSnapshot, dependents: Dependents): readonly Use[] {
  const direct = [
    ...viewUses(snapshot),
    ...policyUses(snapshot),
    ...metricUses(snapshot, dependents.glossary),
    ...termUses(snapshot, dependents),
    ...relationshipUses(dependents),
    ...queryUses(snapshot, dependents),
    ...(dependents.policies ?? []).map((p) => use("policy", p.name, readsOfRules(snapshot, p.refs))),
  ];
  return [...direct, ...throughViews(snapshot, direct)];
}

function use(what: Use["what"], ref: string, reads: Use["reads"], text?: string): Use {
  return { what, ref, reads, ...(text === undefined ? {} : { text }) };
}

function viewUses(snapshot: SchemaSnapshot): readonly Use[] {
  return snapshot.tables
    .filter((t) => t.viewReads !== undefined || t.definition !== undefined)
    .map((view) => {
      const words = new Set(tokens(view.definition ?? "", snapshot.dialect).map((t) => t.text));
      const reads = new Map<string, ReadonlySet<string>>();
      for (const source of sourcesOf(view, words, snapshot)) {
        const mentioned = source.columns.map((c) => c.name).filter((c) => words.has(c) || words.has(c.toLowerCase()));
        reads.set(tableKey(source), new Set(mentioned));
      }
      return use("view", printRef(snapshot, view), reads, view.definition);
    });
}

/** What a view reads: as the database says, else every table whose name its text mentions. */
function sourcesOf(view: Table, words: ReadonlySet<string>, snapshot: SchemaSnapshot): readonly Table[] {
  const wanted = view.viewReads && new Set(view.viewReads.map(tableKey));
  return snapshot.tables.filter((t) =>
    wanted === undefined
      ? t !== view && (words.has(t.name) || words.has(t.name.toLowerCase()))
      : wanted.has(tableKey(t)),
  );
}

function policyUses(snapshot: SchemaSnapshot): readonly Use[] {
  return snapshot.tables.flatMap((table) =>
    table.policies.map((policy) => {
      const text = [policy.using, policy.check].filter((x) => x !== undefined).join(" ");
      const words = new Set(tokens(text, snapshot.dialect).map((t) => t.text));
      const columns = new Set(table.columns.map((c) => c.name).filter((c) => words.has(c)));
      return use("policy", `${printRef(snapshot, table)}.${policy.name}`, new Map([[tableKey(table), columns]]), text);
    }),
  );
}

function metricUses(snapshot: SchemaSnapshot, glossary: GlossaryShape | undefined): readonly Use[] {
  const metrics = glossary?.metrics ?? [];
  const byName = new Map(metrics.map((m) => [m.name.toLowerCase(), m]));
  return metrics.map((metric) =>
    use("glossary", metric.name, metricReads(snapshot, metric, byName, new Set()), metric.expression),
  );
}

/** Metrics over metrics (`{gross revenue} - {returns}`) read what those read. */
function metricReads(
  snapshot: SchemaSnapshot,
  metric: MetricShape,
  byName: ReadonlyMap<string, MetricShape>,
  seen: ReadonlySet<string>,
): Use["reads"] {
  const extra = [metric.time, metric.semi_additive?.over, metric.currency, ...metric.filters.map((f) => f.term)];
  const refs = [...refsInExpression(snapshot, metric.expression), ...extra.filter((r) => r !== undefined)];
  const reads = readsOfRefs(snapshot, refs);
  for (const [, name] of metric.expression.matchAll(/\{([^}]+)\}/gu)) {
    const inner = byName.get((name ?? "").trim().toLowerCase());
    if (inner === undefined || seen.has(inner.name)) continue;
    merge(reads, metricReads(snapshot, inner, byName, new Set([...seen, metric.name])));
  }
  return reads;
}

/** Dotted names in an expression over columns: `orders.total`, `sales.orders."Total"`. */
function refsInExpression(snapshot: SchemaSnapshot, expression: string): readonly string[] {
  const list = tokens(expression.replaceAll(/\{[^}]*\}/gu, " "), snapshot.dialect);
  const refs: string[] = [];
  for (let i = 0; i < list.length; i++) {
    let ref = "";
    while (list[i]?.kind === "word" || list[i]?.kind === "quoted") {
      const token = list[i];
      ref += token === undefined ? "" : expressionName(token.text);
      if (list[i + 1]?.text !== ".") break;
      ref += ".";
      i += 2;
    }
    if (ref !== "") refs.push(ref);
  }
  return refs.filter((ref) => (parseRef(ref)?.length ?? 0) > 1);
}

function expressionName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function termUses(snapshot: SchemaSnapshot, dependents: Dependents): readonly Use[] {
  const terms = (dependents.glossary?.terms ?? []).map((t) =>
    use("glossary", t.name, readsOfRefs(snapshot, [t.ref]), t.ref),
  );
  const learned = (dependents.mappings ?? [])
    .filter((m) => m.verdict === "correct")
    .map((m) => use("mapping", m.term, readsOfRefs(snapshot, [m.ref]), m.ref));
  return [...terms, ...learned];
}

function relationshipUses(dependents: Dependents): readonly Use[] {
  return (dependents.relationships ?? [])
    .filter((link) => link.origin !== "declared")
    .map((link) => {
      const reads = new Map<string, ReadonlySet<string>>();
      for (const side of [link.from, link.to]) merge(reads, new Map([[tableKey(side.table), new Set(side.columns)]]));
      const print = (side: typeof link.from) => `${side.table.name}(${side.columns.join(", ")})`;
      return use("relationship", `${print(link.from)} → ${print(link.to)}`, reads);
    });
}

function queryUses(snapshot: SchemaSnapshot, dependents: Dependents): readonly Use[] {
  return (dependents.queries ?? []).map((query) => {
    const reads = readsOfRefs(snapshot, [...query.reads.tables, ...query.reads.columns]);
    return use("query", query.title ?? query.fingerprint, reads, query.sql);
  });
}

/** What reads a view reads what the view reads, views of views included: such uses are told as "through" it. */
function throughViews(snapshot: SchemaSnapshot, direct: readonly Use[]): readonly Use[] {
  const byRef = new Map(snapshot.tables.map((t) => [printRef(snapshot, t), tableKey(t)]));
  const views = new Map(direct.filter((u) => u.what === "view").map((u) => [byRef.get(u.ref) ?? u.ref, u]));
  const found: Use[] = [];
  for (const reader of direct) {
    const queue = [...reader.reads.keys()];
    const seen = new Set(queue);
    for (let key = queue.pop(); key !== undefined; key = queue.pop()) {
      const view = views.get(key);
      if (view === undefined) continue;
      found.push({ what: reader.what, ref: reader.ref, reads: view.reads, through: view.ref });
      for (const next of view.reads.keys()) {
        if (!seen.has(next)) queue.push(next);
        seen.add(next);
      }
    }
  }
  return found;
}

function readsOfRefs(snapshot: SchemaSnapshot, refs: readonly string[]): Map<string, ReadonlySet<string>> {
  const reads = new Map<string, ReadonlySet<string>>();
  for (const ref of refs) {
    const found = resolveRef(snapshot, ref);
    if (found === undefined) continue;
    merge(reads, new Map([[tableKey(found.table), new Set(found.column === undefined ? [] : [found.column])]]));
  }
  return reads;
}

/** Refs and globs; one that fits everything names nothing in particular. */
function readsOfRules(snapshot: SchemaSnapshot, refs: readonly string[]): Map<string, ReadonlySet<string>> {
  const globs = refs.filter((ref) => ref.includes("*") && /[^*.]/u.test(ref));
  const reads = readsOfRefs(
    snapshot,
    refs.filter((ref) => !ref.includes("*")),
  );
  for (const glob of globs) {
    for (const table of snapshot.tables) {
      const names = [`${table.schema}.${table.name}`, table.name];
      const columns = table.columns.map((c) => c.name).filter((c) => names.some((n) => globFits(glob, `${n}.${c}`)));
      if (names.some((name) => globFits(glob, name))) merge(reads, new Map([[tableKey(table), new Set<string>()]]));
      else if (columns.length > 0) merge(reads, new Map([[tableKey(table), new Set(columns)]]));
    }
  }
  return reads;
}

function merge(into: Map<string, ReadonlySet<string>>, more: Use["reads"]): void {
  for (const [key, columns] of more) into.set(key, new Set([...(into.get(key) ?? []), ...columns]));
}
