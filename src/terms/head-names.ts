/**
 * Terms whose last word is the whole name of a table or column, while the words before it are names of nothing in the schema ("support tickets" for
 * `tickets`, "sales tax" for `tax`): likely a narrower word for that thing, or one that is not here. Worth asking back. Pure.
 */

import { type Covered, isSpelled, metWell } from "./coverage.js";
import { light } from "./light-heads.js";
import type { PhraseContext } from "./phrase-features.js";
import { headOf } from "./phrase-head.js";
import { sharedOut } from "./question-ranker.js";

/** How sure it is that one of the things so called is meant, as a probability; they share it. */
const headConfidence = 0.35;
interface Headed {
  readonly tables: ReadonlyMap<number, number>;
  readonly columns: ReadonlyMap<number, number>;
}

const none: Headed = { tables: new Map(), columns: new Map() };

/** Tables and columns that a term's head alone calls, with how sure each is; none where its other words say something of the schema, or nothing at all. */
export function calledByHead({
  index,
  phrase,
  question,
  columnCover,
  tableCover,
  tables,
  ruledOut,
}: PhraseContext): Headed {
  const words = [...phrase.tokens.keys()].filter((t) => phrase.tokens[t]?.kind === "word");
  const { head, of } = headOf(phrase.tokens, words);
  const others = words.filter((t) => t !== head && phrase.tokens[t]?.stop === false);
  const saysSomething = (t: number) => [...(phrase.rows[t]?.exact ?? [])].some(([, score]) => score >= metWell);
  const isLight = light.has(phrase.tokens[head]?.lemma ?? "");
  if (of || isLight || others.length === 0 || ruledOut !== undefined || others.some(saysSomething)) return none;
  const isCalled = (covered: Covered) => isSpelled(covered) && (covered.met[head] ?? 0) >= metWell;
  const called = tables.filter((id) => isCalled(tableCover[id] as Covered));
  const columns = [...columnCover].flatMap(([id, own]) => (isCalled(own) && !index.columns[id]?.copy ? [id] : []));
  return {
    tables: new Map(called.map((id) => [id, headConfidence / called.length])),
    columns: sharedOut(
      question,
      columns,
      (id) => id,
      () => headConfidence,
    ),
  };
}
