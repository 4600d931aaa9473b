/**
 * Holds a statement against the policy: functions, operators, types, tables and columns, each by allow-list. What was parsed but not accounted
 * for is refused. Pure.
 */

import {
  callableNames,
  functionVerdict,
  mayReadColumn,
  mayReadTable,
  type Policy,
  restrictsColumns,
} from "../access/policy.js";
import { printRef } from "../schema/names.js";
import type { SchemaSnapshot } from "../schema/snapshot.js";
import type { Facts, Used } from "../sql/statement.js";
import { alike, nearest } from "./candidates.js";
import type { Finding } from "./finding.js";
import type { Resolution } from "./relation.js";

/** Names offered for one that is not known, at most. */
const maxCandidates = 3;

/** Functions, operators and types that the policy does not open. */
export function closedUses(facts: Facts, policy: Policy, snapshot: SchemaSnapshot): readonly Finding[] {
  return [
    ...facts.unknown.map((what) =>
      refusal("not_a_query", `The statement holds ${what}, which is not known to be harmless.`),
    ),
    ...facts.functions.flatMap((f) => functionFinding(f, policy, snapshot)),
    ...facts.operators.flatMap((o) => operatorFinding(o, policy)),
    ...facts.types.flatMap((t) => typeFinding(t, policy, snapshot)),
    ...facts.relations.flatMap((r) => catalogFinding(r, snapshot)),
  ];
}

function functionFinding(used: Used, policy: Policy, snapshot: SchemaSnapshot): readonly Finding[] {
  const verdict = functionVerdict(policy, snapshot, used.name);
  if (verdict === "allowed") return [];
  const name = used.name.at(-1) ?? "";
  if (verdict === "closed") {
    const help = "Only functions whose result depends on their arguments alone may be called.";
    return [{ ...refusal("function_closed", `The function "${name}" may not be called.`, used), help }];
  }
  const near = nearest(name, callableNames(policy, snapshot), maxCandidates);
  const candidates = [...near.filter((n) => likelier(n, name)), ...near.filter((n) => !likelier(n, name))];
  const fixes = candidates.map((text) => [{ ...used.span, text }]);
  const didYouMean = candidates[0] === undefined ? "." : `; did you mean "${candidates[0]}"?`;
  return [{ ...refusal("unknown_function", `There is no function "${name}"${didYouMean}`, used), candidates, fixes }];
}

/** Of names that are one slip away, the aggregates are what is written most. */
function likelier(candidate: string, name: string): boolean {
  return /^(count|sum|avg|min|max)$/.test(candidate) && alike(candidate, name);
}

function operatorFinding(used: Used, policy: Policy): readonly Finding[] {
  const symbol = used.name.at(-1) ?? "";
  const schema = used.name.length > 1 ? used.name[0] : undefined;
  const open =
    policy.operators === "any" ||
    (policy.operators.includes(symbol) && (schema === undefined || schema === "pg_catalog"));
  if (open || /^(NOT )?BETWEEN( SYMMETRIC)?$/.test(symbol)) return [];
  return [refusal("operator_closed", `The operator ${symbol} may not be used.`, used)];
}

function typeFinding(used: Used, policy: Policy, snapshot: SchemaSnapshot): readonly Finding[] {
  const written = (used.name[0] ?? "").replace(/\[\]$/, "");
  if (policy.types === "any" || policy.types.includes(written)) return [];
  const bare = written.split(".").at(-1) ?? written;
  const own = [...snapshot.enums, ...snapshot.domains, ...snapshot.composites, ...snapshot.tables];
  if (own.some((t) => t.name === bare)) return [];
  // A type that a column has: an extension's, for one.
  if (snapshot.tables.some((t) => t.columns.some((c) => c.type === written || c.type.startsWith(`${bare}(`))))
    return [];
  const finding = refusal("type_closed", `Values may not be cast to "${written}" here.`, used);
  const candidates = nearest(bare, policy.types, maxCandidates).filter((t) => alike(t, bare));
  return [{ ...finding, candidates, fixes: candidates.map((text) => [{ ...used.span, text }]) }];
}

function catalogFinding(used: Used, snapshot: SchemaSnapshot): readonly Finding[] {
  const name = (used.name.at(-1) ?? "").toLowerCase();
  const schema = used.name.at(-2)?.toLowerCase();
  const catalog =
    snapshot.dialect === "sqlite"
      ? /^(sqlite_|pragma_|dbstat$)/.test(name) || schema === "temp"
      : schema === undefined
        ? name.startsWith("pg_")
        : /^(pg_|information_schema$)/.test(schema);
  if (!catalog) return [];
  return [
    {
      ...refusal("catalog_closed", `"${used.name.join(".")}" is a system catalog.`, used),
      help: "discover_schema and schema_changes tell what catalogs hold.",
    },
  ];
}

/** Tables and columns that the role may not read, wherever the statement touches them. */
export function closedReads(
  resolution: Resolution,
  facts: Facts,
  policy: Policy,
  snapshot: SchemaSnapshot,
): readonly Finding[] {
  const tables = resolution.uses.filter((u) => !mayReadTable(policy, u.table));
  const columns = resolution.columns.filter(
    (c) => mayReadTable(policy, c.table) && !mayReadColumn(policy, c.table, c.column),
  );
  return [
    ...tables.map((u) =>
      refusal("table_closed", `The role "${policy.role}" may not read ${printRef(snapshot, u.table)}.`, u.item),
    ),
    ...columns.map((c) =>
      refusal("column_closed", `The role "${policy.role}" may not read ${printRef(snapshot, c.table, c.column)}.`, c),
    ),
    ...unaccounted(resolution, facts),
    ...(restrictsColumns(policy) ? hidden(resolution, policy) : []),
  ];
}

/** Every relation that the parser saw must have been resolved or reported: a hole in the resolver may not become a hole in the policy. */
function unaccounted(resolution: Resolution, facts: Facts): readonly Finding[] {
  const seen = resolution.relationSpans;
  const missed = facts.relations.filter((r) => !seen.has(r.span.start));
  return missed.map((r) => refusal("not_a_query", `The use of "${r.name.join(".")}" could not be followed.`, r));
}

/** Where columns are restricted, a row source with columns that are not known could hide one. */
function hidden(resolution: Resolution, policy: Policy): readonly Finding[] {
  return [...resolution.scopes.values()]
    .flatMap((s) => s.relations)
    .filter((r) => r.open && r.table !== undefined)
    .map((r) =>
      refusal(
        "table_closed",
        `The columns of "${r.name}" are not known, and the role "${policy.role}" may not read all.`,
        r.item,
      ),
    );
}

function refusal(code: Finding["code"], message: string, at?: { readonly span: Finding["span"] }): Finding {
  return { code, severity: "error", message, ...(at?.span === undefined ? {} : { span: at.span }) };
}
