/**
 * Mends a statement: tries the edits that the findings propose, likeliest first, and offers the first text that passes the whole check. What is
 * offered has been examined like any other statement; nothing is offered that only might be right.
 */

import type { Relationship } from "../schema/relationships.js";
import type { SchemaSnapshot } from "../schema/snapshot.js";
import type { Examined } from "./examined.js";
import { applyEdits, type Finding } from "./finding.js";
import { wrongDialect } from "./idioms.js";
import type { Edit } from "./relation.js";
import { wrongTables } from "./wrong-table.js";

interface RepairContext {
  readonly snapshot: SchemaSnapshot;
  readonly relationships: readonly Relationship[];
  examine(sql: string): Promise<Examined>;
}

/** Texts that are examined at most, each a question to the database. */
const maxTries = 24;
/** Mending one fault can show the next: this many in a row. */
const maxRounds = 4;

/** Warnings whose mending is offered as well: the statement does not say what it seems to say. */
const worthMending = new Set<Finding["code"]>([
  "missing_group_by",
  "cartesian_product",
  "wrong_dialect",
  "null_comparison",
  "self_comparison",
  "type_mismatch",
  "join_on_unrelated",
]);

/** A mended statement that is valid; undefined where nothing is to be mended or nothing passes. */
export async function repair(sql: string, examined: Examined, context: RepairContext): Promise<string | undefined> {
  const budget = { left: maxTries };
  const toMend = faults(examined);
  if (toMend.length === 0) return undefined;
  return mend(sql, examined, { ...context, openJoins: openJoins(sql) }, budget, 1);
}

function faults(examined: Examined): readonly Finding[] {
  const errors = examined.findings.filter((f) => f.severity === "error");
  return errors.length > 0
    ? errors
    : examined.findings.filter((f) => worthMending.has(f.code) && (f.fixes?.length ?? 0) > 0);
}

/** Fewer and later faults are nearer to right: what is worth another round. */
function weight(examined: Examined): number {
  if (examined.parsed.kind === "unparsable") return 1000 - (examined.findings[0]?.span?.start ?? 0) / 1e7;
  return faults(examined).length + (examined.valid ? 0 : 100);
}

async function mend(
  sql: string,
  examined: Examined,
  context: RepairContext & { readonly openJoins: number },
  budget: { left: number },
  round: number,
): Promise<string | undefined> {
  const better: { readonly text: string; readonly examined: Examined }[] = [];
  let passing: string | undefined;
  for (const text of proposals(sql, examined, context)) {
    if (budget.left-- <= 0) return passing;
    const tried = await context.examine(text);
    const isClosed = openJoins(text) <= context.openJoins;
    if (tried.valid && faults(tried).length === 0 && isClosed) return text;
    // Valid and still lying: kept for want of better.
    const isCartesian = tried.findings.some((f) => f.code === "cartesian_product");
    if (tried.valid && !examined.valid && !isCartesian && isClosed) passing ??= text;
    if (weight(tried) < weight(examined) || progressed(examined, tried)) better.push({ text, examined: tried });
  }
  if (round >= maxRounds) return passing;
  for (const { text, examined: tried } of better.slice(0, 3)) {
    const mended = await mend(text, tried, context, budget, round + 1);
    if (mended !== undefined) return mended;
  }
  return passing;
}

/** Joins ON true. One that was given it for want of a condition is parsed, not mended. */
function openJoins(sql: string): number {
  return sql.match(/\bON true\b/gi)?.length ?? 0;
}

/** The same count of faults, but others: one was mended and hid the next. */
function progressed(before: Examined, after: Examined): boolean {
  if (after.parsed.kind === "unparsable") return false;
  const said = new Set(before.findings.map((f) => `${f.code} ${f.message}`));
  return (
    faults(after).length <= faults(before).length && faults(after).every((f) => !said.has(`${f.code} ${f.message}`))
  );
}

/** Texts to try: all first fixes at once, then each other fix of each fault in turn, then other tables. */
function* proposals(sql: string, examined: Examined, context: RepairContext): Generator<string> {
  const seen = new Set<string>([sql]);
  const unseen = function* (edits: readonly Edit[]) {
    const text = applyEdits(sql, edits);
    if (text === undefined || seen.has(text)) return;
    seen.add(text);
    yield text;
  };
  const [first] = examined.parsed.statements;
  if (examined.parsed.kind === "multiple" && first !== undefined) {
    yield first.sql;
    return;
  }
  const found = faults(examined);
  const idioms = wrongDialect(sql, context.snapshot.dialect);
  const choices = found.filter((f) => (f.fixes?.length ?? 0) > 0);
  if (idioms.length > 0) yield* unseen(withoutOverlap([...idioms, ...choices].flatMap((f) => f.fixes?.[0] ?? [])));
  const others = wrongTables(examined, context.snapshot, context.relationships);
  for (const { edits } of others.filter((o) => o.known)) yield* unseen(edits);
  yield* unseen(withoutOverlap(choices.flatMap((f) => f.fixes?.[0] ?? [])));
  for (const choice of choices) {
    const rest = choices.filter((c) => c !== choice).flatMap((c) => c.fixes?.[0] ?? []);
    for (const fix of choice.fixes?.slice(1) ?? []) yield* unseen(withoutOverlap([...fix, ...rest]));
  }
  for (const choice of choices) for (const fix of choice.fixes ?? []) yield* unseen(fix);
  for (const { edits } of others) yield* unseen(edits);
}

/** Earlier edits win where two would change the same place; the same edit twice is one. */
function withoutOverlap(edits: readonly Edit[]): readonly Edit[] {
  const kept: Edit[] = [];
  for (const edit of edits) {
    const clash = kept.some(
      (k) => (edit.start < k.end && k.start < edit.end) || (edit.start === k.start && edit.end === k.end),
    );
    if (!clash) kept.push(edit);
  }
  return kept;
}
