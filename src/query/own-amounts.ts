/** Phrases for the amount of some rows ("loan amount", "invoiced amount"): what these rows have is likelier than what others do. Pure. */

import type { Reading } from "./readings.js";
import { spokenWords } from "./spoken-words.js";
import type { TableFacts } from "./table-facts.js";

/** Words that say of an amount no more than that it is one. */
const amountWords: ReadonlySet<string> = new Set(["amount", "value", "total", "sum"]);

/** How sure an amount of the rows is whose amount is asked for, the only one and one of several, and what is left of the confidence in others'. */
const ofOnlyAmount = 0.85;
const ofOwnAmount = 0.3;
const ofOthersAmount = 0.3;

/** The table whose rows' amount a phrase asks for; `undefined` where it says none. */
export function whoseAmount(term: string, rowsOf: (phrase: string) => number | undefined): number | undefined {
  const words = spokenWords(term);
  if (words.length < 2 || !amountWords.has(words.at(-1) ?? "")) return undefined;
  const said = words.slice(0, -1).join(" ");
  // "invoiced" by what was done: invoices.
  const rows = [said, said.replace(/d$/, ""), said.replace(/ed$/, "")].map(rowsOf);
  return rows.find((table) => table !== undefined);
}

/** Readings of such a phrase with the amounts of those rows among them, and others less likely. */
export function withOwnAmounts(list: readonly Reading[], table: number, facts: TableFacts): readonly Reading[] {
  const own = facts.table(table).columns.filter((c) => facts.addsUp(table, c));
  if (own.length === 0 || list.every((r) => r.guessed !== true || r.table === table)) return list;
  const confidence = facts.isWhole(table, own) ? ofOnlyAmount : ofOwnAmount;
  const amounts = own.map((column): Reading => {
    const ref = facts.columnRef(table, column.name);
    return { table, column, ref, confidence, guessed: true };
  });
  const others = list
    .filter((r) => !amounts.some((a) => a.ref === r.ref && a.confidence > r.confidence))
    .map((r) => (own.some((c) => c === r.column) ? r : { ...r, confidence: r.confidence * ofOthersAmount }));
  return [...others, ...amounts.filter((a) => !others.some((r) => r.ref === a.ref))];
}
