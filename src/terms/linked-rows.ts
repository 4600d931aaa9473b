/**
 * Terms of two tables' names, one said of the other's rows ("customer accounts", "account transactions"): where the tables are linked, the rows of the last are
 * meant, no key of theirs. Pure.
 */

import { type Covered, isSpelled, metWell } from "./coverage.js";
import type { PhraseContext } from "./phrase-features.js";
import { headOf } from "./phrase-head.js";

/** How sure it is that the rows are meant, as a probability. */
const linkedConfidence = 0.9;

/** The table whose rows a term means by its name and that of a table beside it, with how sure that is; none where a table or a column is called by all of it. */
export function linkedRows({
  index,
  phrase,
  columnCover,
  tableCover,
  tables,
}: PhraseContext): ReadonlyMap<number, number> {
  const words = [...phrase.tokens.keys()].filter((t) => phrase.tokens[t]?.kind === "word");
  const { head, of } = headOf(phrase.tokens, words);
  const others = words.filter((t) => t !== head && phrase.tokens[t]?.stop === false);
  if (of || others.length === 0 || others.length + 1 < words.length) return new Map();
  // By its letters: an account is a customer in another sense.
  const says = (table: number, t: number) => {
    const name = index.tables[table]?.doc.concepts;
    return [...(phrase.rows[t]?.exact ?? [])].some(([c, score]) => score >= metWell && name?.includes(c) === true);
  };
  const called = tables.filter((table) => isSpelled(tableCover[table] as Covered));
  const isCalled = (table: number, by: readonly number[], not: readonly number[]) =>
    by.every((t) => says(table, t)) && !not.some((t) => says(table, t));
  const all = [head, ...others];
  if (tables.some((table) => all.every((t) => says(table, t)))) return new Map();
  // "wine grape" is the column `wine.grape`.
  const isOwn = (table: number) =>
    [...columnCover].some(
      ([id, own]) => index.columns[id]?.table === table && isSpelled(own) && (own.met[head] ?? 0) >= metWell,
    );
  const owners = called.filter((table) => isCalled(table, others, [head]) && !isOwn(table));
  const rows = called.filter(
    (table) =>
      isCalled(table, [head], others) && owners.some((owner) => index.tables[table]?.neighbours.includes(owner)),
  );
  const [only, other] = rows;
  return only === undefined || other !== undefined ? new Map() : new Map([[only, linkedConfidence]]);
}
