/**
 * Terms that a key is called by, its own "id" and the table that it refers to aside: "manager" is `mgr_emp_id` of employees, "account manager" is
 * `acct_mgr_id`. Pure.
 */

import { isSpelled } from "./coverage.js";
import type { PhraseContext } from "./phrase-features.js";
import { sharedOut } from "./question-ranker.js";

/** How sure it is that one of the keys so called is meant, as a probability; they share it. */
const roleConfidence = 0.85;

/** What only says that a column is a key. */
const keyWords: ReadonlySet<string> = new Set(["id", "identifier", "key", "code", "number", "no", "reference"]);

/** Keys whose role the whole of a term is, with how sure each is; none where a table or column is called so. */
export function keysOfRole(context: PhraseContext): ReadonlyMap<number, number> {
  const { phrase, columnCover, tableCover } = context;
  const said = phrase.tokens.filter((t) => t.kind === "word" && !t.stop).map((t) => t.lemma);
  const isWhole = (met: Float32Array) =>
    phrase.tokens.every((t, i) => t.stop || t.kind !== "word" || (met[i] ?? 0) > 0);
  const named = context.tables.some((t) => {
    const covered = tableCover[t];
    return covered !== undefined && isSpelled(covered) && isWhole(covered.met);
  });
  if (said.length === 0 || named) return new Map();
  const keys = [...columnCover.keys()].filter((id) => roleOf(context.index, id).join(" ") === said.join(" "));
  return sharedOut(
    context.question,
    keys,
    (id) => id,
    () => roleConfidence,
  );
}

/** The words of a key that neither its table of reference has nor say that it is a key; none of other columns and of keys that have no others. */
function roleOf({ columns, concepts, tables }: PhraseContext["index"], id: number): readonly string[] {
  const column = columns[id];
  const target = tables[columns[column?.refersTo ?? -1]?.table ?? -1];
  if (column === undefined || target === undefined) return [];
  const meaning = (concept: number) => concepts[concept]?.meaning ?? "";
  const theirs = new Set([...target.doc.concepts].map(meaning));
  const words = [...column.doc.concepts].map(meaning);
  const role = words.filter((word) => !theirs.has(word) && !keyWords.has(word));
  // `building` that refers to a building is no role of one.
  return role.length < words.length ? role : [];
}
