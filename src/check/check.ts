/**
 * Checks one statement: is it one read-only query that this source would run now, does it read only what the policy opens, and does it say what
 * it seems to say? The database itself decides validity where it can be asked; positions, candidates and repairs come from here. Pure but for
 * the `compile` that it is given.
 */

import type { Policy } from "../access/policy.js";
import { type Issue, issueOf, SextantError } from "../issue.js";
import { printRef } from "../schema/names.js";
import type { TableName } from "../schema/snapshot.js";
import type { SchemaView } from "../schema/view.js";
import { parseSql } from "../sql/parse.js";
import type { Parsed, StatementKind } from "../sql/statement.js";
import { closedReads, closedUses } from "./allow.js";
import type { CompiledTruth, Examined } from "./examined.js";
import { applyEdits, type Finding, issueFrom } from "./finding.js";
import { wrongDialect } from "./idioms.js";
import { judge } from "./judge.js";
import { KeyFinder } from "./keys.js";
import { repair } from "./repair.js";
import { resolve } from "./resolve.js";
import { withRowFilters } from "./row-filters.js";
import { rules } from "./rules.js";

export interface CheckContext {
  readonly view: SchemaView;
  readonly policy: Policy;
  /** The database's own truth (`Connector.compile`); left out where it cannot be asked, and the report says so. */
  readonly compile?: (sql: string) => Promise<CompiledTruth>;
  readonly settings?: CheckSettings;
}

export interface CheckSettings {
  /** Look for statements that run and lie. Default true. */
  readonly lint?: boolean;
  /** Try to mend what is wrong. Default true. */
  readonly repair?: boolean;
}

/** The contract's fields of validate_query, and what else a caller needs. */
export interface CheckReport {
  readonly valid: boolean;
  readonly statement: StatementKind;
  readonly read_only: boolean;
  readonly issues: readonly Issue[];
  /** A mended statement that has passed this same check. */
  readonly fixed_sql?: string;
  readonly reads: { readonly tables: readonly string[]; readonly columns: readonly string[] };
  /** With the Refs of the stored columns that each comes from. */
  readonly result_columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly from: readonly string[];
  }[];
  readonly hints: readonly { readonly code: string; readonly text: string; readonly sql?: string }[];
  /** What may run: the statement with the policy's row filters laid over it. */
  readonly sql: string;
  /** Whether the database was asked. */
  readonly compiled: boolean;
}

/** Checks `sql`. `params` are counted, never looked into; `undefined` where they are not known yet. */
export async function checkStatement(
  sql: string,
  params: readonly unknown[] | undefined,
  context: CheckContext,
): Promise<CheckReport> {
  const examined = await examine(sql, params, context);
  if (context.settings?.repair === false) return reportOf(examined, context, undefined, []);
  const fixed = await repair(sql, examined, {
    snapshot: context.view.snapshot,
    relationships: context.view.relationships,
    examine: (text) => examine(text, undefined, context),
  });
  return reportOf(examined, context, fixed, await hintsOf(examined, fixed, context));
}

async function examine(sql: string, params: readonly unknown[] | undefined, context: CheckContext): Promise<Examined> {
  const { snapshot } = context.view;
  const parsed = await parseSql(sql, snapshot.dialect);
  const form = formOf(sql, parsed, context);
  if (parsed.query === undefined || form.findings.length > 0) {
    return { sql, parsed, readOnly: form.readOnly, valid: false, findings: form.findings };
  }
  const resolution = resolve(parsed.query, snapshot);
  const facts = parsed.facts;
  const closed =
    facts === undefined
      ? []
      : [...closedUses(facts, context.policy, snapshot), ...closedReads(resolution, facts, context.policy, snapshot)];
  const refused = closed.filter((f) => f.code !== "unknown_function");
  // A statement that the policy refuses is not shown to the database.
  const asked = refused.length > 0 ? {} : await ask(sql, context);
  const { truth } = asked;
  const keys = new KeyFinder(resolution, context.view);
  const input = { sql, query: parsed.query, resolution, view: context.view, keys };
  const errors = [
    ...(truth?.valid === true ? closed.map(knownThere) : closed),
    ...judge(input, truth, closed.length > 0),
    ...countParams(parsed, params),
  ];
  const valid = errors.every((f) => f.severity !== "error");
  const warnings = context.settings?.lint === false ? [] : rules.flatMap((rule) => rule(input));
  const findings = [...errors, ...(valid ? warnings : [])];
  return { sql, parsed, readOnly: truth?.writes !== true, valid, findings, resolution, ...asked };
}

/** A function that the database knows and the policy does not is closed, not unknown. */
function knownThere(finding: Finding): Finding {
  if (finding.code !== "unknown_function") return finding;
  const { span } = finding;
  return {
    code: "function_closed",
    severity: "error",
    message: "The function is not among those that may be called.",
    ...(span === undefined ? {} : { span }),
  };
}

/** Statements that a hint writes out at most: each is examined first. */
const maxHints = 3;

