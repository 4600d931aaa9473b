/** Judges an answer of build_query by what its golden expects: complaints in words, none where all is right. */

import { defaultPolicy } from "../../src/access/policy.js";
import { checkStatement } from "../../src/check/check.js";
import type { BuildAnswer } from "../../src/query/answer.js";
import { buildQuery } from "../../src/query/build.js";
import { allowed, type Golden, sameRowsSql } from "./golden.js";
import type { Ledger } from "./ledgers.js";
import { difference, type Rows } from "./rows.js";

export async function complaintsOf(answer: BuildAnswer, golden: Golden, ledger: Ledger): Promise<readonly string[]> {
  const statuses = allowed(golden, ledger.dialect);
  if (!statuses.includes(answer.status)) return [`${statuses.join(" or ")} expected, got ${explain(answer)}`];
  if (answer.status === "ok") {
    return [...(await rowComplaints(answer, golden, ledger)), ...(await wordComplaints(answer, golden, ledger))];
  }
  const leaked = answer.sql === undefined ? [] : ["SQL is given beside a question or a refusal"];
  return [
    ...leaked,
    ...(answer.status === "refused" ? refusalComplaints(answer, golden) : questionComplaints(answer, golden, ledger)),
  ];
}

/** An answer as a folder keeps it: the parameters and the statement; or what was refused or asked. */
export function keptText(answer: BuildAnswer): string {
  if (answer.status === "refused") return `-- refused: ${answer.issues.map((i) => i.code).join(", ")}\n`;
  if (answer.status === "needs_clarification") {
    return `-- asked:\n${(answer.question?.options ?? []).map((o) => `--   ${o.label}\n`).join("")}`;
  }
  const params = (answer.params ?? []).map((value, at) => `-- ${at + 1}: ${JSON.stringify(value)}\n`);
  return `${params.join("")}${answer.sql ?? ""}\n`;
}

async function rowComplaints(answer: BuildAnswer, golden: Golden, ledger: Ledger): Promise<readonly string[]> {
  const { expected } = golden;
  const wantedSql = sameRowsSql(golden, ledger.dialect);
  if (wantedSql === undefined) return ["nothing says which rows are right"];
  const actual = await ledger.run(answer.sql ?? "", answer.params ?? []).catch((cause: unknown) => String(cause));
  if (typeof actual === "string") return [`the statement fails: ${actual}`];
  const declared = answer.columns.map((c) => c.name);
  if (declared.join() !== actual.columns.join())
    return [`columns say ${declared.join()}, the result has ${actual.columns.join()}`];
  const names = expected.columns ?? [];
  if (!expected.by_position && names.join() !== declared.join())
    return [`columns are ${declared.join()}, not ${names.join()}`];
  const wanted = await ledger.run(wantedSql);
  const width = expected.leading ?? (expected.by_position ? names.length : declared.length);
  const rows = actual.rows.map((row) => row.slice(0, width));
  const found = difference(
    expected.others === undefined ? rows : renamed(rows, wanted.rows, golden),
    wanted.rows,
    expected,
  );
  return found === undefined ? [] : [found];
}

/** The compiler's word for the rest, spelt as in the handwritten query: whatever stands where no wanted word stands. */
function renamed(rows: Rows, wanted: Rows, { expected }: Golden): Rows {
  const at = (expected.columns ?? []).indexOf(expected.others ?? "");
  const words = new Set(wanted.map((row) => row[at]));
  return rows.map((row) => row.map((cell, i) => (i === at && !words.has(cell) ? "(others)" : cell)));
}

/** What the answer says beside its rows: proof, assumptions, joins, the reconciling statement. */
async function wordComplaints(
  answer: BuildAnswer,
  { expected, intent }: Golden,
  ledger: Ledger,
): Promise<readonly string[]> {
  const complaints: string[] = [];
  const proven = new Set(answer.proof.map((p) => p.measure));
  for (const measure of intent.measures ?? []) {
    if (measure.as !== undefined && !proven.has(measure.as)) complaints.push(`no proof of ${measure.as}`);
  }
  const assumed = answer.assumptions.map((a) => a.text).join("\n");
  if (expected.assumes !== undefined && !assumed.includes(expected.assumes))
    complaints.push(`no assumption about ${expected.assumes}`);
  for (const { origin } of expected.joins ?? []) {
    if (!answer.joins.some((j) => j.origin === origin)) complaints.push(`no join of origin ${origin}`);
  }
  if (expected.reconcile && answer.reconcile_sql === undefined) complaints.push("no reconcile_sql");
  if (answer.reconcile_sql !== undefined) {
    const rows = await ledger.run(answer.reconcile_sql).then((r) => r.rows.length, String);
    if (rows === 0 || typeof rows === "string") complaints.push(`reconcile_sql gives nothing: ${rows}`);
  }
  return complaints;
}

/** What validate_query has against what we built: an error or a warning is a complaint. */
export async function checkComplaints(answer: BuildAnswer, ledger: Ledger): Promise<readonly string[]> {
  if (answer.sql === undefined) return [];
  const report = await checkStatement(answer.sql, answer.params ?? [], {
    view: ledger.context.view,
    policy: defaultPolicy(ledger.dialect),
    settings: { repair: false },
  });
  return report.issues.filter((i) => i.severity !== "info").map((i) => `${i.code}: ${i.message}`);
}

function refusalComplaints(answer: BuildAnswer, { expected }: Golden): readonly string[] {
  const complaints: string[] = [];
  if (answer.issues.length === 0) complaints.push("refused without an issue");
  const codes: readonly string[] = answer.issues.map((i) => i.code);
  if (expected.issue !== undefined && !expected.issue.some((code) => codes.includes(code))) {
    complaints.push(`refused with ${codes.join()}, not ${expected.issue.join(" or ")}`);
  }
  const candidates = answer.issues.flatMap((i) => i.candidates ?? []).join(" ");
  if (expected.candidates !== undefined && !candidates.includes(expected.candidates)) {
    complaints.push(`${expected.candidates} is not among the candidates: ${candidates}`);
  }
  return complaints;
}

/** A question lists one option for each reading, and each option is an intent that is answered. */
function questionComplaints(answer: BuildAnswer, { expected }: Golden, ledger: Ledger): readonly string[] {
  const options = answer.question?.options ?? [];
  const complaints: string[] = [];
  if (options.length < 2) complaints.push(`a question with ${options.length} options`);
  for (const option of options) {
    const built = buildQuery(option.intent, ledger.context);
    if (built.status !== "ok") complaints.push(`the option "${option.label}" is not answered: ${explain(built)}`);
  }
  if (expected.options === undefined) return complaints;
  if (options.length !== expected.options.length) {
    complaints.push(
      `${options.length} options for ${expected.options.length}: ${options.map((o) => o.label).join("; ")}`,
    );
  }
  const texts = options.map((o) => `${o.label} ${JSON.stringify(o.intent)}`);
  for (const word of expected.options) {
    if (!texts.some((text) => text.includes(word)))
      complaints.push(`no option names ${word}: ${options.map((o) => o.label).join("; ")}`);
  }
  return complaints;
}

function explain(answer: BuildAnswer): string {
  return [answer.status, answer.question?.text, ...answer.issues.map((i) => `${i.code}: ${i.message}`)].join(" | ");
}
