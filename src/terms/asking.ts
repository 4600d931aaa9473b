/**
 * Whether a term is a whole question, whose columns are ranked together, or names or describes one thing, however long. Pure.
 */

import { asksWhether } from "./expected-type.js";
import { type Token, tokensOf } from "./words.js";

/** A term that asks: shorter phrases are terms, and so are longer ones that only describe a thing. */
const sentenceTokens = 7;
/** The same of what ends with a question mark, or begins as only questions and commands do. */
const shortestAsked = 4;

/** Words by which something is asked for, wherever they stand. */
const asking = new Set([
  "what", "whose", "how", "per", "each", "every", "find", "show", "give", "want", "please",
]); // biome-ignore format: a list of words
/** Words by which something is asked for in one sentence; of several the first often says what a thing is ("Total due from the customer. Computed as …"). */
const summing = new Set(["total", "average", "avg", "sum", "count", "top", "highest"]);
/** Words that ask only where a question begins, and else only tell more of a thing ("the user who …"). */
const interrogatives = new Set(["which", "who", "whom", "where", "why"]);
/** What may stand before them: "in which year". */
const before = new Set([
  "in", "on", "at", "of", "for", "from", "by", "to", "with", "during", "under", "and",
]); // biome-ignore format: a list of words
/** Words that begin a question or a command. */
const opening = new Set([
  "show", "list", "give", "find", "get", "return", "tell", "display", "compute", "calculate", "count", "report", "select", "name", "is", "are", "was", "were", "do", "does", "did", "can", "could", "please", "i", "sort", "order", "retrieve", "provide", "fetch", "compare",
]); // biome-ignore format: a list of words

/** Words that begin nothing else, and what follows the others where they are no nouns ("list all …", not "list price"). */
const onlyOpening = new Set([
  "what", "which", "how", "show", "find", "give", "get", "tell",
]); // biome-ignore format: a list of words
/** Words that begin a question, or a term that is true or false ("is the period closed"). */
const whether = new Set([...asksWhether, "do"]);
const determiners = new Set(["the", "all", "each", "every", "any", "a", "an", "distinct", "different", "me", "us"]);

/** `question`: the sentence that the term stands in, where the caller gave one. */
export function isWholeQuestion(term: string, question: string | undefined): boolean {
  if (question !== undefined) return question.trim() === term.trim();
  const tokens = tokensOf(term);
  const surely = tokens.at(-1)?.text === "?" || opens(tokens);
  return tokens.length >= (surely ? shortestAsked : sentenceTokens) && (surely || asks(tokens));
}

function opens([first, second]: readonly Token[]): boolean {
  const { lower = "" } = first ?? {};
  if (whether.has(lower)) return false;
  return onlyOpening.has(lower) || (opening.has(lower) && determiners.has(second?.lower ?? ""));
}

function asks(tokens: readonly Token[]): boolean {
  const several = tokens.slice(0, -1).some(({ text }) => text === ".");
  return (
    commands(tokens) ||
    tokens.some(
      ({ lower }, at) =>
        asking.has(lower) ||
        (interrogatives.has(lower) && begins(tokens, at)) ||
        (!several && (summing.has(lower) || splits(tokens, at))),
    )
  );
}

/** Whether it begins with a command or a verb; "name of the city" and "list of tags" are things. */
function commands([first, second]: readonly Token[]): boolean {
  return opening.has(first?.lower ?? "") && second?.lower !== "of";
}

/** Whether a question begins at a word: "which …", "in which …", "last year, which …"; not "the shift which …". */
function begins(tokens: readonly Token[], at: number): boolean {
  const last = tokens[at - 1];
  return last === undefined || last.text === "," || (at === 1 && before.has(last.lower));
}

/** Whether a word splits up what is asked for ("revenue by region"), and does not tell who did something ("used by the executor"). */
function splits(tokens: readonly Token[], at: number): boolean {
  return tokens[at]?.lower === "by" && !/(?:ed|en)$/u.test(tokens[at - 1]?.lower ?? "");
}
