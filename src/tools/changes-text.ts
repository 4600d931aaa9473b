/** The text block of `schema_changes`: one change a line or a few, for a model to read. Text from the database stands between ⟦ ⟧. */

import type { ChangeAnswer, ChangesAnswer } from "./changes-shape.js";
import { dataText } from "./tool.js";

export function changesText(answer: ChangesAnswer): string {
  const { matched, returned } = answer;
  const head =
    matched === 0
      ? `No change of schema between ${short(answer.from_version)} and ${short(answer.to_version)}.`
      : `${matched} changes from ${short(answer.from_version)} to ${short(answer.to_version)}${returned < matched ? `, ${returned} shown` : ""}:`;
  const stale = answer.stale ? [`The database could not be asked; this was known at ${answer.as_of}.`] : [];
  const more = answer.next_cursor === undefined ? [] : [`More: call again with cursor ${answer.next_cursor}`];
  return [head, ...stale, ...answer.changes.map(changeText), ...more].join("\n");
}

function changeText(change: ChangeAnswer): string {
  const renamed = change.renamed_from === undefined ? "" : ` (was ${data(change.renamed_from)})`;
  const values = renamed === "" ? valuesText(change) : "";
  const suspected =
    change.suspected === undefined
      ? ""
      : `; may be a rename with ${data(change.suspected.ref)} (${change.suspected.score}), unproven`;
  const lines = [
    `- [${change.severity}] ${change.kind} ${data(change.object)}${renamed}${values}${suspected} at ${change.at}`,
  ];
  for (const i of change.impact) {
    const mended = i.mended === undefined ? "" : ` → ${data(i.mended, 2000)}`;
    lines.push(`    hits ${i.what} ${data(i.ref)}: ${data(i.effect)}${mended}`);
  }
  for (const a of change.advice) lines.push(`    ${data(a.text)}${a.sql === undefined ? "" : ` ${data(a.sql, 2000)}`}`);
  return lines.join("\n");
}

function valuesText(change: ChangeAnswer): string {
  const { before, after } = change;
  if (before === undefined && after === undefined) return "";
  if (before === undefined) return `: ${data(String(after), 200)}`;
  return after === undefined
    ? `: was ${data(String(before), 200)}`
    : `: ${data(String(before), 200)} → ${data(String(after), 200)}`;
}

function data(text: string, maxChars = 300): string {
  return `⟦${dataText(text.replaceAll(/[⟦⟧]/gu, ""), maxChars)}⟧`;
}

function short(version: string): string {
  return version.slice(0, "sha256:".length + 12);
}
