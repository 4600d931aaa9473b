/** What a question asks for, by its function words: a person, a time, a place, a count, an extreme, a number. Pure. */

import type { Token } from "./words.js";

export const cueNames = [
  "who",
  "when",
  "where",
  "howMany",
  "extreme",
  "aggregate",
  "each",
  "hasNumber",
  "hasYear",
  "hasQuoted",
  "asksName",
  "asksId",
  "hasDate",
  "compares",
  "negates",
  "both",
  "numbers",
  "everything",
  "ordinal",
  "tokens",
] as const;

const extremes = new Set(
  "most least highest lowest largest smallest biggest maximum minimum max min top best worst oldest youngest longest shortest latest earliest newest more less greater fewer older younger larger smaller higher lower".split(
    " ",
  ),
);
/** Whether a word, in lower case, asks for the most or the least of something. */
export const isExtreme = (lower: string): boolean => extremes.has(lower) && !lower.endsWith("er") && !bounds.has(lower);
const bounds = new Set(["more", "less"]);
const aggregates = new Set("average avg mean sum total median number count amount".split(" "));

/** One number a cue, in the order of `cueNames`. */
export function cuesOf(tokens: readonly Token[]): Float32Array {
  const words = new Set(tokens.map((t) => t.lower));
  const lemmas = new Set(tokens.map((t) => t.lemma));
  const any = (...of: readonly string[]) => (of.some((w) => words.has(w)) ? 1 : 0);
  const text = tokens.map((t) => t.lower).join(" ");
  return Float32Array.of(
    any("who", "whose", "whom"),
    any("when"),
    any("where"),
    /\bhow many\b|\bnumber of\b|\bcount\b/u.test(text) ? 1 : 0,
    tokens.some((t) => extremes.has(t.lower)) ? 1 : 0,
    tokens.some((t) => aggregates.has(t.lower)) ? 1 : 0,
    any("each", "every", "per", "by", "different", "distinct"),
    tokens.some((t) => t.kind === "number") ? 1 : 0,
    tokens.some((t) => shapeOf(t) === "#year") ? 1 : 0,
    tokens.some((t) => t.quoted) ? 1 : 0,
    lemmas.has("name") || lemmas.has("title") ? 1 : 0,
    any("id", "ids", "identifier", "code", "codes", "number", "numbers", "key"),
    tokens.some((t) => shapeOf(t) === "#date" || months.has(t.lemma)) ? 1 : 0,
    comparison.test(text) ? 1 : 0,
    any("not", "no", "never", "without", "except", "nor", "neither", "don", "didn", "doesn", "haven", "hasn", "t"),
    any("both", "but") || /\b(?:and|as well as) (?:also|those|the ones)\b/u.test(text) ? 1 : 0,
    tokens.filter((t) => t.kind === "number").length,
    /\b(?:all|the|any) (?:the |of the |other )?(?:information|info|data|records?|attributes|columns|rows|contents)\b|\beverything\b/u.test(
      text,
    )
      ? 1
      : 0,
    /\b(?:sort|sorted|order|ordered|ascending|descending|alphabetical|alphabetic|alphabetically|chronological|lexicographical)\b/u.test(
      text,
    )
      ? 1
      : 0,
    tokens.length,
  );
}

const comparison =
  /\b(?:(?:more|less|greater|fewer|larger|smaller|higher|lower|bigger|older|younger|longer|shorter|earlier|later|better|worse) than|above|below|over|under|exceeds?|between|at least|at most|before|after|since|until|no (?:more|less) than)\b/u;
const comparedWithin = 4;

/** Whether what stands at a place is something's bound: a comparison ends right before it, give or take the other bound ("between 1 and 5"). */
export function comparedAt(tokens: readonly Token[], at: number): boolean {
  const before = tokens.slice(Math.max(0, at - comparedWithin), Math.max(0, at));
  return comparison.test(before.map((t) => t.lower).join(" "));
}

const months = new Set("january february march april june july august september october november december".split(" "));

/** What a number looks like, written as no word is: a year, a date, another number. */
export function shapeOf(token: Token): string | undefined {
  if (token.kind !== "number") return undefined;
  if (/^(?:1[5-9]|20)\d\d$/u.test(token.text)) return "#year";
  return /^\d{1,4}[-/]\d{1,2}[-/]\d{1,4}$/u.test(token.text) ? "#date" : "#number";
}

const kindsBefore: readonly (readonly [number, RegExp])[] = [
  [1, /^(?:which|what|who|whose)$/u],
  [2, /^(?:show|list|give|find|return|display|name|tell|me|are|is|select|report|identify)$/u],
  [3, /^(?:many|number|count|much)$/u],
  [4, /^of$/u],
  [5, /^(?:by|per|each|every|for)$/u],
  [6, /^(?:with|have|has|had|having|whose|where|that)$/u],
  [7, /^(?:and|or|,)$/u],
  [
    8,
    /^(?:average|mean|maximum|minimum|max|min|total|sum|most|least|highest|lowest|largest|smallest|fewest|more|less|different|distinct|unique)$/u,
  ],
  [9, /^(?:in|at|from|on|to|into)$/u],
];

const kindsAfter: readonly (readonly [number, RegExp])[] = [
  [
    1,
    /^(?:is|are|was|were|more|less|than|greater|larger|smaller|higher|lower|above|below|equal|equals|between|before|after|over|under|contains|contain|starts|like|exceeds|named|called)$/u,
  ],
  [2, /^[\p{N}"'“‘]/u],
  [3, /^(?:of|for)$/u],
  [4, /^(?:and|or|,)$/u],
  [5, /^[?.!;]$/u],
  [6, /^(?:that|who|which|whose|with|in|at|from|on|where|have|has|had)$/u],
];

const skipped = /^(?:the|a|an|all|any|its|their|his|her|'|"|those|these|this|that)$/u;

/** What kind of word stands before each token, and what kind each token is as a word after; every column of a question asks. */
interface Kinds {
  readonly before: Int8Array;
  readonly after: Int8Array;
}

const known = new WeakMap<readonly Token[], Kinds>();

function kindsOf(tokens: readonly Token[]): Kinds {
  const found = known.get(tokens);
  if (found !== undefined) return found;
  const kind = (kinds: typeof kindsBefore, token: Token | undefined) =>
    kinds.find(([, words]) => words.test(token?.lower ?? ""))?.[0] ?? 0;
  const before = Int8Array.from(tokens, (_, at) => {
    let left = at - 1;
    while (left >= 0 && skipped.test(tokens[left]?.lower ?? "")) left -= 1;
    return left < 0 ? 2 : kind(kindsBefore, tokens[left]);
  });
  const made = { before, after: Int8Array.from(tokens, (token) => kind(kindsAfter, token)) };
  known.set(tokens, made);
  return made;
}

/** What kind of word stands before a place (articles skipped): 0 none of these, 1 which, 2 show, 3 how many, 4 of, 5 by, 6 with, 7 and, 8 an extreme, 9 in; -1 no place. */
export function wordBefore(tokens: readonly Token[], at: number): number {
  return at < 0 ? -1 : (kindsOf(tokens).before[at] ?? 0);
}

/** What kind of word stands after a stretch of tokens: 0 none of these, 1 a comparison, 2 a number or quotation, 3 of, 4 and, 5 the end, 6 that; -1 no place. */
export function wordAfter(tokens: readonly Token[], at: number, length: number): number {
  return at < 0 ? -1 : (kindsOf(tokens).after[at + Math.max(1, length)] ?? 5);
}
