/**
 * Whose a word of a question is: the nouns that stand before it (`employee names`, `the station's name`) and those that follow it with "of" (`names and
 * ages of the employees`), reached past words joined by "and". A table that such a noun means owns the column that the word means. Pure.
 */

import type { Covered } from "./coverage.js";
import type { Token } from "./words.js";

/** Runs of tokens that may modify a place, likeliest first. */
export type Modifiers = readonly (readonly number[])[];

/** The run that some table's name meets, with how likely a kind it is (0 the likeliest) and how well it is met at best. */
export interface Owner {
  readonly run: readonly number[];
  readonly kind: number;
  readonly best: number;
}

/** Words of one noun, and words passed over on the way to it. */
const maxNoun = 3;
const maxPassed = 8;

const joins = /^(?:and|or|,|&|as|well)$/u;
/** What counts or sums the noun that follows "of" says nothing of the words before it (`name and number of trains`). */
const counts = /^(?:number|count|amount|total|sum|average|maximum|minimum)$/u;
const owners = /^(?:of|for|in|from|that|which|who|where|to|on|by)$/u;
const articles =
  /^(?:the|a|an|all|any|each|every|those|these|this|that|its|their|his|her|'|’|"|s|both|different|distinct|other|some)$/u;

const noun = (token: Token | undefined): boolean => token?.kind === "word" && !token.stop;

/** The run of nouns that ends before `end`. */
function runBefore(tokens: readonly Token[], end: number): number[] {
  const run: number[] = [];
  let at = end - 1;
  while (at >= 0 && run.length < maxNoun) {
    const token = tokens[at];
    if (noun(token)) run.push(at);
    else if (run.length > 0 || !/^['’]$|^s$/u.test(token?.lower ?? "")) break;
    at -= 1;
  }
  return run;
}

/** The run of nouns that begins at `start`, articles skipped. */
function runAfter(tokens: readonly Token[], start: number): number[] {
  let at = start;
  while (at < tokens.length && articles.test(tokens[at]?.lower ?? "")) at += 1;
  const run: number[] = [];
  while (noun(tokens[at]) && run.length < maxNoun) {
    run.push(at);
    at += 1;
  }
  return run;
}

/** What modifies the words from `from` to `to` (exclusive). */
export function modifiersOf(tokens: readonly Token[], from: number, to: number): Modifiers {
  const before = runBefore(tokens, from);
  let beforeChained: number[] = [];
  let at = from - 1;
  for (let passed = 0; passed < maxPassed && at >= 0; passed += 1) {
    const token = tokens[at];
    if (!noun(token) && !joins.test(token?.lower ?? "") && !articles.test(token?.lower ?? "")) break;
    if (passed > 0 && joins.test(tokens[at + 1]?.lower ?? "") && noun(token)) {
      beforeChained = [...beforeChained, ...runBefore(tokens, at + 1)];
    }
    at -= 1;
  }
  const after = owners.test(tokens[to]?.lower ?? "") ? runAfter(tokens, to + 1) : [];
  let afterChained: number[] = [];
  at = to;
  for (let passed = 0; passed < maxPassed && at < tokens.length; passed += 1) {
    const lower = tokens[at]?.lower ?? "";
    if (owners.test(lower)) {
      afterChained = passed > 0 && !counts.test(tokens[at - 1]?.lower ?? "") ? runAfter(tokens, at + 1) : [];
      break;
    }
    if (!noun(tokens[at]) && !joins.test(lower) && !articles.test(lower)) break;
    at += 1;
  }
  return [before, after, beforeChained, afterChained];
}

/** Below this a table is no owner: vectors of any two nouns are somewhat alike. */
const leastOwner = 0.6;

/** Who owns a place with these modifiers; undefined where no table is met well enough. */
export function ownerOf(modifiers: Modifiers, tables: readonly Covered[]): Owner | undefined {
  for (const [kind, run] of modifiers.entries()) {
    if (run.length === 0) continue;
    let best = 0;
    for (const table of tables) best = Math.max(best, metAt(table, run));
    if (best >= leastOwner) return { run, kind, best };
  }
  return undefined;
}

/** How well a table's name meets the best of some tokens, 0 to 1. */
export function metAt(table: Covered | undefined, run: readonly number[]): number {
  const met = table?.met;
  if (met === undefined || met.length === 0) return 0;
  let best = 0;
  for (const at of run) best = Math.max(best, met[at] as number);
  return best;
}
