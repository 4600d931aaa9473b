/** What a check has to say, before it becomes an issue with its place: the code, the stretch, and edits that would mend it, best first. */

import { type Issue, type IssueCode, placeIn, type Severity } from "../issue.js";
import type { Span } from "../sql/tree.js";
import type { Edit } from "./relation.js";

export interface Finding {
  readonly code: IssueCode;
  readonly severity: Severity;
  readonly message: string;
  readonly span?: Span;
  readonly help?: string;
  readonly candidates?: readonly string[];
  /** Ways to mend it, best first; each is a set of edits. */
  readonly fixes?: readonly (readonly Edit[])[];
}

export function issueFrom(finding: Finding, sql: string): Issue {
  const { code, severity, message, span, help, candidates } = finding;
  return {
    code,
    severity,
    message,
    ...(span === undefined ? {} : { at: placeIn(sql, span.start, span.end - span.start) }),
    ...(help === undefined ? {} : { help }),
    ...(candidates === undefined || candidates.length === 0 ? {} : { candidates }),
  };
}

/** `sql` with edits made; undefined where two of them overlap. */
export function applyEdits(sql: string, edits: readonly Edit[]): string | undefined {
  const ordered = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  let text = "";
  let at = 0;
  for (const edit of ordered) {
    if (edit.start < at) return undefined;
    text += sql.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return text + sql.slice(at);
}
