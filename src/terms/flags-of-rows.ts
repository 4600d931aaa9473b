/**
 * Terms that put before a table's name what a column of its tells of some rows, by a yes or no or by a time that may be missing: "unreconciled transactions" is
 * `bank_txn.is_reconciled`, "open tickets" `tickets.closed_at`. Pure.
 */

import { endsSo } from "./kinds-of-rows.js";
import type { PhraseContext } from "./phrase-features.js";
import { sharedOut } from "./question-ranker.js";
import { columnsOfTable } from "./term-index.js";
import { undoneWords, withoutNegation } from "./undone.js";
import { splitIdentifier } from "./words.js";

/** How sure it is that one of the columns so called is meant, as a probability; they share it. */
const toldConfidence = 0.8;

/** Words of a name that only say that it is a yes or no, or when. */
const marks: ReadonlySet<string> = new Set(
  "is was has flag flg ind yn at on date dt datetime ts time timestamp".split(" "),
);

/** Columns that tell what a term's first word says of rows, of tables that its others call, with how sure each is. */
export function toldOfRows(context: PhraseContext): ReadonlyMap<number, number> {
  const { index, phrase, question, tables } = context;
  const [first, ...called] = [...phrase.tokens.keys()].filter((t) => phrase.tokens[t]?.kind === "word");
  if (first === undefined || called.length === 0) return new Map();
  const word = phrase.tokens[first]?.lower ?? "";
  const said = new Set([...(undoneWords.get(word) ?? [word]), withoutNegation(word)]);
  const columns = tables
    .filter((t) => endsSo(context, t, called))
    .flatMap((t) => columnsOfTable(index, t))
    .filter((id) => {
      const parts = splitIdentifier(index.columns[id]?.name ?? "");
      const telling = parts.filter((part) => !marks.has(part));
      return telling.length === 1 && said.has(telling[0] ?? "") && (telling.length < parts.length || isAdjective(word));
    });
  return sharedOut(
    question,
    columns,
    (id) => id,
    () => toldConfidence,
  );
}

/** A column called by a participle alone tells of rows (`reconciled`); one called by a noun holds it (`status`). */
const isAdjective = (word: string): boolean => /(?:ed|able|ible|ive)$/.test(word);
