/** Changes as a text for a migration review: worst first, with what they break and the steps to take. Pure. Markdown. */

import type { DialectName } from "../schema/snapshot.js";
import { adviceFor } from "./advice.js";
import type { SchemaChange } from "./change.js";
import type { Gate } from "./kinds.js";
import { failGate } from "./severity.js";
import { shownAfter, shownBefore } from "./shown.js";

export interface ReviewSubject {
  readonly source: string;
  readonly from: string;
  readonly to: string;
  readonly dialect: DialectName;
  readonly changes: readonly SchemaChange[];
}

const levels: readonly Exclude<Gate, "none">[] = ["exec", "read", "result"];

/** The review of all changes from one version to another. */
export function reviewText(subject: ReviewSubject): string {
  const { changes } = subject;
  const lines = [
    `# Schema review: ${subject.source}`,
    "",
    `From ${subject.from} to ${subject.to}: ${changes.length} changes.`,
    `Gates: ${levels.map((level) => `${level} ${verdict(changes, level)}`).join(", ")}.`,
  ];
  for (const severity of ["breaking", "risky", "safe"] as const) {
    const found = changes.filter((c) => c.severity === severity);
    if (found.length === 0) continue;
    lines.push("", `## ${severity} (${found.length})`, "");
    for (const change of found) lines.push(...changeLines(change, subject.dialect));
  }
  return `${lines.join("\n")}\n`;
}

function verdict(changes: readonly SchemaChange[], level: Exclude<Gate, "none">): string {
  const failing = failGate(changes, level).length;
  return failing === 0 ? "passes" : `fails (${failing})`;
}

function changeLines(change: SchemaChange, dialect: DialectName): readonly string[] {
  const former = change.renamedFrom === undefined ? "" : ` (was \`${change.renamedFrom}\`)`;
  const lines = [`- **${change.kind}** \`${change.object}\`${former}: ${change.summary}`];
  const [before, after] = [shownBefore(change), shownAfter(change)];
  if (former === "" && before !== undefined) lines.push(`  - before: \`${String(before)}\``);
  if (former === "" && after !== undefined) lines.push(`  - after: \`${String(after)}\``);
  for (const { text, sql } of adviceFor(change, dialect)) {
    lines.push(`  - ${text}`);
    if (sql !== undefined) lines.push("", "    ```sql", ...sql.split("\n").map((line) => `    ${line}`), "    ```", "");
  }
  return lines;
}
