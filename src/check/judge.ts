/**
 * Weighs what the resolver found against what the database said. The database's word on validity is final; the resolver's findings then give the
 * places and candidates. Without the database the snapshot's word counts alone.
 */

import type { Issue, IssueCode } from "../issue.js";
import { tokenize } from "../sql/lexer.js";
import type { CompiledTruth } from "./examined.js";
import type { Finding } from "./finding.js";
import { groupingFindings } from "./grouping.js";
import type { RuleInput } from "./rule.js";
import { typeFindings } from "./type-clash.js";

/** Errors of names, types and grouping. */
/** With `unsure` (a function that is not known) nothing is said of grouping: it might aggregate. */
export function judge(input: RuleInput, truth: CompiledTruth | undefined, unsure: boolean): readonly Finding[] {
  const names = input.resolution.problems.map((p): Finding => ({ ...p, severity: "error" }));
  const own = [...names, ...typeFindings(input), ...(unsure ? [] : groupingFindings(input))];
  if (truth === undefined) return own;
  if (truth.valid) return [...notYetSeen(names), ...own.filter((f) => f.severity === "warning")];
  return mended(input, truth, own);
}

/** The database knows a table that the snapshot does not: closed until the schema has been looked at again. */
function notYetSeen(names: readonly Finding[]): readonly Finding[] {
  return names
    .filter((f) => f.code === "unknown_table" || f.code === "unknown_schema")
    .map((f) => ({ ...f, code: "stale_schema", help: "It is not among the tables that this source shows." }));
}

/** The database's issues, each with the place and candidates of ours where both mean the same. */
function mended(input: RuleInput, truth: CompiledTruth, own: readonly Finding[]): readonly Finding[] {
  const used = new Set<Finding>();
  const theirs = truth.issues.map((issue): Finding => {
    const same = own.find((f) => !used.has(f) && sameFault(f, issue));
    if (same !== undefined) used.add(same);
    if (same !== undefined) return { ...same, severity: "error" };
    return fromDatabase(issue, input.sql, input.view.snapshot.dialect);
  });
  // The database stops at its first error; the names that we know to be wrong are told in one go.
  const more = own.filter((f) => !used.has(f) && f.severity === "error");
  const unplaced = theirs.filter((f) => f.span === undefined && more.length > 0 && nameCodes.has(f.code));
  return [...theirs.filter((f) => !unplaced.includes(f)), ...more];
}

const nameCodes = new Set<IssueCode>(["unknown_table", "unknown_column", "ambiguous_column", "unknown_schema"]);

function sameFault(finding: Finding, issue: Issue): boolean {
  const family = (code: IssueCode): string =>
    nameCodes.has(code) ? "name" : code === "unknown_function" ? "type_mismatch" : code;
  if (family(finding.code) !== family(issue.code)) return false;
  if (issue.at === undefined || finding.span === undefined) return true;
  const end = issue.at.offset + issue.at.length;
  return nameCodes.has(finding.code) ? overlaps(finding.span.start, finding.span.end, issue.at.offset, end) : true;
}

function overlaps(a: number, aEnd: number, b: number, bEnd: number): boolean {
  return a < bEnd && b < aEnd;
}

/** SQLite gives no place; the name at the end of its message is looked for in the text. */
function fromDatabase(issue: Issue, sql: string, dialect: "sqlite" | "postgres"): Finding {
  const { code, severity, message, at, help, candidates } = issue;
  const span =
    at === undefined ? placeByMessage(message, sql, dialect) : { start: at.offset, end: at.offset + at.length };
  return {
    code,
    severity,
    message,
    ...(span === undefined ? {} : { span }),
    ...(help === undefined ? {} : { help }),
    ...(candidates === undefined ? {} : { candidates }),
  };
}

function placeByMessage(
  message: string,
  sql: string,
  dialect: "sqlite" | "postgres",
): { start: number; end: number } | undefined {
  const named = /^no such \w+: (.+?)\.?$|near "(.+?)"|ambiguous column name: (.+?)\.?$|function:? (\w+)\(?/i.exec(
    message,
  );
  const name = named
    ?.slice(1)
    .find((g) => g !== undefined)
    ?.split(".")
    .at(-1)
    ?.toLowerCase();
  if (name === undefined) return undefined;
  const token = tokenize(sql, dialect).find((t) => t.value.toLowerCase() === name || t.text.toLowerCase() === name);
  return token === undefined ? undefined : { start: token.start, end: token.end };
}