/** For warnings that have a mending which is not offered as `fixed_sql`: what to do, with a statement that is valid. */
async function hintsOf(
  examined: Examined,
  fixed: string | undefined,
  context: CheckContext,
): Promise<CheckReport["hints"]> {
  if (!examined.valid || fixed !== undefined) return [];
  const hints: { readonly code: string; readonly text: string; readonly sql: string }[] = [];
  for (const { code, help, message, fixes } of examined.findings) {
    const sql = fixes?.[0] === undefined ? undefined : applyEdits(examined.sql, fixes[0]);
    if (sql === undefined || hints.length >= maxHints) continue;
    const tried = await examine(sql, undefined, context);
    if (tried.valid) hints.push({ code, text: help ?? message, sql });
  }
  return hints;
}

/** What the form alone decides: one statement, a query, nothing that writes. */
function formOf(
  sql: string,
  parsed: Parsed,
  context: CheckContext,
): { readonly readOnly: boolean; readonly findings: readonly Finding[] } {
  if (parsed.fault !== undefined) {
    const foreign = wrongDialect(sql, context.view.snapshot.dialect);
    const fault: Finding = {
      code: "syntax_error",
      severity: "error",
      message: sentence(parsed.fault.message),
      span: parsed.fault.span,
    };
    return { readOnly: false, findings: [fault, ...foreign] };
  }
  if (parsed.kind === "multiple") {
    const second = parsed.statements[1];
    const span = second === undefined ? {} : { span: { start: second.start, end: second.end } };
    const message = `The text holds ${parsed.statements.length} statements; one is allowed.`;
    return {
      readOnly: false,
      findings: [
        { code: "multiple_statements", severity: "error", message, help: "Send one statement at a time.", ...span },
      ],
    };
  }
  const [write] = parsed.facts?.writes ?? [];
  if (parsed.kind !== "select" || write !== undefined) {
    const what = write?.name[0] ?? parsed.kind.toUpperCase();
    const message =
      parsed.kind === "utility" ? "Only a query may run here." : `Only a query may run here; this holds ${what}.`;
    const help = "Send one SELECT, WITH or VALUES that only reads.";
    const span = write === undefined ? {} : { span: write.span };
    return { readOnly: false, findings: [{ code: "not_read_only", severity: "error", message, help, ...span }] };
  }
  return { readOnly: true, findings: [] };
}

const unasked: Issue = {
  code: "not_compiled",
  severity: "info",
  message: "The database was not asked; this rests on the snapshot of its schema.",
};

/** The database's answer. Where it cannot be reached the snapshot's word has to do, and the report says so. */
async function ask(sql: string, context: CheckContext): Promise<Pick<Examined, "truth" | "unasked">> {
  if (context.compile === undefined) return { unasked };
  try {
    return { truth: await context.compile(sql) };
  } catch (thrown) {
    if (!(thrown instanceof SextantError) || thrown.code === "cancelled") throw thrown;
    return { unasked: { ...issueOf(thrown), severity: "info", code: "not_compiled" } };
  }
}

function countParams(parsed: Parsed, params: readonly unknown[] | undefined): readonly Finding[] {
  if (params === undefined) return [];
  const wanted = paramCount(parsed.facts?.params ?? []);
  if (wanted === params.length) return [];
  const message = `The statement has ${wanted} parameter${wanted === 1 ? "" : "s"}, and ${params.length} value${params.length === 1 ? " was" : "s were"} given.`;
  return [
    { code: "parameter_missing", severity: "error", message, help: "Give one value for each parameter in `params`." },
  ];
}

/** `$3` and `?3` want three values; each bare `?` wants one; each name wants one however often it stands. */
function paramCount(params: readonly string[]): number {
  let count = 0;
  const names = new Set<string>();
  for (const param of params) {
    const number = /^[$?](\d+)$/.exec(param)?.[1];
    if (number !== undefined) count = Math.max(count, Number(number));
    else if (param === "?") count++;
    else names.add(param);
  }
  return count + names.size;
}

function reportOf(
  examined: Examined,
  context: CheckContext,
  fixed: string | undefined,
  hints: CheckReport["hints"],
): CheckReport {
  const { snapshot } = context.view;
  const { resolution, truth, sql } = examined;
  const issues = examined.findings.map((f) => issueFrom(f, sql));
  const refs = (sources: readonly { readonly table: TableName; readonly column: string }[]) => [
    ...new Set(sources.map((s) => printRef(snapshot, s.table, s.column))),
  ];
  const known = resolution?.output ?? [];
  const columns = truth?.valid === true ? truth.columns : known.map((c) => ({ name: c.name, type: c.type ?? "" }));
  return {
    valid: examined.valid,
    statement: examined.parsed.kind,
    read_only: examined.readOnly,
    issues: examined.unasked === undefined ? issues : [...issues, examined.unasked],
    ...(fixed === undefined ? {} : { fixed_sql: fixed }),
    reads: {
      tables: (resolution?.tables ?? []).map((t) => printRef(snapshot, t)).toSorted(),
      columns: refs(resolution?.columns ?? []).toSorted(),
    },
    result_columns: columns.map((c, i) => ({ name: c.name, type: c.type, from: refs(known[i]?.sources ?? []) })),
    hints,
    sql: resolution === undefined ? sql : withRowFilters(sql, resolution, context.policy, snapshot.dialect),
    compiled: truth !== undefined,
  };
}

function sentence(text: string): string {
  const first = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}
