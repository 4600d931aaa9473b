/**
 * Terms that put before a table's name what a column of its says yes or no to: "unreconciled transactions" is `bank_txn.is_reconciled`, "active customers"
 * `customers.is_active`. Pure.
 */

import { endsSo } from "./kinds-of-rows.js";
import type { PhraseContext } from "./phrase-features.js";
import { sharedOut } from "./question-ranker.js";
import { splitIdentifier } from "./words.js";

/** How sure it is that one of the columns so called is meant, as a probability; they share it. */
const flagConfidence = 0.8;

/** Words before the one that is said yes or no to. */
const asking: ReadonlySet<string> = new Set(["is", "was", "has", "flag"]);

/** Columns that say yes or no to a term's first word, of tables that its others call, with how sure each is. */
export function flagsBeforeNames(context: PhraseContext): ReadonlyMap<number, number> {
  const { index, phrase, question, tables } = context;
  const [first, ...called] = [...phrase.tokens.keys()].filter((t) => phrase.tokens[t]?.kind === "word");
  if (first === undefined || called.length === 0) return new Map();
  const word = phrase.tokens[first]?.lower ?? "";
  const said = new Set([word, word.replace(/^(?:un|in|non)(?=.{3})/, "")]);
  const flags = tables
    .filter((t) => endsSo(context, t, called))
    .flatMap((t) => {
      const { from = 0, to = 0 } = index.tables[t] ?? {};
      return Array.from({ length: to - from }, (_, i) => from + i);
    })
    .filter((id) => {
      const parts = splitIdentifier(index.columns[id]?.name ?? "").filter((part) => !asking.has(part));
      return parts.length === 1 && said.has(parts[0] ?? "");
    });
  return sharedOut(
    question,
    flags,
    (id) => id,
    () => flagConfidence,
  );
}
