/**
 * Learns which words of questions go with which words of column names: how much more often a column with that word is meant when the question has
 * the word than otherwise, as log-odds, from questions whose columns are known. Only pairs seen in several databases. Pure.
 */

import type { Associations } from "../src/terms/associations.js";
import { shapeOf } from "../src/terms/cues.js";
import type { TermIndex } from "../src/terms/term-index.js";
import { tokensOf } from "../src/terms/words.js";
import type { QuestionCase } from "./term-data.js";

const leastDatabases = 3;
const leastOdds = 0.5;
const maxOdds = 4;

interface Count {
  seen: number;
  meant: number;
  readonly databases: Set<string>;
}

/** Counts over the questions of one fold; folds add up. */
export interface Counts {
  readonly pairs: ReadonlyMap<string, Count>;
  readonly words: ReadonlyMap<string, { readonly seen: number; readonly meant: number }>;
}

export function countPairs(
  questions: readonly QuestionCase[],
  indexes: (q: QuestionCase) => TermIndex | undefined,
): Counts {
  const pairs = new Map<string, Count>();
  const words = new Map<string, { seen: number; meant: number }>();
  for (const q of questions) {
    const index = indexes(q);
    if (index === undefined) continue;
    const asked = new Set(
      tokensOf(q.question)
        .filter((t) => t.kind !== "mark")
        .map((t) => shapeOf(t) ?? t.lemma),
    );
    const gold = new Set(q.columns);
    for (const column of index.columns) {
      const meant = gold.has(`${index.tables[column.table]?.name ?? ""}.${column.name}`.toLowerCase());
      for (const form of new Set([...column.doc.concepts].map((c) => lastForm(index, c)))) {
        // A column whose own word is in the question needs no association.
        if (asked.has(form)) continue;
        const word = words.get(form) ?? { seen: 0, meant: 0 };
        words.set(form, word);
        word.seen += 1;
        if (meant) word.meant += 1;
        for (const lemma of asked) note(pairs, `${lemma}\u0000${form}`, q.db, meant);
      }
    }
  }
  return { pairs, words };
}

export function learnAssociations(counts: readonly Counts[]): Associations {
  const words = new Map<string, { seen: number; meant: number }>();
  for (const fold of counts) {
    for (const [form, count] of fold.words) {
      const word = words.get(form) ?? { seen: 0, meant: 0 };
      words.set(form, { seen: word.seen + count.seen, meant: word.meant + count.meant });
    }
  }
  const learned = new Map<string, Map<string, number>>();
  for (const key of new Set(counts.flatMap((fold) => [...fold.pairs.keys()]))) {
    const [lemma, form] = key.split("\u0000") as [string, string];
    const word = words.get(form);
    const parts = counts.map((fold) => fold.pairs.get(key)).filter((c) => c !== undefined);
    const total = (pick: (c: Count) => number) => parts.reduce((n, c) => n + pick(c), 0);
    if (word === undefined || total((c) => c.databases.size) < leastDatabases) continue;
    const prior = Math.min(0.9, (word.meant + 1) / (word.seen + 8));
    const rate = Math.min(0.97, (total((c) => c.meant) + 6 * prior) / (total((c) => c.seen) + 6));
    const odds = Math.log(rate / (1 - rate)) - Math.log(prior / (1 - prior));
    if (odds < leastOdds) continue;
    const own = learned.get(lemma) ?? new Map<string, number>();
    own.set(form, Number(Math.min(maxOdds, odds).toFixed(2)));
    learned.set(lemma, own);
  }
  return learned;
}

const lastForm = (index: TermIndex, concept: number): string => index.concepts[concept]?.meaning ?? "";

function note(pairs: Map<string, Count>, key: string, db: string, meant: boolean): void {
  const count = pairs.get(key) ?? { seen: 0, meant: 0, databases: new Set<string>() };
  pairs.set(key, count);
  count.seen += 1;
  if (meant) {
    count.meant += 1;
    count.databases.add(db);
  }
}
